"""What a single cell says: text, an amount, a day."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import date, datetime

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_AMOUNT = re.compile(r"约?(\d{1,9}(?:\.\d+)?)(?:平方米|平米|平|m2|个|座|人|张|把)?")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t].*)?")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def text_of(value: object) -> str:
    """Give a cell as text, without control characters and outer blanks; empty when it is empty.

    Examples
    --------
    >>> text_of(3.0), text_of(["a", None, "b"]), text_of(" a ")
    ('3', 'a、b', 'a')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return _CONTROL.sub(" ", value).strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return "、".join(filter(None, map(text_of, value)))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return str(value).strip()


def amount_of(text: str) -> float | None:
    """Give an amount of 0 or more, with or without a unit such as ㎡ or 个; None when it is none.

    Empty text is an unknown amount, NaN.
    """
    folded = unicodedata.normalize("NFKC", text).lower().replace(" ", "").replace(",", "")
    if not folded:
        return math.nan
    found = _AMOUNT.fullmatch(folded)
    return float(found[1]) if found else None


def day_of(text: str) -> str | None:
    """Give a day such as 2026/9/1 or 2026年9月1日 in ISO form; None when it is none.

    Empty text is an unknown day, empty.
    """
    if not text:
        return ""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text).lower())
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None


def number_of(text: str) -> float:
    """Give a number written as programs write it; NaN when it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def is_mobile(text: str) -> bool:
    """Tell whether a Chinese mobile number is in the text."""
    return _MOBILE.search(re.sub(r"[\s-]", "", text)) is not None

"""What a single cell says: text, an amount, a day, a time of the clock."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from datetime import date, datetime, timedelta

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]+")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_ODD = re.compile(
    r"^\s|\s$|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"
    r"|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_NOTHING = frozenset(("", "/", "\\", "-", "--", "—", "——", "无", "暂无", "空"))
_NOTHING_IN_PROGRAMS = frozenset(
    ("null", "(null)", "none", "nan", "n/a", "#n/a", "#ref!", "#value!", "#name?")
)
_AMOUNT = re.compile(
    r"(?:约|大约|近|共)?(\d{1,9}(?:\.\d+)?)"
    r"(?:平方米|平米|平方|平|m2|m\^2|sqm|㎡|个|座|人|张|把|席|位)?(?:左右|上下)?"
)
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ t].*)?")
_PACKED_DATE = re.compile(r"(20\d\d)(0[1-9]|1[0-2])([0-3]\d)")
_EXCEL_DAY = re.compile(r"([3-7]\d{4})(?:\.0+)?")
_EXCEL_START = date(1899, 12, 30)
_WHOLE_DAY = timedelta(days=1)
_CLOCK = re.compile(r"([01]?\d|2[0-4])[:点时]([0-5]\d)?(?::00)?分?")
_MOBILE = re.compile(r"(?<!\d)(?:(?:00)?86)?1[3-9]\d{9}(?!\d)")
_TURNED_SIGNS = str.maketrans(
    {"º": "°", "˚": "°", "゜": "°", "゛": '"', "ʹ": "'", "ʺ": '"', "´": "'"}
)


def text_of(value: object) -> str:
    """Give a cell as text, without control characters and outer blanks; empty when it is empty.

    Examples
    --------
    >>> text_of(3.0), text_of(["a", None, "b"]), text_of(" a ")
    ('3', 'a、b', 'a')
    """
    if value.__class__ is str and not _ODD.search(value):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, str):
        return _CONTROL.sub(" ", _INVISIBLE.sub("", value)).strip()
    if isinstance(value, timedelta) and value == _WHOLE_DAY:
        return "24:00"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return "、".join(filter(None, map(text_of, value)))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return str(value).strip()


def says_nothing(text: str) -> bool:
    """Tell whether a cell only says that there is nothing to say: 无, a dash, a slash, NULL."""
    bare = text.strip()
    return bare in _NOTHING or bare.casefold() in _NOTHING_IN_PROGRAMS


def folded(text: str) -> str:
    """Give half-width lower case without outer blanks, with one kind of sign for degrees.

    Examples
    --------
    >>> folded("１１３º３７′")
    '113°37′'
    """
    visible = _INVISIBLE.sub("", text).translate(_TURNED_SIGNS)
    return unicodedata.normalize("NFKC", visible).strip().lower()


def amount_of(text: str) -> float | None:
    """Give an amount of 0 or more, with or without a unit such as ㎡ or 个; None when it is none.

    Empty text is an unknown amount, NaN. A range such as 20-30 is none: nobody knows which.

    Examples
    --------
    >>> amount_of("约１２.５㎡"), amount_of("1,200 平方米"), amount_of("20-30")
    (12.5, 1200.0, None)
    """
    plain = re.sub(r"\s", "", folded(text))
    if not plain:
        return math.nan
    if "," in plain:
        plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain)
    found = _AMOUNT.fullmatch(plain)
    return float(found[1]) if found else None


def day_of(text: str) -> str | None:
    """Give a day such as 2026/9/1, 2026年9月1日 or 20260901 in ISO form; None when it is none.

    Empty text is an unknown day, empty. A number between 2000 and 2099 as Excel counts days is
    one too.

    Examples
    --------
    >>> day_of("2026.9.1"), day_of("46266"), day_of("9月1日")
    ('2026-09-01', '2026-09-01', None)
    """
    if not text:
        return ""
    plain = folded(text)
    found = _DATE.fullmatch(plain) or _PACKED_DATE.fullmatch(plain)
    try:
        if found is not None:
            return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return None
    serial = _EXCEL_DAY.fullmatch(plain)
    day = _EXCEL_START + timedelta(days=int(serial[1])) if serial else None
    return day.isoformat() if day is not None and 2000 <= day.year < 2100 else None


def is_excel_day(text: str) -> bool:
    """Tell whether a text is a day as a number of Excel."""
    return _EXCEL_DAY.fullmatch(folded(text)) is not None


def clock_of(text: str) -> str | None:
    """Give a time such as 8:30, 8点30分, 08:30:00 or Excel's 0.354167; None when it is none.

    Examples
    --------
    >>> clock_of("8点"), clock_of("0.375"), clock_of("25:00")
    ('08:00', '09:00', None)
    """
    plain = folded(text)
    found = _CLOCK.fullmatch(plain)
    if found is not None:
        return f"{int(found[1]):02d}:{found[2] or '00'}"
    part = number_of(plain)
    if not 0 <= part <= 1 or "." not in plain:
        return None
    minutes = round(part * 24 * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def number_of(text: str) -> float:
    """Give a number written as programs write it; NaN when it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def is_mobile(text: str) -> bool:
    """Tell whether a Chinese mobile number is in the text."""
    return _MOBILE.search(re.sub(r"[\s-]", "", text)) is not None

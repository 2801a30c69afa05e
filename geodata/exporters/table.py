"""Write CSV that opens well in office programs and hides no formulas."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.exporters.draft import finished
from geodata.exporters.flat import for_offices
from geodata.exporters.headers import header

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as CSV: UTF-8 with its mark, commas, a header in two languages.

    A text that an office program would take for a formula gets an apostrophe in front, as does one
    that already has such an apostrophe; `importers` take one off again. Numbers stay as they are.

    Parameters
    ----------
    path
        File to write; replaced as a whole when it exists.
    frame
        Any table; points become longitude and latitude in WGS 84.

    Raises
    ------
    NotFoundError, InvalidInputError, UnavailableError
        When `path` cannot be written, see `draft.finished`.
    """
    with finished(path) as draft:
        draft.write_text("\ufeff" + dumps_csv(frame), encoding="utf-8", newline="")


def dumps_csv(frame: pd.DataFrame) -> str:
    """Give the text of `write_csv`, without the mark."""
    table = for_offices(frame)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([harmless(header(str(c))) for c in table.columns])
    for row in table.itertuples(index=False, name=None):
        writer.writerow([_cell(v) for v in row])
    return text.getvalue()


def harmless(text: str) -> str:
    """Give a text that no office program takes for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("-5.5"), harmless("'=x")
    ("'=1+1", '-5.5', "''=x")
    """
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value)
    return repr(value) if isinstance(value, float) else value

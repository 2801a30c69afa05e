"""Write workbooks (XLSX) in which every text is a text: no formula, no link, nothing evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from geodata.errors import InvalidInputError
from geodata.exporters.draft import finished
from geodata.exporters.flat import for_offices, has_sample
from geodata.exporters.headers import SAMPLE_NOTE, header

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_MAX_CELL = 32767
_MAX_ROWS = 1_048_576
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]")


def write(path: Path, sheets: Mapping[str, pd.DataFrame]) -> None:
    """Write one sheet for each table.

    The header is in two languages and stays in view. A sheet with invented places has a line above
    it that says so.

    Parameters
    ----------
    path
        File to write; replaced as a whole when it exists.
    sheets
        Table by name of its sheet (at most 31 characters, no brackets, colons, stars or slashes).

    Raises
    ------
    InvalidInputError
        When there is no sheet, a name is not allowed, or a table has too many rows.
    NotFoundError, UnavailableError
        When `path` cannot be written, see `draft.finished`.
    """
    _check(sheets)
    with finished(path) as draft:
        book = xlsxwriter.Workbook(str(draft), _OPTIONS)
        bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "#C00000"})
        for name, frame in sheets.items():
            sheet = book.add_worksheet(name)
            top = 0
            if has_sample(frame):
                sheet.write_string(0, 0, SAMPLE_NOTE, red)
                top = 1
            _fill(sheet, for_offices(frame), top, bold)
        book.close()


def _check(sheets: Mapping[str, pd.DataFrame]) -> None:
    if not sheets:
        raise InvalidInputError("a workbook needs at least one table; give one")
    for name, frame in sheets.items():
        is_bad = not name or len(name) > 31 or _NOT_IN_NAMES.search(name) or name[0] == "'"
        if is_bad or name[-1] == "'":
            raise InvalidInputError(
                "{name} cannot be the name of a sheet; use at most 31 characters, "
                "no brackets, colons, stars or slashes",
                name=name,
            )
        if len(frame) > _MAX_ROWS - 2:
            raise InvalidInputError(
                "sheet {name} has {n} rows; a workbook holds {limit}, write CSV instead",
                name=name,
                n=len(frame),
                limit=_MAX_ROWS - 2,
            )


def _fill(sheet: Any, table: pd.DataFrame, top: int, bold: Any) -> None:
    for column, name in enumerate(table.columns):
        title = header(str(name))
        sheet.write_string(top, column, title, bold)
        values = table[name].tolist()
        widest = max([len(title) + 4, *(len(str(v)) for v in values[:200])])
        sheet.set_column(column, column, min(widest + 2, 48))
        for row, value in enumerate(values, start=top + 1):
            _write(sheet, row, column, value)
    sheet.freeze_panes(top + 1, 0)
    if len(table) and len(table.columns):
        sheet.autofilter(top, 0, top + len(table), len(table.columns) - 1)


def _write(sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float):
        sheet.write_number(row, column, value)
    elif value not in (None, ""):
        text = str(value)
        if len(text) > _MAX_CELL:
            text = text[: _MAX_CELL - 1] + "…"
        sheet.write_string(row, column, text)

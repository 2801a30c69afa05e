"""Read a grid of cells: CSV and XLSX."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from itertools import islice, zip_longest
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.utils.exceptions import InvalidFileException

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers.raw import RawTable, decoded, the_one

MAX_UNPACKED_BYTES = 1_000_000_000
MAX_ROWS = 1_048_576
"""Rows of a sheet, as many as office programs know."""

IsHeader = Callable[[Sequence[object]], bool]

_GUARD = re.compile(r"^'(?='*[=+\-@\t\r\n＝＋－＠])")  # see exporters.table
_HEADER_WITHIN = 10
_BROKEN_XLSX = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, KeyError, IndexError, ValueError,
    TypeError, AttributeError, SyntaxError, OSError, EOFError, NotImplementedError, RuntimeError,
)  # fmt: skip


def read_csv(path: Path, content: bytes, is_header: IsHeader) -> RawTable:
    """Read text with commas, semicolons or tabs between the cells.

    Raises
    ------
    InvalidInputError
        When the encoding is not known or a quotation mark is not closed.
    """
    text = decoded(path, content)
    first_line = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t", key=first_line.count)
    grid: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        grid.extend([_GUARD.sub("", cell) for cell in cells] for cells in reader)
    except csv.Error as error:
        raise InvalidInputError(
            "{path}: row {row} cannot be split into cells ({reason}); "
            "look for a quotation mark that is not closed",
            path=path,
            row=len(grid) + 1,
            reason=error,
        ) from error
    return _from_grid(grid, is_header)


def read_xlsx(path: Path, content: bytes, is_header: IsHeader, layers: Sequence[str]) -> RawTable:
    """Read the sheet of a workbook that names columns.

    Raises
    ------
    InvalidInputError
        When it is no workbook, damaged, or several sheets would do.
    """
    if content[:4] != b"PK\x03\x04":
        raise InvalidInputError(
            "{path} is not an XLSX workbook (an old .xls, a web page, or locked with a password?); "
            "save it again as .xlsx without a password",
            path=path,
        )
    try:
        unpacked_bytes = _unpacked_bytes(content)
        sheets = _sheets(content) if unpacked_bytes <= MAX_UNPACKED_BYTES else None
    except _BROKEN_XLSX as error:
        raise InvalidInputError(
            "{path} is a damaged XLSX workbook; open it in an office program and save it again",
            path=path,
        ) from error
    if sheets is None or any(len(grid) > MAX_ROWS for grid in sheets.values()):
        raise InvalidInputError("{path} is too large once unpacked; split it", path=path)
    wanted = [name for name, grid in sheets.items() if _header_at(grid, is_header) is not None]
    if not wanted:
        wanted = [name for name, grid in sheets.items() if any(map(_is_filled, grid))][:1]
    if not wanted:
        return RawTable(pd.DataFrame())
    return _from_grid(sheets[the_one(path, wanted, layers)], is_header)


def _unpacked_bytes(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sum(part.file_size for part in archive.infolist())


def _sheets(content: bytes) -> dict[str, list[list[object]]]:
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # about styles and drop-down lists that are of no matter here
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        try:
            sheets = {}
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # some programs write wrong ones
                rows = islice(sheet.iter_rows(), MAX_ROWS + 1)  # row numbers can be lies
                sheets[sheet.title] = [[_cell(c.value, c.data_type) for c in row] for row in rows]
            return sheets
        finally:
            book.close()


def _cell(value: object, kind: str) -> object:
    """Give a value without formatting; an error such as #N/A is no value."""
    if kind == "e":
        return None
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def _from_grid(grid: Sequence[Sequence[object]], is_header: IsHeader) -> RawTable:
    header_at = _header_at(grid, is_header)
    if header_at is None:
        header_at = next((i for i, cells in enumerate(grid) if _is_filled(cells)), None)
    if header_at is None:
        return RawTable(pd.DataFrame())
    names = _unique(grid[header_at])
    numbers, rows, findings = [], [], []
    for number, cells in enumerate(grid[header_at + 1 :], start=header_at + 2):
        if not _is_filled(cells):
            continue
        if _is_filled(cells[len(names) :]):
            findings.append(
                Finding(
                    "too_many_cells",
                    "row {row} has {n} cells under {columns} columns; "
                    "put a text with commas between quotation marks",
                    {"row": number, "n": len(cells), "columns": len(names)},
                    "file",
                    number,
                    severity="error",
                )
            )
        numbers.append(number)
        rows.append([v for v, _ in zip_longest(cells[: len(names)], names)])
    frame = pd.DataFrame(rows, columns=names, index=numbers, dtype=object)
    return RawTable(frame, findings=tuple(findings))


def _header_at(grid: Sequence[Sequence[object]], is_header: IsHeader) -> int | None:
    return next((i for i, cells in enumerate(grid[:_HEADER_WITHIN]) if is_header(cells)), None)


def _is_filled(cells: Iterable[object]) -> bool:
    return any(c is not None and str(c).strip() for c in cells)


def _unique(cells: Sequence[object]) -> list[str]:
    """Give each column a name of its own; the table ends with the last header."""
    texts = ["" if c is None else str(c).strip() for c in cells]
    while texts and not texts[-1]:
        texts.pop()
    names: list[str] = []
    for i, text in enumerate(texts, start=1):
        name = text or f"({i})"
        names.append(f"{name} ({i})" if name in names else name)
    return names

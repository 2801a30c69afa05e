"""Read text with separators between the cells: CSV and its kin."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from geodata.errors import InvalidInputError
from geodata.importers import encodings, limits
from geodata.importers.headers import header_of
from geodata.importers.sheets import PROGRESS_ROWS, IsHeader, Progress, Row, Sheet

_SEPARATORS = ",\t;|，"
_MAX_LINE = 1_000_000
_HEAD_LINES = 120
_GUARD = re.compile(r"^'(?='*[=+\-@\t\r\n＝＋－＠])")  # see exporters.table
_CONSTANT = re.compile(r'="([^"]*)"')  # how programs keep the zeros of 001 in Excel
_SHARED_TEXTS = 50_000


def read(path: Path, file: IO[bytes], is_header: IsHeader, progress: Progress | None) -> Sheet:
    """Read text with commas, tabs, semicolons, bars or full-width commas between the cells.

    Raises
    ------
    InvalidInputError
        When the encoding is not known, a quotation mark is not closed, or it is too large.
    """
    total = _n_lines(file) if progress else None
    with encodings.opened(path, file, kind="CSV") as text:
        head = [text.readline(_MAX_LINE + 1) for _ in range(_HEAD_LINES)]
    separator = _separator(head, is_header)
    with encodings.opened(path, file, kind="CSV") as text:
        return Sheet(rows=list(_rows(path, text, separator, progress, total)), is_text=True)


def _n_lines(file: IO[bytes]) -> int:
    file.seek(0)
    return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _separator(head: list[str], is_header: IsHeader) -> str:
    """Choose the separator that makes a header of one of the first lines."""
    for separator in _SEPARATORS:
        reader = csv.reader(filter(None, head), delimiter=separator)
        rows: list[Row] = []
        with suppress(csv.Error):  # the head may end within quotation marks
            rows.extend(
                (i, [*cells[: limits.MAX_COLUMNS]])
                for i, cells in enumerate(reader, start=1)
                if any(cells)
            )
        if header_of(rows, (), is_header).is_certain:
            return separator
    longest = max(head, key=lambda line: max(map(line.count, _SEPARATORS[:4])), default="")
    return max(",;\t|", key=longest.count)


def _rows(
    path: Path, text: io.TextIOWrapper, separator: str, progress: Progress | None, total: int | None
) -> Iterator[Row]:
    budget = limits.Budget(path)
    number = 0
    shared: dict[str, str] = {}
    try:
        for number, cells in enumerate(
            csv.reader(_lines(path, text), delimiter=separator, strict=True), start=1
        ):
            row, n_bytes = _cells(cells, shared)
            if row:
                limits.check_columns(path, number, len(row))
                budget.take(rows=1, cells=len(row), other_bytes=n_bytes)
                yield number, row
            if number % PROGRESS_ROWS == 0:
                limits.check_rows(path, number)
                if progress:
                    progress(number, total)
    except csv.Error as error:
        raise InvalidInputError(
            "{path}: row {row} cannot be split into cells; look for a quotation mark that is not "
            "closed, or a cell with more than {limit} characters",
            path=path.name,
            row=number + 1,
            limit=limits.MAX_TEXT,
        ) from error
    limits.check_rows(path, number)
    if progress:
        progress(number, total)


def _lines(path: Path, text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(_MAX_LINE + 1):
        number += 1
        if len(line) > _MAX_LINE:
            raise InvalidInputError(
                "{path}: line {line} has more than {limit} characters; it is no table of places",
                path=path.name,
                line=number,
                limit=_MAX_LINE,
            )
        yield line


def _cells(cells: list[str], shared: dict[str, str]) -> tuple[list[object], int]:
    """Give the cells up to the last filled one, and the memory that new texts take."""
    row: list[object] = []
    n_bytes = 0
    filled = 0
    for at, cell in enumerate(cells, start=1):
        if not cell or cell.isspace():
            row.append(None)
            continue
        filled = at
        known = shared.get(cell)
        if known is None:
            known = _GUARD.sub("", cell) if cell[0] == "'" else cell
            constant = _CONSTANT.fullmatch(cell) if cell[0] == "=" else None
            known = constant[1] if constant else known
            n_bytes += sys.getsizeof(known)
            if len(shared) >= _SHARED_TEXTS:
                shared.clear()
            shared[cell] = known
        row.append(known)
    del row[filled:]
    return row, n_bytes

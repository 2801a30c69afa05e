"""Find the rows that name the columns of a table, under titles, in one line or several.

A header of two lines has groups in the upper one and their columns in the lower one; the column
``经度`` under the group ``位置`` is called ``位置 经度``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from geodata.importers.sheets import IsHeader, Merge, Row, is_filled

SEARCHED_ROWS = 100
"""The header is looked for in so many filled rows."""

_SEARCHED_COLUMNS = 300
_MOST_LINES = 3
_NUMBER = re.compile(r"[\d.,%:/年月日+\-°′″'\"]*\d[\d.,%:/年月日+\-°′″'\"]*")
_UNIT = re.compile(r"[(（\[【〔<].*[)）\]】〕>]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The rows of a header.

    Attributes
    ----------
    at, n_rows
        Position of its first row among the rows, and how many rows it takes; 0 when there are none.
    names
        Name of each column, empty where it has none; ends with the last name.
    wide
        Columns whose name stands over several: first column and last one, inclusive.
    is_certain
        Whether some row was recognised; otherwise it is the first row with more than one cell.
    """

    at: int = 0
    n_rows: int = 0
    names: tuple[str, ...] = ()
    wide: tuple[tuple[int, int], ...] = ()
    is_certain: bool = False


def header_of(rows: Sequence[Row], merges: Sequence[Merge], is_header: IsHeader) -> Header:
    """Find the header of a table.

    Parameters
    ----------
    rows
        Filled rows of a sheet, from the first.
    merges
        Merged cells of the sheet.
    is_header
        Tells whether a row of cells names columns.
    """
    head = rows[: SEARCHED_ROWS + _MOST_LINES]

    def is_certain(cells: Sequence[object]) -> bool:
        return is_header(cells[:_SEARCHED_COLUMNS])

    found = _Finder(head, merges, is_certain)
    for at in range(min(len(head), SEARCHED_ROWS)):
        if is_certain(head[at][1]):
            return found.around(at)
    for at in range(min(len(head), SEARCHED_ROWS)):
        if found.continues(at) and is_certain(found.named(at, 2).names):
            return found.around(at)
    fallback = next((i for i, (_, cells) in enumerate(head) if sum(map(is_filled, cells)) > 1), 0)
    return replace(found.named(fallback, 1 if rows else 0), is_certain=False)


class _Finder:
    """The first rows of a sheet, and which of their cells are merged."""

    def __init__(self, head: Sequence[Row], merges: Sequence[Merge], is_header: IsHeader) -> None:
        self.head = head
        self.is_header = is_header
        last = head[-1][0] if head else 0
        self.merges = {(m.first_row, m.first_column): m for m in merges if m.first_row <= last}
        self.texts = [[text_of(c) for c in cells] for _, cells in head]

    def around(self, at: int) -> Header:
        """Give the header that a row belongs to, with the lines above and below it."""
        first, n_rows = at, 1
        while first > 0 and n_rows < _MOST_LINES and self.continues(first - 1):
            first, n_rows = first - 1, n_rows + 1
        while n_rows < _MOST_LINES and self.continues(first + n_rows - 1):
            n_rows += 1
        whole = self.named(first, n_rows)
        if n_rows > 1 and not self.is_header(whole.names):
            lowest = self.named(first, n_rows, only_lowest=True)
            if self.is_header(lowest.names):
                return lowest
        return whole

    def named(self, at: int, n_rows: int, *, only_lowest: bool = False) -> Header:
        """Give the header of so many lines, with the names of its columns."""
        lines = [self._spread(i, is_last=i == at + n_rows - 1) for i in range(at, at + n_rows)]
        width = max(map(len, lines), default=0)
        names = []
        for column in range(width):
            parts = [line[column] for line in lines if column < len(line) and line[column]]
            parts = list(dict.fromkeys(parts))
            names.append(" ".join(parts[-1:] if only_lowest else parts))
        while names and not names[-1]:
            names.pop()
        return Header(
            at=at,
            n_rows=n_rows,
            names=tuple(names),
            wide=tuple(self._wide(at, n_rows)),
            is_certain=True,
        )

    def continues(self, at: int) -> bool:
        """Tell whether the row after a row goes on with its header."""
        if at + 1 >= len(self.head) or self.head[at + 1][0] != self.head[at][0] + 1:
            return False
        upper, lower = self.texts[at], self.texts[at + 1]
        under = [i for i, text in enumerate(lower) if text]
        if any(_NUMBER.fullmatch(lower[i]) for i in under) or sum(map(bool, upper)) < 2:
            return False
        if not all(isinstance(c, str) for c in self.head[at + 1][1] if is_filled(c)):
            return False
        named = {i for i, text in enumerate(upper) if text}
        units = {i for i in under if i in named and _UNIT.fullmatch(lower[i])}
        if len(under) > 1 and len(units) == len(under):
            return True
        grouped = set(self._grouped(at))
        if not grouped or not all(i in grouped or i not in named or i in units for i in under):
            return False
        return any(i not in under or i in units for i in named) or self._has_tall_cell(at)

    def _grouped(self, at: int) -> list[int]:
        """Give the columns that stand under groups: names over several columns below."""
        upper, lower = self.texts[at], self.texts[at + 1]
        number, columns = self.head[at][0], []
        for first, text in enumerate(upper):
            if not text:
                continue
            merge = self.merges.get((number, first))
            if merge is not None:
                last = merge.last_column if merge.last_row == number else first
            else:
                after = (i for i in range(first + 1, len(upper)) if upper[i])
                last = next(after, max(len(upper), len(lower))) - 1
            below = [i for i in range(first, last + 1) if i < len(lower) and lower[i]]
            if len(below) > 1 and (merge is not None or below[0] == first):
                columns += below
        return columns

    def _has_tall_cell(self, at: int) -> bool:
        """Tell whether a cell of a row reaches into the next."""
        number = self.head[at][0]
        return any(m.last_row > number for (row, _), m in self.merges.items() if row == number)

    def _spread(self, at: int, *, is_last: bool) -> list[str]:
        """Give the texts of a line, those of groups in each of their columns."""
        line = list(self.texts[at])
        if is_last:
            return line
        lower = self.texts[at + 1]
        line += [""] * (len(lower) - len(line))
        grouped = set(self._grouped(at))
        group = ""
        for i, text in enumerate(line):
            group = text or group
            if i in grouped and not text:
                line[i] = group
        return line

    def _wide(self, at: int, n_rows: int) -> list[tuple[int, int]]:
        """Give the columns that share a name in the last line of the header."""
        numbers = {self.head[i][0] for i in range(at, at + n_rows)}
        last = max(numbers, default=0)
        grouped = set(self._grouped(at)) if n_rows > 1 else set()
        return [
            (column, merge.last_column)
            for (row, column), merge in sorted(self.merges.items())
            if row in numbers
            and merge.last_row >= last
            and merge.last_column > column
            and column not in grouped
        ]


def text_of(cell: object) -> str:
    """Give a header cell in one line."""
    return "" if cell is None else " ".join(unicodedata.normalize("NFC", str(cell)).split())

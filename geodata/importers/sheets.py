"""A sheet of cells as a reader of tables hands it over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Row: TypeAlias = tuple[int, list[object]]
"""Its number as a person counts it, and its cells from the first column on; None where empty."""

Progress: TypeAlias = Callable[[int, int | None], None]
"""Takes the rows read so far, and how many there are where that is known."""

IsHeader: TypeAlias = Callable[[Sequence[object]], bool]
"""Tells whether a row of cells names the columns of a table."""

PROGRESS_ROWS = 2_000
"""Progress is told about once in so many rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Cells that are merged to one: rows as a person counts them, columns from 0, ends inclusive.

    The value stands in the first row and column.
    """

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """A cell that shows something and yet holds no value.

    Attributes
    ----------
    row, column
        Row as a person counts it, column from 0.
    why
        ``error`` (such as #REF!) or ``formula``, of which no result was saved.
    text
        What the cell shows.
    """

    row: int
    column: int
    why: Literal["error", "formula"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands in a sheet.

    Attributes
    ----------
    name
        Empty for files that have no sheets.
    rows
        Rows with anything in them, in their order.
    merges, blanks
        In the order of the file.
    hidden_rows
        Numbers of filled rows that the program does not show.
    is_hidden
        Whether the program does not show the sheet.
    is_text
        Whether its cells were told apart by separators, so that too many cells are a fault.
    """

    name: str = ""
    rows: list[Row] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    blanks: list[Blank] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    is_hidden: bool = False
    is_text: bool = False


def is_filled(cell: object) -> bool:
    """Tell whether a cell holds something to see."""
    if cell is None:
        return False
    return not isinstance(cell, str) or bool(cell.strip())

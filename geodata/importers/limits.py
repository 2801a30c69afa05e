"""How much of a file is read: what is larger is refused with a sentence, not tried.

The figures are such that a file of 200,000 stations passes easily, and that nothing which a file
claims or holds makes the process larger than 512 MB or keeps it busy for more than seconds.
"""

from __future__ import annotations

from pathlib import Path

from geodata.errors import InvalidInputError

MAX_BYTES = 200_000_000
"""Size of a file."""

MAX_UNPACKED_BYTES = 500_000_000
"""Size of the parts of an archive that are read, once unpacked."""

MAX_ROWS = 1_048_576
"""Rows of a table, as many as office programs know."""

MAX_COLUMNS = 1_000

MAX_CELLS = 3_500_000
"""Cells of a workbook or a Shapefile, which take 2 µs each to read."""

MAX_TEXT = 131_072
"""Characters of one cell; the limit of `csv`, four times that of office programs."""

MAX_TABLE_BYTES = 280_000_000
"""Memory that the cells of a table take."""

_CELL_BYTES = 16  # a pointer in the row and one in the table that is made of it
_ROW_BYTES = 150


class Budget:
    """What a table may still take of the memory.

    Parameters
    ----------
    path
        The file, for messages.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._left_bytes = MAX_TABLE_BYTES

    def take(self, *, rows: int = 0, cells: int = 0, other_bytes: int = 0) -> None:
        """Note what was read.

        Raises
        ------
        InvalidInputError
            When it is too much.
        """
        self._left_bytes -= rows * _ROW_BYTES + cells * _CELL_BYTES + other_bytes
        if self._left_bytes < 0:
            raise InvalidInputError(
                "{path} holds more than can be read at once; split it", path=self.path.name
            )


def check_rows(path: Path, n_rows: int) -> None:
    """Check the number of rows.

    Raises
    ------
    InvalidInputError
        When there are more than `MAX_ROWS`.
    """
    if n_rows > MAX_ROWS:
        raise InvalidInputError(
            "{path} has more than {limit} rows; split it", path=path.name, limit=MAX_ROWS
        )


def check_cells(path: Path, n_cells: int) -> None:
    """Check the number of cells.

    Raises
    ------
    InvalidInputError
        When there are more than `MAX_CELLS`.
    """
    if n_cells > MAX_CELLS:
        raise InvalidInputError(
            "{path} has more than {limit} cells, with or without something in them; "
            "copy the table to a new file, or split it",
            path=path.name,
            limit=MAX_CELLS,
        )


def check_columns(path: Path, row: int, n_columns: int) -> None:
    """Check the number of columns.

    Raises
    ------
    InvalidInputError
        When there are more than `MAX_COLUMNS`.
    """
    if n_columns > MAX_COLUMNS:
        raise InvalidInputError(
            "{path}: row {row} reaches to column {n}; at most {limit} columns are read, "
            "so remove what stands to the right of the table",
            path=path.name,
            row=row,
            n=n_columns,
            limit=MAX_COLUMNS,
        )


def check_text(path: Path, row: int, n_characters: int) -> None:
    """Check the length of a cell.

    Raises
    ------
    InvalidInputError
        When it has more than `MAX_TEXT` characters.
    """
    if n_characters > MAX_TEXT:
        raise InvalidInputError(
            "{path}: row {row} holds a cell of more than {limit} characters; shorten it",
            path=path.name,
            row=row,
            limit=MAX_TEXT,
        )


def too_long(path: Path) -> InvalidInputError:
    """Give the refusal of a file with a cell of too many characters, whose row is not known."""
    return InvalidInputError(
        "{path} holds a cell of more than {limit} characters; shorten it",
        path=path.name,
        limit=MAX_TEXT,
    )

"""Gather records that come one by one, each with fields of its own, to a table."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from geodata.importers import limits
from geodata.importers.sheets import PROGRESS_ROWS, Progress

_SHARED_TEXTS = 50_000
_NESTED_ITEM_BYTES = 60


class Gatherer:
    """A table that grows.

    Parameters
    ----------
    path
        The file, for messages.
    progress, total
        Told now and then; how many records there are, where it is known.
    """

    def __init__(self, path: Path, progress: Progress | None, total: int | None = None) -> None:
        self.path = path
        self.progress = progress
        self.total = total
        self.columns: dict[str, int] = {}
        self.rows: list[list[object]] = []
        self._budget = limits.Budget(path)
        self._shared: dict[str, str] = {}

    def add(self, fields: Mapping[str, object]) -> None:
        """Add a record; the first one is row 1.

        Raises
        ------
        InvalidInputError
            When there are too many rows or columns, or a text is too long.
        """
        number = len(self.rows) + 1
        row: list[object] = [None] * len(self.columns)
        n_bytes = 0
        for name, value in fields.items():
            at = self.columns.get(name)
            if at is None:
                at = self.columns[name] = len(self.columns)
                limits.check_columns(self.path, number, len(self.columns))
            if at >= len(row):
                row += [None] * (at + 1 - len(row))
            if isinstance(value, str):
                limits.check_text(self.path, number, len(value))
                known = self._shared.get(value)
                if known is None:
                    n_bytes += sys.getsizeof(value)
                    self._share(value)
                    known = value
                row[at] = known
            else:
                n_bytes += _size_of(value)
                row[at] = value
        self.rows.append(row)
        self._budget.take(rows=1, cells=len(self.columns), other_bytes=n_bytes)
        if number % PROGRESS_ROWS == 0:
            limits.check_rows(self.path, number)
            if self.progress:
                self.progress(number, self.total)

    def _share(self, text: str) -> None:
        if len(self._shared) >= _SHARED_TEXTS:
            self._shared.clear()
        self._shared[text] = text

    def table(self) -> pd.DataFrame:
        """Give the table, None where a record has no such field; nothing can be added afterwards.

        Raises
        ------
        InvalidInputError
            When it is too large.
        """
        n, width = len(self.rows), len(self.columns)
        limits.check_rows(self.path, n)
        limits.Budget(self.path).take(rows=n, cells=n * width)
        for row in self.rows:
            row.extend([None] * (width - len(row)))
        table = pd.DataFrame(self.rows, range(1, n + 1), list(self.columns), dtype=object)
        self.rows = []
        if self.progress:
            self.progress(n, n)
        return table


def _size_of(value: object) -> int:
    """Give roughly the memory that a value takes, with what is inside."""
    if isinstance(value, list):
        return 64 + sum(map(_size_of, value))
    if isinstance(value, dict):
        return 240 + sum(_NESTED_ITEM_BYTES + _size_of(v) for v in value.values())
    return sys.getsizeof(value)

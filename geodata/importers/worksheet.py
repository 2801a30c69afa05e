"""Make rows of the XML of one sheet of a workbook.

References
----------
ECMA-376 part 1, chapters 18.3 and 18.18 (worksheets, types of cells).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from geodata.importers import limits, markup
from geodata.importers.markup import local
from geodata.importers.sheets import PROGRESS_ROWS, Blank, Merge, Progress, Sheet

FALSE = ("0", "false")
"""How XML writes that something is not so."""

_BLANK_BYTES = 600
_MERGE_BYTES = 150
_MOST_LETTERS = 3
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


@dataclass(frozen=True, slots=True)
class Shared:
    """What the sheets of a workbook share.

    Attributes
    ----------
    path
        The file, for messages.
    texts
        That cells point to.
    dates
        For the number of each style that shows a date: whether it is a length of time.
    is_mac
        Whether days are counted from 1904.
    budget
        Of memory.
    """

    path: Path
    texts: list[str]
    dates: Mapping[str, bool]
    is_mac: bool
    budget: limits.Budget


class SheetReader:
    """The handlers that make rows of the XML of one sheet."""

    def __init__(self, shared: Shared, sheet: Sheet) -> None:
        self.shared = shared
        self.sheet = sheet
        self.columns: dict[str, int] = {}
        self.gathered: list[str] = []
        self.size: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self.n_cells = self.n_bare = 0
        self.n_counted = 0

    def read(self, file: IO[bytes], progress: Progress | None, done: int) -> None:
        """Read a sheet to its end; `done` rows of other sheets were read before."""
        parser = markup.parser_for(self.shared.path)
        self._handle(parser)
        told = 0
        for _ in markup.steps(parser, file, self.shared.path):
            self._check()
            if progress and self.n_counted - told >= PROGRESS_ROWS:
                told = self.n_counted
                progress(done + told, None)

    def _check(self) -> None:
        path, rows = self.shared.path, self.sheet.rows
        markup.check_size(path, *self.size())
        check_text(path, sum(map(len, self.gathered)))
        new = rows[self.n_counted : -1]  # the last one may still grow
        self.n_counted += len(new)
        for number, cells in new:
            limits.check_columns(path, number, len(cells))
        n_cells = sum(len(cells) for _, cells in new)
        self.n_cells += n_cells
        self.shared.budget.take(rows=len(new), cells=n_cells, other_bytes=24 * n_cells)
        limits.check_cells(path, self.n_cells + self.n_bare)

    def _handle(self, parser: markup.Parser) -> None:  # noqa: C901  one turn for each kind of event
        """Set the handlers; all in one place, as they run millions of times."""
        gathered, columns = self.gathered, self.columns
        rows, texts, value_of = self.sheet.rows, self.shared.texts, self._value
        cells: list[object] = []
        depth = n_elements = row = column = 0
        a_cell = a_value = kind = style = ""
        text: str | None = None
        has_formula = is_hidden = False

        def start(name: str, attributes: dict[str, str]) -> None:
            nonlocal depth, cells, row, column, kind, style, text, has_formula, is_hidden
            nonlocal n_elements, a_cell, a_value
            depth += 1
            n_elements += 1
            gathered.clear()
            if name == a_value:
                return
            if name == a_cell:
                place = attributes.get("r")
                if place is None:
                    column += 1
                else:
                    letters = place.rstrip("0123456789")
                    column = columns.get(letters) or self._column(letters)
                kind = attributes.get("t", "n")
                style = attributes.get("s", "")
                text, has_formula = None, False
                return
            tag = local(name)
            if tag == "row":
                row = self._row(attributes.get("r"), row)
                cells, column = [], 0
                is_hidden = attributes.get("hidden", "0") not in FALSE
            elif tag == "f":
                has_formula = True
            elif tag == "mergeCell":
                self._merge(attributes.get("ref", ""))
            elif tag == "worksheet":
                space = name.removesuffix("worksheet")
                a_cell, a_value = f"{space}c", f"{space}v"

        def end(name: str) -> None:  # noqa: C901  one turn for each end tag
            nonlocal depth, text
            depth -= 1
            if name == a_value:
                text = gathered[0] if len(gathered) == 1 else "".join(gathered)
            elif name == a_cell:
                if not text:
                    self.n_bare += 1
                    if has_formula and kind != "str":
                        self._blank(row, column, "formula", "")
                    return
                value = texts[int(text)] if kind == "s" else value_of(text, kind, style)
                if kind == "e":
                    self._blank(row, column, "error", text)
                if value is None or value == "":
                    return
                if not cells:
                    rows.append((row, cells))
                    if is_hidden:
                        self.sheet.hidden_rows.append(row)
                if column != len(cells) + 1:
                    self._pad(cells, row, column)
                cells.append(value)
            elif kind == "inlineStr" and local(name) == "t":
                text = (text or "") + "".join(gathered)

        self.size = lambda: (depth, n_elements)
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = gathered.append

    def _row(self, place: str | None, before: int) -> int:
        row = before + 1 if place is None else int(place)
        limits.check_rows(self.shared.path, row)
        if row <= before:
            raise ValueError(place)
        return row

    def _column(self, letters: str) -> int:
        column = _number_of(letters)
        self.columns[letters] = column
        return column

    def _pad(self, cells: list[object], row: int, column: int) -> None:
        limits.check_columns(self.shared.path, row, column)
        if column <= len(cells):
            raise ValueError(column)
        cells.extend([None] * (column - 1 - len(cells)))

    def _value(self, text: str, kind: str, style: str) -> object:
        """Give the value of a cell; an error such as #N/A is no value."""
        if kind == "n":
            return self._number(text, style)
        if kind in ("str", "inlineStr"):
            check_text(self.shared.path, len(text))
            self.shared.budget.take(other_bytes=sys.getsizeof(text))
            return unescaped(text)
        if kind == "b":
            return text.strip() not in FALSE
        if kind == "d":
            try:
                return from_ISO8601(text)
            except ValueError:
                return text
        return None

    def _number(self, text: str, style: str) -> object:
        number = float(text)
        if not -1e308 < number < 1e308:  # neither infinite nor no number
            return text
        length = self.shared.dates.get(style)
        if length is not None:
            epoch = MAC_EPOCH if self.shared.is_mac else WINDOWS_EPOCH
            try:
                return from_excel(number, epoch, timedelta=length)
            except (ValueError, OverflowError):
                return number
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _blank(self, row: int, column: int, why: Literal["error", "formula"], text: str) -> None:
        self.shared.budget.take(other_bytes=_BLANK_BYTES)
        self.sheet.blanks.append(Blank(row=row, column=column - 1, why=why, text=text[:40]))

    def _merge(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found is None or found[3] is None:
            return
        self.shared.budget.take(other_bytes=_MERGE_BYTES)
        self.sheet.merges.append(
            Merge(
                first_row=int(found[2]),
                last_row=int(found[4]),
                first_column=_number_of(found[1]) - 1,
                last_column=_number_of(found[3]) - 1,
            )
        )


def check_text(path: Path, n_characters: int) -> None:
    """Check the length of a text of a cell whose row is not known.

    Raises
    ------
    InvalidInputError
        When it has more than `limits.MAX_TEXT` characters.
    """
    if n_characters > limits.MAX_TEXT:
        raise limits.too_long(path)


def _number_of(letters: str) -> int:
    """Give the number of a column, A is 1."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - ord("A") + 1
    if not letters.isascii() or not letters.isalpha() or len(letters) > _MOST_LETTERS:
        raise ValueError(letters)
    return number


def unescaped(text: str) -> str:
    """Give the characters that a workbook writes as ``_x000D_``."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)

"""Read the tables of a web page: many office systems export one and call it .xls.

Only the text of table cells is read. Nothing that a page links to is fetched, and nothing is run.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import IO

from geodata.errors import InvalidInputError
from geodata.importers import encodings, limits
from geodata.importers.sheets import Merge, Progress, Sheet

_MAX_CHARACTERS = 8_000_000
_CHUNK = 1 << 16
_MAX_TAG = 100_000  # the parser's work grows with the square of what a page leaves open
_MAX_SPAN = 1_000
_CELLS = ("td", "th")
_LINES = ("br", "p", "div", "li")
_SILENT = ("script", "style", "title")


def read(path: Path, file: IO[bytes], progress: Progress | None) -> list[Sheet]:
    """Read all tables of a page, as sheets called by their number.

    Raises
    ------
    InvalidInputError
        When it is no text, holds no table, or is too large.
    """
    page = _Page(path)
    try:
        _feed(path, file, page, progress)
    except AssertionError as error:  # the parser's word for a declaration that it does not know
        raise InvalidInputError(
            "{path} is a damaged web page; save its table as .xlsx", path=path.name
        ) from error
    sheets = [sheet for sheet in page.sheets if sheet.rows]
    if not sheets:
        raise InvalidInputError(
            "{path} is a web page without a table; save the table as .xlsx", path=path.name
        )
    return sheets


def _feed(path: Path, file: IO[bytes], page: _Page, progress: Progress | None) -> None:
    n_read = 0
    with encodings.opened(path, file, kind="XLSX") as text:
        while chunk := text.read(_CHUNK):
            n_read += len(chunk)
            page.feed(chunk)
            # What the parser holds back is a tag that does not end.
            if n_read > _MAX_CHARACTERS or len(page.rawdata) > _MAX_TAG:
                raise InvalidInputError(
                    "{path} is a web page that is too large; save its table as .xlsx",
                    path=path.name,
                )
            if progress:
                progress(page.n_rows, None)
    page.finish()


class _Page(HTMLParser):
    """Gathers cells; a table within a cell is a table of its own."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.path = path
        self.budget = limits.Budget(path)
        self.sheets: list[Sheet] = []
        self.n_rows = 0
        self.row = 0
        self.cells: list[object] = []
        self.taken: dict[int, int] = {}  # columns that a cell above reaches into: its last row
        self.spans = (1, 1)
        self.texts: list[str] | None = None
        self.n_characters = 0
        self.silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell; line breaks part words."""
        if tag == "table":
            self._end_row()
            self.sheets.append(Sheet(name=str(len(self.sheets) + 1)))
            self.row, self.taken = 0, {}
        elif tag == "tr" and self.sheets:
            self._end_row()
            self.row += 1
        elif tag in _CELLS and self.sheets:
            self._end_cell()
            given = dict(attrs)
            self.spans = (_span(given.get("rowspan")), _span(given.get("colspan")))
            self.texts, self.n_characters = [], 0
        elif tag in _LINES and self.texts:
            self.texts.append("\n")
        elif tag in _SILENT:
            self.silent = True

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        if tag in _CELLS:
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in _SILENT:
            self.silent = False

    def handle_data(self, data: str) -> None:
        """Gather text, within cells only."""
        if self.texts is not None and not self.silent:
            self.texts.append(data)
            self.n_characters += len(data)
            limits.check_text(self.path, self.row, self.n_characters)

    def finish(self) -> None:
        """End the last row; `close` would look for tags in what is left, at great length."""
        self._end_row()

    def _end_cell(self) -> None:
        if self.texts is None:
            return
        text = "".join(self.texts).replace("\xa0", " ").strip()
        self.texts = None
        self._fill_taken()
        column, (tall, wide) = len(self.cells), self.spans
        if tall > 1 or wide > 1:
            self.budget.take(other_bytes=300 + 100 * wide)
            self.sheets[-1].merges.append(
                Merge(
                    first_row=self.row,
                    last_row=self.row + tall - 1,
                    first_column=column,
                    last_column=column + wide - 1,
                )
            )
        if tall > 1:
            self.taken |= {column + i: self.row + tall - 1 for i in range(wide)}
        self.cells += [text or None] + [None] * (wide - 1)
        limits.check_columns(self.path, self.row, len(self.cells))
        self.budget.take(cells=wide, other_bytes=sys.getsizeof(text))

    def _fill_taken(self) -> None:
        while self.taken.get(len(self.cells), 0) >= max(self.row, 1):
            self.cells.append(None)

    def _end_row(self) -> None:
        self._end_cell()
        while self.cells and self.cells[-1] is None:
            self.cells.pop()
        if self.cells:
            limits.check_rows(self.path, self.row)
            self.budget.take(rows=1)
            self.sheets[-1].rows.append((self.row, self.cells))
            self.n_rows += 1
        self.cells = []


def _span(text: str | None) -> int:
    """Give over how many rows or columns a cell reaches."""
    if text is None or not text.strip().isascii() or not text.strip().isdigit():
        return 1
    return min(max(int(text.strip()[:9]), 1), _MAX_SPAN)

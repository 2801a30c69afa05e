"""Read the sheets of an XLSX workbook by their saved values.

A workbook is an archive of XML. It is read here part by part with expat, row by row: libraries hold
a sheet in memory as a block of the size it claims, and 200,000 rows take them 20 seconds or more
than half a gigabyte. Nothing is evaluated, and links to other files are not followed.

References
----------
ECMA-376 part 1, chapters 12 and 18 (SpreadsheetML).
"""

from __future__ import annotations

import posixpath
import re
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from geodata.errors import InvalidInputError
from geodata.importers import archives, limits, markup
from geodata.importers.markup import local
from geodata.importers.sheets import PROGRESS_ROWS, Blank, Merge, Progress, Sheet

_EAST_ASIAN_DATES = {*range(27, 37), *range(50, 59)}
_FALSE = ("0", "false")
_BLANK_BYTES = 600
_MERGE_BYTES = 150
_MOST_LETTERS = 3
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


@dataclass(frozen=True, slots=True)
class _Book:
    """What the sheets of a workbook share."""

    path: Path
    texts: list[str]
    dates: Mapping[str, bool]
    """For the number of each style that shows a date: whether it is a length of time."""
    is_mac: bool
    budget: limits.Budget


def read(path: Path, file: IO[bytes], progress: Progress | None) -> list[Sheet]:
    """Read all sheets of a workbook.

    Raises
    ------
    InvalidInputError
        When it is damaged, locked, too large or made to do harm.
    """
    try:
        with archives.opened(path, file) as archive:
            return list(_sheets(path, archive, progress))
    except InvalidInputError:
        raise
    except (*archives.BROKEN, markup.BROKEN, IndexError) as error:
        raise InvalidInputError(
            "{path} is a damaged XLSX workbook; open it in an office program and save it again",
            path=path.name,
        ) from error


def _sheets(path: Path, archive: zipfile.ZipFile, progress: Progress | None) -> Iterator[Sheet]:
    budget = limits.Budget(path)
    main = _related(path, archive, "", "/officeDocument")
    book_part = next(iter(main.values()))
    listed, is_mac = _listed(path, archive, book_part)
    parts = _related(path, archive, book_part, "/worksheet")
    shared = list(_related(path, archive, book_part, "/sharedStrings").values())
    styles = list(_related(path, archive, book_part, "/styles").values())
    wanted = [parts[key] for _, _, key in listed if key in parts]
    archives.check_parts(path, archive, {*wanted, *shared[:1], *styles[:1]})
    texts = _texts(path, archive, shared[0], budget) if shared else []
    dates = _dates(path, archive, styles[0]) if styles else {}
    book = _Book(path, texts, dates, is_mac, budget)
    done = 0
    for name, is_hidden, key in listed:
        if key in parts:
            with archive.open(parts[key]) as part:
                sheet = _SheetReader(book, Sheet(name=name, is_hidden=is_hidden))
                sheet.read(part, progress, done)
            done += len(sheet.sheet.rows)
            yield sheet.sheet
    if progress:
        progress(done, done)


def _related(path: Path, archive: zipfile.ZipFile, part: str, kind: str) -> dict[str, str]:
    """Give the parts of a kind that a part names, by the keys it gives them."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    found: dict[str, str] = {}

    def start(_: str, attributes: dict[str, str]) -> None:
        is_wanted = attributes.get("Type", "").endswith(kind)
        if is_wanted and attributes.get("TargetMode") != "External":
            target = posixpath.join("/", folder, attributes["Target"])
            found[attributes["Id"]] = posixpath.normpath(target).lstrip("/")

    _parse(path, archive, rels, start)
    known = {n.casefold(): n for n in archive.namelist()}
    return {key: known[n.casefold()] for key, n in found.items() if n.casefold() in known}


def _listed(
    path: Path, archive: zipfile.ZipFile, part: str
) -> tuple[list[tuple[str, bool, str]], bool]:
    """Give the sheets as name, whether hidden, key; and whether days are counted from 1904."""
    sheets: list[tuple[str, bool, str]] = []
    flags: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "sheet":
            key = next((v for k, v in attributes.items() if local(k) == "id" and k != "id"), "")
            is_hidden = attributes.get("state", "visible") != "visible"
            sheets.append((attributes.get("name", ""), is_hidden, key))
        elif local(name) == "workbookPr":
            flags.update(attributes)

    _parse(path, archive, part, start)
    return sheets, flags.get("date1904", "0") not in _FALSE


def _parse(
    path: Path, archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]
) -> None:
    archives.check_parts(path, archive, [part])
    with archive.open(part) as file:
        markup.each_start(path, file, start)


def _dates(path: Path, archive: zipfile.ZipFile, part: str) -> dict[str, bool]:
    """Tell which styles show a date or a time."""
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    dates: dict[str, bool] = {}
    state = {"in_cells": False, "n": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "numFmt":
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")[:255]
        elif tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            state["in_cells"] = tag == "cellXfs"
        elif tag == "xf" and state["in_cells"]:
            number = int(attributes.get("numFmtId", "0"))
            code = formats.get(number, "")
            if number in _EAST_ASIAN_DATES or is_date_format(code):
                dates[str(state["n"])] = is_timedelta_format(code)
            state["n"] += 1

    _parse(path, archive, part, start)
    return dates


def _texts(path: Path, archive: zipfile.ZipFile, part: str, budget: limits.Budget) -> list[str]:
    """Read the texts that cells point to, without the readings of East Asian words."""
    texts: list[str] = []
    gathered: list[str] = []
    depth = n_elements = n_counted = 0
    is_reading = False
    parser = markup.parser_for(path)

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal depth, n_elements, is_reading
        depth += 1
        n_elements += 1
        tag = local(name)
        if tag == "t" and not is_reading:
            parser.CharacterDataHandler = gathered.append
        elif tag == "rPh":
            is_reading = True

    def end(name: str) -> None:
        nonlocal depth, is_reading
        depth -= 1
        tag = local(name)
        if tag == "t":
            parser.CharacterDataHandler = None
        elif tag == "rPh":
            is_reading = False
        elif tag == "si":
            text = "".join(gathered)
            _check_text(path, len(text))
            texts.append(_unescaped(text))
            gathered.clear()

    def check() -> None:
        nonlocal n_counted
        markup.check_size(path, depth, n_elements)
        _check_text(path, sum(map(len, gathered)))
        new = texts[n_counted:]
        n_counted = len(texts)
        budget.take(cells=len(new), other_bytes=sum(map(sys.getsizeof, new)))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with archive.open(part) as file:
        for _ in markup.steps(parser, file, path):
            check()
    return texts


class _SheetReader:
    """The handlers that make rows of the XML of one sheet."""

    def __init__(self, book: _Book, sheet: Sheet) -> None:
        self.book = book
        self.sheet = sheet
        self.columns: dict[str, int] = {}
        self.gathered: list[str] = []
        self.size: Callable[[], tuple[int, int]] = lambda: (0, 0)
        self.n_cells = self.n_bare = 0
        self.n_counted = 0

    def read(self, file: IO[bytes], progress: Progress | None, done: int) -> None:
        """Read a sheet to its end; `done` rows of other sheets were read before."""
        parser = markup.parser_for(self.book.path)
        self._handle(parser)
        told = 0
        for _ in markup.steps(parser, file, self.book.path):
            self._check()
            if progress and self.n_counted - told >= PROGRESS_ROWS:
                told = self.n_counted
                progress(done + told, None)

    def _check(self) -> None:
        path, rows = self.book.path, self.sheet.rows
        markup.check_size(path, *self.size())
        _check_text(path, sum(map(len, self.gathered)))
        new = rows[self.n_counted : -1]  # the last one may still grow
        self.n_counted += len(new)
        for number, cells in new:
            limits.check_columns(path, number, len(cells))
        n_cells = sum(len(cells) for _, cells in new)
        self.n_cells += n_cells
        self.book.budget.take(rows=len(new), cells=n_cells, other_bytes=24 * n_cells)
        limits.check_cells(path, self.n_cells + self.n_bare)

    def _handle(self, parser: markup.Parser) -> None:  # noqa: C901
        """Set the handlers; all in one place, as they run millions of times."""
        gathered, columns = self.gathered, self.columns
        rows, texts, value_of = self.sheet.rows, self.book.texts, self._value
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
                is_hidden = attributes.get("hidden", "0") not in _FALSE
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
        limits.check_rows(self.book.path, row)
        if row <= before:
            raise ValueError(place)
        return row

    def _column(self, letters: str) -> int:
        column = _number_of(letters)
        self.columns[letters] = column
        return column

    def _pad(self, cells: list[object], row: int, column: int) -> None:
        limits.check_columns(self.book.path, row, column)
        if column <= len(cells):
            raise ValueError(column)
        cells.extend([None] * (column - 1 - len(cells)))

    def _value(self, text: str, kind: str, style: str) -> object:
        """Give the value of a cell; an error such as #N/A is no value."""
        if kind == "n":
            return self._number(text, style)
        if kind in ("str", "inlineStr"):
            _check_text(self.book.path, len(text))
            self.book.budget.take(other_bytes=sys.getsizeof(text))
            return _unescaped(text)
        if kind == "b":
            return text.strip() not in _FALSE
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
        length = self.book.dates.get(style)
        if length is not None:
            epoch = MAC_EPOCH if self.book.is_mac else WINDOWS_EPOCH
            try:
                return from_excel(number, epoch, timedelta=length)
            except (ValueError, OverflowError):
                return number
        return int(number) if number.is_integer() and abs(number) < 1e15 else number

    def _blank(self, row: int, column: int, why: Literal["error", "formula"], text: str) -> None:
        self.book.budget.take(other_bytes=_BLANK_BYTES)
        self.sheet.blanks.append(Blank(row=row, column=column - 1, why=why, text=text[:40]))

    def _merge(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        if found is None or found[3] is None:
            return
        self.book.budget.take(other_bytes=_MERGE_BYTES)
        self.sheet.merges.append(
            Merge(
                first_row=int(found[2]),
                last_row=int(found[4]),
                first_column=_number_of(found[1]) - 1,
                last_column=_number_of(found[3]) - 1,
            )
        )


def _check_text(path: Path, n_characters: int) -> None:
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


def _unescaped(text: str) -> str:
    """Give the characters that a workbook writes as ``_x000D_``."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)

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
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from geodata.errors import InvalidInputError
from geodata.importers import archives, limits, markup
from geodata.importers.markup import local
from geodata.importers.sheets import Progress, Sheet
from geodata.importers.worksheet import FALSE, Shared, SheetReader, check_text, unescaped

_EAST_ASIAN_DATES = {*range(27, 37), *range(50, 59)}


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
    text_parts = list(_related(path, archive, book_part, "/sharedStrings").values())
    styles = list(_related(path, archive, book_part, "/styles").values())
    wanted = [parts[key] for _, _, key in listed if key in parts]
    archives.check_parts(path, archive, {*wanted, *text_parts[:1], *styles[:1]})
    texts = _texts(path, archive, text_parts[0], budget) if text_parts else []
    dates = _dates(path, archive, styles[0]) if styles else {}
    shared = Shared(path, texts, dates, is_mac, budget)
    done = 0
    for name, is_hidden, key in listed:
        if key in parts:
            with archive.open(parts[key]) as part:
                sheet = SheetReader(shared, Sheet(name=name, is_hidden=is_hidden))
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
    return sheets, flags.get("date1904", "0") not in FALSE


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
            check_text(path, len(text))
            texts.append(unescaped(text))
            gathered.clear()

    def check() -> None:
        nonlocal n_counted
        markup.check_size(path, depth, n_elements)
        check_text(path, sum(map(len, gathered)))
        new = texts[n_counted:]
        n_counted = len(texts)
        budget.take(cells=len(new), other_bytes=sum(map(sys.getsizeof, new)))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    with archive.open(part) as file:
        for _ in markup.steps(parser, file, path):
            check()
    return texts

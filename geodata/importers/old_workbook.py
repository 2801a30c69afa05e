"""Read the sheets of an old binary workbook (.xls).

Calamine reads them, in a process of its own (`importers.old_workbook_child`) with a limit to memory
and time: for a file of a few kilobytes that claims a far cell it takes a gigabyte.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any

import orjson

from geodata.errors import InvalidInputError
from geodata.importers import archives, limits
from geodata.importers.sheets import PROGRESS_ROWS, Merge, Progress, Sheet

_CHILD = "geodata.importers.old_workbook_child"
_MAX_LINE_BYTES = 20_000_000
_PARSERS = (date.fromisoformat, datetime.fromisoformat, time.fromisoformat)


def read(path: Path, file: IO[bytes], progress: Progress | None) -> list[Sheet]:
    """Read all sheets of an old workbook.

    Raises
    ------
    InvalidInputError
        When it is damaged, locked, too large or made to do harm.
    """
    file.seek(0)
    # Nothing of the file reaches the command line, and the child inherits no environment; without
    # a HOME of its own it would ask the system, perhaps through a socket, whose it is.
    command = [sys.executable, "-s", "-P", "-m", _CHILD]
    given = {"PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)), "HOME": os.devnull}
    with subprocess.Popen(  # noqa: S603  ourselves
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=given
    ) as child:
        try:
            return _sheets(path, child.stdout, progress)  # type: ignore[arg-type]  # a pipe is there
        finally:
            child.kill()


def _sheets(path: Path, answer: IO[bytes], progress: Progress | None) -> list[Sheet]:
    budget = limits.Budget(path)
    sheets: list[Sheet] = []
    done = 0
    for line in _lines(answer):
        if isinstance(line, list):
            number, *cells = line
            limits.check_columns(path, number, len(cells))
            texts = [c for c in cells if isinstance(c, str)]
            limits.check_text(path, number, max(map(len, texts), default=0))
            n_bytes = sum(map(sys.getsizeof, cells))
            budget.take(rows=1, cells=len(cells), other_bytes=n_bytes)
            sheets[-1].rows.append((number, [_value(c) for c in cells]))
            done += 1
            if progress and done % PROGRESS_ROWS == 0:
                progress(done, None)
        elif "sheet" in line:
            sheets.append(Sheet(name=line["sheet"], is_hidden=line["hidden"]))
            sheets[-1].merges.extend(_merge(*m) for m in line["merges"])
        elif line.get("error") == "locked":
            raise archives.locked(path)
        elif "end" in line:
            if progress:
                progress(done, done)
            return sheets
    raise InvalidInputError(
        "{path} is a damaged old workbook (.xls), or too large; "
        "open it in an office program and save it as .xlsx",
        path=path.name,
    )


def _lines(answer: IO[bytes]) -> Iterator[Any]:
    """Give what the child says; it may end at any moment."""
    while line := answer.readline(_MAX_LINE_BYTES):
        if not line.endswith(b"\n"):
            return
        yield orjson.loads(line)


def _value(cell: object) -> object:
    """Give a cell with days and times as such."""
    if not isinstance(cell, dict):
        return cell
    for parse in _PARSERS:
        try:
            return parse(cell["at"])
        except ValueError:
            continue
    return cell["at"]


def _merge(first_row: int, last_row: int, first_column: int, last_column: int) -> Merge:
    return Merge(
        first_row=first_row + 1,
        last_row=last_row + 1,
        first_column=first_column,
        last_column=last_column,
    )

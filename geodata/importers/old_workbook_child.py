"""Read an old workbook from standard input and write its sheets as lines of JSON.

Run as a process of its own by `importers.old_workbook`: the library makes room for as many cells as
a file claims, and a broken file can end the process. Here it may take only so much memory and time.

The lines: ``{"sheet": name, "hidden": bool, "merges": [[row, row, column, column], …]}`` before the
rows of each sheet, ``[number, cells, …]`` for each filled row, and at the end ``{"end": true}`` or
``{"error": "locked" or "damaged"}``. Days and times are ``{"at": ISO text}``.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from datetime import date, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MAX_MEMORY_BYTES = 300_000_000
MAX_SECONDS = 8


def main() -> None:
    """Answer one file."""
    _restrict()
    content = io.BytesIO(sys.stdin.buffer.read())
    end: dict[str, object] = {"end": True}
    try:
        for line in _lines(content):
            sys.stdout.write(json.dumps(line, ensure_ascii=True) + "\n")
    except PasswordError:
        end = {"error": "locked"}
    except (CalamineError, MemoryError, ValueError, OverflowError):
        end = {"error": "damaged"}
    sys.stdout.write(json.dumps(end) + "\n")


def _restrict() -> None:
    """Take no more than a share of the memory and some seconds, where the system knows limits."""
    with contextlib.suppress(ImportError):
        import resource

        for limit, most in (
            (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
            (resource.RLIMIT_CPU, MAX_SECONDS),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
        ):
            resource.setrlimit(limit, (most, most))


def _lines(content: io.BytesIO) -> Iterator[object]:
    with CalamineWorkbook.from_filelike(content) as book:
        for kind in book.sheets_metadata:
            sheet = book.get_sheet_by_name(kind.name)
            merges = [[a, c, b, d] for (a, b), (c, d) in sheet.merged_cell_ranges or []]
            is_hidden = kind.visible is not SheetVisibleEnum.Visible
            yield {"sheet": kind.name, "hidden": is_hidden, "merges": merges}
            before = [None] * (sheet.start[1] if sheet.start else 0)
            for number, cells in enumerate(sheet.iter_rows(), start=1):
                values = [_plain(c) for c in cells]
                while values and values[-1] is None:
                    values.pop()
                if values:
                    yield [number, *before, *values]


def _plain(cell: object) -> object:
    """Give a cell as JSON has it."""
    if cell == "":
        return None
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, date | time):
        return {"at": cell.isoformat()}
    if isinstance(cell, timedelta):
        return str(cell)
    return cell


if __name__ == "__main__":
    main()

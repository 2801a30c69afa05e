"""Read files one by one in processes that are watched: what they open, take and say.

Run as a program with a folder to work in; takes the name of a file from each line of its input and
answers with a line of JSON. Everything is loaded first, so that a process that is split off for one
file has no reason to open anything but that file and copies of it.
"""

from __future__ import annotations

import codecs
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any

from support.ugly_grids import UGLY

import geodata.importers.stations  # noqa: F401 - what an import has loaded
from geodata.errors import YizhanError
from geodata.importers import words
from geodata.importers.table import read_table

_QUIET = ("open", "sqlite3.connect", "os.listdir", "os.scandir", "os.remove", "shutil.rmtree")
_NEVER = ("socket.", "os.system", "os.exec", "os.spawn", "ctypes.", "http.", "ftplib.", "urllib.")


def main(folder: str) -> None:
    """Answer until the input ends."""
    tempfile.tempdir = folder
    _load_everything(Path(folder))
    for line in sys.stdin:
        name = line.rstrip("\n")
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            with os.fdopen(writer, "w") as pipe:
                pipe.write(json.dumps(_watched(Path(name), Path(folder)), default=str))
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader) as pipe:
            text = pipe.read()
        _, status, used = os.wait4(child, 0)
        said = json.loads(text) if text else {"error": f"ended with {status}"}
        # maxrss is of the process or of one that it started itself, whichever was larger.
        said |= {"mb": used.ru_maxrss / 1024, "cpu_s": used.ru_utime + used.ru_stime}
        print(json.dumps({"file": Path(name).name, **said}), flush=True)  # noqa: T201  the answer to the test


def _load_everything(folder: Path) -> None:
    """Read one file of each kind, so that nothing is loaded later."""
    for make in UGLY:
        ugly = make()
        path = folder / ugly.name
        path.write_bytes(ugly.content)
        read_table(path, is_header=words.is_header, layers=words.LAYERS)
    for encoding in ("cp437", "unicode_escape", "zip", "utf-16-le", "idna"):
        codecs.lookup(encoding)


def _watched(path: Path, folder: Path) -> dict[str, Any]:
    outside: list[str] = []

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event.startswith(_NEVER):
            outside.append(f"{event} {args}")
        elif event == "subprocess.Popen" and args[0] != sys.executable:
            outside.append(f"{event} {args[:2]}")
        elif event in _QUIET and isinstance(args[0], str | bytes | os.PathLike):
            place = Path(os.fsdecode(args[0]))
            is_below = event == "os.remove" and args[1] != -1  # in a folder that is being removed
            if is_below or str(place) == os.devnull:
                return
            if place != path and folder not in place.parents and place != folder:
                outside.append(f"{event} {place}")

    sys.addaudithook(hook)
    try:
        table = read_table(path, is_header=words.is_header, layers=words.LAYERS)
    except YizhanError as error:
        said = {"error": type(error).__name__, "message": str(error)}
    except BaseException:  # noqa: BLE001  told to the test
        said = {"error": "unexpected", "message": traceback.format_exc()}
    else:
        rows = [[str(c) for c in row] for row in table.rows.head(20).to_numpy().tolist()]
        said = {"rows": len(table.rows), "cells": rows, "told": [f.message for f in table.findings]}
    return {**said, "outside": outside}


if __name__ == "__main__":
    main(sys.argv[1])

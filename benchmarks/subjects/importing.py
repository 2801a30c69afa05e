"""A file of 200,000 stations: read, compared with the register, and applied, as a person would."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from benchmarks.instances.instance import ROOT
from benchmarks.instances.large_sheet import LargeSheet, make_large_sheet
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial

_ROWS = {"tiny": 300, "full": 200_000}


def _trials(size: Size) -> Iterator[Trial]:
    sheet = make_large_sheet(_ROWS[size])
    yield Trial(sheet.instance, lambda: _import(sheet), runs=0, checks=_checks)


def _import(sheet: LargeSheet) -> Answer:
    """Apply the sheet to a city of its own, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return _applied(*sheet.write(Path(folder)))


def _applied(file: Path, city: Path) -> Answer:
    words = ("stations", "import", file, "--city", city, "--source", "big", "--apply", "--json")
    start = perf_counter()
    with (file.parent / "answer.json").open("wb") as answer:
        child = subprocess.Popen(
            [sys.executable, "-c", "from web.cli import main; main()", *map(str, words)],
            stdout=answer,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = perf_counter() - start
    if child.returncode:
        message = f"the import ended with {child.returncode}"
        raise RuntimeError(message)
    found = json.loads((file.parent / "answer.json").read_bytes())
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "seconds": seconds,
        "cpu_s": used.ru_utime + used.ru_stime,
        "import_mb": used.ru_maxrss * unit / 1e6,
        **{key: found[key] for key in ("frame", "new", "duplicates", "refused", "n_interpreted")},
    }


def _checks(measured: Measured) -> list[Check]:
    cpu_s, import_mb = (float(measured.figures[k] or 0) for k in ("cpu_s", "import_mb"))
    return [
        Check("CPU seconds", cpu_s, "<=", 60.0, "s"),
        Check("memory of the import", import_mb, "<=", 1000.0, "MB"),
    ]


IMPORTING = (
    Subject(
        "import_200000",
        "A sheet of 200,000 stations imported by the command: read, compared, applied.",
        _trials,
        limit_s=600,
    ),
)

"""The file of results: what was measured last of each subject, where and with what."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.instances.instance import ROOT
from benchmarks.row import Check, Row, row_from_json

FILE = ROOT / "benchmarks" / "results.json"
_VERSIONS = ("yizhan", "numpy", "scipy", "numba", "highspy", "geopandas", "shapely")


@dataclass(frozen=True, slots=True)
class Result:
    """One subject as measured last.

    Attributes
    ----------
    date
        ISO day, UTC.
    machine, versions
        Where and with what.
    ended
        "whole", or why rows are missing.
    checks
        Targets on all rows together.
    """

    title: str
    date: str
    machine: str
    versions: str
    ended: str
    rows: list[Row]
    checks: list[Check]


def result_of(title: str, rows: list[Row], checks: list[Check], *, ended: str) -> Result:
    """Give the result of a subject measured here and now."""
    versions = ", ".join(f"{n} {importlib.metadata.version(n)}" for n in _VERSIONS)
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return Result(title, day, _machine(), versions, ended, rows, checks)


def read_results(path: Path = FILE) -> dict[str, Result]:
    """Read the results by subject; none when there is no file."""
    if not path.exists():
        return {}
    return {k: _from_json(v) for k, v in json.loads(path.read_text("utf-8")).items()}


def write_results(results: dict[str, Result], order: Sequence[str], path: Path = FILE) -> None:
    """Write the results in the order of the registry."""
    known = {name: asdict(results[name]) for name in order if name in results}
    text = json.dumps(known, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", "utf-8")


def _from_json(values: dict[str, Any]) -> Result:
    rest = {k: v for k, v in values.items() if k not in ("rows", "checks")}
    return Result(
        **rest,
        rows=[row_from_json(r) for r in values["rows"]],
        checks=[Check(**c) for c in values["checks"]],
    )


def _machine() -> str:
    memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    """Give the processor's name; the platform module knows it on few systems."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "processor unknown"

"""Measure every subject and print one table: ``python -m benchmarks [NAME ...]``."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import statistics
import sys
from time import perf_counter

from benchmarks.subjects import SUBJECTS

RUNS = 5


def main(names: list[str]) -> None:
    """Run each subject once to warm up and five times for the figures."""
    versions = {n: importlib.metadata.version(n) for n in ("yizhan", "numpy", "numba", "highspy")}
    machine = f"{platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores"
    print(json.dumps({"machine": machine, **versions}))
    print(f"{'subject':24}{'first s':>10}{'median s':>10}{'min s':>10}{'max s':>10}")
    for name in names or SUBJECTS:
        work = SUBJECTS[name]("full")
        seconds = [_timed(work) for _ in range(RUNS + 1)]
        rest = seconds[1:]
        figures = (seconds[0], statistics.median(rest), min(rest), max(rest))
        print(f"{name:24}" + "".join(f"{s:10.3f}" for s in figures), flush=True)


def _timed(work) -> float:  # type: ignore[no-untyped-def]
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main(sys.argv[1:])

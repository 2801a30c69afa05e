"""Measure and print, and keep what was measured: ``python -m benchmarks [--peers] [NAME ...]``."""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from benchmarks.instances.instance import benchmark_data
from benchmarks.page import PAGE, claimed, page, told
from benchmarks.peer import is_installed
from benchmarks.results import read_results, result_of, write_results
from benchmarks.row import Row, Size
from benchmarks.started import run_subject
from benchmarks.subject import Subject
from benchmarks.subjects import SUBJECTS


def main() -> int:
    """Measure the named subjects, or all; only their part of the results is written anew."""
    asked = _arguments()
    start = perf_counter()
    if asked.peers and not is_installed():
        print("no .venv-peers here (make peers): our figures only, beside SciPy's", flush=True)
    codes = [
        _measure(SUBJECTS[name], asked.size, with_peers=asked.peers)
        for name in asked.names or SUBJECTS
    ]
    print(f"{perf_counter() - start:.0f} s in all", flush=True)
    return max(codes)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
    parser.add_argument("--peers", action="store_true", help="run the peers beside us")
    parser.add_argument(
        "--size", choices=("tiny", "full"), default="full", help="tiny is a trial; nothing is kept"
    )
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in SUBJECTS]
    if unknown:
        parser.error(f"no subject {unknown[0]}; there are {', '.join(SUBJECTS)}")
    return asked


def _measure(subject: Subject, size: Size, *, with_peers: bool) -> int:
    """Measure one subject and keep it; give 1 when it did not come to its end."""
    if subject.needs_data and not _has_data():
        return 0
    rows, ended = run_subject(subject, size, with_peers=with_peers, on_row=_print)
    checks = subject.checks(rows) if ended == "whole" else []
    for check in checks:
        met = "met   " if check.is_met else "MISSED"
        print(f"{subject.name:24} {met} {claimed(check)}", flush=True)
    if ended != "whole":
        print(f"{subject.name:24} {ended}", file=sys.stderr, flush=True)
    if size == "full":
        results = read_results()
        results[subject.name] = result_of(subject.title, rows, checks, ended=ended)
        write_results(results, list(SUBJECTS))
        PAGE.write_text(page(read_results()), "utf-8")
    return 0 if ended == "whole" else 1


def _has_data() -> bool:
    try:
        benchmark_data()
    except FileNotFoundError as error:
        print(error, file=sys.stderr, flush=True)
        return False
    return True


def _print(row: Row) -> None:
    print(told(row), flush=True)


if __name__ == "__main__":
    sys.exit(main())

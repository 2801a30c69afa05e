"""Start a subject in a fresh process, watch its time, and gather its rows."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from queue import Empty, Queue
from threading import Thread
from time import perf_counter

from benchmarks.instances.instance import ROOT
from benchmarks.row import Row, Size, row_from_json
from benchmarks.subject import Subject


def run_subject(
    subject: Subject, size: Size, *, with_peers: bool, on_row: Callable[[Row], None]
) -> tuple[list[Row], str]:
    """Give the rows of a subject and how it ended: "whole", or why it is not."""
    words = [sys.executable, "-m", "benchmarks.child", subject.name, size]
    child = subprocess.Popen(
        [*words, *(["--peers"] if with_peers else [])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )
    lines: Queue[str | None] = Queue()
    reader = Thread(target=_read, args=(child, lines), daemon=True)
    reader.start()
    rows: list[Row] = []
    start = perf_counter()
    ended = ""
    try:
        while (line := _next(lines, subject, start)) is not None:
            if line.startswith("row "):
                rows.append(row_from_json(json.loads(line[4:])))
                on_row(rows[-1])
        child.wait()
    except TimeoutError:
        ended = f"stopped after {subject.limit_s:.0f} s"
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)  # with the peers it started
            child.wait()
        reader.join()
    return rows, ended or ("whole" if child.returncode == 0 else f"failed ({child.returncode})")


def _read(child: subprocess.Popen[str], lines: Queue[str | None]) -> None:
    if child.stdout is not None:
        with child.stdout as printed:
            for line in printed:
                lines.put(line)
    lines.put(None)


def _next(lines: Queue[str | None], subject: Subject, start: float) -> str | None:
    """Give the next line, None at the end; show the time meanwhile."""
    while (seconds := perf_counter() - start) <= subject.limit_s:
        _show(f"{subject.name}: {seconds:.0f} s of at most {subject.limit_s:.0f}")
        try:
            line = lines.get(timeout=1.0)
        except Empty:
            continue
        _show("")
        return line
    _show("")
    raise TimeoutError


def _show(text: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

"""Measure one subject in this process: warm up, time, ask the peers, hold against the targets."""

from __future__ import annotations

import math
import resource
import statistics
import sys
from collections.abc import Iterator
from time import perf_counter

from benchmarks.peer import run_peer
from benchmarks.row import Figure, Row, Size
from benchmarks.subject import Answer, Measured, Subject, Trial


def rows(subject: Subject, size: Size, *, with_peers: bool) -> Iterator[Row]:
    """Give the rows of a subject, each as soon as it is measured.

    Full work is done tiny first: what it needs is then compiled.
    """
    if size == "full":
        for trial in subject.trials("tiny"):
            trial.work()
    for trial in subject.trials(size):
        seconds, figures = _timed(trial)
        peak_mb = _peak_mb()
        median = statistics.median_low(seconds)
        peers = [run_peer(p, median) for p in trial.peers] if with_peers else []
        yield Row(
            subject.name,
            trial.instance.name,
            trial.instance.seed,
            trial.instance.sha256,
            size,
            seconds,
            {k: _plain(v) for k, v in figures.items() if k != "seconds"},
            peak_mb,
            peers,
            trial.checks(Measured(median, figures, peak_mb, peers)),
        )


def _timed(trial: Trial) -> tuple[list[float], Answer]:
    """Run the work, warm or once; give all times that count, and the answer of the median run."""
    runs = [_run(trial) for _ in range(trial.runs + 1)]
    counted = runs[min(1, trial.runs) :]
    seconds = [s for s, _ in counted]
    return seconds, counted[seconds.index(statistics.median_low(seconds))][1]


def _run(trial: Trial) -> tuple[float, Answer]:
    start = perf_counter()
    figures = trial.work()
    seconds = perf_counter() - start
    own = figures.get("seconds")
    return (float(own) if own is not None else seconds), figures


def _plain(figure: Figure) -> Figure:
    """Give a figure as JSON holds it: no number is none."""
    return None if isinstance(figure, float) and not math.isfinite(figure) else figure


def _peak_mb() -> float:
    """Give the largest resident memory so far; Linux counts KiB, macOS bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6

"""P(I get in when I arrive) on invented histories, beside what is posted and the last report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.instances.histories import (
    USUAL,
    Case,
    World,
    as_posted,
    brier,
    cases,
    last_report_wins,
    reliability,
)
from benchmarks.instances.instance import Instance, fingerprint
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from stations.availability import at
from stations.trust import judge

_SEED = 1000
"""The numbers of `stations.assumptions` were fitted on seeds 0 to 7."""
_STATIONS = {"tiny": 12, "full": 400}
_VISITS_EACH = 6

WORLDS: dict[str, World] = {
    "usual": USUAL,
    "strict": replace(
        USUAL, stop_per_year=0.04, late=0.08, early=0.05, lunch=0.06, weekend=0.04, evening=0.03,
        rests=0.2, shut_per_day=0.004,
    ),
    "lax": replace(
        USUAL, stop_per_year=0.2, late=0.4, lunch=0.35, weekend=0.25, rests=0.7, shut_per_day=0.03
    ),
    "silent": replace(USUAL, says_yes=0.005, says_no=0.02),
    "liars": replace(USUAL, attacked=0.4),
}  # fmt: skip


def predict(case: Case) -> float:
    """Give our chance for a visit."""
    opening = at(case.station, case.visit.moment)
    return judge(case.station, case.told, case.visit.moment, opening=opening).p_get_in


def _trials(size: Size) -> Iterator[Trial]:
    for name, world in WORLDS.items():
        known = cases(_SEED, _STATIONS[size], visits_each=_VISITS_EACH, world=world)
        happened = np.array([case.visit.got_in for case in known], float)

        def work(known: list[Case] = known, happened: NDArray[np.float64] = happened) -> Answer:
            begin = process_time()
            ours = np.array([predict(case) for case in known])
            seconds = process_time() - begin
            off = [n * abs(chance - share) for n, chance, share in reliability(ours, happened)]
            return {
                "seconds": seconds,
                "visits": len(known),
                "got_in": float(happened.mean()),
                "brier": brier(ours, happened),
                "brier_as_posted": brier([as_posted(c) for c in known], happened),
                "brier_last_report": brier([last_report_wins(c) for c in known], happened),
                "off_by": sum(off) / len(known),
                "ms_each": 1000 * seconds / len(known),
            }

        minutes = [int(c.visit.moment.timestamp() // 60) for c in known]
        digest = fingerprint(happened, [len(c.told) for c in known], minutes)
        yield Trial(Instance(f"histories-{name}", _SEED, digest), work, runs=0, checks=_checks)


def _checks(measured: Measured) -> list[Check]:
    ours = float(measured.figures["brier"] or 0)
    return [
        Check(f"Brier score over that of {words}", ours / _of(measured, name), "<=", 1, "")
        for name, words in (("as_posted", "what is posted"), ("last_report", "the last report"))
    ]


def _of(measured: Measured, name: str) -> float:
    return float(measured.figures[f"brier_{name}"] or 1)


TRUST = (
    Subject(
        "trust",
        "Chance to get in, on invented histories with habits, noise and lies: Brier scores (less "
        "is better), and how far the chances lie from what happened, by tenths. Seconds are "
        "processor time.",
        _trials,
        limit_s=600,
    ),
)

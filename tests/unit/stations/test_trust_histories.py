"""The chance is right on histories that it was not fitted on, in worlds it was not fitted to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from benchmarks.instances.histories import (
    Case,
    as_posted,
    brier,
    cases,
    draw,
    last_report_wins,
    reliability,
)
from benchmarks.subjects.trust import WORLDS, predict

FITTED = range(8)
"""Seeds that the numbers of `stations.assumptions` were chosen on."""

HELD_OUT = 57


@dataclass(frozen=True)
class Judged:
    """Visits, our chances for them, and what happened."""

    known: list[Case]
    ours: list[float]
    happened: list[bool]

    def scores(self) -> tuple[float, float, float]:
        """Give the Brier scores of ours, of what is posted and of the last report."""
        ways = ([way(c) for c in self.known] for way in (as_posted, last_report_wins))
        posted, last = (brier(way, self.happened) for way in ways)
        return brier(self.ours, self.happened), posted, last


def _judged(known: list[Case]) -> Judged:
    return Judged(known, [predict(c) for c in known], [c.visit.got_in for c in known])


@pytest.fixture(scope="module")
def usual() -> Judged:
    """Judge visits of the usual world, from a seed that nothing was fitted on."""
    assert HELD_OUT not in FITTED
    return _judged(cases(HELD_OUT, 150, visits_each=5))


def test_the_chance_is_better_than_what_is_posted_and_than_the_last_report(
    usual: Judged,
) -> None:
    """By Brier score it is less than two thirds as far off as either."""
    ours, posted, last = usual.scores()
    assert ours < 2 / 3 * min(posted, last)


def test_the_chance_is_better_than_the_best_constant(usual: Judged) -> None:
    """It beats even the shares of these very visits, by what is posted: it tells stations apart."""
    happened = np.array(usual.happened, float)
    posted = np.array([as_posted(c) for c in usual.known])
    constant = np.zeros(len(posted))
    for value in np.unique(posted):
        constant[posted == value] = happened[posted == value].mean()
    assert brier(usual.ours, happened) < 0.8 * brier(constant, happened)


def test_of_those_with_a_chance_of_seventy_per_cent_seventy_get_in(usual: Judged) -> None:
    """In each tenth of the chances, what happened lies within three standard errors and a tenth.

    On the whole the chances are off by less than 0.08, for visits to one station go alike.
    """
    for n, chance, share in reliability(usual.ours, usual.happened):
        assert abs(chance - share) <= 0.1 + 3 * (chance * (1 - chance) / n) ** 0.5
    assert abs(np.mean(usual.ours) - np.mean(usual.happened)) < 0.08


@pytest.mark.parametrize("name", [name for name in WORLDS if name != "usual"])
def test_it_holds_in_other_worlds(name: str) -> None:
    """Strict or lax stations, silent workers, liars everywhere: still better than either."""
    ours, posted, last = _judged(cases(HELD_OUT, 40, visits_each=5, world=WORLDS[name])).scores()
    assert ours < 0.9 * min(posted, last)


def test_the_same_seed_gives_the_same_histories() -> None:
    """Histories come from their seed alone, and another seed gives others."""
    assert draw(3, 2) == draw(3, 2)
    assert draw(3, 2) != draw(4, 2)

"""p-centre: the plan whose longest journey is least, by bisection over the impedances.

A radius is possible when the sites it needs to cover everybody keep the limits (Minieka 1970;
Elloumi, Labbé and Pochet 2004, A new formulation and resolution method for the p-center problem,
INFORMS Journal on Computing 16). Every impossible radius raises the bound to the next impedance;
every possible one gives a plan. Greedy covers and local search come first, then linear relaxations,
and only the radii between are left to the solver.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice, choice
from planner.models.journeys import Journeys, journeys_of, rows_of
from planner.models.pcenter import cover
from planner.problem import SitingProblem
from planner.solve.found import Found
from planner.solve.ground import beyond
from planner.solve.idle import without_idle
from planner.solve.interchange import improved, iterated
from planner.solve.radius import Served, fractional, greedy_cover, keeps_rules, possible
from planner.solve.shortfall import refuse
from planner.solve.watch import Watch

_SHAKES = 30
"""Shakes in vain after which the local search for a radius ends."""

_CLOSE = 1e-3
"""Relative distance of radii that linear relaxations do not tell apart."""


def solve_pcenter(problem: SitingProblem, watch: Watch, random_state: int) -> Found:
    """Find the plan whose longest journey is least.

    Parameters
    ----------
    problem
        The question, with impedances.
    watch
        When to stop; the best plan and bound so far are returned.
    random_state
        Seed of the solver.

    Raises
    ------
    UnanswerableError
        When people cannot reach any allowed facility, or the limits are too tight to serve
        everybody or a floor; says what would do.
    """
    sites = choice(problem)
    journeys = journeys_of(problem, sites)
    radii = _radii(journeys)
    if len(radii) == 0:
        nobody = np.zeros(journeys.n_sites, bool)
        return Found(without_idle(problem, sites, nobody), 0.0, "proved")
    served = possible(journeys, sites, float(radii[-1]), watch, random_state)
    if served == "impossible":
        refuse(problem, sites, journeys, watch, random_state)
    if not isinstance(served, Served) or served.is_in is None:
        return Found(None, float(radii[0]), watch.reason if watch.is_over else "solver_failed")
    search = _Search(journeys, sites, radii, served.is_in)
    rng = np.random.default_rng(random_state)
    search.improve(watch, rng, 0)
    search.bound(watch)
    search.improve(watch, rng, _SHAKES)
    search.decide(watch, random_state)
    is_proved = search.low == search.high
    return Found(
        without_idle(problem, sites, search.is_in),
        float(radii[search.low]),
        "proved" if is_proved else (watch.reason if watch.is_over else "solver_failed"),
    )


def _radii(journeys: Journeys) -> NDArray[np.float64]:
    """Give the distinct impedances that the longest journey can have, rising."""
    if journeys.n_rows == 0:
        return np.zeros(0)
    least = journeys.nearest(np.ones(journeys.n_sites, bool)).max()
    kept = journeys.kept[np.isfinite(journeys.kept)]
    every = np.unique(np.concatenate([journeys.impedance, kept]))
    return np.asarray(every[every >= least])


class _Search:
    """The bisection: the best plan, and between which radii the least longest journey lies."""

    def __init__(
        self,
        journeys: Journeys,
        sites: Choice,
        radii: NDArray[np.float64],
        is_in: NDArray[np.bool_],
    ) -> None:
        self.journeys, self.sites, self.radii = journeys, sites, radii
        self.low = 0
        self.take(is_in)

    def take(self, is_in: NDArray[np.bool_]) -> None:
        """Note a better plan."""
        self.is_in = is_in
        self.high = int(np.searchsorted(self.radii, self.journeys.nearest(is_in).max()))

    def improve(self, watch: Watch, rng: np.random.Generator, n_idle: int) -> None:
        """Lower the longest journey by greedy covers and local search."""
        low = self.low
        while low < self.high and not watch.is_over:
            middle = (low + self.high) // 2
            radius = float(self.radii[middle])
            trial = self._tried(radius, watch, rng, n_idle)
            if keeps_rules(self.journeys, self.sites, float(self.radii[self.high]), trial):
                self.take(trial)
            if self.high > middle:
                low = middle + 1

    def _tried(
        self, radius: float, watch: Watch, rng: np.random.Generator, n_idle: int
    ) -> NDArray[np.bool_]:
        """Give a greedy cover if there is one, else what local search makes of the best plan."""
        needed = cover(self.journeys, self.sites, radius)
        trial = greedy_cover(needed, self.sites)
        if trial is not None and keeps_rules(self.journeys, self.sites, radius, trial):
            return trial
        place = beyond(rows_of(self.journeys, needed.row), self.sites, radius)
        return iterated(place, improved(place, self.is_in, watch), watch, rng, n_idle)

    def bound(self, watch: Watch) -> None:
        """Raise the bound by linear relaxations alone."""
        limit = float(self.sites.n_left) if self.sites.is_counted else self.sites.money_left
        high = self.high
        close = _CLOSE * float(self.radii[high])
        while self.radii[high] - self.radii[self.low] > close and not watch.is_over:
            middle = (self.low + high) // 2
            needed = cover(self.journeys, self.sites, float(self.radii[middle]))
            if fractional(needed, self.sites, watch) > limit:
                self.low = middle + 1
                watch.report(float(self.radii[self.high]), float(self.radii[self.low]))
            else:
                high = middle

    def decide(self, watch: Watch, random_state: int) -> None:
        """Let the solver decide the radii that are left."""
        while self.low < self.high and not watch.is_over:
            middle = (self.low + self.high) // 2
            radius = float(self.radii[middle])
            answer = possible(self.journeys, self.sites, radius, watch, random_state)
            if answer == "impossible":
                self.low = middle + 1
            elif isinstance(answer, Served) and answer.is_in is not None:
                self.take(answer.is_in)
            else:
                return
            watch.report(float(self.radii[self.high]), float(self.radii[self.low]))

"""p-median: the plan with the least travel of all people, and the proof of how good it is.

Local search for the plan, the Lagrangian bound for the proof; what the bound cannot decide goes to
branch and bound, and what that leaves, or floors restrict, to HiGHS.
"""

from __future__ import annotations

import numpy as np

from planner.models.choice import choice
from planner.models.journeys import fixed, journeys_of
from planner.models.pmedian import median
from planner.problem import SitingProblem
from planner.solve.found import Found
from planner.solve.ground import greedy, ground
from planner.solve.highs import optimise
from planner.solve.idle import without_idle
from planner.solve.interchange import improved, iterated, value
from planner.solve.median_best import Best
from planner.solve.median_bound import Prices, first_prices, raised, verdict
from planner.solve.median_tree import explored, narrowed
from planner.solve.radius import Served, possible
from planner.solve.shortfall import refuse
from planner.solve.watch import Watch

_SHAKES = 30
"""Shakes in vain after which the local search ends."""
_STEPS, _ROUNDS = 100, 8
"""Steps of the bound between two looks at the watch, and how often."""
_NODES, _NO_END = 1000, 2**62
"""Nodes of branch and bound after which HiGHS takes over, and for no end."""
_MOST = 2_000_000
"""Journeys that are too many for HiGHS."""
_DEARER = (1.0, 30.0)
"""What a journey beyond the standard costs on top in the search for floors, in mean journeys."""


def solve_pmedian(problem: SitingProblem, watch: Watch, random_state: int) -> Found:
    """Find the plan with the least sum of people × impedance.

    Parameters
    ----------
    problem
        The question, with impedances.
    watch
        When to stop; the best plan and bound so far are returned.
    random_state
        Seed of the search.

    Raises
    ------
    UnanswerableError
        When people cannot reach any allowed facility, or the limits are too tight to serve
        everybody or a floor; says what would do.
    """
    sites = choice(problem)
    journeys = journeys_of(problem, sites)
    best = Best.none_yet(journeys, sites, ground(journeys, sites))
    rng = np.random.default_rng(random_state)
    everything = np.ones(journeys.n_sites, bool)
    ideal = float((journeys.people * journeys.nearest(everything)).sum())
    if not _has_plan(best, watch, rng, random_state):
        if not watch.is_over:
            refuse(problem, sites, journeys, watch, random_state)
        return Found(None, ideal, watch.reason if watch.is_over else "solver_failed")
    bound = _proved(best, ideal, watch, random_state)
    is_proved = bound > best.cut or bound >= best.value
    assert best.is_in is not None  # noqa: S101  there is a plan
    return Found(
        without_idle(problem, sites, best.is_in),
        best.value if is_proved else bound,
        "proved" if is_proved else (watch.reason if watch.is_over else "solver_failed"),
    )


def _has_plan(best: Best, watch: Watch, rng: np.random.Generator, random_state: int) -> bool:
    """Search for a good plan; false when there is none, or none in time."""
    journeys, sites, place = best.journeys, best.sites, best.place
    is_in = improved(place, greedy(place, watch), watch)
    best.offer(is_in)
    places = [place]
    if journeys.has_floors:
        mean = value(place, np.ones(journeys.n_sites, bool)) / max(journeys.people.sum(), 1e-300)
        extra = np.ones(len(journeys.need_people)) * max(mean, 1e-9)
        places += [ground(journeys, sites, times * extra) for times in _DEARER]
    for search in places:
        is_in = iterated(search, improved(search, is_in, watch), watch, rng, _SHAKES)
        best.offer(is_in)
    if best.is_in is None:
        served = possible(journeys, sites, np.inf, watch, random_state)
        if not isinstance(served, Served) or served.is_in is None:
            return False
        best.offer(served.is_in)
        for search in places:
            best.offer(improved(search, served.is_in, watch))
    return best.is_in is not None


def _proved(best: Best, ideal: float, watch: Watch, random_state: int) -> float:
    """Improve plan and bound until they meet or time is over; give the bound."""
    if best.value <= ideal or best.sites.n_left <= 0:
        return best.value
    prices = _priced(best, watch)
    bound = max(ideal, prices.bound)
    if bound > best.cut or watch.is_over:
        return bound
    if not best.journeys.has_floors:
        n_nodes = _NODES if len(best.journeys.site) <= _MOST else _NO_END
        bound = max(bound, explored(best, prices.u, watch, n_nodes))
    if bound > best.cut or watch.is_over:
        return bound
    return max(bound, _by_highs(best, prices, bound, watch, random_state))


def _priced(best: Best, watch: Watch) -> Prices:
    """Raise the Lagrangian bound until it settles; plans that its sites suggest are tried."""
    assert best.is_in is not None  # noqa: S101  called with a plan
    journeys, sites = best.journeys, best.sites
    prices = first_prices(journeys, best.is_in)
    for _ in range(_ROUNDS):
        prices = raised(journeys, sites, prices, best.value, _STEPS, watch)
        watch.report(best.value, min(prices.bound, best.value))
        if prices.bound > best.cut or prices.has_settled or watch.is_over:
            break
    return prices


def _by_highs(best: Best, prices: Prices, bound: float, watch: Watch, random_state: int) -> float:
    """Let HiGHS decide what the bound leaves open; give its bound."""
    assert best.is_in is not None  # noqa: S101  called with a plan
    ruled = verdict(best.journeys, best.sites, prices, best.value)
    part = fixed(best.journeys, ruled.is_in, ruled.is_out, ruled.most_cost)
    left = narrowed(best.sites, ruled.is_in, ruled.is_out)
    free = np.flatnonzero(~(ruled.is_in | ruled.is_out))
    if len(part.site) == 0:
        return best.value
    model = median(part, left, best.value)

    def only_report(objective: float, dual: float) -> bool:
        now = max(bound, min(model.constant + model.scale * dual, best.value))
        watch.report(min(best.value, model.constant + model.scale * objective), now)
        return False

    answer = optimise(
        model.programme,
        watch,
        start=model.start(part, best.is_in[free]),
        random_state=random_state,
        abs_gap=(1 - 1e-6) / model.scale if best.is_whole else 1e-7,
        is_enough=only_report,
    )
    if answer.values is not None:
        is_in = ruled.is_in.copy()
        is_in[free[answer.values[: len(free)] > 0.5]] = True
        best.offer(is_in)
    found = model.constant + model.scale * answer.objective
    if answer.status == "optimal" and abs(found - best.value) <= 1e-8 * best.value:
        return best.value
    safe = model.constant + model.scale * answer.bound
    return min(best.value, safe - 1e-8 * abs(safe))

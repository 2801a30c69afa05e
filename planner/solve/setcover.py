"""Set covering: the cheapest sites that serve everybody, or a share of the people.

Both questions are reduced (`planner.models.covering`; for everybody further,
`planner.models.lscp.reduced`) and then solved from a greedy plan (`planner.solve.cheapest`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice, choice
from planner.models.covering import Cover, cover
from planner.models.lscp import reduced
from planner.models.pscp import Need, need_of, rows_that_count, sums_by_area
from planner.plan import Reason
from planner.problem import SitingProblem
from planner.solve.cheapest import Cheapest, Limits, Wanted, cheapest
from planner.solve.found import Found
from planner.solve.objective import objective_of
from planner.solve.unattainable import (
    refuse_both,
    refuse_floors,
    refuse_money,
    refuse_number,
    refuse_rows,
    refuse_share,
)
from planner.solve.watch import Watch


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A reduced question: `settled` are facilities of every plan, the kept ones first."""

    problem: SitingProblem
    cover: Cover
    need: Need | None
    settled: NDArray[np.int64]
    n_kept: int
    what: str
    watch: Watch
    random_state: int

    def cheapest(self, price: NDArray[np.float64], limits: Limits) -> Cheapest:
        """Ask for columns beside the settled facilities."""
        wanted = Wanted(self.cover, self.need, price, limits)
        return cheapest(wanted, self.watch, self.random_state)

    def cost_of(self, sites: NDArray[np.int64]) -> float:
        """Give the cost of facilities, open ones too; their number without costs."""
        cost = self.problem.cost_cny
        return float(len(sites)) if cost is None else float(cost[sites].sum())


def solve_lscp(problem: SitingProblem, watch: Watch, random_state: int) -> Found:
    """Find the cheapest sites that serve everybody.

    Raises
    ------
    UnanswerableError
        When somebody is out of reach, or the number of sites or the budget is too small.
    """
    free = choice(problem)
    refuse_rows(problem, free)
    return _everybody(problem, free, watch, random_state, "everybody")


def solve_pscp(problem: SitingProblem, watch: Watch, random_state: int) -> Found:
    """Find the cheapest sites that serve a share of the people.

    Raises
    ------
    UnanswerableError
        When all candidates together do not serve the share or the floors of areas, or the number of
        sites or the budget is too small.
    """
    free = choice(problem)
    whole = cover(problem, free)
    need = need_of(problem, whole.kept_people, whole.kept_area_people)
    refuse_share(problem, need, whole.kept_people, float(whole.people.sum()))
    refuse_floors(problem, _most_by_area(whole))
    what = "the share" if problem.floors is None else "the share and the floors of areas"
    if float(whole.people.sum()) - need.people < whole.people.min(initial=np.inf):
        return _everybody(problem, free, watch, random_state, what)
    case = _Case(problem, whole, need, free.kept, len(free.kept), what, watch, random_state)
    return _found(case, _within(case, whole.cost, free))


def least_for_floors(
    problem: SitingProblem, free: Choice, whole: Cover, watch: Watch, random_state: int
) -> Cheapest:
    """Find the fewest sites (the cheapest under a budget) with which the floors of areas are kept.

    Parameters
    ----------
    problem
        A covering question with floors.
    free, whole
        What `choice` and `cover` make of it.
    watch, random_state
        As for any search.

    Returns
    -------
    Cheapest
        Sites beside the kept facilities, within the limits: a plan to start from. None without an
        error when time ran out before anything was found or proved.

    Raises
    ------
    UnanswerableError
        When no plan keeps the floors: names the area and the largest share there, or how many sites
        or how much money would do.
    """
    need = need_of(replace(problem, share=None), whole.kept_people, whole.kept_area_people)
    refuse_floors(problem, _most_by_area(whole))
    rows = rows_that_count(whole, need)
    part = replace(whole, reach=whole.reach[rows], people=whole.people[rows], area=whole.area[rows])
    case = _Case(
        problem, part, need, free.kept, len(free.kept), "the floors of areas", watch, random_state
    )
    return _within(case, np.ones(len(whole.cost)) if free.is_counted else whole.cost, free)


def _everybody(
    problem: SitingProblem, free: Choice, watch: Watch, random_state: int, what: str
) -> Found:
    """Serve everybody who can be; floors are kept of themselves."""
    settled, rest = reduced(cover(replace(problem, floors=None), free))
    facilities = np.concatenate([free.kept, settled])
    case = _Case(problem, rest, None, facilities, len(free.kept), what, watch, random_state)
    return _found(case, _within(case, rest.cost, free))


def _within(case: _Case, price: NDArray[np.float64], free: Choice) -> Cheapest:
    """Find the cheapest columns within the limits, or say which limit is too tight."""
    beside = case.settled[case.n_kept :]
    limits = Limits(
        free.n_left - len(beside) if free.n_left < len(free.free) else np.inf,
        free.money_left - case.cost_of(beside),
    )
    if case.need is None:
        best = case.cheapest(price, Limits())
        if best.sites is not None and _allow(case, limits, best.sites):
            return best
        if not _may_allow(limits, price, best):
            _refuse_limits(case)
    best = case.cheapest(price, limits)
    if best.state == "infeasible":
        _refuse_limits(case)
    return best


def _allow(case: _Case, limits: Limits, sites: NDArray[np.int64]) -> bool:
    return len(sites) <= limits.n_left and case.cost_of(sites) <= limits.money_left


def _may_allow(limits: Limits, price: NDArray[np.float64], best: Cheapest) -> bool:
    """Whether the bound of a plan without limits leaves room for one within them."""
    least = best.bound / price[0] if len(price) and price[0] > 0 and np.ptp(price) == 0 else 0.0
    return least <= limits.n_left * (1 + 1e-12) and best.bound <= limits.money_left


def _refuse_limits(case: _Case) -> None:
    """Say how many sites, or how much money, or both, would do; no plan keeps the limits."""
    problem, n_settled = case.problem, len(case.settled)
    n_limit = money = np.inf
    if problem.n_sites is not None:
        n_limit = problem.n_sites + int(problem.is_open.sum()) - n_settled
    if problem.budget_cny is not None:
        spent = case.cost_of(case.settled) - case.cost_of(np.flatnonzero(problem.is_open))
        money = problem.budget_cny - spent
    ones = np.ones(len(case.cover.cost))
    few = case.cheapest(ones, Limits(money_left=money))
    if few.sites is not None and problem.n_sites is not None:
        refuse_number(problem, case.what, len(few.sites) + n_settled)
    cheap = case.cheapest(case.cover.cost, Limits(n_left=n_limit))
    if cheap.sites is not None and problem.budget_cny is not None:
        refuse_money(problem, case.what, case.cost_of(np.append(case.settled, cheap.sites)))
    few = case.cheapest(ones, Limits())
    if few.sites is None:
        return
    cheap = case.cheapest(case.cover.cost, Limits(n_left=len(few.sites)))
    sites = few.sites if cheap.sites is None else cheap.sites
    refuse_both(
        problem,
        case.what,
        len(few.sites) + n_settled,
        case.cost_of(np.append(case.settled, sites)),
    )


def _found(case: _Case, best: Cheapest) -> Found:
    """Add the settled facilities, and count as the model does."""
    offset = objective_of(case.problem, case.settled)
    if best.sites is None:
        return Found(None, offset + best.bound, _why(case, best))
    facilities = np.sort(np.concatenate([case.settled, best.sites]))
    if best.state == "proved":
        is_as_before = np.array_equal(facilities, np.flatnonzero(case.problem.is_open))
        reason: Reason = "nobody_left" if is_as_before else "proved"
        return Found(facilities, objective_of(case.problem, facilities), reason)
    return Found(facilities, offset + best.bound, _why(case, best))


def _why(case: _Case, best: Cheapest) -> Reason:
    return "solver_failed" if best.state == "failed" else case.watch.reason


def _most_by_area(whole: Cover) -> NDArray[np.float64]:
    """Give the people whom kept facilities and all free candidates serve, by area."""
    n_areas = len(whole.kept_area_people)
    return whole.kept_area_people + sums_by_area(whole.area, whole.people, n_areas)

"""Why no plan serves everybody within the limits, and the least number or budget that would."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geodata.errors import UnanswerableError
from planner.models.choice import MONEY_SLACK, Choice
from planner.models.journeys import Journeys
from planner.problem import SitingProblem
from planner.solve.objective import cost_of
from planner.solve.radius import Served, least
from planner.solve.watch import Watch


def refuse(
    problem: SitingProblem, sites: Choice, journeys: Journeys, watch: Watch, random_state: int
) -> None:
    """Say what limits would do for a question that has no plan; silent when time is too short.

    Raises
    ------
    UnanswerableError
        With the least number or the least budget that would do as `least`; when it takes both, the
        budget is `least_cny`.
    """
    n_open = int(problem.is_open.sum())
    number, money, spare = len(sites.free), np.inf, 0.0
    if problem.n_sites is not None:
        number = min(number, problem.n_sites + n_open - len(sites.kept))
    if problem.budget_cny is not None:
        spare = cost_of(problem, np.flatnonzero(problem.is_open)) - cost_of(problem, sites.kept)
        money = problem.budget_cny + spare + MONEY_SLACK * max(1.0, problem.budget_cny)

    def asked(n: int, most_money: float, *, by_cost: bool) -> Served:
        limits = replace(sites, n_left=n, money_left=most_money)
        return least(journeys, limits, np.inf, watch, random_state, by_cost=by_cost)

    new = len(sites.kept) - n_open
    fewest = asked(len(sites.free), money, by_cost=False)
    if fewest.is_certain and np.isfinite(fewest.least):
        raise UnanswerableError(
            "{n} new sites are too few to serve everybody and every floor; {least} would do",
            n=problem.n_sites,
            least=int(fewest.least) + new,
        )
    cheapest = asked(number, np.inf, by_cost=True)
    if cheapest.is_certain and np.isfinite(cheapest.least):
        raise UnanswerableError(
            "a budget of {budget} CNY is too small to serve everybody and every floor;"
            " {least} CNY would do",
            budget=f"{problem.budget_cny:.10g}",
            least=f"{cheapest.least - spare:.10g}",
        )
    fewest = asked(len(sites.free), np.inf, by_cost=False)
    if not (fewest.is_certain and np.isfinite(fewest.least)):
        return
    cheapest = asked(int(fewest.least), np.inf, by_cost=True)
    if cheapest.is_certain and np.isfinite(cheapest.least):
        raise UnanswerableError(
            "{n} new sites and a budget of {budget} CNY are too little to serve everybody and every"
            " floor; {least} sites and {least_cny} CNY would do",
            n=problem.n_sites,
            budget=f"{problem.budget_cny:.10g}",
            least=int(fewest.least) + new,
            least_cny=f"{cheapest.least - spare:.10g}",
        )

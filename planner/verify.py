"""Re-check every claim of a plan by other means; shares no code with the models or the solvers."""

from __future__ import annotations

import math

import numpy as np

from geodata.errors import YizhanError
from planner.plan import SitingPlan
from planner.siting import SitingProblem

_TOLERANCE = 1e-6


class BrokenPlanError(YizhanError):
    """A plan claims something that is not so; it must not be shown."""


def verify(problem: SitingProblem, plan: SitingPlan) -> None:
    """Count again, in plain Python, all that a plan claims.

    Parameters
    ----------
    problem
        The question.
    plan
        The answer to be checked.

    Raises
    ------
    BrokenPlanError
        Naming the first claim that does not hold.
    """
    chosen = [int(j) for j in plan.chosen]
    n_candidates = problem.reach.shape[1]
    _demand(len(set(chosen)) == len(chosen), "a site is chosen twice")
    _demand(all(0 <= j < n_candidates for j in chosen), "a site is not among the candidates")
    _demand(not any(problem.is_open[j] for j in chosen), "an existing station is chosen as new")
    if problem.n_sites is not None:
        _demand(len(chosen) <= problem.n_sites, "more sites are chosen than asked for")
    cost_cny = 0.0
    if problem.cost_cny is not None:
        cost_cny = math.fsum(float(problem.cost_cny[j]) for j in chosen)
    if problem.budget_cny is not None:
        _demand(cost_cny <= problem.budget_cny * (1 + 1e-12), "the plan costs more than the budget")
    _demand(_same(cost_cny, plan.cost_cny), "the stated cost is not the sum of the sites' costs")
    _check_people(problem, plan, chosen)
    _check_proof(plan)


def _check_people(problem: SitingProblem, plan: SitingPlan, chosen: list[int]) -> None:
    """Serve people site by site and compare with the stated gains and objective."""
    reached_by = _rows_by_column(problem, chosen)
    served: set[int] = set()
    for open_site in np.flatnonzero(problem.is_open):
        served |= reached_by.get(int(open_site), set())
    already = _people(problem, served)
    gains = [float(g) for g in plan.gains_people]
    _demand(len(gains) == len(chosen), "there is not one gain for each site")
    for j, gain in zip(chosen, gains, strict=True):
        added = reached_by.get(j, set()) - served
        _demand(_same(_people(problem, added), gain), "a site's stated gain is not what it adds")
        served |= added
    total = _people(problem, served)
    _demand(_same(total, plan.objective), "the stated objective is not the number of people served")
    _demand(_same(already + math.fsum(gains), plan.objective), "gains and objective disagree")


def _check_proof(plan: SitingPlan) -> None:
    slack = _TOLERANCE * max(1.0, abs(plan.objective))
    _demand(plan.objective <= plan.bound + slack, "the objective is above its bound")
    gap = (plan.bound - plan.objective) / plan.bound if plan.bound > 0 else 0.0
    _demand(abs(gap - plan.gap) <= 1e-9, "the stated gap does not follow from objective and bound")
    _demand((plan.outcome == "optimal") == (plan.gap == 0.0), "optimal and a gap of 0 go together")
    is_proved = plan.reason in ("proved", "nobody_left")
    _demand((plan.outcome == "optimal") == is_proved, "outcome and reason contradict each other")


def _rows_by_column(problem: SitingProblem, chosen: list[int]) -> dict[int, set[int]]:
    columns: dict[int, set[int]] = {}
    coo = problem.reach.tocoo()
    used = np.isin(coo.col, [*chosen, *np.flatnonzero(problem.is_open)]) & (coo.data != 0)
    for i, j in zip(coo.row[used], coo.col[used], strict=True):
        columns.setdefault(int(j), set()).add(int(i))
    return columns


def _people(problem: SitingProblem, rows: set[int]) -> float:
    return math.fsum(float(problem.people[i]) for i in rows)


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= _TOLERANCE * max(1.0, abs(a), abs(b))


def _demand(holds: bool, claim: str) -> None:
    if not holds:
        raise BrokenPlanError("the plan does not hold: {claim}", claim=claim)

"""Where should the next stations go? The way from the question to its answer.

>>> import numpy as np
>>> from scipy.sparse import csr_array
>>> reach = csr_array(np.array([[1, 0], [1, 0], [0, 1]]))
>>> plan = solve(SitingProblem.mclp(reach, np.array([3.0, 4.0, 5.0]), n_sites=1))
>>> plan.chosen.tolist(), plan.objective, plan.outcome
([0], 7.0, 'optimal')
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from planner.plan import Outcome, Reason, SitingPlan
from planner.problem import AreaFloors, Model, Rules, SitingProblem
from planner.solve.capacitated import solve_capacitated
from planner.solve.center import solve_pcenter
from planner.solve.found import Found
from planner.solve.maximal import solve_mclp
from planner.solve.median import solve_pmedian
from planner.solve.objective import assigned, cost_of, gains_in_order, objective_of
from planner.solve.setcover import solve_lscp, solve_pscp
from planner.solve.watch import Progress, Watch, watched

__all__ = ["AreaFloors", "Progress", "Rules", "SitingPlan", "SitingProblem", "solve"]

PROVED = 1e-9
"""Relative difference that is only rounding of sums in double precision."""

_SOLVERS: dict[Model, Callable[[SitingProblem, Watch, int], Found]] = {
    "lscp": solve_lscp,
    "mclp": solve_mclp,
    "pscp": solve_pscp,
    "pmedian": solve_pmedian,
    "pcenter": solve_pcenter,
    "capacitated": solve_capacitated,
}


def solve(
    problem: SitingProblem,
    *,
    time_limit_s: float = 60.0,
    random_state: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> SitingPlan:
    """Answer a siting question.

    Ctrl-C ends the search and gives the best plan so far, like the time limit.

    Parameters
    ----------
    problem
        The question.
    time_limit_s
        When to stop proving; the best plan so far is returned with its gap.
    random_state
        Seed of the search; the same seed gives the same plan when the search ends by itself.
    on_progress
        Called, from another thread, with each improvement of plan or bound.

    Returns
    -------
    SitingPlan
        Never ``optimal`` with a gap. Sites that would add nobody are not chosen.

    Raises
    ------
    InvalidInputError
        When the time limit is not above 0.
    UnanswerableError
        When no plan can keep the rules; names who cannot be served and the smallest standard,
        budget or number that would do.
    """
    if not time_limit_s > 0:
        raise InvalidInputError("a time limit of {seconds} s is not above 0", seconds=time_limit_s)
    watch = Watch(time_limit_s, on_progress)
    search = _SOLVERS[problem.model]
    found = watched(lambda: search(problem, watch, random_state), watch)
    return _plan(problem, found, watch)


def _plan(problem: SitingProblem, found: Found, watch: Watch) -> SitingPlan:
    if found.facilities is None:
        return _no_plan(problem, found, watch)
    is_in = np.zeros(len(problem.is_open), bool)
    is_in[found.facilities] = True
    closed = np.flatnonzero(problem.is_open & ~is_in)
    chosen = np.flatnonzero(~problem.is_open & is_in)
    if problem.model in ("mclp", "lscp", "pscp"):
        chosen, gains = gains_in_order(problem, np.flatnonzero(problem.is_open & is_in), chosen)
        served_by = None
    else:
        served_by, gains = assigned(problem, found.facilities, chosen)
    facilities = np.concatenate([np.flatnonzero(problem.is_open & is_in), chosen])
    objective = objective_of(problem, facilities)
    outcome, bound, reason = _proof(objective, found.bound, found.reason)
    return SitingPlan(
        chosen=chosen,
        closed=closed,
        gains_people=gains,
        assigned=served_by,
        objective=objective,
        bound=bound,
        gap=_gap(objective, bound),
        outcome=outcome,
        reason=reason,
        model=problem.model,
        seconds=watch.seconds,
        cost_cny=cost_of(problem, chosen) - cost_of(problem, closed),
    )


def _proof(objective: float, bound: float, reason: Reason) -> tuple[Outcome, float, Reason]:
    """Say what is proved; a bound that differs only by rounding is the objective itself."""
    if abs(bound - objective) <= PROVED * max(1.0, abs(objective)):
        return "optimal", objective, reason if reason == "nobody_left" else "proved"
    if reason in ("proved", "nobody_left"):
        # The search and the recount disagree by more than rounding: claim no proof.
        reason = "solver_failed"
    return "feasible", bound, reason


def _gap(objective: float, bound: float) -> float:
    if objective == bound:
        return 0.0
    if not np.isfinite(bound):
        return 1.0
    return float(min(1.0, abs(bound - objective) / max(abs(bound), abs(objective))))


def _no_plan(problem: SitingProblem, found: Found, watch: Watch) -> SitingPlan:
    nobody: NDArray[np.int64] = np.zeros(0, np.int64)
    return SitingPlan(
        chosen=nobody,
        closed=nobody,
        gains_people=np.zeros(0),
        assigned=None,
        objective=float("nan"),
        bound=found.bound,
        gap=1.0,
        outcome="no_solution",
        reason=found.reason,
        model=problem.model,
        seconds=watch.seconds,
        cost_cny=0.0,
    )

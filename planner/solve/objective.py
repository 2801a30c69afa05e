"""What a set of facilities is worth, for each model; the definitions in code."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.problem import SitingProblem
from planner.solve.flow import most_served
from planner.solve.greedy import ordered_gains


def objective_of(problem: SitingProblem, facilities: NDArray[np.int64]) -> float:
    """Give the value of a set of facilities (`planner.plan.SitingPlan.objective`).

    Parameters
    ----------
    problem
        The question.
    facilities
        All facilities of a plan, existing ones included.

    Returns
    -------
    float
        Infinite when a p-median or p-centre plan leaves somebody without a facility.
    """
    if problem.model == "mclp":
        return float(problem.people[_is_served(problem, facilities)].sum())
    if problem.model == "capacitated":
        return float(most_served(problem, facilities).sum())
    if problem.model in ("lscp", "pscp"):
        counted = facilities if problem.may_close else facilities[~problem.is_open[facilities]]
        return cost_of(problem, counted) if problem.cost_cny is not None else float(len(counted))
    impedance = nearest(problem, facilities)[1]
    waiting = problem.people > 0
    if problem.model == "pcenter":
        return float(impedance[waiting].max(initial=0.0))
    return float(problem.people[waiting] @ impedance[waiting])


def cost_of(problem: SitingProblem, sites: NDArray[np.int64]) -> float:
    """Give the cost of opening sites; 0 without costs."""
    return 0.0 if problem.cost_cny is None else float(problem.cost_cny[sites].sum())


def nearest(
    problem: SitingProblem, facilities: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Give each demand point's nearest facility and the impedance to it; -1 and infinite if none.

    Of equally near ones the lowest number serves.
    """
    travel = problem.travel
    if travel is None:
        message = "this model has no impedances"
        raise TypeError(message)
    is_in = np.zeros(travel.shape[1], bool)
    is_in[facilities] = True
    used = is_in[travel.indices]
    rows = np.repeat(np.arange(travel.shape[0]), np.diff(travel.indptr))[used]
    columns, impedances = travel.indices[used], travel.data[used]
    order = np.lexsort((columns, impedances, rows))
    first = order[np.unique(rows[order], return_index=True)[1]]
    who = np.full(travel.shape[0], -1, np.int64)
    how_far = np.full(travel.shape[0], np.inf)
    who[rows[first]], how_far[rows[first]] = columns[first], impedances[first]
    return who, how_far


def assigned(
    problem: SitingProblem, facilities: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64] | None, NDArray[np.float64]]:
    """Give who serves each demand point (None when several may), and the people of each chosen."""
    n_candidates = problem.reach.shape[1]
    if problem.model == "capacitated":
        flow = most_served(problem, facilities)
        return None, np.asarray(flow.sum(axis=0)).ravel()[chosen]
    who = nearest(problem, facilities)[0]
    is_served = who >= 0
    people = np.zeros(n_candidates)
    np.add.at(people, who[is_served], problem.people[is_served])
    return who, people[chosen]


def gains_in_order(
    problem: SitingProblem, staying: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Order chosen sites by what each adds to the staying facilities and the sites before it.

    Sites that add nobody are left out, unless they are required.
    """
    left = np.where(_is_served(problem, staying), 0.0, problem.people)
    order, gains = ordered_gains(problem.reach, left, chosen)
    idle = np.setdiff1d(chosen[problem.is_required[chosen]], order)
    return np.concatenate([order, idle]), np.concatenate([gains, np.zeros(len(idle))])


def _is_served(problem: SitingProblem, facilities: NDArray[np.int64]) -> NDArray[np.bool_]:
    is_in = np.zeros(problem.reach.shape[1], np.int32)
    is_in[facilities] = 1
    return np.asarray(problem.reach @ is_in) > 0

"""Plans without sites that serve nobody, and without closing what need not be closed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice
from planner.problem import SitingProblem
from planner.solve.objective import gains_in_order, nearest


def without_idle(
    problem: SitingProblem, sites: Choice, is_in: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Give the facilities of a p-median or p-centre plan, idle new sites left out.

    Existing facilities that the limits leave room for are not closed, those cheapest to keep first;
    nobody's journey gets longer by that.

    Parameters
    ----------
    problem, sites
        The question.
    is_in
        Shape (n_free,): free candidates in the plan.

    Returns
    -------
    ndarray
        Positions in the full problem, rising.
    """
    is_in = _needed(problem, sites, is_in)
    is_old = problem.is_open[sites.free]
    n_left = sites.n_left - int(is_in.sum())
    money = sites.money_left - float(sites.cost[is_in].sum())
    closed = np.flatnonzero(is_old & ~is_in)
    for j in closed[np.argsort(sites.cost[closed], kind="stable")]:
        if n_left > 0 and (sites.is_counted or sites.cost[j] <= money):
            is_in[j] = True
            n_left -= 1
            money -= float(sites.cost[j])
    if is_in[closed].any():
        is_in = _needed(problem, sites, is_in)
    return _facilities(sites, is_in)


def with_spare(
    problem: SitingProblem, sites: Choice, facilities: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give a covering plan that closes no more existing facilities than its limits ask for.

    Parameters
    ----------
    problem, sites
        The question.
    facilities
        Positions in the full problem.

    Returns
    -------
    ndarray
        Positions in the full problem, rising; nobody served by the plan given is lost.
    """
    is_in = np.zeros(len(problem.is_open), bool)
    is_in[facilities] = True
    staying = np.flatnonzero(problem.is_open & is_in)
    chosen = gains_in_order(problem, staying, np.flatnonzero(~problem.is_open & is_in))[0]
    is_in[:] = False
    is_in[np.concatenate([staying, chosen])] = True
    free_in = is_in[sites.free]
    n_left = sites.n_left - int(free_in.sum())
    money = sites.money_left - float(sites.cost[free_in].sum())
    closed = np.flatnonzero(problem.is_open[sites.free] & ~free_in)
    for j in closed[np.argsort(sites.cost[closed], kind="stable")]:
        if n_left > 0 and (sites.is_counted or sites.cost[j] <= money):
            is_in[sites.free[j]] = True
            n_left -= 1
            money -= float(sites.cost[j])
    return np.flatnonzero(is_in)


def _needed(problem: SitingProblem, sites: Choice, is_in: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Leave out new sites that nobody with people is assigned to."""
    who = nearest(problem, _facilities(sites, is_in))[0]
    serves = np.zeros(len(problem.is_open), bool)
    serves[who[(who >= 0) & (problem.people > 0)]] = True
    return is_in & (serves | problem.is_open)[sites.free]


def _facilities(sites: Choice, is_in: NDArray[np.bool_]) -> NDArray[np.int64]:
    return np.sort(np.concatenate([sites.kept, sites.free[is_in]])).astype(np.int64)

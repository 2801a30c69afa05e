"""Whether the limits allow a plan that serves everybody within a radius, and what least would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.models.choice import Choice
from planner.models.journeys import Journeys, meets_floors
from planner.models.pcenter import Cover, cover, programme
from planner.models.programme import Programme
from planner.solve.highs import optimise
from planner.solve.watch import Watch

_ROUNDING = 1e-6
"""Rounding of the solver, against a whole number of sites or the whole budget."""
_VALUE_IN_SOLVER = 1e3


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """What is known about serving everybody within a radius.

    Attributes
    ----------
    is_in
        Shape (n_sites,): the best plan found; None for none.
    least
        No plan needs less, in sites or in money; infinite when there is none.
    is_certain
        False when the solver stopped early.
    """

    is_in: NDArray[np.bool_] | None
    least: float
    is_certain: bool


def keeps_rules(journeys: Journeys, sites: Choice, radius: float, is_in: NDArray[np.bool_]) -> bool:
    """Say whether a plan serves everybody within a radius and keeps limits and floors."""
    if int(is_in.sum()) > sites.n_left or float(sites.cost[is_in].sum()) > sites.money_left:
        return False
    near = journeys.nearest(is_in)
    if not (np.isfinite(near) & (near <= radius)).all():
        return False
    return meets_floors(journeys, near)


def possible(
    journeys: Journeys, sites: Choice, radius: float, watch: Watch, random_state: int
) -> Served | Literal["impossible", "unknown"]:
    """Find a plan that serves everybody within a radius.

    Parameters
    ----------
    journeys, sites, radius
        The question.
    watch, random_state
        When to stop, and the seed of the solver.

    Returns
    -------
    Served or str
        A plan that keeps the rules, or why there is none.
    """
    needed = cover(journeys, sites, radius)
    if not needed.matrix.sum(axis=1).all():
        return "impossible"
    quick = greedy_cover(needed, sites)
    if quick is not None and keeps_rules(journeys, sites, radius, quick):
        return Served(quick, 0.0, is_certain=True)
    by_cost = not sites.is_counted
    limit = sites.money_left if by_cost else float(sites.n_left)
    served = least(
        journeys, sites, radius, watch, random_state, by_cost=by_cost, limit=limit, needed=needed
    )
    if served.is_in is not None and keeps_rules(journeys, sites, radius, served.is_in):
        return served
    return "impossible" if served.least > limit else "unknown"


def least(
    journeys: Journeys,
    sites: Choice,
    radius: float,
    watch: Watch,
    random_state: int,
    *,
    by_cost: bool,
    limit: float | None = None,
    needed: Cover | None = None,
) -> Served:
    """Find the least number, or cost, of sites that serve everybody within a radius.

    Parameters
    ----------
    journeys, sites, radius
        The question; the limit that is not made least holds.
    watch, random_state
        When to stop, and the seed of the solver.
    by_cost
        Whether cost is made least, else the number.
    limit
        A value at which the search may end: a plan within it is found, or there is none.
    needed
        What `planner.models.pcenter.cover` gives.
    """
    if needed is None:
        needed = cover(journeys, sites, radius, by_cost=by_cost)
    model = programme(journeys, sites, radius, needed, by_cost=by_cost)
    if len(model.objective) == 0:
        return Served(np.zeros(journeys.n_sites, bool), 0.0, is_certain=True)
    scale = 1.0
    if by_cost:
        scale = max(float(sites.cost.max(initial=0.0)), limit or 0.0, 1e-300) / _VALUE_IN_SOLVER
        model.objective[:] /= scale

    def is_enough(value: float, bound: float) -> bool:
        return limit is not None and (value * scale <= limit or bound > limit / scale + _ROUNDING)

    answer = optimise(
        model,
        watch,
        random_state=random_state,
        abs_gap=1e-7 if by_cost else 1 - _ROUNDING,
        is_enough=is_enough,
    )
    is_in = None
    if answer.values is not None:
        is_in = np.zeros(journeys.n_sites, bool)
        is_in[needed.site] = answer.values[: len(needed.site)] > 0.5
    if answer.status == "infeasible":
        return Served(None, np.inf, is_certain=True)
    bound = answer.bound * scale
    if not by_cost:
        bound = float(np.ceil(bound - _ROUNDING)) if np.isfinite(bound) else bound
    elif answer.status == "optimal" and is_in is not None:
        bound = float(sites.cost[is_in].sum())
    return Served(is_in, bound, answer.status == "optimal")


def fractional(needed: Cover, sites: Choice, watch: Watch) -> float:
    """Give a number, or with a budget a cost, that no plan which covers all rows is below.

    The bound is that of the linear relaxation's duals, scaled until they are feasible, so that it
    holds however exact they are; 0 when there is no time.
    """
    n_rows, n_sites = needed.matrix.shape
    price = np.ones(n_sites) if sites.is_counted else sites.cost[needed.site]
    unit = max(float(price.max(initial=0.0)), 1e-300)
    if n_rows == 0:
        return 0.0
    relaxation = Programme(
        objective=price / unit,
        lower=np.zeros(n_sites),
        upper=np.full(n_sites, np.inf),
        is_integer=np.zeros(n_sites, bool),
        matrix=csr_array(needed.matrix, dtype=np.float64),
        row_lower=np.ones(n_rows),
        row_upper=np.full(n_rows, np.inf),
        is_maximum=False,
    )
    duals = optimise(relaxation, watch, method="ipm").row_duals
    if len(duals) != n_rows:
        return 0.0
    duals = np.maximum(duals, 0.0)
    earned, allowed = needed.matrix.T @ duals, price / unit
    duals[np.asarray(needed.matrix[:, allowed <= 0.0].sum(axis=1)) > 0] = 0.0
    is_dear = allowed > 0.0
    excess = float((earned[is_dear] / allowed[is_dear]).max(initial=1.0))
    return float(duals.sum()) / excess * unit * (1 - 1e-12)


def greedy_cover(needed: Cover, sites: Choice) -> NDArray[np.bool_] | None:
    """Take the site that covers most rows (per cost with a budget) until all are covered.

    None when it has not come to an end within the limits.
    """
    price = np.ones(len(needed.site)) if sites.is_counted else sites.cost[needed.site]
    unit = np.maximum(price, 1e-9)
    columns = needed.matrix.tocsc()
    left = np.ones(needed.matrix.shape[0], np.float32)
    is_in = np.zeros(len(sites.free), bool)
    gains = np.asarray(columns.T @ left)
    for _ in range(sites.n_left):
        if not left.any():
            break
        best = int(np.argmax(gains / unit))
        is_in[needed.site[best]] = True
        rows = columns.indices[columns.indptr[best] : columns.indptr[best + 1]]
        new = rows[left[rows] > 0]
        left[new] = 0.0
        gains -= np.asarray(needed.matrix[new].sum(axis=0))
    return None if left.any() else is_in

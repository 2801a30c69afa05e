r"""How good a p-median plan can be: the Lagrangian bound, and what it decides for good.

With :math:`c_{ij}` people × impedance, a price :math:`u_i` for serving row i and
:math:`\rho_j = \sum_i \min(0, c_{ij} - u_i)`, no plan of at most n sites costs less than

.. math::
    L(u, \lambda) = \sum_i u_i - \lambda B
    + \min_{|S| \le n} \sum_{j \in S} (\rho_j + \lambda b_j)

for any u not above the cost of the kept facility and any :math:`\lambda \ge 0`, the price of a unit
of the budget B (Cornuejols, Fisher and Nemhauser 1977, Location of bank accounts to optimize float,
Management Science 23; Beasley 1985, A note on solving large p-median problems, European Journal of
Operational Research 21). Floors are left out, which only lowers the bound. u is improved along
subgradients (`planner.solve.subgradient`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice
from planner.models.journeys import Journeys
from planner.solve.subgradient import ROUNDING, SHORTEST, ascend, first_state
from planner.solve.watch import Watch

_F = NDArray[np.float64]
_WORK = 10_000_000
"""Journeys times steps between two looks at the watch."""


@dataclass(frozen=True, slots=True, eq=False)
class Prices:
    r"""Multipliers and the bound they prove.

    Attributes
    ----------
    u
        Shape (n_rows,).
    bound
        Valid, rounding taken off.
    reduced
        Shape (n_sites,): :math:`\rho_j + \lambda b_j`.
    step
        Length of the next steps, 0 to 1.
    share
        Shape (n_sites,): how often the last prices asked for each site; near the linear optimum.
    """

    u: _F
    bound: float
    reduced: _F
    step: float
    share: _F

    @property
    def has_settled(self) -> bool:
        """True when more steps would hardly help."""
        return self.step < SHORTEST


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What no plan as good as the best known can do without, or have.

    Attributes
    ----------
    is_in, is_out
        Shape (n_sites,).
    most_cost
        Shape (n_rows,): no row's journey costs more.
    """

    is_in: NDArray[np.bool_]
    is_out: NDArray[np.bool_]
    most_cost: _F


def first_prices(journeys: Journeys, is_in: NDArray[np.bool_]) -> Prices:
    """Start between the nearest and the second nearest facility of a plan.

    Parameters
    ----------
    journeys
        The question.
    is_in
        Shape (n_sites,): a plan.
    """
    cost, row = journeys.cost, journeys.row
    kept = journeys.people * journeys.kept
    used = np.flatnonzero(is_in[journeys.site])
    is_first = np.ones(len(used), bool)
    is_first[1:] = np.diff(row[used]) != 0
    near = kept.copy()
    near[row[used[is_first]]] = cost[used[is_first]]
    is_second = np.zeros(len(used), bool)
    is_second[1:] = is_first[:-1] & ~is_first[1:]
    next_near = kept.copy()
    next_near[row[used[is_second]]] = cost[used[is_second]]
    near = np.where(np.isinf(near), 0.0, near)
    next_near = np.where(np.isinf(next_near), near, next_near)
    nothing = np.zeros(journeys.n_sites)
    return Prices((near + next_near) / 2, -np.inf, nothing, 1.0, nothing)


def raised(
    journeys: Journeys, sites: Choice, prices: Prices, target: float, n_steps: int, watch: Watch
) -> Prices:
    """Improve a bound.

    Parameters
    ----------
    journeys, sites
        The question.
    prices
        Where to start.
    target
        A value the bound will hardly pass: that of the best plan.
    n_steps
        Number of steps.
    watch
        Ends it sooner.

    Returns
    -------
    Prices
        The best met, not below those given.
    """
    cost, kept = journeys.cost, journeys.people * journeys.kept
    state = first_state(np.minimum(prices.u, kept), prices.step, journeys.n_sites)
    chunk = max(1, _WORK // max(1, len(journeys.site)))
    while n_steps > 0:
        ascend(
            (journeys.start, journeys.site, cost, kept),
            (sites.cost, sites.n_left, sites.money_left),
            state,
            target,
            min(chunk, n_steps),
        )
        n_steps -= chunk
        if watch.is_over:
            break
    _, _, share, best_u, best_reduced, (bound, step, _) = state
    if bound < prices.bound:
        return Prices(prices.u, prices.bound, prices.reduced, float(step), share)
    return Prices(best_u, float(bound), best_reduced, float(step), share)


def verdict(journeys: Journeys, sites: Choice, prices: Prices, best: float) -> Verdict:
    """Decide what a bound decides: whatever would lift it above the best known value.

    Parameters
    ----------
    journeys, sites, prices
        The question and its bound.
    best
        Value of the best plan; plans as good as that are not ruled out.
    """
    reduced, n = prices.reduced, sites.n_left
    order = np.argsort(reduced, kind="stable")
    last = min(0.0, float(reduced[order[n - 1]])) if n <= len(order) else 0.0
    following = min(0.0, float(reduced[order[n]])) if n < len(order) else 0.0
    room = max(0.0, best - prices.bound) + ROUNDING * abs(best)
    is_top = np.zeros(len(order), bool)
    is_top[order[:n]] = True
    is_top &= reduced < 0
    rise_in = np.where(is_top, 0.0, reduced - last)
    rise_out = np.where(is_top, following - reduced, 0.0)
    cost, row = journeys.cost, journeys.row
    is_possible = np.maximum(0.0, cost - prices.u[row]) + rise_in[journeys.site] <= room
    most = np.zeros(journeys.n_rows)
    np.maximum.at(most, row[is_possible], cost[is_possible])
    kept = journeys.people * journeys.kept
    most = np.where(kept - prices.u <= room, np.inf, most)
    return Verdict(rise_out > room, rise_in > room, most)

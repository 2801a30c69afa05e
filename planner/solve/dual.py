r"""Upper bounds of maximal covering, valid whatever multipliers they come from.

The rows :math:`z_i \le \sum_j y_j`, the floors and the budget are priced with multipliers
:math:`u, v, \lambda \ge 0` (Galvao and ReVelle 1996, A Lagrangean heuristic for the maximal
covering location problem, European Journal of Operational Research 88):

.. math::
    L = \sum_i \max(0, a_i (1 + v_{k(i)}) - u_i) - \sum_k v_k D_k + \lambda B
        + \sum_{\text{top } p} \max\Bigl(0, \sum_{i \in j} u_i - \lambda c_j\Bigr).

By weak duality L is never below the optimum, so multipliers may come from a subgradient search or
from the duals of a linear programme, finished or not; the bound is always this sum, counted anew.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.models.mclp import Maximal, programme
from planner.solve.highs import optimise
from planner.solve.watch import Watch

_ROUNDING = 1e-11
"""Relative error that sums in double precision may have; added to every bound."""

LINEAR_PAIRS = 3_000_000
"""Largest reach whose linear relaxation takes seconds, not minutes."""

_CHUNK = 25


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """Multipliers and what follows from them.

    Attributes
    ----------
    bound
        No plan serves more people.
    fall
        Shape (n_columns,): by how much the bound falls when a column is decided the other way than
        in the relaxed plan.
    is_in
        Shape (n_columns,): columns of the relaxed plan.
    prices
        Shape (n_rows,): u.
    """

    bound: float
    fall: NDArray[np.float64]
    is_in: NDArray[np.bool_]
    prices: NDArray[np.float64]


def evaluate(
    question: Maximal,
    prices: NDArray[np.float64],
    floor_prices: NDArray[np.float64] | None = None,
    money_price: float = 0.0,
) -> Dual:
    """Count the bound that multipliers prove.

    Parameters
    ----------
    question
        The question.
    prices
        Shape (n_rows,): u; negative ones count as 0.
    floor_prices
        Shape (n_areas,): v; negative ones count as 0. None for zeros.
    money_price
        People per unit of money; negative counts as 0.
    """
    cover = question.cover
    u = np.maximum(prices, 0.0)
    worth = cover.people.copy()
    total = 0.0
    if floor_prices is not None and len(floor_prices):
        v = np.maximum(np.where(question.floor_people > 0, floor_prices, 0.0), 0.0)
        worth *= 1.0 + np.append(v, 0.0)[cover.area]
        total -= float(v @ np.maximum(question.floor_people, 0.0))
    total += float(np.maximum(worth - u, 0.0).sum())
    merit = cover.reach.T @ u
    if np.isfinite(question.money_left):
        rate = max(0.0, money_price)
        total += rate * question.money_left
        merit = merit - rate * cover.cost
    return _chosen(merit, question.n_left, total, u)


def _chosen(
    merit: NDArray[np.float64], n_left: int, total: float, prices: NDArray[np.float64]
) -> Dual:
    """Take the best columns and see what each decides."""
    order = np.argsort(-merit, kind="stable")
    top = order[:n_left]
    top = top[merit[top] > 0]
    is_in = np.zeros(len(merit), bool)
    is_in[top] = True
    total += float(merit[top].sum())
    is_full = len(top) == n_left
    least = float(merit[top[-1]]) if is_full and len(top) else 0.0
    following = float(max(0.0, merit[order[n_left]])) if n_left < len(order) else 0.0
    fall = np.where(is_in, merit - following, least - merit)
    bound = total + _ROUNDING * max(1.0, abs(total))
    return Dual(bound, np.maximum(fall, 0.0), is_in, prices)


def subgradient(
    question: Maximal, value: float, watch: Watch, *, steps: int, first: Dual | None = None
) -> Dual:
    """Lower the bound by steps against the subgradient (Held, Wolfe and Crowder 1974).

    Floors keep a price of 0; a budget is priced by the fractional knapsack of each step.

    Parameters
    ----------
    question
        The question.
    value
        People of a known plan, towards which the steps aim.
    watch
        Ends the search early.
    steps
        How many.
    first
        Where to begin.
    """
    cover = question.cover
    by_column = cover.reach.T.tocsr()
    columns = by_column.indptr, by_column.indices
    begin = 0.5 * cover.people if first is None else np.minimum(first.prices, cover.people)
    # u, its best, the direction, and [best bound, step factor, steps since, best money price]
    u, best, way = begin.copy(), begin.copy(), np.zeros(len(begin))
    state = np.array([np.inf, 1.0, 0.0, 0.0])
    limits = question.n_left, question.money_left
    done = 0
    while done < steps and not watch.is_over and state[0] > value * (1 + 1e-9):
        n = min(_CHUNK, steps - done)
        _steps(columns, cover.people, cover.cost, limits, value, u, best, way, state, n)
        done += n
    found = evaluate(question, best, None, float(state[3]))
    return found if first is None or found.bound < first.bound else first


@njit(cache=True, nogil=True)
def _steps(columns, people, cost, limits, value, u, best, way, state, n_steps):  # type: ignore[no-untyped-def]
    """Go some steps; `best` and `state` keep the lowest bound met."""
    indptr, rows = columns
    n_columns, n_rows = cost.shape[0], people.shape[0]
    n_left, money = limits
    merit, served = np.empty(n_columns), np.empty(n_rows)
    for _ in range(n_steps):
        for j in range(n_columns):
            total = 0.0
            for q in range(indptr[j], indptr[j + 1]):
                total += u[rows[q]]
            merit[j] = total
        served[:] = 0.0
        bound, rate = _relaxed(columns, merit, cost, n_left, money, served)
        for i in range(n_rows):
            bound += max(0.0, people[i] - u[i])
        if bound < state[0]:
            if bound < state[0] * (1 - 1e-6):
                state[2] = 0
            state[0], state[3] = bound, rate
            best[:] = u
        state[2] += 1
        if state[2] > 20:
            state[1], state[2] = state[1] * 0.6, 0
            u[:] = best
            way[:] = 0.0
            continue
        norm = 0.0
        for i in range(n_rows):
            slope = served[i] - (1.0 if people[i] > u[i] else 0.0)
            # Slopes that only push a price out of its range are no slopes.
            if (u[i] <= 0.0 and slope > 0) or (u[i] >= people[i] and slope < 0):
                slope = 0.0
            way[i] = slope + 0.6 * way[i]
            norm += way[i] * way[i]
        if norm <= 0:
            break
        size = state[1] * max(bound - value, 1e-9 * bound) / norm
        for i in range(n_rows):
            u[i] = min(people[i], max(0.0, u[i] - size * way[i]))


@njit(cache=True, nogil=True)
def _relaxed(columns, merit, cost, n_left, money, served):  # type: ignore[no-untyped-def]
    """Choose the best columns of the relaxed plan, fractional under a budget.

    Gives their worth and the people per unit of money.
    """
    indptr, rows = columns
    has_money = money < np.inf
    order = np.argsort(-merit / np.maximum(cost, 1e-12)) if has_money else np.argsort(-merit)
    left, total, rate = money, 0.0, 0.0
    for k in range(order.shape[0]):
        j = order[k]
        if merit[j] <= 0 or (not has_money and k >= n_left):
            break
        part = 1.0
        if has_money and cost[j] > left:
            part = max(0.0, left / cost[j])
        left -= part * cost[j]
        total += part * merit[j]
        for q in range(indptr[j], indptr[j + 1]):
            served[rows[q]] += part
        if part < 1.0:
            rate = merit[j] / cost[j]
            break
    return total, rate


def linear(question: Maximal, unit: float, watch: Watch) -> Dual | None:
    """Give the bound of the linear relaxation's duals; None when the solver stops without.

    Interior points need no basis and are many times faster here than the simplex method.
    """
    answer = optimise(programme(question, unit).relaxed(), watch, method="ipm")
    if len(answer.row_duals) == 0 or not np.isfinite(answer.row_duals).all():
        return None
    n_rows = len(question.cover.people)
    areas = np.flatnonzero(question.floor_people > 0)
    duals = np.abs(answer.row_duals) * unit
    floor_prices = np.zeros(len(question.floor_people))
    floor_prices[areas] = np.abs(answer.row_duals[n_rows : n_rows + len(areas)])
    money_price = float(duals[-1]) if np.isfinite(question.money_left) else 0.0
    return evaluate(question, duals[:n_rows], floor_prices, money_price)

r"""Upper bounds of maximal covering, valid whatever multipliers they come from.

The rows :math:`z_i \le \sum_j y_j`, the floors and the budget are priced with multipliers
:math:`u, v, \lambda \ge 0` (Galvao and ReVelle 1996, A Lagrangean heuristic for the maximal
covering location problem, European Journal of Operational Research 88):

.. math::
    L = \sum_i \max(0, a_i (1 + v_{k(i)}) - u_i) - \sum_k v_k D_k + \lambda B
        + \sum_{\text{top } p} \max\Bigl(0, \sum_{i \in j} u_i - \lambda c_j\Bigr).

By weak duality L is never below the optimum, so multipliers may come from steps towards the saddle
point (`planner.solve.saddle`) or from the duals of a linear programme, finished or not; the bound
is always this sum, counted anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.mclp import Maximal, programme
from planner.solve.highs import optimise
from planner.solve.saddle import approach
from planner.solve.watch import Watch

_ROUNDING = 1e-11
"""Relative error that sums in double precision may have; added to every bound."""

LINEAR_PAIRS = 3_000_000
"""Largest reach whose linear relaxation takes seconds, not minutes."""

_EXACT_PAIRS = 100_000
"""Largest reach whose linear relaxation is solved exactly after the steps: it takes as long."""

_NEAR = 2e-5
"""Part of the bound by which it may be above the linear relaxation's when steps end."""

_FEW_STEPS, _MOST_STEPS = 300, 20_000
"""Steps before the linear relaxation is solved exactly, and most steps where it is not."""

_MOST_VISITS = 3 * 10**10
"""Most visits of pairs in all steps: some tens of seconds of a large question."""


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


def multipliers(
    question: Maximal,
    watch: Watch,
    *,
    unit: float,
    value: float,
    tell: Callable[[float], None] = lambda _: None,
) -> Dual:
    """Look for multipliers whose bound is near that of the linear relaxation.

    Parameters
    ----------
    question
        The question.
    watch
        Ends the search early.
    unit
        As in `planner.models.mclp.programme`.
    value
        People of a known plan; a bound as low ends the search.
    tell
        Called with each lower bound.
    """
    found = evaluate(question, 0.5 * question.cover.people)

    def note(prices: NDArray[np.float64], money_price: float) -> None:
        nonlocal found
        dual = evaluate(question, prices, None, money_price)
        if dual.bound < found.bound:
            found = dual
            tell(found.bound)

    def is_over() -> bool:
        return watch.is_over or found.bound <= value * (1 + 1e-9)

    n_pairs = question.cover.reach.nnz
    has_floors = bool((question.floor_people > 0).any())
    is_exact = n_pairs <= (LINEAR_PAIRS if has_floors else _EXACT_PAIRS)
    steps = _FEW_STEPS if is_exact else max(_FEW_STEPS, min(_MOST_STEPS, _MOST_VISITS // n_pairs))
    last = approach(question, steps=steps, near=_NEAR, is_over=is_over, tell=note)
    note(last.prices, last.money_price)
    if is_over() or not is_exact:
        return found
    exact = linear(question, unit, watch)
    return found if exact is None or found.bound <= exact.bound else exact


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

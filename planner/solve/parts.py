"""Independent parts of a covering question, joined exactly through their coverage curves.

Parts share neither demand nor candidates, so the best plan with p sites gives each part some number
of sites and is best in each. The curve of a part says how many people k sites serve there. An upper
curve is known for every k at once, from the multipliers of one bound; only the points that the best
division uses need to be solved, until the best division under the upper curves is solved in all
parts (Chen, Chen, Liu and Dai 2023 use the same split as a presolving step).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.covering import Cover
from planner.models.mclp import Maximal
from planner.solve.dual import multipliers
from planner.solve.greedy import greedy, ordered_gains
from planner.solve.record import Searched
from planner.solve.watch import Watch

Tell = Callable[[float, float], None]
Search = Callable[
    [Maximal, Watch, int, Tell, NDArray[np.int64] | None, NDArray[np.float64] | None], Searched
]


@dataclass(frozen=True, slots=True, eq=False)
class _Curve:
    """What is known of one part: for each number of sites value, bound, columns, and proof.

    Attributes
    ----------
    cover
        The part.
    lower, upper
        Shape (most sites + 1,): people; changed as points are solved.
    plans
        Columns of the part for each point of `lower`.
    prices
        Shape (n_rows,): multipliers of the rows.
    solved
        Whether the point has been searched.
    """

    cover: Cover
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    plans: list[NDArray[np.int64]]
    prices: NDArray[np.float64]
    solved: NDArray[np.bool_]


def join(
    whole: Maximal,
    parts: Sequence[Cover],
    search: Search,
    watch: Watch,
    seed: int,
    tell: Tell,
) -> Searched:
    """Solve a counted question by its parts.

    Parameters
    ----------
    whole
        The question; only its number of sites limits it.
    parts
        Its independent parts (`planner.models.covering.components`).
    search
        Solves one part with one number of sites.
    watch, seed, tell
        As in `planner.solve.maximal.search`.

    Returns
    -------
    Searched
        Columns of the whole.
    """
    prices = _prices(whole, watch)
    curves = [_curve(cover, _own(whole, cover, prices), whole.n_left) for cover in parts]
    numbers, bound = _divide([c.upper for c in curves], whole.n_left)
    while True:
        division, value = _divide([c.lower for c in curves], whole.n_left)
        tell(value, max(value, bound))
        waiting = [(c, k) for c, k in zip(curves, numbers, strict=True) if not c.solved[k]]
        if watch.is_over or not waiting:
            break
        # The largest part comes last: how many sites it gets depends on the others.
        waiting.sort(key=lambda item: item[0].cover.reach.nnz)
        for curve, k in waiting[: max(1, len(waiting) - 1)]:
            asked = sum(c.lower[n] for c, n in zip(curves, numbers, strict=True))
            others = float(asked - curve.lower[k]), float(bound - curve.upper[k])
            else_ = _otherwise(curves, curve, k, whole.n_left)
            _solve(curve, k, search, watch, seed, _beside(tell, others, else_))
        numbers, bound = _divide([c.upper for c in curves], whole.n_left)
    columns = [
        np.searchsorted(whole.cover.candidates, c.cover.candidates[c.plans[k]])
        for c, k in zip(curves, division, strict=True)
    ]
    bound = max(bound, value)
    is_proved = bound - value <= 1e-9 * max(1.0, value)
    return Searched(np.sort(np.concatenate(columns)), value, bound, is_proved)


def _prices(whole: Maximal, watch: Watch) -> NDArray[np.float64]:
    """Give multipliers of the whole question; they bound every part at every number of sites."""
    unit = float(whole.cover.people.max())
    return multipliers(whole, watch, unit=unit, value=_filled_value(whole)).prices


def _filled_value(whole: Maximal) -> float:
    cover = whole.cover
    plan = greedy(cover.reach, cover.people, n_sites=whole.n_left, cost_cny=None, budget_cny=None)
    return whole.people(plan)


def _own(whole: Maximal, part: Cover, prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the multipliers of a part's rows.

    A part's rows are those of the whole that its first candidate's rows hang together with; they
    keep their order.
    """
    is_mine = np.zeros(whole.cover.reach.shape[1], np.int32)
    is_mine[np.searchsorted(whole.cover.candidates, part.candidates)] = 1
    return np.asarray(prices[(whole.cover.reach @ is_mine) > 0])


def _otherwise(curves: Sequence[_Curve], curve: _Curve, k: int, n_sites: int) -> float:
    """Give the bound of all divisions in which one part has another number of sites."""
    uppers = [c.upper.copy() if c is curve else c.upper for c in curves]
    uppers[[c is curve for c in curves].index(True)][k] = -np.inf
    return _divide(uppers, n_sites)[1]


def _beside(tell: Tell, others: tuple[float, float], else_: float) -> Tell:
    """Tell of a part as of the whole."""
    return lambda value, bound: tell(others[0] + value, max(else_, others[1] + bound))


def _curve(cover: Cover, prices: NDArray[np.float64], n_left: int) -> _Curve:
    """Start a curve: greedy plans below, the multipliers' bounds above."""
    most = min(n_left, cover.reach.shape[1])
    order = greedy(cover.reach, cover.people, n_sites=most, cost_cny=None, budget_cny=None)
    order, gains = ordered_gains(cover.reach, cover.people, order)
    plans = [order[:k] for k in range(most + 1)]
    lower = np.concatenate([[0.0], np.cumsum(gains), np.full(most - len(gains), gains.sum())])
    merit = np.sort(cover.reach.T @ prices)[::-1][:most]
    rest = float(np.maximum(cover.people - prices, 0.0).sum())
    upper = rest + np.concatenate([[0.0], np.cumsum(np.maximum(merit, 0.0))])
    upper += 1e-11 * max(1.0, upper[-1])
    upper = np.maximum(lower, np.minimum(upper, float(cover.people.sum())))
    upper[0] = 0.0
    if most >= 1:
        plans[1] = np.array([int(np.argmax(cover.reach.T @ cover.people))])
        lower[1] = upper[1] = float((cover.reach.T @ cover.people).max())
    solved = lower >= upper * (1 - 1e-12)
    upper[solved] = lower[solved]
    return _Curve(cover, lower, upper, plans, prices, solved)


def _solve(curve: _Curve, k: int, search: Search, watch: Watch, seed: int, tell: Tell) -> None:
    """Solve one point of a curve, and what follows for its neighbours."""
    question = Maximal(curve.cover, k, np.inf, np.zeros(len(curve.cover.kept_area_people)))
    found = search(question, watch, seed, tell, np.zeros(0, np.int64), curve.prices)
    if found.columns is not None and found.value > curve.lower[k]:
        curve.lower[k], curve.plans[k] = found.value, found.columns
    curve.upper[k] = min(curve.upper[k], max(found.bound, curve.lower[k]))
    # Fewer sites serve no more people.
    curve.upper[:k] = np.minimum(curve.upper[:k], curve.upper[k])
    curve.solved[k] = True


def _divide(curves: Sequence[NDArray[np.float64]], n_sites: int) -> tuple[list[int], float]:
    """Divide sites among curves so that their sum is most (dynamic programming)."""
    best = np.zeros(n_sites + 1)
    taken = []
    for curve in curves:
        most = min(len(curve) - 1, n_sites)
        options = np.full((most + 1, n_sites + 1), -np.inf)
        for k in range(most + 1):
            options[k, k:] = best[: n_sites + 1 - k] + curve[k]
        choice = options.argmax(axis=0)
        taken.append(choice)
        best = options[choice, np.arange(n_sites + 1)]
    numbers, left = [], n_sites
    for choice in reversed(taken):
        numbers.append(int(choice[left]))
        left -= numbers[-1]
    return numbers[::-1], float(best[n_sites])

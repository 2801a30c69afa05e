"""Good plans within capacities, by greedy choice and exchange of sites.

The people served are a submodular function of the facilities (the greatest flow as a function of
its sinks), so what a site adds only falls while others join: greedy choice can be lazy (Minoux
1978), and a site's places bound what it ever adds.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.capacitated import Load
from planner.solve.flow import Flow, close, emptied, grow, restore, save
from planner.solve.watch import Watch

_MOST_EXCHANGES = 2000
_N_TRIED = 20
_ROUNDING = 1e-9
_FREE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Filling:
    """A question about capacities with its limits: free columns and money for them.

    `empty` is the flow in which nobody is served.
    """

    load: Load
    empty: Flow
    n_left: int
    money_left: float

    def can_add(self, chosen: list[int], j: int) -> bool:
        """Whether one more column keeps the limits."""
        money = float(self.load.cost[chosen].sum()) + float(self.load.cost[j])
        return len(chosen) < self.n_left and money <= self.money_left


def fill(question: Filling, watch: Watch) -> NDArray[np.int64]:
    """Choose free columns that serve many people; floors are not looked at.

    Parameters
    ----------
    question
        What is asked.
    watch
        Ends the search; the columns so far are given.

    Returns
    -------
    ndarray
        Columns, rising.
    """
    cost = question.load.cost
    prices = [np.ones(len(cost))]
    if np.isfinite(question.money_left):
        prices.append(np.maximum(cost, _FREE))
    plans = [_greedy(question, price, watch) for price in prices]
    chosen, flow = min(plans, key=lambda plan: float(plan[1].left.sum()))
    n_tries, is_better = 0, True
    while is_better and n_tries < _MOST_EXCHANGES and not watch.is_over:
        is_better = False
        for out in list(chosen):
            n_tries += 1
            joined = _exchanged(question, chosen, flow, out, watch)
            if joined is not None:
                chosen = [joined if j == out else j for j in chosen]
                is_better = True
            if watch.is_over:
                break
    return np.sort(np.array(chosen, np.int64))


def _greedy(question: Filling, price: NDArray[np.float64], watch: Watch) -> tuple[list[int], Flow]:
    """Add the column that serves most people more for its price, again and again."""
    load = question.load
    kept = np.flatnonzero(load.is_kept)
    flow = emptied(question.empty, load.people)
    flow.spare[kept] = load.capacity[kept]
    grow(flow, kept)
    heap = [(-load.capacity[j] / price[j], int(j)) for j in np.flatnonzero(~load.is_kept)]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and not watch.is_over:
        _, j = heapq.heappop(heap)
        if not question.can_add(chosen, j):
            continue
        before = save(flow, [*kept.tolist(), *chosen])
        gain = _join(load, flow, j)
        worth = (-gain / price[j], j)
        if gain > _ROUNDING * load.capacity[j] and (not heap or worth <= heap[0]):
            chosen.append(j)
            continue
        restore(flow, before, j)
        if gain > _ROUNDING * load.capacity[j]:
            heapq.heappush(heap, worth)
    return chosen, flow


def _join(load: Load, flow: Flow, j: int) -> float:
    """Let a column join, and give how many more people are served."""
    flow.spare[j] = load.capacity[j]
    return grow(flow, np.array([j]))


def _exchanged(
    question: Filling, chosen: list[int], flow: Flow, out: int, watch: Watch
) -> int | None:
    """Put another column in the place of one, if more people are served; None without."""
    load = question.load
    staying = [*np.flatnonzero(load.is_kept).tolist(), *(j for j in chosen if j != out)]
    rest = [j for j in chosen if j != out]
    at_first = save(flow, [*staying, out])
    least = float(flow.left.sum()) - _ROUNDING * float(load.people.sum())
    close(flow, out)
    grow(flow, np.flatnonzero(flow.spare > 0))
    hope = np.minimum(load.capacity, load.reach.T @ flow.left)
    hope[load.is_kept] = hope[chosen] = -1.0
    before = save(flow, staying)
    n_tried = 0
    order: list[int] = np.argsort(-hope, kind="stable").tolist()
    for j in order:
        if hope[j] < 0 or n_tried == _N_TRIED or watch.is_over:
            break
        if not question.can_add(rest, j):
            continue
        n_tried += 1
        _join(load, flow, j)
        if float(flow.left.sum()) < least:
            return j
        restore(flow, before, j)
    restore(flow, at_first, out)
    return None

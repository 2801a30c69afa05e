"""Greedy choice: the next site is the one that adds most people; ties go to the lower number."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


def greedy(
    reach: csr_array,
    people: NDArray[np.float64],
    *,
    n_sites: int,
    cost_cny: NDArray[np.float64] | None,
    budget_cny: float | None,
) -> NDArray[np.int64]:
    """Choose sites one by one, by people added (per CNY when there is a budget).

    Gains only fall while sites are added, so stale gains are upper bounds and most need no update
    (lazy greedy, Minoux 1978).

    Parameters
    ----------
    reach
        CSR, shape (n_demand, n_candidates).
    people
        Shape (n_demand,).
    n_sites
        Most sites.
    cost_cny, budget_cny
        Cost of each candidate and what may be spent; None without a budget.

    Returns
    -------
    ndarray
        Candidate positions, in the order chosen.
    """
    columns = reach.tocsc()
    left = people.copy()
    money = np.inf if budget_cny is None else budget_cny
    price = np.ones(reach.shape[1]) if cost_cny is None else np.maximum(cost_cny, 1e-9)
    gains = columns.T @ left
    heap = [(-g / price[j], j) for j, g in enumerate(gains) if g > 0]
    heapq.heapify(heap)
    chosen: list[int] = []
    while heap and len(chosen) < n_sites:
        stale, j = heapq.heappop(heap)
        if cost_cny is not None and cost_cny[j] > money:
            continue
        rows = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        gain = float(left[rows].sum())
        worth = (-gain / price[j], j)
        if gain <= 0:
            continue
        if worth > (stale, j) and heap and worth > heap[0]:
            heapq.heappush(heap, worth)
            continue
        chosen.append(j)
        left[rows] = 0.0
        money -= 0.0 if cost_cny is None else float(cost_cny[j])
    return np.array(chosen, dtype=np.int64)


def ordered_gains(
    reach: csr_array, people: NDArray[np.float64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Put chosen sites in the order of what each adds to those before it, and give what it adds.

    Sites that add nobody are left out.
    """
    if len(chosen) == 0:
        return chosen, np.zeros(0)
    part = reach[:, chosen]
    order = greedy(part, people, n_sites=len(chosen), cost_cny=None, budget_cny=None)
    columns = part.tocsc()
    left = people.copy()
    gains = np.zeros(len(order))
    for k, j in enumerate(order):
        rows = columns.indices[columns.indptr[j] : columns.indptr[j + 1]]
        gains[k] = left[rows].sum()
        left[rows] = 0.0
    return chosen[order], gains

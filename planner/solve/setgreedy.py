"""Cheap plans and cheap bounds for covering at least cost, compiled.

The greedy choice takes the candidate with the lowest price for each person still wanted (Chvátal
1979, A greedy heuristic for the set-covering problem, Mathematics of Operations Research 4; with
targets, Wolsey 1982, An analysis of the greedy algorithm for the submodular set covering problem,
Combinatorica 2); what it made superfluous is then taken out, dearest first.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.models.covering import Cover
from planner.models.pscp import Need, sums_by_area

_FREE = 1e-9


def cheap_columns(cover: Cover, need: Need, price: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give columns that serve whom they must, none of them superfluous.

    Parameters
    ----------
    cover, need
        The question; all columns together must be able to serve the need.
    price
        Shape (n_columns,), 0 or more.
    """
    columns = csr_array(cover.reach.T.tocsr())
    rows = cover.reach.indptr, cover.reach.indices
    by_column = columns.indptr, columns.indices
    # Item 0 is about all people, 1 about those without an area, the others about one area each.
    least = np.concatenate([[max(need.people, 0.0), 0.0], np.maximum(need.area_people, 0.0)])
    weights = cover.people, cover.area + 2
    chosen = _greedy(rows, by_column, weights, least, price)
    order = chosen[np.lexsort((-np.arange(len(chosen)), -price[chosen]))]
    return np.sort(_needed(by_column, weights, least, order))


def serves(cover: Cover, need: Need, columns: NDArray[np.int64]) -> bool:
    """Whether some columns serve whom they must."""
    is_in = np.zeros(cover.reach.shape[1], np.int32)
    is_in[columns] = 1
    people = np.where((cover.reach @ is_in) > 0, cover.people, 0.0)
    by_area = sums_by_area(cover.area, people, len(need.area_people))
    return bool(people.sum() >= need.people and (by_area >= need.area_people).all())


def knapsack_bound(cover: Cover, need: Need, price: NDArray[np.float64]) -> float:
    """Give a cost below which nobody can serve the people needed.

    As if no two candidates reached the same people, and parts of candidates could be had.
    """
    reached = cover.reach.T @ cover.people
    useful = np.flatnonzero(reached)
    order = useful[np.argsort(price[useful] / reached[useful], kind="stable")]
    before = np.cumsum(reached[order]) - reached[order]
    people = max(need.people, float(np.maximum(need.area_people, 0.0).sum()))
    part = np.clip((people - before) / reached[order], 0.0, 1.0)
    return float(price[order] @ part)


def dual_bound(reach: csr_array, price: NDArray[np.float64]) -> float:
    """Give a cost below which nobody can serve every row, by dual ascent.

    Each row in turn, those of the fewest columns first, pays as much as the prices of its columns
    leave; what rows pay for a column never exceeds its price, so the sum is a bound (weak duality).
    """
    order = np.argsort(np.diff(reach.indptr), kind="stable")
    return float(_ascent(reach.indptr, reach.indices, order, price.copy())) * (1 - 1e-12)


@njit(cache=True, nogil=True)
def _ascent(indptr, indices, order, slack):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    total = 0.0
    for i in order:
        pays = np.inf
        for at in range(indptr[i], indptr[i + 1]):
            pays = min(pays, slack[indices[at]])
        for at in range(indptr[i], indptr[i + 1]):
            slack[indices[at]] -= pays
        total += pays
    return total


@njit(cache=True, nogil=True)
def _greedy(rows, columns, weights, least, price):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Choose until nothing is lacking. Who counts for all and for an area counts twice."""
    people, group = weights
    lacking = least.copy()
    weight, gain = np.zeros(people.shape[0]), np.zeros(price.shape[0])
    for i in range(people.shape[0]):
        _weigh(rows, gain, weight, i, people[i] * _n_lacking(lacking, group[i]))
    chosen = np.empty(price.shape[0], np.int64)
    is_in = np.zeros(price.shape[0], np.bool_)
    is_served = np.zeros(people.shape[0], np.bool_)
    n = 0
    while n < price.shape[0] and lacking.max() > 0:
        j = _worthiest(gain, price, is_in, np.maximum(lacking, 0.0).sum())
        if j < 0:
            break
        is_in[j] = True
        chosen[n] = j
        n += 1
        n_wants = (lacking > 0).sum()
        for at in range(columns[0][j], columns[0][j + 1]):
            i = columns[1][at]
            if not is_served[i]:
                is_served[i] = True
                lacking[0] -= people[i]
                lacking[group[i]] -= people[i]
                _weigh(rows, gain, weight, i, 0.0)
        if (lacking > 0).sum() < n_wants:
            for k in np.flatnonzero(~is_served):
                _weigh(rows, gain, weight, k, people[k] * _n_lacking(lacking, group[k]))
    return chosen[:n]


@njit(cache=True, nogil=True)
def _n_lacking(lacking, group):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    return np.int64(lacking[0] > 0) + np.int64(lacking[group] > 0)


@njit(cache=True, nogil=True)
def _weigh(rows, gain, weight, i, now):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Let row i count for so much from now on."""
    if now != weight[i]:
        for at in range(rows[0][i], rows[0][i + 1]):
            gain[rows[1][at]] += now - weight[i]
        weight[i] = now


@njit(cache=True, nogil=True)
def _worthiest(gain, price, is_in, wanted):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    best, most = -1, 0.0
    for j in range(gain.shape[0]):
        worth = min(gain[j], wanted) / max(price[j], _FREE)
        if not is_in[j] and worth > most:
            best, most = j, worth
    return best


@njit(cache=True, nogil=True)
def _needed(columns, weights, least, chosen):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Take out, in the order given, those whom the others make superfluous."""
    times, have = np.zeros(weights[0].shape[0], np.int64), np.zeros(least.shape[0])
    for j in chosen:
        _count(columns, weights, times, have, j, 1)
    n = 0
    stays = np.empty(chosen.shape[0], np.int64)
    for j in chosen:
        _count(columns, weights, times, have, j, -1)
        if (have < least).any():
            _count(columns, weights, times, have, j, 1)
            stays[n] = j
            n += 1
    return stays[:n]


@njit(cache=True, nogil=True)
def _count(columns, weights, times, have, j, step):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Let column j join (1) or leave (-1) those who serve."""
    people, group = weights
    for at in range(columns[0][j], columns[0][j + 1]):
        i = columns[1][at]
        if times[i] + min(step, 0) == 0:  # nobody else serves it
            have[0] += step * people[i]
            have[group[i]] += step * people[i]
        times[i] += step

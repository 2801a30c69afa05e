"""Exchange of sites towards a cheaper covering plan, compiled.

When a plan serves its need, it is kept and a site taken out; then, step by step, the site that is
missed least leaves and one that serves most joins, below the price of the best plan. Whoever just
moved stays where it is for a while. When everybody must be served, rows that stay unserved gain
weight, which drives the search out of local optima (Gao, Weise and Li 2015, An efficient local
search heuristic with row weighting for the unicost set covering problem, European Journal of
Operational Research 246).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.models.covering import Cover
from planner.models.pscp import Need
from planner.solve.watch import Watch

MOST_PATIENCE, PATIENCE = 100_000, 100
"""Steps without a cheaper plan after which the search ends: in all, and for each column."""

_CHUNK = 500
_TENURE = 10
_LEAST_PRICE = 1e-9
_ROUNDING = 1e-9


class _State(NamedTuple):
    """Arrays that change while the search goes on.

    ``times``: how often each row is served; ``weight`` of each row; ``score`` of each column: the
    weight that it alone serves when it is in, that it would serve when it is out; ``is_in``;
    ``rest_until``: step until which a column may not move; ``unserved`` rows and the ``place`` of
    each row there (-1 when served); ``have``: people served, in all, without an area, by area;
    ``best``: the columns of the best plan; ``numbers``: unserved rows, step, step of the best plan,
    state of the random numbers; ``sums``: price now and of the best plan.
    """

    times: NDArray[np.int64]
    weight: NDArray[np.float64]
    score: NDArray[np.float64]
    is_in: NDArray[np.bool_]
    rest_until: NDArray[np.int64]
    unserved: NDArray[np.int64]
    place: NDArray[np.int64]
    have: NDArray[np.float64]
    best: NDArray[np.bool_]
    numbers: NDArray[np.int64]
    sums: NDArray[np.float64]


def cheaper(
    cover: Cover,
    need: Need,
    price: NDArray[np.float64],
    columns: NDArray[np.int64],
    watch: Watch,
    random_state: int,
) -> NDArray[np.int64]:
    """Give columns that serve the need at no higher price.

    Parameters
    ----------
    cover, need
        The question.
    price
        Shape (n_columns,), 0 or more.
    columns
        A plan that serves the need.
    watch, random_state
        When to stop, and the seed.
    """
    n_rows, n_columns = cover.reach.shape
    by_column = csr_array(cover.reach.T.tocsr())
    rows = cover.reach.indptr, cover.reach.indices
    graph = rows, (by_column.indptr, by_column.indices), price
    least = np.concatenate([[max(need.people, 0.0), 0.0], np.maximum(need.area_people, 0.0)])
    whom = cover.people, cover.area + 2, least
    is_all = need.people >= float(cover.people.sum())
    state = _State(
        times=np.zeros(n_rows, np.int64),
        weight=cover.people / float(cover.people.mean()),
        score=np.zeros(n_columns),
        is_in=np.zeros(n_columns, np.bool_),
        rest_until=np.zeros(n_columns, np.int64),
        unserved=np.arange(n_rows),
        place=np.arange(n_rows),
        have=np.zeros(len(least)),
        best=np.zeros(n_columns, np.bool_),
        numbers=np.array([n_rows, 0, 0, random_state % 2**31], np.int64),
        sums=np.array([0.0, np.inf]),
    )
    state.score[:] = cover.reach.T @ state.weight
    _begin(graph, whom, state, columns)
    patience = min(MOST_PATIENCE, PATIENCE * n_columns)
    while not watch.is_over and state.numbers[1] - state.numbers[2] < patience:
        if not _search(graph, whom, state, is_all, _CHUNK):
            break
    return np.flatnonzero(state.best)


@njit(cache=True, nogil=True)
def _begin(graph, whom, state, columns):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    for j in columns:
        _join(graph, whom, state, j)


@njit(cache=True, nogil=True)
def _search(graph, whom, state, is_all, n_steps):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Make some steps; false when nothing is left to take out."""
    price = graph[2]
    for _ in range(n_steps):
        while (state.have >= whom[2]).all():
            if state.sums[0] < state.sums[1] - _ROUNDING * max(1.0, state.sums[0]):
                state.best[:] = state.is_in
                state.sums[1] = state.sums[0]
                state.numbers[2] = state.numbers[1]
            j = _least_missed(state, price)
            if j < 0:
                return False
            _leave(graph, whom, state, j)
        state.numbers[1] += 1
        # Weights keep the search from going in circles; without them, chance does.
        tenure = 1 if is_all else _TENURE
        j = _least_missed(state, price)
        if j >= 0:
            _leave(graph, whom, state, j)
            state.rest_until[j] = state.numbers[1] + 1 + _random(state, tenure)
        while not (state.have >= whom[2]).all():
            j = _most_serving(graph, state, is_all)
            if j < 0:
                break
            _join(graph, whom, state, j)
            state.rest_until[j] = state.numbers[1] + 2 + _random(state, tenure)
        if is_all:
            _weigh_unserved(graph, state)
    return True


@njit(cache=True, nogil=True)
def _least_missed(state, price):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the column whose leaving costs least weight for its price, of equals the one longest in.

    When all must rest, none is spared.
    """
    best, least, is_resting = -1, np.inf, True
    for j in range(price.shape[0]):
        if state.is_in[j]:
            missed = state.score[j] / max(price[j], _LEAST_PRICE)
            rests = state.rest_until[j] > state.numbers[1]
            is_older = missed == least and state.rest_until[j] < state.rest_until[best]
            is_less = missed < least or is_older
            if (is_resting and not rests) or (rests == is_resting and is_less):
                best, least, is_resting = j, missed, rests
    return best


@njit(cache=True, nogil=True)
def _most_serving(graph, state, is_all):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the column that serves most weight for its price: of all, or of those of one row."""
    rows, _, price = graph
    most_price = state.sums[1] - state.sums[0] - _ROUNDING * max(1.0, state.sums[1])
    first, end, row = 0, price.shape[0], -1
    if is_all:
        row = state.unserved[_random(state, state.numbers[0])]
        first, end = rows[0][row], rows[0][row + 1]
    best, most = -1, 0.0
    for at in range(first, end):
        j = at if row < 0 else rows[1][at]
        may = not state.is_in[j] and state.rest_until[j] <= state.numbers[1]
        worth = state.score[j] / max(price[j], _LEAST_PRICE)
        is_older = worth == most and best >= 0 and state.rest_until[j] < state.rest_until[best]
        if may and price[j] <= most_price and (worth > most or is_older):
            best, most = j, worth
    return best


@njit(cache=True, nogil=True)
def _join(graph, whom, state, j):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    rows, columns, price = graph
    state.is_in[j] = True
    state.sums[0] += price[j]
    for at in range(columns[0][j], columns[0][j + 1]):
        i = columns[1][at]
        state.times[i] += 1
        if state.times[i] == 1:
            _count(whom, state, i, 1.0)
            _take_off(state, i)
            for k in range(rows[0][i], rows[0][i + 1]):
                if rows[1][k] != j:
                    state.score[rows[1][k]] -= state.weight[i]
        elif state.times[i] == 2:
            state.score[_other(rows, state, i, j)] -= state.weight[i]


@njit(cache=True, nogil=True)
def _leave(graph, whom, state, j):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    rows, columns, price = graph
    state.is_in[j] = False
    state.sums[0] -= price[j]
    for at in range(columns[0][j], columns[0][j + 1]):
        i = columns[1][at]
        state.times[i] -= 1
        if state.times[i] == 0:
            _count(whom, state, i, -1.0)
            state.unserved[state.numbers[0]] = i
            state.place[i] = state.numbers[0]
            state.numbers[0] += 1
            for k in range(rows[0][i], rows[0][i + 1]):
                if rows[1][k] != j:
                    state.score[rows[1][k]] += state.weight[i]
        elif state.times[i] == 1:
            state.score[_other(rows, state, i, j)] += state.weight[i]


@njit(cache=True, nogil=True)
def _other(rows, state, i, j):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the column that is in, other than j, and serves row i."""
    k = rows[0][i]
    while rows[1][k] == j or not state.is_in[rows[1][k]]:
        k += 1
    return rows[1][k]


@njit(cache=True, nogil=True)
def _count(whom, state, i, sign):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    people, group, _ = whom
    state.have[0] += sign * people[i]
    state.have[group[i]] += sign * people[i]


@njit(cache=True, nogil=True)
def _take_off(state, i):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Take row i off the list of the unserved."""
    last = state.unserved[state.numbers[0] - 1]
    state.unserved[state.place[i]] = last
    state.place[last] = state.place[i]
    state.place[i] = -1
    state.numbers[0] -= 1


@njit(cache=True, nogil=True)
def _weigh_unserved(graph, state):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    rows = graph[0]
    for u in range(state.numbers[0]):
        i = state.unserved[u]
        state.weight[i] += 1.0
        for k in range(rows[0][i], rows[0][i + 1]):
            state.score[rows[1][k]] += 1.0


@njit(cache=True, nogil=True)
def _random(state, n):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give a number from 0 to n - 1 (linear congruence of the C standard's example)."""
    state.numbers[3] = (state.numbers[3] * 1103515245 + 12345) & 0x7FFFFFFF
    return (state.numbers[3] >> 8) % n

"""Moves of an annealing, compiled: a site out, one in, or one for another.

Good for every question: with a number, a budget and floors. Where only a number limits the plan,
`planner.solve.swaps` does the same faster.
"""

from __future__ import annotations

import numpy as np
from numba import njit

PENALTY = 4.0
"""How often each person counts whom an area lacks below its floor."""

_FAR_SHARE = 0.05
"""Share of moves to a candidate anywhere, so that a plan can leave a part of the city."""

_ADD_SHARE = _DROP_SHARE = 0.1

# What `state` holds.
N, VALUE, SPENT, BEST, N_BEST = range(5)


@njit(cache=True, nogil=True)
def begin(columns, people, area, cost, plan, counts, lacking, state, n):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Serve the rows of the first plan and note it as the best."""
    indptr, rows = columns
    for k in range(n):
        state[SPENT] += cost[plan[k]]
        for q in range(indptr[plan[k]], indptr[plan[k] + 1]):
            i = rows[q]
            if counts[i] == 0:
                state[VALUE] += people[i]
                if area[i] >= 0:
                    lacking[area[i]] -= people[i]
            counts[i] += 1
    state[N] = state[N_BEST] = n
    state[BEST] = state[VALUE] - PENALTY * _lack(lacking)


@njit(cache=True, nogil=True)
def try_moves(  # type: ignore[no-untyped-def]  # noqa: C901  one loop, compiled
    columns,
    rows,
    people,
    area,
    cost,
    n_most,
    money,
    plan,
    place,
    counts,
    lacking,
    best,
    state,
    random,
    heat,
    cooling,
    n_moves,
):
    """Try moves; out, in, or one for another."""
    n_columns = cost.shape[0]
    has_floors = lacking.shape[0] > 0
    has_money = money < np.inf
    for _ in range(n_moves):
        heat *= cooling
        n = np.int64(state[N])
        kind = share(random) if has_money else 1.0
        out = in_ = np.int64(-1)
        if kind >= _ADD_SHARE and n > 0:
            out = plan[below(random, n)]
        if kind < _ADD_SHARE:
            if n >= n_most:
                continue
            in_ = below(random, n_columns)
        elif kind >= _ADD_SHARE + _DROP_SHARE or not has_money:
            in_ = beside(columns, rows, out, n_columns, random)
        if in_ >= 0 and place[in_] >= 0:
            continue
        more = (cost[in_] if in_ >= 0 else 0.0) - (cost[out] if out >= 0 else 0.0)
        if has_money and state[SPENT] + more > money:
            continue
        lack = _lack(lacking) if has_floors else 0.0
        lost = 0.0
        if out >= 0:
            lost = _take_out(columns, people, area, out, counts, lacking)
        won = 0.0
        if in_ >= 0:
            if has_floors:
                won = _put_in(columns, people, area, in_, counts, lacking)
            else:
                won = _worth(columns, people, in_, counts)
        change = won - lost
        if has_floors:
            change -= PENALTY * (_lack(lacking) - lack)
        if change < 0 and share(random) >= np.exp(change / heat):
            if has_floors and in_ >= 0:
                _take_out(columns, people, area, in_, counts, lacking)
            if out >= 0:
                _put_in(columns, people, area, out, counts, lacking)
            continue
        if in_ >= 0 and not has_floors:
            _put_in(columns, people, area, in_, counts, lacking)
        settle(plan, place, state, out, in_)
        state[VALUE] += won - lost
        state[SPENT] += more
        merit = state[VALUE] - (PENALTY * _lack(lacking) if has_floors else 0.0)
        if merit > state[BEST] * (1 + 1e-12):
            state[BEST] = merit
            state[N_BEST] = state[N]
            best[: np.int64(state[N])] = plan[: np.int64(state[N])]


@njit(cache=True, nogil=True)
def _lack(lacking):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    total = 0.0
    for k in range(lacking.shape[0]):
        total += max(0.0, lacking[k])
    return total


@njit(cache=True, nogil=True)
def _take_out(columns, people, area, j, counts, lacking):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Take a column's service away; give the people lost."""
    indptr, rows = columns
    lost = 0.0
    for q in range(indptr[j], indptr[j + 1]):
        i = rows[q]
        counts[i] -= 1
        if counts[i] == 0:
            lost += people[i]
            if area[i] >= 0:
                lacking[area[i]] += people[i]
    return lost


@njit(cache=True, nogil=True)
def _put_in(columns, people, area, j, counts, lacking):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Add a column's service; give the people won."""
    indptr, rows = columns
    won = 0.0
    for q in range(indptr[j], indptr[j + 1]):
        i = rows[q]
        if counts[i] == 0:
            won += people[i]
            if area[i] >= 0:
                lacking[area[i]] -= people[i]
        counts[i] += 1
    return won


@njit(cache=True, nogil=True)
def _worth(columns, people, j, counts):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the people a column would win."""
    indptr, rows = columns
    won = 0.0
    for q in range(indptr[j], indptr[j + 1]):
        if counts[rows[q]] == 0:
            won += people[rows[q]]
    return won


@njit(cache=True, nogil=True)
def beside(columns, rows, out, n_columns, random):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give a candidate that serves some of the same rows, or now and then any."""
    if out < 0 or share(random) < _FAR_SHARE:
        return below(random, n_columns)
    first, end = columns[0][out], columns[0][out + 1]
    i = columns[1][first + below(random, end - first)]
    first, end = rows[0][i], rows[0][i + 1]
    return np.int64(rows[1][first + below(random, end - first)])


@njit(cache=True, nogil=True)
def settle(plan, place, state, out, in_):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Write a move into the plan."""
    n = np.int64(state[N])
    if out >= 0 and in_ >= 0:
        k = place[out]
        plan[k], place[in_], place[out] = in_, k, -1
    elif in_ >= 0:
        plan[n], place[in_] = in_, n
        state[N] = n + 1
    elif out >= 0:
        k, last = place[out], plan[n - 1]
        plan[k], place[last] = last, k
        place[out] = -1
        state[N] = n - 1


@njit(cache=True, nogil=True)
def _draw(random):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give 32 random bits (xorshift64*, Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return (x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32)


@njit(cache=True, nogil=True)
def below(random, n):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give a random number from 0 to n - 1."""
    return np.int64((_draw(random) * np.uint64(n)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def share(random):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give a random number from 0 to 1."""
    return _draw(random) * (1.0 / 4294967296.0)

"""Simulated annealing over sets of sites: the search that finds good covering plans fast.

Kirkpatrick, Gelatt and Vecchi (1983), Optimization by simulated annealing, Science 220. A move puts
one site of the plan somewhere else, mostly to a candidate that serves some of the same people: a
random row of the site, and a random candidate of that row, so near candidates are tried in
proportion to what they share. A move costs the rows of two sites, whatever the size of the city.

Under a budget sites are also added and dropped. Floors of areas are kept by a penalty: people an
area lacks count `_PENALTY` times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.models.mclp import Maximal

_CHUNK = 50_000
_PENALTY = 4.0
_FAR_SHARE = 0.05
"""Share of moves to a candidate anywhere, so that a plan can leave a part of the city."""

_ADD_SHARE = _DROP_SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What every annealing of one question shares: its rows and columns in compiled form.

    Attributes
    ----------
    columns, rows
        ``(indptr, indices)`` of the reach by column and by row.
    people, area, cost, floor_people
        As in `planner.models.mclp.Maximal`.
    n_most
        Most sites in a plan.
    money
        Most money; infinite for none.
    """

    columns: tuple[NDArray[np.int32], NDArray[np.int32]]
    rows: tuple[NDArray[np.int32], NDArray[np.int32]]
    people: NDArray[np.float64]
    area: NDArray[np.int64]
    cost: NDArray[np.float64]
    floor_people: NDArray[np.float64]
    n_most: int
    money: float

    @classmethod
    def of(cls, question: Maximal) -> Ground:
        """Make the rows and columns of a question ready."""
        reach = question.cover.reach
        by_column = reach.T.tocsr()
        has_floors = bool((question.floor_people > 0).any())
        return cls(
            (by_column.indptr, by_column.indices),
            (reach.indptr, reach.indices),
            question.cover.people,
            question.cover.area if has_floors else np.full(reach.shape[0], -1, np.int64),
            question.cover.cost,
            question.floor_people if has_floors else np.zeros(0),
            question.n_left,
            question.money_left,
        )


def anneal(
    ground: Ground,
    start: NDArray[np.int64],
    *,
    hot_people: float,
    cold_people: float,
    moves: int,
    seed: int,
    is_over: Callable[[], bool],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Improve a plan; give the best one met, and the last.

    From a good plan the best one met is often the plan itself; the last is another as good in most
    places, which is what merging needs.

    Parameters
    ----------
    ground
        The question.
    start
        Columns of a plan within the limits.
    hot_people, cold_people
        Temperatures at the first and the last move: a loss of so many people is accepted with
        probability 1/e.
    moves
        Moves to try.
    seed
        Of the random numbers.
    is_over
        Asked often; true ends the search early.
    """
    n_columns = len(ground.cost)
    plan = np.full(n_columns, -1, np.int64)
    plan[: len(start)] = start
    place = np.full(n_columns, -1, np.int64)
    place[start] = np.arange(len(start))
    best = plan.copy()
    counts = np.zeros(len(ground.people), np.int32)
    lacking = ground.floor_people.copy()
    state = np.zeros(5)
    random = np.array([np.random.default_rng(seed).integers(1, 2**63)], np.uint64)
    _begin(
        ground.columns,
        ground.people,
        ground.area,
        ground.cost,
        plan,
        counts,
        lacking,
        state,
        len(start),
    )
    cooling = (cold_people / hot_people) ** (1.0 / moves)
    heat = hot_people
    is_plain = not np.isfinite(ground.money) and len(ground.floor_people) == 0
    alone = _alone(ground.columns, ground.people, plan[: len(start)], counts)
    done = 0
    while done < moves and not is_over():
        n = min(_CHUNK, moves - done)
        if is_plain:
            _swaps(
                ground.columns,
                ground.rows,
                ground.people,
                plan,
                place,
                (counts, *alone),
                best,
                state,
                random,
                heat,
                cooling,
                n,
            )
            heat *= cooling**n
            done += n
            continue
        _moves(
            ground.columns,
            ground.rows,
            ground.people,
            ground.area,
            ground.cost,
            ground.n_most,
            ground.money,
            plan,
            place,
            counts,
            lacking,
            best,
            state,
            random,
            heat,
            cooling,
            n,
        )
        heat *= cooling**n
        done += n
    return np.sort(best[: int(state[_N_BEST])]), np.sort(plan[: int(state[_N])])


NOBODY, SEVERAL = -1, -2
"""Who alone serves a row, if not one site."""

# What `state` holds.
_N, _VALUE, _SPENT, _BEST, _N_BEST = range(5)


@njit(cache=True, nogil=True)
def _begin(columns, people, area, cost, plan, counts, lacking, state, n):  # type: ignore[no-untyped-def]
    """Serve the rows of the first plan and note it as the best."""
    indptr, rows = columns
    for k in range(n):
        state[_SPENT] += cost[plan[k]]
        for q in range(indptr[plan[k]], indptr[plan[k] + 1]):
            i = rows[q]
            if counts[i] == 0:
                state[_VALUE] += people[i]
                if area[i] >= 0:
                    lacking[area[i]] -= people[i]
            counts[i] += 1
    state[_N] = state[_N_BEST] = n
    state[_BEST] = state[_VALUE] - _PENALTY * _lack(lacking)


@njit(cache=True, nogil=True)
def _lack(lacking):  # type: ignore[no-untyped-def]
    total = 0.0
    for k in range(lacking.shape[0]):
        total += max(0.0, lacking[k])
    return total


@njit(cache=True, nogil=True)
def _draw(random):  # type: ignore[no-untyped-def]
    """Give 32 random bits (xorshift64*, Vigna 2016)."""
    x = random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    random[0] = x
    return (x * np.uint64(0x2545F4914F6CDD1D)) >> np.uint64(32)


@njit(cache=True, nogil=True)
def _below(random, n):  # type: ignore[no-untyped-def]
    """Give a random number from 0 to n - 1."""
    return np.int64((_draw(random) * np.uint64(n)) >> np.uint64(32))


@njit(cache=True, nogil=True)
def _share(random):  # type: ignore[no-untyped-def]
    return _draw(random) * (1.0 / 4294967296.0)


@njit(cache=True, nogil=True)
def _take_out(columns, people, area, j, counts, lacking):  # type: ignore[no-untyped-def]
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
def _put_in(columns, people, area, j, counts, lacking):  # type: ignore[no-untyped-def]
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
def _worth(columns, people, j, counts):  # type: ignore[no-untyped-def]
    """Give the people a column would win."""
    indptr, rows = columns
    won = 0.0
    for q in range(indptr[j], indptr[j + 1]):
        if counts[rows[q]] == 0:
            won += people[rows[q]]
    return won


@njit(cache=True, nogil=True)
def _moves(  # type: ignore[no-untyped-def]
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
        n = np.int64(state[_N])
        kind = _share(random) if has_money else 1.0
        out = in_ = np.int64(-1)
        if kind >= _ADD_SHARE and n > 0:
            out = plan[_below(random, n)]
        if kind < _ADD_SHARE:
            if n >= n_most:
                continue
            in_ = _below(random, n_columns)
        elif kind >= _ADD_SHARE + _DROP_SHARE or not has_money:
            in_ = _beside(columns, rows, out, n_columns, random)
        if in_ >= 0 and place[in_] >= 0:
            continue
        more = (cost[in_] if in_ >= 0 else 0.0) - (cost[out] if out >= 0 else 0.0)
        if has_money and state[_SPENT] + more > money:
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
            change -= _PENALTY * (_lack(lacking) - lack)
        if change < 0 and _share(random) >= np.exp(change / heat):
            if has_floors and in_ >= 0:
                _take_out(columns, people, area, in_, counts, lacking)
            if out >= 0:
                _put_in(columns, people, area, out, counts, lacking)
            continue
        if in_ >= 0 and not has_floors:
            _put_in(columns, people, area, in_, counts, lacking)
        _settle(plan, place, state, out, in_)
        state[_VALUE] += won - lost
        state[_SPENT] += more
        merit = state[_VALUE] - (_PENALTY * _lack(lacking) if has_floors else 0.0)
        if merit > state[_BEST] * (1 + 1e-12):
            state[_BEST] = merit
            state[_N_BEST] = state[_N]
            best[: np.int64(state[_N])] = plan[: np.int64(state[_N])]


@njit(cache=True, nogil=True)
def _beside(columns, rows, out, n_columns, random):  # type: ignore[no-untyped-def]
    """Give a candidate that serves some of the same rows, or now and then any."""
    if out < 0 or _share(random) < _FAR_SHARE:
        return _below(random, n_columns)
    first, end = columns[0][out], columns[0][out + 1]
    i = columns[1][first + _below(random, end - first)]
    first, end = rows[0][i], rows[0][i + 1]
    return np.int64(rows[1][first + _below(random, end - first)])


@njit(cache=True, nogil=True)
def _settle(plan, place, state, out, in_):  # type: ignore[no-untyped-def]
    """Write a move into the plan."""
    n = np.int64(state[_N])
    if out >= 0 and in_ >= 0:
        k = place[out]
        plan[k], place[in_], place[out] = in_, k, -1
    elif in_ >= 0:
        plan[n], place[in_] = in_, n
        state[_N] = n + 1
    elif out >= 0:
        k, last = place[out], plan[n - 1]
        plan[k], place[last] = last, k
        place[out] = -1
        state[_N] = n - 1


@njit(cache=True, nogil=True)
def _alone(columns, people, plan, counts):  # type: ignore[no-untyped-def]
    """Give owners, sole and loss.

    The owners of a row are its sites' numbers plus one, exclusive or; where one site serves the
    row, these are that site's. Sole is this site, `NOBODY` or `SEVERAL`. The loss of a site is the
    people whom it alone serves.
    """
    indptr, rows = columns
    owners = np.zeros(counts.shape[0], np.int32)
    for k in range(plan.shape[0]):
        for q in range(indptr[plan[k]], indptr[plan[k] + 1]):
            owners[rows[q]] ^= np.int32(plan[k] + 1)
    sole = np.full(counts.shape[0], SEVERAL, np.int32)
    loss = np.zeros(indptr.shape[0] - 1)
    for i in range(counts.shape[0]):
        if counts[i] == 0:
            sole[i] = NOBODY
        elif counts[i] == 1:
            sole[i] = owners[i] - 1
            loss[sole[i]] += people[i]
    return owners, sole, loss


@njit(cache=True, nogil=True)
def _swaps(  # type: ignore[no-untyped-def]
    columns, rows, people, plan, place, served, best, state, random, heat, cooling, n_moves
):
    """Try swaps when only the number limits: what a site alone serves is kept, not counted anew.

    So a swap is judged by the rows of the new site alone.
    """
    indptr, of_column = columns
    counts, owners, sole, loss = served
    n_columns, n = loss.shape[0], np.int64(state[_N])
    for _ in range(n_moves):
        heat *= cooling
        out = plan[_below(random, n)]
        in_ = _beside(columns, rows, out, n_columns, random)
        if place[in_] >= 0:
            continue
        change = -loss[out]
        for q in range(indptr[in_], indptr[in_ + 1]):
            i = of_column[q]
            change += people[i] * ((sole[i] == NOBODY) | (sole[i] == out))
        if change < 0 and _share(random) >= np.exp(change / heat):
            continue
        for q in range(indptr[out], indptr[out + 1]):
            i = of_column[q]
            counts[i] -= 1
            owners[i] ^= out + 1
            if counts[i] == 1:
                sole[i] = owners[i] - 1
                loss[sole[i]] += people[i]
            elif counts[i] == 0:
                sole[i] = NOBODY
        loss[out] = loss[in_] = 0.0
        for q in range(indptr[in_], indptr[in_ + 1]):
            i = of_column[q]
            if counts[i] == 0:
                loss[in_] += people[i]
                sole[i] = in_
            elif counts[i] == 1:
                loss[sole[i]] -= people[i]
                sole[i] = SEVERAL
            counts[i] += 1
            owners[i] ^= in_ + 1
        _settle(plan, place, state, out, in_)
        state[_VALUE] += change
        if state[_VALUE] > state[_BEST] * (1 + 1e-12):
            state[_BEST] = state[_VALUE]
            best[:n] = plan[:n]

"""Local search for p-median: open, close or swap sites as long as that shortens travel.

Teitz and Bart (1968), Heuristic methods for estimating the generalized vertex median of a weighted
graph, Operations Research 16. A candidate's best swap is found in one pass over its own journeys
(Whitaker 1983; Resende and Werneck 2007, A fast swap-based local search procedure for location
problems, Annals of Operations Research 150) and taken at once (Schubert and Rousseeuw 2021).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.solve.ground import Ground
from planner.solve.watch import Watch

_F = NDArray[np.float64]
_I = NDArray[np.int64]
_SMALL = 1e-12
"""Relative change of the value that is rounding and no improvement."""
_WORK = 20_000_000
"""Journeys looked at between two looks at the watch."""


def improved(place: Ground, is_in: NDArray[np.bool_], watch: Watch) -> NDArray[np.bool_]:
    """Search from a plan until no site opened and at most one closed shortens travel."""
    is_in = is_in.copy()
    near = _nearest_two(place.rows, is_in)
    cursor, stale = 0, 0
    while stale < len(is_in) and not watch.is_over:
        cursor, stale = _descend(
            place.rows,
            place.columns,
            (place.price, place.n_left, place.money),
            is_in,
            near,
            cursor,
            stale,
            _WORK,
        )
    return is_in


def value(place: Ground, is_in: NDArray[np.bool_]) -> float:
    """Give the cost of a plan."""
    return float(_nearest_two(place.rows, is_in)[1].sum())


def iterated(
    place: Ground, is_in: NDArray[np.bool_], watch: Watch, rng: np.random.Generator, n_idle: int
) -> NDArray[np.bool_]:
    """Shake the best plan and search again, until that has been in vain `n_idle` times.

    Shaking closes a few sites at random and opens neighbours of a random row instead (Mladenović
    and Hansen 1997, variable neighbourhood search; Lourenço, Martin and Stützle 2003).
    """
    best, best_value = is_in, value(place, is_in)
    vain = 0
    while best_value > 0 and vain < n_idle and not watch.is_over and 0 < best.sum() < len(best):
        trial = improved(place, _shaken(place, best, rng), watch)
        trial_value = value(place, trial)
        if trial_value < best_value * (1 - _SMALL):
            vain = -1
        if trial_value <= best_value:
            best, best_value = trial, trial_value
        vain += 1
    return best


def _shaken(place: Ground, is_in: NDArray[np.bool_], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Swap a few sites at random; the limits hold afterwards."""
    trial = is_in.copy()
    members, others = np.flatnonzero(is_in), np.flatnonzero(~is_in)
    most = min(len(members), len(others), 3 + len(members) // 10)
    n = int(rng.integers(1, most + 1))
    trial[rng.choice(members, n, replace=False)] = False
    spent = float(place.price[trial].sum())
    for j in rng.choice(others, n, replace=False):
        if spent + place.price[j] <= place.money or not np.isfinite(place.money):
            trial[j] = True
            spent += float(place.price[j])
    return trial


@njit(cache=True, nogil=True)
def _rescan(
    rows: tuple[_I, NDArray[np.int32], _F, _F], is_in: NDArray[np.bool_], i: int
) -> tuple[int, float, int, float]:
    """Find the two nearest facilities of a row; -1 for a kept one."""
    start, site, cost, kept = rows
    first, first_cost = -1, kept[i]
    for k in range(start[i], start[i + 1]):
        if is_in[site[k]]:
            if first >= 0:
                return first, first_cost, site[k], cost[k]
            first, first_cost = site[k], cost[k]
    return first, first_cost, -1, kept[i]


@njit(cache=True, nogil=True)
def _nearest_two(
    rows: tuple[_I, NDArray[np.int32], _F, _F], is_in: NDArray[np.bool_]
) -> tuple[_I, _F, _I, _F]:
    n_rows = rows[3].shape[0]
    site1, site2 = np.empty(n_rows, np.int64), np.empty(n_rows, np.int64)
    cost1, cost2 = np.empty(n_rows), np.empty(n_rows)
    for i in range(n_rows):
        site1[i], cost1[i], site2[i], cost2[i] = _rescan(rows, is_in, i)
    return site1, cost1, site2, cost2


@njit(cache=True, nogil=True)
def _losses(near: tuple[_I, _F, _I, _F], loss: _F) -> None:
    """Give what closing each site costs, its rows going to their second nearest."""
    site1, cost1, _, cost2 = near
    loss[:] = 0.0
    for i in range(site1.shape[0]):
        if site1[i] >= 0:
            loss[site1[i]] += cost2[i] - cost1[i]


@njit(cache=True, nogil=True)
def _opened(columns: tuple[_I, NDArray[np.int32], _F], near: tuple[_I, _F, _I, _F], j: int) -> None:
    """Note a site that has been opened."""
    start, row, cost = columns
    site1, cost1, site2, cost2 = near
    for k in range(start[j], start[j + 1]):
        i = row[k]
        if cost[k] < cost1[i]:
            site2[i], cost2[i] = site1[i], cost1[i]
            site1[i], cost1[i] = j, cost[k]
        elif cost[k] < cost2[i]:
            site2[i], cost2[i] = j, cost[k]


@njit(cache=True, nogil=True)
def _closed(
    rows: tuple[_I, NDArray[np.int32], _F, _F],
    columns: tuple[_I, NDArray[np.int32], _F],
    is_in: NDArray[np.bool_],
    near: tuple[_I, _F, _I, _F],
    j: int,
) -> None:
    """Note a site that has been closed."""
    start, row, _ = columns
    site1, cost1, site2, cost2 = near
    for k in range(start[j], start[j + 1]):
        i = row[k]
        if site1[i] == j or site2[i] == j:
            site1[i], cost1[i], site2[i], cost2[i] = _rescan(rows, is_in, i)


@njit(cache=True, nogil=True)
def _gain(
    columns: tuple[_I, NDArray[np.int32], _F],
    near: tuple[_I, _F, _I, _F],
    spared: _F,
    j: int,
) -> float:
    """Give what opening a site saves, and in `spared` what it spares when another is closed."""
    start, row, cost = columns
    site1, cost1, _, cost2 = near
    gain = 0.0
    for k in range(start[j], start[j + 1]):
        i = row[k]
        if cost[k] < cost1[i]:
            gain += cost1[i] - cost[k]
            if site1[i] >= 0:
                spared[site1[i]] += cost2[i] - cost1[i]
        elif cost[k] < cost2[i] and site1[i] >= 0:
            spared[site1[i]] += cost2[i] - cost[k]
    return gain


@njit(cache=True, nogil=True)
def _partner(
    is_in: NDArray[np.bool_], loss: _F, spared: _F, price: _F, room: float
) -> tuple[int, float]:
    """Find the site whose closing costs least and makes the room needed; wipe `spared`."""
    best, best_loss = -1, np.inf
    for r in range(is_in.shape[0]):
        if is_in[r] and loss[r] - spared[r] < best_loss and price[r] >= room:
            best, best_loss = r, loss[r] - spared[r]
        spared[r] = 0.0
    return best, best_loss


@njit(cache=True, nogil=True)
def _descend(
    rows: tuple[_I, NDArray[np.int32], _F, _F],
    columns: tuple[_I, NDArray[np.int32], _F],
    limits: tuple[_F, int, float],
    is_in: NDArray[np.bool_],
    near: tuple[_I, _F, _I, _F],
    cursor: int,
    stale: int,
    work: int,
) -> tuple[int, int]:
    """Take improving moves in turn; give the next site and how many in a row were in vain."""
    price, n_left, money = limits
    n_sites = is_in.shape[0]
    loss, spared = np.empty(n_sites), np.zeros(n_sites)
    _losses(near, loss)
    n_in, spent = 0, 0.0
    for j in range(n_sites):
        if is_in[j]:
            n_in += 1
            spent += price[j]
    small = _SMALL * near[1].sum()
    while stale < n_sites and work > 0:
        j, stale = cursor, stale + 1
        cursor = (cursor + 1) % n_sites
        if is_in[j]:
            continue
        work -= columns[0][j + 1] - columns[0][j] + n_sites
        gain = _gain(columns, near, spared, j)
        may_add = n_in < n_left and spent + price[j] <= money
        room = -np.inf if money == np.inf else spent + price[j] - money
        out, lost = _partner(is_in, loss, spared, price, room)
        if may_add:
            out, lost = -1, 0.0
        if (out < 0 and not may_add) or gain - lost <= small:
            continue
        is_in[j] = True
        _opened(columns, near, j)
        n_in, spent, stale = n_in + 1, spent + price[j], 0
        if out >= 0:
            is_in[out] = False
            _closed(rows, columns, is_in, near, out)
            n_in, spent = n_in - 1, spent - price[out]
        _losses(near, loss)
        work -= near[0].shape[0]
    return cursor, stale

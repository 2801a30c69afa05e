"""The tables that local search for p-median and p-centre walks on, and a greedy first plan."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.models.choice import Choice
from planner.models.journeys import Journeys
from planner.solve.watch import Watch

_F = NDArray[np.float64]
_I = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What the search walks on.

    Attributes
    ----------
    rows
        ``(start, site, cost, kept)``: journeys of each row, cheapest first, and the cost of the
        kept facility; where there is none, more than any plan that serves everybody costs.
    columns
        ``(start, row, cost)``: journeys to each site.
    price, n_left, money
        The limits; `price` has shape (n_sites,).
    """

    rows: tuple[_I, NDArray[np.int32], _F, _F]
    columns: tuple[_I, NDArray[np.int32], _F]
    price: _F
    n_left: int
    money: float


def ground(journeys: Journeys, sites: Choice, extra: _F | None = None) -> Ground:
    """Prepare the search.

    Parameters
    ----------
    journeys, sites
        The question.
    extra
        Shape (n_areas,): cost added to each person of an area without a facility within the
        standard; None for nothing.
    """
    cost, kept = journeys.cost, journeys.people * journeys.kept
    if extra is not None:
        unit = np.where(journeys.area >= 0, journeys.people * np.append(extra, 0)[journeys.area], 0)
        cost = cost + unit[journeys.row] * (journeys.impedance > journeys.standard)
        kept = kept + unit * (journeys.kept > journeys.standard)
    return _ground(journeys, sites, cost, kept)


def beyond(journeys: Journeys, sites: Choice, radius: float) -> Ground:
    """Prepare the search for a plan without journeys beyond a radius.

    A plan costs what its journeys exceed the radius by; one that costs nothing serves everybody
    within it.
    """
    cost = np.maximum(journeys.impedance - radius, 0.0)
    return _ground(journeys, sites, cost, np.maximum(journeys.kept - radius, 0.0))


def _ground(journeys: Journeys, sites: Choice, cost: _F, kept: _F) -> Ground:
    farthest = np.zeros(journeys.n_rows)
    has_any = np.diff(journeys.start) > 0
    farthest[has_any] = cost[journeys.start[1:][has_any] - 1]
    farthest = np.where(np.isinf(kept), farthest, kept)
    kept = np.where(np.isinf(kept), farthest.sum() + 1.0, kept)
    table = csr_array(
        (cost, journeys.site, journeys.start), shape=(journeys.n_rows, journeys.n_sites)
    ).tocsc()
    return Ground(
        (journeys.start.astype(np.int64), journeys.site, cost, kept),
        (table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data),
        sites.cost,
        sites.n_left,
        sites.money_left,
    )


def greedy(place: Ground, watch: Watch) -> NDArray[np.bool_]:
    """Open sites one by one, by travel saved (per cost when there is a budget).

    Savings only fall while sites are added, so stale ones are upper bounds (Minoux 1978).
    """
    start, row, cost = place.columns
    now = place.rows[3].copy()
    is_counted = not np.isfinite(place.money)
    unit = np.ones(len(place.price)) if is_counted else np.maximum(place.price, 1e-9)

    def worth(j: int) -> float:
        part = slice(start[j], start[j + 1])
        return float(np.maximum(now[row[part]] - cost[part], 0.0).sum() / unit[j])

    heap = [(-worth(j), j) for j in range(len(place.price))]
    heapq.heapify(heap)
    is_in, n_left, money = np.zeros(len(place.price), bool), place.n_left, place.money
    while heap and n_left > 0 and not watch.is_over:
        j = heapq.heappop(heap)[1]
        if not is_counted and place.price[j] > money:
            continue
        key = (-worth(j), j)
        if key[0] >= 0.0:
            continue
        if heap and key > heap[0]:
            heapq.heappush(heap, key)
            continue
        is_in[j] = True
        part = slice(start[j], start[j + 1])
        now[row[part]] = np.minimum(now[row[part]], cost[part])
        n_left -= 1
        money -= 0.0 if is_counted else float(place.price[j])
    return is_in

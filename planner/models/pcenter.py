r"""p-centre problem: who is served within a radius, at what least number or cost of sites.

Hakimi (1964), Optimum locations of switching centers, Operations Research 12. The least longest
journey is the least radius r at which a plan within the limits covers everybody (Minieka 1970, The
m-center problem, SIAM Review 12),

.. math::
    \min \sum_j b_j y_j \quad \text{s.t.} \quad \sum_{j: d_{ij} \le r} y_j \ge 1 \;\forall i,\;
    y_j \in \{0, 1\},

with :math:`b_j` one or the cost of the site, the other of the two limited by a row. Floors ask,
when their standard is below r, for people served within the standard too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack, vstack

from planner.models.choice import Choice
from planner.models.domination import holding_others, within_others
from planner.models.journeys import Journeys
from planner.models.programme import Programme


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """Rows that must be covered, and the sites that may.

    Attributes
    ----------
    matrix
        CSR of 32-bit ones, shape (n_needed_rows, n_useful_sites).
    row
        Shape (n_needed_rows,): positions among all rows.
    site
        Shape (n_useful_sites,): positions among the free candidates.
    """

    matrix: csr_array
    row: NDArray[np.int64]
    site: NDArray[np.int64]


def cover(journeys: Journeys, sites: Choice, radius: float, *, by_cost: bool = False) -> Cover:
    """Find who must be covered within a radius, without rows and sites that decide nothing.

    A row goes when another's sites are all among its own; a site goes when another covers all its
    rows and costs no more. With floors below the radius nothing goes.

    Parameters
    ----------
    journeys, sites, radius
        The question.
    by_cost
        Whether costs matter although no budget limits them.
    """
    far = np.flatnonzero((journeys.kept > radius) | np.isinf(journeys.kept))
    matrix = journeys.within(radius)[far]
    site = np.arange(journeys.n_sites)
    if radius > journeys.standard and journeys.has_floors:
        return Cover(matrix, far, site)
    has_price = by_cost or not sites.is_counted
    price = sites.cost if has_price else np.zeros(journeys.n_sites)
    rank = np.empty(len(site), np.int64)
    rank[np.argsort(price, kind="stable")] = np.arange(len(site))
    size = (-1, -1)
    while size != matrix.shape:
        size = matrix.shape
        is_needed = ~holding_others(matrix, _transposed(matrix))
        matrix, far = csr_array(matrix[is_needed]), far[is_needed]
        columns = _transposed(matrix)
        stays = np.diff(columns.indptr) > 0
        stays &= ~within_others(columns, matrix, price[site], rank[site])
        matrix, site = csr_array(matrix[:, stays]), site[stays]
        matrix.sort_indices()
    return Cover(matrix, far, site)


def programme(
    journeys: Journeys, sites: Choice, radius: float, needed: Cover, *, by_cost: bool
) -> Programme:
    """Write the programme of least number, or least cost, for a radius.

    The first columns are the sites of `needed`. The other of the two limits is a row.

    Parameters
    ----------
    journeys, sites, radius
        The question.
    needed
        What `cover` gave.
    by_cost
        Whether cost is made least, else the number.
    """
    n_sites = len(needed.site)
    number, cost = np.ones(n_sites), sites.cost[needed.site]
    most = float(sites.n_left) if by_cost else sites.money_left
    unit = 1.0 if by_cost or not np.isfinite(most) else max(most, float(cost.max(initial=1.0)))
    limit = csr_array(((number if by_cost else cost) / unit)[np.newaxis])
    rows = [csr_array(needed.matrix, dtype=np.float64), limit]
    lower = [np.ones(needed.matrix.shape[0]), np.array([-np.inf])]
    upper = [np.full(needed.matrix.shape[0], np.inf), np.array([most / unit])]
    n_served = 0
    if radius > journeys.standard and journeys.has_floors:
        served, floors, least = _floors(journeys)
        n_served = served.shape[1] - n_sites
        rows = [_widened(m, n_served) for m in rows] + [served, floors]
        lower += [np.zeros(served.shape[0]), least]
        upper += [np.full(served.shape[0], np.inf), np.full(len(least), np.inf)]
    columns = n_sites + n_served
    return Programme(
        objective=np.concatenate([cost if by_cost else number, np.zeros(n_served)]),
        lower=np.zeros(columns),
        upper=np.ones(columns),
        is_integer=np.arange(columns) < n_sites,
        matrix=csr_array(vstack(rows, format="csr")),
        row_lower=np.concatenate(lower),
        row_upper=np.concatenate(upper),
        is_maximum=False,
    )


def _transposed(matrix: csr_array) -> csr_array:
    return csr_array(matrix.T.tocsr())


def _floors(journeys: Journeys) -> tuple[csr_array, csr_array, NDArray[np.float64]]:
    """Give the rows that say who is served within the standard, and how many each area needs."""
    n_areas = len(journeys.need_people)
    has_area = journeys.area >= 0
    is_near = has_area & (journeys.kept <= journeys.standard)
    already = np.bincount(journeys.area[is_near], journeys.people[is_near], n_areas)
    asked = np.flatnonzero(has_area & ~is_near)
    columns = journeys.n_sites + len(asked)
    served = coo_array(
        (-np.ones(len(asked)), (np.arange(len(asked)), np.arange(len(asked)))),
        shape=(len(asked), len(asked)),
    )
    reach = csr_array(journeys.within(journeys.standard)[asked], dtype=np.float64)
    everybody = np.bincount(journeys.area[has_area], journeys.people[has_area], n_areas)
    unit = np.maximum(everybody, 1e-300)
    area = journeys.area[asked]
    floors = coo_array(
        (journeys.people[asked] / unit[area], (area, journeys.n_sites + np.arange(len(asked)))),
        shape=(n_areas, columns),
    )
    least = (journeys.need_people - already) / unit
    return csr_array(hstack([reach, served])), csr_array(floors.tocsr()), least


def _widened(matrix: csr_array, n: int) -> csr_array:
    return csr_array(
        (matrix.data, matrix.indices, matrix.indptr), (matrix.shape[0], matrix.shape[1] + n)
    )

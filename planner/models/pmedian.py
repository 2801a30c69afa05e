r"""p-median problem, in its ordered-distance form.

Hakimi (1964), Optimum locations of switching centers, Operations Research 12. With
:math:`D_{i1} < D_{i2} < \dots` the distinct impedances from demand point i, :math:`a_i` its people
and :math:`z_{ik} = 1` when nobody in the plan is within :math:`D_{ik}` of it,

.. math::
    \min \sum_i a_i \Bigl(D_{i1} + \sum_k (D_{i,k+1} - D_{ik}) z_{ik}\Bigr) \quad \text{s.t.} \quad
    z_{ik} + \sum_{j: d_{ij} = D_{ik}} y_j \ge z_{i,k-1},\; z_{i0} = 1,\; \sum_j y_j \le p,\;
    \sum_j c_j y_j \le B,\; y_j \in \{0, 1\},\; 0 \le z_{ik} \le 1

(García, Labbé and Marín 2011, Solving large p-median problems with a radius formulation, INFORMS
Journal on Computing 23; Duran-Mateluna, Ales and Elloumi 2023, An efficient Benders decomposition
for the p-median problem, European Journal of Operational Research 308). Each journey appears in one
row, and rows end at the nearest kept facility or at the farthest journey worth a thought.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from planner.models.choice import Choice
from planner.models.journeys import Journeys
from planner.models.programme import Programme

_VALUE_IN_SOLVER = 1e3
"""The objective is scaled to about this, so that the solver's absolute tolerances are tiny."""


@dataclass(frozen=True, slots=True, eq=False)
class Median:
    """A programme and how to read it: value = constant + scale × objective.

    The first columns are the free candidates, the others the z of each row's levels.

    Attributes
    ----------
    programme
        What HiGHS solves.
    constant, scale
        See above.
    row_of_level, impedance_of_level
        Shape (n_levels,): to which row each z belongs, and its distance.
    """

    programme: Programme
    constant: float
    scale: float
    row_of_level: NDArray[np.int64]
    impedance_of_level: NDArray[np.float64]

    def start(self, journeys: Journeys, is_in: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Give the columns' values for a plan, shape (n_columns,)."""
        is_farther = journeys.nearest(is_in)[self.row_of_level] > self.impedance_of_level
        return np.concatenate([is_in, is_farther]).astype(np.float64)


def median(journeys: Journeys, sites: Choice, value: float) -> Median:
    """Write the programme of a p-median question.

    Parameters
    ----------
    journeys, sites
        The question.
    value
        About what the objective will be, above 0; sets the scale.
    """
    row, cost = journeys.row, journeys.cost
    is_first = np.ones(len(row), bool)
    is_first[1:] = np.diff(row) != 0
    is_new = is_first.copy()
    is_new[1:] |= np.diff(journeys.impedance) != 0
    level = np.cumsum(is_new) - 1
    heads = np.flatnonzero(is_new)
    row_of_level, cost_of_level = row[heads], cost[heads]
    is_last = np.ones(len(heads), bool)
    is_last[:-1] = np.diff(row_of_level) != 0
    beyond = (journeys.people * journeys.kept)[row_of_level]
    is_end = is_last & np.isinf(beyond)
    after = np.append(cost_of_level[1:], 0.0)
    step = np.where(is_last, beyond, after) - cost_of_level
    step[is_end] = 0.0
    idle = np.diff(journeys.start) == 0
    constant = float(cost_of_level[is_first[heads]].sum())
    constant += float((journeys.people * journeys.kept)[idle].sum())
    scale = max(value, 1e-300) / _VALUE_IN_SOLVER
    n_sites, n_levels = journeys.n_sites, len(heads)
    columns = n_sites + n_levels
    follows = np.flatnonzero(~is_first[heads])
    matrix = coo_array(
        (
            np.concatenate([np.ones(len(row) + n_levels), -np.ones(len(follows))]),
            (
                np.concatenate([level, np.arange(n_levels), follows]),
                np.concatenate(
                    [journeys.site, n_sites + np.arange(n_levels), n_sites + follows - 1]
                ),
            ),
        ),
        shape=(n_levels, columns),
    ).tocsr()
    limits, most = _limits(sites, columns)
    floors, floor_most = _floors(journeys, row_of_level, journeys.impedance[heads], columns)
    n_upper = len(most) + len(floor_most)
    programme = Programme(
        objective=np.concatenate([np.zeros(n_sites), step / scale]),
        lower=np.zeros(columns),
        upper=np.concatenate([np.ones(n_sites), (~is_end).astype(np.float64)]),
        is_integer=np.arange(columns) < n_sites,
        matrix=csr_array(vstack([matrix, limits, floors], format="csr")),
        row_lower=np.concatenate([is_first[heads], np.full(n_upper, -np.inf)]),
        row_upper=np.concatenate([np.full(n_levels, np.inf), most, floor_most]),
        is_maximum=False,
    )
    return Median(programme, constant, scale, row_of_level, journeys.impedance[heads])


def _limits(sites: Choice, columns: int) -> tuple[csr_array, NDArray[np.float64]]:
    """Give the rows that limit number and cost, and their most."""
    n_sites = len(sites.free)
    rows, most = [np.ones(n_sites)], [float(sites.n_left)]
    if not sites.is_counted:
        unit = max(sites.money_left, float(sites.cost.max(initial=1.0)))
        rows.append(sites.cost / unit)
        most.append(sites.money_left / unit)
    dense = np.zeros((len(rows), columns))
    dense[:, :n_sites] = rows
    return csr_array(dense), np.array(most)


def _floors(
    journeys: Journeys,
    row_of_level: NDArray[np.int64],
    impedance: NDArray[np.float64],
    columns: int,
) -> tuple[csr_array, NDArray[np.float64]]:
    """Give the rows that limit the people of each area without a facility within the standard."""
    n_areas = len(journeys.need_people)
    if n_areas == 0:
        return csr_array((0, columns)), np.zeros(0)
    last = np.full(journeys.n_rows, -1)
    inside = np.flatnonzero(impedance <= journeys.standard)
    last[row_of_level[inside]] = inside  # rising, so the farthest level stays
    far = (journeys.area >= 0) & (journeys.kept > journeys.standard)
    open_rows = np.flatnonzero(far & (last >= 0))
    lost = far & (last < 0)
    everybody = journeys.area >= 0
    people = np.bincount(journeys.area[everybody], journeys.people[everybody], n_areas)
    people -= np.bincount(journeys.area[lost], journeys.people[lost], n_areas)
    unit = np.maximum(people, 1e-300)
    area = journeys.area[open_rows]
    n_first = columns - len(row_of_level)
    rows = coo_array(
        (journeys.people[open_rows] / unit[area], (area, n_first + last[open_rows])),
        shape=(n_areas, columns),
    )
    return csr_array(rows.tocsr()), (people - journeys.need_people) / unit

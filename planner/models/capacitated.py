r"""Maximal covering within capacities.

Current and Storbeck (1988), Capacitated covering models, Environment and Planning B 15, with the
people of one demand point free to go to several facilities. With :math:`a_i` people at demand point
i, :math:`C_j` places at facility j and :math:`x_{ij}` the part of :math:`a_i` that j serves,

.. math::
    \max \sum_{ij} a_i x_{ij} \quad \text{s.t.} \quad \sum_j x_{ij} \le 1,\;
    \sum_i a_i x_{ij} \le C_j y_j,\; x_{ij} \le y_j,\; \sum_{i \in A_k, j} a_i x_{ij} \ge D_k,\;
    \sum_j y_j \le p,\; \sum_j b_j y_j \le B,\; y_j \in \{0, 1\},\; x_{ij} \ge 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csr_array

from planner.models.choice import Choice
from planner.models.lscp import limit_rows
from planner.models.merging import ALL_BITS, BARRED, KEPT, add_rows, empty_table, rows_of
from planner.models.programme import Programme
from planner.problem import SitingProblem


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """A question about capacities in its fewest rows.

    Attributes
    ----------
    reach
        CSR of 8-bit ones, shape (n_rows, n_columns): merged demand by facilities.
    people, area
        Shape (n_rows,): people, all above 0, and area of the floor they count for, -1 for none.
    facilities
        Shape (n_columns,), rising: positions in the full problem.
    capacity
        Shape (n_columns,): most people each can serve; never more than it reaches.
    cost
        Shape (n_columns,): of the choice; 0 for kept facilities.
    is_kept
        Shape (n_columns,): in every plan.
    kept_people, kept_area_people
        People, in all and by area, of demand that kept facilities serve with places to spare; they
        are in no row.
    """

    reach: csr_array
    people: NDArray[np.float64]
    area: NDArray[np.int64]
    facilities: NDArray[np.int64]
    capacity: NDArray[np.float64]
    cost: NDArray[np.float64]
    is_kept: NDArray[np.bool_]
    kept_people: float
    kept_area_people: NDArray[np.float64]


def load(problem: SitingProblem, free: Choice) -> Load:
    """Reduce a question about capacities without changing its optimum.

    Demand without people or out of reach is left out, and so is whatever a kept facility reaches
    that has places for all it reaches; demand points of one area with the same facilities are one.
    """
    reach, floors = problem.reach, problem.floors
    reached = reach.T @ problem.people
    is_ample = capacities(problem)[free.kept] >= reached[free.kept]
    columns = np.sort(np.concatenate([free.kept[~is_ample], free.free]))
    number = np.full(reach.shape[1], BARRED, np.int32)
    number[columns] = np.arange(len(columns), dtype=np.int32)
    number[free.kept[is_ample]] = KEPT
    area = np.full(reach.shape[0], -1, np.int64) if floors is None else floors.area
    served = np.zeros(1 if floors is None else len(floors.min_share) + 1)
    rows = reach.indptr, reach.indices, problem.people
    table = add_rows(empty_table(), rows, area, number, served, ALL_BITS, False)
    merged, people, areas = rows_of(table, len(columns))
    cost = np.zeros(reach.shape[1])
    cost[free.free] = free.cost
    return Load(
        reach=merged,
        people=people,
        area=areas,
        facilities=columns,
        capacity=np.minimum(capacities(problem)[columns], merged.T @ people),
        cost=cost[columns],
        is_kept=np.isin(columns, free.kept),
        kept_people=float(served.sum()),
        kept_area_people=served[:-1],
    )


def capacities(problem: SitingProblem) -> NDArray[np.float64]:
    """Give the places of all candidates of a capacitated question."""
    if problem.capacity_people is None:
        message = "this model has no capacities"
        raise TypeError(message)
    return problem.capacity_people


def programme(
    question: Load,
    least_by_area: NDArray[np.float64],
    n_left: int,
    money_left: float,
    price: NDArray[np.float64] | None = None,
) -> Programme:
    """Give the mixed-integer programme: y of the columns, then x of the pairs in order of rows.

    Parameters
    ----------
    question
        What is asked.
    least_by_area
        Shape (n_areas,): people to be served in each area; empty without floors.
    n_left, money_left
        Limits on the free columns and on their cost; infinite money for none.
    price
        Shape (n_columns,): made least, and the areas are all that is served; None to serve most.
    """
    n_rows, n_columns = question.reach.shape
    rows, columns = pairs_of(question.reach)
    n_pairs, people = len(rows), question.people
    pair = np.arange(n_pairs)
    is_scarce = np.bincount(columns, people[rows], minlength=n_columns) > question.capacity
    scarce = np.flatnonzero(is_scarce)
    # Where a demand point alone fills a facility, its places are the tighter condition.
    is_implied = is_scarce[columns] & (people[rows] >= question.capacity[columns])
    linked = np.flatnonzero(~question.is_kept[columns] & ~is_implied)
    free = np.flatnonzero(~question.is_kept)
    areas = np.flatnonzero(least_by_area > 0)
    slot = np.full(len(least_by_area) + 1, -1)  # the last is for those without an area
    slot[areas] = np.arange(len(areas))
    wanting = np.flatnonzero(slot[question.area[rows]] >= 0)
    limits, most = limit_rows(question.cost[free], n_left, money_left)
    at_facility = _matrix(columns, pair, people[rows], (n_columns, n_pairs))[scarce]
    ones, minus = np.ones(len(linked)), -question.capacity[scarce]
    matrix = block_array(
        [
            [None, _matrix(rows, pair, np.ones(n_pairs), (n_rows, n_pairs))],
            [_matrix(np.arange(len(scarce)), scarce, minus, (len(scarce), n_columns)), at_facility],
            [
                _matrix(np.arange(len(linked)), columns[linked], -ones, (len(linked), n_columns)),
                _matrix(np.arange(len(linked)), linked, ones, (len(linked), n_pairs)),
            ],
            [
                csr_array((len(areas), n_columns)),
                _matrix(
                    slot[question.area[rows[wanting]]],
                    wanting,
                    people[rows[wanting]],
                    (len(areas), n_pairs),
                ),
            ],
            [_spread(limits, free, n_columns), None],
        ],
        format="csr",
    )
    upper = np.concatenate([np.ones(n_rows), np.zeros(len(scarce) + len(linked))])
    objective = np.concatenate([np.zeros(n_columns), people[rows]])
    if price is not None:
        objective = np.concatenate([price, np.zeros(n_pairs)])
    return Programme(
        objective=objective,
        lower=np.concatenate([question.is_kept.astype(np.float64), np.zeros(n_pairs)]),
        upper=np.ones(n_columns + n_pairs),
        is_integer=np.arange(n_columns + n_pairs) < n_columns,
        matrix=csr_array(matrix),
        row_lower=np.concatenate(
            [np.full(len(upper), -np.inf), least_by_area[areas], np.full(len(most), -np.inf)]
        ),
        row_upper=np.concatenate([upper, np.full(len(areas), np.inf), most]),
        is_maximum=price is None,
    )


def pairs_of(reach: csr_array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give row and column of each pair, in order of rows."""
    rows = np.repeat(np.arange(reach.shape[0]), np.diff(reach.indptr))
    return rows, reach.indices.astype(np.int64)


def _matrix(
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
    values: NDArray[np.float64],
    shape: tuple[int, int],
) -> csr_array:
    return csr_array((values, (rows, columns)), shape=shape)


def _spread(limits: csr_array, free: NDArray[np.int64], n_columns: int) -> csr_array:
    """Give the limits on free columns as limits on all."""
    wide = np.zeros((limits.shape[0], n_columns))
    wide[:, free] = limits.toarray()
    return csr_array(wide)


def unit_of(problem: SitingProblem) -> float:
    """Give the people that count as one for the solver, whose tolerances are absolute.

    Heads are left as they are, so that whole people stay whole.
    """
    most = float(problem.people.max(initial=0.0))
    return 1.0 if most == 0.0 or 1e-3 <= most <= 1e7 else most


def in_units(problem: SitingProblem, unit: float) -> SitingProblem:
    """Give the same question with people and capacities counted in units of people."""
    capacity = None if problem.capacity_people is None else problem.capacity_people / unit
    return replace(problem, people=problem.people / unit, capacity_people=capacity)

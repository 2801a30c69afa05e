r"""Partial set covering location problem (PSCLP), and the floors of areas.

Daskin and Owen (1999), Two new location covering problems, Geographical Analysis 31. With
:math:`a_i` people at demand point i, :math:`N_i` the candidates that reach it, D people to be
served in all and :math:`D_k` of area :math:`A_k`,

.. math::
    \min \sum_j c_j y_j \quad \text{s.t.} \quad z_i \le \sum_{j \in N_i} y_j,\;
    \sum_i a_i z_i \ge D,\; \sum_{i \in A_k} a_i z_i \ge D_k,\;
    \sum_j y_j \le p,\; \sum_j b_j y_j \le B,\; y_j \in \{0, 1\},\; 0 \le z_i \le 1.

The z need not be integer: with integer y the best z is 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csr_array, diags_array

from planner.models.covering import Cover
from planner.models.lscp import limit_rows
from planner.models.programme import Programme
from planner.problem import SitingProblem

SHARE_SLACK = 1e-9
"""Part of all people, or of an area's, that is forgiven as rounding of sums."""


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """How many people free candidates must serve.

    Attributes
    ----------
    people
        Of all; 0 or less when kept facilities serve enough.
    area_people
        Shape (n_areas,), of each area; empty without floors.
    """

    people: float
    area_people: NDArray[np.float64]


def need_of(problem: SitingProblem, kept_people: float, kept_area: NDArray[np.float64]) -> Need:
    """Give what is left to be served when kept facilities serve what they can.

    Parameters
    ----------
    problem
        Its share (none: nobody in all) and floors.
    kept_people, kept_area
        People whom kept facilities serve, of all and by area.
    """
    total = float(problem.people.sum())
    people = -np.inf if problem.share is None else (problem.share - SHARE_SLACK) * total
    if problem.floors is None:
        return Need(people - kept_people, np.zeros(0))
    of_area = area_totals(problem)
    return Need(
        people - kept_people, (problem.floors.min_share - SHARE_SLACK) * of_area - kept_area
    )


def area_totals(problem: SitingProblem) -> NDArray[np.float64]:
    """Give the people of each area of the floors, those nobody reaches included."""
    if problem.floors is None:
        return np.zeros(0)
    return sums_by_area(problem.floors.area, problem.people, len(problem.floors.min_share))


def sums_by_area(
    area: NDArray[np.int64], people: NDArray[np.float64], n_areas: int
) -> NDArray[np.float64]:
    """Give the sum of people in each area; -1 is no area."""
    sums = np.bincount(area + 1, weights=people, minlength=n_areas + 1)
    return sums[1 : n_areas + 1].astype(np.float64)


def programme(
    cover: Cover, need: Need, price: NDArray[np.float64], n_left: int, money_left: float
) -> Programme:
    """Give the mixed-integer programme: y of the columns, then z of the rows that count.

    Parameters
    ----------
    cover
        The question.
    need
        Who must be served.
    price
        Shape (n_columns,): what is made least.
    n_left, money_left
        Limits on the number and on `cover.cost`; infinite money for none.
    """
    counts = rows_that_count(cover, need)
    reach, people, area = cover.reach[counts], cover.people[counts], cover.area[counts]
    n_rows, n_columns = reach.shape
    sums, least = _sum_rows(people, area, need)
    limits, most = limit_rows(cover.cost, n_left, money_left)
    matrix = block_array(
        [
            [reach.astype(np.float64), diags_array(np.full(n_rows, -1.0), shape=(n_rows, n_rows))],
            [None, sums],
            [limits, None],
        ],
        format="csr",
    )
    return Programme(
        objective=np.concatenate([price, np.zeros(n_rows)]),
        lower=np.zeros(n_columns + n_rows),
        upper=np.ones(n_columns + n_rows),
        is_integer=np.arange(n_columns + n_rows) < n_columns,
        matrix=csr_array(matrix),
        row_lower=np.concatenate([np.zeros(n_rows), least, np.full(len(most), -np.inf)]),
        row_upper=np.concatenate([np.full(n_rows + len(least), np.inf), most]),
        is_maximum=False,
    )


def rows_that_count(cover: Cover, need: Need) -> NDArray[np.intp]:
    """Give the rows whose people count for something that is still to be served."""
    if need.people > 0:
        return np.arange(len(cover.people))
    is_wanting = np.append(need.area_people > 0, False)  # the last is for those without an area
    return np.flatnonzero(is_wanting[cover.area])


def values(cover: Cover, need: Need, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the solution of `programme` that takes some columns."""
    is_in = np.zeros(cover.reach.shape[1], np.int32)
    is_in[columns] = 1
    is_served = (cover.reach @ is_in) > 0
    return np.concatenate([is_in, is_served[rows_that_count(cover, need)]]).astype(np.float64)


def _sum_rows(
    people: NDArray[np.float64], area: NDArray[np.int64], need: Need
) -> tuple[csr_array, NDArray[np.float64]]:
    """Give one row for all people and one for each area, those that ask for anybody."""
    # The largest row is the unit: the solver's tolerances are absolute.
    unit = float(people.max(initial=1e-300))
    people = people / unit
    need = Need(need.people / unit, need.area_people / unit)
    areas = np.flatnonzero(need.area_people > 0)
    rows = [np.zeros((0, len(people)))]
    if need.people > 0:
        rows.append(people[None, :])
    rows.extend(np.where(area == k, people, 0.0)[None, :] for k in areas)
    least = [need.people] if need.people > 0 else []
    return csr_array(np.concatenate(rows)), np.concatenate([least, need.area_people[areas]])

"""The covering family reduced: what is left to decide, in the fewest rows and columns.

LSCP, MCLP and PSCLP ask who is reached by at least one facility of a plan. None of their optima
changes when

1. demand without people, that nobody free reaches or that a kept facility serves is taken out;
2. demand points of one area with the same cover set are merged (`planner.models.merging`);
3. candidates are taken out that reach nobody, or nobody whom another free candidate at no higher
   cost does not reach as well (`planner.models.domination`): the other one serves at least as many,
   in each area, and breaks no limit;
4. what is left falls into parts that share neither demand nor candidates.

Chen, Chen, Liu and Dai (2023), Efficient presolving methods for solving maximal covering and
partial set covering location problems, European Journal of Operational Research 311.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from planner.models.choice import Choice
from planner.models.domination import within_others
from planner.models.merging import (
    ALL_BITS,
    BARRED,
    KEPT,
    add_rows,
    empty_table,
    merge_demand,
    rows_of,
)
from planner.problem import SitingProblem

__all__ = ["Cover", "components", "cover", "merge_demand"]


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """A covering question in its fewest rows and columns.

    Attributes
    ----------
    reach
        CSR of 8-bit ones with sorted 32-bit indices, shape (n_rows, n_columns): merged demand by
        useful free candidates. No row and no column is empty.
    people
        Shape (n_rows,), all above 0.
    area
        Shape (n_rows,): area of the floor each row counts for, -1 for none.
    candidates
        Shape (n_columns,), rising: positions in the full problem.
    cost
        Shape (n_columns,): cost of each, as in the choice.
    kept_people
        People whom kept facilities serve.
    kept_area_people
        Shape (n_areas,): the same by area of the floors; empty without floors.
    """

    reach: csr_array
    people: NDArray[np.float64]
    area: NDArray[np.int64]
    candidates: NDArray[np.int64]
    cost: NDArray[np.float64]
    kept_people: float
    kept_area_people: NDArray[np.float64]


def cover(problem: SitingProblem, choice: Choice) -> Cover:
    """Reduce a covering question without changing its optimum.

    Parameters
    ----------
    problem
        An LSCP, MCLP or PSCLP question (not a capacitated one: there two candidates of the same
        reach are worth more than one).
    choice
        What `planner.models.choice.choice` makes of its rules.
    """
    reach, people, area, served = _merged(problem, choice)
    # Costs bind nobody when only the number of sites counts.
    is_free_of_cost = problem.model == "mclp" and choice.is_counted
    price = np.zeros(len(choice.cost)) if is_free_of_cost else choice.cost
    # Of equal ones the cheapest stays, then what exists, then the lowest number.
    order = np.lexsort((choice.free, ~problem.is_open[choice.free], choice.cost))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    columns = csr_array(reach.T.tocsr())
    is_useful = (np.diff(columns.indptr) > 0) & ~within_others(columns, reach, price, rank)
    useful = np.flatnonzero(is_useful)
    if len(useful) < len(is_useful):
        # Fewer columns make more rows equal; merging them makes no further column dominated.
        number = np.full(len(is_useful), BARRED, np.int32)
        number[useful] = np.arange(len(useful), dtype=np.int32)
        rows = reach.indptr, reach.indices, people
        table = add_rows(empty_table(), rows, area, number, np.zeros(1), ALL_BITS, False)
        reach, people, area = rows_of(table, len(useful))
    return Cover(
        reach=reach,
        people=people,
        area=area,
        candidates=choice.free[useful],
        cost=choice.cost[useful],
        kept_people=float(served.sum()),
        kept_area_people=served[:-1],
    )


def _merged(
    problem: SitingProblem, choice: Choice
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Give merged demand by free candidates, people, areas, and people served already by area."""
    reach, floors = problem.reach, problem.floors
    number = np.full(reach.shape[1], BARRED, np.int32)
    number[choice.free] = np.arange(len(choice.free), dtype=np.int32)
    number[choice.kept] = KEPT
    area = np.full(reach.shape[0], -1, np.int64) if floors is None else floors.area
    served = np.zeros(1 if floors is None else len(floors.min_share) + 1)
    rows = reach.indptr, reach.indices, problem.people
    table = add_rows(empty_table(), rows, area, number, served, ALL_BITS, False)
    return *rows_of(table, len(choice.free)), served


def components(whole: Cover) -> list[Cover]:
    """Split a covering question into parts that share neither demand nor candidates.

    Returns
    -------
    list[Cover]
        In order of their first rows; people whom kept facilities serve are no part of any
        (`kept_people` is 0, `kept_area_people` all 0).
    """
    part_of_row, part_of_column = _labels(whole.reach)
    rows = np.argsort(part_of_row, kind="stable")
    columns = np.argsort(part_of_column, kind="stable")
    n_parts = int(part_of_row.max(initial=-1)) + 1
    first_row = np.searchsorted(part_of_row[rows], np.arange(n_parts + 1))
    first_column = np.searchsorted(part_of_column[columns], np.arange(n_parts + 1))
    number = np.empty(len(columns), np.int32)
    number[columns] = np.arange(len(columns)) - first_column[part_of_column[columns]]
    ordered = whole.reach[rows] if n_parts > 1 else whole.reach
    nobody = np.zeros_like(whole.kept_area_people)
    parts = []
    for k in range(n_parts):
        mine = slice(first_row[k], first_row[k + 1])
        own = columns[first_column[k] : first_column[k + 1]]
        indptr = ordered.indptr[first_row[k] : first_row[k + 1] + 1]
        indices = number[ordered.indices[indptr[0] : indptr[-1]]]
        reach = csr_array(
            (np.ones(len(indices), np.int8), indices, indptr - indptr[0]),
            shape=(len(indptr) - 1, len(own)),
        )
        parts.append(
            Cover(
                reach=reach,
                people=whole.people[rows[mine]],
                area=whole.area[rows[mine]],
                candidates=whole.candidates[own],
                cost=whole.cost[own],
                kept_people=0.0,
                kept_area_people=nobody,
            )
        )
    return parts


def _labels(reach: csr_array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Give the part of each row and of each column, parts numbered by their first rows."""
    n_rows, n_columns = reach.shape
    indptr = np.concatenate([reach.indptr, np.full(n_columns, reach.indptr[-1])])
    both = csr_array(
        (reach.data, reach.indices + np.int32(n_rows), indptr), shape=(n_rows + n_columns,) * 2
    )
    label = connected_components(both, directed=False)[1]
    order = np.unique(label, return_index=True)[1]  # a row comes before all of its columns
    number = np.empty(len(order), np.intp)
    number[np.argsort(order)] = np.arange(len(order))
    return number[label[:n_rows]], number[label[n_rows:]]

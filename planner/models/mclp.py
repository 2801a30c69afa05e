r"""Maximal covering location problem (MCLP).

Church and ReVelle (1974), The maximal covering location problem, Papers in Regional Science 32.
With :math:`a_i` people at demand point i, :math:`N_i` the candidates that reach it and :math:`D_k`
the people to be served in area :math:`A_k`,

.. math::
    \max \sum_i a_i z_i \quad \text{s.t.} \quad z_i \le \sum_{j \in N_i} y_j,\;
    \sum_{i \in A_k} a_i z_i \ge D_k,\; \sum_j y_j \le p,\; \sum_j c_j y_j \le B,\;
    y_j \in \{0, 1\},\; 0 \le z_i \le 1.

The z need not be integer: with integer y the best z is 0 or 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csr_array, eye_array

from planner.models.covering import Cover
from planner.models.lscp import limit_rows
from planner.models.merging import ALL_BITS, BARRED, KEPT, add_rows, empty_table, rows_of
from planner.models.programme import Programme


@dataclass(frozen=True, slots=True, eq=False)
class Maximal:
    """A reduced maximal covering question.

    Attributes
    ----------
    cover
        Rows and columns.
    n_left, money_left
        Most columns, and most money for them; infinite money for none.
    floor_people
        Shape (n_areas,): people of each area that the columns must serve; empty without floors.
    """

    cover: Cover
    n_left: int
    money_left: float
    floor_people: NDArray[np.float64]

    @property
    def is_counted(self) -> bool:
        """True when only a number limits the plan."""
        return not np.isfinite(self.money_left) and not (self.floor_people > 0).any()

    def served(self, columns: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Give the rows that some columns serve."""
        is_in = np.zeros(self.cover.reach.shape[1], np.int32)
        is_in[columns] = 1
        return np.asarray(self.cover.reach @ is_in) > 0

    def people(self, columns: NDArray[np.int64]) -> float:
        """Give the people whom some columns serve."""
        return float(self.cover.people[self.served(columns)].sum())

    def allows(self, columns: NDArray[np.int64]) -> bool:
        """Say whether a plan keeps all limits and floors."""
        served = self.served(columns)
        of_area = np.bincount(
            self.cover.area[served] + 1,
            weights=self.cover.people[served],
            minlength=len(self.floor_people) + 1,
        )[1:]
        return bool(
            len(columns) <= self.n_left
            and self.cover.cost[columns].sum() <= self.money_left
            and (of_area >= self.floor_people).all()
        )


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A maximal covering question with most columns decided.

    Attributes
    ----------
    question
        What is left to decide; its cover has only the open columns and the rows not served yet.
    taken
        Columns of the whole question that are in the plan.
    open
        Columns of the whole question that are left to decide.
    people
        People whom the taken columns serve.
    """

    question: Maximal
    taken: NDArray[np.int64]
    open: NDArray[np.int64]
    people: float

    def columns(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give a plan of the part as columns of the whole."""
        return np.sort(np.concatenate([self.taken, self.open[chosen]]))


def part(whole: Maximal, taken: NDArray[np.int64], open_: NDArray[np.int64]) -> Part:
    """Decide for the taken columns and against all others but the open ones, which are rising.

    Rows that the taken columns serve are gone, and fewer columns make more rows equal.
    """
    cover = whole.cover
    number = np.full(cover.reach.shape[1], BARRED, np.int32)
    number[open_] = np.arange(len(open_), dtype=np.int32)
    number[taken] = KEPT
    served = np.zeros(len(whole.floor_people) + 1)
    rows = cover.reach.indptr, cover.reach.indices, cover.people
    table = add_rows(empty_table(), rows, cover.area, number, served, ALL_BITS, False)
    reach, people, area = rows_of(table, len(open_))
    inner = Cover(
        reach=reach,
        people=people,
        area=area,
        candidates=cover.candidates[open_],
        cost=cover.cost[open_],
        kept_people=0.0,
        kept_area_people=np.zeros(len(whole.floor_people)),
    )
    question = Maximal(
        inner,
        min(whole.n_left - len(taken), len(open_)),
        whole.money_left - float(cover.cost[taken].sum()),
        whole.floor_people - served[:-1],
    )
    return Part(question, taken, open_, float(served.sum()))


def programme(question: Maximal, unit: float) -> Programme:
    """Give the mixed-integer programme: y of the columns, then for each row whether it is missed.

    It makes the people missed least, which is the same and starts the dual simplex method from a
    feasible basis.

    Parameters
    ----------
    question
        The question.
    unit
        People are divided by this, so that the solver's absolute tolerances mean the same for
        every city.
    """
    cover = question.cover
    n_rows, n_columns = cover.reach.shape
    areas = np.flatnonzero(question.floor_people > 0)
    limits, most = limit_rows(cover.cost, question.n_left, question.money_left)
    people = cover.people / unit
    of_area = cover.area == areas[:, None]
    missed = np.where(of_area, people, 0.0)
    most_missed = missed.sum(axis=1) - question.floor_people[areas] / unit
    matrix = block_array(
        [
            [cover.reach.astype(np.float64), eye_array(n_rows)],
            [None, csr_array(missed)],
            [limits, None],
        ],
        format="csr",
    )
    n_other = len(areas) + len(most)
    return Programme(
        objective=np.concatenate([np.zeros(n_columns), people]),
        lower=np.zeros(n_columns + n_rows),
        upper=np.ones(n_columns + n_rows),
        is_integer=np.arange(n_columns + n_rows) < n_columns,
        matrix=csr_array(matrix),
        row_lower=np.concatenate([np.ones(n_rows), np.full(n_other, -np.inf)]),
        row_upper=np.concatenate([np.full(n_rows, np.inf), most_missed, most]),
        is_maximum=False,
    )


def values(question: Maximal, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the solution of `programme` that takes some columns."""
    is_in = np.zeros(question.cover.reach.shape[1])
    is_in[columns] = 1.0
    return np.concatenate([is_in, ~question.served(columns)])

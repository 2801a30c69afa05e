r"""Location set covering problem (LSCP).

Toregas, Swain, ReVelle and Bergman (1971), The location of emergency service facilities, Operations
Research 19. With :math:`N_i` the candidates that reach demand point i,

.. math::
    \min \sum_j c_j y_j \quad \text{s.t.} \quad \sum_{j \in N_i} y_j \ge 1,\;
    \sum_j y_j \le p,\; \sum_j b_j y_j \le B,\; y_j \in \{0, 1\}.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack

from planner.models.covering import Cover
from planner.models.domination import holding_others, within_others
from planner.models.programme import Programme


def reduced(whole: Cover) -> tuple[NDArray[np.int64], Cover]:
    """Take out what is settled, without changing the least cost of serving everybody.

    A demand point whose cover set holds another's is served with that one; a candidate that alone
    reaches somebody is in every plan; candidates that others dominate are in none that matters.
    Each step makes room for the others, so they are repeated until nothing changes.

    Returns
    -------
    settled, rest
        Positions in the full problem of the candidates that every plan needs, and the question that
        is left when they serve; its rows stand for demand points, their people mean nothing.
    """
    settled, rest = [np.zeros(0, np.int64)], whole
    while True:
        size = rest.reach.shape
        rest = _part(rest, ~holding_others(rest.reach, _transposed(rest.reach)), None)
        lone = np.diff(rest.reach.indptr) == 1
        needed = np.unique(rest.reach.indices[rest.reach.indptr[:-1][lone]])
        settled.append(rest.candidates[needed])
        is_needed = np.zeros(rest.reach.shape[1], bool)
        is_needed[needed] = True
        rest = _part(rest, (rest.reach @ is_needed.astype(np.int32)) == 0, ~is_needed)
        columns = _transposed(rest.reach)
        rank = np.lexsort((np.arange(len(rest.cost)), rest.cost)).argsort()
        is_useful = (np.diff(columns.indptr) > 0) & ~within_others(
            columns, rest.reach, rest.cost, rank
        )
        rest = _part(rest, None, is_useful)
        if rest.reach.shape == size:
            return np.concatenate(settled), rest


def programme(rest: Cover, price: NDArray[np.float64], n_left: int, money_left: float) -> Programme:
    """Give the integer programme that serves every row.

    Parameters
    ----------
    rest
        The question.
    price
        Shape (n_columns,): what is made least.
    n_left, money_left
        Limits on the number and on `rest.cost`; infinite money for none.
    """
    n_columns = rest.reach.shape[1]
    limits, most = limit_rows(rest.cost, n_left, money_left)
    return Programme(
        objective=price,
        lower=np.zeros(n_columns),
        upper=np.ones(n_columns),
        is_integer=np.ones(n_columns, bool),
        matrix=csr_array(vstack([rest.reach.astype(np.float64), limits], format="csr")),
        row_lower=np.concatenate([np.ones(rest.reach.shape[0]), np.full(len(most), -np.inf)]),
        row_upper=np.concatenate([np.full(rest.reach.shape[0], np.inf), most]),
        is_maximum=False,
    )


def limit_rows(
    cost: NDArray[np.float64], n_left: int, money_left: float
) -> tuple[csr_array, NDArray[np.float64]]:
    """Give the rows for a number of sites and a budget, those that can bind, and their limits."""
    rows, most = [np.zeros((0, len(cost)))], []
    if n_left < len(cost):
        rows.append(np.ones((1, len(cost))))
        most.append(float(n_left))
    if np.isfinite(money_left):
        rows.append(cost[None, :])
        most.append(money_left)
    return csr_array(np.concatenate(rows)), np.array(most)


def _part(whole: Cover, rows: NDArray[np.bool_] | None, columns: NDArray[np.bool_] | None) -> Cover:
    """Give some rows and columns, all where None is said."""
    reach, people, area = whole.reach, whole.people, whole.area
    if rows is not None:
        reach, people, area = reach[np.flatnonzero(rows)], people[rows], area[rows]
    if columns is None:
        return replace(whole, reach=csr_array(reach), people=people, area=area)
    reach = csr_array(reach[:, np.flatnonzero(columns)])
    reach.sort_indices()
    return replace(
        whole,
        reach=reach,
        people=people,
        area=area,
        candidates=whole.candidates[columns],
        cost=whole.cost[columns],
    )


def _transposed(reach: csr_array) -> csr_array:
    return csr_array(reach.T.tocsr())

r"""Maximal covering location problem (MCLP).

Church and ReVelle (1974), The maximal covering location problem, Papers in Regional Science
32.

With :math:`a_i` people at demand point i and :math:`N_i` the candidates that reach it,

.. math::
    \max \sum_i a_i z_i \quad \text{s.t.} \quad z_i \le \sum_{j \in N_i} y_j,\;
    \sum_j y_j \le p,\; \sum_j c_j y_j \le B,\; y_j \in \{0, 1\},\; 0 \le z_i \le 1.

The z need not be integer: with integer y the best z is 0 or 1. Before solving, demand that open
facilities already serve or that no candidate reaches is taken out, and demand points that the same
candidates reach are merged; neither changes the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """A reduced maximal covering problem.

    Attributes
    ----------
    reach
        CSR, shape (n_merged, n_useful): ones.
    people
        Shape (n_merged,): people merged into each row, all above 0.
    candidates
        Shape (n_useful,): positions in the full problem of the candidates that reach somebody new.
    served_people
        People that open facilities serve already.
    """

    reach: csr_array
    people: NDArray[np.float64]
    candidates: NDArray[np.int64]
    served_people: float


def build(reach: csr_array, people: NDArray[np.float64], is_open: NDArray[np.bool_]) -> Programme:
    """Reduce a maximal covering problem without changing its optimum.

    Parameters
    ----------
    reach
        CSR without stored zeros, shape (n_demand, n_candidates).
    people
        Shape (n_demand,), 0 or more.
    is_open
        Shape (n_candidates,), true for facilities that exist.
    """
    ones = csr_array((np.ones(reach.nnz), reach.indices, reach.indptr), shape=reach.shape)
    is_served = (ones @ is_open.astype(np.float64)) > 0
    new = np.flatnonzero(~is_open)
    rest = ones[:, new]
    waiting = np.flatnonzero(~is_served & (people > 0) & (np.diff(rest.indptr) > 0))
    merged, weights = _merge_equal_rows(rest[waiting], people[waiting])
    useful = np.flatnonzero(np.bincount(merged.indices, minlength=merged.shape[1]))
    return Programme(merged[:, useful], weights, new[useful], float(people[is_served].sum()))


def _merge_equal_rows(
    matrix: csr_array, weights: NDArray[np.float64]
) -> tuple[csr_array, NDArray[np.float64]]:
    """Merge rows with the same pattern and add up their weights, in order of first appearance."""
    matrix.sort_indices()
    first: dict[bytes, int] = {}
    owner = np.empty(matrix.shape[0], np.int64)
    for i in range(matrix.shape[0]):
        key = matrix.indices[matrix.indptr[i] : matrix.indptr[i + 1]].tobytes()
        owner[i] = first.setdefault(key, len(first))
    sums = np.bincount(owner, weights=weights, minlength=len(first)).astype(np.float64)
    kept = np.unique(owner, return_index=True)[1]
    return matrix[kept], sums

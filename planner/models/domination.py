"""Sets that lie within others: the test behind domination, compiled.

A candidate is dominated when another reaches all that it reaches and costs no more; a demand point
is implied when whoever serves another one serves it too. Both ask which of many sorted sets lie
within another (Chen, Chen, Liu and Dai 2023, European Journal of Operational Research 311).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

MOST_STEPS = 3 * 10**9
"""Comparisons after which the rest of the sets are taken as not dominated, which is safe."""

_N_PROBES, _N_WITNESSES = 12, 4


def within_others(
    sets: csr_array,
    members: csr_array,
    price: NDArray[np.float64],
    rank: NDArray[np.int64],
    most_steps: int = MOST_STEPS,
) -> NDArray[np.bool_]:
    """Find the sets that lie within another one of no higher price.

    Of equal sets with equal prices the one of lowest rank stays. The relation is a strict order, so
    what is found may all be taken out at once.

    Parameters
    ----------
    sets
        CSR with sorted indices, shape (n_sets, n_members).
    members
        Its transpose, CSR with sorted indices: the sets that each member is in.
    price
        Shape (n_sets,).
    rank
        Shape (n_sets,), a permutation; of equal sets the higher price has the higher rank.
    most_steps
        After so many comparisons the search ends.

    Returns
    -------
    ndarray
        Shape (n_sets,), bool; empty sets are not looked at and stay.
    """
    return np.asarray(
        _within_others(
            (sets.indptr, sets.indices), (members.indptr, members.indices), price, rank, most_steps
        )
    )


@njit(cache=True, nogil=True)
def _within_others(sets, members, price, rank, most_steps):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    indptr, indices = sets
    n = indptr.shape[0] - 1
    is_out = np.zeros(n, np.bool_)
    witnesses = np.empty(_N_WITNESSES, indices.dtype)
    steps = np.int64(0)
    for j in range(n):
        if indptr[j] == indptr[j + 1]:
            continue
        rarest = _rarest(sets, members[0], j)
        steps += indptr[j + 1] - indptr[j]
        n_witnesses = 0
        for at in range(members[0][rarest], members[0][rarest + 1]):
            k = members[1][at]
            if not _may_hold(indptr, price, rank, is_out, j, k):
                continue
            witness, used = _missing(sets, j, k, witnesses, n_witnesses)
            steps += used
            if witness < 0:
                is_out[j] = True
                break
            witnesses[n_witnesses % _N_WITNESSES] = witness
            n_witnesses += 1
        if steps > most_steps:
            break
    return is_out


@njit(cache=True, nogil=True)
def _rarest(sets, starts, j):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the member of set j that is in the fewest sets: whatever holds j is among those."""
    rarest, least = -1, np.int64(2**62)
    for at in range(sets[0][j], sets[0][j + 1]):
        i = sets[1][at]
        if starts[i + 1] - starts[i] < least:
            rarest, least = i, np.int64(starts[i + 1] - starts[i])
    return rarest


@njit(cache=True, nogil=True)
def _may_hold(indptr, price, rank, is_out, j, k):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Whether set k could make set j superfluous, by all that is known without its members."""
    if k == j or is_out[k] or price[k] > price[j]:
        return False
    more = (indptr[k + 1] - indptr[k]) - (indptr[j + 1] - indptr[j])
    return more > 0 or (more == 0 and rank[k] < rank[j])


@njit(cache=True, nogil=True)
def _missing(sets, j, k, witnesses, n_witnesses):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give a member of set j that set k lacks, or -1; and how many steps it took.

    Members that sets before k lacked are tried first, then some spread over j, then all.
    """
    indptr, indices = sets
    low, high = indptr[k], indptr[k + 1]
    steps = 0
    for w in range(min(n_witnesses, _N_WITNESSES)):
        steps += 8
        if not _holds(indices, low, high, witnesses[w]):
            return np.int64(witnesses[w]), steps
    size = indptr[j + 1] - indptr[j]
    for probe in range(_N_PROBES):
        i = indices[indptr[j] + probe * size // _N_PROBES]
        steps += 8
        if not _holds(indices, low, high, i):
            return np.int64(i), steps
    for at in range(indptr[j], indptr[j + 1]):
        i = indices[at]
        while low < high and indices[low] < i:
            low += 1
            steps += 1
        if low == high or indices[low] != i:
            return np.int64(i), steps
        steps += 1
    return np.int64(-1), steps


@njit(cache=True, nogil=True)
def _holds(indices, low, high, i):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Whether sorted ``indices[low:high]`` hold i."""
    while low < high:
        middle = (low + high) >> 1
        if indices[middle] < i:
            low = middle + 1
        else:
            high = middle
    return low < indices.shape[0] and indices[low] == i


def holding_others(
    sets: csr_array, members: csr_array, most_steps: int = MOST_STEPS
) -> NDArray[np.bool_]:
    """Find the sets that hold another one; of equal ones the first does not count as such.

    Parameters and limits as in `within_others`. All that is found may be taken out at once, where
    it is enough that each of the smallest sets is met.
    """
    order = np.argsort(np.diff(sets.indptr), kind="stable")
    return np.asarray(
        _holding_others(
            (sets.indptr, sets.indices), (members.indptr, members.indices), order, most_steps
        )
    )


@njit(cache=True, nogil=True)
def _holding_others(sets, members, order, most_steps):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    indptr, indices = sets
    is_out = np.zeros(indptr.shape[0] - 1, np.bool_)
    witnesses = np.empty(_N_WITNESSES, indices.dtype)
    steps = np.int64(0)
    for j in order:
        size = indptr[j + 1] - indptr[j]
        if size == 0 or is_out[j]:
            continue
        rarest = _rarest(sets, members[0], j)
        n_witnesses = 0
        for at in range(members[0][rarest], members[0][rarest + 1]):
            k = members[1][at]
            more = indptr[k + 1] - indptr[k] - size
            if k == j or is_out[k] or more < 0 or (more == 0 and k < j):
                continue
            witness, used = _missing(sets, j, k, witnesses, n_witnesses)
            steps += used
            if witness < 0:
                is_out[k] = True
                continue
            witnesses[n_witnesses % _N_WITNESSES] = witness
            n_witnesses += 1
        if steps > most_steps:
            break
    return is_out

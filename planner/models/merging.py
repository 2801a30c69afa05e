"""Demand points with the same cover set are one: an open-addressing hash table, compiled.

Rows of a sparse matrix are put in one after the other, so a matrix of any length can be read in
parts; only distinct rows are held. A row is written behind the last distinct one, hashed there, and
stays if the table does not know it. The 64-bit hash only says where to look: rows are one when all
their columns are equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

KEPT, BARRED = -1, -2
"""Numbers of columns: a row that has a kept one is served already, a barred one does not count."""

ALL_BITS = np.uint64(0xFFFF_FFFF_FFFF_FFFF)

Table = Any
"""``(slots, hashes, starts, columns, sums, labels, n)``: slots hold the number of a distinct row or
-1; row r has the columns ``columns[starts[r]:starts[r + 1]]``, people ``sums[r]`` and an area."""


def empty_table() -> Table:
    """Give a table without rows; it grows as rows are put in."""
    room = 1024
    return (
        np.full(2 * room, -1, np.int64),
        np.empty(room, np.uint64),
        np.zeros(room + 1, np.int64),
        np.empty(8 * room, np.int32),
        np.empty(room, np.float64),
        np.empty(room, np.int64),
        0,
    )


def merge_demand(
    chunks: Iterable[tuple[csr_array, NDArray[np.float64]]], *, hash_bits: np.uint64 = ALL_BITS
) -> tuple[csr_array, NDArray[np.float64]]:
    """Merge demand points with the same cover set, in one pass over parts of any size.

    Isomorphic aggregation of Chen, Chen, Liu and Dai (2023), European Journal of Operational
    Research 311. Neither the people nor who can reach them changes, so no model's optimum does.

    Parameters
    ----------
    chunks
        Parts of the demand: reach, CSR, shape (n_part, n_candidates), and people, shape (n_part,).
    hash_bits
        Bits of the hash that are used; fewer are slower and give the same result.

    Returns
    -------
    reach, people
        CSR of 8-bit ones, shape (n_distinct, n_candidates), rows in order of first appearance, and
        the sum of the people of each.

    Raises
    ------
    ValueError
        When there is no part at all.
    """
    table, number = empty_table(), None
    for reach, people in chunks:
        part = _sorted(reach)
        if number is None:
            number = np.arange(part.shape[1], dtype=np.int32)
        table = add_rows(
            table,
            (part.indptr, part.indices, np.asarray(people, np.float64)),
            np.full(part.shape[0], -1, np.int64),
            number,
            np.zeros(1),
            np.uint64(hash_bits),
            True,
        )
    if number is None:
        message = "no part of the demand was given"
        raise ValueError(message)
    merged, people, _ = rows_of(table, len(number))
    return merged, people


def rows_of(
    table: Table, n_columns: int
) -> tuple[csr_array, NDArray[np.float64], NDArray[np.int64]]:
    """Give the distinct rows of a table as CSR of ones, with their people and areas."""
    _, _, starts, columns, sums, labels, n = table
    indices = columns[: starts[n]].copy()
    ones = np.ones(len(indices), np.int8)
    indptr = starts[: n + 1].astype(np.int32 if len(indices) < 2**31 else np.int64)
    return (
        csr_array((ones, indices, indptr), shape=(n, n_columns)),
        sums[:n].copy(),
        labels[:n].copy(),
    )


def _sorted(reach: csr_array) -> csr_array:
    """Give the non-zero pairs in order, without repeats."""
    matrix = csr_array(reach)
    if matrix.has_canonical_format and matrix.data.all():
        return matrix
    matrix = matrix.copy()
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix


@njit(cache=True, nogil=True)
def add_rows(table, rows, area, number, served, hash_bits, is_whole):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Put rows into a table.

    Parameters
    ----------
    table
        See `Table`; not to be used again.
    rows
        ``(indptr, indices, people)``, columns sorted.
    area
        Shape (n_rows,): rows of different areas are never one; -1 for none.
    number
        Shape (n_columns,): number of each column in the table, rising, or `KEPT` or `BARRED`.
    served
        Shape (n_areas + 1,): people of rows that a kept column serves are added here and the row
        left out; the last item is for those without an area.
    hash_bits
        Bits of the hash to use.
    is_whole
        Whether rows without columns or people are put in too.

    Returns
    -------
    tuple
        The table.
    """
    slots, hashes, starts, columns, sums, labels, n = table
    indptr, indices, people = rows
    for i in range(indptr.shape[0] - 1):
        if people[i] <= 0 and not is_whole:
            continue
        low, high = indptr[i], indptr[i + 1]
        if starts[n] + high - low > columns.shape[0]:
            columns = _longer(columns, starts[n] + high - low)
        end = _written(columns, starts[n], indices, low, high, number)
        if end < 0:
            served[area[i]] += people[i]
            continue
        if end == starts[n] and not is_whole:
            continue
        starts[n + 1] = end
        labels[n] = area[i]
        key = _hash(columns, starts[n], end, area[i]) & hash_bits
        at = _slot(slots, hashes, starts, columns, labels, n, key)
        if slots[at] >= 0:
            sums[slots[at]] += people[i]
            continue
        slots[at], hashes[n], sums[n] = n, key, people[i]
        n += 1
        if n == hashes.shape[0]:
            hashes, sums = _longer(hashes, n + 1), _longer(sums, n + 1)
            labels, starts = _longer(labels, n + 1), _longer(starts, n + 2)
            slots = _wider(slots, hashes, n)
    return slots, hashes, starts, columns, sums, labels, n


@njit(cache=True, nogil=True)
def _written(columns, start, indices, low, high, number):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Write a row's numbers from start on; give the end, or -1 when a kept column serves it."""
    end = start
    for k in range(low, high):
        j = number[indices[k]]
        if j == KEPT:
            return np.int64(-1)
        columns[end] = j  # written always, kept when it counts
        end += j >= 0
    return end


@njit(cache=True, nogil=True)
def _hash(columns, start, end, area):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Multiply and shift, item by item; the end is MurmurHash3's finaliser (Appleby, 2011)."""
    h = np.uint64(area + 2) * np.uint64(0x9E3779B97F4A7C15)
    for k in range(start, end):
        h = (h ^ np.uint64(columns[k])) * np.uint64(0xFF51AFD7ED558CCD)
        h ^= h >> np.uint64(32)
    h ^= h >> np.uint64(33)
    h *= np.uint64(0xC4CEB9FE1A85EC53)
    return h ^ (h >> np.uint64(29))


@njit(cache=True, nogil=True)
def _slot(slots, hashes, starts, columns, labels, n, key):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Find the slot of the row written as number n: that of an equal row, or a free one."""
    last = slots.shape[0] - 1
    at = np.int64(key & np.uint64(last))
    while slots[at] >= 0:
        r = slots[at]
        if hashes[r] == key and labels[r] == labels[n] and _are_equal(starts, columns, r, n):
            break
        at = (at + 1) & last
    return at


@njit(cache=True, nogil=True)
def _are_equal(starts, columns, r, n):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    first, size = starts[n], starts[n + 1] - starts[n]
    if starts[r + 1] - starts[r] != size:
        return False
    k = 0
    while k < size and columns[starts[r] + k] == columns[first + k]:
        k += 1
    return k == size


@njit(cache=True, nogil=True)
def _wider(slots, hashes, n):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give slots for twice as many rows, with n rows in them."""
    wider = np.full(2 * slots.shape[0], -1, np.int64)
    last = wider.shape[0] - 1
    for r in range(n):
        at = np.int64(hashes[r] & np.uint64(last))
        while wider[at] >= 0:
            at = (at + 1) & last
        wider[at] = r
    return wider


@njit(cache=True, nogil=True)
def _longer(values, least):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the same values in an array of at least the length asked for, and twice as long."""
    longer = np.empty(max(2 * values.shape[0], least), values.dtype)
    longer[: values.shape[0]] = values
    return longer

"""Bounded searches, some sources at a time, by several threads.

The compiled searches hold no lock of Python, so that threads really run side by side. Each block of
sources is searched by whichever thread is free; a block's result does not depend on which.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.arcs import MS_SHIFT, Costs, Ints
from geodata.errors import InvalidInputError
from geodata.search import put_rows, workspace

Block = tuple[NDArray[np.int64], int, Any]
"""Number of columns found for each source, number of all, and the workspace that holds them."""

_Found = tuple[NDArray[np.int64], Ints, Costs]
"""Number of columns found for each source, the columns, and what is left of the budget at each."""

_AT_ONCE = 512
_MOST_BUCKETS_BITS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """What is to be searched.

    Attributes
    ----------
    search
        One of `geodata.search`, called with a slice of `rows`, a workspace, the budget and the
        width of a bucket.
    rows
        Rows of the result that a search is made for, in the order of the searches.
    columns
        Column of the result for each number that a search finds; None where they are the same.
    shape
        Of the result.
    n_nodes
        Size of the graph.
    """

    search: Callable[[slice, Any, int, int], Block]
    rows: NDArray[np.intp]
    columns: Ints | None
    shape: tuple[int, int]
    n_nodes: int


def run(searches: Searches, limit_ms: int, typical_ms: int, threads: int | None) -> csr_array:
    """Run searches and give the costs of what they find.

    Parameters
    ----------
    searches
        What is to be searched.
    limit_ms
        Longest journey, inclusive.
    typical_ms
        Mean time of an arc.
    threads
        How many threads; None means one for each processor, never more than blocks of sources.

    Returns
    -------
    csr_array
        Costs (`geodata.arcs`), columns not sorted.

    Raises
    ------
    InvalidInputError
        When the number of threads is below 1.
    """
    if threads is not None and threads < 1:
        raise InvalidInputError("{threads} threads cannot search; give 1 or more", threads=threads)
    budget = (limit_ms + 1) << MS_SHIFT
    # A quarter of an arc: wider buckets are emptied twice, narrower ones are mostly empty.
    width_bits = max(typical_ms.bit_length() - 3, limit_ms.bit_length() - _MOST_BUCKETS_BITS, 0)
    shift = MS_SHIFT + width_bits
    n_buckets = ((budget - 1) >> shift) + 1
    parts = [slice(k, k + _AT_ONCE) for k in range(0, len(searches.rows), _AT_ONCE)]
    n_threads = min(threads or _processors(), max(len(parts), 1))
    free: SimpleQueue[Any] = SimpleQueue()
    for _ in range(n_threads):
        free.put(workspace(searches.n_nodes, n_buckets))  # type: ignore[no-untyped-call]  # compiled

    def one(part: slice) -> _Found:
        work = free.get()
        counts, n, work = searches.search(part, work, budget, shift)
        found = counts, _columns(searches, work[4][:n]), work[5][:n].copy()
        free.put(work)
        return found

    return _joined(list(_mapped(one, parts, n_threads)), searches, budget)


def _columns(searches: Searches, found: Ints) -> Ints:
    """Give the columns of the result, in memory of their own."""
    return found.copy() if searches.columns is None else searches.columns[found]


def _mapped(one: Callable[[slice], _Found], parts: list[slice], n_threads: int) -> Iterator[_Found]:
    if n_threads == 1:
        yield from map(one, parts)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        yield from pool.map(one, parts)


def _joined(found: list[_Found], searches: Searches, budget: int) -> csr_array:
    """Put the rows found to their places; the parts are let go one by one."""
    sizes = np.zeros(searches.shape[0], np.int64)
    if found:
        sizes[searches.rows] = np.concatenate([counts for counts, _, _ in found])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    columns, costs = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.int64)
    found.reverse()
    for start in range(0, len(searches.rows), _AT_ONCE):
        counts, column, left = found.pop()
        where = offsets[searches.rows[start : start + _AT_ONCE]]
        put_rows(counts, column, left, budget, where, columns, costs)
    return csr_array((costs, columns, offsets), shape=searches.shape)


def _processors() -> int:
    """Give the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

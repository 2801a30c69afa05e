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

_AT_ONCE = 128
"""Sources of a block: what they find stays in the processor's cache until it is put away."""

_MOST_BUCKETS_BITS = 16
_SPARE, _MOST_GROWTH = 1.1, 8
"""Memory for what is found is made a little longer than it looks to become, and at most so many
times as long as what is there."""


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


class _Pile:
    """What one thread has found: columns and costs, block after block, and how many so far."""

    def __init__(self) -> None:
        self.columns, self.costs, self.n = np.empty(0, np.int32), np.empty(0, np.int64), 0

    def add(self, columns: Ints, left: Costs, budget: int, share_done: float) -> None:
        """Put a block away; the share of all sources that are done tells how much is to come."""
        end = self.n + len(columns)
        if end > len(self.columns):
            length = int(_SPARE * end * min(1.0 / share_done, _MOST_GROWTH)) + 1
            self.columns = _longer(self.columns[: self.n], length)
            self.costs = _longer(self.costs[: self.n], length)
        self.columns[self.n : end] = columns
        np.subtract(budget, left, out=self.costs[self.n : end])
        self.n = end


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Where a block's findings are: in which pile, from where on, and how many for each source."""

    pile: _Pile
    begin: int
    counts: NDArray[np.int64]


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
        free.put((workspace(searches.n_nodes, n_buckets), _Pile()))  # type: ignore[no-untyped-call]  # compiled

    def one(part: slice) -> _Part:
        work, pile = free.get()
        counts, n, work = searches.search(part, work, budget, shift)
        done = _Part(pile, pile.n, counts)
        found = work[4][:n] if searches.columns is None else searches.columns[work[4][:n]]
        pile.add(found, work[5][:n], budget, min(1.0, part.stop / len(searches.rows)))
        free.put((work, pile))
        return done

    return _joined(list(_mapped(one, parts, n_threads)), searches)


def _mapped(one: Callable[[slice], _Part], parts: list[slice], n_threads: int) -> Iterator[_Part]:
    if n_threads == 1:
        yield from map(one, parts)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        yield from pool.map(one, parts)


def _joined(parts: list[_Part], searches: Searches) -> csr_array:
    """Give the rows found as a matrix; a single pile in the order of the rows is one already."""
    rows, sizes = searches.rows, np.zeros(searches.shape[0], np.int64)
    if parts:
        sizes[rows] = np.concatenate([part.counts for part in parts])
    offsets = np.concatenate([[0], np.cumsum(sizes)])
    if len({id(part.pile) for part in parts}) == 1 and (np.diff(rows) > 0).all():
        pile = parts[0].pile
        columns, costs = pile.columns[: pile.n], pile.costs[: pile.n]
        return csr_array((costs, columns, offsets), shape=searches.shape)
    columns, costs = np.empty(offsets[-1], np.int32), np.empty(offsets[-1], np.int64)
    for k, part in enumerate(parts):
        where = offsets[rows[k * _AT_ONCE : (k + 1) * _AT_ONCE]]
        put_rows(part.counts, part.pile.columns, part.pile.costs, part.begin, where, columns, costs)
    return csr_array((costs, columns, offsets), shape=searches.shape)


def _longer(a: NDArray[Any], length: int) -> NDArray[Any]:
    """Copy an array into a longer one."""
    b = np.empty(length, a.dtype)
    b[: len(a)] = a
    return b


def _processors() -> int:
    """Give the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

"""Random covering instances of Cordeau, Furini and Ljubić (2019), drawn again value for value.

Cordeau, Furini and Ljubić, Benders decomposition for very large scale partial set covering and
maximal covering location problems, European Journal of Operational Research 275. A hundred sites,
then the customers, uniform in [0, 30]² and rounded to six decimals; then a cost for each site, then
a demand of 1 to 100 for each customer. A site covers what is nearer than the radius.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.instances.glibc import RAND_MAX, Generator
from benchmarks.instances.instance import Instance

N_SITES = 100
SIDE = 30.0
CHUNK = 131_072
"""Customers drawn at a time: what is held does not grow with their number."""


@dataclass(frozen=True, slots=True)
class RandomCovering:
    """One instance, drawn anew each time it is asked for."""

    n_customers: int
    seed: int

    def instance(self) -> Instance:
        """Give its name and fingerprint, in one pass over all customers."""
        places, weights = hashlib.sha256(self.sites().data), hashlib.sha256()
        for xy, people in self._customers():
            places.update(xy.data)
            weights.update(people.data)
        digest = hashlib.sha256(places.digest() + weights.digest()).hexdigest()
        return Instance(f"covering-{_short(self.n_customers)}-s{self.seed}", self.seed, digest)

    def sites(self) -> NDArray[np.float64]:
        """Give the sites, shape (100, 2)."""
        return _places(Generator(self.seed), N_SITES)

    def chunks(self, radius: float) -> Iterator[tuple[csr_array, NDArray[np.float64]]]:
        """Give reach (customers × sites) and people, `CHUNK` customers at a time."""
        sites = self.sites()
        x, y = np.ascontiguousarray(sites[:, 0]), np.ascontiguousarray(sites[:, 1])
        for xy, people in self._customers():
            indptr = np.zeros(len(xy) + 1, np.int32)
            indices = np.empty(len(xy) * N_SITES, np.int32)
            n = _covers(xy, x, y, radius, indptr, indices)
            ones = np.ones(n, np.int8)
            reach = csr_array((ones, indices[:n].copy(), indptr), shape=(len(xy), N_SITES))
            yield reach, people.astype(np.float64)

    def whole(self, radius: float) -> tuple[csr_array, NDArray[np.float64]]:
        """Give reach and people of all customers at once."""
        parts = list(self.chunks(radius))
        people = np.concatenate([weights for _, weights in parts])
        nnz = sum(reach.nnz for reach, _ in parts)
        indices, indptr = np.empty(nnz, np.int32), np.zeros(self.n_customers + 1, np.int32)
        row = pairs = 0
        parts.reverse()
        while parts:  # each part is let go as it is copied
            reach, _ = parts.pop()
            indices[pairs : pairs + reach.nnz] = reach.indices
            indptr[row + 1 : row + 1 + reach.shape[0]] = pairs + reach.indptr[1:]
            row, pairs = row + reach.shape[0], pairs + reach.nnz
        shape = (self.n_customers, N_SITES)
        return csr_array((np.ones(nnz, np.int8), indices, indptr), shape=shape), people

    def _customers(self) -> Iterator[tuple[NDArray[np.float64], NDArray[np.int64]]]:
        """Give places and demands together, although the file holds all demands after all places.

        Two streams of the same generator do that: one for the places, one that starts behind them.
        """
        places, demands = Generator(self.seed), Generator(self.seed)
        places.skip(2 * N_SITES)
        demands.skip(2 * N_SITES + 2 * self.n_customers + N_SITES)
        for first in range(0, self.n_customers, CHUNK):
            n = min(CHUNK, self.n_customers - first)
            yield _places(places, n), demands.draw(n).astype(np.int64) % 100 + 1


def _places(numbers: Generator, n: int) -> NDArray[np.float64]:
    xy = numbers.draw(2 * n).reshape(n, 2) / RAND_MAX * SIDE
    return np.rint(xy * 1e6) / 1e6


def _short(n: int) -> str:
    for size, letter in ((10**6, "M"), (10**3, "k")):
        if n >= size and n % size == 0:
            return f"{n // size}{letter}"
    return str(n)


@njit(cache=True, nogil=True)
def _covers(xy, site_x, site_y, radius, indptr, indices):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    n = 0
    for i in range(xy.shape[0]):
        x, y = xy[i, 0], xy[i, 1]
        for j in range(site_x.shape[0]):
            dx, dy = site_x[j] - x, site_y[j] - y
            indices[n] = j  # written always, kept when within: no branch to guess
            n += np.sqrt(dx * dx + dy * dy) < radius
        indptr[i + 1] = n
    return n

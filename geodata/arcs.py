"""A directed graph as arrays, and the cost of its arcs.

The cost of an arc is one whole number: milliseconds in the upper bits, millimetres in the lower
ones. Sums are exact, the order of addition never matters, and of two ways that take the same time
the shorter one costs less.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MS_SHIFT = 34
"""A cost is milliseconds × 2 ** 34 + millimetres; 2 ** 34 mm are 17,000 km."""

FORBIDDEN = 2**61
"""Cost of a way that nobody may take: more than the longest limit (a day)."""

Ints = NDArray[np.int32]
Costs = NDArray[np.int64]


def to_costs(ms: NDArray[np.integer], metres: NDArray[np.floating]) -> Costs:
    """Pack milliseconds and metres, of equal shape, into costs."""
    millimetres = np.rint(np.asarray(metres, dtype=np.float64) * 1000).astype(np.int64)
    return (ms.astype(np.int64) << MS_SHIFT) + millimetres


def to_ms(costs: Costs, *, out: Costs | None = None) -> Costs:
    """Give the milliseconds of costs, in new memory or in that of `out`."""
    return np.right_shift(costs, MS_SHIFT, out=out)


def to_metres(costs: Costs) -> NDArray[np.float32]:
    """Give the metres of costs."""
    return np.asarray(np.bitwise_and(costs, 2**MS_SHIFT - 1) / 1000, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """A directed graph in CSR form.

    Attributes
    ----------
    offsets
        Shape (n_nodes + 1,): arcs of node i are ``offsets[i]:offsets[i + 1]``.
    links
        Shape (n_arcs, 2): node at the other end and cost, side by side in memory; `FORBIDDEN` where
        the arc is closed.
    typical_ms
        Mean time of an arc, at least 1.
    """

    offsets: Ints
    links: Costs
    typical_ms: int

    def without(self, a: Ints, b: Ints, costs: Costs) -> Arcs:
        """Close the arcs from a to b of these costs, one for each of the equally long arrays."""
        links = self.links.copy()
        for x, y, cost in zip(a, b, costs, strict=True):
            of_x = links[self.offsets[x] : self.offsets[x + 1]]
            # Of equal arcs between the same nodes it does not matter which is closed.
            of_x[np.flatnonzero((of_x[:, 0] == y) & (of_x[:, 1] == cost))[0], 1] = FORBIDDEN
        return replace(self, links=links)


def arcs_from(a: Ints, b: Ints, costs: Costs, n_nodes: int) -> Arcs:
    """Make a graph of arcs from a to b, arrays of equal length."""
    order = np.lexsort((b, a))
    offsets = np.zeros(n_nodes + 1, np.int32)
    np.cumsum(np.bincount(a, minlength=n_nodes), out=offsets[1:])
    links = np.empty((len(a), 2), np.int64)
    links[:, 0], links[:, 1] = b[order], costs[order]
    typical_ms = int(to_ms(costs).mean()) if len(costs) else 1
    return Arcs(offsets, links, max(1, typical_ms))

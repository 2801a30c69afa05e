"""Places on a network as costs to the two ends of their street, their straight walk included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.arcs import FORBIDDEN, Costs, Ints, to_costs
from geodata.network import Network
from geodata.snap import Snapped
from geodata.streets import WALK_M_PER_S

_AT_NODE_M = 0.01

Hung = tuple[NDArray[np.float64], Ints, Costs, Costs, Ints, Ints]
"""Targets as `geodata.search.targets_within` wants them."""


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """Places on their streets; all arrays have one row for each place.

    Attributes
    ----------
    edge, along
        As in `Snapped`.
    nodes
        Shape (n, 2): tail and head of the edge; the values of places off the network mean nothing.
    costs
        Shape (n, 2): cost between the place and either end; `FORBIDDEN` where that is barred.
    access
        Cost of the straight walk between the place and its street.
    length_m
        Of the edge.
    to_tail_ms, to_head_ms
        Milliseconds over the whole edge towards its tail and head, -1 where barred.
    """

    edge: Ints
    along: NDArray[np.float64]
    nodes: Ints
    costs: Costs
    access: Costs
    length_m: NDArray[np.float64]
    to_tail_ms: Ints
    to_head_ms: Ints

    def hung(self, which: Ints, n_nodes: int) -> Hung:
        """Give some of the places as targets, with the list of their usable ends by node."""
        nodes, costs = self.nodes[which], self.costs[which]
        item = np.flatnonzero(costs.ravel() < FORBIDDEN)
        where = nodes.ravel()[item]
        item = item[np.argsort(where, kind="stable")]
        first = np.zeros(n_nodes + 1, dtype=np.int32)
        first[1:] = np.cumsum(np.bincount(where, minlength=n_nodes))
        ends = item.astype(np.int32)
        return self.along[which], nodes, costs, self.access[which], first, ends


def ends_of(network: Network, places: Snapped, *, to_tail_ms: Ints, to_head_ms: Ints) -> Ends:
    """Give places as costs to the ends of their edges.

    Parameters
    ----------
    network
        The streets.
    places
        Points on them.
    to_tail_ms, to_head_ms
        Shape (n_edges,): milliseconds from a place to an end of its edge when places are left, from
        the end to the place when they are arrived at; -1 where barred.
    """
    on = places.is_on_network
    edge = np.where(on, places.edge, 0)
    length_m = network.length_m[edge]
    access_m = np.where(on, places.access_m, 0.0)
    access = to_costs(np.rint(access_m / WALK_M_PER_S * 1000), access_m)
    whole = np.column_stack([to_tail_ms[edge], to_head_ms[edge]])
    share = np.column_stack([places.along, 1.0 - places.along])
    metres = share * length_m[:, None]
    # A place at a junction is at the junction, whatever the one-way rule of the edge it was put on.
    is_away = metres > _AT_NODE_M
    is_barred = is_away & (whole < 0) | ~on[:, None]
    costs = to_costs(np.where(is_away, np.rint(share * whole), 0.0), metres)
    return Ends(
        places.edge,
        places.along,
        np.column_stack([network.tail[edge], network.head[edge]]),
        np.where(is_barred, FORBIDDEN, access[:, None] + costs),
        access,
        length_m,
        whole[:, 0],
        whole[:, 1],
    )

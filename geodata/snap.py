"""Put points onto the network along its edges, not onto its nodes.

A point between two junctions reaches both ends. The straight line given up between the point and
the street is kept, counted as walking, and limited. A point never jumps a barrier for free: a
street whose connecting line would cross a river or a railway is passed over for the next nearest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.network import Network

SNAP_LIMIT_M = 300.0
"""Farthest straight line from a point to its street; beyond it the point is off the network."""

_ON_STREET_M = 1.0
_NO_EDGE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Points on the network.

    Attributes
    ----------
    edge
        Shape (n,): edge number, -1 where no street is near enough.
    along
        Shape (n,): position on the edge, 0 at its tail to 1 at its head.
    access_m
        Shape (n,): straight line between point and street; infinite where there is none.
    """

    edge: NDArray[np.int32]
    along: NDArray[np.float64]
    access_m: NDArray[np.float64]

    @property
    def is_on_network(self) -> NDArray[np.bool_]:
        """Shape (n,): whether a street is near enough."""
        return np.asarray(self.edge != _NO_EDGE, dtype=bool)


def to_edges(
    network: Network, xy_m: NDArray[np.float64], *, mode: str, limit_m: float = SNAP_LIMIT_M
) -> Snapped:
    """Snap points to the nearest street that the mode may use and no barrier cuts off.

    Parameters
    ----------
    network
        The street network.
    xy_m
        Shape (n, 2): metres in ``network.plane``.
    mode
        ``walk`` or ``ebike``.
    limit_m
        Longest straight line to a street, inclusive.

    Returns
    -------
    Snapped
        In the order of the points. Where two streets are equally near, the lower edge number wins.
    """
    graph = network.modes[mode]
    permitted = (graph.edge_ms >= 0) | (graph.edge_back_ms >= 0)
    points = np.asarray(shapely.points(xy_m), dtype=object)
    ground = _Edges.of(network, permitted & ~network.is_bridge)
    edge = ground.nearest(points, limit_m)
    barriers = shapely.STRtree(network.barriers)
    for i in np.flatnonzero(_cut_off(network, points, edge, barriers)):
        edge[i] = _next_nearest(network, points[i], ground, barriers, limit_m)
    # Nobody climbs onto a viaduct from beside it: a bridge is entered midway only from on it.
    bridges = _Edges.of(network, permitted & network.is_bridge)
    on_bridge = bridges.nearest(points, min(limit_m, _ON_STREET_M))
    away_m = _measured(network, points, edge).access_m
    is_nearer = _measured(network, points, on_bridge).access_m < away_m
    return _measured(network, points, np.where(is_nearer, on_bridge, edge))


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Some edges of a network, with their spatial index."""

    number: NDArray[np.int32]
    tree: shapely.STRtree

    @classmethod
    def of(cls, network: Network, is_used: NDArray[np.bool_]) -> _Edges:
        number = np.flatnonzero(is_used).astype(np.int32)
        return cls(number, shapely.STRtree(network.lines[number]))

    def nearest(self, points: NDArray[np.object_], limit_m: float) -> NDArray[np.int32]:
        """Give the nearest edge of each point, the lower number of equals, -1 beyond the limit."""
        edge = np.full(len(points), _NO_EDGE, np.int32)
        if len(points) == 0 or len(self.number) == 0:
            return edge
        # The library wants a distance above 0; a nanometre stands for none.
        reach_m = max(limit_m, 1e-9)
        which, found = self.tree.query_nearest(points, max_distance=reach_m, all_matches=True)
        order = np.lexsort((self.number[found], which))
        first = order[np.unique(which[order], return_index=True)[1]]
        edge[which[first]] = self.number[found[first]]
        return edge


def _measured(network: Network, points: NDArray[np.object_], edge: NDArray[np.int32]) -> Snapped:
    on = edge != _NO_EDGE
    along, access_m = np.zeros(len(edge)), np.full(len(edge), np.inf)
    lines = network.lines[edge[on]]
    along[on] = shapely.line_locate_point(lines, points[on], normalized=True)
    access_m[on] = shapely.distance(lines, points[on])
    return Snapped(edge, along, access_m)


def _cut_off(
    network: Network,
    points: NDArray[np.object_],
    edge: NDArray[np.int32],
    barriers: shapely.STRtree,
) -> NDArray[np.bool_]:
    """Tell which points have a barrier between them and their edge."""
    cut = np.zeros(len(points), bool)
    on = np.flatnonzero(edge != _NO_EDGE)
    if len(network.barriers) == 0 or len(on) == 0:
        return cut
    links = shapely.shortest_line(points[on], network.lines[edge[on]])
    crossed = np.zeros(len(on), bool)
    crossed[barriers.query(links, predicate="intersects")[0]] = True
    cut[on] = crossed & (shapely.length(links) > _ON_STREET_M)
    return cut


def _next_nearest(
    network: Network,
    point: shapely.Point,
    ground: _Edges,
    barriers: shapely.STRtree,
    limit_m: float,
) -> int:
    """Give the nearest edge on the point's own side of all barriers, or none."""
    near = ground.number[ground.tree.query(point, predicate="dwithin", distance=limit_m)]
    links = shapely.shortest_line(point, network.lines[near])
    free = np.ones(len(near), bool)
    free[barriers.query(links, predicate="intersects")[0]] = False
    if not free.any():
        return _NO_EDGE
    near, links = near[free], links[free]
    return int(near[np.lexsort((near, shapely.length(links)))[0]])

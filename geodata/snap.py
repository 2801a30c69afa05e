"""Put points onto the network along its edges, not onto its nodes.

A point between two junctions reaches both ends. The straight line given up between the point and
the street is kept, counted as walking, and limited. A point never jumps a barrier for free: a
street whose connecting line would cross a river or a railway is passed over for the next nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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

    @classmethod
    def joined(cls, parts: Sequence[Snapped]) -> Snapped:
        """Give the points of several, one after another."""
        return cls(
            np.concatenate([part.edge for part in parts]),
            np.concatenate([part.along for part in parts]),
            np.concatenate([part.access_m for part in parts]),
        )

    def __getitem__(self, which: slice | NDArray[np.intp]) -> Snapped:
        """Give some of the points."""
        return Snapped(self.edge[which], self.along[which], self.access_m[which])


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
    return Snapper.of(network, mode).to_edges(xy_m, limit_m=limit_m)


@dataclass(frozen=True, slots=True, eq=False)
class Snapper:
    """The streets that one mode may use, with their spatial index, for one question after another.

    Attributes
    ----------
    network
        The street network.
    ground, bridges
        Its edges that anybody may step onto, and those that only a place on them can enter midway.
    barriers
        Index of the network's barriers.
    """

    network: Network
    ground: _Edges
    bridges: _Edges
    barriers: shapely.STRtree

    @classmethod
    def of(cls, network: Network, mode: str) -> Snapper:
        """Index the streets of a network that the mode may use."""
        permitted = _permitted(network, mode)
        return cls(
            network,
            _Edges.of(network, permitted & ~network.is_bridge),
            _Edges.of(network, permitted & network.is_bridge),
            shapely.STRtree(network.barriers),
        )

    def on(self, network: Network, mode: str) -> Snapper:
        """Give the snapper for the same network with edges closed, without a new index.

        Parameters
        ----------
        network
            What `Network.without_edges` gives for the network that was indexed.
        mode
            The mode that the streets were indexed for.
        """
        permitted = _permitted(network, mode)
        ground, bridges = self.ground.only(permitted), self.bridges.only(permitted)
        return replace(self, network=network, ground=ground, bridges=bridges)

    def to_edges(self, xy_m: NDArray[np.float64], *, limit_m: float = SNAP_LIMIT_M) -> Snapped:
        """Snap points; see the function `to_edges`."""
        points = np.asarray(shapely.points(xy_m), dtype=object)
        edge = self.ground.nearest(points, limit_m)
        for i in np.flatnonzero(_cut_off(self.network, points, edge, self.barriers)):
            edge[i] = _next_nearest(self.network, points[i], self.ground, self.barriers, limit_m)
        # Nobody climbs onto a viaduct from beside it: a bridge is entered midway only from on it.
        on_bridge = self.bridges.nearest(points, min(limit_m, _ON_STREET_M))
        away_m = _measured(self.network, points, edge).access_m
        is_nearer = _measured(self.network, points, on_bridge).access_m < away_m
        return _measured(self.network, points, np.where(is_nearer, on_bridge, edge))


def _permitted(network: Network, mode: str) -> NDArray[np.bool_]:
    graph = network.modes[mode]
    return np.asarray((graph.edge_ms >= 0) | (graph.edge_back_ms >= 0), dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class _Edges:
    """Some edges of a network with their spatial index, in which closed ones stay."""

    number: NDArray[np.int32]
    is_open: NDArray[np.bool_]
    tree: shapely.STRtree

    @classmethod
    def of(cls, network: Network, is_used: NDArray[np.bool_]) -> _Edges:
        number = np.flatnonzero(is_used).astype(np.int32)
        is_open = np.ones(len(number), dtype=bool)
        return cls(number, is_open, shapely.STRtree(network.lines[number]))

    def only(self, is_used: NDArray[np.bool_]) -> _Edges:
        """Give the same with these edges of the network open and no others."""
        return replace(self, is_open=is_used[self.number])

    def near(self, point: shapely.Point, limit_m: float) -> NDArray[np.int32]:
        """Give the open edges within a distance."""
        found = self.tree.query(point, predicate="dwithin", distance=limit_m)
        return self.number[found[self.is_open[found]]]

    def nearest(self, points: NDArray[np.object_], limit_m: float) -> NDArray[np.int32]:
        """Give the nearest open edge of each point, the lower of equals, -1 beyond the limit."""
        edge = np.full(len(points), _NO_EDGE, np.int32)
        if len(points) == 0 or len(self.number) == 0:
            return edge
        # The library wants a distance above 0; a nanometre stands for none.
        reach_m = max(limit_m, 1e-9)
        which, found = self.tree.query_nearest(points, max_distance=reach_m, all_matches=True)
        is_open = self.is_open[found]
        closed = np.setdiff1d(which[~is_open], which[is_open])
        which, found = which[is_open], found[is_open]
        order = np.lexsort((self.number[found], which))
        first = order[np.unique(which[order], return_index=True)[1]]
        edge[which[first]] = self.number[found[first]]
        for i in closed:
            edge[i] = self._next(points[i], reach_m)
        return edge

    def _next(self, point: shapely.Point, reach_m: float) -> int:
        """Give the nearest open edge of a point whose nearest edge is closed."""
        found = self.tree.query(point, predicate="dwithin", distance=reach_m)
        found = found[self.is_open[found]]
        if len(found) == 0:
            return _NO_EDGE
        away_m = shapely.distance(self.tree.geometries[found], point)
        return int(self.number[found[np.lexsort((self.number[found], away_m))[0]]])


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
    near = ground.near(point, limit_m)
    links = shapely.shortest_line(point, network.lines[near])
    free = np.ones(len(near), bool)
    free[barriers.query(links, predicate="intersects")[0]] = False
    if not free.any():
        return _NO_EDGE
    near, links = near[free], links[free]
    return int(near[np.lexsort((near, shapely.length(links)))[0]])

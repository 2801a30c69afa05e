"""The street network as arrays, one graph for each mode.

Nodes are numbered along a Hilbert curve, so that neighbours in the city are neighbours in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.arcs import Arcs, Ints, arcs_from, to_costs
from geodata.errors import InvalidInputError
from geodata.frames import LocalMetres
from geodata.streets import MODES, TIME_COLUMNS, check_streets

NOT_PERMITTED = -1
_LONGEST_MS = 2**27
"""No street needs to take longer: 37 hours are beyond any limit."""


@dataclass(frozen=True, slots=True, eq=False)
class ModeGraph:
    """What one mode may use: arcs in travel direction, the same reversed, and times by edge.

    Attributes
    ----------
    edge_ms, edge_back_ms
        Shape (n_edges,): milliseconds along and against the edge's line, `NOT_PERMITTED` where
        barred.
    """

    arcs: Arcs
    reversed_arcs: Arcs
    edge_ms: Ints
    edge_back_ms: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A street network in local metres.

    Attributes
    ----------
    plane
        Where the metres are.
    node_xy_m
        Shape (n_nodes, 2).
    lines
        Shape (n_edges,): shapely lines in metres, from tail to head.
    tail, head
        Shape (n_edges,): node numbers.
    length_m
        Shape (n_edges,): geodesic lengths.
    names
        Shape (n_edges,): street names; empty where a street has none.
    is_bridge
        Shape (n_edges,): bridges and tunnels, which only a place on them can enter midway.
    barriers
        Shape (n_barriers,): shapely lines in metres that nobody crosses except on an edge.
    modes
        One `ModeGraph` for each of `geodata.streets.MODES`.
    """

    plane: LocalMetres
    node_xy_m: NDArray[np.float64]
    lines: NDArray[np.object_]
    tail: Ints
    head: Ints
    length_m: NDArray[np.float64]
    names: NDArray[np.object_]
    is_bridge: NDArray[np.bool_]
    barriers: NDArray[np.object_]
    modes: dict[str, ModeGraph]

    @property
    def n_nodes(self) -> int:
        """Number of nodes."""
        return len(self.node_xy_m)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.tail)

    def without_edges(self, edges: Iterable[int]) -> Network:
        """Give the network with some edges closed, to every mode and in both directions.

        Nodes and edges keep their numbers.

        Raises
        ------
        InvalidInputError
            When there is no edge of a number.
        """
        closed = np.array(sorted(set(edges)), dtype=np.int64)
        unknown = closed[(closed < 0) | (closed >= self.n_edges)]
        if len(unknown):
            raise InvalidInputError(
                "there is no edge {edge}; the network has edges 0 to {last}",
                edge=int(unknown[0]),
                last=self.n_edges - 1,
            )
        modes = {
            mode: _closed(graph, self.tail[closed], self.head[closed], closed, self.length_m)
            for mode, graph in self.modes.items()
        }
        return replace(self, modes=modes)


def from_streets(streets: gpd.GeoDataFrame) -> Network:
    """Make the network of a streets frame.

    Parameters
    ----------
    streets
        Frame with `geodata.streets.STREET_COLUMNS`, lines in WGS 84.

    Returns
    -------
    Network
        Edges in the order of the frame's street rows.

    Raises
    ------
    InvalidInputError
        When the frame lacks a column or is in another CRS.
    """
    check_streets(streets)
    is_street = (streets["role"] == "street").to_numpy()
    rows = streets.loc[is_street]
    west, south, east, north = streets.total_bounds
    plane = LocalMetres(lon_deg=(west + east) / 2, lat_deg=(south + north) / 2)
    lines = _to_metres(rows.geometry.to_numpy(), plane)
    tail, head, node_xy_m = _joined(rows["u"].to_numpy(), rows["v"].to_numpy(), lines)
    return from_arrays(
        node_xy_m,
        tail,
        head,
        plane=plane,
        times_s={
            mode: tuple(rows[c].to_numpy(dtype=np.float64) for c in TIME_COLUMNS[mode])
            for mode in MODES
        },
        lines=lines,
        length_m=rows["length_m"].to_numpy(dtype=np.float64),
        names=rows["name"].to_numpy(dtype=object),
        is_bridge=rows["is_bridge"].to_numpy(dtype=bool),
        barriers=_to_metres(streets.geometry.to_numpy()[~is_street], plane),
    )


def from_arrays(
    node_xy_m: NDArray[np.float64],
    tail: NDArray[np.integer],
    head: NDArray[np.integer],
    *,
    plane: LocalMetres,
    times_s: Mapping[str, tuple[NDArray[np.float64], ...]],
    lines: NDArray[np.object_] | None = None,
    length_m: NDArray[np.float64] | None = None,
    names: NDArray[np.object_] | None = None,
    is_bridge: NDArray[np.bool_] | None = None,
    barriers: NDArray[np.object_] | None = None,
) -> Network:
    """Make a network of nodes and edges.

    Parameters
    ----------
    node_xy_m
        Shape (n_nodes, 2): metres in `plane`.
    tail, head
        Shape (n_edges,): rows of `node_xy_m`.
    plane
        Where the metres are.
    times_s
        By mode: seconds along and against each edge, NaN where barred.
    lines, length_m
        Shape (n_edges,): shapely lines in metres from tail to head, and their lengths; straight
        where not given.
    names, is_bridge, barriers
        As in `Network`; none where not given.

    Returns
    -------
    Network
        Edges in the order given; nodes renumbered along a Hilbert curve.
    """
    order, rank = _along_hilbert(node_xy_m)
    u, v, xy = rank[tail], rank[head], node_xy_m[order]
    shapes = shapely.linestrings(np.stack([xy[u], xy[v]], axis=1)) if lines is None else lines
    metres = np.asarray(shapely.length(shapes) if length_m is None else length_m, dtype=np.float64)
    modes = {}
    for mode, (there_s, back_s) in times_s.items():
        there, back = _milliseconds(there_s), _milliseconds(back_s)
        modes[mode] = _mode_graph(u, v, there, back, metres, len(xy))
    nothing = np.empty(0, dtype=object)
    return Network(
        plane,
        xy,
        np.asarray(shapes, dtype=object),
        u,
        v,
        metres,
        np.full(len(u), "", dtype=object) if names is None else names,
        np.zeros(len(u), dtype=bool) if is_bridge is None else is_bridge,
        nothing if barriers is None else barriers,
        modes,
    )


def _along_hilbert(xy_m: NDArray[np.float64]) -> tuple[NDArray[np.intp], Ints]:
    """Give the order of points along a Hilbert curve, and the rank of each."""
    distance = gpd.GeoSeries(shapely.points(xy_m)).hilbert_distance().to_numpy()
    order = np.argsort(distance, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return order, rank


def _to_metres(lines: NDArray[np.object_], plane: LocalMetres) -> NDArray[np.object_]:
    return shapely.transform(lines, lambda c: plane.to_xy_m(lon_deg=c[:, 0], lat_deg=c[:, 1]))


def _joined(
    u: NDArray[np.int64], v: NDArray[np.int64], lines: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Give the ends of edges as rows of a table of nodes, and that table's positions."""
    ids, index = np.unique(np.concatenate([u, v]), return_inverse=True)
    xy = np.zeros((len(ids), 2))
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy[index] = shapely.get_coordinates(ends)
    tail, head = np.split(index, 2)
    return tail, head, xy


def _milliseconds(seconds: NDArray[np.float64]) -> Ints:
    ms = np.minimum(np.rint(seconds * 1000), _LONGEST_MS)
    return np.where(np.isnan(seconds), NOT_PERMITTED, ms).astype(np.int32)


def _mode_graph(
    tail: Ints, head: Ints, there: Ints, back: Ints, length_m: NDArray[np.float64], n_nodes: int
) -> ModeGraph:
    ahead, behind = there >= 0, back >= 0
    a = np.concatenate([tail[ahead], head[behind]])
    b = np.concatenate([head[ahead], tail[behind]])
    costs = np.concatenate(
        [to_costs(there[ahead], length_m[ahead]), to_costs(back[behind], length_m[behind])]
    )
    arcs = arcs_from(a, b, costs, n_nodes)
    # On foot hardly anything is one-way: where nothing is, the graph is its own reverse.
    is_symmetric = np.array_equal(there, back)
    return ModeGraph(arcs, arcs if is_symmetric else arcs_from(b, a, costs, n_nodes), there, back)


def _closed(
    graph: ModeGraph,
    tail: Ints,
    head: Ints,
    edges: NDArray[np.int64],
    length_m: NDArray[np.float64],
) -> ModeGraph:
    """Give the graph without some edges, of which the ends are given."""
    there, back = graph.edge_ms.copy(), graph.edge_back_ms.copy()
    there[edges] = back[edges] = NOT_PERMITTED
    ahead, behind = graph.edge_ms[edges] >= 0, graph.edge_back_ms[edges] >= 0
    a = np.concatenate([tail[ahead], head[behind]])
    b = np.concatenate([head[ahead], tail[behind]])
    ms = np.concatenate([graph.edge_ms[edges[ahead]], graph.edge_back_ms[edges[behind]]])
    costs = to_costs(ms, np.concatenate([length_m[edges[ahead]], length_m[edges[behind]]]))
    arcs = graph.arcs.without(a, b, costs)
    is_symmetric = graph.reversed_arcs is graph.arcs
    reversed_arcs = arcs if is_symmetric else graph.reversed_arcs.without(b, a, costs)
    return ModeGraph(arcs, reversed_arcs, there, back)

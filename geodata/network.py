"""The street network as arrays, one graph for each mode.

Nodes are numbered along a Hilbert curve, so that neighbours in the city are neighbours in memory.
Times are whole milliseconds: sums are exact, ties are real ties, and the order of addition never
matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.frames import LocalMetres
from geodata.streets import MODES, TIME_COLUMNS, check_streets

NOT_PERMITTED = -1
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """A directed graph in CSR form.

    Attributes
    ----------
    offsets
        Shape (n_nodes + 1,): arcs of node i are ``offsets[i]:offsets[i + 1]``.
    heads, ms, length_m
        Shape (n_arcs,): node at the other end, travel time in milliseconds, length in metres.
    """

    offsets: Ints
    heads: Ints
    ms: Ints
    length_m: NDArray[np.float32]


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
    geometry = rows.geometry.to_numpy()
    west, south, east, north = streets.total_bounds
    plane = LocalMetres(lon_deg=(west + east) / 2, lat_deg=(south + north) / 2)
    lines = _to_metres(geometry, plane)
    tail, head, node_xy_m = _number_nodes(rows["u"].to_numpy(), rows["v"].to_numpy(), lines)
    length_m = rows["length_m"].to_numpy(dtype=np.float64)
    modes = {}
    for mode in MODES:
        there, back = (
            _milliseconds(rows[c].to_numpy(dtype=np.float64)) for c in TIME_COLUMNS[mode]
        )
        modes[mode] = _mode_graph(tail, head, there, back, length_m, len(node_xy_m))
    barriers = _to_metres(streets.geometry.to_numpy()[~is_street], plane)
    names = rows["name"].to_numpy(dtype=object)
    is_bridge = rows["is_bridge"].to_numpy(dtype=bool)
    return Network(plane, node_xy_m, lines, tail, head, length_m, names, is_bridge, barriers, modes)


def _to_metres(lines: NDArray[np.object_], plane: LocalMetres) -> NDArray[np.object_]:
    return shapely.transform(lines, lambda c: plane.to_xy_m(lon_deg=c[:, 0], lat_deg=c[:, 1]))


def _number_nodes(
    u: NDArray[np.int64], v: NDArray[np.int64], lines: NDArray[np.object_]
) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """Assign node numbers along a Hilbert curve and give the positions."""
    ids, index = np.unique(np.concatenate([u, v]), return_inverse=True)
    xy = np.zeros((len(ids), 2))
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    xy[index] = shapely.get_coordinates(ends)
    order = np.argsort(
        gpd.GeoSeries(shapely.points(xy)).hilbert_distance().to_numpy(), kind="stable"
    )
    rank = np.empty(len(ids), np.int32)
    rank[order] = np.arange(len(ids), dtype=np.int32)
    tail, head = np.split(rank[index], 2)
    return tail, head, xy[order]


def _milliseconds(seconds: NDArray[np.float64]) -> Ints:
    return np.where(np.isnan(seconds), NOT_PERMITTED, np.rint(seconds * 1000)).astype(np.int32)


def _mode_graph(
    tail: Ints, head: Ints, there: Ints, back: Ints, length_m: NDArray[np.float64], n_nodes: int
) -> ModeGraph:
    ahead, behind = there >= 0, back >= 0
    a = np.concatenate([tail[ahead], head[behind]])
    b = np.concatenate([head[ahead], tail[behind]])
    ms = np.concatenate([there[ahead], back[behind]])
    metres = np.concatenate([length_m[ahead], length_m[behind]]).astype(np.float32)
    return ModeGraph(_csr(a, b, ms, metres, n_nodes), _csr(b, a, ms, metres, n_nodes), there, back)


def _csr(a: Ints, b: Ints, ms: Ints, metres: NDArray[np.float32], n_nodes: int) -> Arcs:
    order = np.lexsort((b, a))
    offsets = np.zeros(n_nodes + 1, np.int32)
    np.cumsum(np.bincount(a, minlength=n_nodes), out=offsets[1:])
    return Arcs(offsets, b[order], ms[order], metres[order])

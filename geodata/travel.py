"""Travel times from many places to many places, up to a limit, as a sparse matrix.

The search is Dijkstra's, started from the smaller side and stopped at the limit; labels are reset
only where they were touched, so the cost grows with what a search settles and not with the city.
Nothing dense of size origins × destinations is ever made.

A journey is: the straight walk from the origin to its street, the way along streets, the straight
walk from the street to the destination. Both straight walks are counted at walking speed in every
mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from geodata.errors import InvalidInputError
from geodata.frames import LocalMetres
from geodata.network import Arcs, Network
from geodata.search import bounded_searches
from geodata.snap import SNAP_LIMIT_M, Snapped, to_edges
from geodata.streets import EBIKE_M_PER_S, MODES, WALK_M_PER_S

DETOUR_FACTOR = 1.3
"""Street distance over straight line in ordinary cities (Boscoe et al. 2012 found 1.3-1.4)."""

_SPEED_M_PER_S = {"walk": WALK_M_PER_S, "ebike": EBIKE_M_PER_S}
_AT_NODE_M = 0.01
_NEVER = -1


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Who reaches what within the limit, and in how long.

    Attributes
    ----------
    seconds, metres
        CSR, shape (n_origins, n_destinations), equal pattern. Every stored pair is within the
        limit, inclusive; a stored zero means "here", a missing pair means "not within the limit".
    origin_access_m, destination_access_m
        Straight line given up between a place and its street; infinite where a place is off the
        network.
    is_straight_line
        True where there was no network and the times are straight line × detour factor.
    """

    seconds: csr_array
    metres: csr_array
    origin_access_m: NDArray[np.float64]
    destination_access_m: NDArray[np.float64]
    is_straight_line: bool


def between(
    network: Network | None,
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    mode: str,
    limit_s: float,
    snap_limit_m: float = SNAP_LIMIT_M,
    detour_factor: float = DETOUR_FACTOR,
) -> Travel:
    """Give the travel times from origins to destinations that are within a limit.

    Parameters
    ----------
    network
        The streets; None falls back to straight line × `detour_factor`.
    origins, destinations
        Points in WGS 84 (EPSG:4326).
    mode
        ``walk`` or ``ebike``.
    limit_s
        Longest journey, inclusive.
    snap_limit_m
        Longest straight line from a place to its street, inclusive.
    detour_factor
        Street distance over straight line; used without a network only.

    Returns
    -------
    Travel
        Rows in the order of `origins`, columns in the order of `destinations`.

    Raises
    ------
    InvalidInputError
        When the mode is unknown or the limit is negative or not finite.
    """
    if mode not in MODES:
        raise InvalidInputError(
            "mode {mode!s} is not known; use one of {known}", mode=mode, known=", ".join(MODES)
        )
    if network is None:
        return _straight(origins, destinations, _SPEED_M_PER_S[mode], detour_factor, limit_s)
    a = to_edges(network, _xy(network.plane, origins), mode=mode, limit_m=snap_limit_m)
    b = to_edges(network, _xy(network.plane, destinations), mode=mode, limit_m=snap_limit_m)
    return along_streets(network, a, b, mode=mode, limit_s=limit_s)


def along_streets(
    network: Network, origins: Snapped, destinations: Snapped, *, mode: str, limit_s: float
) -> Travel:
    """Give the travel times between snapped places; see `between`."""
    graph = network.modes[mode]
    limit_ms = milliseconds(limit_s)
    out = _leaving(network, origins, mode)
    into = _arriving(network, destinations, mode)
    from_origins = len(origins.edge) <= len(destinations.edge)
    if from_origins:
        found = _search_all(
            graph.arcs,
            out,
            into,
            network.n_nodes,
            network.n_edges,
            limit_ms,
            graph.edge_ms,
            graph.edge_back_ms,
        )
    else:
        found = _search_all(
            graph.reversed_arcs,
            into,
            out,
            network.n_nodes,
            network.n_edges,
            limit_ms,
            graph.edge_back_ms,
            graph.edge_ms,
        )
    counts, other, ms, metres = found
    shape = (len(out.edge), len(into.edge)) if from_origins else (len(into.edge), len(out.edge))
    indptr = np.concatenate([[0], np.cumsum(counts)])
    seconds = csr_array((ms / 1000.0, other, indptr), shape=shape)
    length = csr_array((metres, other, indptr), shape=shape)
    if not from_origins:
        seconds, length = _transposed(seconds), _transposed(length)
    seconds.sort_indices()
    length.sort_indices()
    return Travel(seconds, length, origins.access_m, destinations.access_m, False)


@dataclass(frozen=True, slots=True, eq=False)
class _Ends:
    """Places as offsets to the two ends of their edge; -1 where that end cannot be used."""

    edge: NDArray[np.int32]
    along: NDArray[np.float64]
    nodes: NDArray[np.int32]
    ms: NDArray[np.int64]
    metres: NDArray[np.float32]
    access_ms: NDArray[np.int64]
    access_m: NDArray[np.float32]
    length_m: NDArray[np.float32]


def _leaving(network: Network, places: Snapped, mode: str) -> _Ends:
    graph = network.modes[mode]
    return _ends(network, places, to_tail_ms=graph.edge_back_ms, to_head_ms=graph.edge_ms)


def _arriving(network: Network, places: Snapped, mode: str) -> _Ends:
    graph = network.modes[mode]
    return _ends(network, places, to_tail_ms=graph.edge_ms, to_head_ms=graph.edge_back_ms)


def _ends(
    network: Network,
    places: Snapped,
    *,
    to_tail_ms: NDArray[np.int32],
    to_head_ms: NDArray[np.int32],
) -> _Ends:
    on = places.is_on_network
    edge = np.where(on, places.edge, 0)
    length = network.length_m[edge]
    share = np.column_stack([places.along, 1.0 - places.along])
    whole = np.column_stack([to_tail_ms[edge], to_head_ms[edge]])
    metres = share * length[:, None]
    ms = np.where(whole >= 0, np.rint(share * whole), _NEVER)
    # A place at a junction is at the junction, whatever the one-way rule of the edge it was put on.
    ms = np.where(metres <= _AT_NODE_M, 0, ms).astype(np.int64)
    ms[~on] = _NEVER
    access_m = np.where(on, places.access_m, 0.0)
    return _Ends(
        places.edge,
        places.along,
        np.column_stack([network.tail[edge], network.head[edge]]).astype(np.int32),
        ms,
        metres.astype(np.float32),
        np.rint(access_m / WALK_M_PER_S * 1000).astype(np.int64),
        access_m.astype(np.float32),
        length.astype(np.float32),
    )


def _search_all(
    arcs: Arcs,
    sources: _Ends,
    targets: _Ends,
    n_nodes: int,
    n_edges: int,
    limit_ms: int,
    along_ms: NDArray[np.int32],
    against_ms: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64], NDArray[np.float32]]:
    return bounded_searches(  # type: ignore[no-any-return]
        (arcs.offsets, arcs.heads, arcs.ms, arcs.length_m),
        (
            sources.edge,
            sources.along,
            sources.nodes,
            sources.ms,
            sources.metres,
            sources.access_ms,
            sources.access_m,
            sources.length_m,
        ),
        (
            targets.along,
            targets.ms.ravel(),
            targets.metres.ravel(),
            targets.access_ms,
            targets.access_m,
        ),
        _hung(targets.nodes.ravel(), (targets.ms >= 0).ravel(), n_nodes),
        _hung(targets.edge, targets.edge >= 0, n_edges),
        (along_ms, against_ms),
        limit_ms,
    )


def _hung(
    where: NDArray[np.int32], is_used: NDArray[np.bool_], n: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """List the used items by node or edge, in CSR form."""
    items = np.flatnonzero(is_used)
    items = items[np.argsort(where[items], kind="stable")]
    first = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(where[items], minlength=n), out=first[1:])
    return first, items


def milliseconds(limit_s: float) -> int:
    """Give a limit in whole milliseconds, the unit in which all journeys are compared.

    Raises
    ------
    InvalidInputError
        When the limit is not from 0 s to a day.
    """
    if not (np.isfinite(limit_s) and 0 <= limit_s <= 86_400):
        raise InvalidInputError(
            "a travel limit of {limit_s} s is not from 0 to 86400", limit_s=limit_s
        )
    # 4.1 minutes are 245.99999999999997 s in floating point; they are meant to be 246 s.
    return int(np.floor(limit_s * 1000 + 1e-6))


def _straight(
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    m_per_s: float,
    detour_factor: float,
    limit_s: float,
) -> Travel:
    """Give the straight-line stand-in, on the same terms."""
    limit_ms = milliseconds(limit_s)
    shape = (len(origins), len(destinations))
    here = np.zeros(shape[0]), np.zeros(shape[1])
    if 0 in shape:
        return Travel(csr_array(shape), csr_array(shape), *here, True)
    centre = destinations.union_all().centroid
    plane = LocalMetres(lon_deg=centre.x, lat_deg=centre.y)
    a, b = _xy(plane, origins), _xy(plane, destinations)
    reach_m = limit_s * m_per_s / detour_factor + 1.0
    pairs = cKDTree(a).sparse_distance_matrix(cKDTree(b), reach_m, output_type="coo_matrix")
    metres = pairs.data * detour_factor
    ms = np.rint(metres / m_per_s * 1000)
    kept = ms <= limit_ms
    rows, cols = pairs.row[kept], pairs.col[kept]
    order = np.lexsort((cols, rows))
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=shape[0]))])
    columns = cols[order].astype(np.int32)
    seconds = ms[kept][order] / 1000.0
    return Travel(
        csr_array((seconds, columns, indptr), shape=shape),
        csr_array((metres[kept][order], columns.copy(), indptr.copy()), shape=shape),
        *here,
        True,
    )


def _transposed(matrix: csr_array) -> csr_array:
    """Transpose and keep stored zeros, which mean "here"."""
    coo = matrix.tocoo()
    flipped = coo_array((coo.data, (coo.col, coo.row)), shape=matrix.shape[::-1])
    return flipped.tocsr()


def _xy(plane: LocalMetres, places: gpd.GeoSeries) -> NDArray[np.float64]:
    return plane.to_xy_m(lon_deg=places.x.to_numpy(), lat_deg=places.y.to_numpy())

"""Travel times from many places to many places, up to a limit, as a sparse matrix.

The search is Dijkstra's, started from the smaller side and stopped at the limit; labels are reset
only where they were touched, so the cost grows with what a search settles and not with the city.
Nothing dense of size origins × destinations is ever made. Sources that are neighbours in the city
are searched one after another, for they need the same part of the memory; several threads take
turns at blocks of them, and the result is the same for any number of threads.

A journey is: the straight walk from the origin to its street, the way along streets, the straight
walk from the street to the destination. Both straight walks are counted at walking speed in every
mode. Of two ways that take the same time the shorter is taken.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from geodata.arcs import Arcs, to_metres, to_ms
from geodata.ends import Ends, ends_of
from geodata.errors import InvalidInputError
from geodata.frames import LocalMetres
from geodata.network import Network
from geodata.search import nodes_within as search_nodes
from geodata.search import targets_within
from geodata.snap import SNAP_LIMIT_M, Snapped, Snapper
from geodata.streets import DETOUR_FACTOR, MODES, SPEED_M_PER_S
from geodata.threads import Block, Searches, run


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
    with_metres: bool = True,
    threads: int | None = None,
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
    with_metres
        False spares the memory of `Travel.metres`, which then holds no pairs.
    threads
        How many threads search; None means one for each processor, where there is work for them.

    Returns
    -------
    Travel
        Rows in the order of `origins`, columns in the order of `destinations`.

    Raises
    ------
    InvalidInputError
        When the mode is unknown, the limit is not from 0 s to a day, or there are no threads.
    """
    _check_mode(mode)
    if network is None:
        straight = _straight(origins, destinations, SPEED_M_PER_S[mode], detour_factor, limit_s)
        return straight if with_metres else replace(straight, metres=_no_pairs(straight.seconds))
    both = np.concatenate([_xy(network.plane, origins), _xy(network.plane, destinations)])
    snapped = Snapper.of(network, mode).to_edges(both, limit_m=snap_limit_m)
    n = len(origins)
    return along_streets(
        network,
        snapped[:n],
        snapped[n:],
        mode=mode,
        limit_s=limit_s,
        with_metres=with_metres,
        threads=threads,
    )


def along_streets(
    network: Network,
    origins: Snapped,
    destinations: Snapped,
    *,
    mode: str,
    limit_s: float,
    with_metres: bool = True,
    threads: int | None = None,
) -> Travel:
    """Give the travel times between snapped places; see `between`."""
    graph = network.modes[mode]
    limit_ms = milliseconds(limit_s)
    out = ends_of(network, origins, to_tail_ms=graph.edge_back_ms, to_head_ms=graph.edge_ms)
    into = ends_of(network, destinations, to_tail_ms=graph.edge_ms, to_head_ms=graph.edge_back_ms)
    if len(out.edge) <= len(into.edge):
        costs = _search(graph.arcs, out, into, limit_ms, threads)
        costs.sort_indices()
    else:
        costs = _search(graph.reversed_arcs, into, out, limit_ms, threads).T.tocsr()
    metres = _no_pairs(costs)
    if with_metres:
        # A copy of the pairs: what is done to one matrix must not be done to the other.
        pairs = (to_metres(costs.data), costs.indices.copy(), costs.indptr.copy())
        metres = csr_array(pairs, shape=costs.shape)
    seconds = _in_seconds(costs)
    return Travel(seconds, metres, origins.access_m, destinations.access_m, False)


def nodes_within(
    network: Network,
    starts: NDArray[np.integer],
    *,
    mode: str,
    limit_s: float,
    threads: int | None = None,
) -> csr_array:
    """Give the seconds from nodes of the network to all nodes within a limit.

    Parameters
    ----------
    network
        The streets.
    starts
        Shape (n_starts,): node numbers.
    mode
        ``walk`` or ``ebike``.
    limit_s
        Longest journey, inclusive.
    threads
        As in `between`.

    Returns
    -------
    csr_array
        Shape (n_starts, n_nodes); a stored zero is the start itself. Columns are not sorted.

    Raises
    ------
    InvalidInputError
        When the mode or the limit breaks the rules of `between`, or there is no such node.
    """
    _check_mode(mode)
    starts = np.asarray(starts, dtype=np.int64)
    if len(starts) and not (starts.min() >= 0 and starts.max() < network.n_nodes):
        raise InvalidInputError(
            "a start is not among the nodes 0 to {last}", last=network.n_nodes - 1
        )
    arcs = network.modes[mode].arcs
    rows = np.argsort(starts, kind="stable")

    def search(part: slice, work: object, budget: int, shift: int) -> Block:
        return search_nodes(  # type: ignore[no-any-return]  # compiled
            (arcs.offsets, arcs.links), starts[rows[part]], work, budget, shift
        )

    searches = Searches(search, rows, None, (len(starts), network.n_nodes), network.n_nodes)
    costs = run(searches, milliseconds(limit_s), arcs.typical_ms, threads)
    return _in_seconds(costs)


def _check_mode(mode: str) -> None:
    if mode not in MODES:
        raise InvalidInputError(
            "mode {mode!s} is not known; use one of {known}", mode=mode, known=", ".join(MODES)
        )


def _no_pairs(matrix: csr_array) -> csr_array:
    return csr_array(matrix.shape, dtype=np.float32)


def _in_seconds(costs: csr_array) -> csr_array:
    """Turn a matrix of costs into one of seconds, in the memory of the costs, which are no more."""
    seconds = costs.data.view(np.float64)
    np.divide(to_ms(costs.data, out=costs.data), 1000.0, out=seconds)
    return csr_array((seconds, costs.indices, costs.indptr), shape=costs.shape)


def _search(
    arcs: Arcs, sources: Ends, targets: Ends, limit_ms: int, threads: int | None
) -> csr_array:
    """Give the costs from sources to targets within the limit, shape (n_sources, n_targets)."""
    n_nodes = len(arcs.offsets) - 1
    shape = (len(sources.edge), len(targets.edge))
    rows = np.flatnonzero(sources.edge >= 0)
    rows = rows[np.argsort(sources.nodes[rows, 0], kind="stable")]
    on = np.flatnonzero(targets.edge >= 0)
    by_edge = np.asarray(on[np.argsort(targets.edge[on], kind="stable")], dtype=np.int32)
    hung = targets.hung(by_edge, n_nodes)
    target_edges = targets.edge[by_edge]

    def search(part: slice, work: object, budget: int, shift: int) -> Block:
        which = rows[part]
        edge = sources.edge[which]
        own = [np.searchsorted(target_edges, edge, side) for side in ("left", "right")]
        return targets_within(  # type: ignore[no-any-return]  # compiled
            (arcs.offsets, arcs.links),
            (
                sources.along[which],
                sources.nodes[which],
                sources.costs[which],
                sources.access[which],
                sources.length_m[which],
                sources.to_head_ms[which],
                sources.to_tail_ms[which],
                np.column_stack(own),
            ),
            hung,
            work,
            budget,
            shift,
        )

    return run(Searches(search, rows, by_edge, shape, n_nodes), limit_ms, arcs.typical_ms, threads)


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
    # The plane depends on the origins only, so that a time does not change with what else is asked.
    plane = LocalMetres(lon_deg=origins.x.mean(), lat_deg=origins.y.mean())
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


def _xy(plane: LocalMetres, places: gpd.GeoSeries) -> NDArray[np.float64]:
    return plane.to_xy_m(lon_deg=places.x.to_numpy(), lat_deg=places.y.to_numpy())

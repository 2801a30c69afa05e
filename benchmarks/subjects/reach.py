"""Reach: the bounded search on a large network, beside SciPy and pandana."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.instances.grid import Grid, Town, make_grid, make_town
from benchmarks.peer import Peer
from benchmarks.row import Check, Row, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.network import Network
from geodata.travel import between, nodes_within

LIMIT_S = 1200.0
"""1.5 km on foot."""
_LIMITS_S = (400.0, 800.0, 1200.0, 1600.0, 2400.0)
SIDE = {"tiny": 20, "full": 1000}
_SIDE_FOR_PANDANA = {"tiny": 20, "full": 300}
_SCIPY_SOURCES, _PANDANA_SOURCES = 64, 512
_AT_ONCE = 20_000


def _beside_scipy(size: Size) -> Iterator[Trial]:
    grid = make_grid(SIDE[size])
    network = grid.network()
    junctions = _some(grid, _AT_ONCE)
    starts = grid.number_in(network)[junctions]

    def work() -> Answer:
        return _search(network, starts, LIMIT_S)

    def arrays() -> Mapping[str, ArrayLike]:
        graph = grid.graph()
        return {
            "weights": graph.data,
            "indices": graph.indices,
            "indptr": graph.indptr,
            "sources": junctions[:_SCIPY_SOURCES],
            "limit": LIMIT_S * 1000,
        }

    def checks(measured: Measured) -> list[Check]:
        scipy = measured.peer("SciPy dijkstra(limit=)")
        if scipy is None or scipy.ratio is None:
            return []
        ours = nodes_within(network, starts[:_SCIPY_SOURCES], mode="walk", limit_s=LIMIT_S).nnz
        pairs = abs(float(scipy.figures["pairs"] or 0) - ours)
        return [
            Check("times as fast as SciPy, per source", scipy.ratio, ">=", 200.0, ""),
            Check("pairs that differ from SciPy's", pairs, "<=", 0.0, ""),
        ]

    scale = len(junctions) / min(_SCIPY_SOURCES, len(junctions))
    peer = Peer("SciPy dijkstra(limit=)", "scipy_reach.py", arrays, scale=scale, is_ours=True)
    yield Trial(grid.instance, work, runs=3, checks=checks, peers=(peer,))


def _beside_pandana(size: Size) -> Iterator[Trial]:
    # Pandana's preparation grows so fast that an eleventh of the grid is what fits a run.
    grid = make_grid(_SIDE_FOR_PANDANA[size])

    def work() -> Answer:
        begin = perf_counter()
        network = grid.network()
        prepare_s = perf_counter() - begin
        starts = np.arange(network.n_nodes)
        for k in range(0, len(starts), _AT_ONCE):
            part = starts[k : k + _AT_ONCE]
            nodes_within(network, part, mode="walk", limit_s=LIMIT_S, threads=1)
        search_s = perf_counter() - begin - prepare_s
        ms_per_source = search_s * 1000 / len(starts)
        return {"prepare_s": prepare_s, "search_s": search_s, "ms_per_source": ms_per_source}

    def arrays() -> Mapping[str, ArrayLike]:
        return {
            "x": grid.xy_m[:, 0],
            "y": grid.xy_m[:, 1],
            "edge_from": grid.ends[:, 0],
            "edge_to": grid.ends[:, 1],
            "edge_weights": grid.walk_ms / 1000,
            "sources": _some(grid, _PANDANA_SOURCES),
            "limit": LIMIT_S,
        }

    def checks(measured: Measured) -> list[Check]:
        pandana = measured.peer("pandana")
        if pandana is None or pandana.ratio is None:
            return []
        table_ms = float(pandana.figures["table_ms_per_source"] or 0)
        ours_ms = float(measured.figures["ms_per_source"] or 0)
        return [
            Check("times as fast as nodes_in_range, per source", table_ms / ours_ms, ">=", 20, ""),
            Check("times as fast as pandana, preparation included", pandana.ratio, ">=", 1.0, ""),
        ]

    peer = Peer("pandana", "pandana_reach.py", arrays)
    yield Trial(grid.instance, work, runs=3, checks=checks, peers=(peer,))


def _growth(size: Size) -> Iterator[Trial]:
    grid = make_grid(SIDE[size])
    network = grid.network()
    starts = grid.number_in(network)[_some(grid, 2000)]
    for limit_s in _LIMITS_S:

        def work(limit_s: float = limit_s) -> Answer:
            return {"limit_s": limit_s, **_search(network, starts, limit_s)}

        yield Trial(grid.instance, work, runs=3)


def _growth_checks(rows: list[Row]) -> list[Check]:
    each = {float(r.figures["limit_s"] or 0): float(r.figures["ns_per_pair"] or 0) for r in rows}
    if len(each) < len(_LIMITS_S):
        return []
    growth = each[2400.0] / each[800.0]
    return [Check("time per settled node at 3 km over that at 1 km", growth, "<=", 1.5, "")]


def _many_to_many(size: Size) -> Iterator[Trial]:
    side = SIDE[size]
    network = make_grid(side).network()
    town = large_town(size)

    def work() -> Answer:
        travel = between(
            network, town.places, town.candidates, mode="walk", limit_s=LIMIT_S, threads=1
        )
        return {"pairs": travel.seconds.nnz}

    def checks(measured: Measured) -> list[Check]:
        return [
            Check("time", measured.seconds, "<=", 30.0, "s"),
            Check("memory", measured.peak_mb, "<=", 4000.0, "MB"),
        ]

    yield Trial(town.instance, work, runs=0, checks=checks)


def large_town(size: Size) -> Town:
    """Give 100,000 places and 20,000 candidates on the grid of a million junctions."""
    if size == "tiny":
        return make_town(SIDE[size], n_places=200, n_candidates=40, n_clusters=3)
    return make_town(SIDE[size], n_places=100_000, n_candidates=20_000, n_clusters=60)


def _some(grid: Grid, n: int) -> NDArray[np.int64]:
    """Draw junctions that have a street, each at most once."""
    joined = np.unique(grid.ends)
    return np.random.default_rng(1).permutation(joined)[:n]


def _search(network: Network, starts: NDArray[np.int64], limit_s: float) -> Answer:
    begin = perf_counter()
    found = nodes_within(network, starts, mode="walk", limit_s=limit_s, threads=1)
    ms = (perf_counter() - begin) * 1000
    return {
        "ms_per_source": ms / len(starts),
        "pairs": found.nnz,
        "ns_per_pair": ms * 1e6 / found.nnz,
    }


REACH = (
    Subject(
        "reach_per_source",
        "All junctions within 1.5 km of each of 20,000 junctions, one thread.",
        _beside_scipy,
        limit_s=120,
    ),
    Subject(
        "reach_with_preparation",
        "The network made from arrays, then all junctions within 1.5 km of every junction, one "
        "thread; pandana: its preparation and its internal search, and beside it `nodes_in_range`.",
        _beside_pandana,
        limit_s=300,
    ),
    Subject(
        "reach_growth",
        "2,000 searches with growing limits, one thread: time by settled junction.",
        _growth,
        limit_s=90,
        checks=_growth_checks,
    ),
    Subject(
        "reach_100k_x_20k",
        "100,000 places × 20,000 candidates within 1.5 km on foot, put onto the streets and "
        "searched, one thread.",
        _many_to_many,
        limit_s=120,
    ),
)

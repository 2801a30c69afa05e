"""What must hold of reach for any web of streets, any places, any edits."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from support import towns, webs
from support.records import demand_frame, stations_frame

from geodata import threads
from geodata.network import from_streets
from geodata.snap import Snapped
from geodata.travel import along_streets, nodes_within
from planner.demand import from_frame
from planner.scenario import Scenario
from planner.setting import Setting

SEEDS = st.integers(0, 2**32 - 1)
N_NODES, N_EDGES, N_PLACES = 30, 70, 25
few = settings(max_examples=60, deadline=None)


def web_and_places(seed: int):
    """Make a web with many ties, zeros and one-way streets, and places on it, some off it."""
    rng = np.random.default_rng(seed)
    network = webs.web(rng, N_NODES, N_EDGES, most_ms=int(rng.choice([1, 5, 3000])))
    edge = rng.integers(-1, N_EDGES, N_PLACES).astype(np.int32)
    along = np.where(rng.random(N_PLACES) < 0.3, rng.integers(0, 2, N_PLACES), rng.random(N_PLACES))
    places = Snapped(edge, along.astype(float), np.where(edge < 0, np.inf, 0.001))
    return rng, network, places


def is_same(a: csr_array, b: csr_array) -> bool:
    """Tell whether two matrices store the same pairs with the same values."""
    return (
        a.shape == b.shape
        and np.array_equal(a.indptr, b.indptr)
        and np.array_equal(a.indices, b.indices)
        and np.array_equal(a.data, b.data)
    )


@few
@given(SEEDS, st.integers(1, N_PLACES - 1))
def test_either_side_gives_the_same(seed: int, n: int) -> None:
    """Searched forwards from few or backwards from few: each pair has one time and one length."""
    _, network, places = web_and_places(seed)
    whole = along_streets(network, places, places, mode="walk", limit_s=4)
    rows = along_streets(network, places[:n], places, mode="walk", limit_s=4)
    columns = along_streets(network, places, places[:n], mode="walk", limit_s=4)
    assert is_same(rows.seconds, whole.seconds[:n])
    assert is_same(rows.metres, whole.metres[:n])
    assert is_same(columns.seconds, whole.seconds[:, :n])
    assert is_same(columns.metres, whole.metres[:, :n])


@few
@given(SEEDS)
def test_any_number_of_threads_and_any_block_gives_the_same(seed: int) -> None:
    """How the sources are dealt out is nobody's business."""
    rng, network, places = web_and_places(seed)
    with patch.object(threads, "_AT_ONCE", int(rng.integers(1, 9))):
        one = along_streets(network, places, places, mode="walk", limit_s=4, threads=1)
        more = along_streets(network, places, places, mode="walk", limit_s=4, threads=3)
    plain = along_streets(network, places, places, mode="walk", limit_s=4)
    assert is_same(one.seconds, more.seconds)
    assert is_same(one.seconds, plain.seconds)


@few
@given(SEEDS, st.integers(0, 6000))
def test_shorter_limit_keeps_exactly_the_pairs_within_it(seed: int, limit_ms: int) -> None:
    """A limit takes pairs away and changes no time; the limit itself is within."""
    _, network, places = web_and_places(seed)
    wide = along_streets(network, places, places, mode="walk", limit_s=6).seconds.tocoo()
    cut = along_streets(network, places, places, mode="walk", limit_s=limit_ms / 1000).seconds
    kept = np.rint(wide.data * 1000) <= limit_ms
    assert np.array_equal(cut.tocoo().row, wide.row[kept])
    assert np.array_equal(cut.indices, wide.col[kept])
    assert np.array_equal(cut.data, wide.data[kept])


@few
@given(SEEDS)
def test_no_way_is_longer_than_a_way_round(seed: int) -> None:
    """Node to node the times obey the triangle inequality, and each start is at itself."""
    _, network, _ = web_and_places(seed)
    found = nodes_within(network, np.arange(N_NODES), mode="walk", limit_s=10)
    ms = np.full((N_NODES, N_NODES), 2**40)
    coo = found.tocoo()
    ms[coo.row, coo.col] = np.rint(coo.data * 1000)
    assert (np.diag(ms) == 0).all()
    round_by = (ms[:, :, None] + ms[None, :, :]).min(axis=1)
    assert (ms <= np.where(round_by <= 10_000, round_by, 2**40)).all()


@few
@given(SEEDS)
def test_renumbering_places_renumbers_the_result(seed: int) -> None:
    """The order in which places are given changes the order of the answer only."""
    rng, network, places = web_and_places(seed)
    order = rng.permutation(N_PLACES)
    plain = along_streets(network, places, places, mode="walk", limit_s=4).seconds
    turned = along_streets(network, places[order], places, mode="walk", limit_s=4).seconds
    assert is_same(turned, plain[order])


@settings(max_examples=40, deadline=None)
@given(SEEDS)
def test_edits_of_a_town_by_a_river_equal_measuring_anew(seed: int) -> None:
    """Bridges, barriers and places beside them: closing and reopening anything is exact."""
    rng = np.random.default_rng(seed)
    frame = towns.grid(6, seed=seed % 1000)
    streets = frame.copy()
    streets["is_bridge"] = rng.random(len(frame)) < 0.15
    y = float(rng.uniform(-250, 250))
    river = towns.streets(
        {1: (-900, 900), 2: (-800, 900)}, [(1, 2)], barriers=[[(-400, y), (400, -y)]]
    )
    rows = river.loc[river["role"] == "barrier"]
    streets.loc[len(streets)] = rows.iloc[0]
    setting = Setting(
        demand=from_frame(demand_frame(rng.uniform(-350, 350, (40, 2)), np.ones(40))),
        stations=stations_frame(
            [{"id": f"s{k}", "status": "open"} for k in range(6)], rng.uniform(-350, 350, (6, 2))
        ),
        network=from_streets(streets),
        areas=None,
        standard_s=180.0,
    )
    start = Scenario.of(setting)
    closed = start.with_closed_edges(rng.integers(0, len(frame), 8).tolist())
    closed = closed.with_closed_edges(rng.integers(0, len(frame), 8).tolist())
    opened = closed.reopened(sorted(closed.closed_edges)[::2])
    for scenario in (closed, opened):
        edited = scenario.setting()
        anew = edited.reach(edited.in_service().geometry)
        assert is_same(scenario.reach.travel_s, anew.travel_s)
        assert np.array_equal(scenario.reach.off_network_places, anew.off_network_places)
    back = opened.reopened(opened.closed_edges)
    assert is_same(back.reach.travel_s, start.reach.travel_s)

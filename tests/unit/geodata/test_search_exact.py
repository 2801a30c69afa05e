"""The compiled bounded search: against a heap in plain Python and against SciPy, to the millisecond."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra as scipy_dijkstra
from support import webs
from support.towns import PLANE

from geodata import threads
from geodata.errors import InvalidInputError
from geodata.network import from_arrays
from geodata.snap import Snapped
from geodata.travel import along_streets, nodes_within


def rows(matrix: csr_array) -> list[dict[int, int]]:
    """Give each row as milliseconds by column."""
    parts = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    ms = np.rint(matrix.data * 1000).astype(int)
    return [
        dict(zip(matrix.indices[a:b].tolist(), ms[a:b].tolist(), strict=True)) for a, b in parts
    ]


@pytest.mark.parametrize("most_ms", [0, 1, 9, 1000, 100_000])
@pytest.mark.parametrize("seed", range(8))
def test_nodes_within_equal_a_heap_in_plain_python(seed: int, most_ms: int) -> None:
    """Whatever the spread of the weights, zeros, loops and twin edges included: the same labels."""
    rng = np.random.default_rng(seed)
    network = webs.web(rng, 60, 150, most_ms=most_ms)
    limit_ms = int(rng.integers(0, 4 * most_ms + 2))
    found = rows(nodes_within(network, np.arange(60), mode="walk", limit_s=limit_ms / 1000))
    out = webs.links(network)
    for start in range(60):
        slow = webs.dijkstra(out, {start: (0, 0)}, limit_ms)
        assert found[start] == {x: ms for x, (ms, _) in slow.items()}


@pytest.mark.parametrize("seed", range(4))
def test_nodes_within_equal_scipy(seed: int) -> None:
    """Where no weight is zero, which SciPy takes for no edge, it gives the same labels."""
    rng = np.random.default_rng(seed)
    network = webs.web(rng, 200, 500, most_ms=5000, least_ms=1)
    dense = np.full((200, 200), np.inf)
    for x, arcs in webs.links(network).items():
        for y, ms, _ in arcs:
            dense[x, y] = min(dense[x, y], ms)
    graph = csr_array(np.where(np.isinf(dense), 0, dense))
    slow = scipy_dijkstra(graph, limit=9000)
    found = rows(nodes_within(network, np.arange(200), mode="walk", limit_s=9))
    for start in range(200):
        near = np.flatnonzero(np.isfinite(slow[start])).tolist()
        assert found[start] == {x: round(slow[start, x]) for x in near}


def random_places(rng: np.random.Generator, n: int, n_edges: int) -> Snapped:
    """Put places on edges, some at their ends, some off the network."""
    edge = rng.integers(-1, n_edges, n).astype(np.int32)
    along = rng.choice([0.0, 0.25, 0.5, 1.0], n)
    return Snapped(edge, along, np.where(edge < 0, np.inf, rng.integers(0, 3, n) * 1.25))


def slow_costs(network, a: Snapped, b: Snapped, mode: str, limit_ms: int) -> dict:
    """Give (ms, mm) of pairs by plain Dijkstra from both ends of the origin's edge."""
    graph, out, found = network.modes[mode], webs.links(network, mode), {}

    def to_ends(spot, along_ms: int, against_ms: int) -> dict[int, tuple[int, int]]:
        k, share, access_m = spot
        ends: dict[int, tuple[int, int]] = {}
        parts = [(network.tail[k], share, against_ms), (network.head[k], 1 - share, along_ms)]
        for node, part, whole in parts:
            metres = part * network.length_m[k]
            at_node = metres <= 0.01
            if whole >= 0 or at_node:
                ms = 0 if at_node else int(np.rint(part * whole))
                cost = (
                    ms + round(access_m / 1.25 * 1000),
                    round(metres * 1000) + round(access_m * 1000),
                )
                ends[int(node)] = min(cost, ends.get(int(node), cost))
        return ends

    for i in range(len(a.edge)):
        if a.edge[i] < 0:
            continue
        e, s, w = a.edge[i], a.along[i], a.access_m[i]
        starts = to_ends((e, s, w), graph.edge_ms[e], graph.edge_back_ms[e])
        labels = webs.dijkstra(out, starts, limit_ms)
        for j in range(len(b.edge)):
            if b.edge[j] < 0:
                continue
            f, t, v = b.edge[j], b.along[j], b.access_m[j]
            ways = [
                (labels[x][0] + ms, labels[x][1] + mm)
                for x, (ms, mm) in to_ends(
                    (f, t, v), graph.edge_back_ms[f], graph.edge_ms[f]
                ).items()
                if x in labels
            ]
            whole = graph.edge_ms[e] if t >= s else graph.edge_back_ms[e]
            metres = abs(t - s) * network.length_m[e]
            if e == f and (whole >= 0 or metres <= 0.01):
                straight_ms = int(np.rint(abs(t - s) * max(whole, 0)))
                walk = round(w / 1.25 * 1000) + round(v / 1.25 * 1000)
                mm = round(metres * 1000) + round(w * 1000) + round(v * 1000)
                ways.append((straight_ms + walk, mm))
            if ways and min(ways)[0] <= limit_ms:
                found[i, j] = min(ways)
    return found


@pytest.mark.parametrize("mode", ["walk", "ebike"])
@pytest.mark.parametrize("seed", range(6))
def test_places_on_edges_equal_a_heap_in_plain_python(seed: int, mode: str) -> None:
    """Pairs, milliseconds and metres agree; of two equally quick ways the shorter is measured."""
    rng = np.random.default_rng(seed)
    network = webs.web(rng, 25, 60, most_ms=4000)
    few, many = random_places(rng, 20, 60), random_places(rng, 30, 60)
    for a, b in ((few, many), (many, few)):
        travel = along_streets(network, a, b, mode=mode, limit_s=6.0)
        slow = slow_costs(network, a, b, mode, 6000)
        seconds, metres = travel.seconds.tocoo(), travel.metres.tocoo()
        pairs = list(zip(seconds.row.tolist(), seconds.col.tolist(), strict=True))
        assert pairs == sorted(slow)
        assert np.rint(seconds.data * 1000).astype(int).tolist() == [slow[p][0] for p in pairs]
        assert np.rint(metres.data * 1000).astype(int).tolist() == [slow[p][1] for p in pairs]


def test_any_number_of_threads_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of sources searched by one, two or five threads make the same matrix, bit for bit."""
    monkeypatch.setattr(threads, "_AT_ONCE", 7)
    rng = np.random.default_rng(0)
    network = webs.web(rng, 80, 200, most_ms=4000)
    a, b = random_places(rng, 60, 200), random_places(rng, 90, 200)
    one = along_streets(network, a, b, mode="walk", limit_s=5, threads=1)
    for n in (None, 2, 5):
        other = along_streets(network, a, b, mode="walk", limit_s=5, threads=n)
        for x, y in ((one.seconds, other.seconds), (one.metres, other.metres)):
            assert np.array_equal(x.indptr, y.indptr)
            assert np.array_equal(x.indices, y.indices)
            assert np.array_equal(x.data, y.data)


@pytest.mark.parametrize("n_threads", [1, 3])
@pytest.mark.parametrize("order", ["ascending", "descending", "any", "twice"])
def test_starts_in_any_order_give_the_same_rows(
    monkeypatch: pytest.MonkeyPatch, order: str, n_threads: int
) -> None:
    """Each start has its row, although the first starts reach nothing and the last ones much."""
    monkeypatch.setattr(threads, "_AT_ONCE", 3)
    rng = np.random.default_rng(8)
    far_m, ends = rng.uniform(0, 1e5, (40, 2)), rng.integers(40, 60, (90, 2))
    pairs = np.concatenate([np.arange(40).reshape(-1, 2), ends])
    seconds = np.concatenate([np.full(20, 50.0), rng.integers(1, 5, 90).astype(float)])
    xy_m = np.concatenate([far_m, rng.uniform(0, 100, (20, 2)) - 1e6])
    there = (seconds, seconds)
    network = from_arrays(
        xy_m, *pairs.T, plane=PLANE, times_s={"walk": there, "ebike": there}
    )  # fmt: skip
    alone = [rows(nodes_within(network, np.array([x]), mode="walk", limit_s=9)) for x in range(60)]
    assert min(len(row[0]) for row in alone) == 1
    assert max(len(row[0]) for row in alone) > 10
    starts = {
        "ascending": np.arange(60),
        "descending": np.arange(60)[::-1],
        "any": rng.permutation(60),
        "twice": np.repeat(np.arange(60), 2),
    }[order]
    found = nodes_within(network, starts, mode="walk", limit_s=9, threads=n_threads)
    assert rows(found) == [alone[x][0] for x in starts]


def test_search_without_a_thread_is_refused() -> None:
    """Nobody searches with nobody."""
    network = webs.web(np.random.default_rng(0), 5, 8, most_ms=10)
    with pytest.raises(InvalidInputError, match="threads"):
        nodes_within(network, np.array([0]), mode="walk", limit_s=1, threads=0)


@pytest.mark.parametrize("start", [-1, 5])
def test_start_that_is_no_node_is_refused(start: int) -> None:
    """A number outside the network would read foreign memory."""
    network = webs.web(np.random.default_rng(0), 5, 8, most_ms=10)
    with pytest.raises(InvalidInputError, match="nodes 0 to 4"):
        nodes_within(network, np.array([start]), mode="walk", limit_s=1)


def test_metres_are_left_out_when_not_asked_for() -> None:
    """The times are the same, and no pair of metres is stored."""
    rng = np.random.default_rng(3)
    network = webs.web(rng, 25, 60, most_ms=4000)
    a, b = random_places(rng, 20, 60), random_places(rng, 30, 60)
    whole = along_streets(network, a, b, mode="walk", limit_s=5)
    lean = along_streets(network, a, b, mode="walk", limit_s=5, with_metres=False)
    assert np.array_equal(whole.seconds.toarray(), lean.seconds.toarray())
    assert (whole.metres.nnz, lean.metres.nnz) == (whole.seconds.nnz, 0)


@pytest.mark.parametrize("seed", range(6))
def test_closing_edges_equals_a_network_made_without_them(seed: int) -> None:
    """Loops and twins included, both modes and both directions; the open network stays as it was."""
    rng = np.random.default_rng(seed)
    network = webs.web(rng, 30, 90, most_ms=500)
    before = nodes_within(network, np.arange(30), mode="walk", limit_s=2).toarray()
    closed = rng.choice(90, 25, replace=False)
    rest = np.setdiff1d(np.arange(90), closed)

    def seconds(graph) -> tuple[np.ndarray, np.ndarray]:
        barred = [graph.edge_ms[rest], graph.edge_back_ms[rest]]
        return tuple(np.where(ms < 0, np.nan, ms / 1000) for ms in barred)

    anew = from_arrays(
        network.node_xy_m,
        network.tail[rest],
        network.head[rest],
        plane=network.plane,
        times_s={mode: seconds(graph) for mode, graph in network.modes.items()},
        length_m=network.length_m[rest],
    )
    cut = network.without_edges(closed.tolist())
    for mode in ("walk", "ebike"):
        a, b = (rows(nodes_within(n, np.arange(30), mode=mode, limit_s=2)) for n in (cut, anew))
        assert a == b
    assert np.array_equal(
        before, nodes_within(network, np.arange(30), mode="walk", limit_s=2).toarray()
    )


def test_closing_an_edge_that_is_not_there_is_refused() -> None:
    """The message names the edge and the edges there are."""
    network = webs.web(np.random.default_rng(0), 5, 8, most_ms=10)
    for edge in (-1, 8):
        with pytest.raises(
            InvalidInputError, match=f"no edge {edge}; the network has edges 0 to 7"
        ):
            network.without_edges([edge])

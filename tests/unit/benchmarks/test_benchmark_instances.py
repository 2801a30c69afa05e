"""The instances of the benchmarks are the published ones."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from benchmarks.instances import random_covering
from benchmarks.instances.blocks import published, read_blocks
from benchmarks.instances.glibc import RAND_MAX, Generator
from benchmarks.instances.grid import make_grid, make_town
from benchmarks.instances.instance import fingerprint
from benchmarks.instances.orlib import _graph, read_graphs
from benchmarks.instances.random_covering import RandomCovering
from benchmarks.instances.stores import read_stores


def plain_rand(seed: int, n: int) -> list[int]:
    """Give the first numbers of glibc's rand() by its textbook recurrence, all values kept."""
    r = [seed]
    for i in range(1, 31):
        r.append(16807 * r[i - 1] % (2**31 - 1))
    r += r[:3]
    for i in range(34, 344 + n):
        r.append((r[i - 31] + r[i - 3]) % 2**32)
    return [value >> 1 for value in r[344:]]


@pytest.mark.parametrize("seed", [1, 2, 42, 2**31 - 2])
def test_rand_is_that_of_glibc(seed: int) -> None:
    """The compiled ring gives the numbers of the textbook recurrence, also after a skip."""
    numbers = Generator(seed)
    expected = plain_rand(seed, 200)
    assert numbers.draw(100).tolist() == expected[:100]
    numbers.skip(57)
    assert numbers.draw(43).tolist() == expected[157:]


def test_rand_of_a_new_process() -> None:
    """Without srand, glibc counts as seeded with 1; its first numbers are widely known."""
    assert Generator(1).draw(3).tolist() == [1804289383, 846930886, 1681692777]
    assert Generator(0).draw(3).tolist() == Generator(1).draw(3).tolist()


def test_random_covering_is_read_off_one_stream() -> None:
    """Sites, customers, costs and demands follow each other in one stream of random numbers."""
    n, seed, radius = 50, 3, 5.5
    r = plain_rand(seed, 200 + 2 * n + 100 + n)
    xy = [[float(f"{r[k] / RAND_MAX * 30:.6f}") for k in (i, i + 1)] for i in range(0, 300, 2)]
    sites, customers = xy[:100], xy[100:]
    demands = [value % 100 + 1 for value in r[200 + 2 * n + 100 :]]
    reach, people = RandomCovering(n, seed).whole(radius)
    assert people.tolist() == demands
    assert reach.toarray().tolist() == [
        [int(math.dist(site, customer) < radius) for site in sites] for customer in customers
    ]


def test_chunks_do_not_change_the_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many customers are held at a time, they and their fingerprint are the same."""
    customers = RandomCovering(1000, 2)
    at_once, name = customers.whole(4.0), customers.instance()
    monkeypatch.setattr(random_covering, "CHUNK", 7)
    in_parts = customers.whole(4.0)
    assert (at_once[0] != in_parts[0]).nnz == 0
    assert at_once[1].tolist() == in_parts[1].tolist()
    assert customers.instance() == name
    assert RandomCovering(1000, 3).instance().sha256 != name.sha256


def test_random_covering_has_the_published_demand(shared_data: Path) -> None:
    """The customers of the published seeds demand in total what was published."""
    with (shared_data / "benchmarks" / "bds_optima.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 4
    for row in rows:
        _, people = RandomCovering(int(row["customers"]), int(row["seed"])).whole(1.0)
        assert people.sum() == int(row["total_demand"])


@pytest.mark.parametrize(
    ("city", "radius_m", "n", "people"),
    [("NewYork", 400.0, 2713, 1_585_873), ("SanFrancisco", 600.0, 5137, 805_235)],
)
def test_census_blocks_are_whole(
    shared_data: Path, city: str, radius_m: float, n: int, people: int
) -> None:
    """A city has its published number of blocks and people; every block covers itself."""
    blocks = read_blocks(city, radius_m)
    assert blocks.reach.shape == (n, n)
    assert blocks.people.sum() == people
    assert blocks.reach.diagonal().all()
    assert (blocks.reach != blocks.reach.T).nnz == 0
    asked = [q for q in published() if q.city == city]
    assert len(asked) == 6
    assert all(q.radius_m == radius_m and q.best_known < people for q in asked)


def test_first_blocks_are_the_corner_of_the_matrix(shared_data: Path) -> None:
    """The sub-matrix holds the first rows and columns of the whole."""
    whole, part = read_blocks("NewYork", 400.0), read_blocks("NewYork", 400.0, n_first=50)
    assert (part.reach != whole.reach[:50, :50]).nnz == 0
    assert part.people.tolist() == whole.people[:50].tolist()
    assert part.instance != whole.instance


def test_an_edge_given_twice_takes_its_last_value() -> None:
    """Of two lengths of one edge the later counts, whichever way round its ends are given."""
    _, travel = _graph("made", "3 3 1  1 2 5  2 3 4  2 1 9")
    assert travel.tolist() == [[0, 9, 13], [9, 0, 4], [13, 4, 0]]


def test_median_graphs_are_whole(shared_data: Path) -> None:
    """Twenty graphs, each in one part, with ways that satisfy the triangle inequality."""
    graphs = read_graphs()
    assert [g.instance.name for g in graphs] == [f"pmed{k}" for k in range(1, 21)]
    for graph in graphs[:5]:
        d = graph.travel
        assert np.isfinite(d).all()
        assert (d[:, :, None] + d[None] >= d[:, None, :] - 1e-9).all()


def test_stores_are_whole(shared_data: Path) -> None:
    """205 tracts, 16 stores, a distance for each pair."""
    stores = read_stores()
    assert stores.distance_m.shape == (205, 16)
    assert np.isfinite(stores.distance_m).all()
    assert len(stores.values) == 15


def test_grid_and_its_network_are_one() -> None:
    """The junctions keep their places and their streets under the network's own numbers."""
    grid = make_grid(12, seed=5)
    network = grid.network()
    number = grid.number_in(network)
    joined = np.unique(grid.ends)
    assert np.allclose(network.node_xy_m[number[joined]], grid.xy_m[joined])
    assert network.modes["walk"].edge_ms.tolist() == grid.walk_ms.tolist()
    graph = grid.graph()
    assert (graph != graph.T).nnz == 0
    assert graph.nnz == 2 * len(grid.ends)


def test_instances_are_named_by_what_they_hold() -> None:
    """The same seed gives the same fingerprint, another seed another one."""
    assert make_grid(10).instance == make_grid(10).instance
    assert make_grid(10).instance.sha256 != make_grid(10, seed=1).instance.sha256
    towns = [make_town(20, n_places=30, n_candidates=5, n_clusters=2, seed=s) for s in (0, 0, 1)]
    assert towns[0].instance == towns[1].instance
    assert towns[0].instance.sha256 != towns[2].instance.sha256


def test_fingerprint_tells_type_shape_and_order_apart() -> None:
    """Equal bytes in another shape, type or order are another instance."""
    a = np.arange(6)
    prints = [
        fingerprint(a),
        fingerprint(a.reshape(2, 3)),
        fingerprint(a.astype(np.float64)),
        fingerprint(a, a[:0]),
        fingerprint(a[::-1]),
    ]
    assert len(set(prints)) == len(prints)

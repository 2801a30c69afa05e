"""OpenStreetMap extracts: what may be used, in which direction, and what a cut at the edge does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import osmium
import pytest

from geodata.errors import InvalidInputError, NotFoundError
from geodata.importers.osm import read_streets, street_access


def write(
    path: Path,
    nodes: dict[int, tuple[float, float]],
    ways: list[tuple[list[int], dict]],
    node_tags=None,
) -> Path:
    """Write an extract; nodes that ways name but the file lacks are what a cut leaves behind."""
    with osmium.SimpleWriter(str(path)) as writer:
        for i, (lon, lat) in nodes.items():
            tags = (node_tags or {}).get(i, {})
            writer.add_node(osmium.osm.mutable.Node(id=i, location=(lon, lat), tags=tags))
        for k, (refs, tags) in enumerate(ways, start=1):
            writer.add_way(osmium.osm.mutable.Way(id=k, nodes=refs, tags=tags))
    return path


SQUARE = {
    1: (113.0, 34.0),
    2: (113.01, 34.0),
    3: (113.01, 34.01),
    4: (113.0, 34.01),
    5: (113.02, 34.0),
}
ROAD = {"highway": "residential"}


@pytest.mark.parametrize(
    ("tags", "access"),
    [
        ({"highway": "residential"}, (1, 1, 1, 1, 0)),
        ({"highway": "residential", "oneway": "yes"}, (1, 1, 1, 0, 0)),
        ({"highway": "residential", "oneway": "-1"}, (1, 1, 0, 1, 0)),
        ({"highway": "residential", "oneway": "yes", "oneway:bicycle": "no"}, (1, 1, 1, 1, 0)),
        ({"highway": "primary", "junction": "roundabout"}, (1, 1, 1, 0, 0)),
        (
            {"highway": "residential", "oneway": "yes", "cycleway:left": "opposite_lane"},
            (1, 1, 1, 1, 0),
        ),
        ({"highway": "footway"}, (1, 1, 1, 1, 1)),
        ({"highway": "footway", "bicycle": "yes"}, (1, 1, 1, 1, 0)),
        ({"highway": "steps"}, (1, 1, 0, 0, 0)),
        ({"highway": "steps", "conveying": "forward", "oneway": "yes"}, (1, 0, 0, 0, 0)),
        ({"highway": "cycleway", "foot": "no"}, (0, 0, 1, 1, 0)),
        ({"highway": "primary", "foot": "no"}, (0, 0, 1, 1, 0)),
        ({"highway": "primary", "bicycle": "no"}, (1, 1, 0, 0, 0)),
        ({"highway": "service", "access": "private"}, (0, 0, 0, 0, 0)),
        ({"highway": "service", "access": "private", "foot": "yes"}, (1, 1, 0, 0, 0)),
        ({"highway": "motorway"}, (0, 0, 0, 0, 0)),
        ({"highway": "trunk", "motorroad": "yes"}, (0, 0, 0, 0, 0)),
        ({"highway": "construction"}, (0, 0, 0, 0, 0)),
    ],
)
def test_who_may_use_a_way(tags: dict, access: tuple) -> None:
    """Foot and e-bike access and direction follow the tags: walk, back, e-bike, back, pushed."""
    assert street_access(tags) == tuple(bool(a) for a in access)


def test_ways_are_cut_at_junctions_and_times_follow_their_length(tmp_path: Path) -> None:
    """A ring of four streets with a spur becomes edges between junctions; 912 m at 1.25 m/s."""
    path = write(tmp_path / "a.osm", SQUARE, [([1, 2, 3, 4, 1], ROAD), ([2, 5], ROAD)])
    frame = read_streets(path).streets
    assert sorted(zip(frame.u, frame.v, strict=True)) == [(1, 2), (2, 1), (2, 5)]
    spur = frame[frame.v == 5].iloc[0]
    assert spur.length_m == pytest.approx(923.6, abs=1)
    assert spur.walk_s == pytest.approx(spur.length_m / 1.25)
    assert spur.ebike_s == pytest.approx(spur.length_m / (16 / 3.6))


def test_way_cut_at_the_edge_is_read_as_far_as_its_nodes(tmp_path: Path) -> None:
    """A way that leaves the extract and comes back keeps both whole runs and jumps no gap."""
    nodes = {**SQUARE, 6: (113.03, 34.0)}
    ways = [([1, 2, 3, 4, 1], ROAD), ([2, 5, 99, 6], ROAD), ([3, 98, 4], ROAD)]
    frame = read_streets(write(tmp_path / "a.osm", nodes, ways)).streets
    pairs = set(zip(frame.u, frame.v, strict=True))
    assert (2, 5) in pairs
    assert not {(5, 6), (3, 4)} & pairs


def test_locked_gate_on_a_way_stops_everybody(tmp_path: Path) -> None:
    """Through a private gate nobody walks: both stubs end there."""
    nodes = {1: (113.0, 34.0), 2: (113.001, 34.0), 3: (113.002, 34.0), 4: (113.001, 34.001)}
    ways = [([1, 2, 3], ROAD), ([1, 4, 3], ROAD)]
    gate = {2: {"barrier": "gate", "access": "private"}}
    frame = read_streets(write(tmp_path / "a.osm", nodes, ways, gate)).streets
    direct = frame[(frame.length_m > 150) & frame.u.isin([1, 3]) & frame.v.isin([1, 3])]
    assert (direct.length_m > 200).all()
    assert len(frame) == 3


def test_two_locked_gates_on_one_way_stay_two_places(tmp_path: Path) -> None:
    """The stubs at two gates of one way do not become one junction."""
    nodes = {k: (113.0 + 0.001 * k, 34.0) for k in range(1, 8)} | {9: (113.004, 34.002)}
    gates = {k: {"barrier": "gate", "access": "private"} for k in (3, 5)}
    ways = [(list(range(1, 8)), ROAD), ([1, 9, 7], ROAD), ([9, 4], ROAD)]
    frame = read_streets(write(tmp_path / "a.osm", nodes, ways, gates)).streets
    ends = {}
    for row in frame.itertuples():
        for node, end in ((row.u, row.geometry.coords[0]), (row.v, row.geometry.coords[-1])):
            ends.setdefault(node, set()).add(end)
    assert {node: len(places) for node, places in ends.items() if len(places) > 1} == {}


def test_passage_through_a_building_is_on_the_ground(tmp_path: Path) -> None:
    """A tunnel is off the ground, a building passage is not."""
    ways = [
        ([1, 2, 3, 4, 1], ROAD),
        ([1, 3], {"highway": "footway", "tunnel": "building_passage"}),
        ([2, 4], {"highway": "footway", "tunnel": "yes"}),
    ]
    frame = read_streets(write(tmp_path / "a.osm", SQUARE, ways)).streets
    assert frame.loc[frame.highway == "footway", "is_bridge"].tolist() == [False, True]


def test_rivers_and_railways_on_the_ground_are_barriers_and_bridges_are_not(tmp_path: Path) -> None:
    """A river and a surface railway are kept as barriers, an underground one is not."""
    ways = [
        ([1, 2, 3, 4, 1], ROAD),
        ([1, 3], {"waterway": "river"}),
        ([2, 4], {"railway": "rail"}),
        ([1, 5], {"railway": "subway", "tunnel": "yes"}),
        ([2, 3], {"highway": "footway", "bridge": "yes"}),
    ]
    frame = read_streets(write(tmp_path / "a.osm", SQUARE, ways)).streets
    assert sorted(frame[frame.role == "barrier"].highway) == ["railway", "river"]
    assert frame[frame.is_bridge].highway.tolist() == ["footway"]


def test_disconnected_streets_are_refused(tmp_path: Path) -> None:
    """Three equal pieces that do not meet: the largest holds a third, and the error says so."""
    nodes, ways = {}, []
    for k in range(3):
        nodes |= {10 * k + 1: (113 + k, 34.0), 10 * k + 2: (113.01 + k, 34.0)}
        ways.append(([10 * k + 1, 10 * k + 2], ROAD))
    with pytest.raises(InvalidInputError, match=r"fall apart.*33%"):
        read_streets(write(tmp_path / "a.osm", nodes, ways))


def test_small_loose_pieces_are_dropped_and_measured(tmp_path: Path) -> None:
    """A loose stub beside the town goes, and its metres are reported."""
    nodes = {**SQUARE, 8: (113.05, 34.05), 9: (113.0505, 34.05)}
    found = read_streets(
        write(tmp_path / "a.osm", nodes, [([1, 2, 3, 4, 1], ROAD), ([8, 9], ROAD)])
    )
    assert 8 not in set(found.streets.u)
    assert found.dropped_m == pytest.approx(46, abs=1)


def test_missing_file_is_not_found(tmp_path: Path) -> None:
    """The error names the file."""
    with pytest.raises(NotFoundError, match="nowhere"):
        read_streets(tmp_path / "nowhere.osm.pbf")


@pytest.mark.parametrize("content", [b"", b"not an extract", b"<osm version='0.6'></osm>"])
def test_files_that_are_no_extract_are_refused(tmp_path: Path, content: bytes) -> None:
    """Empty files, other formats and extracts without streets are errors of ours."""
    path = tmp_path / "a.osm"
    path.write_bytes(content)
    with pytest.raises(InvalidInputError):
        read_streets(path)


def test_porto_alegre_reads_whole(shared_data: Path) -> None:
    """The real extract gives one connected town with nearly all of its walkable length."""
    found = read_streets(shared_data / "porto_alegre" / "streets.osm.pbf")
    streets = found.streets[found.streets.role == "street"]
    assert found.share > 0.97
    assert len(streets) > 20_000
    assert np.isfinite(streets.length_m).all()
    assert streets.geometry.is_valid.all()


@pytest.mark.parametrize("refs", [[1, 1], [1, 1, 99], [1, 2], [1, 99], [98, 99]])
def test_streets_of_no_length_are_no_streets(tmp_path: Path, refs: list[int]) -> None:
    """Loops on one node, nodes at one position and unknown nodes do not fall apart: none is one."""
    path = write(tmp_path / "a.osm", {1: (113.0, 34.0), 2: (113.0, 34.0)}, [(refs, ROAD)])
    with pytest.raises(InvalidInputError, match="holds no streets"):
        read_streets(path)


def test_an_unreadable_extract_is_said_in_our_own_words(tmp_path: Path) -> None:
    """The message names the file and repeats nothing of the library."""
    (tmp_path / "a.osm").write_bytes(b"not an extract")
    with pytest.raises(InvalidInputError) as caught:
        read_streets(tmp_path / "a.osm")
    assert caught.value.details == {"path": "a.osm"}

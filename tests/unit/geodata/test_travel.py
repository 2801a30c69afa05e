"""Snapping along edges and bounded travel times, against plain Dijkstra on the edge-split graph."""

from __future__ import annotations

import math

import numpy as np
import pytest
from support import plain, towns

from geodata.errors import InvalidInputError
from geodata.network import from_streets
from geodata.snap import to_edges
from geodata.travel import between

WALK = 1.25


@pytest.fixture(scope="module")
def town():
    """A jittered town of 144 junctions with missing and one-way streets."""
    return from_streets(towns.grid(12, seed=3))


# How far a time may be from plain Dijkstra's. The product counts whole milliseconds: each street of
# a way, each end of it and each walk off the street is rounded by at most half of one. Junctions are
# at least 60 m apart, which is 13.5 s by e-bike, so that a way of 600 s has at most 44 streets, two
# ends and two walks. The planes of the two sides agree to 1e-8 of a length in a town of 1.3 km.
ROUNDING_S = (44 + 2 + 2) * 0.0005


@pytest.mark.parametrize("mode", ["walk", "ebike"])
def test_times_equal_plain_dijkstra_for_a_thousand_pairs(mode: str) -> None:
    """All pairs of 32 × 32 random places take the time of plain Dijkstra on the streets frame."""
    streets = towns.grid(12, seed=3)
    places = towns.points(plain.choose(np.random.default_rng(7), 64, 650))
    slow = plain.Town(streets, mode)
    spots = [slow.place(point) for point in places]
    assert None not in spots
    # Which of two equally near streets a place is on is free; random places hardly ever have two.
    clear = [k for k, spot in enumerate(spots) if not spot.is_tied]
    assert len(clear) >= 62
    a, b = [k for k in clear if k < 32], [k for k in clear if k >= 32]
    expected = slow.travel_s([spots[k] for k in a], [spots[k] for k in b])
    limit_s = 600.0
    network = from_streets(streets)
    found = between(network, places[a], places[b], mode=mode, limit_s=limit_s).seconds.todok()
    for i, j in np.ndindex(expected.shape):
        if (i, j) in found:
            assert found[i, j] == pytest.approx(expected[i, j], abs=ROUNDING_S)
        else:
            assert expected[i, j] > limit_s - ROUNDING_S
    assert found.nnz > 300


def test_searching_from_the_smaller_side_changes_nothing(town) -> None:
    """Few origins or few destinations, one-way streets or not: the same times."""
    xy = plain.choose(np.random.default_rng(1), 40, 600)
    places = towns.points(xy)
    few, many = places[:5], places[5:].reset_index(drop=True)
    there = between(town, few, many, mode="ebike", limit_s=300).seconds.toarray()
    for k in range(5):
        alone = between(town, few[k : k + 1], many, mode="ebike", limit_s=300).seconds.toarray()
        assert np.array_equal(alone[0], there[k])
    back = between(town, many, few, mode="ebike", limit_s=300).seconds
    singles = [
        between(town, many[i : i + 1], few, mode="ebike", limit_s=300).seconds.toarray()[0]
        for i in range(35)
    ]
    assert np.array_equal(back.toarray(), np.array(singles))


def line_town(**more):
    """One straight street of 400 m along the x axis, from (0, 0) to (400, 0)."""
    return from_streets(towns.streets({1: (0, 0), 2: (400, 0)}, [(1, 2)], **more))


def test_point_between_two_junctions_reaches_both_ends() -> None:
    """A place in the middle of a street is as far from each end as it lies from it."""
    found = between(
        line_town(),
        towns.points([(100, 0)]),
        towns.points([(0, 0), (400, 0)]),
        mode="walk",
        limit_s=900,
    )
    assert found.seconds.toarray()[0] == pytest.approx([100 / WALK, 300 / WALK], abs=0.01)
    assert found.metres.toarray()[0] == pytest.approx([100, 300], abs=0.05)


def test_two_places_on_one_edge_do_not_go_round_by_a_junction() -> None:
    """Along one street the way is the stretch between the two places."""
    found = between(
        line_town(), towns.points([(120, 0)]), towns.points([(280, 0)]), mode="walk", limit_s=900
    )
    assert found.seconds.toarray()[0, 0] == pytest.approx(160 / WALK, abs=0.01)


def test_one_way_binds_e_bikes_and_not_walkers() -> None:
    """Against a one-way street an e-bike goes nowhere, a walker goes."""
    town = line_town(one_way={(1, 2)})
    east, west = towns.points([(100, 0)]), towns.points([(300, 0)])
    assert between(town, east, west, mode="ebike", limit_s=900).seconds.nnz == 1
    assert between(town, west, east, mode="ebike", limit_s=900).seconds.nnz == 0
    assert between(town, west, east, mode="walk", limit_s=900).seconds.nnz == 1


def test_straight_line_given_up_is_kept_and_counted() -> None:
    """Places 50 m and 25 m off the street pay for both walks, and the walks are reported."""
    found = between(
        line_town(), towns.points([(100, 50)]), towns.points([(200, -25)]), mode="walk", limit_s=900
    )
    assert found.origin_access_m[0] == pytest.approx(50, abs=0.05)
    assert found.destination_access_m[0] == pytest.approx(25, abs=0.05)
    assert found.seconds.toarray()[0, 0] == pytest.approx((50 + 100 + 25) / WALK, abs=0.1)


def test_snapping_limit_is_inclusive_and_beyond_it_nobody_is_on_the_network() -> None:
    """At the limit a place is on the street, a centimetre beyond it is not."""
    town = line_town()
    xy = town.plane.to_xy_m(
        lon_deg=towns.points([(200, 80)]).x, lat_deg=towns.points([(200, 80)]).y
    )
    exact = to_edges(town, xy, mode="walk", limit_m=1000).access_m[0]
    assert to_edges(town, xy, mode="walk", limit_m=float(exact)).is_on_network[0]
    assert not to_edges(town, xy, mode="walk", limit_m=float(exact) - 0.01).is_on_network[0]


def test_river_is_not_jumped_for_free() -> None:
    """With the only near street across the river, a place takes the farther one on its own bank."""
    nodes = {1: (-400, 60), 2: (400, 60), 3: (-400, -120), 4: (400, -120)}
    edges = [(1, 2), (3, 4), (1, 3)]
    river = [[(-600, 20), (-420, 20)], [(-380, 20), (600, 20)]]
    town = from_streets(towns.streets(nodes, edges, bridges={(1, 3)}, barriers=river))
    place, across = towns.points([(0, 0)]), towns.points([(0, 60)])
    found = between(town, place, across, mode="walk", limit_s=3600)
    assert found.origin_access_m[0] == pytest.approx(120, abs=0.1)
    by_bridge = 120 + 400 + 180 + 400
    assert found.seconds.toarray()[0, 0] == pytest.approx(by_bridge / WALK, abs=0.5)


def test_place_with_every_street_across_the_river_is_off_the_network() -> None:
    """Nobody swims: without a street on its own bank within the limit a place reaches nothing."""
    town = line_town(barriers=[[(-600, 20), (600, 20)]])
    found = between(
        town, towns.points([(200, 40)]), towns.points([(200, 0)]), mode="walk", limit_s=3600
    )
    assert np.isinf(found.origin_access_m[0])
    assert found.seconds.nnz == 0


def test_bridge_is_entered_at_its_ends_or_by_who_stands_on_it() -> None:
    """Sixty metres beside a viaduct the way leads round by the street; on it there is no climb."""
    nodes = {1: (-500, 0), 2: (500, 0), 3: (-500, 200), 4: (500, 200)}
    edges = [(1, 2), (3, 4), (1, 3), (2, 4)]
    town = from_streets(towns.streets(nodes, edges, bridges={(1, 2)}))
    beside, on, deck = towns.points([(0, 60)]), towns.points([(0, 1)]), towns.points([(100, 0)])
    climbed = between(town, beside, deck, mode="walk", limit_s=3600)
    assert climbed.origin_access_m[0] == pytest.approx(140, abs=0.1)
    assert climbed.seconds.toarray()[0, 0] == pytest.approx((140 + 500 + 200 + 400) / WALK, abs=0.5)
    there = between(town, on, deck, mode="walk", limit_s=3600)
    assert there.seconds.toarray()[0, 0] == pytest.approx(101 / WALK, abs=0.1)


def test_snapping_limit_of_nothing_takes_only_places_on_the_street() -> None:
    """A limit of 0 m is a limit, and inclusive."""
    town = line_town()
    xy = town.plane.to_xy_m(
        lon_deg=towns.points([(0, 0), (50, 9)]).x, lat_deg=towns.points([(0, 0), (50, 9)]).y
    )
    xy[0] = town.node_xy_m[0]
    assert to_edges(town, xy, mode="walk", limit_m=0).is_on_network.tolist() == [True, False]


def test_limit_is_inclusive_to_the_millisecond() -> None:
    """A journey of exactly the limit counts; one millisecond less time and it does not."""
    town = line_town()
    here, there = towns.points([(40, 0)]), towns.points([(400, 0)])
    exact = between(town, here, there, mode="walk", limit_s=900).seconds.toarray()[0, 0]
    assert between(town, here, there, mode="walk", limit_s=exact).seconds.nnz == 1
    assert between(town, here, there, mode="walk", limit_s=exact - 0.001).seconds.nnz == 0


def test_being_there_already_is_a_pair_of_zero_seconds() -> None:
    """A stored zero means here; it is not lost as an empty cell of the matrix."""
    here = towns.points([(40, 0)])
    for network in (line_town(), None):
        found = between(network, here, here, mode="walk", limit_s=0).seconds
        assert (found.nnz, found.data[0]) == (1, 0.0)


def test_result_is_sparse() -> None:
    """Only pairs within the limit are stored."""
    town = from_streets(towns.grid(12, seed=3))
    places = towns.points(plain.choose(np.random.default_rng(2), 60, 550))
    found = between(town, places, places, mode="walk", limit_s=120)
    assert 60 <= found.seconds.nnz < 60 * 60 / 4
    assert found.seconds.data.max() <= 120


def test_without_streets_times_are_straight_line_with_a_detour_factor() -> None:
    """1,000 m straight are 1,300 m of way at a factor of 1.3, and the result says what it is."""
    found = between(
        None, towns.points([(0, 0)]), towns.points([(1000, 0)]), mode="walk", limit_s=2000
    )
    assert found.is_straight_line
    assert found.seconds.toarray()[0, 0] == pytest.approx(1300 / WALK, abs=0.1)
    assert found.metres.toarray()[0, 0] == pytest.approx(1300, abs=0.1)


@pytest.mark.parametrize(("mode", "limit_s"), [("car", 60), ("walk", -1), ("walk", math.inf)])
def test_bad_questions_are_refused(mode: str, limit_s: float) -> None:
    """An unknown mode and a limit that is no time are errors of ours."""
    here = towns.points([(0, 0)])
    with pytest.raises(InvalidInputError):
        between(line_town(), here, here, mode=mode, limit_s=limit_s)

"""Coverage: against counting place by place, station by station, minute by minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import geopandas as gpd
import numpy as np
import pytest
from shapely import box
from support import towns
from support.records import demand_frame

from geodata.errors import InvalidInputError
from geodata.hours import TYPICAL_MONDAY, intervals
from geodata.network import from_streets
from planner import coverage, reach
from planner.demand import from_frame

HOURS = ["24/7", "", "Mo-Fr 08:30-12:00,14:30-18:00", "Mo-Su 07:00-22:00", "Fr-Sa 20:00-04:00"]


def is_open_all_hour(text: str, k: int, *, unknown_counts: bool) -> bool:
    """Look at the hour part by part: open throughout, or not closed at any time."""
    start = datetime.combine(TYPICAL_MONDAY, datetime.min.time()) + timedelta(hours=k)
    wanted = {"open", "unknown"} if unknown_counts else {"open"}
    return all(str(p.state) in wanted for p in intervals(text, start, start + timedelta(hours=1)))


@pytest.mark.parametrize("block", range(10))
def test_coverage_equals_counting_on_two_hundred_problems(block: int) -> None:
    """On 10 × 20 random small problems people, groups and hours agree with plain counting."""
    network = from_streets(towns.grid(6, seed=1))
    for seed in range(20 * block, 20 * block + 20):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(1, 9)), int(rng.integers(0, 6))
        presence = rng.integers(0, 5, (n, 168)).astype(np.float32) / 4
        frame = demand_frame(
            rng.uniform(-300, 300, (n, 2)), rng.integers(0, 30, n) + 1.0, presence=presence
        )
        frame["group"] = rng.choice(["rider", "cleaner"], n)
        stations = towns.points(rng.uniform(-300, 300, (m, 2)))
        hours = [HOURS[rng.integers(len(HOURS))] for _ in range(m)]
        demand = from_frame(frame)
        found = reach.measure(demand.places, stations, network, mode="walk", standard_s=200)
        measured = coverage.measure(demand, found, hours)
        pairs = set(zip(*found.travel_s.nonzero(), strict=True))
        near = [[j for j in range(m) if (i, j) in pairs] for i in range(n)]
        people = frame["people"].to_numpy()
        assert measured.covered_people == pytest.approx(
            sum(p for p, js in zip(people, near, strict=True) if js)
        )
        for k in rng.choice(168, 6, replace=False):
            there = people * presence[:, k]
            for unknown_counts, name in ((False, "share"), (True, "share_possible")):
                served = sum(
                    there[i]
                    for i in range(n)
                    if any(
                        is_open_all_hour(hours[j], int(k), unknown_counts=unknown_counts)
                        for j in near[i]
                    )
                )
                expected = served / there.sum() if there.sum() > 0 else None
                assert measured.by_hour[k][name] == (
                    None if expected is None else pytest.approx(expected)
                )
        for row in measured.by_group:
            of_group = (frame["group"] == row["group"]).to_numpy()
            assert row["people"] == pytest.approx(people[of_group].sum())
            assert row["covered_people"] == pytest.approx(
                sum(people[i] for i in range(n) if of_group[i] and near[i])
            )


def line():
    """One street of 1,000 m."""
    return from_streets(towns.streets({1: (0, 0), 2: (1000, 0)}, [(1, 2)]))


def test_standard_is_inclusive() -> None:
    """A walk of exactly the standard is within it; a millisecond less and it is not."""
    demand = from_frame(demand_frame([(0, 0)], [7]))
    station = towns.points([(500, 0)])
    wide = reach.measure(demand.places, station, line(), mode="walk", standard_s=900)
    exact = float(wide.travel_s.data[0])
    assert wide.within(exact).travel_s.nnz == 1
    assert wide.within(exact - 0.001).travel_s.nnz == 0
    at_limit = reach.measure(demand.places, station, line(), mode="walk", standard_s=exact)
    assert coverage.measure(demand, at_limit, ["24/7"]).covered_people == 7


@pytest.mark.parametrize("minutes", [4.1, 8.2, 9.3])
def test_minutes_that_are_not_exact_in_binary_are_inclusive_too(minutes: float) -> None:
    """60 × 4.1 is a hair below 246 s in floating point; a walk of 246 s counts all the same."""
    exact_s = round(60 * minutes)
    place, station = towns.points([(0, 0)]), towns.points([(1.25 * exact_s, 0)])
    travel = reach.measure(place, station, None, mode="walk", standard_s=900, detour_factor=1.0)
    assert round(float(travel.travel_s.data[0]) * 1000) == exact_s * 1000
    assert travel.within(60 * minutes).travel_s.nnz == 1
    anew = reach.measure(
        place, station, None, mode="walk", standard_s=60 * minutes, detour_factor=1.0
    )
    assert anew.travel_s.nnz == 1


def test_people_off_the_network_are_counted_apart() -> None:
    """Seven people on the street and 93 far from any: not served, and said."""
    demand = from_frame(demand_frame([(0, 0), (0, 9000)], [7, 93]))
    found = reach.measure(
        demand.places, towns.points([(100, 0)]), line(), mode="walk", standard_s=600
    )
    measured = coverage.measure(demand, found, ["24/7"])
    assert (measured.share, measured.off_network_people) == (0.07, 93.0)


def test_one_place_at_two_points_is_refused() -> None:
    """People are never moved without a word."""
    frame = demand_frame([(0, 0), (900, 0)], [3, 4])
    frame["place_id"] = "p"
    with pytest.raises(InvalidInputError, match="two points"):
        from_frame(frame)


def test_shorter_standard_is_the_same_as_measuring_anew() -> None:
    """Cutting a reach down gives what a measurement with the shorter standard gives."""
    network = from_streets(towns.grid(8, seed=2))
    rng = np.random.default_rng(0)
    places, stations = (towns.points(rng.uniform(-400, 400, (k, 2))) for k in (30, 12))
    wide = reach.measure(places, stations, network, mode="walk", standard_s=600)
    for standard_s in (60.0, 240.0):
        anew = reach.measure(places, stations, network, mode="walk", standard_s=standard_s)
        assert np.array_equal(wide.within(standard_s).travel_s.toarray(), anew.travel_s.toarray())


def test_worst_hour_is_the_least_share_and_the_earliest_of_equals() -> None:
    """With a station open on weekdays only, the worst hour is Saturday at midnight; empty hours do not count."""
    presence = np.ones((1, 168), np.float32)
    presence[0, :24] = 0
    demand = from_frame(demand_frame([(0, 0)], [5], presence=presence))
    found = reach.measure(
        demand.places, towns.points([(100, 0)]), line(), mode="walk", standard_s=600
    )
    measured = coverage.measure(demand, found, ["Mo-Fr 00:00-24:00"])
    assert measured.worst_hour is not None
    assert (
        measured.worst_hour["weekday"],
        measured.worst_hour["hour"],
        measured.worst_hour["share"],
    ) == ("Sa", 0, 0.0)
    assert measured.by_hour[3]["share"] is None


def test_unknown_hours_are_neither_open_nor_closed() -> None:
    """With unrecorded hours the sure share is 0, the possible share 1, and the count is stated."""
    demand = from_frame(demand_frame([(0, 0)], [5]))
    found = reach.measure(
        demand.places, towns.points([(100, 0)]), line(), mode="walk", standard_s=600
    )
    measured = coverage.measure(demand, found, [""])
    assert (measured.by_hour[10]["share"], measured.by_hour[10]["share_possible"]) == (0.0, 1.0)
    assert (measured.share, measured.n_unknown_hours) == (1.0, 1)


def test_areas_sum_to_the_city_and_say_who_is_outside() -> None:
    """People by area and outside add up to all people; an area without people has no share."""
    demand = from_frame(demand_frame([(0, 0), (900, 0), (0, 5000)], [3, 4, 5]))
    x, y = towns.points([(0, 0)]).x[0], towns.points([(0, 0)]).y[0]
    shapes = [
        box(x - 0.002, y - 0.002, x + 0.002, y + 0.002),
        box(x + 0.002, y - 0.002, x + 0.02, y + 0.002),
    ]
    shapes.append(box(x + 1, y, x + 1.1, y + 0.1))
    areas = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name": ["甲", "乙", "丙"], "is_synthetic": False},
        geometry=shapes,
        crs="EPSG:4326",
    )
    found = reach.measure(
        demand.places, towns.points([(100, 0)]), line(), mode="walk", standard_s=600
    )
    rows = coverage.measure(demand, found, ["24/7"], areas=areas).by_area
    assert [(r["id"], r["people"], r["covered_people"]) for r in rows] == [
        ("a", 3.0, 3.0),
        ("b", 4.0, 0.0),
        ("c", 0.0, 0.0),
        (None, 5.0, 0.0),
    ]
    assert rows[2]["share"] is None


def test_groups_at_one_place_share_its_reach() -> None:
    """Two rows of one place are one place of reach and both groups count."""
    frame = demand_frame([(0, 0), (0, 0)], [3, 4])
    frame["place_id"], frame["group"] = ["p", "p"], ["rider", "driver"]
    demand = from_frame(frame)
    found = reach.measure(
        demand.places, towns.points([(100, 0)]), line(), mode="walk", standard_s=600
    )
    measured = coverage.measure(demand, found, ["24/7"])
    assert len(demand.places) == 1
    assert measured.people == 7
    assert [row["group"] for row in measured.by_group] == ["rider", "driver"]


@pytest.mark.parametrize("people", [[], [0.0], [1.0, -1.0], [1.0, float("nan")]])
def test_demand_that_cannot_be_is_refused(people: list[float]) -> None:
    """Nobody, negative people and missing numbers are errors of ours."""
    with pytest.raises(InvalidInputError):
        from_frame(demand_frame([(0, 0)] * len(people), people))

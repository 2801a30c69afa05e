"""What-if edits: against measuring the edited city anew from nothing."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely import box
from support import towns
from support.records import demand_frame, stations_frame

from geodata.errors import InvalidInputError, NotFoundError
from geodata.network import from_streets
from planner.demand import from_frame
from planner.scenario import Scenario
from planner.setting import Setting

STANDARD_S = 240.0


def position(x_m: float, y_m: float) -> dict[str, float]:
    """Give a position as keywords."""
    point = towns.points([(x_m, y_m)])[0]
    return {"lon_deg": point.x, "lat_deg": point.y}


def river_town() -> Setting:
    """Two banks of 600 m, joined by one bridge at x = 0; 10 people north, 20 south, a station north."""
    nodes = {1: (-300, 60), 2: (0, 60), 3: (300, 60), 4: (-300, -60), 5: (0, -60), 6: (300, -60)}
    edges = [(1, 2), (2, 3), (4, 5), (5, 6), (2, 5)]
    streets = towns.streets(nodes, edges, bridges={(2, 5)})
    x, y = position(0, 0).values()
    areas = gpd.GeoDataFrame(
        {"id": ["n", "s"], "name": ["North", "South"], "is_synthetic": False},
        geometry=[box(x - 1, y, x + 1, y + 1), box(x - 1, y - 1, x + 1, y)],
        crs="EPSG:4326",
    )
    rows = [
        {"id": "a", "status": "open", "hours": "Mo-Fr 08:00-18:00"},
        {"id": "p", "status": "planned", "hours": "24/7"},
    ]
    return Setting(
        demand=from_frame(demand_frame([(100, 60), (50, -60)], [10, 20])),
        stations=stations_frame(rows, [(20, 60), (0, -60)]),
        network=from_streets(streets),
        areas=areas,
        standard_s=STANDARD_S,
    )


BRIDGE = 4


def assert_is_anew(scenario: Scenario) -> None:
    """The reach and the coverage are those of the edited city, measured from nothing."""
    setting = scenario.setting()
    anew = setting.reach(setting.in_service().geometry)
    kept = scenario.reach
    assert tuple(setting.in_service()["id"]) == scenario.ids
    assert np.array_equal(kept.travel_s.indptr, anew.travel_s.indptr)
    assert np.array_equal(kept.travel_s.indices, anew.travel_s.indices)
    assert np.array_equal(kept.travel_s.data, anew.travel_s.data)
    assert np.array_equal(kept.off_network_places, anew.off_network_places)
    assert np.array_equal(kept.off_network_facilities, anew.off_network_facilities)
    assert scenario.coverage().to_dict() == setting.coverage().to_dict()


def test_closing_the_bridge_parts_the_banks_and_reopening_joins_them() -> None:
    """The south loses its 20 people, all of them, and the scenario before the edit stays as it was."""
    start = Scenario.of(river_town())
    assert start.coverage().covered_people == 30
    parted = start.with_closed_edges([BRIDGE])
    assert_is_anew(parted)
    assert parted.coverage().covered_people == 10
    assert start.coverage().covered_people == 30
    lost = parted.change_since(start)
    assert (lost.gained_people, lost.lost_people) == (0, 20)
    assert [(r["id"], r["gained_people"], r["lost_people"]) for r in lost.by_area] == [
        ("n", 0, 0),
        ("s", 0, 20),
    ]
    by_hour = {(r["weekday"], r["hour"]): r["lost_people"] for r in lost.by_hour}
    assert (by_hour["Mo", 9], by_hour["Mo", 20], by_hour["Su", 9]) == (20, 0, 0)
    joined = parted.reopened([BRIDGE])
    assert_is_anew(joined)
    assert joined.coverage().to_dict() == start.coverage().to_dict()


def test_station_added_beyond_the_closed_bridge_serves_its_bank() -> None:
    """Who lost their station gains the new one, in the hours it is open."""
    parted = Scenario.of(river_town()).with_closed_edges([BRIDGE])
    mended = parted.with_station(**position(0, -70), hours="Sa-Su 10:00-12:00")
    assert_is_anew(mended)
    assert mended.ids == ("a", "new-1")
    gained = mended.change_since(parted)
    assert (gained.gained_people, gained.lost_people) == (20, 0)
    by_hour = {(r["weekday"], r["hour"]): r["gained_people"] for r in gained.by_hour}
    assert (by_hour["Sa", 10], by_hour["Mo", 10]) == (20, 0)


def test_station_closed_serves_nobody_and_the_last_one_too_may_be_closed() -> None:
    """Without a station nobody is covered; that is an answer."""
    start = Scenario.of(river_town())
    none = start.without_station("a")
    assert_is_anew(none)
    assert (none.ids, none.coverage().covered_people) == ((), 0)
    assert none.change_since(start).lost_people == 30


def test_station_moved_keeps_its_hours_and_its_place_in_the_row() -> None:
    """Far to the west on the northern bank it reaches neither place."""
    two = Scenario.of(river_town()).with_station(**position(0, -60), hours="24/7", station_id="b")
    moved = two.moved("a", **position(-300, 60))
    assert_is_anew(moved)
    assert (moved.ids, moved.hours) == (two.ids, two.hours)
    assert moved.reach.travel_s[:, [0]].nnz == 0
    assert np.array_equal(
        moved.reach.travel_s[:, [1]].toarray(), two.reach.travel_s[:, [1]].toarray()
    )


def test_places_on_a_closed_street_walk_from_the_next_one() -> None:
    """With the street at its door closed, a place is put on another within the snapping limit."""
    start = Scenario.of(river_town())
    closed = start.with_closed_edges([1])
    assert_is_anew(closed)
    assert_is_anew(closed.with_closed_edges([0, 2, 3]))
    assert_is_anew(closed.with_closed_edges([0, 2, 3]).reopened([1, 3]))


def test_everything_closed_leaves_all_off_the_network() -> None:
    """No street is left; the places are counted as off the network, and the streets can come back."""
    start = Scenario.of(river_town())
    nothing = start.with_closed_edges(range(5))
    assert_is_anew(nothing)
    assert nothing.coverage().off_network_people == 30
    assert_is_anew(nothing.reopened([0, 1]))


@pytest.mark.parametrize("mode", ["walk", "ebike"])
@pytest.mark.parametrize("seed", range(4))
def test_random_edits_equal_measuring_anew(seed: int, mode: str) -> None:
    """After every one of a dozen random edits the reach and the coverage are those of the city anew."""
    rng = np.random.default_rng(seed)
    places, at = rng.uniform(-500, 500, (60, 2)), rng.uniform(-500, 500, (8, 2))
    rows = [{"id": f"s{k}", "status": "open", "hours": "24/7"} for k in range(8)]
    setting = Setting(
        demand=from_frame(demand_frame(places, rng.integers(1, 9, 60))),
        stations=stations_frame(rows, at),
        network=from_streets(towns.grid(9, seed=seed)),
        areas=None,
        mode=mode,
        standard_s=STANDARD_S if mode == "walk" else 60.0,
    )
    scenario = Scenario.of(setting)
    n_edges = setting.network.n_edges
    for _ in range(12):
        where = position(*rng.uniform(-500, 500, 2))
        match rng.integers(5):
            case 0:
                scenario = scenario.with_station(**where, hours="Mo 08:00-10:00")
            case 1:
                scenario = scenario.moved(rng.choice(scenario.ids), **where)
            case 2:
                scenario = scenario.without_station(rng.choice(scenario.ids))
            case 3:
                scenario = scenario.with_closed_edges(rng.integers(0, n_edges, 6).tolist())
            case _:
                scenario = scenario.reopened(sorted(scenario.closed_edges)[::2])
        assert_is_anew(scenario)


def test_city_without_streets_adds_and_moves_stations_but_closes_no_street() -> None:
    """Straight lines do: the times of one station do not depend on the others."""
    rng = np.random.default_rng(0)
    rows = [{"id": f"s{k}", "status": "open"} for k in range(5)]
    setting = Setting(
        demand=from_frame(demand_frame(rng.uniform(-900, 900, (40, 2)), np.ones(40))),
        stations=stations_frame(rows, rng.uniform(-900, 900, (5, 2))),
        network=None,
        areas=None,
        standard_s=STANDARD_S,
    )
    start = Scenario.of(setting)
    edited = start.with_station(**position(0, 0)).moved("s2", **position(50, 80))
    assert_is_anew(edited)
    assert_is_anew(edited.without_station("s0"))
    with pytest.raises(InvalidInputError, match="no streets"):
        start.with_closed_edges([0])


def test_edits_that_cannot_be_are_refused() -> None:
    """Unknown stations, taken ids, impossible positions and hours, edges not there or not closed."""
    start = Scenario.of(river_town())
    with pytest.raises(NotFoundError, match="zz"):
        start.without_station("zz")
    with pytest.raises(NotFoundError, match="in service"):
        start.moved("p", **position(0, 0))
    with pytest.raises(InvalidInputError, match="already"):
        start.with_station(**position(0, 0), station_id="p")
    with pytest.raises(InvalidInputError, match="swapped"):
        start.with_station(lon_deg=34.75, lat_deg=113.66)
    with pytest.raises(InvalidInputError):
        start.with_station(**position(0, 0), hours="whenever")
    with pytest.raises(InvalidInputError, match="no edge 5"):
        start.with_closed_edges([5])
    with pytest.raises(NotFoundError, match="edge 2"):
        start.with_closed_edges([BRIDGE]).reopened([2])


def test_closing_what_is_closed_changes_nothing() -> None:
    """The same edit twice is the same scenario."""
    parted = Scenario.of(river_town()).with_closed_edges([BRIDGE])
    assert parted.with_closed_edges([BRIDGE]) is parted

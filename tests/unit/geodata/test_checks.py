"""Findings about tables that could be read but look wrong."""

from __future__ import annotations

from string import Formatter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod
from support.records import table

from geodata.checks import FAR_M, Finding, check_demand, check_stations, extent_deg

BOX = (113.0, 34.0, 114.0, 35.0)


def stations(**columns: list[Any]) -> gpd.GeoDataFrame:
    n = len(next(iter(columns.values())))
    base = {"hours": "24/7"}
    return table([base | {"id": f"s{i}"} | {k: v[i] for k, v in columns.items()} for i in range(n)])


def demand(
    people: list[float], *, presence: list[Any] | None = None, **columns: list[Any]
) -> gpd.GeoDataFrame:
    n = len(people)
    values = {
        "place_id": [f"p{i}" for i in range(n)],
        "name": [""] * n,
        "group": ["all"] * n,
        "people": people,
        "presence": pd.Series(presence or [np.full(168, 0.5, np.float32)] * n, dtype=object),
        "source": [""] * n,
        "is_synthetic": [False] * n,
    }
    values |= {k: v for k, v in columns.items() if k not in ("lon_deg", "lat_deg")}
    lon, lat = columns.get("lon_deg", [113.5] * n), columns.get("lat_deg", [34.5] * n)
    return gpd.GeoDataFrame(values, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [f.code for f in findings]


def test_sound_tables_have_no_findings() -> None:
    """Nothing is found where nothing is wrong."""
    assert check_stations(stations(id=["a", "b"]), extent=BOX) == ()
    assert check_demand(demand([0.0, 3.0]), extent=BOX) == ()


def test_empty_tables_are_found() -> None:
    """A table without rows is one finding that says how to fill it."""
    (finding,) = check_stations(stations(id=["a"]).iloc[:0], extent=BOX)
    assert (finding.code, finding.where) == ("empty", "stations")
    (finding,) = check_demand(demand([1.0]).iloc[:0])
    assert (finding.code, finding.severity) == ("empty", "error")


def test_repeated_ids_are_found() -> None:
    """Ids must be unique; demand may repeat a place for another group."""
    (finding,) = check_stations(stations(id=["a", "b", "a", "a"]))
    assert (finding.code, finding.details["n"], finding.details["examples"]) == (
        "duplicate_id",
        1,
        "a",
    )
    same_place = demand([1.0, 2.0], place_id=["p", "p"], group=["rider", "courier"])
    assert check_demand(same_place) == ()
    assert codes(check_demand(demand([1.0, 2.0], place_id=["p", "p"]))) == ["duplicate_id"]


@pytest.mark.parametrize("bearing", [0.0, 90.0, 180.0, 270.0])
@pytest.mark.parametrize(("metres", "is_far"), [(FAR_M - 0.01, False), (FAR_M + 0.01, True)])
def test_far_is_counted_from_the_edge_of_the_city(
    bearing: float, metres: float, is_far: bool
) -> None:
    """A place is far when it is more than 5 km outside the box, on each side."""
    edge = {0.0: (113.5, 35.0), 90.0: (114.0, 34.5), 180.0: (113.5, 34.0), 270.0: (113.0, 34.5)}
    lon, lat, _ = Geod(ellps="WGS84").fwd(*edge[bearing], bearing, metres)
    place = stations(lon_deg=[lon], lat_deg=[lat])
    assert codes(check_stations(place, extent=BOX)) == ["far_away"] * is_far


def test_swapped_coordinates_are_told_from_far_ones() -> None:
    """A place that would lie in the city with its axes exchanged is called swapped."""
    frame = stations(lon_deg=[34.5, 100.0, 113.5], lat_deg=[89.0, 20.0, 34.5])
    found = check_stations(frame, extent=(88.0, 34.0, 114.0, 35.0))
    assert {f.code: f.details["examples"] for f in found} == {
        "swapped_coordinates": "s0",
        "far_away": "s1",
    }
    assert codes(check_demand(demand([1.0], lon_deg=[-51.2], lat_deg=[-30.0]), extent=BOX)) == [
        "far_away"
    ]
    assert check_stations(frame) == ()


def test_hours_are_judged() -> None:
    """Unknown hours are counted, and hours that no parser accepts are an error."""
    found = check_stations(stations(hours=["", "24/7", "", "nonsense"]))
    assert codes(found) == ["hours_unreadable", "hours_unknown"]
    assert found[0].details["examples"] == "s3"
    assert found[1].details == {"n": 2, "total": 4, "share": "50%"}
    assert "2 of 4" in found[1].message


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ([-0.001, 1.0], ["negative_people"]),
        ([float("nan"), 1.0], ["people_not_a_number"]),
        ([float("inf"), -1.0], ["negative_people", "people_not_a_number"]),
        ([0.0, 0.0], ["nobody"]),
        ([0.0, 0.001], []),
    ],
)
def test_people_are_numbers_of_zero_or_more(people: list[float], expected: list[str]) -> None:
    """Fewer than 0 people, no number, or nobody anywhere is an error."""
    found = check_demand(demand(people))
    assert codes(found) == expected
    assert all(f.severity == "error" for f in found)


@pytest.mark.parametrize(
    ("presence", "is_bad"),
    [
        (np.zeros(168), False),
        (np.ones(168), False),
        (np.full(168, 1.001), True),
        (np.full(168, -0.001), True),
        (np.full(168, np.nan), True),
        (np.zeros(167), True),
    ],
)
def test_presence_is_a_week_of_shares(presence: Any, is_bad: bool) -> None:
    """Presence has 168 values from 0 to 1, both included."""
    assert codes(check_demand(demand([1.0], presence=[presence]))) == ["bad_presence"] * is_bad


def test_sample_rows_beside_real_ones_are_found() -> None:
    """Invented and real places in one table are pointed out; either alone is fine."""
    assert codes(check_stations(stations(is_synthetic=[True, False]))) == ["mixed_with_sample"]
    assert check_stations(stations(is_synthetic=[True, True])) == ()


def test_the_extent_is_the_box_around_everything() -> None:
    """The box takes in all frames that have places; without any there is none."""
    one = stations(lon_deg=[1.0, 2.0], lat_deg=[3.0, 4.0])
    other = stations(lon_deg=[-5.0], lat_deg=[9.0])
    assert extent_deg(one, None, other.iloc[:0], other) == (-5.0, 3.0, 2.0, 9.0)
    assert extent_deg(None, one.iloc[:0]) is None


def test_long_lists_are_cut() -> None:
    """A finding about many rows names five and says that there are more."""
    (finding,) = check_stations(stations(hours=["?"] * 6))
    assert finding.details["examples"] == "s0, s1, s2, s3, s4, …"


def test_messages_have_all_their_values() -> None:
    """Each template finds every value it names."""
    everything = [
        *check_stations(
            stations(
                id=["a", "a", "b", "c"],
                hours=["", "?", "24/7", "24/7"],
                lon_deg=[113.5, 113.5, 34.5, 0.0],
                lat_deg=[34.5, 34.5, 89.9, 0.0],
                is_synthetic=[True, False, False, False],
            ),
            extent=(89.0, 34.0, 114.0, 35.0),
        ),
        *check_demand(demand([-1.0, np.nan], presence=[np.zeros(3)] * 2, place_id=["a", "a"])),
        *check_demand(demand([0.0])),
    ]
    assert len({f.code for f in everything}) == 10
    for finding in everything:
        named = {name for _, name, _, _ in Formatter().parse(finding.template) if name}
        assert named == set(finding.details)
        assert "{" not in finding.message
        assert finding.as_dict()["message"] == finding.message

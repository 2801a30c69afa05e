"""Places that a worker can choose."""

from __future__ import annotations

import pytest
from support import small_city

from geodata.errors import NotFoundError
from stations.catalogue import to_stations
from web.places import Places, collect


@pytest.fixture(scope="module")
def places() -> Places:
    """Give the places of the tiny city."""
    stations = to_stations(small_city.stations_frame(small_city.stations()))
    return collect(small_city.hotspots(), small_city.areas(), stations)


def test_busiest_hotspots_are_offered_first(places: Places) -> None:
    """What is offered before typing starts with the hotspot of most people, then districts."""
    assert [p.name for p in places.popular] == ["二七广场", "大学城", "火车站", "西区", "东区"]


def test_an_exact_name_is_one_place(places: Places) -> None:
    """A whole name decides, with blanks around it too."""
    assert [p.id for p in places.find(" 火车站 ")] == ["hotspot:h2"]


def test_a_part_of_a_name_gives_a_choice(places: Places) -> None:
    """Names that begin with the text come before those that hold it."""
    names = [p.name for p in places.find("驿站")]
    assert len(names) > 1
    assert all("驿站" in name for name in names)
    begins = [p.name for p in places.find("中原")]
    assert begins == ["中原路工会驿站"]
    assert places.find("  ") == []
    assert places.find("没有的地方") == []


def test_an_area_stands_for_a_point_inside_it(places: Places) -> None:
    """The point of a district lies in the district."""
    area = places.get("area:1")
    west, south, east, north = small_city.areas().geometry.iloc[0].bounds
    assert west < area.lon_deg < east
    assert south < area.lat_deg < north


def test_an_unknown_place_is_an_error_that_says_so(places: Places) -> None:
    """An id that is not there is not found, rather than silently ignored."""
    with pytest.raises(NotFoundError, match="choose one from the list"):
        places.get("area:none")


def test_a_city_without_hotspots_and_areas_has_its_stations() -> None:
    """Typed station names work even when there is nothing else to choose from."""
    stations = to_stations(small_city.stations_frame(small_city.stations()[:1]))
    bare = collect(small_city.hotspots().iloc[:0], None, stations)
    assert [p.id for p in bare.by_id.values()] == ["station:s01"]
    assert bare.popular == []

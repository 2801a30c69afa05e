"""Stations counted by province and district."""

from __future__ import annotations

from collections import Counter

import pytest
from support import small_city

from geodata.country import make_country
from geodata.errors import NotFoundError
from web.regions import NOWHERE, Regions, province_name, total

COUNTRY = make_country(n=900)


def test_counts_are_those_of_a_plain_count() -> None:
    """By province and by district of a province, each count is what counting one by one gives."""
    regions = Regions.of(COUNTRY)
    rows = COUNTRY.to_dict("records")
    for region in regions.provinces():
        mine = [r for r in rows if r["district_code"].startswith(region.key)]
        served = [r for r in mine if r["status"] == "open"]
        assert region.n == len(mine)
        assert region.open == len(served)
        assert region.walk_in == sum(r["entry"] == "walk_in" for r in served)
        assert region.all_day == sum(r["hours"] == "24/7" for r in served)
    henan = {r.key: r.n for r in regions.districts("41")}
    assert henan == Counter(r["district"] for r in rows if r["district_code"] == "410000")
    assert total(regions.provinces()).n == len(rows)


def test_districts_with_most_stations_come_first() -> None:
    """The order is by number, then by name, whatever the order of the rows."""
    regions = Regions.of(COUNTRY.sample(frac=1.0, random_state=1))
    counts = [(-r.n, r.key) for r in regions.districts("44")]
    assert counts == sorted(counts)


def test_a_city_of_one_province_is_shown_by_district() -> None:
    """Provinces are shown where there are several known ones; a missing code is no province."""
    frame = small_city.stations_frame(small_city.stations())
    assert not Regions.of(frame).has_provinces
    frame.loc[0, "district_code"] = "410105"
    assert not Regions.of(frame).has_provinces
    frame.loc[1, "district_code"] = "110101"
    assert Regions.of(frame).has_provinces


def test_stations_without_a_place_are_counted_too() -> None:
    """No station falls out of the table because somebody left its district empty."""
    frame = small_city.stations_frame(small_city.stations())
    frame.loc[[0, 1], "district"] = ""
    frame.loc[2, "district"] = None
    by_district = {r.key: r for r in Regions.of(frame).districts()}
    assert by_district[NOWHERE].n == 3
    assert by_district[NOWHERE].name == ""
    assert sum(r.n for r in by_district.values()) == len(frame)


def test_names_of_provinces_and_places_that_are_none() -> None:
    """Codes have names, unknown codes stay as they are, and a place without stations is an error."""
    assert (province_name("41"), province_name("99"), province_name(NOWHERE)) == (
        "河南省",
        "99",
        "",
    )
    with pytest.raises(NotFoundError, match="no stations"):
        Regions.of(COUNTRY).within("41", "no such town")


def test_no_stations_at_all_is_an_empty_table() -> None:
    """A city without stations is counted without an error."""
    regions = Regions.of(COUNTRY.iloc[:0])
    assert regions.districts() == []
    assert total([]).n == 0

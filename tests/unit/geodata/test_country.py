"""The invented register of the whole country."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.country import make_country
from geodata.districts import name_of
from geodata.errors import InvalidInputError
from geodata.records import ENTRY_MODES, STATION_COLUMNS, STATION_KINDS, STATION_STATUSES
from geodata.services import services


def test_equal_seeds_give_equal_stations_and_all_are_marked() -> None:
    """Chance comes from the seed alone, and no row can be taken for a real station."""
    one, same, other = make_country(seed=3, n=400), make_country(seed=3, n=400), make_country(n=400)
    assert one.equals(same)
    assert not one.geometry.equals(other.geometry)
    assert one["is_synthetic"].all()
    assert one["name"].str.endswith("（示例）").all()


def test_the_frame_keeps_the_rules_of_a_register() -> None:
    """Columns, words and facilities are those of `geodata.records`; ids are unique."""
    frame = make_country(n=2000)
    assert list(frame.columns) == [*STATION_COLUMNS, "geometry"]
    assert frame.crs == "EPSG:4326"
    assert frame["id"].is_unique
    for column, words in (
        ("entry", ENTRY_MODES),
        ("kind", STATION_KINDS),
        ("status", STATION_STATUSES),
    ):
        assert set(frame[column]) <= set(words)
    assert {key for keys in frame["facilities"] for key in keys} <= set(services())
    west, south, east, north = frame.total_bounds
    assert west > 73
    assert south > 17
    assert east < 136
    assert north < 54


def test_provinces_have_the_stations_that_are_known() -> None:
    """Henan's 12,200 and Guangdong's 15,985 of 186,100 keep their share; every province has some."""
    n = 20_000
    frame = make_country(n=n)
    by_province = frame["district_code"].value_counts()
    assert by_province.sum() == n
    assert len(by_province) == 31
    for code, stations in (("410000", 12_200), ("440000", 15_985), ("330000", 12_000)):
        assert by_province[code] == pytest.approx(n * stations / 186_000, rel=0.01)
        assert (
            frame.loc[frame["district_code"] == code, "district"]
            .str.startswith(name_of(code))
            .all()
        )


def test_stations_crowd_in_towns() -> None:
    """Half of the stations stand on a small part of the land, as they do in the country."""
    frame = make_country(n=20_000)
    squares = np.floor(np.column_stack([frame.geometry.x, frame.geometry.y]) / 0.5)
    crowd = np.sort(np.unique(squares, axis=0, return_counts=True)[1])[::-1]
    assert crowd[: len(crowd) // 5].sum() > 0.5 * len(frame)


def test_hours_are_a_realistic_mix() -> None:
    """About a tenth never closes, a twelfth has no known hours, the rest several patterns."""
    frame = make_country(n=20_000)
    assert 0.06 < (frame["hours"] == "24/7").mean() < 0.2
    assert 0.03 < (frame["hours"] == "").mean() < 0.15
    assert frame["hours"].nunique() > 10


def test_fewer_stations_than_provinces_are_refused() -> None:
    """Every province needs one at least."""
    assert len(make_country(n=31)) == 31
    with pytest.raises(InvalidInputError, match="too few"):
        make_country(n=30)

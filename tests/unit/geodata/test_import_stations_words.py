"""The words of offices: headers, facilities, and where two of them could be confused."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.importers import words
from geodata.importers.cells import amount_of, day_of, text_of
from geodata.importers.facility_items import Offered
from geodata.importers.facility_text import offered
from geodata.records import ENTRY_MODES, STATION_KINDS, STATION_STATUSES
from geodata.services import services

TABLES = words._words()


@pytest.mark.parametrize(
    ("header", "field", "frame"),
    [
        ("经度", "lon", None),
        ("经度(GCJ-02)", "lon", "gcj02"),
        ("ＷＧＳ８４纬度", "lat", "wgs84"),
        ("lat_wgs84", "lat", "wgs84"),
        ("gcj02_lng", "lon", "gcj02"),
        ("百度经度", "lon", "bd09"),
        ("高德坐标", "lon_lat", "gcj02"),
        ("国家2000经度", "lon", "cgcs2000"),
        ("Longitude", "lon", None),
        (" X ", "lon", None),
        ("面积（㎡）", "area_m2", None),
        ("名称*", "name", None),
        ("开放时间 hours", "hours", None),
        ("opening_hours", "hours", None),
        ("原坐标x source_x", "source_x", None),
        ("name_en", None, None),
        ("coord_source", None, None),
        ("序号", None, None),
        ("Index", None, None),
        ("", None, None),
    ],
)
def test_headers_name_a_field_and_perhaps_a_frame(
    header: str, field: str | None, frame: str | None
) -> None:
    """Chinese, English, both, with units, width and frame: each header has one meaning or none."""
    assert words.field_of(header) == field
    assert words.frame_of(header) == frame


@pytest.mark.parametrize("table", TABLES)
def test_no_word_has_two_meanings(table: str) -> None:
    """Within a list a word stands for one thing; only facilities may name two at once."""
    both = {"桌椅", "桌凳", "休息桌椅"} if table == "facilities" else set()
    counts = Counter(w for ws in TABLES[table].values() for w in set(map(words.plain, ws)))
    assert {w for w, n in counts.items() if n > 1} <= both


def test_the_lists_speak_of_things_that_exist() -> None:
    """Keys of the word lists are those of the records and of the taxonomy."""
    assert set(TABLES["facilities"]) <= set(services())
    assert set(TABLES["entries"]) == set(ENTRY_MODES)
    assert set(TABLES["statuses"]) == set(STATION_STATUSES)
    assert set(TABLES["kinds"]) == set(STATION_KINDS)


def test_every_service_is_understood_by_all_its_names() -> None:
    """Key, Chinese and English label of each service mean that service."""
    for service in services().values():
        for name in (service.key, service.zh, service.en):
            assert offered(name) == Offered((service.key,))


@given(st.text())
def test_any_header_and_cell_can_be_looked_up(text: str) -> None:
    """Nothing that a cell may hold breaks the lookup, and known facilities are real ones."""
    words.frame_of(text)
    assert words.field_of(text) is None or words.field_of(text) in TABLES["fields"]
    assert set(offered(text).keys) <= set(services())
    assert not any("\x00" <= c < "\t" for c in text_of(text))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12", 12.0), ("12.5㎡", 12.5), ("约１５ 平方米", 15.0), ("1,200", 1200.0), ("8个", 8.0),
        ("0", 0.0), ("-1", None), ("20-50", None), ("nan", None), ("1e3", None), ("很大", None),
    ],
)  # fmt: skip
def test_amounts_are_numbers_of_zero_or_more(text: str, amount: float | None) -> None:
    """A unit may follow; ranges, signs and words are no amount."""
    assert amount_of(text) == amount


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-01", "2026-09-01"), ("2026/9/1", "2026-09-01"), ("2026年9月1日", "2026-09-01"),
        ("2026-09-01 00:00:00", "2026-09-01"), ("2026-02-30", None), ("01/09/2026", None), ("", ""),
    ],
)  # fmt: skip
def test_days_are_written_year_first(text: str, day: str | None) -> None:
    """The order of day and month abroad is not guessed."""
    assert day_of(text) == day

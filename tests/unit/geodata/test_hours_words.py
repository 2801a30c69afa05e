"""Hours in words mean what the hours mean."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.hours import intervals
from geodata.hours_words import hours_in_words
from geodata.importers.opening_text import to_opening_hours

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONDAY = datetime(2026, 9, 14)


@st.composite
def week_hours(draw: st.DrawFn) -> str:
    """Rules for separate days of the week, each with one or two stretches."""
    days = draw(st.permutations(DAYS))
    cuts = sorted(draw(st.sets(st.integers(1, 6), min_size=0, max_size=2)))
    groups = [days[a:b] for a, b in zip([0, *cuts], [*cuts, 7], strict=True)]
    rules = []
    for group in groups:
        clocks = sorted(draw(st.sets(st.integers(0, 95), min_size=2, max_size=4)))
        clocks = clocks[: len(clocks) // 2 * 2]
        spans = [f"{clock(a)}-{clock(b)}" for a, b in zip(clocks[::2], clocks[1::2], strict=True)]
        named = ",".join(sorted(group, key=DAYS.index))
        rules.append(f"{named} {','.join(spans)}")
    return "; ".join(rules)


def clock(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


@given(hours=week_hours())
@settings(max_examples=150, deadline=None)
def test_the_importer_reads_the_words_back(hours: str) -> None:
    """What a person reads, typed into a table, becomes the same hours again."""
    said = hours_in_words(hours)
    assert said is not None
    back = to_opening_hours(said)
    assert back, said
    end = MONDAY + timedelta(days=7)
    assert list(intervals(back, MONDAY, end)) == list(intervals(hours, MONDAY, end)), said


def test_the_hours_of_the_sample_city_have_words() -> None:
    """All hours of the sample city can be said, and read back."""
    path = Path(__file__).parents[3] / "geodata" / "sample" / "stations.toml"
    texts = [
        row[0] for rows in tomllib.loads(path.read_text("utf-8"))["hours"].values() for row in rows
    ]
    assert len(texts) > 15
    for text in filter(None, texts):
        said = hours_in_words(text)
        assert said is not None
        assert to_opening_hours(said) == text


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        ("Mo-Fr 05:00-07:00", "周一至周五 05:00–07:00", "Mon–Fri 05:00–07:00"),
        ("Mo-Su 18:00-02:00", "每天 18:00–次日02:00", "Every day 18:00–next day 02:00"),
        ("Mo-Su 18:00-26:00", "每天 18:00–次日02:00", "Every day 18:00–next day 02:00"),
        ("Mo-Fr 09:00-17:00; PH off", "周一至周五 09:00–17:00；法定节假日不开放", "Mon–Fri 09:00–17:00; public holidays closed"),
        ("Mo-Su,PH 08:00-24:00", "每天 08:00–24:00", "Every day 08:00–24:00"),
        ("Sa-Su 10:00-12:00", "周六、周日 10:00–12:00", "Sat, Sun 10:00–12:00"),
        ("We[1,3] 09:00-11:00", "每月第1、3个周三 09:00–11:00", "Wed no. 1, 3 of the month 09:00–11:00"),
        ("Jan 15 09:00-17:00", "1月15日 09:00–17:00", "Jan 15 09:00–17:00"),
        ("2027 Jan 15-20 off", "2027年1月15日至1月20日不开放", "2027 Jan 15–Jan 20 closed"),
        ("Nov 15-Mar 15: Mo-Su 08:00-17:00", "11月15日至次年3月15日 08:00–17:00", "Nov 15–next Mar 15 08:00–17:00"),
        ("Jul-Aug Mo-Fr 08:00-18:00", "7月至8月 周一至周五 08:00–18:00", "Jul–Aug Mon–Fri 08:00–18:00"),
        ("24/7", "24小时开放", "Around the clock"),
        ("off", "每天不开放", "Every day closed"),
    ],
)  # fmt: skip
def test_words(hours: str, zh: str, en: str) -> None:
    """Days, dates, nights and holidays are said as people say them, in both languages."""
    assert hours_in_words(hours) == zh
    assert hours_in_words(hours, "en") == en


@pytest.mark.parametrize(
    "hours",
    [
        "", "Mo-Su sunrise-sunset", 'Mo-Fr 08:00-20:00 unknown "by chance"', "Mo-Fr 08:00+", "easter off",
        "week 1-10 Mo 08:00-09:00", "Mo-Fr 08:00-12:00 || off", "nonsense", "Mo-Fr 08:00-12:00, Sa 09:00-10:00",
        "Mo-Fr 08:00-18:00/2", "Jan 15 +2 days 09:00-10:00",
    ],
)  # fmt: skip
def test_what_has_no_words_is_left_alone(hours: str) -> None:
    """Rare forms are not half said: there are words for the whole text or none."""
    assert hours_in_words(hours) is None


def test_a_language_without_words_here_gets_the_english_ones() -> None:
    """A further catalogue does not break the pages that say hours."""
    assert hours_in_words("Mo-Fr 08:30-12:00", "ug") == hours_in_words("Mo-Fr 08:30-12:00", "en")

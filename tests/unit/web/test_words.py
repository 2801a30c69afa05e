"""Facts as words."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.records import (
    ENTRY_MODES,
    GROUPS,
    STATION_KINDS,
    STATION_STATUSES,
    Closure,
    Station,
)
from geodata.services import services
from geodata.streets import MODES
from stations.availability import at, of_hours
from web import words

MONDAY = datetime(2026, 9, 21, 10, 0)
STATION = Station(id="a", name="甲", lon_deg=113.6, lat_deg=34.7, hours="Mo-Fr 09:00-17:00")


def _said(
    hours: str, *, moment: datetime = MONDAY, minutes: float = 5, language: str = "en"
) -> str:
    arrival = moment + timedelta(minutes=minutes)
    return words.state_on_arrival(
        of_hours(hours, arrival),
        of_hours(hours, moment),
        arrival=arrival,
        moment=moment,
        language=language,
    )


@pytest.mark.parametrize(
    ("hours", "moment", "minutes", "en", "zh"),
    [
        ("Mo-Su 07:00-22:00", (10, 0), 5, "Open now, until 22:00", "现在开放，开到 22:00"),
        ("24/7", (10, 0), 5, "Open around the clock", "24 小时开放"),
        (
            "Mo-Su 10:10-22:00",
            (10, 0),
            15,
            "Open when you arrive, until 22:00",
            "到达时开放，开到 22:00",
        ),
        (
            "Mo-Su 07:00-10:20",
            (10, 0),
            5,
            "Open until 10:20: 15 min left when you arrive",
            "开到 10:20，您到达后 15 分钟关门",
        ),
        (
            "Mo-Su 08:30-10:05",
            (10, 0),
            5,
            "Closed when you arrive, opens tomorrow 08:30",
            "到达时已关门，明天 08:30 开门",
        ),
        ("We 08:30-10:05", (10, 0), 5, "Closed, opens Wednesday 08:30", "已关门，周三 08:30 开门"),
        ("Mo-Su 06:00-24:00", (10, 0), 5, "Open now, until 24:00", "现在开放，开到 24:00"),
        (
            "Mo-Su 18:00-02:00",
            (23, 0),
            5,
            "Open now, until tomorrow 02:00",
            "现在开放，开到 明天 02:00",
        ),
        ("", (10, 0), 5, "Not sure: no opening hours on record", "不确定：没有登记开放时间"),
        (
            'Mo-Su 08:00-20:00 unknown "x"',
            (10, 0),
            5,
            "Not sure: the recorded hours are not definite",
            "不确定：登记的开放时间不明确",
        ),
        ("off", (10, 0), 5, "Does not open in the next four weeks", "四周内不开放"),
    ],
)
def test_the_door_on_arrival_in_words(
    hours: str, moment: tuple[int, int], minutes: int, en: str, zh: str
) -> None:
    """What a worker reads says what the door will be when they get there, and until when."""
    then = MONDAY.replace(hour=moment[0], minute=moment[1])
    assert _said(hours, moment=then, minutes=minutes) == en
    assert _said(hours, moment=then, minutes=minutes, language="zh") == zh


def test_unknown_never_reads_as_closed_or_open() -> None:
    """Missing hours are said to be missing; the words for open and closed do not appear."""
    said = _said("")
    assert not said.startswith(("Open", "Closed"))


@given(st.integers(0, 10**6))
def test_minutes_are_never_too_few(milliseconds: int) -> None:
    """Minutes shown are whole, at least one, and not less than the journey takes."""
    shown = words.minutes_up(milliseconds / 1000)
    assert shown >= 1
    assert shown * 60 >= milliseconds / 1000
    assert (shown - 1) * 60 < max(milliseconds / 1000, 1)


def test_a_journey_of_exactly_five_minutes_is_five() -> None:
    """Rounding up does not add a minute at the boundary."""
    assert words.minutes_up(300.0) == 5
    assert words.minutes_up(300.001) == 6


@pytest.mark.parametrize(
    ("metres", "said"),
    [(0, "10 m"), (44, "40 m"), (994, "990 m"), (995, "1.0 km"), (1849, "1.8 km")],
)
def test_distances_are_rounded_to_what_matters(metres: float, said: str) -> None:
    """Ten metres below a kilometre, a hundred above."""
    assert words.metres_words(metres, "en") == said


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_recorded_value_has_a_word(language: str) -> None:
    """No value of the records is left without words, in either language."""
    said = [words.entry_words(entry, language) for entry in ENTRY_MODES]
    said += [words.kind_words(kind, language) for kind in STATION_KINDS]
    said += [words.group_words(group, language) for group in (*GROUPS, "all")]
    said += [words.mode_words(mode, language) for mode in MODES]
    said += [
        words.state_words(at(replace(STATION, status=s), MONDAY), MONDAY, language)
        for s in STATION_STATUSES
    ]
    assert all(said)
    assert len(set(words.weekdays(language))) == 7


@pytest.mark.parametrize(
    ("hours", "moment", "said"),
    [
        (
            "Mo-Fr 09:00-17:00",
            datetime(2026, 9, 20, 10),
            "Open now, until 17:00 (a day worked for National Day)",
        ),
        (
            "Mo-Fr 09:00-17:00; PH off",
            datetime(2026, 10, 6, 10),
            "Closed, opens Thursday 09:00 (day off: National Day)",
        ),
        (
            "Mo-Fr 09:00-17:00",
            datetime(2026, 10, 1, 10),
            "Not sure: National Day, and its hours are not on record",
        ),
        (
            "Sa-Su 10:00-16:00",
            datetime(2026, 9, 20, 11),
            "Not sure: a weekend day that is worked for National Day",
        ),
        (
            "Mo-Fr 09:00-17:00; PH off",
            datetime(2027, 9, 30, 10),
            "Open now, until 17:00 (the calendar of that year is not announced yet)",
        ),
    ],
)
def test_the_holiday_that_decides_is_named(hours: str, moment: datetime, said: str) -> None:
    """Who stands before a door on a holiday or a moved working day reads which one it is."""
    assert _said(hours, moment=moment) == said


def test_closure_and_missing_staff_are_said() -> None:
    """A closure shows its reason and its end; a door without staff says from when there are some."""
    repairs = Closure(first_day="2026-09-21", last_day="2026-09-22", reason="repairs")
    shut = replace(STATION, closures=(repairs,))
    desk = replace(STATION, hours="24/7", staff_hours="Mo-Su 14:00-18:00", entry="ask_staff")
    assert [words.state_words(at(s, MONDAY), MONDAY, "en") for s in (shut, desk)] == [
        "Closed for now: repairs, opens Wednesday 09:00",
        "The door is open, but nobody is there to let you in until 14:00",
    ]


def test_a_week_shows_each_days_stretches() -> None:
    """Seven days from Monday; a break shows as two stretches, a night runs past midnight."""
    station = replace(STATION, hours="Mo-Fr 08:30-12:00,14:00-18:00; Sa 20:00-02:00")
    week = words.week_of(station, MONDAY + timedelta(days=24))
    assert [day.weekday() for day, _ in week] == list(range(7))
    assert [hours for _, hours in week] == [
        *["08:30–12:00, 14:00–18:00"] * 5,
        "20:00–24:00",
        "00:00–02:00",
    ]


def test_unsure_stretches_are_marked_and_missing_hours_give_no_table() -> None:
    """A stretch that is not definite carries a question mark; without hours there is no week."""
    unsure = replace(STATION, hours='Mo-Su 08:00-20:00 unknown "x"')
    assert {hours for _, hours in words.week_of(unsure, MONDAY)} == {"08:00–20:00?"}
    assert words.week_of(replace(STATION, hours=""), MONDAY) == []


def test_what_workers_come_for_is_named_first_and_nothing_is_hidden() -> None:
    """At most eight labels, water before cameras, and the number of those not named."""
    few = words.offer_words(("video_monitoring", "toilet", "drinking_water"), "en")
    assert few == ["Drinking water", "Toilet", "1 more"]
    everything = tuple(sorted(services()))
    many = words.offer_words(everything, "zh")
    assert len(many) == 9
    assert many[-1] == words.offer_words(everything, "zh")[-1]
    assert str(len(everything) - 8) in many[-1]
    assert words.offer_words((), "en") == []

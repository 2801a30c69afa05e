"""Needs: facilities that are there, programmes that are held today."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from geodata.hours import State
from geodata.records import Closure, Offer, Station
from stations.availability import offer_availability
from stations.needs import held_today, is_programme, split

MONDAY = datetime(2026, 9, 14)
MINUTE = timedelta(minutes=1)


def _station(hours: str = "", *, own: str = "Mo-Su 08:00-20:00", **more: object) -> Station:
    told = {
        "key": "free_breakfast",
        "hours": hours,
        **{k: v for k, v in more.items() if k == "state"},
    }
    rest = {k: v for k, v in more.items() if k != "state"}
    return Station(
        id="s", name="s", lon_deg=113.6, lat_deg=34.7, hours=own,
        facilities=("free_breakfast", "toilet"), offers=(Offer(**told),), is_synthetic=True, **rest,
    )  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize(
    ("hours", "minute", "state"),
    [
        ("Mo-Fr 05:00-07:00", 0, State.OPEN),
        ("Mo-Fr 05:00-07:00", 7 * 60 - 1, State.OPEN),
        ("Mo-Fr 05:00-07:00", 7 * 60, State.CLOSED),
        ("Tu-Fr 05:00-07:00", 0, State.CLOSED),
        ("Mo 22:00-26:00", 7 * 60, State.OPEN),
        ("Mo 22:00-26:00", 24 * 60, State.OPEN),
        ("Mo 22:00-26:00", 26 * 60, State.CLOSED),
        ('Mo 05:00-07:00 unknown "by chance"', 0, State.UNKNOWN),
        ('Mo 05:00-07:00 unknown "by chance"', 7 * 60, State.CLOSED),
        ('Mo 05:00-07:00 unknown "by chance"; Mo 09:00-10:00', 6 * 60, State.OPEN),
        ("Mo 00:00-24:00", 24 * 60 - 1, State.OPEN),
        ("Tu 00:00-24:00", 24 * 60 - 1, State.CLOSED),
    ],
)
def test_a_programme_is_held_today_or_not(hours: str, minute: int, state: State) -> None:
    """From the arrival to midnight; the hours of the station do not matter."""
    station = _station(hours, own="Sa 10:00-11:00")
    assert held_today(station, "free_breakfast", MONDAY + minute * MINUTE) is state


@pytest.mark.parametrize(
    ("own", "minute", "state"),
    [
        ("Mo-Su 08:00-20:00", 0, State.OPEN),
        ("Mo-Su 08:00-20:00", 20 * 60, State.CLOSED),
        ("", 600, State.UNKNOWN),
    ],
)
def test_a_programme_without_hours_has_those_of_the_station(
    own: str, minute: int, state: State
) -> None:
    """Unknown hours leave it unknown."""
    assert held_today(_station(own=own), "free_breakfast", MONDAY + minute * MINUTE) is state


@pytest.mark.parametrize(
    "station",
    [
        _station("Mo 05:00-07:00", state="broken"),
        _station("Mo 05:00-07:00", status="suspended"),
        _station("Mo 05:00-07:00", closures=(Closure(first_day="2026-09-14"),)),
    ],
)
def test_what_is_stopped_is_not_held(station: Station) -> None:
    """A programme out of order, a station out of service, a closure."""
    assert held_today(station, "free_breakfast", MONDAY) is State.CLOSED


def test_held_today_equals_looking_at_every_minute() -> None:
    """At every hour of a week, for hours of all kinds."""
    for hours in ("Mo-Fr 05:00-07:00", "We 14:00-17:30; PH off", 'Sa 09:00-11:00 unknown "?"', "Su 22:00-26:00"):  # fmt: skip
        station = _station(hours)
        for hour in range(0, 7 * 24, 3):
            moment = MONDAY + timedelta(hours=hour, minutes=20)
            left = [moment + k * 30 * MINUTE for k in range(48)]
            states = {
                offer_availability(station, "free_breakfast", m).state
                for m in left
                if m.date() == moment.date()
            }
            best = next(s for s in (State.OPEN, State.UNKNOWN, State.CLOSED) if s in states)
            assert held_today(station, "free_breakfast", moment) is best, (hours, moment)


def test_needs_are_split_in_the_order_asked() -> None:
    """A facility must be there, a programme must be held; one that may be held is not left out."""
    station = _station("Mo 05:00-07:00")
    asked = ("toilet", "free_breakfast", "shower")
    assert split(station, asked, MONDAY) == (("toilet", "free_breakfast"), ("shower",))
    late = MONDAY + timedelta(hours=9)
    assert split(station, asked, late) == (("toilet",), ("free_breakfast", "shower"))
    unsure = _station('Mo 05:00-07:00 unknown "by chance"')
    assert split(unsure, ("free_breakfast",), MONDAY)[0] == ("free_breakfast",)


def test_programmes_are_those_of_the_class_p() -> None:
    """Facilities are there whenever the door is open; programmes are not."""
    assert is_programme("free_breakfast")
    assert not is_programme("toilet")

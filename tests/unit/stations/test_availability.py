"""Open, closed or unknown at a moment."""

from __future__ import annotations

from datetime import datetime

import pytest

from geodata.errors import InvalidInputError
from geodata.records import STATION_STATUSES, Station
from stations.availability import State, at, of_hours

MONDAY = "2026-09-21T"


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("clock", "state"),
    [("08:59", "closed"), ("09:00", "open"), ("16:59", "open"), ("17:00", "closed")],
)
def test_opening_is_inclusive_and_closing_exclusive(clock: str, state: str) -> None:
    """The door is open from the first minute and shut at the last."""
    assert of_hours("Mo-Fr 09:00-17:00", when(MONDAY + clock)).state == state


def test_open_says_until_when() -> None:
    """An open station says when it closes."""
    found = of_hours("Mo-Fr 09:00-12:00,14:00-17:00", when(MONDAY + "10:00"))
    assert (found.state, found.until, found.next_open) == (State.OPEN, when(MONDAY + "12:00"), None)


def test_closed_says_when_it_opens_next() -> None:
    """At the noon gap the next opening is that afternoon; on Friday evening it is Monday."""
    noon = of_hours("Mo-Fr 09:00-12:00,14:00-17:00", when(MONDAY + "12:30"))
    assert (noon.state, noon.next_open) == (State.CLOSED, when(MONDAY + "14:00"))
    friday = of_hours("Mo-Fr 09:00-17:00", when("2026-09-25T18:00"))
    assert friday.next_open == when("2026-09-28T09:00")


def test_session_across_midnight() -> None:
    """At 01:59 on Sunday the Saturday session still runs; at 02:00 it is over."""
    assert of_hours("Sa 22:00-02:00", when("2026-09-27T01:59")).until == when("2026-09-27T02:00")
    assert of_hours("Sa 22:00-02:00", when("2026-09-27T02:00")).state is State.CLOSED


def test_unrecorded_hours_are_unknown() -> None:
    """Nobody wrote the hours down: neither open nor closed, and it says why."""
    found = of_hours("", when(MONDAY + "10:00"))
    assert (found.state, found.why) == (State.UNKNOWN, "no_hours")


def test_hours_marked_unknown_stay_unknown() -> None:
    """OpenStreetMap's word unknown is kept, and ends when the text says so."""
    found = of_hours("Mo-Fr unknown", when(MONDAY + "10:00"))
    assert (found.state, found.why) == (State.UNKNOWN, "hours_unclear")
    assert of_hours("Mo-Fr unknown", when("2026-09-26T10:00")).state is State.CLOSED


def test_round_the_clock_has_no_end() -> None:
    """24/7 is open without an end."""
    found = of_hours("24/7", when(MONDAY + "03:00"))
    assert (found.state, found.until, found.why) == (State.OPEN, None, "always_open")


def test_never_opens_is_said() -> None:
    """A station whose hours never open is closed and says so."""
    assert of_hours("off", when(MONDAY + "10:00")).why == "never_opens"


@pytest.mark.parametrize("status", [s for s in STATION_STATUSES if s != "open"])
def test_station_out_of_service_is_closed_whatever_its_hours(status: str) -> None:
    """A suspended or planned station is closed even at 24/7, and says why."""
    station = Station(id="a", name="a", lon_deg=1, lat_deg=1, hours="24/7", status=status)
    found = at(station, when(MONDAY + "10:00"))
    assert (found.state, found.why) == (State.CLOSED, status)


def test_moment_with_a_time_zone_is_refused() -> None:
    """Hours are in the city's own time; a zone would be read wrongly, so it is an error."""
    with pytest.raises(InvalidInputError, match="time zone"):
        of_hours("24/7", when("2026-09-21T10:00+08:00"))

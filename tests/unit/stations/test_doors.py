"""Closures, staff, status and programmes: who gets in when."""

from __future__ import annotations

from datetime import datetime

import pytest

from geodata.errors import InvalidInputError
from geodata.hours import Interval
from geodata.records import ENTRY_MODES, Closure, Offer, Station
from stations.availability import State, at, intervals_between, offer_availability
from stations.doors import NEEDS_STAFF
from stations.needs import offered

MONDAY = datetime(2026, 9, 14)


def station(**more) -> Station:
    return Station(**{"id": "a", "name": "a", "lon_deg": 113.6, "lat_deg": 34.7, **more})


def closed(first: str, last: str = "", reason: str = "") -> tuple[Closure, ...]:
    return (Closure(first_day=first, last_day=last, reason=reason),)


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-09-15T23:59", "open"),
        ("2026-09-16T00:00", "closed"),
        ("2026-09-17T23:59", "closed"),
        ("2026-09-18T00:00", "open"),
    ],
)
def test_closure_holds_from_its_first_minute_to_its_last(moment: str, state: str) -> None:
    """Both days are inclusive; around the clock hours are open before and after."""
    door = station(hours="24/7", closures=closed("2026-09-16", "2026-09-17"))
    assert at(door, when(moment)).state == state


def test_closure_says_its_reason_and_its_end() -> None:
    """What is written is shown; it ends when the hours open next, after its last day."""
    door = station(
        hours="Mo-Su 08:00-20:00", closures=closed("2026-09-16", "2026-09-17", "水管维修")
    )
    found = at(door, when("2026-09-16T10:00"))
    assert (found.why, found.note) == ("temporarily_closed", "水管维修")
    assert found.next_open == found.until == when("2026-09-18T08:00")
    assert at(door, when("2026-09-15T20:00")).next_open == when("2026-09-18T08:00")


def test_closure_until_further_notice_has_no_end() -> None:
    """Nobody knows when it opens again, and it is not said to open never."""
    found = at(station(hours="24/7", closures=closed("2026-09-16")), when("2026-12-01T10:00"))
    assert (found.until, found.next_open, found.why) == (None, None, "temporarily_closed")


def test_night_ends_where_a_closure_begins_and_does_not_begin_on_it() -> None:
    """The night of the eve stops at midnight; after the last day no night runs on."""
    door = station(hours="Mo-Su 20:00-04:00", closures=closed("2026-09-16", "2026-09-17"))
    assert at(door, when("2026-09-15T22:00")).until == when("2026-09-16T00:00")
    assert at(door, when("2026-09-18T02:00")).state is State.CLOSED
    assert at(door, when("2026-09-19T02:00")).state is State.OPEN


def test_unrecorded_hours_are_closed_in_a_closure_and_unknown_outside() -> None:
    """A closure is known although the hours are not."""
    door = station(closures=closed("2026-09-16", "2026-09-17"))
    assert at(door, when("2026-09-16T10:00")).state is State.CLOSED
    found = at(door, when("2026-09-15T10:00"))
    assert (found.state, found.until) == (State.UNKNOWN, when("2026-09-16T00:00"))


@pytest.mark.parametrize("entry", ENTRY_MODES)
def test_door_that_staff_must_open_is_closed_without_them(entry: str) -> None:
    """At 07:30 the door stands open and nobody is there: who must ask gets in at 08:30."""
    door = station(hours="Mo-Su 07:00-22:00", staff_hours="Mo-Fr 08:30-17:30; PH off", entry=entry)
    found = at(door, when("2026-09-14T07:30"))
    assert (found.door_state, found.staff_state) == (State.OPEN, State.CLOSED)
    if entry in NEEDS_STAFF:
        assert (found.state, found.why) == (State.CLOSED, "no_staff")
        assert found.next_open == when("2026-09-14T08:30")
    else:
        assert (found.state, found.why) == (State.OPEN, "hours")
    both = at(door, when("2026-09-14T10:00"))
    assert (both.state, both.staff_state) == (State.OPEN, State.OPEN)
    assert both.until == when("2026-09-14T17:30" if entry in NEEDS_STAFF else "2026-09-14T22:00")


def test_staff_keep_the_calendar_too() -> None:
    """On the National Day the desk is not staffed although the door is open."""
    door = station(hours="24/7", staff_hours="Mo-Fr 08:30-17:30; PH off", entry="ask_staff")
    assert at(door, when("2026-10-01T10:00")).why == "no_staff"
    assert at(door, when("2026-09-20T10:00")).state is State.OPEN


def test_unrecorded_staff_hours_close_nothing() -> None:
    """Where nobody wrote when staff are there, the door's hours hold and staff are not known."""
    found = at(station(hours="24/7", entry="ask_staff"), when("2026-09-14T10:00"))
    assert (found.state, found.staff_state) == (State.OPEN, None)


def test_unsure_staff_make_the_door_unsure() -> None:
    """The text of the staff that leaves the holiday open is the reason."""
    door = station(hours="24/7", staff_hours="Mo-Fr 08:30-17:30", entry="phone")
    found = at(door, when("2026-10-01T10:00"))
    assert (found.state, found.why) == (State.UNKNOWN, "public_holiday_not_stated")


BREAKFAST = Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00; PH off", note="凭工牌")
SHOWER = Offer(key="shower", hours="Mo-Su 10:00-22:00")


def test_programme_opens_although_the_station_does_not() -> None:
    """Breakfast is announced for 05:00 to 07:00; the station's own hours begin at 08:30."""
    door = station(hours="Mo-Fr 08:30-17:30", facilities=("free_breakfast",), offers=(BREAKFAST,))
    early = offer_availability(door, "free_breakfast", when("2026-09-14T05:00"))
    assert (early.state, early.until) == (State.OPEN, when("2026-09-14T07:00"))
    assert (early.why, early.note) == ("programme_hours", "凭工牌")
    late = offer_availability(door, "free_breakfast", when("2026-09-14T07:00"))
    assert (late.state, late.next_open) == (State.CLOSED, when("2026-09-15T05:00"))
    holiday = offer_availability(door, "free_breakfast", when("2026-10-01T06:00"))
    assert (holiday.state, holiday.why) == (State.CLOSED, "public_holiday")


def test_programme_of_one_day_a_year() -> None:
    """The workers' day of 15 January is on that day only, from its first minute to its last."""
    event = Offer(key="hot_soup_event", hours="Jan 15 09:00-17:00")
    door = station(hours="Mo-Fr 08:30-17:30", offers=(event,))
    on = offer_availability(door, "hot_soup_event", when("2027-01-15T09:00"))
    assert (on.state, on.until) == (State.OPEN, when("2027-01-15T17:00"))
    before = offer_availability(door, "hot_soup_event", when("2027-01-14T10:00"))
    assert (before.state, before.next_open) == (State.CLOSED, when("2027-01-15T09:00"))


def test_facility_inside_needs_the_station_open_too() -> None:
    """The shower runs until 22:00, the door shuts at 17:30; and the other way round at 09:00."""
    door = station(hours="Mo-Fr 08:30-17:30", facilities=("shower",), offers=(SHOWER,))
    assert offer_availability(door, "shower", when("2026-09-14T09:59")).state is State.CLOSED
    inside = offer_availability(door, "shower", when("2026-09-14T10:00"))
    assert (inside.state, inside.until) == (State.OPEN, when("2026-09-14T17:30"))


@pytest.mark.parametrize("state", ["broken", "suspended"])
def test_what_is_out_of_order_is_not_offered(state: str) -> None:
    """Broken or suspended is closed whatever the hours, says so, and meets no need."""
    microwave = Offer(key="microwave", state=state, note="待修")
    door = station(hours="24/7", facilities=("microwave", "seating"), offers=(microwave,))
    found = offer_availability(door, "microwave", MONDAY)
    assert (found.state, found.why, found.note) == (State.CLOSED, f"offer_{state}", "待修")
    assert found.door_state is State.OPEN
    assert offered(door) == {"seating", "open_24h"}


def test_offer_without_hours_has_those_of_the_station() -> None:
    """Water is there whenever the door is open, whether or not an offer says more about it."""
    door = station(
        hours="Mo-Fr 08:30-17:30",
        facilities=("drinking_water", "toilet"),
        offers=(Offer(key="toilet", checked_on="2026-09-01"),),
    )
    for key in ("drinking_water", "toilet"):
        assert offer_availability(door, key, when("2026-09-14T10:00")) == at(
            door, when("2026-09-14T10:00")
        )


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"closures": closed("2026-09-14")}, "temporarily_closed"),
        ({"status": "suspended"}, "suspended"),
    ],
)
def test_closed_station_has_no_programme(more: dict, why: str) -> None:
    """A closure or a station out of service ends its programmes."""
    door = station(hours="24/7", offers=(BREAKFAST,), **more)
    found = offer_availability(door, "free_breakfast", when("2026-09-14T06:00"))
    assert (found.state, found.why) == (State.CLOSED, why)


def test_offer_that_a_station_does_not_have() -> None:
    """No shower is said plainly; a word that is no offer at all is an error."""
    assert offer_availability(station(hours="24/7"), "shower", MONDAY).why == "not_offered"
    with pytest.raises(InvalidInputError):
        offer_availability(station(), "jacuzzi", MONDAY)


def test_round_the_clock_needs_staff_round_the_clock() -> None:
    """A door that staff must open is not open all night because its hours say so."""
    always = station(hours="24/7", entry="ask_staff", staff_hours="24/7")
    by_day = station(hours="24/7", entry="ask_staff", staff_hours="Mo-Su 08:00-20:00")
    assert "open_24h" in offered(always)
    assert "open_24h" not in offered(by_day)


def test_intervals_of_two_weeks_hold_holidays_and_closures() -> None:
    """From 30 September to 9 October: the eve, eight closed days, one day, a closure."""
    door = station(hours="Mo-Fr 09:00-17:00; PH off", closures=closed("2026-10-09", "2026-10-09"))
    found = intervals_between(door, when("2026-09-30T12:00"), when("2026-10-10T10:00"))
    assert found == [
        Interval(when("2026-09-30T12:00"), when("2026-09-30T17:00"), State.OPEN),
        Interval(when("2026-09-30T17:00"), when("2026-10-08T09:00"), State.CLOSED),
        Interval(when("2026-10-08T09:00"), when("2026-10-08T17:00"), State.OPEN),
        Interval(when("2026-10-08T17:00"), when("2026-10-10T09:00"), State.CLOSED),
        Interval(when("2026-10-10T09:00"), when("2026-10-10T10:00"), State.OPEN),
    ]


def test_intervals_of_a_station_out_of_service_are_one() -> None:
    """A revoked station is closed from end to end; no time has no intervals."""
    door = station(hours="24/7", status="revoked")
    end = when("2026-09-15T00:00")
    assert intervals_between(door, MONDAY, end) == [Interval(MONDAY, end, State.CLOSED)]
    assert intervals_between(door, MONDAY, MONDAY) == []


@pytest.mark.parametrize("year", [2001, 2099])
def test_moment_that_no_calendar_reaches_is_refused(year: int) -> None:
    """Before and after the known years there is no answer."""
    with pytest.raises(InvalidInputError, match="calendar"):
        at(station(hours="24/7"), datetime(year, 6, 1))

"""Is this station open at a moment, until when, when does it open next, and why?

The answer has three values. A station whose hours nobody has recorded is ``unknown``: it is never
shown as closed, and never as open. What hours mean on a public holiday and on a working day moved
to a weekend stands in `stations.readings`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from geodata.errors import InvalidInputError
from geodata.hours import Interval, State, read_hours
from geodata.records import Offer, Station
from geodata.services import check_services, services
from stations.calendar import FIRST_YEAR, LAST_YEAR, Day
from stations.doors import Door, door_of
from stations.why import Reason, could_change, reason_of

__all__ = [
    "LOOK_AHEAD", "OUT_OF_ORDER", "Availability", "State", "at", "check_moment",
    "intervals_between", "of_hours", "offer_availability",
]  # fmt: skip

LOOK_AHEAD = timedelta(days=28)
"""How far ahead the end of a state and the next opening are looked for."""

OUT_OF_ORDER = {"broken": "offer_broken", "suspended": "offer_suspended"}
"""The word of `Availability.why` for each state of an offer that does not work."""

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_PROGRAMME = "P"
_OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What is known about a door at one moment.

    Attributes
    ----------
    state
        Whether a worker gets in: open, closed or unknown. Where the way in needs somebody inside
        (`stations.doors.NEEDS_STAFF`) and it is known when somebody is there, both must be: a door
        that nobody opens is closed.
    until
        When this state ends; None when it does not end within four weeks.
    next_open
        When it is open next, for a closed or unknown station; None when not within four weeks.
    why
        ``hours``, ``always_open``, ``never_opens`` (in four weeks), ``no_hours``,
        ``hours_unclear``: the text says so itself, ``public_holiday``, ``moved_working_day``: the
        calendar decides, ``public_holiday_not_stated``, ``moved_working_day_unclear``,
        ``school_holidays_unknown``: the text leaves the day open, ``temporarily_closed``,
        ``no_staff``: the door is open and nobody is there to let anybody in, or the status that
        keeps it closed: ``planned``, ``building``, ``suspended``, ``moved``, ``revoked``. Of an
        offer also ``not_offered``, ``offer_broken``, ``offer_suspended``, ``programme_hours``.
    note
        The reason of a closure or a status, or the note of an offer, as it was written; may be
        empty.
    day
        The holiday or moved working day that `why` speaks of; None otherwise.
    door_state
        State of the door itself, whoever is there.
    staff_state
        Whether somebody is there to help; None when nobody has recorded when.
    is_predicted
        Whether the answer rests on a calendar that is not announced yet.
    """

    state: State
    until: datetime | None
    next_open: datetime | None
    why: str
    note: str = ""
    day: Day | None = None
    door_state: State = State.UNKNOWN
    staff_state: State | None = None
    is_predicted: bool = False


def at(station: Station, moment: datetime) -> Availability:
    """Tell whether a station is open at a moment.

    Parameters
    ----------
    station
        A recorded station; one that is not in service is closed, whatever its hours say.
    moment
        Naive datetime in the city's own time.

    Raises
    ------
    InvalidInputError
        When the moment carries a time zone or no calendar reaches it.
    """
    check_moment(moment)
    if station.status != _OPEN:
        return _out_of_service(station)
    door = door_of(station)
    found = _of_door(door, moment)
    staff = None
    if station.staff_hours:
        staff = _state(replace(door, texts=(station.staff_hours,)), moment)
    if len(door.texts) == 1:
        return replace(found, staff_state=staff)
    alone = _state(replace(door, texts=(station.hours,)), moment)
    return replace(found, door_state=alone, staff_state=staff)


def of_hours(hours: str, moment: datetime) -> Availability:
    """Tell whether something with these hours is open at a moment.

    Opening is inclusive and closing exclusive: with ``09:00-17:00`` it is open at 09:00 and closed
    at 17:00.

    Parameters
    ----------
    hours
        OpenStreetMap ``opening_hours`` text; empty when not recorded.
    moment
        Naive datetime in the city's own time.

    Raises
    ------
    InvalidInputError
        When the text cannot be read, the moment carries a time zone or no calendar reaches it.
    """
    check_moment(moment)
    if hours:
        read_hours(hours)
    return _of_door(Door(texts=(hours,)), moment)


def offer_availability(station: Station, key: str, moment: datetime) -> Availability:
    """Tell whether a worker can use one facility or programme of a station at a moment.

    A facility with hours of its own (a shower, ``10:00-16:00``) stands inside: the station must be
    open too. A programme with hours of its own (爱心早餐, ``Mo-Fr 05:00-07:00``) is announced for
    these hours, so the station opens for it, whatever its own hours say; not while it is closed
    for the time being or out of service. Without hours of its own, an offer has the station's.

    Parameters
    ----------
    key
        Key of `geodata.services`.
    moment
        Naive datetime in the city's own time.

    Raises
    ------
    InvalidInputError
        When the key is not in the taxonomy, the moment carries a time zone or no calendar reaches
        it.
    """
    check_moment(moment)
    check_services((key,))
    offer = next((o for o in station.offers if o.key == key), None)
    if station.status != _OPEN:
        return _out_of_service(station)
    if offer is None and key not in station.facilities:
        return Availability(
            state=State.CLOSED, until=None, next_open=None, why="not_offered",
            door_state=State.CLOSED,
        )  # fmt: skip
    if offer is None or (offer.state == "working" and not offer.hours):
        return at(station, moment)
    if offer.state in OUT_OF_ORDER:
        return Availability(
            state=State.CLOSED, until=None, next_open=None, why=OUT_OF_ORDER[offer.state],
            note=offer.note, door_state=_state(door_of(station), moment),
        )  # fmt: skip
    return _of_offer(station, offer, moment)


def _of_offer(station: Station, offer: Offer, moment: datetime) -> Availability:
    door = door_of(station)
    if services()[offer.key].kind == _PROGRAMME:
        found = _of_door(replace(door, texts=(offer.hours,)), moment)
        why = "programme_hours" if found.why in ("hours", "always_open") else found.why
        return replace(found, why=why, note=found.note or offer.note)
    return _of_door(replace(door, texts=(*door.texts, offer.hours)), moment)


def intervals_between(station: Station, start: datetime, end: datetime) -> list[Interval]:
    """Give the states of a station from one moment to another; holidays and closures included.

    Parameters
    ----------
    start, end
        Naive datetimes in the city's own time.

    Returns
    -------
    list of Interval
        Without gaps, neighbours differing; one closed interval when it is out of service.

    Raises
    ------
    InvalidInputError
        When a moment carries a time zone or no calendar reaches it.
    """
    check_moment(start)
    check_moment(end)
    if station.status != _OPEN:
        return [Interval(start, end, State.CLOSED)] if start < end else []
    return list(door_of(station).intervals(start, end))


def check_moment(moment: datetime) -> None:
    """Refuse a moment that is not in the city's own time, or that no calendar reaches.

    Raises
    ------
    InvalidInputError
        When it carries a time zone, or lies before or after the years of `stations.calendar`.
    """
    if moment.tzinfo is not None:
        raise InvalidInputError(
            "the moment {moment} carries a time zone; give the city's own time without one",
            moment=moment.isoformat(),
        )
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise InvalidInputError(
            "no calendar reaches the moment {moment}; ask about the years {first} to {last}",
            moment=moment.isoformat(),
            first=FIRST_YEAR + 1,
            last=LAST_YEAR - 1,
        )


def _out_of_service(station: Station) -> Availability:
    return Availability(
        state=State.CLOSED, until=None, next_open=None, why=station.status,
        note=station.status_reason, door_state=State.CLOSED,
    )  # fmt: skip


def _of_door(door: Door, moment: datetime) -> Availability:
    end = moment + LOOK_AHEAD
    parts = door.intervals(moment, end)
    now = next(parts)
    until = now.end if now.end < end else None
    next_open, opens_at_all = None, now.state is not State.CLOSED
    if now.state is not State.OPEN:
        for part in parts:
            opens_at_all = True
            if part.state is State.OPEN:
                next_open = part.start
                break
    reason, note = _why(door, moment, now.state, until, opens_at_all=opens_at_all)
    return Availability(
        state=now.state,
        until=until,
        next_open=next_open,
        why=reason.why,
        note=note,
        day=reason.day,
        door_state=now.state,
        is_predicted=_is_predicted(door, moment, next_open or until or moment),
    )


def _why(
    door: Door, moment: datetime, state: State, until: datetime | None, *, opens_at_all: bool
) -> tuple[Reason, str]:
    closure = door.closure_on(moment.date())
    if closure is not None:
        return Reason("temporarily_closed"), closure.reason
    if state is State.OPEN and until is None:
        return Reason("always_open"), ""
    if not opens_at_all:
        return Reason("never_opens"), ""
    return reason_of(door, moment), ""


def _state(door: Door, moment: datetime) -> State:
    return next(door.intervals(moment, moment + _MINUTE)).state


def _is_predicted(door: Door, moment: datetime, last: datetime) -> bool:
    n_days = (last.date() - moment.date()).days + 1
    return any(could_change(door, moment.date() + k * _DAY) for k in range(-1, n_days))

"""Is this station open at a moment, until when, and when does it open next?

The answer has three values. A station whose hours nobody has recorded is ``unknown``: it is never
shown as closed, and never as open.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from geodata.errors import InvalidInputError
from geodata.hours import State, intervals
from geodata.records import Station

__all__ = ["Availability", "State", "at", "of_hours"]

_LOOK_AHEAD = timedelta(days=28)
_LAST_YEAR = 2199


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """What is known about a door at one moment.

    Attributes
    ----------
    state
        Open, closed or unknown.
    until
        When this state ends; None when it does not end within four weeks.
    next_open
        When it is open next, for a closed or unknown station; None when not within four weeks.
    why
        ``hours``, ``always_open``, ``never_opens``, ``no_hours``, ``hours_unclear``, or the status
        that keeps it closed: ``planned``, ``building``, ``suspended``, ``moved``, ``revoked``.
    """

    state: State
    until: datetime | None
    next_open: datetime | None
    why: str


def at(station: Station, moment: datetime) -> Availability:
    """Tell whether a station is open at a moment.

    Parameters
    ----------
    station
        The station; only its status and hours are looked at.
    moment
        Naive datetime in the city's own time.
    """
    if station.status != "open":
        return Availability(state=State.CLOSED, until=None, next_open=None, why=station.status)
    return of_hours(station.hours, moment)


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
        When the text cannot be read or the moment carries a time zone.
    """
    check_moment(moment)
    if not hours:
        return Availability(state=State.UNKNOWN, until=None, next_open=None, why="no_hours")
    end = moment + _LOOK_AHEAD
    parts = list(intervals(hours, moment, end))
    now = parts[0]
    until = now.end if now.end < end else None
    if now.state is State.OPEN:
        why = "hours" if until else "always_open"
        return Availability(state=State.OPEN, until=until, next_open=None, why=why)
    next_open = next((p.start for p in parts if p.state is State.OPEN), None)
    if now.state is State.UNKNOWN:
        return Availability(
            state=State.UNKNOWN, until=until, next_open=next_open, why="hours_unclear"
        )
    opens_at_all = any(p.state is not State.CLOSED for p in parts)
    why = "hours" if opens_at_all else "never_opens"
    return Availability(state=State.CLOSED, until=until, next_open=next_open, why=why)


def check_moment(moment: datetime) -> None:
    """Refuse a moment that is not in the city's own time, or that no calendar reaches.

    Raises
    ------
    InvalidInputError
        When it carries a time zone or lies after the year 2199.
    """
    if moment.tzinfo is not None:
        raise InvalidInputError(
            "the moment {moment} carries a time zone; give the city's own time without one",
            moment=moment.isoformat(),
        )
    if moment.year > _LAST_YEAR:
        raise InvalidInputError(
            "the moment {moment} is too far ahead; ask about a year up to {year}",
            moment=moment.isoformat(),
            year=_LAST_YEAR,
        )

"""What the register says about one moment, and how often it is wrong about such a moment."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from geodata.hours import State
from geodata.records import STATION_STATUSES, Station
from stations.assumptions import Assumptions
from stations.availability import Availability, at
from stations.calendar import day_of

_JUST = timedelta(minutes=45)
_SOON = timedelta(minutes=30)
_ANNOUNCED = (*STATION_STATUSES, "temporarily_closed")
"""Words of `Availability.why` for a door that somebody has announced as closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What the register says about one moment.

    Attributes
    ----------
    is_open
        Whether the door is said to be open. Hours that nobody recorded count as open, with a high
        chance of being wrong.
    wrong
        Chance that it is wrong about such moments, before any report.
    hour
        Of the clock, 0 to 24, with its fraction.
    is_day_off
        A weekend or public holiday that offices do not work.
    """

    is_open: bool
    wrong: float
    hour: float
    is_day_off: bool


def posted(
    station: Station, moment: datetime, *, opening: Availability, assumed: Assumptions
) -> Posted:
    """Give what the register says about a moment.

    Parameters
    ----------
    moment
        Naive datetime in the city's own time.
    opening
        What `stations.availability.at` says of the station at `moment`.
    assumed
        The chances of being wrong.
    """
    is_day_off = not day_of(moment.date()).is_worked
    hour = moment.hour + moment.minute / 60
    if opening.state is State.UNKNOWN:
        wrong = 1 - assumed.unknown_open[_part_of_day(hour, is_day_off=is_day_off)]
    else:
        wrong = assumed.wrong_hours[situation(station, moment, opening)]
    return Posted(
        is_open=opening.state is not State.CLOSED, wrong=wrong, hour=hour, is_day_off=is_day_off
    )


@lru_cache(maxsize=65_536)
def posted_then(station: Station, moment: datetime, assumed: Assumptions) -> Posted:
    """Give what the register says about a moment in the past; remembered, as reports come again."""
    return posted(station, moment, opening=at(station, moment), assumed=assumed)


def situation(station: Station, moment: datetime, opening: Availability) -> str:
    """Give the kind of moment, a key of `Assumptions.wrong_hours`; the hours must be known.

    ``announced``: closed by its status or by notice; ``closed_edge``: closed, but open within half
    an hour before or after; ``just_opened``: open for less than 45 minutes; ``about_to_close``:
    open for at most 30 more; ``midday``: 12 to 14 o'clock; ``evening``: 19 to 6; ``day_off``;
    otherwise ``closed`` or ``plain``. What never closes has neither noon nor night.
    """
    if opening.state is State.CLOSED:
        return _closed(station, moment, opening)
    if opening.why == "always_open":
        return "plain"
    if at(station, moment - _JUST).state is not State.OPEN:
        return "just_opened"
    if opening.until is not None and opening.until - moment <= _SOON:
        return "about_to_close"
    if 12 <= moment.hour < 14:
        return "midday"
    if not 6 <= moment.hour < 19:
        return "evening"
    return "plain" if day_of(moment.date()).is_worked else "day_off"


def likeness(a: Posted, b: Posted, assumed: Assumptions) -> float:
    """Tell how far what is true of one moment of the week is true of another, 0 to 1.

    ``exp(-(d / like_hours)² / 2)``, d the hours between them on the clock, times `other_day` when
    one of them is on a day off and the other is not.
    """
    apart = abs(a.hour - b.hour)
    apart = min(apart, 24 - apart)
    same_day = 1.0 if a.is_day_off == b.is_day_off else assumed.other_day
    return same_day * math.exp(-0.5 * (apart / assumed.like_hours) ** 2)


def verified_day(station: Station) -> date | None:
    """Give the day of the last check on the spot; None when no such day is on record."""
    try:
        return date.fromisoformat(station.verified_on)
    except ValueError:
        return None


def _closed(station: Station, moment: datetime, opening: Availability) -> str:
    if opening.why in _ANNOUNCED:
        return "announced"
    is_soon = opening.next_open is not None and opening.next_open - moment <= _SOON
    was_open = at(station, moment - _SOON).state is State.OPEN
    return "closed_edge" if is_soon or was_open else "closed"


def _part_of_day(hour: float, *, is_day_off: bool) -> str:
    if 8 <= hour < 18:
        return "day_off" if is_day_off else "day"
    return "edge" if 6 <= hour < 22 else "night"

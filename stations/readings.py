"""What ``opening_hours`` mean on a Chinese day.

OpenStreetMap knows weekdays and public holidays; a Chinese day may also be a Sunday that is worked,
and most texts say nothing about holidays. So a day has one or several readings, each of them a day
as OpenStreetMap knows it. Where they agree at a minute, that is the state; where they differ,
nobody knows, and the answer says why. Nobody is sent to a door that only one reading opens.

=============================  =====================================================
day (`stations.calendar`)      readings
=============================  =====================================================
workday, weekend               the day itself
day off, the text names        the day itself, ``PH`` holds; also on the Saturday and
``PH``                         Sunday of a holiday
day off, the text does not     the day itself, a Saturday and a Sunday: a bank with
name ``PH``                    ``Mo-Fr`` is perhaps shut, a shop with ``Mo-Su`` is not
moved working day, nothing     each of Monday to Friday: it is worked like one of
opens on weekends              them, and ``PH`` does not hold
moved working day, something   each of Monday to Friday, and the day itself: nobody
opens on weekends              knows whether the weekend's hours give way
any day, the text names        both with and without school holidays: no calendar of
``SH``                         them is known
=============================  =====================================================

A night belongs to the day on which it begins: the session of 30 September goes on after midnight
into the holiday, by the readings of 30 September. A rule for the holiday itself cuts it at
midnight, as in OpenStreetMap. A night that did not begin does not go on: where another rule
replaces or closes the evening (``PH off``, ``We 10:00-12:00``), the hours after midnight are closed
too. There opening_hours.js is more lenient.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from geodata.hours import CODES, Day, Hours, Place, Run, State, runs
from geodata.opening.sun import ANYWHERE, sun_of
from stations.calendar import DayKind, PublicHolidays, day_of

NOTHING = frozenset({0})
"""What may begin on a day on which nothing opens."""

_DAY = timedelta(days=1)
_WORKING_WEEK, _WEEKEND = (0, 1, 2, 3, 4), (5, 6)
_HOLIDAYS = PublicHolidays()

Begun = frozenset[int]
"""What may begin on a day, under each reading (`geodata.hours.Hours.begins`)."""


@lru_cache(maxsize=65536)
def begins(hours: Hours, on: date) -> Begun:
    """Give what may begin on a day, under each reading."""
    return begins_as(hours, on, day_of(on).kind)


def begins_as(hours: Hours, on: date, kind: DayKind) -> Begun:
    """Give what may begin on a date if it is a day of some kind, under each reading."""
    holidays = _HOLIDAYS if not hours.is_weekly else ({on} if kind is DayKind.DAY_OFF else set())

    def begin(weekday: int, is_school_holiday: bool) -> int:
        return hours.begins(Day(on, weekday, holidays, is_school_holiday))

    return under_each(hours, on.weekday(), kind, begin)


def under_each(
    hours: Hours, weekday: int, kind: DayKind, begin: Callable[[int, bool], int]
) -> Begun:
    """Give what may begin on a day of some kind, under each reading.

    Parameters
    ----------
    begin
        Gives what begins when the day is read as some weekday, in school holidays or not.
    """
    weekdays: tuple[int, ...] = (weekday,)
    if kind is DayKind.DAY_OFF and not hours.names_public_holidays:
        weekdays = (weekday, *_WEEKEND)
    elif kind is DayKind.MOVED_WORKDAY:
        is_free = not any(opens(hours, begin(w, False)) for w in _WEEKEND)
        weekdays = _WORKING_WEEK if is_free else (*_WORKING_WEEK, weekday)
    schools = (False, True) if hours.names_school_holidays else (False,)
    return frozenset(begin(w, s) for w in weekdays for s in schools)


def begins_literally(hours: Hours, on: date) -> Begun:
    """Give what begins on a day by its weekday alone, as if there were no holidays."""
    return frozenset({hours.begins(Day(on, on.weekday()))})


def codes_on(
    hours: Hours, on: date, befores: Begun, todays: Begun, *, place: Place | None
) -> NDArray[np.int8]:
    """Give the state of each minute of a day.

    Parameters
    ----------
    befores, todays
        What may begin on the day before and on the day.
    place
        Where it is, for hours that move with the sun.

    Returns
    -------
    ndarray
        Shape (1440,), values of `geodata.hours.CODES`: unknown where the readings differ.
    """
    suns = {}
    if hours.has_sun:
        suns = {"sun_before": sun_of(place, on - _DAY), "sun": sun_of(place, on)}
    every = [
        hours.codes(night, today, **suns)
        for night in sorted(nights_of(hours, befores))
        for today in sorted(todays)
    ]
    if len(every) == 1:
        return every[0]
    stacked = np.stack(every)
    agreed = (stacked == stacked[0]).all(axis=0)
    return np.where(agreed, stacked[0], np.int8(CODES[State.UNKNOWN]))


def runs_on(
    hours: Hours, on: date, befores: Begun, todays: Begun, *, place: Place | None
) -> tuple[Run, ...]:
    """Give the stretches of a day in one state; as `codes_on`, remembered."""
    if hours.has_sun:
        return runs(codes_on(hours, on, befores, todays, place=place))
    return _runs(hours, nights_of(hours, befores), todays)


def nights_of(hours: Hours, befores: Begun) -> Begun:
    """Give the rules whose nights run on from the day before, under each reading."""
    if not hours.nights:
        return NOTHING
    return frozenset(_night_of(hours, before) for before in befores)


@lru_cache(maxsize=65536)
def _runs(hours: Hours, nights: Begun, todays: Begun) -> tuple[Run, ...]:
    return runs(codes_on(hours, date.min, nights, todays, place=None))


@lru_cache(maxsize=16384)
def opens(hours: Hours, begun: int) -> bool:
    """Tell whether something opens, surely or perhaps, when these rules speak of a day."""
    return bool(_alone(hours, begun).any())


@lru_cache(maxsize=16384)
def _night_of(hours: Hours, begun: int) -> int:
    nights = hours.speaking(begun) & hours.nights
    return nights if nights and _alone(hours, begun)[-1] else 0


def _alone(hours: Hours, begun: int) -> NDArray[np.int8]:
    return hours.codes(0, begun, sun_before=ANYWHERE, sun=ANYWHERE)

"""Why a door is open, closed or unknown at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geodata.hours import CODES, Hours, Place, State, read_hours
from stations.calendar import Day, DayKind, day_of
from stations.doors import Door, code_at
from stations.readings import NOTHING, begins, begins_as, begins_literally, codes_on

_DAY = timedelta(days=1)
_DIFFER = {
    DayKind.DAY_OFF: "public_holiday_not_stated",
    DayKind.MOVED_WORKDAY: "moved_working_day_unclear",
}
_WEEKEND = (5, 6)
_WEEKDAY_KINDS = (DayKind.WORKDAY, DayKind.DAY_OFF)
_WEEKEND_KINDS = (DayKind.WEEKEND, DayKind.DAY_OFF, DayKind.MOVED_WORKDAY)
_DECIDES = {DayKind.DAY_OFF: "public_holiday", DayKind.MOVED_WORKDAY: "moved_working_day"}


@dataclass(frozen=True, slots=True)
class Reason:
    """A word, as in `stations.availability.Availability.why`, and the holiday it speaks of."""

    why: str
    day: Day | None = None


def reason_of(door: Door, moment: datetime) -> Reason:
    """Tell why a door is in its state at a moment, as far as hours and the calendar tell.

    With several texts, the one that decides is asked: the first that is closed, else the first that
    is unknown.
    """
    minute = moment.hour * 60 + moment.minute
    deciding = [Door(texts=(t,), closures=door.closures, place=door.place) for t in door.texts]
    codes = [code_at(one.runs(moment.date()), minute) for one in deciding]
    order = (CODES[State.CLOSED], CODES[State.UNKNOWN], CODES[State.OPEN])
    first = min(range(len(codes)), key=lambda k: (order.index(codes[k]), k))
    if first > 0 and codes[0] == CODES[State.OPEN] and codes[first] == CODES[State.CLOSED]:
        return Reason("no_staff")
    text = door.texts[first]
    if not text:
        return Reason("no_hours")
    return _of_hours(read_hours(text), moment.date(), minute, codes[first], door.place)


def turns(door: Door, on: date) -> tuple[int, ...]:
    """Give the minutes of a day, 0 among them, between which `reason_of` says the same."""
    found = {0}
    for text in filter(None, door.texts):
        hours = read_hours(text)
        befores, todays = (
            begins(hours, day) | begins_literally(hours, day) for day in (on - _DAY, on)
        )
        for before in befores | NOTHING:
            for today in todays:
                codes = codes_on(
                    hours, on, frozenset({before}), frozenset({today}), place=door.place
                )
                found.update((np.flatnonzero(np.diff(codes)) + 1).tolist())
    return tuple(sorted(found))


def _of_hours(hours: Hours, on: date, minute: int, code: int, place: Place | None) -> Reason:
    if code == CODES[State.UNKNOWN]:
        return _of_unknown(hours, on, minute, place)
    agreed = _codes(hours, on, place, is_literal=False)
    literal = _codes(hours, on, place, is_literal=True)
    rest = slice(minute, None if code == CODES[State.CLOSED] else minute + 1)
    differs = (agreed != literal) & (agreed != CODES[State.UNKNOWN])
    if not differs[rest].any():
        return Reason("hours")
    for day in (day_of(on), day_of(on - _DAY)):
        if day.kind in _DECIDES:
            return Reason(_DECIDES[day.kind], day)
    return Reason("hours")


def _of_unknown(hours: Hours, on: date, minute: int, place: Place | None) -> Reason:
    """Tell whether the text itself is not definite, or its readings differ."""
    befores, todays = begins(hours, on - _DAY), begins(hours, on)
    every = {
        int(codes_on(hours, on, frozenset({b}), frozenset({t}), place=place)[minute])
        for b in befores
        for t in todays
    }
    if len(every) == 1:
        return Reason("hours_unclear")
    for begun, day in ((todays, day_of(on)), (befores, day_of(on - _DAY))):
        if len(begun) > 1 and day.kind in _DIFFER:
            return Reason(_DIFFER[day.kind], day)
    return Reason("school_holidays_unknown")


def _codes(hours: Hours, on: date, place: Place | None, *, is_literal: bool) -> NDArray[np.int8]:
    begun = begins_literally if is_literal else begins
    return codes_on(hours, on, begun(hours, on - _DAY), begun(hours, on), place=place)


def could_change(door: Door, on: date) -> bool:
    """Tell whether the calendar, once it is announced, may change what happens on a day."""
    if not day_of(on).could_move:
        return False
    possible = _WEEKEND_KINDS if on.weekday() in _WEEKEND else _WEEKDAY_KINDS
    every = (
        {begins_as(read_hours(text), on, kind) for kind in possible} for text in door.texts if text
    )
    return any(len(begun) > 1 for begun in every)

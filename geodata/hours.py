"""Opening hours as a value: OpenStreetMap ``opening_hours`` text, and what it says.

Empty text means that nobody has recorded the hours. Three states, never two: what is not known is
neither open nor closed. No country's calendar is known here: public and school holidays are facts
that the caller gives; `stations.calendar` knows those of China.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.opening.reading import read
from geodata.opening.rules import Hours
from geodata.opening.selectors import Day
from geodata.opening.states import CODES, DAY_MIN, STATES, State
from geodata.opening.sun import Place, sun_of
from geodata.opening.tokens import UnreadableError
from geodata.records import HOURS_PER_WEEK

__all__ = [
    "CODES", "TYPICAL_MONDAY", "Day", "Hours", "Interval", "Place", "Run", "State", "check_hours",
    "codes_of", "intervals", "joined", "read_hours", "runs", "week_states",
]  # fmt: skip

TYPICAL_MONDAY = date(2026, 9, 14)
"""First day of a week without public holidays, in no special season; stands for "a week"."""

Run = tuple[int, int, int]
"""A stretch of a day in one state: first minute, last minute (exclusive), code."""

_DAY = timedelta(days=1)
_HOUR_MIN = 60


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time in one state, in the station's own time; the end is not part of it."""

    start: datetime
    end: datetime
    state: State


def check_hours(text: str) -> str:
    """Return the text when it is empty or valid ``opening_hours``.

    Raises
    ------
    InvalidInputError
        When the text cannot be read as ``opening_hours``.
    """
    if text:
        read_hours(text)
    return text


@lru_cache(maxsize=32768)
def read_hours(text: str) -> Hours:
    """Read ``opening_hours`` text that is not empty.

    Raises
    ------
    InvalidInputError
        When the text cannot be read.
    """
    try:
        return read(text)
    except UnreadableError as error:
        raise InvalidInputError(
            "opening hours {text!s} cannot be read; write them like Mo-Fr 09:00-17:00", text=text
        ) from error


def codes_of(hours: Hours, before: Day, today: Day, *, place: Place | None) -> NDArray[np.int8]:
    """Give the state of each minute of a day.

    Parameters
    ----------
    before, today
        The day before, whose nights run into the day, and the day.
    place
        Where it is, for hours that move with the sun; None when nobody knows, and then such hours
        are unknown.

    Returns
    -------
    ndarray
        Shape (1440,), values of `CODES`, read-only.
    """
    begun, begins = hours.begins(before), hours.begins(today)
    if not hours.has_sun:
        return _codes(hours, begun & hours.nights, begins)
    suns = {"sun_before": sun_of(place, before.on), "sun": sun_of(place, today.on)}
    return hours.codes(begun, begins, **suns)


@lru_cache(maxsize=4096)
def _codes(hours: Hours, nights: int, begins: int) -> NDArray[np.int8]:
    return hours.codes(nights, begins)


def intervals(
    text: str,
    start: datetime,
    end: datetime,
    *,
    public_holidays: Container[date] = frozenset(),
    school_holidays: Container[date] = frozenset(),
    place: Place | None = None,
) -> Iterator[Interval]:
    """Give the states from `start` to `end`, without gaps and with neighbours differing.

    Parameters
    ----------
    text
        ``opening_hours`` text; empty gives one unknown interval.
    start, end
        Naive datetimes in the station's own time.
    public_holidays, school_holidays
        The days on which ``PH`` and ``SH`` hold.
    place
        Where it is, for hours that move with the sun.

    Raises
    ------
    InvalidInputError
        When the text cannot be read.
    """
    if not text:
        return iter((Interval(start, end, State.UNKNOWN),) if start < end else ())
    hours = read_hours(text)

    def of_day(on: date) -> tuple[Run, ...]:
        before, today = (
            Day(d, d.weekday(), public_holidays, d in school_holidays) for d in (on - _DAY, on)
        )
        return runs(codes_of(hours, before, today, place=place))

    return joined(of_day, start, end)


def runs(codes: NDArray[np.int8]) -> tuple[Run, ...]:
    """Give the stretches of a day in one state.

    Parameters
    ----------
    codes
        Shape (1440,): state of each minute.

    Returns
    -------
    tuple
        First minute, last minute (exclusive) and code of each.
    """
    changes = (np.flatnonzero(np.diff(codes)) + 1).tolist()
    bounds = [0, *changes, DAY_MIN]
    return tuple((a, b, int(codes[a])) for a, b in pairwise(bounds))


def joined(
    of_day: Callable[[date], Sequence[Run]], start: datetime, end: datetime
) -> Iterator[Interval]:
    """Put the stretches of days together; neighbours differ.

    Parameters
    ----------
    of_day
        Gives the stretches of a day, as `runs` does; asked for no more days than are needed.
    start, end
        Naive datetimes.
    """
    last: Interval | None = None
    for k in range((end.date() - start.date()).days + 1):
        midnight = datetime.combine(start.date() + k * _DAY, time())
        for first_min, last_min, code in of_day(midnight.date()):
            begin = max(midnight + timedelta(minutes=first_min), start)
            finish = min(midnight + timedelta(minutes=last_min), end)
            if begin >= finish:
                continue
            if last is not None and last.state is STATES[code]:
                begin = last.start
            elif last is not None:
                yield last
            last = Interval(begin, finish, STATES[code])
    if last is not None:
        yield last


def week_states(texts: Sequence[str], *, monday: date = TYPICAL_MONDAY) -> NDArray[np.int8]:
    """Give the state of each hour of a week without holidays.

    An hour counts as open only when the door is open for all of it: somebody who comes at any
    minute of the hour gets in. It counts as unknown when it is not closed at any minute but unknown
    at some.

    Parameters
    ----------
    texts
        ``opening_hours`` texts, n of them.
    monday
        First day of the week looked at.

    Returns
    -------
    ndarray
        Shape (n, 168), values of `CODES`.

    Raises
    ------
    InvalidInputError
        When a text cannot be read.
    """
    rows = {text: _one_week(text, monday) for text in set(texts)}
    if not rows:
        return np.zeros((0, HOURS_PER_WEEK), np.int8)
    return np.stack([rows[text] for text in texts])


@lru_cache(maxsize=4096)
def _one_week(text: str, monday: date) -> NDArray[np.int8]:
    if not text:
        return np.full(HOURS_PER_WEEK, CODES[State.UNKNOWN], np.int8)
    hours = read_hours(text)
    days = [Day(d, d.weekday()) for d in (monday + k * _DAY for k in range(-1, 7))]
    codes = np.concatenate(
        [codes_of(hours, days[k], days[k + 1], place=None) for k in range(7)]
    ).reshape(HOURS_PER_WEEK, _HOUR_MIN)
    row = np.where((codes == CODES[State.UNKNOWN]).any(axis=1), CODES[State.UNKNOWN], 1)
    row = np.where((codes == CODES[State.CLOSED]).any(axis=1), CODES[State.CLOSED], row)
    found = row.astype(np.int8)
    found.flags.writeable = False
    return found

"""Opening hours as a value: OpenStreetMap ``opening_hours`` text, read by opening-hours-py.

Empty text means that nobody has recorded the hours. Three states, never two: what is not known is
neither open nor closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
import opening_hours
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.records import HOURS_PER_WEEK

TYPICAL_MONDAY = date(2026, 9, 14)
"""First day of a week without public holidays, in no special season; stands for "a week"."""

_HOUR = timedelta(hours=1)
_WEEK = timedelta(days=7)


class State(StrEnum):
    """Whether the door is open."""

    OPEN = "open"
    CLOSED = "closed"
    UNKNOWN = "unknown"


CODES = {State.CLOSED: 0, State.OPEN: 1, State.UNKNOWN: 2}
"""The states as small integers, for arrays."""


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
        _parsed(text)
    return text


def intervals(text: str, start: datetime, end: datetime) -> Iterator[Interval]:
    """Give the states from `start` to `end`, without gaps and with neighbours differing.

    Parameters
    ----------
    text
        ``opening_hours`` text; empty gives one unknown interval.
    start, end
        Naive datetimes in the station's own time.

    Raises
    ------
    InvalidInputError
        When the text cannot be read.
    """
    if not text:
        yield Interval(start, end, State.UNKNOWN)
        return
    last: Interval | None = None
    for begin, finish, state, _ in _parsed(text).intervals(start, end):
        found = Interval(begin, min(finish or end, end), State(str(state)))
        if last is not None and last.state == found.state:
            last = Interval(last.start, found.end, last.state)
            continue
        if last is not None:
            yield last
        last = found
    if last is not None:
        yield last


def week_states(texts: Sequence[str], *, monday: date = TYPICAL_MONDAY) -> NDArray[np.int8]:
    """Give the state of each hour of a week.

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


def _one_week(text: str, monday: date) -> NDArray[np.int8]:
    start = datetime(monday.year, monday.month, monday.day)  # noqa: DTZ001  naive local time
    row = np.full(HOURS_PER_WEEK, CODES[State.OPEN], np.int8)
    closed = np.zeros(HOURS_PER_WEEK, bool)
    for part in intervals(text, start, start + _WEEK):
        if part.state is State.OPEN:
            continue
        first = (part.start - start) // _HOUR
        last = -((start - part.end) // _HOUR)
        if part.state is State.UNKNOWN:
            row[first:last] = CODES[State.UNKNOWN]
        else:
            closed[first:last] = True
    row[closed] = CODES[State.CLOSED]
    return row


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Any:  # the library ships no types
    try:
        return opening_hours.OpeningHours(text)
    except opening_hours.ParserError as error:  # type: ignore[attr-defined]  # not in its stubs
        raise InvalidInputError(
            "opening hours {text!s} cannot be read; write them like Mo-Fr 09:00-17:00", text=text
        ) from error

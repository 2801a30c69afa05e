"""The state of a door on a day: its hours, its staff's, its closures, the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geodata.hours import CODES, Interval, Place, Run, State, joined, read_hours, runs
from geodata.opening.states import DAY_MIN
from geodata.records import Closure, Station
from stations.readings import NOTHING, begins, codes_on, runs_on

NEEDS_STAFF = ("ask_staff", "phone")
"""Entry modes of `geodata.records.ENTRY_MODES` with which somebody inside opens the door."""

_DAY = timedelta(days=1)
_SHUT: tuple[Run, ...] = ((0, DAY_MIN, CODES[State.CLOSED]),)
_NOBODY_KNOWS: tuple[Run, ...] = ((0, DAY_MIN, CODES[State.UNKNOWN]),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What decides whether somebody gets in.

    Attributes
    ----------
    texts
        ``opening_hours`` that must all be open: of the door, and of the staff where the door does
        not open without them. An empty one is not known.
    closures
        Days on which it is closed against its hours; nothing begins on them, and what began the
        night before ends at midnight.
    place
        Where it is, for hours that move with the sun.
    """

    texts: tuple[str, ...]
    closures: tuple[Closure, ...] = ()
    place: Place | None = None

    def closure_on(self, on: date) -> Closure | None:
        """Give the closure that holds on a day."""
        day = on.isoformat()
        for closure in self.closures:
            if closure.first_day <= day and (not closure.last_day or day <= closure.last_day):
                return closure
        return None

    def runs(self, on: date, *, is_shut_before: bool = False) -> tuple[Run, ...]:
        """Give the stretches of a day in one state, as `geodata.hours.runs`.

        Parameters
        ----------
        is_shut_before
            Whether nothing opened on the day before, beside what the closures say.
        """
        if self.closures and self.closure_on(on):
            return _SHUT
        was_shut = is_shut_before or bool(self.closures and self.closure_on(on - _DAY))
        if len(self.texts) == 1:
            return self._runs_of(self.texts[0], on, was_shut=was_shut)
        codes = [self._codes_of(text, on, was_shut=was_shut) for text in self.texts]
        return runs(together(*codes))

    def intervals(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """Give the states from one moment to another, without gaps and with neighbours differing.

        No day is looked at before it is asked for.
        """
        return joined(self.runs, start, end)

    def _runs_of(self, text: str, on: date, *, was_shut: bool) -> tuple[Run, ...]:
        if not text:
            return _NOBODY_KNOWS
        hours = read_hours(text)
        befores = NOTHING if was_shut else begins(hours, on - _DAY)
        return runs_on(hours, on, befores, begins(hours, on), place=self.place)

    def _codes_of(self, text: str, on: date, *, was_shut: bool) -> NDArray[np.int8]:
        if not text:
            return np.full(DAY_MIN, CODES[State.UNKNOWN], np.int8)
        hours = read_hours(text)
        befores = NOTHING if was_shut else begins(hours, on - _DAY)
        return codes_on(hours, on, befores, begins(hours, on), place=self.place)


def door_of(station: Station) -> Door:
    """Give what decides whether somebody gets into a station."""
    needs_staff = station.entry in NEEDS_STAFF and station.staff_hours
    return Door(
        texts=(station.hours, station.staff_hours) if needs_staff else (station.hours,),
        closures=station.closures,
        place=Place(lon_deg=station.lon_deg, lat_deg=station.lat_deg),
    )


def code_at(day: Sequence[Run], minute: int) -> int:
    """Give the state of a day at a minute."""
    return next(code for _, last, code in day if minute < last)


def together(*codes: NDArray[np.int8]) -> NDArray[np.int8]:
    """Put states together that must all be open: closed where one is, else unknown where one is.

    Parameters
    ----------
    codes
        Arrays of one shape, values of `CODES`.
    """
    stacked = np.stack(codes)
    found: NDArray[np.int8] = stacked.max(axis=0)  # closed 0, open 1, unknown 2
    found[(stacked == CODES[State.CLOSED]).any(axis=0)] = CODES[State.CLOSED]
    return found

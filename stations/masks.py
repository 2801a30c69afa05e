"""The states of all stations at one moment: weekly masks made ready beforehand.

Stations share hours: a country of 186,000 has some thousand different texts. A text without dates,
week numbers and the sun says the same on every day of a kind, so its days are drawn once for every
kind of day and of the day before (`stations.calendar.DayKind` by weekday); what is left to do at a
moment is to look them up. The other texts are asked one by one, with the same answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geodata.hours import CODES, Day, Hours, Place, Run, State, read_hours, runs
from geodata.opening.states import DAY_MIN
from geodata.records import Closure
from stations.availability import check_moment
from stations.calendar import DayKind, day_of
from stations.doors import NEEDS_STAFF, Door, code_at, together
from stations.readings import NOTHING, Begun, codes_on, nights_of, under_each

_CLOSED, _UNKNOWN = CODES[State.CLOSED], CODES[State.UNKNOWN]
_DAY = timedelta(days=1)
_WEEK = 7
_MONDAY = date(2026, 9, 14)
_FOREVER = date.max.toordinal()
_WEEKEND = (5, 6)
_WEEKDAY_KINDS = (DayKind.WORKDAY, DayKind.DAY_OFF)
_WEEKEND_KINDS = (DayKind.WEEKEND, DayKind.DAY_OFF, DayKind.MOVED_WORKDAY)

Context = tuple[int, DayKind, DayKind | None]
"""Weekday, kind of the day, kind of the day before; None when nothing opened on that day."""


def _kinds_of(weekday: int) -> tuple[DayKind, ...]:
    return _WEEKEND_KINDS if weekday in _WEEKEND else _WEEKDAY_KINDS


CONTEXTS: dict[Context, int] = {
    context: k
    for k, context in enumerate(
        (weekday, kind, before)
        for weekday in range(_WEEK)
        for kind in _kinds_of(weekday)
        for before in (*_kinds_of((weekday - 1) % _WEEK), None)
    )
}
"""All that a weekly text can depend on, and its row in the table."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Days in one state after another: each begins with a row of `starts` and `codes`.

    Attributes
    ----------
    starts
        Shape (m,), sorted: number of the day × 1440 + first minute of the stretch.
    codes
        Shape (m,), values of `geodata.hours.CODES`.
    """

    starts: NDArray[np.int64]
    codes: NDArray[np.int8]

    def at(self, days: NDArray[np.int32], minute: int) -> NDArray[np.int8]:
        """Give the states of days at a minute."""
        wanted = days.astype(np.int64) * DAY_MIN + minute
        return self.codes[np.searchsorted(self.starts, wanted, side="right") - 1]


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """Stations made ready for `states_at`.

    Attributes
    ----------
    doors
        Shape (n,): what each station has in common with others, first the weekly ones, then
        `dated`.
    days
        Shape (contexts, weekly doors): the day in `drawn`.
    dated
        Doors whose hours follow dates, week numbers or the sun.
    is_out
        Shape (n,): not in service.
    closed_stations, closed_from, closed_to
        Shape (closures,): station, first and last day (ordinals of the date) of each closure.
    """

    doors: NDArray[np.int32]
    days: NDArray[np.int32]
    drawn: Drawn
    dated: tuple[Door, ...]
    is_out: NDArray[np.bool_]
    closed_stations: NDArray[np.int32]
    closed_from: NDArray[np.int32]
    closed_to: NDArray[np.int32]

    @property
    def n_bytes(self) -> int:
        """Memory of the arrays."""
        arrays = (
            self.doors, self.days, self.drawn.starts, self.drawn.codes, self.is_out,
            self.closed_stations, self.closed_from, self.closed_to,
        )  # fmt: skip
        return sum(array.nbytes for array in arrays)


def compile_stations(stations: gpd.GeoDataFrame) -> Compiled:
    """Make stations ready for `states_at`.

    Parameters
    ----------
    stations
        Stations frame in WGS 84 with the columns ``hours``, ``status``, ``entry``,
        ``staff_hours`` and ``closures``.

    Raises
    ------
    InvalidInputError
        When some hours cannot be read.
    """
    day_of(_MONDAY)  # the first day asked loads the calendar; better here than at the first moment
    numbers: dict[Door, int] = {}
    doors = np.fromiter(
        (numbers.setdefault(door, len(numbers)) for door in _doors(stations)),
        np.int32,
        len(stations),
    )
    weekly = [door for door in numbers if _is_weekly(door)]
    dated = [door for door in numbers if not _is_weekly(door)]
    place = np.empty(len(numbers), np.int32)
    for k, door in enumerate([*weekly, *dated]):
        place[numbers[door]] = k
    days, drawn = _draw(weekly)
    return Compiled(
        place[doors] if len(numbers) else doors,
        days,
        drawn,
        tuple(dated),
        (stations["status"] != "open").to_numpy(),
        *_closures(stations["closures"].tolist()),
    )


def states_at(compiled: Compiled, moment: datetime) -> NDArray[np.int8]:
    """Give the states of all stations at a moment: those of `stations.availability.at`.

    Parameters
    ----------
    moment
        Naive datetime in the city's own time.

    Returns
    -------
    ndarray
        Shape (n,), values of `geodata.hours.CODES`.

    Raises
    ------
    InvalidInputError
        When the moment carries a time zone or no calendar reaches it.
    """
    check_moment(moment)
    on, minute = moment.date(), moment.hour * 60 + moment.minute
    found = _of_doors(compiled, on, minute, day_of(on - _DAY).kind)[compiled.doors]
    was_shut = _closed_on(compiled, on - _DAY)
    if len(was_shut):
        found[was_shut] = _of_doors(compiled, on, minute, None, compiled.doors[was_shut])
    found[_closed_on(compiled, on)] = _CLOSED
    found[compiled.is_out] = _CLOSED
    return found


def _of_doors(
    compiled: Compiled,
    on: date,
    minute: int,
    before: DayKind | None,
    wanted: NDArray[np.int32] | None = None,
) -> NDArray[np.int8]:
    """Give the states of all doors, or of those wanted."""
    row = compiled.days[CONTEXTS[on.weekday(), day_of(on).kind, before]]
    dated: Iterable[int] = range(len(compiled.dated))
    if wanted is not None:
        dated = {int(k) - len(row) for k in wanted if k >= len(row)}
    weekly = compiled.drawn.at(row, minute)
    codes = np.concatenate([weekly, np.zeros(len(compiled.dated), np.int8)])
    for k in dated:
        day = compiled.dated[k].runs(on, is_shut_before=before is None)
        codes[len(row) + k] = code_at(day, minute)
    return codes if wanted is None else codes[wanted]


def _closed_on(compiled: Compiled, on: date) -> NDArray[np.int32]:
    day = on.toordinal()
    return compiled.closed_stations[(compiled.closed_from <= day) & (day <= compiled.closed_to)]


def _closures(column: Sequence[tuple[Closure, ...]]) -> Iterator[NDArray[np.int32]]:
    found = [
        (
            k,
            date.fromisoformat(closure.first_day).toordinal(),
            date.fromisoformat(closure.last_day).toordinal() if closure.last_day else _FOREVER,
        )
        for k, closures in enumerate(column)
        for closure in closures
    ]
    return iter(np.array(found, np.int32).reshape(-1, 3).T)


def _doors(stations: gpd.GeoDataFrame) -> Iterator[Door]:
    """Give the door of each station, without closures; the place only where the sun matters."""
    lon, lat = stations.geometry.x.to_numpy(), stations.geometry.y.to_numpy()
    columns = (stations[c] for c in ("hours", "staff_hours", "entry"))
    for k, (hours, staff_hours, entry) in enumerate(zip(*columns, strict=True)):
        texts = (hours, staff_hours) if entry in NEEDS_STAFF and staff_hours else (hours,)
        has_sun = any(text and read_hours(text).has_sun for text in texts)
        where = Place(lon_deg=float(lon[k]), lat_deg=float(lat[k])) if has_sun else None
        yield Door(texts=texts, place=where)


def _is_weekly(door: Door) -> bool:
    return all(not text or read_hours(text).is_weekly for text in door.texts)


def _draw(doors: Sequence[Door]) -> tuple[NDArray[np.int32], Drawn]:
    """Draw the days of weekly doors; equal days are drawn once."""
    numbers: dict[tuple[Run, ...], int] = {}
    table = np.zeros((len(CONTEXTS), len(doors)), np.int32)
    for column, door in enumerate(doors):
        table[:, column] = [numbers.setdefault(day, len(numbers)) for day in _days(door)]
    starts = [k * DAY_MIN + first for day, k in numbers.items() for first, _, _ in day]
    codes = [code for day in numbers for _, _, code in day]
    return table, Drawn(np.array(starts, np.int64), np.array(codes, np.int8))


def _days(door: Door) -> Iterator[tuple[Run, ...]]:
    """Give the day of a door in each context."""
    texts = [_Text(read_hours(text)) for text in door.texts if text]
    drawn: dict[tuple[tuple[Begun, Begun], ...], tuple[Run, ...]] = {}
    for context in CONTEXTS:
        key = tuple(text.begun(context) for text in texts)
        if key not in drawn:
            codes = [
                codes_on(text.hours, _MONDAY, nights, todays, place=None)
                for text, (nights, todays) in zip(texts, key, strict=True)
            ]
            if len(texts) < len(door.texts):
                codes.append(np.full(DAY_MIN, _UNKNOWN, np.int8))
            drawn[key] = runs(together(*codes) if len(codes) > 1 else codes[0])
        yield drawn[key]


class _Text:
    """A weekly text, with what begins on its days remembered."""

    def __init__(self, hours: Hours) -> None:
        self.hours = hours
        self._begun: dict[tuple[int, DayKind], Begun] = {}
        self._masks: dict[tuple[int, bool, bool], int] = {}

    def begun(self, context: Context) -> tuple[Begun, Begun]:
        """Give the nights that run into a day, and what begins on it."""
        weekday, kind, before = context
        befores = NOTHING if before is None else self._on((weekday - 1) % _WEEK, before)
        return nights_of(self.hours, befores), self._on(weekday, kind)

    def _on(self, weekday: int, kind: DayKind) -> Begun:
        key = (weekday, kind)
        if key not in self._begun:
            is_off = kind is DayKind.DAY_OFF
            self._begun[key] = under_each(
                self.hours, weekday, kind, lambda w, s: self._mask(w, is_off, s)
            )
        return self._begun[key]

    def _mask(self, weekday: int, is_off: bool, is_school_holiday: bool) -> int:
        key = (weekday, is_off, is_school_holiday)
        if key not in self._masks:
            on = _MONDAY + weekday * _DAY
            day = Day(on, weekday, {on} if is_off else frozenset(), is_school_holiday)
            self._masks[key] = self.hours.begins(day)
        return self._masks[key]

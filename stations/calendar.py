"""Public holidays of China and the working days moved for them (调休).

Every November the State Council announces the days off of the next year, and which Saturdays and
Sundays are worked for them. The announced years come from the `holidays` library; a year that is
not announced yet holds the days that the law names (国务院令第795号), and is marked as predicted:
nobody knows its moved working days.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInputError

if TYPE_CHECKING:
    from holidays import HolidayBase

FIRST_YEAR, LAST_YEAR = 2001, 2099
"""The years that the library knows: announced since 2001, the lunar calendar to 2100."""

MOVES_WITHIN_DAYS = 10
"""Days off and working days are moved no farther than this from a day off that the law names."""

_DAY = timedelta(days=1)
_SATURDAY = 5
_MOVED_FROM = re.compile(r"由 (\d{4}-\d{2}-\d{2}) 调休")
_ADDED_EN = re.compile(r" \((?:observed|estimated|observed, estimated)\)")
_ADDED_ZH = re.compile(r"（(?:补假|推定|补假，推定)）")
_PLAIN_WEEKENDS = frozenset({date(2024, 6, 8), date(2024, 6, 9)})
"""Weekends beside a holiday that the announcement only calls adjoining (与周末连休), not days off;
those of other years since 2019 are days off of the holiday."""


class DayKind(StrEnum):
    """What kind of day it is for offices."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    DAY_OFF = "day_off"
    MOVED_WORKDAY = "moved_workday"


KINDS = tuple(DayKind)
"""The kinds in the order of the integers of `kinds`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of the Chinese calendar.

    Attributes
    ----------
    kind
        ``workday``; ``weekend``; ``day_off``: any day off of a public holiday, its weekend
        included; ``moved_workday``: a Saturday or Sunday that is worked for a holiday.
    name_zh, name_en
        The holiday of a day off or a moved working day; else empty.
    is_predicted
        The calendar of its year is not announced yet, or not known here.
    """

    date: date
    kind: DayKind
    name_zh: str = ""
    name_en: str = ""
    is_predicted: bool = False

    @property
    def is_worked(self) -> bool:
        """Whether offices work."""
        return self.kind in (DayKind.WORKDAY, DayKind.MOVED_WORKDAY)

    @property
    def could_move(self) -> bool:
        """Whether the announcement, when it comes, may make it another kind of day."""
        return self.is_predicted and _is_near_holiday(self.date)


def day_of(on: date) -> Day:
    """Tell what kind of day a date is.

    Raises
    ------
    InvalidInputError
        When no calendar reaches the date.

    Examples
    --------
    >>> from datetime import date
    >>> day = day_of(date(2026, 9, 20))
    >>> str(day.kind), day.name_zh
    ('moved_workday', '国庆节')
    """
    return _year(on.year)[on]


def kinds(first: date, n_days: int) -> NDArray[np.int8]:
    """Tell the kinds of days that follow each other.

    Returns
    -------
    ndarray
        Shape (n_days,), places in `KINDS`.

    Raises
    ------
    InvalidInputError
        When no calendar reaches one of them.
    """
    last = first + (n_days - 1) * _DAY
    rows = [_kinds_of_year(year) for year in range(first.year, last.year + 1)]
    start = (first - date(first.year, 1, 1)).days
    return np.concatenate(rows)[start : start + n_days] if n_days > 0 else np.zeros(0, np.int8)


class PublicHolidays:
    """The days on which ``PH`` holds in China: all days off of public holidays."""

    def __contains__(self, on: object) -> bool:
        """Tell whether a date is one."""
        return isinstance(on, date) and day_of(on).kind is DayKind.DAY_OFF


@lru_cache(maxsize=64)
def _kinds_of_year(year: int) -> NDArray[np.int8]:
    found = np.array([KINDS.index(day.kind) for day in _year(year).values()], np.int8)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=64)
def _year(year: int) -> Mapping[date, Day]:
    """Give all days of a year, in order."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise InvalidInputError(
            "no calendar of public holidays reaches {year}; ask about {first} to {last}",
            year=year,
            first=FIRST_YEAR,
            last=LAST_YEAR,
        )
    named = _named(year)
    worked = _library("zh_CN", year).weekend_workdays
    is_predicted = not any(day.year == year for day in worked)  # every announcement moves some
    first = date(year, 1, 1)
    found = {}
    for k in range((date(year + 1, 1, 1) - first).days):
        on = first + k * _DAY
        zh, en = named.get(on, ("", ""))
        kind = DayKind.WEEKEND if on.weekday() >= _SATURDAY else DayKind.WORKDAY
        if on in worked:
            kind = DayKind.MOVED_WORKDAY
        elif zh:
            kind = DayKind.DAY_OFF
        found[on] = Day(date=on, kind=kind, name_zh=zh, name_en=en, is_predicted=is_predicted)
    return found


def _named(year: int) -> dict[date, tuple[str, str]]:
    """Give the names of days off and moved working days of a year.

    A holiday with the days off and the weekends that touch it is one; a moved working day has the
    name of the day off that it is worked for.
    """
    zh, en = _library("zh_CN", year), _library("en_US", year)
    off = sorted(zh)
    found = {
        day: (
            _ADDED_ZH.sub("", zh[day]).replace("; ", "、"),
            _ADDED_EN.sub("", en[day]).replace("; ", ", "),
        )
        for day in off
        if not _MOVED_FROM.search(zh[day])
    }
    moved: dict[date, date] = {}
    for day in off:
        source = _MOVED_FROM.search(zh[day])
        if source:
            moved[date.fromisoformat(source[1])] = day
    _spread(found, zh)
    for worked in zh.weekend_workdays:
        if worked.year == year:
            found[worked] = found[moved[worked]] if worked in moved else _nearest(found, worked)
    return found


def _spread(named: dict[date, tuple[str, str]], library: HolidayBase) -> None:
    """Give the days off beside a named one its name."""
    for step in (_DAY, -_DAY):
        for day in sorted(named, reverse=step < timedelta(0)):
            on = day + step
            while on not in named and not library.is_working_day(on) and on not in _PLAIN_WEEKENDS:
                named[on] = named[day]
                on += step


def _nearest(named: Mapping[date, tuple[str, str]], on: date) -> tuple[str, str]:
    return named[min(named, key=lambda day: (abs((day - on).days), day))]


def _is_near_holiday(on: date) -> bool:
    near = (on + k * _DAY for k in range(-MOVES_WITHIN_DAYS, MOVES_WITHIN_DAYS + 1))
    return any(day_of(day).kind is DayKind.DAY_OFF for day in near)


@lru_cache(maxsize=128)
def _library(language: str, year: int) -> HolidayBase:
    """Give the library's calendar of a year and of two on either side, for names and moved days."""
    import holidays  # here, since it takes a fifth of a second

    years = range(year - 2, year + 3)
    return holidays.country_holidays("CN", years=years, language=language, expand=False)

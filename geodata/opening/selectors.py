"""Which days a rule speaks of."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from dateutil.easter import easter  # type: ignore[import-untyped]  # has no types

_DAY = timedelta(days=1)
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Day:
    """A day, with the facts that are not in its date.

    Attributes
    ----------
    weekday
        0 is Monday. It may differ from that of the date, for a day that is worked like another one.
    public_holidays
        All public holidays around the date, as far as `PH` and its neighbours are asked for.
    is_school_holiday
        Whether ``SH`` holds.
    """

    on: date
    weekday: int
    public_holidays: Container[date] = frozenset()
    is_school_holiday: bool = False


class DaySelector(Protocol):
    """Something that holds on some days."""

    @property
    def is_weekly(self) -> bool:
        """Whether weekday and holidays of the day itself are all that matters."""
        ...

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        ...


@dataclass(frozen=True, slots=True)
class Weekdays:
    """``Mo-Fr``; bit 0 of `bits` is Monday."""

    bits: int
    is_weekly = True

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        return bool(self.bits >> day.weekday & 1)


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """``Mo[1,-1] +2 days``: by the true weekday, whatever the day is worked like."""

    weekday: int
    nths: tuple[int, ...]
    offset_days: int = 0
    is_weekly = False

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        on = day.on - self.offset_days * _DAY
        if on.weekday() != self.weekday:
            return False
        from_start = (on.day - 1) // 7 + 1
        from_end = -((days_of_month(on.year, on.month) - on.day) // 7 + 1)
        return from_start in self.nths or from_end in self.nths


@dataclass(frozen=True, slots=True)
class PublicHoliday:
    """``PH``, ``PH +1 day``: the day after a public holiday."""

    offset_days: int = 0

    @property
    def is_weekly(self) -> bool:
        """Whether weekday and holidays of the day itself are all that matters."""
        return self.offset_days == 0

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        return day.on - self.offset_days * _DAY in day.public_holidays


@dataclass(frozen=True, slots=True)
class SchoolHoliday:
    """``SH``."""

    is_weekly = True

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        return day.is_school_holiday


@dataclass(frozen=True, slots=True)
class Years:
    """``2026-2030/2``; `step` 1 means every year."""

    first: int
    last: int
    step: int = 1
    is_weekly = False

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        year = day.on.year
        return self.first <= year <= self.last and (year - self.first) % self.step == 0


@dataclass(frozen=True, slots=True)
class Weeks:
    """``week 10-20/2``, weeks of ISO 8601; `last` before `first` goes round the new year."""

    first: int
    last: int
    step: int = 1
    is_weekly = False

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        week = day.on.isocalendar().week
        if self.first <= self.last:
            return self.first <= week <= self.last and (week - self.first) % self.step == 0
        return week >= self.first or week <= self.last


@dataclass(frozen=True, slots=True)
class Months:
    """``May-Sep``; `year` None means every year, `last` before `first` goes round the new year."""

    first: int
    last: int
    year: int | None = None
    is_weekly = False

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        if self.year is not None and day.on.year != self.year:
            return False
        month = day.on.month
        if self.first <= self.last:
            return self.first <= month <= self.last
        return month >= self.first or month <= self.last


@dataclass(frozen=True, slots=True)
class Point:
    """One date of a year: ``Jan 15``, ``Oct Su[-1]``, ``easter``, each ``+1 day``.

    Attributes
    ----------
    year
        None for every year.
    month
        0 for Easter.
    day
        Day of the month, or 0 where `weekday` and `nth` give it. 29 February is the 28th in years
        without it.
    """

    year: int | None
    month: int
    day: int = 0
    weekday: int = 0
    nth: int = 0
    offset_days: int = 0

    def on(self, year: int) -> date | None:
        """Give the date in a year; None where the month has no such weekday."""
        found = self._plain(self.year or year)
        return None if found is None else found + self.offset_days * _DAY

    def _plain(self, year: int) -> date | None:
        if not self.month:
            found: date = easter(year)
            return found
        length = days_of_month(year, self.month)
        if self.day:
            return date(year, self.month, min(self.day, length))
        first = 1 + (self.weekday - date(year, self.month, 1).weekday()) % 7
        day = first + 7 * (self.nth - 1)
        if self.nth < 0:
            day = first + 7 * ((length - first) // 7 + 1 + self.nth)
        return date(year, self.month, day) if 1 <= day <= length else None


@dataclass(frozen=True, slots=True)
class Dates:
    """``Jan 15``, ``Oct 01-07``, ``Dec 20-Jan 05``, ``2026 Dec 24-2027 Jan 02``, both inclusive.

    Without years, a last date before the first goes round the new year.
    """

    first: Point
    last: Point
    is_weekly = False

    def holds(self, day: Day) -> bool:
        """Tell whether it holds on a day."""
        on = day.on
        if self.first == self.last and self.first.day == 29 and self.first.month == 2:
            return (on.month, on.day) == (2, 29) and on.year == (self.first.year or on.year)
        first, last = self.first.on(on.year), self.last.on(on.year)
        if first is None or last is None:
            return False
        if first <= last:
            return first <= on <= last
        return self.first.year is None and (on >= first or on <= last)


def days_of_month(year: int, month: int) -> int:
    """Give the number of days of a month, 1 to 12."""
    following = date(year + 1, 1, 1) if month == _DECEMBER else date(year, month + 1, 1)
    return (following - _DAY).day

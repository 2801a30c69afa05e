"""Read which days a rule speaks of."""

from __future__ import annotations

from dataclasses import replace

from geodata.opening.reader import Reader
from geodata.opening.selectors import (
    Dates,
    DaySelector,
    Months,
    NthWeekday,
    Point,
    PublicHoliday,
    SchoolHoliday,
    Weekdays,
    Weeks,
    Years,
    days_of_month,
)
from geodata.opening.tokens import MONTHS, WEEKDAYS, UnreadableError

Group = tuple[DaySelector, ...]

_LAST_YEAR = 9999
_WIDE = ("week", "dates", "year")
_LEAP_YEAR = 2024
_WEEK_DAYS, _NTH_MOST, _WEEKS_MOST = 7, 5, 53


def read_days(reader: Reader) -> tuple[Group, ...]:
    """Read selectors of days, wide ones and weekdays in any order.

    Returns
    -------
    tuple
        Groups of selectors: on the days meant, one of each group holds.

    Raises
    ------
    UnreadableError
        When what follows looks like a selector of days and is none.
    """
    groups: list[Group] = []
    kinds: list[str] = []
    while (kind := _kind(reader)) is not None:
        if kind in kinds:  # nobody knows whether Mo Tu means both or either
            raise UnreadableError(reader.peek().at)
        kinds.append(kind)
        read = {
            "weekday": _weekday_list,
            "holiday": _weekday_list,
            "week": _weeks,
            "dates": _dates,
            "year": _years,
        }[kind]
        groups.append(tuple(read(reader)))
        if kind in _WIDE:
            reader.takes(":")  # "May-Aug: 07:30-21:00", allowed for readability
    return tuple(groups)


def _kind(reader: Reader) -> str | None:
    kind = reader.peek().kind
    if kind in ("month", "easter"):
        return "dates"
    if kind == "year":
        return "dates" if _is_date(reader, 1) else "year"
    return kind if kind in ("weekday", "holiday", "week") else None


def _is_date(reader: Reader, ahead: int) -> bool:
    """Tell whether one date follows, not only a month."""
    first, second, third = (reader.peek(ahead + k) for k in range(3))
    if first.kind != "month":
        return first.kind == "easter"
    is_nth = second.kind == "weekday" and third.text == "["
    return second.kind == "number" or (is_nth and _is_range_after(reader, ahead + 3))


def _is_range_after(reader: Reader, ahead: int) -> bool:
    """Tell whether Oct Su[-1] is the first of a range; Jan Su[1] is a month and a weekday."""
    while reader.peek(ahead).text not in ("]", ""):
        ahead += 1
    ahead += 4 if reader.peek(ahead + 3).kind == "days" else 1
    return reader.peek(ahead).text == "-" and reader.peek(ahead + 1).kind in (
        "month", "year", "easter",
    )  # fmt: skip


def _weekday_list(reader: Reader) -> list[DaySelector]:
    found = [_weekday(reader)]
    while reader.sees(",", "weekday") or reader.sees(",", "holiday"):
        reader.take(",")
        found.append(_weekday(reader))
    return found


def _weekday(reader: Reader) -> DaySelector:
    if reader.sees("holiday"):
        if reader.take("holiday").text == "SH":
            return SchoolHoliday()
        return PublicHoliday(reader.offset_days())
    first = WEEKDAYS.index(reader.take("weekday").text)
    if reader.sees("["):
        return NthWeekday(first, _nths(reader), reader.offset_days())
    last = first
    if reader.takes("-"):
        last = WEEKDAYS.index(reader.take("weekday").text)
    n_days = (last - first) % _WEEK_DAYS + 1
    return Weekdays(sum(1 << (first + k) % _WEEK_DAYS for k in range(n_days)))


def _nths(reader: Reader) -> tuple[int, ...]:
    """Read ``[1]``, ``[-1]``, ``[1-2,4]``."""
    reader.take("[")
    found: list[int] = []
    while True:
        is_from_end = reader.takes("-")
        first = reader.number(1, _NTH_MOST)
        last = first
        if not is_from_end and reader.takes("-"):
            last = reader.number(first, _NTH_MOST)
        found.extend(-n if is_from_end else n for n in range(first, last + 1))
        if not reader.takes(","):
            reader.take("]")
            return tuple(found)


def _weeks(reader: Reader) -> list[DaySelector]:
    reader.take("week")
    found: list[DaySelector] = []
    while True:
        first = reader.number(1, _WEEKS_MOST)
        last = reader.number(1, _WEEKS_MOST) if reader.takes("-") else first
        step = _step(reader) if first <= last else 1
        found.append(Weeks(first, last, step))
        if not reader.sees(",", "number"):
            return found
        reader.take(",")


def _years(reader: Reader) -> list[DaySelector]:
    found: list[DaySelector] = []
    while True:
        first = last = int(reader.take("year").text)
        if reader.takes("-"):
            last = reader.number(first, _LAST_YEAR, kind="year")
        elif reader.takes("+") or reader.sees("/"):
            last = _LAST_YEAR
        found.append(Years(first, last, _step(reader)))
        if not reader.sees(",", "year"):
            return found
        reader.take(",")


def _step(reader: Reader) -> int:
    return reader.number(1, 99) if reader.takes("/") else 1


def _dates(reader: Reader) -> list[DaySelector]:
    found = _date(reader)
    while reader.sees(",") and (
        reader.peek(1).kind in ("month", "easter")
        or (reader.peek(1).kind == "year" and _is_date(reader, 2))
    ):
        reader.take(",")
        found += _date(reader)
    return found


def _date(reader: Reader) -> list[DaySelector]:
    """Read a month, a date, or a range of either."""
    if not _is_date(reader, 1 if reader.sees("year") else 0):
        return [_months(reader)]
    first = _point(reader)
    if reader.takes("-"):
        if reader.sees("number") and first.day:
            return _days_of_month(reader, first)
        return [_range(first, _point(reader), reader)]
    if reader.takes("+"):
        return [Dates(first, Point(first.year, 12, 31))]
    return [Dates(first, first), *_more_days(reader, first)]


def _range(first: Point, last: Point, reader: Reader) -> Dates:
    if last.year is not None and (first.year is None or last.year < first.year):
        raise UnreadableError(reader.peek().at)
    if first.year is not None and last.year is None:
        begin, end = first.on(first.year), last.on(first.year)
        is_next_year = begin is not None and end is not None and end < begin
        last = replace(last, year=first.year + is_next_year)
    return Dates(first, last)


def _days_of_month(reader: Reader, first: Point) -> list[DaySelector]:
    """Read the end of ``Jan 05-10``, and more days of the month."""
    if first.offset_days:
        raise UnreadableError(reader.peek().at)
    last = reader.number(first.day, days_of_month(_LEAP_YEAR, first.month))
    return [Dates(first, Point(first.year, first.month, last)), *_more_days(reader, first)]


def _more_days(reader: Reader, first: Point) -> list[DaySelector]:
    """Read the rest of ``Jan 05,07-09``."""
    found: list[DaySelector] = []
    while reader.sees(",", "number"):
        reader.take(",")
        day = _day_of_month(reader, first.month)
        last = day
        if reader.takes("-"):
            last = reader.number(day, days_of_month(_LEAP_YEAR, first.month))
        found.append(
            Dates(Point(first.year, first.month, day), Point(first.year, first.month, last))
        )
    return found


def _point(reader: Reader) -> Point:
    """Read ``Jan 15``, ``Oct Su[-1]``, ``easter``, each with a year before and days after."""
    year = int(reader.take("year").text) if reader.sees("year") else None
    if reader.takes("easter"):
        return Point(year, 0, offset_days=reader.offset_days())
    month = MONTHS.index(reader.take("month").text) + 1
    if reader.sees("weekday"):
        weekday = WEEKDAYS.index(reader.take("weekday").text)
        at = reader.peek().at
        nths = _nths(reader)
        if len(nths) > 1:
            raise UnreadableError(at)
        return Point(year, month, weekday=weekday, nth=nths[0], offset_days=reader.offset_days())
    return Point(year, month, _day_of_month(reader, month), offset_days=reader.offset_days())


def _day_of_month(reader: Reader, month: int) -> int:
    return reader.number(1, days_of_month(_LEAP_YEAR, month))


def _months(reader: Reader) -> Months:
    year = int(reader.take("year").text) if reader.sees("year") else None
    first = last = MONTHS.index(reader.take("month").text) + 1
    if reader.sees("-", "month"):
        reader.take("-")
        last = MONTHS.index(reader.take("month").text) + 1
    return Months(first, last, year)

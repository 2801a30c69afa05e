"""The calendar of public holidays and moved working days."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import holidays
import numpy as np
import pytest

from geodata.errors import InvalidInputError
from stations.calendar import (
    FIRST_YEAR,
    KINDS,
    LAST_YEAR,
    MOVES_WITHIN_DAYS,
    DayKind,
    PublicHolidays,
    day_of,
    kinds,
)

ONE = timedelta(days=1)
NAMES = {
    "New Year's Day": {"元旦"},
    "Spring Festival": {"春节", "农历除夕", "春节延长假期"},
    "Tomb-sweeping Day": {"清明节"},
    "Labour Day": {"劳动节"},
    "Dragon Boat Festival": {"端午节"},
    "Mid-autumn Festival": {"中秋节"},
    "National Day": {"国庆节"},
}
STATUTORY = [
    "2027-01-01", "2027-02-05", "2027-02-06", "2027-02-07", "2027-02-08", "2027-04-05",
    "2027-05-01", "2027-05-02", "2027-06-09", "2027-09-15", "2027-10-01", "2027-10-02",
    "2027-10-03",
]  # fmt: skip
"""The 13 days of 2027 that the law of 2024 (国务院令第795号) names; lunar dates by the almanac."""


def days(first: date, last: date) -> list[date]:
    return [first + k * ONE for k in range((last - first).days + 1)]


ANNOUNCED = days(date(2020, 1, 1), date(2026, 12, 31))


def test_every_day_of_2020_to_2026_is_what_was_announced() -> None:
    """All 2,557 days: worked or not, of a holiday or not, as another library has them."""
    wrong = []
    for day in ANNOUNCED:
        is_off, name = chinese_calendar.get_holiday_detail(day)
        expected = {
            (True, True): DayKind.DAY_OFF,
            (True, False): DayKind.WEEKEND,
            (False, True): DayKind.MOVED_WORKDAY,
            (False, False): DayKind.WORKDAY,
        }[is_off, name is not None]
        found = day_of(day)
        if (found.kind, found.is_worked, found.is_predicted) != (expected, not is_off, False):
            wrong.append((day, found, expected))
    assert len(ANNOUNCED) == 2557
    assert wrong == []


def test_every_holiday_of_2020_to_2026_has_its_name() -> None:
    """A day off and the day worked for it carry one of the names of the same holiday; others none.

    Where the Mid-Autumn Festival falls into the days off of the National Day, either name is right.
    """
    for day in ANNOUNCED:
        _, theirs = chinese_calendar.get_holiday_detail(day)
        found = day_of(day)
        if theirs is None:
            assert (found.name_zh, found.name_en) == ("", ""), day
            continue
        allowed = NAMES[theirs]
        if theirs == "National Day" and day.year in (2020, 2023, 2025):
            allowed = allowed | {"中秋节"}
        assert set(found.name_zh.split("、")) <= allowed, day
        assert found.name_en, day


def test_the_moved_working_days_of_2026() -> None:
    """The six of the State Council's announcement of November 2025, each for its holiday."""
    moved = [day_of(d) for d in ANNOUNCED if d.year == 2026]
    assert [
        (str(d.date), d.name_zh) for d in moved if d.kind is DayKind.MOVED_WORKDAY
    ] == [
        ("2026-01-04", "元旦"), ("2026-02-14", "春节"), ("2026-02-28", "春节"),
        ("2026-05-09", "劳动节"), ("2026-09-20", "国庆节"), ("2026-10-10", "国庆节"),
    ]  # fmt: skip


def test_weekend_of_a_holiday_is_a_day_off() -> None:
    """National Day 2026 lasts from 1 to 7 October, its Saturday and Sunday included."""
    week = [day_of(d) for d in days(date(2026, 9, 30), date(2026, 10, 8))]
    assert [d.kind for d in week] == [DayKind.WORKDAY, *[DayKind.DAY_OFF] * 7, DayKind.WORKDAY]
    assert {d.name_en for d in week[1:8]} == {"National Day"}


@pytest.mark.parametrize("text", STATUTORY)
def test_statutory_days_of_a_year_not_announced_are_predicted(text: str) -> None:
    """The law names them whatever is announced; they are marked as predicted."""
    found = day_of(date.fromisoformat(text))
    assert (found.kind, found.is_predicted) == (DayKind.DAY_OFF, True)


def test_years_not_announced_have_no_moved_working_days_and_say_so() -> None:
    """Nobody knows them: each day of 2028 is marked, and none is moved."""
    year = [day_of(d) for d in days(date(2028, 1, 1), date(2028, 12, 31))]
    assert all(d.is_predicted for d in year)
    assert not any(d.kind is DayKind.MOVED_WORKDAY for d in year)


def test_days_that_may_still_move_are_those_near_a_holiday() -> None:
    """In every announced year no day moved farther than that from a day that the law names.

    So a July day of 2027 is settled, the Saturday after the National Day is not.
    """
    law = holidays.country_holidays(
        "CN", years=range(2013, 2028), observed=False, language="zh_CN", expand=False
    )
    own = [d for d, name in law.items() if "由" not in name]
    for day in days(date(2014, 1, 1), date(2026, 12, 31)):
        plain = DayKind.WEEKEND if day.weekday() > 4 else DayKind.WORKDAY
        if day_of(day).kind is not plain:
            assert min(abs((day - d).days) for d in own) <= MOVES_WITHIN_DAYS, day
    assert not day_of(date(2027, 7, 7)).could_move
    assert day_of(date(2027, 10, 9)).could_move
    assert not day_of(date(2026, 10, 10)).could_move


def test_kinds_are_those_of_each_day() -> None:
    """The array says what the days say, across new years too, and is empty for no days."""
    first = date(2025, 12, 20)
    found = kinds(first, 800)
    assert [KINDS[k] for k in found] == [day_of(first + k * ONE).kind for k in range(800)]
    assert kinds(first, 0).shape == (0,)
    assert found.dtype == np.int8


def test_public_holidays_are_the_days_off() -> None:
    """``PH`` holds on days off, not on moved working days nor on plain weekends."""
    assert date(2026, 10, 4) in PublicHolidays()
    assert date(2026, 10, 10) not in PublicHolidays()
    assert date(2026, 10, 17) not in PublicHolidays()


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1])
def test_years_that_no_calendar_reaches_are_refused(year: int) -> None:
    """Beyond the library's lunar calendar there is no answer, rather than one without holidays."""
    with pytest.raises(InvalidInputError, match=str(LAST_YEAR)):
        day_of(date(year, 6, 1))

"""Which texts are read as ``opening_hours``, and what a text says about a day."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest

from geodata.errors import InvalidInputError
from geodata.hours import Place, intervals, read_hours

MONDAY = date(2026, 9, 14)


def opened(text: str, on: date = MONDAY, **facts) -> str:
    """Give the open and unsure stretches of a day as ``09:00-12:00, 14:00-24:00?``."""
    start = datetime(on.year, on.month, on.day)
    end = start + timedelta(days=1)
    parts = [p for p in intervals(text, start, end, **facts) if str(p.state) != "closed"]
    return ", ".join(
        f"{p.start:%H:%M}-{'24:00' if p.end == end else format(p.end, '%H:%M')}"
        f"{'?' if str(p.state) == 'unknown' else ''}"
        for p in parts
    )


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Fr 09:00-17:00", "mo-fr 9:00-17:00", "24/7", "off", "unknown", '"on request"',
        "Mo-Fr 09:00-12:00,14:00-17:00; Sa 10:00-12:00; PH off", "Mo - Fr 09:00 - 17:00",
        "May-Sep: 08:00-20:00", "2026Jan-Mar", "2026 Oct 01-07 off", "Dec 24-Jan 02 off",
        "2026 Dec 24-Jan 02 off", "Jan 15 09:00-17:00", "Jan 05,07-09", "Dec 25+", "easter -2 days",
        "Apr Su[1]-Oct Su[-1] 10:00-18:00", "Jan Su[1],Fr 10:00-12:00", "week 01-53/2 Mo",
        "week 50-02", "2026-2030/2", "2026+", "Mo[1,3],Fr[-1] 10:00-12:00", "Mo[1] +2 days",
        "PH -1 day 09:00-12:00", "SH,PH Mo-Fr 10:00-16:00", "17:00+", "10:00-16:00+",
        "22:00-26:00", "sunrise-(sunset-01:30)", 'Mo-Fr 08:00-12:00 || "by phone"',
        "Mo-Fr 08:00-12:00, Sa 08:00-10:00", "Mo 10:00-12:00;",
    ],
)  # fmt: skip
def test_the_syntax_is_read(text: str) -> None:
    """All of the grammar, in any case of letters and with spaces at will."""
    assert read_hours(text).rules


@pytest.mark.parametrize(
    "text",
    [
        "by appointment maybe", "Monday 09:00-17:00", "Mo-Fr 09:00", "Mo-Fr 9-17", "09:00-17:60",
        "24:00-26:00", "23:00-49:00", "Mo[6] 10:00-12:00", "Mo[0]", "Feb 30", "Jan 20-10",
        "week 54", "week 0", "2026-2025", "Mo Tu 10:00-12:00", "Mo-Fr, 10:00-12:00",
        "Mo 10:00-12:00,", "; ", "|| Mo", "Mo 10:00-12:00 ||", "09:00-12:00/01:30", '"open',
        "Mo-Fr 09:00-12:00 14:00-17:00", "Jan 01-2027 Feb 01", "（周一）", "９:00-17:00",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_refused(text: str) -> None:
    """Half-understood hours would send somebody to a closed door; the error shows the form."""
    with pytest.raises(InvalidInputError, match="Mo-Fr 09:00-17:00"):
        read_hours(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 09:00-17:00; Mo 10:00-12:00", "10:00-12:00"),
        ("Mo-Fr 09:00-17:00; Mo off", ""),
        ("Mo-Fr 09:00-17:00; Mo 12:00-13:00 off", "09:00-12:00, 13:00-17:00"),
        ("Mo-Fr 09:00-17:00, Mo 19:00-21:00", "09:00-17:00, 19:00-21:00"),
        ("Mo-Fr 08:00-12:00; 14:00-18:00", "08:00-12:00, 14:00-18:00"),
        ("10:00-12:00; 14:00-16:00", "14:00-16:00"),
        ('Mo-Fr 09:00-12:00 || "by phone"', "00:00-09:00?, 09:00-12:00, 12:00-24:00?"),
        ('Mo-Fr 09:00-12:00 "ring the bell"', "09:00-12:00?"),
        ('Mo-Fr 09:00-12:00 open "ring the bell"', "09:00-12:00"),
        ("17:00+", "00:00-03:00?, 17:00-24:00?"),
        ("22:00+", "00:00-06:00?, 22:00-24:00?"),
        ("10:00+", "10:00-24:00?"),
        ("10:00-16:00+", "10:00-16:00, 16:00-24:00?"),
        ("07:00+,12:00-16:00", "07:00-12:00?, 12:00-16:00"),
        ("00:00-00:00", "00:00-24:00"),
        ("Mo 20:00-26:00", "20:00-24:00"),
        ("Su 20:00-26:00", "00:00-02:00"),
        ("Su 20:00-02:00; Mo 10:00-12:00", "10:00-12:00"),
        ("Su 20:00-02:00, Mo 10:00-12:00", "00:00-02:00, 10:00-12:00"),
        ("Mo 20:00-02:00; Tu 10:00-12:00", "20:00-24:00"),
        ("Fr-Mo", "00:00-24:00"),
        ("Tu-Su", ""),
    ],
)
def test_rules_of_a_day_go_together(text: str, expected: str) -> None:
    """A later rule replaces, ``,`` adds, ``||`` fills, ``off`` cuts out; a night runs on."""
    assert opened(text) == expected


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Oct 01-07 09:00-10:00", "2026-10-01", "2026-10-07"),
        ("Dec 30-Jan 02 09:00-10:00", "2026-12-30", "2027-01-02"),
        ("2026 Dec 30-2027 Jan 02 09:00-10:00", "2026-12-30", "2027-01-02"),
        ("2026 Dec 30-Jan 02 09:00-10:00", "2026-12-30", "2027-01-02"),
        ("Oct 09:00-10:00", "2026-10-01", "2026-10-31"),
        ("Nov-Feb 09:00-10:00", "2026-11-01", "2027-02-28"),
        ("2026 Nov-Dec 09:00-10:00", "2026-11-01", "2026-12-31"),
        ("week 40 09:00-10:00", "2026-09-28", "2026-10-04"),
        ("week 53-01 09:00-10:00", "2026-12-28", "2027-01-10"),
        ("2027 09:00-10:00", "2027-01-01", "2027-12-31"),
        ("easter 09:00-10:00", "2026-04-05", "2026-04-05"),
        ("Mo[1] 09:00-10:00", "2026-10-05", "2026-10-05"),
        ("Th[-1] +1 day 09:00-10:00", "2026-10-30", "2026-10-30"),
        ("Oct Su[1]-Oct Su[-1] 09:00-10:00", "2026-10-04", "2026-10-25"),
        ("Dec 25+ 09:00-10:00", "2026-12-25", "2026-12-31"),
    ],
)
def test_dates_hold_from_their_first_to_their_last_day(text: str, first: str, last: str) -> None:
    """Both ends are inclusive: open on them, not on the day before nor on the day after."""
    one = timedelta(days=1)
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    assert (opened(text, begin), opened(text, end)) == ("09:00-10:00", "09:00-10:00")
    assert (opened(text, begin - one), opened(text, end + one)) == ("", "")


@pytest.mark.parametrize(("year", "expected"), [(2028, "09:00-10:00"), (2026, "")])
def test_29_february_exists_in_leap_years_only(year: int, expected: str) -> None:
    """The day itself is never moved; as the end of a range it is the last day of February."""
    last = date(year, 3, 1) - timedelta(days=1)
    assert opened("Feb 29 09:00-10:00", last) == expected
    assert opened("Feb 20-29 09:00-10:00", last) == "09:00-10:00"
    assert opened("Feb 20-29 09:00-10:00", date(year, 3, 1)) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr 09:00-17:00; PH off", ""),
        ("Mo-Fr 09:00-17:00; PH 10:00-12:00", "10:00-12:00"),
        ("Sa,PH 10:00-12:00", "10:00-12:00"),
        ("PH Mo-Fr 10:00-12:00", "10:00-12:00"),
        ("PH Sa-Su 10:00-12:00", ""),
        ("SH 10:00-12:00", "10:00-12:00"),
        ("SH,PH Tu 10:00-12:00", ""),
        ("PH +1 day 10:00-12:00", ""),
        ("PH -1 day 10:00-12:00", ""),
    ],
)
def test_holidays_are_what_the_caller_says(text: str, expected: str) -> None:
    """The Monday is a holiday of both kinds because the caller says so; the next day is none."""
    facts = {"public_holidays": {MONDAY}, "school_holidays": {MONDAY}}
    assert opened(text, **facts) == expected
    assert opened("Tu 10:00-12:00; PH off; SH off", MONDAY + timedelta(days=1), **facts) == (
        "10:00-12:00"
    )


def test_the_days_beside_a_holiday() -> None:
    """``PH +1 day`` is the day after, ``PH -1 day`` the day before."""
    for text, on in (("PH +1 day", MONDAY + timedelta(1)), ("PH -1 day", MONDAY - timedelta(1))):
        assert opened(f"{text} 10:00-12:00", on, public_holidays={MONDAY}) == "10:00-12:00"


def test_the_sun_rises_where_the_place_is() -> None:
    """Kashgar's sun is two and a half hours behind Zhengzhou's; without a place nobody knows."""
    zhengzhou = Place(lon_deg=113.66, lat_deg=34.75)
    kashgar = Place(lon_deg=75.99, lat_deg=39.47)
    assert re.fullmatch("06:0.-18:3.", opened("sunrise-sunset", place=zhengzhou))
    assert re.fullmatch("08:..-21:..", opened("sunrise-sunset", place=kashgar))
    assert opened("sunrise-sunset") == "03:00-23:00?"
    assert re.fullmatch("00:00-06:0., 18:3.-24:00", opened("sunset-sunrise", place=zhengzhou))

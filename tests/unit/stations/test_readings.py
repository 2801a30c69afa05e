"""What hours mean on public holidays and moved working days: each row of the table, on its bounds.

The National Day of 2026 lasts from Thursday 1 to Wednesday 7 October; Sunday 20 September and
Saturday 10 October are worked for it.
"""

from __future__ import annotations

from datetime import datetime

import pytest

from stations.availability import State, of_hours

OFFICE = "Mo-Fr 09:00-17:00"
NIGHT = "Mo-Fr 20:00-04:00"


def said(text: str, moment: str) -> tuple[str, str]:
    found = of_hours(text, datetime.fromisoformat(moment))
    return str(found.state), found.why


@pytest.mark.parametrize(
    ("text", "moment", "state", "why"),
    [
        # Workday and weekend: the day itself.
        (OFFICE, "2026-09-21T09:00", "open", "hours"),
        (OFFICE, "2026-09-19T10:00", "closed", "hours"),
        # Day off, PH named: PH holds, on the weekend of the holiday too.
        (OFFICE + "; PH off", "2026-10-01T09:00", "closed", "public_holiday"),
        (OFFICE + "; PH off", "2026-09-30T16:59", "open", "hours"),
        (OFFICE + "; PH off", "2026-10-07T16:59", "closed", "public_holiday"),
        (OFFICE + "; PH off", "2026-10-08T09:00", "open", "hours"),
        ("Mo-Su 09:00-17:00; PH off", "2026-10-04T10:00", "closed", "public_holiday"),
        (OFFICE + "; PH 10:00-12:00", "2026-10-04T09:59", "closed", "public_holiday"),
        (OFFICE + "; PH 10:00-12:00", "2026-10-04T10:00", "open", "public_holiday"),
        (OFFICE + "; PH 10:00-12:00", "2026-10-04T12:00", "closed", "hours"),
        # Day off, PH not named: a working day, or like a Saturday or a Sunday.
        (OFFICE, "2026-10-01T08:59", "closed", "hours"),
        (OFFICE, "2026-10-01T09:00", "unknown", "public_holiday_not_stated"),
        (OFFICE, "2026-10-01T16:59", "unknown", "public_holiday_not_stated"),
        (OFFICE, "2026-10-01T17:00", "closed", "hours"),
        (OFFICE, "2026-10-08T09:00", "open", "hours"),
        ("Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00", "2026-10-01T10:00", "open", "hours"),
        (
            "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00",
            "2026-10-01T09:59",
            "unknown",
            "public_holiday_not_stated",
        ),
        ("Mo-Su 08:00-20:00", "2026-10-01T19:59", "open", "hours"),
        ("24/7", "2026-10-01T03:00", "open", "always_open"),
        ("Mo-Sa 08:00-20:00", "2026-10-01T10:00", "unknown", "public_holiday_not_stated"),
        # Moved working day, nothing on weekends: like Monday to Friday, PH does not hold.
        (OFFICE, "2026-09-20T08:59", "closed", "moved_working_day"),
        (OFFICE, "2026-09-20T09:00", "open", "moved_working_day"),
        (OFFICE, "2026-09-20T16:59", "open", "moved_working_day"),
        (OFFICE, "2026-09-20T17:00", "closed", "hours"),
        (OFFICE + "; PH off", "2026-09-20T10:00", "open", "moved_working_day"),
        (OFFICE + "; Sa-Su off; PH off", "2026-10-10T10:00", "open", "moved_working_day"),
        (OFFICE, "2026-09-27T10:00", "closed", "hours"),
        (
            "Mo-Th 09:00-17:00; Fr 09:00-12:00",
            "2026-09-20T12:00",
            "unknown",
            "moved_working_day_unclear",
        ),
        ("Mo-Th 09:00-17:00; Fr 09:00-12:00", "2026-09-20T11:59", "open", "moved_working_day"),
        ("May-Sep Mo-Fr 08:00-18:00", "2026-09-20T17:59", "open", "moved_working_day"),
        ("May-Sep Mo-Fr 08:00-18:00", "2026-10-10T10:00", "closed", "never_opens"),
        # Moved working day, open on weekends: nobody knows which hours hold.
        ("Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00", "2026-09-20T10:00", "open", "hours"),
        (
            "Mo-Fr 09:00-17:00; Sa-Su 10:00-16:00",
            "2026-09-20T16:00",
            "unknown",
            "moved_working_day_unclear",
        ),
        ("Sa-Su 10:00-16:00", "2026-09-20T12:00", "unknown", "moved_working_day_unclear"),
        ("Mo-Sa 09:00-17:00", "2026-09-20T12:00", "unknown", "moved_working_day_unclear"),
        ("Mo-Sa 09:00-17:00", "2026-10-10T12:00", "open", "hours"),
        ("Mo-Su 09:00-17:00", "2026-09-20T12:00", "open", "hours"),
        # School holidays: no calendar of them is known.
        ("Mo-Fr 09:00-17:00; SH off", "2026-09-14T09:00", "unknown", "school_holidays_unknown"),
        ("Mo-Fr 09:00-17:00; SH off", "2026-09-14T08:59", "closed", "hours"),
        ("Mo-Fr 09:00-17:00; SH 09:00-12:00", "2026-09-14T11:59", "open", "hours"),
    ],
)
def test_row_of_the_table(text: str, moment: str, state: str, why: str) -> None:
    """Each row holds from its first minute to its last, and the answer says why."""
    assert said(text, moment) == (state, why)


@pytest.mark.parametrize(
    ("text", "moment", "state"),
    [
        # Out of a working day into the holiday: the night goes on.
        (NIGHT, "2026-10-01T03:59", "open"),
        (NIGHT, "2026-10-01T04:00", "closed"),
        # A rule for the holiday cuts it at midnight.
        (NIGHT + "; PH off", "2026-09-30T23:59", "open"),
        (NIGHT + "; PH off", "2026-10-01T00:00", "closed"),
        # Out of the holiday into a working day: the night did not begin.
        (NIGHT + "; PH off", "2026-10-07T23:59", "closed"),
        (NIGHT + "; PH off", "2026-10-08T00:00", "closed"),
        (NIGHT + "; PH off", "2026-10-08T20:00", "open"),
        (NIGHT, "2026-10-07T23:59", "unknown"),
        (NIGHT, "2026-10-08T00:00", "unknown"),
        (NIGHT, "2026-10-08T04:00", "closed"),
        # Out of a moved working Sunday into Monday; out of Saturday into it: nothing.
        (NIGHT, "2026-09-20T03:00", "closed"),
        (NIGHT, "2026-09-20T20:00", "open"),
        (NIGHT, "2026-09-21T03:59", "open"),
        # Out of an ordinary Friday into a moved working Saturday.
        (NIGHT, "2026-10-10T03:59", "open"),
        (NIGHT, "2026-10-11T03:59", "open"),
        (NIGHT, "2026-10-12T03:59", "closed"),
        # Another rule replaces the evening: no night.
        ("Mo-Su 20:00-04:00; We 10:00-12:00", "2026-09-17T02:00", "closed"),
        ("Mo-Su 20:00-04:00; We 10:00-12:00", "2026-09-16T02:00", "closed"),
        ("Mo-Su 20:00-04:00; We 10:00-24:00", "2026-09-16T23:59", "open"),
        ("Mo-Su 20:00-04:00; We 10:00-24:00", "2026-09-17T02:00", "closed"),
        ("Mo-Su 20:00-04:00, We 10:00-12:00", "2026-09-17T02:00", "open"),
    ],
)
def test_nights_into_and_out_of_holidays(text: str, moment: str, state: str) -> None:
    """A night belongs to the day on which it begins, and only what began goes on."""
    assert said(text, moment)[0] == state


def test_the_holiday_that_decides_is_named() -> None:
    """The answer names the holiday of a day off and of the day worked for it."""
    for moment in ("2026-09-20T10:00", "2026-10-01T10:00"):
        day = of_hours(OFFICE, datetime.fromisoformat(moment)).day
        assert day is not None
        assert (day.name_zh, day.name_en) == ("国庆节", "National Day")
    assert of_hours(OFFICE, datetime(2026, 9, 21, 10)).day is None


def test_closing_and_opening_look_past_the_holiday() -> None:
    """On the eve of the holiday the next opening is after it; before a moved Sunday it is that."""
    office = OFFICE + "; PH off"
    assert of_hours(office, datetime(2026, 9, 30, 17)).next_open == datetime(2026, 10, 8, 9)
    assert of_hours(office, datetime(2026, 9, 18, 17)).next_open == datetime(2026, 9, 20, 9)


@pytest.mark.parametrize(
    ("text", "moment", "is_predicted"),
    [
        (OFFICE + "; PH off", datetime(2027, 10, 5, 10), True),
        (OFFICE + "; PH off", datetime(2027, 7, 7, 10), False),
        (OFFICE, datetime(2027, 9, 26, 10), True),
        ("24/7", datetime(2027, 10, 5, 10), False),
        ("Mo-Su 08:00-20:00", datetime(2027, 10, 5, 10), False),
        (OFFICE + "; PH off", datetime(2026, 10, 5, 10), False),
        (OFFICE + "; PH off", datetime(2026, 12, 31, 18), True),
    ],
)
def test_answers_from_a_calendar_not_announced_say_so(
    text: str, moment: datetime, is_predicted: bool
) -> None:
    """Marked is what the announcement may still change: near a holiday, and not for every text."""
    found = of_hours(text, moment)
    assert found.is_predicted is is_predicted
    assert found.state in set(State)

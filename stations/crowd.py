"""How full is it inside? What people said within half an hour, and what a week is usually like.

A level has an order, so several voices are put together by their median: one device that says
something odd among three moves it by nothing or one step, never across. Of an even number, the
upper one of the middle two counts; of two that say empty and full, the level between them. Words of
devices that were far from the station are not heard.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from geodata.records import HOURS_PER_WEEK
from geodata.reports import CROWD_LEVELS, Report

CROWD_MEMORY = timedelta(minutes=30)
"""A word about the crowd is shown for so long after its moment, which is the begin of a step of
`geodata.reports.MOMENT_STEP`."""

USUAL_REPORTS, USUAL_DEVICES, USUAL_DAYS = 5, 3, 3
"""So many voices of so many devices on so many days make an hour of the week usual."""

_FULL = len(CROWD_LEVELS) - 1


def crowd_now(reports: Iterable[Report], moment: datetime) -> tuple[str, datetime] | None:
    """Give how full a station is.

    Parameters
    ----------
    reports
        Of one station, in any order and of any kind; those after `moment` are not looked at.
    moment
        Naive datetime in the city's own time.

    Returns
    -------
    tuple or None
        One of `geodata.reports.CROWD_LEVELS`, and the moment of the newest word; None when nobody
        said anything within `CROWD_MEMORY`.
    """
    voices: dict[str, Report] = {}
    for report in sorted(_heard(reports), key=lambda r: r.moment):
        if moment - CROWD_MEMORY < report.moment <= moment:
            voices[report.device] = report
    if not voices:
        return None
    level = CROWD_LEVELS[_middle([_level(voice) for voice in voices.values()])]
    return level, max(voice.moment for voice in voices.values())


def usual_week(reports: Iterable[Report]) -> str:
    """Give how full a station usually is, by hour of the week.

    An hour is known from `USUAL_REPORTS` voices of `USUAL_DEVICES` devices on `USUAL_DAYS` days on;
    a device has one voice an hour of a day, its last. Devices that are forgotten count as one a
    day.

    Parameters
    ----------
    reports
        Of one station, in any order and of any kind.

    Returns
    -------
    str
        168 digits from Monday 00:00: 0 not known, 1 room, 2 some seats, 3 full; empty when no hour
        is known.
    """
    hours: dict[int, dict[tuple[str, str], Report]] = defaultdict(dict)
    for report in sorted(_heard(reports), key=lambda r: r.moment):
        hour = report.moment.weekday() * 24 + report.moment.hour
        day = report.moment.date().isoformat()
        hours[hour][report.device or f"forgotten {day}", day] = report
    digits = [_usual(hours.get(hour, {})) for hour in range(HOURS_PER_WEEK)]
    return "".join(str(digit) for digit in digits) if any(digits) else ""


def _usual(voices: dict[tuple[str, str], Report]) -> int:
    devices, days = {device for device, _ in voices}, {day for _, day in voices}
    is_enough = len(devices) >= USUAL_DEVICES and len(days) >= USUAL_DAYS
    if not is_enough or len(voices) < USUAL_REPORTS:
        return 0
    return 1 + _middle([_level(voice) for voice in voices.values()])


def _heard(reports: Iterable[Report]) -> list[Report]:
    return [r for r in reports if r.kind == "crowd" and r.nearness != "far"]


def _level(report: Report) -> int:
    return CROWD_LEVELS.index(report.about)


def _middle(levels: Sequence[int]) -> int:
    """Give the median; of an even number the upper middle, but never across two steps."""
    ranked = sorted(levels)
    lower, upper = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    return 1 if (lower, upper) == (0, _FULL) else upper

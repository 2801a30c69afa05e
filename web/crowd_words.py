"""How full a station is, in words and for bars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from web.i18n import translator
from web.words import weekdays

_HOURS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualDay:
    """A day of the usual week.

    Attributes
    ----------
    name
        Of the weekday.
    text
        Its stretches, such as ``11:00–13:00 full``; empty when nothing is known of it.
    levels
        24 digits: 0 not known, 1 room, 2 some seats, 3 full.
    is_today
        Whether it is the weekday of the moment.
    """

    name: str
    text: str
    levels: tuple[int, ...]
    is_today: bool


def level_words(level: str, language: str) -> str:
    """Name a level of `geodata.reports.CROWD_LEVELS`."""
    _ = translator(language)
    return {"empty": _("Plenty of room"), "some": _("Seats left"), "full": _("Full")}[level]


def crowd_words(found: tuple[str, datetime] | None, moment: datetime, language: str) -> str:
    """Say how full it is and how old that is; empty when nobody said."""
    if found is None:
        return ""
    _ = translator(language)
    level, said_at = found
    minutes = int((moment - said_at).total_seconds() // 60)
    return _("{level}, said {minutes} min ago").format(
        level=level_words(level, language), minutes=minutes
    )


def usual_days(week: str, moment: datetime, language: str) -> list[UsualDay]:
    """Give the days of a usual week (`stations.crowd.usual_week`) that anything is known of."""
    names = weekdays(language)
    days = [week[_HOURS * k : _HOURS * (k + 1)] for k in range(7)] if week else []
    return [
        UsualDay(
            name=names[k],
            text=_stretches(day, language),
            levels=tuple(map(int, day)),
            is_today=k == moment.weekday(),
        )
        for k, day in enumerate(days)
        if day.strip("0")
    ]


def _stretches(day: str, language: str) -> str:
    _ = translator(language)
    parts = []
    for digit, hours in groupby(range(_HOURS), key=lambda hour: day[hour]):
        stretch = list(hours)
        if digit != "0":
            level = level_words(("empty", "some", "full")[int(digit) - 1], language)
            parts.append(f"{stretch[0]:02d}:00–{stretch[-1] + 1:02d}:00 {level}")
    return _(", ").join(parts)

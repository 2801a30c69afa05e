"""When the sun rises and sets at a place in China, by opening-hours-py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import opening_hours

from geodata.opening.states import DAY_MIN
from geodata.opening.tokens import SUN_EVENTS

_ONE_TIME = ZoneInfo("Asia/Shanghai")  # all of China
_DAY = timedelta(days=1)

_EARLIEST_MIN = {"dawn": 120, "sunrise": 180, "sunset": 900, "dusk": 930}
_LATEST_MIN = {"dawn": 600, "sunrise": 660, "sunset": 1380, "dusk": 1425}

NOMINAL_MIN = {"dawn": 330, "sunrise": 360, "sunset": 1080, "dusk": 1110}
"""Minutes after midnight that stand for an event where only its order among others matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in WGS 84."""

    lon_deg: float
    lat_deg: float


@dataclass(frozen=True, slots=True)
class Sun:
    """The events of a day in minutes after midnight: the earliest and the latest they can be.

    Both are the same where the place is known.
    """

    earliest_min: dict[str, int]
    latest_min: dict[str, int]

    @property
    def is_known(self) -> bool:
        """Whether the times are those of a place."""
        return self.earliest_min == self.latest_min


ANYWHERE = Sun(_EARLIEST_MIN, _LATEST_MIN)
"""The events anywhere in China on any day."""


@lru_cache(maxsize=4096)
def sun_of(place: Place | None, day: date) -> Sun:
    """Give the events of a day at a place; without a place, between when and when they can be."""
    if place is None:
        return ANYWHERE
    midnight = datetime.combine(day, time(), _ONE_TIME)
    found = {}
    for rise, fall in (("dawn", "dusk"), ("sunrise", "sunset")):
        light = opening_hours.OpeningHours(
            f"{rise}-{fall}",
            timezone=_ONE_TIME,
            coords=(place.lat_deg, place.lon_deg),
            auto_country=False,  # auto_timezone=False would turn the coordinates off
        )
        spells = [
            (begin, end)
            for begin, end, state, _ in light.intervals(midnight, midnight + _DAY)
            if str(state) == "open"
        ]
        begin, end = max(spells, key=lambda spell: spell[1] - spell[0])
        found[rise] = (begin - midnight) // timedelta(minutes=1)
        found[fall] = min((end - midnight) // timedelta(minutes=1), DAY_MIN)
    times = {event: found[event] for event in SUN_EVENTS}
    return Sun(times, times)

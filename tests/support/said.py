"""Reports for tests, in few words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from geodata.records import Station
from geodata.reports import Report
from stations.availability import at
from stations.trust import Trust, judge

MONDAY = datetime(2026, 9, 14, 15, 0)
"""A Monday afternoon in an ordinary week."""

DAILY = Station(
    id="s", name="s", lon_deg=113.6, lat_deg=34.7, hours="Mo-Su 08:00-18:00", entry="walk_in",
    is_synthetic=True,
)  # fmt: skip
"""Open every day from 8 to 18; never checked on the spot."""


def word(
    kind: str,
    *,
    days_ago: float = 0.0,
    device: str = "a",
    near: str = "near",
    about: str = "",
    moment: datetime = MONDAY,
) -> Report:
    """Make a report that lies some days before a moment."""
    said = moment - timedelta(days=days_ago)
    return Report(station_id="s", moment=said, kind=kind, nearness=near, device=device, about=about)


def mornings(kind: str, days_ago: Iterable[float], each: int, *, prefix: str = "d") -> list[Report]:
    """Make `each` reports on each of some days, all of different devices."""
    return [
        word(kind, days_ago=day, device=f"{prefix}{day}-{k}")
        for day in days_ago
        for k in range(each)
    ]


def judged(station: Station, reports: list[Report], moment: datetime = MONDAY) -> Trust:
    """Judge a station at a moment."""
    return judge(station, reports, moment, opening=at(station, moment))

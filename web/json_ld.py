"""A station as schema.org JSON-LD, for search engines and other programs.

What schema.org cannot say is left out: a stretch in which nobody knows whether it is open is no
opening hours, and a day of which nothing is known has a `specialOpeningHoursSpecification` without
times that says so in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from geodata.hours import Interval, State
from geodata.records import INVENTED, Station
from geodata.services import services
from stations.availability import intervals_between
from stations.calendar import DayKind, day_of
from stations.doors import door_of
from stations.needs import offered
from web.i18n import translator

SPECIAL_DAYS = 35
"""Days ahead of which those that differ from the usual week are named: the longest holiday fits."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_WEEKS_LOOKED = 8
_ORDINARY = (DayKind.WORKDAY, DayKind.WEEKEND)
_Span = tuple[str, str]


def place(station: Station, moment: datetime, language: str, *, url: str) -> dict[str, Any]:
    """Describe a station.

    Parameters
    ----------
    moment
        Naive datetime in the city's own time; special days are those from its day on.
    language
        Of the names of facilities.
    url
        Address of the station's page, whole; it names the station and nobody's place.

    Returns
    -------
    dict
        A ``Place``, ready to be written as JSON; texts are as they were recorded, so whoever puts
        it into a page must escape it.
    """
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Place",
        "@id": url,
        "url": url,
        "name": station.name,
        "identifier": station.code or station.id,
        "geo": {
            "@type": "GeoCoordinates",
            "latitude": round(station.lat_deg, 6),
            "longitude": round(station.lon_deg, 6),
        },
        "isAccessibleForFree": True,
        "publicAccess": station.entry == "walk_in",
    }
    if station.is_synthetic:
        found["description"] = translator(language)(INVENTED)
    if station.address or station.district:
        found["address"] = _address(station)
    if station.phone:
        found["telephone"] = station.phone
    if station.seats is not None:
        found["maximumAttendeeCapacity"] = int(station.seats)
    found["amenityFeature"] = _amenities(station, language)
    if station.status == "open" and station.hours:
        found["openingHoursSpecification"] = _usual(station, moment)
        special = _special(station, moment, language)
        if special:
            found["specialOpeningHoursSpecification"] = special
    return found


def _address(station: Station) -> dict[str, str]:
    parts = {"streetAddress": station.address, "addressLocality": station.district}
    filled = {name: text for name, text in parts.items() if text}
    return {"@type": "PostalAddress", "addressCountry": "CN", **filled}


def _amenities(station: Station, language: str) -> list[dict[str, Any]]:
    """Give each facility and whether it works; programmes have hours of their own and are none."""
    works = offered(station)
    return [
        {
            "@type": "LocationFeatureSpecification",
            "name": service.zh if language == "zh" else service.en,
            "value": key in works,
        }
        for key in station.facilities
        if (service := services()[key]).kind != "P"
    ]


def _usual(station: Station, moment: datetime) -> list[dict[str, Any]]:
    """Give the usual week, days with the same hours together; a day without any is left out."""
    by_spans: dict[tuple[_Span, ...], list[str]] = {}
    for name, spans in zip(_DAYS, _usual_spans(station, moment), strict=True):
        by_spans.setdefault(spans, []).append(name)
    return [
        {
            "@type": "OpeningHoursSpecification",
            "dayOfWeek": [f"https://schema.org/{name}" for name in names],
            "opens": opens,
            "closes": closes,
        }
        for spans, names in by_spans.items()
        for opens, closes in spans
    ]


def _usual_spans(station: Station, moment: datetime) -> list[tuple[_Span, ...]]:
    """Give the stretches of each weekday of the next week without holidays, closures left aside."""
    monday = _ordinary_monday(moment.date())
    door = replace(door_of(station), closures=())
    found = list(door.intervals(monday - _DAY, monday + _WEEK + _DAY))
    return [_spans(found, monday + k * _DAY) for k in range(7)]


def _ordinary_monday(today: date) -> datetime:
    monday = today - timedelta(days=today.weekday())
    for k in range(_WEEKS_LOOKED):
        days = [monday + k * _WEEK + n * _DAY for n in range(-1, 8)]
        if all(day_of(day).kind in _ORDINARY for day in days):
            return datetime.combine(days[1], time())
    return datetime.combine(monday, time())


def _special(station: Station, moment: datetime, language: str) -> list[dict[str, Any]]:
    """Give the days ahead that are not as their weekday usually is."""
    usual = _usual_spans(station, moment)
    first = datetime.combine(moment.date(), time())
    found = intervals_between(station, first - _DAY, first + (SPECIAL_DAYS + 1) * _DAY)
    days: list[dict[str, Any]] = []
    for k in range(SPECIAL_DAYS):
        midnight = first + k * _DAY
        spans = _spans(found, midnight)
        if spans == usual[midnight.weekday()]:
            continue
        is_unknown = not spans and any(
            p.state is State.UNKNOWN and p.start < midnight + _DAY and p.end > midnight
            for p in found
        )
        days += _special_day(midnight.date(), spans, language, is_unknown=is_unknown)
    return days


def _special_day(
    day: date, spans: Sequence[_Span], language: str, *, is_unknown: bool
) -> list[dict[str, Any]]:
    base = {
        "@type": "OpeningHoursSpecification",
        "validFrom": day.isoformat(),
        "validThrough": day.isoformat(),
    }
    if is_unknown:
        return [{**base, "description": translator(language)("Not sure whether it is open")}]
    # From midnight to midnight is the usual way to say: closed all day.
    return [{**base, "opens": a, "closes": b} for a, b in spans or [("00:00", "00:00")]]


def _spans(found: Sequence[Interval], midnight: datetime) -> tuple[_Span, ...]:
    """Give the stretches that begin on a day; one that ends on the next closes before it opens.

    A stretch longer than a day is cut at each midnight: then a day lasts until 23:59, as schema.org
    knows no 24:00.
    """
    spans = []
    for part in _within(found, midnight):
        begin, end = max(part.start, midnight), part.end
        if end > midnight + _DAY and end - part.start >= _DAY:
            end = midnight + _DAY
        closes = "23:59" if end == midnight + _DAY else format(end, "%H:%M")
        spans.append((format(begin, "%H:%M"), closes))
    return tuple(spans)


def _within(found: Sequence[Interval], midnight: datetime) -> list[Interval]:
    """Give the open stretches that begin on a day, and those of a day or more that go on in it."""
    return [
        part
        for part in found
        if part.state is State.OPEN
        and part.start < midnight + _DAY
        and part.end > midnight
        and (part.start >= midnight or part.end - part.start >= _DAY)
    ]

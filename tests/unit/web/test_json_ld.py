"""A station as schema.org JSON-LD."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support import hostile, small_app, small_city

from geodata.hours import State
from geodata.records import Closure, Offer, Station
from stations.availability import at
from web.json_ld import SPECIAL_DAYS, place

NOW = datetime(2026, 9, 21, 10, 0)
"""Before Mid-Autumn (25 September) and the National Day holiday, with working days moved for it."""

_TIME = re.compile(r"[012]\d:[0-5]\d")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KNOWN = {
    "Place": {
        "@context", "@id", "url", "name", "identifier", "geo", "isAccessibleForFree", "publicAccess",
        "address", "telephone", "maximumAttendeeCapacity", "amenityFeature", "description",
        "openingHoursSpecification", "specialOpeningHoursSpecification",
    },
    "GeoCoordinates": {"latitude", "longitude"},
    "PostalAddress": {"streetAddress", "addressLocality", "addressCountry"},
    "LocationFeatureSpecification": {"name", "value"},
    "OpeningHoursSpecification": {
        "dayOfWeek", "opens", "closes", "validFrom", "validThrough", "description",
    },
}  # fmt: skip
"""Properties that schema.org knows of each type, of those that we use."""


def _station(**more: object) -> Station:
    return replace(small_city.stations()[0], **more)  # type: ignore[arg-type]


def _place(station: Station, moment: datetime = NOW) -> dict[str, Any]:
    return place(station, moment, "zh", url=f"https://example.org/stations/{station.id}")


def _check(value: object) -> None:
    """Refuse what schema.org does not know: types, properties, shapes of times and days."""
    if isinstance(value, list):
        for one in value:
            _check(one)
    if not isinstance(value, dict):
        return
    assert set(value) - {"@type"} <= _KNOWN[value["@type"]]
    for name in ("opens", "closes"):
        assert name not in value or _TIME.fullmatch(value[name])
    for name in ("validFrom", "validThrough"):
        assert name not in value or _DAY.fullmatch(value[name])
    for one in value.values():
        _check(one)


def _is_open(found: dict[str, Any], moment: datetime) -> bool:
    """Read the hours as a search engine does: special days first, spans may pass midnight."""
    for days_back in (0, 1):
        day = (moment - timedelta(days=days_back)).date()
        special = [
            s
            for s in found.get("specialOpeningHoursSpecification", [])
            if s["validFrom"] <= day.isoformat() <= s["validThrough"]
        ]
        weekday = f"https://schema.org/{day:%A}"
        usual = [s for s in found["openingHoursSpecification"] if weekday in s["dayOfWeek"]]
        for span in special or usual:
            if "opens" not in span or span["opens"] == span["closes"]:
                continue
            start = datetime.fromisoformat(f"{day}T{span['opens']}")
            end = datetime.fromisoformat(f"{day}T{span['closes']}")
            if span["closes"] == "23:59":
                end += timedelta(minutes=1)
            if end <= start:
                end += timedelta(days=1)
            if start <= moment < end:
                return True
    return False


@pytest.mark.parametrize(
    "hours",
    [
        "Mo-Su 07:00-22:00", "Mo-Fr 08:30-12:00,14:00-17:30", "Mo-Fr 09:00-17:00; PH off", "24/7",
        "Mo-Su 18:00-02:00", "Mo-Su 06:00-24:00", "Mo-Fr 00:00-24:00", "Fr 20:00-30:00; Sa off",
        "Mo-Su 09:00-18:00; PH 10:00-12:00", 'Mo-Su 08:00-20:00 unknown "看情况"',
    ],
)  # fmt: skip
def test_its_hours_say_what_the_door_says(hours: str) -> None:
    """A second way: read as a search engine reads it, it is open exactly where the door is."""
    station = _station(hours=hours)
    found = _place(station)
    _check(found)
    first = NOW.replace(hour=0)
    wrong = [
        moment
        for moment in (first + timedelta(minutes=90 * k + 45) for k in range(SPECIAL_DAYS * 16))
        if _is_open(found, moment) != (at(station, moment).state is State.OPEN)
    ]
    assert wrong == []


def test_a_closure_is_a_special_day() -> None:
    """Closed days of the next weeks are named, each with the same begin and end of midnight."""
    station = _station(closures=(Closure(first_day="2026-09-22", last_day="2026-09-23"),))
    special = _place(station)["specialOpeningHoursSpecification"]
    assert [(s["validFrom"], s["opens"], s["closes"]) for s in special] == [
        ("2026-09-22", "00:00", "00:00"),
        ("2026-09-23", "00:00", "00:00"),
    ]


def test_a_day_nobody_knows_has_no_times() -> None:
    """Posted for working days, silent about holidays: not sure, said in words, never closed."""
    special = _place(_station(hours="Mo-Fr 09:00-17:00"))["specialOpeningHoursSpecification"]
    unsure = [s for s in special if s["validFrom"] == "2026-10-01"]
    assert len(unsure) == 1
    assert "opens" not in unsure[0]
    assert unsure[0]["description"]


def test_without_hours_or_out_of_service_nothing_is_claimed() -> None:
    """No recorded hours, and a suspended station: no hours at all, rather than wrong ones."""
    for station in (_station(hours=""), _station(status="suspended")):
        assert not any("pening" in name for name in _place(station))


def test_what_is_broken_is_no_amenity() -> None:
    """It is listed with the value false; programmes are no amenities."""
    station = _station(
        facilities=("microwave", "toilet", "free_breakfast"),
        offers=(Offer(key="toilet", state="broken"),),
    )
    values = {a["name"]: a["value"] for a in _place(station)["amenityFeature"]}
    assert values == {"微波炉": True, "卫生间": False}


def test_an_invented_station_says_so() -> None:
    """Whoever copies it copies the mark."""
    assert "示例数据" in _place(_station())["description"]
    assert "description" not in _place(_station(is_synthetic=False))


class _Blocks(HTMLParser):
    """Gather what stands in the data blocks, as a browser parts the page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_in = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_in = tag == "script" and dict(attrs).get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._is_in:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_in = self._is_in and tag != "script"


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    """On the page there is one block; parsed, it holds each text as it was recorded."""
    client = small_app.make(tmp_path / "city", records=hostile.city_stations()).test_client()
    for number, payload in enumerate(hostile.PAYLOADS):
        reader = _Blocks()
        reader.feed(client.get(f"/stations/x{number}").text)
        (block,) = reader.found
        known = json.loads(block)
        _check(known)
        assert known["name"] == f"name {payload}"
        assert "<" not in block

"""A small invented city with every kind of hours, published as phones get it."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from support import small_city

from geodata.network import from_streets
from geodata.records import ENTRY_MODES, STATION_LISTS, Closure, Offer, Station
from stations.catalogue import Catalogue
from stations.detours import measure
from stations.snapshot import Question, build
from web.publishing import write

START = date(2026, 9, 14)
"""Fourteen days with a Sunday that is worked (20 September) and the mid-autumn days off."""

HOURS = (
    "24/7", "", "Mo-Su 07:00-22:00", "Mo-Fr 08:30-12:00,14:00-17:30", "Mo-Fr 09:00-17:00",
    "Sa,Su 10:00-16:00", "Mo-Su 18:00-02:00", "Mo-Fr 09:00-17:00; PH off", "PH 10:00-12:00",
    "Mo-Su 08:00-20:00; PH off", 'Mo-Su 08:00-20:00 unknown "看情况"', "Mo-Su 06:00-24:00",
    "Oct 05-20 09:00-17:00", "Sep 01-25 00:00-24:00", "Dec 24 10:00-12:00",
    "Mo-Fr 09:00-17:00; SH off",
)  # fmt: skip
ALL_WEEK = ("24/7", "Sep 01-25 00:00-24:00")
"""Those that are open at every hour of the week that stands for any."""

KIT = (
    "drinking_water", "microwave", "toilet", "air_conditioning", "phone_charging", "first_aid_kit",
    "shower", "seating",
)  # fmt: skip
PROGRAMMES = {
    "free_breakfast": ("Mo-Fr 05:00-07:00", "Mo-Su 05:30-06:45", ""),
    "legal_aid": ("We 14:00-17:00", "Mo-Fr 14:00-17:00; PH off", ""),
    "health_check": ("Sep 20 09:00-11:00", 'Sa 09:00-11:00 unknown "看情况"', "Mo[1] 09:00-11:00"),
}


def stations(n: int = 70, *, seed: int = 6) -> list[Station]:
    """Make stations on the grid of `support.small_city`, with all that can be on record."""
    rng = random.Random(seed)
    return [_station(rng, k) for k in range(n)]


def _station(rng: random.Random, k: int) -> Station:
    lon_deg, lat_deg = small_city.position(rng.uniform(0, 12), rng.uniform(0, 12))
    kit = rng.sample(KIT, rng.randrange(1, len(KIT)))
    held = [key for key in PROGRAMMES if rng.random() < 0.4]
    offers = [
        Offer(key=key, hours=rng.choice(PROGRAMMES[key]), note=rng.choice(("", "先到先得")))
        for key in held
    ]
    offers += [
        Offer(key=key, state=rng.choice(("working", "broken", "suspended"))) for key in kit[:1]
    ]
    closures = [
        (),
        (Closure(first_day="2026-09-16", last_day="2026-09-18", reason="装修"),),
        (Closure(first_day="2026-09-22"),),
    ]
    return Station(
        id=f"p{k:03d}",
        name=f"示例驿站 {k}",
        lon_deg=round(lon_deg, 6),
        lat_deg=round(lat_deg, 6),
        hours=rng.choice(HOURS),
        staff_hours=rng.choice(("", "", "Mo-Fr 09:00-11:30,13:00-16:00")),
        closures=rng.choices(closures, (8, 1, 1))[0],
        facilities=tuple(sorted({*kit, *held})),
        offers=tuple(sorted(offers, key=lambda offer: offer.key)),
        entry=rng.choice(ENTRY_MODES),
        status=rng.choices(("open", "suspended"), (14, 1))[0],
        status_reason="",
        is_synthetic=True,
    )


def catalogue(records: list[Station]) -> Catalogue:
    """Give the stations on the streets of the small city."""
    frame = small_city.stations_frame(records)
    for name in STATION_LISTS:  # as records, not as dictionaries
        frame[name] = [getattr(record, name) for record in records]
    return Catalogue.from_frame(frame, network=from_streets(small_city.streets()), version="1")


def publish(folder: Path, city: Catalogue, *, start: date = START) -> Path:
    """Publish a catalogue from a day on; give the folder."""
    zone = timezone(timedelta(hours=8))
    question = Question(
        name="示例市",
        name_en="Sample City",
        time_zone="Asia/Shanghai",
        is_synthetic=True,
        made_at=datetime(start.year, start.month, start.day, 3, 0, tzinfo=zone),
        limit_s=1800.0,
    )
    content = build(city, measure(city, limit_s=1800.0), question)
    live = {"made_at": question.made_at.isoformat(), "weather": None, "stations": {}}
    places = {
        "places": [["二七广场", "er qi guang chang", "eqgc", "hotspot", 113.6, 34.7, "hotspot:1"]]
    }
    write(folder, content, places, live, now_s=0.0)
    return folder

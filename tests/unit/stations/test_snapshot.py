"""Manifest and cells hold what a phone needs, and no cell that matters is left out."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import h3
import pytest
from support import phone, records

from geodata.frames import LocalMetres
from geodata.records import Closure, Offer, Station
from geodata.services import services
from stations.availability import at, offer_availability
from stations.catalogue import Catalogue
from stations.detours import Detours
from stations.needs import offered
from stations.schedules import DAY_MIN, DAYS
from stations.snapshot import Content, Question, build

CHINA = timezone(timedelta(hours=8))
ASKED = Question(
    name="示例市",
    name_en="Sample City",
    time_zone="Asia/Shanghai",
    is_synthetic=True,
    made_at=datetime(2026, 9, 17, 15, 0, tzinfo=CHINA),
    limit_s=1800.0,
)


def content(rows: list[dict[str, Any]], **more: Any) -> Content:
    """Build the snapshot of stations given by what matters of them."""
    plain = {"name": "n", "lon_deg": 113.66, "lat_deg": 34.75}
    catalogue = Catalogue.from_frame(records.table([plain | row for row in rows]), version="7-x")
    detours = Detours(
        texts=("",) * len(catalogue.stations), factor=1.3, metres_per_s={"walk": 1, "ebike": 4}
    )
    return build(catalogue, detours, replace(ASKED, **more))


def only(found: Content) -> dict[str, Any]:
    """Give the one cell."""
    (cell,) = found.cells.values()
    return cell


def test_manifest_says_for_when_and_where() -> None:
    """Version, days, time zone, city, speeds and taxonomy stand in the manifest."""
    found = content([{"id": "a"}]).manifest
    assert found["format"] == 1
    assert found["version"] == "7-x"
    assert found["made_at"] == "2026-09-17T15:00:00+08:00"
    assert (found["start"], found["days"]) == ("2026-09-17", 14)
    assert found["time_zone"] == "Asia/Shanghai"
    assert found["city"] == {
        "name": "示例市", "name_en": "Sample City", "is_synthetic": True, "hotline": "12351",
    }  # fmt: skip
    assert found["services"] == list(services())
    assert found["service_classes"][found["services"].index("free_breakfast")] == "P"
    assert found["reach_m"] == 8000


def test_what_is_empty_is_left_out() -> None:
    """A station of which little is known is a short row; coordinates have six digits."""
    cell = only(content([{"id": "a", "lon_deg": 113.123456789, "lat_deg": 34.1}]))
    assert cell["stations"] == [
        {
            "id": "a", "name": "n", "lon_deg": 113.123457, "lat_deg": 34.1, "schedule": 0,
            "entry": "unknown", "kind": "co_built", "status": "open", "is_synthetic": False,
        }
    ]  # fmt: skip
    assert cell["notes"] == [""]
    assert cell["schedules"] == [
        {"parts": [[0, 2, "no_hours", 0, None, False]], "change": None, "next_open": None}
    ]


def test_doors_alike_share_a_schedule() -> None:
    """Equal hours make one schedule; a closure makes another."""
    shut = (Closure(first_day="2026-09-20", reason="维修"),)
    rows = [
        {"id": "a", "hours": "Mo-Su 07:00-22:00"},
        {"id": "b", "hours": "Mo-Su 07:00-22:00", "name": "other"},
        {"id": "c", "hours": "Mo-Su 07:00-22:00", "closures": shut},
    ]
    cell = only(content(rows))
    assert [s["schedule"] for s in cell["stations"]] == [0, 0, 1]
    assert cell["notes"] == ["", "维修"]


def test_facilities_are_those_that_the_finder_counts() -> None:
    """`facilities` without `out` is what `stations.needs.offered` gives, day and night included."""
    offers = (Offer(key="microwave", state="broken"),)
    row = {
        "id": "a", "hours": "24/7", "facilities": ("drinking_water", "microwave"), "offers": offers,
    }  # fmt: skip
    found = only(content([row]))["stations"][0]
    keys = list(services())
    has = {keys[k] for k in found["facilities"]}
    out = {keys[k] for k in found["out"]}
    assert (has, out) == ({"drinking_water", "microwave", "open_24h"}, {"microwave"})
    station = Station(name="n", lon_deg=113, lat_deg=34, **row)
    assert has - out == offered(station)


def test_what_stands_in_a_cell_is_what_the_register_says() -> None:
    """Read from the files, with notes and holidays in their places, state and programme agree."""
    offers = (
        Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00", note="凭工牌"),
        Offer(key="legal_aid", hours="We 14:00-17:00", state="suspended"),
    )
    row = {
        "id": "a", "hours": "Mo-Fr 09:00-17:00", "offers": offers,
        "closures": (Closure(first_day="2026-09-24", last_day="2026-09-25", reason="停电"),),
        "facilities": ("free_breakfast", "legal_aid"),
    }  # fmt: skip
    cell = only(content([row]))
    told = cell["stations"][0]
    station = Station(name="n", lon_deg=113, lat_deg=34, **row)
    ((key, number, note),) = told["programmes"]
    assert (list(services())[key], note) == ("free_breakfast", "凭工牌")
    midnight = datetime(2026, 9, 17)
    for minute in range(0, DAYS * DAY_MIN, 97):
        moment = midnight + timedelta(minutes=minute)
        for k, known in (
            (told["schedule"], at(station, moment)),
            (number, offer_availability(station, "free_breakfast", moment)),
        ):
            schedule = _filled(cell, k)
            found = phone.read(schedule, minute, length_min=DAYS * DAY_MIN)
            assert ("closed", "open", "unknown")[found["state"]] == str(known.state)
            assert found["why"] == known.why
            said = found["note"] or (note if k == number else "")
            assert said == known.note
            day = known.day
            assert found["holiday"] == (
                None
                if day is None
                else {"zh": day.name_zh, "en": day.name_en, "is_worked": day.is_worked}
            )


def _filled(cell: dict[str, Any], k: int) -> dict[str, Any]:
    schedule = cell["schedules"][k]
    parts = [
        [m, code, why, cell["notes"][n], None if h is None else cell["holidays"][h], predicted]
        for m, code, why, n, h, predicted in schedule["parts"]
    ]
    return {**schedule, "parts": parts}


def test_stations_out_of_service_are_told_and_gone_ones_are_not() -> None:
    """As in the finder: suspended ones are listed, closed; planned and revoked ones are not."""
    rows = [
        {"id": "a", "status": "suspended", "status_reason": "装修", "hours": "24/7"},
        {"id": "b", "status": "planned"},
        {"id": "c", "status": "revoked"},
    ]
    cell = only(content(rows))
    assert [s["id"] for s in cell["stations"]] == ["a"]
    assert cell["schedules"][0]["parts"] == [[0, 0, "suspended", 1, None, False]]
    assert cell["notes"][1] == "装修"


def test_the_usual_week_stands_with_its_station() -> None:
    """Where there is history, 168 digits."""
    cell = only(content([{"id": "a"}, {"id": "b"}], crowd_weeks={"b": "01" * 84}))
    assert [s.get("crowd_week") for s in cell["stations"]] == [None, "01" * 84]


def test_no_stations_is_a_snapshot_too() -> None:
    """A city without stations has a manifest without cells."""
    found = content([])
    assert (found.cells, found.manifest["cells"]) == ({}, [])


@pytest.mark.parametrize("seed", range(3))
def test_a_phone_loads_every_station_that_it_can_reach(seed: int) -> None:
    """From the nearest listed centre, the cells within `load_m` hold all within `reach_m`."""
    rng = random.Random(seed)
    lat, lon = rng.uniform(20, 50), rng.uniform(80, 130)
    rows = [
        {
            "id": f"s{k}",
            "lon_deg": lon + rng.gauss(0, 0.12),
            "lat_deg": lat + rng.gauss(0, 0.1),
        }
        for k in range(60)
    ]
    found = content(rows)
    manifest = found.manifest
    centres = manifest["cells"]

    def away_m(a: tuple[float, float], b: tuple[float, float]) -> float:
        return float(h3.great_circle_distance((a[1], a[0]), (b[1], b[0]), unit="m"))

    for _ in range(50):
        here = (lon + rng.gauss(0, 0.25), lat + rng.gauss(0, 0.2))
        plane = LocalMetres(lon_deg=here[0], lat_deg=here[1])
        mine = min(centres, key=lambda row: away_m(here, (row[1], row[2])))
        loaded = {
            station["id"]
            for row in centres
            if row[3] and away_m((mine[1], mine[2]), (row[1], row[2])) <= manifest["load_m"]
            for station in found.cells[row[0]]["stations"]
        }
        xy_m = plane.to_xy_m(
            lon_deg=[r["lon_deg"] for r in rows], lat_deg=[r["lat_deg"] for r in rows]
        )
        near = {
            row["id"]
            for row, (x, y) in zip(rows, xy_m, strict=True)
            if (x * x + y * y) ** 0.5 <= manifest["reach_m"]
        }
        assert near <= loaded

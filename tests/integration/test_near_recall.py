"""The interface finds the nearest stations that meet the question, all of them, in order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pyproj
import pytest
import shapely
from flask.testing import FlaskClient
from support import small_app, small_city
from support.plain import Town

from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.records import Offer, Station
from geodata.streets import DETOUR_FACTOR, MODES, SPEED_M_PER_S
from web.app import create_app
from web.settings import Settings

N = 320
"""More stations than an answer may hold, so that a limit before a filter would be seen."""

HOURS = (
    "24/7",
    "",
    "Mo-Su 08:00-20:00",
    "Mo-Fr 09:00-17:00",
    "Mo-Su 18:00-02:00",
    "Sa,Su 10:00-16:00",
)
KEYS = ("drinking_water", "toilet", "microwave", "battery_swap")
NEEDS = (
    (),
    ("toilet",),
    ("drinking_water", "microwave"),
    ("open_24h",),
    ("battery_swap", "toilet"),
)
LIMITS = (1, 12, 60)
A_MOMENT_S = 0.01
"""Closer than this two times are one: the product counts in milliseconds."""


def _stations() -> list[Station]:
    rng = np.random.default_rng(7)
    model = small_city.stations()[0]
    made = []
    for k in range(N):
        lon_deg, lat_deg = small_city.position(*rng.uniform(0, 12, 2))
        has = tuple(sorted(key for key in KEYS if rng.random() < 0.5))
        out = has[:1] if rng.random() < 0.2 else ()
        made.append(
            replace(
                model,
                id=f"r{k:03d}",
                name=f"驿站{k}",
                lon_deg=lon_deg,
                lat_deg=lat_deg,
                hours=str(rng.choice(HOURS)),
                facilities=has,
                offers=tuple(Offer(key=key, state="broken") for key in out),
                entry=str(rng.choice(["walk_in", "qr", "unknown"])),
                status="suspended" if rng.random() < 0.05 else "open",
            )
        )
    return made


STATIONS = _stations()


def _state(station: Station, moment: datetime) -> str:
    """Tell the state in the plain way; the days that are asked about are ordinary ones."""
    if station.status == "suspended":
        return "closed"
    hour, day = moment.hour + moment.minute / 60 + moment.second / 3600, moment.weekday()
    return {
        "24/7": "open",
        "": "unknown",
        "Mo-Su 08:00-20:00": "open" if 8 <= hour < 20 else "closed",
        "Mo-Fr 09:00-17:00": "open" if day < 5 and 9 <= hour < 17 else "closed",
        "Mo-Su 18:00-02:00": "open" if hour >= 18 or hour < 2 else "closed",
        "Sa,Su 10:00-16:00": "open" if day >= 5 and 10 <= hour < 16 else "closed",
    }[station.hours]


def _meets(station: Station, needs: tuple[str, ...], *, walk_in: bool) -> bool:
    works = set(station.facilities) - {offer.key for offer in station.offers}
    if station.hours == "24/7":
        works.add("open_24h")
    return set(needs) <= works and (station.entry == "walk_in" or not walk_in)


def _expected(question: dict, seconds: np.ndarray) -> list[tuple[float, str]]:
    """Look at every station: those in reach that meet the question, by time and id."""
    start = datetime.fromisoformat(question["at"])
    found = [
        (float(s), station.id)
        for station, s in zip(STATIONS, seconds, strict=True)
        if s <= 60 * question["minutes"]
        and _meets(station, tuple(question["needs"]), walk_in=question["walk_in"])
        and (
            not question["open_only"]
            or _state(station, start + timedelta(seconds=float(s))) == "open"
        )
    ]
    return sorted(found)[: question["limit"]]


def _questions() -> list[dict]:
    """Every combination of needs, open, walk in, limit and mode, each at a place and moment."""
    rng = np.random.default_rng(11)
    asked = []
    for needs, only, walk_in, limit, mode in itertools.product(
        NEEDS, (False, True), (False, True), LIMITS, MODES
    ):
        lon_deg, lat_deg = small_city.position(*rng.uniform(0.5, 11.5, 2))
        day, hour, minute = (int(rng.integers(*r)) for r in ((7, 19), (0, 24), (0, 60)))
        asked.append(
            {
                "lon_deg": lon_deg,
                "lat_deg": lat_deg,
                "needs": list(needs),
                "open_only": only,
                "walk_in": walk_in,
                "limit": limit,
                "mode": mode,
                "minutes": int(rng.choice([5, 15, 30, 60])),
                "at": datetime(2026, 9, day, hour, minute).isoformat(),
            }
        )
    return asked


@pytest.fixture(scope="module", params=["streets", "straight lines"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """Give a client of a city, and the plain way to tell the time to each of its stations."""
    folder = tmp_path_factory.mktemp("recall") / "city"
    has_streets = request.param == "streets"
    write_city(
        folder,
        CitySettings(name="示例市", is_synthetic=True),
        CityTables(
            streets=small_city.streets() if has_streets else None,
            stations=small_city.stations_frame(STATIONS),
        ),
    )
    app = create_app(Settings(city=folder), clock=small_app.standing(small_app.MONDAY_MORNING))
    return app.test_client(), _on_streets() if has_streets else _straight


def _on_streets():
    towns = {mode: Town(small_city.streets(), mode) for mode in MODES}
    places = {
        mode: [town.place(shapely.Point(s.lon_deg, s.lat_deg)) for s in STATIONS]
        for mode, town in towns.items()
    }

    def seconds(question: dict) -> np.ndarray:
        town = towns[question["mode"]]
        here = town.place(shapely.Point(question["lon_deg"], question["lat_deg"]))
        return town.travel_s([here], places[question["mode"]])[0]

    return seconds


def _straight(question: dict) -> np.ndarray:
    geod = pyproj.Geod(ellps="WGS84")
    metres = [
        geod.inv(question["lon_deg"], question["lat_deg"], s.lon_deg, s.lat_deg)[2]
        for s in STATIONS
    ]
    return np.array(metres) * DETOUR_FACTOR / SPEED_M_PER_S[question["mode"]]


def test_nothing_is_missed_under_any_filter(case: tuple[FlaskClient, object]) -> None:
    """Recall is 1.0 and the order the same as by looking at every station, for all filters."""
    client, seconds_of = case
    n_found = 0
    for question in _questions():
        seconds = seconds_of(question)
        expected = _expected(question, seconds)
        answer = client.post("/api/v1/stations/near", json=question).get_json()
        found = [hit["id"] for hit in answer["stations"]]
        n_found += len(found)
        if found == [key for _, key in expected]:
            continue
        # Only two stations at one time may change places, also across the limit or the last minute.
        by_id = dict(zip((s.id for s in STATIONS), seconds.tolist(), strict=True))
        assert abs(len(found) - len(expected)) <= 1, question
        for key, (s, _) in zip(found, expected, strict=False):
            assert abs(by_id[key] - s) <= A_MOMENT_S, question
    assert n_found > 1000


def test_more_are_in_reach_than_an_answer_holds(case: tuple[FlaskClient, object]) -> None:
    """The filters are met by fewer than the limit only where no more stations meet them."""
    client, _ = case
    lon_deg, lat_deg = small_app.CENTRE
    wide = {"lon_deg": lon_deg, "lat_deg": lat_deg, "minutes": 60, "mode": "ebike", "limit": 200}
    everything = client.post("/api/v1/stations/near", json=wide).get_json()["stations"]
    assert len(everything) == 200
    narrow = client.post("/api/v1/stations/near", json={**wide, "walk_in": True}).get_json()
    last = everything[-1]["minutes"]
    assert len(narrow["stations"]) > sum(h["entry"] == "walk_in" for h in everything)
    assert any(hit["minutes"] > last for hit in narrow["stations"])

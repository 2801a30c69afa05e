"""The command line from end to end: hotspots, parity with the API, a city without streets."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from support import towns
from support.records import demand_frame, stations_frame
from support.shell import yizhan

from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from web.app import create_app
from web.settings import Settings


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A jittered town with nine stations of all kinds of hours and some demand."""
    rng = np.random.default_rng(0)
    hours = ["24/7", "", "Mo-Fr 08:30-12:00,14:30-18:00", "Sa 10:00-12:00"]
    rows = [
        {
            "id": f"s{k}",
            "hours": hours[k % 4],
            "facilities": ("toilet",) if k % 2 else (),
            "entry": "walk_in" if k % 3 else "qr",
        }
        for k in range(9)
    ]
    tables = CityTables(
        streets=towns.grid(10, seed=5),
        demand=demand_frame(rng.uniform(-400, 400, (12, 2)), rng.integers(1, 30, 12)),
        stations=stations_frame(rows, rng.uniform(-400, 400, (9, 2))),
    )
    return write_city(tmp_path / "city", CitySettings(name="town"), tables).folder


@pytest.mark.parametrize(
    "extra", [[], ["--open"], ["--needs", "toilet"], ["--walk-in"], ["--mode", "ebike"]]
)
def test_command_line_and_api_give_the_same_stations(city: Path, extra: list[str]) -> None:
    """The same question in the shell and over HTTP: the same stations, states and minutes."""
    here = towns.points([(30, -20)])
    lon, lat = round(here.x[0], 6), round(here.y[0], 6)
    at = "2026-09-21T11:55"
    ran = yizhan(
        "stations", "near", "--city", city, "--lon", lon, "--lat", lat, "--at", at, "--json", *extra
    )
    assert ran.code == 0, ran.err
    question = {"lon_deg": lon, "lat_deg": lat, "at": at}
    question |= {
        "--open": {"open_only": True},
        "--needs": {"needs": ["toilet"]},
        "--walk-in": {"walk_in": True},
        "--mode": {"mode": "ebike"},
    }.get(extra[0] if extra else "", {})
    answer = (
        create_app(Settings(city=city)).test_client().post("/api/v1/stations/near", json=question)
    )
    assert answer.status_code == 200, answer.text
    found = answer.get_json()["stations"]
    shell = json.loads(ran.out)
    assert len(shell) > 0
    for key in ("id", "state", "until", "entry", "minutes", "distance_m", "needs_met"):
        assert [row[key] for row in shell] == [row[key] for row in found]


def test_hotspots_found_in_points_become_the_demand_of_a_city_without_any(tmp_path: Path) -> None:
    """Fifteen workers at one corner are a hotspot that coverage counts; nine at another are dropped."""
    rng = np.random.default_rng(1)
    tables = CityTables(
        streets=towns.grid(10, seed=5),
        stations=stations_frame([{"id": "a", "hours": "24/7"}], [(0, 0)]),
    )
    city = write_city(tmp_path / "city", CitySettings(), tables).folder
    lines = ["worker,time,lon,lat"]
    for n_workers, corner in ((15, (0, 0)), (9, (400, 400))):
        for worker in range(n_workers):
            for day in range(5):
                point = towns.points([rng.normal(corner, 15)])
                moment = datetime(2026, 9, 14, 15) + timedelta(
                    days=day, minutes=int(rng.integers(50))
                )
                lines.append(
                    f"w{corner[0]}-{worker},{moment.isoformat()},{point.x[0]},{point.y[0]}"
                )
    points = tmp_path / "points.csv"
    points.write_text("\n".join(lines), "utf-8")
    assert yizhan("coverage", "--city", city).code == 2
    ran = yizhan(
        "hotspots", "build", "--city", city, "--points", points, "--frame", "wgs84", "--k", "10"
    )
    assert ran.code == 0, ran.err
    measured = json.loads(yizhan("coverage", "--city", city, "--json").out)
    assert (measured["people"], measured["share"], measured["demand_source"]) == (
        15.0,
        1.0,
        "hotspots",
    )


def test_every_result_of_a_city_without_streets_says_so(city: Path) -> None:
    """Coverage, suggestions, the finder and the proposal all say that times are straight lines."""
    (city / "streets.parquet").unlink()
    here = towns.points([(0, 0)])
    position = ["--lon", here.x[0], "--lat", here.y[0]]
    for words in (["coverage"], ["suggest", "--new", "1"], ["stations", "near", *position]):
        assert "直线" in yizhan(*words, "--city", city).out
    for words in (["coverage"], ["suggest", "--new", "1"]):
        assert json.loads(yizhan(*words, "--city", city, "--json").out)["is_straight_line"]
    assert json.loads(yizhan("stations", "near", *position, "--city", city, "--json").out)[0][
        "is_straight_line"
    ]


def test_plan_repeats_for_the_same_seed_and_says_json_names_of_the_contract(city: Path) -> None:
    """Two runs give the same sites, with the names that programs rely on."""
    first, second = (
        json.loads(
            yizhan(
                "suggest", "--city", city, "--new", "2", "--minutes", "3", "--seed", "7", "--json"
            ).out
        )
        for _ in range(2)
    )
    assert {"outcome", "reason", "objective", "bound", "gap", "seconds", "sites"} <= set(first)
    assert first["sites"] == second["sites"]
    assert first["objective"] == pytest.approx(sum(site["gain_people"] for site in first["sites"]))
    for site in first["sites"]:
        assert {
            "id",
            "lon_deg",
            "lat_deg",
            "kind",
            "hours",
            "seats",
            "cost_cny",
            "gain_people",
        } <= set(site)


def test_offered_hosts_cost_what_they_say_and_refused_ones_are_said(
    city: Path, tmp_path: Path
) -> None:
    """A budget buys the host that states its price; a host without a place is named on standard error."""
    here = towns.points([(-300, 300), (300, -300)])
    rows = [
        f"h1,Bank,{here.x[0]},{here.y[0]},5000",
        f"h2,Mall,{here.x[1]},{here.y[1]},90000",
        "h3,Nowhere,999,999,1",
    ]
    hosts = tmp_path / "hosts.csv"
    hosts.write_text("id,name,lon,lat,cost_cny\n" + "\n".join(rows), "utf-8")
    words = [
        "suggest",
        "--city",
        city,
        "--hosts",
        hosts,
        "--frame",
        "wgs84",
        "--minutes",
        "2",
        "--json",
    ]
    cheap = yizhan(*words, "--budget", "6000")
    assert [site["cost_cny"] for site in json.loads(cheap.out)["sites"]] in ([5000.0], [])
    assert "4" in cheap.err
    assert yizhan(*words, "--budget", "4000").code == 4

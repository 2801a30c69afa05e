"""Bad input: one clear sentence with what to do, a non-zero exit code, and the city as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support import towns
from support.records import demand_frame, stations_frame
from support.shell import Ran, yizhan

from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings


def fingerprint(folder: Path) -> dict[str, str]:
    """Give the hash of every file of a city; the database's side files may come and go."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not p.name.endswith(("-wal", "-shm"))
    }


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A small city of one street, two stations and three places."""
    tables = CityTables(
        streets=towns.streets({1: (0, 0), 2: (3000, 0)}, [(1, 2)]),
        demand=demand_frame([(0, 0), (1000, 0), (3000, 0)], [10, 20, 30]),
        stations=stations_frame([{"id": "a", "hours": "24/7"}, {"id": "b"}], [(100, 0), (200, 0)]),
    )
    return write_city(tmp_path / "city", CitySettings(name="town"), tables).folder


def file(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


STATIONS = "id,name,lon,lat\n1,甲,113.66,34.75\n"
Case = tuple[str, Callable[[Path, Path], list[object]], int, str]
CASES: list[Case] = [
    ("no city", lambda c, t: ["coverage", "--city", t / "none"], 3, "yizhan demo"),
    ("missing streets", lambda c, t: ["city", "build", "--city", c, "--streets", t / "x.pbf"], 3, "x.pbf"),
    ("nothing to build from", lambda c, t: ["city", "build", "--city", c], 2, "--streets"),
    ("streets are no extract", lambda c, t: ["city", "build", "--city", c, "--streets", file(t, "a.osm", "no")], 2, "a.osm"),
    (
        "demand without people column",
        lambda c, t: ["city", "build", "--city", c, "--demand", file(t, "d.csv", "lon,lat,n\n1,2,3\n")],
        2,
        "--people",
    ),
    (
        "people column is absent",
        lambda c, t: ["city", "build", "--city", c, "--demand", file(t, "d.csv", "lon,lat,n\n1,2,3\n"), "--people", "folk", "--frame", "wgs84"],
        2,
        "folk",
    ),
    (
        "negative people only",
        lambda c, t: ["city", "build", "--city", c, "--demand", file(t, "d.csv", "lon,lat,n\n113.6,34.7,-3\n"), "--people", "n", "--frame", "wgs84"],
        2,
        "d.csv",
    ),
    (
        "stations without a frame",
        lambda c, t: ["stations", "import", file(t, "s.csv", STATIONS), "--city", c, "--apply"],
        2,
        "--frame",
    ),
    ("unknown frame", lambda c, t: ["stations", "import", file(t, "s.csv", STATIONS), "--frame", "utm", "--city", c], 2, "utm"),
    (
        "wrong columns",
        lambda c, t: ["stations", "import", file(t, "s.csv", "a,b\n1,2\n"), "--frame", "wgs84", "--city", c, "--apply"],
        2,
        "lon",
    ),
    (
        "self-crossing polygon",
        lambda c, t: [
            "city", "build", "--city", c, "--frame", "wgs84", "--areas",
            file(t, "a.geojson", json.dumps({
                "type": "FeatureCollection",
                "features": [{
                    "type": "Feature",
                    "properties": {"id": "1", "name": "bow tie"},
                    "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]},
                }],
            })),
        ],
        2,
        "bow tie",
    ),
    ("zero new sites", lambda c, t: ["suggest", "--city", c, "--new", "0"], 2, "--new"),
    ("budget below the cheapest", lambda c, t: ["suggest", "--city", c, "--model", "mclp", "--budget", "100"], 4, "13000"),
    ("negative budget", lambda c, t: ["suggest", "--city", c, "--budget", "-5"], 2, "budget"),
    ("standard of no minutes", lambda c, t: ["coverage", "--city", c, "--minutes", "0"], 2, "minutes"),
    ("swapped position", lambda c, t: ["stations", "near", "--city", c, "--lon", "34.7", "--lat", "113.6"], 2, "swapped"),
    ("unknown need", lambda c, t: ["stations", "near", "--city", c, "--lon", "113.6", "--lat", "34.7", "--needs", "jacuzzi"], 2, "jacuzzi"),
    ("moment at the end of time", lambda c, t: ["stations", "near", "--city", c, "--lon", "113.66", "--lat", "34.75", "--at", "9999-12-31T23:59"], 2, "9999"),
    ("limit that is no number", lambda c, t: ["stations", "near", "--city", c, "--lon", "113.66", "--lat", "34.75", "--minutes", "nan"], 2, "nan"),
    ("time limit that is no number", lambda c, t: ["suggest", "--city", c, "--new", "1", "--time-limit", "nan"], 2, "nan"),
    ("no moment", lambda c, t: ["stations", "state", "--hours", "24/7", "--at", "noon"], 2, "noon"),
    ("unreadable hours", lambda c, t: ["stations", "state", "--hours", "whenever", "--at", "2026-09-20T10:00"], 2, "whenever"),
    ("unknown option", lambda c, t: ["coverage", "--city", c, "--mins", "5"], 2, "--mins"),
    ("hotspots without workers", lambda c, t: ["hotspots", "build", "--city", c, "--frame", "wgs84", "--points", file(t, "p.csv", "lon,lat\n113.6,34.7\n")], 2, "worker"),
    ("hosts that are none", lambda c, t: ["suggest", "--city", c, "--new", "1", "--frame", "wgs84", "--hosts", file(t, "h.csv", "id,name,lon,lat\n1,a,999,999\n")], 2, "h.csv"),
]  # fmt: skip


def assert_one_clear_sentence(ran: Ran, code: int, word: str) -> None:
    """Check exit code, a message that names what is wrong, and no trace of ours."""
    assert ran.code == code, (ran.code, ran.out, ran.err)
    assert word in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


@pytest.mark.parametrize(("name", "words", "code", "word"), CASES, ids=[c[0] for c in CASES])
def test_bad_input_says_what_to_do_and_loses_nothing(
    city: Path, tmp_path: Path, name: str, words: Callable, code: int, word: str
) -> None:
    """Each kind of bad input gives one clear sentence, its exit code, and leaves the city as it was."""
    before = fingerprint(city)
    assert_one_clear_sentence(yizhan(*words(city, tmp_path)), code, word)
    assert fingerprint(city) == before


def test_errors_speak_chinese_first_and_english_second(tmp_path: Path) -> None:
    """The two lines say the same thing."""
    err = yizhan("coverage", "--city", tmp_path / "none").err.splitlines()
    assert err[0].startswith("错误：")
    assert err[1].startswith("Error: ")
    assert err[0] != err[1]


def test_real_data_are_never_mixed_with_the_sample_city(city: Path, tmp_path: Path) -> None:
    """Building over an invented city is refused, with what to do, and changes nothing."""
    toml = city / "city.toml"
    toml.write_text(
        toml.read_text("utf-8").replace("is_synthetic = false", "is_synthetic = true"), "utf-8"
    )
    before = fingerprint(city)
    ran = yizhan(
        "city",
        "build",
        "--city",
        city,
        "--stations",
        file(tmp_path, "s.csv", STATIONS),
        "--frame",
        "wgs84",
    )
    assert_one_clear_sentence(ran, 2, "sample city")
    assert fingerprint(city) == before


def test_build_says_what_lies_far_from_the_city(city: Path, tmp_path: Path) -> None:
    """Stations of another city are taken, and said on standard error."""
    far = file(tmp_path, "s.csv", "id,name,lon,lat\n1,a,121.5,31.2\n2,b,113.66,34.75\n")
    ran = yizhan("city", "build", "--city", city, "--stations", far, "--frame", "wgs84")
    assert ran.code == 0
    assert "1" in ran.err


@pytest.mark.parametrize("text", ["[/bold] x", "\\\\[/bold]", ":smile: \x1b[31mred"])
def test_data_never_become_markup_of_the_terminal(tmp_path: Path, text: str) -> None:
    """Names that look like rich's markup or escape sequences are printed as text."""
    tables = CityTables(
        demand=demand_frame([(0, 0)], [10]),
        stations=stations_frame([{"id": "a", "name": text, "hours": "24/7"}], [(100, 0)]),
    )
    folder = write_city(tmp_path / "c", CitySettings(name=text.replace("\x1b", "")), tables).folder
    here = towns.points([(0, 0)])
    ran = yizhan("stations", "near", "--city", folder, "--lon", here.x[0], "--lat", here.y[0])
    assert ran.code == 0, ran.err
    assert text.replace("\x1b", "\N{REPLACEMENT CHARACTER}") in ran.out
    assert yizhan("coverage", "--city", folder).code == 0


def test_wrong_usage_speaks_chinese_first(city: Path) -> None:
    """An unknown option gives a Chinese line, then the usage."""
    err = yizhan("coverage", "--city", city, "--mode", "car").err.splitlines()
    assert "命令" in err[0]
    assert any("car" in line for line in err[1:])


def test_password_of_the_database_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings are listed without what is secret in them."""
    monkeypatch.setenv("YIZHAN_DATABASE_URL", "postgresql://u:hunter2@h/x")
    ran = yizhan("config")
    assert ran.code == 0
    assert "hunter2" not in ran.out


def test_file_without_a_usable_row_fails(city: Path, tmp_path: Path) -> None:
    """A script notices: every row refused is an error, with the reasons."""
    bad = file(tmp_path, "s.csv", "id,name,lon,lat\n1,a,999,999\n")
    ran = yizhan("stations", "import", bad, "--frame", "wgs84", "--city", city)
    assert_one_clear_sentence(ran, 2, "s.csv")


def test_damaged_database_is_said(city: Path) -> None:
    """A database that is no database is unavailable, with its name in the sentence."""
    (city / "yizhan.sqlite").write_bytes(b"this is no database" * 100)
    ran = yizhan("coverage", "--city", city)
    assert ran.code == 5
    assert "yizhan.sqlite" in ran.err


def test_lost_database_is_said_and_not_made_anew(city: Path) -> None:
    """Without its database a city has lost its stations: it says so instead of starting empty."""
    (city / "yizhan.sqlite").unlink()
    for words in (["coverage"], ["doctor"]):
        ran = yizhan(*words, "--city", city)
        assert ran.code == 5
        assert "yizhan.sqlite" in ran.err + ran.out
    assert not (city / "yizhan.sqlite").exists()


@pytest.mark.parametrize("name", ["streets.parquet", "demand.parquet"])
def test_doctor_finds_damaged_tables(city: Path, name: str) -> None:
    """A truncated table is found by doctor, which names it and fails."""
    (city / name).write_bytes((city / name).read_bytes()[:100])
    ran = yizhan("doctor", "--city", city)
    assert ran.code == 5
    assert name in ran.out


@pytest.mark.parametrize("name", ["x\x7f", "a\nb", "\udcff"])
def test_names_with_control_characters_are_refused_before_anything_is_touched(
    city: Path, tmp_path: Path, name: str
) -> None:
    """A name that no file can hold leaves the city as it was."""
    before = fingerprint(city)
    source = file(tmp_path, "s.csv", STATIONS)
    ran = yizhan(
        "city", "build", "--city", city, "--stations", source, "--frame", "wgs84", "--name", name
    )
    assert ran.code == 2
    assert fingerprint(city) == before


def test_city_without_demand_is_said(tmp_path: Path) -> None:
    """Without people and hotspots there is nobody to serve, and the sentence says how to add them."""
    tables = CityTables(streets=towns.streets({1: (0, 0), 2: (900, 0)}, [(1, 2)]))
    folder = write_city(tmp_path / "empty", CitySettings(), tables).folder
    ran = yizhan("coverage", "--city", folder)
    assert ran.code == 2
    assert "--demand" in ran.err

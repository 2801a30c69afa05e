"""City folders: a write happens whole or not at all, settings are checked, damage is told."""

from __future__ import annotations

import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from support import small_city

from geodata.city import CityTables, open_city, write_city
from geodata.city_settings import CitySettings, read_settings
from geodata.errors import InvalidInputError, NotFoundError, UnavailableError
from geodata.store import open_store

TESTS = Path(__file__).resolve().parents[1]
FRAMES = ("streets", "demand", "areas")


def tables(mark: str) -> CityTables:
    """Give tables of a city that all carry a mark."""
    return CityTables(
        streets=small_city.streets().assign(name=mark),
        demand=small_city.demand().assign(name=mark),
        areas=small_city.areas().assign(name=mark),
        stations=small_city.stations_frame([replace(small_city.stations()[0], name=mark)]),
        hotspots=small_city.hotspots().assign(name=mark),
    )


def build(folder: Path, mark: str) -> None:
    """Write a city that carries a mark in every part, the basemap included."""
    write_city(
        folder,
        CitySettings(name=mark),
        tables(mark),
        write_extra=lambda staging: (staging / "basemap.pmtiles").write_text(mark),
    )


def marks(folder: Path) -> set[str]:
    """Open a city and give the marks found anywhere in it; one mark is a whole city."""
    city = open_city(folder)
    found = {city.settings.name, city.basemap_path.read_text()}
    for name in FRAMES:
        found |= set(getattr(city, name)["name"])
    with city.store() as store:
        return found | set(store.stations()["name"]) | set(store.hotspots()["name"])


def hidden(folder: Path) -> list[str]:
    """List what a write may leave behind."""
    return sorted(p.name for p in folder.glob(".*"))


def files(folder: Path) -> dict[str, bytes]:
    """Give every file of a city beside its database, which closing may rewrite."""
    paths = (p for p in folder.rglob("*") if p.is_file() and "sqlite" not in p.name)
    return {str(p.relative_to(folder)): p.read_bytes() for p in paths}


def failing(monkeypatch: pytest.MonkeyPatch, file_name: str) -> None:
    """Let every attempt to put a file of this name in its place fail."""
    original = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if Path(target).name == file_name:
            raise OSError(28, "No space left on device")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", refuse)


def test_a_written_city_is_read_back_and_nothing_else_is_left(tmp_path: Path) -> None:
    """Building and building again each give one whole city and no file of the work."""
    for mark in ("old", "new"):
        build(tmp_path / "city", mark)
        assert marks(tmp_path / "city") == {mark}
        assert hidden(tmp_path / "city") == []


def test_what_is_not_given_stays(tmp_path: Path) -> None:
    """A build of streets alone keeps people, districts, stations and hotspots."""
    build(tmp_path, "old")
    write_city(tmp_path, CitySettings(name="new"), CityTables(streets=tables("new").streets))
    city = open_city(tmp_path)
    assert set(city.streets["name"]) == {"new"}
    assert set(city.demand["name"]) == set(city.areas["name"]) == {"old"}
    with city.store() as store:
        assert set(store.stations()["name"]) == set(store.hotspots()["name"]) == {"old"}


@pytest.mark.parametrize("name", ["stations", "hotspots"])
def test_a_table_that_breaks_the_rules_changes_nothing(tmp_path: Path, name: str) -> None:
    """A bad frame for the store leaves both tables of the store and all files as they were."""
    build(tmp_path, "old")
    before = files(tmp_path)
    frame = getattr(tables("new"), name).to_crs("EPSG:3857")
    with pytest.raises(InvalidInputError, match="WGS 84"):
        write_city(tmp_path, CitySettings(name="new"), replace(tables("new"), **{name: frame}))
    assert files(tmp_path) == before
    assert marks(tmp_path) == {"old"}


@pytest.mark.parametrize(
    "file_name",
    ["areas.parquet", "basemap.pmtiles", "city.toml", "demand.parquet", "streets.parquet"],
)
def test_a_file_that_cannot_be_placed_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_name: str
) -> None:
    """Whichever file cannot be put in place, the old city stays whole, and the error is ours."""
    build(tmp_path, "old")
    before = files(tmp_path)
    with monkeypatch.context() as patched:
        failing(patched, file_name)
        with pytest.raises(UnavailableError, match="No space left"):
            build(tmp_path, "new")
    assert files(tmp_path) == before
    assert marks(tmp_path) == {"old"}
    build(tmp_path, "new")
    assert marks(tmp_path) == {"new"}


def test_a_store_that_cannot_commit_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the database fails at the very end, the files in place go back as well."""
    build(tmp_path, "old")
    before = files(tmp_path)

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr("sqlalchemy.engine.default.DefaultDialect.do_commit", fail)
        with pytest.raises(UnavailableError, match="disk I/O error"):
            build(tmp_path, "new")
    assert files(tmp_path) == before
    assert marks(tmp_path) == {"old"}


@pytest.mark.parametrize("inner", ["city", "a/b/city"])
def test_a_first_build_that_fails_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    """Folders made for a city that then could not be written are removed; others stay."""
    failing(monkeypatch, "demand.parquet")
    with pytest.raises(UnavailableError):
        build(tmp_path / inner, "new")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_build_keeps_a_folder_that_was_there(tmp_path: Path) -> None:
    """A folder of somebody else's files is not removed with a first build that fails."""
    (tmp_path / "notes.txt").write_text("mine")
    bad = replace(tables("new"), hotspots=tables("new").hotspots.to_crs("EPSG:3857"))
    with pytest.raises(InvalidInputError):
        write_city(tmp_path, CitySettings(), bad)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    with pytest.raises(NotFoundError):
        open_city(tmp_path)


def test_staging_folders_of_killed_builds_are_removed(tmp_path: Path) -> None:
    """The next build that succeeds takes away what a killed one left; one that fails need not."""
    build(tmp_path, "old")
    (tmp_path / ".staging-left" / "new").mkdir(parents=True)
    (tmp_path / ".staging-left" / "new" / "demand.parquet").write_text("half")
    build(tmp_path, "new")
    assert hidden(tmp_path) == []
    assert marks(tmp_path) == {"new"}


def test_who_opens_a_city_being_written_waits_and_undoes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a living write others are told to wait, and the write comes to its end."""
    build(tmp_path, "old")
    original = Path.replace
    told = []

    def look(self: Path, target: Path) -> Path:
        if Path(target).name == "demand.parquet":
            with pytest.raises(UnavailableError, match="busy") as caught:
                open_city(tmp_path)
            told.append(caught)
        return original(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", look)
        patched.setattr("geodata.city.open_store", partial(open_store, busy_timeout_s=0.05))
        build(tmp_path, "new")
    assert len(told) == 1
    assert marks(tmp_path) == {"new"}


KILLED = """
import json, os, signal, sys
from pathlib import Path

import test_city
from geodata.migrations import upgrade  # loaded before any audit hook
from sqlalchemy import Engine, event

ended = {}
for folder in map(Path, sys.argv[1:]):
    child = os.fork()
    if child == 0:
        left = int(folder.name)

        def step(*_):
            global left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

        sys.addaudithook(lambda name, _: step() if name == "os.rename" else None)
        event.listen(Engine, "commit", step)
        test_city.build(folder, "new")
        os._exit(0)
    ended[folder.name] = os.waitpid(child, 0)[1]
print(json.dumps(ended))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill builds cheaply")
@pytest.mark.parametrize("is_first", [False, True])
def test_a_build_killed_at_any_step_leaves_a_whole_city(tmp_path: Path, is_first: bool) -> None:
    """Killed before any rename or commit, a city is wholly old (or absent), or wholly new."""
    folders = [tmp_path / str(k) for k in range(12)]
    if not is_first:
        build(tmp_path / "old", "old")
        for folder in folders:
            shutil.copytree(tmp_path / "old", folder)
    ended = run_killed(folders)
    kills = [k for k in range(12) if ended[str(k)] != 0]
    # One step to start, five files, one commit or more, one step to end.
    assert kills == list(range(len(kills)))
    assert 8 <= len(kills) < 12
    outcomes = [outcome(folders[k]) for k in kills]
    # Everything before the commit is undone, the one step after it is kept.
    assert outcomes == [set() if is_first else {"old"}] * (len(kills) - 1) + [{"new"}]
    for k in kills:
        assert ".previous" not in hidden(folders[k])
        build(folders[k], "again")
        assert marks(folders[k]) == {"again"}
        assert hidden(folders[k]) == []


def run_killed(folders: list[Path]) -> dict[str, int]:
    """Build in each folder, killed at the step that its name says; give how each build ended."""
    path = os.pathsep.join(map(str, (TESTS / "integration", TESTS, TESTS.parent)))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, *map(str, folders)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        timeout=120,
        check=True,
    )
    return dict(json.loads(done.stdout))


def outcome(folder: Path) -> set[str]:
    """Give the marks of a city, none when there is no city."""
    try:
        return marks(folder)
    except NotFoundError:
        return set()


BAD_SETTINGS = {
    "name": [3, None],
    "name_en": [True],
    "attribution": [["a"]],
    "map_approval_number": [7],
    "time_zone": ["Nowhere/X", "", "../x", "Asia", 8],
    "languages": ["zh", ("zh", "xx"), (), ("zh", "zh"), (1,)],
    "is_synthetic": ["yes", 1],
    "new_kind": ["palace", "mobile", 1, ["co_built"]],
    "new_hours": ["bad hours", 9],
    "new_seats": ["x", -1, 1.5, True],
    "people_per_seat": [0, 0.5, "x", math.inf, True],
    "cost_cny": [
        5,
        {"co_built": -1},
        {"co_built": "x"},
        {"co_built": math.nan},
        {"co_built": math.inf},
        {"co_built": 1, "palace": 1},
        {"smart_24h": 1},
    ],
    "detour_factor": [0, -1, 0.99, "a", math.nan, math.inf, True],
}


@pytest.mark.parametrize(("key", "value"), [(k, v) for k, vs in BAD_SETTINGS.items() for v in vs])
def test_a_setting_that_is_not_allowed_is_refused(key: str, value: object) -> None:
    """Each key takes values of its type and range only, and the error names key and value."""
    with pytest.raises(InvalidInputError) as caught:
        CitySettings(**{key: value})
    is_missing_cost = value == {"smart_24h": 1}
    assert ("new_kind" if is_missing_cost else key) in str(caught.value)
    assert is_missing_cost or caught.value.details["value"] in repr(value)
    assert "; write " in str(caught.value)


@pytest.mark.parametrize(
    "line",
    ['languages = "zh"', 'detour_factor = "a"', "name = 3", "[cost_cny]\nco_built = -1",
     "cost_cny = 5", 'time_zone = "Nowhere/X"', "new_hours = 'bad hours'", "languages = [1]"],
)  # fmt: skip
def test_a_bad_line_names_its_file(tmp_path: Path, line: str) -> None:
    """What is wrong in a city.toml is told with the path of that file."""
    (tmp_path / "city.toml").write_text(line)
    with pytest.raises(InvalidInputError) as caught:
        read_settings(tmp_path / "city.toml")
    assert str(tmp_path / "city.toml") in str(caught.value)
    assert line.strip("[").split()[0].rstrip("]") in str(caught.value)


def test_allowed_settings_come_back(tmp_path: Path) -> None:
    """Settings at the edges of what is allowed are taken, written and read back as they were."""
    chosen = CitySettings(
        name="“引号” \\ 城", languages=("en",), time_zone="Europe/Lisbon", is_synthetic=True,
        new_kind="mobile", new_hours="", new_seats=0, detour_factor=1,
        cost_cny={"mobile": 0, "co_built": 1.5, "smart_24h": 2.0, "flagship": 3.0},
    )  # fmt: skip
    assert write_city(tmp_path, chosen, CityTables()).settings == chosen


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scramble(path: Path) -> None:
    content = path.read_bytes()
    n = len(content) // 2
    path.write_bytes(content[:4] + (bytes(range(256)) * n)[: n - 4] + content[n:])


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "random": lambda path: path.write_bytes(bytes(range(256)) * 40),
    "truncated": cut,
    "scrambled": scramble,
    "no geometry": lambda path: small_city.demand().drop(columns="geometry").to_parquet(path),
    "other columns": small_city.demand()[["people", "geometry"]].to_parquet,
}  # fmt: skip


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_table_is_told(tmp_path: Path, name: str, what: str) -> None:
    """Whatever is wrong with a table's file, the error names it and says to build anew."""
    build(tmp_path, "old")
    DAMAGE[what](tmp_path / f"{name}.parquet")
    with pytest.raises(UnavailableError, match=f"{name}.parquet is damaged.*build the city anew"):
        getattr(open_city(tmp_path), name)


def test_weeks_of_another_length_are_damage(tmp_path: Path) -> None:
    """A demand table whose presence is not 168 hours is damaged, one without rows is not."""
    build(tmp_path, "old")
    path = tmp_path / "demand.parquet"
    frame = small_city.demand()
    frame.iloc[:0].to_parquet(path)
    assert len(open_city(tmp_path).demand) == 0
    frame["presence"] = [week[:-1] for week in frame["presence"]]
    frame.to_parquet(path)
    with pytest.raises(UnavailableError, match="is damaged"):
        _ = open_city(tmp_path).demand


def test_city_in_a_relative_folder_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named from where one stands works like one named from the root."""
    monkeypatch.chdir(tmp_path)
    city = write_city(Path("here"), CitySettings(name="town"), CityTables())
    assert city.settings.name == "town"
    assert sorted(p.name for p in Path("here").iterdir() if p.name.startswith(".")) == []


def test_who_wrote_the_tables_stands_in_the_trail(tmp_path: Path) -> None:
    """A city that is built anew says who built it and when."""
    moment = datetime(2026, 9, 20, 8, 30)
    city = write_city(tmp_path / "c", CitySettings(), tables("one"), moment=moment, who="Li")
    with city.store() as store, store.dumping() as lines:
        told = [line.decode() for line in lines("audit")]
    assert [("Li" in line, "2026-09-20T08:30" in line) for line in told] == [(True, True)] * 2

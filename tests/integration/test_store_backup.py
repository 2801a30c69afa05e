"""Backups: the drill of restoring to an empty machine, and what a damaged backup says."""

from __future__ import annotations

import json
import shutil
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from geopandas.testing import assert_geodataframe_equal
from support import small_city
from support.register import BY_LI, MOMENT, NOTE, change, named

from geodata.backup import back_up, restore
from geodata.cases import Case
from geodata.city import City, CityTables, open_city, write_city
from geodata.errors import InvalidInputError, UnavailableError, YizhanError
from geodata.inspections import Inspection
from geodata.register import dump
from geodata.reports import Report
from geodata.store import Store
from web.cli import cli


def live_in(store: Store) -> None:
    """Leave something in every table of a small city's register."""
    store.apply_stations(named("x", "y", "q", code="", district_code="410102"), **NOTE, who="李")
    store.apply_stations(named("z"), **NOTE)
    store.undo(**BY_LI)
    change(store, "x", code="410102-0001-X", status="suspended", area_m2=0.1 + 0.2)
    store.merge("x", "y", fields={"phone": "0371-1"}, **BY_LI)
    store.keep_apart("x", "q", **BY_LI)
    store.add_report(Report(station_id="x", moment=MOMENT, kind="locked", device="d"))
    store.add_case(
        Case(station_id="x", opened_on="2026-09-20", reason="锁门", step="rectify"), moment=MOMENT
    )
    visit = Inspection(station_id="x", inspected_on="2026-09-20", who="Li", result="shut")
    store.add_inspection(visit, moment=MOMENT)
    store.remember_mapping("office", {"站名": "name"}, **BY_LI)


def build(folder: Path, url: str | None = None) -> City:
    """Make a small city that has been lived in, with files of every kind."""
    plain = small_city.write(folder.with_name("plain"))
    with plain.store() as store:
        tables = CityTables(stations=store.stations(), hotspots=store.hotspots())
    shutil.copytree(plain.folder, folder, ignore=shutil.ignore_patterns("yizhan.sqlite*"))
    (folder / "basemap.pmtiles").write_bytes(bytes(range(256)) * 10)
    (folder / "proposals" / "2026").mkdir(parents=True)
    (folder / "proposals" / "2026" / "报告.html").write_text("方案")
    (folder / "notes.txt").write_text("not part of the city")
    city = write_city(folder, plain.settings, tables, database_url=url)
    with city.store() as store:
        live_in(store)
    return city


def files(folder: Path) -> dict[str, bytes]:
    """Give the files of a city, without its database and what is not its own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "sqlite" not in path.name and path.name != "notes.txt"
    }


@pytest.fixture
def places(request: pytest.FixtureRequest) -> Iterator[Callable[[str], str | None]]:
    """Give a function that makes an empty database of a kind, and says its URL."""
    made = []

    def make(kind: str) -> str | None:
        if kind == "sqlite":
            return None
        server = request.getfixturevalue("postgresql")
        made.append((server, server.make_register()))
        return str(made[-1][1])

    yield make
    for server, url in made:
        server.drop(url)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give a city and its backup, to be copied."""
    folder = tmp_path_factory.mktemp("built")
    back_up(build(folder / "city"), folder / "a.zip", moment=MOMENT)
    return folder / "city", folder / "a.zip"


@pytest.fixture
def city(built: tuple[Path, Path], tmp_path: Path) -> City:
    return open_city(Path(shutil.copytree(built[0], tmp_path / "city")))


@pytest.fixture
def saved(built: tuple[Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copy(built[1], tmp_path / "a.zip"))


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_restored_city_is_the_same_city(
    tmp_path: Path, places: Callable[[str], str | None], source: str, target: str
) -> None:
    """The drill, on and across both databases: counts, hashes, frames and files are equal."""
    city = build(tmp_path / "city", places(source))
    manifest = back_up(city, tmp_path / "a.zip", moment=MOMENT)
    restored = restore(tmp_path / "a.zip", tmp_path / "new" / "city", database_url=places(target))
    assert files(restored.folder) == files(city.folder)
    assert set(manifest.files) == set(files(city.folder))
    with city.store() as old, restored.store() as new:
        was, now = old.check(), new.check()
        assert now == was
        assert dict(was.sums) == dict(manifest.tables)
        assert was.is_sound
        assert min(of.rows for of in was.sums.values()) > 0  # each table was put to the test
        assert_geodataframe_equal(old.stations(), new.stations())
        assert_geodataframe_equal(old.hotspots(), new.hotspots())
        assert new.data_version() == old.data_version()
        assert (new.history("x"), new.facts("x")) == (old.history("x"), old.facts("x"))
        # The restored register is lived in as the old one would have been.
        for store in (old, new):
            assert store.unmerge("y", **BY_LI).is_kept_restored
            assert store.apply_stations(named("w"), **NOTE).number == 3
            assert store.undo(**BY_LI).removed == ("w",)
        assert new.check() == old.check()


def test_a_backup_again_is_the_same_backup(saved: Path, tmp_path: Path) -> None:
    """What was restored gives a backup with the same tables and files."""
    city = restore(saved, tmp_path / "new")
    back_up(city, tmp_path / "b.zip", moment=MOMENT)
    with zipfile.ZipFile(saved) as one, zipfile.ZipFile(tmp_path / "b.zip") as other:
        assert one.namelist() == other.namelist()
        assert all(one.read(n) == other.read(n) for n in one.namelist())


def test_a_backup_is_of_one_moment(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others write while a backup is being made is not in it, neither rows nor files."""
    before = files(city.folder)
    with city.store() as store:
        sums = store.check().sums
    original = dump.lines

    def meanwhile(connection: object, name: str) -> Iterator[bytes]:
        if name == dump.NAMES[0]:
            with city.store() as store:
                change(store, "x", name="meanwhile")
            replaced = city.folder / "basemap.new"
            replaced.write_bytes(b"new")
            replaced.replace(city.basemap_path)
        return original(connection, name)  # type: ignore[arg-type]

    monkeypatch.setattr(dump, "lines", meanwhile)
    manifest = back_up(city, tmp_path / "a.zip", moment=MOMENT)
    monkeypatch.undo()
    assert dict(manifest.tables) == dict(sums)
    restored = restore(tmp_path / "a.zip", tmp_path / "new")
    assert files(restored.folder) == before
    assert files(city.folder) != before


def test_nothing_is_overwritten(
    city: City, saved: Path, tmp_path: Path, store: Store, database_url: str
) -> None:
    """A backup keeps existing files, a restore keeps folders and databases that hold something."""
    with pytest.raises(InvalidInputError, match="exists already"):
        back_up(city, saved, moment=MOMENT)
    before = files(city.folder)
    with pytest.raises(UnavailableError, match="is not empty; a backup"):
        restore(saved, city.folder)
    store.replace_stations(named("kept"))
    with pytest.raises(UnavailableError, match="never over another register"):
        restore(saved, tmp_path / "new", database_url=database_url)
    assert list(store.stations()["id"]) == ["kept"]
    assert files(city.folder) == before
    assert not (tmp_path / "new").exists()


def test_a_restore_that_was_cut_off_is_done_again(
    saved: Path, tmp_path: Path, database_url: str
) -> None:
    """A database that holds exactly the backup already is taken as it is."""
    restore(saved, tmp_path / "new", database_url=database_url)
    shutil.rmtree(tmp_path / "new")  # as if killed before the folder was in its place
    again = restore(saved, tmp_path / "new", database_url=database_url)
    with again.store() as store:
        assert store.check().is_sound


def rewrite(saved: Path, edit: Callable[[dict[str, bytes]], None]) -> None:
    """Change the members of a backup."""
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    edit(members)
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def edited_manifest(**new: object) -> Callable[[dict[str, bytes]], None]:
    def edit(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | new).encode()

    return edit


def exchange(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def edit(members: dict[str, bytes]) -> None:
        assert old in members[name]
        members[name] = members[name].replace(old, new, 1)

    return edit


def sneak(name: str) -> Callable[[dict[str, bytes]], None]:
    def edit(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["manifest.json"])
        manifest["files"][name] = manifest["files"]["city.toml"]
        members["manifest.json"] = json.dumps(manifest).encode()
        members[f"files/{name}"] = members["files/city.toml"]

    return edit


DAMAGE = {
    "a changed station": exchange("tables/stations.ndjson", b"0371-1", b"0371-2"),
    "a changed file": exchange("files/basemap.pmtiles", b"\0\1\2", b"\0\1\1"),
    "a lost line": lambda m: m.update(
        {
            "tables/codes.ndjson": b"",
            "tables/facts.ndjson": b"\n".join(m["tables/facts.ndjson"].splitlines()[1:]),
        }
    ),
    "no row": exchange("tables/stations.ndjson", b"{", b"["),
    "bad bytes": exchange("tables/hotspots.ndjson", b'"presence":"', b'"presence":"?'),
    "a lost table": lambda m: m.pop("tables/codes.ndjson"),
    "no manifest": lambda m: m.pop("manifest.json"),
    "another kind": edited_manifest(kind="photos"),
    "a later form": edited_manifest(form=2),
    "another schema": edited_manifest(schema="0001"),
    "a file outside": sneak("../evil.parquet"),
    "an absolute file": sneak("/evil.parquet"),
    "a file further in": sneak("proposals/../../evil.html"),
    "a program": sneak("run.sh"),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_backup_leaves_nothing(saved: Path, tmp_path: Path, what: str) -> None:
    """Whatever is wrong in a backup is found before anything is in its place."""
    rewrite(saved, DAMAGE[what])
    before = sorted(p for p in tmp_path.rglob("*"))
    with pytest.raises(InvalidInputError, match=r"backup|another version"):
        restore(saved, tmp_path / "new")
    assert sorted(p for p in tmp_path.rglob("*")) == before


def test_a_torn_backup_says_so(saved: Path, tmp_path: Path) -> None:
    """A file cut off, flipped bits, another kind of file, a packing we never use: one sentence."""
    whole = saved.read_bytes()
    middle = len(whole) // 2
    for bad in (whole[:-30], b"", b"no zip", whole[:middle] + b"\xff" * 9 + whole[middle + 9 :]):
        saved.write_bytes(bad)
        with pytest.raises(InvalidInputError, match=r"damaged|no ZIP"):
            restore(saved, tmp_path / "new")
        assert not (tmp_path / "new").exists()
    with zipfile.ZipFile(saved, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("manifest.json", "{}")
    with pytest.raises(InvalidInputError, match="no ZIP"):
        restore(saved, tmp_path / "new")
    with pytest.raises(InvalidInputError, match="no file"):
        restore(tmp_path / "absent.zip", tmp_path / "new")


def test_a_backup_of_a_forged_trail_is_not_restored(city: City, tmp_path: Path) -> None:
    """A register whose trail was tampered with can be saved, as evidence, but not brought back."""
    with closing(sqlite3.connect(city.folder / "yizhan.sqlite")) as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("UPDATE audit SET who = 'x' WHERE number = 2")
        raw.commit()
    back_up(city, tmp_path / "a.zip", moment=MOMENT)
    with pytest.raises(InvalidInputError, match="line 2 of the audit trail in the backup"):
        restore(tmp_path / "a.zip", tmp_path / "new")


def run(*arguments: str, url: str | None = None) -> tuple[int, str]:
    """Run a command; give its exit code and what it printed, or our error's code and sentence."""
    found = CliRunner().invoke(
        cli, ["--lang", "en", "database", *arguments], env={"YIZHAN_DATABASE_URL": url}
    )
    if isinstance(found.exception, YizhanError):
        return found.exception.exit_code, str(found.exception)
    assert found.exception is None
    return found.exit_code, found.output


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_the_commands_do_the_drill(
    city: City, tmp_path: Path, places: Callable[[str], str | None], target: str
) -> None:
    """Backup, restore and check from the command line; check prints the same on both machines."""
    saved, new, url = str(tmp_path / "a.zip"), str(tmp_path / "new"), places(target)
    code, said = run("backup", "--city", str(city.folder), saved)
    assert (code, "15 stations" in said) == (0, True)
    assert oct(Path(saved).stat().st_mode)[-3:] == "600"
    code, said = run("restore", saved, "--city", new, url=url)
    assert (code, "is restored" in said) == (0, True)
    answer = run("check", "--city", str(city.folder), "--json")
    assert run("check", "--city", new, "--json", url=url) == answer
    assert json.loads(answer[1])["sound"] is True
    code, said = run("check", "--city", new, url=url)
    assert (code, "Everything looks right" in said) == (0, True)


def test_check_finds_a_forged_trail_and_a_damaged_file(city: City) -> None:
    """The check ends with an error and says which line, or that the file is damaged."""
    path = city.folder / "yizhan.sqlite"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("UPDATE audit SET who = 'x' WHERE number = 3")
        raw.execute("PRAGMA writable_schema = ON")
        raw.commit()
    code, said = run("check", "--city", str(city.folder))
    assert (code, "line 3 of the audit trail" in said) == (5, True)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'ix_facts_station_id'")
        at = (page.fetchone()[0] - 1) * raw.execute("PRAGMA page_size").fetchone()[0]
    content = bytearray(path.read_bytes())
    content[at + 8 : at + 40] = b"\xff" * 32
    path.write_bytes(content)
    code, said = run("check", "--city", str(city.folder))
    assert (code, "damaged" in said) == (5, True)

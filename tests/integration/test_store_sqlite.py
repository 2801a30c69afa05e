"""The store in a SQLite file: how it is set up, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.register import BY_LI, MOMENT, NOTE, named, prepared

from geodata.errors import UnavailableError
from geodata.store import Store, open_store


@pytest.fixture
def path(tmp_path: Path, empty_register: Path) -> Path:
    prepared(tmp_path / "a.sqlite", empty_register)
    return tmp_path / "a.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{path}") as opened:
        yield opened


def test_a_box_query_goes_through_the_index(path: Path) -> None:
    """A box is found by the index of coordinates."""
    with closing(sqlite3.connect(path)) as raw:
        query = "EXPLAIN QUERY PLAN SELECT * FROM stations WHERE lon_deg BETWEEN 1 AND 2"
        assert "ix_stations_lon_deg_lat_deg" in str(raw.execute(query).fetchall())


def test_a_failing_write_leaves_everything_as_it_was(store: Store, path: Path) -> None:
    """When the database refuses a row in the middle, the whole write is taken back."""
    store.replace_stations(named("kept"))
    before = store.data_version()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(
            "CREATE TRIGGER no_b BEFORE INSERT ON stations WHEN NEW.id = 'b' "
            "BEGIN SELECT RAISE(ABORT, 'no b'); END"
        )
        raw.commit()
    with pytest.raises(UnavailableError, match="no b"):
        store.replace_stations(named("a", "b"))
    with pytest.raises(UnavailableError, match="no b"):
        store.apply_stations(named("a", "b"), **NOTE)
    assert list(store.stations()["id"]) == ["kept"]
    assert store.data_version() == before
    assert store.check_audit() is None


def test_readers_are_not_stopped_by_a_writer(store: Store, path: Path) -> None:
    """While another program writes, stations can be read, and a second writer is told to wait."""
    store.replace_stations(named("kept"))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert list(store.stations()["id"]) == ["kept"]
        with (
            open_store(f"sqlite:///{path}", busy_timeout_s=0.05) as second,
            pytest.raises(UnavailableError, match="busy"),
        ):
            second.replace_stations(named())
        other.execute("ROLLBACK")
    assert list(store.stations()["id"]) == ["kept"]


def test_sqlite_is_set_up_for_a_city(store: Store, path: Path) -> None:
    """The file is in WAL mode and every connection of ours checks foreign keys."""
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with store._engine.connect() as connection:
        pragma = connection.exec_driver_sql
        assert pragma("PRAGMA foreign_keys").scalar() == 1
        assert pragma("PRAGMA synchronous").scalar() == 1
        assert pragma("PRAGMA busy_timeout").scalar() == 5000


def test_an_unreadable_file_is_told_apart(tmp_path: Path) -> None:
    """Each way in which a store cannot be used has its own sentence."""
    (tmp_path / "text.sqlite").write_text("no database at all, but long enough" * 20)
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite")) as raw:
        raw.execute("CREATE TABLE recipes (id INTEGER)")
    with open_store(f"sqlite:///{tmp_path / 'newer.sqlite'}"):
        pass
    with closing(sqlite3.connect(tmp_path / "newer.sqlite")) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
        raw.commit()
    for place, words in {
        "text.sqlite": "is not a database",
        "foreign.sqlite": "another program",
        "newer.sqlite": "newer version",
        "absent/a.sqlite": "does not exist",
        "": "cannot be used",
    }.items():
        with pytest.raises(UnavailableError, match=words):
            open_store(f"sqlite:///{tmp_path / place}")
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite")) as raw:
        names = raw.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("recipes",)]


def test_a_locked_file_is_busy(tmp_path: Path) -> None:
    """A file that another program holds for itself is called busy, not broken."""
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UnavailableError, match="busy"):
            open_store(f"sqlite:///{path}", busy_timeout_s=0.05)


def test_a_full_database_says_so_and_stays_as_it_was(store: Store) -> None:
    """When no page can be added every write fails with one sentence and changes nothing."""
    store.apply_stations(named("kept"), **NOTE)
    before, pages = store.data_version(), []
    with store._engine.connect() as connection:  # the pool has one connection for one thread
        pages.append(connection.exec_driver_sql("PRAGMA page_count").scalar())
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages[0]}")
    many = [f"s{i}" for i in range(500)]
    for write in (
        lambda: store.apply_stations(named(*many), **NOTE),
        lambda: store.replace_stations(named(*many)),
        lambda: store.change("kept", {"address": "x" * 100_000}, expected_version=None,
                             source="visit", **BY_LI),
        lambda: store.remember_mapping("a", dict.fromkeys(many, "name"), who="", moment=MOMENT),
    ):  # fmt: skip
        with pytest.raises(UnavailableError, match=r"is full; nothing was changed: free some"):
            write()
    assert store.data_version() == before
    assert list(store.stations()["id"]) == ["kept"]
    assert store.check_audit() is None
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert store.apply_stations(named(*many), **NOTE).n_new == 500

"""The store: what goes in comes out, whole writes or none, clear words when it cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import geodata.migrations
from geodata.errors import InvalidInputError, UnavailableError
from geodata.importers.stations import to_frame
from geodata.migrations import tables
from geodata.records import HOTSPOT_COLUMNS, STATION_COLUMNS, Station
from geodata.store import Store, open_store

MOMENT = datetime(2026, 9, 20, 10, 0, tzinfo=UTC)
NOTE = {"source": "office", "file_name": "a.csv", "file_sha256": "0" * 64, "moment": MOMENT}

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    ["'; DROP TABLE stations; --", '"><img onerror=x>', "{{7*7}}", "\\N", "%s %(a)s :b ?", "𠀀😀"]
)
AMOUNT = st.just(float("nan")) | st.floats(0, 1e9)
LON, LAT = st.floats(-180, 180), st.floats(-90, 90)


def station(station_id: str, **values: Any) -> dict[str, Any]:
    record = {
        "id": station_id, "name": "n", "lon_deg": 113.6, "lat_deg": 34.7, "hours": "24/7",
        "hours_text": "24小时", "facilities": ("aed", "toilet"), "entry": "qr", "kind": "co_built",
        "status": "open", "area_m2": 12.5, "seats": float("nan"), "host": "", "address": "",
        "district": "", "phone": "", "source": "office", "source_frame": "gcj02",
        "source_x": 113.606, "source_y": 34.699, "verified_on": "", "is_synthetic": False,
    }  # fmt: skip
    return record | values


def hotspots(n: int, *, presence_length: int = 168) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(7)
    values = {
        "id": pd.Series([f"h{i // 2}" for i in range(n)], dtype="str"),
        "name": pd.Series(["商圈 'x'"] * n, dtype="str"),
        "group": pd.Series([("rider", "courier")[i % 2] for i in range(n)], dtype="str"),
        "people": rng.uniform(0, 500, n),
        "presence": pd.Series(list(rng.random((n, presence_length)).astype(np.float32))),
        "source": pd.Series([""] * n, dtype="str"),
        "is_synthetic": [i % 2 == 0 for i in range(n)],
    }
    points = gpd.points_from_xy(rng.uniform(113, 114, n), rng.uniform(34, 35, n))
    return gpd.GeoDataFrame(values, geometry=points, crs="EPSG:4326")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'a%b 城市.sqlite'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('store') / 'a.sqlite'}") as opened:
        yield opened


STATION = st.fixed_dictionaries(
    dict.fromkeys(("name", "hours", "hours_text", "host", "address", "district", "phone"), TEXT)
    | dict.fromkeys(("area_m2", "seats", "source_x", "source_y"), AMOUNT)
    | {
        "lon_deg": LON,
        "lat_deg": LAT,
        "facilities": st.lists(TEXT, max_size=3).map(tuple),
        "is_synthetic": st.booleans(),
    }
)


@settings(max_examples=60, deadline=None)
@given(values=st.dictionaries(TEXT.filter(bool), STATION, max_size=5))
def test_stations_come_back_exactly(shared_store: Store, values: dict[str, Any]) -> None:
    """Any text and any number is stored without loss, in the order given."""
    frame = to_frame([station(key, **value) for key, value in values.items()])
    shared_store.replace_stations(frame)
    assert_geodataframe_equal(frame, shared_store.stations())


def test_every_field_of_a_station_is_stored(store: Store) -> None:
    """The tables know every column of the record, so that a new field cannot be forgotten."""
    names = {c.name for c in tables.stations.columns}
    assert set(STATION_COLUMNS) | {"lon_deg", "lat_deg", "seq"} == names
    store.replace_stations(to_frame([station("1")]))
    row = store.stations().iloc[0]
    assert Station(
        **{c: row[c] for c in STATION_COLUMNS if c != "seats"},
        lon_deg=row.geometry.x,
        lat_deg=row.geometry.y,
    )


def test_hotspots_come_back_exactly(store: Store) -> None:
    """168 shares of each hotspot are stored bit by bit, also for several groups at one place."""
    frame = hotspots(20)
    store.replace_hotspots(frame)
    back = store.hotspots()
    assert_geodataframe_equal(frame[[*HOTSPOT_COLUMNS, "geometry"]], back)
    assert back["presence"][3].dtype == np.float32


def test_loose_frames_are_taken(store: Store) -> None:
    """Frames from Parquet bring None, lists and arrays; the caller's frame is not changed."""
    frame = to_frame([station("1")]).astype({"seats": object, "host": object})
    frame.at[0, "seats"] = None
    frame.at[0, "host"] = None
    frame["facilities"] = pd.Series([np.array(["aed"])], dtype=object)
    frame["extra"] = 1
    before = frame.copy()
    store.replace_stations(frame)
    row = store.stations().iloc[0]
    assert (row["host"], row["facilities"]) == ("", ("aed",))
    assert np.isnan(row["seats"])
    assert list(before.columns) == list(frame.columns)
    assert frame.at[0, "host"] is None


def test_an_empty_store_gives_empty_frames(store: Store) -> None:
    """A new store has frames with all columns, in WGS 84, and no rows."""
    assert list(store.stations().columns) == [*STATION_COLUMNS, "geometry"]
    assert list(store.hotspots().columns) == [*HOTSPOT_COLUMNS, "geometry"]
    assert store.stations().crs.to_epsg() == 4326
    assert store.imports() == []


def test_apply_adds_and_updates_and_keeps(store: Store) -> None:
    """New ids are added, known ones updated, and those that a file leaves out stay."""
    store.replace_stations(to_frame([station("a"), station("b"), station("c")]))
    record = store.apply_stations(
        to_frame([station("d"), station("b", name="new"), station("c")]), **NOTE
    )
    assert (record.n_new, record.n_changed, record.n_same) == (1, 1, 1)
    after = store.stations()
    assert list(after["id"]) == ["a", "b", "c", "d"]
    assert list(after["name"]) == ["n", "new", "n", "n"]
    assert store.imports() == [record]


@pytest.mark.parametrize(
    "moment",
    [MOMENT, datetime(2026, 9, 20, 18, 0, 0, 123, tzinfo=timezone(timedelta(hours=8)))],
)
def test_the_log_keeps_the_moment(store: Store, moment: datetime) -> None:
    """An import is logged with its file, its sum and its moment, the offset included."""
    store.apply_stations(to_frame([]), **{**NOTE, "moment": moment})
    (line,) = store.imports()
    assert line.moment == moment
    assert line.moment.utcoffset() == moment.utcoffset()
    assert (line.source, line.file_name, line.file_sha256) == ("office", "a.csv", "0" * 64)


def test_the_version_changes_with_every_write(store: Store, url: str) -> None:
    """Each write gives a version not seen before, and another process sees the same one."""
    frame = to_frame([station("a")])
    seen = [store.data_version()]
    for write in (
        lambda: store.replace_stations(frame),
        lambda: store.replace_stations(frame),
        lambda: store.replace_hotspots(hotspots(2)),
        lambda: store.apply_stations(frame, **NOTE),
    ):
        write()
        seen.append(store.data_version())
    assert len(set(seen)) == len(seen)
    with open_store(url) as other:
        assert other.data_version() == seen[-1]


def test_the_version_tells_contents_apart(tmp_path: Path) -> None:
    """Two cities with as many writes but other contents have other versions."""
    versions = []
    for name in ("a", "b"):
        with open_store(f"sqlite:///{tmp_path / name}.sqlite") as store:
            store.replace_stations(to_frame([station(name)]))
            versions.append(store.data_version())
    assert versions[0] != versions[1]


def test_a_box_query_includes_its_edges(store: Store, url: str) -> None:
    """A box gives the places in it and on its edges, and goes through the index."""
    places = [(113.0, 34.0), (114.0, 35.0), (113.5, 34.5), (112.999, 34.5), (113.5, 35.001)]
    store.replace_stations(
        to_frame([station(str(i), lon_deg=x, lat_deg=y) for i, (x, y) in enumerate(places)])
    )
    assert list(store.stations(box_deg=(113.0, 34.0, 114.0, 35.0))["id"]) == ["0", "1", "2"]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        query = "EXPLAIN QUERY PLAN SELECT * FROM stations WHERE lon_deg BETWEEN 1 AND 2"
        assert "ix_stations_lon_deg_lat_deg" in str(raw.execute(query).fetchall())


def good() -> gpd.GeoDataFrame:
    return to_frame([station("a")])


NOWHERE = gpd.GeoSeries.from_wkt(["POINT EMPTY"], crs="EPSG:4326")
AREA = gpd.GeoSeries.from_wkt(["POLYGON ((0 0, 1 0, 1 1, 0 0))"], crs="EPSG:4326")
BAD_FRAMES = {
    "missing column": lambda: good().drop(columns="hours"),
    "no frame": lambda: good().set_crs(None, allow_override=True),
    "other frame": lambda: good().to_crs("EPSG:3857"),
    "same id twice": lambda: to_frame([station("a"), station("a")]),
    "empty id": lambda: to_frame([station("")]),
    "no point": lambda: good().set_geometry(AREA),
    "empty point": lambda: good().set_geometry(NOWHERE),
    "off earth": lambda: to_frame([station("a", lat_deg=91.0)]),
    "zero byte": lambda: to_frame([station("a", name="a\0b")]),
    "half a character": lambda: good().assign(host=pd.Series(["\ud800"], dtype=object)),
    "facilities as text": lambda: good().assign(facilities=["aed"]),
}


@pytest.mark.parametrize("what", BAD_FRAMES)
def test_a_frame_that_cannot_be_stored_changes_nothing(store: Store, what: str) -> None:
    """A frame that breaks the rules is refused before anything is written."""
    store.replace_stations(to_frame([station("kept")]))
    before = store.data_version()
    with pytest.raises(InvalidInputError):
        store.apply_stations(BAD_FRAMES[what](), **NOTE)
    assert store.data_version() == before
    assert list(store.stations()["id"]) == ["kept"]
    assert store.imports() == []


def test_presence_must_be_a_week(store: Store) -> None:
    """A hotspot without exactly 168 shares is refused."""
    with pytest.raises(InvalidInputError, match="168"):
        store.replace_hotspots(hotspots(2, presence_length=167))


def test_a_failing_write_leaves_everything_as_it_was(store: Store, url: str) -> None:
    """When the database refuses a row in the middle, the whole write is taken back."""
    store.replace_stations(to_frame([station("kept")]))
    before = store.data_version()
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        raw.execute(
            "CREATE TRIGGER no_b BEFORE INSERT ON stations WHEN NEW.id = 'b' "
            "BEGIN SELECT RAISE(ABORT, 'no b'); END"
        )
        raw.commit()
    with pytest.raises(UnavailableError, match="no b"):
        store.replace_stations(to_frame([station("a"), station("b")]))
    assert list(store.stations()["id"]) == ["kept"]
    assert store.data_version() == before


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_stations_and_hotspots_are_replaced_together_or_not_at_all(
    store: Store, url: str, error: type[BaseException]
) -> None:
    """Both tables change when the block ends, unseen by others until then; an error undoes both."""
    store.replace_stations(to_frame([station("kept")]))
    new = {"stations": to_frame([station("new")]), "hotspots": hotspots(2)}
    before = store.data_version()
    with pytest.raises(error), store.replacing(**new):
        raise error
    assert (list(store.stations()["id"]), len(store.hotspots())) == (["kept"], 0)
    assert store.data_version() == before
    with open_store(url) as other, store.replacing(**new) as versions:
        assert (list(other.stations()["id"]), len(other.hotspots())) == (["kept"], 0)
        assert other.data_version() == versions[0] == before
    assert (list(store.stations()["id"]), len(store.hotspots())) == (["new"], 2)
    assert store.data_version() == versions[1] != before


def test_a_bad_frame_is_refused_before_the_other_is_written(store: Store) -> None:
    """Stations that are fine stay out when the hotspots given with them break the rules."""
    store.replace_stations(to_frame([station("kept")]))
    with (
        pytest.raises(InvalidInputError, match="168"),
        store.replacing(stations=good(), hotspots=hotspots(2, presence_length=167)),
    ):
        pass
    assert list(store.stations()["id"]) == ["kept"]


def test_holding_keeps_writers_out_and_changes_nothing(store: Store, url: str) -> None:
    """While one program holds the store another one cannot write, and the version stays."""
    before = store.data_version()
    with (
        store.holding() as version,
        open_store(url, busy_timeout_s=0.05) as other,
        pytest.raises(UnavailableError, match="busy"),
    ):
        other.replace_stations(good())
    assert store.data_version() == version == before


def test_readers_are_not_stopped_by_a_writer(store: Store, url: str) -> None:
    """While another program writes, stations can be read, and a second writer is told to wait."""
    store.replace_stations(to_frame([station("kept")]))
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert list(store.stations()["id"]) == ["kept"]
        with (
            open_store(url, busy_timeout_s=0.05) as second,
            pytest.raises(UnavailableError, match="busy"),
        ):
            second.replace_stations(to_frame([]))
        other.execute("ROLLBACK")
    assert list(store.stations()["id"]) == ["kept"]


def test_many_may_open_a_new_store_at_once(url: str) -> None:
    """Several workers that start together make the tables once, and none fails."""
    start = threading.Barrier(6)
    versions: list[str] = []

    def work() -> None:
        start.wait()
        with open_store(url) as opened:
            versions.append(opened.data_version())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions == ["0-"] * 6


def test_sqlite_is_set_up_for_a_city(store: Store, url: str) -> None:
    """The file is in WAL mode and every connection of ours checks foreign keys."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with store._engine.connect() as connection:
        pragma = connection.exec_driver_sql
        assert pragma("PRAGMA foreign_keys").scalar() == 1
        assert pragma("PRAGMA synchronous").scalar() == 1
        assert pragma("PRAGMA busy_timeout").scalar() == 5000


def test_the_steps_lead_to_the_tables(store: Store, url: str) -> None:
    """The migrations and the table definitions describe the same schema."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
    engine.dispose()
    script = ScriptDirectory(str(Path(geodata.migrations.__file__).parent))
    assert script.get_heads() == [tables.HEAD]


def test_the_tables_are_plain_sql() -> None:
    """Every table and index can be made on PostgreSQL as well."""
    for table in tables.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=postgresql.dialect()))


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


@pytest.mark.parametrize("url", ["", "no address", "nosuchdb:///a", "postgresql://u:pw@h:port/d"])
def test_a_bad_address_is_refused_without_its_password(url: str) -> None:
    """What is no database address is refused, and no password is repeated."""
    with pytest.raises((InvalidInputError, UnavailableError)) as caught:
        open_store(url)
    assert "pw" not in str(caught.value)

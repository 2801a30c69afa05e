"""The store on both databases: what goes in comes out, whole writes or none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.register import MOMENT, NOTE, frame, hotspots, named, station

from geodata.errors import InvalidInputError, UnanswerableError, UnavailableError
from geodata.migrations import tables
from geodata.records import HOTSPOT_COLUMNS, STATION_COLUMNS, Closure, Offer, Station
from geodata.store import Store, open_store

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(
    ["'; DROP TABLE stations; --", '"><img onerror=x>', "{{7*7}}", "\\N", "%s %(a)s :b ?", "𠀀😀"]
)
AMOUNT = st.just(float("nan")) | st.floats(0, 1e9)
LON, LAT = st.floats(-180, 180), st.floats(-90, 90)

OFFERS = st.sampled_from(
    [
        (),
        (Offer(key="aed", state="broken", checked_on="2026-09-01", note="'\\N\t\n"),),
        (Offer(key="aed"), Offer(key="toilet", hours="Mo-Fr 05:00-07:00")),
    ]
)
CLOSURES = st.sampled_from([(), (Closure(first_day="2026-10-01", reason="国庆"),)])
STATION = st.fixed_dictionaries(
    dict.fromkeys(("name", "hours", "hours_text", "host", "address", "district", "phone"), TEXT)
    | dict.fromkeys(("area_m2", "seats", "source_x", "source_y"), AMOUNT)
    | {
        "lon_deg": LON,
        "lat_deg": LAT,
        "facilities": st.lists(TEXT, max_size=3).map(tuple),
        "offers": OFFERS,
        "closures": CLOSURES,
        "is_synthetic": st.booleans(),
    }
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.dictionaries(TEXT.filter(bool), STATION, max_size=5))
def test_stations_come_back_exactly(store: Store, values: dict[str, Any]) -> None:
    """Any text and any number is stored without loss, in the order given."""
    given = frame(*(station(key, **value) for key, value in values.items()))
    store.replace_stations(given)
    assert_geodataframe_equal(given, store.stations())


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.dictionaries(TEXT.filter(bool), STATION, max_size=4), again=STATION)
def test_imported_stations_come_back_exactly(
    store: Store, values: dict[str, Any], again: dict[str, Any]
) -> None:
    """An import stores as exactly as a build, new stations and changed ones; undo gives all back."""
    store.replace_stations(named())
    first = frame(*(station(key, **value) for key, value in values.items()))
    store.apply_stations(first, **NOTE)
    assert_geodataframe_equal(first, store.stations())
    second = frame(*(station(key, **again) for key in values))
    store.apply_stations(second, **NOTE)
    assert_geodataframe_equal(second, store.stations())
    store.undo(moment=MOMENT, who="")
    assert_geodataframe_equal(first, store.stations())
    store.undo(moment=MOMENT, who="")
    assert len(store.stations()) == 0


def test_every_field_of_a_station_is_stored(store: Store) -> None:
    """The tables know every column of the record, so that a new field cannot be forgotten."""
    names = {c.name for c in tables.stations.columns}
    own = {"seq", "row_version", "merged_into"}
    assert set(STATION_COLUMNS) | {"lon_deg", "lat_deg"} | own == names
    store.replace_stations(named("1"))
    row = store.stations().iloc[0]
    assert Station(
        **{c: row[c] for c in STATION_COLUMNS if c != "seats"},
        lon_deg=row.geometry.x,
        lat_deg=row.geometry.y,
    )


def test_hotspots_come_back_exactly(store: Store) -> None:
    """168 shares of each hotspot are stored bit by bit, also for several groups at one place."""
    given = hotspots(20)
    store.replace_hotspots(given)
    back = store.hotspots()
    assert_geodataframe_equal(given[[*HOTSPOT_COLUMNS, "geometry"]], back)
    assert back["presence"][3].dtype == np.float32


def test_loose_frames_are_taken(store: Store) -> None:
    """Frames from Parquet bring None, lists and arrays; the caller's frame is not changed."""
    given = named("1").astype({"seats": object, "host": object})
    given.at[0, "seats"] = None
    given.at[0, "host"] = None
    given["facilities"] = pd.Series([np.array(["aed"])], dtype=object)
    given["offers"] = pd.Series([[{"key": "aed", "state": "broken"}]], dtype=object)
    given["extra"] = 1
    before = given.copy()
    store.replace_stations(given)
    row = store.stations().iloc[0]
    assert (row["host"], row["facilities"]) == ("", ("aed",))
    assert row["offers"] == (Offer(key="aed", state="broken"),)
    assert np.isnan(row["seats"])
    assert list(before.columns) == list(given.columns)
    assert given.at[0, "host"] is None


def test_an_empty_store_gives_empty_frames(store: Store) -> None:
    """A new store has frames with all columns, in WGS 84, and no rows."""
    assert list(store.stations().columns) == [*STATION_COLUMNS, "geometry"]
    assert list(store.hotspots().columns) == [*HOTSPOT_COLUMNS, "geometry"]
    assert store.stations().crs.to_epsg() == 4326
    assert store.imports() == store.merges() == store.reports() == store.cases() == []
    assert store.taken_codes() == set()
    assert store.check_audit() is None


def test_apply_adds_and_updates_and_keeps(store: Store) -> None:
    """New ids are added, known ones updated, and those that a file leaves out stay."""
    store.replace_stations(named("a", "b", "c"))
    record = store.apply_stations(
        frame(station("d"), station("b", name="new"), station("c")), **NOTE, who="Li"
    )
    assert (record.n_new, record.n_changed, record.n_same) == (1, 1, 1)
    assert (record.number, record.who, record.undone_at) == (1, "Li", None)
    after = store.stations()
    assert list(after["id"]) == ["a", "b", "c", "d"]
    assert list(after["name"]) == ["n", "new", "n", "n"]
    assert store.imports() == [record]


def test_an_import_of_an_outdated_comparison_is_refused(store: Store) -> None:
    """What was compared with an older register is not written; compared anew it is."""
    store.replace_stations(named("a"))
    seen = store.data_version()
    store.change("a", {"name": "x"}, expected_version=None, who="", source="", moment=MOMENT)
    with pytest.raises(UnanswerableError, match="changed while the file was being compared"):
        store.apply_stations(named("a"), **NOTE, expected_version=seen)
    assert list(store.stations()["name"]) == ["x"]
    assert store.imports() == []
    now = store.data_version()
    assert store.apply_stations(named("a"), **NOTE, expected_version=now).n_changed == 1


@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        datetime(2026, 9, 20, 10, 0, tzinfo=UTC),
        datetime(2026, 9, 20, 18, 0, 0, 123, tzinfo=timezone(timedelta(hours=8))),
    ],
)
def test_the_log_keeps_the_moment(store: Store, moment: datetime) -> None:
    """An import is logged with its file, its sum and its moment, the offset included."""
    store.apply_stations(named(), **{**NOTE, "moment": moment})
    (line,) = store.imports()
    assert line.moment == moment
    assert line.moment.utcoffset() == moment.utcoffset()
    assert (line.source, line.file_name, line.file_sha256) == ("office", "a.csv", "0" * 64)


def test_the_version_changes_with_every_write(store: Store, database_url: str) -> None:
    """Each write gives a version not seen before, and another process sees the same one."""
    seen = [store.data_version()]
    for write in (
        lambda: store.replace_stations(named("a")),
        lambda: store.replace_stations(named("a")),
        lambda: store.replace_hotspots(hotspots(2)),
        lambda: store.apply_stations(named("a"), **NOTE),
        lambda: store.undo(moment=MOMENT, who=""),
    ):
        write()
        seen.append(store.data_version())
    assert len(set(seen)) == len(seen)
    with open_store(database_url) as other:
        assert other.data_version() == seen[-1]


def test_the_version_tells_contents_apart(tmp_path: Path) -> None:
    """Two cities with as many writes but other contents have other versions."""
    versions = []
    for name in ("a", "b"):
        with open_store(f"sqlite:///{tmp_path / name}.sqlite") as store:
            store.replace_stations(named(name))
            versions.append(store.data_version())
    assert versions[0] != versions[1]


def test_a_box_query_includes_its_edges(store: Store) -> None:
    """A box gives the places in it and on its edges, not those a hair outside, in their order."""
    hair = 1e-9  # far less than an index of rounded boxes can tell apart
    places = [
        (113.0, 34.0), (114.0, 35.0), (113.5, 34.5), (113.0 - hair, 34.5), (113.5, 35.0 + hair),
        (114.0 + hair, 34.5), (113.5, 34.0 - hair), (113.0, 35.0),
    ]  # fmt: skip
    store.replace_stations(
        frame(*(station(str(i), lon_deg=x, lat_deg=y) for i, (x, y) in enumerate(places)))
    )
    found = store.stations(box_deg=(113.0, 34.0, 114.0, 35.0))
    assert list(found["id"]) == ["0", "1", "2", "7"]


NOWHERE = gpd.GeoSeries.from_wkt(["POINT EMPTY"], crs="EPSG:4326")
AREA = gpd.GeoSeries.from_wkt(["POLYGON ((0 0, 1 0, 1 1, 0 0))"], crs="EPSG:4326")
BAD_FRAMES = {
    "missing column": lambda: named("a").drop(columns="hours"),
    "no frame": lambda: named("a").set_crs(None, allow_override=True),
    "other frame": lambda: named("a").to_crs("EPSG:3857"),
    "same id twice": lambda: named("a", "a"),
    "empty id": lambda: named(""),
    "no point": lambda: named("a").set_geometry(AREA),
    "empty point": lambda: named("a").set_geometry(NOWHERE),
    "off earth": lambda: named("a", lat_deg=91.0),
    "zero byte": lambda: named("a", name="a\0b"),
    "half a character": lambda: named("a").assign(host=pd.Series(["\ud800"], dtype=object)),
    "facilities as text": lambda: named("a").assign(facilities=["aed"]),
    "offers of something else": lambda: named("a", offers=(3,)),
    "infinite": lambda: named("a", area_m2=float("inf")),
    "no number": lambda: named("a").assign(seats=["many"]),
    "one code twice": lambda: named("a", "b", code="410102-0001-X"),
}


@pytest.mark.parametrize("what", BAD_FRAMES)
def test_a_frame_that_cannot_be_stored_changes_nothing(store: Store, what: str) -> None:
    """A frame that breaks the rules is refused before anything is written."""
    store.replace_stations(named("kept"))
    before = store.data_version()
    with pytest.raises(InvalidInputError):
        store.apply_stations(BAD_FRAMES[what](), **NOTE)
    with pytest.raises(InvalidInputError):
        store.replace_stations(BAD_FRAMES[what]())
    assert store.data_version() == before
    assert list(store.stations()["id"]) == ["kept"]
    assert store.imports() == []
    assert store.check_audit() is None


def test_presence_must_be_a_week(store: Store) -> None:
    """A hotspot without exactly 168 shares is refused."""
    with pytest.raises(InvalidInputError, match="168"):
        store.replace_hotspots(hotspots(2, presence_length=167))


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_stations_and_hotspots_are_replaced_together_or_not_at_all(
    store: Store, database_url: str, error: type[BaseException]
) -> None:
    """Both tables change when the block ends, unseen by others until then; an error undoes both."""
    store.replace_stations(named("kept"))
    new = {"stations": named("new"), "hotspots": hotspots(2)}
    before = store.data_version()
    with pytest.raises(error), store.replacing(**new):
        raise error
    assert (list(store.stations()["id"]), len(store.hotspots())) == (["kept"], 0)
    assert store.data_version() == before
    with open_store(database_url) as other, store.replacing(**new) as versions:
        assert (list(other.stations()["id"]), len(other.hotspots())) == (["kept"], 0)
        assert other.data_version() == versions[0] == before
    assert (list(store.stations()["id"]), len(store.hotspots())) == (["new"], 2)
    assert store.data_version() == versions[1] != before
    assert store.check_audit() is None


def test_a_bad_frame_is_refused_before_the_other_is_written(store: Store) -> None:
    """Stations that are fine stay out when the hotspots given with them break the rules."""
    store.replace_stations(named("kept"))
    with (
        pytest.raises(InvalidInputError, match="168"),
        store.replacing(stations=named("a"), hotspots=hotspots(2, presence_length=167)),
    ):
        pass
    assert list(store.stations()["id"]) == ["kept"]


def test_holding_keeps_writers_out_and_changes_nothing(store: Store, database_url: str) -> None:
    """While one program holds the store others read but cannot write, and the version stays."""
    store.replace_stations(named("kept"))
    before = store.data_version()
    with store.holding() as version, open_store(database_url, busy_timeout_s=0.05) as other:
        with pytest.raises(UnavailableError, match="busy"):
            other.replace_stations(named("a"))
        assert list(other.stations()["id"]) == ["kept"]
    assert store.data_version() == version == before
    with open_store(database_url, busy_timeout_s=0.05) as other:
        other.replace_stations(named("a"))
    assert list(store.stations()["id"]) == ["a"]


def test_many_may_open_a_new_store_at_once(new_database_url: str) -> None:
    """Several workers that start together make the tables once, and none fails."""
    start = threading.Barrier(6)
    versions: list[str] = []

    def work() -> None:
        start.wait()
        with open_store(new_database_url) as opened:
            versions.append(opened.data_version())

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert versions == ["0-"] * 6


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database in which nothing is yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'a.sqlite'}"
        return
    server = request.getfixturevalue("postgresql")
    made = server.make()
    yield made
    server.drop(made)


@pytest.mark.parametrize("address", ["", "no address", "nosuchdb:///a", "mysql://u:pw@h/d"])
def test_a_bad_address_is_refused_without_its_password(address: str) -> None:
    """What is no address of a database that we know is refused, and no password is repeated."""
    with pytest.raises(InvalidInputError) as caught:
        open_store(address)
    assert "pw" not in str(caught.value)

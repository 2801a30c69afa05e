"""The steps of the schema on both databases, up and down, while others read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from geopandas.testing import assert_geodataframe_equal
from sqlalchemy import Engine, inspect, text
from support.register import BY_LI, NOTE, change, frame, hotspots, named, station

import geodata.migrations
from geodata.errors import UnanswerableError
from geodata.migrations import connect, tables, upgrade
from geodata.store import Store, open_store

# SQLAlchemy looks at the schema here and nowhere else; it does not know the type of PostGIS.
pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")

FIRST_FORM = (
    "id, seq, name, lon_deg, lat_deg, hours, hours_text, facilities, entry, kind, status, area_m2, "
    "seats, host, address, district, phone, source, source_frame, source_x, source_y, verified_on, "
    "is_synthetic"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a register of its own: steps change it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'a.sqlite'}"
        return
    server = request.getfixturevalue("postgresql")
    made = server.make_register()
    yield made
    server.drop(made)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_store(url) as opened:
        yield opened


def step(engine: Engine, revision: str) -> None:
    """Take the schema to a step, as an update of the program does."""
    with connect.queueing(engine).begin() as connection, upgrade.configured(connection) as config:
        (command.downgrade if revision != "head" else command.upgrade)(config, revision)


def first_form(engine: Engine) -> list[tuple[Any, ...]]:
    """Read what the first version of the program reads."""
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT {FIRST_FORM} FROM stations ORDER BY seq"))
        return [tuple(row) for row in rows]


def schema(engine: Engine) -> dict[str, Any]:
    """Say what the database is made of: tables, columns, indexes."""
    looked = inspect(engine)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in looked.get_columns(name)],
            sorted((i["name"], i["unique"]) for i in looked.get_indexes(name)),
        )
        for name in sorted(looked.get_table_names())
    }


def test_the_steps_lead_to_the_tables(store: Store) -> None:
    """The migrations and the table definitions describe the same schema, beside the geometry."""

    def is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return name not in ("spatial_ref_sys", "geom") and not (
            kind == "index" and str(name).endswith("_geom")
        )

    with store._engine.connect() as connection:
        options = {"compare_type": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []
    script = ScriptDirectory(str(Path(geodata.migrations.__file__).parent))
    assert script.get_heads() == [tables.HEAD]


def test_down_and_up_keep_what_the_first_form_knew(store: Store, url: str) -> None:
    """Going back one step and forward again loses only what the first form had no place for."""
    store.replace_stations(frame(station("a", code="c-1"), station("b", name="另一个")))
    store.replace_hotspots(hotspots(4))
    known, made = first_form(store._engine), schema(store._engine)
    shown = store.stations()
    step(store._engine, "0001")
    assert first_form(store._engine) == known
    assert "audit" not in schema(store._engine)
    step(store._engine, "head")
    assert schema(store._engine) == made
    with open_store(url) as again:
        assert_geodataframe_equal(again.stations(), shown.assign(code=""))
        assert len(again.hotspots()) == 4
        assert again.apply_stations(named("c"), **NOTE).n_new == 1
        assert again.undo(**BY_LI).removed == ("c",)
        assert again.check().is_sound


def test_all_steps_can_be_taken_back(store: Store) -> None:
    """From the newest schema down to nothing, and up again."""
    made = schema(store._engine)
    step(store._engine, "base")
    assert set(schema(store._engine)) <= {"alembic_version", "spatial_ref_sys"}
    step(store._engine, "head")
    assert schema(store._engine) == made


def test_readers_go_on_while_the_schema_changes(store: Store) -> None:
    """Readers of the old form never fail and never see half a step, up or down."""
    store.replace_stations(named(*(f"s{i}" for i in range(2000))))
    store.apply_stations(named("s0", name="x"), **NOTE)
    known = first_form(store._engine)
    stop, began = threading.Event(), threading.Barrier(4)
    read: list[int] = []
    failed: list[object] = []

    def keep_reading() -> None:
        began.wait()
        while not stop.is_set():
            try:
                found = first_form(store._engine)
            except Exception as error:  # noqa: BLE001  whatever it is, it is a failed read
                failed.append(error)
            else:
                read.append(len(found))
                if found != known:
                    failed.append("other rows")

    readers = [threading.Thread(target=keep_reading) for _ in range(3)]
    for reader in readers:
        reader.start()
    began.wait()
    for _ in range(2):
        step(store._engine, "0001")
        step(store._engine, "head")
    stop.set()
    for reader in readers:
        reader.join()
    assert failed == []
    assert len(read) >= 3


def test_the_form_before_the_trail_is_taken_over(store: Store, url: str) -> None:
    """A register of the first version opens with its stations, their states and its log."""
    store.replace_stations(named("a"))
    step(store._engine, "0001")
    with store._engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO imports (number, moment, source, file_name, file_sha256, n_new, "
                "n_changed, n_same) VALUES (1, '2026-01-01T00:00:00', 'office', 'a.csv', '', 1, 0, 0)"
            )
        )
    with open_store(url) as opened:
        (record,) = opened.imports()
        assert (record.number, record.who, record.undone_at) == (1, "", None)
        with pytest.raises(UnanswerableError, match="older than the audit trail"):
            opened.undo(**BY_LI)
        change(opened, "a", status="suspended")
        assert [s.status for s in opened.statuses("a")] == ["open", "suspended"]
        assert opened.check().is_sound

"""The store in PostgreSQL: points for PostGIS and QGIS, and what it says when it cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import psycopg
import pytest
from geopandas.testing import assert_geoseries_equal
from sqlalchemy import create_engine, select, text
from support.postgres import Server
from support.register import MOMENT, frame, hotspots, named, station

from geodata.city import City, CityTables, _swap, open_city, write_city
from geodata.city_settings import CitySettings
from geodata.errors import UnavailableError
from geodata.migrations import tables
from geodata.register import stations
from geodata.store import Store, open_store

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
"""Ends every other connection, as a restart of the server does."""


@pytest.fixture
def database(postgresql: Server) -> Iterator[str]:
    made = postgresql.make_register()
    yield made
    postgresql.drop(made)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    with open_store(database) as opened:
        yield opened


def ask(url: str, query: str) -> list[Any]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        return connection.execute(query).fetchall()  # type: ignore[arg-type]


def order(url: str, statement: str) -> None:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        connection.execute(statement)  # type: ignore[arg-type]


def test_a_gis_finds_points_with_a_key_and_an_index(store: Store, database: str) -> None:
    """Both tables are listed as point layers in WGS 84, with a key and a GiST index, as QGIS asks."""
    layers = ask(
        database,
        "SELECT f_table_name, f_geometry_column, type, srid, coord_dimension "
        "FROM geometry_columns ORDER BY 1",
    )
    assert layers == [
        ("hotspots", "geom", "POINT", 4326, 2),
        ("stations", "geom", "POINT", 4326, 2),
    ]
    for table, key in (("stations", "id"), ("hotspots", "seq")):
        indexes = [
            d
            for (d,) in ask(
                database, f"SELECT indexdef FROM pg_indexes WHERE tablename = '{table}'"
            )
        ]
        assert any(
            f"UNIQUE INDEX pk_{table}" in d or f"UNIQUE INDEX {table}_pkey" in d for d in indexes
        )
        assert any("USING gist (geom)" in d for d in indexes)
        assert any(f"({key})" in d for d in indexes if "UNIQUE" in d)


def test_the_points_are_where_the_stations_are(store: Store, database: str) -> None:
    """PostGIS keeps the point in step with the coordinates through every kind of write."""
    store.replace_stations(named("a", "b"))
    store.replace_hotspots(hotspots(4))
    fields = {"lon_deg": 113.75, "lat_deg": 34.25}
    store.change("a", fields, expected_version=None, who="", source="", moment=MOMENT)
    engine = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    for name, shown in (("stations", store.stations()), ("hotspots", store.hotspots())):
        with engine.connect() as connection:
            read = gpd.read_postgis(f"SELECT geom FROM {name} ORDER BY seq", connection)
        assert_geoseries_equal(read.geometry, shown.geometry, check_series_type=False)
    engine.dispose()


def test_a_box_goes_through_the_index_of_postgis(store: Store, database: str) -> None:
    """What the store asks for a box can be answered by the GiST index."""
    rows = (station(str(i), lon_deg=113 + i / 1000, lat_deg=34.5) for i in range(500))
    store.replace_stations(frame(*rows))
    assert len(store.stations(box_deg=(113.1, 34, 113.2, 35))) == 101
    with store._engine.connect() as connection:
        for setting in ("enable_seqscan", "enable_sort", "enable_indexscan"):
            connection.exec_driver_sql(f"SET {setting} = off")
        where = stations.in_box(connection, (113.1, 34, 113.2, 35))
        query = select(tables.stations.c.id).where(where)
        asked = query.compile(connection, compile_kwargs={"literal_binds": True})
        plan = connection.execute(text(f"EXPLAIN {asked}")).scalars().all()
    assert any("ix_stations_geom" in line for line in plan)


def test_a_role_without_rights_is_told_to_ask_for_postgis(postgresql: Server) -> None:
    """Where PostGIS is missing and may not be added, the sentence says who must do what."""
    made = postgresql.make()
    postgresql.execute("DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN")
    name = made.partition("?")[0].rpartition("/")[2]
    postgresql.execute(f"ALTER DATABASE {name} OWNER TO clerk")
    url = postgresql.url(name, role="clerk")
    with pytest.raises(UnavailableError, match=r"has no PostGIS .* run CREATE EXTENSION postgis"):
        open_store(url)
    assert ask(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []
    postgresql.execute("CREATE EXTENSION postgis", name=name)  # as the administrator does then
    with open_store(url) as store:
        store.replace_stations(named("a"))
        assert len(store.stations(box_deg=(113, 34, 114, 35))) == 1
    postgresql.drop(made)


def test_each_trouble_has_its_sentence(postgresql: Server, database: str) -> None:
    """No server, no database, another program's tables, a newer schema, the wrong encoding."""
    foreign, newer = postgresql.make(), postgresql.make_register()
    order(foreign, "CREATE TABLE recipes (id integer)")
    order(newer, "UPDATE alembic_version SET version_num = '9999'")
    postgresql.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    troubles = {
        database.replace("host=", "host=%2Fnowhere"): "cannot be reached",
        "postgresql://clerk:secret-word@127.0.0.1:1/city": "cannot be reached",
        postgresql.url("absent"): "cannot be reached",
        foreign: "another program",
        newer: "newer version",
        postgresql.url("ascii"): "stores text as SQL_ASCII",
    }
    for url, words in troubles.items():
        with pytest.raises(UnavailableError, match=words) as caught:
            open_store(url)
        assert "secret-word" not in str(caught.value)
    assert ask(foreign, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [
        ("recipes",)
    ]
    for url in (foreign, newer, postgresql.url("ascii")):
        postgresql.drop(url)


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_an_address_may_be_written_in_any_usual_way(database: str, scheme: str) -> None:
    """Whatever driver an address names, ours is taken."""
    with open_store(database.replace("postgresql", scheme, 1)) as store:
        assert store.data_version() == "0-"


def test_the_store_survives_a_lost_connection(store: Store, database: str) -> None:
    """When the server was restarted meanwhile, the next question opens a new connection."""
    store.replace_stations(named("a"))
    order(
        database,
        CUT,
    )
    assert list(store.stations()["id"]) == ["a"]


def test_a_connection_lost_in_a_write_changes_nothing(store: Store, database: str) -> None:
    """When the server goes away in the middle of a write, none of it stays."""
    store.replace_stations(named("kept"))
    with (
        pytest.raises(UnavailableError, match="cannot be reached"),
        store.replacing(stations=named("a")),
    ):
        order(
            database,
            CUT,
        )
    assert list(store.stations()["id"]) == ["kept"]
    assert store.check_audit() is None


def test_a_city_keeps_its_files_and_its_database_together(database: str, tmp_path: Path) -> None:
    """A build that fails at the end leaves folder and database old; one that works makes both new."""

    def build(mark: str, *, is_failing: bool = False) -> City:
        def extra(staging: Path) -> None:
            (staging / "basemap.pmtiles").write_text(mark)
            if is_failing:
                (staging / "basemap.pmtiles").rename(staging / "city.toml" / "not a folder")

        tables = CityTables(stations=named("a", name=mark), hotspots=hotspots(2))
        return write_city(
            tmp_path / "city",
            CitySettings(name=mark),
            tables,
            database_url=database,
            write_extra=extra,
        )

    def marks() -> set[str]:
        city = open_city(tmp_path / "city", database_url=database)
        with city.store() as store:
            return {city.settings.name, city.basemap_path.read_text(), *store.stations()["name"]}

    build("old")
    assert marks() == {"old"}
    with pytest.raises(UnavailableError):
        build("new", is_failing=True)
    assert marks() == {"old"}
    cut = partial(order, database, CUT)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("geodata.city._swap", lambda *given: (_swap(*given), cut()))
        with pytest.raises(UnavailableError, match="cannot be reached"):
            build("new")
    assert marks() == {"old"}
    build("new")
    assert marks() == {"new"}
    assert not (tmp_path / "city" / "yizhan.sqlite").exists()

"""The connection to the database: how it is opened, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from geodata.errors import InvalidInputError, UnavailableError
from geodata.migrations import tables

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_WAL_TRIES = 20
_CONNECT_TIMEOUT_S = 10
_MIGRATION_LOCK = 0x79697A68616E  # the name of this program as a number

_BUSY = "the store {place} is busy: another program is writing to it; try again in a moment"
_DAMAGED = (
    "the store {place} is not a database, or it is damaged; restore it from a copy, "
    "or name another city folder"
)
_FULL = (
    "the disk of the store {place} is full; nothing was changed: free some space, then do it again"
)
_UNREACHABLE = (
    "the database {place} cannot be reached ({reason}); check that it is running, and the address, "
    "user and password in YIZHAN_DATABASE_URL"
)
_UNUSABLE = (
    "the store {place} cannot be used ({reason}); check its folder, permissions and disk space"
)
_BY_SQLSTATE = {"55P03": _BUSY, "40P01": _BUSY, "53100": _FULL}
"""Lock not available, deadlock, disk full; PostgreSQL's words may be in any language."""

_BY_WORD = {
    "locked": _BUSY,
    "busy": _BUSY,
    "not a database": _DAMAGED,
    "malformed": _DAMAGED,
    "is full": _FULL,
}


def to_head(url: str, *, busy_timeout_s: float) -> Engine:
    """Open the database at `url` and bring it to the newest schema.

    Raises
    ------
    InvalidInputError, UnavailableError
        As `geodata.store.open_store`.
    """
    engine = _engine(url, busy_timeout_s)
    try:
        with speaking(place(engine)):
            _prepare(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def place(engine: Engine) -> str:
    """Give the address as messages may show it: a path, or an address without its password."""
    if engine.dialect.name == "sqlite" and engine.url.database:
        return engine.url.database
    return engine.url.render_as_string(hide_password=True)


def queueing(engine: Engine) -> Engine:
    """Give the engine for writers, who queue from the start of a transaction."""
    return engine.execution_options(queues=True)


def standing_still(engine: Engine) -> Engine:
    """Give the engine for readers whose queries must all see the same state.

    In SQLite every transaction does.
    """
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ")


@contextmanager
def speaking(shown: str) -> Iterator[None]:
    """Turn what the database says inside the block into one sentence of ours.

    Raises
    ------
    UnavailableError
        When the database is busy, full, damaged or cannot be used.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        said = getattr(error, "orig", None) or error
        reason = " ".join(str(said).split())
        raise UnavailableError(_sentence(said, reason), place=shown, reason=reason) from error


def _sentence(said: BaseException, reason: str) -> str:
    if type(said).__module__.startswith("psycopg"):
        state = getattr(said, "sqlstate", None)
        is_refused = state is None or state.startswith(("08", "28", "3D", "57P"))
        return _BY_SQLSTATE.get(state or "", _UNREACHABLE if is_refused else _UNUSABLE)
    return next((s for word, s in _BY_WORD.items() if word in reason), _UNUSABLE)


def _engine(url: str, busy_timeout_s: float) -> Engine:
    address = _address(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"timeout": busy_timeout_s}
    if not is_sqlite:
        usual = {"connect_timeout": _CONNECT_TIMEOUT_S, "client_encoding": "utf8"}
        options = usual | dict(address.query)
    try:
        engine = create_engine(
            address,
            connect_args=options,
            pool_pre_ping=not is_sqlite,
            json_serializer=to_json,
            json_deserializer=_from_json,
        )
    except ImportError as error:
        raise UnavailableError(
            "the driver of this database is not installed ({reason}); install it, "
            "or use an address such as sqlite:///city/yizhan.sqlite",
            reason=error,
        ) from error
    if is_sqlite:
        _check_folder(address.database or "")
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        event.listen(engine, "begin", _on_postgresql_begin(busy_timeout_s))
    return engine


def _address(url: str) -> URL:
    """Read an address; the driver is ours to choose."""
    scheme = "postgres://"
    given = "postgresql://" + url.removeprefix(scheme) if url.startswith(scheme) else url
    try:
        address = make_url(given)
        return address.set(drivername=_DRIVERS[address.get_backend_name()])
    except (ArgumentError, NoSuchModuleError, ValueError, KeyError) as error:
        raise InvalidInputError(
            "the database address cannot be read; write for example "
            "sqlite:///city/yizhan.sqlite or postgresql://user@host/database"
        ) from error


def _check_folder(database: str) -> None:
    folder = Path(database).parent
    if database not in ("", ":memory:") and not folder.is_dir():
        raise UnavailableError(
            "the folder {folder} of the store does not exist; name an existing city folder with "
            "--city, or make one with `yizhan city build`",
            folder=folder,
        )


def _on_sqlite_connect(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says so, DDL included
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _on_sqlite_begin(connection: Connection) -> None:
    queues = connection.get_execution_options().get("queues")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if queues else "BEGIN")


def _on_postgresql_begin(busy_timeout_s: float) -> Callable[[Connection], None]:
    timeout_ms = max(1, round(1000 * busy_timeout_s))  # 0 would wait for ever

    def limit(connection: Connection) -> None:
        if connection.get_execution_options().get("queues"):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {timeout_ms}")

    return limit


def to_json(value: object) -> str:
    """Write a value as the JSON columns hold it."""
    return orjson.dumps(value).decode()


@lru_cache(maxsize=4096)
def _from_json(stored: str | bytes) -> Any:
    """Read each list once: many stations have the same. Nobody changes what comes out."""
    return orjson.loads(stored)


def _prepare(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        _use_wal(engine)
    with engine.connect() as connection:
        if inspect(connection).has_table("alembic_version"):
            query = text("SELECT version_num FROM alembic_version")
            if connection.execute(query).scalar() == tables.HEAD:
                return
    # Alembic is slow to load, so only a store that needs a step pays for it.
    from geodata.migrations import upgrade

    with queueing(engine).begin() as connection:
        if engine.dialect.name == "postgresql":
            _use_postgis(connection, place(engine))
        upgrade.to_head(connection, place=place(engine))


def _use_wal(engine: Engine) -> None:
    """Switch to WAL, once in the life of a file and outside any transaction.

    The switch itself does not wait for others; after a failure we queue for the whole file first.
    """
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        for _ in range(_WAL_TRIES):
            if cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",):
                return
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                cursor.execute("BEGIN EXCLUSIVE")
                cursor.execute("COMMIT")


def _use_postgis(connection: Connection, shown: str) -> None:
    """Keep other openers out, and see that the database can hold what we store."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise UnavailableError(
            "the database {place} stores text as {encoding}; make one with ENCODING 'UTF8'",
            place=shown,
            encoding=encoding,
        )
    query = text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")
    if connection.execute(query).scalar() is None:
        try:
            connection.execute(text("CREATE EXTENSION postgis"))
        except SQLAlchemyError as error:
            raise UnavailableError(
                "the database {place} has no PostGIS and it could not be added ({reason}); install "
                "PostGIS on the server, then let its administrator run CREATE EXTENSION postgis "
                "in this database",
                place=shown,
                reason=" ".join(str(getattr(error, "orig", error)).split()),
            ) from error

"""The connection to the database: how it is opened, and what it says when it cannot be used."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from geodata.errors import InvalidInputError, UnavailableError
from geodata.migrations import tables

_WAL_TRIES = 20


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


@contextmanager
def speaking(shown: str) -> Iterator[None]:
    """Turn what the database says inside the block into one sentence of ours.

    Raises
    ------
    UnavailableError
        When the database is busy, damaged or cannot be used.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        reason = str(getattr(error, "orig", None) or error)
        if "locked" in reason or "busy" in reason:
            raise UnavailableError(
                "the store {place} is busy: another program is writing to it; "
                "try again in a moment",
                place=shown,
            ) from error
        if "not a database" in reason or "malformed" in reason:
            raise UnavailableError(
                "the store {place} is not a database, or it is damaged; restore it from a copy, "
                "or name another city folder",
                place=shown,
            ) from error
        raise UnavailableError(
            "the store {place} cannot be used ({reason}); "
            "check its folder, permissions and disk space",
            place=shown,
            reason=reason,
        ) from error


def _engine(url: str, busy_timeout_s: float) -> Engine:
    try:
        address = make_url(url)
        is_sqlite = address.get_backend_name() == "sqlite"
        options = {"timeout": busy_timeout_s} if is_sqlite else {}
        engine = create_engine(address, connect_args=options)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise InvalidInputError(
            "the database address cannot be read; write for example sqlite:///city/yizhan.sqlite"
        ) from error
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
    return engine


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
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


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

    with engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
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

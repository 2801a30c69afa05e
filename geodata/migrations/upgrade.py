"""Take a database to the newest schema, or refuse one that is not ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from geodata.errors import UnavailableError

_ONE_AT_A_TIME = Lock()  # Alembic hands the connection to the steps through a global


def to_head(connection: Connection, *, place: str) -> None:
    """Take all missing steps in the transaction of `connection`.

    Parameters
    ----------
    connection
        With an open transaction, which the caller commits.
    place
        How messages name the store.

    Raises
    ------
    UnavailableError
        When the database holds another program's tables, or a schema newer than this program knows.
    """
    with configured(connection) as config:
        _check_is_ours(connection, ScriptDirectory.from_config(config), place)
        command.upgrade(config, "head")


@contextmanager
def configured(connection: Connection) -> Iterator[Config]:
    """Give Alembic's settings for steps on `connection`, to one thread at a time."""
    with _ONE_AT_A_TIME, as_file(files("geodata.migrations")) as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        yield config


def _check_is_ours(connection: Connection, script: ScriptDirectory, place: str) -> None:
    revision = MigrationContext.configure(connection).get_current_revision()
    # PostGIS brings a table of its own.
    others = set(inspect(connection).get_table_names()) - {"spatial_ref_sys"}
    if revision is None and others:
        raise UnavailableError(
            "the store {place} belongs to another program; move that file away, "
            "or name another city folder",
            place=place,
        )
    if revision is not None and revision not in {s.revision for s in script.walk_revisions()}:
        raise UnavailableError(
            "the store {place} was made by a newer version of Yizhan (schema {revision}); "
            "update Yizhan, or name another city folder",
            place=place,
            revision=revision,
        )

"""One write: it waits its turn, happens as a whole, and moves the data version on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import JSON, Column, Connection, Engine, Table, func, select, update
from sqlalchemy.exc import OperationalError

from geodata.migrations import connect, tables

_BATCH = 10_000
IDS_AT_ONCE = 900
"""Values in one condition; SQLite takes no more than 999 everywhere."""


@dataclass(slots=True)
class Transaction:
    """An open transaction of the only writer, and the row that says where the store stands.

    Attributes
    ----------
    connection
        With the transaction, which ends outside.
    writes
        How many writes of stations or hotspots there were, this one included once it has advanced;
        the row version of the stations it touches.
    digest
        Of all of them, in hexadecimal.
    audit_lines, audit_hash
        Number and hash of the last line of the audit trail.
    """

    connection: Connection
    writes: int
    digest: str
    audit_lines: int
    audit_hash: str

    @property
    def version(self) -> str:
        """The data version."""
        return f"{self.writes}-{self.digest[:12]}"

    def advance(self, content: bytes) -> None:
        """Move the data version on by what is being written."""
        self.writes += 1
        self.take_in(content)
        self.keep()

    def take_in(self, content: bytes) -> None:
        """Let more of what is being written count for the data version; `keep` comes later."""
        self.digest = hashlib.sha256(self.digest.encode() + content).hexdigest()

    def keep(self) -> None:
        """Write down where the store stands."""
        self.connection.execute(
            update(tables.state).values(
                writes=self.writes,
                digest=self.digest,
                audit_lines=self.audit_lines,
                audit_hash=self.audit_hash,
            )
        )


@contextmanager
def queued(engine: Engine, place: str) -> Iterator[Transaction]:
    """Open a transaction in which writers queue from its start, instead of failing halfway.

    Raises
    ------
    UnavailableError
        When the store is busy or cannot be written; nothing has changed then.
    """
    state = tables.state.c
    query = select(
        state.writes, state.digest, state.audit_lines, state.audit_hash
    ).with_for_update()
    with connect.speaking(place), connect.queueing(engine).begin() as connection:
        yield Transaction(connection, *connection.execute(query).one())


def next_number(connection: Connection, table: Table) -> int:
    """Give the number of the next row; writers are alone, so nobody else takes it."""
    last = connection.execute(select(func.max(table.c.number))).scalar()
    return int(last or 0) + 1


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert many rows fast: SQLite's own batches, PostgreSQL's COPY.

    Parameters
    ----------
    columns
        Names of the columns given.
    rows
        Plain values; lists and mappings in JSON columns.
    """
    write = _copy if connection.dialect.name == "postgresql" else _execute_batches
    packed = [i for i, name in enumerate(columns) if _is_json(table.c[name])]
    write(connection, table, columns, _packed(rows, packed) if packed else rows)


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSON)


def _packed(rows: Iterable[Sequence[Any]], at: Sequence[int]) -> Iterator[list[Any]]:
    """Turn each different list into text once, found by its identity while it is held."""
    made: dict[int, tuple[Any, str]] = {}
    for row in rows:
        cells = list(row)
        for i in at:
            value = cells[i]
            known = made.get(id(value))
            if known is None:
                known = made[id(value)] = (value, connect.to_json(value))
            cells[i] = known[1]
        yield cells


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _execute_batches(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    marks = ", ".join("?" * len(columns))
    query = f"INSERT INTO {table.name} ({_names(columns)}) VALUES ({marks})"  # noqa: S608  our names
    left = iter(rows)
    while batch := [tuple(row) for row in islice(left, _BATCH)]:
        connection.exec_driver_sql(query, batch)


def _copy(
    connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    import psycopg  # only who uses PostgreSQL waits for its driver

    query = f"COPY {table.name} ({_names(columns)}) FROM STDIN"
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(query) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        raise OperationalError(query, None, error) from error

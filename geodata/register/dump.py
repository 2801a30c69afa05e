"""Every table as text and back: the same lines from SQLite and from PostgreSQL.

A line is one row as a JSON object, in the order of the table's number; bytes are Base64. Counts and
SHA-256 of these lines are how a backup, a restored register and the one it was made of are told to
be equal.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, LargeBinary, Table, delete, func, select

from geodata.errors import InvalidInputError, UnavailableError
from geodata.migrations import tables
from geodata.register import trail
from geodata.register.transaction import Transaction, insert_rows

Lines = Callable[[str], Iterable[bytes]]
"""Gives the lines of a table by its name, each with its end of line."""

NAMES = tuple(tables.metadata.tables)
"""Tables that make a register."""

_ORDER = {"stations": "seq", "hotspots": "seq", "state": "name"}


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and the SHA-256 of its lines."""

    rows: int
    sha256: str


@dataclass(slots=True)
class Summing:
    """Adds up the lines that go through it."""

    rows: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    def through(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        """Give the lines on, and count them."""
        for line in lines:
            self.rows += 1
            self._digest.update(line)
            yield line

    def total(self) -> Sum:
        """Give what went through so far."""
        return Sum(self.rows, self._digest.hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a look at the whole register found.

    Attributes
    ----------
    sums
        Rows and SHA-256 of each table; equal for two registers that hold the same.
    audit_lines, audit_hash
        Number and hash of the last line of the audit trail, to be noted elsewhere.
    broken_line
        First line of the trail that is not as it was written; None when all are.
    faults
        What the database says of its own file; empty when it is in order.
    """

    sums: Mapping[str, Sum]
    audit_lines: int
    audit_hash: str
    broken_line: int | None
    faults: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return self.broken_line is None and not self.faults


def lines(connection: Connection, name: str) -> Iterator[bytes]:
    """Give the lines of a table."""
    table = tables.metadata.tables[name]
    packed = [c.name for c in table.columns if isinstance(c.type, LargeBinary)]
    query = select(table).order_by(table.c[_ORDER.get(name, "number")])
    with connection.execution_options(yield_per=5_000).execute(query) as found:
        names = [str(column.name) for column in table.columns]  # plain text, as JSON wants it
        for row in found:
            cells = dict(zip(names, row, strict=True))
            for column in packed:
                cells[column] = base64.b64encode(cells[column]).decode()
            yield orjson.dumps(cells, option=orjson.OPT_APPEND_NEWLINE)


def sums(connection: Connection) -> dict[str, Sum]:
    """Give rows and SHA-256 of every table."""
    found = {}
    for name in NAMES:
        counted = Summing()
        for _ in counted.through(lines(connection, name)):
            pass
        found[name] = counted.total()
    return found


def health(connection: Connection) -> Health:
    """Look at the whole register."""
    state = connection.execute(select(tables.state.c.audit_lines, tables.state.c.audit_hash)).one()
    return Health(
        sums=sums(connection),
        audit_lines=state.audit_lines,
        audit_hash=state.audit_hash,
        broken_line=trail.first_broken(connection),
        faults=tuple(_faults(connection)),
    )


def load(turn: Transaction, given: Lines, expected: Mapping[str, Sum], *, place: str) -> None:
    """Fill an empty register, and see that it holds what it should.

    Parameters
    ----------
    given
        The lines of each table.
    expected
        Rows and SHA-256 of each table.
    place
        How messages name the register.

    Raises
    ------
    InvalidInputError
        When a line is no row of its table, or the rows are not as expected.
    UnavailableError
        When the register holds something else already.
    """
    connection = turn.connection
    if not _is_empty(connection):
        # A restore that was killed after this step is done again.
        if sums(connection) == dict(expected):
            return
        raise UnavailableError(
            "the store {place} is not empty; a backup is restored into a new city folder or an "
            "empty database, never over another register",
            place=place,
        )
    connection.execute(delete(tables.state))
    for name in NAMES:
        table = tables.metadata.tables[name]
        insert_rows(connection, table, table.columns.keys(), _rows(table, given(name)))
    found = sums(connection)
    wrong = [name for name in NAMES if found[name] != expected.get(name)]
    if wrong:
        raise InvalidInputError(
            "the backup is damaged: the tables {tables} are not as they were saved; take another "
            "backup",
            tables=", ".join(wrong),
        )
    faults = list(_faults(connection))
    if faults:
        raise UnavailableError(
            "the restored store {place} is not sound ({faults}); the disk may be failing",
            place=place,
            faults="; ".join(faults),
        )
    broken = trail.first_broken(connection)
    if broken is not None:
        raise InvalidInputError(
            "line {number} of the audit trail in the backup is not as it was written; take another "
            "backup, and find out who changed this one",
            number=broken,
        )


def _is_empty(connection: Connection) -> bool:
    others = (t for name, t in tables.metadata.tables.items() if name != "state")
    counts = (connection.execute(select(func.count()).select_from(t)).scalar_one() for t in others)
    return not any(counts)


def _rows(table: Table, given: Iterable[bytes]) -> Iterator[list[Any]]:
    names = table.columns.keys()
    packed = {c.name for c in table.columns if isinstance(c.type, LargeBinary)}
    for number, line in enumerate(given, start=1):
        try:
            cells = orjson.loads(line)
            yield [
                base64.b64decode(cells[n], validate=True) if n in packed else cells[n]
                for n in names
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise InvalidInputError(
                "the backup is damaged: line {number} of the table {table} cannot be read; take "
                "another backup",
                number=number,
                table=table.name,
            ) from error


def _faults(connection: Connection) -> Iterator[str]:
    """Ask SQLite to look through its file; PostgreSQL checks each page as it is read."""
    if connection.dialect.name != "sqlite":
        return
    for pragma in ("integrity_check", "foreign_key_check"):
        for row in connection.exec_driver_sql(f"PRAGMA {pragma}"):
            words = " ".join(map(str, row))
            if words != "ok":
                yield words

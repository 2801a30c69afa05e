"""The audit trail: who changed what and when, in lines that hold each other.

The hash of a line is SHA-256 over the hash of the line before and all that the line says. The row
of state keeps number and hash of the last line. So a line that was changed, removed, exchanged or
put in is found, also at the end; the database itself refuses to change or delete lines. Somebody
who can rewrite the whole file could forge all of it: the last hash, which `yizhan database check`
prints and every backup holds, is what such a forger cannot match.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select

from geodata.migrations import tables
from geodata.migrations.cells import texts
from geodata.register.transaction import Transaction, insert_rows

ALL = "*"
"""Key of a line about a whole table."""

Line = tuple[str, Any, Any]
"""Key, and what stood there before and after; None where there was nothing."""

_COLUMNS = tuple(c.name for c in tables.audit.columns)
_SAID = _COLUMNS[:-2]  # all but the hashes
_OF_STATIONS = ("stations", "cases", "inspections", "apart")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit trail.

    Attributes
    ----------
    number
        From 1, without gaps.
    moment
        When; None where the writer named none.
    action
        ``import``, ``change``, ``merge``, ``unmerge``, ``undo``, ``replace``, ``open``, ``close``,
        ``inspect``, ``report``, ``forget`` or ``map``.
    table, key
        Which row: for stations and what concerns one station its id; ``*`` for the whole table.
    before, after
        The fields that changed, or the whole row where it came or went; what was empty is left out
        of whole rows. None where there was no row.
    reason
        Why, in the words of who did it.
    import_number
        The import it belongs to; None for what was done by hand.
    """

    number: int
    moment: datetime | None
    who: str
    action: str
    table: str
    key: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str = ""
    import_number: int | None = None


def append(
    turn: Transaction,
    lines: Iterable[Line],
    *,
    table: str,
    action: str,
    moment: datetime | None,
    who: str,
    reason: str = "",
    import_number: int | None = None,
) -> None:
    """Add lines to the trail, in the transaction of what they tell.

    Raises
    ------
    InvalidInputError
        When `who` or `reason` cannot be stored.
    """
    texts("who", [who])
    texts("reason", [reason])
    when = "" if moment is None else moment.isoformat()

    def chained() -> Iterator[tuple[Any, ...]]:
        number, last = turn.audit_lines, turn.audit_hash
        for key, before, after in lines:
            number += 1
            old, new = (None if v is None else orjson.dumps(v).decode() for v in (before, after))
            said = (number, when, who, action, table, key, old, new, reason, import_number)
            digest = _hash(last, said)
            yield (*said, last, digest)
            last = digest
            turn.audit_lines, turn.audit_hash = number, digest

    insert_rows(turn.connection, tables.audit, _COLUMNS, chained())
    turn.keep()


def whole(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row without what is empty; a zero is not empty."""
    return {k: v for k, v in row.items() if v or isinstance(v, float)}


def first_broken(connection: Connection) -> int | None:
    """Give the number of the first line that is not as it was written; None when all are."""
    state = connection.execute(select(tables.state.c.audit_lines, tables.state.c.audit_hash)).one()
    query = select(tables.audit).order_by(tables.audit.c.number)
    number, last = 0, ""
    with connection.execution_options(yield_per=10_000).execute(query) as rows:
        for row in rows:
            number += 1
            *said, previous, digest = row
            is_next = row.number == number and previous == last and number <= state.audit_lines
            if not is_next or digest != _hash(last, tuple(said)):
                return number
            last = digest
    if number < state.audit_lines:
        return number + 1
    return None if last == state.audit_hash else number


def entries(connection: Connection, key: str) -> list[AuditEntry]:
    """Give the lines about one station, oldest first, without what workers reported."""
    line = tables.audit.c
    query = (
        select(*(line[name] for name in _SAID))
        .where(line.key.in_([key, ALL]), line.table_name.in_(_OF_STATIONS))
        .order_by(line.number)
    )
    return [to_entry(row) for row in connection.execute(query)]


def last_entry(connection: Connection, key: str) -> AuditEntry | None:
    """Give the last line about the row of one station, or about all of them."""
    line = tables.audit.c
    query = (
        select(*(line[name] for name in _SAID))
        .where(line.key.in_([key, ALL]), line.table_name == "stations")
        .order_by(line.number.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else to_entry(row)


def to_entry(row: Row[Any]) -> AuditEntry:
    """Give a line of the table."""
    found = row._asdict()
    return AuditEntry(
        number=found["number"],
        moment=datetime.fromisoformat(found["moment"]) if found["moment"] else None,
        who=found["who"],
        action=found["action"],
        table=found["table_name"],
        key=found["key"],
        before=None if found["before"] is None else orjson.loads(found["before"]),
        after=None if found["after"] is None else orjson.loads(found["after"]),
        reason=found["reason"],
        import_number=found["import_number"],
    )


def _hash(last: str, said: tuple[Any, ...]) -> str:
    return hashlib.sha256(last.encode() + orjson.dumps(said)).hexdigest()

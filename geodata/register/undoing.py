"""Taking the last import back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, select, update

from geodata.errors import NotFoundError, UnanswerableError
from geodata.migrations import tables
from geodata.register import facts, histories, stations, trail
from geodata.register.importing import ImportRecord, to_record
from geodata.register.transaction import Transaction

_AT_ONCE = 10_000
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Undone:
    """An import that was taken back.

    Attributes
    ----------
    record
        The import, with the moment it was undone.
    removed
        Ids of the stations it had brought, which are gone again.
    restored
        Ids of the stations that have their former values again.
    """

    record: ImportRecord
    removed: tuple[str, ...]
    restored: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """What an import did to one station; None before where it brought it."""

    key: str
    before: dict[str, Any] | None
    after: dict[str, Any]


def undo(turn: Transaction, *, moment: datetime, who: str) -> Undone:
    """Take the last import back that still stands; see `geodata.store.Store.undo`."""
    connection = turn.connection
    row = _last(connection)
    _check_not_replaced(connection, row)
    _check_untouched(connection, row)
    noted: dict[str, Any] = {
        "action": "undo",
        "moment": moment,
        "who": who,
        "import_number": row.number,
    }
    turn.advance(orjson.dumps(["undo", row.number]))
    removed: list[str] = []
    restored: list[str] = []
    for lines in _parts(connection, row):
        known = stations.known(connection, (line.key for line in lines))
        new = [line.key for line in lines if line.before is None]
        old = [{**known[line.key], **line.before} for line in lines if line.before is not None]
        stations.remove(connection, new)
        stations.put(turn, old)
        removed += new
        restored += [station["id"] for station in old]
        trail.append(turn, _back(lines, known), table="stations", **noted)
    facts.forget_import(connection, row.number)
    histories.note(turn, tables.stations.c.row_version == turn.writes, moment=moment, who=who)
    undone_at = {"undone_at": moment.isoformat()}
    trail.append(turn, [(str(row.number), {}, undone_at)], table="imports", **noted)
    connection.execute(
        update(tables.imports).where(tables.imports.c.number == row.number).values(undone_at)
    )
    record = replace(to_record(row), undone_at=moment)
    return Undone(record, tuple(removed), tuple(restored))


def _back(lines: Sequence[_Line], known: Mapping[str, Mapping[str, Any]]) -> Iterator[trail.Line]:
    for line in lines:
        if line.before is None:
            yield line.key, trail.whole(stations.content(known[line.key])), None
        else:
            yield line.key, line.after, line.before


def _last(connection: Connection) -> Row[Any]:
    table = tables.imports
    query = select(table).where(table.c.undone_at == "").order_by(table.c.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("there is no import left that could be undone")
    if row.first_line == 0:
        raise UnanswerableError(
            "import {number} ({file}) is older than the audit trail and cannot be undone; "
            "import the right file instead",
            number=row.number,
            file=row.file_name,
        )
    return row


def _check_not_replaced(connection: Connection, row: Row[Any]) -> None:
    line = tables.audit.c
    query = select(line.number).where(
        line.key == trail.ALL, line.table_name == "stations", line.number > row.last_line
    )
    if connection.execute(query.limit(1)).scalar() is not None:
        raise UnanswerableError(
            "import {number} ({file}) cannot be undone: the whole city was built anew since; "
            "import the right file instead, or restore a backup",
            number=row.number,
            file=row.file_name,
        )


def _parts(connection: Connection, row: Row[Any]) -> Iterator[list[_Line]]:
    """Give what the import did, some thousand lines at a time."""
    line = tables.audit.c
    for first in range(row.first_line, row.last_line + 1, _AT_ONCE):
        last = min(first + _AT_ONCE - 1, row.last_line)
        query = (
            select(line.key, line.before, line.after)
            .where(line.number.between(first, last), line.table_name == "stations")
            .order_by(line.number)
        )
        yield [
            _Line(key, None if before is None else orjson.loads(before), orjson.loads(after))
            for key, before, after in connection.execute(query)
        ]


def _check_untouched(connection: Connection, row: Row[Any]) -> None:
    """Refuse when a station is no longer as the import left it, also when it was merged."""
    later = _later(connection, row)
    known = stations.known(connection, later)
    keepers = set(connection.execute(select(tables.merges.c.keep_id)).scalars())
    conflicts = [
        entries[-1]
        for key, entries in later.items()
        if key not in known or key in keepers or _has_changed(known[key], entries)
    ]
    if conflicts:
        shown = (
            f"{e.key} ({e.who or '?'}, {e.moment.isoformat(' ', 'minutes') if e.moment else '?'}, "
            f"{', '.join(e.after or {})})"
            for e in conflicts[:_EXAMPLES]
        )
        raise UnanswerableError(
            "import {number} ({file}) cannot be undone: {n} of its stations were changed since: "
            "{stations}; take these changes back first, then undo",
            number=row.number,
            file=row.file_name,
            n=len(conflicts),
            stations="; ".join(shown) + ("; …" if len(conflicts) > _EXAMPLES else ""),
            ids=tuple(e.key for e in conflicts),
        )


def _later(connection: Connection, row: Row[Any]) -> dict[str, list[trail.AuditEntry]]:
    """Give what was done since by hand to stations of the import.

    Later imports are undone, or this one were not the last that stands.
    """
    line = tables.audit.c
    of_import = select(line.key).where(
        line.number.between(row.first_line, row.last_line), line.table_name == "stations"
    )
    query = select(tables.audit).where(
        line.number > row.last_line,
        line.table_name == "stations",
        line.import_number.is_(None),
        line.key.in_(of_import),
    )
    found: dict[str, list[trail.AuditEntry]] = {}
    for done in connection.execute(query.order_by(line.number)):
        found.setdefault(done.key, []).append(trail.to_entry(done))
    return found


def _has_changed(now: dict[str, Any], since: Sequence[trail.AuditEntry]) -> bool:
    """Tell whether going back through all changes leads elsewhere than where the station is."""
    then = dict(now)
    for entry in reversed(since):
        then |= entry.before or {}
    return then != now

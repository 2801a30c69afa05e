"""The rows of stations: reading them, writing them whole, changing one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, select

from geodata.errors import InvalidInputError, NotFoundError, UnanswerableError
from geodata.migrations import tables
from geodata.migrations.cells import from_cell, to_cell
from geodata.migrations.rows import Row
from geodata.records import STATION_COLUMNS, Station
from geodata.register import facts, histories, trail
from geodata.register.transaction import IDS_AT_ONCE, Transaction, insert_rows

CONTENT = (*STATION_COLUMNS, "lon_deg", "lat_deg")
"""Columns that say something about a station; the others are the store's own."""

STORED = (*CONTENT, "seq", "row_version", "merged_into")

_FIELDS = frozenset(CONTENT) - {"id"}
_AT_ONCE = 10_000


def shown(
    connection: Connection, box_deg: tuple[float, float, float, float] | None
) -> Iterator[Sequence[Sequence[Any]]]:
    """Give the values of `CONTENT` of all stations that were not merged, in order, in parts."""
    table = tables.stations.c
    query = select(*(table[c] for c in CONTENT)).where(table.merged_into.is_(None))
    if box_deg is not None:
        query = query.where(in_box(connection, box_deg))
    return in_parts(connection, query.order_by(table.seq))


def in_parts(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Sequence[Any]]]:
    """Give the rows of a query, some thousand at a time."""
    with connection.execution_options(yield_per=_AT_ONCE).execute(query) as found:
        yield from found.partitions()


def in_box(
    connection: Connection, box_deg: tuple[float, float, float, float]
) -> ColumnElement[bool]:
    """Give the condition that a station lies in a box, its edges included.

    PostGIS finds boxes by its index, whose edges are rounded, so the numbers decide.
    """
    west, south, east, north = box_deg
    table = tables.stations.c
    exact = and_(table.lon_deg.between(west, east), table.lat_deg.between(south, north))
    if connection.dialect.name != "postgresql":
        return exact
    box = func.ST_MakeEnvelope(west, south, east, north, 4326)
    return and_(tables.geometry(tables.stations).op("&&", is_comparison=True)(box), exact)


def known(connection: Connection, ids: Iterable[str]) -> dict[str, Row]:
    """Give the whole rows of the stations that exist, by id."""
    table = tables.stations.c
    columns = [table[c] for c in STORED]
    wanted = list(ids)
    found: dict[str, Row] = {}
    for first in range(0, len(wanted), IDS_AT_ONCE):
        query = select(*columns).where(table.id.in_(wanted[first : first + IDS_AT_ONCE]))
        for row in connection.execute(query):
            found[row[0]] = dict(zip(STORED, row, strict=True))
    return found


def one(connection: Connection, station_id: str) -> Row:
    """Give the whole row of a station.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    found = known(connection, [station_id])
    if not found:
        raise NotFoundError(
            "there is no station {id}; look its id up with `yizhan stations near` or in an export",
            id=station_id,
        )
    return found[station_id]


def content(row: Mapping[str, Any]) -> Row:
    """Give what a row says about its station."""
    return {name: row[name] for name in CONTENT}


def put(turn: Transaction, rows: Sequence[Row]) -> None:
    """Write whole rows, new or in the place of what had their ids; `turn` has advanced."""
    remove(turn.connection, [row["id"] for row in rows])
    add(turn, rows)


def add(turn: Transaction, rows: Iterable[Row]) -> None:
    """Write whole rows of new stations."""
    names = (*CONTENT, "seq", "merged_into")
    values = ((*(row[name] for name in names), turn.writes) for row in rows)
    insert_rows(turn.connection, tables.stations, (*names, "row_version"), values)


def number(rows: Iterable[Row], *, first: int) -> None:
    """Give new stations their places in the order, in their rows, and say that none is merged."""
    for i, row in enumerate(rows):
        row["seq"], row["merged_into"] = first + i, None


def remove(connection: Connection, ids: Sequence[str]) -> None:
    """Delete rows by id; those that do not exist do no harm."""
    table = tables.stations
    for first in range(0, len(ids), IDS_AT_ONCE):
        some = ids[first : first + IDS_AT_ONCE]
        connection.execute(delete(table).where(table.c.id.in_(some)))


def next_place(connection: Connection) -> int:
    """Give the place in the order that the next new station takes."""
    last = connection.execute(select(func.max(tables.stations.c.seq))).scalar()
    return 0 if last is None else int(last) + 1


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Row, Row]:
    """Give the fields that differ, as they were and as they are."""
    changed = [name for name in CONTENT if before[name] != after[name]]
    return {n: before[n] for n in changed}, {n: after[n] for n in changed}


def change(
    turn: Transaction,
    station_id: str,
    given: Mapping[str, object],
    *,
    expected_version: int | None,
    who: str,
    source: str,
    moment: datetime,
    reason: str,
) -> int:
    """Change one station; see `geodata.store.Store.change`."""
    before = one(turn.connection, station_id)
    check_version(turn.connection, before, expected_version)
    check_not_merged(before)
    says = as_cells(given)
    if "status" in says and says["status"] != before["status"]:
        says = {"status_reason": reason, "status_since": moment.date().isoformat()} | says
    after = {**before, **says}
    check(after)
    old, new = difference(before, after)
    today = moment.date().isoformat()
    if new:
        histories.Codes(turn.connection).check([after])
        turn.advance(orjson.dumps([station_id, new]))
        put(turn, [after])
        trail.append(
            turn,
            [(station_id, old, new)],
            table="stations",
            action="change",
            moment=moment,
            who=who,
            reason=reason,
        )
        histories.note(turn, tables.stations.c.id == station_id, moment=moment, who=who)
    stated = facts.Statement(
        station_id=station_id,
        source=source,
        verified_by=who if says.get("verified_on") else "",
        verified_on=says.get("verified_on", ""),
        said=facts.said(after, says),
    )
    facts.state(turn, [stated], stated_on=today, who=who)
    return turn.writes if new else int(before["row_version"])


def as_cells(given: Mapping[str, object]) -> Row:
    """Give fields as the table holds them.

    Raises
    ------
    InvalidInputError
        When a field is not known or a value cannot be stored.
    """
    unknown = sorted(set(given) - _FIELDS)
    if unknown:
        raise InvalidInputError(
            "a station has no field {fields} that could be changed; known are {known}",
            fields=", ".join(unknown),
            known=", ".join(sorted(_FIELDS)),
        )
    return {name: to_cell(name, value) for name, value in given.items()}


def check(row: Mapping[str, Any]) -> None:
    """Refuse a row that breaks the rules of `geodata.records.Station`.

    Raises
    ------
    InvalidInputError
        When it does.
    """
    values = {name: from_cell(name, row[name]) for name in CONTENT}
    for name in ("lon_deg", "lat_deg"):
        if values[name] is None:
            raise InvalidInputError("station {id} needs a position", id=row["id"])
    Station(**values)


def check_version(connection: Connection, row: Row, expected: int | None) -> None:
    """Refuse to change a row that is not as somebody saw it; None: whatever it is.

    Raises
    ------
    UnanswerableError
        When somebody else changed it; says who and when.
    """
    if expected is None or row["row_version"] == expected:
        return
    last = trail.last_entry(connection, row["id"])
    moment = None if last is None else last.moment
    raise UnanswerableError(
        "station {id} was changed since you looked at it: {who}, {moment}, {fields}; look at it as "
        "it is now, then make your change again",
        id=row["id"],
        who=(last.who if last else "") or "?",
        moment=moment.isoformat(" ", "minutes") if moment else "?",
        fields=_fields(last),
        version=row["row_version"],
    )


def _fields(entry: trail.AuditEntry | None) -> str:
    if entry is None or entry.key == trail.ALL:
        return "?"
    return ", ".join(sorted(entry.after or {})) or "?"


def check_not_merged(row: Row) -> None:
    """Refuse to touch a station that another one stands for.

    Raises
    ------
    UnanswerableError
        When it was merged.
    """
    if row["merged_into"] is not None:
        raise UnanswerableError(
            "station {id} was merged into {keep_id}; change that one, or undo the merge first",
            id=row["id"],
            keep_id=row["merged_into"],
        )

"""Who said what about a station: each field as each source last stated it.

A table row is one statement: all fields that one source stated at one time about one station. That
keeps an import of a whole province to one row a station, and taking an import back is to forget its
statements; what the source had said before then counts again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, select

from geodata.migrations import tables
from geodata.migrations.cells import from_cell, texts
from geodata.records import STATION_COLUMNS
from geodata.register.transaction import Transaction, insert_rows, next_number

POSITION = "position"
"""The field that longitude and latitude make together."""

_PLACED_BY = frozenset({POSITION, "geometry", "lon_deg", "lat_deg"})
_FIELDS = frozenset(STATION_COLUMNS) - {"id", "source", "source_frame", "source_x", "source_y"}
_COLUMNS = tuple(c.name for c in tables.facts.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One field of a station as one source last stated it.

    Attributes
    ----------
    station_id
        The station it was stated of; of a merged one too, where it now stands for another.
    field
        A column of the stations frame, or ``position``.
    value
        As the record holds it; ``position`` is (longitude, latitude) in degrees, WGS 84.
    source, stated_on
        Who stated it, and the ISO date; the date is empty for what came with a whole city.
    who
        Who brought it into the register.
    verified_by, verified_on
        Who checked it on the spot, and the ISO date; empty when nobody did.
    import_number
        The import it came with; None when it was written by hand or with a whole city.
    """

    station_id: str
    field: str
    value: Any
    source: str
    stated_on: str = ""
    who: str = ""
    verified_by: str = ""
    verified_on: str = ""
    import_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says about one station at one time; `said` holds plain values by field."""

    station_id: str
    source: str
    said: Mapping[str, Any]
    verified_by: str = ""
    verified_on: str = ""


def said(row: Mapping[str, Any], fields: Collection[str]) -> dict[str, Any]:
    """Give the plain values of those `fields` of a row that are facts."""
    found = {name: row[name] for name in fields if name in _FIELDS}
    if not _PLACED_BY.isdisjoint(fields):
        found[POSITION] = (row["lon_deg"], row["lat_deg"])
    return found


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the plain values of all fields of a row that say something."""
    filled = [n for n in _FIELDS if row[n] or isinstance(row[n], float)]
    return said(row, [POSITION, *filled])


def state(
    turn: Transaction,
    statements: Iterable[Statement],
    *,
    stated_on: str,
    who: str,
    import_number: int | None = None,
) -> None:
    """Write statements down; those that say nothing are left out."""
    texts("who", [who])
    first = next_number(turn.connection, tables.facts)
    saying = (s for s in statements if s.said)
    rows = (
        (
            first + i,
            s.station_id,
            s.source,
            stated_on,
            who,
            s.verified_by,
            s.verified_on,
            import_number,
            orjson.dumps(s.said).decode(),
        )
        for i, s in enumerate(saying)
    )
    insert_rows(turn.connection, tables.facts, _COLUMNS, rows)


def forget_import(connection: Connection, number: int) -> None:
    """Drop what an import stated."""
    connection.execute(delete(tables.facts).where(tables.facts.c.import_number == number))


def of_station(connection: Connection, rows: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """Give the facts of stations, newest statement first; see `geodata.store.Store.facts`.

    Parameters
    ----------
    rows
        The rows of the station and of those merged into it. What nobody stated by itself counts
        as stated by the source of its row.
    """
    found: list[Fact] = []
    for row in rows:
        stated = _stated(connection, row["id"])
        covered = {fact.field for fact in stated}
        found += stated
        found += [
            Fact(station_id=row["id"], field=k, value=_value(k, v), source=row["source"])
            for k, v in sorted(told(row).items())
            if k not in covered
        ]
    return found


def _stated(connection: Connection, station_id: str) -> list[Fact]:
    table = tables.facts
    query = (
        select(table)
        .where(table.c.station_id == station_id)
        .order_by(table.c.stated_on.desc(), table.c.number.desc())
    )
    last: dict[tuple[str, str], Fact] = {}
    for row in connection.execute(query):
        for fact in _facts(row):
            last.setdefault((fact.source, fact.field), fact)
    return list(last.values())


def _facts(row: Row[Any]) -> list[Fact]:
    return [
        Fact(
            station_id=row.station_id,
            field=field,
            value=_value(field, value),
            source=row.source,
            stated_on=row.stated_on,
            who=row.who,
            verified_by=row.verified_by,
            verified_on=row.verified_on,
            import_number=row.import_number,
        )
        for field, value in orjson.loads(row.said).items()
    ]


def _value(field: str, value: Any) -> Any:
    return tuple(value) if field == POSITION else from_cell(field, value)

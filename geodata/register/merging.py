"""One station, once: two rows that mean one station, and back.

The absorbed station keeps its row, its facts and its code; it is only no longer shown, and says
which station stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, delete, insert, or_, select

from geodata.errors import InvalidInputError, NotFoundError
from geodata.migrations import tables
from geodata.migrations.cells import texts
from geodata.migrations.rows import Row
from geodata.register import histories, stations, trail
from geodata.register.transaction import Transaction, next_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Two rows that stand for one station: `absorb_id` is shown as `keep_id`."""

    number: int
    keep_id: str
    absorb_id: str
    moment: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmerged:
    """A merge that was taken back.

    Attributes
    ----------
    is_kept_restored
        Whether the kept station has the values from before the merge again; False when it was
        changed since, so that it stayed as it is now.
    """

    keep_id: str
    absorb_id: str
    is_kept_restored: bool


def merge(
    turn: Transaction,
    keep_id: str,
    absorb_id: str,
    *,
    fields: Mapping[str, object],
    who: str,
    moment: datetime,
    reason: str,
    expected_versions: tuple[int, int] | None = None,
) -> None:
    """Let one station stand for another; see `geodata.store.Store.merge`."""
    connection = turn.connection
    if keep_id == absorb_id:
        raise InvalidInputError("station {id} cannot be merged with itself", id=keep_id)
    kept, absorbed = stations.one(connection, keep_id), stations.one(connection, absorb_id)
    stations.check_not_merged(kept)
    stations.check_not_merged(absorbed)
    for row, expected in zip((kept, absorbed), expected_versions or (None, None), strict=True):
        stations.check_version(connection, row, expected)
    after = {**kept, **stations.as_cells(fields)}
    stations.check(after)
    histories.Codes(connection).check([after])
    turn.advance(orjson.dumps(["merge", keep_id, absorb_id, stations.content(after)]))
    stations.put(turn, [after, {**absorbed, "merged_into": keep_id}])
    texts("reason", [reason])
    connection.execute(
        insert(tables.merges).values(
            number=next_number(connection, tables.merges),
            keep_id=keep_id,
            absorb_id=absorb_id,
            moment=moment.isoformat(),
            who=who,
            reason=reason,
            before=_packed(kept),
            after=_packed(after),
        )
    )
    lines = [
        (keep_id, *stations.difference(kept, after)),
        (absorb_id, {"merged_into": None}, {"merged_into": keep_id}),
    ]
    _note(turn, lines, action="merge", moment=moment, who=who, reason=reason)


def unmerge(turn: Transaction, absorb_id: str, *, who: str, moment: datetime) -> Unmerged:
    """Take a merge back; see `geodata.store.Store.unmerge`."""
    connection = turn.connection
    table = tables.merges
    found = connection.execute(select(table).where(table.c.absorb_id == absorb_id)).one_or_none()
    if found is None:
        raise NotFoundError("station {id} is not merged into another one", id=absorb_id)
    absorbed = {**stations.one(connection, absorb_id), "merged_into": None}
    kept = stations.one(connection, found.keep_id)
    is_restored = _packed(kept) == found.after
    restored = {**kept, **orjson.loads(found.before)} if is_restored else kept
    turn.advance(orjson.dumps(["unmerge", found.keep_id, absorb_id]))
    stations.put(turn, [restored, absorbed] if restored != kept else [absorbed])
    connection.execute(delete(table).where(table.c.number == found.number))
    lines = [
        (found.keep_id, *stations.difference(kept, restored)),
        (absorb_id, {"merged_into": found.keep_id}, {"merged_into": None}),
    ]
    _note(turn, lines, action="unmerge", moment=moment, who=who)
    return Unmerged(keep_id=found.keep_id, absorb_id=absorb_id, is_kept_restored=is_restored)


def merges(connection: Connection) -> list[Merge]:
    """Give the merges that stand, oldest first."""
    table = tables.merges
    return [
        Merge(
            number=row.number,
            keep_id=row.keep_id,
            absorb_id=row.absorb_id,
            moment=datetime.fromisoformat(row.moment),
            who=row.who,
            reason=row.reason,
        )
        for row in connection.execute(select(table).order_by(table.c.number))
    ]


def heirs(connection: Connection) -> dict[str, str]:
    """Give for each merged station the id of the one that stands for it in the end."""
    table = tables.merges.c
    found = {
        row.absorb_id: row.keep_id
        for row in connection.execute(select(table.absorb_id, table.keep_id))
    }
    for absorb_id in found:
        while (later := found.get(found[absorb_id])) is not None:
            found[absorb_id] = later
    return found


def family(connection: Connection, station_id: str) -> list[Row]:
    """Give the rows of a station and of all that were merged into it, the station first."""
    found = [stations.one(connection, station_id)]
    for row in found:  # grows as it goes: what was absorbed may have absorbed others
        table = tables.merges.c
        query = select(table.absorb_id).where(table.keep_id == row["id"]).order_by(table.number)
        ids = list(connection.execute(query).scalars())
        known = stations.known(connection, ids)
        found += [known[i] for i in ids if i in known]
    return found


def _packed(row: Row) -> str:
    return orjson.dumps(stations.content(row)).decode()


def _note(
    turn: Transaction,
    lines: list[trail.Line],
    *,
    action: str,
    moment: datetime,
    who: str,
    reason: str = "",
) -> None:
    trail.append(
        turn, lines, table="stations", action=action, moment=moment, who=who, reason=reason
    )
    ids = [key for key, _, _ in lines]
    written = or_(*(tables.stations.c.id == i for i in ids))
    histories.note(turn, written, moment=moment, who=who)

"""Pairs that look like one station and are two: said once, asked no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from geodata.errors import InvalidInputError
from geodata.migrations import tables
from geodata.migrations.cells import texts
from geodata.register import stations, trail
from geodata.register.transaction import Transaction, next_number

Pair = frozenset[str]
"""Ids of two stations."""


def apart(connection: Connection) -> set[Pair]:
    """Give the pairs that somebody said are two stations."""
    table = tables.apart.c
    return {frozenset(row) for row in connection.execute(select(table.one_id, table.other_id))}


def keep_apart(
    turn: Transaction, one_id: str, other_id: str, *, who: str, moment: datetime, reason: str
) -> bool:
    """Note that two stations are two; see `geodata.store.Store.keep_apart`."""
    if one_id == other_id:
        raise InvalidInputError("station {id} cannot be told apart from itself", id=one_id)
    for station_id in (one_id, other_id):
        stations.check_not_merged(stations.one(turn.connection, station_id))
    texts("reason", [reason])
    if frozenset((one_id, other_id)) in apart(turn.connection):
        return False
    first, second = sorted((one_id, other_id))
    turn.connection.execute(
        insert(tables.apart).values(
            number=next_number(turn.connection, tables.apart),
            one_id=first,
            other_id=second,
            moment=moment.isoformat(),
            who=who,
            reason=reason,
        )
    )
    _note(turn, (one_id, other_id), "apart", who=who, moment=moment, reason=reason)
    return True


def ask_again(turn: Transaction, one_id: str, other_id: str, *, who: str, moment: datetime) -> bool:
    """Take it back; see `geodata.store.Store.ask_again`."""
    first, second = sorted((one_id, other_id))
    table = tables.apart
    query = delete(table).where(table.c.one_id == first, table.c.other_id == second)
    if not turn.connection.execute(query).rowcount:
        return False
    _note(turn, (one_id, other_id), "ask_again", who=who, moment=moment, reason="")
    return True


def _note(
    turn: Transaction,
    ids: tuple[str, str],
    action: str,
    *,
    who: str,
    moment: datetime,
    reason: str,
) -> None:
    lines = [(key, None, {"other": other}) for key, other in (ids, ids[::-1])]
    trail.append(turn, lines, table="apart", action=action, moment=moment, who=who, reason=reason)

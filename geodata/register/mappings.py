"""Which column of a sender's files means what, remembered from one file to the next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from geodata.migrations import tables
from geodata.migrations.cells import texts
from geodata.register import trail
from geodata.register.transaction import Transaction, insert_rows, next_number


def mapping(connection: Connection, sender: str) -> dict[str, str]:
    """Give the field of each header that a sender's files are known to use."""
    table = tables.mappings.c
    query = select(table.header, table.field).where(table.sender == sender).order_by(table.number)
    return {row.header: row.field for row in connection.execute(query)}


def remember(
    turn: Transaction, sender: str, new: Mapping[str, str], *, who: str, moment: datetime
) -> None:
    """Remember headers beside those known; see `geodata.store.Store.remember_mapping`."""
    texts("header", [sender, *new, *new.values()])
    known = mapping(turn.connection, sender)
    changed = {h: f for h, f in new.items() if known.get(h) != f}
    if not changed:
        return
    table = tables.mappings
    turn.connection.execute(
        delete(table).where(table.c.sender == sender, table.c.header.in_(list(changed)))
    )
    first = next_number(turn.connection, table)
    rows = ((first + i, sender, h, f) for i, (h, f) in enumerate(changed.items()))
    insert_rows(turn.connection, table, ("number", "sender", "header", "field"), rows)
    old = {h: known[h] for h in changed if h in known}
    trail.append(
        turn,
        [(sender, old or None, changed)],
        table="mappings",
        action="map",
        moment=moment,
        who=who,
    )

"""What stations were: their states, their district codes, and every code that was ever given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    insert,
    literal,
    select,
)

from geodata.errors import InvalidInputError
from geodata.migrations import tables
from geodata.register.transaction import IDS_AT_ONCE, Transaction, next_number

_EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChange:
    """A status that a station got.

    Attributes
    ----------
    status
        One of `geodata.records.STATION_STATUSES`.
    reason, since
        Why, and the ISO date since when; empty when not known.
    moment, who
        When it was written and by whom; None and empty when the writer named none.
    """

    status: str
    reason: str
    since: str
    moment: datetime | None
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictCode:
    """A district code (GB/T 2260) that a station got; `since` is the ISO date it was written."""

    code: str
    since: str


class Codes:
    """Watches that no code of the rows about to be written is, or ever was, another station's."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._owners: dict[str, str] = {}

    def check(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Refuse rows with a code of another station, of the register or of rows seen before.

        Raises
        ------
        InvalidInputError
            When a row has one; names up to five.
        """
        coded = [row for row in rows if row["code"]]
        owners, given = self._owners, tables.codes.c
        for first in range(0, len(coded), IDS_AT_ONCE):
            some = [row["code"] for row in coded[first : first + IDS_AT_ONCE]]
            query = select(given.code, given.station_id).where(given.code.in_(some))
            owners |= {row.code: row.station_id for row in self._connection.execute(query)}
        clashes = [r for r in coded if owners.setdefault(r["code"], r["id"]) != r["id"]]
        if clashes:
            shown = (f"{row['code']} ({owners[row['code']]}, {row['id']})" for row in clashes)
            raise InvalidInputError(
                "a code is never given to a second station: {codes}; give the second one of each "
                "pair another code",
                codes=", ".join(islice(shown, _EXAMPLES)),
            )


def note(
    turn: Transaction, which: ColumnElement[bool], *, moment: datetime | None, who: str
) -> None:
    """Write down what is new about the states and codes of some stations.

    Parameters
    ----------
    which
        A condition on the stations just written.
    """
    today = "" if moment is None else moment.date().isoformat()
    when = "" if moment is None else moment.isoformat()
    now, then = tables.stations.c, tables.statuses.c
    same = and_(
        then.status == now.status, then.reason == now.status_reason, then.since == now.status_since
    )
    state = (now.id, now.status, now.status_reason, now.status_since)
    new_states = select(*state, literal(when), literal(who)).where(which, ~_last_is(then, same))
    _append(turn.connection, tables.statuses, new_states)
    was = tables.district_codes.c
    is_new = ~_last_is(was, was.code == now.district_code)
    has_or_had = (now.district_code != "") | exists().where(was.station_id == now.id)
    new_districts = select(now.id, now.district_code, literal(today)).where(
        which, has_or_had, is_new
    )
    _append(turn.connection, tables.district_codes, new_districts)
    given = tables.codes.c
    new_codes = select(now.code, now.id, literal(today)).where(
        which, now.code != "", ~exists().where(given.code == now.code)
    )
    _append(turn.connection, tables.codes, new_codes)


def statuses(connection: Connection, station_id: str) -> list[StatusChange]:
    """Give the states of a station, oldest first."""
    row = tables.statuses.c
    query = (
        select(row.status, row.reason, row.since, row.moment, row.who)
        .where(row.station_id == station_id)
        .order_by(row.number)
    )
    return [
        StatusChange(
            status=status,
            reason=reason,
            since=since,
            moment=datetime.fromisoformat(moment) if moment else None,
            who=who,
        )
        for status, reason, since, moment, who in connection.execute(query)
    ]


def district_codes(connection: Connection, station_id: str) -> list[DistrictCode]:
    """Give the district codes of a station, oldest first."""
    row = tables.district_codes.c
    query = select(row.code, row.since).where(row.station_id == station_id).order_by(row.number)
    return [DistrictCode(code=code, since=since) for code, since in connection.execute(query)]


def taken_codes(connection: Connection) -> set[str]:
    """Give every code that was ever given."""
    return set(connection.execute(select(tables.codes.c.code)).scalars())


def _last_is(history: Any, same: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say that the last row that a history holds of a station is the same as the station."""
    last = (
        select(func.max(history.number))
        .where(history.station_id == tables.stations.c.id)
        .correlate(tables.stations)
        .scalar_subquery()
    )
    return exists().where(history.number == last, same)


def _append(connection: Connection, table: Any, new: Select[Any]) -> None:
    """Insert the rows of a query under the next numbers, in the order of their stations."""
    first = next_number(connection, table)
    place = func.row_number().over(order_by=tables.stations.c.seq)
    numbered = new.with_only_columns(place + (first - 1), *new.selected_columns)
    columns = [c.name for c in table.columns]
    connection.execute(insert(table).from_select(columns, numbered))

"""What is said about stations after they are on the map: reports, cases, inspections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from geodata.cases import Case
from geodata.errors import NotFoundError, UnanswerableError
from geodata.inspections import Inspection
from geodata.migrations import tables
from geodata.migrations.cells import texts
from geodata.records import check_day
from geodata.register import merging, trail
from geodata.register.transaction import Transaction, next_number
from geodata.reports import Report

_REPORT = tuple(f.name for f in fields(Report))


def add_report(
    turn: Transaction,
    report: Report,
    *,
    since: datetime | None,
    check: Callable[[Sequence[Report]], None] | None,
) -> int:
    """Keep a report; see `geodata.store.Store.add_report`."""
    if check is not None:
        check(reports(turn.connection, station_id=report.station_id, since=since))
    number = next_number(turn.connection, tables.reports)
    values = {**asdict(report), "moment": _sortable(report.moment)}
    _insert(turn, tables.reports, number, values)
    # The trail is for ever, a device is not.
    said = {k: v for k, v in values.items() if k not in ("station_id", "device", "moment")}
    line = (report.station_id, None, {"number": number, **said})
    trail.append(turn, [line], table="reports", action="report", moment=report.moment, who="")
    return number


def reports(
    connection: Connection, *, station_id: str | None, since: datetime | None
) -> list[Report]:
    """Give reports by moment, then by number; see `geodata.store.Store.reports`."""
    heirs = merging.heirs(connection)
    table = tables.reports.c
    query = select(*(table[name] for name in _REPORT)).order_by(table.moment, table.number)
    if station_id is not None:
        ids = [station_id, *(one for one, heir in heirs.items() if heir == station_id)]
        query = query.where(table.station_id.in_(ids))
    if since is not None:
        query = query.where(table.moment >= _sortable(since))
    found = (_report(row) for row in connection.execute(query))
    return [
        replace(report, station_id=heirs[report.station_id])
        if report.station_id in heirs
        else report
        for report in found
    ]


def forget_devices(turn: Transaction, before: datetime) -> int:
    """Empty the device of older reports; gives how many."""
    table = tables.reports
    query = (
        update(table)
        .where(table.c.moment < _sortable(before), table.c.device != "")
        .values(device="")
    )
    n = int(turn.connection.execute(query).rowcount)
    if n:
        line = (trail.ALL, None, {"n": n})
        trail.append(turn, [line], table="reports", action="forget", moment=before, who="")
    return n


def add_case(turn: Transaction, case: Case, *, moment: datetime) -> int:
    """Open a case; gives its number."""
    number = next_number(turn.connection, tables.cases)
    values = asdict(replace(case, number=number))
    _insert(turn, tables.cases, number, values)
    _note(turn, "cases", case.station_id, values, action="open", moment=moment, who=case.who)
    return number


def close_case(
    turn: Transaction, number: int, *, closed_on: str, outcome: str, who: str, moment: datetime
) -> None:
    """Close a case; see `geodata.store.Store.close_case`."""
    table = tables.cases
    row = turn.connection.execute(select(table).where(table.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError("there is no case {number}", number=number)
    if row.closed_on:
        raise UnanswerableError(
            "case {number} was closed on {day} already; open a new one",
            number=number,
            day=row.closed_on,
        )
    new = {"closed_on": check_day(closed_on, what=f"case {number}"), "outcome": outcome}
    texts("outcome", [outcome])
    turn.connection.execute(update(table).where(table.c.number == number).values(new))
    old = {"number": number, "closed_on": "", "outcome": row.outcome}
    line = (row.station_id, old, {"number": number, **new})
    trail.append(turn, [line], table="cases", action="close", moment=moment, who=who)


def cases(connection: Connection, *, station_id: str | None, open_only: bool) -> list[Case]:
    """Give cases in the order in which they were opened."""
    table = tables.cases.c
    query = select(tables.cases).order_by(table.number)
    if station_id is not None:
        query = query.where(table.station_id == station_id)
    if open_only:
        query = query.where(table.closed_on == "")
    return [Case(**row._asdict()) for row in connection.execute(query)]


def add_inspection(turn: Transaction, inspection: Inspection, *, moment: datetime) -> int:
    """Keep an inspection; gives its number."""
    number = next_number(turn.connection, tables.inspections)
    values = asdict(replace(inspection, number=number))
    _insert(turn, tables.inspections, number, values)
    _note(
        turn,
        "inspections",
        inspection.station_id,
        values,
        action="inspect",
        moment=moment,
        who=inspection.who,
    )
    return number


def inspections(connection: Connection, *, station_id: str | None) -> list[Inspection]:
    """Give inspections in the order in which they were written down."""
    table = tables.inspections
    query = select(table).order_by(table.c.number)
    if station_id is not None:
        query = query.where(table.c.station_id == station_id)
    return [Inspection(**row._asdict()) for row in connection.execute(query)]


def _insert(turn: Transaction, table: Any, number: int, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, str):
            texts(name, [value])
    turn.connection.execute(insert(table).values({**values, "number": number}))


def _note(
    turn: Transaction,
    table: str,
    station_id: str,
    values: dict[str, Any],
    *,
    action: str,
    moment: datetime,
    who: str,
) -> None:
    said = {k: v for k, v in trail.whole(values).items() if k != "station_id"}
    line = (station_id, None, said)
    trail.append(turn, [line], table=table, action=action, moment=moment, who=who)


def _report(row: Row[Any]) -> Report:
    return Report(**{**row._asdict(), "moment": datetime.fromisoformat(row.moment)})


def _sortable(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")

"""Taking over stations: a file that adds and updates, or a whole city in the place of another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, true

from geodata.errors import InvalidInputError, UnanswerableError
from geodata.migrations import rows, tables
from geodata.migrations.cells import texts
from geodata.register import facts, histories, stations, trail
from geodata.register.transaction import Transaction, insert_rows, next_number

Given = Sequence[frozenset[str]]

_LOGGED = ("source", "file_name", "file_sha256", "n_new", "n_changed", "n_same")


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import of a file: when, what, and how many stations it brought.

    Attributes
    ----------
    number
        From 1, in the order of time.
    who
        Who took it over; empty when nobody was named.
    undone_at
        When it was taken back; None while it stands.
    """

    moment: datetime
    source: str
    file_name: str
    file_sha256: str
    n_new: int
    n_changed: int
    n_same: int
    number: int = 0
    who: str = ""
    undone_at: datetime | None = None


Parts = Iterable[list[rows.Row]]
"""Rows of plain values of `stations.CONTENT`, some thousand at a time."""


@dataclass(frozen=True, slots=True)
class _Sorted:
    """The rows of a part by what they do; changed ones beside what they replace."""

    new: list[rows.Row]
    changed: list[tuple[rows.Row, rows.Row]]
    n_same: int


def apply(
    turn: Transaction,
    incoming: Parts,
    *,
    record: ImportRecord,
    given: Given | None,
    verified: Sequence[str] | None,
) -> ImportRecord:
    """Take over the stations of a file; see `geodata.store.Store.apply_stations`.

    Parameters
    ----------
    record
        What is known of the import; counts and number are put in.
    """
    for name in ("source", "file_name", "file_sha256", "who"):
        texts(name, [getattr(record, name)])
    connection = turn.connection
    number, first_line = next_number(connection, tables.imports), turn.audit_lines + 1
    noted: dict[str, Any] = {
        "action": "import",
        "moment": record.moment,
        "who": record.who,
        "import_number": number,
    }
    codes, place = histories.Codes(connection), stations.next_place(connection)
    made, n_rows = replace(record, number=number), 0
    turn.advance(b"import")
    for part in incoming:
        known = stations.known(connection, (row["id"] for row in part))
        said = slice(n_rows, n_rows + len(part))
        facts.state(
            turn,
            _statements(part, known, given and given[said], verified and verified[said]),
            stated_on=record.moment.date().isoformat(),
            who=record.who,
            import_number=number,
        )
        turn.take_in(orjson.dumps(part))
        found = _sort(part, known)
        trail.append(turn, _lines(found), table="stations", **noted)
        _write(turn, found, codes, first=place + made.n_new)
        n_rows += len(part)
        made = replace(
            made,
            n_new=made.n_new + len(found.new),
            n_changed=made.n_changed + len(found.changed),
            n_same=made.n_same + found.n_same,
        )
    histories.note(
        turn, tables.stations.c.row_version == turn.writes, moment=record.moment, who=record.who
    )
    line = {name: getattr(made, name) for name in _LOGGED}
    trail.append(turn, [(str(number), None, line)], table="imports", **noted)
    connection.execute(
        insert(tables.imports).values(
            number=number,
            moment=record.moment.isoformat(),
            who=record.who,
            first_line=first_line,
            last_line=turn.audit_lines,
            **line,
        )
    )
    return made


def check_columns(given: Given | None, verified: Sequence[str] | None, *, n_rows: int) -> None:
    """Refuse what is said beside the rows when it is not one thing for each row.

    Raises
    ------
    InvalidInputError
        When the lengths differ.
    """
    for name, values in (("given", given), ("verified", verified)):
        if values is not None and len(values) != n_rows:
            raise InvalidInputError(
                "{name} has {n} entries for {rows} stations; give one for each",
                name=name,
                n=len(values),
                rows=n_rows,
            )


def check_version(turn: Transaction, expected: str | None) -> None:
    """Refuse to write what was compared with another state of the register.

    Raises
    ------
    UnanswerableError
        When `expected` is not the data version.
    """
    if expected is not None and expected != turn.version:
        raise UnanswerableError(
            "the register was changed while the file was being compared with it; nothing was "
            "written: import the file again and look at the new comparison"
        )


def replace_all(
    turn: Transaction, content: Mapping[str, Parts], *, moment: datetime | None, who: str
) -> None:
    """Put new rows in the place of all stations or hotspots, with one line of the trail for each.

    One line, because a city build is no series of decisions about stations: it holds count and
    SHA-256 of what came and the ids of the stations that went.
    """
    turn.advance(b"replace")
    for name, parts in content.items():
        table = tables.metadata.tables[name]
        old = set(turn.connection.execute(select(table.c.id)).scalars())
        turn.connection.execute(delete(table))
        write = _write_stations if name == "stations" else _write_hotspots
        n, digest, gone = 0, hashlib.sha256(), set(old)
        for part in parts:
            packed = orjson.dumps(part, default=bytes.hex)
            digest.update(packed)
            turn.take_in(packed)
            gone -= {row["id"] for row in part}
            write(turn, part, n)
            n += len(part)
        after = {"n": n, "sha256": digest.hexdigest(), "gone": sorted(gone)}
        line = (trail.ALL, {"n": len(old)}, after)
        trail.append(turn, [line], table=name, action="replace", moment=moment, who=who)
        if name == "stations":
            for dependent in (tables.facts, tables.merges, tables.apart):
                turn.connection.execute(delete(dependent))
            histories.note(turn, true(), moment=moment, who=who)
    turn.keep()


def _write_stations(turn: Transaction, part: list[rows.Row], first: int) -> None:
    histories.Codes(turn.connection).check(part)
    stations.number(part, first=first)
    stations.add(turn, part)


def _write_hotspots(turn: Transaction, part: list[rows.Row], first: int) -> None:
    cells = ((*row.values(), first + i) for i, row in enumerate(part))
    insert_rows(turn.connection, tables.hotspots, [*part[0], "seq"], cells)


def log(connection: Connection) -> list[ImportRecord]:
    """Give the log of imports, oldest first."""
    query = select(tables.imports).order_by(tables.imports.c.number)
    return [to_record(row) for row in connection.execute(query)]


def to_record(row: Row[Any]) -> ImportRecord:
    """Give a line of the log."""
    return ImportRecord(
        datetime.fromisoformat(row.moment),
        row.source,
        row.file_name,
        row.file_sha256,
        row.n_new,
        row.n_changed,
        row.n_same,
        number=row.number,
        who=row.who,
        undone_at=datetime.fromisoformat(row.undone_at) if row.undone_at else None,
    )


def _sort(incoming: list[rows.Row], known: Mapping[str, rows.Row]) -> _Sorted:
    new = [row for row in incoming if row["id"] not in known]
    pairs = [(known[row["id"]], row) for row in incoming if row["id"] in known]
    changed = [(old, row) for old, row in pairs if any(old[k] != v for k, v in row.items())]
    return _Sorted(new, changed, len(pairs) - len(changed))


def _write(turn: Transaction, found: _Sorted, codes: histories.Codes, *, first: int) -> None:
    stations.number(found.new, first=first)
    changed = [{**before, **row} for before, row in found.changed]
    codes.check([*found.new, *changed])
    stations.add(turn, found.new)
    stations.put(turn, changed)


def _lines(found: _Sorted) -> Iterator[trail.Line]:
    for row in found.new:
        yield row["id"], None, trail.whole(row)
    for before, row in found.changed:
        yield row["id"], *stations.difference(before, row)


def _statements(
    incoming: list[rows.Row],
    known: Mapping[str, rows.Row],
    given: Given | None,
    verified: Sequence[str] | None,
) -> Iterator[facts.Statement]:
    """Give what each row states: the columns it was given, else what is new in it."""
    for i, row in enumerate(incoming):
        if given is not None:
            said = facts.said(row, given[i])
        elif row["id"] in known:
            said = facts.said(row, stations.difference(known[row["id"]], row)[1])
        else:
            said = facts.told(row)
        yield facts.Statement(
            station_id=row["id"],
            source=row["source"],
            said=said,
            verified_by=verified[i] if verified is not None else "",
            verified_on=said.get("verified_on", ""),
        )

"""The store of a city: its register of stations, its hotspots and all that happened to them.

The one door to the database. What stands behind it is in `geodata.register`, which speaks SQL, as
`geodata.migrations` does, and nobody else. The default is one SQLite file in WAL mode, so that the
map can be read while an import is written; PostgreSQL with PostGIS does the same for many offices.
Every write is one transaction: it happens as a whole or not at all, after those that came before it
and with its lines in the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

import geopandas as gpd
from sqlalchemy import Connection, Engine, select

from geodata.cases import Case
from geodata.inspections import Inspection
from geodata.migrations import connect, rows, tables
from geodata.records import HOTSPOT_COLUMNS, STATION_COLUMNS
from geodata.register import (
    casebook,
    dump,
    facts,
    histories,
    importing,
    mappings,
    merging,
    pairs,
    stations,
    trail,
    undoing,
)
from geodata.register.dump import Health, Lines, Sum
from geodata.register.facts import Fact
from geodata.register.histories import DistrictCode, StatusChange
from geodata.register.importing import ImportRecord
from geodata.register.merging import Merge, Unmerged
from geodata.register.trail import AuditEntry
from geodata.register.transaction import Transaction, queued
from geodata.register.undoing import Undone
from geodata.reports import Report

__all__ = [
    "AuditEntry",
    "DistrictCode",
    "Fact",
    "Health",
    "ImportRecord",
    "Merge",
    "StatusChange",
    "Store",
    "Sum",
    "Undone",
    "Unmerged",
    "open_store",
]

BUSY_TIMEOUT_S = 5.0
"""How long to wait for another program that is writing."""


def open_store(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Open the database at `url`; make it, or bring it to the newest schema, where needed.

    Parameters
    ----------
    url
        Address as SQLAlchemy reads it, for example ``sqlite:///city/yizhan.sqlite`` or
        ``postgresql://user@host/database``; the second needs PostGIS.
    busy_timeout_s
        How long to wait while another program is writing.

    Returns
    -------
    Store
        A context manager; leaving it closes the connections.

    Raises
    ------
    InvalidInputError
        When `url` is no database address.
    UnavailableError
        When the folder is missing, the file is not our database, it is busy, it was made by a newer
        version, PostGIS is missing, or the database cannot be reached, read or written.
    """
    engine = connect.to_head(url, busy_timeout_s=busy_timeout_s)
    return Store(engine, connect.place(engine))


class Store:
    """A city's database, made by `open_store`.

    Frames go in and come out in WGS 84 with the columns of `geodata.records`; what comes out equals
    what went in, in the same order, with a fresh index.

    Every method that writes raises `UnavailableError` when the store is busy, full or cannot be
    written, and then, as with every other error, nothing has changed. `who` is the person
    responsible, `moment` when it is done.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self._engine = engine
        self._place = place

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def stations(
        self, *, box_deg: tuple[float, float, float, float] | None = None
    ) -> gpd.GeoDataFrame:
        """Give the stations frame, in the order in which stations came, without merged ones.

        Parameters
        ----------
        box_deg
            West, south, east, north; only stations inside it, its edges included.
        """
        with self._reading() as connection:
            return rows.to_frame(stations.shown(connection, box_deg), STATION_COLUMNS)

    def hotspots(self) -> gpd.GeoDataFrame:
        """Give the hotspots frame, in the order in which it was written."""
        table = tables.hotspots.c
        columns = (*HOTSPOT_COLUMNS, "lon_deg", "lat_deg")
        query = select(*(table[c] for c in columns)).order_by(table.seq)
        with self._reading() as connection:
            return rows.to_frame(stations.in_parts(connection, query), HOTSPOT_COLUMNS)

    def data_version(self) -> str:
        """Give a short text that changes with every write of stations or hotspots.

        It is cheap enough for every request. It is made from the writes themselves, so two stores
        with the same history share it. Reports, cases, inspections and mappings leave it alone.
        """
        state = tables.state.c
        with self._reading() as connection:
            writes, digest = connection.execute(select(state.writes, state.digest)).one()
        return f"{writes}-{digest[:12]}"

    def replace_stations(
        self, frame: gpd.GeoDataFrame, *, moment: datetime | None = None, who: str = ""
    ) -> None:
        """Put `frame` in the place of all stations, facts and merges; see `replacing`.

        Raises
        ------
        InvalidInputError
            When the frame lacks columns, is not in WGS 84, repeats an id, or gives a code that is
            or ever was another station's.
        """
        with self.replacing(stations=frame, moment=moment, who=who):
            pass

    def replace_hotspots(
        self, frame: gpd.GeoDataFrame, *, moment: datetime | None = None, who: str = ""
    ) -> None:
        """Put `frame` in the place of all hotspots; raises as `replace_stations` does."""
        with self.replacing(hotspots=frame, moment=moment, who=who):
            pass

    @contextmanager
    def replacing(
        self,
        *,
        stations: gpd.GeoDataFrame | None = None,
        hotspots: gpd.GeoDataFrame | None = None,
        moment: datetime | None = None,
        who: str = "",
    ) -> Iterator[tuple[str, str]]:
        """Replace both tables in one transaction that ends with the ``with`` block.

        The rows are written when the block begins and kept when it ends; an error inside it takes
        them back. Other writers wait meanwhile. The audit trail gets one line for each table.

        Parameters
        ----------
        stations, hotspots
            As `replace_stations` and `replace_hotspots`; None keeps what there is. Even without
            either the data version moves on.
        moment, who
            For the audit trail.

        Yields
        ------
        tuple of str
            The data version before, and the one after when the block succeeds.

        Raises
        ------
        InvalidInputError
            As `replace_stations`.
        """
        content: dict[str, importing.Parts] = {}
        if stations is not None:
            content["stations"] = rows.from_frame(stations, STATION_COLUMNS, key=("id",))
        if hotspots is not None:
            content["hotspots"] = rows.from_frame(hotspots, HOTSPOT_COLUMNS, key=("id", "group"))
        with self._turn() as turn:
            before = turn.version
            importing.replace_all(turn, content, moment=moment, who=who)
            yield before, turn.version

    @contextmanager
    def holding(self) -> Iterator[str]:
        """Keep other writers out for the length of a ``with``, and give the data version."""
        with self._turn() as turn:
            yield turn.version

    def apply_stations(
        self,
        frame: gpd.GeoDataFrame,
        *,
        source: str,
        file_name: str,
        file_sha256: str,
        moment: datetime,
        who: str = "",
        given: Sequence[frozenset[str]] | None = None,
        verified: Sequence[str] | None = None,
        expected_version: str | None = None,
    ) -> ImportRecord:
        """Add new stations and update known ones by id, and note the import in the log.

        Stations that `frame` does not name stay as they are: none vanishes because a file is
        shorter. A station that was merged into another one is updated and stays merged.

        Parameters
        ----------
        frame
            Stations frame; each row replaces the whole station with its id.
        source, file_name, file_sha256
            Where the frame came from, for the log. Facts count as stated by the source of their
            row.
        given
            For each row, the columns that its source really stated, ``lon_deg`` and ``lat_deg`` or
            ``position`` for the place; these become facts. None: all that is new in the row.
        verified
            For each row, who checked it on the spot; empty where nobody did.
        expected_version
            What `data_version` said when the file was compared; None: whatever it is.

        Returns
        -------
        ImportRecord
            The new line of the log, with the counts.

        Raises
        ------
        InvalidInputError
            As `replace_stations`, and when `given` or `verified` are not one for each row.
        UnanswerableError
            When the register was written since the file was compared.
        """
        incoming = rows.from_frame(frame, STATION_COLUMNS, key=("id",))
        importing.check_columns(given, verified, n_rows=len(frame))
        record = ImportRecord(moment, source, file_name, file_sha256, 0, 0, 0, who=who)
        with self._turn() as turn:
            importing.check_version(turn, expected_version)
            return importing.apply(turn, incoming, record=record, given=given, verified=verified)

    def imports(self) -> list[ImportRecord]:
        """Give the log of imports, oldest first."""
        with self._reading() as connection:
            return importing.log(connection)

    def undo(self, *, moment: datetime, who: str) -> Undone:
        """Take back the last import that still stands, as a whole; once more for the one before.

        Raises
        ------
        NotFoundError
            When no import is left.
        UnanswerableError
            When a station of it was changed since and is not as the import left it, when the whole
            city was built anew since, or when the import is older than the audit trail.
        """
        with self._turn() as turn:
            return undoing.undo(turn, moment=moment, who=who)

    def version_of(self, station_id: str) -> int:
        """Give the row version of a station: it grows with every change of the row.

        Raises
        ------
        NotFoundError
            When there is no such station.
        """
        with self._reading() as connection:
            return int(stations.one(connection, station_id)["row_version"])

    def change(
        self,
        station_id: str,
        fields: Mapping[str, object],
        *,
        expected_version: int | None,
        who: str,
        source: str,
        moment: datetime,
        reason: str = "",
    ) -> int:
        """Change one station.

        Parameters
        ----------
        fields
            New values of columns of a stations frame, and of ``lon_deg`` and ``lat_deg``; not of
            ``id``. They become facts of `source`, also where they say what was known. A new
            ``status`` brings `reason` and the day of `moment` along, unless `fields` say them.
        expected_version
            What `version_of` said when somebody looked at the station; None: whatever it is.
        source
            Who stated it.
        reason
            Why, for the audit trail.

        Returns
        -------
        int
            The new row version.

        Raises
        ------
        NotFoundError
            When there is no such station.
        UnanswerableError
            When somebody else changed it since, or it was merged into another one.
        InvalidInputError
            When a field is not known, its value breaks the rules of `geodata.records.Station`, or
            the code is or ever was another station's.
        """
        with self._turn() as turn:
            return stations.change(
                turn,
                station_id,
                fields,
                expected_version=expected_version,
                who=who,
                source=source,
                moment=moment,
                reason=reason,
            )

    def facts(self, station_id: str) -> list[Fact]:
        """Give each field of a station as each source last stated it, newest first.

        Those of stations merged into it follow; raises as `version_of` does.
        """
        with self._reading() as connection:
            return facts.of_station(connection, merging.family(connection, station_id))

    def history(self, station_id: str) -> list[AuditEntry]:
        """Give the lines of the audit trail about a station, oldest first; also of one that went.

        Lines about all stations are among them, what workers reported is not.
        """
        with self._reading() as connection:
            return trail.entries(connection, station_id)

    def check_audit(self) -> int | None:
        """Give the number of the first line of the audit trail that is not as it was written.

        None when all are: none was changed, removed, exchanged or put in, at the end neither.
        """
        with self._reading() as connection:
            return trail.first_broken(connection)

    def statuses(self, station_id: str) -> list[StatusChange]:
        """Give the states that a station had, oldest first."""
        with self._reading() as connection:
            return histories.statuses(connection, station_id)

    def district_codes(self, station_id: str) -> list[DistrictCode]:
        """Give the district codes that a station had, oldest first."""
        with self._reading() as connection:
            return histories.district_codes(connection, station_id)

    def taken_codes(self) -> set[str]:
        """Give every station code that was ever given, also to stations that went."""
        with self._reading() as connection:
            return histories.taken_codes(connection)

    def merge(
        self,
        keep_id: str,
        absorb_id: str,
        *,
        fields: Mapping[str, object],
        who: str,
        moment: datetime,
        reason: str = "",
        expected_versions: tuple[int, int] | None = None,
    ) -> None:
        """Let one station stand for another, which is no longer shown; `unmerge` takes it back.

        Parameters
        ----------
        fields
            New values of the kept station, as for `change`; where they came from stays with the
            facts of both.
        expected_versions
            What `version_of` said of the two when somebody laid them together; None: whatever
            they are.

        Raises
        ------
        NotFoundError, UnanswerableError, InvalidInputError
            As `change`, for either station; also when both are the same.
        """
        with self._turn() as turn:
            merging.merge(
                turn,
                keep_id,
                absorb_id,
                fields=fields,
                who=who,
                moment=moment,
                reason=reason,
                expected_versions=expected_versions,
            )

    def unmerge(self, absorb_id: str, *, who: str, moment: datetime) -> Unmerged:
        """Show a merged station again, and give the one that stood for it its former values.

        A kept station that was changed since stays as it is; the answer says so.

        Raises
        ------
        NotFoundError
            When the station is not merged.
        """
        with self._turn() as turn:
            return merging.unmerge(turn, absorb_id, who=who, moment=moment)

    def merges(self) -> list[Merge]:
        """Give the merges that stand, oldest first."""
        with self._reading() as connection:
            return merging.merges(connection)

    def keep_apart(
        self, one_id: str, other_id: str, *, who: str, moment: datetime, reason: str = ""
    ) -> bool:
        """Note that two stations that look like one are two; False when that was noted already.

        Raises
        ------
        NotFoundError
            When there is no such station.
        UnanswerableError
            When one of them was merged into another one.
        InvalidInputError
            When both are the same.
        """
        with self._turn() as turn:
            return pairs.keep_apart(turn, one_id, other_id, who=who, moment=moment, reason=reason)

    def ask_again(self, one_id: str, other_id: str, *, who: str, moment: datetime) -> bool:
        """Take `keep_apart` back; False when nothing was noted."""
        with self._turn() as turn:
            return pairs.ask_again(turn, one_id, other_id, who=who, moment=moment)

    def apart(self) -> set[frozenset[str]]:
        """Give the pairs of ids that are known to be two stations."""
        with self._reading() as connection:
            return pairs.apart(connection)

    def mapping(self, sender: str) -> dict[str, str]:
        """Give the field of each header that a sender's files are known to use."""
        with self._reading() as connection:
            return mappings.mapping(connection, sender)

    def remember_mapping(
        self, sender: str, mapping: Mapping[str, str], *, who: str, moment: datetime
    ) -> None:
        """Remember what headers of a sender mean; headers that `mapping` leaves out stay known."""
        with self._turn() as turn:
            mappings.remember(turn, sender, mapping, who=who, moment=moment)

    def add_report(
        self,
        report: Report,
        *,
        since: datetime | None = None,
        check: Callable[[Sequence[Report]], None] | None = None,
    ) -> int:
        """Keep a worker's report; gives its number.

        Parameters
        ----------
        since, check
            `check` is given the station's reports of `since` or later while no other can come in
            between; what it raises goes on, and the report is not kept.

        Raises
        ------
        NotFoundError
            When there is no such station.
        """
        with self._turn() as turn:
            stations.one(turn.connection, report.station_id)
            return casebook.add_report(turn, report, since=since, check=check)

    def reports(
        self, *, station_id: str | None = None, since: datetime | None = None
    ) -> list[Report]:
        """Give reports by moment; only those of a station, or of `since` or later, where named.

        What was said of a merged station is said of the one that stands for it.
        """
        with self._reading() as connection:
            return casebook.reports(connection, station_id=station_id, since=since)

    def forget_devices(self, before: datetime) -> int:
        """Empty the device of all reports older than `before`; gives how many had one."""
        with self._turn() as turn:
            return casebook.forget_devices(turn, before)

    def add_case(self, case: Case, *, moment: datetime) -> int:
        """Open a case about a station; gives its number, raises as `add_report` does."""
        with self._turn() as turn:
            stations.one(turn.connection, case.station_id)
            return casebook.add_case(turn, case, moment=moment)

    def close_case(
        self, number: int, *, closed_on: str, outcome: str, who: str, moment: datetime
    ) -> None:
        """Close a case on an ISO date, with what came of it.

        Raises
        ------
        NotFoundError, UnanswerableError
            When there is no such case, or it was closed before.
        """
        with self._turn() as turn:
            casebook.close_case(
                turn, number, closed_on=closed_on, outcome=outcome, who=who, moment=moment
            )

    def cases(self, *, station_id: str | None = None, open_only: bool = False) -> list[Case]:
        """Give cases in the order in which they were opened."""
        with self._reading() as connection:
            return casebook.cases(connection, station_id=station_id, open_only=open_only)

    def add_inspection(self, inspection: Inspection, *, moment: datetime) -> int:
        """Keep an inspection of a station; gives its number, raises as `add_report` does."""
        with self._turn() as turn:
            stations.one(turn.connection, inspection.station_id)
            return casebook.add_inspection(turn, inspection, moment=moment)

    def inspections(self, *, station_id: str | None = None) -> list[Inspection]:
        """Give inspections in the order in which they were written down."""
        with self._reading() as connection:
            return casebook.inspections(connection, station_id=station_id)

    def check(self) -> Health:
        """Look at the whole register: the file of the database, the audit trail, every table."""
        with self._reading(is_one_state=True) as connection:
            return dump.health(connection)

    @contextmanager
    def dumping(self) -> Iterator[Lines]:
        """Hold one state of all tables for the length of a ``with``; writers go on meanwhile.

        Yields
        ------
        callable
            Gives the lines of a table of `geodata.register.dump.NAMES`, one table at a time.
        """
        with self._reading(is_one_state=True) as connection:
            connection.execute(select(tables.state.c.writes)).one()  # from here on it stands still
            yield partial(dump.lines, connection)

    def load(self, given: Lines, expected: Mapping[str, Sum]) -> None:
        """Fill an empty register with the lines of every table.

        Parameters
        ----------
        given
            Gives the lines of a table, as `dumping` does.
        expected
            Rows and SHA-256 of each table, which are checked, with the audit trail, on what was
            written. A register that already holds exactly this is left as it is.

        Raises
        ------
        InvalidInputError
            When the lines are not as expected.
        UnavailableError
            When the register holds something else.
        """
        with self._turn() as turn:
            dump.load(turn, given, expected, place=self._place)

    @contextmanager
    def _reading(self, *, is_one_state: bool = False) -> Iterator[Connection]:
        engine = connect.standing_still(self._engine) if is_one_state else self._engine
        with connect.speaking(self._place), engine.connect() as connection:
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[Transaction]:
        with queued(self._engine, self._place) as turn:
            yield turn

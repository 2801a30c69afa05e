"""The store of a city: stations, hotspots and the log of imports, in a database.

The only place that speaks SQL, beside the schema in `geodata.migrations`. The default is one SQLite
file in WAL mode, so that the map can be read while an import is written. Every write is one
transaction: it happens as a whole or not at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import geopandas as gpd
import orjson
from sqlalchemy import Connection, Engine, Select, Table, bindparam, delete, insert, select, update

from geodata.migrations import connect, rows, tables
from geodata.records import HOTSPOT_COLUMNS, STATION_COLUMNS

BUSY_TIMEOUT_S = 5.0
"""How long to wait for another program that is writing."""


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One import of a file: when, what, and how many stations it brought."""

    moment: datetime
    source: str
    file_name: str
    file_sha256: str
    n_new: int
    n_changed: int
    n_same: int


def open_store(url: str, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Store:
    """Open the database at `url`; make it, or bring it to the newest schema, where needed.

    Parameters
    ----------
    url
        Address as SQLAlchemy reads it, for example ``sqlite:///city/yizhan.sqlite``.
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
        version, or it cannot be read or written.
    """
    engine = connect.to_head(url, busy_timeout_s=busy_timeout_s)
    return Store(engine, connect.place(engine))


class Store:
    """A city's database, made by `open_store`.

    Frames go in and come out in WGS 84 with the columns of `geodata.records`; what comes out equals
    what went in, in the same order, with a fresh index.
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
        """Give the stations frame, in the order in which stations came.

        Parameters
        ----------
        box_deg
            West, south, east, north; only stations inside it, its edges included.
        """
        table = tables.stations
        query = select(table).order_by(table.c.seq)
        if box_deg is not None:
            west, south, east, north = box_deg
            query = query.where(
                table.c.lon_deg.between(west, east), table.c.lat_deg.between(south, north)
            )
        return rows.to_frame(self._read(query), STATION_COLUMNS)

    def hotspots(self) -> gpd.GeoDataFrame:
        """Give the hotspots frame, in the order in which it was written."""
        query = select(tables.hotspots).order_by(tables.hotspots.c.seq)
        return rows.to_frame(self._read(query), HOTSPOT_COLUMNS)

    def imports(self) -> list[ImportRecord]:
        """Give the log of imports, oldest first."""
        query = select(tables.imports).order_by(tables.imports.c.number)
        return [
            ImportRecord(
                **{k: v for k, v in row.items() if k not in ("number", "moment")},
                moment=datetime.fromisoformat(row["moment"]),
            )
            for row in self._read(query)
        ]

    def data_version(self) -> str:
        """Give a short text that changes with every write; cheap enough for every request.

        It is made from the writes themselves, so two stores with the same history share it.
        """
        (row,) = self._read(select(tables.state))
        return _version(row)

    def replace_stations(self, frame: gpd.GeoDataFrame) -> None:
        """Put `frame` in the place of all stations.

        Raises
        ------
        InvalidInputError
            When the frame lacks columns, is not in WGS 84, or repeats an id.
        UnavailableError
            When the store is busy or cannot be written; nothing has changed then.
        """
        with self.replacing(stations=frame):
            pass

    def replace_hotspots(self, frame: gpd.GeoDataFrame) -> None:
        """Put `frame` in the place of all hotspots; raises as `replace_stations` does."""
        with self.replacing(hotspots=frame):
            pass

    @contextmanager
    def replacing(
        self,
        *,
        stations: gpd.GeoDataFrame | None = None,
        hotspots: gpd.GeoDataFrame | None = None,
    ) -> Iterator[tuple[str, str]]:
        """Replace both tables in one transaction that ends with the ``with`` block.

        The rows are written when the block begins and kept when it ends; an error inside it takes
        them back. Other writers wait meanwhile.

        Parameters
        ----------
        stations, hotspots
            As `replace_stations` and `replace_hotspots`; None keeps what there is. Even without
            either the data version moves on.

        Yields
        ------
        tuple of str
            The data version before, and the one after when the block succeeds.

        Raises
        ------
        InvalidInputError, UnavailableError
            As `replace_stations`; nothing has changed then.
        """
        content: dict[str, list[rows.Row]] = {}
        if stations is not None:
            content["stations"] = rows.from_frame(stations, STATION_COLUMNS, key=("id",))
        if hotspots is not None:
            content["hotspots"] = rows.from_frame(hotspots, HOTSPOT_COLUMNS, key=("id", "group"))
        with self._writing(content) as (connection, before, after):
            for name, values in content.items():
                table = tables.metadata.tables[name]
                connection.execute(delete(table))
                _insert(connection, table, values, first=0)
            yield before, after

    @contextmanager
    def holding(self) -> Iterator[str]:
        """Keep other writers out for the length of a ``with``, and give the data version.

        Raises
        ------
        UnavailableError
            When the store is busy or cannot be used.
        """
        with self._queued() as (_, state):
            yield _version(state)

    def apply_stations(
        self,
        frame: gpd.GeoDataFrame,
        *,
        source: str,
        file_name: str,
        file_sha256: str,
        moment: datetime,
    ) -> ImportRecord:
        """Add new stations and update known ones by id, and note the import in the log.

        Stations that `frame` does not name stay as they are: none vanishes because a file is
        shorter.

        Parameters
        ----------
        frame
            Stations frame; each row replaces the whole station with its id.
        source, file_name, file_sha256
            Where the frame came from, for the log.
        moment
            When, for the log.

        Returns
        -------
        ImportRecord
            The new line of the log, with the counts.

        Raises
        ------
        InvalidInputError, UnavailableError
            As `replace_stations`; nothing has changed then.
        """
        incoming = rows.from_frame(frame, STATION_COLUMNS, key=("id",))
        with self._writing({"stations": incoming}) as (connection, _, _):
            table = tables.stations
            known = {r.id: r._asdict() for r in connection.execute(select(table))}
            last = max((r["seq"] for r in known.values()), default=-1)
            new = [r for r in incoming if r["id"] not in known]
            merged = [{**r, "seq": known[r["id"]]["seq"]} for r in incoming if r["id"] in known]
            changed = [r for r in merged if r != known[r["id"]]]
            _insert(connection, table, new, first=last + 1)
            _update(connection, table, changed)
            counts = (len(new), len(changed), len(merged) - len(changed))
            record = ImportRecord(moment, source, file_name, file_sha256, *counts)
            line = asdict(record) | {"moment": moment.isoformat()}
            connection.execute(insert(tables.imports).values(**line))
        return record

    def _read(self, query: Select[Any]) -> list[rows.Row]:
        with connect.speaking(self._place), self._engine.connect() as connection:
            return [row._asdict() for row in connection.execute(query)]

    @contextmanager
    def _writing(self, content: dict[str, list[rows.Row]]) -> Iterator[tuple[Connection, str, str]]:
        """Open a transaction that moves the data version on; give it before and after."""
        packed = orjson.dumps(content, default=bytes.hex)
        with self._queued() as (connection, old):
            digest = hashlib.sha256(old["digest"].encode() + packed).hexdigest()
            new = {"writes": old["writes"] + 1, "digest": digest}
            connection.execute(update(tables.state).values(new))
            yield connection, _version(old), _version(new)

    @contextmanager
    def _queued(self) -> Iterator[tuple[Connection, rows.Row]]:
        """Open a transaction in which writers queue from its start, instead of failing halfway."""
        engine = self._engine.execution_options(begin="BEGIN IMMEDIATE")
        query = select(tables.state).with_for_update()
        with connect.speaking(self._place), engine.begin() as connection:
            yield connection, connection.execute(query).one()._asdict()


def _version(state: rows.Row) -> str:
    return f"{state['writes']}-{state['digest'][:12]}"


def _insert(connection: Connection, table: Table, values: list[rows.Row], *, first: int) -> None:
    if values:
        numbered = [{**row, "seq": first + i} for i, row in enumerate(values)]
        connection.execute(insert(table), numbered)


def _update(connection: Connection, table: Table, values: list[rows.Row]) -> None:
    if values:
        new: dict[str, Any] = {c.name: bindparam(f"new_{c.name}") for c in table.columns}
        query = update(table).where(table.c.id == bindparam("new_id")).values(new)
        connection.execute(query, [{f"new_{k}": v for k, v in row.items()} for row in values])

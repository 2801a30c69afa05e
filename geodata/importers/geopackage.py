"""Read a layer of a GeoPackage: a SQLite database that a stranger wrote.

GDAL is not asked: what a database defines (views, triggers, virtual tables, functions that open
files and sockets) would be run by it. Here only the cells of plain tables are read from a copy,
everything else is denied by SQLite itself, and only so much work and memory is spent.

References
----------
OGC 12-128r18 (GeoPackage 1.3), chapters 1.1 and 2.1.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import InvalidInputError
from geodata.importers import limits
from geodata.importers.gather import Gatherer
from geodata.importers.layer import Layer
from geodata.importers.raw import the_one
from geodata.importers.sheets import Progress
from geodata.importers.systems import system_of

_STEPS = 100_000
_MOST_STEPS = 3_000  # times `_STEPS` instructions of SQLite: some seconds of work
_MAX_BLOB_BYTES = 64_000_000
_OWN_IDS = ("fid", "ogc_fid")
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_TEXTUAL = re.compile(r"TEXT|CHAR|VARCHAR", re.IGNORECASE)
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL", re.IGNORECASE)
_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    geometry: str
    srs_id: int


def read(path: Path, file: IO[bytes], layers: Sequence[str], progress: Progress | None) -> Layer:
    """Read a layer with geometry.

    Parameters
    ----------
    path
        The file; what a GIS has not yet written back beside it (``-wal``) is read as well.
    file
        Its bytes.
    layers
        Names of the layer to take when there are several.
    progress
        Told now and then.

    Raises
    ------
    InvalidInputError
        When it is no GeoPackage, damaged, too large, or holds no or several layers of places.
    """
    file.seek(0)
    head = file.read(100)
    if head[:16] != b"SQLite format 3\0" or head[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        raise InvalidInputError(
            "{path} is not a GeoPackage; export the places again from the GIS", path=path.name
        )
    file.seek(0)
    try:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, "places.gpkg")
            with copy.open("wb") as target:
                shutil.copyfileobj(file, target)
            pending = path.with_name(path.name + "-wal")
            is_there = pending.is_file() and not pending.is_symlink()
            if is_there and pending.stat().st_size <= limits.MAX_BYTES:
                shutil.copyfile(pending, f"{copy}-wal")
            with closing(_opened(copy)) as database:
                return _layer(path, database, layers, progress)
    except (sqlite3.Error, UnicodeDecodeError) as error:  # SQLite quotes broken names in its errors
        raise InvalidInputError(
            "{path} is a damaged GeoPackage; export it again from the GIS", path=path.name
        ) from error


def _opened(copy: Path) -> sqlite3.Connection:
    database = sqlite3.connect(copy, isolation_level=None)
    database.text_factory = _text
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA cell_size_check = ON")
    database.execute("PRAGMA cache_size = -8000")
    database.execute("PRAGMA mmap_size = 0")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_BLOB_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    steps = iter(range(_MOST_STEPS))
    database.set_progress_handler(lambda: next(steps, None) is None, _STEPS)
    database.set_authorizer(_permission)
    return database


def _text(text: bytes) -> str:
    """Read a text, which some programs of offices write in GBK against the rules."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("gb18030", "replace")


def _permission(
    action: int, name: str | None, _column: str | None, _base: str | None, within: str | None
) -> int:
    """Let SQLite read cells of tables, and nothing on behalf of a view or a trigger."""
    is_allowed = action in _ALLOWED
    is_listing = action == sqlite3.SQLITE_PRAGMA and name == "table_info"
    if within is None and (is_allowed or is_listing):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _layer(
    path: Path,
    database: sqlite3.Connection,
    layers: Sequence[str],
    progress: Progress | None,
) -> Layer:
    tables = {table.name: table for table in _tables(path, database)}
    if not tables:
        raise InvalidInputError(
            "{path} holds no layer with places; export one from the GIS", path=path.name
        )
    table = tables[the_one(path, list(tables), layers)]
    crs = _system(path, database, table.srs_id)
    columns = [c for c in _columns(database, table.name) if c[0] != table.geometry]
    limits.check_columns(path, 1, len(columns))
    gathered = Gatherer(path, progress)
    budget = limits.Budget(path)
    blobs: list[bytes | None] = []
    names = [name for name, _ in columns]
    flags = [i for i, (_, kind) in enumerate(columns) if kind.upper() == "BOOLEAN"]
    for blob, *values in _cells(database, table, names):
        for i in flags:
            values[i] = bool(values[i]) if values[i] in (0, 1) else values[i]
        for i, value in enumerate(values):
            if isinstance(value, bytes):
                values[i] = _text(value) if _TEXTUAL.match(columns[i][1]) else None
        gathered.add(dict(zip(names, values, strict=True)))
        shape = _wkb_of(blob)
        blobs.append(shape)
        budget.take(other_bytes=len(shape or b""))
    return Layer(gathered.table(), blobs, crs)


def _tables(path: Path, database: sqlite3.Connection) -> Iterator[_Table]:
    """Give the layers that are plain tables."""
    plain = {
        name
        for name, kind, text in database.execute("SELECT name, type, sql FROM sqlite_master")
        if kind == "table" and not _VIRTUAL.match(str(text))
    }
    needed = {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"}
    if not needed <= plain:
        raise sqlite3.DatabaseError("not a GeoPackage")
    found = database.execute(
        "SELECT c.table_name, g.column_name, g.srs_id FROM gpkg_contents c, "
        "gpkg_geometry_columns g WHERE c.table_name = g.table_name AND c.data_type = 'features'"
    ).fetchmany(1000)
    views = [str(name) for name, _, _ in found if name not in plain]
    if views and len(views) == len(found):
        raise InvalidInputError(
            "{path}: {names} is a view, which is computed when it is read; "
            "export it as a layer of its own",
            path=path.name,
            names=", ".join(views),
        )
    for name, column, srs_id in found:
        if name in plain:
            yield _Table(str(name), str(column), int(srs_id))


def _system(path: Path, database: sqlite3.Connection, srs_id: int) -> CRS | None:
    """Read a coordinate system; 0 and -1 stand for none."""
    if srs_id in (0, -1):
        return None
    row = database.execute(
        "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys "
        "WHERE srs_id = ?",
        (srs_id,),
    ).fetchone()
    if row is None:
        return None
    organization, number, definition = row
    try:
        if str(organization).upper() == "EPSG":
            return system_of(f"EPSG:{int(number)}")
        return system_of(definition)
    except (CRSError, ValueError, TypeError) as error:
        raise InvalidInputError(
            "{path} names a coordinate system that is not known: {crs}; save it in WGS 84",
            path=path.name,
            crs=f"{organization} {number}",
        ) from error


def _columns(database: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Give the names and types of the columns, without a number that only SQLite needs."""
    found = database.execute(f"PRAGMA table_info({_quoted(table)})").fetchall()
    return [(str(n), str(kind)) for _, n, kind, *_ in found if str(n).lower() not in _OWN_IDS]


def _cells(
    database: sqlite3.Connection, table: _Table, names: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    columns = ", ".join(map(_quoted, (table.geometry, *names)))
    return database.execute(f"SELECT {columns} FROM {_quoted(table.name)}")  # noqa: S608  quoted names


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _wkb_of(blob: object) -> bytes | None:
    """Give the well-known binary after the header of a GeoPackage geometry."""
    if not isinstance(blob, bytes) or len(blob) < 8 or blob[:2] != b"GP":
        return None if blob is None else b""
    envelope = blob[3] >> 1 & 7
    is_empty = blob[3] >> 4 & 1
    if is_empty or envelope >= len(_ENVELOPE_BYTES):
        return None
    return blob[8 + _ENVELOPE_BYTES[envelope] :]

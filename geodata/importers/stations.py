"""Read stations from a file that an office sends: CSV, XLSX, GeoJSON or GeoPackage.

Each row is accepted or refused as a whole; every refusal and every doubt is a finding with its row,
so that somebody can put the file right. Reading never changes the register: see
`importers.difference`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.positions import locate
from geodata.importers.raw import RawTable
from geodata.importers.report import ImportReport
from geodata.importers.station_rows import DEFAULT_SOURCE, RowReader, StationRow
from geodata.importers.table import read_table
from geodata.records import STATION_COLUMNS

_NUMBERS = ("area_m2", "seats", "source_x", "source_y")


@dataclass(frozen=True, slots=True, eq=False)
class StationImport:
    """What a file says about stations.

    Attributes
    ----------
    stations
        Stations frame (WGS 84) of the accepted rows, in the order of the file.
    report
        The frame, the findings and the counts.
    rows
        For each station, its row as a person counts it in the file.
    given
        For each station, the columns that its row fills; the others hold defaults.
    source, file_name, file_sha256
        Where it came from.
    refused_ids, refused_names
        Ids of the refused rows; names of those that state no id.
    """

    stations: gpd.GeoDataFrame
    report: ImportReport
    rows: tuple[int, ...]
    given: tuple[frozenset[str], ...]
    source: str
    file_name: str
    file_sha256: str
    refused_ids: frozenset[str] = frozenset()
    refused_names: frozenset[str] = frozenset()


def read_stations(path: Path, *, frame: str = "auto", source: str | None = None) -> StationImport:
    """Read a file of stations.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON or GeoPackage. Columns may be called in Chinese or English, see
        ``words.toml``.
    frame
        Frame of the coordinates, one of `frames.FRAMES`; ``auto`` takes the one that the file
        itself names in a header or, for a GeoPackage, in its coordinate system, which goes before
        a frame named here, with a warning.
    source
        Who sent it; the same words for each file of one sender, so that vanished stations are
        noticed. None takes the file's own source column, or `DEFAULT_SOURCE`.

    Returns
    -------
    StationImport

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When the file cannot be read, lacks needed columns, or nobody names the frame.
    """
    table = read_table(path, is_header=words.is_header, layers=words.LAYERS)
    return interpret(table, frame=frame, source=source, file_name=path.name)


def interpret(table: RawTable, *, frame: str, source: str | None, file_name: str) -> StationImport:
    """Make stations of raw rows; parameters and errors as for `read_stations`."""
    headers, notes = _headers(table)
    _check_headers(table, headers, file_name)
    positions = locate(table, frame=frame, file_name=file_name)
    findings = [*notes, *table.findings, *positions.findings]
    refused = {f.row for f in findings if f.severity == "error"}
    reader = RowReader(headers, source, positions)
    accepted: dict[str, tuple[int, StationRow]] = {}
    rejected: list[StationRow] = []
    for at, (row, cells) in enumerate(_cells(table)):
        read = reader.read(row, at, cells)
        findings += read.findings
        first = accepted.get(read.record["id"])
        if row in refused or read.is_refused:
            refused.add(row)
            rejected.append(read)
        elif first is not None:
            findings.append(_repeated(row, read.record["id"], first[0], headers.get("id", "")))
            refused.add(row)
        else:
            accepted[read.record["id"]] = (row, read)
    report = ImportReport(
        positions.frame,
        1.0,
        tuple(sorted(findings, key=lambda f: f.row or 0)),
        len(table.rows),
        len(refused),
    )
    return StationImport(
        to_frame([read.record for _, read in accepted.values()]),
        report,
        tuple(row for row, _ in accepted.values()),
        tuple(read.given for _, read in accepted.values()),
        source or DEFAULT_SOURCE,
        file_name,
        table.sha256,
        frozenset(r.record["id"] for r in rejected),
        frozenset(r.record["name"] for r in rejected if "id" not in r.given),
    )


def _cells(table: RawTable) -> Iterator[tuple[int, dict[str, object]]]:
    names = [str(c) for c in table.rows.columns]
    for row, *values in table.rows.itertuples(name=None):
        yield int(row), dict(zip(names, values, strict=True))


def _headers(table: RawTable) -> tuple[dict[str, str], list[Finding]]:
    """Give the header of each field, the first where several name it, and notes about the rest."""
    headers: dict[str, str] = {}
    unused = []
    for header in map(str, table.rows.columns):
        field = words.field_of(header)
        if field is None or field in headers:
            unused.append(header)
        else:
            headers[field] = header
    unused = [h for h in unused if not h.startswith("geometry ") and not h.startswith("(")]
    if not unused:
        return headers, []
    note = Finding(
        "column_ignored",
        "columns that are not used: {columns}",
        {"columns": ", ".join(unused)},
        "file",
        severity="note",
    )
    return headers, [note]


def _check_headers(table: RawTable, headers: Mapping[str, str], file_name: str) -> None:
    missing = [] if {"id", "name"} & set(headers) else ["名称 (name)"]
    if not (table.has_geometry or "lon_lat" in headers):
        missing += [
            n for f, n in (("lon", "经度 (lon)"), ("lat", "纬度 (lat)")) if f not in headers
        ]
    if missing:
        raise InvalidInputError(
            "{path} lacks {missing}; its columns are {found}; accepted names are {accepted}",
            path=file_name,
            missing=", ".join(missing),
            found=", ".join(map(str, table.rows.columns)),
            accepted="; ".join(words.accepted(f) for f in ("name", "lon", "lat")),
        )


def _repeated(row: int, station_id: str, first: int, header: str) -> Finding:
    return Finding(
        "duplicate_id",
        "row {row}: id {id} stands already in row {first}; give each station its own",
        {"row": row, "id": station_id, "first": first},
        "file",
        row,
        header,
        "error",
    )


def to_frame(records: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Give records of stations, with ``lon_deg`` and ``lat_deg``, as a stations frame."""
    columns: dict[str, pd.Series[Any]] = {}
    for name in STATION_COLUMNS:
        values = [r[name] for r in records]
        dtype: Any = "float64" if name in _NUMBERS else "str"
        dtype = {"facilities": object, "is_synthetic": bool}.get(name, dtype)
        columns[name] = pd.Series(values, dtype=dtype)
    points = gpd.points_from_xy([r["lon_deg"] for r in records], [r["lat_deg"] for r in records])
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")

"""Read stations from a file that an office sends.

Each row is accepted or refused as a whole; every refusal and every doubt is a finding with its row,
so that somebody can put the file right, and every cell that was interpreted says how. Reading never
changes the register: see `importers.difference`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.frames import FRAMES
from geodata.importers import words
from geodata.importers.cells import number_of
from geodata.importers.frame_cells import frame_in_cells
from geodata.importers.framing import Detector, Surroundings
from geodata.importers.how import Interpreted, Texts
from geodata.importers.mapping import Column, ColumnMap, map_columns
from geodata.importers.positions import Positions, locate
from geodata.importers.raw import SECTION_COLUMN, SHEET_COLUMN, RawTable, told_by_sheet
from geodata.importers.report import ImportReport
from geodata.importers.sheets import Progress
from geodata.importers.station_columns import NO_DAY, StationColumns, read_columns, texts_of
from geodata.importers.station_district import is_district, without_numbering
from geodata.importers.station_rows import DEFAULT_SOURCE, UNSAID, made_id
from geodata.importers.table import read_table
from geodata.records import STATION_COLUMNS, STATION_LISTS

_NUMBERS = ("area_m2", "seats", "source_x", "source_y")
_FIRST_ROWS = 100


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
    columns
        Which column of the file says what.
    interpreted
        Cells that were read otherwise than they are written.
    table
        The raw rows, with positions; for the correction workbook.
    positions
        Where all rows are, also the refused ones.
    """

    stations: gpd.GeoDataFrame
    report: ImportReport
    rows: tuple[int, ...]
    given: tuple[frozenset[str], ...]
    source: str
    file_name: str
    file_sha256: str
    refused_ids: frozenset[str]
    refused_names: frozenset[str]
    columns: ColumnMap
    interpreted: tuple[Interpreted, ...]
    table: RawTable
    positions: Positions


def read_stations(
    path: Path,
    *,
    frame: str = "auto",
    source: str | None = None,
    told: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    surroundings: Surroundings | None = None,
    today: date = NO_DAY,
    progress: Progress | None = None,
    keeps_rows: bool = True,
) -> StationImport:
    """Read a file of stations.

    Parameters
    ----------
    path
        A file of one of `table.ENDINGS`. Columns may be called in Chinese or English, see
        ``words.toml``.
    frame
        Frame of the coordinates, one of `frames.FRAMES` or ``epsg:N``; ``auto`` takes the one that
        the file itself names, in a header or in its format, or finds it out by `surroundings`. What
        the format of a file says goes before a frame named here, with a warning.
    source
        Who sent it; the same words for each file of one sender, so that vanished stations are
        noticed. None takes the file's own source column, or `DEFAULT_SOURCE`.
    told, remembered
        Field by header, see `mapping.map_columns`.
    surroundings
        What the city knows; the frame of the file is checked against it.
    today
        Day of the import; closed days without a beginning begin then.
    progress
        Takes the rows read so far, and how many there are or None, now and then.
    keeps_rows
        Whether the answer keeps the raw rows, for the correction workbook; they are large.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When the file cannot be read, lacks needed columns, or nobody can tell the frame.
    """
    found = interpret(
        read_table(path, is_header=words.is_header, layers=words.LAYERS, progress=progress),
        frame=frame,
        source=source,
        file_name=path.name,
        told=told,
        remembered=remembered,
        surroundings=surroundings,
        today=today,
    )
    if keeps_rows:
        return found
    return replace(found, table=replace(found.table, rows=found.table.rows.iloc[:, :0].copy()))


def interpret(
    table: RawTable,
    *,
    frame: str,
    source: str | None,
    file_name: str,
    told: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
    surroundings: Surroundings | None = None,
    today: date = NO_DAY,
) -> StationImport:
    """Make stations of raw rows; parameters and errors as for `read_stations`."""
    headers = [str(c) for c in table.rows.columns]
    columns = _with_id(map_columns(headers, told=told, remembered=remembered))
    columns, table = _with_districts_above(columns, table)
    _check_columns(table, columns, file_name)
    texts = texts_of(table.rows, columns)
    n = len(table.rows)
    detect = Detector(surroundings or Surroundings(), _said(columns, texts, n))
    frame, said = frame_in_cells(table, columns, frame=frame, file_name=file_name)
    positions = locate(table, frame=frame, file_name=file_name, columns=columns, detect=detect)
    positions = replace(positions, findings=(*said, *positions.findings))
    read = read_columns(columns, texts, n, today=today)
    return _put_together(table, columns, texts, positions, read, source, file_name)


def _put_together(
    table: RawTable,
    columns: ColumnMap,
    texts: Mapping[str, Texts],
    positions: Positions,
    read: StationColumns,
    source: str | None,
    file_name: str,
) -> StationImport:
    rows = table.rows.index.to_numpy(dtype=np.int64)
    values = {**read.values, **_places(columns, texts, positions), "source": _sources(read, source)}
    values["id"] = _ids(values, positions)
    findings = [*columns.findings, *table.findings, *positions.findings, *read.findings(rows)]
    errors = [f.row for f in findings if f.severity == "error" and f.row is not None]
    refused = np.isin(rows, errors)
    repeated = list(_repeated(values["id"], rows, refused, columns.header("id") or ""))
    is_good = ~refused & ~np.isin(rows, [f.row or 0 for f in repeated])
    stated = np.array(["id" in g for g in read.given], bool)
    report = ImportReport(
        positions.frame,
        positions.confidence,
        told_by_sheet(sorted([*findings, *repeated], key=lambda f: f.row or 0), table),
        len(rows),
        int((~is_good).sum()),
    )
    good = np.flatnonzero(is_good)
    kept = good.tolist()
    interpreted = (*positions.interpreted, *(c.interpreted(rows) for c in read.read))
    return StationImport(
        frame_of(
            lambda c: [values[c][i] for i in kept],
            lon_deg=positions.lon_deg[good],
            lat_deg=positions.lat_deg[good],
        ),
        report,
        tuple(rows[good].tolist()),
        tuple(read.given[i] for i in kept),
        source or DEFAULT_SOURCE,
        file_name,
        table.sha256,
        frozenset(values["id"][i] for i in np.flatnonzero(refused).tolist()),
        frozenset(values["name"][i] for i in np.flatnonzero(refused & ~stated).tolist()),
        columns,
        tuple(i for i in interpreted if i is not None),
        table,
        positions,
    )


def _with_id(columns: ColumnMap) -> ColumnMap:
    """Take a column called code for the id where there is no other."""
    if columns.header("id") is not None or columns.header("code") is None:
        return columns
    named = tuple(
        replace(c, field="id") if c.field == "code" and words.plain(c.header) == "code" else c
        for c in columns.columns
    )
    return replace(columns, columns=named)


def _with_districts_above(columns: ColumnMap, table: RawTable) -> tuple[ColumnMap, RawTable]:
    """Take districts from the lines above the rows or from the sheets' names, if they are such."""
    added = [c for c in (SECTION_COLUMN, SHEET_COLUMN) if c in table.rows.columns]
    for header in added:
        named = {h for h in table.rows[header] if isinstance(h, str)}
        if columns.header("district") is None and 2 * sum(map(is_district, named)) > len(named):
            cleaned = table.rows[header].map(without_numbering, na_action="ignore")
            table = replace(table, rows=table.rows.assign(**{header: cleaned}))
            columns = replace(columns, columns=(*columns.columns, Column(header, "district")))
    return columns, table


def _check_columns(table: RawTable, columns: ColumnMap, file_name: str) -> None:
    fields = {c.field for c in columns.columns}
    missing = [] if {"id", "name"} & fields else ["名称 (name)"]
    if not (table.has_geometry or {"lon_lat", "lat_lon"} & fields):
        missing += [n for f, n in (("lon", "经度 (lon)"), ("lat", "纬度 (lat)")) if f not in fields]
    first = [table.rows.columns[0], *table.rows.iloc[:_FIRST_ROWS, 0]] if missing else []
    if words.is_header(first):
        raise InvalidInputError(
            "{path} stands on its side, with a station in each column; turn it in the office "
            "program (copy, paste special, transpose)",
            path=file_name,
        )
    if missing:
        raise InvalidInputError(
            "{path} lacks {missing}; its columns are {found}; accepted names are {accepted}",
            path=file_name,
            missing=", ".join(missing),
            found=", ".join(map(str, table.rows.columns)),
            accepted="; ".join(words.accepted(f) for f in ("name", "lon", "lat")),
        )


def _said(columns: ColumnMap, texts: Mapping[str, Texts], n: int) -> dict[str, list[str]]:
    """Give what rows say about where they are; empty texts where there is no such column."""
    headers = {name: columns.header(name) for name in ("name", "address", "district")}
    return {name: texts[h].rows() if h else [""] * n for name, h in headers.items()}


def _places(
    columns: ColumnMap, texts: Mapping[str, Texts], positions: Positions
) -> dict[str, list[Any]]:
    """Give the original pairs of the rows; a file of ours brings its own originals."""
    n = len(positions.x)
    x, y = positions.x.tolist(), positions.y.tolist()
    frames = [positions.frame] * n
    headers = [columns.header(f) for f in ("source_frame", "source_x", "source_y")]
    if None not in headers:
        own = zip(*(texts[str(h)].rows() for h in headers), strict=True)
        for i, (frame, own_x, own_y) in enumerate(own):
            pair = number_of(own_x), number_of(own_y)
            if (frame in FRAMES or frame.startswith("epsg:")) and not any(np.isnan(pair)):
                frames[i], (x[i], y[i]) = frame, pair
    return {"source_frame": frames, "source_x": x, "source_y": y}


def _sources(read: StationColumns, source: str | None) -> list[str]:
    if source:
        return [source] * len(read.given)
    return [own or DEFAULT_SOURCE for own in read.values["source"]]


def _ids(values: Mapping[str, list[Any]], positions: Positions) -> list[str]:
    """Give each row its id; one that states none gets one from its name and rounded position."""
    places = zip(positions.lon_deg.tolist(), positions.lat_deg.tolist(), strict=True)
    return [
        key or (made_id(name, lon_deg=lon, lat_deg=lat) if name else "")
        for key, name, (lon, lat) in zip(values["id"], values["name"], places, strict=True)
    ]


def _repeated(
    ids: Sequence[str], rows: NDArray[np.int64], refused: NDArray[np.bool_], header: str
) -> list[Finding]:
    """Refuse rows whose id stands in an earlier row that was accepted."""
    first: dict[str, int] = {}
    found = []
    for key, row, is_refused in zip(ids, rows.tolist(), refused.tolist(), strict=True):
        if is_refused:
            continue
        if key not in first:
            first[key] = row
            continue
        details = {"row": row, "id": key, "first": first[key]}
        template = "row {row}: id {id} stands already in row {first}; give each station its own"
        found.append(Finding("duplicate_id", template, details, "file", row, header, "error"))
    return found


def to_frame(records: Sequence[Mapping[str, Any]]) -> gpd.GeoDataFrame:
    """Give records of stations, with ``lon_deg`` and ``lat_deg``, as a stations frame."""
    lon_deg, lat_deg = ([r[c] for r in records] for c in ("lon_deg", "lat_deg"))
    return frame_of(
        lambda c: [r.get(c, UNSAID[c]) for r in records], lon_deg=lon_deg, lat_deg=lat_deg
    )


def frame_of(
    column: Callable[[str], Sequence[Any]], *, lon_deg: Any, lat_deg: Any
) -> gpd.GeoDataFrame:
    """Give a stations frame; `column` gives the values of one of `STATION_COLUMNS`."""
    typed: dict[str, pd.Series[Any]] = {}
    for name in STATION_COLUMNS:
        dtype: Any = "float64" if name in _NUMBERS else "str"
        dtype = object if name in STATION_LISTS else bool if name == "is_synthetic" else dtype
        typed[name] = pd.Series(column(name), dtype=dtype)
    points = gpd.points_from_xy(lon_deg, lat_deg)
    return gpd.GeoDataFrame(typed, geometry=points, crs="EPSG:4326")

"""Read a file of places into raw rows: tables of any office program, and files of a GIS.

What a file is, is told by what it holds, whatever it is called. Nothing is interpreted here beyond
what the format itself says, and nothing is ever evaluated: of a formula only the value that the
office program saved is read. Nothing outside the file is read, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from geodata.checks import Finding
from geodata.errors import InvalidInputError, NotFoundError
from geodata.importers import delimited, grids, limits, old_workbook, places, web_table, workbook
from geodata.importers.kinds import Kind, kind_of
from geodata.importers.raw import RawTable
from geodata.importers.sheets import IsHeader, Progress, Sheet

GRID_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
ENDINGS = (*GRID_ENDINGS, ".geojson", ".json", ".gpkg", ".zip", ".kml", ".kmz")
_SHAPEFILE_PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
_USUAL: dict[Kind, tuple[str, ...]] = {
    "CSV": (".csv", ".tsv", ".txt"),
    "XLSX": (".xlsx", ".xlsm"),
    "XLS": (".xls",),
    "HTML": (),
    "GeoJSON": (".geojson", ".json"),
    "GeoPackage": (".gpkg",),
    "Shapefile": (".zip",),
    "KML": (".kml",),
    "KMZ": (".kmz",),
    "Parquet": (),
}


def read_table(
    path: Path,
    *,
    is_header: IsHeader,
    layers: Sequence[str] = (),
    progress: Progress | None = None,
    has_totals: bool = True,
) -> RawTable:
    """Read a table of places.

    Parameters
    ----------
    path
        A file with one of `ENDINGS`.
    is_header
        Tells whether a row of cells names columns. The first such row within the first hundred
        filled ones is the header, with the rows of groups above or below it; where there is none,
        the first row with more than one cell.
    layers
        Names of the sheet or layer to take when several would do.
    progress
        Takes the rows read so far, and how many there are or None, now and then.
    has_totals
        Whether rows such as 合计 are taken for totals and left out.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When it is a folder, empty, too large, of a kind that is not read, damaged, made to do harm,
        or holds no table or several.
    """
    with opened(path, ENDINGS) as file:
        kind = kind_of(path, file)
        if path.suffix.lower() in (".geojson", ".json") and kind == "CSV":
            kind = "GeoJSON"  # whose reader says what is wrong
        if kind in ("CSV", "XLSX", "XLS", "HTML"):
            sheets = _sheets(path, file, kind, is_header, progress)
            table = grids.table_of(path, sheets, is_header, layers, has_totals=has_totals)
        else:
            table = _places(path, file, kind, layers, progress)
        file.seek(0)
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # takes any reader
    if table.rows.empty:
        raise InvalidInputError("{path} holds no rows; nothing can be read from it", path=path)
    return replace(table, sha256=sha256, findings=(*misnamed(path, kind), *table.findings))


def misnamed(path: Path, kind: Kind) -> list[Finding]:
    """Tell that a file is not what its name says."""
    ending = path.suffix.lower()
    if ending in _USUAL[kind]:
        return []
    template = "{path} is called {ending} but holds {kind}; it was read as such"
    details = {"path": path.name, "ending": ending, "kind": kind}
    return [Finding("other_kind", template, details, "file", severity="note")]


@contextmanager
def opened(path: Path, endings: Sequence[str]) -> Iterator[IO[bytes]]:
    """Open a file that has one of the endings, and is neither empty nor too large.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When it cannot be read.
    """
    if path.is_dir():
        raise InvalidInputError("{path} is a folder; name a file in it", path=path)
    if not path.exists():
        raise NotFoundError("there is no file {path}; check the name", path=path)
    if path.suffix.lower() in _SHAPEFILE_PARTS:
        raise InvalidInputError(
            "{path} is one part of a Shapefile; "
            "pack all parts (.shp, .dbf, .prj and others) into one .zip",
            path=path,
        )
    if path.suffix.lower() not in endings or not path.is_file():
        raise InvalidInputError(
            "{path} is of a kind that is not read; save it as one of {endings}",
            path=path,
            endings=" ".join(endings),
        )
    try:
        file = path.open("rb")
    except OSError as error:
        raise InvalidInputError(
            "{path} cannot be read ({reason}); check its permissions",
            path=path,
            reason=error.strerror,
        ) from error
    with file:
        size = file.seek(0, 2)
        if size > limits.MAX_BYTES:
            raise InvalidInputError(
                "{path} has {size} MB; at most {limit} MB are read, so split it",
                path=path,
                size=size // 1_000_000,
                limit=limits.MAX_BYTES // 1_000_000,
            )
        file.seek(0)
        if not file.read(1 << 16).strip():
            raise InvalidInputError("{path} is empty; export it again from its source", path=path)
        file.seek(0)
        yield file


def _sheets(
    path: Path, file: IO[bytes], kind: Kind, is_header: IsHeader, progress: Progress | None
) -> list[Sheet]:
    if kind == "XLSX":
        return workbook.read(path, file, progress)
    if kind == "XLS":
        return old_workbook.read(path, file, progress)
    if kind == "HTML":
        return web_table.read(path, file, progress)
    ending = path.suffix.lower()
    if ending not in GRID_ENDINGS:
        raise InvalidInputError(
            "{path} is called {ending} but holds none of it; export the places again",
            path=path.name,
            ending=ending,
        )
    sheet = delimited.read(path, file, is_header, progress)
    if ending in (".xlsx", ".xlsm", ".xls") and not grids.has_header(sheet, is_header):
        raise InvalidInputError(
            "{path} is not an XLSX workbook (an old .xls, a web page, or locked with a password?); "
            "save it again as .xlsx without a password",
            path=path.name,
        )
    return [sheet]


def _places(
    path: Path, file: IO[bytes], kind: Kind, layers: Sequence[str], progress: Progress | None
) -> RawTable:
    if kind == "GeoJSON":
        return places.read_geojson(path, file, progress)
    if kind == "GeoPackage":
        return places.read_geopackage(path, file, layers, progress)
    if kind == "Shapefile":
        return places.read_shapefile(path, file, layers, progress)
    if kind == "Parquet":
        raise InvalidInputError(
            "{path} is a Parquet file, which is not read here; save it as CSV or GeoPackage",
            path=path.name,
        )
    return places.read_kml(path, file, progress, packed=kind == "KMZ")

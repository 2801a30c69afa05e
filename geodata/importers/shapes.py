"""Read places of any shape: tables with coordinates, and files with points or polygons.

Beside the tables that `importers.table` reads, these are GeoJSON (also ``.gz``), GeoPackage,
GeoParquet or plain Parquet, and a zipped Shapefile. Nothing is interpreted here; where the shapes
are on earth is for `importers.placing` to say.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, TypeGuard

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import geojson, geopackage, limits, shapefile, words
from geodata.importers.gather import Gatherer
from geodata.importers.kinds import kind_of
from geodata.importers.layer import Layer
from geodata.importers.systems import system_of
from geodata.importers.table import GRID_ENDINGS, opened, read_table
from geodata.importers.wkb import is_sound

ENDINGS = (*GRID_ENDINGS, ".geojson", ".json", ".gz", ".gpkg", ".parquet", ".zip")
_BROKEN = (
    pa.ArrowException, shapely.errors.GEOSException, orjson.JSONEncodeError, OSError, ValueError,
    TypeError, KeyError,
)  # fmt: skip
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class RawShapes:
    """Rows of a file, and their geometry where the file has one.

    Attributes
    ----------
    rows
        Attribute columns as the file gives them; the index is the row as a person counts it in the
        file (first line of CSV and XLSX, first place of the others: 1).
    shapes
        Shape (n,), in the file's coordinates, None where a row has none; None for tables.
    crs
        What the file itself says of its coordinates; None when it says nothing.
    """

    rows: pd.DataFrame
    shapes: Shapes | None
    crs: CRS | None
    findings: tuple[Finding, ...] = ()


def read_shapes(path: Path, *, headers: Sequence[str] = ()) -> RawShapes:
    """Read the rows of a file, and their geometry where it has one.

    Parameters
    ----------
    path
        A file with one of `ENDINGS`.
    headers
        Words by which to know the header of a table, beside those of longitude and latitude.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When the file is of another kind, too large, damaged or empty.
    """
    if path.suffix.lower() in GRID_ENDINGS:
        wanted = {words.plain(h) for h in headers}
        table = read_table(
            path, is_header=lambda cells: _is_header(cells, wanted), has_totals=False
        )
        return RawShapes(table.rows, None, None, table.findings)
    with opened(path, ENDINGS) as file:
        content = _unpacked(path, file) if path.suffix.lower() == ".gz" else file
        try:
            raw = _read(path, content)
        except InvalidInputError:
            raise
        except CRSError as error:
            raise InvalidInputError(
                "{path} names a coordinate system that is not known; save it in WGS 84",
                path=path.name,
            ) from error
        except _BROKEN as error:
            # What a library says is in its own words.
            raise InvalidInputError(
                "{path} is damaged, or of another kind than its name says; "
                "export it again from its source",
                path=path.name,
            ) from error
    if len(raw.rows) == 0:
        raise InvalidInputError("{path} holds no rows; nothing can be read from it", path=path)
    return raw


def _is_header(cells: Sequence[object], wanted: set[str]) -> bool:
    names = {words.plain(str(c)) for c in cells if c is not None}
    fields = {words.field_of(str(c)) for c in cells if c is not None}
    return bool(names & wanted) or {"lon", "lat"} <= fields or "lon_lat" in fields


def _unpacked(path: Path, file: IO[bytes]) -> IO[bytes]:
    """Unpack a gzip file, no more of it than is read of others."""
    try:
        with gzip.open(file) as packed:
            content = packed.read(limits.MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInputError(
            "{path} is a damaged gzip file; export it again from its source", path=path
        ) from error
    if len(content) > limits.MAX_BYTES:
        raise InvalidInputError(
            "{path} has more than {limit} MB; split it",
            path=path,
            limit=limits.MAX_BYTES // 1_000_000,
        )
    if not content.strip():
        raise InvalidInputError("{path} is empty; export it again from its source", path=path)
    return BytesIO(content)


def _read(path: Path, file: IO[bytes]) -> RawShapes:
    kind = kind_of(path, file)
    if kind == "GeoJSON" or path.suffix.lower() in (".geojson", ".json"):
        return _read_geojson(path, file)
    if kind == "Parquet":
        return _read_parquet(file.read())
    if kind == "GeoPackage":
        return _of_layer(geopackage.read(path, file, (), None))
    if kind == "Shapefile":
        return _of_layer(shapefile.read(path, file, (), None))
    raise ValueError(kind)


def _read_parquet(content: bytes) -> RawShapes:
    table = pa.BufferReader(content)
    if b"geo" in (pq.read_schema(table).metadata or {}):
        return _of_frame(gpd.read_parquet(BytesIO(content)))  # type: ignore[arg-type]  # takes any file
    rows = pd.read_parquet(BytesIO(content))
    return RawShapes(rows.set_axis(range(1, len(rows) + 1)), None, None)


def _of_frame(frame: gpd.GeoDataFrame) -> RawShapes:
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    rows = rows.set_axis(range(1, len(rows) + 1))
    return RawShapes(rows, np.asarray(frame.geometry.array, dtype=object), frame.crs)


def _of_layer(layer: Layer) -> RawShapes:
    sound = [blob if blob is None or is_sound(blob) else None for blob in layer.blobs]
    shapes = shapely.from_wkb(np.array([*sound, None], object)[:-1], on_invalid="ignore")
    findings = [
        _broken(row)
        for row, (blob, shape) in enumerate(zip(layer.blobs, shapes, strict=True), start=1)
        if shape is None and blob is not None
    ]
    return RawShapes(layer.rows, shapes, layer.crs, (*layer.findings, *findings))


def _read_geojson(path: Path, file: IO[bytes]) -> RawShapes:
    about = geojson.Collection()
    gathered = Gatherer(path, None)
    budget = limits.Budget(path)
    shapes, findings = [], []
    for feature in geojson.features(path, file, about, most=geojson.MAX_SHAPE):
        fields = feature if isinstance(feature, dict) else {}
        own = {"id": fields["id"]} if fields.get("id") is not None else {}
        named = fields.get("properties")
        gathered.add({**own, **(named if isinstance(named, dict) else {})})
        shape, is_broken = _shape_of(fields.get("geometry"))
        shapes.append(shape)
        budget.take(other_bytes=int(24 * shapely.get_num_coordinates(shape)))
        if is_broken:
            findings.append(_broken(len(gathered.rows)))
    crs = system_of(about.crs["properties"]["name"]) if _names_crs(about.crs) else None
    return RawShapes(gathered.table(), np.array([*shapes, None], object)[:-1], crs, tuple(findings))


def _broken(row: int) -> Finding:
    template = "row {row}: its geometry is broken; draw it again"
    return Finding("bad_geometry", template, {"row": row}, "file", row, "geometry", "error")


def _names_crs(crs: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether the ``crs`` member of the old standard is there.

    Without it the frame is not known: the new standard says WGS 84, but map providers hand out
    GCJ-02 in the same clothes.
    """
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return isinstance(properties, dict) and "name" in properties


def _shape_of(geometry: object) -> tuple[shapely.Geometry | None, bool]:
    """Give the shape, and whether there is one that cannot be read."""
    if geometry is None:
        return None, False
    try:
        return shapely.from_geojson(orjson.dumps(geometry)), False
    except (shapely.errors.GEOSException, orjson.JSONEncodeError):
        return None, True

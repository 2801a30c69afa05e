"""Read places of any shape: tables with coordinates, and files with points or polygons.

Beside the tables that `importers.table` reads, these are GeoJSON (also ``.gz``), GeoPackage,
GeoParquet or plain Parquet, and a zipped Shapefile. Nothing is interpreted here; where the shapes
are on earth is for `importers.placing` to say.
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.checks import Finding
from geodata.errors import InvalidInputError, NotFoundError
from geodata.importers import words
from geodata.importers.raw import decoded
from geodata.importers.table import ENDINGS as TABLE_ENDINGS
from geodata.importers.table import MAX_BYTES, read_table

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".gz", ".gpkg", ".parquet", ".zip")
_GRIDS = tuple(e for e in TABLE_ENDINGS if e not in (".geojson", ".json", ".gpkg"))
_BROKEN = (
    pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pa.ArrowException,
    shapely.errors.GEOSException, OSError, ValueError, TypeError, KeyError,
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
    if path.suffix.lower() in _GRIDS:
        wanted = {words.plain(h) for h in headers}
        table = read_table(path, is_header=lambda cells: _is_header(cells, wanted))
        return RawShapes(table.rows, None, None, table.findings)
    content = _content(path)
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
        # What a library says is in its own words, and about a copy with another name.
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


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise InvalidInputError("{path} is a folder; name a file in it", path=path)
    if not path.exists():
        raise NotFoundError("there is no file {path}; check the name", path=path)
    if path.suffix.lower() not in ENDINGS:
        raise InvalidInputError(
            "{path} is of a kind that is not read; save it as one of {endings}",
            path=path,
            endings=" ".join(ENDINGS),
        )
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if path.suffix.lower() == ".gz":
        try:
            with gzip.open(BytesIO(content)) as packed:
                content = packed.read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise InvalidInputError(
                "{path} is a damaged gzip file; export it again from its source", path=path
            ) from error
    if len(content) > MAX_BYTES:
        raise InvalidInputError(
            "{path} has more than {limit} MB; split it", path=path, limit=MAX_BYTES // 1_000_000
        )
    if not content.strip():
        raise InvalidInputError("{path} is empty; export it again from its source", path=path)
    return content


def _read(path: Path, content: bytes) -> RawShapes:
    if content.lstrip()[:1] == b"{" or path.suffix.lower() in (".geojson", ".json"):
        return _read_geojson(path, content)
    if content[:4] == b"PAR1":
        return _read_parquet(content)
    with tempfile.TemporaryDirectory() as folder:
        # A copy with a plain name: GDAL gives meaning to some characters and may write beside it.
        copy = Path(folder, f"shapes{path.suffix.lower()}")
        copy.write_bytes(content)
        layers = [str(n) for n, kind in pyogrio.list_layers(copy) if kind is not None]
        if len(layers) != 1:
            raise InvalidInputError(
                "{path} holds {n} layers of places ({names}); keep one",
                path=path.name,
                n=len(layers),
                names=", ".join(layers) or "-",
            )
        return _of_frame(pyogrio.read_dataframe(copy, layer=layers[0]))


def _read_parquet(content: bytes) -> RawShapes:
    table = pa.BufferReader(content)
    if b"geo" in (pq.read_schema(table).metadata or {}):
        return _of_frame(gpd.read_parquet(BytesIO(content)))  # type: ignore[arg-type]
    rows = pd.read_parquet(BytesIO(content))
    return RawShapes(rows.set_axis(range(1, len(rows) + 1)), None, None)


def _of_frame(frame: gpd.GeoDataFrame) -> RawShapes:
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    rows = rows.set_axis(range(1, len(rows) + 1))
    return RawShapes(rows, np.asarray(frame.geometry.array, dtype=object), frame.crs)


def _read_geojson(path: Path, content: bytes) -> RawShapes:
    try:
        document = orjson.loads(decoded(path, content, kind="GeoJSON"))
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(
            "{path} is not valid JSON: {reason} (line {line}, column {column})",
            path=path.name,
            reason=error.msg,
            line=error.lineno,
            column=error.colno,
        ) from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InvalidInputError(
            "{path} is JSON but no GeoJSON FeatureCollection; export the places as GeoJSON",
            path=path.name,
        )
    records, shapes, findings = [], [], []
    for number, feature in enumerate(features, start=1):
        fields = feature if isinstance(feature, dict) else {}
        own = {"id": fields["id"]} if fields.get("id") is not None else {}
        named = fields.get("properties")
        records.append({**own, **(named if isinstance(named, dict) else {})})
        shape, is_broken = _shape_of(fields.get("geometry"))
        shapes.append(shape)
        if is_broken:
            findings.append(_broken(number))
    rows = pd.DataFrame(records, index=range(1, len(records) + 1), dtype=object)
    crs = document.get("crs")
    named = CRS.from_user_input(crs["properties"]["name"]) if _names_crs(crs) else None
    return RawShapes(rows, np.array([*shapes, None], object)[:-1], named, tuple(findings))


def _broken(row: int) -> Finding:
    template = "row {row}: its geometry is broken; draw it again"
    return Finding("bad_geometry", template, {"row": row}, "file", row, "geometry", "error")


def _names_crs(crs: object) -> bool:
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

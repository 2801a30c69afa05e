"""Read places with a geometry: GeoJSON and GeoPackage."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y, RawTable, decoded, the_one


def read_geojson(path: Path, content: bytes) -> RawTable:
    """Read a FeatureCollection of points.

    Raises
    ------
    InvalidInputError
        When it is no FeatureCollection, or names a coordinate system that is not known.
    """
    text = decoded(path, content, kind="GeoJSON")
    if not text.lstrip().startswith("{"):
        raise InvalidInputError("{path} is not GeoJSON: it must begin with a brace", path=path)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidInputError(
            "{path} is not valid JSON: {reason} (line {line}, column {column})",
            path=path,
            reason=error.msg,
            line=error.lineno,
            column=error.colno,
        ) from error
    features = document.get("features") if document.get("type") == "FeatureCollection" else None
    if not isinstance(features, list):
        raise InvalidInputError(
            "{path} is JSON but no GeoJSON FeatureCollection; export the places as GeoJSON",
            path=path,
        )
    rows, findings = [], []
    for number, feature in enumerate(features, start=1):
        x, y, kind = _point_of(feature)
        rows.append({**_properties_of(feature), GEOMETRY_X: x, GEOMETRY_Y: y})
        if x is None:
            findings.append(_no_point(number, kind))
    table = pd.DataFrame(rows, index=range(1, len(rows) + 1), dtype=object)
    frame = _frame_of_crs(path, document.get("crs"))
    return RawTable(table.where(table.notna(), None), frame, True, tuple(findings))


def _point_of(feature: object) -> tuple[float | None, float | None, str]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return None, None, "nothing"
    kind, place = geometry.get("type"), geometry.get("coordinates")
    if kind == "Point" and isinstance(place, list) and len(place) >= 2:
        x, y = place[:2]
        if type(x) in (int, float) and type(y) in (int, float):
            return float(x), float(y), "Point"
    return None, None, "an empty point" if kind == "Point" else str(kind)


def _properties_of(feature: object) -> Mapping[str, object]:
    if not isinstance(feature, dict):
        return {}
    properties = feature.get("properties")
    named = properties if isinstance(properties, dict) else {}
    number = feature.get("id")
    return named if number is None else {"id": number, **named}


def _frame_of_crs(path: Path, crs: object) -> str | None:
    """Read the ``crs`` member of the old standard; without it the frame is not known.

    The new standard says WGS 84, but map providers hand out GCJ-02 in the same clothes.
    """
    if crs is None:
        return None
    name = crs.get("properties", {}).get("name") if isinstance(crs, dict) else None
    try:
        return _frame_name(CRS.from_user_input(name))
    except CRSError as error:
        raise InvalidInputError(
            "{path} names a coordinate system that is not known: {crs}; save it in WGS 84",
            path=path,
            crs=json.dumps(crs, ensure_ascii=False),
        ) from error


def _frame_name(crs: CRS | None) -> str | None:
    """Give our name of a coordinate system, or ``epsg:N``; None when it is undefined."""
    if crs is None:
        return None
    if crs.to_epsg() == 4490:
        return "cgcs2000"
    if crs.to_epsg() == 4326 or crs == CRS("OGC:CRS84"):
        return "wgs84"
    if crs.to_epsg() is not None:
        return f"epsg:{crs.to_epsg()}"
    if crs.name.lower().startswith(("undefined", "unknown")):
        return None
    raise CRSError(crs.name)


def read_geopackage(path: Path, content: bytes, layers: Sequence[str]) -> RawTable:
    """Read a layer of points.

    Raises
    ------
    InvalidInputError
        When it is no GeoPackage, damaged, holds no or several layers of places, or names a
        coordinate system that is not known.
    """
    if content[:16] != b"SQLite format 3\0" or content[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        raise InvalidInputError(
            "{path} is not a GeoPackage; export the places again from the GIS", path=path
        )
    try:
        frame = _layer(path, content, layers)
        named = _frame_name(frame.crs)
    except pyogrio.errors.DataSourceError as error:
        raise InvalidInputError(
            "{path} is a damaged GeoPackage; export it again from the GIS", path=path
        ) from error
    except CRSError as error:
        raise InvalidInputError(
            "{path} names a coordinate system that is not known: {crs}; save it in WGS 84",
            path=path,
            crs=error,
        ) from error
    return _from_places(frame, named)


def _layer(path: Path, content: bytes, layers: Sequence[str]) -> gpd.GeoDataFrame:
    """Read from a copy: GDAL gives meaning to some characters of a path and may write beside it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "places.gpkg")
        copy.write_bytes(content)
        pending = path.with_name(path.name + "-wal")
        if pending.exists():
            shutil.copyfile(pending, f"{copy}-wal")
        names = [str(name) for name, kind in pyogrio.list_layers(copy) if kind is not None]
        if not names:
            raise InvalidInputError(
                "{path} holds no layer with places; export one from the GIS", path=path
            )
        layer = the_one(path, names, layers)
        frame: gpd.GeoDataFrame = pyogrio.read_dataframe(copy, layer=layer)
        return frame


def _from_places(frame: gpd.GeoDataFrame, named: str | None) -> RawTable:
    numbers = range(1, len(frame) + 1)
    places = np.asarray(frame.geometry.array, dtype=object)
    findings = [
        _no_point(number, "nothing" if place is None or place.is_empty else place.geom_type)
        for number, place in zip(numbers, places, strict=True)
        if shapely.get_type_id(place) != 0 or shapely.is_empty(place)
    ]
    rows = pd.DataFrame(frame.drop(columns=frame.geometry.name)).astype(object)
    points = places.copy()
    points[shapely.is_empty(places)] = None
    rows[GEOMETRY_X], rows[GEOMETRY_Y] = shapely.get_x(points), shapely.get_y(points)
    rows = rows.astype(object).set_axis(numbers)
    return RawTable(rows.where(rows.notna(), None), named, True, tuple(findings))


def _no_point(number: int, kind: str) -> Finding:
    return Finding(
        "bad_coordinate",
        "row {row}: its geometry is {kind}; a point is needed",
        {"row": number, "kind": kind},
        "file",
        number,
        "geometry",
        "error",
    )

"""Read places with a point each: GeoJSON, GeoPackage, Shapefile, KML and KMZ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import orjson
import pandas as pd
from pyproj.exceptions import CRSError

from geodata.checks import Finding
from geodata.errors import InvalidInputError, YizhanError
from geodata.importers import geojson, geopackage, kml, shapefile
from geodata.importers.gather import Gatherer
from geodata.importers.layer import Layer
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y, RawTable
from geodata.importers.sheets import Progress
from geodata.importers.systems import frame_name, system_of
from geodata.importers.wkb import point_of

_MAX_FINDINGS = 10_000
_NO_KINDS = {
    "nothing": YizhanError("nothing"),
    "an empty point": YizhanError("an empty point"),
    "no point on earth": YizhanError("no point on earth"),
    "several points": YizhanError("several points"),
    "broken": YizhanError("broken geometry"),
}


def read_geojson(path: Path, file: IO[bytes], progress: Progress | None) -> RawTable:
    """Read a FeatureCollection of points.

    Raises
    ------
    InvalidInputError
        When it is no FeatureCollection, too large, or names a coordinate system that is not known.
    """
    about = geojson.Collection()
    gathered = Gatherer(path, progress)
    findings: list[Finding] = []
    for feature in geojson.features(path, file, about):
        x, y, kind = _point_of(feature)
        gathered.add({**_properties_of(feature), GEOMETRY_X: x, GEOMETRY_Y: y})
        if x is None:
            _note(findings, path, len(gathered.rows), kind)
    frame = _frame_of_crs(path, about.crs)
    return RawTable(gathered.table(), frame, True, tuple(findings), frame_is_weak=frame == "wgs84")


def _point_of(feature: object) -> tuple[float | None, float | None, str]:
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict):
        return None, None, "nothing"
    kind, place = geometry.get("type"), geometry.get("coordinates")
    if kind == "MultiPoint" and isinstance(place, list) and len(place) == 1:
        kind, place = "Point", place[0]  # some programs write no others
    if kind == "Point" and isinstance(place, list) and len(place) >= 2:
        x, y = place[:2]
        if type(x) in (int, float) and type(y) in (int, float):
            try:
                return float(x), float(y), "Point"
            except OverflowError:
                return None, None, "no point on earth"
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
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        return frame_name(system_of(name))
    except CRSError as error:
        shown = orjson.dumps(crs, default=str).decode()[:200]
        raise _unknown(path, shown) from error


def _unknown(path: Path, shown: object) -> InvalidInputError:
    return InvalidInputError(
        "{path} names a coordinate system that is not known: {crs}; save it in WGS 84",
        path=path.name,
        crs=shown,
    )


def read_geopackage(
    path: Path, file: IO[bytes], layers: Sequence[str], progress: Progress | None
) -> RawTable:
    """Read a layer of points of a GeoPackage.

    Raises
    ------
    InvalidInputError
        When it is no GeoPackage, damaged, too large, holds no or several layers of places, or names
        a coordinate system that is not known.
    """
    layer = geopackage.read(path, file, layers, progress)
    return _from_layer(path, layer)


def read_shapefile(
    path: Path, file: IO[bytes], layers: Sequence[str], progress: Progress | None
) -> RawTable:
    """Read the points of a zipped Shapefile.

    Raises
    ------
    InvalidInputError
        When parts of it are missing or damaged, it is too large, holds several Shapefiles, or names
        a coordinate system that is not known.
    """
    layer = shapefile.read(path, file, layers, progress)
    return _from_layer(path, layer)


def read_kml(path: Path, file: IO[bytes], progress: Progress | None, *, packed: bool) -> RawTable:
    """Read the placemarks of a KML document, or of the one packed in a KMZ.

    The frame is weak: KML is in WGS 84 by definition, but maps that draw in GCJ-02 write KML too.

    Raises
    ------
    InvalidInputError
        When it is damaged, too large, or only points to data elsewhere.
    """
    gathered = Gatherer(path, progress)
    findings: list[Finding] = []
    read = kml.read_packed if packed else kml.read
    for mark in read(path, file, findings):
        x, y, kind = mark.point()
        gathered.add({**mark.fields, GEOMETRY_X: x, GEOMETRY_Y: y})
        if x is None:
            _note(findings, path, len(gathered.rows), kind)
    return RawTable(gathered.table(), "wgs84", True, tuple(findings), frame_is_weak=True)


def _from_layer(path: Path, layer: Layer) -> RawTable:
    try:
        frame = frame_name(layer.crs)
    except CRSError as error:
        raise _unknown(path, error) from error
    findings = list(layer.findings)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row, blob in enumerate(layer.blobs, start=1):
        x, y, kind = point_of(blob)
        xs.append(x)
        ys.append(y)
        if x is None:
            _note(findings, path, row, kind)
    rows = layer.rows
    rows[GEOMETRY_X] = pd.Series(xs, rows.index, dtype=object)
    rows[GEOMETRY_Y] = pd.Series(ys, rows.index, dtype=object)
    return RawTable(rows, frame, True, tuple(findings), frame_is_weak=frame == "wgs84")


def _note(findings: list[Finding], path: Path, row: int, kind: str) -> None:
    if len(findings) > _MAX_FINDINGS:
        raise InvalidInputError(
            "{path}: more than {n} places have no point; export a layer of points",
            path=path.name,
            n=_MAX_FINDINGS,
        )
    findings.append(
        Finding(
            "bad_coordinate",
            "row {row}: its geometry is {kind}; a point is needed",
            {"row": row, "kind": _NO_KINDS.get(kind, kind)},
            "file",
            row,
            "geometry",
            "error",
        )
    )

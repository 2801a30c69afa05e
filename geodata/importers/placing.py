"""Bring the shapes of a file to WGS 84, whatever frame the file is in."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.frames import FRAMES, check_frame, to_wgs84
from geodata.importers import positions
from geodata.importers.raw import RawTable
from geodata.importers.shapes import RawShapes, Shapes
from geodata.importers.sieve import Sieve

WIDEST_DEG = 180.0
"""A polygon as wide as this does not say which side of the earth is inside."""


def locate(raw: RawShapes, sieve: Sieve, *, path: Path, frame: str) -> tuple[Shapes, str]:
    """Give the geometry of rows in WGS 84.

    Parameters
    ----------
    raw
        Rows with geometry, or with columns of longitude and latitude.
    sieve
        Refuses rows that have no place, or one that does not exist.
    path
        The file, for messages.
    frame
        Frame that a person named, or ``auto`` to go by what the file itself names. What the format
        names (a coordinate system, a ``crs`` member) goes before it, with a warning; for headers of
        coordinate columns see `positions.locate`.

    Returns
    -------
    shapes, frame
        Shape (n,), None where a row was refused; and the frame the file was taken to be in.

    Raises
    ------
    InvalidInputError
        When no frame is named or the frame is not known, or there is neither geometry nor a pair of
        coordinate columns.
    """
    if raw.shapes is None:
        found = positions.locate(RawTable(raw.rows), frame=frame, file_name=path.name)
        sieve.take(found.findings)
        points = np.full(len(raw.rows), None, dtype=object)
        points[sieve.stays] = shapely.points(found.lon_deg[sieve.stays], found.lat_deg[sieve.stays])
        return points, found.frame
    used, notes = _chosen(raw.crs, frame, path)
    sieve.take(notes)
    shapes = shapely.force_2d(raw.shapes)
    if used not in FRAMES and used == _name_of(raw.crs):
        shapes = gpd.GeoSeries(shapes, crs=raw.crs).to_crs("EPSG:4326").to_numpy()
    elif used not in ("wgs84", "cgcs2000"):
        shapes = shapely.transform(
            shapes,
            lambda c: np.column_stack(to_wgs84(lon_deg=c[:, 0], lat_deg=c[:, 1], frame=used)),
        )
    return _on_earth(sieve, shapes), used


def _chosen(crs: CRS | None, frame: str, path: Path) -> tuple[str, list[Finding]]:
    """Choose the frame; what the file names goes before what a person names."""
    named = _name_of(crs)
    if named is not None:
        return named, positions.ignored(named, frame=frame, file_name=path.name)
    if frame == "auto":
        raise InvalidInputError(
            "{path} does not say which coordinate frame it is in; add --frame wgs84, gcj02, bd09 "
            "or cgcs2000 (AMap and Tencent coordinates are gcj02, Baidu bd09, GPS wgs84, "
            "Tianditu cgcs2000)",
            path=path.name,
        )
    return check_frame(frame), []


def _name_of(crs: CRS | None) -> str | None:
    if crs is None or crs.name.lower().startswith(("undefined", "unknown")):
        return None
    if crs.to_epsg() == 4490:
        return "cgcs2000"
    if crs.to_epsg() == 4326 or crs == CRS("OGC:CRS84"):
        return "wgs84"
    return f"epsg:{crs.to_epsg()}" if crs.to_epsg() else str(crs.name)


def _on_earth(sieve: Sieve, shapes: Shapes) -> Shapes:
    """Refuse rows without a place, and those whose place does not exist."""
    empty = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    sieve.refuse(empty, "no_place", "row {row} has no place; give its coordinates")
    box = np.nan_to_num(shapely.bounds(shapes).reshape(-1, 4), nan=np.inf)
    wrong = sieve.stays & ~((np.abs(box) <= [180.0, 90.0, 180.0, 90.0]).all(axis=1))
    shown = np.full(len(box), None, dtype=object)
    shown[wrong] = [f"{x:.6g} {y:.6g}" for x, y in box[wrong][:, :2]]
    swapped = wrong & (np.abs(box) <= [90.0, 180.0, 90.0, 180.0]).all(axis=1)
    sieve.refuse(
        swapped,
        "swapped_coordinates",
        "row {row}: longitude and latitude ({value}) may be swapped; check and exchange them",
        shown,
    )
    sieve.refuse(
        wrong & ~swapped,
        "bad_coordinate",
        "row {row}: {value} is no longitude and latitude on earth; degrees are needed",
        shown,
    )
    kept = shapes.copy()
    kept[~sieve.stays] = None
    template = "row {row}: its shape reaches halfway round the earth or farther; draw it again"
    sieve.refuse(_width_deg(kept) >= WIDEST_DEG, "too_large", template)
    kept[~sieve.stays] = None
    return kept


def _width_deg(shapes: Shapes) -> NDArray[np.float64]:
    """Give how far the widest part of each shape reaches from west to east."""
    parts, of = shapely.get_parts(shapes, return_index=True)
    west, _, east, _ = shapely.bounds(parts).reshape(-1, 4).T
    widest = np.zeros(len(shapes))
    np.fmax.at(widest, of, east - west)
    return widest

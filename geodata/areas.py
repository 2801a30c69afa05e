"""Areas: which one a place lies in, and what is wrong with a set of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from geodata.checks import Finding
from geodata.errors import InvalidInputError

_GEOD = Geod(ellps="WGS84")
_SLIVER_SHARE = 0.001
_SLIVER_M2 = 1000.0

_NO_POLYGON = "area {id} ({name}) has no polygon; draw it, or leave the row out"
_CROSSES = "area {id} ({name}): the polygon crosses itself ({where}); repair it in a GIS first"
_REPEATED = "area {id} ({name}): the id is already taken by {first}; give each area its own"
_OVERLAP = (
    "areas {id} ({name}) and {other_id} ({other_name}) overlap by {km2} km²; "
    "places in both count for the smaller id only"
)


def assign(points: gpd.GeoSeries | gpd.GeoDataFrame, areas: gpd.GeoDataFrame) -> pd.Series:
    """Give the area that each point lies in.

    A border belongs to the areas on both its sides; a point on it, or in an overlap, goes to the
    one with the smallest id (compared as text), so that each point counts once.

    Parameters
    ----------
    points
        Points in WGS 84.
    areas
        Areas frame (polygons in WGS 84, column `id`).

    Returns
    -------
    pandas.Series
        Area ids by the index of `points`; None where a point lies in no area or has no position.

    Raises
    ------
    InvalidInputError
        When points and areas are not both in WGS 84.
    """
    for what, frame in (("points", points), ("areas", areas)):
        if frame.crs is None or frame.crs.to_epsg() != 4326:
            raise InvalidInputError(
                "the {what} must be in WGS 84 (EPSG:4326), they are in {crs}",
                what=what,
                crs=frame.crs,
            )
    ids = areas["id"].to_numpy(dtype=object)
    by_id = np.argsort(ids.astype(str), kind="stable")
    # The polygons ask, for GEOS prepares those that ask: four times faster.
    tree = shapely.STRtree(points.geometry.to_numpy())
    found, which = tree.query(areas.geometry.to_numpy()[by_id], predicate="intersects")
    first = np.full(len(points), len(ids))
    np.minimum.at(first, which, found)
    inside = first < len(ids)
    result = np.full(len(points), None, dtype=object)
    result[inside] = ids[by_id[first[inside]]]
    return pd.Series(result, index=points.index, name="area_id", dtype=object)


def check(areas: gpd.GeoDataFrame, *, rows: Sequence[int] | None = None) -> tuple[Finding, ...]:
    """Look over a set of areas.

    Parameters
    ----------
    areas
        Areas frame (WGS 84, columns `id` and `name`); its polygons may be broken.
    rows
        Row of each area as a person counts it in the file, shape (n,).

    Returns
    -------
    tuple of Finding
        Errors ``no_polygon``, ``crosses_itself`` and ``duplicate_id`` (not the first row of an id),
        then warnings ``overlap``. Slivers (at most 1,000 m² or a thousandth of the
        smaller area) are no overlap: borders that were drawn twice never fit exactly.
    """
    at = list(rows) if rows is not None else [None] * len(areas)
    ids, names = areas["id"].astype(str).to_list(), areas["name"].astype(str).to_list()
    found: list[Finding] = []
    sound = []
    for i, shape in enumerate(areas.geometry.to_numpy()):
        details: dict[str, object] = {"id": ids[i], "name": names[i]}
        if not _is_polygon(shape):
            found.append(_error("no_polygon", _NO_POLYGON, details, at[i]))
        elif not shapely.is_valid(shape):
            details["where"] = shapely.is_valid_reason(shape)
            found.append(_error("crosses_itself", _CROSSES, details, at[i]))
        else:
            sound.append(i)
    for i in np.flatnonzero(areas["id"].duplicated().to_numpy()).tolist():
        details = {"id": ids[i], "name": names[i], "first": names[ids.index(ids[i])]}
        found.append(_error("duplicate_id", _REPEATED, details, at[i]))
    return tuple(found) + tuple(_overlaps(areas, np.array(sound, dtype=np.intp), at))


def size_m2(shapes: gpd.GeoSeries | NDArray[np.object_]) -> NDArray[np.float64]:
    """Give the geodesic size of polygons in WGS 84, shape (n,), in m²."""
    outward = shapely.orient_polygons(np.asarray(shapes, dtype=object))
    return np.array([_GEOD.geometry_area_perimeter(s)[0] for s in outward], dtype=np.float64)


def _is_polygon(shape: BaseGeometry | None) -> bool:
    return (
        shape is not None and shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty
    )


def _overlaps(
    areas: gpd.GeoDataFrame, sound: NDArray[np.intp], at: Sequence[int | None]
) -> Iterator[Finding]:
    shapes = areas.geometry.to_numpy()[sound]
    a, b = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    a, b = a[a < b], b[a < b]
    shared = shapely.intersection(shapes[a], shapes[b])
    smaller = np.minimum(shapely.area(shapes[a]), shapely.area(shapes[b]))
    for i in np.flatnonzero(shapely.area(shared) > _SLIVER_SHARE * smaller):
        m2 = float(size_m2(shared[i : i + 1])[0])
        if m2 > _SLIVER_M2:
            one, other = areas.iloc[sound[a[i]]], areas.iloc[sound[b[i]]]
            details = {
                "id": one["id"],
                "name": one["name"],
                "other_id": other["id"],
                "other_name": other["name"],
                "km2": f"{m2 / 1e6:.3g}",
            }
            yield Finding("overlap", _OVERLAP, details, "areas", at[sound[a[i]]])


def _error(code: str, template: str, details: Mapping[str, object], row: int | None) -> Finding:
    return Finding(code, template, details, "areas", row, severity="error")

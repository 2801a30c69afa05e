"""Frames as rows of the tables, and back; what comes out equals what went in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import InvalidInputError
from geodata.migrations.cells import to_cells, to_series

Row = dict[str, Any]

_AT_ONCE = 10_000


def from_frame(
    frame: gpd.GeoDataFrame, columns: tuple[str, ...], *, key: tuple[str, ...]
) -> Iterator[list[Row]]:
    """Check a frame and give it as rows of plain values, some thousand at a time.

    Parameters
    ----------
    frame
        Points in WGS 84 with `columns`; others are left out.
    columns
        Columns of the frame that are stored.
    key
        Columns that together must not repeat; the first must not be empty.

    Raises
    ------
    InvalidInputError
        At once when a column is missing, the frame is not in WGS 84 or a key repeats; on the way
        when a point is no place on earth or a value cannot be stored.
    """
    missing = [c for c in (*columns, "geometry") if c not in frame.columns]
    if missing:
        raise InvalidInputError(
            "the table lacks the columns {missing}; make it with the importers",
            missing=", ".join(missing),
        )
    if frame.crs is None or frame.crs.to_epsg() != 4326:
        raise InvalidInputError(
            "the table is in {crs}; the store takes WGS 84 (EPSG:4326)", crs=frame.crs
        )
    _check_unique(frame, key)
    return _parts(frame, columns)


def _parts(frame: gpd.GeoDataFrame, columns: tuple[str, ...]) -> Iterator[list[Row]]:
    """Turn one part after the other, so that a whole province does not stand in memory twice."""
    for first in range(0, len(frame), _AT_ONCE):
        part = frame.iloc[first : first + _AT_ONCE]
        cells = {name: to_cells(name, part[name]) for name in columns}
        cells["lon_deg"], cells["lat_deg"] = _positions(part, first)
        yield [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def to_frame(
    parts: Iterable[Sequence[Sequence[Any]]], columns: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """Give rows as a frame of points in WGS 84 with `columns`, in the order of the rows.

    Parameters
    ----------
    parts
        Some rows at a time: values of `columns`, then longitude and latitude in degrees.
    columns
        Columns of the frame beside its geometry.
    """
    names = (*columns, "lon_deg", "lat_deg")
    made = [_series(part, names) for part in parts if part] or [_series((), names)]
    whole = {name: pd.concat([p[name] for p in made], ignore_index=True) for name in names}
    points = shapely.points(*(whole.pop(name).to_numpy() for name in ("lon_deg", "lat_deg")))
    return gpd.GeoDataFrame(whole, geometry=points, crs="EPSG:4326")


def _series(part: Sequence[Sequence[Any]], names: tuple[str, ...]) -> dict[str, pd.Series[Any]]:
    columns = zip(*part, strict=True) if part else ((),) * len(names)
    return {name: to_series(name, cells) for name, cells in zip(names, columns, strict=True)}


def _positions(frame: gpd.GeoDataFrame, first: int) -> tuple[list[float], list[float]]:
    points = np.array(frame.geometry.array, dtype=object)
    points[shapely.is_empty(points)] = None
    bad = shapely.get_type_id(points) != 0
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    bad |= ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if bad.any():
        raise InvalidInputError(
            "row {row} of the table has no position on earth; it needs a point in degrees",
            row=first + int(np.flatnonzero(bad)[0]),
        )
    return lon.tolist(), lat.tolist()


def _check_unique(frame: gpd.GeoDataFrame, key: tuple[str, ...]) -> None:
    seen: set[tuple[str, ...]] = set()
    for values in zip(*(to_cells(k, frame[k]) for k in key), strict=True):
        if not values[0] or values in seen:
            raise InvalidInputError(
                "id {id} is empty or stands twice in the table; each needs one of its own",
                id=" ".join(values) or "?",
            )
        seen.add(values)

"""Frames as rows of the tables, and back; what comes out equals what went in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.errors import InvalidInputError
from geodata.records import HOURS_PER_WEEK

Row = dict[str, Any]

_NUMBERS = ("area_m2", "seats", "source_x", "source_y", "people")


def from_frame(
    frame: gpd.GeoDataFrame, columns: tuple[str, ...], *, key: tuple[str, ...]
) -> list[Row]:
    """Check a frame and give it as rows of plain values.

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
        When a column is missing, the frame is not in WGS 84, a point is no place on earth, a key
        repeats, or a text cannot be stored.
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
    cells = {name: _cells(name, frame[name]) for name in columns}
    cells["lon_deg"], cells["lat_deg"] = _positions(frame)
    _check_unique(cells, key)
    return [dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)]


def to_frame(rows: Sequence[Row], columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Give rows as a frame of points in WGS 84 with `columns`, in the order of the rows."""
    values: dict[str, Any] = {name: [row[name] for row in rows] for name in columns}
    for name in columns:
        if name in _NUMBERS:
            values[name] = pd.Series(values[name], dtype="float64")
        elif name == "facilities":
            values[name] = pd.Series([tuple(v) for v in values[name]], dtype=object)
        elif name == "presence":
            packed = [np.frombuffer(v, "<f4").astype(np.float32) for v in values[name]]
            values[name] = pd.Series(packed, dtype=object)
        else:
            values[name] = pd.Series(values[name], dtype=bool if name == "is_synthetic" else "str")
    points = gpd.points_from_xy([r["lon_deg"] for r in rows], [r["lat_deg"] for r in rows])
    return gpd.GeoDataFrame(values, geometry=points, crs="EPSG:4326")


def _positions(frame: gpd.GeoDataFrame) -> tuple[list[float], list[float]]:
    points = np.array(frame.geometry.array, dtype=object)
    points[shapely.is_empty(points)] = None
    bad = shapely.get_type_id(points) != 0
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    bad |= ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if bad.any():
        raise InvalidInputError(
            "row {row} of the table has no position on earth; it needs a point in degrees",
            row=int(np.flatnonzero(bad)[0]),
        )
    return lon.tolist(), lat.tolist()


def _check_unique(cells: Mapping[str, list[Any]], key: tuple[str, ...]) -> None:
    seen: set[tuple[str, ...]] = set()
    for values in zip(*(cells[k] for k in key), strict=True):
        if not values[0] or values in seen:
            raise InvalidInputError(
                "id {id} is empty or stands twice in the table; each needs one of its own",
                id=" ".join(values) or "?",
            )
        seen.add(values)


def _cells(name: str, column: pd.Series[Any]) -> list[Any]:
    if name in _NUMBERS:
        return [None if pd.isna(v) else float(v) for v in column]
    if name == "facilities":
        return [[_text(name, v) for v in _listed(values)] for values in column]
    if name == "presence":
        return [_packed(values) for values in column]
    if name == "is_synthetic":
        return [bool(v) for v in column]
    return [_text(name, v) for v in column]


def _listed(values: Any) -> Sequence[Any]:
    if values is None or isinstance(values, float):
        return ()
    if isinstance(values, str):
        raise InvalidInputError(
            "facilities must be a tuple of keys, not the text {value}", value=values
        )
    return tuple(values)


def _text(name: str, value: object) -> str:
    if isinstance(value, str):
        if "\0" in value or _is_torn(value):
            raise InvalidInputError(
                "column {column} holds text that cannot be stored: {value}",
                column=name,
                value=ascii(value),
            )
        return value
    return "" if value is None or pd.isna(value) else str(value)  # type: ignore[call-overload]


def _is_torn(value: str) -> bool:
    """Tell whether the text holds half a character (a lone surrogate), left by broken decoding."""
    return not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value)


def _packed(presence: Any) -> bytes:
    values = np.asarray(presence, dtype="<f4")
    if values.shape != (HOURS_PER_WEEK,):
        raise InvalidInputError(
            "presence has {n} values; it needs 168, one for each hour of the week", n=values.size
        )
    return values.tobytes()

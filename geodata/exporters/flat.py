"""Frames as plain tables: one value in a cell, and a note beside invented places."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata import written
from geodata.errors import InvalidInputError
from geodata.exporters.headers import SAMPLE_COLUMN, SAMPLE_NOTE, listed, spoken
from geodata.records import Closure, Offer

_OMITTED = ("presence",)  # 168 numbers; the demand file has them


def in_wgs84(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give the frame in WGS 84.

    Raises
    ------
    InvalidInputError
        When the frame does not say which coordinate system it is in.
    """
    if frame.crs is None:
        raise InvalidInputError(
            "the table does not name its coordinate system; set it before exporting"
        )
    return frame if frame.crs.to_epsg() == 4326 else frame.to_crs("EPSG:4326")


def noted(frame: pd.DataFrame) -> pd.DataFrame:
    """Give the frame without its presence, and with a note in the rows of invented places.

    The note is a column of its own, there only when a row is invented.
    """
    table = frame.drop(columns=[c for c in _OMITTED if c in frame.columns])
    if not has_sample(frame):
        return table
    is_sample = frame["is_synthetic"].astype(bool)
    note = pd.Series(np.where(is_sample, SAMPLE_NOTE, ""), index=frame.index, dtype="str")
    return table.assign(**{SAMPLE_COLUMN: note})


def has_sample(frame: pd.DataFrame) -> bool:
    """Tell whether a row stands for an invented place."""
    return "is_synthetic" in frame.columns and bool(frame["is_synthetic"].astype(bool).any())


def for_offices(frame: pd.DataFrame) -> pd.DataFrame:
    """Give a table of text, numbers, truth values and None.

    Points become ``lon_wgs84`` and ``lat_wgs84``; other geometry is left out, an office has no use
    for it. Our own words are written in Chinese.
    """
    table = noted(pd.DataFrame(_without_geometry(frame)))
    columns = {str(c): _cells(str(c), table[c]) for c in table.columns}
    return pd.DataFrame(columns, index=range(len(table)), dtype=object)


def for_programs(values: Sequence[Any]) -> list[Any]:
    """Give a column for a GIS: records as JSON, other lists joined by semicolons."""
    return [_joined(v) if _is_list(v) else plain(v) for v in values]


def plain(value: Any) -> Any:
    """Give text, a number, a truth value or None."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | bool) else str(value)


def _without_geometry(frame: pd.DataFrame) -> pd.DataFrame:
    if not isinstance(frame, gpd.GeoDataFrame):
        return frame
    places = np.array(in_wgs84(frame).geometry.array, dtype=object)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    places[shapely.is_empty(places)] = None
    if (shapely.get_type_id(places) > 0).any():
        return table
    at = list(table.columns).index("name") + 1 if "name" in table.columns else len(table.columns)
    table.insert(at, "lon_wgs84", shapely.get_x(places))
    table.insert(at + 1, "lat_wgs84", shapely.get_y(places))
    return table


def _cells(column: str, values: pd.Series[Any]) -> list[Any]:
    special: dict[str, Callable[[Any], Any]] = {
        "facilities": listed,
        "closures": written.for_offices,
        "offers": written.for_offices,
        "is_synthetic": _yes_or_no,
    }
    speak = special.get(column, partial(_spoken, column))
    return [None if v is None else speak(v) for v in values]


def _joined(values: Sequence[Any]) -> str:
    if any(isinstance(v, Offer | Closure) for v in values):
        return written.for_programs(values)
    return ";".join(map(str, values))


def _spoken(column: str, value: Any) -> Any:
    if _is_list(value):
        return "、".join(map(str, value))
    value = plain(value)
    return spoken(column, value) if isinstance(value, str) else value


def _yes_or_no(value: Any) -> str:
    return "是" if value else "否"


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple | set | frozenset | np.ndarray)

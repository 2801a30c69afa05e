"""Stations and demand for small towns, and stations frames row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from support import towns

from geodata.records import STATION_COLUMNS, STATION_LISTS, Station

_PLAIN = Station(id="x", name="n", lon_deg=113.5, lat_deg=34.5)
_NUMBERS = ("area_m2", "seats", "source_x", "source_y")


def table(rows: Sequence[dict[str, Any]]) -> gpd.GeoDataFrame:
    """Make a stations frame as importers and the store give it; rows name only what matters."""
    columns: dict[str, Any] = {}
    for name in STATION_COLUMNS:
        values = [row.get(name, getattr(_PLAIN, name)) for row in rows]
        dtype: Any = "float64" if name in _NUMBERS else "str"
        dtype = object if name in STATION_LISTS else bool if name == "is_synthetic" else dtype
        columns[name] = pd.Series(values, dtype=dtype)
    lon, lat = ([row.get(c, getattr(_PLAIN, c)) for row in rows] for c in ("lon_deg", "lat_deg"))
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def stations_frame(rows: Sequence[dict[str, Any]], xy_m: Any) -> gpd.GeoDataFrame:
    """Make a stations frame; each row names only what matters to its test."""
    plain = Station(id="x", name="x", lon_deg=0, lat_deg=0)
    base = {field: getattr(plain, field) for field in STATION_COLUMNS}
    table = [{**base, "name": row["id"], **row} for row in rows]
    return gpd.GeoDataFrame(table, geometry=list(towns.points(xy_m)), crs="EPSG:4326")


def demand_frame(
    xy_m: Any, people: Sequence[float], *, group: str = "rider", presence: Any = None
) -> gpd.GeoDataFrame:
    """Make a demand frame of one group; everybody is there all week unless told otherwise."""
    n = len(people)
    table = {
        "place_id": [f"p{k}" for k in range(n)],
        "name": "",
        "group": group,
        "people": np.asarray(people, float),
        "source": "test",
        "is_synthetic": False,
    }
    frame = gpd.GeoDataFrame(table, geometry=list(towns.points(xy_m)), crs="EPSG:4326")
    whole = np.ones((n, 168), np.float32) if presence is None else presence
    frame["presence"] = list(whole)
    return frame

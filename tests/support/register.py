"""Rows and frames for tests of the register."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from support.records import table

from geodata.records import STATION_COLUMNS
from geodata.store import Store, open_store

MOMENT = datetime(2026, 9, 20, 10, 0)
NOTE: dict[str, Any] = {
    "source": "office",
    "file_name": "a.csv",
    "file_sha256": "0" * 64,
    "moment": MOMENT,
}
BY_LI: dict[str, Any] = {"who": "Li", "moment": MOMENT}


def station(station_id: str, **values: Any) -> dict[str, Any]:
    """Give a row that says something in most columns."""
    record = {
        "id": station_id, "name": "n", "lon_deg": 113.6, "lat_deg": 34.7, "hours": "24/7",
        "hours_text": "24小时", "facilities": ("aed", "toilet"), "entry": "qr", "area_m2": 12.5,
        "source": "office", "source_frame": "gcj02", "source_x": 113.606, "source_y": 34.699,
    }  # fmt: skip
    return record | values


def frame(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Give a stations frame of rows as `station` makes them."""
    return table(rows)


def named(*ids: str, **values: Any) -> gpd.GeoDataFrame:
    """Give a stations frame of stations that differ by their ids alone."""
    return frame(*(station(i, **values) for i in ids))


def hotspots(n: int, *, presence_length: int = 168) -> gpd.GeoDataFrame:
    """Give a hotspots frame, two groups at each place."""
    rng = np.random.default_rng(7)
    values = {
        "id": pd.Series([f"h{i // 2}" for i in range(n)], dtype="str"),
        "name": pd.Series(["商圈 'x'"] * n, dtype="str"),
        "group": pd.Series([("rider", "courier")[i % 2] for i in range(n)], dtype="str"),
        "people": rng.uniform(0, 500, n),
        "presence": pd.Series(list(rng.random((n, presence_length)).astype(np.float32))),
        "source": pd.Series([""] * n, dtype="str"),
        "is_synthetic": [i % 2 == 0 for i in range(n)],
    }
    points = gpd.points_from_xy(rng.uniform(113, 114, n), rng.uniform(34, 35, n))
    return gpd.GeoDataFrame(values, geometry=points, crs="EPSG:4326")


def change(store: Store, station_id: str, **fields: object) -> int:
    """Change a station by hand, whatever its version."""
    return store.change(station_id, fields, expected_version=None, source="visit", **BY_LI)


def row(store: Store, station_id: str) -> dict[str, Any]:
    """Give what the store shows of a station, unknown numbers as None."""
    return everything(store)[station_id]


def everything(store: Store) -> dict[str, dict[str, Any]]:
    """Give what the store shows of every station."""
    found = store.stations()
    columns = {c: found[c].tolist() for c in STATION_COLUMNS}
    columns |= {"lon_deg": found.geometry.x.tolist(), "lat_deg": found.geometry.y.tolist()}
    rows = zip(*columns.values(), strict=True)
    return {
        values[0]: {k: None if v != v else v for k, v in zip(columns, values, strict=True)}
        for values in rows
    }


def prepared(path: Path, template: Path) -> str:
    """Copy a closed SQLite register to a new file; give its URL."""
    shutil.copy(template, path)
    return f"sqlite:///{path}"


def make_template(path: Path) -> Path:
    """Make an empty SQLite register and close it."""
    with open_store(f"sqlite:///{path}"):
        pass
    return path

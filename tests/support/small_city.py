"""A tiny invented city in a folder: a square grid of streets, a dozen stations, two districts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from geodata.city import City, CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.records import STATION_COLUMNS, Station
from geodata.streets import STREET_COLUMNS, lengths_m, times

WEST, SOUTH = 113.60, 34.70
STEP_DEG = 0.002
SIDE = 13
"""Streets run along a grid of SIDE × SIDE crossings, about 200 m apart."""


def position(column: float, row: float) -> tuple[float, float]:
    """Give longitude and latitude of a place on the grid."""
    return WEST + column * STEP_DEG, SOUTH + row * STEP_DEG


def streets() -> gpd.GeoDataFrame:
    """Make the streets frame of the grid."""
    ends = [
        ((c, r), (c + dc, r + dr))
        for c in range(SIDE)
        for r in range(SIDE)
        for dc, dr in ((1, 0), (0, 1))
        if c + dc < SIDE and r + dr < SIDE
    ]
    lines = [shapely.LineString([position(*a), position(*b)]) for a, b in ends]
    n = len(lines)
    length_m = lengths_m(lines)
    highway = ["primary" if a[0] == b[0] == 6 else "residential" for a, b in ends]
    walk_s, ebike_s = times(highway=highway, length_m=length_m)
    data: dict[str, Any] = {
        "role": "street",
        "u": np.array([a[0] * SIDE + a[1] for a, _ in ends], np.int64),
        "v": np.array([b[0] * SIDE + b[1] for _, b in ends], np.int64),
        "name": ["中原路" if h == "primary" else "" for h in highway],
        "highway": highway,
        "is_bridge": np.zeros(n, bool),
        "length_m": length_m,
        "walk_s": walk_s,
        "walk_back_s": walk_s,
        "ebike_s": ebike_s,
        "ebike_back_s": ebike_s,
    }
    frame = gpd.GeoDataFrame(data, geometry=lines, crs="EPSG:4326")
    return frame[[*STREET_COLUMNS, "geometry"]]


def stations() -> list[Station]:
    """Make the stations: every state, every way in, known and unknown facts."""
    base = {
        "facilities": ("drinking_water", "microwave", "phone_charging", "seating"),
        "entry": "walk_in",
        "district": "西区",
        "source": "示例",
        "is_synthetic": True,
    }

    def one(number: int, name: str, at: tuple[float, float], **more: object) -> Station:
        lon_deg, lat_deg = position(*at)
        return Station(
            id=f"s{number:02d}", name=name, lon_deg=lon_deg, lat_deg=lat_deg, **{**base, **more}
        )

    return [
        one(
            1,
            "中原路工会驿站",
            (6, 6.2),
            hours="Mo-Su 07:00-22:00",
            address="中原路 1 号",
            host="中原路街道工会",
            phone="0371-00000001",
            area_m2=32.0,
            seats=12,
            verified_on="2026-08-02",
            facilities=(
                "air_conditioning",
                "drinking_water",
                "microwave",
                "phone_charging",
                "toilet",
            ),
        ),
        one(
            2, "银行网点爱心驿站", (7, 6), hours="Mo-Fr 08:30-12:00,14:00-17:30", entry="ask_staff"
        ),
        one(3, "智能驿站", (6, 8), hours="24/7", entry="qr", kind="smart_24h", seats=6),
        one(4, "环卫休息点", (4, 6), hours="", hours_text="", entry="unknown"),
        one(
            5,
            "加油站司机之家",
            (9, 6),
            hours="Mo-Su 06:00-24:00",
            facilities=("toilet", "truck_parking"),
        ),
        one(6, "暂停服务的驿站", (6, 4), hours="Mo-Su 08:00-20:00", status="suspended"),
        one(7, "夜间驿站", (8, 9), hours="Mo-Su 18:00-02:00", entry="app", district="东区"),
        one(8, "社区驿站", (2, 2), hours="Mo-Sa 09:00-18:00", entry="phone", district="西区"),
        one(9, "卡通驿站", (10, 10), hours="Mo-Fr 09:00-17:00", entry="id_card", district="东区"),
        one(10, "规划中的驿站", (5, 5), hours="Mo-Su 08:00-20:00", status="planned"),
        one(11, "时间不定驿站", (5, 8), hours='Mo-Su 08:00-20:00 unknown "看情况"'),
        one(12, "远处的驿站", (12, 12), hours="Mo-Su 08:00-20:00", facilities=("shower",)),
    ]


def stations_frame(records: Sequence[Station]) -> gpd.GeoDataFrame:
    """Put stations into a frame."""
    rows = [{name: getattr(record, name) for name in STATION_COLUMNS} for record in records]
    points = [shapely.Point(r.lon_deg, r.lat_deg) for r in records]
    frame = gpd.GeoDataFrame(
        rows, columns=[*STATION_COLUMNS, "geometry"], geometry=points, crs="EPSG:4326"
    )
    frame["area_m2"] = frame["area_m2"].astype(float)
    frame["seats"] = frame["seats"].astype(float)
    return frame


def hotspots() -> gpd.GeoDataFrame:
    """Make three hotspots of riders and cleaners."""
    day = np.zeros(24, np.float32)
    day[7:21] = 0.6
    day[11:14] = 1.0
    week = np.tile(day, 7)
    places = [
        ("h1", "二七广场", "rider", 400.0, (6.4, 6.4)),
        ("h2", "火车站", "cleaner", 90.0, (3, 7)),
        ("h3", "大学城", "courier", 150.0, (10, 2)),
    ]
    return gpd.GeoDataFrame(
        {
            "id": [p[0] for p in places],
            "name": [p[1] for p in places],
            "group": [p[2] for p in places],
            "people": [p[3] for p in places],
            "presence": [week.copy() for _ in places],
            "source": "示例",
            "is_synthetic": True,
        },
        geometry=[shapely.Point(*position(*p[4])) for p in places],
        crs="EPSG:4326",
    )


def areas() -> gpd.GeoDataFrame:
    """Make two districts, side by side."""
    west, south = position(-1, -1)
    middle, _ = position(7.5, 0)
    east, north = position(SIDE, SIDE)
    return gpd.GeoDataFrame(
        {"id": ["1", "2"], "name": ["西区", "东区"], "is_synthetic": True},
        geometry=[
            shapely.box(west, south, middle, north),
            shapely.box(middle, south, east, north),
        ],
        crs="EPSG:4326",
    )


def demand() -> gpd.GeoDataFrame:
    """Make demand at every second crossing."""
    day = np.zeros(24, np.float32)
    day[6:23] = 0.5
    day[11:14] = 0.9
    week = np.tile(day, 7)
    spots = [(c, r) for c in range(0, SIDE, 2) for r in range(0, SIDE, 2)]
    groups = ("rider", "courier", "cleaner", "driver")
    return gpd.GeoDataFrame(
        {
            "place_id": [f"p{c:02d}{r:02d}" for c, r in spots],
            "name": "",
            "group": [groups[(c + r) // 2 % 4] for c, r in spots],
            "people": [10.0 + c + 2 * r for c, r in spots],
            "presence": [week.copy() for _ in spots],
            "source": "示例",
            "is_synthetic": True,
        },
        geometry=[shapely.Point(*position(*spot)) for spot in spots],
        crs="EPSG:4326",
    )


def write(folder: Path, records: Sequence[Station] | None = None, **settings: object) -> City:
    """Write the city into a folder.

    Parameters
    ----------
    folder
        Made when absent.
    records
        Stations in the place of the usual ones.
    **settings
        Keys of `geodata.city.CitySettings` that differ.
    """
    chosen = CitySettings(name="示例市", name_en="Sample City", is_synthetic=True)
    tables = CityTables(
        streets=streets(),
        demand=demand(),
        areas=areas(),
        stations=stations_frame(stations() if records is None else records),
        hotspots=hotspots(),
    )
    return write_city(folder, replace(chosen, **settings), tables)

"""Worlds: invented and real cities, put down somewhere in China, and where stations could be.

A world is a city as it really is: streets, districts, and a few thousand places along the streets
where a station could be. `benchmarks.instances.sheets` makes spoiled sheets of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.areas import assign
from geodata.frames import LocalMetres

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

_POOL = 2500
_HOSTS = (
    "中国银行{}支行", "郑州银行{}支行", "张仲景大药房{}店", "中国移动{}营业厅", "中国石化{}加油站",
    "{}社区党群服务中心", "{}环卫中转站", "{}便民服务中心", "蜜雪冰城{}店", "美团{}骑手之家",
    "{}小学", "中国邮政{}营业所", "{}游园",
)  # fmt: skip
_TAILS = ("工会驿站", "户外劳动者爱心驿站", "户外劳动者服务站点", "爱心驿站", "")
_KINDS_OF_PLACE = ("公园", "小学", "医院", "市场", "广场", "地铁站")
_BUSY = {"primary": 3.0, "secondary": 3.0, "tertiary": 2.0, "trunk": 0.5, "pedestrian": 3.0}
_CLOSED = ("motorway", "footway", "path", "steps", "track", "service", "cycleway")


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A city and the places of it where a station could be.

    Attributes
    ----------
    streets, areas
        As `geodata.streets` and `geodata.records` name their columns, WGS 84.
    pool
        One row for each place: ``name, address, district, x_m, y_m``.
    places
        Named points, WGS 84: column ``name``.
    plane
        In which `pool` is measured.
    """

    name: str
    streets: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    pool: pd.DataFrame
    places: gpd.GeoDataFrame
    plane: LocalMetres


def moved(
    frame: gpd.GeoDataFrame,
    *,
    lon_deg: float,
    lat_deg: float,
    to_lon_deg: float,
    to_lat_deg: float,
    turn_deg: float = 0.0,
) -> gpd.GeoDataFrame:
    """Take a map from one place of the earth to another, turned; lengths stay as they are."""
    start = LocalMetres(lon_deg=lon_deg, lat_deg=lat_deg)
    end = LocalMetres(lon_deg=to_lon_deg, lat_deg=to_lat_deg)
    c, s = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))

    def carry(degrees: Floats) -> Floats:
        xy = start.to_xy_m(lon_deg=degrees[:, 0], lat_deg=degrees[:, 1])
        return np.column_stack(end.to_lon_lat_deg(xy @ np.array([[c, s], [-s, c]])))

    shapes = shapely.transform(frame.geometry.to_numpy(), carry)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs="EPSG:4326"))


def make_world(
    name: str, streets: gpd.GeoDataFrame, areas: gpd.GeoDataFrame, *, seed: int
) -> World:
    """Make the places of a city along its streets.

    Parameters
    ----------
    streets, areas
        Where they really are, WGS 84; places lie in one of the areas.
    seed
        Where chance comes from.
    """
    rng = np.random.default_rng([seed, 1])
    west, south, east, north = streets.total_bounds
    plane = LocalMetres(lon_deg=(west + east) / 2, lat_deg=(south + north) / 2)
    street = streets[(streets["role"] == "street") & ~streets["highway"].isin(_CLOSED)]
    lines = in_metres(street.geometry.to_numpy(), plane)
    wish = shapely.length(lines) * street["highway"].map(_BUSY).fillna(1.0).to_numpy()
    centre = rng.normal(0, 2500, 2)
    away = np.hypot(*(shapely.get_coordinates(shapely.centroid(lines)) - centre).T)
    wish *= np.exp(-away / 6000) + 0.02
    edge = rng.choice(len(lines), _POOL, p=wish / wish.sum())
    xy = _beside(lines[edge], rng)
    lon, lat = plane.to_lon_lat_deg(xy)
    district = assign(gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4326"), areas).to_numpy()
    named = dict(zip(areas["id"], areas["name"], strict=True))
    road = street["name"].to_numpy(dtype=object)[edge]
    kept = np.array([d is not None for d in district])
    rows = [
        _described(str(road[i]), named[district[i]], rng) for i in np.flatnonzero(kept).tolist()
    ]
    pool = pd.DataFrame(rows, columns=["name", "address", "district"])
    pool["x_m"], pool["y_m"] = xy[kept].T
    pool = pool.drop_duplicates("name", ignore_index=True)
    return World(name, streets, areas, pool, _gazetteer(street, rng), plane)


def districts_of(streets: gpd.GeoDataFrame, *, n: int, seed: int) -> gpd.GeoDataFrame:
    """Draw invented districts around seats at random: each place goes to the nearest seat."""
    rng = np.random.default_rng([seed, 4])
    ends = shapely.get_coordinates(shapely.centroid(streets.geometry.to_numpy()))
    seats = ends[rng.choice(len(ends), n, replace=False)]
    city = shapely.convex_hull(shapely.multipoints(ends)).buffer(0.02)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(seats), extend_to=city))
    names = [f"{_invented(rng)}{'区' if k % 4 else '县'}" for k in range(n)]
    return gpd.GeoDataFrame(
        {"id": [f"V{k:02d}" for k in range(n)], "name": names, "is_synthetic": True},
        geometry=shapely.intersection(cells, city),
        crs="EPSG:4326",
    )


def renamed(streets: gpd.GeoDataFrame, *, seed: int) -> gpd.GeoDataFrame:
    """Give every street of a foreign city a Chinese name of its own."""
    rng = np.random.default_rng([seed, 3])
    names = [n for n in streets["name"].unique() if n]
    chinese = {
        n: _invented(rng) + _invented(rng)[:1] + str(rng.choice(["路", "街", "巷"])) for n in names
    }
    return streets.assign(name=[chinese.get(n, "") for n in streets["name"]])


def in_metres(shapes: Objects, plane: LocalMetres) -> Objects:
    """Bring shapes from WGS 84 into a plane."""
    return shapely.transform(shapes, lambda c: plane.to_xy_m(lon_deg=c[:, 0], lat_deg=c[:, 1]))


def _beside(lines: Objects, rng: np.random.Generator) -> Floats:
    """Put places beside lines: most at the kerb, some deep in a compound."""
    n = len(lines)
    at = rng.uniform(0.02, 0.98, n)
    here, next_ = (
        shapely.get_coordinates(shapely.line_interpolate_point(lines, a, normalized=True))
        for a in (at, at + 0.01)
    )
    along = next_ - here
    across = np.column_stack([-along[:, 1], along[:, 0]])
    across /= np.maximum(np.hypot(*across.T), 1e-9)[:, None]
    back = np.where(rng.random(n) < 0.85, rng.gamma(4.0, 5.0, n) + 4.0, rng.uniform(30.0, 150.0, n))
    return here + across * (back * rng.choice([-1.0, 1.0], n))[:, None]


def _described(road: str, district: str, rng: np.random.Generator) -> tuple[str, str, str]:
    """Give name, address and district as the office would write them."""
    host = str(rng.choice(_HOSTS))
    nick = _invented(rng)
    about = road if road and rng.random() < 0.6 else nick
    name = host.format(about) + (f"({nick})" if rng.random() < 0.3 else "")
    name += str(rng.choice(_TAILS))
    number = int(rng.integers(1, 400))
    road = road or (nick + "小区")
    address = str(
        rng.choice(
            [
                f"郑州市{district}{road}{number}号",
                f"{district}{road}{number}号院",
                f"{road}{number}号",
                f"{district}{road}{nick}小区南门",
                f"{road}与{_invented(rng)}路交叉口向北{rng.integers(1, 5)}00米",
                f"{district}{nick}社区",
            ]
        )
    )
    return name, address, district


def _invented(rng: np.random.Generator) -> str:
    return "".join(rng.choice(list("安东桥井柳槐张王李赵陈岗寨庙沟坡湾营屯堂楼台亭塘堰"), 2))


def _gazetteer(street: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Name places after the streets they are at: 600 of them."""
    named = street[street["name"] != ""]
    some = named.iloc[rng.choice(len(named), min(600, len(named)), replace=False)]
    points = shapely.line_interpolate_point(some.geometry.to_numpy(), 0.5, normalized=True)
    names = [f"{road}{rng.choice(_KINDS_OF_PLACE)}" for road in some["name"]]
    return gpd.GeoDataFrame({"name": names}, geometry=points, crs="EPSG:4326")

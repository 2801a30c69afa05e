"""The stations of the sample city: invented, with shares as in the domain report."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.records import STATION_COLUMNS
from geodata.sample.frontage import MAIN, Frontage, apart, beside, draw_edges
from geodata.sample.layout import Layout
from geodata.sample.register import with_register

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

SOURCE = "示例数据，非真实站点"
REFERENCE_DAY = date(2026, 9, 1)
"""The last checks are counted back from this day, so that the sample never depends on today."""

_GAP_M = 190.0
_NEAR_ANCHOR_M = 320.0
_MEAN_CHECK_DAYS = 150.0
_LIKELIER = 4.0
_CHOSEN_DISTRICTS = (0.35, 1.6)
_CLASS_WEIGHT = {"trunk": 0.5, "primary": 2.4, "secondary": 2.0, "tertiary": 1.4, "pedestrian": 2.0}
_TURNS = ("", "东", "西", "南", "北")


def make_stations(
    layout: Layout, frontage: Frontage, areas: gpd.GeoDataFrame, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Make the stations frame.

    Parameters
    ----------
    frontage
        Streets that stations stand at.
    areas
        Districts, for the address.
    rng
        Where chance comes from.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `geodata.records.STATION_COLUMNS`, points in WGS 84; every name ends with
        （示例） and ``is_synthetic`` is true.
    """
    table = tomllib.loads(files("geodata.sample").joinpath("stations.toml").read_text("utf-8"))
    edge, xy = _places(layout, frontage, areas, table["count"], rng)
    host, kept_hours = _hosts(table, np.isin(frontage.highway[edge], MAIN), rng)
    kind = _kinds(table, host, kept_hours, rng)
    hours = _hours(table, kept_hours, rng)
    label = _labels(table, host, frontage.name[edge], rng)
    status = _status(table, kind, rng)
    area_m2, seats = _sizes(table, kind, rng)
    lon, lat = layout.plane.to_lon_lat_deg(xy)
    district = _district(areas, lon, lat)
    n = len(edge)
    frame = gpd.GeoDataFrame(
        {
            "id": [f"S{k + 1:04d}" for k in range(n)],
            "name": [f"{text}工会驿站（示例）" for text in label],
            "hours": hours[:, 0],
            "hours_text": hours[:, 1],
            "facilities": _facilities(table, host, kind, kept_hours, rng),
            "entry": _entries(table, kind, rng),
            "kind": kind,
            "status": status,
            "area_m2": area_m2,
            "seats": seats,
            "host": np.where(host == "own", "", label),
            "address": _addresses(district, frontage.name[edge], rng),
            "district": district,
            "phone": _phones(table, n, rng),
            "source": SOURCE,
            "source_frame": "wgs84",
            "source_x": lon,
            "source_y": lat,
            "verified_on": _checks(table, status, rng),
            "is_synthetic": True,
        },
        geometry=shapely.points(lon, lat),
        crs="EPSG:4326",
    )
    return with_register(frame, table, REFERENCE_DAY, rng)[[*STATION_COLUMNS, "geometry"]]


def _places(
    layout: Layout,
    frontage: Frontage,
    areas: gpd.GeoDataFrame,
    n: int,
    rng: np.random.Generator,
) -> tuple[Ints, Floats]:
    """Choose where stations are: near anchors, then along busy streets of favoured districts."""
    favour = rng.uniform(*_CHOSEN_DISTRICTS, len(areas))
    lon, lat = layout.plane.to_lon_lat_deg(frontage.xy_m)
    here = _within(areas, lon, lat)
    by_class = np.array([_CLASS_WEIGHT.get(h, 1.0) for h in frontage.highway])
    weight = frontage.length_m * by_class * (0.02 + frontage.pull**1.05) * favour[here]
    near = []
    for anchor in layout.anchors:
        away = np.hypot(*(frontage.xy_m - anchor.xy_m).T)
        near.append(draw_edges(weight * (away < _NEAR_ANCHOR_M), 1, rng))
    edge = np.concatenate([*near, draw_edges(weight, 6 * n, rng)])
    xy = beside(frontage, edge, rng)
    kept = apart(xy, _GAP_M, n)
    return edge[kept], xy[kept]


def _hosts(
    table: dict[str, Any], on_main: Flags, rng: np.random.Generator
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """Give each place a host and a kind of hours, in the numbers of the table."""
    rows = [
        (name, hours, row["on"])
        for name, row in table["hosts"].items()
        for hours, count in row["hours"].items()
        for _ in range(count)
    ]
    wish = np.array([row[2] for row in rows]) + rng.normal(0, 0.3, len(rows))
    offer = on_main + rng.normal(0, 0.3, len(rows))
    match = np.empty(len(rows), np.int64)
    match[np.argsort(offer)] = np.argsort(wish)
    return np.array([r[0] for r in rows])[match], np.array([r[1] for r in rows])[match]


def _kinds(
    table: dict[str, Any],
    host: NDArray[np.str_],
    hours: NDArray[np.str_],
    rng: np.random.Generator,
) -> NDArray[np.str_]:
    kind = np.full(len(host), "co_built", dtype="<U12")
    own = rng.permutation(np.flatnonzero(host == "own"))
    kind[own] = "self_built"
    kind[own[:2]], kind[own[2:3]] = "flagship", "mobile"
    hosted = rng.permutation(np.flatnonzero((host != "own") & (hours == "always")))
    kind[hosted[: round(table["smart"]["share"] * len(host))]] = "smart_24h"
    return kind


def _hours(
    table: dict[str, Any], kept: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Give the OpenStreetMap text and the wording of the notice, shape (n, 2)."""
    result = np.empty((len(kept), 2), dtype="<U48")
    for kind, variants in table["hours"].items():
        mine = np.flatnonzero(kept == kind)
        result[mine] = np.array(variants)[rng.integers(len(variants), size=len(mine))]
    return result


def _labels(
    table: dict[str, Any],
    host: NDArray[np.str_],
    street: NDArray[np.str_],
    rng: np.random.Generator,
) -> list[str]:
    """Name the hosts after their streets; further ones of the same name are told apart."""
    seen: dict[str, int] = {}
    labels = []
    for name, road in zip(host, street, strict=True):
        row = table["hosts"][name]
        brand = row["brands"][rng.integers(len(row["brands"]))]
        plain = f"{brand}{road}{row['place']}"
        turn = seen.get(plain, 0)
        seen[plain] = turn + 1
        told_apart = _TURNS[turn] if turn < len(_TURNS) else f"{turn}号"
        labels.append(f"{brand}{road}{told_apart}{row['place']}")
    return labels


def _exact(shares: dict[str, float], n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """Deal words out in exact shares (largest remainders), in random order."""
    words = list(shares)
    quota = np.array([shares[w] for w in words]) / sum(shares.values()) * n
    count = np.floor(quota).astype(int)
    rest = np.argsort(count - quota, kind="stable")[: n - count.sum()]
    count[rest] += 1
    return rng.permutation(np.repeat(words, count))


def _entries(
    table: dict[str, Any], kind: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Deal out how doors open; smart stations let nobody just walk in."""
    entry = _exact(table["entry"], len(kind), rng)
    smart = np.flatnonzero(kind == "smart_24h")
    coded = rng.permutation(np.flatnonzero(np.isin(entry, ("qr", "id_card", "app"))))
    coded = coded[~np.isin(coded, smart)]
    plain = smart[~np.isin(entry[smart], ("qr", "id_card", "app"))]
    swap = coded[: len(plain)]
    entry[plain], entry[swap] = entry[swap], entry[plain]
    return entry


def _status(
    table: dict[str, Any], kind: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Deal out what state stations are in; the flagships are open."""
    status = _exact(table["status"], len(kind), rng)
    special = np.flatnonzero((kind == "flagship") & (status != "open"))
    spare = np.flatnonzero((kind == "co_built") & (status == "open"))[: len(special)]
    status[special], status[spare] = status[spare], status[special]
    return status


def _sizes(
    table: dict[str, Any], kind: NDArray[np.str_], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Give floor and seats: 2.5 m² a seat, at least 4; some of both were never recorded."""
    n = len(kind)
    area = np.clip(rng.lognormal(np.log(19), 0.55, n), 6, 160)
    area = np.where(kind == "smart_24h", rng.uniform(10, 24, n), area)
    area = np.where(kind == "flagship", rng.uniform(220, 820, n), area).round()
    seats = np.clip(np.floor(area / 2.5), 4, 60)
    unknown = table["unknown"]
    seats[_some(n, unknown["seats"], rng)] = np.nan
    area[_some(n, unknown["area_m2"], rng)] = np.nan
    return area, seats


def _some(n: int, share: float, rng: np.random.Generator) -> Ints:
    return rng.permutation(n)[: round(share * n)]


def _facilities(
    table: dict[str, Any],
    host: NDArray[np.str_],
    kind: NDArray[np.str_],
    hours: NDArray[np.str_],
    rng: np.random.Generator,
) -> list[tuple[str, ...]]:
    """Deal out facilities in exact shares, likelier where the host suits them."""
    n = len(host)
    has: dict[str, Flags] = {}
    for key, share in table["facilities"].items():
        suits = np.array([key in table["likelier"][h] for h in host])
        urge = rng.exponential(size=n) / np.where(suits, _LIKELIER, 1.0)
        has[key] = np.zeros(n, dtype=bool)
        has[key][np.argsort(urge)[: round(share * n)]] = True
    has["fan"] = ~has["air_conditioning"]
    has["open_24h"] = hours == "always"
    has["unattended_entry"] = kind == "smart_24h"
    return [tuple(sorted(key for key, flags in has.items() if flags[k])) for k in range(n)]


def _within(areas: gpd.GeoDataFrame, lon: Floats, lat: Floats) -> Ints:
    """Give the row of the district that each point lies in; the first one on a border."""
    point, area = areas.sindex.query(shapely.points(lon, lat), predicate="intersects")
    result = np.zeros(len(lon), np.int64)
    result[point[::-1]] = area[::-1]
    return result


def _district(areas: gpd.GeoDataFrame, lon: Floats, lat: Floats) -> NDArray[np.str_]:
    return areas["name"].to_numpy(dtype=str)[_within(areas, lon, lat)]


def _addresses(
    district: NDArray[np.str_], street: NDArray[np.str_], rng: np.random.Generator
) -> list[str]:
    number = rng.integers(1, 320, len(street))
    return [f"郑州市{d}{s}{k}号（虚构）" for d, s, k in zip(district, street, number, strict=True)]


def _phones(table: dict[str, Any], n: int, rng: np.random.Generator) -> NDArray[np.str_]:
    """Give telephone numbers that cannot exist: no local number starts with 0000."""
    phone = np.array([f"0371-0000{k:04d}" for k in rng.permutation(10_000)[:n]])
    phone[_some(n, table["unknown"]["phone"], rng)] = ""
    return phone


def _checks(
    table: dict[str, Any], status: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.str_]:
    """Give the days of the last check; empty where there was none."""
    n = len(status)
    ago = rng.exponential(_MEAN_CHECK_DAYS, n).astype(int)
    days = np.array([(REFERENCE_DAY - timedelta(days=int(d))).isoformat() for d in ago])
    days[_some(n, table["unknown"]["verified_on"], rng)] = ""
    days[np.isin(status, ("planned", "building"))] = ""
    return days

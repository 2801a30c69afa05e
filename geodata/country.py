"""An invented register of the whole country, for measuring at full size.

Every province has as many stations as the domain report gives it, or its share of the rest by
residents (``provinces.toml``). Where they stand is invented: towns drawn in the settled part of the
province, the seat the largest of them, and stations thinning out from the middle of each. A few
fall into the sea or over a border, and no town has a real name. Hours, entry, facilities and
statuses follow the shares of the sample city. Every row is marked as synthetic.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from importlib.resources import files
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.districts import name_of
from geodata.errors import InvalidInputError
from geodata.records import STATION_COLUMNS
from geodata.sample.stations import REFERENCE_DAY, SOURCE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strings = NDArray[np.str_]

STATIONS = 186_000
"""About as many as there were at the end of 2024 (domain report, 3.1)."""

_KM_PER_DEG = 111.2
_RESIDENTS_A_TOWN_M = 0.9
_LEAST_TOWNS = 6
_SEAT_SHARE = 0.18
_TAIL = 1.1
_KM_OF_1000 = 6.5
_FACILITY_SETS = 4000
_MEAN_CHECK_DAYS = 150.0
_ROADS = (
    "人民",
    "建设",
    "和平",
    "文化",
    "中山",
    "解放",
    "新华",
    "光明",
    "长江",
    "黄河",
    "友谊",
    "胜利",
)
_KINDS = {
    "co_built": 0.90,
    "smart_24h": 0.063,
    "self_built": 0.025,
    "flagship": 0.01,
    "mobile": 0.002,
}


def make_country(*, seed: int = 0, n: int = STATIONS) -> gpd.GeoDataFrame:
    """Make the stations of an invented country-wide register.

    Parameters
    ----------
    seed
        Any whole number from 0; equal seeds give equal frames.
    n
        How many stations, 31 or more; the provinces' shares stay.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `geodata.records.STATION_COLUMNS`, points in WGS 84, in the order of the
        provinces' codes. ``district_code`` is the province's, ``district`` an invented town.

    Raises
    ------
    InvalidInputError
        When `n` is less than one for each province.
    """
    rng = np.random.default_rng(seed)
    provinces = _table("geodata", "provinces.toml")["province"]
    if n < len(provinces):
        raise InvalidInputError(
            "{n} stations are too few for {provinces} provinces; ask for more",
            n=n,
            provinces=len(provinces),
        )
    table = _table("geodata.sample", "stations.toml")
    per_province = _shares(provinces, n)
    drawn = [
        _province(code, row, count, rng)
        for (code, row), count in zip(provinces.items(), per_province, strict=True)
    ]
    place = pd.concat(drawn, ignore_index=True)
    facts = _facts(table, place, rng)
    lon, lat = place["lon_deg"].to_numpy(), place["lat_deg"].to_numpy()
    frame = gpd.GeoDataFrame(
        {**dict.fromkeys(STATION_COLUMNS, ""), **facts},
        geometry=shapely.points(lon, lat),
        crs="EPSG:4326",
    )
    return frame[[*STATION_COLUMNS, "geometry"]]


def _shares(provinces: Mapping[str, Mapping[str, Any]], n: int) -> Ints:
    """Deal `n` stations out to the provinces: at least one each, largest remainders, exact sum."""
    known = np.array([row.get("stations", 0) for row in provinces.values()], float)
    residents = np.array([row["residents"] for row in provinces.values()])
    rest = np.where(known == 0, residents, 0.0)
    wanted = known + rest / rest.sum() * (STATIONS - known.sum())
    quota = 1 + wanted / wanted.sum() * (n - len(wanted))
    count: Ints = np.floor(quota).astype(np.int64)
    count[np.argsort(count - quota, kind="stable")[: n - count.sum()]] += 1
    return count


def _province(
    code: str, row: Mapping[str, Any], count: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Draw the towns of a province and put its stations around them."""
    west, south, east, north = row["box"]
    n_towns = max(_LEAST_TOWNS, round(row["residents"] / _RESIDENTS_A_TOWN_M))
    towns = np.column_stack([rng.uniform(west, east, n_towns), rng.uniform(south, north, n_towns)])
    towns[0] = row["seat"]
    size = rng.pareto(_TAIL, n_towns) + 0.2
    size[0] = 0.0
    share = size / size.sum() * (1 - _SEAT_SHARE)
    share[0] = _SEAT_SHARE
    town = np.sort(rng.choice(n_towns, count, p=share))
    # A town of four times the stations is twice as wide.
    spread_km = _KM_OF_1000 * np.sqrt(np.maximum(share * count, 4.0) / 1000)[town]
    away_km = spread_km * rng.gamma(1.6, 0.9, count)
    angle = rng.uniform(0, 2 * np.pi, count)
    lat = towns[town, 1] + away_km * np.sin(angle) / _KM_PER_DEG
    lon = towns[town, 0] + away_km * np.cos(angle) / (_KM_PER_DEG * np.cos(np.radians(lat)))
    province = name_of(f"{code}0000")
    names = np.array([f"{province}示例{k + 1}镇" for k in range(n_towns)])
    return pd.DataFrame(
        {
            "province": code,
            "town": names[town],
            "lon_deg": np.round(lon, 6),
            "lat_deg": np.round(lat, 6),
        }
    )


def _facts(
    table: Mapping[str, Any], place: pd.DataFrame, rng: np.random.Generator
) -> dict[str, Any]:
    """Draw what is known of each station; the keys are columns of a stations frame."""
    n = len(place)
    hosts, kept = _hosts(table["hosts"], n, rng)
    kind = _drawn(_KINDS, n, rng)
    kept[np.isin(kind, ("smart_24h",))] = "always"
    hours = _hours(table["hours"], kept, rng)
    road = np.array(_ROADS)[rng.integers(len(_ROADS), size=n)]
    number = rng.integers(1, 999, n)
    status = _drawn(table["status"], n, rng)
    lon, lat = place["lon_deg"].to_numpy(), place["lat_deg"].to_numpy()
    town = place["town"].to_numpy(str)
    return {
        "id": [f"N{k + 1:06d}" for k in range(n)],
        "name": [
            f"{r}路{k}号{h}工会驿站（示例）" for r, k, h in zip(road, number, hosts, strict=True)
        ],
        "hours": hours[:, 0],
        "hours_text": hours[:, 1],
        "closures": [()] * n,
        "facilities": _facilities(table["facilities"], n, rng),
        "offers": [()] * n,
        "entry": _drawn(table["entry"], n, rng),
        "kind": kind,
        "status": status,
        "area_m2": _known(rng.lognormal(3.4, 0.6, n).round(), table["unknown"]["area_m2"], rng),
        "seats": _known(rng.poisson(9.0, n) + 2.0, table["unknown"]["seats"], rng),
        "host": hosts,
        "address": [f"{t}{r}路{m}号（虚构）" for t, r, m in zip(town, road, number, strict=True)],
        "district": town,
        "district_code": (place["province"] + "0000").to_numpy(str),
        "source": SOURCE,
        "source_frame": "wgs84",
        "source_x": lon,
        "source_y": lat,
        "verified_on": _checks(status, table["unknown"]["verified_on"], rng),
        "is_synthetic": True,
    }


def _hosts(hosts: Mapping[str, Any], n: int, rng: np.random.Generator) -> tuple[Strings, Strings]:
    """Draw the name and the kind of hours of each host, together, as often as in the table."""
    rows = [
        (brand + row["place"], hours, count / len(row["brands"]))
        for row in hosts.values()
        for hours, count in row["hours"].items()
        for brand in row["brands"]
    ]
    weight = np.array([r[2] for r in rows])
    chosen = rng.choice(len(rows), n, p=weight / weight.sum())
    return np.array([r[0] for r in rows])[chosen], np.array([r[1] for r in rows])[chosen]


def _hours(
    variants: Mapping[str, Sequence[Sequence[str]]], kept: Strings, rng: np.random.Generator
) -> NDArray[np.str_]:
    """Give the OpenStreetMap text and the wording of the notice, shape (n, 2)."""
    result = np.empty((len(kept), 2), dtype="<U48")
    for kind, texts in variants.items():
        mine = np.flatnonzero(kept == kind)
        result[mine] = np.array(texts)[rng.integers(len(texts), size=len(mine))]
    return result


def _facilities(
    shares: Mapping[str, float], n: int, rng: np.random.Generator
) -> list[tuple[str, ...]]:
    """Draw facilities by their shares; stations share some thousand different sets of them."""
    keys = np.array(sorted(shares))
    has = rng.random((_FACILITY_SETS, len(keys))) < np.array([shares[k] for k in keys])
    sets = [tuple(keys[row].tolist()) for row in has]
    return [sets[k] for k in rng.integers(_FACILITY_SETS, size=n).tolist()]


def _drawn(shares: Mapping[str, float], n: int, rng: np.random.Generator) -> Strings:
    weight = np.array(list(shares.values()))
    return np.array(list(shares))[rng.choice(len(weight), n, p=weight / weight.sum())]


def _known(values: NDArray[np.floating], unknown: float, rng: np.random.Generator) -> Floats:
    return np.where(rng.random(len(values)) < unknown, np.nan, values).astype(np.float64)


def _checks(status: Strings, unknown: float, rng: np.random.Generator) -> Strings:
    """Give the days of the last check; empty where there was none."""
    ago = np.minimum(rng.exponential(_MEAN_CHECK_DAYS, len(status)).astype(int), 1999)
    days = np.array([(REFERENCE_DAY - timedelta(days=k)).isoformat() for k in range(2000)])[ago]
    never = (rng.random(len(status)) < unknown) | np.isin(status, ("planned", "building"))
    return np.where(never, "", days)


def _table(package: str, name: str) -> dict[str, Any]:
    return tomllib.loads(files(package).joinpath(name).read_text("utf-8"))

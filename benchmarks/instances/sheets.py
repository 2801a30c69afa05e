"""Sheets of stations as offices send them, with the frame known to us and not to the reader.

A sheet takes some places of a world and spoils them: measured badly, rounded, geocoded, mistyped,
copied twice, put into the wrong district, put somewhere else altogether, and partly left in another
frame. What the city of the reader knows is spoiled as well: streets that nobody mapped, borders
drawn with a thick pen, a register with errors of its own.

Nothing here knows how the detective reasons: no shape or size below is taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from benchmarks.instances.worlds import Floats, Objects, World, in_metres
from geodata.frames import from_wgs84

DEGREES = ("wgs84", "gcj02", "bd09")
SOURCES = ("streets", "areas", "known", "places")
_ZONES = ("高新区", "经开区", "航空港区", "郑东新区")
_NOISES = ("gauss", "disc", "laplace")


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet, what the reader's city knows, and the truth.

    Attributes
    ----------
    x, y, names, addresses, districts
        Shape (n,): the columns; a column that the sheet lacks is None.
    sources
        What the reader has, by the names of `SOURCES`.
    frame, is_swapped
        What most rows are in.
    row_frames
        Shape (n,): pairs of frame and whether the axes are exchanged, by row.
    is_wrong_district, is_misplaced, is_readdressed
        Shape (n,): what was spoiled on purpose: the district is another one, the position is
        elsewhere, the address is another row's.
    about
        How badly, for looking into failures.
    """

    x: Floats
    y: Floats
    names: Objects | None
    addresses: Objects | None
    districts: Objects | None
    sources: Mapping[str, gpd.GeoDataFrame]
    frame: str
    is_swapped: bool
    row_frames: tuple[tuple[str, bool], ...]
    is_wrong_district: NDArray[np.bool_]
    is_misplaced: NDArray[np.bool_]
    is_readdressed: NDArray[np.bool_]
    about: Mapping[str, object] = field(default_factory=dict)


def make_sheet(
    world: World,
    *,
    seed: int,
    sources: Sequence[str] | None = None,
    frame: str | None = None,
    n: int | None = None,
) -> Sheet:
    """Spoil some places of a world into a sheet.

    Parameters
    ----------
    seed
        Equal seeds give equal sheets.
    sources
        What the reader has, of `SOURCES`; drawn when None.
    frame
        What most rows are in; drawn when None.
    n
        Rows before some are copied; drawn from 5 to 500 when None.
    """
    rng = np.random.default_rng([seed, 2])
    n = n or int(np.rint(np.exp(rng.uniform(np.log(5), np.log(500)))))
    chosen = world.pool.iloc[rng.choice(len(world.pool), n, replace=False)].reset_index(drop=True)
    xy = chosen[["x_m", "y_m"]].to_numpy()
    noise_m, noise = rng.uniform(5, 50), str(rng.choice(_NOISES))
    xy_noisy = xy + _noise(noise, noise_m, n, rng)
    misplaced = rng.random(n) < rng.uniform(0, 0.06)
    xy_noisy[misplaced] = _elsewhere(xy_noisy[misplaced], rng)
    names, addresses, districts, wrong, readdressed = _texts(world, chosen, rng)
    main, row_frames = _frames(world, frame, n, rng)
    decimals = int(rng.integers(3, 7))
    x, y = _written(world, xy_noisy, row_frames, decimals, rng)
    x[(blank := rng.random(n) < rng.uniform(0, 0.04))] = np.nan
    y[blank & (rng.random(n) < 0.5)] = np.nan
    again = np.concatenate([np.arange(n), rng.integers(n, size=rng.binomial(n, 0.03))])
    given = _sources(world, sources, chosen, rng)
    return Sheet(
        x[again],
        y[again],
        None if rng.random() < 0.06 else names[again],
        None if rng.random() < 0.2 else addresses[again],
        None if rng.random() < 0.25 else districts[again],
        given,
        main[0],
        main[1],
        tuple(row_frames[i] for i in again),
        wrong[again],
        misplaced[again],
        readdressed[again],
        {"noise": noise, "noise_m": noise_m, "decimals": decimals, "world": world.name, "n": n},
    )


def _noise(kind: str, size_m: float, n: int, rng: np.random.Generator) -> Floats:
    """Draw errors whose root mean square is `size_m`."""
    if kind == "gauss":
        return rng.normal(0, size_m / np.sqrt(2), (n, 2))
    angle = rng.uniform(0, 2 * np.pi, n)
    radius = size_m * np.sqrt(2 * rng.random(n))
    if kind == "laplace":
        radius = rng.exponential(size_m / np.sqrt(2), n)
    return radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])


def _elsewhere(xy: Floats, rng: np.random.Generator) -> Floats:
    """Geocode badly: to the middle of the city, or some kilometres off."""
    far = rng.uniform(1500, 15000, len(xy))
    angle = rng.uniform(0, 2 * np.pi, len(xy))
    off = xy + far[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return np.where(rng.random((len(xy), 1)) < 0.3, 0.0, off)


def _texts(
    world: World, chosen: pd.DataFrame, rng: np.random.Generator
) -> tuple[Objects, Objects, Objects, NDArray[np.bool_], NDArray[np.bool_]]:
    """Give the spoiled names, addresses and districts, and which of the last two are wrong."""
    n = len(chosen)
    names = chosen["name"].to_numpy(dtype=object)
    for i in np.flatnonzero(rng.random(n) < rng.uniform(0, 0.3)):
        names[i] = _mistyped(names[i], rng)
    districts = chosen["district"].to_numpy(dtype=object)
    others = chosen["district"].unique()
    wrong = rng.random(n) < rng.uniform(0, 0.1)
    for i in np.flatnonzero(wrong):
        districts[i] = str(rng.choice(others if rng.random() < 0.7 else world.areas["name"]))
    wrong &= districts != chosen["district"].to_numpy(dtype=object)
    zone = rng.random(n) < rng.uniform(0, 0.2)
    districts[zone] = rng.choice(_ZONES, int(zone.sum()))
    wrong &= ~zone
    addresses = chosen["address"].to_numpy(dtype=object)
    mixed_up = rng.random(n) < rng.uniform(0, 0.1)
    addresses[mixed_up] = rng.permutation(addresses)[mixed_up]
    for column in (names, addresses, districts):
        column[rng.random(n) < rng.uniform(0, 0.2)] = ""
    return names, addresses, districts, wrong & (districts != ""), mixed_up


def _mistyped(name: str, rng: np.random.Generator) -> str:
    """Drop a character, write another one, exchange two, or say it shorter."""
    at = int(rng.integers(max(len(name) - 1, 1)))
    return str(
        rng.choice(
            [
                name[:at] + name[at + 1 :],
                name[:at] + "某" + name[at + 1 :],
                name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :],
                name.replace("户外劳动者", "").replace("工会", ""),
                f"郑州市{name}",
            ]
        )
    )


def _frames(
    world: World, frame: str | None, n: int, rng: np.random.Generator
) -> tuple[tuple[str, bool], list[tuple[str, bool]]]:
    """Draw the frame of most rows, and of each; others are at most three in ten."""
    projected = _projected(world.plane.lon_deg)
    if frame is None:
        frame = str(rng.choice(DEGREES if rng.random() < 0.7 else projected))
    main = (frame, bool(rng.random() < 0.2))
    rows = [main] * n
    if rng.random() < 0.4:
        fellows = DEGREES if frame in DEGREES else projected
        other = (str(rng.choice([f for f in fellows if f != frame])), main[1])
        if rng.random() < 0.2:
            other = (frame, not main[1])
        for i in rng.permutation(n)[: int(rng.uniform(0, 0.3) * n)]:
            rows[i] = other
    return main, rows


def _projected(lon_deg: float) -> tuple[str, ...]:
    """Give Web Mercator and the zones of three and of six degrees, numbered and not."""
    three, six = round(lon_deg / 3), int(lon_deg // 6) + 1
    return (
        "epsg:3857",
        f"epsg:{4513 + three - 25}",
        f"epsg:{4534 + three - 25}",
        f"epsg:{4491 + six - 13}",
        f"epsg:{4502 + six - 13}",
    )


def _written(
    world: World,
    xy: Floats,
    row_frames: list[tuple[str, bool]],
    decimals: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Write positions down in the frames of their rows."""
    lon, lat = world.plane.to_lon_lat_deg(xy)
    x, y = np.empty(len(xy)), np.empty(len(xy))
    metre_decimals = int(rng.integers(0, 4))
    for frame, is_swapped in sorted(set(row_frames)):
        mine = np.array([r == (frame, is_swapped) for r in row_frames])
        a, b = from_wgs84(lon_deg=lon[mine], lat_deg=lat[mine], frame=frame)
        digits = decimals if frame in DEGREES else metre_decimals
        a, b = np.round(a, digits), np.round(b, digits)
        x[mine], y[mine] = (b, a) if is_swapped else (a, b)
    return x, y


def _sources(
    world: World,
    wanted: Sequence[str] | None,
    chosen: pd.DataFrame,
    rng: np.random.Generator,
) -> dict[str, gpd.GeoDataFrame]:
    """Give what the reader's city knows, each with its own faults."""
    if wanted is None:
        likely = dict(zip(SOURCES, (0.9, 0.8, 0.6, 0.3), strict=True))
        wanted = [s for s in SOURCES if rng.random() < likely[s]] or ["streets", "areas"]
    given: dict[str, gpd.GeoDataFrame] = {}
    if "streets" in wanted:
        given["streets"] = _mapped(world.streets, rng)
    if "areas" in wanted:
        given["areas"] = _drawn(world, rng)
    if "known" in wanted:
        given["known"] = _register(world, chosen, rng)
    if "places" in wanted:
        given["places"] = world.places
    return given


def _mapped(streets: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Leave out streets that nobody mapped and names that nobody wrote."""
    share = rng.uniform(0, 0.3)
    is_street = (streets["role"] == "street").to_numpy()
    kept = streets[~is_street | (rng.random(len(streets)) >= share)].copy()
    kept.loc[rng.random(len(kept)) < rng.uniform(0, 0.4), "name"] = ""
    return kept.reset_index(drop=True)


def _drawn(world: World, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw the borders with a pen of up to 80 m."""
    shapes = in_metres(world.areas.geometry.to_numpy(), world.plane)
    coarse = shapely.make_valid(shapely.simplify(shapes, rng.uniform(0, 80)))
    back = shapely.transform(coarse, lambda c: np.column_stack(world.plane.to_lon_lat_deg(c)))
    return world.areas.set_geometry(gpd.GeoSeries(back, index=world.areas.index, crs="EPSG:4326"))


def _register(world: World, chosen: pd.DataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Give a register that shares some stations with the sheet, not placed exactly either."""
    shared = chosen[rng.random(len(chosen)) < rng.uniform(0.1, 0.9)]
    rest = world.pool.sample(int(rng.integers(20, 400)), random_state=rng)
    rows = pd.concat([shared, rest], ignore_index=True).drop_duplicates("name", ignore_index=True)
    at = rows[["x_m", "y_m"]].to_numpy()
    at = at + _noise("gauss", rng.uniform(3, 40), len(at), rng)
    moved_away = rng.random(len(at)) < 0.04
    at[moved_away] = _elsewhere(at[moved_away], rng)
    lon, lat = world.plane.to_lon_lat_deg(at)
    table = {
        "id": [f"R{i:04d}" for i in range(len(rows))],
        "name": rows["name"],
        "address": rows["address"],
    }
    return gpd.GeoDataFrame(table, geometry=shapely.points(lon, lat), crs="EPSG:4326")

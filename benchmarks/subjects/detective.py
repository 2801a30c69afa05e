"""The frame detective on sheets whose frame is known to us.

The cities, places and seeds here are others than those that the detective's numbers were chosen
on (cities of seeds 11 and 12 at Zhengzhou, Luoyang, Chengdu and Shanghai, seeds below 100,000).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from time import process_time

import geopandas as gpd
import numpy as np

from benchmarks.instances.instance import Instance, benchmark_data, fingerprint
from benchmarks.instances.sample_city import sample
from benchmarks.instances.sheets import SOURCES, Sheet, make_sheet
from benchmarks.instances.worlds import World, districts_of, make_world, moved, renamed
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.detective import Verdict, detect
from geodata.importers.areas import read_areas
from geodata.importers.osm import read_streets
from geodata.sample import make_city

_FIRST_SEED = 1_000_000
_SHEETS = 1200
_SHEETS_ALONE = 150
_SAME_NUMBERS = {f"epsg:{4502 + k}": f"epsg:{4534 + 2 * k}" for k in range(11)}
"""Zones of six degrees without their number, and the zones of three degrees that equal them."""


def _trials(size: Size) -> Iterator[Trial]:
    worlds = _worlds(size)
    n = _SHEETS if size == "full" else 4
    yield _trial("what a city knows", worlds, n, None, _checks)
    for source in SOURCES if size == "full" else ():
        yield _trial(f"{source} alone", worlds, _SHEETS_ALONE, (source,), lambda _: [])


def _trial(
    name: str,
    worlds: list[World],
    n: int,
    sources: tuple[str, ...] | None,
    checks: Callable[[Measured], list[Check]],
) -> Trial:
    def work() -> Answer:
        return _judged(worlds, n, sources)

    pools = [world.pool[["x_m", "y_m"]].to_numpy() for world in worlds]
    instance = Instance(f"{n} sheets, {name}", _FIRST_SEED, fingerprint(*pools))
    return Trial(instance, work, runs=0, checks=checks)


def _judged(worlds: list[World], n: int, sources: tuple[str, ...] | None) -> Answer:
    """Count how often the verdict is right, and how well its confidence is meant."""
    right = wrong = 0
    squares, cpu_s, slowest_s = 0.0, 0.0, 0.0
    strays = np.zeros(3)
    for k in range(n):
        sheet = make_sheet(worlds[k % len(worlds)], seed=_FIRST_SEED + k, sources=sources)
        start = process_time()
        verdict = _verdict(sheet)
        seconds = process_time() - start
        cpu_s, slowest_s = cpu_s + seconds, max(slowest_s, seconds)
        truth = (_SAME_NUMBERS.get(sheet.frame, sheet.frame), sheet.is_swapped)
        is_first = bool(verdict.candidates) and verdict.candidates[0][:2] == truth
        right += verdict.frame is not None and is_first
        wrong += verdict.frame is not None and not is_first
        squares += (verdict.confidence - is_first) ** 2
        if verdict.frame is not None and is_first:
            strays += _strays(sheet, verdict)
    return {
        "right": right / n,
        "cannot_tell": (n - right - wrong) / n,
        "wrong": wrong / n,
        "brier": squares / n,
        "strays_found": strays[0] / max(strays[1], 1),
        "strays_false": strays[2] / max(strays[0] + strays[2], 1),
        "cpu_s_a_sheet": cpu_s / n,
        "cpu_s_slowest": slowest_s,
    }


def _verdict(sheet: Sheet) -> Verdict:
    return detect(
        sheet.x,
        sheet.y,
        names=sheet.names,
        addresses=sheet.addresses,
        districts=sheet.districts,
        **sheet.sources,
    )


def _strays(sheet: Sheet, verdict: Verdict) -> tuple[int, int, int]:
    """Give how many rows in another frame were found, how many there are, and false alarms."""
    is_readable = np.isfinite(sheet.x) & np.isfinite(sheet.y)
    main = (sheet.frame, sheet.is_swapped)
    truly = {k for k in np.flatnonzero(is_readable).tolist() if sheet.row_frames[k] != main}
    told = {m.row for m in verdict.rows if m.kind in ("other_frame", "swapped")}
    return len(truly & told), len(truly), len(told - truly)


@cache
def _worlds(size: Size) -> list[World]:
    """Put invented cities and a real one down in six places of China; tiny has one of them."""
    if size == "tiny":
        case = sample(size)
        return [make_world("sample", case.streets, case.areas, seed=30)]
    data = benchmark_data().parent
    henan = read_areas(
        data / "boundaries" / "henan_admin_gcj02.geojson.gz",
        frame="gcj02",
        where=("level", "区县"),
    ).areas
    one, other = make_city(seed=21), make_city(seed=22)
    real = renamed(read_streets(data / "porto_alegre" / "streets.osm.pbf").streets, seed=5)
    beijing = {"lon_deg": 116.397, "lat_deg": 39.909, "turn_deg": 15.0}
    luoyang = _taken(real, lon_deg=112.45, lat_deg=34.66)
    guangzhou = _taken(real, lon_deg=113.264, lat_deg=23.129, turn_deg=40.0)
    harbin = _taken(one.streets, lon_deg=126.63, lat_deg=45.75, turn_deg=-50.0)
    urumqi = _taken(real, lon_deg=87.61, lat_deg=43.79, turn_deg=100.0)
    return [
        make_world("Zhengzhou", one.streets, _counties(henan, "4101"), seed=31),
        make_world("Luoyang", luoyang, _counties(henan, "4103"), seed=32),
        make_world("Guangzhou", guangzhou, districts_of(guangzhou, n=9, seed=1), seed=33),
        make_world(
            "Beijing", _taken(other.streets, **beijing), _taken(other.areas, **beijing), seed=34
        ),
        make_world("Harbin", harbin, districts_of(harbin, n=14, seed=2), seed=35),
        make_world("Ürümqi", urumqi, districts_of(urumqi, n=6, seed=3), seed=36),
    ]


def _taken(
    city: gpd.GeoDataFrame, *, lon_deg: float, lat_deg: float, turn_deg: float = 0.0
) -> gpd.GeoDataFrame:
    """Take a city from where it is to another place."""
    west, _, _, _ = city.total_bounds
    here = (-51.2, -30.05) if west < 0 else (113.685, 34.76)
    return moved(
        city,
        lon_deg=here[0],
        lat_deg=here[1],
        to_lon_deg=lon_deg,
        to_lat_deg=lat_deg,
        turn_deg=turn_deg,
    )


def _counties(henan: gpd.GeoDataFrame, city: str) -> gpd.GeoDataFrame:
    return henan[henan["id"].str.startswith(city)].reset_index(drop=True)


def _checks(measured: Measured) -> list[Check]:
    figures = measured.figures
    return [
        Check("right frame and axes", float(figures["right"] or 0), ">=", 0.95, "of sheets"),
        Check("confident and wrong", float(figures["wrong"] or 0), "<=", 0.005, "of sheets"),
    ]


DETECTIVE = (
    Subject(
        "detective",
        "The frame detective on sheets of 5 to 500 rows with a known frame; 'cannot tell' is not "
        "counted as right.",
        _trials,
        limit_s=2400,
        needs_data=True,
    ),
)

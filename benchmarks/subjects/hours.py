"""Which of China's 186,000 stations are open at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import process_time

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from benchmarks.instances.instance import Instance, fingerprint
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.hours import CODES, State
from geodata.records import Closure
from stations.masks import compile_stations, states_at

_N_STATIONS = {"tiny": 500, "full": 186_000}
_SEED = 20260920
_FIRST = datetime(2026, 9, 14, 8, 30)  # noqa: DTZ001  local time
_CLOSED = (Closure(first_day="2026-09-18", last_day="2026-09-24", reason="repairs"),)
_SHARE_UNKNOWN, _SHARE_ALWAYS, _SHARE_CLOSED, _SHARE_OUT = 0.3, 0.065, 0.02, 0.03
_SHARE_DATED = 0.1

_DRAWN = (
    "Mo-Fr {a}-12:00,14:00-{b}; PH off", "Mo-Fr {a}-{b}; PH off", "Mo-Su {a}-{b}", "Mo-Sa {a}-{b}",
    "Mo-Fr {a}-{b}; Sa-Su 10:00-16:00", "Mo-Su {b}-{a}", "Mo-Fr {a}-{b}",
    "Mo-Su {a}-12:00,13:30-{b}; PH 10:00-16:00",
)  # fmt: skip
_DATED = "May-Sep Mo-Su {a}-{b}; Oct-Apr Mo-Su 09:00-17:00"


def _trials(size: Size) -> Iterator[Trial]:
    for n_texts in (400, 20_000) if size == "full" else (40, 200):
        yield _trial(size, n_texts)


def _trial(size: Size, n_texts: int) -> Trial:
    """Make stations ready; each run asks about a day that was not asked about before."""
    stations, drawn = _stations(_N_STATIONS[size], n_texts)
    start = process_time()
    compiled = compile_stations(stations)
    compile_s = process_time() - start
    moments = (_FIRST + timedelta(days=k, minutes=35 * k) for k in range(365))

    def work() -> Answer:
        start = process_time()
        found = states_at(compiled, next(moments))
        return {
            "seconds": process_time() - start,
            "stations": len(found),
            "texts": int(stations["hours"].nunique()),
            "texts_of_dates": len(compiled.dated),
            "compile_s": compile_s,
            "compiled_mb": compiled.n_bytes / 1e6,
            "open": int((found == CODES[State.OPEN]).sum()),
            "unknown": int((found == CODES[State.UNKNOWN]).sum()),
        }

    def checks(measured: Measured) -> list[Check]:
        return [Check("one instant", measured.seconds, "<=", 0.1, "s")]

    return Trial(
        Instance(f"{n_texts} texts", _SEED, fingerprint(drawn)), work, runs=9, checks=checks
    )


def _stations(n: int, n_texts: int) -> tuple[gpd.GeoDataFrame, NDArray[np.int64]]:
    """Draw invented stations, and what they were drawn from."""
    rng = np.random.default_rng(_SEED)
    texts = _texts(n_texts, rng)
    which = rng.permutation(np.arange(n) % n_texts)
    share = rng.random(n)
    hours = np.array(texts, object)[which]
    hours[share < _SHARE_UNKNOWN] = ""
    hours[share > 1 - _SHARE_ALWAYS] = "24/7"
    closures = [_CLOSED if closed else () for closed in rng.random(n) < _SHARE_CLOSED]
    status = np.where(rng.random(n) < _SHARE_OUT, "suspended", "open")
    columns = {"hours": hours, "staff_hours": "", "entry": "walk_in", "status": status}
    places = gpd.points_from_xy(rng.uniform(110, 116, n), rng.uniform(31, 36, n), crs="EPSG:4326")
    frame = gpd.GeoDataFrame(columns, geometry=places).assign(closures=closures)
    return frame, which


def _texts(n: int, rng: np.random.Generator) -> list[str]:
    """Draw different texts, a tenth of them with seasons."""
    found: dict[str, None] = {}
    n_dated = int(n * _SHARE_DATED)
    while len(found) < n:
        first, last = rng.integers(60, 130), rng.integers(192, 286)
        a, b = (f"{five // 12:02d}:{five % 12 * 5:02d}" for five in (first, last))
        form = _DATED if len(found) < n_dated else _DRAWN[rng.integers(len(_DRAWN))]
        found[form.format(a=a, b=b)] = None
    return list(found)


HOURS = (
    Subject(
        "opening_hours",
        "Open, closed or unknown: all stations of China at one moment, each time of another day.",
        _trials,
        limit_s=300,
    ),
)

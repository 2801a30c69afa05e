"""Cells as phones get them: a large invented city around one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from benchmarks.instances.instance import Instance, fingerprint
from geodata.records import ENTRY_MODES, STATION_COLUMNS
from geodata.services import services
from geodata.streets import MODES, SPEED_M_PER_S
from stations.catalogue import Catalogue
from stations.detours import ALPHABET, BANDS_M, SECTORS, Detours
from stations.snapshot import Question, build

LON_DEG, LAT_DEG = 113.66, 34.75
"""Where the phone is, in the middle of the city."""

_ZONE = timezone(timedelta(hours=8))
_MADE_AT = datetime(2026, 9, 14, 3, 0, tzinfo=_ZONE)
_HOURS = (
    "24/7", "", "Mo-Su 07:00-22:00", "Mo-Fr 08:30-12:00,14:00-17:30", "Mo-Fr 09:00-17:00",
    "Mo-Su 08:00-20:00; PH off", "Mo-Su 18:00-02:00", "Mo-Sa 09:00-18:00", "Mo-Su 06:30-21:30",
)  # fmt: skip
_LONGEST_S = 1800.0
_LETTERS = 16
"""Factors from 1 to 1.94, as on real streets."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What a phone has loaded.

    Attributes
    ----------
    cells, manifest
        As in ``docs/snapshot.md``.
    """

    instance: Instance
    cells: list[dict[str, Any]]
    manifest: dict[str, Any]


def cells(n: int, side_km: float, *, seed: int = 0) -> Cells:
    """Make stations in a square around the phone, each with ten facilities and a programme.

    Parameters
    ----------
    side_km
        Side of the square; 22 km is a large city, in 4 km everything is in reach.
    """
    rng = np.random.default_rng(seed)
    half_deg = side_km / 2 / 111.0
    lat = LAT_DEG + rng.uniform(-half_deg, half_deg, n)
    lon = LON_DEG + rng.uniform(-half_deg, half_deg, n) / np.cos(np.radians(LAT_DEG))
    hours = rng.integers(len(_HOURS), size=n)
    entry = rng.integers(len(ENTRY_MODES), size=n)
    kit = _kit(rng, n)
    letters = rng.integers(_LETTERS, size=(n, SECTORS * sum(len(BANDS_M[m]) for m in MODES)))
    data = {
        "id": [f"s{k:05d}" for k in range(n)],
        "name": [f"示例驿站 {k}" for k in range(n)],
        "hours": [_HOURS[k] for k in hours],
        "entry": [ENTRY_MODES[k] for k in entry],
        "facilities": kit,
        "is_synthetic": True,
        "status": "open",
        "kind": "co_built",
        "source_frame": "wgs84",
        "closures": [()] * n,
        "offers": [()] * n,
    }
    empty = {c: "" for c in STATION_COLUMNS if c not in data}
    points = gpd.points_from_xy(lon, lat, crs="EPSG:4326")
    frame = gpd.GeoDataFrame(pd.DataFrame({**data, **empty}), geometry=points)
    for column in ("area_m2", "seats", "source_x", "source_y"):
        frame[column] = np.nan
    texts = tuple("".join(ALPHABET[k] for k in row) for row in letters)
    detours = Detours(texts=texts, factor=1.3, metres_per_s=dict(SPEED_M_PER_S))
    question = Question(
        name="示例市",
        name_en="Sample City",
        time_zone="Asia/Shanghai",
        is_synthetic=True,
        made_at=_MADE_AT,
        limit_s=_LONGEST_S,
    )
    made = build(Catalogue.from_frame(frame), detours, question)
    instance = Instance(
        f"{n}-in-{side_km:g}-km", seed, fingerprint(lon, lat, hours, entry, letters)
    )
    return Cells(instance, list(made.cells.values()), made.manifest)


def _kit(rng: np.random.Generator, n: int) -> list[tuple[str, ...]]:
    known = services()
    common = [key for key, service in known.items() if service.kind in ("B", "X", "A")]
    programmes = [key for key, service in known.items() if service.kind == "P"]
    return [
        tuple(sorted({*rng.choice(common, 10, replace=False), str(rng.choice(programmes))}))
        for _ in range(n)
    ]

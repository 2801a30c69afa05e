"""The minutes of the phone: near the true ones, and the same in both languages."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import node, records, towns

from benchmarks.instances.sample_city import sample
from benchmarks.subjects.snapshot import drawn_pairs, errors
from geodata.network import from_streets
from geodata.streets import DETOUR_FACTOR, MODES, SPEED_M_PER_S
from stations.catalogue import Catalogue
from stations.detours import (
    ALPHABET,
    BANDS_M,
    OUT_OF_REACH,
    SECTORS,
    STEP,
    Detours,
    journey,
    measure,
)

LIMIT_S = 1800.0
SIZE = SECTORS * sum(len(bands) for bands in BANDS_M.values())
STATION_DEG = (113.66, 34.75)


def reading(**more: Any) -> dict[str, Any]:
    """Give what a reader must know."""
    pace = {"walk": 1.2, "ebike": 4.0}
    return Detours(texts=(), factor=DETOUR_FACTOR, metres_per_s=pace).reading() | more


def place(east_m: float, north_m: float) -> tuple[float, float]:
    """Give a place some metres from the station."""
    at = towns.points([(east_m, north_m)])
    return float(at.x.iloc[0]), float(at.y.iloc[0])


def catalogue_at(xy_m: list[tuple[float, float]], network: Any) -> Catalogue:
    """Make a catalogue of stations at places in metres."""
    frame = records.stations_frame([{"id": f"s{k}"} for k in range(len(xy_m))], xy_m)
    return Catalogue.from_frame(frame, network=network)


def lattice(side: int, step_m: float, *, barriers: Any = (), without: Any = ()) -> Any:
    """Make a square grid of streets around the centre, some edges left out."""
    half = side // 2
    nodes = {
        r * side + c: ((c - half) * step_m, (r - half) * step_m)
        for r in range(side)
        for c in range(side)
    }
    edges = [
        (r * side + c, r * side + c + more)
        for r in range(side)
        for c in range(side)
        for more, is_there in ((1, c + 1 < side), (side, r + 1 < side))
        if is_there and (r * side + c, r * side + c + more) not in without
    ]
    return from_streets(towns.streets(nodes, edges, barriers=barriers))


@pytest.mark.parametrize(
    ("mode", "east_m", "north_m"),
    [("walk", 400, 0), ("walk", -300, 900), ("ebike", 0, -2500), ("ebike", 1800, 1800)],
)
def test_one_factor_everywhere_is_a_multiple_of_the_straight_line(
    mode: str, east_m: float, north_m: float
) -> None:
    """With the same letter throughout, seconds are line × factor over speed, metres by the pace."""
    letter = 7
    found = journey(
        ALPHABET[letter] * SIZE,
        reading(),
        station_deg=STATION_DEG,
        place_deg=place(east_m, north_m),
        mode=mode,
    )
    assert found is not None
    seconds = math.hypot(east_m, north_m) * (1 + STEP) ** letter / SPEED_M_PER_S[mode]
    assert found[0] == pytest.approx(seconds, rel=2e-4)
    assert found[1] == pytest.approx(found[0] * {"walk": 1.2, "ebike": 4.0}[mode])


def test_factors_are_interpolated_between_directions_and_distances() -> None:
    """Halfway between two distances and two directions the four factors count alike."""
    near, far = BANDS_M["walk"][:2]
    text = "".join(ALPHABET[(5 * k) % 60] for k in range(SECTORS * 3)) + "0" * SECTORS * 3
    angle = 2 * math.pi * 2.5 / SECTORS
    away = (near + far) / 2
    found = journey(
        text,
        reading(),
        station_deg=STATION_DEG,
        place_deg=place(away * math.cos(angle), away * math.sin(angle)),
        mode="walk",
    )
    factors = [(1 + STEP) ** ((5 * k) % 60) for k in (2, 3, SECTORS + 2, SECTORS + 3)]
    assert found is not None
    wanted = away * sum(factors) / 4 / SPEED_M_PER_S["walk"]
    assert found[0] == pytest.approx(wanted, rel=2e-3)


def test_a_mode_that_cannot_get_there_has_no_minutes() -> None:
    """On foot there is a way, by e-bike none: None, not a guess."""
    text = "5" * (SECTORS * 3) + OUT_OF_REACH * (SECTORS * 3)
    asked = {"station_deg": STATION_DEG, "place_deg": place(500, 0)}
    assert journey(text, reading(), mode="walk", **asked) is not None
    assert journey(text, reading(), mode="ebike", **asked) is None


def test_without_streets_the_citys_own_factor_counts() -> None:
    """No text is measured, and minutes are line × factor over speed, as `stations near` says."""
    found = measure(catalogue_at([(0, 0), (500, 500)], None), limit_s=LIMIT_S)
    assert found.texts == ("", "")
    told = journey(
        "", found.reading(), station_deg=STATION_DEG, place_deg=place(600, 800), mode="walk"
    )
    assert told is not None
    assert told[1] == pytest.approx(1000 * DETOUR_FACTOR, rel=2e-4)
    assert told[0] == pytest.approx(told[1] / SPEED_M_PER_S["walk"])


def test_a_grid_has_the_detours_of_a_grid() -> None:
    """Along a street the way is straight; across the blocks it is up to √2 as long."""
    catalogue = catalogue_at([(0, 0)], lattice(41, 100))
    found = measure(catalogue, limit_s=LIMIT_S)
    for turn in range(16):
        angle = 2 * math.pi * turn / 16
        x, y = 1500 * math.cos(angle), 1500 * math.sin(angle)
        told = journey(
            found.texts[0],
            found.reading(),
            station_deg=STATION_DEG,
            place_deg=place(x, y),
            mode="walk",
        )
        assert told is not None
        assert told[0] == pytest.approx((abs(x) + abs(y)) / 1.25, rel=0.06)


def test_beyond_a_river_is_far() -> None:
    """With one bridge in the distance, the other bank is not called near."""
    side, half = 31, 15
    # A river between the rows half + 1 and half + 2; only the easternmost street crosses it.
    cut = {((half + 1) * side + c, (half + 2) * side + c) for c in range(side - 1)}
    river = [[(-1550.0, 150.0), (1450.0, 150.0)]]
    network = lattice(side, 100, barriers=river, without=cut)
    found = measure(catalogue_at([(0, 0)], network), limit_s=LIMIT_S)

    def minutes(east_m: float, north_m: float) -> float:
        told = journey(
            found.texts[0],
            found.reading(),
            station_deg=STATION_DEG,
            place_deg=place(east_m, north_m),
            mode="walk",
        )
        assert told is not None
        return told[0] / 60

    assert minutes(0, -600) < 10
    assert minutes(0, 600) > 25  # 48 by the bridge, 8 by the straight line


def test_who_stood_there_before_is_not_measured_again() -> None:
    """On the same streets, a station at a known place keeps its letters, a new one gets its own."""
    network = lattice(21, 100)
    both = catalogue_at([(0, 0), (300, 200)], network)
    whole = measure(both, limit_s=LIMIT_S)
    at = {(s.lon_deg, s.lat_deg): t for s, t in zip(both.stations, whole.texts, strict=True)}
    first = both.stations[0]
    known = {(first.lon_deg, first.lat_deg): "x" * SIZE}
    again = measure(both, limit_s=LIMIT_S, known=whole, known_at=known)
    assert again.texts == ("x" * SIZE, whole.texts[1])
    assert measure(both, limit_s=LIMIT_S, known=whole, known_at=at).texts == whole.texts


def test_minutes_are_near_the_true_ones_in_the_sample_city() -> None:
    """Median error at most 10 %, nine in ten at most 25 %, on foot and by e-bike."""
    case = sample("tiny")
    catalogue = Catalogue.from_frame(case.stations, network=case.network)
    detours = measure(catalogue, limit_s=LIMIT_S)
    for mode in MODES:
        pairs = drawn_pairs(catalogue, mode, 1500, seed=6)
        off = errors(catalogue, detours, pairs, mode)
        assert float(np.median(off)) <= 0.10
        assert float(np.quantile(off, 0.9)) <= 0.25


_ASK = """
import { travelSeconds } from "./finder/detours.js";
answer(given.asked.map((a) => travelSeconds(a.station, a.place, a.mode, given.manifest)));
"""


def test_phone_and_publisher_agree(tmp_path: Path) -> None:
    """The script gives the seconds and metres of its twin, to one part in a million."""
    rng = random.Random(20261121)
    manifest = {"speeds_m_per_s": dict(SPEED_M_PER_S), "detours": reading()}
    asked = []
    for _ in range(4000):
        lon, lat = rng.uniform(75, 134), rng.uniform(18, 53)
        text = "".join(rng.choices(ALPHABET, k=SIZE))
        kind = rng.random()
        if kind < 0.1:
            text = ""
        elif kind < 0.2:
            text = OUT_OF_REACH * (SIZE // 2) + text[SIZE // 2 :]
        apart = 10 ** rng.uniform(-6, -1)
        turn = rng.choice((rng.uniform(0, 2 * math.pi), rng.randrange(16) * math.pi / 8))
        asked.append(
            {
                "station": {"lon_deg": lon, "lat_deg": lat, "detours": text},
                "place": {
                    "lon_deg": lon + apart * math.cos(turn),
                    "lat_deg": lat + apart * math.sin(turn),
                },
                "mode": rng.choice(MODES),
            }
        )
    told = node.run(tmp_path, _ASK, {"manifest": manifest, "asked": asked})
    for question, answer in zip(asked, told, strict=True):
        station, there = question["station"], question["place"]
        ours = journey(
            station["detours"],
            manifest["detours"],
            station_deg=(station["lon_deg"], station["lat_deg"]),
            place_deg=(there["lon_deg"], there["lat_deg"]),
            mode=question["mode"],
        )
        if ours is None:
            assert answer is None
        else:
            assert answer == pytest.approx(ours, rel=1e-6)

"""The files that phones search: how far their minutes are off, and what publishing takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from time import process_time

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.instances.instance import Instance, benchmark_data, fingerprint
from benchmarks.instances.sample_city import Case, sample
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.city_settings import CitySettings
from geodata.importers.osm import read_streets
from geodata.network import from_streets
from geodata.streets import MODES
from geodata.travel import between
from stations.catalogue import Catalogue
from stations.detours import Detours, journey, measure
from web import publishing, snapshots
from web.places import collect

LIMIT_S = {"walk": 1800.0, "ebike": 900.0}
"""Longest journeys that are compared."""

_BANDS_MIN = (0, 5, 10, 15, 30)
_PAIRS = {"tiny": 300, "full": 20_000}
_PLACES_AT_ONCE = {"walk": 4000, "ebike": 1000}
_STATIONS = {"tiny": 40, "full": 5000}
_SEED = 20261121
_NOW = datetime(2026, 11, 21, 9, 30)  # noqa: DTZ001  local time
_JITTER_DEG = 0.02
_BESIDE_M = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Journeys from random places to stations that are within a limit, with their true times."""

    place_deg: NDArray[np.float64]
    station: NDArray[np.int64]
    seconds: NDArray[np.float64]


def drawn_pairs(catalogue: Catalogue, mode: str, n: int, *, seed: int) -> Pairs:
    """Draw places evenly over the city until there are n journeys within the limit."""
    rng = np.random.default_rng(seed)
    network = catalogue.network
    assert network is not None
    low, high = network.node_xy_m.min(axis=0), network.node_xy_m.max(axis=0)
    found: list[Pairs] = []
    while sum(len(part.seconds) for part in found) < n:
        xy_m = rng.uniform(low, high, (_PLACES_AT_ONCE[mode], 2))
        lon, lat = network.plane.to_lon_lat_deg(xy_m)
        travel = between(
            network,
            gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326"),
            catalogue.frame.geometry,
            mode=mode,
            limit_s=LIMIT_S[mode],
            with_metres=False,
        ).seconds.tocoo()
        place = np.column_stack([lon, lat])[travel.row]
        found.append(Pairs(place, travel.col.astype(np.int64), travel.data))
    return Pairs(
        np.concatenate([p.place_deg for p in found])[:n],
        np.concatenate([p.station for p in found])[:n],
        np.concatenate([p.seconds for p in found])[:n],
    )


def errors(catalogue: Catalogue, detours: Detours, pairs: Pairs, mode: str) -> NDArray[np.float64]:
    """Give the relative error of each journey as a phone works it out."""
    reading = detours.reading()
    frame = catalogue.frame
    station_deg = np.column_stack([frame.geometry.x, frame.geometry.y])
    told = []
    for place, k in zip(pairs.place_deg, pairs.station.tolist(), strict=True):
        found = journey(
            detours.texts[k],
            reading,
            station_deg=tuple(station_deg[k]),
            place_deg=tuple(place),
            mode=mode,
        )
        told.append(np.inf if found is None else found[0])
    return np.abs(np.array(told) - pairs.seconds) / np.maximum(pairs.seconds, 1.0)


def _in_the_sample_city(size: Size) -> Iterator[Trial]:
    case = sample(size)
    catalogue = Catalogue.from_frame(case.stations, network=case.network)
    yield from _minutes(case.instance.name, catalogue, size)


def _in_porto_alegre(size: Size) -> Iterator[Trial]:
    """Put stations somewhere near junctions of a real city."""
    path = benchmark_data().parent / "porto_alegre" / "streets.osm.pbf"
    network = from_streets(read_streets(path).streets)
    n = 15 if size == "tiny" else 200
    rng = np.random.default_rng(_SEED)
    junctions = network.node_xy_m[rng.choice(network.n_nodes, n, replace=False)]
    lon, lat = network.plane.to_lon_lat_deg(junctions + rng.normal(0, _BESIDE_M, (n, 2)))
    plain = sample("tiny").stations.iloc[[0] * n].reset_index(drop=True)
    frame = plain.assign(id=[f"P{k:03d}" for k in range(n)], code="")
    frame = frame.set_geometry(gpd.points_from_xy(lon, lat, crs="EPSG:4326"))
    frame["status"] = "open"
    yield from _minutes("porto-alegre", Catalogue.from_frame(frame, network=network), size)


def _minutes(name: str, catalogue: Catalogue, size: Size) -> Iterator[Trial]:
    for mode in MODES if size == "full" else MODES[:1]:
        pairs = drawn_pairs(catalogue, mode, _PAIRS[size], seed=_SEED)

        def work(mode: str = mode, pairs: Pairs = pairs) -> Answer:
            start = process_time()
            detours = measure(catalogue, limit_s=1800.0)
            seconds = process_time() - start
            off = errors(catalogue, detours, pairs, mode)
            figures = {
                "seconds": seconds,
                "journeys": len(off),
                "median_error": float(np.median(off)),
                "p90_error": float(np.quantile(off, 0.9)),
            }
            for a, b in pairwise(_BANDS_MIN):
                here = off[(pairs.seconds > 60 * a) & (pairs.seconds <= 60 * b)]
                if len(here):
                    figures[f"median_{a}_{b}_min"] = float(np.median(here))
                    figures[f"p90_{a}_{b}_min"] = float(np.quantile(here, 0.9))
            return figures

        digest = fingerprint(pairs.place_deg, pairs.station, pairs.seconds)
        instance = Instance(f"{name}-{mode}", _SEED, digest)
        yield Trial(instance, work, runs=0, checks=_error_checks)


def _error_checks(measured: Measured) -> list[Check]:
    median, p90 = (float(measured.figures[k] or 0) for k in ("median_error", "p90_error"))
    return [
        Check("median error of the minutes", median, "<=", 0.1, ""),
        Check("error of nine in ten", p90, "<=", 0.25, ""),
    ]


def _publishing(size: Size) -> Iterator[Trial]:
    case = sample(size)
    yield _publish(case, case.stations, case.instance.name)
    stations = many(case, _STATIONS[size])
    yield _publish(case, stations, f"{case.instance.name}-{len(stations)}-stations")


def many(case: Case, n: int) -> gpd.GeoDataFrame:
    """Draw n stations in the sample city: its own, over and over, each time somewhere near."""
    rng = np.random.default_rng(_SEED)
    which = rng.integers(len(case.stations), size=n)
    frame = case.stations.iloc[which].reset_index(drop=True)
    frame["id"] = [f"M{k:05d}" for k in range(n)]
    frame["code"] = ""
    frame["name"] = frame["name"] + pd.Series([f" {k}" for k in range(n)])
    x = frame.geometry.x + rng.normal(0, _JITTER_DEG, n)
    y = frame.geometry.y + rng.normal(0, _JITTER_DEG, n)
    return frame.set_geometry(gpd.points_from_xy(x, y, crs="EPSG:4326"))


def _publish(case: Case, stations: gpd.GeoDataFrame, name: str) -> Trial:
    catalogue = Catalogue.from_frame(stations, network=case.network, version="1")
    settings = CitySettings(name="示例市", name_en="Sample City", is_synthetic=True)
    source = snapshots.Source(
        folder=Path(),
        settings=settings,
        is_synthetic=True,
        catalogue=catalogue,
        places=collect(stations.iloc[:0].assign(people=0.0), case.areas, catalogue.stations),
        told={},
        moment=_NOW,
    )

    def work() -> Answer:
        begin = process_time()
        detours = measure(catalogue, limit_s=snapshots.LIMIT_S)
        measured = process_time()
        content = snapshots.content_of(source, detours)
        drawn = process_time()
        with tempfile.TemporaryDirectory() as folder:
            written = snapshots.write(source, Path(folder), content)
            assert publishing.check(Path(folder)) == []
        end = process_time()
        cells = [p for p in written.manifest["files"] if p.startswith("cells/")]
        return {
            "seconds": end - begin,
            "stations": len(catalogue.stations),
            "detours_s": measured - begin,
            "schedules_s": drawn - measured,
            "writing_s": end - drawn,
            "cells": len(cells),
            "sent_kb": written.n_sent_bytes / 1000,
            "sent_bytes_each": written.n_sent_bytes / max(1, len(catalogue.stations)),
        }

    positions = stations.get_coordinates().to_numpy()
    return Trial(Instance(name, _SEED, fingerprint(positions)), work, runs=0)


SNAPSHOT = (
    Subject(
        "minutes_on_the_phone",
        "Minutes that a phone works out by itself beside the true ones on the streets, relative "
        "error of journeys from places drawn evenly over the sample city: 30 minutes on foot, 15 "
        "by e-bike. Seconds are processor time, of measuring all factors of both modes.",
        _in_the_sample_city,
        limit_s=300,
    ),
    Subject(
        "minutes_in_a_real_city",
        "The same on the streets of Porto Alegre, with stations near random junctions.",
        _in_porto_alegre,
        limit_s=300,
        needs_data=True,
    ),
    Subject(
        "publishing",
        "Writing the files that phones search, factors and compression included. Seconds are "
        "processor time.",
        _publishing,
        limit_s=600,
    ),
)

"""Readings: every way in which two columns of unnamed numbers could be coordinates in China.

A reading is a frame and whether x and y must be exchanged first. Degrees can be WGS 84, GCJ-02 or
BD-09; metres can be Web Mercator of WGS 84 or of GCJ-02, UTM, or a Gauss-Krüger zone of CGCS2000
of three or six degrees. A Gauss-Krüger easting may carry the number of its zone in front (38468869
is zone 38); one without it may belong to any meridian, and only the city tells which.

CGCS2000 degrees are WGS 84 here, and a zone of six degrees without its number is the one of three
degrees with the same meridian: their numbers are equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.frames import Floats, to_wgs84

Flags = NDArray[np.bool_]
Box = tuple[float, float, float, float]

CHINA: Box = (73.0, 3.0, 136.0, 54.0)
MERCATORS = ("epsg:3857", "epsg:3857+gcj02")

_DEGREE_FRAMES = ("wgs84", "gcj02", "bd09")
_M_PER_DEG = 111_320.0
_MERCATOR_M = 20_037_509.0
_NORTHING_M = (300_000.0, 6_100_000.0)
_EASTING_M = (100_000.0, 900_000.0)
_ZONE_M = 1_000_000.0
_FIRST_ZONE, _FIRST_NUMBERED, _FIRST_PLAIN = (13, 25), (4491, 4513), 4534
_MERIDIANS_DEG = range(75, 136, 3)
_UTM_ZONES = range(43, 54)
_UTM = 32600
_FAR_MERIDIAN_DEG = 4.5
_MOST_DECIMALS = 8
_EXACT_SHARE = 0.9
_EQUAL_DEG = 2e-7


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """The readings that at least one row allows, those that most rows allow first.

    Attributes
    ----------
    names
        H pairs of frame and whether the axes are exchanged; positions of no two are equal.
    lon_deg, lat_deg
        Shape (H, n): WGS 84 under each reading; NaN where a reading makes no sense.
    is_there
        Shape (H, n): whether that is in the city, or in China where no city is known.
    step_m
        What the last decimal of the numbers stands for, in metres, by reading: shape (H,).
    """

    names: tuple[tuple[str, bool], ...]
    lon_deg: Floats
    lat_deg: Floats
    is_there: Flags
    step_m: Floats


def read(x: Floats, y: Floats, *, box: Box | None) -> Readings:
    """Give the possible readings of two columns of numbers.

    Parameters
    ----------
    x, y
        Shape (n,): the numbers as the file gives them, finite.
    box
        West, south, east and north of the city, WGS 84, with some room around it; without it all of
        China, and eastings without a zone fit every meridian.
    """
    found: list[tuple[str, bool]] = []
    places: list[tuple[Floats, Floats, Flags]] = []
    for is_swapped in (False, True):
        a, b = (y, x) if is_swapped else (x, y)
        for frame, fits in _frames(a, b, box):
            place = _place(a, b, frame, fits, box)
            if place[2].any() and not any(_is_same(place, other) for other in places):
                found.append((frame, is_swapped))
                places.append(place)
    if not found:
        nothing = np.empty((0, len(x)))
        return Readings((), nothing, nothing, nothing.astype(bool), np.empty(0))
    order = np.argsort([-p[2].sum() for p in places], kind="stable")
    steps = [_step_m(x, y, found[i][0]) for i in order]
    lon, lat, there = (np.array([places[i][k] for i in order]) for k in range(3))
    return Readings(tuple(found[i] for i in order), lon, lat, there.astype(bool), np.array(steps))


def convert(x: Floats, y: Floats, reading: tuple[str, bool]) -> tuple[Floats, Floats]:
    """Give WGS 84 degrees of numbers under a reading; NaN where it makes no sense."""
    frame, is_swapped = reading
    a, b = (y, x) if is_swapped else (x, y)
    with np.errstate(invalid="ignore"):
        fits = np.isfinite(a) & np.isfinite(b) & (np.abs(a) < 1e8) & (np.abs(b) < 1e8)
        if not frame.startswith("epsg:"):
            fits &= (np.abs(a) <= 180) & (np.abs(b) <= 90)
    lon, lat, _ = _place(a, b, frame, fits, None)
    return lon, lat


def _frames(a: Floats, b: Floats, box: Box | None) -> list[tuple[str, Flags]]:
    """Give the frames for eastings `a` and northings `b`, each with the rows whose size fits."""
    is_degrees = (np.abs(a) <= 180) & (np.abs(b) <= 90)
    found = [(frame, is_degrees) for frame in _DEGREE_FRAMES]
    is_mercator = (np.abs(a) <= _MERCATOR_M) & (np.abs(b) <= _MERCATOR_M) & (np.abs(a) > 1000)
    found += [(frame, is_mercator) for frame in MERCATORS]
    is_north = (b >= _NORTHING_M[0]) & (b <= _NORTHING_M[1])
    zone, rest = np.divmod(a, _ZONE_M)
    is_east = is_north & (rest >= _EASTING_M[0]) & (rest <= _EASTING_M[1])
    for first, first_code, n in zip(_FIRST_ZONE, _FIRST_NUMBERED, (11, 21), strict=True):
        for number in np.unique(zone[is_east]):
            if first <= number < first + n:
                code = first_code + int(number) - first
                found.append((f"epsg:{code}", is_east & (zone == number)))
    is_plain = is_east & (zone == 0)
    if is_plain.any():
        found += [(frame, is_plain) for frame in _meridians(box)]
    return [(frame, fits) for frame, fits in found if fits.any()]


def _meridians(box: Box | None) -> list[str]:
    """Give the systems of eastings without a zone whose meridian is not far from the city."""
    west, east = (box[0], box[2]) if box else (CHINA[0], CHINA[2])

    def is_near(meridian: float) -> bool:
        return west - _FAR_MERIDIAN_DEG <= meridian <= east + _FAR_MERIDIAN_DEG

    plain = [f"epsg:{_FIRST_PLAIN + k}" for k, m in enumerate(_MERIDIANS_DEG) if is_near(m)]
    return plain + [f"epsg:{_UTM + z}" for z in _UTM_ZONES if is_near(6 * z - 183)]


def _place(
    a: Floats, b: Floats, frame: str, fits: Flags, box: Box | None
) -> tuple[Floats, Floats, Flags]:
    lon, lat = np.full(len(a), np.nan), np.full(len(a), np.nan)
    lon[fits], lat[fits] = to_wgs84(lon_deg=a[fits], lat_deg=b[fits], frame=frame)
    wrong = ~(np.isfinite(lon) & np.isfinite(lat))
    lon[wrong] = lat[wrong] = np.nan
    west, south, east, north = box or CHINA
    return lon, lat, (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)


def _is_same(one: tuple[Floats, Floats, Flags], other: tuple[Floats, Floats, Flags]) -> bool:
    """Tell whether two readings put all rows at the same places."""
    return all(
        np.allclose(p, q, rtol=0, atol=_EQUAL_DEG, equal_nan=True)
        for p, q in zip(one[:2], other[:2], strict=True)
    )


def _step_m(x: Floats, y: Floats, frame: str) -> float:
    """Give the size of the last decimal that nine rows in ten do with, in metres."""
    unit_m = 1.0 if frame.startswith("epsg:") else _M_PER_DEG
    for decimals in range(_MOST_DECIMALS):
        scaled = np.concatenate([x, y]) * 10.0**decimals
        exact = np.abs(scaled - np.rint(scaled)) < 1e-6 * np.maximum(1.0, np.abs(scaled) * 1e-7)
        if exact.mean() >= _EXACT_SHARE:
            return unit_m / 10.0**decimals
    return unit_m / 10.0**_MOST_DECIMALS

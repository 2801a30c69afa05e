"""Judge pairs of coordinates: whether they can be true in their frame."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from geodata.checks import Finding, Severity
from geodata.frames import Floats, to_wgs84

_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)
_CHINESE_FRAMES = ("gcj02", "bd09", "cgcs2000")
_SHIFTED_FRAMES = ("gcj02", "bd09")
_GEOD = Geod(ellps="WGS84")
_FAR_KM, _FAR_TIMES = 300.0, 10.0  # a sheet of the whole country has none
_FEWEST_FOR_FAR = 3

_Rule = Callable[[Floats, Floats, str], NDArray[np.bool_]]


def judge(rows: NDArray[np.int64], x: Floats, y: Floats, frame: str, column: str) -> list[Finding]:
    """Say of each wrong pair of coordinates what is wrong first.

    Parameters
    ----------
    rows
        Shape (n,): row numbers as a person counts them.
    x, y
        Shape (n,): coordinates in `frame`; NaN where they cannot be read.
    frame
        One of `frames.FRAMES` or ``epsg:N``.
    column
        How findings name the columns.
    """
    which = np.full(len(x), -1)
    for i, (is_wrong, *_) in reversed(list(enumerate(_RULES))):
        which[is_wrong(x, y, frame)] = i
    findings = []
    for at in np.flatnonzero(which >= 0).tolist():
        _, code, severity, template = _RULES[which[at]]
        row = int(rows[at])
        details = {"row": row, "lon": float(x[at]), "lat": float(y[at]), "frame": frame}
        findings.append(Finding(code, template, details, "file", row, column, severity))
    return findings


def far_off(
    rows: NDArray[np.int64], lon_deg: Floats, lat_deg: Floats, column: str
) -> list[Finding]:
    """Warn of rows that lie far from all the others, as with a digit lost: 13.66 for 113.66.

    Parameters
    ----------
    rows
        Shape (n,): row numbers as a person counts them.
    lon_deg, lat_deg
        Shape (n,): WGS 84; NaN where a row was refused.
    column
        How findings name the columns.
    """
    is_there = np.isfinite(lon_deg) & np.isfinite(lat_deg)
    if is_there.sum() < _FEWEST_FOR_FAR:
        return []
    lon, lat = (float(np.median(v[is_there])) for v in (lon_deg, lat_deg))
    n = len(rows)
    km = _GEOD.inv(lon_deg, lat_deg, np.full(n, lon), np.full(n, lat))[2] / 1000
    usual_km = float(np.median(km[is_there]))
    template = (
        "row {row}: {lon}, {lat} lies {km} km from the middle of the other rows; "
        "check the coordinates"
    )
    findings = []
    for at in np.flatnonzero(is_there & (km > max(_FAR_KM, _FAR_TIMES * usual_km))).tolist():
        row = int(rows[at])
        details = {
            "row": row,
            "lon": round(float(lon_deg[at]), 5),
            "lat": round(float(lat_deg[at]), 5),
            "km": f"{km[at]:,.0f}",
        }
        findings.append(Finding("far_off", template, details, "file", row, column))
    return findings


def _nowhere(x: Floats) -> NDArray[np.bool_]:
    return np.zeros(len(x), bool)


def _is_unreadable(x: Floats, y: Floats, _frame: str) -> NDArray[np.bool_]:
    return ~(np.isfinite(x) & np.isfinite(y))


def _is_zero(x: Floats, y: Floats, frame: str) -> NDArray[np.bool_]:
    return _nowhere(x) if frame.startswith("epsg:") else (x == 0) & (y == 0)


def is_swapped(x: Floats, y: Floats, frame: str) -> NDArray[np.bool_]:
    """Tell which pairs can only be latitude and longitude, in this order; shape (n,)."""
    if frame.startswith("epsg:"):
        return _nowhere(x)
    is_turned = (np.abs(x) <= 90) & (np.abs(y) > 90) & (np.abs(y) <= 180)
    if frame not in _CHINESE_FRAMES:
        return is_turned
    in_china = (y >= _CHINA_LON[0]) & (y <= _CHINA_LON[1])
    in_china &= (x >= _CHINA_LAT[0]) & (x <= _CHINA_LAT[1])
    return is_turned | in_china


def _is_off_earth(x: Floats, y: Floats, frame: str) -> NDArray[np.bool_]:
    return _nowhere(x) if frame.startswith("epsg:") else (np.abs(x) > 180) | (np.abs(y) > 90)


def _is_unprojectable(x: Floats, y: Floats, frame: str) -> NDArray[np.bool_]:
    if not frame.startswith("epsg:"):
        return _nowhere(x)
    lon, lat = in_wgs84(x, y, frame)
    return ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))


def _is_abroad(x: Floats, y: Floats, frame: str) -> NDArray[np.bool_]:
    if frame not in _SHIFTED_FRAMES:
        return _nowhere(x)
    west, south, east, north = _CHINA
    return ~((x >= west) & (x <= east) & (y >= south) & (y <= north))


_RULES: tuple[tuple[_Rule, str, Severity, str], ...] = (
    (
        _is_unreadable,
        "bad_coordinate",
        "error",
        "row {row}: longitude or latitude is missing or not a number; write degrees like 113.6253",
    ),
    (
        _is_zero,
        "bad_coordinate",
        "error",
        "row {row}: longitude and latitude are both 0; look the place up again",
    ),
    (
        is_swapped,
        "swapped_coordinates",
        "error",
        "row {row}: longitude {lon} and latitude {lat} may be swapped; check and exchange them",
    ),
    (
        _is_off_earth,
        "bad_coordinate",
        "error",
        "row {row}: longitude {lon}, latitude {lat} is no place on earth; write degrees",
    ),
    (
        _is_unprojectable,
        "bad_coordinate",
        "error",
        "row {row}: {lon}, {lat} is no place on earth in {frame}; check the layer's system",
    ),
    (
        _is_abroad,
        "outside_china",
        "warning",
        "row {row}: {lon}, {lat} lies outside China; check the coordinates and the frame {frame}",
    ),
)


def in_wgs84(
    x: NDArray[np.float64], y: NDArray[np.float64], frame: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give WGS 84 longitudes and latitudes of coordinates in `frame`; all rows at once."""
    return to_wgs84(lon_deg=x, lat_deg=y, frame=frame)

"""Coordinate frames: the only place that knows them.

- ``wgs84``: GPS, browsers, OpenStreetMap; what everything inside Yizhan is in.
- ``cgcs2000``: Chinese surveying and Tianditu (EPSG:4490); equal to WGS 84 within a metre, and
  taken as equal.
- ``gcj02``: AMap, Tencent, Apple in China: WGS 84 shifted by a formula, 570 m at Zhengzhou.
- ``bd09``: Baidu: GCJ-02 shifted once more, 1.3 km from WGS 84 at Zhengzhou.
- ``epsg:N``: metres or degrees of any system that PROJ knows, x east and y north, such as Web
  Mercator (``epsg:3857``) and the Gauss-Krüger zones of CGCS2000 (``epsg:4547``, ``epsg:4526``).
- ``epsg:3857+gcj02``: Web Mercator of GCJ-02 degrees; what one draws over a Chinese base map.

The GCJ-02 and BD-09 formulas are the public ones (as in eviltransform and PRCoords). Their inverses
are found by fixed-point iteration on the forward formula, so that they are exact to well under 1 mm
of it. Outside the box 72.004-137.8347° E, 0.8293-55.8271° N the public formula shifts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geodata.errors import InvalidInputError

Frame: TypeAlias = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]
FRAMES: tuple[str, ...] = get_args(Frame)
Floats: TypeAlias = NDArray[np.float64]

_SYSTEM = re.compile(r"epsg:(\d{4,6})(\+gcj02)?", re.ASCII)
_KRASOVSKY_A_M = 6378245.0
_KRASOVSKY_EE = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_GCJ_STEPS = 6
_BD_STEPS = 12


def check_frame(frame: str) -> str:
    """Return `frame` when it is one of `FRAMES` or names a system that PROJ knows.

    Raises
    ------
    InvalidInputError
        With the list of known names.
    """
    if frame in FRAMES or (_SYSTEM.fullmatch(frame) and _known_to_proj(frame)):
        return frame
    raise InvalidInputError(
        "coordinate frame {frame!s} is not known; name one of {known}, or epsg:N",
        frame=frame,
        known=", ".join(FRAMES),
    )


def to_wgs84(*, lon_deg: ArrayLike, lat_deg: ArrayLike, frame: str) -> tuple[Floats, Floats]:
    """Convert coordinates of a named frame to WGS 84.

    Parameters
    ----------
    lon_deg, lat_deg
        Degrees, any equal shape; for ``epsg:N`` x (east) and y (north) in the unit of the system.
    frame
        Frame the coordinates are in; one of `FRAMES`, ``epsg:N`` or ``epsg:N+gcj02``.

    Returns
    -------
    lon_deg, lat_deg
        Degrees in WGS 84, the shape of the input; infinite where a system gives no place.
        ``from_wgs84`` of the result gives the input back to within 1 mm.

    Raises
    ------
    InvalidInputError
        When the frame is unknown.
    """
    frame = check_frame(frame)
    lon, lat = _arrays(lon_deg, lat_deg)
    if frame.startswith("epsg:"):
        system, _, frame = frame.partition("+")
        lon, lat = _arrays(*_system(system).transform(lon, lat))
    if frame == "bd09":
        lon, lat = _solve(_gcj02_to_bd09, lon, lat, steps=_BD_STEPS)
    if frame in ("bd09", "gcj02"):
        lon, lat = _solve(_wgs84_to_gcj02, lon, lat, steps=_GCJ_STEPS)
    return lon, lat


def from_wgs84(*, lon_deg: ArrayLike, lat_deg: ArrayLike, frame: str) -> tuple[Floats, Floats]:
    """Convert WGS 84 coordinates to a named frame; the inverse of `to_wgs84`.

    Parameters
    ----------
    lon_deg, lat_deg
        Degrees in WGS 84, any equal shape.
    frame
        Frame to convert to; one of `FRAMES`, ``epsg:N`` or ``epsg:N+gcj02``.

    Returns
    -------
    lon_deg, lat_deg
        Degrees in `frame`, the shape of the input; for ``epsg:N`` x (east) and y (north) in the
        unit of the system.

    Raises
    ------
    InvalidInputError
        When the frame is unknown.
    """
    frame = check_frame(frame)
    lon, lat = _arrays(lon_deg, lat_deg)
    system = ""
    if frame.startswith("epsg:"):
        system, _, frame = frame.partition("+")
    if frame in ("bd09", "gcj02"):
        lon, lat = _wgs84_to_gcj02(lon, lat)
    if frame == "bd09":
        lon, lat = _gcj02_to_bd09(lon, lat)
    if system:
        lon, lat = _arrays(*_system(system).transform(lon, lat, direction="INVERSE"))
    return lon, lat


class LocalMetres:
    """A plane in metres around one point of WGS 84, for the size of a city.

    Azimuthal equidistant on the WGS 84 ellipsoid: exact from the centre, and within 1 part in
    60,000 between any two points less than 50 km from it.

    Parameters
    ----------
    lon_deg, lat_deg
        Centre, WGS 84.
    """

    def __init__(self, *, lon_deg: float, lat_deg: float) -> None:
        self.lon_deg, self.lat_deg = float(lon_deg), float(lat_deg)
        plane = CRS.from_proj4(
            f"+proj=aeqd +lat_0={self.lat_deg:.7f} +lon_0={self.lon_deg:.7f} +datum=WGS84 +units=m"
        )
        self.crs = plane
        self._forward = Transformer.from_crs("EPSG:4326", plane, always_xy=True)

    def to_xy_m(self, *, lon_deg: ArrayLike, lat_deg: ArrayLike) -> Floats:
        """Give positions as an array of shape (n, 2), in metres east and north of the centre."""
        lon, lat = _arrays(lon_deg, lat_deg)
        return np.column_stack(self._forward.transform(lon, lat))

    def to_lon_lat_deg(self, xy_m: Floats) -> tuple[Floats, Floats]:
        """Give WGS 84 longitudes and latitudes of an array of shape (n, 2) in metres."""
        lon, lat = self._forward.transform(xy_m[:, 0], xy_m[:, 1], direction="INVERSE")
        return lon, lat


def _arrays(lon_deg: ArrayLike, lat_deg: ArrayLike) -> tuple[Floats, Floats]:
    return np.asarray(lon_deg, dtype=np.float64), np.asarray(lat_deg, dtype=np.float64)


@cache
def _system(name: str) -> Transformer:
    """Give what converts x and y of ``epsg:N`` to WGS 84; made once, for that takes a while."""
    return Transformer.from_crs(name.upper(), "EPSG:4326", always_xy=True)


def _known_to_proj(name: str) -> bool:
    """Tell whether PROJ has a system of the plane; not one of heights or of the whole globe."""
    try:
        system = CRS.from_user_input(name.partition("+")[0].upper())
    except CRSError:
        return False
    return (system.is_projected or system.is_geographic) and len(system.axis_info) == 2


def _in_china(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (lon >= 72.004) & (lon <= 137.8347) & (lat >= 0.8293) & (lat <= 55.8271)


def _wgs84_to_gcj02(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    wave = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    root = np.sqrt(np.abs(x))
    d_lat = (
        -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + (
            wave
            + 20.0 * np.sin(y * np.pi)
            + 40.0 * np.sin(y / 3.0 * np.pi)
            + 160.0 * np.sin(y / 12.0 * np.pi)
            + 320.0 * np.sin(y * np.pi / 30.0)
        )
        * 2.0
        / 3.0
    )
    d_lon = (
        300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + (
            wave
            + 20.0 * np.sin(x * np.pi)
            + 40.0 * np.sin(x / 3.0 * np.pi)
            + 150.0 * np.sin(x / 12.0 * np.pi)
            + 300.0 * np.sin(x / 30.0 * np.pi)
        )
        * 2.0
        / 3.0
    )
    phi = np.radians(lat)
    magic = 1.0 - _KRASOVSKY_EE * np.sin(phi) ** 2
    d_lat = np.degrees(d_lat * magic * np.sqrt(magic) / (_KRASOVSKY_A_M * (1.0 - _KRASOVSKY_EE)))
    d_lon = np.degrees(d_lon * np.sqrt(magic) / (_KRASOVSKY_A_M * np.cos(phi)))
    inside = _in_china(lon, lat)
    return lon + np.where(inside, d_lon, 0.0), lat + np.where(inside, d_lat, 0.0)


def _gcj02_to_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    inside = _in_china(lon, lat)
    return (
        np.where(inside, radius * np.cos(angle) + 0.0065, lon),
        np.where(inside, radius * np.sin(angle) + 0.006, lat),
    )


def _solve(
    forward: Callable[[Floats, Floats], tuple[Floats, Floats]],
    lon: Floats,
    lat: Floats,
    *,
    steps: int,
) -> tuple[Floats, Floats]:
    """Invert `forward` by fixed-point iteration; each step gains two digits or more."""
    x, y = lon.copy(), lat.copy()
    for _ in range(steps):
        fx, fy = forward(x, y)
        x, y = x + (lon - fx), y + (lat - fy)
    return x, y

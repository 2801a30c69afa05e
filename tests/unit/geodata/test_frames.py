"""Coordinate frames."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InvalidInputError
from geodata.frames import FRAMES, LocalMetres, check_frame, from_wgs84, to_wgs84

METRE_DEG = 1 / 111_000
CHINA_LON = st.floats(73, 135)
CHINA_LAT = st.floats(4, 53)


def plain_gcj02(lon: float, lat: float) -> tuple[float, float]:
    """The public formula, one number at a time, written from its published description."""
    x, y = lon - 105, lat - 35
    s = (20 * math.sin(6 * x * math.pi) + 20 * math.sin(2 * x * math.pi)) * 2 / 3
    dy = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + s
    dy += (20 * math.sin(y * math.pi) + 40 * math.sin(y / 3 * math.pi)) * 2 / 3
    dy += (160 * math.sin(y / 12 * math.pi) + 320 * math.sin(y * math.pi / 30)) * 2 / 3
    dx = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + s
    dx += (20 * math.sin(x * math.pi) + 40 * math.sin(x / 3 * math.pi)) * 2 / 3
    dx += (150 * math.sin(x / 12 * math.pi) + 300 * math.sin(x / 30 * math.pi)) * 2 / 3
    a, ee = 6378245.0, 0.00669342162296594323
    magic = 1 - ee * math.sin(math.radians(lat)) ** 2
    dy = dy * 180 / (a * (1 - ee) / (magic * math.sqrt(magic)) * math.pi)
    dx = dx * 180 / (a / math.sqrt(magic) * math.cos(math.radians(lat)) * math.pi)
    return lon + dx, lat + dy


@settings(deadline=None)
@given(lon=CHINA_LON, lat=CHINA_LAT, frame=st.sampled_from(FRAMES))
def test_inverse_is_exact_to_a_millimetre(lon: float, lat: float, frame: str) -> None:
    """Going to a frame and back ends within 1 mm of the start, everywhere in China."""
    x, y = from_wgs84(lon_deg=lon, lat_deg=lat, frame=frame)
    lon2, lat2 = to_wgs84(lon_deg=x, lat_deg=y, frame=frame)
    assert abs(lon2 - lon) < 0.001 * METRE_DEG
    assert abs(lat2 - lat) < 0.001 * METRE_DEG


@settings(deadline=None)
@given(lon=CHINA_LON, lat=CHINA_LAT)
def test_gcj02_is_the_public_formula(lon: float, lat: float) -> None:
    """The vectorised forward formula agrees with the published one, number by number."""
    x, y = from_wgs84(lon_deg=lon, lat_deg=lat, frame="gcj02")
    assert (float(x), float(y)) == pytest.approx(plain_gcj02(lon, lat), abs=1e-9)


@pytest.mark.parametrize(("lon", "lat", "shift_m"), [(113.66, 34.755, 571), (112.45, 34.66, 583)])
def test_shift_at_zhengzhou_and_luoyang(lon: float, lat: float, shift_m: float) -> None:
    """GCJ-02 is 571 m off at Zhengzhou and 583 m at Luoyang (published calculation)."""
    x, y = from_wgs84(lon_deg=lon, lat_deg=lat, frame="gcj02")
    east = (x - lon) * 111_320 * math.cos(math.radians(lat))
    assert math.hypot(east, (y - lat) * 110_940) == pytest.approx(shift_m, abs=2)


def test_bd09_is_about_1300_m_off_at_zhengzhou() -> None:
    """BD-09 lies 1.27 to 1.30 km from WGS 84 at Zhengzhou."""
    x, y = from_wgs84(lon_deg=113.66, lat_deg=34.755, frame="bd09")
    east = (x - 113.66) * 111_320 * math.cos(math.radians(34.755))
    assert 1265 < math.hypot(east, (y - 34.755) * 110_940) < 1310


def test_nothing_is_shifted_outside_china() -> None:
    """Porto Alegre stays where it is in every frame."""
    for frame in FRAMES:
        x, y = from_wgs84(lon_deg=-51.2, lat_deg=-30.05, frame=frame)
        assert (float(x), float(y)) == (-51.2, -30.05)


def krueger(lon: float, lat: float, *, meridian_deg: float) -> tuple[float, float]:
    """Gauss-Krüger on the CGCS2000 ellipsoid by Krüger's series in n (1912), false easting 500 km."""
    a, f = 6_378_137.0, 1 / 298.257222101
    n = f / (2 - f)
    radius = a / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16,
        13 * n**2 / 48 - 3 * n**3 / 5,
        61 * n**3 / 240,
    )
    phi, lam = math.radians(lat), math.radians(lon - meridian_deg)
    e = 2 * math.sqrt(n) / (1 + n)
    t = math.sinh(math.atanh(math.sin(phi)) - e * math.atanh(e * math.sin(phi)))
    xi = math.atan2(t, math.cos(lam))
    eta = math.atanh(math.sin(lam) / math.hypot(1.0, t))
    north, east = xi, eta
    for j, c in enumerate(alpha, start=1):
        north += c * math.sin(2 * j * xi) * math.cosh(2 * j * eta)
        east += c * math.cos(2 * j * xi) * math.sinh(2 * j * eta)
    return 500_000 + radius * east, radius * north


@pytest.mark.parametrize(
    ("frame", "meridian_deg", "zone"),
    [
        ("epsg:4547", 114, 0),
        ("epsg:4526", 114, 38),
        ("epsg:4546", 111, 0),
        ("epsg:4508", 111, 0),
        ("epsg:4497", 111, 19),
    ],
)
@settings(deadline=None)
@given(lon=st.floats(110, 115), lat=st.floats(20, 50))
def test_gauss_krueger_zones_follow_kruegers_series(
    frame: str, meridian_deg: float, zone: int, lon: float, lat: float
) -> None:
    """Zones of three and six degrees are the series; a zone's number stands before the easting."""
    x, y = from_wgs84(lon_deg=lon, lat_deg=lat, frame=frame)
    east, north = krueger(lon, lat, meridian_deg=meridian_deg)
    assert (float(x), float(y)) == pytest.approx((zone * 1e6 + east, north), abs=0.01)
    assert to_wgs84(lon_deg=x, lat_deg=y, frame=frame) == (
        pytest.approx(lon, abs=0.001 * METRE_DEG),
        pytest.approx(lat, abs=0.001 * METRE_DEG),
    )


@settings(deadline=None)
@given(lon=CHINA_LON, lat=CHINA_LAT)
def test_web_mercator_is_the_logarithm_of_the_sphere(lon: float, lat: float) -> None:
    """East is the arc, north the integral of the secant; a shifted base map shifts the degrees."""
    x, y = from_wgs84(lon_deg=lon, lat_deg=lat, frame="epsg:3857")
    north = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    arcs = 6_378_137.0 * math.radians(lon), 6_378_137.0 * north
    assert (float(x), float(y)) == pytest.approx(arcs, abs=0.001)
    shifted = from_wgs84(lon_deg=lon, lat_deg=lat, frame="epsg:3857+gcj02")
    degrees = from_wgs84(lon_deg=lon, lat_deg=lat, frame="gcj02")
    again = from_wgs84(lon_deg=degrees[0], lat_deg=degrees[1], frame="epsg:3857")
    assert np.array(shifted) == pytest.approx(np.array(again), abs=0.001)
    back = to_wgs84(lon_deg=shifted[0], lat_deg=shifted[1], frame="epsg:3857+gcj02")
    assert np.array(back) == pytest.approx([lon, lat], abs=0.001 * METRE_DEG)


@pytest.mark.parametrize("frame", ["epsg:3857", "epsg:4526", "epsg:4547", "epsg:3857+gcj02"])
def test_systems_of_the_plane_are_frames(frame: str) -> None:
    """A system that PROJ knows by number may be named."""
    assert check_frame(frame) == frame


@pytest.mark.parametrize(
    "frame", ["epsg:99999", "epsg:5773", "epsg:4979", "EPSG:4547", "epsg:4547+mars", "epsg:", ""]
)
def test_no_system_of_the_plane_is_refused(frame: str) -> None:
    """A number nobody gave, heights, a system of three axes and other spellings are no frames."""
    with pytest.raises(InvalidInputError, match="is not known"):
        check_frame(frame)


def test_unknown_frame_is_refused_with_the_known_names() -> None:
    """An unknown frame is an error that lists the frames there are."""
    with pytest.raises(InvalidInputError, match=r"utm.*wgs84, cgcs2000, gcj02, bd09"):
        to_wgs84(lon_deg=1.0, lat_deg=1.0, frame="utm")


@settings(deadline=None)
@given(x=st.floats(-40_000, 40_000), y=st.floats(-40_000, 40_000))
def test_local_metres_there_and_back(x: float, y: float) -> None:
    """Metres to degrees to metres is the identity within a millimetre."""
    plane = LocalMetres(lon_deg=113.66, lat_deg=34.75)
    lon, lat = plane.to_lon_lat_deg(np.array([[x, y]]))
    assert plane.to_xy_m(lon_deg=lon, lat_deg=lat)[0] == pytest.approx([x, y], abs=0.001)

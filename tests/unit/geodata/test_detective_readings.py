"""Which frames two columns of numbers could be in, before anything else is known."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.frames import from_wgs84
from geodata.inquiry.readings import convert, read

LON = np.array([113.612345, 113.654321, 113.701234, 113.580001])
LAT = np.array([34.712345, 34.754321, 34.801234, 34.690001])
CITY = (113.4, 34.6, 113.9, 34.9)
DEGREES = {"wgs84", "gcj02", "bd09"}


def written(frame: str, *, is_swapped: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Write the places down in a frame."""
    x, y = from_wgs84(lon_deg=LON, lat_deg=LAT, frame=frame)
    return (y, x) if is_swapped else (x, y)


@pytest.mark.parametrize("is_swapped", [False, True])
@pytest.mark.parametrize(
    ("frame", "fellows"),
    [
        ("wgs84", DEGREES),
        ("gcj02", DEGREES),
        ("bd09", DEGREES),
        ("epsg:3857", {"epsg:3857", "epsg:3857+gcj02"}),
        ("epsg:4526", {"epsg:4526"}),
        ("epsg:4497", {"epsg:4497"}),
        ("epsg:4547", {"epsg:4547"}),
        ("epsg:4546", {"epsg:4546", "epsg:32649"}),
    ],
)
def test_the_numbers_of_a_city_leave_few_frames(
    frame: str, fellows: set[str], is_swapped: bool
) -> None:
    """Size tells degrees, Mercator and zones apart, and the axes; the city tells the meridian."""
    found = read(*written(frame, is_swapped=is_swapped), box=CITY)
    assert {name for name, _ in found.names} == fellows
    assert {swapped for _, swapped in found.names} == {is_swapped}
    at = found.names.index((frame, is_swapped))
    assert found.lon_deg[at] == pytest.approx(LON, abs=1e-8)
    assert found.lat_deg[at] == pytest.approx(LAT, abs=1e-8)


def test_without_a_city_an_easting_fits_every_meridian() -> None:
    """Numbers that carry no zone could be in any of the 21 zones of three degrees, or in UTM."""
    found = {name for name, _ in read(*written("epsg:4547"), box=None).names}
    assert {f"epsg:{4534 + k}" for k in range(21)} <= found
    assert any(name.startswith("epsg:326") for name in found)


def test_a_plain_zone_of_six_degrees_is_told_as_the_equal_one_of_three() -> None:
    """Both have the meridian 111° E and the same numbers; one reading stands for both."""
    found = read(*written("epsg:4508"), box=CITY)
    assert ("epsg:4546", False) in found.names
    assert ("epsg:4508", False) not in found.names


def test_outside_china_the_shifted_frames_are_one() -> None:
    """No frame shifts Porto Alegre, so that only one reading is left."""
    lon, lat = np.array([-51.2, -51.21]), np.array([-30.05, -30.06])
    assert read(lon, lat, box=(-51.4, -30.2, -51.0, -29.9)).names == (("wgs84", False),)


@pytest.mark.parametrize(
    ("x", "y"), [([1.0, 2.0], [1.0, 2.0]), ([0.0], [0.0]), ([1e30], [5.0]), ([], [])]
)
def test_numbers_that_are_nowhere_have_no_reading(x: list[float], y: list[float]) -> None:
    """Zeros, tiny and absurd numbers are no coordinates in China."""
    assert read(np.array(x), np.array(y), box=None).names == ()


@pytest.mark.parametrize(("decimals", "step_m"), [(2, 1113.2), (3, 111.32), (6, 0.11132)])
def test_the_last_decimal_gives_the_rounding(decimals: int, step_m: float) -> None:
    """Three decimals of a degree stand for 111 m; a few rows with fewer do not matter."""
    x, y = np.round(np.tile(LON, 5), decimals), np.round(np.tile(LAT, 5), decimals)
    x[0] = round(x[0], 1)
    found = read(x, y, box=CITY)
    assert found.step_m == pytest.approx(np.full(len(found.names), step_m))


def test_one_row_with_the_axes_exchanged_is_a_reading_of_its_own() -> None:
    """A reading counts when it makes sense of a single row; the commonest stands first."""
    x, y = LON.copy(), LAT.copy()
    x[0], y[0] = y[0], x[0]
    found = read(x, y, box=CITY)
    assert found.names[0] == ("wgs84", False)
    at = found.names.index(("wgs84", True))
    assert found.is_there[at].tolist() == [True, False, False, False]


def test_rows_that_make_no_sense_in_a_reading_have_no_place() -> None:
    """Eastings are no degrees, and no number at all stays none."""
    lon, lat = convert(
        np.array([113.6, 468869.7, np.nan]), np.array([34.7, 3847465.7, 1.0]), ("gcj02", False)
    )
    assert np.isfinite(lon).tolist() == np.isfinite(lat).tolist() == [True, False, False]

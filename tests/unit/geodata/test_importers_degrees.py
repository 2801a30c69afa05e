"""Coordinates in every usual spelling are read to the last digit, or not at all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.importers.degrees import Pair, degrees_of, pair_of

DEGREES = st.integers(73, 135)
SIXTY = st.integers(0, 59)
HUNDREDTHS = st.integers(0, 5999)

SPELLINGS = (
    "{d}°{m}′{s}″", "{d}°{m}'{s}\"", "东经{d}度{m}分{s}秒", "{d}° {m}' {s}'' E", "E{d}°{m}′{s}″",
    "{d} {m} {s}", "{d}:{m}:{s}", "{d}d{m}m{s}s", "{d}º{m}ʹ{s}ʺ", "{d}。{m}′{s}″", " {d}°{m}’{s}”",
)  # fmt: skip


@given(d=DEGREES, m=SIXTY, s=HUNDREDTHS, spelling=st.sampled_from(SPELLINGS), wide=st.booleans())
def test_degrees_minutes_seconds(d: int, m: int, s: int, spelling: str, wide: bool) -> None:
    """However signs and width are chosen, the value is degrees + minutes / 60 + seconds / 3600."""
    text = spelling.format(d=d, m=f"{m:02d}", s=f"{s / 100:.2f}")
    if wide:
        text = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    assert degrees_of(text) == pytest.approx(d + m / 60 + s / 360_000, abs=1e-12)


@given(d=DEGREES, m=st.integers(0, 59_999), west=st.booleans())
def test_decimal_minutes(d: int, m: int, west: bool) -> None:
    """Minutes may have decimals, and W or 西经 makes them negative."""
    value = d + m / 60_000
    for side, sign in (("W", -1), ("西经", -1)) if west else (("E", 1), ("东经", 1), ("", 1)):
        text = f"{side}{d}°{m / 1000:.3f}′"
        assert degrees_of(text) == pytest.approx(sign * value, abs=1e-12)


@given(st.floats(-180, 180, allow_nan=False).map(lambda v: round(v, 7)))
def test_plain_numbers(value: float) -> None:
    """A number is itself, as a number and as text, with or without a degree sign."""
    assert degrees_of(value) == degrees_of(str(value)) == degrees_of(f" {value!r} ") == value
    assert degrees_of(f"{value:.7f}°") == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "113°60′", "113°37′60″", "113°37.5′12″", "113-37-12", "113,62", "113°", "°37′", "nan"],
)  # fmt: skip
def test_what_is_no_coordinate_is_not_guessed(text: str) -> None:
    """Minutes of 60, a decimal comma or a dash between the parts are left to a person."""
    value = degrees_of(text)
    assert math.isnan(value) or text == "113°"


@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    """Whatever a cell holds, the answer is a float, and a pair has both halves or neither."""
    assert isinstance(degrees_of(text), float)
    pair = pair_of(text)
    assert math.isnan(pair.x) == math.isnan(pair.y)


LON = st.integers(7_300_000, 13_500_000).map(lambda v: v / 100_000)
LAT = st.integers(300_000, 5_400_000).map(lambda v: v / 100_000)
BETWEEN = st.sampled_from([",", "，", ", ", " ", "; ", "、", "/"])


@given(lon=LON, lat=LAT, between=BETWEEN, is_lat_first=st.booleans())
def test_pairs_of_numbers(lon: float, lat: float, between: str, is_lat_first: bool) -> None:
    """Above 90 it can only be a longitude; below, the header's order counts."""
    text = f"{lat}{between}{lon}" if is_lat_first else f"{lon}{between}{lat}"
    told = pair_of(text, is_lat_first=is_lat_first)
    assert (told.x, told.y, told.is_lat_first) == (lon, lat, is_lat_first)
    if lon > 90:
        assert pair_of(text) == pair_of(text, is_lat_first=True) == told


@given(lon=LON, lat=LAT)
def test_letters_tell_which_is_which(lon: float, lat: float) -> None:
    """E and N, 东经 and 北纬 or names decide, in either order, also without a sign between."""
    for east, north in (
        ("E{}", "N{}"),
        ("{}E", "{}N"),
        ("东经{}°", "北纬{}°"),
        ("lng:{}", "lat:{}"),
    ):
        a, b = east.format(lon), north.format(lat)
        for between in (",", " ", ""):
            assert pair_of(a + between + b) == Pair(lon, lat)
            assert pair_of(b + between + a) == Pair(lon, lat, is_lat_first=True)
        assert math.isnan(pair_of(f"{a},{a}").x)
    assert pair_of(f"POINT ({lon} {lat})") == Pair(lon, lat)

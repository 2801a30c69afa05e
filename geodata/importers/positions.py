"""Find where the rows of a table are: which columns, which frame, and whether it can be true."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from geodata.checks import Finding, Severity
from geodata.errors import InvalidInputError
from geodata.frames import check_frame, to_wgs84
from geodata.importers import words
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y, RawTable

_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d*)?(?:e[+-]?\d{1,2})?|[+-]?\.\d+")
_DEGREES = re.compile(
    r"(?P<d>\d{1,3})[°度](?P<m>\d{1,2})['′分](?:(?P<s>\d{1,2}(?:\.\d+)?)(?:\"|''|″|′′|秒))?"
)
_SIDES = re.compile(r"^(?:东经|北纬|西经|南纬|[ewns])\s*|\s*[ewns°度]$")
_CHINA = (72.004, 0.8293, 137.8347, 55.8271)
_CHINA_LON, _CHINA_LAT = (73.0, 136.0), (3.0, 54.0)
_CHINESE_FRAMES = ("gcj02", "bd09", "cgcs2000")
_SHIFTED_FRAMES = ("gcj02", "bd09")

_Headers = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """Where the rows are, in the order of the table.

    Attributes
    ----------
    lon_deg, lat_deg
        Shape (n,): WGS 84; NaN where the row was refused.
    x, y
        Shape (n,): as they stand in the file, in `frame`; NaN where they cannot be read.
    frame
        One of `frames.FRAMES`, or ``epsg:N`` where a GIS file names such a system.
    findings
        Refused rows (``bad_coordinate``, ``swapped_coordinates``) and warnings.
    """

    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    frame: str
    findings: tuple[Finding, ...]


def locate(table: RawTable, *, frame: str, file_name: str) -> Positions:
    """Give the positions of all rows in WGS 84.

    Parameters
    ----------
    table
        Raw rows.
    frame
        Frame that a person named, or ``auto`` to go by what the file itself names.
    file_name
        How messages name the file.

    Raises
    ------
    InvalidInputError
        When columns are missing or ambiguous, or nobody names the frame.
    """
    pairs = _pairs(table, file_name)
    if not pairs:
        raise InvalidInputError(
            "{path} has no longitude and latitude in the same frame; its columns are {found}",
            path=file_name,
            found=", ".join(map(str, table.rows.columns)),
        )
    named, used, findings = _chosen(pairs, frame, file_name)
    x, y = _numbers(table, pairs[named])
    column = ", ".join(pairs[named])
    refused = {f.row for f in table.findings}
    judged = [
        finding
        for row, cells in zip(table.rows.index, zip(x, y, strict=True), strict=True)
        if row not in refused and (finding := _judged(int(row), *cells, used, column)) is not None
    ]
    refused |= {f.row for f in judged if f.severity == "error"}
    is_good = ~np.isin(table.rows.index.to_numpy(), [r for r in refused if r is not None])
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[is_good], lat[is_good] = _in_wgs84(x[is_good], y[is_good], used)
    return Positions(lon, lat, x, y, used, (*findings, *judged))


def _pairs(table: RawTable, file_name: str) -> dict[str | None, _Headers]:
    """Give the headers of longitude and latitude (or of both in one) by the frame they name."""
    if table.has_geometry:
        return {table.frame: (GEOMETRY_X, GEOMETRY_Y)}
    found: dict[str | None, dict[str, str]] = {}
    for header in table.rows.columns:
        field = words.field_of(header)
        if field not in ("lon", "lat", "lon_lat"):
            continue
        group = found.setdefault(words.frame_of(header), {})
        if field in group:
            raise InvalidInputError(
                "{path}: columns {first} and {second} say the same; remove one",
                path=file_name,
                first=group[field],
                second=header,
            )
        group[field] = header
    pairs: dict[str | None, _Headers] = {}
    for frame, group in found.items():
        if "lon" in group and "lat" in group:
            pairs[frame] = (group["lon"], group["lat"])
        elif "lon_lat" in group:
            pairs[frame] = (group["lon_lat"],)
    return pairs


def _chosen(
    pairs: Mapping[str | None, _Headers], frame: str, file_name: str
) -> tuple[str | None, str, list[Finding]]:
    """Choose the columns and the frame; what a person names goes before what the file names."""
    named = [f for f in pairs if f is not None]
    if frame == "auto":
        if len(named) == 1:
            return named[0], named[0], []
        if named:
            raise InvalidInputError(
                "{path} has coordinates in several frames: {frames}; "
                "say which to read with --frame",
                path=file_name,
                frames=", ".join(named),
            )
        raise InvalidInputError(
            "{path} does not say which coordinate frame it is in; add --frame wgs84, gcj02, bd09 "
            "or cgcs2000 (AMap and Tencent coordinates are gcj02, Baidu bd09, GPS wgs84, "
            "Tianditu cgcs2000)",
            path=file_name,
        )
    check_frame(frame)
    if frame in pairs:
        return frame, frame, []
    if None in pairs:
        return None, frame, []
    if len(named) > 1 or named[0].startswith("epsg:"):
        raise InvalidInputError(
            "{path} has coordinates in {frames}, not in {frame}; name one of these or leave "
            "--frame out",
            path=file_name,
            frames=", ".join(named),
            frame=frame,
        )
    overridden = Finding(
        "frame_overridden",
        "the file names the frame {named}, but {frame} was asked for and is used",
        {"named": named[0], "frame": frame},
        "file",
    )
    return named[0], frame, [overridden]


def _numbers(table: RawTable, headers: _Headers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if len(headers) == 1:
        halves = [_halves(v) for v in table.rows[headers[0]]]
        columns: list[Sequence[object]] = [[h[0] for h in halves], [h[1] for h in halves]]
    else:
        columns = [list(table.rows[h]) for h in headers]
    x, y = (np.array([_number(v) for v in c], dtype=np.float64) for c in columns)
    return x, y


def _halves(value: object) -> tuple[object, object]:
    parts = re.split(r"[,，;；\s]+", str(value or "").strip(" ()[]（）"))
    return (parts[0], parts[1]) if len(parts) == 2 else (None, None)


def _number(value: object) -> float:
    """Read degrees as a number or as degrees, minutes and seconds; NaN when it is neither."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    folded = unicodedata.normalize("NFKC", str(value if value is not None else ""))
    folded = folded.strip().lower()
    sign = -1.0 if re.search(r"^西经|^南纬|^[ws]|[ws]$", folded) else 1.0
    bare = _SIDES.sub("", folded)
    if _NUMBER.fullmatch(bare):
        return sign * float(bare)
    parts = _DEGREES.fullmatch(bare)
    if parts is None:
        return math.nan
    return sign * (int(parts["d"]) + int(parts["m"]) / 60 + float(parts["s"] or 0) / 3600)


def _judged(row: int, x: float, y: float, frame: str, column: str) -> Finding | None:
    """Say what is wrong with one pair of coordinates."""
    for is_wrong, code, severity, template in _RULES:
        if is_wrong(x, y, frame):
            details = {"row": row, "lon": x, "lat": y, "frame": frame}
            return Finding(code, template, details, "file", row, column, severity)
    return None


def _is_unreadable(x: float, y: float, _frame: str) -> bool:
    return not (math.isfinite(x) and math.isfinite(y))


def _is_zero(x: float, y: float, frame: str) -> bool:
    return x == 0 and y == 0 and not frame.startswith("epsg:")


def _is_swapped(x: float, y: float, frame: str) -> bool:
    if frame.startswith("epsg:"):
        return False
    in_china = _CHINA_LON[0] <= y <= _CHINA_LON[1] and _CHINA_LAT[0] <= x <= _CHINA_LAT[1]
    return (abs(x) <= 90 < abs(y) <= 180) or (frame in _CHINESE_FRAMES and in_china)


def _is_off_earth(x: float, y: float, frame: str) -> bool:
    return (abs(x) > 180 or abs(y) > 90) and not frame.startswith("epsg:")


def _is_unprojectable(x: float, y: float, frame: str) -> bool:
    if not frame.startswith("epsg:"):
        return False
    lon, lat = _in_wgs84(np.array([x]), np.array([y]), frame)
    return not (abs(lon[0]) <= 180 and abs(lat[0]) <= 90)


def _is_abroad(x: float, y: float, frame: str) -> bool:
    west, south, east, north = _CHINA
    return frame in _SHIFTED_FRAMES and not (west <= x <= east and south <= y <= north)


_RULES: tuple[tuple[Callable[[float, float, str], bool], str, Severity, str], ...] = (
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
        _is_swapped,
        "swapped_coordinates",
        "error",
        "row {row}: longitude {lon} and latitude {lat} look swapped; exchange them",
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


def _in_wgs84(
    x: NDArray[np.float64], y: NDArray[np.float64], frame: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not frame.startswith("epsg:"):
        return to_wgs84(lon_deg=x, lat_deg=y, frame=frame)
    lon, lat = Transformer.from_crs(frame.upper(), "EPSG:4326", always_xy=True).transform(x, y)
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)

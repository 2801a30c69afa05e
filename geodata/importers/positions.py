"""Find where the rows of a table are: which columns, which frame, and whether it can be true."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.frames import check_frame
from geodata.importers import words
from geodata.importers.position_rules import in_wgs84, judge
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y, RawTable

_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d*)?(?:e[+-]?\d{1,2})?|[+-]?\.\d+")
_DEGREES = re.compile(
    r"(?P<d>\d{1,3})[°度](?P<m>\d{1,2})['′分](?:(?P<s>\d{1,2}(?:\.\d+)?)(?:\"|''|″|′′|秒))?"
)
_SIDES = re.compile(r"^(?:东经|北纬|西经|南纬|[ewns])\s*|\s*[ewns°度]$")

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
        Frame that a person named, or ``auto`` to go by what the file itself names. A geometry's own
        frame goes before it (``frame_ignored``); before a column's header such as 经度(GCJ-02) it
        goes itself (``frame_overridden``), and it is refused when headers name several others.
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
    if table.has_geometry and table.frame is not None:
        named: str | None = table.frame
        used, findings = table.frame, ignored(table.frame, frame=frame, file_name=file_name)
    else:
        named, used, findings = _chosen(pairs, frame, file_name)
    x, y = _numbers(table, pairs[named])
    refused = {f.row for f in table.findings}
    found = judge(table.rows.index.to_numpy(), x, y, used, ", ".join(pairs[named]))
    judged = [f for f in found if f.row not in refused]
    refused |= {f.row for f in judged if f.severity == "error"}
    is_good = ~np.isin(table.rows.index.to_numpy(), [r for r in refused if r is not None])
    lon, lat = np.full(len(x), np.nan), np.full(len(x), np.nan)
    lon[is_good], lat[is_good] = in_wgs84(x[is_good], y[is_good], used)
    return Positions(lon, lat, x, y, used, (*findings, *judged))


def ignored(own: str, *, frame: str, file_name: str) -> list[Finding]:
    """Warn when a person names another frame than the format of the file, which is believed.

    Parameters
    ----------
    own
        Frame of a coordinate system, of a ``crs`` member or of H3 cells.
    frame
        What the person named, or ``auto``.
    file_name
        How messages name the file.

    Raises
    ------
    InvalidInputError
        When the person named a frame that is not known.
    """
    if frame == "auto" or check_frame(frame) == own:
        return []
    template = "{path} says it is in {own}; --frame {given} was not used"
    details = {"path": file_name, "own": own, "given": frame}
    return [Finding("frame_ignored", template, details, "file")]


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
    """Choose the columns and the frame; what a person names goes before what a header names."""
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
    if len(named) > 1:
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

"""Find where the rows of a table are: which columns, which frame, and whether it can be true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.frames import check_frame
from geodata.importers import words
from geodata.importers.coordinates import Coordinates, read_coordinates
from geodata.importers.framing import Detector, Framed, chosen, framed, overridden
from geodata.importers.how import Interpreted
from geodata.importers.mapping import COORDINATES, ColumnMap
from geodata.importers.position_rules import far_off, in_wgs84, judge
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y, RawTable

_Headers = tuple[str, ...]

_UNPROVEN = Finding(
    "frame_unproven",
    "the format of the file says WGS 84, but maps that draw in GCJ-02 write the same, and nothing "
    "in the rows shows which it is; ask the sender, for the places may be 500 m off",
    {},
    "file",
)

_ALWAYS_WGS84 = (".kml", ".kmz")


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
        One of `frames.FRAMES`, or ``epsg:N``.
    findings
        Refused rows (``bad_coordinate``, ``swapped_coordinates``) and warnings.
    confidence
        How surely the rows are in `frame`, 0 to 1; 1 when it was named.
    headers
        Of the columns that were read.
    interpreted
        Cells that were more than plain numbers.
    """

    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    frame: str
    findings: tuple[Finding, ...]
    confidence: float = 1.0
    headers: _Headers = ()
    interpreted: tuple[Interpreted, ...] = field(default_factory=tuple)


def locate(
    table: RawTable,
    *,
    frame: str,
    file_name: str,
    columns: ColumnMap | None = None,
    detect: Detector | None = None,
) -> Positions:
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
    columns
        Which columns hold coordinates; None goes by their headers alone.
    detect
        Tells the frame by what the rows say; it is asked where nobody names a frame, and heard
        where somebody does (``frame_doubted``). None asks nobody.

    Raises
    ------
    InvalidInputError
        When columns are missing or ambiguous, or the frame is neither named nor found out.
    """
    pairs = _pairs(table, columns, file_name)
    if not pairs:
        raise InvalidInputError(
            "{path} has no longitude and latitude in the same frame; its columns are {found}",
            path=file_name,
            found=", ".join(map(str, table.rows.columns)),
        )
    if table.has_geometry and table.frame is not None:
        headers, is_lat_first = pairs[table.frame]
        read = read_coordinates(table.rows, headers, is_lat_first=is_lat_first)
        return _of_a_format(table, read, headers, frame, detect, file_name)
    named, used, findings = chosen(
        [f for f in pairs if f is not None],
        frame,
        has_unnamed=None in pairs,
        can_detect=detect is not None,
        file_name=file_name,
    )
    headers, is_lat_first = pairs[named]
    read = read_coordinates(table.rows, headers, is_lat_first=is_lat_first)
    found = framed(
        read.x,
        read.y,
        table.rows.index.to_numpy(dtype=np.int64),
        frame=used,
        detect=detect,
        column=", ".join(headers),
        file_name=file_name,
    )
    return _placed(table, read, headers, found, findings)


def _of_a_format(
    table: RawTable,
    read: Coordinates,
    headers: _Headers,
    frame: str,
    detect: Detector | None,
    file_name: str,
) -> Positions:
    """Place the rows of a file whose format names a frame.

    It goes before what a person says, unless it is weak and the rows speak for another one, or the
    format cannot name another.
    """
    own = str(table.frame)
    told = None if frame == "auto" else check_frame(frame)
    is_weak = table.frame_is_weak and detect is not None
    believed = told if told and is_weak and file_name.lower().endswith(_ALWAYS_WGS84) else own
    found = framed(
        read.x,
        read.y,
        table.rows.index.to_numpy(dtype=np.int64),
        frame=believed,
        detect=detect,
        column=", ".join(headers),
        file_name=file_name,
        is_weak=is_weak,
    )
    findings = []
    is_told_apart = any(f.code == "frame_told" for f in found.findings)
    if is_weak and told is None and detect is not None and not is_told_apart:
        findings += [_UNPROVEN] if detect.knows_anything else []
    elif told is not None and found.frame == told != own:
        findings = [overridden(own, told)]
    elif told is not None and found.frame != told:
        findings = ignored(own, frame=told, file_name=file_name)
    return _placed(table, read, headers, found, findings)


def _placed(
    table: RawTable, read: Coordinates, headers: _Headers, found: Framed, findings: list[Finding]
) -> Positions:
    """Put numbers into WGS 84 and judge them."""
    rows = table.rows.index.to_numpy(dtype=np.int64)
    column = ", ".join(headers)
    broken = {f.row for f in table.findings if f.severity == "error"}
    judged = [f for f in judge(rows, found.x, found.y, found.frame, column) if f.row not in broken]
    refused = {f.row for f in judged if f.severity == "error"}
    told = [f for f in found.findings if f.row is None or f.row not in refused]
    is_good = ~np.isin(rows, [r for r in broken | refused if r is not None])
    lon, lat = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    lon[is_good], lat[is_good] = in_wgs84(found.x[is_good], found.y[is_good], found.frame)
    known = {f.row for f in judged}
    judged += [f for f in far_off(rows, lon, lat, column) if f.row not in known]
    return Positions(
        lon,
        lat,
        found.x,
        found.y,
        found.frame,
        (*findings, *read.findings, *told, *judged),
        found.confidence,
        headers,
        read.interpreted,
    )


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


def _pairs(
    table: RawTable, columns: ColumnMap | None, file_name: str
) -> Mapping[str | None, tuple[_Headers, bool]]:
    """Give the headers of x and y (or of both in one) by the frame they name.

    Each with whether the one column has the latitude first.
    """
    if table.has_geometry:
        return {table.frame: ((GEOMETRY_X, GEOMETRY_Y), False)}
    found: dict[str | None, dict[str, str]] = {}
    for header, name in _coordinate_columns(table, columns):
        group = found.setdefault(words.frame_of(header), {})
        if name in group:
            raise InvalidInputError(
                "{path}: columns {first} and {second} hold the same; put it into one column, or "
                "tables that stand side by side below each other",
                path=file_name,
                first=group[name],
                second=header,
            )
        group[name] = header
    pairs: dict[str | None, tuple[_Headers, bool]] = {}
    for frame, group in found.items():
        if "lon" in group and "lat" in group:
            pairs[frame] = ((group["lon"], group["lat"]), False)
        elif "lon_lat" in group:
            pairs[frame] = ((group["lon_lat"],), False)
        elif "lat_lon" in group:
            pairs[frame] = ((group["lat_lon"],), True)
    return pairs


def _coordinate_columns(table: RawTable, columns: ColumnMap | None) -> list[tuple[str, str]]:
    if columns is not None:
        return [(c.header, c.field) for c in columns.columns if c.field in COORDINATES]
    named = [(str(header), words.field_of(str(header))) for header in table.rows.columns]
    return [(header, name) for header, name in named if name is not None and name in COORDINATES]

"""Stations as vector tiles with counts by zoom, in one PMTiles file.

One layer, ``stations``. At the zooms below the last one a tile is divided into 8 × 8 cells and
holds a point for each cell with stations: their mean position and counts that need no clock
(`COUNTS`). At the last zoom it holds every station by itself. Cells nest in tiles, so no station is
counted twice or lost at a border, and at every zoom the counts add up to the whole.

The last zoom is the first from `SINGLE_ZOOM` to `DEEPEST` at which no tile holds more than
`MOST_IN_TILE` stations, so that tiles stay small where stations crowd.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import mapbox_vector_tile  # type: ignore[import-untyped]  # has no types
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from geodata.errors import InvalidInputError, UnavailableError
from geodata.hours import CODES, State, week_states

Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], bool]

LAYER = "stations"
COUNTS = ("n", "walk_in", "all_day")
"""Attributes of a cell: stations, those that anybody may walk into, those that never close."""

FACTS = ("id", "name", "entry", "status", "walk_in", "all_day", "is_synthetic")
"""Attributes of a station by itself."""

SINGLE_ZOOM = 12
DEEPEST = 14
MOST_IN_TILE = 800

_TEXTS = FACTS[:4]
_EXTENT = 4096
_EXTENT_BITS = 12
_CELL_BITS = 9  # 512 of 4096 units: 8 cells along the side of a tile
_OPTIONS = {"extents": _EXTENT, "y_coord_down": True, "check_winding_order": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class TilesWritten:
    """What was written: number of tiles, bytes of the largest one and of the file, last zoom."""

    n_tiles: int
    largest_bytes: int
    file_bytes: int
    last_zoom: int


def write_station_tiles(
    frame: gpd.GeoDataFrame, path: Path, *, progress: Progress | None = None
) -> TilesWritten:
    """Write the tiles of all stations of a frame, all or nothing.

    Equal frames give equal files, whatever the moment.

    Parameters
    ----------
    frame
        Stations frame (WGS 84) with ``id, name, entry, status, hours, is_synthetic``; every row is
        drawn, so give those that a worker is shown. What lies beyond 85.05° north or south is drawn
        at the edge of the map.
    path
        The PMTiles file; one that is there is replaced.
    progress
        Called with ``("tiles", zooms done, zooms in all)``; writing stops where it gives true.

    Raises
    ------
    InvalidInputError
        When the frame is empty: a file of tiles cannot be.
    UnavailableError
        When the file cannot be written, or the writing was stopped.
    """
    if len(frame) == 0:
        raise InvalidInputError("there are no stations to draw on a map; add some first")
    table = _table(frame)
    last = _last_zoom(table)
    part = path.with_name(f".{path.name}.part")
    try:
        try:
            with part.open("wb") as file:
                n_tiles, largest = _write(table, last, file, progress)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return TilesWritten(
            n_tiles=n_tiles,
            largest_bytes=largest,
            file_bytes=path.stat().st_size,
            last_zoom=last,
        )
    except OSError as error:
        raise UnavailableError(
            "the tiles {path} cannot be written ({reason}); check the folder and its space",
            path=path,
            reason=error.strerror,
        ) from error


def _table(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Give what is drawn, with the position in units of the last pixel of `DEEPEST`."""
    lon, lat = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    sine = np.sin(np.radians(lat))
    with np.errstate(divide="ignore"):
        north = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    units = 1 << (DEEPEST + _EXTENT_BITS)
    x, y = (
        np.clip(np.floor(share * units), 0, units - 1).astype(np.int64)
        for share in ((lon + 180) / 360, np.nan_to_num(north, posinf=1.0, neginf=0.0))
    )
    facts = {name: frame[name].astype(str).to_numpy() for name in _TEXTS}
    facts |= {str(name): column.to_numpy() for name, column in without_clock(frame).items()}
    facts |= {"is_synthetic": frame["is_synthetic"].to_numpy(bool)}
    return pd.DataFrame({"x": x, "y": y, **facts})


def without_clock(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    """Tell of each station what can be counted at any moment.

    Parameters
    ----------
    frame
        Stations frame with ``entry`` and ``hours``.

    Returns
    -------
    pandas.DataFrame
        ``walk_in`` (anybody may walk in) and ``all_day`` (its hours never end), bool, with the
        index of the frame.
    """
    hours = frame["hours"].fillna("").astype(str)
    always = {text: _is_all_day(text) for text in hours.unique()}
    return pd.DataFrame(
        {"walk_in": frame["entry"] == "walk_in", "all_day": hours.map(always).astype(bool)}
    )


def _is_all_day(hours: str) -> bool:
    try:
        return bool((week_states([hours]) == CODES[State.OPEN]).all())
    except InvalidInputError:  # hours that nobody can read promise nothing
        return False


def _last_zoom(table: pd.DataFrame) -> int:
    for zoom in range(SINGLE_ZOOM, DEEPEST):
        tile = _cell_of(table, _EXTENT_BITS + DEEPEST - zoom)
        if np.unique(tile, return_counts=True)[1].max() <= MOST_IN_TILE:
            return zoom
    return DEEPEST


def _cell_of(table: pd.DataFrame, bits: int) -> Ints:
    """Give the square that each place lies in, of a side of 2 to the `bits` units, as a number."""
    x, y = table["x"].to_numpy(np.int64), table["y"].to_numpy(np.int64)
    return ((x >> bits) << 32) | (y >> bits)


def _write(table: pd.DataFrame, last: int, file: Any, progress: Progress | None) -> tuple[int, int]:
    """Write tiles in the order of their numbers; give how many, and the bytes of the largest."""
    writer: Any = Writer(file)  # type: ignore[no-untyped-call]  # pmtiles has no types
    n_tiles = largest = 0
    try:
        for zoom in range(last + 1):
            if progress is not None and progress("tiles", zoom, last + 1):
                raise UnavailableError("the writing of the tiles was stopped; nothing has changed")
            features = _singles(table, zoom) if zoom == last else _cells(table, zoom)
            names = FACTS if zoom == last else COUNTS
            for number, content in _encoded(features, zoom, names):
                writer.write_tile(number, content)
                n_tiles, largest = n_tiles + 1, max(largest, len(content))
        writer.finalize(_header(table), _about(last))
    finally:
        writer.tile_f.close()  # the library leaves it open when it does not come to the end
    if progress is not None:
        progress("tiles", last + 1, last + 1)
    return n_tiles, largest


def _about(last: int) -> dict[str, object]:
    fields = dict.fromkeys(FACTS, "String") | dict.fromkeys(COUNTS, "Number")
    layer = {"id": LAYER, "fields": fields, "minzoom": 0, "maxzoom": last}
    return {"name": LAYER, "format": "pbf", "type": "overlay", "vector_layers": [layer]}


def _singles(table: pd.DataFrame, zoom: int) -> pd.DataFrame:
    """Give every station with its place in units of a zoom."""
    side = 1 << (DEEPEST - zoom)
    return table.assign(x=table["x"] // side, y=table["y"] // side)


def _cells(table: pd.DataFrame, zoom: int) -> pd.DataFrame:
    """Give the cells of a zoom: mean place of their stations, and how many there are."""
    side = 1 << (DEEPEST - zoom)
    cell = _cell_of(table, DEEPEST - zoom + _CELL_BITS)
    found = table[["x", "y", "walk_in", "all_day"]].astype(np.int64).assign(n=1).groupby(cell).sum()
    # In whole numbers a mean cannot be rounded out of its cell.
    return found.assign(x=found["x"] // found["n"] // side, y=found["y"] // found["n"] // side)


def _encoded(
    features: pd.DataFrame, zoom: int, names: tuple[str, ...]
) -> Iterator[tuple[int, bytes]]:
    """Give number and content of each tile of a zoom, in the order of their numbers."""
    tiles, tile = np.unique(_cell_of(features, _EXTENT_BITS), return_inverse=True)
    numbers = [zxy_to_tileid(zoom, key >> 32, key & 0xFFFFFFFF) for key in tiles.tolist()]
    ids = np.array(numbers, np.int64)[tile]
    order = np.argsort(ids, kind="stable")
    ids = ids[order]
    inside = _EXTENT - 1
    xy = features[["x", "y"]].to_numpy(np.int64)[order] & inside
    points: list[shapely.Point] = np.asarray(shapely.points(xy.astype(float))).tolist()
    columns = [features[name].to_numpy()[order].tolist() for name in names]
    made = [
        {"geometry": point, "properties": dict(zip(names, values, strict=True))}
        for point, *values in zip(points, *columns, strict=True)
    ]
    starts = np.flatnonzero(np.diff(ids, prepend=-1)).tolist()
    for start, end in zip(starts, [*starts[1:], len(made)], strict=True):
        layer = {"name": LAYER, "features": made[start:end]}
        content = mapbox_vector_tile.encode(layer, default_options=_OPTIONS)
        yield int(ids[start]), gzip.compress(content, 6, mtime=0)


def _header(table: pd.DataFrame) -> dict[str, object]:
    """Give the box of the stations, in ten-millionths of a degree."""
    units = 1 << (DEEPEST + _EXTENT_BITS)
    lon = np.array([table["x"].min(), table["x"].max() + 1]) / units * 360 - 180
    north = np.array([table["y"].max() + 1, table["y"].min()]) / units
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * north))))
    (west, east), (south, top) = (np.round(side * 1e7).astype(int).tolist() for side in (lon, lat))
    return {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": top,
        "center_zoom": 4,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + top) // 2,
    }

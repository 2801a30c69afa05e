"""The hexagon grid H3: cells of positions, their centres and outlines, and cells of areas.

A cell is written as H3 writes it, fifteen hexadecimal digits, lower case. Cells of resolution 9
have 0.1 km² (edge 0.2 km), of resolution 10 0.015 km² (edge 76 m). Positions are WGS 84 longitudes
and latitudes (Brodsky 2018, h3geo.org).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import shapely
from h3.api import basic_int
from numpy.typing import ArrayLike, NDArray

from geodata.errors import InvalidInputError

_FINEST = 15
_CELLS_PER_BLOCK = 49
Cells = NDArray[np.str_]


def cell_of(*, lon_deg: ArrayLike, lat_deg: ArrayLike, resolution: int) -> Cells:
    """Give the cell that each position lies in.

    Parameters
    ----------
    lon_deg, lat_deg
        WGS 84, shape (n,).
    resolution
        H3 resolution, 0 to 15.

    Returns
    -------
    numpy.ndarray
        Cell names, shape (n,), 15 characters each.

    Raises
    ------
    InvalidInputError
        When the resolution or a position does not exist.
    """
    numbers = cell_numbers(lon_deg=lon_deg, lat_deg=lat_deg, resolution=resolution)
    return np.array([basic_int.int_to_str(c) for c in numbers.tolist()], dtype="<U15")


def cell_numbers(*, lon_deg: ArrayLike, lat_deg: ArrayLike, resolution: int) -> NDArray[np.uint64]:
    """Give the cells of positions as numbers; like `cell_of`, for counting many points.

    Raises
    ------
    InvalidInputError
        When the resolution or a position does not exist.
    """
    lon, lat = (np.atleast_1d(np.asarray(a, dtype=np.float64)) for a in (lon_deg, lat_deg))
    _check_resolution(resolution)
    wrong = ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise InvalidInputError(
            "position {row}: longitude {lon}, latitude {lat} is no place on earth; "
            "degrees of WGS 84 are needed",
            row=first,
            lon=lon[first],
            lat=lat[first],
        )
    found = map(basic_int.latlng_to_cell, lat.tolist(), lon.tolist(), [resolution] * len(lat))
    return np.fromiter(found, np.uint64, len(lat))


def is_cell(values: Sequence[object] | pd.Series) -> NDArray[np.bool_]:
    """Tell which values are names of H3 cells, shape (n,); upper and lower case both count."""
    return np.array([isinstance(v, str) and h3.is_valid_cell(v) for v in values], dtype=bool)


def cell_centres(cells: Sequence[str] | Cells) -> gpd.GeoDataFrame:
    """Give the centre of each cell.

    Parameters
    ----------
    cells
        Cell names, shape (n,).

    Returns
    -------
    geopandas.GeoDataFrame
        Column `cell`, points in WGS 84, in the order given.

    Raises
    ------
    InvalidInputError
        When a name is not a cell.
    """
    names = _checked(cells)
    lat_lon = np.array([h3.cell_to_latlng(c) for c in names]).reshape(-1, 2)
    points = shapely.points(lat_lon[:, 1], lat_lon[:, 0])
    return gpd.GeoDataFrame({"cell": names}, geometry=points, crs="EPSG:4326")


def cell_polygons(cells: Sequence[str] | Cells) -> gpd.GeoDataFrame:
    """Give the outline of each cell.

    Parameters
    ----------
    cells
        Cell names, shape (n,); none on the 180th meridian, which a flat polygon cannot cross.

    Returns
    -------
    geopandas.GeoDataFrame
        Column `cell`, polygons in WGS 84, in the order given.

    Raises
    ------
    InvalidInputError
        When a name is not a cell, or a cell lies across the 180th meridian.
    """
    names = _checked(cells)
    rings = [[(lon, lat) for lat, lon in h3.cell_to_boundary(c)] for c in names]
    outlines = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    wide = shapely.bounds(outlines).reshape(-1, 4)
    across = wide[:, 2] - wide[:, 0] > 180
    if across.any():
        raise InvalidInputError(
            "H3 cell {cell} lies across the 180th meridian and has no flat outline; leave it out",
            cell=names[int(np.argmax(across))],
        )
    return gpd.GeoDataFrame({"cell": names}, geometry=outlines, crs="EPSG:4326")


def cells_of(areas: gpd.GeoDataFrame, resolution: int) -> pd.DataFrame:
    """Give the cells whose centre lies in each area.

    Parameters
    ----------
    areas
        Areas frame (polygons in WGS 84).
    resolution
        H3 resolution, 0 to 15.

    Returns
    -------
    pandas.DataFrame
        Columns `area_id` and `cell`, areas in their order and cells sorted. An area smaller than a
        cell may have none; areas that do not overlap share none.

    Raises
    ------
    InvalidInputError
        When the resolution does not exist.
    """
    _check_resolution(resolution)
    ids: list[Any] = []
    cells: list[str] = []
    for area_id, shape in zip(areas["id"], areas.geometry, strict=True):
        inside = cells_within(shape, resolution)
        ids += [area_id] * len(inside)
        cells += inside
    return pd.DataFrame({"area_id": ids, "cell": cells}, dtype=object)


def cells_within(shape: shapely.Geometry, resolution: int) -> list[str]:
    """Give the sorted cells whose centre lies in one polygon or multipolygon (WGS 84)."""
    found: set[str] = set()
    for part in shapely.get_parts(shape):
        if not part.is_empty:
            found.update(h3.geo_to_cells(part, resolution))
    return sorted(found)


def cells_near(cells: Sequence[str] | Cells, *, within_m: float) -> list[str]:
    """Give the sorted cells whose centre is at most this far from the centre of one of some cells.

    Parameters
    ----------
    cells
        Cell names of one resolution.
    within_m
        Great-circle metres, inclusive.

    Raises
    ------
    InvalidInputError
        When a name is not a cell.
    """
    found: set[str] = set()
    for cell in _checked(cells):
        centre = h3.cell_to_latlng(cell)
        apart_m = h3.average_hexagon_edge_length(h3.get_resolution(cell), "m")  # centres: 1.7 of it
        disk = h3.grid_disk(cell, int(within_m // apart_m) + 1)
        found.update(
            c
            for c in disk
            if h3.great_circle_distance(centre, h3.cell_to_latlng(c), unit="m") <= within_m
        )
    return sorted(found)


def radius_m(cells: Sequence[str] | Cells) -> float:
    """Give how far, at most, a place in one of some cells is from the cell's centre, in metres.

    Raises
    ------
    InvalidInputError
        When a name is not a cell.
    """
    return max(
        (
            h3.great_circle_distance(h3.cell_to_latlng(c), corner, unit="m")
            for c in _checked(cells)
            for corner in h3.cell_to_boundary(c)
        ),
        default=0.0,
    )


def counts(cells: Sequence[str] | Cells) -> pd.Series:
    """Count how often each cell occurs; index cell (sorted), values int64."""
    names, n = np.unique(np.asarray(cells, dtype="<U15"), return_counts=True)
    return pd.Series(n.astype(np.int64), index=pd.Index(names, name="cell"), name="n")


def above_usual(cells: NDArray[np.uint64], *, least_around: int) -> NDArray[np.float64]:
    """Tell which part of each cell's count is more than is usual around it.

    Usual is the median cell of the block around: two resolutions coarser, 49 cells, empty ones too.

    Parameters
    ----------
    cells
        Cell numbers of one resolution, shape (n,), one for each thing counted.
    least_around
        Cells that hold fewer than this together with their neighbours count nothing.

    Returns
    -------
    numpy.ndarray
        Shape (n,), 0 to 1: the share of the cell's count above the usual; 0 where it is within two
        standard deviations (Poisson) of the usual.
    """
    each, of, count = np.unique(cells, return_inverse=True, return_counts=True)
    usual = _usual(each, count)
    near = [basic_int.grid_disk(c, 1) for c in each.tolist()]
    flat = np.fromiter((c for disk in near for c in disk), np.uint64)
    at = np.minimum(np.searchsorted(each, flat), max(len(each) - 1, 0))
    held = np.where(each[at] == flat, count[at], 0)
    sizes = [len(disk) for disk in near]
    around = np.bincount(np.repeat(np.arange(len(each)), sizes), weights=held, minlength=len(each))
    stands_out = (around >= least_around) & (count > usual + 2 * np.sqrt(usual))
    return np.where(stands_out, 1.0 - usual / count, 0.0)[of]


def _usual(each: NDArray[np.uint64], count: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the median count of the 49 cells of each cell's block."""
    if len(each) == 0:
        return np.zeros(0)
    coarser = max(basic_int.get_resolution(int(each[0])) - 2, 0)
    block = np.array([basic_int.cell_to_parent(c, coarser) for c in each.tolist()], np.uint64)
    order = np.lexsort((-count, block))
    first = np.flatnonzero(np.r_[True, np.diff(block[order].astype(np.int64)) != 0])
    size = np.diff(np.r_[first, len(order)])
    half = _CELLS_PER_BLOCK // 2
    middle = np.where(size > half, count[order][np.minimum(first + half, len(order) - 1)], 0)
    usual = np.empty(len(each))
    usual[order] = np.repeat(middle, size)
    return usual


def _check_resolution(resolution: int) -> None:
    if not 0 <= resolution <= _FINEST:
        raise InvalidInputError(
            "H3 resolution {resolution!s} does not exist; use 0 (large) to 15 (small)",
            resolution=resolution,
        )


def _checked(cells: Sequence[str] | Cells) -> list[str]:
    names = [str(c) for c in cells]
    bad = np.flatnonzero(~is_cell(names))
    if len(bad):
        raise InvalidInputError(
            "row {row}: {value!s} is not an H3 cell; fifteen hexadecimal digits are needed",
            row=int(bad[0]),
            value=names[bad[0]],
        )
    return [n.lower() for n in names]

"""The scene: the texts of a sheet, what a city knows, and what of that lies near the rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.frames import Floats, LocalMetres
from geodata.inquiry import mentions
from geodata.inquiry.readings import Box

Objects = NDArray[np.object_]

ROOM_DEG = 0.1
"""So far around what the city knows a row may lie and still be in the city: about 10 km."""

_ROOM_M = 5000.0
_EDGE = 0.02
_NO_SHOPS = (
    "motorway", "motorway_link", "trunk_link", "footway", "path", "steps", "track", "service",
    "cycleway", "corridor", "platform", "elevator", "bridleway",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The text columns of n rows; a column that the sheet lacks is all empty.

    Attributes
    ----------
    names, addresses
        As `mentions.plain` gives them.
    districts
        As they stand.
    """

    names: list[str]
    addresses: list[str]
    districts: list[str]

    @classmethod
    def of(
        cls,
        rows: NDArray[np.intp],
        names: Sequence[object] | None,
        addresses: Sequence[object] | None,
        districts: Sequence[object] | None,
    ) -> Texts:
        """Take the cells of some rows; what is no text or number counts as empty."""
        said, lies = (mentions.plains(_cells(column, rows)) for column in (names, addresses))
        return cls(said, lies, _cells(districts, rows))

    def at(self, rows: NDArray[np.intp]) -> Texts:
        """Give some of the rows."""
        columns = (self.names, self.addresses, self.districts)
        return Texts(*([column[i] for i in rows.tolist()] for column in columns))


@dataclass(frozen=True, slots=True, eq=False)
class City:
    """What a city knows, in WGS 84; None where it knows nothing.

    Attributes
    ----------
    known, places
        Points with a column `name`.
    areas
        Polygons with columns `id` and `name`.
    streets
        A streets frame (`geodata.streets`).
    """

    known: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    streets: gpd.GeoDataFrame | None = None
    places: gpd.GeoDataFrame | None = None

    def box(self) -> Box | None:
        """Give the box around it with some room; single points far from the others left out."""
        wide = (f for f in (self.areas, self.streets) if f is not None and len(f))
        single = (f for f in (self.known, self.places) if f is not None and len(f))
        boxes = [frame.total_bounds for frame in wide]
        for frame in single:
            xy = shapely.get_coordinates(frame.geometry.to_numpy())
            boxes.append(np.quantile(xy, [_EDGE, 1 - _EDGE], axis=0).ravel())
        boxes = [b for b in boxes if np.isfinite(b).all()]
        if not boxes:
            return None
        west, south, east, north = np.array(boxes).T
        return (
            float(west.min()) - ROOM_DEG,
            float(south.min()) - ROOM_DEG,
            float(east.max()) + ROOM_DEG,
            float(north.max()) + ROOM_DEG,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Streets:
    """The streets near the rows.

    Attributes
    ----------
    lines
        Shape (m,), in metres.
    name
        Shape (m,): number of its name, -1 where it has none.
    words
        Number by name, as `mentions.plain` gives it.
    has_doors
        Shape (m,): whether stations may stand beside it; no motorway, footway and the like.
    """

    lines: Objects
    name: NDArray[np.intp]
    words: dict[str, int]
    has_doors: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Where the rows are, more or less: a plane, and the part of the city that matters.

    Attributes
    ----------
    city
        All of it.
    plane
        Metres around the middle of the rows.
    box
        West, south, east and north of most rows with some room.
    step_m
        Rounding of the sheet's numbers.
    streets
        Those in the box; None where the city knows none.
    """

    city: City
    plane: LocalMetres
    box: Box
    step_m: float
    streets: Streets | None

    @classmethod
    def around(cls, city: City, *, lon_deg: Floats, lat_deg: Floats, step_m: float) -> Scene:
        """Lay a plane around positions in WGS 84, finite and at least one."""
        plane = LocalMetres(lon_deg=float(np.median(lon_deg)), lat_deg=float(np.median(lat_deg)))
        xy = plane.to_xy_m(lon_deg=lon_deg, lat_deg=lat_deg)
        corners = np.quantile(xy, [_EDGE, 1 - _EDGE], axis=0)
        corners += np.array([[-_ROOM_M], [_ROOM_M]])
        lon, lat = plane.to_lon_lat_deg(corners)
        box = (float(lon[0]), float(lat[0]), float(lon[1]), float(lat[1]))
        streets = None if city.streets is None else _streets_in(_part(city.streets, box), plane)
        return cls(city, plane, box, step_m, streets)

    def in_metres(self, shapes: Objects) -> Objects:
        """Bring shapes from WGS 84 into the plane."""
        return _in_metres(shapes, self.plane)

    def part(self, frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        """Give the rows of a frame that lie in the box, at least in part."""
        return _part(frame, self.box)


def _cells(column: Sequence[object] | None, rows: NDArray[np.intp]) -> list[str]:
    """Give the cells of a column as texts; empty where there is none."""
    if column is None:
        return [""] * len(rows)
    cells = np.asarray(column, dtype=object)[rows]
    return [c.strip() if isinstance(c, str) else "" if pd.isna(c) else str(c) for c in cells]


def _part(frame: gpd.GeoDataFrame, box: Box) -> gpd.GeoDataFrame:
    west, south, east, north = box
    bounds = shapely.bounds(frame.geometry.to_numpy())
    inside = (bounds[:, 0] <= east) & (bounds[:, 2] >= west)
    return frame[inside & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)]


def _in_metres(shapes: Objects, plane: LocalMetres) -> Objects:
    def carry(degrees: Floats) -> Floats:
        return plane.to_xy_m(lon_deg=degrees[:, 0], lat_deg=degrees[:, 1])

    moved: Objects = shapely.transform(shapes, carry)
    return moved


def _streets_in(part: gpd.GeoDataFrame, plane: LocalMetres) -> Streets:
    part = part[part["role"] == "street"]
    code, different = pd.factorize(part["name"].to_numpy(dtype=object))
    names = mentions.plains([str(name) for name in different])
    words = mentions.vocabulary(names)
    number = np.array([words.get(name, -1) for name in names], dtype=np.intp)
    return Streets(
        _in_metres(part.geometry.to_numpy(), plane),
        number[code],
        words,
        ~part["highway"].isin(_NO_SHOPS).to_numpy(dtype=bool),
    )

"""The plan of the sample city: what stays the same whatever the seed is.

Read from ``layout.toml`` and brought into local metres: curves rounded, rings drawn, rivers given
their bends.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from geodata.frames import LocalMetres

Floats = NDArray[np.float64]

_BEND_M = 70.0
_BEND_LENGTH_M = 2300.0
_CURVE_STEP_M = 90.0
_CONFLUENCE_M = 330.0


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A well-known place.

    Attributes
    ----------
    kind
        rail, freight, mall, offices, interchange, residential, hospital, university, industry or
        district.
    xy_m
        Position in local metres, shape (2,).
    pull
        How much street and work it draws, 1 for the busiest.
    reach_m
        How far that is felt: the pull falls to 37 % there.
    """

    key: str
    name: str
    kind: str
    lon_deg: float
    lat_deg: float
    xy_m: Floats
    pull: float
    reach_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Barrier:
    """A river, a railway or the shore of a lake, in local metres.

    Attributes
    ----------
    half_width_m
        From the line to the nearest street beside it.
    footbridge_m
        Mean distance between small crossings; infinite for a lake.
    """

    name: str
    highway: str
    line: shapely.LineString
    half_width_m: float
    footbridge_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Road:
    """A main road, in local metres."""

    name: str
    highway: str
    line: shapely.LineString


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The whole plan.

    Attributes
    ----------
    plane
        Where the metres are.
    outline
        The edge of the city, a polygon in local metres.
    centres
        Everything that draws people, shape (n, 4): x and y in metres, pull, reach in metres; the
        anchors first.
    district_names, district_xy_m
        Seats of the districts, shape (n, 2).
    """

    name: str
    name_en: str
    plane: LocalMetres
    outline: shapely.Polygon
    anchors: tuple[Anchor, ...]
    barriers: tuple[Barrier, ...]
    roads: tuple[Road, ...]
    centres: Floats
    district_names: tuple[str, ...]
    district_xy_m: Floats


def read_layout() -> Layout:
    """Read the plan that comes with the package."""
    text = files("geodata.sample").joinpath("layout.toml").read_text("utf-8")
    table = tomllib.loads(text)
    lon, lat = table["centre"]
    local = [
        [*row["at"], row["pull"], row["reach_m"]] for row in table["anchors"] + table["centres"]
    ]
    plane = LocalMetres(lon_deg=lon, lat_deg=lat)
    return Layout(
        name=table["name"],
        name_en=table["name_en"],
        plane=plane,
        outline=shapely.Polygon(_xy(plane, table["outline"])),
        anchors=tuple(_anchor(plane, row) for row in table["anchors"]),
        barriers=_flowing_together([_barrier(plane, row) for row in table["barriers"]])
        + tuple(_lake(plane, row) for row in table["lakes"]),
        roads=tuple(_road(plane, row) for row in table["roads"])
        + tuple(road for row in table["rings"] for road in _ring(plane, row))
        + tuple(_circle(plane, row) for row in table["circles"]),
        centres=np.column_stack([_xy(plane, [c[:2] for c in local]), np.array(local)[:, 2:]]),
        district_names=tuple(row["name"] for row in table["districts"]),
        district_xy_m=_xy(plane, [row["at"] for row in table["districts"]]),
    )


def pull_at(layout: Layout, xy_m: Floats) -> Floats:
    """Give how strongly the centres draw people to points of shape (n, 2); 0 far from all."""
    return sum_of_pulls(layout.centres, xy_m)


def sum_of_pulls(centres: Floats, xy_m: Floats) -> Floats:
    """Add up the pull of centres (x, y, pull, reach; shape (k, 4)) at points of shape (n, 2).

    Each falls off as ``pull * exp(-(distance / reach)**2)``.
    """
    x, y, pull, reach = centres.T
    away2 = ((xy_m[:, :1] - x) ** 2 + (xy_m[:, 1:] - y) ** 2) / reach**2
    total: Floats = (pull * np.exp(-away2)).sum(axis=1)
    return total


def _xy(plane: LocalMetres, points: list[list[float]]) -> Floats:
    lon, lat = np.array(points).T
    return plane.to_xy_m(lon_deg=lon, lat_deg=lat)


def _anchor(plane: LocalMetres, row: dict[str, Any]) -> Anchor:
    return Anchor(
        key=row["key"],
        name=row["name"],
        kind=row["kind"],
        lon_deg=row["at"][0],
        lat_deg=row["at"][1],
        xy_m=_xy(plane, [row["at"]])[0],
        pull=row["pull"],
        reach_m=row["reach_m"],
    )


def _barrier(plane: LocalMetres, row: dict[str, Any]) -> Barrier:
    line = shapely.LineString(_rounded(_xy(plane, row["points"])))
    if row["highway"] == "river":
        line = _meander(line)
    return Barrier(row["name"], row["highway"], line, row["half_width_m"], row["footbridge_m"])


def _flowing_together(barriers: list[Barrier]) -> tuple[Barrier, ...]:
    """Let each river that ends near another end in it."""
    result = []
    for barrier in barriers:
        rivers = [b.line for b in barriers if b.highway == "river" and b.name != barrier.name]
        line = barrier.line
        if barrier.highway == "river":
            line = _ending_in(line, shapely.union_all(rivers))
            line = _ending_in(line.reverse(), shapely.union_all(rivers)).reverse()
        result.append(replace(barrier, line=line))
    return tuple(result)


def _ending_in(line: shapely.LineString, others: shapely.Geometry) -> shapely.LineString:
    """Cut or draw on the far end of a line so that it lies on the others, if they are near it."""
    tip = shapely.get_point(line, -1)
    if shapely.distance(tip, others) > _CONFLUENCE_M:
        return line
    last = substring(line, line.length - 2 * _CONFLUENCE_M, line.length)
    at, there = shapely.get_coordinates(shapely.shortest_line(last, others))
    kept = substring(line, 0, line.project(shapely.Point(at)))
    return shapely.LineString(np.vstack([shapely.get_coordinates(kept), there]))


def _lake(plane: LocalMetres, row: dict[str, Any]) -> Barrier:
    turn = np.linspace(0, 2 * np.pi, 49)
    wave = 1 + 0.10 * np.sin(3 * turn + 0.7) + 0.06 * np.sin(5 * turn)
    rim = np.column_stack([np.cos(turn), np.sin(turn)]) * np.array(row["radius_m"])
    shore = rim * wave[:, None] + _xy(plane, [row["at"]])
    shore[-1] = shore[0]
    line = shapely.LineString(shore)
    return Barrier(row["name"], "water", line, row["half_width_m"], np.inf)


def _road(plane: LocalMetres, row: dict[str, Any]) -> Road:
    line = shapely.LineString(_rounded(_xy(plane, row["points"])))
    return Road(row["name"], row["highway"], line)


def _circle(plane: LocalMetres, row: dict[str, Any]) -> Road:
    turn = np.linspace(0, 2 * np.pi, max(24, int(row["radius_m"] / 16)))
    circle = np.column_stack([np.cos(turn), np.sin(turn)]) * row["radius_m"]
    circle[-1] = circle[0]
    return Road(row["name"], row["highway"], shapely.LineString(circle + _xy(plane, [row["at"]])))


def _ring(plane: LocalMetres, row: dict[str, Any]) -> list[Road]:
    """Draw a ring road with round corners as four roads that meet in the middle of the corners."""
    west, south, east, north = row["west_south_east_north"]
    (x0, y0), (x1, y1) = _xy(plane, [[west, south], [east, north]])
    radius = row["corner_m"]
    quarter = np.linspace(0, np.pi / 2, max(8, int(radius / 100)))
    middles = [(x1, y1), (x1, y0), (x0, y0), (x0, y1)]  # corners NE, SE, SW, NW
    signs = [(1, 1), (1, -1), (-1, -1), (-1, 1)]
    arcs = []
    for k, ((x, y), (sx, sy)) in enumerate(zip(middles, signs, strict=True)):
        turn = quarter if k % 2 else quarter[::-1]  # clockwise all the way round
        arc = np.column_stack([np.cos(turn) * sx, np.sin(turn) * sy]) * radius
        arcs.append(arc + np.array([x - sx * radius, y - sy * radius]))
    sides = []
    for k, name in enumerate(row["names"]):
        before, after = arcs[k - 1], arcs[k]
        points = np.vstack([before[len(before) // 2 :], after[: len(after) // 2 + 1]])
        sides.append(Road(name, row["highway"], shapely.LineString(points)))
    return sides


def _rounded(points: Floats, rounds: int = 3) -> Floats:
    """Cut the corners of a line (Chaikin 1974), keeping its ends."""
    for _ in range(rounds):
        a, b = points[:-1], points[1:]
        cut = np.stack([0.75 * a + 0.25 * b, 0.25 * a + 0.75 * b], axis=1).reshape(-1, 2)
        points = np.vstack([points[:1], cut[1:-1], points[-1:]])
    return points


def _meander(line: shapely.LineString) -> shapely.LineString:
    """Let a river swing to both sides of its course."""
    along = np.linspace(0, line.length, int(line.length / _CURVE_STEP_M))
    points = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
    heading = np.gradient(points, axis=0)
    heading /= np.hypot(*heading.T)[:, None]
    phase = line.length  # any fixed number; differs from river to river
    swing = np.sin(2 * np.pi * along / _BEND_LENGTH_M + phase)
    swing += 0.45 * np.sin(2 * np.pi * along / (0.37 * _BEND_LENGTH_M) + 2 * phase)
    aside = np.column_stack([-heading[:, 1], heading[:, 0]])
    ends = np.minimum(1, np.minimum(along, line.length - along) / 400)
    return shapely.LineString(points + aside * (_BEND_M * swing * ends)[:, None])

"""The skeleton of the street network: main roads, banks of rivers and railways, and blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.layout import Barrier, Layout, pull_at

Objects = NDArray[np.object_]
Strings = NDArray[np.str_]

_EDGE_OF_CITY_M = 60.0
_REACH_OTHER_ROAD_M = 320.0
_GRID_M = 0.01
_TOUCH_M = 0.05
_CLEAR_OF_ROADS_M = 170.0
_FOOTBRIDGE_PULL = 0.04
_BANKS = {  # highway class of a stretch beside a barrier, with its share; "" is no street at all
    "river": (("residential", "footway", ""), (0.50, 0.36, 0.14)),
    "water": (("pedestrian", "footway", ""), (0.45, 0.55, 0.0)),
    "railway": (("residential", "service", ""), (0.34, 0.26, 0.40)),
}


@dataclass(frozen=True, slots=True, eq=False)
class Skeleton:
    """Main roads cut at their crossings, stretches of bank, and what lies between, in local metres.

    Attributes
    ----------
    lines
        Lines that meet at their ends only, except that a footbridge ends on a bank.
    highway, name
        OpenStreetMap class and name of each line; the class is empty where nobody can go, the name
        where it has none yet.
    may_cross
        Whether the line may cross rivers and railways: main roads and footbridges.
    blocks
        Polygons between the lines, without the corridors of rivers and railways.
    """

    lines: Objects
    highway: Strings
    name: Strings
    may_cross: NDArray[np.bool_]
    blocks: Objects


def make_skeleton(layout: Layout, rng: np.random.Generator) -> Skeleton:
    """Lay the main roads over rivers and railways and cut everything where it crosses."""
    inner = layout.outline.buffer(-_EDGE_OF_CITY_M)
    roads = shapely.intersection(_reaching_each_other(layout), inner)
    corridor = shapely.union_all(np.array([_corridor(barrier) for barrier in layout.barriers]))
    banks = shapely.intersection(corridor.boundary, inner)
    parts = shapely.get_parts(shapely.union_all([*roads, banks, inner.exterior], grid_size=_GRID_M))
    parts, blocks = _blocks_between(parts)
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    owner, is_road = _owner(roads, middle)
    is_bank = ~is_road & (shapely.distance(banks, middle) < _TOUCH_M)
    highway = np.where(is_road, np.array([r.highway for r in layout.roads])[owner], "").astype(
        "<U16"
    )
    name = np.where(is_road, np.array([r.name for r in layout.roads])[owner], "").astype("<U24")
    beside, _ = _owner(np.array([b.line for b in layout.barriers]), middle[is_bank])
    highway[is_bank], bank_names = _bank_streets(layout, beside, rng)
    name[is_bank] = bank_names
    bridges, bridge_highway, bridge_name = _footbridges(layout, roads, corridor, inner, rng)
    highway = _keep_banks_of(bridges, parts, highway, is_bank)
    shapely.prepare(corridor)
    outside = ~shapely.contains(corridor, shapely.point_on_surface(blocks))
    return Skeleton(
        lines=np.concatenate([parts, bridges]),
        highway=np.concatenate([highway, bridge_highway]),
        name=np.concatenate([name, bridge_name]),
        may_cross=np.concatenate([is_road, np.ones(len(bridges), dtype=bool)]),
        blocks=blocks[outside],
    )


def _reaching_each_other(layout: Layout) -> Objects:
    """Draw roads on to the next road where they end a little short of it."""
    lines = np.array([road.line for road in layout.roads])
    result = lines.copy()
    for k, line in enumerate(lines):
        others = shapely.union_all(np.delete(lines, k))
        points = shapely.get_coordinates(line)
        for end in (0, -1):
            tip = shapely.Point(points[end])
            last = line.intersection(tip.buffer(_REACH_OTHER_ROAD_M))
            if others.intersects(last) or others.distance(tip) > _REACH_OTHER_ROAD_M:
                continue
            near = shapely.get_coordinates(shapely.shortest_line(tip, others))[1]
            beyond = near + (near - points[end]) / np.hypot(*(near - points[end])) * 0.5
            points = np.vstack([beyond, points] if end == 0 else [points, beyond])
        result[k] = shapely.LineString(points)
    return result


def _corridor(barrier: Barrier) -> shapely.Geometry:
    shape = shapely.Polygon(barrier.line) if barrier.highway == "water" else barrier.line
    return shapely.simplify(shapely.buffer(shape, barrier.half_width_m, quad_segs=4), 3.0)


def _blocks_between(parts: Objects) -> tuple[Objects, Objects]:
    """Give the faces, and the parts that bound one on each side (no loose ends)."""
    faces, cuts, dangles, _ = shapely.polygonize_full(parts)
    loose = shapely.union_all(np.array([cuts, dangles], dtype=object))
    middle = shapely.line_interpolate_point(parts, 0.5, normalized=True)
    kept = parts if loose.is_empty else parts[shapely.distance(loose, middle) > _TOUCH_M]
    return kept, shapely.get_parts(faces)


def _owner(lines: Objects, points: Objects) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Give the nearest line to each point, and whether the point lies on it."""
    tree = shapely.STRtree(lines)
    (who, owner), away = tree.query_nearest(points, return_distance=True, all_matches=False)
    order = np.argsort(who)
    return owner[order], away[order] < _TOUCH_M


def _bank_streets(
    layout: Layout, beside: NDArray[np.intp], rng: np.random.Generator
) -> tuple[Strings, Strings]:
    """Choose what runs along each stretch of bank."""
    kind = np.array([b.highway for b in layout.barriers])[beside]
    place = np.array([b.name for b in layout.barriers])[beside]
    highway = np.full(len(beside), "", dtype="<U16")
    for barrier, (classes, shares) in _BANKS.items():
        mine = kind == barrier
        highway[mine] = rng.choice(classes, p=shares, size=int(mine.sum()))
    ending = np.where(kind == "water", "环湖步道", "滨河路")
    ending = np.where((kind == "river") & (highway == "footway"), "绿道", ending)
    return highway, np.where(kind == "railway", "", np.char.add(place, ending))


def _footbridges(
    layout: Layout,
    roads: Objects,
    corridor: shapely.Geometry,
    inner: shapely.Geometry,
    rng: np.random.Generator,
) -> tuple[Objects, Strings, Strings]:
    """Lay small crossings between the banks, away from main roads and only where people are."""
    main = shapely.union_all(roads)
    lines, classes, names = [], [], []
    for barrier in layout.barriers:
        at = 0.0
        while np.isfinite(barrier.footbridge_m):
            at += barrier.footbridge_m * rng.uniform(0.6, 1.4)
            if at >= barrier.line.length:
                break
            across = _across(barrier, at, corridor)
            if across is None or not shapely.contains(inner, across):
                continue
            middle = shapely.get_coordinates(across.centroid)
            if main.distance(across) < _CLEAR_OF_ROADS_M:
                continue
            if pull_at(layout, middle)[0] < _FOOTBRIDGE_PULL:
                continue
            lines.append(across)
            stairs = barrier.highway == "railway" and rng.random() < 0.5
            classes.append("steps" if stairs else "footway")
            names.append(f"{barrier.name}人行{'天桥' if stairs else '通道'}")
    return np.array(lines, dtype=object), np.array(classes), np.array(names)


def _across(barrier: Barrier, at_m: float, corridor: shapely.Geometry) -> shapely.LineString | None:
    """Draw a line from bank to bank; None where corridors run together."""
    here, next_ = shapely.get_coordinates(
        shapely.line_interpolate_point(barrier.line, [at_m, at_m + 5.0])
    )
    heading = (next_ - here) / max(float(np.hypot(*(next_ - here))), 1e-9)
    arm = np.array([-heading[1], heading[0]]) * barrier.half_width_m * 2.5
    piece = shapely.LineString([here - arm, here + arm]).intersection(corridor)
    if not isinstance(piece, shapely.LineString) or piece.length > 3.0 * barrier.half_width_m:
        return None
    return piece


def _keep_banks_of(
    bridges: Objects, parts: Objects, highway: Strings, is_bank: NDArray[np.bool_]
) -> Strings:
    """Make sure that a footbridge ends on something."""
    ends = np.concatenate([shapely.get_point(bridges, 0), shapely.get_point(bridges, -1)])
    near = np.zeros(len(parts), dtype=bool)
    near[shapely.STRtree(parts).query(ends, predicate="dwithin", distance=_TOUCH_M)[1]] = True
    return np.where(near & is_bank & (highway == ""), "residential", highway)

"""Plain Dijkstra on a streets frame in which every street is split where a place stands: the slow way.

Nothing here comes from the product but the frame: lines are put on a plane by a transverse Mercator
of its own, the nearest street is found by looking at every one, times are seconds as the frame's
columns give them, and walkers off the street go 1.25 m/s.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pyproj
import shapely

OFF_STREET_M_PER_S = 1.25
SNAP_LIMIT_M = 300.0
COLUMNS = {"walk": ("walk_s", "walk_back_s"), "ebike": ("ebike_s", "ebike_back_s")}


@dataclass(frozen=True)
class Edge:
    """A street as a mode sees it; NaN seconds where a direction is not permitted."""

    u: int
    v: int
    line: shapely.LineString
    there_s: float
    back_s: float


@dataclass(frozen=True)
class Place:
    """A place on its nearest street; `is_tied` when another is as near to within a millimetre."""

    edge: int
    along: float
    walk_s: float
    is_tied: bool


class Town:
    """The streets of a frame for one mode. There must be no barriers and no bridges."""

    def __init__(self, streets: gpd.GeoDataFrame, mode: str) -> None:
        assert (streets["role"] == "street").all()
        assert not streets["is_bridge"].any()
        west, south, east, north = streets.total_bounds
        plane = f"+proj=tmerc +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +ellps=WGS84"
        self._to_plane = pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True).transform
        there, back = COLUMNS[mode]
        rows = zip(
            streets["u"], streets["v"], streets.geometry, streets[there], streets[back], strict=True
        )
        self.edges = [
            Edge(u, v, shapely.LineString(self._metres(line.coords)), t, b)
            for u, v, line, t, b in rows
            if not (math.isnan(t) and math.isnan(b))
        ]

    def place(self, point: shapely.Point) -> Place | None:
        """Put a place on its nearest street by looking at all of them; None when it is too far."""
        here = shapely.Point(self._metres(point.coords)[0])
        distances = [here.distance(edge.line) for edge in self.edges]
        k = min(range(len(distances)), key=distances.__getitem__)
        if distances[k] > SNAP_LIMIT_M:
            return None
        line = self.edges[k].line
        along = line.project(here) / line.length
        # At a junction several streets are equally near, and all of them lead through it.
        foot = line.interpolate(along, normalized=True)
        is_tied = any(
            d - distances[k] < 0.001 and foot.distance(edge.line) > 0.001
            for d, edge in zip(distances, self.edges, strict=True)
        )
        return Place(k, along, distances[k] / OFF_STREET_M_PER_S, is_tied)

    def travel_s(self, origins: list[Place], destinations: list[Place]) -> np.ndarray:
        """Give the seconds from each origin to each destination, infinite where there is no way."""
        stops: dict[int, list[tuple[float, object]]] = {}
        for kind, places in (("from", origins), ("to", destinations)):
            for i, place in enumerate(places):
                stops.setdefault(place.edge, []).append((place.along, (kind, i)))
        graph: dict[object, list[tuple[object, float]]] = {}
        for k, edge in enumerate(self.edges):
            for x, y, seconds in _pieces(edge, stops.get(k, [])):
                graph.setdefault(x, []).append((y, seconds))
        found = np.full((len(origins), len(destinations)), math.inf)
        for i, origin in enumerate(origins):
            reached = _dijkstra(graph, ("from", i))
            for j, destination in enumerate(destinations):
                way_s = reached.get(("to", j), math.inf)
                found[i, j] = origin.walk_s + way_s + destination.walk_s
        return found

    def _metres(self, coords) -> list[tuple[float, float]]:
        return [self._to_plane(*position) for position in coords]


def _pieces(
    edge: Edge, stops: list[tuple[float, object]]
) -> Iterator[tuple[object, object, float]]:
    """Split a street at its stops and give what is permitted of the pieces, in both directions."""
    inner = sorted(stops, key=lambda stop: stop[0])
    for (a, x), (b, y) in pairwise([(0.0, edge.u), *inner, (1.0, edge.v)]):
        # Two places on one spot are at each other whatever the one-way rule.
        is_same = b == a
        if is_same or not math.isnan(edge.there_s):
            yield x, y, 0.0 if is_same else (b - a) * edge.there_s
        if is_same or not math.isnan(edge.back_s):
            yield y, x, 0.0 if is_same else (b - a) * edge.back_s


def _dijkstra(
    graph: dict[object, list[tuple[object, float]]], start: object
) -> dict[object, float]:
    reached: dict[object, float] = {}
    heap: list[tuple[float, int, object]] = [(0.0, 0, start)]
    count = 0
    while heap:
        so_far_s, _, x = heapq.heappop(heap)
        if x in reached:
            continue
        reached[x] = so_far_s
        for y, seconds in graph.get(x, []):
            count += 1
            heapq.heappush(heap, (so_far_s + seconds, count, y))
    return reached


def choose(rng: np.random.Generator, n: int, half_m: float) -> np.ndarray:
    """Choose n places in a square."""
    return rng.uniform(-half_m, half_m, (n, 2))

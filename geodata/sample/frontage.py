"""Places beside streets: where a door, a counter or a parking bay can be."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.layout import Layout, pull_at

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAIN = ("trunk", "primary", "secondary")
_OPEN_TO_DOORS = (*MAIN, "tertiary", "residential", "living_street", "unclassified", "pedestrian")
_SETBACK_M = (6.0, 17.0)


@dataclass(frozen=True, slots=True, eq=False)
class Frontage:
    """Named streets that doors can open to, in local metres; one row an edge.

    Attributes
    ----------
    lines, name, highway, length_m
        Shape (n,).
    xy_m
        Middle of each edge, shape (n, 2).
    pull
        How strongly the anchors draw people there; see `geodata.sample.layout.pull_at`.
    """

    lines: NDArray[np.object_]
    name: NDArray[np.str_]
    highway: NDArray[np.str_]
    length_m: Floats
    xy_m: Floats
    pull: Floats


def frontage_of(streets: gpd.GeoDataFrame, layout: Layout) -> Frontage:
    """Pick the streets that places stand at: no bridges, footpaths or nameless lanes."""
    fit = streets["highway"].isin(_OPEN_TO_DOORS) & ~streets["is_bridge"] & (streets["name"] != "")
    rows = streets[fit]
    lines = shapely.transform(
        rows.geometry.to_numpy(),
        lambda c: layout.plane.to_xy_m(lon_deg=c[:, 0], lat_deg=c[:, 1]),
    )
    middle = shapely.get_coordinates(shapely.line_interpolate_point(lines, 0.5, normalized=True))
    return Frontage(
        lines=lines,
        name=rows["name"].to_numpy(dtype=str),
        highway=rows["highway"].to_numpy(dtype=str),
        length_m=rows["length_m"].to_numpy(dtype=np.float64),
        xy_m=middle,
        pull=pull_at(layout, middle),
    )


def draw_edges(weight: Floats, n: int, rng: np.random.Generator) -> Ints:
    """Draw n different edges, likelier where the weight is larger, likeliest first.

    Exponential keys of Efraimidis and Spirakis (2006): one random number each, no loop.
    """
    key = rng.exponential(size=len(weight)) / np.maximum(weight, 1e-12)
    best: Ints = np.argpartition(key, n)[:n]
    order: Ints = best[np.argsort(key[best])]
    return order


def beside(frontage: Frontage, edge: Ints, rng: np.random.Generator) -> Floats:
    """Give a place beside each of the edges, on either side, shape (n, 2) in local metres."""
    n = len(edge)
    share = rng.uniform(0.12, 0.88, n)
    lines = frontage.lines[edge]
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True))
    ahead = shapely.get_coordinates(
        shapely.line_interpolate_point(lines, share + 0.02, normalized=True)
    )
    heading = ahead - at
    heading /= np.hypot(*heading.T)[:, None]
    setback = rng.uniform(*_SETBACK_M, n) * rng.choice([-1.0, 1.0], n)
    aside: Floats = np.column_stack([-heading[:, 1], heading[:, 0]]) * setback[:, None]
    return at + aside


def apart(xy_m: Floats, gap_m: float, n: int) -> Ints:
    """Keep the first n points that are at least a gap away from all kept before them."""
    kept: list[int] = []
    for k in range(len(xy_m)):
        if len(kept) == n:
            break
        if not kept or np.hypot(*(xy_m[kept] - xy_m[k]).T).min() >= gap_m:
            kept.append(k)
    return np.array(kept, dtype=np.int64)

"""The street network of the sample city, from the skeleton to a streets frame."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.sample.drawing import draw
from geodata.sample.junctions import Edges, join
from geodata.sample.layout import Layout
from geodata.sample.names import name_streets
from geodata.streets import STREET_COLUMNS, keep_connected, lengths_m, times

Objects = NDArray[np.object_]
Strings = NDArray[np.str_]
Flags = NDArray[np.bool_]

_TOGETHER_M = 24.0
_MISSING = {"residential": 0.05, "living_street": 0.10, "service": 0.10, "footway": 0.06}
_ONE_WAY = {"secondary": 0.10, "tertiary": 0.16, "residential": 0.06}
_AT_THE_EDGE_M = 75.0
_INSIDE_M = 1.0  # so that rounding never puts the end of a barrier outside the city
_STEPS = 0.025
_MAX_STEPS_M = 70.0


def make_streets(layout: Layout, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Make the streets frame of the sample city.

    Parameters
    ----------
    layout
        Main roads and barriers.
    rng
        Where chance comes from.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `geodata.streets.STREET_COLUMNS`, lines in WGS 84. Streets cross barriers on
        bridges and in underpasses only (``is_bridge``). One connected part on foot, one strongly
        connected part by e-bike.
    """
    drawn = draw(layout, rng)
    edges = join(drawn.lines, together_m=_TOGETHER_M)
    highway, name = name_streets(edges, drawn, rng)
    barriers = _barriers(layout)
    crosses = _crossing(edges.lines, barriers)
    is_bridge = crosses & drawn.may_cross[edges.owner]
    highway = _turn_into_steps(edges, highway, is_bridge, rng)
    keep = (highway != "") & (crosses == is_bridge) & ~_missing(highway, is_bridge, rng)
    keep &= ~_at_the_edge(edges, highway, layout)
    keep &= ~_repeated(edges, keep)
    keep &= ~_tangled(edges, keep, drawn.name == "")
    one_way = _one_way(edges, highway, is_bridge, rng)
    streets = pd.DataFrame(
        {
            "role": "street",
            "u": edges.u,
            "v": edges.v,
            "name": name,
            "highway": highway,
            "is_bridge": is_bridge,
            "one_way": one_way,
            "geometry": edges.lines,
        }
    )[keep]
    table = pd.concat([streets, _barrier_rows(layout, barriers)], ignore_index=True)
    return _finish(table, layout)


def _barriers(layout: Layout) -> Objects:
    lines = np.array([barrier.line for barrier in layout.barriers])
    return shapely.intersection(lines, layout.outline.buffer(-_INSIDE_M))


def _crossing(lines: Objects, barriers: Objects) -> Flags:
    crosses = np.zeros(len(lines), dtype=bool)
    crosses[shapely.STRtree(lines).query(barriers, predicate="intersects")[1]] = True
    return crosses


def _turn_into_steps(
    edges: Edges, highway: Strings, is_bridge: Flags, rng: np.random.Generator
) -> Strings:
    short = (highway == "footway") & ~is_bridge & (shapely.length(edges.lines) < _MAX_STEPS_M)
    return np.where(short & (rng.random(len(highway)) < _STEPS), "steps", highway)


def _missing(highway: Strings, is_bridge: Flags, rng: np.random.Generator) -> Flags:
    """Choose the small streets that were never built."""
    share = np.select([highway == kind for kind in _MISSING], list(_MISSING.values()), 0.0)
    return (rng.random(len(highway)) < share) & ~is_bridge


def _at_the_edge(edges: Edges, highway: Strings, layout: Layout) -> Flags:
    """Find small streets that would run out of the city into nothing."""
    near = shapely.distance(layout.outline.exterior, edges.lines) < _AT_THE_EDGE_M
    return near & ~np.isin(highway, ("trunk", "primary", "secondary"))


def _repeated(edges: Edges, keep: Flags) -> Flags:
    """Find second edges between the same two nodes."""
    low, high = np.minimum(edges.u, edges.v), np.maximum(edges.u, edges.v)
    pairs = pd.DataFrame({"low": low, "high": high, "left": ~keep})
    pairs["left"] = np.where(keep, -1, np.arange(len(low)))  # what is gone repeats nothing
    return pairs.duplicated().to_numpy() & keep


def _tangled(edges: Edges, keep: Flags, is_new: Flags) -> Flags:
    """Find small streets that cross others, which drawing ends together can cause."""
    kept = np.flatnonzero(keep)
    a, b = kept[shapely.STRtree(edges.lines[kept]).query(edges.lines[kept])]
    meet = (edges.u[a] == edges.u[b]) | (edges.u[a] == edges.v[b])
    meet |= (edges.v[a] == edges.u[b]) | (edges.v[a] == edges.v[b])
    a, b = a[(a > b) & ~meet], b[(a > b) & ~meet]
    tangled = np.zeros(len(keep), dtype=bool)
    tangled[a[shapely.intersects(edges.lines[a], edges.lines[b])]] = True
    return tangled & is_new[edges.owner]


def _one_way(edges: Edges, highway: Strings, is_bridge: Flags, rng: np.random.Generator) -> Flags:
    """Make some whole streets one-way for riders."""
    draw = rng.random(int(edges.owner.max()) + 1)[edges.owner]
    share = np.select([highway == kind for kind in _ONE_WAY], list(_ONE_WAY.values()), 0.0)
    return (draw < share) & ~is_bridge


def _barrier_rows(layout: Layout, barriers: Objects) -> pd.DataFrame:
    parts, owner = shapely.get_parts(barriers, return_index=True)
    return pd.DataFrame(
        {
            "role": "barrier",
            "u": -1,
            "v": -1,
            "name": np.array([b.name for b in layout.barriers])[owner],
            "highway": np.array([b.highway for b in layout.barriers])[owner],
            "is_bridge": False,
            "one_way": False,
            "geometry": parts,
        }
    )


def _finish(table: pd.DataFrame, layout: Layout) -> gpd.GeoDataFrame:
    """Go to WGS 84, add lengths and times, keep what is connected, number the nodes."""
    lines = shapely.transform(
        table["geometry"].to_numpy(), lambda c: np.column_stack(layout.plane.to_lon_lat_deg(c))
    )
    length_m = lengths_m(lines)
    walk_s, ebike_s = times(highway=table["highway"].to_numpy(dtype=str), length_m=length_m)
    barrier = (table["role"] == "barrier").to_numpy()
    walk_s[barrier] = ebike_s[barrier] = np.nan
    frame = gpd.GeoDataFrame(
        table.assign(
            length_m=length_m,
            walk_s=walk_s,
            walk_back_s=walk_s,
            ebike_s=ebike_s,
            ebike_back_s=np.where(table["one_way"], np.nan, ebike_s),
        )[list(STREET_COLUMNS)],
        geometry=lines,
        crs="EPSG:4326",
    )
    kept = keep_connected(frame).streets
    street = (kept["role"] == "street").to_numpy()
    _, number = np.unique(kept.loc[street, ["u", "v"]].to_numpy(), return_inverse=True)
    kept.loc[street, ["u", "v"]] = number.reshape(-1, 2)
    return kept

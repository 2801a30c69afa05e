"""Small towns for tests: street networks whose answers can be worked out by hand or by plain Dijkstra."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from geodata.frames import LocalMetres
from geodata.streets import STREET_COLUMNS, lengths_m, times

PLANE = LocalMetres(lon_deg=113.66, lat_deg=34.75)


def points(xy_m: list[tuple[float, float]] | np.ndarray) -> gpd.GeoSeries:
    """Put metres east and north of the town's centre into WGS 84."""
    lon, lat = PLANE.to_lon_lat_deg(np.asarray(xy_m, dtype=float).reshape(-1, 2))
    return gpd.GeoSeries.from_xy(lon, lat, crs="EPSG:4326")


def streets(
    nodes_xy_m: dict[int, tuple[float, float]],
    edges: list[tuple[int, int]],
    *,
    one_way: set[tuple[int, int]] = frozenset(),
    bridges: set[tuple[int, int]] = frozenset(),
    barriers: list[list[tuple[float, float]]] = (),
    highway: str = "residential",
) -> gpd.GeoDataFrame:
    """Make a streets frame of straight edges; one-way edges bind e-bikes only, as in life."""
    ids = list(nodes_xy_m)
    lon, lat = PLANE.to_lon_lat_deg(np.array([nodes_xy_m[i] for i in ids], dtype=float))
    where = {i: (x, y) for i, x, y in zip(ids, lon, lat, strict=True)}
    lines = [shapely.LineString([where[u], where[v]]) for u, v in edges]
    for line in barriers:
        x, y = PLANE.to_lon_lat_deg(np.array(line, dtype=float))
        lines.append(shapely.LineString(np.column_stack([x, y])))
    n, m = len(edges), len(barriers)
    length_m = lengths_m(np.array(lines, dtype=object))
    walk_s, ebike_s = times(highway=[highway] * n, length_m=length_m[:n])
    none = np.full(m, np.nan)
    back = np.where([e in one_way for e in edges], np.nan, ebike_s)
    columns = [
        ["street"] * n + ["barrier"] * m,
        [u for u, _ in edges] + [-1] * m,
        [v for _, v in edges] + [-1] * m,
        [f"Street {k}" for k in range(n)] + [""] * m,
        [highway] * n + ["river"] * m,
        [e in bridges for e in edges] + [False] * m,
        length_m,
        np.concatenate([walk_s, none]),
        np.concatenate([walk_s, none]),
        np.concatenate([ebike_s, none]),
        np.concatenate([back, none]),
    ]
    table = dict(zip(STREET_COLUMNS, columns, strict=True))
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def grid(n: int, *, step_m: float = 100.0, seed: int = 0, keep: float = 0.85) -> gpd.GeoDataFrame:
    """Make a jittered grid of n × n junctions with some streets missing and some one-way."""
    rng = np.random.default_rng(seed)
    nodes = {
        r * n + c: (
            (c - n / 2) * step_m + rng.uniform(-20, 20),
            (r - n / 2) * step_m + rng.uniform(-20, 20),
        )
        for r in range(n)
        for c in range(n)
    }
    edges = [(i, i + 1) for i in nodes if i % n < n - 1] + [
        (i, i + n) for i in nodes if i + n in nodes
    ]
    # The outer ring stays whole, so that the town is connected.
    ring = {e for e in edges if all(k // n in (0, n - 1) or k % n in (0, n - 1) for k in e)}
    edges = [e for e in edges if e in ring or rng.random() < keep]
    one_way = {e for e in edges if e not in ring and rng.random() < 0.2}
    return streets(nodes, edges, one_way=one_way)

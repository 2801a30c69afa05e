"""A made street network: a square grid with junctions moved and streets taken away.

The kind of network on which peers were measured before: 80 m between junctions, each moved by up to
12 m both ways, 12 % of the streets away, everybody walks everywhere. People live in clusters.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from benchmarks.instances.instance import Instance, fingerprint
from geodata.frames import LocalMetres
from geodata.network import Network, from_arrays
from geodata.streets import EBIKE_M_PER_S, WALK_M_PER_S

SPACING_M, SHIFT_M, SHARE_REMOVED = 80.0, 12.0, 0.12
_PLANE = {"lon_deg": 113.66, "lat_deg": 34.75}


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Junctions and streets as arrays.

    Attributes
    ----------
    xy_m
        Shape (n, 2): junctions.
    ends
        Shape (n_streets, 2): junctions at both ends.
    walk_ms
        Shape (n_streets,): whole milliseconds of the walk, the same both ways.
    """

    instance: Instance
    xy_m: NDArray[np.float64]
    ends: NDArray[np.int64]
    walk_ms: NDArray[np.int64]

    def graph(self) -> csr_array:
        """Give the milliseconds between junctions, both ways, as CSR of shape (n, n)."""
        a, b = self.ends.T
        rows, cols = np.concatenate([a, b]), np.concatenate([b, a])
        values = np.concatenate([self.walk_ms, self.walk_ms]).astype(np.float64)
        return coo_array((values, (rows, cols)), shape=(len(self.xy_m),) * 2).tocsr()

    def network(self) -> Network:
        """Give the streets as the product holds them; e-bikes are as fast as in the city."""
        walk_s = self.walk_ms / 1000.0
        ebike_s = walk_s * WALK_M_PER_S / EBIKE_M_PER_S
        return from_arrays(
            self.xy_m,
            self.ends[:, 0],
            self.ends[:, 1],
            plane=LocalMetres(**_PLANE),
            times_s={"walk": (walk_s, walk_s), "ebike": (ebike_s, ebike_s)},
        )

    def number_in(self, network: Network) -> NDArray[np.int64]:
        """Give the number that each junction has in the network, which counts its own way."""
        number = np.full(len(self.xy_m), -1, np.int64)
        number[self.ends[:, 0]], number[self.ends[:, 1]] = network.tail, network.head
        return number


@dataclass(frozen=True, slots=True, eq=False)
class Town:
    """People and candidate sites on a grid, as points in WGS 84."""

    instance: Instance
    places: gpd.GeoSeries
    people: NDArray[np.float64]
    candidates: gpd.GeoSeries


def make_grid(side: int, *, seed: int = 0) -> Grid:
    """Make a grid of side × side junctions."""
    random = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    middle = (side - 1) / 2
    xy_m = np.column_stack([(column - middle).ravel(), (row - middle).ravel()]) * SPACING_M
    xy_m += random.uniform(-SHIFT_M, SHIFT_M, xy_m.shape)
    east = np.column_stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.column_stack([number[:-1].ravel(), number[1:].ravel()])
    ends = np.concatenate([east, north])
    ends = ends[random.random(len(ends)) >= SHARE_REMOVED]
    metres = np.hypot(*(xy_m[ends[:, 0]] - xy_m[ends[:, 1]]).T)
    walk_ms = np.rint(metres / WALK_M_PER_S * 1000).astype(np.int64)
    name = f"grid-{side * side // 1000}k" if side * side >= 1000 else f"grid-{side * side}"
    return Grid(Instance(name, seed, fingerprint(xy_m, ends, walk_ms)), xy_m, ends, walk_ms)


def make_town(
    side: int, *, n_places: int, n_candidates: int, n_clusters: int, seed: int = 0
) -> Town:
    """Draw people and candidates around cluster centres on a grid of that side.

    Nine tenths of both lie in clusters of unequal weight, a tenth anywhere; people by place are
    log-normal whole numbers.
    """
    random = np.random.default_rng([seed, side])
    half_m = side * SPACING_M / 2
    centres = random.uniform(-0.8 * half_m, 0.8 * half_m, (n_clusters, 2))
    weight = random.lognormal(0.0, 1.0, n_clusters)
    spread_m = random.uniform(600.0, 2400.0, n_clusters)

    def draw(n: int) -> NDArray[np.float64]:
        which = random.choice(n_clusters, n, p=weight / weight.sum())
        near = centres[which] + random.normal(size=(n, 2)) * spread_m[which, None]
        anywhere = random.uniform(-half_m, half_m, (n, 2))
        xy = np.where(random.random((n, 1)) < 0.9, near, anywhere)
        return np.clip(xy, -half_m + SPACING_M, half_m - SPACING_M)

    places, candidates = draw(n_places), draw(n_candidates)
    people = np.ceil(random.lognormal(2.0, 1.0, n_places))
    name = f"town-{n_places}x{n_candidates}"
    instance = Instance(name, seed, fingerprint(places, people, candidates))
    return Town(instance, _points(places), people, _points(candidates))


def _points(xy_m: NDArray[np.float64]) -> gpd.GeoSeries:
    lon, lat = LocalMetres(**_PLANE).to_lon_lat_deg(xy_m)
    return gpd.GeoSeries(shapely.points(lon, lat), crs="EPSG:4326")

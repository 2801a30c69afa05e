"""Hotspots of outdoor workers, found in points of activity and published so that nobody shows.

*Finding.* A worker counts once in each H3 cell (resolution 10), however many points they left.
Cells are thinned by what is usual around them, HDBSCAN (Campello, Moulavi and Sander 2013) clusters
what is left in metres, and a cluster becomes a hotspot when a circle of 50 to 200 m around its
densest place holds clearly more distinct workers than its surroundings promise (Poisson scan
statistic, Kulldorff 1997, with Bonferroni's correction for the cells looked at).

*Publishing.* k-anonymity (Sweeney 2002): every number rests on at least k distinct workers.

- A hotspot with fewer than k is dropped; exactly k stays.
- The rows of one hotspot share its id and are disjoint sets of workers. A group with fewer than k
  is pooled with others into a row ``all``, so no row and no difference of rows shows fewer.
- An hour of the week in which fewer than k of a row's workers were seen is pooled with the like
  hours of its quarter of the day (Monday to Friday, or weekend), then of the week; a pool still
  with fewer counts as nobody. Hours with a few and hours with none look alike; pools never overlap.
- The position is the mean of the workers' own mean positions, so that one busy worker does not pull
  it, rounded to 4 decimals (11 m).
- Worker ids never leave this module.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import pdtrc
from sklearn.cluster import HDBSCAN

from geodata.errors import InvalidInputError
from geodata.frames import LocalMetres
from geodata.grid import above_usual, cell_numbers, cell_of
from geodata.records import GROUPS, HOTSPOT_COLUMNS, HOURS_PER_WEEK

K_ANONYMITY = 10
POINT_COLUMNS = ("worker", "moment")

_CELL, _ID_CELL = 10, 11
_CLUSTER_AT_MOST = 20_000
"""scikit-learn's HDBSCAN compares every pair of points; more than this is thinned evenly."""
_RADII_M = np.array([50.0, 75.0, 100.0, 150.0, 200.0])
_SURROUNDINGS_M = (250.0, 1000.0)
_HALO_M = 500.0
"""Points of a hotspot's own workers this near are its halo and make no hotspot beside it."""
_SECTORS = 8
_CHANCE = 0.01
_TIMES_USUAL = 2.0
_MONDAY = 72  # 1970-01-01 00:00 was the 72nd hour of its week
_HOURS = np.arange(HOURS_PER_WEEK)
_QUARTERS = HOURS_PER_WEEK + 4 * (_HOURS // 24 >= 5) + _HOURS % 24 // 6
_WEEK = np.full(HOURS_PER_WEEK, HOURS_PER_WEEK + 8)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Points by worker number and hour since 1970; `xy_m` has shape (n, 2)."""

    worker: Ints
    hour: Ints
    xy_m: Floats

    def pick(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> _Seen:
        return _Seen(self.worker[which], self.hour[which], self.xy_m[which])


def find_hotspots(
    points: gpd.GeoDataFrame,
    *,
    k: int = K_ANONYMITY,
    min_cluster_people: int | None = None,
    source: str = "points of activity",
    is_synthetic: bool = False,
) -> gpd.GeoDataFrame:
    """Find where outdoor workers gather, and when.

    Parameters
    ----------
    points
        Points in WGS 84 with columns `worker` (pseudonymous id), `moment` (local time without zone)
        and optionally `group` (words of `geodata.records.GROUPS`; anything else counts as unknown).
        Best are points where workers stand or wait; in traces of moving workers busy streets show
        as well.
    k
        Least number of distinct workers behind anything published, inclusive; at least 2.
    min_cluster_people
        Least number of distinct workers of a hotspot, inclusive; `k` by default and never below it.
    source, is_synthetic
        Written into each row.

    Returns
    -------
    geopandas.GeoDataFrame
        Hotspots frame (`HOTSPOT_COLUMNS`), busiest first; ids are H3 cells, shared by the rows of
        one place. `people` are distinct workers, each in one row by their most frequent group.
        `presence` is the mean share of them seen there in such an hour, over the hours from the
        first to the last moment; hours of the week outside it take the mean of that hour on other
        days. Does not depend on the order of the points.

    Raises
    ------
    InvalidInputError
        When k is below 2 or the table is refused by `check_points`.
    """
    check_points(points)
    if k < 2:
        raise InvalidInputError(
            "k is {k}; it must be 2 or more, for with 1 a hotspot could be one person", k=k
        )
    least = max(k, min_cluster_people or 0)
    if len(points) == 0:
        return _frame([])
    lon, lat = points.geometry.x.to_numpy(), points.geometry.y.to_numpy()
    plane = LocalMetres(lon_deg=float(np.median(lon)), lat_deg=float(np.median(lat)))
    cell = cell_numbers(lon_deg=lon, lat_deg=lat, resolution=_CELL)
    seen, group, cell = _ordered(points, plane.to_xy_m(lon_deg=lon, lat_deg=lat), cell)
    centres, radii = _places(seen, cell, least)
    owner = _owners(seen.xy_m, centres, radii)
    hours = np.bincount(_of_week(np.arange(seen.hour.min(), seen.hour.max() + 1)), minlength=168)
    rows: list[dict[str, object]] = []
    for place in range(len(centres)):
        here = seen.pick(owner == place)
        workers = np.unique(here.worker)
        if len(workers) < least:
            continue
        lon_deg, lat_deg = (np.round(a, 4) for a in plane.to_lon_lat_deg(_middle(here)[None]))
        name = cell_of(lon_deg=lon_deg, lat_deg=lat_deg, resolution=_ID_CELL)[0]
        for label, members in _publishable(workers, group[workers], k).items():
            rows.append(
                {
                    "id": str(name),
                    "group": label,
                    "people": float(len(members)),
                    "presence": _presence(
                        here.pick(np.isin(here.worker, members)), len(members), hours, k
                    ),
                    "lon_deg": lon_deg[0],
                    "lat_deg": lat_deg[0],
                    "at_place": len(workers),
                }
            )
    return _frame(rows, source=source, is_synthetic=is_synthetic)


def check_points(points: gpd.GeoDataFrame) -> None:
    """Refuse a table that is not points of activity.

    Raises
    ------
    InvalidInputError
        When a column is missing, the CRS is another, moments carry a time zone, or a worker,
        moment or position is missing.
    """
    missing = [c for c in POINT_COLUMNS if c not in points.columns]
    if missing:
        raise InvalidInputError(
            "points of activity need the columns {missing}: worker, a pseudonymous id by which "
            "k distinct workers can be told from one worker k times, and moment, a local time",
            missing=", ".join(missing),
        )
    if points.crs is None or points.crs.to_epsg() != 4326:
        raise InvalidInputError(
            "points of activity must be in WGS 84 (EPSG:4326), they are in {crs}", crs=points.crs
        )
    if not str(points["moment"].dtype).startswith("datetime64[") or "," in str(
        points["moment"].dtype
    ):
        raise InvalidInputError(
            "moments must be local times without a time zone, they are {dtype}",
            dtype=points["moment"].dtype,
        )
    gaps = points["worker"].isna() | points["moment"].isna() | points.geometry.isna()
    gaps |= points.geometry.is_empty
    if gaps.any():
        raise InvalidInputError(
            "point {row}: worker, moment or position is missing; leave such points out",
            row=int(np.argmax(gaps.to_numpy())),
        )


def _ordered(
    points: gpd.GeoDataFrame, xy_m: Floats, cell: NDArray[np.uint64]
) -> tuple[_Seen, NDArray[np.object_], NDArray[np.uint64]]:
    """Give workers numbers and points an order, so that the order of the table is all one."""
    worker, names = pd.factorize(points["worker"].astype(str), sort=True)
    moment = points["moment"].to_numpy().astype("datetime64[s]").astype(np.int64)
    order = np.lexsort((xy_m[:, 1], xy_m[:, 0], moment, worker, cell))
    group = np.full(len(names), "all", dtype=object)
    if "group" in points.columns:
        known = points["group"].where(points["group"].isin(GROUPS), "all").astype(str)
        code, labels = pd.factorize(known, sort=True)
        often = np.zeros((len(names), len(labels)), np.int64)
        np.add.at(often, (worker, code), 1)
        group = np.asarray(labels, dtype=object)[often.argmax(axis=1)]
    return _Seen(worker, moment // 3600, xy_m).pick(order), group, cell[order]


def _places(seen: _Seen, cell: NDArray[np.uint64], least: int) -> tuple[Floats, Floats]:
    """Give centres (n, 2) and radii (n,) of places where clearly more workers are than around."""
    new = np.ones(len(cell), bool)
    new[1:] = (cell[1:] != cell[:-1]) | (seen.worker[1:] != seen.worker[:-1])
    once, cell = seen.pick(new), cell[new]
    weight = above_usual(cell, least_around=(least + 1) // 2)
    scale = min(1.0, _CLUSTER_AT_MOST / max(weight.sum(), 1.0))
    steps = np.floor(np.cumsum(weight * scale) + 1e-6)
    chosen = np.flatnonzero(np.diff(steps, prepend=0.0) > 0)
    size = max(2, int(0.7 * least * scale))
    xy = once.xy_m[chosen]
    starts = [_densest(xy[c]) for c in _clusters(xy, size)]
    return _significant(once, starts, least, n_cells=len(np.unique(cell)))


def _clusters(xy: Floats, size: int, *, whole: bool = True) -> list[NDArray[np.intp]]:
    """Cluster by density; a cluster wider than a place is clustered again by itself."""
    if len(xy) < max(size, 2):
        return []
    found = HDBSCAN(
        min_cluster_size=size,
        min_samples=min(5, size),
        allow_single_cluster=whole,
        copy=True,
    ).fit_predict(xy)
    clusters = []
    for label in range(found.max() + 1):
        members = np.flatnonzero(found == label)
        wide = np.ptp(xy[members], axis=0).max() > 2 * _RADII_M[-1]
        parts = _clusters(xy[members], size, whole=False) if wide else []
        clusters += [members[p] for p in parts] or [members]
    return clusters


def _densest(xy: Floats) -> Floats:
    near = cKDTree(xy).query_ball_point(xy, _RADII_M[1], return_length=True)
    return np.array(xy[int(np.argmax(near))])


def _significant(
    once: _Seen, starts: list[Floats], least: int, *, n_cells: int
) -> tuple[Floats, Floats]:
    """Keep the places that stand out, strongest first; what one explains is taken from the rest."""
    free = np.ones(len(once.worker), bool)
    tree = cKDTree(once.xy_m)
    waiting = sorted(
        starts, key=lambda xy: (-len(tree.query_ball_point(xy, _RADII_M[2])), *xy.tolist())
    )
    centres: list[Floats] = []
    radii: list[float] = []
    for start in waiting:
        centre = _shifted(once, tree, free, start)
        if centres and np.hypot(*(np.array(centres) - centre).T).min() < _RADII_M[-1]:
            continue
        near = np.array(tree.query_ball_point(centre, _SURROUNDINGS_M[1]), dtype=np.intp)
        near = near[free[near]]
        radius = _best_radius(once.worker[near], once.xy_m[near] - centre, least, n_cells)
        if radius is not None:
            distance = np.hypot(*(once.xy_m[near] - centre).T)
            core = distance <= _RADII_M[-1]
            halo = (distance <= _HALO_M) & np.isin(once.worker[near], once.worker[near[core]])
            free[near[core | halo]] = False
            centres.append(centre)
            radii.append(radius)
    return np.array(centres).reshape(-1, 2), np.array(radii)


def _shifted(once: _Seen, tree: cKDTree, free: NDArray[np.bool_], start: Floats) -> Floats:
    """Move to the middle of the workers within 100 m until it stays (mean shift)."""
    centre = start
    for _ in range(20):
        near = np.array(tree.query_ball_point(centre, _RADII_M[2]), dtype=np.intp)
        near = near[free[near]]
        if len(near) == 0:
            return centre
        moved = _middle(once.pick(np.sort(near)))
        if np.hypot(*(moved - centre)) < 1.0:
            return moved
        centre = moved
    return centre


def _best_radius(worker: Ints, away: Floats, least: int, n_cells: int) -> float | None:
    """Give the radius that stands out most from the surroundings, or None."""
    distance = np.hypot(away[:, 0], away[:, 1])
    inner, outer = _SURROUNDINGS_M
    ring = away[(distance > inner) & (distance <= outer)]
    sector = ((np.arctan2(ring[:, 1], ring[:, 0]) / np.pi + 1) / 2 * _SECTORS).astype(int)
    full = np.bincount(sector % _SECTORS, minlength=_SECTORS)
    full = np.sort(full[full > 0])  # a sector with nobody lies outside the city
    sector_m2 = np.pi * (outer**2 - inner**2) / _SECTORS
    per_m2 = full[len(full) * 3 // 4] / sector_m2 if len(full) else 0.0
    n = np.array([len(np.unique(worker[distance <= r])) for r in _RADII_M])
    usual = np.maximum(per_m2 * np.pi * _RADII_M**2, 1e-9)
    chance = pdtrc(np.maximum(n - 1, 0), usual) * n_cells  # P(Poisson >= n), for each cell
    stands_out = (n >= _TIMES_USUAL * usual) & (chance <= _CHANCE)
    if not stands_out.any() or n.max() < least:
        return None
    gain = np.where(stands_out, n * np.log(np.maximum(n, 1) / usual) - (n - usual), -np.inf)
    return float(_RADII_M[int(np.argmax(gain))])


def _owners(xy: Floats, centres: Floats, radii: Floats) -> NDArray[np.intp]:
    """Give the nearest place whose circle holds each point, -1 for none."""
    owner = np.full(len(xy), -1, dtype=np.intp)
    if len(centres) == 0:
        return owner
    n_near = min(8, len(centres))
    distance, which = cKDTree(centres).query(xy, k=n_near, distance_upper_bound=_RADII_M[-1] + 1)
    distance, which = distance.reshape(-1, n_near), which.reshape(-1, n_near)
    for j in range(n_near):
        inside = distance[:, j] <= np.r_[radii, -1.0][which[:, j]]
        owner = np.where((owner < 0) & inside, which[:, j], owner)
    return owner


def _middle(seen: _Seen) -> Floats:
    """Give the mean of the workers' own mean positions, shape (2,)."""
    _, of, n = np.unique(seen.worker, return_inverse=True, return_counts=True)
    return np.array([(np.bincount(of, weights=seen.xy_m[:, i]) / n).mean() for i in (0, 1)])


def _publishable(workers: Ints, group: NDArray[np.object_], k: int) -> dict[str, Ints]:
    """Split k or more workers into disjoint rows of at least k, by group where that is possible."""
    rows = {g: workers[group == g] for g in GROUPS if (group == g).sum() >= k}
    rest = workers[~np.isin(group, list(rows))]
    while 0 < len(rest) < k:
        smallest = min(rows, key=lambda g: (len(rows[g]), g))
        rest = np.concatenate([rest, rows.pop(smallest)])
    return {**rows, "all": rest} if len(rest) else rows


def _of_week(hour: Ints) -> Ints:
    return (hour + _MONDAY) % HOURS_PER_WEEK


def _presence(seen: _Seen, n_workers: int, hours: Ints, k: int) -> NDArray[np.float32]:
    """Give the mean share of the workers present by hour of the week, pooled where fewer than k."""
    pairs = np.unique(np.column_stack([seen.worker, seen.hour]), axis=0)
    worker, hour = pairs[:, 0], _of_week(pairs[:, 1])
    pool = _HOURS
    for coarser in (_QUARTERS, _WEEK):
        pool = np.where(_distinct(pool[hour], worker)[pool] < k, coarser, pool)
    shows = _distinct(pool[hour], worker)[pool] >= k
    visits = np.bincount(pool[hour], minlength=HOURS_PER_WEEK + 9)[pool]
    watched = np.bincount(pool, weights=hours, minlength=HOURS_PER_WEEK + 9)[pool]
    share = np.where(shows, visits / np.maximum(watched, 1) / n_workers, 0.0)
    return np.round(_filled(share, hours > 0), 3).astype(np.float32)


def _distinct(pool: Ints, worker: Ints) -> Ints:
    """Count the distinct workers of each pool."""
    pairs = np.unique(np.column_stack([pool, worker]), axis=0)
    return np.bincount(pairs[:, 0], minlength=HOURS_PER_WEEK + 9)


def _filled(share: Floats, watched: NDArray[np.bool_]) -> Floats:
    """Give hours of the week that were never watched the mean of that hour on other days."""
    table, known = share.reshape(7, 24), watched.reshape(7, 24)
    filled = np.where(known, table, table[known].mean())
    for days in (slice(0, 5), slice(5, 7)):
        for among in (slice(0, 7), days):  # the same kind of day comes last and wins
            n = known[among].sum(axis=0)
            mean = np.where(known[among], table[among], 0.0).sum(axis=0) / np.maximum(n, 1)
            filled[days] = np.where(~known[days] & (n > 0), mean, filled[days])
    return filled.ravel()


def _frame(
    rows: list[dict[str, object]], *, source: str = "", is_synthetic: bool = False
) -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        rows, columns=["id", "group", "people", "presence", "lon_deg", "lat_deg", "at_place"]
    )
    table = table.sort_values(["at_place", "id", "group"], ascending=[False, True, True])
    table = table.reset_index(drop=True).assign(name="", source=source, is_synthetic=is_synthetic)
    table["people"] = table["people"].astype(np.float64)
    table["is_synthetic"] = table["is_synthetic"].astype(bool)
    points = gpd.points_from_xy(table["lon_deg"].astype(float), table["lat_deg"].astype(float))
    return gpd.GeoDataFrame(table[list(HOTSPOT_COLUMNS)], geometry=points, crs="EPSG:4326")

"""Hotspots: planted clusters are found, and nobody can be picked out of what is published."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.errors import InvalidInputError
from geodata.frames import LocalMetres
from geodata.hotspots import find_hotspots
from geodata.records import HOTSPOT_COLUMNS

PLANE = LocalMetres(lon_deg=113.65, lat_deg=34.75)
MONDAY = np.datetime64("2026-03-02T00:00")
CENTRES = [(0.0, 0.0), (800.0, 300.0), (-1500.0, 700.0), (2000.0, -2000.0)]


def _points(
    xy_m: np.ndarray,
    worker: Sequence[str],
    moment: np.ndarray | None = None,
    group: Sequence[str] | None = None,
) -> gpd.GeoDataFrame:
    lon, lat = PLANE.to_lon_lat_deg(np.asarray(xy_m, dtype=float))
    if moment is None:
        moment = MONDAY + (np.arange(len(worker)) * 7 % (14 * 24)).astype("timedelta64[h]")
    table = {"worker": list(worker), "moment": moment.astype("datetime64[us]")}
    if group is not None:
        table["group"] = list(group)
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(lon, lat), crs="EPSG:4326")


def _planted(
    sizes: Sequence[int], *, sd_m: float = 25.0, noise: int = 0, seed: int = 0, move_m: float = 0.0
) -> gpd.GeoDataFrame:
    """Four points for each worker of each cluster, and one for each worker of the noise."""
    rng = np.random.default_rng(seed)
    worker = [f"c{i}-{w}" for i, n in enumerate(sizes) for w in range(n) for _ in range(4)]
    middle = np.array([CENTRES[i] for i, n in enumerate(sizes) for _ in range(4 * n)])
    xy = middle.reshape(-1, 2) + rng.normal(0, sd_m, (len(middle), 2))
    xy = np.concatenate([xy, rng.uniform(-5000, 5000, (noise, 2))]) + move_m
    return _points(xy, worker + [f"noise-{i}" for i in range(noise)])


def _xy_m(hotspots: gpd.GeoDataFrame) -> np.ndarray:
    places = hotspots.drop_duplicates("id").geometry
    return PLANE.to_xy_m(lon_deg=places.x.to_numpy(), lat_deg=places.y.to_numpy())


def _nearest_m(hotspots: gpd.GeoDataFrame, centre: tuple[float, float]) -> float:
    return float(np.hypot(*(_xy_m(hotspots) - centre).T).min())


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("noise", [0, 500, 2000])
def test_planted_clusters_are_found(seed: int, noise: int) -> None:
    """Each planted cluster gives one hotspot within 50 m with its workers; nothing else does."""
    found = find_hotspots(_planted([30, 15, 60, 25], noise=noise, seed=seed))
    assert len(found) == 4
    for centre, size in zip(CENTRES, [30, 15, 60, 25], strict=True):
        at = int(np.argmin(np.hypot(*(_xy_m(found) - centre).T)))
        assert _nearest_m(found, centre) < 50
        assert size <= found["people"].iloc[at] <= size + 5


@pytest.mark.parametrize("noise", [200, 2000, 10_000])
@pytest.mark.parametrize("seed", range(4))
def test_noise_gives_no_hotspot(noise: int, seed: int) -> None:
    """Workers strewn evenly over a city gather nowhere, be they few or many."""
    assert find_hotspots(_planted([], noise=noise, seed=seed)).empty


def test_exactly_k_workers_stay_and_one_fewer_goes() -> None:
    """The k of k-anonymity is inclusive."""
    found = find_hotspots(_planted([10, 9, 11]), k=10)
    assert sorted(found["people"]) == [10.0, 11.0]
    assert _nearest_m(found, CENTRES[0]) < 50
    assert _nearest_m(found, CENTRES[1]) > 200


@pytest.mark.parametrize(("n", "expected"), [(10, [10.0]), (9, [])])
def test_a_lone_place_is_judged_alike(n: int, expected: list[float]) -> None:
    """One place with nothing around it is a hotspot from k workers on."""
    assert find_hotspots(_planted([n]), k=10)["people"].tolist() == expected


def test_one_worker_many_times_is_one_worker() -> None:
    """A thousand points of nine workers are nine workers, not a hotspot."""
    rng = np.random.default_rng(0)
    worker = [f"w{i % 9}" for i in range(1000)]
    assert find_hotspots(_points(rng.normal(0, 20, (1000, 2)), worker), k=10).empty


def test_a_larger_least_size_is_inclusive() -> None:
    """`min_cluster_people` drops hotspots below it and never lowers k."""
    points = _planted([12, 20, 10])
    assert sorted(find_hotspots(points, min_cluster_people=20)["people"]) == [20.0]
    assert sorted(find_hotspots(points, min_cluster_people=3, k=12)["people"]) == [12.0, 20.0]


def test_workers_on_one_spot_are_found() -> None:
    """Points with equal coordinates, as rounded data has them, are a cluster like others."""
    found = find_hotspots(_planted([20, 10, 15], sd_m=0.0))
    assert sorted(found["people"]) == [10.0, 15.0, 20.0]


def test_a_small_hotspot_beside_a_large_one_is_found() -> None:
    """What a large hotspot explains is not held against a small one 800 m away."""
    found = find_hotspots(_planted([400, 10]))
    assert sorted(found["people"]) == [10.0, 400.0]


@pytest.mark.parametrize("sd_m", [40.0, 60.0, 90.0])
def test_a_wide_place_is_one_hotspot(sd_m: float) -> None:
    """Workers who move about a place do not make more hotspots around it."""
    rng = np.random.default_rng(0)
    worker = [f"w{i % 60}" for i in range(60 * 30)]
    found = find_hotspots(_points(rng.normal(0, sd_m, (len(worker), 2)), worker))
    assert found["people"].to_list() == [60.0]
    assert _nearest_m(found, (0.0, 0.0)) < 50


def test_one_mans_home_never_shows() -> None:
    """Nights of each worker at a home of their own leave no hotspot where they live."""
    rng = np.random.default_rng(0)
    homes = rng.uniform(-4000, 4000, (40, 2))
    xy = np.concatenate([np.repeat(homes, 50, axis=0), rng.normal(0, 20, (200, 2))])
    worker = [f"w{i}" for i in range(40) for _ in range(50)] + [f"w{i % 40}" for i in range(200)]
    found = find_hotspots(_points(xy + rng.normal(0, 8, xy.shape), worker))
    assert len(found) == 1
    assert _nearest_m(found, (0.0, 0.0)) < 50


@pytest.mark.parametrize("move_m", [300.0, -1234.0])
def test_hotspots_move_with_the_points(move_m: float) -> None:
    """Points moved by a vector give the same hotspots moved by it, to the published rounding."""
    here, there = find_hotspots(_planted([30, 15, 60])), _planted([30, 15, 60], move_m=move_m)
    moved = find_hotspots(there)
    assert moved["people"].tolist() == here["people"].tolist()
    assert np.abs(_xy_m(moved) - _xy_m(here) - move_m).max() < 12.0


def test_the_order_of_the_points_does_not_matter() -> None:
    """The same points in another order give the same table, digit by digit."""
    points = _planted([30, 15, 60], noise=1000)
    mixed = points.sample(frac=1.0, random_state=1)
    pd.testing.assert_frame_equal(find_hotspots(points), find_hotspots(mixed))


def test_worker_ids_never_show() -> None:
    """No cell, column name or index of the result holds a worker's id."""
    points = _planted([12, 30])
    points["worker"] = "SECRET-" + points["worker"]
    found = find_hotspots(points)
    assert list(found.columns) == [*HOTSPOT_COLUMNS, "geometry"]
    assert "SECRET" not in found.to_csv()
    assert "SECRET" not in repr(found.attrs)


def test_one_busy_worker_does_not_pull_the_position() -> None:
    """Ten thousand points of one worker 60 m off move the position by its tenth of them only."""
    xy = np.concatenate([np.zeros((10, 2)), np.full((10_000, 2), [60.0, 0.0])])
    worker = [f"w{i}" for i in range(10)] + ["w0"] * 10_000
    found = find_hotspots(_points(xy, worker), k=10)
    assert _nearest_m(found, (6.0, 0.0)) < 8.0


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(0, 14), min_size=5, max_size=5),
    k=st.integers(2, 12),
)
def test_rows_of_a_place_are_disjoint_and_none_is_small(sizes: list[int], k: int) -> None:
    """Every row has k or more workers, none is lost, a group of k is pooled only to lift others."""
    groups = ["rider", "courier", "cleaner", "driver", "someone else"]
    label = [g for g, n in zip(groups, sizes, strict=True) for _ in range(n)]
    worker = [f"w{i}" for i in range(len(label))]
    found = find_hotspots(_points(np.zeros((len(label), 2)), worker, group=label), k=k)
    if sum(sizes) < k:
        assert found.empty
        return
    rows = dict(zip(found["group"], found["people"], strict=True))
    assert sum(rows.values()) == sum(sizes)
    assert min(rows.values()) >= k
    assert found["id"].nunique() == 1
    named = {g: n for g, n in zip(groups[:4], sizes[:4], strict=True) if n >= k}
    kept = {g: n for g, n in rows.items() if g != "all"}
    assert kept.items() <= named.items()
    rest = sum(sizes) - sum(named.values())
    if rest == 0 or rest >= k:
        assert kept == named
    else:
        assert len(kept) < len(named)


def test_the_most_frequent_group_of_a_worker_counts() -> None:
    """A worker recorded under two groups is counted once, under the more frequent."""
    worker = [f"w{i}" for i in range(10) for _ in range(3)]
    group = ["rider", "rider", "driver"] * 10
    found = find_hotspots(_points(np.zeros((30, 2)), worker, group=group), k=10)
    assert found[["group", "people"]].to_numpy().tolist() == [["rider", 10.0]]


def _seen_at(hours: dict[int, Sequence[int]], *, days: int = 7) -> gpd.GeoDataFrame:
    """Workers at one spot at given hours since Monday; a far worker marks the span of the data."""
    pairs = [(hour, w) for hour, workers in hours.items() for w in workers]
    moment = MONDAY + np.array([h for h, _ in pairs] + [0, days * 24 - 1]).astype("timedelta64[h]")
    xy = np.concatenate([np.zeros((len(pairs), 2)), np.full((2, 2), 9000.0)])
    return _points(xy, [f"w{w}" for _, w in pairs] + ["far", "far"], moment)


def _presence(points: gpd.GeoDataFrame, k: int) -> np.ndarray:
    (presence,) = find_hotspots(points, k=k)["presence"]
    assert (presence.shape, presence.dtype) == ((168,), np.float32)
    return presence


def test_presence_is_the_mean_share_over_the_hours_watched() -> None:
    """Twenty workers, all there one Monday noon and half the next: 75 % at Monday noon."""
    points = _seen_at({12: range(20), 168 + 12: range(10)}, days=14)
    presence = _presence(points, k=10)
    assert presence[12] == pytest.approx(0.75)
    assert not np.delete(presence, 12).any()


def test_an_hour_counts_a_worker_once() -> None:
    """Ten points of each worker within one hour are one presence each."""
    points = _seen_at({12: [w for w in range(10) for _ in range(10)]})
    assert _presence(points, k=10)[12] == 1.0


def test_an_hour_with_exactly_k_shows_and_with_fewer_does_not() -> None:
    """Ten at noon show as they are; nine at 18:00, and nobody else in the week, show as nobody."""
    presence = _presence(_seen_at({12: range(10), 18: range(9)}), k=10)
    assert presence[12] == 1.0
    assert not np.delete(presence, 12).any()


def test_hours_with_few_are_pooled_with_hours_with_none() -> None:
    """Five on Monday and five others on Tuesday evening are a mean over the 30 such hours alike."""
    points = _seen_at({12: range(10), 19: range(5), 24 + 20: range(5, 10)})
    presence = _presence(points, k=10)
    evenings = [24 * d + h for d in range(5) for h in range(18, 24)]
    assert np.allclose(presence[evenings], 10 / 30 / 10, atol=5e-4)
    assert not np.delete(presence, [12, *evenings]).any()


def test_pools_that_stay_small_are_pooled_over_the_week() -> None:
    """Five on a Monday evening and five others on a Sunday morning share one pool of the week."""
    presence = _presence(_seen_at({12: range(10), 19: range(5), 144 + 8: range(5, 10)}), k=10)
    assert presence[12] == 1.0
    assert np.allclose(np.delete(presence, 12), 10 / 167 / 10, atol=5e-4)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), k=st.integers(3, 8))
def test_every_presence_value_rests_on_k_workers(data: st.DataObject, k: int) -> None:
    """Hours with the same published value, when not 0, were seen by at least k workers together."""
    seen = data.draw(
        st.lists(st.tuples(st.integers(0, 167), st.integers(0, 11)), min_size=1, max_size=60)
    )
    hours: dict[int, list[int]] = {12: list(range(12))}
    for hour, worker in seen:
        hours.setdefault(hour, []).append(worker)
    presence = _presence(_seen_at(hours), k=k)
    for value in np.unique(presence[presence > 0]):
        behind = {w for h in np.flatnonzero(presence == value) for w in hours.get(int(h), [])}
        assert len(behind) >= k
    alone = [h for h, workers in hours.items() if len(set(workers)) >= k]
    for hour in alone:
        assert presence[hour] == pytest.approx(len(set(hours[hour])) / 12, abs=5e-4)


def test_hours_never_watched_take_the_mean_of_other_days() -> None:
    """Data of Monday and Tuesday say what Friday is like; of the weekend they say the same."""
    presence = _presence(_seen_at({12: range(20), 24 + 12: range(10)}, days=2), k=10)
    noon = presence.reshape(7, 24)[:, 12]
    assert noon.tolist() == pytest.approx([1.0, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75])
    assert not np.delete(presence.reshape(7, 24), 12, axis=1).any()


def test_no_points_give_an_empty_frame() -> None:
    """An empty table gives no hotspots, with columns, CRS and types in place."""
    found = find_hotspots(_planted([]))
    assert (len(found), found.crs) == (0, "EPSG:4326")
    assert list(found.columns) == [*HOTSPOT_COLUMNS, "geometry"]


def test_the_table_of_the_caller_is_not_changed() -> None:
    """Finding hotspots leaves the points as they were."""
    points = _planted([12])
    before = points.copy()
    find_hotspots(points)
    pd.testing.assert_frame_equal(points, before)


def test_source_and_sample_mark_are_written() -> None:
    """Rows say where they come from and whether they are invented."""
    found = find_hotspots(_planted([12]), source="pings.csv", is_synthetic=True)
    assert found[["source", "is_synthetic"]].to_numpy().tolist() == [["pings.csv", True]]


@pytest.mark.parametrize("k", [1, 0, -5])
def test_k_below_two_is_refused(k: int) -> None:
    """With k = 1 a hotspot could be one person's home."""
    with pytest.raises(InvalidInputError, match="must be 2 or more"):
        find_hotspots(_planted([12]), k=k)


def test_tables_that_are_not_points_of_activity_are_refused() -> None:
    """Missing columns, other frames, zoned times and gaps are named, not guessed around."""
    good = _planted([12])
    with pytest.raises(InvalidInputError, match="columns worker"):
        find_hotspots(good.drop(columns="worker"))
    with pytest.raises(InvalidInputError, match="WGS 84"):
        find_hotspots(good.to_crs(3857))
    with pytest.raises(InvalidInputError, match="without a time zone"):
        find_hotspots(good.assign(moment=good["moment"].dt.tz_localize("Asia/Shanghai")))
    with pytest.raises(InvalidInputError, match="point 3"):
        find_hotspots(good.assign(worker=good["worker"].where(good.index != 3)))

"""Visits: nobody is lost or counted twice, and a slow second way gives the same."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError
from geodata.records import GROUPS
from planner.demand import Demand
from planner.reach import Reach
from planner.visits import Purpose, VisitModel, assumed_hour_shares, visits, wanted


def _demand(rng: np.random.Generator, n_places: int, n_rows: int) -> Demand:
    place = np.concatenate([np.arange(n_places), rng.integers(0, n_places, n_rows)])
    points = gpd.GeoSeries.from_xy(
        np.full(n_places, 113.6), np.full(n_places, 34.7), crs="EPSG:4326"
    )
    presence = rng.uniform(0, 1, (len(place), 168)) * (rng.random((len(place), 168)) < 0.7)
    return Demand(
        places=points,
        place=place,
        group=rng.choice([*GROUPS, "all"], len(place)).astype(object),
        people=rng.integers(0, 50, len(place)).astype(float) + 1,
        presence=presence.astype(np.float32),
        is_synthetic=True,
        source="demand",
        names=np.full(n_places, "", dtype=object),
    )


def _reach(rng: np.random.Generator, n_places: int, n_stations: int) -> Reach:
    seconds = rng.integers(0, 900, (n_places, n_stations)).astype(float)
    held = rng.random((n_places, n_stations)) < 0.5
    rows, columns = np.nonzero(held)
    travel_s = csr_array((seconds[held], (rows, columns)), shape=seconds.shape)
    none = np.zeros(0, np.int64)
    return Reach(travel_s, "walk", 900.0, none, none, True)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6), n_places=st.integers(1, 6), n_stations=st.integers(0, 5))
def test_visits_equal_a_count_one_by_one(seed, n_places, n_stations):
    """Every place, hour and station on its own, by the words of the module, gives the same."""
    rng = np.random.default_rng(seed)
    demand, reach = _demand(rng, n_places, 8), _reach(rng, n_places, n_stations)
    is_open = rng.random((n_stations, 168)) < 0.6
    model = VisitModel(half_s=240.0)
    asked = wanted(demand, model)
    found = visits(asked, reach, is_open, model)
    pairs = {
        (int(i), int(j)): float(s)
        for i, j, s in zip(*reach.travel_s.tocoo().coords, reach.travel_s.data, strict=True)
    }
    for hour in rng.integers(0, 168, 6).tolist():
        expected, unserved = np.zeros(n_stations), 0.0
        for i in range(n_places):
            near = {
                j: 0.5 ** (s / 240.0)
                for (at, j), s in pairs.items()
                if at == i and is_open[j, hour]
            }
            if not near:
                unserved += asked[i, hour]
                continue
            going = asked[i, hour] * max(near.values())
            for j, weight in near.items():
                expected[j] += going * weight / sum(near.values())
        assert found.per_hour[:, hour] == pytest.approx(expected)
        assert found.unserved_per_hour[hour] == pytest.approx(unserved)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_wanted_visits_add_up_to_people_times_rate(seed):
    """Whatever the rhythm, a group makes its visits in the hours in which any of it is out."""
    rng = np.random.default_rng(seed)
    demand, model = _demand(rng, 4, 10), VisitModel()
    asked = wanted(demand, model)
    total = np.zeros(168)
    for group in set(demand.group.tolist()):
        rows = demand.group == group
        per_day, shares = model.of_group(group)
        is_out = (demand.presence[rows] > 0).any(axis=0)
        total += demand.people[rows].sum() * per_day * np.tile(shares, 7) * is_out
    assert asked.sum(axis=0) == pytest.approx(total, rel=1e-6)


def test_an_open_door_at_the_place_gets_every_visit():
    """With a station at everybody's feet, open all week, no visit is lost to distance."""
    rng = np.random.default_rng(1)
    demand, model = _demand(rng, 5, 0), VisitModel()
    at_feet = csr_array((np.full(5, 1e-12), (np.arange(5), np.arange(5))), shape=(5, 5))
    none = np.zeros(0, np.int64)
    reach = Reach(at_feet, "walk", 600.0, none, none, True)
    asked = wanted(demand, model)
    found = visits(asked, reach, np.ones((5, 168), bool), model)
    assert found.per_hour == pytest.approx(asked)
    assert found.unserved_per_hour.sum() == 0


def test_no_visit_to_a_closed_door():
    """A station has visits only in hours in which it is open."""
    rng = np.random.default_rng(2)
    demand, reach = _demand(rng, 6, 6), _reach(rng, 6, 4)
    is_open = rng.random((4, 168)) < 0.3
    found = visits(wanted(demand, VisitModel()), reach, is_open, VisitModel())
    assert found.per_hour[~is_open].sum() == 0
    assert found.per_hour[is_open].sum() > 0


def test_half_as_many_go_twice_the_half_way():
    """The decay halves at its named journey and again at twice as far."""
    rng = np.random.default_rng(3)
    demand = _demand(rng, 3, 0)
    none = np.zeros(0, np.int64)
    travel = csr_array(
        (np.array([1e-12, 300.0, 600.0]), (np.arange(3), np.arange(3))), shape=(3, 3)
    )
    asked = wanted(demand, VisitModel(half_s=300.0))
    found = visits(
        asked,
        Reach(travel, "walk", 600.0, none, none, True),
        np.ones((3, 168), bool),
        VisitModel(half_s=300.0),
    )
    assert found.per_hour.sum(axis=1) == pytest.approx(asked.sum(axis=1) * [1, 0.5, 0.25])


def test_the_assumed_hours_are_shares():
    """Each group's hours of the day add up to its whole day."""
    assert set(assumed_hour_shares()) == set(GROUPS)
    for shares in assumed_hour_shares().values():
        assert shares.shape == (24,)
        assert shares.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    "bad",
    [
        {"visits_per_day": {"rider": -1.0}},
        {"half_s": 0.0},
        {"half_s": float("nan")},
        {"hour_shares": {"rider": np.full(24, 0.1)}},
        {"hour_shares": {"rider": np.full(12, 1 / 12)}},
        {"purposes": (Purpose(name="rest", share=0.5, stay_s=60.0),)},
        {"purposes": (Purpose(name="rest", share=1.0, stay_s=0.0),)},
    ],
)
def test_an_impossible_model_is_refused(bad):
    """Shares that do not add up and times that cannot be are errors."""
    with pytest.raises(InvalidInputError):
        VisitModel(**bad)


def test_shapes_that_do_not_fit_are_refused():
    """Visits of one city with the reach of another are an error."""
    rng = np.random.default_rng(4)
    with pytest.raises(InvalidInputError, match="do not fit"):
        visits(np.zeros((3, 168)), _reach(rng, 4, 2), np.ones((2, 168), bool), VisitModel())

"""Seats: what is recommended is enough, by simulation hour by hour, and no more than needed."""

from __future__ import annotations

import ciw
import numpy as np
import pytest
from support import small_city, small_setting

from geodata.errors import InvalidInputError
from planner import capacity
from planner.capacity import Promise
from planner.visits import Purpose, VisitModel

_MANY = VisitModel(visits_per_day=dict.fromkeys(("rider", "courier", "cleaner", "driver"), 3.0))


@pytest.fixture(scope="module")
def measured():
    """The tiny city, with many visits, so that seats matter."""
    return capacity.measure(small_setting.make(minutes=10), model=_MANY)


def _lost_in_hour(per_hour, purposes, seats: int, hour: int, weeks: int, seed: int) -> float:
    """Simulate weeks of arrivals by the hour; give the share of an hour's visitors without a seat."""
    rng = np.random.default_rng(seed)
    busy_until = np.zeros(seats)
    came = lost = 0
    stays, shares = [p.stay_s for p in purposes], [p.share for p in purposes]
    for week in range(weeks):
        for h in range(168):
            start = (week * 168 + h) * 3600.0
            arrivals = np.sort(rng.uniform(start, start + 3600, rng.poisson(per_hour[h])))
            for at in arrivals:
                stay = rng.exponential(stays[rng.choice(len(stays), p=shares)])
                k = int(np.argmin(busy_until)) if seats else -1
                is_free = seats > 0 and busy_until[k] <= at
                if is_free:
                    busy_until[k] = at + stay
                if h == hour and week > 0:
                    came += 1
                    lost += not is_free
    return lost / came


def test_recommended_seats_are_enough_in_a_simulated_week(measured):
    """With the seats needed, arrivals by the hour lose at most the promised share in the worst hour."""
    rows = measured.stations.sort_values("visits_per_week").tail(3)
    for at, row in rows.iterrows():
        hour = int(row["peak_weekday"] * 24 + row["peak_hour"])
        asked = (measured.visits.per_hour[at], _MANY.purposes)
        lost = _lost_in_hour(*asked, int(row["seats_needed"]), hour, weeks=60, seed=at)
        assert lost <= measured.promise.share + 0.02
        fewer = _lost_in_hour(*asked, max(int(row["seats_needed"]) - 2, 0), hour, weeks=60, seed=at)
        assert fewer > measured.promise.share - 0.01


def test_a_simulated_network_of_queues_agrees_on_the_worst_hour(measured):
    """ciw, with the arrivals of the peak held on, loses what the queue formula says."""
    at = int(measured.stations["peak_load"].idxmax())
    row = measured.stations.loc[at]
    seats, stay_s = int(row["seats_needed"]), _MANY.stay_s
    ciw.seed(7)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(row["peak_load"] / stay_s)],
        service_distributions=[ciw.dists.Exponential(1 / stay_s)],
        number_of_servers=[seats],
        queue_capacities=[0],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_time(stay_s * 4000 / row["peak_load"])
    kinds = [r.record_type for r in run.get_all_records()]
    assert kinds.count("rejection") / len(kinds) <= measured.promise.share + 0.02


def test_loads_follow_arrivals_with_little_s_law():
    """A steady stream has the load visits × stay; else it lies between the mean and the most."""
    rng = np.random.default_rng(0)
    per_hour = rng.uniform(0, 20, (4, 168))
    found = capacity.loads(per_hour, VisitModel())
    hours = VisitModel().stay_s / 3600
    assert (found.mean(axis=1) > per_hour.mean(axis=1) * hours).all()
    assert (found.max(axis=1) < per_hour.max(axis=1) * hours).all()
    steady = capacity.loads(np.full((1, 168), 6.0), VisitModel())
    assert steady == pytest.approx(np.full((1, 168), 6.0 * hours))


def test_a_longer_stay_needs_more_seats():
    """Seats needed grow with how long people stay and with how many come."""
    setting = small_setting.make(minutes=10)
    short = (Purpose(name="quick", share=1.0, stay_s=300.0),)
    few = capacity.measure(
        setting, model=VisitModel(visits_per_day=_MANY.visits_per_day, purposes=short)
    )
    many = capacity.measure(setting, model=_MANY)
    assert (few.stations["seats_needed"] <= many.stations["seats_needed"]).all()
    assert few.stations["seats_needed"].sum() < many.stations["seats_needed"].sum()


def test_verdicts_keep_the_promise(measured):
    """Overloaded is who breaks the promise; whoever has the seats needed is not."""
    rows = measured.stations
    known = rows["seats"].notna() & (rows["open_hours"] > 0)
    is_short = rows["seats"] < rows["seats_needed"]
    assert ((rows["verdict"] == "overloaded") == (known & is_short)).all()
    is_empty = rows["peak_load"] < 0.1 * rows["seats"]
    assert ((rows["verdict"] == "idle") == (known & is_empty & ~is_short)).all()


def test_unknown_seats_and_unknown_hours_are_said():
    """Nothing is guessed: unknown seats have no verdict, unknown hours are counted apart."""
    stations = small_city.stations_frame(small_city.stations())
    stations["seats"] = np.nan
    stations.loc[0, "hours"] = ""
    found = capacity.measure(small_setting.make(minutes=10, stations=stations), model=_MANY)
    assert set(found.stations["verdict"]) <= {"seats_unknown", "never_open"}
    assert found.stations["missed_share"].isna().all()
    assert found.n_unknown_hours >= 1
    assert (found.stations["seats_needed"] > 0).any()


def test_waiting_needs_no_more_seats_when_the_wait_may_be_longer(measured):
    """The promise of a seat within a time gets cheaper as the time grows."""
    setting = small_setting.make(minutes=10)
    needed = [
        capacity.measure(setting, model=_MANY, promise=Promise(rule="wait", wait_s=w)).stations[
            "seats_needed"
        ]
        for w in (0.0, 300.0, 1800.0)
    ]
    assert (needed[0] >= needed[1]).all()
    assert (needed[1] >= needed[2]).all()
    assert needed[0].sum() > needed[2].sum()


@pytest.mark.parametrize(
    "bad", [{"rule": "hope"}, {"share": 0.0}, {"share": 1.0}, {"wait_s": -1.0}, {"idle_load": 2.0}]
)
def test_an_impossible_promise_is_refused(bad):
    """A promise that nobody can keep or break is an error."""
    with pytest.raises(InvalidInputError):
        Promise(**bad)

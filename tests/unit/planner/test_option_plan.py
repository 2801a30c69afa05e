"""Options in a city: people-hours are counted a second way, hour by hour and door by door."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import small_setting

from geodata.errors import InvalidInputError, UnanswerableError
from planner import explain
from planner.option_plan import choose
from planner.option_question import pose, worthwhile
from planner.options import Kind, Prices, Rules, open_hours
from planner.slots import alike

PRICES = Prices(
    kinds=(
        Kind(
            name="co_built",
            cost_cny=13_000,
            seats=8,
            hours=("Mo-Fr 08:30-18:00", "Mo-Su 07:00-21:00"),
        ),
        Kind(name="smart_24h", cost_cny=40_000, seats=6, hours=("24/7",)),
    ),
    extend_cny=5_000,
    upgrade_cny=40_000,
    seat_cny=2_000,
    move_cny=8_000,
    running_cny={"co_built": 5_000, "smart_24h": 17_500},
    longer_hours=("Mo-Su 07:00-21:00", "Mo-Su 05:00-23:00"),
)


@pytest.fixture(scope="module")
def setting():
    """The tiny city."""
    return small_setting.make(minutes=5)


def _hours_covered(setting, doors) -> float:
    """Count people-hours of a week with open doors in reach, one hour and place after the other."""
    demand = setting.demand
    total = 0.0
    for points, hours in doors:
        del points, hours
    reach = setting.reach(_points(doors)).matrix().toarray() > 0
    is_open = open_hours([hours for _point, hours in doors])
    for row in range(len(demand.people)):
        for hour in range(168):
            if any(reach[demand.place[row], j] and is_open[j, hour] for j in range(len(doors))):
                total += demand.people[row] * demand.presence[row, hour]
    return total


def _points(doors):
    import geopandas as gpd

    return gpd.GeoSeries([point for point, _hours in doors], crs="EPSG:4326")


@pytest.mark.parametrize("may_close", [False, True])
def test_people_hours_agree_with_a_count_by_hand(setting, may_close):
    """What the plan says to cover is what open doors in reach cover, hour by hour."""
    answer = choose(
        setting,
        small_setting.candidates(setting),
        PRICES,
        Rules(budget_cny=60_000, may_close=may_close),
    )
    stations = setting.in_service()
    changed = {row["from_id"] or row["id"] for row in answer.chosen.to_dict("records")} | set(
        answer.closed
    )
    stay = [(s.geometry, s.hours) for s in stations.itertuples() if s.id not in changed]
    new = [(row["geometry"], row["hours"]) for row in answer.chosen.to_dict("records")]
    assert answer.after_hours == pytest.approx(_hours_covered(setting, stay + new))
    today = [(s.geometry, s.hours) for s in stations.itertuples()]
    assert answer.before_hours == pytest.approx(_hours_covered(setting, today))
    assert answer.after_hours > answer.before_hours
    assert answer.cost_cny <= 60_000


def test_each_reason_is_what_is_lost_without_the_option(setting):
    """The hours an option is credited with, by group, by area and by hour, all add up to its loss."""
    rules = Rules(budget_cny=60_000)
    answer = choose(setting, small_setting.candidates(setting), PRICES, rules)
    for why, gain in zip(
        explain.why(setting, answer, rules), answer.chosen["gain_hours"], strict=True
    ):
        assert why.lost_hours == pytest.approx(gain)
        assert sum(h for _g, h in why.by_group) == pytest.approx(gain)
        assert sum(h for _a, h in why.by_area) == pytest.approx(gain)
        assert why.by_hour.sum() == pytest.approx(gain)
        if answer.plan.outcome == "optimal":
            assert why.runner_up_hours <= why.lost_hours + 1e-6


def test_more_money_brings_what_was_promised(setting):
    """With 10,000 CNY more the best plan gains at least the least and at most the most."""
    sites = small_setting.candidates(setting)
    answer = choose(setting, sites, PRICES, Rules(budget_cny=26_000), gap=0.0)
    more = explain.more_money(answer)
    richer = choose(setting, sites, PRICES, Rules(budget_cny=36_000), gap=0.0)
    gained = richer.plan.objective - answer.plan.objective
    assert more.least_hours - 1e-6 <= gained <= more.most_hours + 1e-6


def test_leaving_out_outdone_sites_changes_nothing(setting):
    """The best plan over all candidates is worth what it is worth over those that remain."""
    sites = small_setting.candidates(setting)
    few = worthwhile(setting, sites)
    assert len(few) < len(sites)
    rules = Rules(budget_cny=60_000)
    unnested = replace(
        PRICES,
        kinds=(
            *PRICES.kinds,
            Kind(name="mobile", cost_cny=9e9, seats=1, hours=("Mo-Su 22:00-23:00",)),
        ),
    )
    of_all = choose(setting, sites, unnested, rules, gap=0.0)
    of_few = choose(setting, sites, PRICES, rules, gap=0.0)
    assert of_few.plan.objective == pytest.approx(of_all.plan.objective)


def test_floors_are_kept_or_refused_with_a_price(setting):
    """The worst hour has its share, or the refusal says what it would cost at least."""
    sites = small_setting.candidates(setting)
    answer = choose(setting, sites, PRICES, Rules(budget_cny=1e6, worst_hour_share=0.2))
    shares = answer.by_hour_after
    assert np.nanmin(shares) >= 0.2 - 1e-9
    with pytest.raises(UnanswerableError, match="floors") as refused:
        choose(setting, sites, PRICES, Rules(budget_cny=13_000, worst_hour_share=0.9))
    assert "13,000" in str(refused.value) or "whatever" in str(refused.value)


def test_a_group_that_weighs_nothing_is_not_planned_for(setting):
    """Weights steer the money: with all groups but one at 0, only its hours count."""
    sites = small_setting.candidates(setting)
    groups = sorted(set(setting.demand.group))
    rules = Rules(budget_cny=26_000, group_weight=dict.fromkeys(groups[1:], 0.0))
    answer = choose(setting, sites, PRICES, rules)
    for why in explain.why(setting, answer, rules):
        assert {group for group, _hours in why.by_group} <= {groups[0]}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_slots_lose_nothing(seed):
    """Hours in a slot have the same doors open, and sums over slots are sums over hours."""
    rng = np.random.default_rng(seed)
    is_open = rng.random((int(rng.integers(0, 4)), 168)) < 0.5
    slots = alike(is_open)
    assert (slots.is_open[:, slots.of_hour] == is_open).all()
    people = rng.random((3, 168))
    expected = np.stack([people[:, slots.of_hour == k].sum(axis=1) for k in range(slots.n)], axis=1)
    assert slots.sums(people) == pytest.approx(expected)


def test_money_that_buys_nothing_is_refused(setting):
    """Below the cheapest option the refusal names its price; from there on it is bought."""
    sites = small_setting.candidates(setting)
    with pytest.raises(UnanswerableError, match="costs 5,000 CNY"):
        choose(setting, sites, PRICES, Rules(budget_cny=4_999.0))
    assert len(choose(setting, sites, PRICES, Rules(budget_cny=5_000.0)).chosen) == 1


def test_options_never_shorten_hours(setting):
    """What is offered to an existing station holds all hours that it has today."""
    posed = pose(
        setting, small_setting.candidates(setting), PRICES, Rules(budget_cny=1.0, may_close=True)
    )
    table, stations = posed.options.table, setting.in_service()
    now = open_hours(list(stations["hours"]))
    n = len(posed.options.table["place"].unique())
    assert n > 0
    offset = int(table.loc[table["action"] == "keep", "site"].min())
    for at in np.flatnonzero(
        table["action"].isin(["extend", "upgrade_24h", "add_seats", "keep"])
    ).tolist():
        assert (posed.options.is_open[at] >= now[int(table["site"].iloc[at]) - offset]).all()


@pytest.mark.parametrize(
    "bad",
    [
        {"budget_cny": -1.0},
        {"budget_cny": float("nan")},
        {"budget_cny": 1.0, "worst_hour_share": 2.0},
        {"budget_cny": 1.0, "group_weight": {"rider": -1.0}},
    ],
)
def test_impossible_rules_are_refused(bad):
    """Budgets, floors and weights that cannot be are errors."""
    with pytest.raises(InvalidInputError):
        Rules(**bad)

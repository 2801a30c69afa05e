"""Sizes of stations: what seats are enough for, and plans that choose the size."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import small_setting
from support.small_setting import NEW

from geodata.errors import InvalidInputError
from planner.capacity import Promise
from planner.question import Question
from planner.queues import erlang_b
from planner.seat_steps import SeatRule, in_steps, load_per_person, people_for_seats
from planner.setting import Setting
from planner.suggestion import suggest
from planner.visits import VisitModel

RULE = SeatRule(promise=Promise(), model=VisitModel())


@pytest.fixture(scope="module")
def city() -> Setting:
    """Give the tiny city with a standard of five minutes."""
    return small_setting.make()


def test_seats_keep_the_promise_up_to_their_people_and_not_beyond(city: Setting) -> None:
    """Erlang's own formula, at the capacity and a little above it."""
    seats = np.arange(1, 60)
    each = load_per_person(city.demand, RULE.model)
    most = people_for_seats(seats, RULE, city.demand)
    assert (erlang_b(most * each, seats) <= 0.05 + 1e-9).all()
    assert (erlang_b(most * 1.001 * each, seats) > 0.05).all()


def test_the_load_of_a_person_is_that_of_the_busiest_hour(city: Setting) -> None:
    """Little's law bounds it: visits of the busiest hour, each as long as its stay at the most."""
    model = RULE.model
    highest = max(
        model.visits_per_day[g] * model.hour_shares[g].max() for g in model.visits_per_day
    )
    each = load_per_person(city.demand, model)
    # Presence may squeeze the visits of the week into fewer hours; not below a load of the mean.
    mean = min(model.visits_per_day.values()) / 24 * model.stay_s / 3600
    assert mean <= each
    assert each <= highest * 7 * model.stay_s / 3600


@settings(deadline=None)
@given(one=st.integers(1, 200), other=st.integers(1, 200))
def test_one_large_room_is_enough_for_more_people_than_two_small_ones(one: int, other: int) -> None:
    """Seats that are shared carry more."""
    demand = small_setting.make().demand
    a, b, both = people_for_seats([one, other, one + other], RULE, demand)
    assert both >= a + b - 1e-9


def test_a_plan_chooses_place_and_size_as_trying_all_would(city: Setting) -> None:
    """Every choice of places and sizes for the money, tried one by one on separate rooms."""
    sites = small_setting.candidates(city).iloc[::40].reset_index(drop=True).iloc[:4]
    steps = (14, 20)
    offered = in_steps(sites, steps, with_seats=NEW.seats, seat_cny=2_000.0)
    assert offered["id"].nunique() == len(sites)
    question = Question(model="capacitated", budget_cny=45_000.0, seat_rule=RULE)
    empty = small_setting.make(stations=city.stations.iloc[:0])
    found = suggest(empty, offered, NEW, question)
    people = empty.demand.people_by_place()
    reach = empty.reach(offered.geometry).matrix().toarray() > 0
    capacity = people_for_seats(offered["seats"], RULE, empty.demand)
    best = 0.0
    for picked in product([False, True], repeat=len(offered)):
        chosen = np.flatnonzero(picked)
        if offered["cost_cny"].to_numpy()[chosen].sum() <= 45_000.0:
            best = max(best, _most_served(people, reach[:, chosen], capacity[chosen]))
    assert found.plan.outcome == "optimal"
    assert found.plan.objective == pytest.approx(best, rel=1e-6)
    assert set(found.sites["seats"]) <= set(steps)


def _most_served(people: np.ndarray, reach: np.ndarray, capacity: np.ndarray) -> float:
    """Give the greatest flow by its least cut: over all sets of stations (Gale 1957)."""
    least = np.inf
    for cut in product([False, True], repeat=len(capacity)):
        inside = np.array(cut, bool)
        served = people[reach[:, ~inside].any(axis=1)].sum() if (~inside).any() else 0.0
        least = min(least, capacity[inside].sum() + served)
    return float(least)


@pytest.mark.parametrize("steps", [(), (0, 4), (3, 3), (1, 2, 3, 4, 5, 6, 7)])
def test_steps_that_are_no_sizes_are_refused(city: Setting, steps: tuple[int, ...]) -> None:
    """None, no seats, twice the same, or too many: a sentence says what to give."""
    with pytest.raises(InvalidInputError, match="steps of seats"):
        in_steps(small_setting.candidates(city), steps, with_seats=12, seat_cny=2_000.0)


def test_sizes_are_for_the_model_with_capacities_alone() -> None:
    """Another model has no seats to count."""
    with pytest.raises(InvalidInputError, match="capacitated"):
        Question(model="mclp", n_sites=1, seat_rule=RULE)

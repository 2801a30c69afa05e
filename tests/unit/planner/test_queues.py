"""Queues: against sums in high precision, simulation and their own definitions."""

from __future__ import annotations

import ciw
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from geodata.errors import InvalidInputError
from planner import queues

many = settings(max_examples=60, deadline=None)
LOADS = st.floats(1e-6, 150.0)
SEATS = st.integers(1, 90)


def _terms(load: float, upto: int) -> list[mpmath.mpf]:
    a = mpmath.mpf(load)
    return [a**k / mpmath.factorial(k) for k in range(upto + 1)]


def _exact_b(load: float, seats: int) -> float:
    terms = _terms(load, seats)
    return float(terms[-1] / mpmath.fsum(terms))


def _exact_c(load: float, seats: int) -> float:
    if load >= seats:
        return 1.0
    *below, last = _terms(load, seats)
    waiting = last * seats / (seats - mpmath.mpf(load))
    return float(waiting / (mpmath.fsum(below) + waiting))


def _exact_full(load: float, seats: int, places: int) -> float:
    ratio = mpmath.mpf(load) / seats
    terms = _terms(load, seats)
    terms += [terms[-1] * ratio**n for n in range(1, places - seats + 1)]
    return float(terms[-1] / mpmath.fsum(terms))


@many
@given(load=LOADS, seats=SEATS)
def test_b_and_c_agree_with_the_sums(load, seats):
    """Erlang's B and C equal their definitions in 40 digits to 1e-12."""
    with mpmath.workdps(40):
        assert abs(float(queues.erlang_b(load, seats)) - _exact_b(load, seats)) < 1e-12
        assert abs(float(queues.erlang_c(load, seats)) - _exact_c(load, seats)) < 1e-12


@many
@given(load=LOADS, seats=SEATS, standing=st.integers(0, 40))
def test_full_share_agrees_with_the_states(load, seats, standing):
    """The share turned away from M/M/c/K is the last of its state probabilities, to 1e-10."""
    with mpmath.workdps(40):
        expected = _exact_full(load, seats, seats + standing)
    found = float(queues.full_share(load, seats, places=seats + standing))
    assert abs(found - expected) < 1e-10


@many
@given(
    seats=SEATS,
    standing=st.integers(0, 40),
    digits=st.integers(1, 15),
    sign=st.sampled_from([-1, 1]),
)
def test_nothing_breaks_where_load_meets_seats(seats, standing, digits, sign):
    """Near ρ = 1, where the formulas divide by almost nothing, they stay exact."""
    load = seats * (1.0 + sign * 10.0**-digits)
    with mpmath.workdps(50):
        expected = _exact_c(load, seats), _exact_full(load, seats, seats + standing)
    assert float(queues.erlang_c(load, seats)) == pytest.approx(expected[0], abs=1e-10)
    found = float(queues.full_share(load, seats, places=seats + standing))
    assert found == pytest.approx(expected[1], abs=1e-10)


def test_full_without_standing_room_is_b():
    """With as many places as seats nobody waits: M/M/c/c is Erlang's B."""
    load, seats = np.meshgrid(np.linspace(0, 30, 61), np.arange(1, 25))
    found = queues.full_share(load, seats, places=seats)
    assert np.allclose(found, queues.erlang_b(load, seats), rtol=0, atol=1e-14)


def test_an_empty_station_and_a_station_without_seats():
    """Nobody who does not come is lost; without seats everybody is."""
    assert queues.erlang_b(0.0, [0, 1, 5]).tolist() == [1.0, 0.0, 0.0]
    assert queues.erlang_b([0.5, 7.0], 0).tolist() == [1.0, 1.0]
    assert queues.erlang_c([0.0, 3.0, 3.0], [2, 3, 0]).tolist() == [0.0, 1.0, 1.0]


def test_rows_that_share_seats_equal_single_questions():
    """The fast form, seats of shape (n, 1), gives what one question after the other gives."""
    rng = np.random.default_rng(0)
    load, seats = rng.uniform(0, 20, (7, 11)), rng.integers(0, 25, (7, 1))
    for ask in (queues.erlang_b, queues.erlang_c):
        single = [
            [float(ask(a, int(c))) for a in row] for row, (c,) in zip(load, seats, strict=True)
        ]
        assert ask(load, seats).tolist() == single


@many
@given(load=LOADS, share=st.floats(0.001, 0.6))
def test_seats_for_loss_are_the_fewest(load, share):
    """One seat fewer would lose more than the share; this many do not."""
    seats = int(queues.seats_for_loss(load, most_lost=share))
    assert float(queues.erlang_b(load, seats)) <= share * (1 + 1e-12)
    assert seats == 0 or float(queues.erlang_b(load, seats - 1)) > share * (1 - 1e-12)


@many
@given(
    load=LOADS, share=st.floats(0.05, 0.999), wait_s=st.floats(0, 3600), stay_s=st.floats(60, 7200)
)
def test_seats_for_wait_are_the_fewest(load, share, wait_s, stay_s):
    """One seat fewer would make more people wait longer; this many do not."""
    seats = int(queues.seats_for_wait(load, stay_s=stay_s, wait_s=wait_s, share=share))

    def longer(c: int) -> float:
        return float(queues.wait_exceeds(load, c, stay_s=stay_s, wait_s=wait_s))

    assert longer(seats) <= (1 - share) * (1 + 1e-9)
    assert longer(seats - 1) > (1 - share) * (1 - 1e-9)


@many
@given(seats=st.integers(1, 200), share=st.floats(0.001, 0.5))
def test_the_load_for_a_loss_is_the_threshold(seats, share):
    """The load a number of seats carries keeps the share; a trace more does not."""
    load = float(queues.load_for_loss(seats, most_lost=share))
    assert float(queues.erlang_b(load, seats)) <= share
    assert float(queues.erlang_b(load * (1 + 1e-9), seats)) > share
    assert int(queues.seats_for_loss(load, most_lost=share)) <= seats


@many
@given(seats=st.integers(1, 200), share=st.floats(0.5, 0.99), wait_s=st.floats(0, 1800))
def test_the_load_for_a_wait_is_the_threshold(seats, share, wait_s):
    """The load for a wait keeps its promise; a trace more does not."""
    load = float(queues.load_for_wait(seats, stay_s=1800, wait_s=wait_s, share=share))
    asked = {"stay_s": 1800, "wait_s": wait_s}
    assert float(queues.wait_exceeds(load, seats, **asked)) <= 1 - share
    assert float(queues.wait_exceeds(load * (1 + 1e-9) + 1e-300, seats, **asked)) > 1 - share


def test_the_modified_load_solves_its_equation():
    """Followed for many periods by a general solver, the load ends in the same rhythm."""
    rate = np.array([0.0, 2.0, 9.0, 4.0, 0.5, 0.0]) / 600.0
    stay_s, step_s = 900.0, 600.0

    def slope(t, m):
        return rate[int(t // step_s) % len(rate)] - m / stay_s

    level, highest = np.array([0.0]), []
    for k in range(len(rate) * 12):
        span = (k * step_s, (k + 1) * step_s - 1e-9)
        solved = solve_ivp(slope, span, level, rtol=1e-10, atol=1e-12, dense_output=True)
        highest.append(solved.sol(np.linspace(*span, 300)).max())
        level = solved.y[:, -1]
    found = queues.modified_load(rate, stay_s=stay_s, step_s=step_s)
    assert found == pytest.approx(highest[-len(rate) :], rel=1e-5)


def test_a_steady_load_is_arrivals_times_stay():
    """Little's law: without a rhythm the load is λ × stay at all times."""
    found = queues.modified_load(np.full((3, 96), 0.01), stay_s=1200.0, step_s=900.0)
    assert np.allclose(found, 12.0, rtol=1e-12)


def _simulated(arrivals_per_s: float, stay, seats: int, standing: float, seed: int):
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(arrivals_per_s)],
        service_distributions=[stay],
        number_of_servers=[seats],
        queue_capacities=[standing],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_time(40_000 / arrivals_per_s / 4)
    records = run.get_all_records()
    served = [
        r for r in records if r.record_type == "service" and r.arrival_date > 20 / arrivals_per_s
    ]
    lost = sum(
        r.record_type == "rejection" and r.arrival_date > 20 / arrivals_per_s for r in records
    )
    return served, lost


@pytest.mark.parametrize("stay", [ciw.dists.Exponential(1 / 900), ciw.dists.Deterministic(900)])
def test_simulated_visitors_find_no_seat_as_often(stay):
    """Nobody waits: a simulation loses Erlang's B, however stays are distributed."""
    served, lost = _simulated(8 / 900, stay, 9, 0, seed=1)
    share = lost / (lost + len(served))
    assert share == pytest.approx(float(queues.erlang_b(8.0, 9)), abs=0.015)


def test_simulated_visitors_wait_as_long():
    """All wait: a simulation has as many who wait, and who wait longer than five minutes."""
    served, _ = _simulated(6 / 900, ciw.dists.Exponential(1 / 900), 8, float("inf"), seed=2)
    waits = np.array([r.waiting_time for r in served])
    assert np.mean(waits > 1e-9) == pytest.approx(float(queues.erlang_c(6.0, 8)), abs=0.04)
    expected = float(queues.wait_exceeds(6.0, 8, stay_s=900, wait_s=300))
    assert np.mean(waits > 300) == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: queues.erlang_b(-1.0, 3),
        lambda: queues.erlang_b(float("nan"), 3),
        lambda: queues.erlang_b(1.0, 2.5),
        lambda: queues.erlang_c(1.0, -1),
        lambda: queues.full_share(1.0, 3, places=2),
        lambda: queues.full_share(1.0, 0, places=2),
        lambda: queues.wait_exceeds(1.0, 2, stay_s=0, wait_s=1),
        lambda: queues.wait_exceeds(1.0, 2, stay_s=60, wait_s=-1),
        lambda: queues.seats_for_loss(1.0, most_lost=0.0),
        lambda: queues.seats_for_loss(1.0, most_lost=1.5),
        lambda: queues.seats_for_wait(1.0, stay_s=60, wait_s=1, share=1.0),
        lambda: queues.load_for_loss(3, most_lost=1.0),
        lambda: queues.seats_for_loss(1e6, most_lost=0.01),
        lambda: queues.modified_load([1.0, -1.0], stay_s=60, step_s=60),
    ],
)
def test_impossible_numbers_are_refused(ask):
    """A number that cannot be is an error with a sentence, never a silent answer."""
    with pytest.raises(InvalidInputError):
        ask()

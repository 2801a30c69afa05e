"""Covering within capacities: against enumeration and maximum flow of SciPy, and what is refused."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from geodata.errors import UnanswerableError
from planner.models.capacitated import load
from planner.models.choice import choice
from planner.problem import AreaFloors, SitingProblem
from planner.solve.capacitated import solve_capacitated
from planner.solve.flow import most_served
from planner.solve.found import Found
from planner.solve.objective import objective_of
from planner.solve.watch import Watch


def drawn_problem(seed: int) -> SitingProblem:
    """Draw a small question in whole people, all rules mixed."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 11)), int(rng.integers(1, 7))
    role = rng.random(m)
    rules = {
        "is_open": rng.random(m) < 0.25,
        "is_required": role < 0.08,
        "is_forbidden": role > 0.92,
        "may_close": bool(rng.random() < 0.4),
    }
    if rng.random() < 0.5:
        rules["cost_cny"] = rng.integers(1, 9, m).astype(float)
        rules["budget_cny"] = float(rng.integers(8, 20))
    if rng.random() < 0.5 or "cost_cny" not in rules:
        rules["n_sites"] = int(rng.integers(1, 4))
    if rng.random() < 0.4:
        shares = np.round(rng.random(2) * 0.7, 2)
        rules["floors"] = AreaFloors(area=rng.integers(-1, 2, n), min_share=shares)
    return SitingProblem.capacitated(
        csr_array((rng.random((n, m)) < rng.choice([0.3, 0.6])).astype(np.int8)),
        rng.integers(0, 9, n).astype(float),
        capacity_people=rng.integers(0, 14, m).astype(float),
        **rules,
    )


def keeps_limits(problem: SitingProblem, used: np.ndarray) -> bool:
    """Whether a set of facilities keeps all rules on facilities, read from their definitions."""
    is_open = problem.is_open
    if (used & problem.is_forbidden).any() or (problem.is_required & ~used).any():
        return False
    if not problem.may_close and (is_open & ~problem.is_forbidden & ~used).any():
        return False
    if problem.n_sites is not None and used.sum() - is_open.sum() > problem.n_sites:
        return False
    if problem.budget_cny is None:
        return True
    spent = problem.cost_cny[used].sum() - problem.cost_cny[is_open].sum()
    return bool(spent <= problem.budget_cny + 1e-9)


def greatest_flow(problem: SitingProblem, used: np.ndarray) -> int:
    """Give the people served by a set of facilities, by SciPy on whole numbers."""
    n, m = problem.reach.shape
    graph = np.zeros((n + m + 2, n + m + 2), np.int32)
    graph[0, 1 : n + 1] = problem.people
    graph[1 : n + 1, n + 1 : n + m + 1] = problem.reach.toarray().astype(np.int32) * 10_000
    graph[n + 1 : n + m + 1, -1] = np.where(used, problem.capacity_people, 0)
    return int(maximum_flow(csr_array(graph), 0, n + m + 1).flow_value)


def can_keep_floors(problem: SitingProblem, used: np.ndarray) -> bool:
    """Whether some flow keeps all floors, as a linear programme written out pair by pair."""
    if problem.floors is None:
        return True
    n, m = problem.reach.shape
    rows, columns = problem.reach.nonzero()
    area, shares = problem.floors.area, problem.floors.min_share
    parts = [rows == i for i in range(n)] + [columns == j for j in range(m)]
    most = [*problem.people, *(problem.capacity_people * used)]
    least = [share * problem.people[area == k].sum() for k, share in enumerate(shares)]
    if len(rows) == 0:
        return max(least) <= 1e-9
    matrix = np.array([*parts, *(-1.0 * (area[rows] == k) for k in range(2))], dtype=float)
    limits = np.array(most + [1e-9 - v for v in least])
    return bool(linprog(np.zeros(len(rows)), A_ub=matrix, b_ub=limits).status == 0)


def most_by_enumeration(problem: SitingProblem) -> float | None:
    """Try every set of facilities; None when none will do."""
    sets = (np.array(s, bool) for s in itertools.product((0, 1), repeat=len(problem.is_open)))
    values = [(greatest_flow(problem, used), used) for used in sets if keeps_limits(problem, used)]
    for value, used in sorted(values, key=lambda item: -item[0]):
        if can_keep_floors(problem, used):
            return float(value)
    return None


def answer_or_refusal(problem: SitingProblem) -> Found | UnanswerableError:
    """Solve with time to spare, or give the reason why there is no answer."""
    try:
        return solve_capacitated(problem, Watch(60.0), 0)
    except UnanswerableError as error:
        return error


def check_flow(problem: SitingProblem, found: Found) -> None:
    """Check that what is sent is possible, is all, and keeps the floors."""
    sent = most_served(problem, found.facilities).toarray()
    assert sent.min(initial=0.0) >= 0
    assert (sent[problem.reach.toarray() == 0] == 0).all()
    assert (sent.sum(axis=1) <= problem.people + 1e-9).all()
    used = np.isin(np.arange(len(problem.is_open)), found.facilities)
    assert (sent.sum(axis=0) <= problem.capacity_people * used + 1e-9).all()
    assert sent.sum() == pytest.approx(greatest_flow(problem, used), abs=1e-9)
    if problem.floors is not None:
        for k, share in enumerate(problem.floors.min_share):
            mine = problem.floors.area == k
            assert sent[mine].sum() >= share * problem.people[mine].sum() - 1e-6


@pytest.mark.parametrize("block", range(6))
def test_optimum_equals_enumeration_and_maximum_flow(block: int) -> None:
    """On 6 × 50 small problems as many are served as by the best of all sets, with a proof."""
    for seed in range(50 * block, 50 * block + 50):
        problem = drawn_problem(seed)
        most, found = most_by_enumeration(problem), answer_or_refusal(problem)
        if isinstance(found, UnanswerableError):
            assert most is None or "cheapest" in found.details, seed
            continue
        assert most is not None, seed
        used = np.isin(np.arange(len(problem.is_open)), found.facilities)
        assert keeps_limits(problem, used), seed
        assert objective_of(problem, found.facilities) == pytest.approx(most, abs=1e-9), seed
        assert found.bound == pytest.approx(most, abs=1e-9), seed
        assert found.reason == "proved"
        check_flow(problem, found)


def test_a_refusal_names_the_smallest_change_that_helps() -> None:
    """What a refusal of floors advises has an answer, and a little less has none."""
    seen = set()
    for seed in range(1200):
        drawn = drawn_problem(seed)
        if drawn.floors is None:
            continue
        error = answer_or_refusal(drawn)
        if isinstance(error, Found) or {"cheapest", "required", "cost"} & set(error.details):
            continue
        free = replace(drawn, n_sites=None, budget_cny=None)
        kind = min({"area", "budget", "n", "n_areas"} & set(error.details))
        seen.add(kind)
        if kind == "area":
            shares = np.zeros((2, 2))
            shares[:, error.details["area"]] = float(error.details["most"]) + np.array([0, 2e-6])
            floors = (replace(drawn.floors, min_share=share) for share in shares)
            looser, tighter = (replace(free, floors=f) for f in floors)
        elif kind == "budget":
            least = float(error.details["least"])
            looser, tighter = (replace(drawn, budget_cny=least + d) for d in (1e-6, -1e-5))
        elif kind == "n":
            looser, tighter = (
                replace(free, n_sites=int(error.details["least"]) - k) for k in (0, 1)
            )
        else:
            looser, tighter = replace(free, floors=None), free
        assert most_by_enumeration(looser) is not None, (seed, str(error))
        assert most_by_enumeration(tighter) is None, (seed, str(error))
    assert seen == {"area", "budget", "n", "n_areas"}


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_more_sites_money_or_places_never_serve_fewer(seed: int) -> None:
    """Loosening a limit never lowers the optimum."""
    problem = drawn_problem(seed)
    base = answer_or_refusal(problem)
    if isinstance(base, UnanswerableError):
        return
    looser = [replace(problem, capacity_people=problem.capacity_people + 3)]
    if problem.n_sites is not None:
        looser.append(replace(problem, n_sites=problem.n_sites + 1))
    if problem.budget_cny is not None:
        looser.append(replace(problem, budget_cny=problem.budget_cny + 3))
    for question in looser:
        assert solve_capacitated(question, Watch(60.0), 0).bound >= base.bound - 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_greatest_flow_of_parts_of_people(seed: int) -> None:
    """People need not be whole: the flow is what the same numbers times 64 give in whole."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 30)), int(rng.integers(1, 12))
    people, capacity = rng.integers(0, 999, n), rng.integers(0, 2000, m)
    reach = csr_array((rng.random((n, m)) < 0.3).astype(np.int8))
    whole = SitingProblem.capacitated(
        reach, people.astype(float), capacity_people=capacity.astype(float), n_sites=m
    )
    parts = replace(whole, people=people / 64, capacity_people=capacity / 64)
    used = rng.random(m) < 0.6
    sent = most_served(parts, np.flatnonzero(used))
    assert sent.sum() * 64 == pytest.approx(greatest_flow(whole, used), rel=1e-12, abs=1e-9)
    again = most_served(parts, np.flatnonzero(used))
    assert (sent != again).nnz == 0


def test_people_of_one_point_may_go_to_several_facilities() -> None:
    """Ten people and two facilities of six places: all are served."""
    problem = SitingProblem.capacitated(
        csr_array(np.array([[1, 1]])), [10.0], capacity_people=[6.0, 6.0], n_sites=2
    )
    found = solve_capacitated(problem, Watch(9.0), 0)
    assert found.bound == 10.0
    assert most_served(problem, found.facilities).toarray().max() == 6.0


def test_existing_facilities_share_their_places_for_the_good_of_all() -> None:
    """An existing facility gives its places to whom the new one does not reach."""
    problem = SitingProblem.capacitated(
        csr_array(np.array([[1, 0], [1, 1]])),
        [5.0, 5.0],
        capacity_people=[5.0, 5.0],
        n_sites=1,
        is_open=[True, False],
    )
    assert solve_capacitated(problem, Watch(9.0), 0).bound == 10.0


def test_sites_that_would_serve_nobody_are_not_chosen() -> None:
    """One place is enough for one person."""
    problem = SitingProblem.capacitated(
        csr_array(np.ones((1, 3), np.int8)), [1.0], capacity_people=[9.0, 9.0, 9.0], n_sites=3
    )
    found = solve_capacitated(problem, Watch(9.0), 0)
    assert found.facilities is not None
    assert len(found.facilities) == 1


def test_ample_kept_facilities_leave_the_question() -> None:
    """Whom a kept facility serves with places to spare is in no row of the programme."""
    problem = SitingProblem.capacitated(
        csr_array(np.array([[1, 0], [1, 1], [0, 1]])),
        [1.0, 2.0, 4.0],
        capacity_people=[3.0, 9.0],
        n_sites=1,
        is_open=[True, False],
    )
    small = load(problem, choice(problem))
    assert small.kept_people == 3.0
    assert small.people.tolist() == [4.0]
    assert small.facilities.tolist() == [1]


def test_when_time_is_over_the_bound_holds() -> None:
    """Without any time there is still a bound that no plan beats."""
    rng = np.random.default_rng(4)
    problem = SitingProblem.capacitated(
        csr_array((rng.random((200, 40)) < 0.1).astype(np.int8)),
        rng.integers(1, 50, 200).astype(float),
        capacity_people=rng.integers(50, 400, 40).astype(float),
        n_sites=6,
    )
    late, best = (solve_capacitated(problem, Watch(s), 0) for s in (1e-9, 60.0))
    assert late.reason == "time_limit"
    assert best.reason == "proved"
    assert late.bound >= best.bound >= objective_of(problem, late.facilities)

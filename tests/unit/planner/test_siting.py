"""Maximal covering: against enumeration, on its boundaries, and with every claim re-checked."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError, UnanswerableError
from planner.siting import SitingProblem, solve
from planner.verify import verify


def random_question(seed: int) -> dict:
    """Draw a small question: some facilities open, half of them with a budget."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 12)), int(rng.integers(1, 9))
    question = {
        "reach": csr_array((rng.random((n, m)) < 0.35).astype(np.int8)),
        "people": rng.integers(0, 9, n).astype(float),
        "n_sites": int(rng.integers(1, 5)),
        "is_open": rng.random(m) < 0.2,
    }
    if rng.random() < 0.5:
        question["cost_cny"] = rng.integers(1, 9, m).astype(float)
        question["budget_cny"] = float(rng.integers(8, 20))
    return question


def best_by_enumeration(question: dict) -> float:
    """Try every set of new sites that the limits allow."""
    reach = question["reach"].toarray() > 0
    is_open, people = question["is_open"], question["people"]
    new = np.flatnonzero(~is_open)
    best = 0.0
    for size in range(question["n_sites"] + 1):
        for sites in itertools.combinations(new, size):
            if (
                "budget_cny" in question
                and question["cost_cny"][list(sites)].sum() > question["budget_cny"]
            ):
                continue
            used = np.concatenate([np.flatnonzero(is_open), np.array(sites, dtype=int)])
            best = max(best, people[reach[:, used].any(axis=1)].sum())
    return best


@pytest.mark.parametrize("block", range(8))
def test_optimum_equals_enumeration_on_two_hundred_problems(block: int) -> None:
    """On 8 × 25 random small problems the plan serves exactly as many as the best of all sets."""
    for seed in range(25 * block, 25 * block + 25):
        question = random_question(seed)
        problem = SitingProblem.mclp(**question)
        plan = solve(problem, random_state=seed)
        verify(problem, plan)
        assert plan.outcome == "optimal"
        assert plan.objective == pytest.approx(best_by_enumeration(question), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_more_sites_or_more_money_never_serve_fewer(seed: int) -> None:
    """Loosening a limit never lowers the optimum."""
    question = random_question(seed)
    base = solve(SitingProblem.mclp(**question)).objective
    looser = {**question, "n_sites": question["n_sites"] + 1}
    assert solve(SitingProblem.mclp(**looser)).objective >= base - 1e-9
    if "budget_cny" in question:
        richer = {**question, "budget_cny": question["budget_cny"] + 3}
        assert solve(SitingProblem.mclp(**richer)).objective >= base - 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_renumbering_changes_nothing(seed: int) -> None:
    """Demand and candidates in another order serve as many people."""
    question = random_question(seed)
    rng = np.random.default_rng(seed)
    rows, columns = (rng.permutation(k) for k in question["reach"].shape)
    other = {
        **question,
        "reach": question["reach"][rows][:, columns],
        "people": question["people"][rows],
    }
    other["is_open"] = question["is_open"][columns]
    if "cost_cny" in question:
        other["cost_cny"] = question["cost_cny"][columns]
    first, second = (solve(SitingProblem.mclp(**q)).objective for q in (question, other))
    assert first == pytest.approx(second, abs=1e-9)


def test_same_seed_same_plan() -> None:
    """The plan is the same every time."""
    problem = SitingProblem.mclp(**random_question(5))
    assert (
        solve(problem, random_state=3).chosen.tolist()
        == solve(problem, random_state=3).chosen.tolist()
    )


def big_question() -> SitingProblem:
    """A question that is not proved in a tenth of a second."""
    rng = np.random.default_rng(0)
    xy, sites = rng.random((3000, 2)), rng.random((700, 2))
    near = np.hypot(*(xy[:, None, :] - sites[None, :, :]).T).T <= 0.06
    return SitingProblem.mclp(csr_array(near), rng.integers(1, 100, 3000).astype(float), n_sites=60)


@pytest.mark.parametrize("unit", [1e-9, 1e-4, 1.0, 1e7])
def test_unit_of_people_changes_nothing(unit: float) -> None:
    """Thousandths of people or millions: the same sites, proved, with outcome and reason agreeing."""
    for seed in range(20):
        question = random_question(seed)
        scaled = {**question, "people": question["people"] * unit}
        first, second = (solve(SitingProblem.mclp(**q)) for q in (question, scaled))
        assert second.outcome == "optimal"
        assert second.reason in ("proved", "nobody_left")
        assert second.objective == pytest.approx(first.objective * unit, rel=1e-9)


def test_time_limit_gives_the_best_plan_so_far_with_its_gap() -> None:
    """Out of time the plan is feasible, not optimal, and states a gap above 0 that verify confirms."""
    problem = big_question()
    plan = solve(problem, time_limit_s=0.1)
    verify(problem, plan)
    assert (plan.outcome, plan.reason) == ("feasible", "time_limit")
    assert 0 < plan.gap < 1
    assert len(plan.chosen) == 60


def test_sites_come_in_the_order_of_what_they_add() -> None:
    """Gains fall along the plan and add up to the objective."""
    reach = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1]]))
    plan = solve(SitingProblem.mclp(reach, [5.0, 4.0, 4.0, 1.0], n_sites=3))
    assert plan.chosen.tolist() == [1, 0, 2]
    assert plan.gains_people.tolist() == [8.0, 5.0, 1.0]


def test_nobody_left_is_a_proved_plan_without_sites() -> None:
    """When open facilities serve everybody, no site is chosen and that is the optimum."""
    reach = csr_array(np.array([[1, 1]]))
    plan = solve(SitingProblem.mclp(reach, [3.0], n_sites=1, is_open=[True, False]))
    assert (plan.outcome, plan.reason, plan.objective, len(plan.chosen)) == (
        "optimal",
        "nobody_left",
        3.0,
        0,
    )


def test_budget_is_inclusive() -> None:
    """A site that costs exactly the budget is bought; a cent more and the budget pays for no site."""
    reach = csr_array(np.array([[1]]))
    plan = solve(SitingProblem.mclp(reach, [3.0], cost_cny=[100.0], budget_cny=100.0))
    assert (plan.objective, plan.cost_cny) == (3.0, 100.0)
    with pytest.raises(UnanswerableError, match="cheapest costs 100"):
        solve(SitingProblem.mclp(reach, [3.0], cost_cny=[100.0], budget_cny=99.99))


@pytest.mark.parametrize(
    "bad",
    [
        {"n_sites": 0},
        {"n_sites": -1},
        {"n_sites": None},
        {"people": [1.0]},
        {"people": [1.0, -1.0]},
        {"people": [1.0, float("nan")]},
        {"budget_cny": 10.0},
        {"cost_cny": [1.0, -1.0], "budget_cny": 10.0},
        {"cost_cny": [1.0, 1.0], "budget_cny": 0.0},
        {"is_open": [True]},
    ],
)
def test_contradictory_questions_are_refused(bad: dict) -> None:
    """Wrong shapes, negative values and plans that nothing limits are errors of ours."""
    question = {"people": [1.0, 2.0], "n_sites": 1, **bad}
    with pytest.raises(InvalidInputError):
        SitingProblem.mclp(csr_array(np.eye(2)), **question)

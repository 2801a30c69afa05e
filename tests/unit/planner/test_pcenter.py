"""p-centre: against enumeration, on its boundaries, on published graphs, and its parts one by one."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.journey_questions import (
    as_sparse,
    check_refusal,
    random_question,
    values,
)

from benchmarks.instances.orlib import read_graphs
from geodata.errors import UnanswerableError
from planner.models.choice import choice
from planner.models.journeys import journeys_of
from planner.models.pcenter import cover
from planner.siting import AreaFloors, SitingProblem, solve
from planner.solve.center import solve_pcenter
from planner.solve.radius import fractional, least
from planner.solve.watch import Watch


def plane_question(seed: int) -> dict:
    """Draw a question of 25 points and 12 candidates in a square, now and then with a budget."""
    rng = np.random.default_rng(seed)
    points, sites = rng.random((25, 2)) * 50, rng.random((12, 2)) * 50
    question = {
        "travel": np.round(np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))),
        "people": rng.integers(0, 5, 25).astype(float),
        "n_sites": int(rng.integers(2, 5)),
    }
    if seed % 2:
        question["cost_cny"] = rng.integers(1, 9, 12).astype(float)
        question["budget_cny"] = float(rng.integers(10, 18))
    return question


@pytest.mark.parametrize("block", range(6))
def test_answers_equal_enumeration_on_three_hundred_questions(block: int) -> None:
    """With every rule mixed, dense and sparse, the plan is the best of all, the refusal true."""
    outcomes = set()
    # 3895: an area that asks for nobody, beside one that does, in the solver.
    for seed in (3895, *range(10_000 + 50 * block, 10_050 + 50 * block)):
        question = random_question(seed)
        travel = as_sparse(question["travel"]) if seed % 2 else question["travel"]
        try:
            plan = solve(SitingProblem.pcenter(**{**question, "travel": travel}))
        except UnanswerableError as error:
            outcomes.add(check_refusal(question, error.details))
            continue
        outcomes.add("plan")
        every = values(question, is_median=False)
        is_open = question.get("is_open", np.zeros(question["travel"].shape[1], bool))
        stay = set(np.flatnonzero(is_open).tolist()) - set(plan.closed.tolist())
        assert plan.outcome == "optimal"
        assert plan.objective == min(every.values())
        assert every[tuple(sorted(stay | set(plan.chosen.tolist())))] == plan.objective
    assert "plan" in outcomes
    assert len(outcomes) > 1


@pytest.mark.parametrize("seed", range(20))
def test_longer_questions_equal_enumeration(seed: int) -> None:
    """On questions that greedy covers do not settle, the radius is that of the best plan."""
    question = plane_question(seed)
    every = values(question, is_median=False)
    plan = solve(SitingProblem.pcenter(**question), random_state=seed)
    assert (plan.outcome, plan.objective) == ("optimal", min(every.values()))


@pytest.mark.parametrize("seed", range(10))
def test_least_cover_and_its_bound(seed: int) -> None:
    """Taking rows and sites out keeps the least number and cost; the relaxation is never above."""
    question = {**plane_question(2 * seed), "n_sites": 12}
    question["cost_cny"] = np.random.default_rng(seed).integers(1, 9, 12).astype(float)
    problem = SitingProblem.pcenter(**question)
    sites, radius = choice(problem), 18.0
    journeys = journeys_of(problem, sites)
    waiting = question["people"] > 0
    covers = [
        list(plan)
        for size in range(13)
        for plan in itertools.combinations(range(12), size)
        if (question["travel"][waiting][:, plan].min(axis=1, initial=np.inf) <= radius).all()
    ]
    fewest = min((len(plan) for plan in covers), default=np.inf)
    cheapest = min((question["cost_cny"][plan].sum() for plan in covers), default=np.inf)
    for by_cost, best in ((False, fewest), (True, cheapest)):
        served = least(journeys, sites, radius, Watch(60), 0, by_cost=by_cost)
        assert served.is_certain
        assert served.least == best
    needed = cover(journeys, sites, radius)
    if covers:
        assert fractional(needed, sites, Watch(60)) <= fewest


@pytest.mark.parametrize("name", ["pmed1", "pmed5", "pmed6", "pmed10", "pmed13", "pmed20"])
def test_published_graphs_are_proved(name: str, shared_data: Path) -> None:
    """The published optimum of the OR-Library is found and proved."""
    graph = read_graphs([name])[0]
    plan = solve(SitingProblem.pcenter(graph.travel, n_sites=graph.n_sites))
    assert (plan.objective, plan.bound) == (graph.centre_optimum, graph.centre_optimum)
    assert plan.outcome == "optimal"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 7))
def test_one_more_site_is_never_worse(seed: int, factor: int) -> None:
    """More sites never lengthen the longest journey; journeys times a factor scale it."""
    question = plane_question(2 * seed)
    base = solve(SitingProblem.pcenter(**question)).objective
    more = {**question, "n_sites": question["n_sites"] + 1}
    assert solve(SitingProblem.pcenter(**more)).objective <= base
    farther = {**question, "travel": question["travel"] * factor}
    assert solve(SitingProblem.pcenter(**farther)).objective == factor * base
    crowded = {**question, "people": question["people"] * factor}
    assert solve(SitingProblem.pcenter(**crowded)).objective == base


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_renumbering_changes_nothing(seed: int) -> None:
    """The order of demand points and candidates does not alter the longest journey."""
    question = plane_question(2 * seed)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(25), rng.permutation(12)
    mixed = {
        **question,
        "travel": question["travel"][rows][:, columns],
        "people": question["people"][rows],
    }
    base = solve(SitingProblem.pcenter(**question)).objective
    assert solve(SitingProblem.pcenter(**mixed)).objective == base


def test_same_seed_gives_the_same_plan() -> None:
    """Two runs of one question and seed are equal in every number but the time."""
    problem = SitingProblem.pcenter(**plane_question(4))
    first, second = solve(problem, random_state=3), solve(problem, random_state=3)
    assert first.chosen.tolist() == second.chosen.tolist()
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_an_ended_watch_gives_a_valid_bound() -> None:
    """A search that may not begin claims nothing: a bound below the best, a plan above it or none."""
    for seed in range(6):
        question = plane_question(seed)
        watch = Watch(60)
        watch.interrupt()
        found = solve_pcenter(SitingProblem.pcenter(**question), watch, 0)
        best = min(values(question, is_median=False).values())
        assert found.bound <= best
        assert found.reason == "interrupted" or found.bound == best
        if found.facilities is not None:
            travel = question["travel"][question["people"] > 0][:, found.facilities]
            assert travel.min(axis=1).max() >= best


def test_kept_facilities_serve_for_free() -> None:
    """An existing station takes no place in the number."""
    travel = np.array([[0.0, 9.0, 9.0], [9.0, 0.0, 8.0], [9.0, 6.0, 0.0]])
    plan = solve(SitingProblem.pcenter(travel, n_sites=1, is_open=[True, False, False]))
    assert (plan.chosen.tolist(), plan.objective) == ([1], 6.0)


def test_nobody_and_nothing_to_choose() -> None:
    """Without people, or with only kept stations, the answer is proved and chooses nothing."""
    travel = np.array([[1.0, 2.0], [np.inf, np.inf]])
    nobody = solve(SitingProblem.pcenter(travel, [0, 0], n_sites=1))
    assert (nobody.chosen.size, nobody.objective, nobody.outcome) == (0, 0.0, "optimal")
    kept = solve(
        SitingProblem.pcenter(
            travel, [3, 0], n_sites=1, is_open=[False, True], is_forbidden=[True, False]
        )
    )
    assert (kept.chosen.size, kept.objective, kept.outcome) == (0, 2.0, "optimal")


def test_people_decide_who_must_be_served() -> None:
    """A far point without people does not lengthen the longest journey."""
    travel = np.array([[1.0, 7.0], [50.0, 7.0]])
    near = solve(SitingProblem.pcenter(travel, [1, 0], n_sites=1))
    both = solve(SitingProblem.pcenter(travel, [1, 1], n_sites=1))
    assert (near.chosen.tolist(), near.objective) == ([0], 1.0)
    assert (both.chosen.tolist(), both.objective) == ([1], 7.0)


def test_floor_lengthens_the_longest_journey() -> None:
    """A floor below the radius moves the site; its standard is inclusive."""
    travel = np.array([[9.0, 5.0], [2.0, 5.0]])
    free = solve(SitingProblem.pcenter(travel, n_sites=1))
    floors = AreaFloors(area=np.array([-1, 0]), min_share=np.array([1.0]), standard=2.0)
    bound_by_it = solve(SitingProblem.pcenter(travel, n_sites=1, floors=floors))
    assert (free.chosen.tolist(), free.objective) == ([1], 5.0)
    assert (bound_by_it.chosen.tolist(), bound_by_it.objective) == ([0], 9.0)

"""p-median: against enumeration, on its boundaries, on published graphs, and its parts one by one."""

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
    nearest_of,
    random_question,
    values,
)

from benchmarks.instances.orlib import read_graphs
from geodata.errors import UnanswerableError
from planner.models.choice import choice
from planner.models.journeys import journeys_of
from planner.siting import AreaFloors, SitingPlan, SitingProblem, solve
from planner.solve import median
from planner.solve.ground import ground
from planner.solve.interchange import improved, value
from planner.solve.median import solve_pmedian
from planner.solve.median_bound import first_prices, raised, verdict
from planner.solve.watch import Watch


def facilities_of(question: dict, plan: SitingPlan) -> tuple[int, ...]:
    """List the facilities of a plan, those that stay included."""
    is_open = question.get("is_open", np.zeros(question["travel"].shape[1], bool))
    stay = set(np.flatnonzero(is_open).tolist()) - set(plan.closed.tolist())
    return tuple(sorted(stay | set(plan.chosen.tolist())))


def check_against_enumeration(question: dict, *, is_sparse: bool, seed: int) -> str:
    """Compare the answer, or the refusal, with all plans."""
    travel = as_sparse(question["travel"]) if is_sparse else question["travel"]
    try:
        plan = solve(SitingProblem.pmedian(**{**question, "travel": travel}), random_state=seed)
    except UnanswerableError as error:
        return check_refusal(question, error.details)
    every = values(question, is_median=True)
    best = min(every.values())
    assert plan.outcome == "optimal"
    assert plan.objective == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert every[facilities_of(question, plan)] == pytest.approx(best, rel=1e-9, abs=1e-12)
    assert (plan.gains_people > 0).sum() >= len(plan.chosen) - sum(
        question.get("is_required", np.zeros(1, bool))
    )
    return "plan"


def large_question(seed: int) -> dict:
    """Draw a question of 30 points and 14 candidates, far from any plane, hard to bound."""
    rng = np.random.default_rng(seed)
    question = {
        "travel": rng.random((30, 14)) * 100,
        "people": rng.integers(1, 50, 30).astype(float),
        "n_sites": int(rng.integers(2, 5)),
    }
    if seed % 3 == 0:
        question["travel"] = np.round(question["travel"])
    if seed % 2:
        question["cost_cny"] = rng.integers(1, 9, 14).astype(float)
        question["budget_cny"] = float(rng.integers(12, 20))
    return question


@pytest.mark.parametrize("block", range(6))
def test_answers_equal_enumeration_on_three_hundred_questions(block: int) -> None:
    """With every rule mixed, dense and sparse, the plan is the best of all, the refusal true."""
    outcomes = {
        check_against_enumeration(random_question(seed), is_sparse=bool(seed % 2), seed=seed)
        for seed in range(50 * block, 50 * block + 50)
    }
    assert "plan" in outcomes
    assert len(outcomes) > 1


@pytest.mark.parametrize("way", ["tree", "solver"])
def test_branch_and_bound_and_the_solver_agree_with_enumeration(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways to the proof give the optimum on questions that the first bound leaves open."""
    monkeypatch.setattr(median, "_ROUNDS", 1)
    monkeypatch.setattr(median, "_NODES", 10**9 if way == "tree" else 0)
    for seed in range(10):
        question = large_question(seed)
        best = min(values(question, is_median=True).values())
        plan = solve(SitingProblem.pmedian(**question), random_state=seed)
        assert plan.outcome == "optimal"
        assert plan.objective == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_bound_and_what_it_decides_hold_for_every_plan(seed: int) -> None:
    """No plan costs less than any bound, and no plan as good as the target breaks a verdict."""
    question = large_question(seed)
    problem = SitingProblem.pmedian(**question)
    sites = choice(problem)
    journeys = journeys_of(problem, sites)
    every = values(question, is_median=True)
    best = min(every.values())
    prices = first_prices(journeys, np.arange(14) < 3)
    for _ in range(8):
        prices = raised(journeys, sites, prices, 1.02 * best, 25, Watch(60))
        assert prices.bound <= best * (1 + 1e-12)
        ruled = verdict(journeys, sites, prices, 1.02 * best)
        for plan, cost in every.items():
            if cost > 1.02 * best:
                continue
            assert set(np.flatnonzero(ruled.is_in)) <= set(plan)
            assert not set(np.flatnonzero(ruled.is_out)) & set(plan)
            spent = np.array(nearest_of(question, plan)) * question["people"]
            assert (spent <= ruled.most_cost * (1 + 1e-12)).all()


@pytest.mark.parametrize("seed", range(8))
def test_local_search_ends_where_no_swap_helps(seed: int) -> None:
    """No single swap within the limits shortens travel, and the value is that of the plan."""
    question = large_question(seed)
    problem = SitingProblem.pmedian(**question)
    sites = choice(problem)
    place = ground(journeys_of(problem, sites), sites)
    start = np.zeros(14, bool)
    start[np.argsort(sites.cost, kind="stable")[:2]] = True
    found = improved(place, start, Watch(60))
    inside = np.flatnonzero(found)

    def travel(plan: list[int]) -> float:
        return float(np.dot(nearest_of(question, tuple(plan)), question["people"]))

    assert value(place, found) == pytest.approx(travel(inside.tolist()), rel=1e-12)
    for out, into in itertools.product(inside, np.flatnonzero(~found)):
        swapped = [j for j in inside if j != out] + [into]
        if sites.cost[swapped].sum() <= sites.money_left:
            assert travel(swapped) >= travel(inside.tolist()) * (1 - 1e-9)


@pytest.mark.parametrize("name", ["pmed1", "pmed4", "pmed6", "pmed9", "pmed15", "pmed20"])
def test_published_graphs_are_proved(name: str, shared_data: Path) -> None:
    """The published optimum of the OR-Library is found and proved."""
    graph = read_graphs([name])[0]
    problem = SitingProblem.pmedian(graph.travel, np.ones(len(graph.travel)), n_sites=graph.n_sites)
    plan = solve(problem)
    assert (plan.objective, plan.bound) == (graph.median_optimum, graph.median_optimum)
    assert plan.outcome == "optimal"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 7))
def test_one_more_site_is_never_worse(seed: int, factor: int) -> None:
    """More sites never lengthen travel; people or journeys times a factor scale it."""
    question = large_question(2 * seed)
    base = solve(SitingProblem.pmedian(**question)).objective
    more = {**question, "n_sites": question["n_sites"] + 1}
    assert solve(SitingProblem.pmedian(**more)).objective <= base
    crowded = {**question, "people": question["people"] * factor}
    assert solve(SitingProblem.pmedian(**crowded)).objective == pytest.approx(factor * base)
    farther = {**question, "travel": question["travel"] * factor}
    assert solve(SitingProblem.pmedian(**farther)).objective == pytest.approx(factor * base)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_renumbering_and_splitting_change_nothing(seed: int) -> None:
    """Neither the order of rows and candidates nor splitting a point in two alters the optimum."""
    question = large_question(2 * seed)
    rng = np.random.default_rng(seed)
    base = solve(SitingProblem.pmedian(**question)).objective
    rows, columns = rng.permutation(30), rng.permutation(14)
    mixed = {
        **question,
        "travel": np.vstack([question["travel"][rows], question["travel"][:5]])[:, columns],
        "people": np.concatenate([question["people"][rows], np.zeros(5)]),
    }
    back = np.argsort(rows)[:5]
    mixed["people"][30:] = mixed["people"][back] / 2
    mixed["people"][back] /= 2
    assert solve(SitingProblem.pmedian(**mixed)).objective == pytest.approx(base, rel=1e-12)


def test_same_seed_gives_the_same_plan() -> None:
    """Two runs of one question and seed are equal in every number but the time."""
    problem = SitingProblem.pmedian(**large_question(7))
    first, second = solve(problem, random_state=3), solve(problem, random_state=3)
    assert first.chosen.tolist() == second.chosen.tolist()
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_an_ended_watch_gives_a_valid_bound() -> None:
    """A search that may not begin claims nothing: no plan or a plan, and a bound below the best."""
    for seed in range(6):
        question = large_question(seed)
        problem = SitingProblem.pmedian(**question)
        watch = Watch(60)
        watch.interrupt()
        found = solve_pmedian(problem, watch, 0)
        assert found.reason == "interrupted"
        assert found.bound <= min(values(question, is_median=True).values()) * (1 + 1e-12)


def test_kept_facilities_serve_for_free() -> None:
    """An existing station takes no place in the number and serves whoever is nearest to it."""
    travel = np.array([[0.0, 9.0, 9.0], [9.0, 0.0, 9.0], [9.0, 9.0, 0.0]])
    plan = solve(SitingProblem.pmedian(travel, [1, 1, 2], n_sites=1, is_open=[True, False, False]))
    assert (plan.chosen.tolist(), plan.objective) == ([2], 9.0)
    assert plan.assigned is not None
    assert plan.assigned.tolist()[::2] == [0, 2]


def test_nobody_and_nothing_to_choose() -> None:
    """Without people, or with only kept stations, the answer is proved and chooses nothing."""
    travel = np.array([[1.0, 2.0], [np.inf, np.inf]])
    nobody = solve(SitingProblem.pmedian(travel, [0, 0], n_sites=1))
    assert (nobody.chosen.size, nobody.objective, nobody.outcome) == (0, 0.0, "optimal")
    kept = solve(
        SitingProblem.pmedian(
            travel, [3, 0], n_sites=1, is_open=[False, True], is_forbidden=[True, False]
        )
    )
    assert (kept.chosen.size, kept.objective, kept.outcome) == (0, 6.0, "optimal")


def test_more_sites_than_candidates_and_equal_ones() -> None:
    """Candidates that add nobody stay unchosen, equal ones are chosen once."""
    travel = np.array([[1.0, 1.0, np.inf], [2.0, 2.0, np.inf]])
    plan = solve(SitingProblem.pmedian(travel, [1, 1], n_sites=5))
    assert (plan.chosen.tolist(), plan.objective) == ([0], 3.0)


def test_a_facility_that_need_not_close_stays() -> None:
    """With leave to close, an existing facility closes only to make room."""
    travel = np.array([[5.0, 0.0, 8.0]])
    stays = solve(
        SitingProblem.pmedian(travel, [1], n_sites=1, is_open=[True, False, True], may_close=True)
    )
    assert (stays.chosen.tolist(), stays.closed.tolist()) == ([1], [])


def test_floor_moves_a_site_into_its_area() -> None:
    """A floor costs travel, and its standard is inclusive."""
    travel = np.array([[0.0, 4.0], [4.0, 2.0]])
    free = solve(SitingProblem.pmedian(travel, [9, 1], n_sites=1))
    floors = AreaFloors(area=np.array([-1, 0]), min_share=np.array([1.0]), standard=2.0)
    bound_by_it = solve(SitingProblem.pmedian(travel, [9, 1], n_sites=1, floors=floors))
    assert (free.chosen.tolist(), free.objective) == ([0], 4.0)
    assert (bound_by_it.chosen.tolist(), bound_by_it.objective) == ([1], 38.0)

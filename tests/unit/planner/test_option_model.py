"""Options: every small question is solved a second way, by trying all plans."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError, UnanswerableError
from planner.models.options import OptionProblem, bound, most_worth, programme, reduced
from planner.solve.highs import optimise
from planner.solve.option_dual import approach
from planner.solve.options import solve_options
from planner.solve.watch import Watch


def _question(rng: np.random.Generator, *, has_floors: bool, has_moves: bool) -> OptionProblem:
    n_sites, n_rows = int(rng.integers(1, 6)), int(rng.integers(1, 9))
    n = int(rng.integers(1, 9))
    cover = csr_array((rng.random((n_rows, n)) < 0.4).astype(np.int8))
    site = rng.integers(0, n_sites, n)
    also = (
        np.where(rng.random(n) < 0.3, (site + 1) % n_sites, -1)
        if has_moves and n_sites > 1
        else np.full(n, -1)
    )
    weight = rng.integers(0, 20, n_rows).astype(float)
    k = int(rng.integers(1, 3)) if has_floors else 0
    floor = csr_array(np.where(rng.random((k, n_rows)) < 0.5, weight, 0.0).reshape(k, n_rows))
    least = np.floor(np.asarray(floor.sum(axis=1)).reshape(-1) * rng.random(k) * 0.7)
    return OptionProblem(
        cover=cover,
        weight=weight,
        extra=np.where(rng.random(n) < 0.3, rng.integers(0, 8, n), 0).astype(float),
        site=site.astype(np.int64),
        also=also.astype(np.int64),
        cost_cny=rng.integers(0, 10, n).astype(float),
        budget_cny=float(rng.integers(0, 30)),
        floor=floor,
        floor_least=least,
    )


def _plans(problem: OptionProblem):
    for picked in product([False, True], repeat=problem.cover.shape[1]):
        chosen = np.flatnonzero(picked)
        if problem.is_allowed(chosen):
            yield chosen


def _best(problem: OptionProblem) -> float | None:
    return max((problem.worth(chosen) for chosen in _plans(problem)), default=None)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), has_floors=st.booleans(), has_moves=st.booleans())
def test_the_plan_is_the_best_of_all(seed, has_floors, has_moves):
    """Budget, sites, moves and floors are kept, and no plan of all those tried is worth more."""
    problem = _question(np.random.default_rng(seed), has_floors=has_floors, has_moves=has_moves)
    expected = _best(problem)
    if expected is None:
        with pytest.raises(UnanswerableError):
            solve_options(problem, Watch(20.0))
        return
    plan = solve_options(problem, Watch(20.0))
    assert problem.is_allowed(plan.chosen)
    assert plan.objective == pytest.approx(problem.worth(plan.chosen))
    assert plan.objective == pytest.approx(expected)
    assert (plan.outcome, plan.gap) == ("optimal", 0.0)


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), has_floors=st.booleans(), has_moves=st.booleans())
def test_any_multipliers_bound_every_plan(seed, has_floors, has_moves):
    """Weak duality: whatever the multipliers, no allowed plan is worth more than the bound."""
    rng = np.random.default_rng(seed)
    problem = _question(rng, has_floors=has_floors, has_moves=has_moves)
    u = rng.uniform(-2, 20, problem.cover.shape[0])
    floors = rng.uniform(-1, 3, len(problem.floor_least))
    highest = bound(problem, u, float(rng.uniform(-1, 4)), floors)
    assert all(problem.worth(chosen) <= highest + 1e-9 for chosen in _plans(problem))


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9), has_floors=st.booleans(), has_moves=st.booleans())
def test_no_plan_with_an_option_is_worth_more_than_it_may_be(seed, has_floors, has_moves):
    """Whatever the multipliers, every plan is within what each of its options allows."""
    rng = np.random.default_rng(seed)
    problem = _question(rng, has_floors=has_floors, has_moves=has_moves)
    u = rng.uniform(-2, 20, problem.cover.shape[0])
    floors = rng.uniform(-1, 3, len(problem.floor_least))
    most = most_worth(problem, u, float(rng.uniform(-1, 4)), floors)
    for chosen in _plans(problem):
        assert all(problem.worth(chosen) <= most[chosen] + 1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), has_floors=st.booleans())
@example(seed=1312, has_floors=False)  # no option reaches anybody; what they add besides counts
def test_the_steps_end_at_the_linear_relaxation(seed, has_floors):
    """Where the relaxation has a solution, the multipliers prove what HiGHS's simplex finds."""
    problem = _question(np.random.default_rng(seed), has_floors=has_floors, has_moves=False)
    relaxed = optimise(programme(problem).relaxed(), Watch(20.0), method="simplex")
    found = approach(problem, Watch(20.0), steps=20_000, near=1e-7)
    if relaxed.status == "infeasible":
        return
    assert found.bound == pytest.approx(
        bound(problem, found.u, found.money, found.floors), rel=1e-9, abs=1e-9
    )
    assert relaxed.objective - 1e-6 <= found.bound <= relaxed.objective * 1.005 + 0.02


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**9), has_moves=st.booleans())
def test_leaving_out_dominated_options_keeps_the_best(seed, has_moves):
    """The reduced question has the same best plan."""
    problem = _question(np.random.default_rng(seed), has_floors=True, has_moves=has_moves)
    small, kept = reduced(problem)
    assert len(kept) == small.cover.shape[1]
    assert _best(small) == _best(problem)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_more_money_is_never_worse(seed):
    """Every budget in turn: the worth never falls."""
    problem = _question(np.random.default_rng(seed), has_floors=False, has_moves=True)
    worths = []
    for budget in range(0, 31, 5):
        asked = OptionProblem(
            **{f: getattr(problem, f) for f in problem.__slots__} | {"budget_cny": float(budget)}
        )
        worths.append(solve_options(asked, Watch(20.0)).objective)
    assert worths == sorted(worths)


def test_the_same_seed_gives_the_same_plan():
    """Nothing but the question and the seed decides."""
    problem = _question(np.random.default_rng(5), has_floors=False, has_moves=True)
    plans = [solve_options(problem, Watch(20.0), random_state=3) for _ in range(2)]
    assert plans[0].chosen.tolist() == plans[1].chosen.tolist()


def test_no_time_gives_an_honest_answer():
    """With no time at all, what comes back keeps the rules and its bound holds."""
    problem = _question(np.random.default_rng(8), has_floors=False, has_moves=False)
    plan = solve_options(problem, Watch(0.0))
    best = _best(problem)
    assert plan.bound >= best - 1e-9
    assert plan.outcome == "no_solution" or problem.is_allowed(plan.chosen)


@pytest.mark.parametrize(
    "bad",
    [
        {"weight": np.array([-1.0])},
        {"extra": np.array([np.nan])},
        {"cost_cny": np.zeros(3)},
        {"budget_cny": -1.0},
        {"site": np.zeros(2, np.int64)},
        {"floor_least": np.ones(2)},
    ],
)
def test_an_impossible_question_is_refused(bad):
    """Numbers that cannot be and shapes that do not fit are errors."""
    parts = {
        "cover": csr_array(np.ones((1, 1), np.int8)),
        "weight": np.ones(1),
        "extra": np.zeros(1),
        "site": np.zeros(1, np.int64),
        "also": np.full(1, -1),
        "cost_cny": np.ones(1),
        "budget_cny": 1.0,
        "floor": csr_array((0, 1)),
        "floor_least": np.zeros(0),
    }
    OptionProblem(**parts)
    with pytest.raises(InvalidInputError):
        OptionProblem(**parts | bad)

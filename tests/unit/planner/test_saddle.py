"""Steps towards the saddle point: held against the linear relaxation solved by scipy."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import block_array, csr_array, eye_array

from planner.models.choice import choice
from planner.models.covering import cover
from planner.models.mclp import Maximal
from planner.problem import SitingProblem
from planner.solve.dual import evaluate
from planner.solve.saddle import Saddle, approach

NEAR = 1e-4


def question(seed: int, *, has_money: bool) -> Maximal:
    """Draw places and candidates on a square; a tenth of the sites, or the money for so many."""
    random = np.random.default_rng(seed)
    places, sites = random.random((300, 2)), random.random((80, 2))
    near = np.hypot(*(places[:, None] - sites).transpose(2, 0, 1)) < 0.12
    people = random.integers(1, 100, len(places)).astype(float)
    problem = SitingProblem.mclp(csr_array(near.astype(np.int8)), people, n_sites=8)
    whole = cover(problem, choice(problem))
    cost = random.integers(1, 9, len(whole.cost)).astype(float)
    whole.cost[:] = cost if has_money else 0.0
    return Maximal(whole, len(cost) if has_money else 8, 40.0 if has_money else np.inf, np.zeros(0))


def relaxed_value(asked: Maximal) -> float:
    """Solve the linear relaxation apart, as a maximum over shares served and shares of sites."""
    reach, people, cost = asked.cover.reach, asked.cover.people, asked.cover.cost
    has_money = np.isfinite(asked.money_left)
    weight, limit = (cost, asked.money_left) if has_money else (np.ones(len(cost)), asked.n_left)
    matrix = block_array(
        [[eye_array(len(people)), -reach.astype(float)], [None, csr_array(weight[None])]]
    )
    answer = linprog(
        -np.concatenate([people, np.zeros(len(cost))]),
        A_ub=matrix,
        b_ub=np.append(np.zeros(len(people)), limit),
        bounds=(0, 1),
    )
    return -float(answer.fun)


def stepped(asked: Maximal, *, steps: int) -> tuple[Saddle, list[float]]:
    """Give what steps come to, and the bounds told on the way."""
    told: list[float] = []

    def tell(prices: NDArray[np.float64], money_price: float) -> None:
        told.append(evaluate(asked, prices, None, money_price).bound)

    found = approach(asked, steps=steps, near=NEAR, is_over=lambda: False, tell=tell)
    return found, told


@pytest.mark.parametrize("has_money", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_bound_and_the_shares_close_in_on_the_linear_relaxation(
    seed: int, has_money: bool
) -> None:
    """Both sides hold the relaxation's value between them, as near as was asked for."""
    asked = question(seed, has_money=has_money)
    found, told = stepped(asked, steps=20_000)
    exact = relaxed_value(asked)
    assert found.value <= exact * (1 + 1e-8)
    bound = evaluate(asked, found.prices, None, found.money_price).bound
    assert exact * (1 - 1e-8) <= bound <= exact * (1 + 2 * NEAR)
    assert min(told) >= exact * (1 - 1e-8)


@pytest.mark.parametrize("steps", [0, 10, 30])
def test_steps_that_end_early_still_give_a_valid_bound(steps: int) -> None:
    """However few the steps, the multipliers stay in range and prove what they prove."""
    asked = question(7, has_money=False)
    found, _ = stepped(asked, steps=steps)
    assert (found.prices >= 0).all()
    assert (found.prices <= asked.cover.people).all()
    assert evaluate(asked, found.prices).bound >= relaxed_value(asked) * (1 - 1e-8)


def test_more_sites_than_candidates_are_no_limit() -> None:
    """With sites for all candidates the bound is everybody."""
    asked = question(3, has_money=False)
    everything = Maximal(asked.cover, 10_000, np.inf, np.zeros(0))
    found, _ = stepped(everything, steps=2_000)
    bound = evaluate(everything, found.prices).bound
    assert bound == pytest.approx(asked.cover.people.sum(), rel=2 * NEAR)

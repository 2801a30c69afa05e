"""Set covering at least cost: against enumeration with all rules mixed, and what is refused."""

from __future__ import annotations

import csv
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from benchmarks.instances.random_covering import RandomCovering
from geodata.errors import UnanswerableError
from planner.models.choice import Choice, choice
from planner.models.covering import cover
from planner.models.lscp import programme, reduced
from planner.models.pscp import Need
from planner.problem import AreaFloors, SitingProblem
from planner.solve.cheapest import Cheapest, Wanted, cheapest, lifted, step_of
from planner.solve.found import Found
from planner.solve.highs import optimise
from planner.solve.setcover import least_for_floors, solve_lscp, solve_pscp
from planner.solve.setgreedy import cheap_columns, dual_bound, knapsack_bound, serves
from planner.solve.setsearch import cheaper
from planner.solve.watch import Watch

SOLVERS = {"lscp": solve_lscp, "pscp": solve_pscp}


def drawn_rules(rng: np.random.Generator, n: int, m: int) -> dict:
    """Draw open, required, forbidden and closable facilities, costs, limits and floors."""
    role = rng.random(m)
    rules = {
        "is_open": rng.random(m) < 0.2,
        "is_required": role < 0.08,
        "is_forbidden": role > 0.93,
        "may_close": bool(rng.random() < 0.4),
    }
    kind = rng.random()
    if kind < 0.6:
        whole = rng.integers(1, 9, m).astype(float)
        rules["cost_cny"] = whole if kind < 0.4 else np.round(rng.random(m) * 5, 5)
    elif kind < 0.7:
        rules["cost_cny"] = np.full(m, 3.0)
    if rng.random() < 0.4:
        rules["n_sites"] = int(rng.integers(1, 6))
    if "cost_cny" in rules and rng.random() < 0.4:
        rules["budget_cny"] = float(rng.integers(5, 25))
    if rng.random() < 0.4:
        shares = np.round(rng.random(2) * 0.8, 2)
        rules["floors"] = AreaFloors(area=rng.integers(-1, 2, n), min_share=shares)
    return rules


def drawn_problem(seed: int) -> SitingProblem:
    """Draw a small question; mostly somebody reaches everybody."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 12)), int(rng.integers(1, 8))
    reach = rng.random((n, m)) < rng.choice([0.25, 0.5])
    if rng.random() < 0.8:
        reach[np.arange(n), rng.integers(0, m, n)] = True
    people = rng.integers(0, 9, n).astype(float) if rng.random() < 0.7 else rng.random(n) * 5
    matrix, rules = csr_array(reach.astype(np.int8)), drawn_rules(rng, n, m)
    if seed % 2:
        return SitingProblem.lscp(matrix, people, **rules)
    share = float(rng.choice([0.3, 0.6, 0.8, 1.0]))
    return SitingProblem.pscp(matrix, people, share=share, **rules)


def keeps_limits(problem: SitingProblem, used: np.ndarray) -> bool:
    """Whether a set of facilities keeps all rules on facilities, read from their definitions."""
    is_open = problem.is_open
    if (used & problem.is_forbidden).any() or (problem.is_required & ~used).any():
        return False
    if not problem.may_close and (is_open & ~problem.is_forbidden & ~used).any():
        return False
    if problem.n_sites is not None and used.sum() - is_open.sum() > problem.n_sites:
        return False
    if problem.budget_cny is None or problem.cost_cny is None:
        return True
    spent = problem.cost_cny[used].sum() - problem.cost_cny[is_open].sum()
    return bool(spent <= problem.budget_cny + 1e-9)


def serves_enough(problem: SitingProblem, used: np.ndarray) -> bool:
    """Whether a set of facilities serves whom it must."""
    people = problem.people
    is_served = (problem.reach.toarray()[:, used] != 0).any(axis=1)
    if problem.model == "lscp" and (~is_served & (people > 0)).any():
        return False
    if problem.share is not None and people[is_served].sum() < problem.share * people.sum() - 1e-9:
        return False
    if problem.floors is None:
        return True
    area, shares = problem.floors.area, problem.floors.min_share
    return all(
        people[is_served & (area == k)].sum() >= share * people[area == k].sum() - 1e-9
        for k, share in enumerate(shares)
    )


def value(problem: SitingProblem, used: np.ndarray) -> float:
    """Give cost or number of the facilities that count."""
    counted = used if problem.may_close else used & ~problem.is_open
    if problem.cost_cny is None:
        return float(counted.sum())
    return float(problem.cost_cny[counted].sum())


def least_by_enumeration(problem: SitingProblem) -> float | None:
    """Try every set of facilities; None when none will do."""
    sets = (np.array(s, dtype=bool) for s in itertools.product((0, 1), repeat=len(problem.is_open)))
    values = [
        value(problem, used)
        for used in sets
        if keeps_limits(problem, used) and serves_enough(problem, used)
    ]
    return min(values, default=None)


def solved(problem: SitingProblem) -> Found:
    """Solve with time to spare."""
    return SOLVERS[problem.model](problem, Watch(60.0), 0)


def answer_or_refusal(problem: SitingProblem) -> Found | UnanswerableError:
    """Solve, or give the reason why there is no answer."""
    try:
        return solved(problem)
    except UnanswerableError as error:
        return error


def as_flags(problem: SitingProblem, found: Found) -> np.ndarray:
    """Give the facilities of a plan as flags."""
    assert found.facilities is not None
    used = np.zeros(len(problem.is_open), bool)
    used[found.facilities] = True
    return used


def loosened(problem: SitingProblem, error: UnanswerableError, by: float) -> SitingProblem:
    """Change a question as a refusal advises, and then by a little more or less."""
    details = error.details
    free = replace(problem, n_sites=None, budget_cny=None)
    if "rows" in details:
        return replace(free, model="pscp", share=float(details["share"]) + by, floors=None)
    if "area" in details:
        shares = np.zeros(2)
        shares[details["area"]] = float(details["most"]) + by
        floors = replace(problem.floors, min_share=shares)
        return replace(free, model="pscp", share=1e-12, floors=floors)
    if "share" in details:
        return replace(free, share=float(details["most"]) + by, floors=None)
    if "budget" in details:
        return replace(problem, budget_cny=float(details["least"]) - by)
    return replace(free, n_sites=int(details["least"]) - int(by > 0))


@pytest.mark.parametrize("block", range(8))
def test_optimum_equals_enumeration_with_all_rules_mixed(block: int) -> None:
    """On 8 × 50 small problems plans are as cheap as the best of all sets, proved, and allowed."""
    for seed in range(50 * block, 50 * block + 50):
        problem = drawn_problem(seed)
        least = least_by_enumeration(problem)
        found = answer_or_refusal(problem)
        if isinstance(found, UnanswerableError):
            assert least is None or "cheapest" in found.details, seed
            continue
        assert least is not None, seed
        used = as_flags(problem, found)
        assert keeps_limits(problem, used), seed
        assert serves_enough(problem, used), seed
        assert value(problem, used) == pytest.approx(least, abs=1e-9), seed
        assert found.bound == pytest.approx(least, abs=1e-9), seed
        is_as_before = (used == problem.is_open).all()
        assert found.reason == ("nobody_left" if is_as_before else "proved")


def test_a_refusal_names_the_smallest_change_that_helps() -> None:
    """What a refusal advises has an answer, and a little less has none."""
    seen = set()
    for seed in range(500):
        problem = drawn_problem(seed)
        error = answer_or_refusal(problem)
        if isinstance(error, Found) or {"cheapest", "required", "cost"} & set(error.details):
            continue  # answered, or the required sites alone break a limit, as `choice` says
        kind = min({"rows", "area", "share", "budget", "n"} & set(error.details))
        kind = "rows" if "rows" in error.details else kind
        seen.add(kind)
        is_share = kind in ("rows", "area", "share")
        looser = loosened(problem, error, -1e-6 if kind == "budget" else 0.0)
        assert least_by_enumeration(looser) is not None, (seed, str(error))
        tighter = loosened(problem, error, 2e-6 if is_share else 1e-5)
        assert least_by_enumeration(tighter) is None, (seed, str(error))
    assert seen == {"rows", "area", "share", "budget", "n"}


def test_a_refusal_names_who_is_out_of_reach() -> None:
    """Rows with people whom nobody allowed reaches are counted, and the first are listed."""
    reach = csr_array(np.array([[1, 0], [0, 1], [0, 0], [0, 0]]))
    problem = SitingProblem.lscp(reach, [5.0, 3.0, 2.0, 0.0], is_forbidden=[False, True])
    with pytest.raises(UnanswerableError, match="2 demand points") as caught:
        solve_lscp(problem, Watch(9.0), 0)
    assert caught.value.details["rows"] == (1, 2)
    assert caught.value.details["share"] == "0.500000"


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_a_smaller_share_or_more_reach_never_costs_more(seed: int) -> None:
    """Asking for less, or reaching more, never makes the cheapest plan dearer."""
    base = replace(drawn_problem(2 * seed), floors=None, n_sites=None, budget_cny=None)
    less = replace(base, share=base.share * 0.7)
    more = np.random.default_rng(seed).random(base.reach.shape) < 0.2
    wider = replace(base, reach=csr_array(((base.reach.toarray() != 0) | more).astype(np.int8)))
    try:
        least = solved(base).bound
    except UnanswerableError:
        return
    assert solved(less).bound <= least + 1e-9
    assert solved(wider).bound <= least + 1e-9


@pytest.mark.parametrize(
    ("radius", "share", "column"),
    [
        (5.5, 0.5, "psclp_r5.5_50pct"),
        (4.0, 0.6, "psclp_r4_60pct"),
        (3.25, 0.7, "psclp_r3.25_70pct"),
    ],
)
def test_published_random_instances(
    shared_data: Path, radius: float, share: float, column: str
) -> None:
    """Ten thousand customers: as few sites as the optima computed by other means."""
    with (shared_data / "benchmarks" / "bds_optima.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["customers"], row["seed"]): row for row in csv.DictReader(file)}
    reach, people = RandomCovering(10_000, 1).whole(radius)
    found = solve_pscp(SitingProblem.pscp(reach, people, share=share), Watch(60.0), 0)
    assert found.reason == "proved"
    assert found.bound == float(rows["10000", "1"][column])


def clustered(seed: int) -> SitingProblem:
    """Draw some hundred points and sites on a square."""
    rng = np.random.default_rng(seed)
    xy, sites = rng.random((400, 2)), rng.random((150, 2))
    near = np.hypot(*(xy[:, None, :] - sites[None, :, :]).T).T <= 0.12
    return SitingProblem.lscp(csr_array(near[near.any(axis=1)].astype(np.int8)))


def test_parts_and_reduction_give_the_least_of_the_plain_programme() -> None:
    """Some hundreds of points: as few sites as HiGHS finds without any of our steps."""
    problem = clustered(1)
    whole = cover(problem, choice(problem))
    plain = replace(whole, reach=problem.reach.astype(np.int32), people=problem.people)
    plain = replace(plain, cost=np.ones(problem.reach.shape[1]))
    answer = optimise(
        programme(plain, plain.cost, len(plain.cost), np.inf), Watch(60.0), abs_gap=0.99
    )
    found = solve_lscp(problem, Watch(60.0), 0)
    assert found.reason == "proved"
    assert found.bound == round(answer.objective)


def test_the_same_seed_gives_the_same_plan() -> None:
    """A search that ends by itself does not depend on anything but question and seed."""
    problem = clustered(2)
    first, second = (solve_lscp(problem, Watch(60.0), 5) for _ in range(2))
    assert first.facilities is not None
    assert first.facilities.tolist() == second.facilities.tolist()


def test_when_time_is_over_the_plan_serves_everybody_and_the_bound_holds() -> None:
    """Without any time a greedy plan comes back with a bound that no plan beats."""
    problem = clustered(3)
    least = solve_lscp(problem, Watch(60.0), 0)
    found = solve_lscp(problem, Watch(1e-9), 0)
    assert found.reason == "time_limit"
    assert serves_enough(problem, as_flags(problem, found))
    assert found.bound <= least.bound <= value(problem, as_flags(problem, found))
    share = replace(problem, model="pscp", share=0.9)
    found = solve_pscp(share, Watch(1e-9), 0)
    assert serves_enough(share, as_flags(share, found))
    assert found.bound <= solve_pscp(share, Watch(60.0), 0).bound


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_cheap_plans_serve_and_cheap_bounds_hold(seed: int) -> None:
    """Greedy and exchanged plans serve the need; no bound exceeds the least cost."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 15)), int(rng.integers(1, 10))
    reach = rng.random((n, m)) < 0.4
    reach[np.arange(n), rng.integers(0, m, n)] = True
    prices = rng.integers(0, 6, m).astype(float)
    problem = SitingProblem.lscp(csr_array(reach.astype(np.int8)), cost_cny=prices)
    small = cover(problem, choice(problem))
    everybody = Need(float(small.people.sum()), np.zeros(0))
    some = Need(0.6 * everybody.people, np.zeros(0))
    for need in (everybody, some):
        columns = cheap_columns(small, need, small.cost)
        better = cheaper(small, need, small.cost, columns, Watch(9.0), seed)
        assert serves(small, need, columns)
        assert serves(small, need, better)
        assert small.cost[better].sum() <= small.cost[columns].sum()
        least = cheapest(Wanted(small, need, small.cost), Watch(9.0), 0).price
        assert knapsack_bound(small, need, small.cost) <= least + 1e-9
    least = cheapest(Wanted(small, None, small.cost), Watch(9.0), 0).price
    assert dual_bound(small.reach, small.cost) <= least + 1e-9


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_settled_sites_and_the_rest_cost_the_least(seed: int) -> None:
    """Sites that every plan needs, and the cheapest for the rest, are a cheapest plan."""
    problem = replace(
        drawn_problem(2 * seed + 1), n_sites=None, budget_cny=None, floors=None, is_open=None
    )
    closed = np.zeros(problem.reach.shape[1], bool)
    problem = replace(problem, is_open=closed, is_required=closed)
    least = least_by_enumeration(problem)
    if least is None:
        return
    settled, rest = reduced(cover(problem, choice(problem)))
    cost = np.ones(len(closed)) if problem.cost_cny is None else problem.cost_cny
    price = cheapest(Wanted(rest, None, rest.cost), Watch(9.0), 0).price
    assert cost[settled].sum() + price == pytest.approx(least, abs=1e-9)


def floors_plan(problem: SitingProblem) -> tuple[Choice, Cheapest]:
    """Give the decision that is left and the least for the floors."""
    free = choice(problem)
    return free, least_for_floors(problem, free, cover(problem, free), Watch(9.0), 0)


def test_floors_need_the_fewest_sites_or_the_least_money() -> None:
    """What floors ask for is what enumeration of floors alone finds, under number and budget."""
    n_checked = 0
    for seed in range(0, 600, 2):
        drawn = drawn_problem(seed)
        if drawn.floors is None or (drawn.n_sites is None and drawn.budget_cny is None):
            continue
        problem = replace(drawn, model="mclp", share=None)
        if least_by_enumeration(problem) is None:
            with pytest.raises(UnanswerableError):
                floors_plan(problem)
            continue
        free, found = floors_plan(problem)
        price = replace(problem, cost_cny=None) if free.is_counted else problem
        price = replace(price, may_close=True)  # all facilities count
        kept = np.isin(np.arange(len(problem.is_open)), free.kept)
        sets = (np.array(s, bool) for s in itertools.product((0, 1), repeat=len(kept)))
        least = min(
            value(price, used)
            for used in sets
            if keeps_limits(problem, used) and serves_enough(problem, used)
        )
        assert found.price + value(price, kept) == pytest.approx(least, abs=1e-9), seed
        n_checked += 1
    assert n_checked > 40


def test_bounds_are_lifted_to_what_costs_can_add_up_to() -> None:
    """Whole or hundredth costs lift a bound; costs without a common step leave it."""
    assert step_of(np.array([4.0, 6.0])) == 2.0
    assert step_of(np.array([0.25, 1.5])) == 0.25
    assert step_of(np.array([1 / 3, 1.0])) == 0.0
    assert lifted(4.1, 2.0) == 6.0
    assert lifted(4.0000001, 2.0) == 4.0
    assert lifted(4.1, 0.0) == 4.1

"""The covering family reduced: against dicts of tuples and enumeration, with and without."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from planner.models.choice import choice
from planner.models.covering import Cover, components, cover, merge_demand
from planner.models.domination import holding_others, within_others
from planner.problem import AreaFloors, SitingProblem

WEAK = np.uint64(0b11)
NO_HASH = np.uint64(0)


def drawn(rng: np.random.Generator, n: int, m: int, density: float) -> csr_array:
    """Draw a reach matrix; few columns make many rows equal."""
    return csr_array((rng.random((n, m)) < density).astype(np.int8))


def rows_of(matrix: csr_array) -> list[tuple[int, ...]]:
    """List the columns of each row."""
    ends = itertools.pairwise(matrix.indptr)
    return [tuple(matrix.indices[low:high].tolist()) for low, high in ends]


def merged_by_dict(matrix: csr_array, people: np.ndarray) -> dict[tuple[int, ...], float]:
    """Merge equal rows in the plain way; a dict keeps the order of first appearance."""
    sums: dict[tuple[int, ...], float] = {}
    for row, weight in zip(rows_of(matrix), people.tolist(), strict=True):
        sums[row] = sums.get(row, 0.0) + weight
    return sums


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 300),
    m=st.integers(1, 9),
    bits=st.sampled_from([WEAK, NO_HASH, np.uint64(2**64 - 1)]),
)
def test_merging_equals_a_dict_of_tuples(seed: int, n: int, m: int, bits: np.uint64) -> None:
    """Equal cover sets become one, in order of first appearance, however often hashes collide."""
    rng = np.random.default_rng(seed)
    matrix, people = drawn(rng, n, m, 0.3), rng.integers(0, 50, n).astype(float)
    merged, sums = merge_demand([(matrix, people)], hash_bits=bits)
    expected = merged_by_dict(matrix, people)
    assert rows_of(merged) == list(expected)
    assert sums.tolist() == list(expected.values())


@pytest.mark.parametrize("size", [1, 7, 1000, 5000])
def test_streaming_equals_one_pass(size: int) -> None:
    """Parts of any size give what the whole gives; thousands of distinct rows make tables grow."""
    rng = np.random.default_rng(size)
    n = 5000 if size > 1 else 200
    matrix, people = drawn(rng, n, 14, 0.4), rng.integers(1, 9, n).astype(float)
    parts = [(matrix[k : k + size], people[k : k + size]) for k in range(0, n, size)]
    merged, sums = merge_demand(iter(parts))
    expected = merged_by_dict(matrix, people)
    assert rows_of(merged) == list(expected)
    assert sums.tolist() == list(expected.values())


def test_merging_takes_unsorted_rows_and_stored_zeros() -> None:
    """A cover set is a set: order, repeats and zeros that are stored do not matter."""
    untidy = csr_array(
        (np.array([1, 1, 1, 1, 0, 1]), np.array([2, 0, 0, 2, 1, 2]), np.array([0, 2, 6])),
        shape=(2, 3),
    )
    merged, sums = merge_demand([(untidy, np.array([1.0, 2.0]))])
    assert rows_of(merged) == [(0, 2)]
    assert sums.tolist() == [3.0]


def test_merging_keeps_people_out_of_reach() -> None:
    """People whom nobody reaches stay in the total, on which shares depend."""
    matrix = csr_array(np.array([[0, 0], [1, 0], [0, 0]]))
    merged, sums = merge_demand([(matrix, np.array([2.0, 3.0, 4.0]))])
    assert rows_of(merged) == [(), (0,)]
    assert sums.tolist() == [6.0, 3.0]


def test_merging_nothing_is_refused() -> None:
    """Without a part the number of candidates is unknown."""
    with pytest.raises(ValueError, match="no part"):
        merge_demand([])


def drawn_problem(seed: int) -> SitingProblem:
    """Draw a small MCLP with all rules mixed."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 14)), int(rng.integers(1, 8))
    role = rng.random(m)
    is_open = rng.random(m) < 0.2
    rules = {
        "n_sites": int(rng.integers(1, 4)) + int((role < 0.1).sum()),
        "is_open": is_open,
        "is_required": role < 0.1,
        "is_forbidden": role > 0.9,
        "may_close": bool(rng.random() < 0.3),
    }
    if rng.random() < 0.6:
        rules["cost_cny"] = rng.integers(1, 4, m).astype(float)
        if rng.random() < 0.7:
            rules["budget_cny"] = float(rng.integers(12, 20))
    if rng.random() < 0.5:
        floors = AreaFloors(area=rng.integers(-1, 2, n), min_share=np.array([0.3, 0.5]))
        rules["floors"] = floors
    people = rng.integers(0, 9, n).astype(float)
    return SitingProblem.mclp(drawn(rng, n, m, 0.35), people, **rules)


def best_values(
    reach: np.ndarray,
    people: np.ndarray,
    area: np.ndarray,
    cost: np.ndarray,
    limits: tuple[int, float],
) -> dict[tuple[float, float], float]:
    """Give the most people for each pair of people by area that some allowed set serves or more."""
    best: dict[tuple[float, float], float] = {}
    for flags in itertools.product((False, True), repeat=len(cost)):
        used = np.array(flags, dtype=bool)
        if used.sum() > limits[0] or cost[used].sum() > limits[1]:
            continue
        is_served = reach[:, used].any(axis=1)
        key = tuple(float(people[is_served & (area == a)].sum()) for a in (0, 1))
        best[key] = max(best.get(key, 0.0), float(people[is_served].sum()))
    return best


@pytest.mark.parametrize("block", range(6))
def test_reduction_changes_no_optimum(block: int) -> None:
    """For whatever people by area are asked for, as many can be served after it as before."""
    for seed in range(60 * block, 60 * block + 60):
        problem = drawn_problem(seed)
        free = choice(problem)
        small = cover(problem, free)
        reach = problem.reach.toarray() > 0
        is_kept_served = reach[:, free.kept].any(axis=1)
        area = np.full(len(reach), -1) if problem.floors is None else problem.floors.area
        limits = free.n_left, free.money_left
        waiting = np.where(is_kept_served, 0.0, problem.people)
        before = best_values(reach[:, free.free], waiting, area, free.cost, limits)
        after = best_values(small.reach.toarray() > 0, small.people, small.area, small.cost, limits)
        for (a, b), most in before.items():
            enough = [v for (x, y), v in after.items() if x >= a and y >= b]
            assert enough, seed
            assert max(enough) >= most, seed
        assert max(after.values()) <= max(before.values())
        assert small.kept_people == problem.people[is_kept_served].sum()


def test_reduction_leaves_nothing_useless() -> None:
    """Rows have people and differ, columns reach somebody and none lies within another."""
    for seed in range(120):
        problem = drawn_problem(seed)
        free = choice(problem)
        small = cover(problem, free)
        rows = list(zip(rows_of(small.reach), small.area.tolist(), strict=True))
        assert len(set(rows)) == len(rows)
        assert all(row for row, _ in rows)
        assert (small.people > 0).all()
        sets = [set(np.flatnonzero(column)) for column in small.reach.toarray().T]
        assert all(sets)
        is_costly = problem.model != "mclp" or not free.is_counted
        for j, k in itertools.permutations(range(len(sets)), 2):
            is_dearer = is_costly and small.cost[k] > small.cost[j]
            assert not sets[j] <= sets[k] or is_dearer
        assert (np.diff(small.candidates) > 0).all()


def test_of_equal_candidates_the_cheapest_then_the_lowest_stays() -> None:
    """Which of several equal candidates stays is fixed."""
    reach = csr_array(np.ones((2, 4), np.int8))
    costs = [3.0, 2.0, 2.0, 5.0]
    problem = SitingProblem.lscp(reach, cost_cny=costs)
    assert cover(problem, choice(problem)).candidates.tolist() == [1]


def test_of_equal_candidates_the_existing_one_stays() -> None:
    """Nobody builds what stands: at equal cost an existing facility that may close is kept."""
    problem = SitingProblem.lscp(
        csr_array(np.ones((2, 2), np.int8)), is_open=[False, True], may_close=True
    )
    assert cover(problem, choice(problem)).candidates.tolist() == [1]


def test_people_by_area_whom_kept_facilities_serve() -> None:
    """What is kept counts towards its area, once."""
    problem = SitingProblem.mclp(
        csr_array(np.array([[1, 0], [1, 1], [0, 1], [1, 0]])),
        [1.0, 2.0, 4.0, 8.0],
        n_sites=1,
        is_open=[True, False],
        floors=AreaFloors(area=np.array([0, 1, 1, -1]), min_share=np.array([0.0, 0.0])),
    )
    small = cover(problem, choice(problem))
    assert small.kept_people == 11.0
    assert small.kept_area_people.tolist() == [1.0, 2.0]
    assert small.people.tolist() == [4.0]
    assert small.area.tolist() == [1]


def plain_parts(whole: Cover) -> set[frozenset[int]]:
    """Join columns that share a row, by hand."""
    parts = [{j} for j in range(whole.reach.shape[1])]
    for row in rows_of(whole.reach):
        touched = [part for part in parts if part & set(row)]
        parts = [part for part in parts if not part & set(row)] + [set().union(*touched)]
    return {frozenset(part) for part in parts}


def test_components_are_the_connected_parts() -> None:
    """Parts share nothing, nothing is lost, and each is in the order of its rows."""
    for seed in range(150):
        rng = np.random.default_rng(seed)
        n, m = int(rng.integers(1, 15)), int(rng.integers(1, 12))
        problem = SitingProblem.lscp(
            drawn(rng, n, m, 0.15), rng.integers(1, 99, n).astype(float), cost_cny=rng.random(m)
        )
        whole = cover(problem, choice(problem))
        parts = components(whole)
        position = {int(c): j for j, c in enumerate(whole.candidates)}
        got = {frozenset(position[int(c)] for c in part.candidates) for part in parts}
        assert got == plain_parts(whole)
        rows = {
            (tuple(part.candidates[list(row)].tolist()), float(weight))
            for part in parts
            for row, weight in zip(rows_of(part.reach), part.people, strict=True)
        }
        expected = {
            (tuple(whole.candidates[list(row)].tolist()), float(weight))
            for row, weight in zip(rows_of(whole.reach), whole.people, strict=True)
        }
        assert rows == expected
        cost = {int(c): v for p in parts for c, v in zip(p.candidates, p.cost, strict=True)}
        assert cost == dict(zip(whole.candidates.tolist(), whole.cost, strict=True))


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 10_000))
def test_sets_within_others_and_sets_that_hold_others(seed: int) -> None:
    """Both searches find what comparing all pairs of sets finds."""
    rng = np.random.default_rng(seed)
    matrix = drawn(rng, int(rng.integers(1, 12)), int(rng.integers(1, 40)), rng.choice([0.1, 0.6]))
    price = rng.integers(0, 3, matrix.shape[0]).astype(float)
    rank = np.lexsort((np.arange(len(price)), price)).argsort()
    sets = [set(row) for row in rows_of(matrix)]
    members = csr_array(matrix.T.tocsr())
    within, holding = [False] * len(sets), [False] * len(sets)
    for j, k in itertools.permutations(range(len(sets)), 2):
        if sets[j] and sets[j] <= sets[k]:
            is_equal = sets[j] == sets[k]
            within[j] |= bool(price[k] <= price[j]) and (not is_equal or rank[k] < rank[j])
            holding[k] |= not is_equal or j < k
    assert within_others(matrix, members, price, rank).tolist() == within
    assert holding_others(matrix, members).tolist() == holding


def test_search_for_domination_may_end_early() -> None:
    """When comparisons run out, the rest stays: that is slower later, and never wrong."""
    matrix = csr_array(np.tri(30, dtype=np.int8))
    members = csr_array(matrix.T.tocsr())
    price, rank = np.zeros(30), np.arange(30)
    full = within_others(matrix, members, price, rank)
    short = within_others(matrix, members, price, rank, most_steps=20)
    assert full.sum() == 29
    assert not (short & ~full).any()
    assert short.sum() < full.sum()

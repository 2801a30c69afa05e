"""What must hold of every answer to every siting question, whatever the model and the rules."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import block_diag, csr_array
from scipy.sparse.csgraph import maximum_flow
from support.siting_questions import (
    MODELS,
    MOST_IS_BEST,
    allowed_plans,
    best,
    drawn,
    more_of,
    renumbered,
    scaled,
    spread,
    worths,
)

from geodata.errors import UnanswerableError
from planner import siting
from planner.plan import SitingPlan
from planner.problem import AreaFloors, SitingProblem
from planner.siting import solve
from planner.solve.watch import Watch
from planner.verify import verify

SEEDS = st.integers(0, 2**20)
every_model = pytest.mark.parametrize("model", MODELS)


def answered(problem: SitingProblem, **options) -> SitingPlan | UnanswerableError:
    """Answer and re-check, or give the refusal."""
    try:
        plan = solve(problem, **options)
    except UnanswerableError as error:
        return error
    verify(problem, plan)
    return plan


def is_worse(problem: SitingProblem, a: float, b: float) -> bool:
    """Whether a is worse than b by more than rounding."""
    less = b - a if problem.model in MOST_IS_BEST else a - b
    return less > 1e-9 * max(abs(a), abs(b))


def check_refusal(problem: SitingProblem, error: UnanswerableError) -> None:
    """No plan keeps the rules, or the budget pays for no site at all and that is said."""
    if "cheapest" in error.details:
        is_open = set(np.flatnonzero(problem.is_open).tolist())
        assert all(set(plan) <= is_open for plan in allowed_plans(problem))
        return
    assert best(problem) is None


@every_model
@pytest.mark.parametrize("block", range(4))
def test_answers_equal_enumeration(model: str, block: int) -> None:
    """On 4 × 75 questions of each model: as good as the best of all sets, or refused with none."""
    n_answered = 0
    for seed in range(75 * block, 75 * block + 75):
        problem = drawn(seed, model)
        plan = answered(problem, random_state=seed)
        if isinstance(plan, UnanswerableError):
            check_refusal(problem, plan)
            continue
        value = best(problem)
        assert value is not None, seed
        assert plan.outcome == "optimal", (seed, plan)
        assert plan.objective == pytest.approx(value, rel=1e-9, abs=0), seed
        n_answered += 1
    assert n_answered >= 30


def floors_at(problem: SitingProblem, area: int, share: float) -> SitingProblem:
    """Ask for nothing but a share of one area."""
    shares = np.zeros(len(problem.floors.min_share))
    shares[area] = share
    model = "mclp" if problem.model in ("lscp", "pscp") else problem.model
    floors = replace(problem.floors, min_share=shares)
    return replace(problem, model=model, share=None, floors=floors, n_sites=None, budget_cny=None)


def check_advice(problem: SitingProblem, details: dict) -> str:
    """Confirm the smallest change that a refusal names: it helps, and a little less does not."""
    free = replace(problem, n_sites=None, budget_cny=None)
    if "required" in details or "cost" in details:
        return _check_required(problem, details)
    if "least_cny" in details:
        both = [more_of(problem, plan) for plan in worths(free)]
        fewest = min(n for n, _ in both)
        assert not worths(replace(problem, n_sites=None))
        assert not worths(replace(problem, budget_cny=None))
        assert details["least"] == fewest
        cheapest = min(spent for n, spent in both if n <= fewest)
        assert float(details["least_cny"]) == pytest.approx(cheapest, abs=1e-9)
        return "both"
    if "n" in details and "least" in details:
        fewest = min(more_of(problem, p)[0] for p in worths(replace(problem, n_sites=None)))
        assert details["least"] == fewest > problem.n_sites
        return "number"
    if "budget" in details:
        spent = [more_of(problem, p)[1] for p in worths(replace(problem, budget_cny=None))]
        assert float(details["least"]) == pytest.approx(min(spent), abs=1e-9)
        return "budget"
    if "area" in details:
        share = float(details["most"])
        assert best(floors_at(problem, details["area"], share)) is not None
        assert best(floors_at(problem, details["area"], share + 2e-6)) is None
        return "area"
    if "n_areas" in details:
        assert best(free) is None
        return "areas together"
    share = details["most"] if "most" in details else details.get("share")
    if share is not None and float(share) > 0:
        part = replace(free, model="pscp", floors=None)
        assert best(replace(part, share=float(share))) is not None
        assert best(replace(part, share=float(share) + 2e-6)) is None
        return "share"
    return "nobody"


def _check_required(problem: SitingProblem, details: dict) -> str:
    """The required facilities alone: so many, or so dear."""
    free = replace(problem, n_sites=None, budget_cny=None)
    least = [more_of(problem, plan) for plan in allowed_plans(free)]
    if "required" in details:
        assert details["least"] == min(n for n, _ in least) > problem.n_sites
        return "required"
    assert float(details["least"]) == pytest.approx(min(cny for _, cny in least), abs=1e-9)
    assert float(details["least"]) > problem.budget_cny
    return "required"


@every_model
def test_a_refusal_names_the_smallest_change_that_helps(model: str) -> None:
    """Number, budget or share that would do are what trying all sets finds."""
    seen = set()
    for seed in range(300, 900):
        problem = drawn(seed, model)
        error = answered(problem)
        if isinstance(error, UnanswerableError) and "cheapest" not in error.details:
            seen.add(check_advice(problem, error.details))
    assert {"number", "budget"} <= seen


def looser_questions(problem: SitingProblem, rng: np.random.Generator) -> list[SitingProblem]:
    """Give the question with more sites, money, reach, places, or less asked for."""
    looser = [replace(problem, floors=None)]
    if problem.n_sites is not None:
        looser.append(replace(problem, n_sites=problem.n_sites + 1))
    if problem.budget_cny is not None:
        looser.append(replace(problem, budget_cny=problem.budget_cny + float(rng.random() * 4)))
    if problem.share is not None:
        looser.append(replace(problem, share=0.7 * problem.share))
    if problem.capacity_people is not None:
        more = rng.random(len(problem.is_open)) * problem.people.max(initial=0.0)
        looser.append(replace(problem, capacity_people=problem.capacity_people + more))
    is_banned = problem.is_forbidden & problem.is_open
    looser.append(replace(problem, is_forbidden=is_banned))
    is_new = rng.random(problem.reach.shape) < 0.2
    if problem.travel is None:
        wider = (problem.reach.toarray() != 0) | is_new
        looser.append(replace(problem, reach=csr_array(wider.astype(np.int8))))
    else:
        shorter = problem.travel.copy()
        shorter.data = shorter.data * rng.random(shorter.nnz)
        looser.append(replace(problem, travel=shorter))
    return looser


@every_model
@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_asking_for_less_or_giving_more_never_makes_it_worse(model: str, seed: int) -> None:
    """More sites, money, reach, capacity or a lower floor never worsen the optimum."""
    problem = drawn(seed, model)
    base = answered(problem)
    if isinstance(base, UnanswerableError):
        return
    for question in looser_questions(problem, np.random.default_rng(seed)):
        other = answered(question)
        assert isinstance(other, SitingPlan)
        assert not is_worse(problem, other.objective, base.objective)


@every_model
@settings(max_examples=30, deadline=None)
@given(SEEDS)
def test_renumbering_changes_no_optimum(model: str, seed: int) -> None:
    """Demand points and candidates in another order: as good, or refused as well."""
    problem = drawn(seed, model)
    first, second = answered(problem), answered(renumbered(problem, seed))
    assert type(first) is type(second)
    if isinstance(first, SitingPlan):
        assert second.objective == pytest.approx(first.objective, rel=1e-9, abs=0)


@every_model
@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1e3, 1e6])
def test_the_unit_of_people_changes_nothing(model: str, unit: float) -> None:
    """Shares of a million or millions: the same answer, in the other unit, as well proved."""
    for seed in range(40):
        problem = drawn(seed, model)
        first, second = answered(problem), answered(scaled(problem, unit))
        assert type(first) is type(second), (seed, second)
        if isinstance(first, UnanswerableError):
            continue
        times = unit if model in ("mclp", "pmedian", "capacitated") else 1.0
        assert second.objective == pytest.approx(first.objective * times, rel=1e-9, abs=0), seed
        assert second.outcome == first.outcome == "optimal", (seed, second)


@every_model
def test_the_same_seed_gives_the_same_plan(model: str) -> None:
    """A search that ends by itself depends on question and seed alone."""
    for seed in range(8):
        problem = spread(seed, model)
        first, second = (answered(problem, random_state=seed) for _ in range(2))
        if isinstance(first, UnanswerableError):
            assert str(first) == str(second)
            continue
        assert first.outcome == "optimal", seed
        assert first.chosen.tolist() == second.chosen.tolist(), seed
        assert first.closed.tolist() == second.closed.tolist(), seed
        assert (first.objective, first.bound) == (second.objective, second.bound), seed


class _EndsAfter(Watch):
    """A watch that is interrupted when it has been asked so many times; it counts, not seconds."""

    def __init__(self, n_questions: int) -> None:
        super().__init__(1000.0)
        self.n_left = n_questions

    @property
    def is_over(self) -> bool:
        self.n_left -= 1
        if self.n_left < 0:
            self.interrupt()
        return super().is_over


def check_early(problem: SitingProblem, plan: SitingPlan, proved: SitingPlan, reason: str) -> None:
    """A plan of a search that was ended says so, and its bound holds for the optimum."""
    assert plan.outcome in ("optimal", "feasible", "no_solution")
    assert plan.reason in ("proved", "nobody_left", reason)
    assert not is_worse(problem, plan.bound, proved.objective)
    if plan.outcome != "no_solution":
        assert not is_worse(problem, proved.objective, plan.objective)
        assert not is_worse(problem, plan.bound, plan.objective)


@every_model
def test_an_interrupted_search_gives_a_plan_and_a_bound_that_hold(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted after 0, 1, 3, 10 or 50 looks at the watch, whatever is claimed is so."""
    seen = set()
    for seed in range(100, 110):
        problem = spread(seed, model)
        proved = answered(problem)
        for n_questions in (0, 1, 3, 10, 50):
            with monkeypatch.context() as patched:
                patched.setattr(siting, "Watch", lambda *_, n=n_questions: _EndsAfter(n))
                plan = answered(problem)
            if isinstance(proved, UnanswerableError):
                assert isinstance(plan, UnanswerableError) or plan.outcome == "no_solution", seed
                continue
            assert isinstance(plan, SitingPlan), (seed, plan)
            check_early(problem, plan, proved, "interrupted")
            seen.add(plan.reason)
    assert "interrupted" in seen


@every_model
def test_without_time_whatever_is_claimed_is_so(model: str) -> None:
    """With almost no time there is a plan or none, never `optimal` with a gap, and a valid bound."""
    for seed in range(200, 212):
        problem = spread(seed, model)
        proved = answered(problem)
        for time_limit_s in (1e-9, 1e-3, 5e-3, 2e-2):
            plan = answered(problem, time_limit_s=time_limit_s)
            if isinstance(proved, UnanswerableError):
                assert isinstance(plan, UnanswerableError) or plan.outcome == "no_solution", seed
                continue
            assert isinstance(plan, SitingPlan), (seed, plan)
            check_early(problem, plan, proved, "time_limit")


def test_people_within_capacities_are_a_maximum_flow() -> None:
    """The objective of some dozens of plans is the flow that SciPy finds to their facilities."""
    for seed in range(40):
        problem = spread(seed, "capacitated")
        plan = answered(problem)
        if isinstance(plan, UnanswerableError):
            continue
        (n, m), unit = problem.reach.shape, 4  # people are whole quarters
        is_in = problem.is_open.copy()
        is_in[plan.chosen], is_in[plan.closed] = True, False
        graph = np.zeros((n + m + 2, n + m + 2), np.int32)
        graph[0, 1 : n + 1] = problem.people * unit
        graph[1 : n + 1, n + 1 : n + m + 1] = problem.reach.toarray().astype(np.int32) * 2**20
        graph[n + 1 : n + m + 1, -1] = np.where(is_in, problem.capacity_people * unit, 0)
        flow = maximum_flow(csr_array(graph), 0, n + m + 1).flow_value
        assert plan.objective == pytest.approx(flow / unit, rel=1e-12), seed


def curve(block: np.ndarray, people: np.ndarray) -> np.ndarray:
    """Give the most people of one part for each number of sites, by trying all sets."""
    m = block.shape[1]
    sets = (np.arange(2**m)[:, None] >> np.arange(m)) & 1
    served = ((sets @ block.T) > 0) @ people
    return np.array([served[sets.sum(axis=1) == k].max() for k in range(m + 1)])


def parts(seed: int) -> tuple[list[np.ndarray], list[np.ndarray], int]:
    """Draw parts that share nothing, and a number of sites for all of them."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers((4, 3), (40, 11), (int(rng.integers(2, 6)), 2))
    blocks = [(rng.random(size) < rng.choice([0.1, 0.2, 0.4])).astype(int) for size in sizes]
    people = [rng.integers(0, 20, n) * 1.0 if rng.random() < 0.5 else 10 ** rng.uniform(-3, 4, n)
              for n, _ in sizes]  # fmt: skip
    return blocks, people, int(rng.integers(1, sizes[:, 1].sum() + 2))


def most_of_parts(blocks: list[np.ndarray], people: list[np.ndarray], n_sites: int) -> float:
    """Divide the sites among the parts in the best way."""
    total = np.zeros(n_sites + 1)
    for block, mine in zip(blocks, people, strict=True):
        values = curve(block, mine)
        total = np.array(
            [max(total[p - k] + values[k] for k in range(min(p, len(values) - 1) + 1))
             for p in range(n_sites + 1)]
        )  # fmt: skip
    return float(total[n_sites])


@pytest.mark.parametrize("block", range(4))
def test_independent_parts_are_joined_exactly(block: int) -> None:
    """Sites are divided among parts as trying all says; one row that joins them changes nothing."""
    for seed in range(20 * block, 20 * block + 20):
        blocks, people, n_sites = parts(seed)
        most = most_of_parts(blocks, people, n_sites)
        rng = np.random.default_rng(seed)
        whole = block_diag(blocks).toarray()
        rows, columns = (rng.permutation(k) for k in whole.shape)
        whole, everybody = whole[rows][:, columns], np.concatenate(people)[rows]
        apart = answered(SitingProblem.mclp(csr_array(whole), everybody, n_sites=n_sites))
        assert apart.outcome == "optimal", (seed, apart)
        assert apart.objective == pytest.approx(most, rel=1e-9, abs=0), seed
        # Whoever everybody reaches is served by any plan.
        joint = np.vstack([whole, np.ones(whole.shape[1], int)])
        joined = SitingProblem.mclp(csr_array(joint), [*everybody, 8.0], n_sites=n_sites)
        together = answered(joined)
        assert together.outcome == "optimal", (seed, together)
        assert together.objective == pytest.approx(most + 8.0, rel=1e-9, abs=0), seed


def test_parts_whose_floors_are_kept_already() -> None:
    """Floors that existing stations keep do not disturb the parts that are left."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        blocks = [(rng.random((k + 1, k)) < 0.5).astype(int) for k in rng.integers(3, 7, 2)]
        people = [rng.integers(1, 9, len(block)) * 1.0 for block in blocks]
        whole = block_diag([np.ones((2, 1)), *blocks]).toarray()
        n_sites = int(rng.integers(2, 5))
        problem = SitingProblem.mclp(
            csr_array(whole),
            np.concatenate([[100.0, 100.0], *people]),
            n_sites=n_sites,
            is_open=np.arange(whole.shape[1]) == 0,
            floors=AreaFloors(area=np.arange(len(whole)) % 2, min_share=np.array([0.1, 0.1])),
        )
        assert answered(problem).objective == 200.0 + most_of_parts(blocks, people, n_sites), seed


REACH_AT_THE_EDGE = {
    "no candidates": np.zeros((3, 0), int),
    "no demand": np.zeros((0, 3), int),
    "one candidate": np.ones((3, 1), int),
    "equal candidates": np.ones((3, 6), int),
}
RULES_AT_THE_EDGE = {
    "sites without end": {"n_sites": 10**9},
    "all open": {"is_open": np.ones(3, bool)},
    "all open may close": {"is_open": np.ones(3, bool), "may_close": True},
    "all closed": {"is_open": np.ones(3, bool), "is_forbidden": np.ones(3, bool)},
    "all forbidden": {"is_forbidden": np.ones(3, bool)},
    "all required": {"is_required": np.ones(3, bool)},
    "cost nothing": {"cost_cny": np.zeros(3), "budget_cny": 1e-9},
    "tenths": {"cost_cny": [0.1, 0.1, 0.1], "budget_cny": 0.3, "n_sites": None},
    "dear stations stay": {
        "cost_cny": [1e9, 0.1, 0.2],
        "budget_cny": 0.3,
        "is_open": [True, False, False],
    },
    "empty areas": {
        "floors": AreaFloors(area=np.full(3, -1), min_share=np.array([1.0, 0.5]), standard=5.0)
    },
    "no people": {},
}


def extreme(kind: str, model: str) -> SitingProblem:
    """Give a question at the edge of what can be asked."""
    reach = REACH_AT_THE_EDGE.get(kind, np.eye(3, dtype=int))
    people = np.array([1.0, 2.0, 3.0])[: len(reach)] * (kind != "no people")
    rules = {"n_sites": 2, **RULES_AT_THE_EDGE.get(kind, {})}
    if model in ("pmedian", "pcenter"):
        return getattr(SitingProblem, model)(np.where(reach > 0, 3.0, np.inf), people, **rules)
    if model == "pscp":
        rules["share"] = 0.5
    if model == "capacitated":
        rules["capacity_people"] = np.full(reach.shape[1], 2.5)
    return getattr(SitingProblem, model)(csr_array(reach), people, **rules)


@every_model
@pytest.mark.parametrize("kind", [*REACH_AT_THE_EDGE, *RULES_AT_THE_EDGE])
def test_questions_at_the_edge_are_answered(model: str, kind: str) -> None:
    """Nobody, nothing, all or no limit: the best plan, or a refusal when there is none."""
    problem = extreme(kind, model)
    plan, value = answered(problem), best(problem)
    if isinstance(plan, UnanswerableError):
        assert value is None
        return
    assert value is not None
    assert plan.outcome == "optimal"
    assert math.isclose(plan.objective, value, rel_tol=1e-9)


def test_a_small_question_ends_by_its_proof() -> None:
    """Parts of people, of very different size: four sites are proved, whatever bounds round to."""
    reach = np.zeros((5, 6), int)
    for i, near in enumerate(([0, 1, 2, 3], [2, 5], [0, 1, 2, 5], [3, 5], [3, 5])):
        reach[i, near] = 1
    people = [18529.606581454078, 170303.6549597657, 0.2796718142656765, 14.237611752059435,
              643.9577338248009]  # fmt: skip
    problem = SitingProblem.mclp(
        csr_array(reach), people, n_sites=1, budget_cny=5.44,
        cost_cny=[1.37, 1.36, 2.81, 4.56, 3.12, 0.57],
    )  # fmt: skip
    plan = answered(problem, time_limit_s=5.0)
    assert plan.reason == "proved"
    assert plan.objective == best(problem)


def test_floors_without_time_claim_no_proof() -> None:
    """When time ends before any plan keeps the floors, that is the reason."""
    seen = set()
    for seed in range(100):
        problem = drawn(seed, "mclp")
        plan = None if problem.floors is None else answered(problem, time_limit_s=1e-9)
        if isinstance(plan, SitingPlan) and best(problem) is not None:
            check_early(problem, plan, answered(problem), "time_limit")
            seen.add(plan.outcome)
    assert "optimal" in seen

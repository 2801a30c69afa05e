"""Small random questions about journeys, with every rule mixed, and their answers by trying all."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from planner.problem import AreaFloors


def random_question(seed: int) -> dict[str, Any]:
    """Draw a question: dense or sparse travel, ties, zeros, every rule now and then."""
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 10)), int(rng.integers(1, 8))
    travel = rng.integers(0, 9, (n, m)).astype(float)
    if rng.random() < 0.4:
        travel = np.round(rng.random((n, m)) * 10, 3)
    if rng.random() < 0.2 and m > 1:
        travel[:, 0] = travel[:, 1]
    travel[rng.random((n, m)) < rng.choice([0.0, 0.1, 0.4])] = np.inf
    people = rng.integers(0, 5, n) * rng.choice([1.0, 0.7])
    question: dict[str, Any] = {"travel": travel, "people": people}
    _add_limits(question, rng, m)
    for rule, chance in (("is_open", 0.2), ("is_required", 0.1), ("is_forbidden", 0.1)):
        if rng.random() < 0.6:
            question[rule] = rng.random(m) < chance
    if "is_required" in question and "is_forbidden" in question:
        question["is_forbidden"] &= ~question["is_required"]
    question["may_close"] = bool(rng.random() < 0.3)
    if rng.random() < 0.35:
        n_areas = int(rng.integers(1, 4))
        question["floors"] = AreaFloors(
            area=rng.integers(-1, n_areas, n),
            min_share=np.round(rng.random(n_areas) * rng.choice([0.5, 1.0]), 2),
            standard=float(rng.integers(1, 9)),
        )
    return question


def _add_limits(question: dict[str, Any], rng: np.random.Generator, m: int) -> None:
    if rng.random() < 0.75:
        question["n_sites"] = int(rng.integers(1, 5))
    if rng.random() < 0.5 or "n_sites" not in question:
        is_equal = rng.random() < 0.2
        cost = np.full(m, 3.0) if is_equal else rng.integers(0, 9, m).astype(float)
        question["cost_cny"], question["budget_cny"] = cost, float(rng.integers(1, 20))


def as_sparse(travel: np.ndarray) -> csr_array:
    """Give the same journeys as CSR, zeros stored, pairs without a way missing."""
    rows, columns = np.nonzero(np.isfinite(travel))
    starts = np.concatenate([[0], np.cumsum(np.isfinite(travel).sum(axis=1))])
    return csr_array((travel[rows, columns], columns, starts), shape=travel.shape)


def allowed_plans(question: dict[str, Any]) -> list[tuple[int, ...]]:
    """List every set of facilities that keeps the rules on facilities."""
    m = question["travel"].shape[1]
    flags = {
        rule: question.get(rule, np.zeros(m, bool))
        for rule in ("is_open", "is_required", "is_forbidden")
    }
    return [
        plan
        for size in range(m + 1)
        for plan in itertools.combinations(range(m), size)
        if _is_allowed(question, set(plan), flags)
    ]


def _is_allowed(question: dict[str, Any], plan: set[int], flags: dict[str, np.ndarray]) -> bool:
    is_open, required, forbidden = (set(np.flatnonzero(f).tolist()) for f in flags.values())
    if not required <= plan or plan & forbidden:
        return False
    if not question.get("may_close") and not (is_open - forbidden) <= plan:
        return False
    new, closed = plan - is_open, is_open - plan
    n_sites = question.get("n_sites")
    if n_sites is not None and len(new) - len(closed) > n_sites:
        return False
    budget, cost = question.get("budget_cny"), question.get("cost_cny")
    if budget is None:
        return True
    return sum(cost[j] for j in new) - sum(cost[j] for j in closed) <= budget * (1 + 1e-9)


def nearest_of(question: dict[str, Any], plan: tuple[int, ...]) -> list[float]:
    """Give the shortest journey of each demand point; infinite without one."""
    return [min((row[j] for j in plan), default=np.inf) for row in question["travel"]]


def serves(question: dict[str, Any], plan: tuple[int, ...]) -> bool:
    """Say whether everybody has a way to the plan and every area its floor."""
    near, people = nearest_of(question, plan), question["people"]
    if any(np.isinf(d) for d, a in zip(near, people, strict=True) if a > 0):
        return False
    floors = question.get("floors")
    if floors is None:
        return True
    for area, share in enumerate(floors.min_share):
        inside = [i for i in range(len(people)) if floors.area[i] == area]
        total = sum(people[i] for i in inside)
        served = sum(people[i] for i in inside if near[i] <= floors.standard)
        if served < share * total - 1e-9:
            return False
    return True


def values(question: dict[str, Any], *, is_median: bool) -> dict[tuple[int, ...], float]:
    """Give the objective of every plan that keeps all rules."""
    people = question["people"]
    result = {}
    for plan in allowed_plans(question):
        if serves(question, plan):
            journeys = [
                (d * a if is_median else d)
                for d, a in zip(nearest_of(question, plan), people, strict=True)
                if a > 0
            ]
            result[plan] = sum(journeys) if is_median else max(journeys, default=0.0)
    return result


def has_plan(question: dict[str, Any], **changes: object) -> bool:
    """Say whether any plan keeps all rules, some of them changed; None takes a rule away."""
    changed = {k: v for k, v in {**question, **changes}.items() if v is not None}
    return any(serves(changed, plan) for plan in allowed_plans(changed))


def check_refusal(question: dict[str, Any], details: dict[str, Any]) -> str:
    """Confirm the numbers of a refusal by trying all plans; give what was refused."""
    if "rows" in details:
        _check_rows(question, details)
        return "rows"
    if "cheapest" in details:
        free = ~question.get("is_open", np.zeros(len(question["cost_cny"]), bool))
        free &= ~question.get("is_forbidden", np.zeros(len(free), bool))
        assert question["cost_cny"][free].min() == float(details["cheapest"])
        assert question["budget_cny"] < float(details["cheapest"])
        return "cheapest"
    assert not has_plan(question)
    if "required" in details or "cost" in details:
        assert not allowed_plans(question)
        return "required"
    if "area" in details:
        _check_floor(question, details)
        return "area"
    if "least_cny" in details:
        return _check_both(question, details)
    if "budget" in details:
        _check_budget(question, float(details["least"]), {})
        return "budget"
    _check_number(question, details["least"])
    return "number"


def _check_rows(question: dict[str, Any], details: dict[str, Any]) -> None:
    forbidden = question.get("is_forbidden", np.zeros(question["travel"].shape[1], bool))
    lost = [
        i
        for i, row in enumerate(question["travel"])
        if question["people"][i] > 0 and np.isinf(row[~forbidden]).all()
    ]
    assert details["rows"] == tuple(lost[:10])
    assert details["n"] == len(lost)


def _check_floor(question: dict[str, Any], details: dict[str, Any]) -> None:
    """With all candidates the floor fails, and one of the two ways out holds."""
    forbidden = question.get("is_forbidden", np.zeros(question["travel"].shape[1], bool))
    everything = tuple(int(j) for j in np.flatnonzero(~forbidden))
    floors, area = question["floors"], details["area"]
    only = np.where(np.arange(len(floors.min_share)) == area, floors.min_share, 0.0)

    def holds(standard: float, share: np.ndarray) -> bool:
        changed = AreaFloors(area=floors.area, min_share=share, standard=standard)
        return serves({**question, "floors": changed}, everything)

    least = float(details["least"])
    assert not holds(floors.standard, only)
    assert holds(least, only)
    assert not holds(np.nextafter(least, 0), only)
    lower = np.where(only > 0, float(details["most"]), 0.0)
    assert holds(floors.standard, lower)
    assert not holds(floors.standard, lower + 1e-6 * (only > 0))


def _check_number(question: dict[str, Any], least: int) -> None:
    assert has_plan(question, n_sites=least)
    assert not has_plan(question, n_sites=least - 1)


def _check_budget(question: dict[str, Any], least: float, changes: dict[str, Any]) -> None:
    """Costs are whole numbers, so the next lower budget is one less."""
    assert has_plan(question, budget_cny=least, **changes)
    assert not has_plan(question, budget_cny=least - 0.5, **changes)


def _check_both(question: dict[str, Any], details: dict[str, Any]) -> str:
    assert not has_plan(question, n_sites=None)
    assert not has_plan(question, budget_cny=None)
    assert not has_plan(question, n_sites=details["least"] - 1, budget_cny=None)
    _check_budget(question, float(details["least_cny"]), {"n_sites": details["least"]})
    return "both"

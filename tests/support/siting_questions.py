"""Small random siting questions of every model, all rules mixed, and their answers by trying all.

Nothing here comes from the product but the question itself: a plan is a set of facilities, all sets
are tried, and what each is worth is read from the definitions. People within capacities are counted
by cuts, not by flows (Ford and Fulkerson 1956): facilities F serve at most, and for the worst part S
of F exactly, the places of S and the people whom the rest of F reaches.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from planner.problem import AreaFloors, SitingProblem

MODELS = ("mclp", "lscp", "pscp", "pmedian", "pcenter", "capacitated")
MOST_IS_BEST = ("mclp", "capacitated")
_ROUNDING = 1e-9

Plan = tuple[int, ...]


def drawn(seed: int, model: str) -> SitingProblem:
    """Draw a question of up to nine demand points and seven candidates."""
    rng = np.random.default_rng([seed, MODELS.index(model)])
    n, m = int(rng.integers(0, 10)), int(rng.integers(1, 8))
    reach = rng.random((n, m)) < rng.choice([0.2, 0.4, 0.7])
    if model not in ("mclp", "capacitated") and n and rng.random() < 0.7:
        reach[np.arange(n), rng.integers(0, m, n)] = True
    if rng.random() < 0.2 and m > 1:
        reach[:, 0] = reach[:, 1]
    people = rng.integers(0, 9, n) * float(rng.choice([1.0, 0.375, 1e-5, 1e6]))
    if rng.random() < 0.2:
        people = rng.random(n) * 5
    rules = _rules(rng, n, m, needs_limit=model not in ("lscp", "pscp"))
    if model in ("pmedian", "pcenter"):
        travel = _travel(rng, reach)
        if "floors" in rules:
            rules["floors"] = replace(rules["floors"], standard=float(rng.integers(0, 9)))
        return getattr(SitingProblem, model)(travel, people, **rules)
    if model == "pscp":
        rules["share"] = float(rng.choice([0.05, 0.3, 0.6, 0.9, 1.0]))
    if model == "capacitated":
        unit = people[people > 0].min(initial=8.0) if rng.random() < 0.5 else 1.0
        rules["capacity_people"] = rng.integers(0, 14, m) * float(unit)
    return getattr(SitingProblem, model)(csr_array(reach.astype(np.int8)), people, **rules)


def _travel(rng: np.random.Generator, reach: np.ndarray) -> np.ndarray | csr_array:
    """Draw impedances with ties and zeros, dense or sparse."""
    travel = rng.integers(0, 9, reach.shape).astype(float)
    if rng.random() < 0.4:
        travel = np.round(rng.random(reach.shape) * 10, 3)
    if rng.random() < 0.5:
        return np.where(reach, travel, np.inf)
    rows, columns = np.nonzero(reach)
    starts = np.concatenate([[0], np.cumsum(reach.sum(axis=1))])
    return csr_array((travel[rows, columns], columns, starts), shape=reach.shape)


def _rules(rng: np.random.Generator, n: int, m: int, *, needs_limit: bool) -> dict[str, Any]:
    role = rng.random(m)
    rules: dict[str, Any] = {
        "is_open": rng.random(m) < rng.choice([0.0, 0.2, 0.5]),
        "is_required": role < rng.choice([0.0, 0.15]),
        "is_forbidden": role > rng.choice([0.85, 1.0]),
        "may_close": bool(rng.random() < 0.35),
    }
    kind = rng.choice(["none", "whole", "cents", "equal", "free"], p=[0.3, 0.25, 0.25, 0.1, 0.1])
    costs = {
        "whole": rng.integers(0, 9, m).astype(float),
        "cents": np.round(rng.random(m) * 8, 2),
        "equal": np.full(m, 2.5),
        "free": np.zeros(m),
    }
    if kind in costs:
        rules["cost_cny"] = costs[str(kind)]
        if rng.random() < 0.7:
            rules["budget_cny"] = float(np.round(rng.random() * 20 + 0.5, int(rng.integers(0, 3))))
    if rng.random() < 0.5 or (needs_limit and "budget_cny" not in rules):
        rules["n_sites"] = int(rng.integers(1, 5)) if rng.random() < 0.9 else 50
    if rng.random() < 0.35:
        n_areas = int(rng.integers(1, 4))
        shares = np.round(rng.random(n_areas) * rng.choice([0.4, 1.0]), 2)
        rules["floors"] = AreaFloors(area=rng.integers(-1, n_areas, n), min_share=shares)
    return rules


def best(problem: SitingProblem) -> float | None:
    """Give the value of the best plan; None when no plan keeps the rules."""
    values = worths(problem).values()
    return (max if problem.model in MOST_IS_BEST else min)(values, default=None)


def worths(problem: SitingProblem) -> dict[Plan, float]:
    """Give what every plan that keeps all rules is worth."""
    worth = _Worth(problem)
    values = {plan: worth.of(plan) for plan in allowed_plans(problem)}
    return {plan: value for plan, value in values.items() if value is not None}


def allowed_plans(problem: SitingProblem) -> Iterator[Plan]:
    """Give every set of facilities that keeps the rules on facilities."""
    m = problem.reach.shape[1]
    for size in range(m + 1):
        for plan in itertools.combinations(range(m), size):
            n_more, spent = more_of(problem, plan)
            is_few = problem.n_sites is None or n_more <= problem.n_sites
            is_cheap = problem.budget_cny is None or spent <= problem.budget_cny + 1e-7
            if is_few and is_cheap and _is_allowed(problem, set(plan)):
                yield plan


def more_of(problem: SitingProblem, plan: Plan) -> tuple[int, float]:
    """Give new sites less closed ones, and the cost of the new less that of the closed."""
    is_open = set(np.flatnonzero(problem.is_open).tolist())
    new, closed = set(plan) - is_open, is_open - set(plan)
    cost = np.zeros(len(problem.is_open)) if problem.cost_cny is None else problem.cost_cny
    return len(new) - len(closed), float(sum(cost[j] for j in new) - sum(cost[j] for j in closed))


def _is_allowed(problem: SitingProblem, plan: set[int]) -> bool:
    flags = (problem.is_open, problem.is_required, problem.is_forbidden)
    is_open, required, forbidden = (set(np.flatnonzero(f).tolist()) for f in flags)
    stays = set() if problem.may_close else is_open - forbidden
    return required <= plan and stays <= plan and not plan & forbidden


class _Worth:
    """What the sets of facilities of one question are worth; None when a set serves too few."""

    def __init__(self, problem: SitingProblem) -> None:
        self.problem = problem
        self.people = [float(a) for a in problem.people]
        self.total = sum(self.people)
        table = problem.reach if problem.travel is None else problem.travel
        self.near: list[dict[int, float]] = [{} for _ in self.people]
        coo = table.tocoo()
        for i, j, v in zip(coo.row.tolist(), coo.col.tolist(), coo.data.tolist(), strict=True):
            self.near[i][j] = v
        self.floors: list[tuple[list[int], float]] = []
        if problem.floors is not None:
            for area, share in enumerate(problem.floors.min_share):
                rows = [i for i, k in enumerate(problem.floors.area) if k == area]
                self.floors.append((rows, float(share)))

    def of(self, plan: Plan) -> float | None:
        """Give the objective of a set of facilities."""
        if self.problem.model == "capacitated":
            return self._within_capacities(plan)
        far = [min((v for j, v in near.items() if j in plan), default=np.inf) for near in self.near]
        if not self._is_enough(far):
            return None
        waiting = [(a, d) for a, d in zip(self.people, far, strict=True) if a > 0]
        if self.problem.model == "mclp":
            return sum(a for a, d in waiting if d < np.inf)
        if self.problem.model == "pmedian":
            return sum(a * d for a, d in waiting)
        if self.problem.model == "pcenter":
            return max((d for _, d in waiting), default=0.0)
        counted = [j for j in plan if self.problem.may_close or not self.problem.is_open[j]]
        if self.problem.cost_cny is None:
            return float(len(counted))
        return float(sum(self.problem.cost_cny[j] for j in counted))

    def _is_enough(self, far: list[float]) -> bool:
        """Whether everybody or the share, and each area, is served."""
        pairs = list(zip(self.people, far, strict=True))
        if self.problem.model in ("lscp", "pmedian", "pcenter") and any(
            a > 0 and d == np.inf for a, d in pairs
        ):
            return False
        served = sum(a for a, d in pairs if d < np.inf)
        share = 0.0 if self.problem.share is None else self.problem.share
        if served < (share - _ROUNDING) * self.total:
            return False
        standard = np.inf
        if self.problem.travel is not None and self.problem.floors is not None:
            standard = self.problem.floors.standard
        for rows, share in self.floors:
            reached = sum(self.people[i] for i in rows if far[i] <= standard and far[i] < np.inf)
            if reached < (share - _ROUNDING) * sum(self.people[i] for i in rows):
                return False
        return True

    def _within_capacities(self, plan: Plan) -> float | None:
        """Look at every cut: S gives its places, and whom the rest reaches are let through."""
        places = self.problem.capacity_people
        wanted = [share * sum(self.people[i] for i in rows) for rows, share in self.floors]
        most = np.inf
        for size in range(len(plan) + 1):
            for part in itertools.combinations(plan, size):
                rest = set(plan) - set(part)
                taken = float(sum(places[j] for j in part))
                reached = [bool(rest & near.keys()) for near in self.near]
                through = sum(a for a, is_in in zip(self.people, reached, strict=True) if is_in)
                most = min(most, taken + through)
                of_areas = sum(
                    min(least, sum(self.people[i] for i in rows if reached[i]))
                    for (rows, _), least in zip(self.floors, wanted, strict=True)
                )
                if taken + of_areas < sum(wanted) - _ROUNDING * self.total:
                    return None
        return most


def renumbered(problem: SitingProblem, seed: int) -> SitingProblem:
    """Give the same question with demand points and candidates in another order."""
    rng = np.random.default_rng(seed)
    rows, columns = (rng.permutation(k) for k in problem.reach.shape)

    def of_columns(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[columns]

    def turned(matrix: csr_array | None) -> csr_array | None:
        if matrix is None:
            return None
        dense = np.full(matrix.shape, np.nan)
        coo = matrix.tocoo()
        dense[coo.row, coo.col] = coo.data
        dense = dense[rows][:, columns]
        i, j = np.nonzero(~np.isnan(dense))
        starts = np.concatenate([[0], np.cumsum((~np.isnan(dense)).sum(axis=1))])
        return csr_array((dense[i, j].astype(matrix.dtype), j, starts), shape=dense.shape)

    floors = problem.floors
    return replace(
        problem,
        reach=turned(problem.reach),
        travel=turned(problem.travel),
        people=problem.people[rows],
        cost_cny=of_columns(problem.cost_cny),
        capacity_people=of_columns(problem.capacity_people),
        is_open=of_columns(problem.is_open),
        is_required=of_columns(problem.is_required),
        is_forbidden=of_columns(problem.is_forbidden),
        floors=None if floors is None else replace(floors, area=floors.area[rows]),
    )


def scaled(problem: SitingProblem, unit: float) -> SitingProblem:
    """Give the same question with people, and places for them, counted in another unit."""
    places = problem.capacity_people
    return replace(
        problem,
        people=problem.people * unit,
        capacity_people=None if places is None else places * unit,
    )


def spread(seed: int, model: str) -> SitingProblem:
    """Draw a question of some dozens of points and sites on a square, now and then in clusters."""
    rng = np.random.default_rng([seed, MODELS.index(model), 1])
    n, m = int(rng.integers(20, 90)), int(rng.integers(8, 30))
    points, sites = rng.random((n, 2)), rng.random((m, 2))
    if rng.random() < 0.5:
        points, sites = (0.25 * p + rng.integers(0, 4, (len(p), 1)) for p in (points, sites))
    far = np.round(np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1)), 3)
    limit = float(rng.choice([0.1, 0.2, 0.35]))
    people = rng.integers(0, 50, n) * float(rng.choice([1.0, 0.25]))
    rules: dict[str, Any] = {"n_sites": int(rng.integers(3, 12)), "is_open": rng.random(m) < 0.1}
    if rng.random() < 0.4:
        rules["cost_cny"], rules["budget_cny"] = rng.integers(1, 30, m).astype(float), 120.0
    if rng.random() < 0.3:
        standard = limit if model in ("pmedian", "pcenter") else None
        shares = np.round(rng.random(2) * 0.3, 2)
        rules["floors"] = AreaFloors(
            area=rng.integers(-1, 2, n), min_share=shares, standard=standard
        )
    if model in ("pmedian", "pcenter"):
        return getattr(SitingProblem, model)(far, people, **rules)
    reach = far <= limit
    if model in ("lscp", "pscp"):
        # Places strewn at random are harder to cover than those on a plane.
        reach = rng.random((n, m)) < 0.15
        reach[np.arange(n), far.argmin(axis=1)] = True
        rules["n_sites"] = None
    if model == "pscp":
        rules["share"] = float(rng.choice([0.5, 0.8]))
    if model == "capacitated":
        rules["capacity_people"] = rng.integers(0, 60, m) * 4.0
    return getattr(SitingProblem, model)(csr_array(reach.astype(np.int8)), people, **rules)

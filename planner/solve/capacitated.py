"""Maximal covering within capacities: the plan that serves most people, and its proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.models.capacitated import Load, in_units, load, programme, unit_of
from planner.models.choice import Choice, choice
from planner.models.pscp import SHARE_SLACK, area_totals, sums_by_area
from planner.plan import Reason
from planner.problem import SitingProblem
from planner.solve.cheapest import lifted, step_of
from planner.solve.filling import Filling, fill
from planner.solve.flow import Flow, emptied, grow, no_flow, with_floors
from planner.solve.found import Found
from planner.solve.highs import Answer, optimise
from planner.solve.objective import cost_of, objective_of
from planner.solve.unattainable import refuse_floors, refuse_money, refuse_number, refuse_together
from planner.solve.watch import Watch

MOST_PAIRS = 2_000_000
"""Larger programmes are not given to HiGHS, which would not get beyond reading them."""

_ROUNDING = 1e-9
_TOLERANCE = 1e-6
"""Relative error of what the solver calls optimal."""


@dataclass(frozen=True, slots=True, eq=False)
class _Case:
    """A reduced question.

    `empty` is the flow that serves nobody, `least` how many people of the rows must be served in
    each area.
    """

    problem: SitingProblem
    free: Choice
    load: Load
    empty: Flow
    least: NDArray[np.float64]
    watch: Watch
    random_state: int


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    """Free columns of a plan, and people served in the rows of the load."""

    columns: NDArray[np.int64]
    people: float


def solve_capacitated(problem: SitingProblem, watch: Watch, random_state: int) -> Found:
    """Find the sites that serve most people within their capacities.

    Raises
    ------
    UnanswerableError
        When the floors of areas cannot be kept: names an area and the largest share there, or how
        many sites or how much money would do.
    """
    unit = unit_of(problem)
    if unit != 1.0:
        found = solve_capacitated(in_units(problem, unit), watch, random_state)
        return replace(found, bound=found.bound * unit)
    free = choice(problem)
    question = load(problem, free)
    least = np.zeros(0)
    if problem.floors is not None:
        shares = problem.floors.min_share - SHARE_SLACK
        least = np.maximum(shares * area_totals(problem) - question.kept_area_people, 0.0)
    empty = no_flow(question.reach, question.people)
    case = _Case(problem, free, question, empty, least, watch, random_state)
    if (least > 0).any():
        refuse_floors(problem, _most_by_area(case))
    filling = fill(Filling(question, empty, free.n_left, free.money_left), watch)
    best, bound = _checked(case, filling), _bound(case)
    if best is not None and best.people >= bound * (1 - _ROUNDING):
        return _found(case, best, bound, "proved")
    if watch.is_over:
        return _found(case, best, bound, watch.reason)
    if question.reach.nnz > MOST_PAIRS:
        return _found(case, best, bound, "solver_failed")
    return _proved(case, best, bound)


def _proved(case: _Case, best: _Best | None, bound: float) -> Found:
    """Let HiGHS improve and prove a plan, or say which limit is too tight when there is none."""
    question, free = case.load, case.free
    step = step_of(np.concatenate([question.people, question.capacity]))
    answer = optimise(
        programme(question, case.least, free.n_left, free.money_left),
        case.watch,
        start=None if best is None else _values(case, best.columns),
        random_state=case.random_state,
        abs_gap=step * (1 - 1e-4) if step > 0 else _ROUNDING * float(question.people.sum()),
    )
    if answer.status == "infeasible" and best is None:
        _refuse(case)
    bound = min(bound, -lifted(-answer.bound, step))
    other = _checked(case, _columns(question, answer))
    if best is None or (other is not None and other.people > best.people):
        best = other
    if best is not None and answer.status == "optimal":
        is_close = abs(bound - best.people) <= _TOLERANCE * max(1.0, best.people)
        bound = best.people if is_close else bound
    return _found(
        case, best, bound, case.watch.reason if answer.status == "stopped" else "solver_failed"
    )


def _found(case: _Case, best: _Best | None, bound: float, otherwise: Reason) -> Found:
    """Add what is kept; say what is proved, or the reason why it is not."""
    question = case.load
    if best is None:
        return Found(None, question.kept_people + bound, otherwise)
    chosen = question.facilities[best.columns]
    facilities = np.sort(np.concatenate([case.free.kept, chosen]))
    if best.people < bound * (1 - _ROUNDING):
        return Found(facilities, question.kept_people + bound, otherwise)
    return Found(facilities, objective_of(case.problem, facilities), "proved")


def _bound(case: _Case) -> float:
    """Give a number of people that no plan exceeds: places for sale, and people in reach.

    What a site adds never exceeds its places; sites are taken by places for their money, the last
    in part, or as many as may be.
    """
    question, free = case.load, ~case.load.is_kept
    everybody = emptied(case.empty, question.people)
    everybody.spare[:] = question.capacity
    most = grow(everybody, np.arange(len(free)))
    kept = emptied(case.empty, question.people)
    kept.spare[question.is_kept] = question.capacity[question.is_kept]
    served = grow(kept, np.flatnonzero(question.is_kept))
    places, cost = question.capacity[free], question.cost[free]
    few = served + float(np.sort(places)[::-1][: case.free.n_left].sum())
    if not np.isfinite(case.free.money_left):
        return min(most, few)
    order = np.argsort(cost / np.maximum(places, 1e-300), kind="stable")
    before = np.cumsum(cost[order]) - cost[order]
    left = np.maximum(case.free.money_left - before, 0.0)
    part = np.minimum(1.0, left / np.maximum(cost[order], 1e-300))
    part[(cost[order] == 0)] = 1.0
    return min(most, few, served + float(places[order] @ part))


def _flow(case: _Case, columns: NDArray[np.int64]) -> Flow | None:
    """Give a greatest flow to kept and chosen columns that keeps the floors, if there is one."""
    question = case.load
    is_in = question.is_kept.copy()
    is_in[columns] = True
    flow = emptied(case.empty, question.people)
    flow.spare[is_in] = question.capacity[is_in]
    grow(flow, np.flatnonzero(is_in))
    served = sums_by_area(question.area, question.people - flow.left, len(case.least))
    if (served >= case.least).all():
        return flow
    return with_floors(replace(question, is_kept=is_in), case.least, case.watch)


def _checked(case: _Case, columns: NDArray[np.int64] | None) -> _Best | None:
    """Give a plan if it keeps the limits and floors, without sites that would serve nobody."""
    if columns is None or len(columns) > case.free.n_left:
        return None
    if float(case.load.cost[columns].sum()) > case.free.money_left:
        return None
    flow = _flow(case, columns)
    if flow is None:
        return None
    people, sent = _people(case, flow), _taken(flow)
    for j in columns[np.argsort(sent[columns], kind="stable")]:
        fewer = columns[columns != j]
        other = None if case.watch.is_over else _flow(case, fewer)
        if other is not None and _people(case, other) >= people * (1 - 1e-12):
            columns = fewer
        elif sent[j] > 0:
            break
    return _Best(columns, people)


def _people(case: _Case, flow: Flow) -> float:
    return float((case.load.people - flow.left).sum())


def _taken(flow: Flow) -> NDArray[np.float64]:
    """Give the people whom each facility serves."""
    starts = flow.pairs[0]
    return np.diff(np.concatenate([[0.0], np.cumsum(flow.sent)])[starts])


def _values(case: _Case, columns: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Give the solution of the programme that has these columns."""
    question, flow = case.load, _flow(case, columns)
    if flow is None:
        return None
    is_in = question.is_kept.copy()
    is_in[columns] = True
    rows = np.repeat(np.arange(question.reach.shape[0]), np.diff(question.reach.indptr))
    return np.concatenate([is_in, flow.sent[flow.pairs[4]] / question.people[rows]])


def _columns(question: Load, answer: Answer) -> NDArray[np.int64] | None:
    if answer.values is None:
        return None
    is_in = answer.values[: len(question.is_kept)] > 0.5
    return np.flatnonzero(is_in & ~question.is_kept)


def _most_by_area(case: _Case) -> NDArray[np.float64]:
    """Give the people of each area who are served when all candidates serve only that area."""
    question = case.load
    most = question.kept_area_people.copy()
    for area in np.flatnonzero(case.least > 0):
        only = np.where(question.area == area, question.people, 0.0)
        flow = emptied(case.empty, only)
        flow.spare[:] = question.capacity
        most[area] += grow(flow, np.arange(len(question.capacity)))
    return most


def _refuse(case: _Case) -> None:
    """Say how many sites or how much money would do; no plan keeps floors and limits."""
    problem, question, what = case.problem, case.load, "the floors of areas"
    is_free = (~question.is_kept).astype(np.float64)
    n_limit = len(question.cost)
    if problem.n_sites is not None:
        n_limit = problem.n_sites + int(problem.is_open.sum()) - len(case.free.kept)
    few, is_hopeless = _least(case, is_free, len(question.cost))
    if is_hopeless:
        refuse_together(len(case.least))
    if few is not None and (len(few) > n_limit or problem.budget_cny is None):
        refuse_number(problem, what, len(few) + len(case.free.kept))
    cheap = _least(case, question.cost, n_limit)[0]
    sites = few if cheap is None else cheap
    if sites is not None:
        facilities = np.concatenate([case.free.kept, question.facilities[sites]])
        refuse_money(problem, what, cost_of(problem, facilities))


def _least(
    case: _Case, price: NDArray[np.float64], n_left: int
) -> tuple[NDArray[np.int64] | None, bool]:
    """Give the cheapest columns that keep the floors, and whether none do."""
    answer = optimise(
        programme(case.load, case.least, n_left, np.inf, price),
        case.watch,
        random_state=case.random_state,
    )
    return _columns(case.load, answer), answer.status == "infeasible"

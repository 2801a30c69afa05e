"""Maximal covering: the plan that serves most people, and the proof of how good it is.

The way of a question: reduced (`planner.models.covering`), split into independent parts
(`planner.solve.parts`), and for each part

1. a greedy plan, a short annealing, and a bound near the linear relaxation's
   (`planner.solve.dual`);
2. columns that cannot differ in a better plan are decided, and HiGHS settles a small rest;
3. else generations of plans, annealed on two threads and merged (`planner.solve.hunt`);
4. when generations stop helping, HiGHS proves on one thread while they go on on the other.

A question of many million pairs is not split; it is annealed on one thread, ever longer, while the
bound falls on the other.

All work is counted in moves, steps and nodes, not in seconds, so the same seed gives the same plan
unless time ends the search.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice, choice
from planner.models.covering import components, cover
from planner.models.mclp import Maximal
from planner.models.pscp import need_of
from planner.plan import Reason
from planner.problem import SitingProblem
from planner.solve.dual import LINEAR_PAIRS, evaluate, multipliers
from planner.solve.found import Found
from planner.solve.greedy import greedy
from planner.solve.hunt import Hunt, unit_of
from planner.solve.idle import with_spare
from planner.solve.parts import join
from planner.solve.record import Record, Searched
from planner.solve.setcover import least_for_floors
from planner.solve.watch import Watch

_FEW_OPEN = 400
"""So many undecided columns are settled at once."""

_FEW_NODES = 200


def solve_mclp(problem: SitingProblem, watch: Watch, random_state: int) -> Found:
    """Answer a maximal covering question.

    Parameters
    ----------
    problem
        The question.
    watch
        Ends the search; the best plan so far is given.
    random_state
        Seed.

    Raises
    ------
    UnanswerableError
        When no plan keeps the rules.
    """
    free = choice(problem)
    whole = cover(problem, free)
    need = need_of(problem, whole.kept_people, whole.kept_area_people)
    question = Maximal(whole, free.n_left, free.money_left, need.area_people)
    start: NDArray[np.int64] | None = np.zeros(0, np.int64)
    if (question.floor_people > 0).any():
        sites = least_for_floors(problem, free, whole, watch, random_state).sites
        start = None if sites is None else np.searchsorted(whole.candidates, sites)
    served = whole.kept_people
    if start is not None and (len(whole.people) == 0 or question.n_left == 0):
        why: Reason = "nobody_left" if len(whole.people) == 0 else "proved"
        return Found(_facilities(free, question, start[:0]), served, why)
    if start is None and question.n_left == 0:
        return Found(None, served + float(whole.people.sum()), watch.reason)

    def tell(value: float, bound: float) -> None:
        watch.report(served + value, served + bound)

    is_large = whole.reach.nnz > LINEAR_PAIRS
    split = components(whole) if question.is_counted and not is_large else [whole]
    if len(split) > 1:
        result = join(question, split, search, watch, random_state, tell)
    else:
        result = search(question, watch, random_state, tell, start)
    reason: Reason = "proved" if result.is_proved else watch.reason
    facilities = _facilities(free, question, result.columns)
    if facilities is not None and problem.may_close:
        facilities = with_spare(problem, free, facilities)
    return Found(facilities, served + result.bound, reason)


def _facilities(
    free: Choice, question: Maximal, columns: NDArray[np.int64] | None
) -> NDArray[np.int64] | None:
    if columns is None:
        return None
    return np.sort(np.concatenate([free.kept, question.cover.candidates[columns]]))


def search(
    question: Maximal,
    watch: Watch,
    seed: int,
    tell: Callable[[float, float], None],
    start: NDArray[np.int64] | None,
    prices: NDArray[np.float64] | None = None,
) -> Searched:
    """Search one part until it is proved or the watch is over.

    Parameters
    ----------
    question
        The part, with at least one row.
    watch, seed
        As in `solve_mclp`.
    tell
        Called with (value, bound) at each improvement.
    start
        Columns of a plan that keeps the floors; empty without floors, None when there is none yet.
    prices
        Multipliers of the rows, good ones; None to look for them.
    """
    record = Record(question, watch, tell)
    first = _filled(question, np.zeros(0, np.int64) if start is None else start)
    record.offer(first)
    hunt = Hunt.of(question, record, watch, first, seed)
    hunt.warm_up(first)
    if question.cover.reach.nnz > LINEAR_PAIRS:
        hunt.climb()
        return record.result()
    dual = (
        evaluate(question, prices)
        if prices is not None
        else multipliers(
            question,
            watch,
            unit=unit_of(question),
            value=max(0.0, record.value),
            tell=record.lower,
        )
    )
    record.lower(dual.bound)
    if not record.is_over() and hunt.n_open(dual) <= _FEW_OPEN:
        hunt.settle(dual, _FEW_NODES)
    if not record.is_over():
        hunt.generations(dual)
    return record.result()


def _filled(question: Maximal, first: NDArray[np.int64]) -> NDArray[np.int64]:
    """Complete a plan greedily."""
    cover = question.cover
    people = np.where(question.served(first), 0.0, cover.people)
    is_money = bool(np.isfinite(question.money_left))
    more = greedy(
        cover.reach,
        people,
        n_sites=question.n_left - len(first),
        cost_cny=cover.cost if is_money else None,
        budget_cny=question.money_left - float(cover.cost[first].sum()) if is_money else None,
    )
    return np.concatenate([first, more])

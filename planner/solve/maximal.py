"""Maximal covering: the plan that serves most people, and the proof of how good it is.

The way of a question: reduced (`planner.models.covering`), split into independent parts
(`planner.solve.parts`), and for each part

1. a greedy plan, a short annealing, and bounds from a subgradient search and from the linear
   relaxation (`planner.solve.dual`);
2. columns that cannot differ in a better plan are decided, and HiGHS settles a small rest;
3. else rounds of annealing on two threads; the sites of the best plans together are a small
   question again, which HiGHS solves exactly: good plans agree in most places, and the best of each
   place is better than either;
4. when rounds stop helping, HiGHS proves on one thread while annealing goes on on the other.

A question of many million pairs is not split; it is annealed on one thread, ever longer, while
subgradient steps go on on the other.

All work is counted in moves and nodes, not in seconds, so the same seed gives the same plan unless
time ends the search.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice, choice
from planner.models.covering import components, cover
from planner.models.mclp import Maximal, Part, part, programme, values
from planner.models.pscp import need_of
from planner.plan import Reason
from planner.problem import SitingProblem
from planner.solve.anneal import Ground, anneal
from planner.solve.dual import LINEAR_PAIRS, Dual, evaluate, linear, subgradient
from planner.solve.found import Found
from planner.solve.greedy import greedy, ordered_gains
from planner.solve.highs import optimise
from planner.solve.idle import with_spare
from planner.solve.parts import join
from planner.solve.record import Record, Searched
from planner.solve.setcover import least_for_floors
from planner.solve.watch import Watch

_SHORT_MOVES = 100_000
"""Most moves of each of the first annealings; together they take some tenths of a second."""

_MOVES = 250
"""Moves per column of an annealing."""

_FIRST = 4
"""Annealings of the warm-up."""

_MOST_VISITS = 10**9
"""Most row visits of one annealing; keeps a round of a large question within seconds."""

_STEPS = 300
"""Subgradient steps: more no longer help beside the linear relaxation."""

_FEW_OPEN = 400
"""So many undecided columns are settled at once."""

_SOME_OPEN = 1_500
"""So many are worth a proof beside the first breeds; more wait until breeding is stuck."""

_SAFE = 1e-9
"""Part of the bound by which a column's fall must exceed the slack, for rounding."""

_FEW_NODES = 200
_MERGE_NODES = 20
_AT_ONCE = 3
"""Plans that are merged at once."""

_MOST_EFFORT = 4.0
_MANY_BREEDS = 12
_PATIENCE = 3
"""Rounds without a better plan that end a breed."""

_HOT, _COLD = 0.2, 0.02
"""Temperatures, as parts of what the last greedy site adds."""

_FRESH = 12
"""Random plans that a breed begins with."""

_REHEATS = (0.03, 0.05, 0.07, 0.1, _HOT, _HOT)
"""Temperatures of a round: from the best plan, and hot from random ones."""


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
    hunt = _Hunt(question, record, watch, Ground.of(question), _last_gain(question, first), seed)
    hunt.warm_up(first)
    dual = _bounded(question, record, watch) if prices is None else evaluate(question, prices)
    record.lower(dual.bound)
    if not record.is_over() and hunt.n_open(dual) <= _FEW_OPEN:
        hunt.settle(dual, _FEW_NODES)
    if not record.is_over():
        is_large = question.cover.reach.nnz > LINEAR_PAIRS
        hunt.climb(dual) if is_large else hunt.rounds(dual)
    return record.result()


def _bounded(question: Maximal, record: Record, watch: Watch) -> Dual:
    """Look for good multipliers."""
    dual = subgradient(question, max(0.0, record.value), watch, steps=_STEPS)
    record.lower(dual.bound)
    if record.is_over() or question.cover.reach.nnz > LINEAR_PAIRS:
        return dual
    exact = linear(question, _unit(question), watch)
    return dual if exact is None or dual.bound <= exact.bound else exact


@dataclass(frozen=True, slots=True, eq=False)
class _Hunt:
    """One search's question, record and compiled ground."""

    question: Maximal
    record: Record
    watch: Watch
    ground: Ground
    last_gain: float
    seed: int

    def warm_up(self, first: NDArray[np.int64]) -> None:
        """Anneal shortly, from the first plan and from random ones."""
        effort = min(_MOST_EFFORT, _SHORT_MOVES / (_MOVES * len(self.ground.cost)))
        self.record.offer(self.annealed(first, _HOT, 0, effort)[0])
        for number in range(1, _FIRST):
            self.record.offer(self.annealed(self.random(number), _HOT, number, effort)[0])

    def random(self, number: int) -> NDArray[np.int64]:
        """Give the random plan of a number."""
        return _random_plan(self.question, np.random.default_rng([self.seed, number]))

    def annealed(
        self, start: NDArray[np.int64], hot: float, number: int, effort: float
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Anneal a plan; the number makes the random numbers of this run its own.

        An effort of 1 is `_MOVES` moves per column.
        """
        n_columns, n_pairs = len(self.ground.cost), self.question.cover.reach.nnz
        return anneal(
            self.ground,
            start,
            hot_people=hot * self.last_gain,
            cold_people=_COLD * self.last_gain,
            moves=int(effort * min(_MOVES * n_columns, _MOST_VISITS * n_columns / n_pairs)) + 1,
            seed=self.seed * 1_000_003 + number,
            is_over=self.record.is_over,
        )

    def n_open(self, dual: Dual) -> int:
        """Give the number of columns that could differ in a better plan."""
        return int((dual.fall <= dual.bound - self.record.next_value).sum())

    def rounds(self, dual: Dual) -> None:
        """Breed plans until the record is proved or time is over, and prove beside it.

        A breed begins with random plans, annealed and merged. Its best plan is annealed again from
        several temperatures, and merged with what comes of it, until that helps no more. Then the
        best of all breeds are merged and bred on, and so in turns.
        """
        elders: list[NDArray[np.int64]] = []
        best: NDArray[np.int64] | None = None
        is_new, stuck, number, effort = True, 0, _FIRST, 1.0
        proof: Future[None] | None = None
        value = self.record.value
        with ThreadPoolExecutor(2) as threads:
            while not self.record.is_over():
                heats = (_HOT,) * _FRESH if best is None else _REHEATS
                starts = [best if best is not None and hot < _HOT else None for hot in heats]
                tasks = [
                    threads.submit(self.one, start, hot, number + k, effort)
                    for k, (start, hot) in enumerate(zip(starts, heats, strict=True))
                ]
                number += len(tasks)
                plans = [task.result() for task in tasks]
                child = self.merged(plans if best is None else [best, *plans])
                is_better = best is None or self.merit(child) > self.merit(best)
                stuck = 0 if is_better else stuck + 1
                best = child if is_better else best
                if stuck < _PATIENCE:
                    continue
                is_stuck = bool(elders) and self.record.value <= value
                value = self.record.value
                # Short annealings find good plans soon; longer ones find better plans.
                effort = min(_MOST_EFFORT, effort * 2.0) if is_new else effort
                elders.append(child if best is None else best)
                best = self.merged(elders) if is_new and len(elders) > 1 else None
                is_new, stuck = best is None, 0
                is_small = self.n_open(dual) <= _SOME_OPEN
                is_stuck = is_stuck and len(elders) >= _MANY_BREEDS
                if (is_small or is_stuck) and (proof is None or proof.done()):
                    proof = threads.submit(self.settle, dual, None)
        if proof is not None:
            proof.result()

    def climb(self, dual: Dual) -> None:
        """Anneal the best plan on one thread and lower the bound on the other, longer each time.

        For questions that are too large for the linear relaxation and for merging.
        """
        number, effort = _FIRST, 1.0
        with ThreadPoolExecutor(2) as threads:
            while not self.record.is_over() and self.record.columns is not None:
                number += 1
                value = self.record.value
                lowered = threads.submit(
                    subgradient,
                    self.question,
                    value,
                    self.watch,
                    steps=int(_STEPS * effort),
                    first=dual,
                )
                better = self.annealed(self.record.columns, _HOT / 2, number, effort)[0]
                self.record.offer(better)
                dual = lowered.result()
                self.record.lower(dual.bound)
                effort *= 2.0

    def one(
        self, start: NDArray[np.int64] | None, hot: float, number: int, effort: float
    ) -> NDArray[np.int64]:
        """Anneal a plan, or a random one; give the last plan, or the best when time is over."""
        first = self.random(number) if start is None else start
        best, last = self.annealed(first, hot, number, effort)
        return best if self.record.is_over() else last

    def merged(self, plans: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Give the best plan that uses sites of some plans, merged few at a time, and record it.

        The question of three plans takes hundredths of a second, that of seven takes many.
        """
        order = sorted(plans, key=self.merit, reverse=True)
        best = order[0]
        for k in range(1, len(order), _AT_ONCE - 1):
            best = self.crossed([best, *order[k : k + _AT_ONCE - 1]])
        self.record.offer(best)
        return best

    def crossed(self, plans: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Give the best plan that uses only sites of some plans; the first of them is the best."""
        open_ = np.unique(np.concatenate(plans))
        small = part(self.question, np.zeros(0, np.int64), open_)
        start = np.searchsorted(open_, plans[0])
        unit = _unit(small.question)
        answer = optimise(
            programme(small.question, unit),
            self.watch,
            start=values(small.question, start),
            random_state=self.seed,
            max_nodes=_MERGE_NODES,
            is_lean=True,
            is_enough=lambda *_: self.record.is_proved,
        )
        if answer.values is None:
            return small.columns(start)
        return small.columns(np.flatnonzero(answer.values[: len(open_)] > 0.5))

    def merit(self, columns: NDArray[np.int64]) -> float:
        """Give the people of a plan; minus infinity when it breaks a rule."""
        allowed = self.question.allows(columns)
        return self.question.people(columns) if allowed else -np.inf

    def settle(self, dual: Dual, max_nodes: int | None) -> None:
        """Decide what cannot differ in a better plan, and let HiGHS settle the rest.

        A column whose other decision lets the bound fall below the next better value is decided.
        """
        record, unit = self.record, _unit(self.question)
        value = record.value
        slack = dual.bound - record.next_value + _SAFE * max(1.0, dual.bound)
        is_open = dual.fall <= slack
        taken, open_ = np.flatnonzero(dual.is_in & ~is_open), np.flatnonzero(is_open)
        if len(open_) == 0:
            record.settle(taken if self.question.allows(taken) else None)
            return
        rest = part(self.question, taken, open_)
        most = rest.people + float(rest.question.cover.people.sum())
        lowest = [dual.bound]

        def watch_bound(_: float, bound: float) -> bool:
            lowest[0] = min(lowest[0], most - bound * unit)
            # With a better plan more columns are decided: begin again with it.
            return record.is_over() or record.value > value

        answer = optimise(
            programme(rest.question, unit),
            self.watch,
            start=self._inside(rest),
            random_state=self.seed,
            max_nodes=max_nodes,
            is_lean=True,
            is_enough=watch_bound,
        )
        best = None
        if answer.values is not None:
            best = rest.columns(np.flatnonzero(answer.values[: len(open_)] > 0.5))
        if answer.status in ("optimal", "infeasible"):
            record.settle(best)
        else:
            if best is not None:
                record.offer(best)
            record.lower(min(lowest[0], most - answer.bound * unit))

    def _inside(self, rest: Part) -> NDArray[np.float64] | None:
        """Give the best plan's columns of a part as a solution to start from, if they keep it."""
        if self.record.columns is None or rest.question.n_left < 0:
            return None
        columns = np.flatnonzero(np.isin(rest.open, self.record.columns))[: rest.question.n_left]
        return values(rest.question, columns) if rest.question.allows(columns) else None


def _unit(question: Maximal) -> float:
    """Give the people of the largest row: the solver's tolerances are parts of it."""
    return float(question.cover.people.max(initial=1e-300))


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


def _random_plan(question: Maximal, rng: np.random.Generator) -> NDArray[np.int64]:
    """Take candidates in random order while the limits allow."""
    order = rng.permutation(len(question.cover.cost))
    fits = np.cumsum(question.cover.cost[order]) <= question.money_left
    return order[: question.n_left] if fits.all() else order[: min(question.n_left, fits.sum())]


def _last_gain(question: Maximal, plan: NDArray[np.int64]) -> float:
    """Give what the last site of a greedy plan adds: the unit in which temperatures are chosen."""
    gains = ordered_gains(question.cover.reach, question.cover.people, plan)[1]
    return float(gains.min(initial=np.inf)) if len(gains) else _unit(question)

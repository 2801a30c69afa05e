"""The hunt for the best plan of a maximal covering question: annealed, merged, settled.

Good plans agree in most places. The sites of a few plans together are a small question, which HiGHS
solves exactly in hundredths of a second, and the best of each place is better than any of the
plans. So a generation of plans is annealed from random ones and merged by threes until it agrees;
what is left of it is merged with what was left of those before. Plans that began apart are worth
more to a merger than plans that began from the best one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from planner.models.mclp import Maximal, Part, part, programme, values
from planner.solve.anneal import Ground, anneal
from planner.solve.dual import Dual, multipliers
from planner.solve.greedy import ordered_gains
from planner.solve.highs import optimise
from planner.solve.record import Record
from planner.solve.watch import Watch

_SHORT_MOVES = 100_000
"""Most moves of each of the first annealings; together they take some tenths of a second."""

_FIRST = 4
"""Annealings of the warm-up."""

_MOVES = 1_000
"""Moves per column of an annealing of a generation."""

_MOST_VISITS = 4 * 10**9
"""Most row visits of one annealing; keeps a round of a large question within seconds."""

_SOME_OPEN = 1_500
"""So many undecided columns are worth a proof beside generations; more wait until they are
stuck."""

_SAFE = 1e-9
"""Part of the bound by which a column's fall must exceed the slack, for rounding."""

_MERGE_NODES = 20
_AT_ONCE = 3
"""Plans that are merged at once: of five, many take seconds."""

_GENERATION = 12
"""Plans of a generation."""

_FIRST_EFFORT = 0.25
"""Length of the first generation's annealings against `_MOVES`; it doubles up to the whole, and on
after vain generations: short ones find good plans soon, long ones better plans."""

_ELDERS = 3
"""Generations whose best plans are merged with the newest and the record."""

_MOST_EFFORT = 8.0
_PATIENCE = 3
"""Rounds without a better plan that end a generation; as many vain generations call for a proof."""

_CHILD_EFFORT = 0.25
"""Length of a child's annealing against those of its generation."""

_LUKEWARM, _WARM, _HOT, _COLD = 0.05, 0.1, 0.2, 0.01
"""Temperatures, as parts of what the last greedy site adds."""


@dataclass(frozen=True, slots=True, eq=False)
class Hunt:
    """One search's question, record and compiled ground."""

    question: Maximal
    record: Record
    watch: Watch
    ground: Ground
    last_gain: float
    seed: int

    @classmethod
    def of(
        cls,
        question: Maximal,
        record: Record,
        watch: Watch,
        first: NDArray[np.int64],
        seed: int,
    ) -> Hunt:
        """Make a question ready; temperatures are parts of what a first plan's last site adds."""
        gains = ordered_gains(question.cover.reach, question.cover.people, first)[1]
        last_gain = float(gains.min(initial=np.inf)) if len(gains) else unit_of(question)
        return cls(question, record, watch, Ground.of(question), last_gain, seed)

    def warm_up(self, first: NDArray[np.int64]) -> None:
        """Anneal shortly, from the first plan and from random ones."""
        effort = min(1.0, _SHORT_MOVES / (_MOVES * len(self.ground.cost)))
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

    def generations(self, dual: Dual) -> None:
        """Breed generation after generation until the record is proved or time is over."""
        champion, elders = self.record.columns, list[NDArray[np.int64]]()
        numbers, n_stuck, effort = count(_FIRST), 0, _FIRST_EFFORT
        proof: Future[None] | None = None
        is_small = self.n_open(dual) <= _SOME_OPEN
        with ThreadPoolExecutor(2) as threads:
            while not self.record.is_over():
                tasks = [
                    threads.submit(self.one, next(numbers), effort) for _ in range(_GENERATION)
                ]
                plans = [task.result() for task in tasks]
                elders = [
                    *elders[-_ELDERS:],
                    self.agreed(threads, plans, numbers, effort),
                ]
                best = self.joined(threads, champion, elders, plans)
                is_better = champion is None or self.merit(best) > self.merit(champion)
                champion, n_stuck = best, 0 if is_better else n_stuck + 1
                if effort < 1.0 or n_stuck > 0:
                    effort = min(_MOST_EFFORT, 2.0 * effort)
                is_small = is_small or self.n_open(dual) <= _SOME_OPEN
                if (is_small or n_stuck >= _PATIENCE) and (proof is None or proof.done()):
                    proof = threads.submit(self.settle, dual, None)
        if proof is not None:
            proof.result()

    def joined(
        self,
        threads: ThreadPoolExecutor,
        champion: NDArray[np.int64] | None,
        elders: list[NDArray[np.int64]],
        plans: list[NDArray[np.int64]],
    ) -> NDArray[np.int64]:
        """Merge the best plan with the elders together, and with each two plans; give the best."""
        mates = [elders, *(plans[k : k + _AT_ONCE - 1] for k in range(0, len(plans), 2))]
        known = [] if champion is None else [champion]
        children = list(threads.map(self.crossed, [[*known, *some] for some in mates]))
        best = self.crossed(sorted(_different(children), key=self.merit)[-_AT_ONCE:])
        self.record.offer(best)
        return best

    def one(self, number: int, effort: float) -> NDArray[np.int64]:
        """Anneal the random plan of a number; give the last plan, or the best when time is over."""
        if self.record.is_over():
            return self.random(number)
        best, last = self.annealed(self.random(number), _WARM, number, effort)
        self.record.offer(best)
        return best if self.record.is_over() else last

    def agreed(
        self,
        threads: ThreadPoolExecutor,
        plans: list[NDArray[np.int64]],
        numbers: Iterator[int],
        effort: float,
    ) -> NDArray[np.int64]:
        """Merge plans by threes until they agree; give the best.

        What comes of three plans takes the place of the worst of them; equal plans become one.
        """
        order = np.random.default_rng([self.seed, next(numbers), 1])
        plans, n_vain = _different(plans), 0
        while len(plans) > 1 and n_vain < _PATIENCE and not self.record.is_over():
            plans = [plans[k] for k in order.permutation(len(plans))]
            groups = [plans[k : k + _AT_ONCE] for k in range(0, len(plans), _AT_ONCE)]
            tasks = [
                threads.submit(self.child, group, next(numbers), effort)
                for group in groups
                if len(group) > 1
            ]
            children = [task.result() for task in tasks]
            staying = [
                plan
                for group in groups
                for plan in sorted(group, key=self.merit, reverse=True)[: max(1, len(group) - 1)]
            ]
            best = max(map(self.merit, plans))
            plans = _different([*children, *staying])
            n_vain = 0 if max(map(self.merit, plans)) > best else n_vain + 1
        return max(plans, key=self.merit)

    def child(
        self, parents: list[NDArray[np.int64]], number: int, effort: float
    ) -> NDArray[np.int64]:
        """Merge plans, anneal what comes of it a little, and merge it with that."""
        merged = self.crossed(parents)
        self.record.offer(merged)
        if self.record.is_over():
            return merged
        best, last = self.annealed(merged, _LUKEWARM, number, effort * _CHILD_EFFORT)
        self.record.offer(best)
        better = self.crossed([merged, last])
        self.record.offer(better)
        return better

    def climb(self) -> None:
        """Anneal the best plan, ever longer, while the bound falls on another thread.

        For questions that are too large for merging.
        """
        record, number, effort = self.record, _FIRST, _FIRST_EFFORT
        with ThreadPoolExecutor(1) as threads:
            lowered = threads.submit(self.lowered)
            while not record.is_over() and record.columns is not None:
                number += 1
                record.offer(self.annealed(record.columns, _WARM, number, effort)[0])
                effort *= 2.0
            lowered.result()

    def lowered(self) -> None:
        """Lower the bound, and settle what little it may leave open."""
        dual = multipliers(
            self.question,
            self.watch,
            unit=unit_of(self.question),
            value=max(0.0, self.record.value),
            tell=self.record.lower,
        )
        self.record.lower(dual.bound)
        if not self.record.is_over() and self.n_open(dual) <= _SOME_OPEN:
            self.settle(dual, None)

    def crossed(self, plans: list[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Give the best plan that uses only sites of some plans."""
        plans = sorted(plans, key=self.merit, reverse=True)
        open_ = np.unique(np.concatenate(plans))
        small = part(self.question, np.zeros(0, np.int64), open_)
        start = np.searchsorted(open_, plans[0])
        unit = unit_of(small.question)
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
        record, unit = self.record, unit_of(self.question)
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


def unit_of(question: Maximal) -> float:
    """Give the people of the largest row: the solver's tolerances are parts of it."""
    return float(question.cover.people.max(initial=1e-300))


def _different(plans: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    """Leave out plans that come twice."""
    return list({plan.tobytes(): plan for plan in plans}.values())


def _random_plan(question: Maximal, rng: np.random.Generator) -> NDArray[np.int64]:
    """Take candidates in random order while the limits allow."""
    order = rng.permutation(len(question.cover.cost))
    fits = np.cumsum(question.cover.cost[order]) <= question.money_left
    return order[: question.n_left] if fits.all() else order[: min(question.n_left, fits.sum())]

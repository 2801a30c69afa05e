"""The best plan and the best bound of one search, shared by its threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from planner.models.mclp import Maximal
from planner.solve.watch import Watch

_SAME = 1e-9
"""Relative difference that is only rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Searched:
    """The end of a search: best columns (None without a plan), their people, and the bound."""

    columns: NDArray[np.int64] | None
    value: float
    bound: float
    is_proved: bool


class Record:
    """What a search of a maximal covering question knows so far.

    Parameters
    ----------
    question
        The question.
    watch
        Ends the search.
    tell
        Called with (value, bound) at each improvement.
    """

    def __init__(
        self, question: Maximal, watch: Watch, tell: Callable[[float, float], None]
    ) -> None:
        people = question.cover.people
        self._question = question
        self._watch = watch
        self._tell = tell
        self._lock = Lock()
        self._is_whole = bool((people == np.rint(people)).all()) and float(people.sum()) < 2**52
        self.columns: NDArray[np.int64] | None = None
        self.value = -np.inf
        self.bound = float(people.sum())

    @property
    def is_proved(self) -> bool:
        """True when no plan can be better."""
        return self.columns is not None and self.bound - self.value <= _SAME * max(
            1.0, abs(self.value)
        )

    def is_over(self) -> bool:
        """Say whether to stop."""
        return self.is_proved or self._watch.is_over

    @property
    def next_value(self) -> float:
        """Give the least value that a better plan can have."""
        return self.value + 1.0 if self._is_whole else self.value

    def offer(self, columns: NDArray[np.int64]) -> bool:
        """Keep a plan if it keeps the rules and is better; say whether it was."""
        value = self._question.people(columns)
        with self._lock:
            is_better = value > self.value and self._question.allows(columns)
            if is_better:
                self.value, self.columns = value, np.sort(columns)
                self.bound = max(self.bound, value)
                self._tell(self.value, self.bound)
        return is_better

    def lower(self, bound: float) -> None:
        """Keep a bound if it is lower; whole people make it whole."""
        bound = float(np.floor(bound + 1e-6)) if self._is_whole else bound
        with self._lock:
            if bound < self.bound:
                self.bound = max(bound, self.value)
                self._tell(self.value, self.bound)

    def settle(self, columns: NDArray[np.int64] | None) -> None:
        """Note that nothing is better than the record and these columns.

        Columns as good as the record replace it: what ends a search decides between equal plans.
        """
        value = -np.inf if columns is None else self._question.people(columns)
        with self._lock:
            if columns is not None and value >= self.value and self._question.allows(columns):
                self.value, self.columns = value, np.sort(columns)
            self.bound = self.value
            self._tell(self.value, self.bound)

    def result(self) -> Searched:
        """Give what is known."""
        return Searched(self.columns, self.value, self.bound, self.is_proved)

"""The best p-median plan so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.models.choice import Choice
from planner.models.journeys import Journeys
from planner.solve.ground import Ground
from planner.solve.interchange import value
from planner.solve.radius import keeps_rules

_MOST_WHOLE = 2.0**52


@dataclass(slots=True, eq=False)
class Best:
    """A question, and the best plan that has been found.

    Attributes
    ----------
    journeys, sites, place
        The question.
    is_in
        Shape (n_sites,): free candidates in the plan; None before the first.
    value
        Its people × impedance; infinite before the first.
    is_whole
        True when all values are whole numbers.
    """

    journeys: Journeys
    sites: Choice
    place: Ground
    is_in: NDArray[np.bool_] | None
    value: float
    is_whole: bool

    @classmethod
    def none_yet(cls, journeys: Journeys, sites: Choice, place: Ground) -> Best:
        """Start without a plan."""
        cost, kept = place.rows[2], place.rows[3]
        is_whole = not ((cost % 1).any() or (kept % 1).any()) and kept.sum() < _MOST_WHOLE
        return cls(journeys, sites, place, None, np.inf, is_whole)

    @property
    def cut(self) -> float:
        """The most that a better plan may cost; differences by rounding are none."""
        return self.value - 1 + 1e-6 if self.is_whole else self.value * (1 - 1e-10)

    def offer(self, is_in: NDArray[np.bool_]) -> None:
        """Keep a plan that is better and keeps all rules."""
        cost = value(self.place, is_in)
        if cost < self.value and keeps_rules(self.journeys, self.sites, np.inf, is_in):
            self.is_in, self.value = is_in, cost

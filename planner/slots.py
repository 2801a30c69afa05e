"""Hours of the week that are alike: those in which the same doors are open.

Coverage asks hour by hour, yet in two hours with the same doors open the same people are served, so
their people may be added up. Nothing is rounded: every plan is worth the same before and after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Slots:
    """Hours grouped into slots.

    Attributes
    ----------
    of_hour
        Shape (168,): slot of each hour of the week.
    is_open
        Shape (n_doors, n_slots): which doors are open in each slot.
    """

    of_hour: NDArray[np.int64]
    is_open: NDArray[np.bool_]

    @property
    def n(self) -> int:
        """Number of slots."""
        return int(self.is_open.shape[1])

    def sums(self, by_hour: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add the hours of each slot: shape (…, 168) to (…, n_slots)."""
        belongs = np.zeros((len(self.of_hour), self.n))
        belongs[np.arange(len(self.of_hour)), self.of_hour] = 1.0
        return np.asarray(by_hour @ belongs)


def alike(is_open: NDArray[np.bool_]) -> Slots:
    """Group the hours in which the same doors are open.

    Parameters
    ----------
    is_open
        Shape (n_doors, 168).
    """
    if is_open.shape[0] == 0:
        hours = np.zeros(is_open.shape[1], np.int64)
        return Slots(hours, np.zeros((0, 1), bool))
    columns, of_hour = np.unique(is_open, axis=1, return_inverse=True)
    return Slots(np.asarray(of_hour, np.int64).reshape(-1), columns)

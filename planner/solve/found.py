"""What a solver hands back before it is dressed as a plan."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.plan import Reason


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A set of facilities and how good any other can be.

    Attributes
    ----------
    facilities
        Positions of all facilities of the plan in the full problem, the kept ones included, rising;
        None when no plan was found in time.
    bound
        In the units of the model's objective (`planner.plan.SitingPlan.objective`), valid for the
        whole problem, people that kept facilities serve included.
    reason
        Why the search ended.
    """

    facilities: NDArray[np.int64] | None
    bound: float
    reason: Reason

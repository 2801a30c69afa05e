"""The answer to a siting question, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Outcome = Literal["optimal", "feasible", "infeasible", "no_solution"]


@dataclass(frozen=True, slots=True, eq=False)
class SitingPlan:
    """Chosen sites and how good they are.

    Attributes
    ----------
    chosen
        Shape (n_chosen,): candidate positions, in the order of what each adds to those before it.
    gains_people
        Shape (n_chosen,): people that each chosen site adds to those before it; sums to `objective`
        less what open facilities already serve.
    objective
        People served by the chosen and the open facilities.
    bound
        No plan under the same rules serves more people than this.
    gap
        (bound - objective) / bound; 0 for a proved optimum.
    outcome
        ``optimal`` only with a gap of 0; ``feasible`` when time ran out before the proof.
    reason
        Why it ended so: ``proved``, ``nobody_left`` (everybody who can be is served already),
        ``time_limit``, or ``solver_failed`` (the plan is the greedy one, and the bound is weak).
    model
        Name of the model.
    seconds
        Time spent.
    cost_cny
        Cost of the chosen sites; 0 when the question gave no costs.
    """

    chosen: NDArray[np.int64]
    gains_people: NDArray[np.float64]
    objective: float
    bound: float
    gap: float
    outcome: Outcome
    reason: str
    model: str
    seconds: float
    cost_cny: float

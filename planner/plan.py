"""The answer to a siting question, with its proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.problem import Model

Outcome = Literal["optimal", "feasible", "infeasible", "no_solution"]
Reason = Literal["proved", "nobody_left", "time_limit", "interrupted", "solver_failed"]


@dataclass(frozen=True, slots=True, eq=False)
class SitingPlan:
    """Chosen sites and how good they are.

    Attributes
    ----------
    chosen
        Shape (n_chosen,): candidate positions of the new sites; for the covering models in the
        order of what each adds to those before it, else in rising order.
    closed
        Shape (n_closed,): existing facilities that the plan closes.
    gains_people
        Shape (n_chosen,): people that each chosen site adds to the facilities that stay and the
        sites before it (covering models), or who are assigned to it (p-median, p-centre,
        capacitated).
    assigned
        Shape (n_demand,): the facility that serves each demand point, -1 for none (p-median,
        p-centre); None for the other models.
    objective
        People served (mclp, capacitated); cost, or number without costs, of the chosen, and with
        `may_close` also of the kept facilities (lscp, pscp); sum of people × impedance (pmedian);
        longest impedance (pcenter). Not a number when no plan was found.
    bound
        No plan under the same rules is better than this.
    gap
        ``|bound - objective| / max(|bound|, |objective|)``; 0 for a proved optimum, 1 when no plan
        was found.
    outcome
        ``optimal`` only with a gap of 0; ``feasible`` when time ran out before the proof;
        ``no_solution`` when it ran out before any plan.
    reason
        Why it ended so: ``proved``, ``nobody_left`` (everybody who can be is served already),
        ``time_limit``, ``interrupted``, or ``solver_failed`` (the bound is weak).
    model
        Name of the model.
    seconds
        Time spent.
    cost_cny
        Cost of the chosen sites less that of the closed; 0 when the question gave no costs.
    """

    chosen: NDArray[np.int64]
    closed: NDArray[np.int64]
    gains_people: NDArray[np.float64]
    assigned: NDArray[np.int64] | None
    objective: float
    bound: float
    gap: float
    outcome: Outcome
    reason: Reason
    model: Model
    seconds: float
    cost_cny: float

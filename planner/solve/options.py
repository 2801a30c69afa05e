"""Choose options, and say how far from the best possible the choice is.

Multipliers near the saddle point give a bound that is counted anew and say which options could
still be part of a better plan; ruin and recreate finds a plan; HiGHS chooses among the most
promising options, then among all that are left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.errors import UnanswerableError
from planner.models.options import (
    OptionProblem,
    bound,
    most_worth,
    programme,
    reduced,
    with_options,
)  # fmt: skip
from planner.plan import Outcome, Reason
from planner.solve.highs import Status, optimise
from planner.solve.option_dual import approach
from planner.solve.option_search import search
from planner.solve.watch import Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_PROVED = 1e-9
_STEPS, _NEAR = 3000, 3e-4
"""Most steps towards the saddle point, and the part of the bound at which they end."""
_KERNELS = (600, None)
"""How many of the most promising options HiGHS chooses among, one try after the other."""
_KERNEL_SHARE = 0.4
"""Part of the time left that a try among some of the options may take."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptionPlan:
    """Chosen options and how good they are.

    Attributes
    ----------
    chosen
        Shape (n_chosen,): positions of the options, in rising order.
    objective, bound, gap
        What the plan is worth; no plan is worth more than `bound`; their distance as a share of
        the bound.
    money_price
        Worth of one more CNY at the margin, by the multipliers of the bound: at most this much.
    outcome, reason, seconds
        As in `planner.plan.SitingPlan`.
    """

    chosen: Ints
    objective: float
    bound: float
    gap: float
    money_price: float
    outcome: Outcome
    reason: Reason
    seconds: float


def solve_options(
    problem: OptionProblem, watch: Watch, *, random_state: int = 0, gap: float = 0.0
) -> OptionPlan:
    """Find a plan that is worth most, and a bound on all plans.

    Parameters
    ----------
    problem
        What can be done.
    watch
        Ends the search; the best plan so far is given.
    random_state
        Seed.
    gap
        Gap at which the search may end.

    Raises
    ------
    UnanswerableError
        When no plan within the budget keeps the floors.
    """
    small, kept = reduced(problem)
    dual = approach(small, watch, steps=_STEPS, near=_NEAR)
    highest = min(bound(small, dual.u, dual.money, dual.floors), small.everything)
    if highest < 0:
        _refuse(problem, watch)
    plan = search(small, dual.floors, watch, random_state=random_state)
    best = _Best(plan, small.worth(plan) if small.is_allowed(plan) else -np.inf, highest)
    watch.report(best.worth, best.highest)
    for n_most in _KERNELS:
        if _is_close(best.worth, best.highest, gap) or watch.is_over:
            break
        # Of what is left, only options that could be part of a better plan.
        most = most_worth(small, dual.u, dual.money, dual.floors)
        left = np.flatnonzero(most > best.worth)
        is_all = n_most is None or len(left) <= n_most
        if not is_all:
            promising = left[np.argsort(-most[left], kind="stable")[:n_most]]
            left = np.union1d(promising, best.plan if np.isfinite(best.worth) else promising)
        if _improve(small, left, best, watch, random_state, gap, is_all=is_all) == "infeasible":
            _refuse(problem, watch)
        if is_all:
            break
    return _told(best, kept, dual.money, watch)


@dataclass(slots=True)
class _Best:
    """The best plan so far, its worth (-inf when it breaks a rule) and the bound."""

    plan: Ints
    worth: float
    highest: float
    reason: Reason = "proved"


def _improve(
    problem: OptionProblem,
    left: Ints,
    best: _Best,
    watch: Watch,
    random_state: int,
    gap: float,
    *,
    is_all: bool,
) -> Status:
    """Let HiGHS choose among the options that are left; give what became of the whole question."""
    small = with_options(problem, left)
    is_start = np.isfinite(best.worth) and len(np.setdiff1d(best.plan, left)) == 0
    answer = optimise(
        programme(small),
        watch,
        start=_start(small, np.searchsorted(left, best.plan)) if is_start else None,
        random_state=random_state,
        max_seconds=None if is_all else _KERNEL_SHARE * watch.left_s,
        abs_gap=max(_PROVED, 0.5 * gap) * max(1.0, best.highest),
        is_enough=lambda value, limit: _is_close(
            value, min(limit, best.highest) if is_all else best.highest, gap
        ),
    )
    if answer.values is not None:
        found = left[np.flatnonzero(answer.values[: len(left)] > 0.5)]
        if problem.is_allowed(found) and problem.worth(found) > best.worth:
            best.plan, best.worth = found, problem.worth(found)
            watch.report(best.worth, best.highest)
    if not is_all:
        return "stopped"
    if answer.status in ("optimal", "stopped"):
        best.highest = min(best.highest, max(answer.bound, best.worth))
    elif answer.status == "failed":
        best.reason = "solver_failed"
    elif np.isfinite(best.worth):
        # No plan of these is better than the one there is.
        best.highest = best.worth
        return "optimal"
    return answer.status


def _told(best: _Best, kept: Ints, price: float, watch: Watch) -> OptionPlan:
    if not np.isfinite(best.worth):
        return _nothing(best.highest, price, watch)
    highest = max(best.highest, best.worth)
    is_proved = _is_close(best.worth, highest, _PROVED)
    is_cut = not is_proved and best.reason == "proved" and watch.is_over
    return OptionPlan(
        chosen=np.sort(kept[best.plan]),
        objective=best.worth,
        bound=best.worth if is_proved else highest,
        gap=0.0 if is_proved else (highest - best.worth) / highest,
        money_price=price,
        outcome="optimal" if is_proved else "feasible",
        reason=watch.reason if is_cut else best.reason,
        seconds=watch.seconds,
    )


def _nothing(highest: float, price: float, watch: Watch) -> OptionPlan:
    return OptionPlan(
        chosen=np.zeros(0, np.int64),
        objective=float("nan"),
        bound=highest,
        gap=1.0,
        money_price=price,
        outcome="no_solution",
        reason=watch.reason,
        seconds=watch.seconds,
    )


def _refuse(problem: OptionProblem, watch: Watch) -> None:
    """Say what keeping the floors would cost at the least, by the linear relaxation."""
    met = problem.floor @ np.asarray(problem.cover.sum(axis=1) > 0, dtype=np.float64).reshape(-1)
    if np.any(met < problem.floor_least * (1 - 1e-9) - 1e-9):
        raise UnanswerableError(
            "no plan keeps the floors, whatever it costs: too few sites reach the people; lower "
            "the floors, or offer more sites"
        )
    n_options = problem.cover.shape[1]
    cheapest = replace(
        programme(replace(problem, budget_cny=float(problem.cost_cny.sum()))).relaxed(),
        objective=np.concatenate([problem.cost_cny, np.zeros(problem.cover.shape[0])]),
        is_maximum=False,
    )
    answer = optimise(cheapest, watch, method="ipm", max_seconds=max(5.0, watch.left_s))
    least = answer.objective if n_options and answer.status == "optimal" else problem.budget_cny
    raise UnanswerableError(
        "no plan for {budget} CNY keeps the floors; lower the floors, or give at least {least} CNY",
        budget=f"{problem.budget_cny:,.0f}",
        least=f"{max(least, problem.budget_cny):,.0f}",
    )


def _is_close(worth: float, highest: float, gap: float) -> bool:
    return highest - worth <= gap * max(abs(highest), 1e-12) + 1e-9


def _start(problem: OptionProblem, chosen: Ints) -> Floats:
    n_rows, n_options = problem.cover.shape
    values = np.zeros(n_options + n_rows)
    values[chosen] = 1.0
    values[n_options:] = problem.covered(chosen)
    return values

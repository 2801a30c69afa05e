"""A siting question answered, as figures."""

from __future__ import annotations

import math

from benchmarks.row import Check, Figure
from benchmarks.subject import Answer
from planner.plan import SitingPlan
from planner.problem import SitingProblem
from planner.siting import Progress, solve


def answer_to(problem: SitingProblem, *, time_limit_s: float) -> Answer:
    """Solve and give value, bound, gap and outcome."""
    return _figures(solve(problem, time_limit_s=time_limit_s, random_state=0))


def answer_over_time(
    problem: SitingProblem, *, time_limit_s: float, moments_s: tuple[float, ...]
) -> Answer:
    """Solve and give, besides, value and gap after some seconds, as one who watched saw them."""
    trace: list[Progress] = []
    plan = solve(problem, time_limit_s=time_limit_s, random_state=0, on_progress=trace.append)
    then: dict[str, Figure] = {}
    for moment_s in moments_s:
        value, gap = seen_at(moment_s, trace, plan)
        then |= {f"value_at_{moment_s:.0f}_s": value, f"gap_at_{moment_s:.0f}_s": gap}
    return {**_figures(plan), **then}


def seen_at(seconds: float, trace: list[Progress], plan: SitingPlan) -> tuple[float | None, float]:
    """Give value and gap as they were after some seconds; a gap of 1 while there was nothing."""
    if plan.seconds <= seconds:
        return plan.objective, plan.gap
    seen = [p for p in trace if p.seconds <= seconds]
    if not seen:
        return None, 1.0
    value, bound = seen[-1].objective, seen[-1].bound
    if not math.isfinite(bound):
        return value, 1.0
    return value, min(1.0, abs(bound - value) / max(abs(bound), abs(value)))


def proved(figures: Answer) -> Check:
    """Ask for a proof."""
    return Check("proved", float(figures["outcome"] == "optimal"), ">=", 1.0, "")


def off_by(figures: Answer, published: float, *, relative: float = 0.0) -> Check:
    """Ask for a published value, to within a part of it."""
    value = figures["value"]
    away = abs(float(value) - published) if isinstance(value, int | float) else float("inf")
    return Check("away from the published value", away, "<=", relative * abs(published), "")


def _figures(plan: SitingPlan) -> Answer:
    return {
        "value": plan.objective,
        "bound": plan.bound,
        "gap": plan.gap,
        "outcome": plan.outcome,
        "reason": plan.reason,
    }

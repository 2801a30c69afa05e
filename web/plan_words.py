"""Questions of planners and their answers as words, in the reader's language; pure functions."""

from __future__ import annotations

from math import isfinite

from planner.plan import Outcome, Reason, SitingPlan
from planner.problem import Model
from planner.question import Unit
from web.i18n import Translate, translator


def model_words(model: Model, language: str) -> str:
    """Say what a model makes best."""
    _ = translator(language)
    return {
        "mclp": _("Serve as many people as possible"),
        "lscp": _("Serve everybody with as little as possible"),
        "pscp": _("Serve a share of the people with as little as possible"),
        "pmedian": _("Make the travel of all people together least"),
        "pcenter": _("Make the longest journey as short as possible"),
        "capacitated": _("Serve as many people as the seats are enough for"),
    }[model]


def outcome_words(plan: SitingPlan, language: str) -> str:
    """Say in one sentence how far a plan is proved, and why no further."""
    _ = translator(language)
    if plan.outcome == "optimal":
        if plan.reason == "nobody_left":
            return _("Nobody is left to serve: no new station would add anyone.")
        return _("Proved best: no other plan under the same rules does better.")
    if plan.outcome == "feasible":
        return {
            "time_limit": _("A good plan, not proved best: the time for the search ran out."),
            "interrupted": _("A good plan, not proved best: the search was interrupted."),
        }.get(plan.reason, _("A good plan, not proved best: the solver did not finish the proof."))
    return {
        "time_limit": _("The time for the search ran out before a plan was found."),
        "interrupted": _("The search was interrupted before a plan was found."),
    }.get(plan.reason, _("The solver failed before a plan was found."))


def proof_words(plan: SitingPlan, unit: Unit, language: str) -> str:
    """Say in one line what a plan achieves, what none exceeds, and the gap between."""
    _ = translator(language)
    achieved, limit = _achieved(unit, _), _limit(unit, _)
    value = number(unit, plan.objective)
    return _("Outcome {outcome} ({reason}): {value}; {limit}; gap {gap}; {seconds} s").format(
        outcome=_outcome(plan.outcome, _),
        reason=_reason(plan.reason, _),
        value=_("no sites yet") if plan.outcome == "no_solution" else achieved.format(n=value),
        limit=limit.format(n=number(unit, plan.bound)),
        gap=f"{plan.gap:.2%}",
        seconds=f"{plan.seconds:.2f}",
    )


def progress_words(objective: float, bound: float, language: str) -> str:
    """Say how far a search is: value, bound and gap so far."""
    _ = translator(language)
    if not (isfinite(objective) and isfinite(bound)):
        return _("Looking for sites")
    largest = max(abs(objective), abs(bound))
    gap = abs(bound - objective) / largest if largest > 0 else 0.0
    return _("Looking for sites: {value} so far, none beyond {bound}, gap {gap}").format(
        value=f"{objective:,.1f}", bound=f"{bound:,.1f}", gap=f"{gap:.2%}"
    )


def number(unit: Unit, value: float) -> str:
    """Give an objective or a bound with the digits that its unit bears."""
    if not isfinite(value):
        return "–"
    is_whole = unit == "cny" or (unit in ("new_stations", "stations_in_all") and value % 1 == 0)
    return f"{value:,.0f}" if is_whole else f"{value:,.1f}"


def _achieved(unit: Unit, _: Translate) -> str:
    return {
        "people_gained": _("gains {n} people"),
        "people_served": _("serves {n} people"),
        "new_stations": _("needs {n} new stations"),
        "stations_in_all": _("needs {n} stations in all, kept ones included"),
        "cny": _("costs {n} CNY"),
        "person_minutes": _("all people together travel {n} minutes"),
        "minutes": _("nobody travels longer than {n} minutes"),
    }[unit]


def _limit(unit: Unit, _: Translate) -> str:
    if unit == "people_gained":
        return _("no plan gains more than {n}")
    if unit == "people_served":
        return _("no plan serves more than {n}")
    if unit in ("new_stations", "stations_in_all"):
        return _("no plan needs fewer than {n}")
    return _("no plan costs less than {n} CNY") if unit == "cny" else _("no plan has less than {n}")


def _outcome(outcome: Outcome, _: Translate) -> str:
    return {
        "optimal": _("best possible"),
        "feasible": _("not proved best"),
        "infeasible": _("impossible"),
        "no_solution": _("no plan found"),
    }[outcome]


def _reason(reason: Reason, _: Translate) -> str:
    return {
        "proved": _("proved"),
        "nobody_left": _("everybody who can be is served already"),
        "time_limit": _("out of time"),
        "interrupted": _("interrupted"),
        "solver_failed": _("the solver failed"),
    }[reason]

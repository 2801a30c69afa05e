"""Questions without an answer: who cannot be served, and the smallest change that would help."""

from __future__ import annotations

from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from geodata.errors import UnanswerableError
from planner.models.choice import Choice
from planner.models.pscp import SHARE_SLACK, Need, area_totals
from planner.problem import SitingProblem

_N_NAMED = 20


def refuse_rows(problem: SitingProblem, choice: Choice) -> None:
    """Refuse to serve everybody when somebody is out of reach of all who may serve.

    Raises
    ------
    UnanswerableError
        With the number of demand points, the first of them as `rows`, and the largest share of the
        people that can be served.
    """
    may_serve = np.zeros(problem.reach.shape[1], np.int32)
    may_serve[choice.kept] = may_serve[choice.free] = 1
    is_lost = ((problem.reach @ may_serve) == 0) & (problem.people > 0)
    rows = tuple(np.flatnonzero(is_lost)[:_N_NAMED].tolist())
    if rows:
        raise UnanswerableError(
            "{n} demand points are out of reach of all candidates, the first are rows {rows}; add"
            " candidates near them, widen the standard, or ask for a share of {share} of the"
            " people instead",
            n=int(is_lost.sum()),
            rows=rows,
            share=_share(problem.people[~is_lost].sum(), problem.people.sum()),
        )


def refuse_share(
    problem: SitingProblem, need: Need, kept_people: float, free_people: float
) -> None:
    """Refuse a share that all candidates together do not serve.

    Parameters
    ----------
    problem, need
        The question.
    kept_people, free_people
        People whom the kept facilities serve, and whom all free candidates would add.

    Raises
    ------
    UnanswerableError
        With the largest share that can be served, rounded down.
    """
    if free_people < need.people:
        raise UnanswerableError(
            "a share of {share} of the people cannot be served, all candidates together reach"
            " {most}; ask for that or less, add candidates, or widen the standard",
            share=f"{problem.share:.10g}",
            most=_share(kept_people + free_people, problem.people.sum()),
        )


def refuse_floors(problem: SitingProblem, most_people: NDArray[np.float64]) -> None:
    """Refuse floors that all candidates together do not reach.

    Parameters
    ----------
    problem
        The question.
    most_people
        Shape (n_areas,): people whom all that may serve can serve, by area.

    Raises
    ------
    UnanswerableError
        With the first such `area` and the largest share there, rounded down.
    """
    if problem.floors is None:
        return
    of_area, floors = area_totals(problem), problem.floors.min_share
    missed = np.flatnonzero(most_people < (floors - SHARE_SLACK) * of_area)
    if len(missed):
        area = int(missed[0])
        raise UnanswerableError(
            "area {area} cannot have a share of {floor} of its people served, all candidates"
            " together reach {most}; ask for that or less, add candidates there, or widen the"
            " standard",
            area=area,
            floor=f"{floors[area]:.10g}",
            most=_share(most_people[area], of_area[area]),
        )


def refuse_together(n_areas: int) -> NoReturn:
    """Refuse floors that can be kept each by itself, but not all at once.

    Raises
    ------
    UnanswerableError
        With the number of areas.
    """
    raise UnanswerableError(
        "the floors of {n_areas} areas cannot be kept at the same time, even with all candidates:"
        " the areas share too few places; lower a floor or raise capacities",
        n_areas=n_areas,
    )


def refuse_number(problem: SitingProblem, what: str, n_facilities: int) -> NoReturn:
    """Refuse a number of new sites, when so many facilities in all would do.

    Raises
    ------
    UnanswerableError
        With the number of new sites that would do as `least`.
    """
    raise UnanswerableError(
        "{n} new sites are too few to serve {what}; {least} would do",
        n=problem.n_sites,
        what=what,
        least=n_facilities - int(problem.is_open.sum()),
    )


def refuse_money(problem: SitingProblem, what: str, cost_cny: float) -> NoReturn:
    """Refuse a budget, when facilities that cost so much in all would do.

    Raises
    ------
    UnanswerableError
        With the budget that would do as `least`.
    """
    cost = np.zeros(0) if problem.cost_cny is None else problem.cost_cny[problem.is_open]
    raise UnanswerableError(
        "a budget of {budget} CNY is too little to serve {what}; {least} CNY would do",
        budget=f"{problem.budget_cny:.10g}",
        what=what,
        least=f"{cost_cny - float(cost.sum()):.10g}",
    )


def refuse_both(problem: SitingProblem, what: str, n_facilities: int, cost_cny: float) -> NoReturn:
    """Refuse a number and a budget of which neither alone would do.

    Raises
    ------
    UnanswerableError
        With the number that would do as `least` and the budget as `least_cny`.
    """
    cost = np.zeros(0) if problem.cost_cny is None else problem.cost_cny[problem.is_open]
    raise UnanswerableError(
        "{n} new sites and a budget of {budget} CNY are too little to serve {what}; {least} sites"
        " and {least_cny} CNY would do",
        n=problem.n_sites,
        budget=f"{problem.budget_cny:.10g}",
        what=what,
        least=n_facilities - int(problem.is_open.sum()),
        least_cny=f"{cost_cny - float(cost.sum()):.10g}",
    )


def _share(part: float, whole: float) -> str:
    """Give a share, rounded down so that asking for it can be answered."""
    return f"{np.floor(part / whole * 1e6) / 1e6:.6f}"

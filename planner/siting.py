"""Where should the next stations go? The question, and the way to its answer.

The model is maximal covering (MCLP, Church and ReVelle 1974): with a number of sites or a budget,
serve as many people as possible within the service standard. It is solved exactly by HiGHS; when
time runs out, the best plan so far is returned together with the bound that HiGHS had proved by
then.

    >>> import numpy as np
    >>> from scipy.sparse import csr_array
    >>> reach = csr_array(np.array([[1, 0], [1, 0], [0, 1]]))
    >>> plan = solve(SitingProblem.mclp(reach, np.array([3.0, 4.0, 5.0]), n_sites=1))
    >>> plan.chosen.tolist(), plan.objective, plan.outcome
    ([0], 7.0, 'optimal')
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError, UnanswerableError
from planner.models.mclp import Programme, build
from planner.plan import SitingPlan
from planner.solve.greedy import greedy, ordered_gains
from planner.solve.highs import maximise

__all__ = ["SitingPlan", "SitingProblem", "solve"]

_PROVED = 1e-9
"""Relative difference that is only rounding of sums in double precision."""


class _Limits(TypedDict):
    n_sites: int
    cost_cny: NDArray[np.float64] | None
    budget_cny: float | None


@dataclass(frozen=True, slots=True, eq=False)
class SitingProblem:
    """One siting question, complete and consistent.

    Attributes
    ----------
    reach
        CSR, shape (n_demand, n_candidates): non-zero where candidate j reaches demand i.
    people
        Shape (n_demand,): people at each demand point, 0 or more.
    n_sites
        Most new sites; None when only the budget limits.
    cost_cny, budget_cny
        Cost of each candidate and what may be spent; None when only the number limits.
    is_open
        Shape (n_candidates,): facilities that exist; they serve, cost nothing and are not chosen
        again.
    """

    reach: csr_array
    people: NDArray[np.float64]
    n_sites: int | None
    cost_cny: NDArray[np.float64] | None
    budget_cny: float | None
    is_open: NDArray[np.bool_]

    @classmethod
    def mclp(
        cls,
        reach: csr_array,
        people: ArrayLike,
        *,
        n_sites: int | None = None,
        cost_cny: ArrayLike | None = None,
        budget_cny: float | None = None,
        is_open: ArrayLike | None = None,
    ) -> SitingProblem:
        """Ask for the sites that serve most people (maximal covering location problem).

        Parameters
        ----------
        reach
            Sparse, shape (n_demand, n_candidates), non-zero where candidate j reaches demand i.
        people
            Shape (n_demand,), 0 or more.
        n_sites
            Most new sites, at least 1.
        cost_cny
            Shape (n_candidates,); needed with a budget.
        budget_cny
            Most money for new sites.
        is_open
            Shape (n_candidates,), true for facilities that exist.

        Raises
        ------
        InvalidInputError
            When shapes disagree, a value is negative or not finite, or nothing limits the plan.
        UnanswerableError
            When the budget is below the cheapest candidate.
        """
        matrix = csr_array(reach, copy=True)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        n_demand, n_candidates = matrix.shape
        weights = _checked(people, n_demand, "people")
        costs = None if cost_cny is None else _checked(cost_cny, n_candidates, "cost_cny")
        opened = (
            np.zeros(n_candidates, bool) if is_open is None else np.asarray(is_open, dtype=bool)
        )
        if opened.shape != (n_candidates,):
            raise InvalidInputError(
                "is_open has {n} values for {m} candidates", n=opened.size, m=n_candidates
            )
        _check_limits(n_sites, costs, budget_cny, opened)
        return cls(matrix, weights, n_sites, costs, budget_cny, opened)


def solve(
    problem: SitingProblem, *, time_limit_s: float = 60.0, random_state: int = 0
) -> SitingPlan:
    """Answer a siting question.

    Parameters
    ----------
    problem
        The question.
    time_limit_s
        When to stop proving; the best plan so far is returned with its gap.
    random_state
        Seed of the solver; the same seed gives the same plan when the proof is finished.

    Returns
    -------
    SitingPlan
        Never ``optimal`` with a gap. Sites that would add nobody are not chosen.

    Raises
    ------
    InvalidInputError
        When the time limit is not above 0.
    """
    if not time_limit_s > 0:
        raise InvalidInputError("a time limit of {seconds} s is not above 0", seconds=time_limit_s)
    start = perf_counter()
    programme = build(problem.reach, problem.people, problem.is_open)
    served = programme.served_people
    if len(programme.people) == 0:
        return _plan(problem, programme, np.zeros(0, np.int64), served, "nobody_left", start)
    limits = _limits(problem, programme.candidates)
    first = greedy(programme.reach, programme.people, **limits)
    # People are scaled, so that the solver's absolute tolerances mean the same for every city.
    unit = float(programme.people.max())
    found = maximise(
        programme.reach,
        programme.people / unit,
        start=first,
        time_limit_s=max(0.1, time_limit_s - (perf_counter() - start)),
        random_state=random_state,
        **limits,
    )
    return _plan(problem, programme, found.chosen, served + found.bound * unit, found.reason, start)


def _plan(
    problem: SitingProblem,
    programme: Programme,
    chosen: NDArray[np.int64],
    bound: float,
    reason: str,
    start: float,
) -> SitingPlan:
    order, gains = ordered_gains(programme.reach, programme.people, chosen)
    sites = programme.candidates[order]
    objective = programme.served_people + float(gains.sum())
    close = bound - objective <= _PROVED * max(1.0, abs(objective))
    is_proved = close or reason in ("proved", "nobody_left")
    bound = objective if is_proved else bound
    return SitingPlan(
        chosen=sites,
        gains_people=gains,
        objective=objective,
        bound=bound,
        gap=(bound - objective) / bound if bound > 0 else 0.0,
        outcome="optimal" if is_proved else "feasible",
        reason="proved" if is_proved and reason != "nobody_left" else reason,
        model="mclp",
        seconds=perf_counter() - start,
        cost_cny=0.0 if problem.cost_cny is None else float(problem.cost_cny[sites].sum()),
    )


def _limits(problem: SitingProblem, candidates: NDArray[np.int64]) -> _Limits:
    n_sites = len(candidates) if problem.n_sites is None else problem.n_sites
    if problem.cost_cny is None or problem.budget_cny is None:
        return {"n_sites": n_sites, "cost_cny": None, "budget_cny": None}
    return {
        "n_sites": n_sites,
        "cost_cny": problem.cost_cny[candidates],
        "budget_cny": problem.budget_cny,
    }


def _checked(values: ArrayLike, n: int, name: str) -> NDArray[np.float64]:
    array = np.array(values, dtype=np.float64)
    if array.shape != (n,):
        raise InvalidInputError(
            "{name} has {got} values, the reach matrix asks for {n}", name=name, got=array.size, n=n
        )
    if not np.isfinite(array).all() or (array < 0).any():
        raise InvalidInputError("{name} holds a negative or missing value", name=name)
    return array


def _check_limits(
    n_sites: int | None,
    cost_cny: NDArray[np.float64] | None,
    budget_cny: float | None,
    is_open: NDArray[np.bool_],
) -> None:
    if n_sites is None and budget_cny is None:
        raise InvalidInputError("nothing limits the plan; give a number of new sites or a budget")
    if n_sites is not None and n_sites < 1:
        raise InvalidInputError("{n} new sites is no plan; ask for 1 or more with --new", n=n_sites)
    if budget_cny is None:
        return
    if not (np.isfinite(budget_cny) and budget_cny > 0):
        raise InvalidInputError(
            "a budget of {budget} CNY is not a number above 0", budget=budget_cny
        )
    if cost_cny is None:
        raise InvalidInputError("a budget needs the cost of each candidate")
    new = cost_cny[~is_open]
    if len(new) and new.min() > budget_cny:
        raise UnanswerableError(
            "a budget of {budget} CNY pays for no site; the cheapest costs {cheapest} CNY",
            budget=f"{budget_cny:.10g}",
            cheapest=f"{float(new.min()):.10g}",
        )

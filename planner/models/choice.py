"""What is left to decide about the facilities, once the rules on them are applied.

All models share the rules (`planner.problem.Rules`); this is the one place that reads them. A plan
is a set of facilities: those that are kept whatever happens, and some of the free ones.

With E the existing facilities and S the plan, new sites less closed ones are |S| - |E|, and money
spent is cost(S) - cost(E); so both limits are limits on S alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.errors import UnanswerableError
from planner.problem import SitingProblem

MONEY_SLACK = 1e-9
"""Relative rounding of sums of costs that is forgiven against a budget."""


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The decision that is left.

    Attributes
    ----------
    kept
        Facilities of every plan: the required, and the existing unless they may be closed.
    free
        Candidates that may be in the plan or not.
    n_left
        Most free candidates in a plan; their number when nothing limits it.
    cost
        Shape (n_free,): cost of each; ones when the question gave no costs.
    money_left
        Most money for free candidates; infinite without a budget.
    """

    kept: NDArray[np.int64]
    free: NDArray[np.int64]
    n_left: int
    cost: NDArray[np.float64]
    money_left: float

    @property
    def is_counted(self) -> bool:
        """True when only the number of sites limits the plan."""
        return not np.isfinite(self.money_left)


def choice(problem: SitingProblem) -> Choice:
    """Apply the rules on facilities.

    A budget over equal costs is turned into a number of sites.

    Raises
    ------
    UnanswerableError
        When the required facilities alone break a limit, or the budget pays for no site at all.
    """
    is_open = problem.is_open
    stays = is_open & ~problem.is_forbidden & (not problem.may_close)
    is_kept = problem.is_required | stays
    kept = np.flatnonzero(is_kept)
    free = np.flatnonzero(~is_kept & ~problem.is_forbidden)
    n_left, money_left = len(free), np.inf
    cost = np.ones(len(is_open)) if problem.cost_cny is None else problem.cost_cny
    if problem.n_sites is not None:
        n_left = problem.n_sites + int(is_open.sum()) - len(kept)
        if n_left < 0:
            raise UnanswerableError(
                "{required} required sites are more than the {n} new ones asked for; ask for"
                " {least}",
                required=int((problem.is_required & ~is_open).sum()),
                n=problem.n_sites,
                least=problem.n_sites - n_left,
            )
        n_left = min(n_left, len(free))
    if problem.budget_cny is not None:
        # What is both existing and kept stands on both sides; large costs would drown the budget.
        freed = float(cost[is_open & ~is_kept].sum())
        money_left = problem.budget_cny + freed - float(cost[is_kept & ~is_open].sum())
        slack = MONEY_SLACK * max(1.0, problem.budget_cny)
        if money_left < -slack:
            raise UnanswerableError(
                "the required sites cost {cost} CNY more than the budget of {budget} CNY; a budget"
                " of {least} CNY would do",
                cost=f"{-money_left:.10g}",
                budget=f"{problem.budget_cny:.10g}",
                least=f"{problem.budget_cny - money_left:.10g}",
            )
        _check_cheapest(problem, cost, free, money_left + slack)
        money_left += slack
        prices = cost[free]
        if len(free) and prices.min() == prices.max() > 0:
            n_left = min(n_left, int(money_left / prices[0]))
            money_left = np.inf
    return Choice(kept, free, n_left, cost[free], money_left)


def _check_cheapest(
    problem: SitingProblem, cost: NDArray[np.float64], free: NDArray[np.int64], money_left: float
) -> None:
    """Refuse a budget that pays for nothing; a plan of required sites only is fine."""
    is_new = ~problem.is_open
    new = free[is_new[free]]
    if (problem.is_required & is_new).any() or problem.may_close or len(new) == 0:
        return
    # The other models say themselves what would do, which may be nothing at all.
    if problem.model not in ("mclp", "capacitated") or not _is_anybody_left(problem):
        return
    if cost[new].min() > money_left:
        raise UnanswerableError(
            "a budget of {budget} CNY pays for no site; the cheapest costs {cheapest} CNY",
            budget=f"{problem.budget_cny:.10g}",
            cheapest=f"{float(cost[new].min()):.10g}",
        )


def _is_anybody_left(problem: SitingProblem) -> bool:
    """Say whether existing facilities leave anybody to be served."""
    if problem.model == "capacitated":
        return bool((problem.people > 0).any())
    is_served = (problem.reach @ problem.is_open.astype(np.int32)) > 0
    return bool((problem.people[~is_served] > 0).any())

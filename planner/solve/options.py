"""Choose options: greedy, ruin and recreate, then HiGHS with a bound that is counted anew."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_array

from geodata.errors import UnanswerableError
from planner.models.options import OptionProblem, bound, programme, reduced
from planner.plan import Outcome, Reason
from planner.solve.highs import optimise
from planner.solve.watch import Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 400
_PATIENCE = 150
_RUIN = 0.15
_PROVED = 1e-9
_FIRST_PULL, _MOST_PULL = 0.5, 1e3  # worth of a floor's people-hour, beside its own


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
    plan = _found(small, random_state, watch)
    worth = small.worth(plan) if small.is_allowed(plan) else -np.inf
    highest, price = _relaxed(small, watch)
    watch.report(worth, highest)
    reason: Reason = "proved"
    if not _is_close(worth, highest, gap) and not watch.is_over:
        start = _start(small, plan) if np.isfinite(worth) else None
        answer = optimise(
            programme(small),
            watch,
            start=start,
            random_state=random_state,
            abs_gap=max(_PROVED, 0.5 * gap) * max(1.0, highest if np.isfinite(highest) else 1.0),
            is_enough=lambda value, limit: _is_close(value, min(limit, highest), gap),
        )
        if answer.status == "infeasible":
            _refuse(problem, watch)
        if answer.values is not None:
            found = np.flatnonzero(answer.values[: small.cover.shape[1]] > 0.5)
            if small.is_allowed(found) and small.worth(found) > worth:
                plan, worth = found, small.worth(found)
        if answer.status in ("optimal", "stopped"):
            highest = min(highest, answer.bound)
        elif answer.status == "failed":
            reason = "solver_failed"
    if not np.isfinite(worth):
        return _nothing(highest, price, watch)
    highest = max(highest, worth)
    is_proved = _is_close(worth, highest, _PROVED)
    if not is_proved and reason == "proved":
        reason = watch.reason if watch.is_over else "proved"
    return OptionPlan(
        chosen=np.sort(kept[plan]),
        objective=worth,
        bound=worth if is_proved else highest,
        gap=0.0 if is_proved else (highest - worth) / highest,
        money_price=price,
        outcome="optimal" if is_proved else "feasible",
        reason=reason,
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


def _relaxed(problem: OptionProblem, watch: Watch) -> tuple[float, float]:
    """Give a bound from the linear relaxation's multipliers, counted anew, and the money's."""
    n_rows = problem.cover.shape[0]
    everything = float(problem.weight.sum() + problem.extra.sum())
    if n_rows == 0 or watch.is_over:
        return everything, 0.0
    answer = optimise(programme(problem).relaxed(), watch, method="ipm")
    if answer.status == "infeasible":
        _refuse(problem, watch)
    if len(answer.row_duals) == 0:
        return everything, 0.0
    n_floors = len(problem.floor_least)
    at_money = len(answer.row_duals) - n_floors - 1
    u = np.abs(answer.row_duals[:n_rows])
    price = abs(float(answer.row_duals[at_money]))
    floors = np.abs(answer.row_duals[at_money + 1 :])
    return min(everything, bound(problem, u, price, floors)), price


def _start(problem: OptionProblem, chosen: Ints) -> Floats:
    n_rows, n_options = problem.cover.shape
    values = np.zeros(n_options + n_rows)
    values[chosen] = 1.0
    values[n_options:] = problem.covered(chosen)
    return values


def _found(problem: OptionProblem, random_state: int, watch: Watch) -> Ints:
    """Search a good plan: by turns ruin a part of the best one and fill the money up again."""
    rng = np.random.default_rng(random_state)
    columns = csc_array(problem.cover)
    n = len(problem.site)
    _, at = np.unique(np.concatenate([problem.site, problem.also]), return_inverse=True)
    site, also = at[:n], np.where(problem.also >= 0, at[n:], -1)
    table = (columns.indptr.astype(np.int64), columns.indices.astype(np.int64))
    pull = np.full(len(problem.floor_least), _FIRST_PULL)
    places = (site.astype(np.int64), also.astype(np.int64))
    rest = (problem.extra, *places, problem.cost_cny, problem.budget_cny)
    best, found, idle = -np.inf, np.zeros(0, np.int64), 0
    n_sites = int(at.max(initial=-1)) + 1
    current = np.full(n_sites, -1, np.int64)
    power = 1.0
    for _ in range(_ROUNDS):
        worth = problem.weight + problem.floor.T @ pull
        _fill(*table, worth, *rest, current, power, problem.cover.shape[0])
        chosen = np.sort(current[current >= 0])
        lack = _lack(problem, chosen)
        # Floors that were missed pull harder next time, those that were met less.
        pull = np.where(lack > 0, np.minimum(1.7 * pull, _MOST_PULL), 0.9 * pull)
        value = problem.worth(chosen) - _MOST_PULL * float(lack.sum())
        if value > best + 1e-9:
            best, found, idle = value, chosen, 0
        else:
            idle += 1
        if idle > _PATIENCE or watch.is_over:
            break
        current = np.full(n_sites, -1, np.int64)
        stay = _spared(problem, found, rng)
        current[site[stay]] = stay
        power = float(rng.choice([0.5, 0.8, 1.0, 1.2]))
    return found


def _lack(problem: OptionProblem, chosen: Ints) -> Floats:
    """Give what a plan lacks of each floor."""
    met = problem.floor @ problem.covered(chosen).astype(np.float64)
    lack = problem.floor_least * (1 - 1e-9) - met
    return np.where(lack > 1e-9, lack, 0.0)


def _spared(problem: OptionProblem, chosen: Ints, rng: np.random.Generator) -> Ints:
    """Give the options that stay: all but some at random, or some that share rows with one."""
    if len(chosen) == 0:
        return chosen
    n = max(2, int(_RUIN * len(chosen)))
    if rng.random() < 0.5:
        return rng.permutation(chosen)[: max(0, len(chosen) - n)]
    rows = csc_array(problem.cover)[:, chosen]
    centre = rows[:, [int(rng.integers(len(chosen)))]]
    shared = np.asarray((rows.T @ centre).todense()).reshape(-1) + rng.random(len(chosen)) * 1e-3
    return chosen[np.argsort(shared)[: max(0, len(chosen) - n)]]


@njit(cache=True, nogil=True)
def _fill(indptr, indices, worth, extra, site, also, cost, budget, current, power, n_rows):  # type: ignore[no-untyped-def]
    """Add, or exchange at its own site, the option with the best gain for its money, to the end."""
    counts = np.zeros(n_rows, np.int64)
    taken = np.zeros(current.shape[0], np.int64)  # by moves from elsewhere
    left = budget
    for s in range(current.shape[0]):
        j = current[s]
        if j >= 0:
            left -= cost[j]
            if also[j] >= 0:
                taken[also[j]] += 1
            for k in range(indptr[j], indptr[j + 1]):
                counts[indices[k]] += 1
    n = site.shape[0]
    while True:
        best, best_ratio = -1, 0.0
        for j in range(n):
            i = current[site[j]]
            if i == j:
                continue
            price = cost[j] - (cost[i] if i >= 0 else 0.0)
            if price > left or taken[site[j]] > 0:
                continue
            if also[j] >= 0 and (current[also[j]] >= 0 or taken[also[j]] > 0):
                continue
            gain = extra[j] - (extra[i] if i >= 0 else 0.0)
            if i >= 0:
                for k in range(indptr[i], indptr[i + 1]):
                    r = indices[k]
                    counts[r] -= 1
                    if counts[r] == 0:
                        gain -= worth[r]
            for k in range(indptr[j], indptr[j + 1]):
                if counts[indices[k]] == 0:
                    gain += worth[indices[k]]
            if i >= 0:
                for k in range(indptr[i], indptr[i + 1]):
                    counts[indices[k]] += 1
            if gain <= 1e-9:
                continue
            ratio = gain / max(price, 1.0) ** power
            if ratio > best_ratio:
                best, best_ratio = j, ratio
        if best < 0:
            return
        i = current[site[best]]
        if i >= 0:
            left += cost[i]
            if also[i] >= 0:
                taken[also[i]] -= 1
            for k in range(indptr[i], indptr[i + 1]):
                counts[indices[k]] -= 1
        left -= cost[best]
        if also[best] >= 0:
            taken[also[best]] += 1
        for k in range(indptr[best], indptr[best + 1]):
            counts[indices[k]] += 1
        current[site[best]] = best

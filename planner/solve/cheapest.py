"""The cheapest columns of a reduced covering question, and the proof of how cheap they can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.models import lscp, pscp
from planner.models.covering import Cover, components
from planner.models.programme import Programme
from planner.models.pscp import Need
from planner.solve.highs import Answer, optimise
from planner.solve.setgreedy import cheap_columns, dual_bound, knapsack_bound, serves
from planner.solve.setsearch import cheaper
from planner.solve.watch import Watch

State = Literal["proved", "infeasible", "stopped", "failed"]

_TOLERANCE = 1e-6
"""Relative error of what the solver calls feasible and optimal."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Most columns and most money, infinite for none."""

    n_left: float = np.inf
    money_left: float = np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """A question for the cheapest columns.

    Attributes
    ----------
    cover
        Rows and columns.
    need
        Who must be served: so many people of all and of each area; None means every row.
    price
        Shape (n_columns,): what is made least.
    limits
        On the number of columns and on their `cover.cost`.
    """

    cover: Cover
    need: Need | None
    price: NDArray[np.float64]
    limits: Limits = Limits()


@dataclass(frozen=True, slots=True, eq=False)
class Cheapest:
    """What was found.

    Attributes
    ----------
    sites
        Positions in the full problem; None when none were found.
    price
        Their sum; infinite without.
    bound
        Nothing that serves the need within the limits is cheaper; infinite when nothing does.
    state
        ``proved`` (found, and no cheaper exist), ``infeasible``, ``stopped`` by the watch, or
        ``failed`` (the solver did).
    """

    sites: NDArray[np.int64] | None
    price: float
    bound: float
    state: State


def cheapest(wanted: Wanted, watch: Watch, random_state: int) -> Cheapest:
    """Answer the question; all columns together must be able to serve the need.

    When every row must be served and nothing limits the plan, parts that share nothing are solved
    apart.

    Parameters
    ----------
    wanted
        The question.
    watch
        Ends the search.
    random_state
        Seed of the solver.
    """
    if wanted.need is not None or wanted.limits != Limits():
        return _cheapest(wanted, watch, random_state)
    # The parts carry the price where their cost would be: without limits nothing asks for costs.
    parts = [
        _cheapest(Wanted(part, None, part.cost), watch, random_state)
        for part in components(replace(wanted.cover, cost=wanted.price))
    ]
    sites = [part.sites for part in parts if part.sites is not None]
    states = {part.state for part in parts}
    worst: tuple[State, ...] = ("failed", "stopped")
    return Cheapest(
        sites=np.concatenate([np.zeros(0, np.int64), *sites]),
        price=float(sum(part.price for part in parts)),
        bound=float(sum(part.bound for part in parts)),
        state=next((state for state in worst if state in states), "proved"),
    )


def _cheapest(wanted: Wanted, watch: Watch, random_state: int) -> Cheapest:
    """Start from cheap columns within the limits, and let HiGHS improve and prove them."""
    price, step = wanted.price, step_of(wanted.price)
    best, lower = _start(wanted), lifted(_lower(wanted), step)
    if best is not None and price[best].sum() > lower:
        best = _searched(wanted, best, watch, random_state)
    if watch.is_over or (best is not None and price[best].sum() <= lower):
        return _result(wanted, best, lower, "stopped")
    answer = optimise(
        _programme(wanted),
        watch,
        start=None if best is None else _values(wanted, best),
        random_state=random_state,
        abs_gap=step * (1 - 1e-4) if step > 0 else 1e-9 * float(price.sum()),
    )
    if answer.status == "infeasible" and best is None:
        return Cheapest(None, np.inf, np.inf, "infeasible")
    best = _better(wanted, answer, best)
    lower = max(lower, lifted(answer.bound, step))
    if best is not None and answer.status == "optimal":
        total = float(price[best].sum())
        lower = total if abs(total - lower) <= _TOLERANCE * max(1.0, total) else lower
    return _result(wanted, best, lower, "stopped" if answer.status == "stopped" else "failed")


def _result(
    wanted: Wanted, best: NDArray[np.int64] | None, lower: float, otherwise: State
) -> Cheapest:
    """Say what is proved, or the state that holds when it is not."""
    if best is None:
        return Cheapest(None, np.inf, lower, otherwise)
    total = float(wanted.price[best].sum())
    is_proved = total <= lower + 1e-9 * max(1.0, abs(lower))
    return Cheapest(
        wanted.cover.candidates[best],
        total,
        total if is_proved else lower,
        "proved" if is_proved else otherwise,
    )


def _programme(wanted: Wanted) -> Programme:
    if wanted.need is None:
        return lscp.programme(wanted.cover, wanted.price, *_limits(wanted))
    return pscp.programme(wanted.cover, wanted.need, wanted.price, *_limits(wanted))


def _limits(wanted: Wanted) -> tuple[int, float]:
    n_columns = len(wanted.price)
    return int(min(wanted.limits.n_left, n_columns)), wanted.limits.money_left


def _values(wanted: Wanted, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    if wanted.need is None:
        return np.isin(np.arange(len(wanted.price)), columns).astype(np.float64)
    return pscp.values(wanted.cover, wanted.need, columns)


def _counted(wanted: Wanted) -> tuple[Cover, Need]:
    """Give the question as one for a number of people; every row is one when all must be served."""
    if wanted.need is not None:
        return wanted.cover, wanted.need
    n_rows = len(wanted.cover.people)
    rows = replace(wanted.cover, people=np.ones(n_rows), area=np.full(n_rows, -1, np.int64))
    return rows, Need(float(n_rows), np.zeros(0))


def _lower(wanted: Wanted) -> float:
    """Give a bound that costs nothing."""
    bound = knapsack_bound(*_counted(wanted), wanted.price)
    if wanted.need is None:
        bound = max(bound, dual_bound(wanted.cover.reach, wanted.price))
    return bound


def _start(wanted: Wanted) -> NDArray[np.int64] | None:
    """Give columns within the limits that are cheap, or few, or cost little money, or None."""
    cover, need = _counted(wanted)
    for what in (wanted.price, np.ones(len(wanted.price)), cover.cost):
        columns = cheap_columns(cover, need, what)
        if _is_allowed(wanted, columns):
            return columns
    return None


def _searched(
    wanted: Wanted, best: NDArray[np.int64], watch: Watch, random_state: int
) -> NDArray[np.int64]:
    """Give cheaper columns by exchange, if they keep the limits."""
    cover, need = _counted(wanted)
    columns = cheaper(cover, need, wanted.price, best, watch, random_state)
    is_better = wanted.price[columns].sum() < wanted.price[best].sum()
    return columns if is_better and _is_allowed(wanted, columns) else best


def _better(
    wanted: Wanted, answer: Answer, best: NDArray[np.int64] | None
) -> NDArray[np.int64] | None:
    """Give what the solver found if it is what it seems and cheaper, else what was known."""
    if answer.values is None:
        return best
    price = wanted.price
    columns = np.flatnonzero(answer.values[: len(price)] > 0.5)
    if not _is_allowed(wanted, columns):
        return best
    return best if best is not None and price[best].sum() <= price[columns].sum() else columns


def _is_allowed(wanted: Wanted, columns: NDArray[np.int64]) -> bool:
    """Whether columns serve the need within the limits, counted anew."""
    limits, cost = wanted.limits, wanted.cover.cost
    within = len(columns) <= limits.n_left and float(cost[columns].sum()) <= limits.money_left
    return within and serves(*_counted(wanted), columns)


def step_of(price: NDArray[np.float64]) -> float:
    """Give the largest number of which all prices are multiples, in hundredths; 0 for none."""
    cents = np.rint(price * 100)
    if len(price) == 0 or cents.max() > 2**53 or not np.array_equal(cents / 100, price):
        return 0.0
    return float(np.gcd.reduce(cents.astype(np.int64))) / 100


def lifted(bound: float, step: float) -> float:
    """Raise a lower bound to the next value that a sum of prices can have."""
    if step <= 0 or not np.isfinite(bound):
        return bound
    steps = bound / step
    return float(np.ceil(steps - _TOLERANCE * max(1.0, abs(steps)))) * step

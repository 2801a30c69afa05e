r"""Good multipliers of maximal covering, by steps towards a saddle point.

Without floors the bound of `planner.solve.dual` is the largest value over shares y of

.. math::
    \min_{0 \le u \le a} \max_y \; \sum_i (a_i - u_i) + \sum_i u_i \sum_{j \in N_i} y_j
    \quad \text{s.t.} \quad \sum_j w_j y_j \le W, \; 0 \le y_j \le 1,

where w is 1 and W the number of sites, or w the cost and W the money. Multipliers u and shares y
are moved by turns (Chambolle and Pock 2011, A first-order primal-dual algorithm for convex
problems with applications to imaging, Journal of Mathematical Imaging and Vision 40), with step
lengths of each row and column (Pock and Chambolle 2011, Diagonal preconditioning for first order
primal-dual algorithms in convex optimization, ICCV), steps taken longer than asked for (Condat
2013, A primal-dual splitting method, Journal of Optimization Theory and Applications 158), and a
new start from the mean of the steps whenever the gap has halved (Applegate et al. 2021, Practical
large-scale linear programming using primal-dual hybrid gradient, NeurIPS).

Both sides are feasible at every step, so the gap between them says how near the bound is to the
linear relaxation's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from planner.models.mclp import Maximal

_F = NDArray[np.float64]

_RELAXED = 1.8
"""Length of a step against what the method asks for; below 2."""
_FIRST_BALANCE = 3.0
"""Length of the multipliers' first steps against those of the shares."""
_EVERY = 10
"""Steps between looks at the gap."""
_SHRUNK = 0.5
"""Part to which the gap falls before a new start."""
_LATE_SHARE, _LATE_STEPS = 0.36, 40
"""A new start comes at the latest after this part of all steps so far, and so many more."""


@dataclass(frozen=True, slots=True, eq=False)
class Saddle:
    """What the steps came to.

    Attributes
    ----------
    prices
        Shape (n_rows,): u of the lowest bound met.
    money_price
        People per unit of money there; 0 without a budget.
    value
        Largest value of feasible shares; the linear relaxation's is not below it.
    """

    prices: _F
    money_price: float
    value: float


def approach(
    question: Maximal,
    *,
    steps: int,
    near: float,
    is_over: Callable[[], bool],
    tell: Callable[[_F, float], None],
) -> Saddle:
    """Step towards the saddle point; floors are not looked at.

    Parameters
    ----------
    question
        The question.
    steps
        Most steps.
    near
        Part of the bound to which the gap falls at last.
    is_over
        Asked often; true ends the steps early.
    tell
        Called at each new start with the multipliers and the price of money of the lowest bound.
    """
    cover = question.cover
    by_column = cover.reach.T.tocsr()
    columns = by_column.indptr, by_column.indices
    has_money = bool(np.isfinite(question.money_left))
    weight = cover.cost if has_money else np.ones(len(cover.cost))
    limit = question.money_left if has_money else float(question.n_left)
    rows = cover.people, np.diff(cover.reach.indptr).astype(np.float64)
    sites = weight, np.asarray(by_column @ cover.people, np.float64)
    now = _begin(columns, cover.people, weight, limit)
    new = tuple(np.empty_like(part) for part in now)
    origin = now[0].copy(), now[1].copy()
    total = tuple(np.zeros_like(part) for part in now[:3])
    state = np.array([_FIRST_BALANCE, 0.0])
    lowest, best, last = np.inf, (now[0].copy(), 0.0), np.inf
    largest, done, since = 0.0, 0, 0
    while done < steps and not is_over():
        _steps(columns, rows, sites, limit, now, new, total, state, _EVERY)
        done, since = done + _EVERY, since + _EVERY
        gaps = []
        mean = tuple(part / since for part in total)
        served = np.empty(len(cover.people))
        _serve(columns, mean[1], served)
        for u, _, merit, by in (new, (*mean, served)):
            worth, rate = _most_worth(merit, weight, limit)
            bound = float((cover.people - u).sum()) + worth
            value = float(cover.people @ np.minimum(by, 1.0))
            if bound < lowest:
                lowest, best = bound, (u.copy(), rate)
            largest = max(largest, value)
            gaps.append(bound - value)
        gap = min(gaps)
        if gap > _SHRUNK * last and since < _LATE_SHARE * done + _LATE_STEPS:
            continue
        tell(best[0], best[1] if has_money else 0.0)
        if lowest - largest <= near * lowest:
            break
        start = new if gap == gaps[0] else (*mean, served)
        for part, value_ in zip(now, start, strict=True):
            part[:] = value_
        state[0] = _balance(state[0], now, origin, rows, sites[1])
        origin = now[0].copy(), now[1].copy()
        for part in total:
            part[:] = 0.0
        last, since = gap, 0
    return Saddle(best[0], best[1] if has_money else 0.0, largest)


def _begin(
    columns: tuple[NDArray[np.int32], NDArray[np.int32]], people: _F, weight: _F, limit: float
) -> tuple[_F, _F, _F, _F]:
    """Give first multipliers, shares, merits of the columns, and shares by row."""
    u = 0.5 * people
    merit, y, served = np.empty(len(weight)), np.zeros(len(weight)), np.empty(len(people))
    _merits(columns, u, merit)
    order = _by_rate(merit, weight)
    y[order[np.cumsum(weight[order]) <= limit]] = 1.0
    _serve(columns, y, served)
    return u, y, merit, served


def _by_rate(merit: _F, weight: _F) -> NDArray[np.intp]:
    """Give columns by merit for their weight."""
    return np.argsort(-merit / np.maximum(weight, 1e-12), kind="stable")


def _most_worth(merit: _F, weight: _F, limit: float) -> tuple[float, float]:
    """Give what the best shares are worth (a fractional knapsack), and the price of the weight."""
    order = _by_rate(merit, weight)
    before = np.cumsum(weight[order]) - weight[order]
    share = np.clip((limit - before) / np.maximum(weight[order], 1e-12), 0.0, 1.0)
    worth = float(share @ np.maximum(merit[order], 0.0))
    beyond = order[share < 1.0]
    rate = 0.0 if len(beyond) == 0 else merit[beyond[0]] / max(weight[beyond[0]], 1e-12)
    return worth, max(0.0, float(rate))


def _balance(
    balance: float, now: tuple[_F, ...], origin: tuple[_F, _F], rows: tuple[_F, _F], worth: _F
) -> float:
    """Give the multipliers' steps the length against the shares' that their ways had."""
    of_u = float(((now[0] - origin[0]) ** 2) @ (rows[1] / rows[0]))
    of_y = float(((now[1] - origin[1]) ** 2) @ worth)
    return balance if of_u <= 0 or of_y <= 0 else float(np.sqrt(np.sqrt(of_u / of_y) * balance))


@njit(cache=True, nogil=True)
def _merits(columns, u, merit):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Sum the multipliers of each column's rows."""
    indptr, rows = columns
    for j in range(merit.shape[0]):
        total = 0.0
        for q in range(indptr[j], indptr[j + 1]):
            total += u[rows[q]]
        merit[j] = total


@njit(cache=True, nogil=True)
def _serve(columns, y, served):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Sum the shares of each row's columns; most shares are 0."""
    indptr, rows = columns
    served[:] = 0.0
    for j in range(y.shape[0]):
        if y[j] > 0.0:
            for q in range(indptr[j], indptr[j + 1]):
                served[rows[q]] += y[j]


@njit(cache=True, nogil=True)
def _steps(columns, rows, sites, limit, now, new, total, state, n_steps):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Go some steps; `new` keeps the last feasible ones, `total` their sums."""
    people, n_reaching = rows
    weight, worth = sites
    u, y, merit, served = now
    new_u, new_y, new_merit, new_served = new
    balance = state[0]
    for _ in range(n_steps):
        for i in range(u.shape[0]):
            step = balance * people[i] / n_reaching[i]
            new_u[i] = min(people[i], max(0.0, u[i] - step * (served[i] - 1.0)))
        _merits(columns, new_u, new_merit)
        for j in range(y.shape[0]):
            new_y[j] = y[j] + (2.0 * new_merit[j] - merit[j]) / (balance * worth[j])
        state[1] = _fit(new_y, weight, worth, balance, limit, state[1])
        _serve(columns, new_y, new_served)
        for i in range(u.shape[0]):
            total[0][i] += new_u[i]
            u[i] += _RELAXED * (new_u[i] - u[i])
            served[i] += _RELAXED * (new_served[i] - served[i])
        for j in range(y.shape[0]):
            total[1][j] += new_y[j]
            total[2][j] += new_merit[j]
            y[j] += _RELAXED * (new_y[j] - y[j])
            merit[j] += _RELAXED * (new_merit[j] - merit[j])


@njit(cache=True, nogil=True)
def _fit(y, weight, worth, balance, limit, rate):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Bring shares to the nearest that keep the limit; give the price of the weight that does so.

    The nearest in the steps' own lengths; the price is found by Newton's method between bounds.
    """
    low, high = 0.0, 0.0
    if _taken(y, weight, worth, balance, 0.0)[0] > limit:
        for j in range(y.shape[0]):
            if weight[j] > 0.0:
                high = max(high, y[j] * balance * worth[j] / weight[j])
    rate = min(rate, high)
    for _ in range(60):
        taken, slope = _taken(y, weight, worth, balance, rate)
        if taken > limit:
            low = rate
        else:
            high = rate
        if abs(taken - limit) <= 1e-10 * limit or high - low <= 1e-13 * high:
            break
        rate += (taken - limit) / slope if slope > 0.0 else 0.0
        if not low < rate < high:
            rate = 0.5 * (low + high)
    for j in range(y.shape[0]):
        y[j] = min(1.0, max(0.0, y[j] - rate * weight[j] / (balance * worth[j])))
    return rate


@njit(cache=True, nogil=True)
def _taken(y, weight, worth, balance, rate):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give the weight of the shares at a price, and by how much a higher price lowers it."""
    taken, slope = 0.0, 0.0
    for j in range(y.shape[0]):
        per_rate = weight[j] / (balance * worth[j])
        share = y[j] - rate * per_rate
        if share >= 1.0:
            taken += weight[j]
        elif share > 0.0:
            taken += weight[j] * share
            slope += weight[j] * per_rate
    return taken, slope

r"""Good multipliers of the options' question, by steps towards the saddle point of its relaxation.

With the sites' "at most one" kept as a set and all other rows priced, the linear relaxation of
`planner.models.options` is

.. math::
    \max_{y, z} \; \min_{u, \lambda, \mu \ge 0} \;
    e y + w z - u (z - A y) - \lambda (c y - B) + \mu (F z - l),
    \quad y \ge 0, \; \sum_{j \text{ at } s} y_j \le 1, \; 0 \le z \le 1.

Shares and multipliers are moved by turns (Chambolle and Pock 2011, A first-order primal-dual
algorithm for convex problems with applications to imaging, Journal of Mathematical Imaging and
Vision 40), with step lengths of each row and column (Pock and Chambolle 2011, ICCV) and a new start
from the mean whenever the gap has halved (Applegate et al. 2021, Practical large-scale linear
programming using primal-dual hybrid gradient, NeurIPS). The shares of a site are brought back to
their set by the projection onto a simplex (Held, Wolfe and Crowder 1974, Validation of subgradient
optimization, Mathematical Programming 6). Interior point methods take minutes where stations may
be closed and every row stays in question; a step takes two visits of each pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_array

from planner.models.options import OptionProblem
from planner.solve.watch import Watch

Floats = NDArray[np.float64]
_Columns = tuple[NDArray[np.int32], NDArray[np.int32]]

_EVERY = 20
"""Steps between looks at the gap."""
_SHRUNK = 0.5
"""Part to which the gap falls before a new start."""
_LATE_SHARE, _LATE_STEPS = 0.36, 100
"""A new start comes at the latest after this part of all steps so far, and so many more."""
_MONEY_LOOKS = 40
"""Prices of money that are tried for each bound."""
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """What the steps came to.

    Attributes
    ----------
    u, money, floors
        Multipliers of the rows, the budget and the floors, as for `planner.models.options.bound`.
    bound
        What they prove.
    shares
        Shape (n_options,): shares of the options in the relaxed plan, within the sites and the
        budget.
    steps
        How many were taken.
    """

    u: Floats
    money: float
    floors: Floats
    bound: float
    shares: Floats
    steps: int


def approach(problem: OptionProblem, watch: Watch, *, steps: int, near: float) -> Multipliers:
    """Step towards the saddle point.

    Parameters
    ----------
    problem
        The question; it has rows and options.
    watch
        Ends the steps early.
    steps
        Most steps.
    near
        Part of the bound to which the gap falls at last.
    """
    shape = _shape(problem)
    n_floors = len(problem.floor_least)
    primal = np.zeros(len(shape.site)), np.zeros(len(problem.weight))
    dual = 0.5 * problem.weight, np.zeros(1), np.zeros(n_floors)
    now = (*primal, *dual)
    total = tuple(np.zeros_like(part) for part in now)
    origin = tuple(part.copy() for part in now)
    best, last, balance = (np.inf, dual[0].copy(), 0.0, dual[2].copy()), np.inf, 1.0
    shares, most, done, since = primal[0].copy(), -np.inf, 0, 0
    while done < steps and not watch.is_over:
        _steps(shape.columns, shape.rows, shape.floor, shape.sites, shape.lengths, now, total,
               balance, problem.budget_cny, _EVERY)  # fmt: skip
        done, since = done + _EVERY, since + _EVERY
        gaps = []
        mean = tuple(part / since for part in total)
        for y, _, u, money, mu in (now, mean):
            proved, price = _proved(problem, shape, u, float(money[0]), mu)
            if proved < best[0]:
                best = (proved, u.copy(), price, mu.copy())
            value, held = _value(problem, shape.columns, y, mu)
            if value > most:
                most, shares = value, held
            gaps.append(proved - value)
        gap = min(gaps)
        if gap > _SHRUNK * last and since < _LATE_SHARE * done + _LATE_STEPS:
            continue
        watch.report(-np.inf, best[0])
        if best[0] - most <= near * best[0]:
            break
        for part, start in zip(now, now if gap == gaps[0] else mean, strict=True):
            part[:] = start
        balance = _balance(balance, now, origin, shape.lengths)
        origin = tuple(part.copy() for part in now)
        for part in total:
            part[:] = 0.0
        last, since = gap, 0
    return Multipliers(best[1], best[2], best[3], best[0], shares, done)


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """The question as the steps want it: options by site, step lengths by row and column."""

    columns: _Columns
    rows: tuple[Floats, Floats, Floats]  # weight, floors owed, what the options add and cost
    floor: tuple[NDArray[np.int32], NDArray[np.int32], Floats]
    sites: tuple[NDArray[np.int64], NDArray[np.int64]]
    lengths: tuple[Floats, Floats, Floats, Floats, Floats]
    site: NDArray[np.int64]


def _shape(problem: OptionProblem) -> _Shape:
    columns = csc_array(problem.cover)
    floor = problem.floor.tocsr()
    order = np.argsort(problem.site, kind="stable")
    starts = np.flatnonzero(np.diff(problem.site[order], prepend=np.iinfo(np.int64).min))
    owed = np.asarray(floor.sum(axis=0)).reshape(-1) if floor.shape[0] else 0.0
    scale = np.maximum(problem.weight + owed, 1e-9)
    by_option = np.empty(len(problem.extra))
    _sums(columns.indptr, columns.indices, scale, by_option)
    n_reaching = np.diff(problem.cover.indptr).astype(np.float64)
    # One unit of the money row is worth about what all options would add; where they add nothing
    # it is worth nothing, but a length must still be one.
    adds = float(by_option.sum() + np.maximum(problem.extra, 0.0).sum())
    per_cny = max(adds, 1e-9) / max(float(problem.cost_cny.sum()), 1e-9)
    of_y = 1.0 / np.maximum(by_option + per_cny * problem.cost_cny, 1e-12)
    of_z = 1.0 / (scale + owed)
    of_u = scale / (1.0 + n_reaching)
    of_money = np.array([per_cny / max(float(problem.cost_cny.sum()), 1e-9)])
    of_floors = 1.0 / np.maximum(np.asarray(floor.sum(axis=1)).reshape(-1), 1e-12)
    return _Shape(
        columns=(columns.indptr.astype(np.int32), columns.indices.astype(np.int32)),
        rows=(problem.weight, problem.floor_least.astype(np.float64),
              np.vstack([problem.extra, problem.cost_cny])),
        floor=(floor.indptr.astype(np.int32), floor.indices.astype(np.int32),
               floor.data.astype(np.float64)),
        sites=(order.astype(np.int64), np.append(starts, len(order)).astype(np.int64)),
        lengths=(of_y, of_z, of_u, of_money, of_floors),
        site=problem.site,
    )  # fmt: skip


def _proved(
    problem: OptionProblem, shape: _Shape, u: Floats, money: float, mu: Floats
) -> tuple[float, float]:
    """Give the lowest bound over the price of money, a convex function of it, and that price."""
    order, starts = shape.sites
    merit = np.empty(len(problem.extra))
    _sums(*shape.columns, u, merit)
    value = (problem.extra + merit)[order]
    cost = problem.cost_cny[order]
    rest = float(np.maximum(problem.weight + problem.floor.T @ mu - u, 0.0).sum())
    rest -= float(mu @ problem.floor_least)

    def at(price: float) -> float:
        best = np.maximum.reduceat(value - price * cost, starts[:-1])
        return rest + price * problem.budget_cny + float(np.maximum(best, 0.0).sum())

    low, high = 0.0, max(2.0 * money, 1e-6)
    a, b = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_a, at_b = at(a), at(b)
    best = min((at(money), money), (at_a, a), (at_b, b))
    for _ in range(_MONEY_LOOKS):
        if at_a <= at_b:
            high, b, at_b = b, a, at_a
            a = high - _GOLDEN * (high - low)
            at_a = at(a)
        else:
            low, a, at_a = a, b, at_b
            b = low + _GOLDEN * (high - low)
            at_b = at(b)
        best = min(best, (at_a, a), (at_b, b))
        if high - low <= 1e-4 * high:
            break
    return best


def _value(
    problem: OptionProblem, columns: _Columns, y: Floats, mu: Floats
) -> tuple[float, Floats]:
    """Give what shares within the budget are worth, less what they lack of the floors."""
    spent = float(problem.cost_cny @ y)
    held = y * min(1.0, problem.budget_cny / spent) if spent > 0 else y.copy()
    served = np.zeros(len(problem.weight))
    _serve(*columns, held, served)
    served = np.minimum(served, 1.0)
    lack = np.maximum(problem.floor_least - problem.floor @ served, 0.0)
    worth = problem.weight @ served + problem.extra @ held - np.maximum(mu, 1.0) @ lack
    return float(worth), held


@njit(cache=True, nogil=True)
def _serve(indptr, at, y, served):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Sum the shares of each row's options; most shares are 0."""
    for j in range(y.shape[0]):
        if y[j] > 0.0:
            for q in range(indptr[j], indptr[j + 1]):
                served[at[q]] += y[j]


@njit(cache=True, nogil=True)
def _sums(indptr, at, u, merit):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Sum the multipliers of each option's rows."""
    for j in range(merit.shape[0]):
        total = 0.0
        for q in range(indptr[j], indptr[j + 1]):
            total += u[at[q]]
        merit[j] = total


def _balance(
    balance: float, now: tuple[Floats, ...], origin: tuple[Floats, ...], lengths: tuple[Floats, ...]
) -> float:
    """Give the multipliers' steps the length against the shares' that their ways had."""
    way = [
        float(((a - b) ** 2 / length).sum())
        for a, b, length in zip(now, origin, lengths, strict=True)
    ]
    of_shares, of_prices = sum(way[:2]), sum(way[2:])
    if of_shares <= 0 or of_prices <= 0:
        return balance
    return float(np.sqrt(np.sqrt(of_prices / of_shares) * balance))


@njit(cache=True, nogil=True)
def _steps(columns, rows, floor, sites, lengths, now, total, balance, budget, n_steps):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Go some steps; `total` sums them."""
    indptr, at = columns
    weight, owed, options = rows
    f_indptr, f_at, f_data = floor
    of_y, of_z, of_u, of_money, of_floors = lengths
    y, z, u, money, mu = now
    extra, cost = options[0], options[1]
    bar_y, bar_z = np.empty_like(y), np.empty_like(z)
    pull = np.zeros_like(z)
    served = np.empty_like(z)
    most = 0
    for s in range(sites[1].shape[0] - 1):
        most = max(most, sites[1][s + 1] - sites[1][s])
    room = np.empty(most)
    for _ in range(n_steps):
        pull[:] = 0.0
        for f in range(mu.shape[0]):
            for q in range(f_indptr[f], f_indptr[f + 1]):
                pull[f_at[q]] += mu[f] * f_data[q]
        for j in range(y.shape[0]):
            gain = extra[j] - money[0] * cost[j]
            for q in range(indptr[j], indptr[j + 1]):
                gain += u[at[q]]
            bar_y[j] = y[j] + of_y[j] / balance * gain
        _to_simplices(bar_y, sites, of_y, room)
        for r in range(z.shape[0]):
            new = z[r] + of_z[r] / balance * (weight[r] - u[r] + pull[r])
            new = min(1.0, max(0.0, new))
            bar_z[r] = 2.0 * new - z[r]
            z[r] = new
        served[:] = 0.0
        spent = 0.0
        for j in range(y.shape[0]):
            new = bar_y[j]
            ahead = 2.0 * new - y[j]
            y[j] = new
            if ahead != 0.0:
                spent += cost[j] * ahead
                for q in range(indptr[j], indptr[j + 1]):
                    served[at[q]] += ahead
        for r in range(u.shape[0]):
            u[r] = max(0.0, u[r] + balance * of_u[r] * (bar_z[r] - served[r]))
        money[0] = max(0.0, money[0] + balance * of_money[0] * (spent - budget))
        for f in range(mu.shape[0]):
            met = 0.0
            for q in range(f_indptr[f], f_indptr[f + 1]):
                met += f_data[q] * bar_z[f_at[q]]
            mu[f] = max(0.0, mu[f] + balance * of_floors[f] * (owed[f] - met))
        for part, sum_ in zip(now, total):  # noqa: B905  compiled
            for i in range(part.shape[0]):
                sum_[i] += part[i]


@njit(cache=True, nogil=True)
def _to_simplices(y, sites, of_y, room):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Bring the shares of each site to the nearest that are 0 or more and at most 1 together.

    Nearest in the steps' own lengths: y_j = max(0, y_j - t of_y_j), t from the breakpoints.
    """
    order, starts = sites
    for s in range(starts.shape[0] - 1):
        first, last = starts[s], starts[s + 1]
        total = 0.0
        for k in range(first, last):
            j = order[k]
            if y[j] < 0.0:
                y[j] = 0.0
            total += y[j]
        if total <= 1.0:
            continue
        n = last - first
        for k in range(n):
            j = order[first + k]
            room[k] = y[j] / of_y[j]
        # Newton from the left on a convex, falling function ends at its zero in a few steps.
        t = 0.0
        for _ in range(60):
            sum_, slope = -1.0, 0.0
            for k in range(n):
                j = order[first + k]
                if room[k] > t:
                    sum_ += y[j] - t * of_y[j]
                    slope += of_y[j]
            if sum_ <= 1e-15 or slope <= 0.0:
                break
            t += sum_ / slope
        for k in range(n):
            j = order[first + k]
            y[j] = max(0.0, y[j] - t * of_y[j])

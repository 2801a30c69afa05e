"""Search plans of options: by turns ruin a part of the best one and fill the money up again.

Ruin and recreate (Schrimpf et al. 2000, Record breaking optimization results using the ruin and
recreate principle, Journal of Computational Physics 159). What is filled in first is what gains
most for its money, counted in the worth of the rows and what the floors add to it; floors that a
plan misses pull harder the next time.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import csc_array

from planner.models.options import OptionProblem
from planner.solve.watch import Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS = 400
_PATIENCE = 150
_LACKING = 60
"""Rounds after which a search that has met no plan with all floors leaves it to the solver."""
_RUIN = 0.15
_FIRST_PULL, _MOST_PULL = 0.5, 1e3  # worth of a floor's people-hour, beside its own


def search(problem: OptionProblem, pull: Floats, watch: Watch, *, random_state: int) -> Ints:
    """Search a good plan; one that lacks something of the floors where none that keeps them is met.

    Parameters
    ----------
    problem
        The question.
    pull
        Shape (n_floors,): what a unit of each floor is worth at first, such as its multiplier.
    watch
        Ends the search early.
    random_state
        Seed.

    Returns
    -------
    ndarray
        Positions of the chosen options, in rising order.
    """
    rng = np.random.default_rng(random_state)
    columns = csc_array(problem.cover)
    n = len(problem.site)
    _, at = np.unique(np.concatenate([problem.site, problem.also]), return_inverse=True)
    site, also = at[:n], np.where(problem.also >= 0, at[n:], -1)
    table = (columns.indptr.astype(np.int64), columns.indices.astype(np.int64))
    pull = np.maximum(pull, _FIRST_PULL)
    places = (site.astype(np.int64), also.astype(np.int64))
    rest = (problem.extra, *places, problem.cost_cny, problem.budget_cny)
    best, found, idle = -np.inf, np.zeros(0, np.int64), 0
    n_sites = int(at.max(initial=-1)) + 1
    current = np.full(n_sites, -1, np.int64)
    power = 1.0
    for done in range(_ROUNDS):
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
        is_lacking = done >= _LACKING and bool(_lack(problem, found).any())
        if idle > _PATIENCE or is_lacking or watch.is_over:
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
def _fill(indptr, indices, worth, extra, site, also, cost, budget, current, power, n_rows):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
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

"""Maximal covering with options: at most one option a site, money, and floors.

A row is some people in some hours. An option is one thing that could be done at one site, with its
own hours and price; options of a site exclude each other (multiple-choice knapsack, Sinha and
Zoltners 1979, over the maximal covering of Church and ReVelle 1974)::

    max   Σ_r w_r z_r + Σ_j e_j y_j
    s.t.  z_r ≤ Σ_{j covers r} y_j        each row
          Σ_{j at site s} y_j ≤ 1          each site (a move takes two: it leaves one for another)
          Σ_j c_j y_j ≤ B
          Σ_r v_fr z_r ≥ l_f               each floor
          y binary, 0 ≤ z ≤ 1

For any u, λ, μ ≥ 0 the value of every plan is at most (weak duality)::

    L(u, λ, μ) = Σ_r max(0, w_r + Σ_f μ_f v_fr - u_r) + λ B - Σ_f μ_f l_f
                 + Σ_s max(0, max_{j at s} (e_j + Σ_{r covered by j} u_r - λ c_j))

so a bound holds whatever solver proposed the multipliers. (A move counts at the site it leaves;
that it also takes another is left out of L, which can only raise it.)
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csc_array, csr_array, eye_array, vstack

from geodata.errors import InvalidInputError
from planner.models.programme import Programme

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptionProblem:
    """What can be done, what it covers and what it costs.

    Attributes
    ----------
    cover
        CSR, shape (n_rows, n_options), non-zero where an option covers a row.
    weight
        Shape (n_rows,): worth of each row, 0 or more.
    extra
        Shape (n_options,): worth of an option beside what it covers, 0 or more.
    site, also
        Shape (n_options,): the site of each option, and a second one that it takes, -1 for none; at
        most one option of a site is chosen.
    cost_cny
        Shape (n_options,), 0 or more.
    budget_cny
        Most money for all options together.
    floor
        CSR, shape (n_floors, n_rows): what each row counts towards each floor, 0 or more.
    floor_least
        Shape (n_floors,): how much is owed.

    Raises
    ------
    InvalidInputError
        When shapes do not agree or a number is negative or not finite.
    """

    cover: csr_array
    weight: Floats
    extra: Floats
    site: Ints
    also: Ints
    cost_cny: Floats
    budget_cny: float
    floor: csr_array
    floor_least: Floats

    def __post_init__(self) -> None:
        n_rows, n_options = self.cover.shape
        sizes = {
            "weight": (self.weight, n_rows),
            "extra": (self.extra, n_options),
            "cost_cny": (self.cost_cny, n_options),
        }
        for name, (values, n) in sizes.items():
            if values.shape != (n,) or not (np.isfinite(values) & (values >= 0)).all():
                raise InvalidInputError(
                    "{name} must be {n} numbers of 0 or more; correct the options", name=name, n=n
                )
        has_sites = self.site.shape == (n_options,) and self.also.shape == (n_options,)
        if not has_sites or not self.budget_cny >= 0:
            raise InvalidInputError(
                "every option needs a site, and the budget must be 0 or more; correct the options"
            )
        if self.floor.shape != (len(self.floor_least), n_rows):
            raise InvalidInputError(
                "the floors do not fit the rows; measure them for the same city"
            )

    @property
    def everything(self) -> float:
        """What all rows and all options together are worth."""
        return float(self.weight.sum() + self.extra.sum())

    def worth(self, chosen: Ints) -> float:
        """Give what a plan is worth."""
        return float(self.weight[self.covered(chosen)].sum() + self.extra[chosen].sum())

    def covered(self, chosen: Ints) -> NDArray[np.bool_]:
        """Give which rows a plan covers, shape (n_rows,)."""
        picked = np.zeros(self.cover.shape[1])
        picked[chosen] = 1.0
        return np.asarray(self.cover @ picked > 0)

    def is_allowed(self, chosen: Ints) -> bool:
        """Tell whether a plan keeps the budget, the sites and the floors."""
        sites = np.concatenate([self.site[chosen], self.also[chosen]])
        sites = sites[sites >= 0]
        spent = float(self.cost_cny[chosen].sum())
        if len(np.unique(sites)) < len(sites) or spent > self.budget_cny * (1 + 1e-12):
            return False
        met = self.floor @ self.covered(chosen).astype(np.float64)
        return bool(np.all(met >= self.floor_least * (1 - 1e-9) - 1e-9))


def reduced(problem: OptionProblem) -> tuple[OptionProblem, Ints]:
    """Leave out options that nobody would choose; give the problem and the options kept.

    An option goes when it costs more than the budget, or when another of its site covers all that
    it covers, adds no less beside it and costs no more.
    """
    columns = csc_array(problem.cover)
    kept = problem.cost_cny <= problem.budget_cny
    order = np.argsort(problem.site, kind="stable")
    bounds = np.flatnonzero(np.diff(problem.site[order], prepend=-1, append=-1))
    for first, last in pairwise(bounds):
        here = [int(j) for j in order[first:last] if kept[j]]
        rows = {j: columns.indices[columns.indptr[j] : columns.indptr[j + 1]] for j in here}
        for j in here:
            kept[j] = not any(_dominates(problem, rows, k, j) for k in here if kept[k] and k != j)
    which = np.flatnonzero(kept)
    return with_options(problem, which), which


def _dominates(problem: OptionProblem, rows: dict[int, Ints], k: int, j: int) -> bool:
    """Tell whether option k is at least as good as j; of equal ones the first."""
    if problem.cost_cny[k] > problem.cost_cny[j] or problem.extra[k] < problem.extra[j]:
        return False
    if problem.also[k] not in (-1, problem.also[j]):
        return False
    if len(rows[k]) < len(rows[j]) or len(np.setdiff1d(rows[j], rows[k], assume_unique=True)):
        return False
    is_equal = (
        len(rows[k]) == len(rows[j])
        and problem.cost_cny[k] == problem.cost_cny[j]
        and problem.extra[k] == problem.extra[j]
        and problem.also[k] == problem.also[j]
    )
    return k < j or not is_equal


def with_options(problem: OptionProblem, which: Ints) -> OptionProblem:
    """Give the question with some of its options only."""
    return OptionProblem(
        cover=csr_array(csc_array(problem.cover)[:, which]),
        weight=problem.weight,
        extra=problem.extra[which],
        site=problem.site[which],
        also=problem.also[which],
        cost_cny=problem.cost_cny[which],
        budget_cny=problem.budget_cny,
        floor=problem.floor,
        floor_least=problem.floor_least,
    )


def programme(problem: OptionProblem) -> Programme:
    """Give the mixed-integer programme: columns are the options, then the rows covered."""
    n_rows, n_options = problem.cover.shape
    ones = csr_array(
        (np.ones(problem.cover.nnz), problem.cover.indices, problem.cover.indptr),
        shape=problem.cover.shape,
    )
    moves = np.flatnonzero(problem.also >= 0)
    of = np.concatenate([np.arange(n_options), moves])
    _, at = np.unique(np.concatenate([problem.site, problem.also[moves]]), return_inverse=True)
    n_sites = int(at.max(initial=-1)) + 1
    choice = csr_array((np.ones(len(of)), (at, of)), shape=(n_sites, n_options))
    money = csr_array(problem.cost_cny[None, :])
    n_floors = len(problem.floor_least)
    upper = block_array([[ones, -eye_array(n_rows)]], format="csr")
    blocks = [
        upper,
        block_array([[choice, csr_array((n_sites, n_rows))]], format="csr"),
        block_array([[money, csr_array((1, n_rows))]], format="csr"),
    ]
    if n_floors:
        blocks.append(
            block_array([[csr_array((n_floors, n_options)), problem.floor]], format="csr")
        )
    return Programme(
        objective=np.concatenate([problem.extra, problem.weight]),
        lower=np.zeros(n_options + n_rows),
        upper=np.ones(n_options + n_rows),
        is_integer=np.concatenate([np.ones(n_options, bool), np.zeros(n_rows, bool)]),
        matrix=csr_array(vstack(blocks)),
        row_lower=np.concatenate(
            [np.zeros(n_rows), np.full(n_sites + 1, -np.inf), problem.floor_least]
        ),
        row_upper=np.concatenate(
            [
                np.full(n_rows, np.inf),
                np.ones(n_sites),
                [problem.budget_cny],
                np.full(n_floors, np.inf),
            ]
        ),
        is_maximum=True,
    )


def bound(problem: OptionProblem, u: Floats, money: float, floors: Floats) -> float:
    """Give L(u, λ, μ); multipliers below 0 count as 0. See the module."""
    u, money, floors = np.maximum(u, 0.0), max(money, 0.0), np.maximum(floors, 0.0)
    served = np.maximum(problem.weight + problem.floor.T @ floors - u, 0.0).sum()
    value = problem.extra + problem.cover.T.astype(np.float64) @ u - money * problem.cost_cny
    _, site = np.unique(problem.site, return_inverse=True)
    best = np.zeros(int(site.max(initial=-1)) + 1)
    np.maximum.at(best, site, value)
    owed = float(floors @ problem.floor_least)
    return float(served + money * problem.budget_cny - owed + best.sum())


def most_worth(problem: OptionProblem, u: Floats, money: float, floors: Floats) -> Floats:
    """Give for each option what no plan with it is worth more than, shape (n_options,).

    L with the option taken at its site in place of the best one there.
    """
    u, money = np.maximum(u, 0.0), max(money, 0.0)
    value = problem.extra + problem.cover.T.astype(np.float64) @ u - money * problem.cost_cny
    _, site = np.unique(problem.site, return_inverse=True)
    best = np.zeros(int(site.max(initial=-1)) + 1)
    np.maximum.at(best, site, value)
    return np.asarray(bound(problem, u, money, floors) - best[site] + value)

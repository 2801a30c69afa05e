"""Subgradient steps for the Lagrangian bound of p-median, compiled.

Steps are those of Polyak (1969) along directions deflected by the one before (Camerini, Fratta and
Maffioli 1975, On improving relaxation methods by modified gradient techniques, Mathematical
Programming Study 3); they get shorter when the bound has not risen for a while.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

_F = NDArray[np.float64]
_I = NDArray[np.int64]
State = tuple[_F, _F, _F, _F, _F, _F]

ROUNDING = 1e-11
"""Relative rounding of the sums in a bound, taken off to stay on the safe side."""
SHORTEST = 1e-4
"""Length of a step, against Polyak's, at which the bound has settled."""
_SHORTER = 0.6
_VAIN = 20
"""Steps without a better bound after which steps get shorter."""
_DEFLECTION = 0.7
"""Share of the direction before in each direction."""
_MEMORY = 0.95
"""Weight of the past in the mean of the sites that prices ask for."""
_HALVINGS = 40
"""Halvings in the search for the price of money; any price gives a valid bound."""


def first_state(u: _F, step: float, n_sites: int) -> State:
    """Start from prices.

    Parameters
    ----------
    u
        Shape (n_rows,): price for serving each row, not above the cost of its kept facility.
    step
        Length of the first steps, against Polyak's.
    n_sites
        Number of sites.

    Returns
    -------
    tuple of ndarray
        u and direction, shape (n_rows,); how often each site was asked for, shape (n_sites,); the
        best u and the sites' earnings at it; and three numbers: the best bound, the length of the
        steps, and how many have been in vain.
    """
    numbers = np.array([-np.inf, step, 0.0])
    return u.copy(), np.zeros(len(u)), np.zeros(n_sites), u.copy(), np.zeros(n_sites), numbers


@njit(cache=True, nogil=True)
def _reduced_costs(rows: tuple[_I, NDArray[np.int32], _F, _F], u: _F, rho: _F) -> float:
    """Give the sum of u, and in `rho` what each site earns at these prices."""
    start, site, cost, _ = rows
    rho[:] = 0.0
    total = 0.0
    for i in range(u.shape[0]):
        total += u[i]
        for k in range(start[i], start[i + 1]):
            if cost[k] >= u[i]:
                break
            rho[site[k]] += cost[k] - u[i]
    return total


@njit(cache=True, nogil=True)
def _budget_price(rho: _F, price: _F, money: float) -> float:
    """Give a price of money at which the sites that still earn just fit into the budget."""
    high = 0.0
    for j in range(rho.shape[0]):
        if rho[j] < 0.0 and price[j] > 0.0:
            high = max(high, -rho[j] / price[j])
    low = 0.0
    for halving in range(_HALVINGS):
        rate = 0.0 if halving == 0 else (low + high) / 2
        spent = 0.0
        for j in range(rho.shape[0]):
            if rho[j] + rate * price[j] < 0.0:
                spent += price[j]
        if spent > money:
            low = rate
        elif halving == 0:
            return 0.0
        else:
            high = rate
    return high


@njit(cache=True, nogil=True)
def _nth_least(values: _F, n: int) -> float:
    """Give the n-th least value, n from 1 (Hoare 1961, Algorithm 65: find)."""
    least = values.copy()
    low, high = 0, least.shape[0] - 1
    while low < high:
        pivot, i, j = least[(low + high) // 2], low, high
        while i <= j:
            while least[i] < pivot:
                i += 1
            while least[j] > pivot:
                j -= 1
            if i <= j:
                least[i], least[j] = least[j], least[i]
                i, j = i + 1, j - 1
        if n - 1 <= j:
            high = j
        elif n - 1 >= i:
            low = i
        else:
            break
    return float(least[n - 1])


@njit(cache=True, nogil=True)
def _best_sites(rho: _F, n: int, is_in: NDArray[np.bool_]) -> float:
    """Mark the n sites that earn most, and give what they earn."""
    n_sites = rho.shape[0]
    is_in[:] = False
    edge = 0.0
    if 0 < n < n_sites:
        edge = min(0.0, _nth_least(rho, n))
    total, left = 0.0, n
    for j in range(n_sites):
        if n > 0 and rho[j] < edge:
            is_in[j] = True
            total += rho[j]
            left -= 1
    for j in range(n_sites):
        if left > 0 and rho[j] == edge and edge < 0.0:
            is_in[j] = True
            total += edge
            left -= 1
    return total


@njit(cache=True, nogil=True)
def _slope(
    rows: tuple[_I, NDArray[np.int32], _F, _F],
    u: _F,
    is_in: NDArray[np.bool_],
    direction: _F,
) -> float:
    """Turn the direction towards rows that nobody serves; give its squared length."""
    start, site, cost, kept = rows
    length = 0.0
    for i in range(u.shape[0]):
        slope = 1.0
        for k in range(start[i], start[i + 1]):
            if cost[k] >= u[i]:
                break
            if is_in[site[k]]:
                slope -= 1.0
        direction[i] = slope + _DEFLECTION * direction[i]
        if u[i] >= kept[i] and direction[i] > 0.0:
            direction[i] = 0.0
        length += direction[i] * direction[i]
    return length


@njit(cache=True, nogil=True)
def ascend(
    rows: tuple[_I, NDArray[np.int32], _F, _F],
    limits: tuple[_F, int, float],
    state: State,
    target: float,
    n_steps: int,
) -> None:
    """Take some steps.

    Parameters
    ----------
    rows
        ``(start, site, cost, kept)``: journeys of each row, cheapest first, and the cost of the
        kept facility, infinite for none.
    limits
        ``(price, n, money)``: cost of each site, most sites, most money.
    state
        What `first_state` gave; goes on from there.
    target
        A value the bound will hardly pass.
    n_steps
        Number of steps.
    """
    price, n, money = limits
    u, direction, share, best_u, best_reduced, numbers = state
    rho, is_in = np.zeros(price.shape[0]), np.zeros(price.shape[0], np.bool_)
    for _ in range(n_steps):
        total = _reduced_costs(rows, u, rho)
        size = abs(total) + np.abs(rho).sum()
        if money < np.inf:
            rate = _budget_price(rho, price, money)
            rho += rate * price
            total -= rate * money
            size += rate * (money + price.sum())
        bound = total + _best_sites(rho, n, is_in) - ROUNDING * size
        share *= _MEMORY
        share += (1 - _MEMORY) * is_in
        numbers[2] += 1
        if bound > numbers[0]:
            numbers[0], numbers[2] = bound, 0
            best_u[:] = u
            best_reduced[:] = rho
        if numbers[2] >= _VAIN:
            numbers[1], numbers[2] = numbers[1] * _SHORTER, 0
            u[:] = best_u
            direction[:] = 0.0
            continue
        length = _slope(rows, u, is_in, direction)
        if length == 0.0 or numbers[1] < SHORTEST:
            break
        pace = numbers[1] * max(target - bound, 1e-9 * abs(target)) / length
        for i in range(u.shape[0]):
            u[i] = min(max(u[i] + pace * direction[i], 0.0), rows[3][i])

"""Swaps of an annealing, compiled, for plans that only a number limits.

What a site alone serves is kept, not counted anew, so a swap is judged by the rows of the new site.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from planner.solve.moves import BEST, VALUE, N, below, beside, settle, share

NOBODY, SEVERAL = -1, -2
"""Who alone serves a row, if not one site."""

_U = np.uint64
"""Of the numbers that index arrays in `try_swaps`: a signed one is tested at each access for
counting from the end, half of the time in all."""


@njit(cache=True, nogil=True)
def sole_service(columns, people, plan, counts):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    """Give owners, sole and loss.

    The owners of a row are its sites' numbers plus one, exclusive or; where one site serves the
    row, these are that site's. Sole is this site, `NOBODY` or `SEVERAL`. The loss of a site is the
    people whom it alone serves.
    """
    indptr, rows = columns
    owners = np.zeros(counts.shape[0], np.int32)
    for k in range(plan.shape[0]):
        for q in range(indptr[plan[k]], indptr[plan[k] + 1]):
            owners[rows[q]] ^= np.int32(plan[k] + 1)
    sole = np.full(counts.shape[0], SEVERAL, np.int32)
    loss = np.zeros(indptr.shape[0] - 1)
    for i in range(counts.shape[0]):
        if counts[i] == 0:
            sole[i] = NOBODY
        elif counts[i] == 1:
            sole[i] = owners[i] - 1
            loss[sole[i]] += people[i]
    return owners, sole, loss


@njit(cache=True, nogil=True)
def try_swaps(  # type: ignore[no-untyped-def]  # noqa: C901  one loop, compiled
    columns, rows, people, plan, place, served, best, state, random, heat, cooling, n_moves
):
    """Try swaps; ``served`` is the counts of the rows and what `sole_service` gives."""
    indptr, of_column = columns
    counts, owners, sole, loss = served
    n_columns, n = loss.shape[0], np.int64(state[N])
    for _ in range(n_moves):
        heat *= cooling
        out = plan[below(random, n)]
        in_ = beside(columns, rows, out, n_columns, random)
        if place[in_] >= 0:
            continue
        change = -loss[out]
        only = np.int32(out)
        for q in range(_U(indptr[in_]), _U(indptr[in_ + 1])):
            i = _U(of_column[q])
            change += people[i] * ((sole[i] == NOBODY) | (sole[i] == only))
        if change < 0 and share(random) >= np.exp(change / heat):
            continue
        for q in range(_U(indptr[out]), _U(indptr[out + 1])):
            i = _U(of_column[q])
            counts[i] -= 1
            owners[i] ^= out + 1
            if counts[i] == 1:
                sole[i] = owners[i] - 1
                loss[sole[i]] += people[i]
            elif counts[i] == 0:
                sole[i] = NOBODY
        loss[out] = loss[in_] = 0.0
        for q in range(_U(indptr[in_]), _U(indptr[in_ + 1])):
            i = _U(of_column[q])
            if counts[i] == 0:
                loss[in_] += people[i]
                sole[i] = in_
            elif counts[i] == 1:
                loss[sole[i]] -= people[i]
                sole[i] = SEVERAL
            counts[i] += 1
            owners[i] ^= in_ + 1
        settle(plan, place, state, out, in_)
        state[VALUE] += change
        if state[VALUE] > state[BEST] * (1 + 1e-12):
            state[BEST] = state[VALUE]
            best[:n] = plan[:n]

"""The random numbers of glibc: ``srand(seed)`` and ``rand()``, value for value.

Additive feedback generator of type 3: ``r[i] = r[i-3] + r[i-31]`` modulo 2**32, seeded with 31
values of a linear congruence modulo 2**31 - 1; the first 310 sums are thrown away and the lowest
bit of each further one is dropped (glibc, stdlib/random_r.c).
"""

from __future__ import annotations

import numpy as np
from numba import njit

RAND_MAX = 2**31 - 1
_LAG, _SHORT_LAG, _WARM_UP = 31, 3, 310


class Generator:
    """One stream of ``rand()`` after ``srand(seed)``."""

    def __init__(self, seed: int) -> None:
        self._state = _seeded(seed or 1)  # glibc takes 0 for 1
        self.skip(_WARM_UP)

    def draw(self, n: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """Give the next n numbers, 0 to RAND_MAX."""
        out = np.empty(n, np.int32)
        _draw(self._state, out)
        return out

    def skip(self, n: int) -> None:
        """Throw the next n numbers away."""
        _skip(self._state, n)


def _seeded(seed: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Fill the ring of 31 values; the last item is the position of the next one."""
    state = np.zeros(_LAG + 1, np.uint32)
    value = seed
    for i in range(_LAG):
        state[i] = value
        value = value * 16807 % RAND_MAX
    state[_LAG] = _SHORT_LAG
    return state


@njit(cache=True, nogil=True)
def _draw(state, out):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    at = int(state[_LAG])
    for i in range(out.shape[0]):
        before = at - _SHORT_LAG
        if before < 0:
            before += _LAG
        state[at] += state[before]
        out[i] = state[at] >> np.uint32(1)
        at += 1
        if at == _LAG:
            at = 0
    state[_LAG] = at


@njit(cache=True, nogil=True)
def _skip(state, n):  # type: ignore[no-untyped-def]  # compiled: numba infers the types
    at = int(state[_LAG])
    for _ in range(n):
        before = at - _SHORT_LAG
        if before < 0:
            before += _LAG
        state[at] += state[before]
        at += 1
        if at == _LAG:
            at = 0
    state[_LAG] = at

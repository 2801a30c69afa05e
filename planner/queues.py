"""How likely is a free seat? Queues in equilibrium, and through the hours of a day or week.

Visitors come as a Poisson process, stay for a while and sit on one of `seats` seats. The *load* is
arrivals × mean stay, in erlangs: how many would sit there if there were always room. Two customs:

- **Nobody waits** (M/G/c/c): who finds no seat goes on. The share who find none is Erlang's B, and
  does not depend on how stays are distributed, only on their mean.
- **They wait** (M/M/c): the share who wait is Erlang's C. With at most `places` inside, M/M/c/K.

Formulas, with load a, seats c, ρ = a/c and μ = 1 / mean stay (Kleinrock 1975, *Queueing Systems* I;
Erlang 1917):

- B(0, a) = 1, 1/B(c, a) = 1 + (c/a) / B(c - 1, a): sums of positive terms, exact to rounding.
- C(c, a) = B / (1 - ρ (1 - B)) for ρ < 1, else 1; P(W > t) = C exp(-(c - a) μ t).
- M/M/c/K: P(full) = r^n / (1/B + r + … + r^n) with r = ρ and n = K - c.
- Through time, the load follows m'(t) = λ(t) - μ m(t) (the modified offered load: the mean of the
  infinite-server queue); hour by hour it stands in for a (Green, Kolesar and Whitt 2007).

Loads and probabilities are plain numbers; times are in seconds.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from geodata.errors import InvalidInputError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_SEATS = 10_000
"""No station needs more; asking for it is a mistake in the numbers."""

_HALVINGS = 200  # of an interval of floats: far more than it takes to reach neighbours


def erlang_b(load: ArrayLike, seats: ArrayLike) -> Floats:
    """Give the share of visitors who find no seat and go on.

    Parameters
    ----------
    load
        Erlangs, 0 or more, any shape.
    seats
        Whole numbers, 0 or more, of a shape that broadcasts with `load`; fastest with shape (n, 1)
        beside loads of shape (n, m).

    Raises
    ------
    InvalidInputError
        When a load or a number of seats is not 0 or more.

    Examples
    --------
    >>> round(float(erlang_b(2.0, 3)), 6)  # (8/6) / (1 + 2 + 2 + 8/6)
    0.210526
    """
    return _by_rows(_loads(load), _whole(seats), waits=False)


def erlang_c(load: ArrayLike, seats: ArrayLike) -> Floats:
    """Give the share of visitors who must wait when all do; 1 when the queue grows for ever.

    Parameters and errors as for `erlang_b`.

    Examples
    --------
    >>> round(float(erlang_c(2.0, 3)), 6)
    0.444444
    """
    return _by_rows(_loads(load), _whole(seats), waits=True)


def wait_exceeds(load: ArrayLike, seats: ArrayLike, *, stay_s: ArrayLike, wait_s: float) -> Floats:
    """Give the share of visitors who wait longer than `wait_s` when all wait.

    Parameters
    ----------
    load, seats
        As for `erlang_b`.
    stay_s
        Mean stay in seconds, above 0; stays are taken to be exponential.
    wait_s
        Seconds, 0 or more.

    Raises
    ------
    InvalidInputError
        When a number is out of range.
    """
    a, c = np.broadcast_arrays(_loads(load), _whole(seats))
    stay = _stays(stay_s)
    _check_wait(wait_s)
    decay = np.exp(-np.maximum(c - a, 0.0) * wait_s / stay)
    return np.asarray(erlang_c(a, c) * np.where(a < c, decay, 1.0))


def full_share(load: ArrayLike, seats: ArrayLike, *, places: ArrayLike) -> Floats:
    """Give the share of visitors turned away where at most `places` are inside (M/M/c/K).

    Parameters
    ----------
    load, seats
        As for `erlang_b`; at least one seat.
    places
        Seats and standing room together, at least `seats`.

    Raises
    ------
    InvalidInputError
        When a number is out of range, or there are fewer places than seats.
    """
    a, c, k = np.broadcast_arrays(_loads(load), _whole(seats), _whole(places))
    if np.any(k < c) or np.any(c < 1):
        raise InvalidInputError(
            "there must be at least one seat and no fewer places than seats; correct the numbers"
        )
    inverse = 1.0 / np.maximum(erlang_b(a, c), np.finfo(float).tiny)
    ratio, waiting = a / c, (k - c).astype(np.float64)
    # Divided by r^n where r > 1, so that nothing overflows.
    last = np.where(ratio > 1, 1.0, ratio**waiting)
    first = np.where(ratio > 1, np.maximum(ratio, 1.0) ** -waiting, 1.0)
    return np.asarray(last / (first * inverse + _powers(ratio, waiting)))


def modified_load(arrivals_per_s: ArrayLike, *, stay_s: float, step_s: float) -> Floats:
    """Give the highest load within each step of a period that repeats, such as a day or a week.

    Between steps the load moves exponentially towards arrivals × stay, so within a step it is
    highest at one of its ends.

    Parameters
    ----------
    arrivals_per_s
        Shape (…, n): arrivals per second in each of the n steps of the period.
    stay_s, step_s
        Mean stay and length of a step in seconds, above 0.

    Returns
    -------
    ndarray
        Shape (…, n), erlangs.

    Raises
    ------
    InvalidInputError
        When a number is out of range.
    """
    rate = _loads(arrivals_per_s)
    stay, step = float(_stays(stay_s)), float(_stays(step_s))
    target = rate * stay
    keep = np.exp(-step / stay)
    # Steady over the period: the start is the sum of all that is left of the steps before.
    n = rate.shape[-1]
    weights = (1.0 - keep) * keep ** np.arange(n - 1, -1, -1) / (1.0 - keep**n)
    rows = np.ascontiguousarray(target.reshape(-1, n))
    return np.asarray(_followed(rows, rows @ weights, keep)).reshape(target.shape)


def seats_for_loss(load: ArrayLike, *, most_lost: float) -> Ints:
    """Give the fewest seats with which at most a share of visitors finds none.

    Parameters
    ----------
    load
        Erlangs, 0 or more, any shape.
    most_lost
        Share from above 0 to 1.

    Raises
    ------
    InvalidInputError
        When a number is out of range, or more than `MOST_SEATS` would be needed.
    """
    a = _loads(load)
    _check_share(most_lost, "the share who find no seat")
    seats = _fewest_loss(a.reshape(-1), most_lost, MOST_SEATS).reshape(a.shape)
    return _within_reason(seats)


def seats_for_wait(load: ArrayLike, *, stay_s: float, wait_s: float, share: float) -> Ints:
    """Give the fewest seats with which at least a share of visitors waits no longer than `wait_s`.

    Parameters
    ----------
    load
        Erlangs, 0 or more, any shape.
    stay_s, wait_s
        Mean stay and the wait allowed, in seconds.
    share
        From 0 to below 1, such as 0.95.

    Raises
    ------
    InvalidInputError
        When a number is out of range, or more than `MOST_SEATS` would be needed.
    """
    a = _loads(load)
    _check_share(1.0 - share, "the share who wait longer")
    _check_wait(wait_s)
    allowed = wait_s / float(_stays(stay_s))
    seats = _fewest_wait(a.reshape(-1), allowed, 1.0 - share, MOST_SEATS).reshape(a.shape)
    return _within_reason(seats)


def load_for_loss(seats: ArrayLike, *, most_lost: float) -> Floats:
    """Give the highest load of which at most a share finds no seat: the inverse of Erlang's B.

    Parameters
    ----------
    seats
        Whole numbers, 0 or more, any shape.
    most_lost
        Share from above 0 to below 1.

    Returns
    -------
    ndarray
        Erlangs, the shape of `seats`; rounded down, so that the share is kept.
    """
    c = _whole(seats)
    _check_share(most_lost, "the share who find no seat")
    if most_lost >= 1.0:
        raise InvalidInputError("a share of 1 who find no seat limits nothing; give less than 1")
    # B(c, a) ≥ 1 - c/a, so beyond c / (1 - share) more are lost.
    return _bisected(c, c / (1.0 - most_lost), lambda a: erlang_b(a, c) <= most_lost)


def load_for_wait(seats: ArrayLike, *, stay_s: float, wait_s: float, share: float) -> Floats:
    """Give the highest load of which at least a share waits no longer than `wait_s`.

    For M/M/c the share who wait longer grows with the load, so "wait at most τ with probability α"
    is a threshold on the load of each number of seats (Marianov and ReVelle 1996).

    Parameters
    ----------
    seats
        Whole numbers, 0 or more, any shape.
    stay_s, wait_s, share
        As for `seats_for_wait`.

    Returns
    -------
    ndarray
        Erlangs, the shape of `seats`; rounded down.
    """
    c = _whole(seats)
    _check_share(1.0 - share, "the share who wait longer")
    longer = 1.0 - share
    return _bisected(
        c,
        c.astype(np.float64),
        lambda a: (a < c) & (wait_exceeds(a, c, stay_s=stay_s, wait_s=wait_s) <= longer),
    )


def _bisected(seats: Ints, highest: Floats, holds: Callable[[Floats], NDArray[np.bool_]]) -> Floats:
    """Give the highest load up to `highest` for which `holds`, which is true from 0 on."""
    low, high = np.zeros(seats.shape), np.asarray(highest, dtype=np.float64).copy()
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        is_so = holds(middle)
        low, high = np.where(is_so, middle, low), np.where(is_so, high, middle)
        if np.all((low == high) | (np.nextafter(low, high) == high)):
            break
    return low


def _powers(ratio: Floats, n: Floats) -> Floats:
    """Give r + … + r^n, divided by r^n where r > 1."""
    near = np.abs(ratio - 1.0) < 1e-6
    safe = np.where(near, 0.5, ratio)
    small = np.where(safe < 1, safe, 0.5)
    large = np.where(safe > 1, safe, 2.0)
    below = small * (1.0 - small**n) / (1.0 - small)
    above = -np.expm1(-n * np.log(large)) * large / (large - 1.0)
    # Near 1 the sum is n + e n (n + 1) / 2 with r = 1 + e, divided by r^n when e > 0.
    e = ratio - 1.0
    flat = n + e * n * (n + 1.0) / 2.0
    flat = np.where(e > 0, flat * np.exp(-n * np.log1p(np.maximum(e, 0.0))), flat)
    return np.where(near, flat, np.where(ratio > 1, above, below))


def _by_rows(load: Floats, seats: Ints, *, waits: bool) -> Floats:
    """Give B or C in the shape that both broadcast to; a row of loads may share its seats."""
    shape = np.broadcast_shapes(load.shape, seats.shape)
    if len(shape) == 2 and seats.shape == (shape[0], 1):
        rows, servers = np.broadcast_to(load, shape), seats[:, 0]
    else:
        rows = np.broadcast_to(load, shape).reshape(-1, 1)
        servers = np.broadcast_to(seats, shape).reshape(-1)
    kernel_rows, kernel_seats = np.ascontiguousarray(rows), np.ascontiguousarray(servers)
    return np.asarray(_shares(kernel_rows, kernel_seats, waits)).reshape(shape)


@njit(cache=True, nogil=True)
def _shares(load: Floats, seats: Ints, waits: bool) -> Floats:
    """Give B, or C, for rows of loads that share their seats; the inner loops run in SIMD."""
    n, m = load.shape
    shares = np.empty((n, m))
    for i in range(n):
        row = shares[i]
        scale = np.empty(m)
        inverse = np.ones(m)
        for k in range(m):
            scale[k] = 1.0 / load[i, k] if load[i, k] > 0 else np.inf
        for c in range(1, seats[i] + 1):
            for k in range(m):
                inverse[k] = 1.0 + inverse[k] * (c * scale[k])
        c = seats[i]
        for k in range(m):
            a = load[i, k]
            if not waits:
                row[k] = 1.0 / inverse[k]
            elif a < c:
                # B / (1 - ρ (1 - B)) times c/B on both sides: no cancellation near ρ = 1.
                row[k] = c / ((c - a) * inverse[k] + a)
            else:
                row[k] = 1.0
    return shares


@njit(cache=True, nogil=True)
def _followed(target: Floats, level: Floats, keep: float) -> Floats:
    """Follow rows of loads through steps towards their targets; give the highest in each step."""
    n, m = target.shape
    highest = np.empty((n, m))
    for i in range(n):
        now = level[i]
        for k in range(m):
            after = target[i, k] + (now - target[i, k]) * keep
            highest[i, k] = max(now, after)
            now = after
    return highest


@njit(cache=True, nogil=True)
def _fewest_loss(load: Floats, most_lost: float, limit: int) -> Ints:
    seats = np.empty(load.size, np.int64)
    for i in range(load.size):
        inverse, c = 1.0, 0
        scale = 1.0 / load[i] if load[i] > 0 else np.inf
        while 1.0 / inverse > most_lost and c <= limit:
            c += 1
            inverse = 1.0 + inverse * (c * scale)
        seats[i] = c if load[i] > 0 else 0
    return seats


@njit(cache=True, nogil=True)
def _fewest_wait(load: Floats, allowed: float, longer: float, limit: int) -> Ints:
    seats = np.empty(load.size, np.int64)
    for i in range(load.size):
        a = load[i]
        inverse, c = 1.0, 0
        waits = 1.0
        scale = 1.0 / a if a > 0 else np.inf
        while a > 0 and waits > longer and c <= limit:
            c += 1
            inverse = 1.0 + inverse * (c * scale)
            if a < c:
                waits = c / ((c - a) * inverse + a) * np.exp(-(c - a) * allowed)
        seats[i] = c
    return seats


def _within_reason(seats: Ints) -> Ints:
    if np.any(seats > MOST_SEATS):
        raise InvalidInputError(
            "more than {most} seats would be needed; check the arrivals and the stay",
            most=MOST_SEATS,
        )
    return seats


def _loads(load: ArrayLike) -> Floats:
    a = np.asarray(load, dtype=np.float64)
    if not np.all(np.isfinite(a) & (a >= 0)):
        raise InvalidInputError("a load or arrival rate is not a number of 0 or more; correct it")
    return a


def _whole(seats: ArrayLike) -> Ints:
    given = np.asarray(seats, dtype=np.float64)
    if not np.all((given >= 0) & (given <= MOST_SEATS) & (given == np.floor(given))):
        raise InvalidInputError(
            "seats must be whole numbers from 0 to {most}; correct them", most=MOST_SEATS
        )
    return given.astype(np.int64)


def _stays(stay_s: ArrayLike) -> Floats:
    stay = np.asarray(stay_s, dtype=np.float64)
    if not np.all(np.isfinite(stay) & (stay > 0)):
        raise InvalidInputError("a stay must be a number of seconds above 0; correct it")
    return stay


def _check_wait(wait_s: float) -> None:
    if not (np.isfinite(wait_s) and wait_s >= 0):
        raise InvalidInputError("a wait must be a number of seconds of 0 or more; correct it")


def _check_share(share: float, what: str) -> None:
    if not 0 < share <= 1:
        raise InvalidInputError(
            "{what} is {share}; give a share above 0 and at most 1", what=what, share=f"{share:g}"
        )

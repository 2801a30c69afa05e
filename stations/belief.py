"""What is not seen: does the station serve, is it shut these days, are its hours right here?

Three chains of two states each, for one station and one part of the week::

    gone    g:  serving  ⇄ stopped       rates λ = -ln(1 - stop share), μ = -ln(1 - return share)
    shut    s:  as usual ⇄ shut for days rates σ = shut_per_day,       δ = 1 / shut_days
    wrong   w:  right    ⇄ wrong         rests at the prior chance ω of the moment asked about and
                                         returns to it with the time constant hours_memory_days

A chain with rates a (into its second state) and b (out of it) rests at ``a / (a + b)`` and keeps
``exp(-(a + b) t)`` of what is known about it after the time t. The chains do not touch each other
between reports; a report ties them together, so the belief is a table p[g, s, w] of eight numbers.

A report about another moment of the week, ``r`` alike (`stations.posted.likeness`), whose own prior
chance of wrong hours is ω', found wrong hours with the chance

    ω'(w) = r [w = wrong] + (1 - r) ω'

and an open door with the chance

    o(g, s, w) = [serving] [as usual] (1 - ω'(w) where posted open, ω'(w) where posted closed).

A word that is true with the chance m in a state has the likelihood ``(m + (1 - m) / voice)^weight``
there: m = o for "open" and "broken" (who saw that was inside), 1 - o for "locked", [stopped] for
"moved", and for "wrong_hours" ω' where it serves and 1/2 where it has stopped. Within a burst the
logarithms of the likelihoods add up; the sum is then shrunk until its largest and smallest differ
by no more than ``ln(burst)``. Bayes' rule can then move the chance of anything by at most

    (√L - 1) / (√L + 1) = tanh(ln(L) / 4),    L = burst,

reached from ``1 / (1 + √L)`` or its complement: that, and no more, is what any number of forged
reports can do in one burst.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from geodata.reports import Report
from stations.assumptions import DAYS_PER_YEAR, Assumptions
from stations.posted import Posted, likeness
from stations.voices import YES, Burst

Table = NDArray[np.float64]
"""Shape (2, 2, 2): chance of each state; axes gone, shut, wrong."""

_DAY_S = 86_400.0


def belief(
    found: Sequence[Burst],
    moment: datetime,
    *,
    known_since: datetime,
    asked: Posted,
    said_then: Callable[[Report], Posted],
    assumed: Assumptions,
) -> Table:
    """Give the chance of each hidden state at a moment.

    Parameters
    ----------
    found
        Bursts of heard reports, oldest first, none before `known_since` or after `moment`.
    known_since
        When it was known that the station serves.
    asked
        What the register says about `moment`.
    said_then
        Gives what the register says about the moment of a report.
    """
    chance = _known(asked)
    now = known_since
    for burst in found:
        chance = _later(chance, burst.moment - now, asked, assumed)
        chance = chance * np.exp(_log_likelihood(burst, asked, said_then, assumed))
        chance /= chance.sum()
        now = burst.moment
    return _later(chance, moment - now, asked, assumed)


def chance_open(chance: Table, asked: Posted) -> float:
    """Give the chance that the door is open at the moment asked about."""
    return float((chance * _open(asked.is_open, np.array([0.0, 1.0]))).sum())


def _known(asked: Posted) -> Table:
    """Give the belief of somebody who has just seen the station serve."""
    chance = np.zeros((2, 2, 2))
    chance[0, 0] = 1 - asked.wrong, asked.wrong
    return chance


def _later(chance: Table, time: timedelta, asked: Posted, assumed: Assumptions) -> Table:
    days = time.total_seconds() / _DAY_S
    gone = _step(
        days,
        -math.log1p(-assumed.stop_share_per_year) / DAYS_PER_YEAR,
        -math.log1p(-assumed.return_share_per_year) / DAYS_PER_YEAR,
    )
    shut = _step(days, assumed.shut_per_day, 1 / assumed.shut_days)
    pull = 1 / assumed.hours_memory_days
    wrong = _step(days, pull * asked.wrong, pull * (1 - asked.wrong))
    later: Table = np.einsum("gsw,gG,sS,wW->GSW", chance, gone, shut, wrong)
    return later


def _step(days: float, into: float, out: float) -> Table:
    """Give a chain's transition over some days, shape (2, 2), from row to column."""
    rest = into / (into + out)
    kept = math.exp(-(into + out) * days)
    return kept * np.eye(2) + (1 - kept) * np.array([1 - rest, rest])


def _log_likelihood(
    burst: Burst, asked: Posted, said_then: Callable[[Report], Posted], assumed: Assumptions
) -> Table:
    total = np.zeros((2, 2, 2))
    for report in burst.reports:
        true = _truth(report.kind, said_then(report), asked, assumed)
        if true is not None:
            voice = assumed.voice_yes if report.kind in YES else assumed.voice_no
            weight = assumed.weight[report.nearness]
            total += weight * np.log(true + (1 - true) / voice)
    spread = float(np.ptp(total))
    most = math.log(assumed.burst)
    return total * (most / spread) if spread > most else total


def _truth(kind: str, then: Posted, asked: Posted, assumed: Assumptions) -> Table | None:
    """Give the chance that a word is true in each state; None for words about something else."""
    alike = likeness(then, asked, assumed)
    wrong = alike * np.array([0.0, 1.0]) + (1 - alike) * then.wrong
    serving = np.array([1.0, 0.0])[:, None, None]
    is_open = _open(then.is_open, wrong)
    if kind in YES:
        return is_open
    if kind == "locked":
        return 1 - is_open
    if kind == "moved":
        return np.broadcast_to(1 - serving, (2, 2, 2))
    if kind == "wrong_hours":
        return serving * wrong + (1 - serving) / 2 + np.zeros((2, 2, 2))
    return None


def _open(is_posted_open: bool, wrong: NDArray[np.float64]) -> Table:
    """Give the chance of an open door in each state, `wrong` by the state of the hours."""
    usual = np.outer([1.0, 0.0], [1.0, 0.0])[:, :, None]
    return usual * ((1 - wrong) if is_posted_open else wrong)

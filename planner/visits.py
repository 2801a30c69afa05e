"""How many people come to each station, in each hour of the week.

A chain of plain factors, none of which was measured in Henan; each stands in `VisitModel` with
where it comes from, and is to be replaced by counts (`planner.calibration`):

1. Workers of a group make ``visits_per_day`` visits each, if a station were at their feet.
2. The visits of a group fall on the hours of the day as in ``hour_shares``, and on places as its
   people are there then: visits of row r in hour h are
   ``people_r · presence_r(h) · visits_per_day · hour_share(h) / mean presence of the group(h)``.
   So a group's visits add up, whatever its rhythm; in an hour when none of it is out, none is made.
3. With the nearest open station t away, the share ``2^(-t / half_s)`` goes (distance decay).
4. They spread over the open stations in reach in proportion to the same weight (Huff 1963).
5. They stay as long as they came for: ``purposes``.

Who finds no station open in reach does not visit; those visits are given back as lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError
from geodata.records import GROUPS, HOURS_PER_WEEK
from planner.demand import Demand
from planner.reach import Reach

Floats = NDArray[np.float64]
Basis = Literal["assumed", "counted", "measured"]

_BLOCKS_H = (0, 5, 8, 11, 14, 17, 21, 24)
_BLOCK_PERCENT = {
    "rider": (6, 3, 12, 9, 45, 9, 16),
    "courier": (1, 4, 12, 28, 27, 20, 8),
    "cleaner": (3, 25, 20, 30, 15, 6, 1),
    "driver": (12, 6, 14, 22, 18, 13, 15),
}
"""Share of a group's visits in each block of the day, in per cent. Riders come in the lull of the
afternoon (14:00-17:00 named by reports from six cities), cleaners early and at noon."""


def assumed_hour_shares() -> dict[str, Floats]:
    """Give the assumed shares of the 24 hours for each group; even within a block of hours."""
    lengths = np.diff(_BLOCKS_H)
    return {g: np.repeat(np.array(p) / 100.0 / lengths, lengths) for g, p in _BLOCK_PERCENT.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What people come for: a share of the visits, and how long these last."""

    name: str
    share: float
    stay_s: float


PURPOSES = (
    Purpose(name="quick", share=0.5, stay_s=7 * 60.0),
    Purpose(name="rest", share=0.3, stay_s=30 * 60.0),
    Purpose(name="meal", share=0.2, stay_s=30 * 60.0),
)
"""Water or toilet; rest or charging; a meal. Nobody has measured how long people stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitModel:
    """The factors of the chain; see the module.

    Attributes
    ----------
    visits_per_day
        Visits of a worker on a day at work, by group. With 0.15 the sample city's stations have
        4 visits a day each, as Henan reports of its own; a door count in Guangzhou had 2.6.
    hour_shares
        Shape (24,) by group: shares of the visits of a day, which add up to 1.
    half_s
        Journey after which half as many go, in seconds.
    purposes
        What they come for; the shares add up to 1.
    basis
        ``assumed`` until counts have replaced the factors.

    Raises
    ------
    InvalidInputError
        When a factor is out of range or shares do not add up to 1.
    """

    visits_per_day: Mapping[str, float] = field(default_factory=lambda: dict.fromkeys(GROUPS, 0.15))
    hour_shares: Mapping[str, Floats] = field(default_factory=assumed_hour_shares)
    half_s: float = 300.0
    purposes: tuple[Purpose, ...] = PURPOSES
    basis: Basis = "assumed"

    def __post_init__(self) -> None:
        _check(all(np.isfinite(v) and v >= 0 for v in self.visits_per_day.values()), "visits a day")
        for shares in self.hour_shares.values():
            sound = np.shape(shares) == (24,) and np.all(np.asarray(shares) >= 0)
            _check(bool(sound) and abs(float(np.sum(shares)) - 1) < 1e-9, "shares of the hours")
        _check(np.isfinite(self.half_s) and self.half_s > 0, "journey that halves the visits")
        _check(all(p.share >= 0 and p.stay_s > 0 for p in self.purposes), "purposes")
        _check(abs(sum(p.share for p in self.purposes) - 1) < 1e-9, "shares of the purposes")

    @property
    def stay_s(self) -> float:
        """Mean stay in seconds."""
        return sum(p.share * p.stay_s for p in self.purposes)

    def of_group(self, group: str) -> tuple[float, Floats]:
        """Give visits a day and shares of the hours; of ``all`` the mean over the groups."""
        known = [group] if group in self.visits_per_day else list(self.visits_per_day)
        per_day = float(np.mean([self.visits_per_day[g] for g in known]))
        return per_day, np.mean([self.hour_shares[g] for g in known], axis=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Visits:
    """Visits in a week.

    Attributes
    ----------
    per_hour
        Shape (n_stations, 168): visits to each station in each hour of the week.
    wanted_per_hour
        Shape (168,): visits that would be made if every place had an open station at its door.
    unserved_per_hour
        Shape (168,): those of them made by people with no open station in reach.
    """

    per_hour: Floats
    wanted_per_hour: Floats
    unserved_per_hour: Floats


def wanted(demand: Demand, model: VisitModel) -> Floats:
    """Give the visits that people would make with a station at their feet.

    Parameters
    ----------
    demand
        People by place, group and hour.
    model
        The factors.

    Returns
    -------
    ndarray
        Shape (n_places, 168): visits in each hour of the week.
    """
    found = np.zeros((len(demand.places), HOURS_PER_WEEK))
    for group in dict.fromkeys(demand.group.tolist()):
        rows = np.flatnonzero(demand.group == group)
        people, presence = demand.people[rows], demand.presence[rows].astype(np.float64)
        per_day, shares = model.of_group(str(group))
        there = people @ presence
        rate = np.divide(
            per_day * np.tile(shares, 7) * people.sum(),
            there,
            out=np.zeros_like(there),
            where=there > 0,
        )
        np.add.at(found, demand.place[rows], people[:, None] * presence * rate)
    return found


def visits(
    wanted_per_hour: Floats, reach: Reach, is_open: NDArray[np.bool_], model: VisitModel
) -> Visits:
    """Spread visits over the open stations in reach.

    Parameters
    ----------
    wanted_per_hour
        Shape (n_places, 168), from `wanted`.
    reach
        Places × stations with travel times.
    is_open
        Shape (n_stations, 168): whether the door is open in each hour.
    model
        The factors.

    Raises
    ------
    InvalidInputError
        When the shapes do not agree.
    """
    n_places, n_stations = reach.travel_s.shape
    if wanted_per_hour.shape[0] != n_places or is_open.shape != (n_stations, HOURS_PER_WEEK):
        raise InvalidInputError(
            "visits of {n} places and hours of {m} stations do not fit the reach; "
            "measure them for the same city",
            n=wanted_per_hour.shape[0],
            m=is_open.shape[0],
        )
    weight = reach.travel_s.copy()
    weight.data = np.exp2(-weight.data / model.half_s)
    by_station = weight.T.tocsr()
    per_hour = np.zeros((n_stations, HOURS_PER_WEEK))
    unserved = np.zeros(HOURS_PER_WEEK)
    # Hours in which the same doors are open are one question.
    patterns, slot = np.unique(is_open, axis=1, return_inverse=True)
    for k in range(patterns.shape[1]):
        hours = np.flatnonzero(slot.reshape(-1) == k)
        doors = patterns[:, k].astype(np.float64)
        pull = weight @ doors
        nearest = _largest(weight, doors)
        share = np.divide(nearest, pull, out=np.zeros_like(pull), where=pull > 0)
        asked = wanted_per_hour[:, hours]
        per_hour[:, hours] = doors[:, None] * (by_station @ (share[:, None] * asked))
        unserved[hours] = asked[pull == 0].sum(axis=0)
    return Visits(
        per_hour=per_hour,
        wanted_per_hour=wanted_per_hour.sum(axis=0),
        unserved_per_hour=unserved,
    )


def _largest(weight: csr_array, doors: Floats) -> Floats:
    """Give the weight of the nearest open station of each place, 0 where there is none."""
    open_weight = np.append(weight.data * doors[weight.indices], 0.0)
    starts = weight.indptr[:-1]
    largest = np.maximum.reduceat(open_weight, starts) if len(starts) else np.zeros(0)
    return np.where(np.diff(weight.indptr) > 0, largest, 0.0)


def _check(is_sound: bool, what: str) -> None:
    if not is_sound:
        raise InvalidInputError(
            "the visit model's {what} are not possible; shares add up to 1, times are above 0",
            what=what,
        )

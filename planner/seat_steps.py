"""How large: seats in steps, and the people each step is enough for by the queue.

A station of s seats keeps its promise (at most a share finds no seat, or waits too long) up to a
load A(s), the inverse of Erlang's formulas (`planner.queues.load_for_loss`, `load_for_wait`). A
person of the demand brings the load a in the busiest hour, by the visit model; so s seats are
enough for A(s) / a people. A(s) grows faster than s: one large room serves more than two small
ones with as many seats. A place may therefore be bought in several steps, each with its own
capacity and price, and the capacitated model (`planner.models.capacitated`) chooses; a plan with
two steps at one place is a station with both, which carries no less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from geodata.errors import InvalidInputError
from geodata.records import HOURS_PER_WEEK
from planner.capacity import Promise, loads
from planner.demand import Demand
from planner.visits import VisitModel, wanted

MOST_STEPS = 6
"""More steps at every place make the question large and the answer no better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRule:
    """What decides how many people a number of seats is enough for. An assumption.

    Attributes
    ----------
    promise
        What a worker who comes may count on.
    model
        How often people come and how long they stay.
    """

    promise: Promise
    model: VisitModel


def load_per_person(demand: Demand, model: VisitModel) -> float:
    """Give the load that one person of the demand brings in the busiest hour, in erlangs.

    All people are taken to be the city's mix of groups, and to find a station at their feet: more
    would not come.

    Raises
    ------
    InvalidInputError
        When nobody comes at any hour.
    """
    people = float(demand.people.sum())
    each = wanted(demand, model).sum(axis=0) / max(people, 1e-300)
    busiest = float(loads(each.reshape(1, HOURS_PER_WEEK), model).max())
    if not (people > 0 and busiest > 0):
        raise InvalidInputError("nobody comes at any hour; give people and visits above 0")
    return busiest


def people_for_seats(seats: ArrayLike, rule: SeatRule, demand: Demand) -> NDArray[np.float64]:
    """Give the most people for whom seats keep the promise.

    Parameters
    ----------
    seats
        Shape (n,): whole numbers of 0 or more.
    rule, demand
        What is promised to whom.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    carried = rule.promise.load(np.asarray(seats, np.int64), stay_s=rule.model.stay_s)
    return np.asarray(carried / load_per_person(demand, rule.model), np.float64)


def in_steps(
    candidates: gpd.GeoDataFrame, steps: Sequence[int], *, with_seats: int, seat_cny: float
) -> gpd.GeoDataFrame:
    """Offer each candidate in several sizes.

    Parameters
    ----------
    candidates
        Candidates frame (`planner.candidates`); its cost is that of a station `with_seats`.
    steps
        Numbers of seats, 1 or more, each once.
    seat_cny
        One seat more than that; fewer save nothing that anybody has measured.

    Returns
    -------
    GeoDataFrame
        A row for each candidate and step, with ``seats`` and its own ``cost_cny``; a candidate's
        rows have its id and follow each other.

    Raises
    ------
    InvalidInputError
        When the steps are no such numbers.
    """
    if not 1 <= len(steps) <= MOST_STEPS or len(set(steps)) < len(steps) or min(steps) < 1:
        raise InvalidInputError(
            "the steps of seats must be 1 to {most} different numbers of 1 or more, "
            "such as 6,10,16",
            most=MOST_STEPS,
        )
    found = candidates.loc[candidates.index.repeat(len(steps))].reset_index(drop=True)
    found["seats"] = pd.Series(np.tile(np.sort(steps), len(candidates)), dtype=np.int64)
    found["cost_cny"] += seat_cny * np.maximum(found["seats"] - with_seats, 0)
    return found

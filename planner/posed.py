"""A question to a city, posed as a siting problem.

Facilities are the candidates, then the stations in service. A plain maximal covering question, in
which every station stays, is posed without stations, to the people whom none of them reaches: its
objective and bound then count people gained, and the gap is not flattered by people who are served
already. Travel is in minutes.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.errors import InvalidInputError, NotFoundError
from planner.floors import floors_of, of_part
from planner.problem import AreaFloors, Rules, SitingProblem
from planner.question import Question, Unit
from planner.reach import Reach
from planner.seat_steps import people_for_seats
from planner.setting import LONGEST_S, Setting

_SPARE_S = 1.0
"""More than the rounding of a journey."""


@dataclass(frozen=True, slots=True, eq=False)
class Posed:
    """A siting problem, and what is needed to speak of it in the city's terms.

    Attributes
    ----------
    problem
        Its first `n_candidates` facilities are the candidates, the others the stations in service.
    n_candidates
        How many candidates there are.
    unit
        What the objective counts.
    may_serve
        Points of the candidates and stations that may be in a plan.
    is_near
        Shape (n_places,): whether one of those is within the standard.
    has_way
        Shape (n_places,): whether one of those can be travelled to at all; None for the covering
        models.
    left_out_people
        People who are left out of the problem because nothing can serve them.
    floors
        Floors as shares of all people of the areas, or None.
    """

    problem: SitingProblem
    n_candidates: int
    unit: Unit
    may_serve: gpd.GeoSeries
    is_near: NDArray[np.bool_]
    has_way: NDArray[np.bool_] | None
    left_out_people: float
    floors: AreaFloors | None


@dataclass(frozen=True, slots=True, eq=False)
class _Facilities:
    """Candidates and stations as columns, and the rules on them."""

    points: gpd.GeoSeries
    is_open: NDArray[np.bool_]
    is_required: NDArray[np.bool_]
    is_forbidden: NDArray[np.bool_]
    cost_cny: NDArray[np.float64]
    capacity_people: NDArray[np.float64]

    def part(self, kept: NDArray[np.bool_]) -> _Facilities:
        """Give some of the columns."""
        return _Facilities(
            _some(self.points, kept),
            self.is_open[kept],
            self.is_required[kept],
            self.is_forbidden[kept],
            self.cost_cny[kept],
            self.capacity_people[kept],
        )


def pose(
    setting: Setting,
    candidates: gpd.GeoDataFrame,
    question: Question,
    *,
    seats: int,
    covered: NDArray[np.bool_],
) -> Posed:
    """Pose a question to a city.

    Parameters
    ----------
    setting
        The city, the mode and the standard.
    candidates
        Candidates frame (`planner.candidates`).
    question
        What is asked.
    seats
        Seats of a new station where the candidates have none of their own, and of stations whose
        seats nobody recorded.
    covered
        Shape (n_places,): whether a station in service is within the standard.

    Raises
    ------
    InvalidInputError
        When the rules cannot be applied to this city.
    NotFoundError
        When an id or an area of the question does not exist.
    """
    everything = _facilities(setting, candidates, question, seats)
    counts_gain = (
        question.model == "mclp"
        and not question.may_close
        and not (everything.is_open & everything.is_forbidden).any()
    )
    facilities = everything.part(~everything.is_open) if counts_gain else everything
    is_allowed = ~facilities.is_forbidden
    reach = setting.within(_limit_s(setting, question, everything)).reach(facilities.points)
    near = reach.within(setting.standard_s).matrix()
    is_near = _reached(near, is_allowed)
    people = setting.demand.people_by_place()
    is_travel = question.model in ("pmedian", "pcenter")
    has_way = _reached(reach.matrix(), is_allowed) if is_travel else None
    served = covered if counts_gain else np.zeros(len(people), bool)
    is_near |= served
    is_left_out = _left_out(question, people, is_near if has_way is None else has_way)
    counts = ~served & ~is_left_out
    floors = floors_of(setting, question)
    asked_floors = None
    if floors is not None:
        asked_floors = of_part(floors, people, counts=counts, served=served)
    unit, by_cost = _unit(question, facilities, counts_gain=counts_gain)
    rules: Rules = {
        "n_sites": question.n_sites,
        "budget_cny": question.budget_cny,
        "cost_cny": facilities.cost_cny if by_cost else None,
        "is_open": facilities.is_open,
        "is_required": facilities.is_required,
        "is_forbidden": facilities.is_forbidden,
        "may_close": question.may_close,
        "floors": asked_floors,
    }
    return Posed(
        problem=_problem(
            question, facilities, reach if is_travel else near, np.where(counts, people, 0), rules
        ),
        n_candidates=len(candidates),
        unit=unit,
        may_serve=_some(everything.points, ~everything.is_forbidden),
        is_near=is_near,
        has_way=has_way,
        left_out_people=float(people[is_left_out].sum()),
        floors=floors,
    )


def _problem(
    question: Question,
    facilities: _Facilities,
    found: Reach | csr_array,
    people: NDArray[np.float64],
    rules: Rules,
) -> SitingProblem:
    """Ask the model; travel counts in minutes."""
    if isinstance(found, Reach):
        seconds = found.travel_s
        # In whole milliseconds, in which all journeys are compared with a standard.
        minutes = csr_array(
            (np.rint(seconds.data * 1000) / 60_000, seconds.indices, seconds.indptr),
            shape=seconds.shape,
        )
        if question.model == "pmedian":
            return SitingProblem.pmedian(minutes, people, **rules)
        return SitingProblem.pcenter(minutes, people, **rules)
    if question.model == "capacitated":
        capacity = facilities.capacity_people
        return SitingProblem.capacitated(found, people, capacity_people=capacity, **rules)
    if question.model == "pscp":
        return SitingProblem.pscp(found, people, share=question.share or 0.0, **rules)
    if question.model == "lscp":
        return SitingProblem.lscp(found, people, **rules)
    return SitingProblem.mclp(found, people, **rules)


def _facilities(
    setting: Setting, candidates: gpd.GeoDataFrame, question: Question, seats: int
) -> _Facilities:
    stations = setting.in_service()
    points = pd.concat([candidates.geometry, stations.geometry], ignore_index=True)
    ids = [str(i) for i in [*candidates["id"], *stations["id"]]]
    n_new, n_all = len(candidates), len(ids)
    known = stations["seats"].to_numpy(dtype=np.float64)
    recorded = np.where(known >= 0, known, float(seats))
    offered = np.full(n_new, float(seats))
    if "seats" in candidates.columns:
        offered = candidates["seats"].to_numpy(dtype=np.float64)
    return _Facilities(
        points=gpd.GeoSeries(points, crs="EPSG:4326"),
        is_open=np.arange(n_all) >= n_new,
        is_required=_named(question.required, ids),
        is_forbidden=_named(question.forbidden, ids),
        cost_cny=np.concatenate([candidates["cost_cny"].to_numpy(float), np.zeros(len(stations))]),
        capacity_people=_capacity(setting, question, np.concatenate([offered, recorded])),
    )


def _capacity(
    setting: Setting, question: Question, seats: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give the people for whom seats are enough."""
    if question.seat_rule is None:
        return seats * question.people_per_seat
    return people_for_seats(seats, question.seat_rule, setting.demand)


def _named(wanted: tuple[str, ...], ids: list[str]) -> NDArray[np.bool_]:
    """Find the facilities of these ids."""
    is_named = np.zeros(len(ids), bool)
    for name in wanted:
        found = [k for k, i in enumerate(ids) if i == name]
        if not found:
            raise NotFoundError(
                "no candidate and no station in service has the id {id!s}; a candidate is called by"
                " its H3 cell (resolution 9), or by the id of its host",
                id=name,
            )
        if len(found) > 1:
            raise InvalidInputError(
                "{n} candidates or stations have the id {id!s}; give each its own",
                n=len(found),
                id=name,
            )
        is_named[found[0]] = True
    return is_named


def _limit_s(setting: Setting, question: Question, facilities: _Facilities) -> float:
    """Give how far journeys are looked for.

    Where every station stays, nobody has to go farther than to the nearest one, so that longer
    journeys need not be known; else an hour is the longest.
    """
    if question.model not in ("pmedian", "pcenter"):
        return setting.standard_s
    is_open = facilities.is_open
    if question.may_close or (is_open & facilities.is_forbidden).any() or not is_open.any():
        return LONGEST_S
    stays = setting.within(LONGEST_S).reach(_some(facilities.points, is_open))
    farthest_s = nearest_s(stays)[setting.demand.people_by_place() > 0].max(initial=0.0)
    return float(min(LONGEST_S, max(farthest_s + _SPARE_S, setting.standard_s)))


def nearest_s(reach: Reach) -> NDArray[np.float64]:
    """Give the seconds from each place to the nearest facility; infinite where there is none."""
    nearest = np.full(reach.travel_s.shape[0], np.inf)
    rows = np.repeat(np.arange(len(nearest)), np.diff(reach.travel_s.indptr))
    np.minimum.at(nearest, rows, reach.travel_s.data)
    return nearest


def _some(points: gpd.GeoSeries, kept: NDArray[np.bool_]) -> gpd.GeoSeries:
    return gpd.GeoSeries(points.to_numpy()[kept], crs=points.crs)


def _reached(matrix: csr_array, is_allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(matrix.astype(np.int32) @ is_allowed.astype(np.int32)) > 0


def _left_out(
    question: Question, people: NDArray[np.float64], can_be_served: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Find the people whom a model that serves everybody has to leave out, if it may."""
    serves_all = question.model in ("lscp", "pmedian", "pcenter")
    return ~can_be_served & (people > 0) & (serves_all and question.leaves_out)


def _unit(question: Question, facilities: _Facilities, *, counts_gain: bool) -> tuple[Unit, bool]:
    """Say what the objective counts, and whether the problem knows costs."""
    if question.model in ("lscp", "pscp"):
        # Equal costs say no more than the number, and a station that exists costs nothing.
        prices = facilities.cost_cny[~facilities.is_open]
        is_dearer = len(prices) > 0 and prices.min() < prices.max() and not question.may_close
        if question.budget_cny is not None or is_dearer:
            return "cny", True
        return ("stations_in_all" if question.may_close else "new_stations"), False
    units: dict[str, Unit] = {"pmedian": "person_minutes", "pcenter": "minutes"}
    return units.get(question.model, "people_gained" if counts_gain else "people_served"), True

"""The siting question put to a city.

Where should the next stations open, and what does it change?
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import UnanswerableError
from planner.coverage import Coverage
from planner.plan import SitingPlan
from planner.posed import Posed, pose
from planner.question import Question, Unit
from planner.reach import Reach
from planner.servable import in_city_terms, refuse_unserved
from planner.setting import Setting
from planner.siting import Progress, solve
from planner.verify import verify


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStation:
    """What a suggested station is: assumptions of the plan, shown as such."""

    kind: str
    hours: str
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Suggestion:
    """Suggested sites, their proof, and coverage before and after.

    Attributes
    ----------
    plan
        The verified plan, of the problem that `planner.posed` makes of the question.
    question
        What was asked.
    unit
        What ``objective`` and ``bound`` of the plan count:

        - ``people_gained``: people without a station within the standard today who get one (mclp
          where every station stays);
        - ``people_served``: people with a station within the standard (mclp that closes stations),
          or with a place there (capacitated);
        - ``new_stations``, ``stations_in_all``: how many are needed (lscp, pscp);
        - ``cny``: cost of the new stations (lscp, pscp with a budget or with unlike costs);
        - ``person_minutes``: travel of all people to the nearest station (pmedian);
        - ``minutes``: the longest of these journeys (pcenter).
    sites
        Points in WGS 84: ``id``, ``name``, ``kind``, ``hours``, ``seats``, ``cost_cny``,
        ``gain_people``, ``share_after``, ``lon_deg``, ``lat_deg``. ``gain_people`` are the people
        whom a site brings within the standard after the stations that stay and the sites before it
        (mclp, lscp, pscp), to whom it is the nearest (pmedian, pcenter), or who get a place there
        (capacitated); the largest first. ``share_after`` is the share of all people with a station
        within the standard once the sites up to this one are open.
    closed
        Stations frame of those that the plan closes.
    assigned
        Rows ``place_id``, ``facility_id`` (of a site or a station) and ``minutes`` for each place
        with people: where people go (pmedian, pcenter); None for the other models.
    before, after
        Coverage with the stations in service, and with the plan carried out.
    n_candidates
        How many sites were to choose from.
    left_out_people
        People whom nothing can serve and who were left out, where the question allows that.
    n_unknown_seats
        Stations whose seats nobody recorded, taken to have those of a new one (capacitated).
    """

    plan: SitingPlan
    question: Question
    unit: Unit
    sites: gpd.GeoDataFrame
    closed: gpd.GeoDataFrame
    assigned: pd.DataFrame | None
    before: Coverage
    after: Coverage
    n_candidates: int
    left_out_people: float
    n_unknown_seats: int
    standard_s: float
    mode: str

    @property
    def cost_cny(self) -> float:
        """Cost of the new stations."""
        return float(self.sites["cost_cny"].sum())

    def to_dict(self) -> dict[str, Any]:
        """Give the suggestion as JSON-ready values (DESIGN §6)."""
        plan, assigned = self.plan, self.assigned
        columns = [c for c in self.sites.columns if c != "geometry"]
        found = plan.outcome != "no_solution"
        return {
            "outcome": plan.outcome,
            "reason": plan.reason,
            "objective": plan.objective if found else None,
            "bound": plan.bound if np.isfinite(plan.bound) else None,
            "gap": plan.gap,
            "seconds": plan.seconds,
            "model": plan.model,
            "unit": self.unit,
            "minutes": self.standard_s / 60,
            "mode": self.mode,
            "cost_cny": self.cost_cny,
            "n_candidates": self.n_candidates,
            "left_out_people": self.left_out_people,
            "share_before": self.before.share,
            "share_after": self.after.share,
            "is_straight_line": self.before.is_straight_line,
            "is_synthetic": self.before.is_synthetic,
            "sites": self.sites[columns].to_dict("records"),
            "closed": self.closed[["id", "name"]].to_dict("records"),
            "assigned": None if assigned is None else assigned.to_dict("records"),
        }


def suggest(
    setting: Setting,
    candidates: gpd.GeoDataFrame,
    new: NewStation,
    question: Question,
    *,
    time_limit_s: float = 60.0,
    random_state: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Suggestion:
    """Choose sites for new stations.

    Parameters
    ----------
    setting
        The city.
    candidates
        Candidates frame (`planner.candidates`); with ``seats`` where sizes are offered
        (`planner.seat_steps.in_steps`).
    new
        What each new station is.
    question
        The model and its rules.
    time_limit_s, random_state, on_progress
        As in `planner.siting.solve`; objective and bound are in the unit of the answer.

    Returns
    -------
    Suggestion
        Its plan has been re-checked by `planner.verify`.

    Raises
    ------
    InvalidInputError
        When nothing limits the plan, a number of sites is below 1, or rules contradict each other.
    NotFoundError
        When an id or an area of the question does not exist.
    UnanswerableError
        When no plan keeps the rules: names who cannot be served, and the smallest standard, number
        or budget that would do.
    """
    before = setting.coverage()
    posed = pose(setting, candidates, question, seats=new.seats, covered=before.covered)
    refuse_unserved(setting, question, posed)
    try:
        plan = solve(
            posed.problem,
            time_limit_s=time_limit_s,
            random_state=random_state,
            on_progress=on_progress,
        )
    except UnanswerableError as error:
        raise in_city_terms(error, setting) from error
    verify(posed.problem, plan)
    stations = setting.in_service()
    is_closed = np.isin(np.arange(len(stations)), plan.closed - posed.n_candidates)
    order = np.argsort(-plan.gains_people, kind="stable")
    chosen = candidates.iloc[plan.chosen[order]].reset_index(drop=True)
    kept = stations[~is_closed]
    found = setting.reach(
        gpd.GeoSeries(pd.concat([kept.geometry, chosen.geometry]), crs="EPSG:4326")
    )
    shares = _shares(found, len(kept), setting.demand.people_by_place())
    sites = _sites(chosen, plan.gains_people[order], shares, new)
    return Suggestion(
        plan=plan,
        question=question,
        unit=posed.unit,
        sites=sites,
        closed=stations[is_closed].reset_index(drop=True),
        assigned=_assigned(setting, [*candidates["id"], *stations["id"]], posed, plan),
        before=before,
        after=setting.measured(found, [*kept["hours"], *[new.hours] * len(sites)]),
        n_candidates=len(candidates),
        left_out_people=posed.left_out_people,
        n_unknown_seats=_n_unknown_seats(question, stations),
        standard_s=setting.standard_s,
        mode=setting.mode,
    )


def _sites(
    chosen: gpd.GeoDataFrame,
    gains: NDArray[np.float64],
    shares: NDArray[np.float64],
    new: NewStation,
) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "id": chosen["id"],
            "name": chosen["name"],
            "kind": new.kind,
            "hours": new.hours,
            "seats": chosen["seats"] if "seats" in chosen.columns else new.seats,
            "cost_cny": chosen["cost_cny"].astype(float),
            "gain_people": gains,
            "share_after": shares,
            "lon_deg": chosen.geometry.x.round(6),
            "lat_deg": chosen.geometry.y.round(6),
        },
        geometry=list(chosen.geometry),
        crs="EPSG:4326",
    )


def _shares(found: Reach, n_kept: int, people: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the share of people served by the stations kept and the first 1, 2, … sites."""
    pairs = found.matrix().tocoo()
    n_places, n_facilities = pairs.shape
    # The first facility of a place, in the order of opening, is the one that serves it first.
    first = np.full(n_places, n_facilities)
    np.minimum.at(first, pairs.row, np.maximum(pairs.col, n_kept - 1) if n_kept else pairs.col)
    served = np.bincount(first, weights=people, minlength=n_facilities + 1)[:n_facilities]
    return np.asarray(np.cumsum(served)[n_kept:] / people.sum(), dtype=np.float64)


def _assigned(
    setting: Setting, ids: list[object], posed: Posed, plan: SitingPlan
) -> pd.DataFrame | None:
    travel = posed.problem.travel
    if plan.assigned is None or travel is None:
        return None
    row = np.repeat(np.arange(travel.shape[0]), np.diff(travel.indptr))
    is_way = (travel.indices == plan.assigned[row]) & (posed.problem.people[row] > 0)
    return pd.DataFrame(
        {
            "place_id": [str(i) for i in setting.demand.places.index[row[is_way]]],
            "facility_id": [str(ids[j]) for j in travel.indices[is_way]],
            "minutes": travel.data[is_way].round(2),
        }
    )


def _n_unknown_seats(question: Question, stations: gpd.GeoDataFrame) -> int:
    return int(stations["seats"].isna().sum()) if question.model == "capacitated" else 0

"""The siting question put to a city.

Where should the next stations open, and what does it change?
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from planner.coverage import Coverage
from planner.plan import SitingPlan
from planner.setting import Setting
from planner.siting import SitingProblem, solve
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
        The verified plan; `objective` and `bound` count people who have no station within the
        standard today.
    sites
        Points in WGS 84 in the order of what each adds: ``id``, ``name``, ``kind``, ``hours``,
        ``seats``, ``cost_cny``, ``gain_people``, ``share_after``, ``lon_deg``, ``lat_deg``.
    before, after
        Coverage with the existing stations, and with the sites added.
    n_candidates
        How many sites were to choose from.
    """

    plan: SitingPlan
    sites: gpd.GeoDataFrame
    before: Coverage
    after: Coverage
    n_candidates: int
    standard_s: float
    mode: str

    def to_dict(self) -> dict[str, Any]:
        """Give the suggestion as JSON-ready values (DESIGN §6)."""
        plan = self.plan
        columns = [c for c in self.sites.columns if c != "geometry"]
        return {
            "outcome": plan.outcome,
            "reason": plan.reason,
            "objective": plan.objective,
            "bound": plan.bound,
            "gap": plan.gap,
            "seconds": plan.seconds,
            "model": plan.model,
            "minutes": self.standard_s / 60,
            "mode": self.mode,
            "cost_cny": plan.cost_cny,
            "n_candidates": self.n_candidates,
            "share_before": self.before.share,
            "share_after": self.after.share,
            "is_straight_line": self.before.is_straight_line,
            "is_synthetic": self.before.is_synthetic,
            "sites": self.sites[columns].to_dict("records"),
        }


def suggest(
    setting: Setting,
    candidates: gpd.GeoDataFrame,
    new: NewStation,
    *,
    n_sites: int | None = None,
    budget_cny: float | None = None,
    time_limit_s: float = 60.0,
    random_state: int = 0,
) -> Suggestion:
    """Choose the sites that bring most unserved people within the standard of a station.

    Parameters
    ----------
    setting
        The city.
    candidates
        Candidates frame (`planner.candidates`).
    new
        What each new station is.
    n_sites, budget_cny
        Most new sites, most money; at least one is needed.
    time_limit_s, random_state
        As in `planner.siting.solve`.

    Returns
    -------
    Suggestion
        Its plan has been re-checked by `planner.verify`.

    Raises
    ------
    InvalidInputError
        When nothing limits the plan, or the number of sites is below 1.
    UnanswerableError
        When the budget is below the cheapest site.
    """
    before = setting.coverage()
    people = np.where(before.covered, 0.0, setting.demand.people_by_place())
    found = setting.reach(candidates.geometry)
    problem = SitingProblem.mclp(
        found.matrix(),
        people,
        n_sites=n_sites,
        cost_cny=candidates["cost_cny"].to_numpy(),
        budget_cny=budget_cny,
    )
    plan = solve(problem, time_limit_s=time_limit_s, random_state=random_state)
    verify(problem, plan)
    sites = _sites(candidates, plan, new, before)
    return Suggestion(
        plan=plan,
        sites=sites,
        before=before,
        after=_after(setting, sites, new),
        n_candidates=len(candidates),
        standard_s=setting.standard_s,
        mode=setting.mode,
    )


def _sites(
    candidates: gpd.GeoDataFrame, plan: SitingPlan, new: NewStation, before: Coverage
) -> gpd.GeoDataFrame:
    chosen = candidates.iloc[plan.chosen].reset_index(drop=True)
    served = before.covered_people + np.cumsum(plan.gains_people)
    return gpd.GeoDataFrame(
        {
            "id": chosen["id"],
            "name": chosen["name"],
            "kind": new.kind,
            "hours": new.hours,
            "seats": new.seats,
            "cost_cny": chosen["cost_cny"].astype(float),
            "gain_people": plan.gains_people,
            "share_after": served / before.people,
            "lon_deg": chosen.geometry.x.round(6),
            "lat_deg": chosen.geometry.y.round(6),
        },
        geometry=list(chosen.geometry),
        crs="EPSG:4326",
    )


def _after(setting: Setting, sites: gpd.GeoDataFrame, new: NewStation) -> Coverage:
    stations = setting.in_service()
    geometry = pd.concat([stations.geometry, sites.geometry], ignore_index=True)
    found = setting.reach(gpd.GeoSeries(geometry, crs="EPSG:4326"))
    hours = [*stations["hours"], *[new.hours] * len(sites)]
    return setting.measured(found, hours)

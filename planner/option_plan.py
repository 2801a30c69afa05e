"""What hours, seats and money buy in a city: the plan in the words of `planner.options`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import UnanswerableError
from planner.option_question import Posed, covered, pose, within_open_doors, worthwhile
from planner.options import Prices, Rules, open_hours
from planner.setting import Setting
from planner.solve.options import OptionPlan, solve_options
from planner.solve.watch import Progress, Watch, watched

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TARGET_GAP = 0.01
"""A plan this near to the best possible is good enough: the numbers it rests on are not better."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptionAnswer:
    """A plan of options with its proof and its reasons.

    Attributes
    ----------
    plan
        The plan; its objective counts the people-hours gained over today.
    chosen
        One row for each chosen option, the most people-hours first: ``id`` and ``name`` of the
        place, ``action``, ``kind``, ``hours``, ``seats``, ``cost_cny``, ``gain_hours`` (people-
        hours a week lost if only this one is dropped), ``lon_deg``, ``lat_deg``.
    closed
        Ids of stations that are closed.
    before_hours, after_hours, all_hours
        Covered people-hours a week today and with the plan, and all there are.
    by_hour_before, by_hour_after
        Shape (168,): share of the people covered in each hour; NaN where nobody is out.
    cost_cny
        Money spent, less what closing sets free.
    next_10k_hours
        Most people-hours that 10,000 CNY more could add, by the multipliers of the bound.
    place_names
        Shape (n_places,): what the candidates, then the stations, are called.
    is_synthetic
        Whether any of it is invented.
    posed
        The question as numbers, for `planner.explain`.
    """

    plan: OptionPlan
    chosen: gpd.GeoDataFrame
    closed: tuple[str, ...]
    before_hours: float
    after_hours: float
    all_hours: float
    by_hour_before: Floats
    by_hour_after: Floats
    cost_cny: float
    next_10k_hours: float
    place_names: tuple[str, ...]
    is_synthetic: bool
    posed: Posed

    def to_dict(self) -> dict[str, Any]:
        """Give the answer as JSON-ready values (DESIGN §6); hours are people-hours a week."""
        plan = self.plan
        found = plan.outcome != "no_solution"
        shown = self.chosen.drop(columns=["geometry", "option"])
        sites = [
            row | {"seats": None if np.isnan(row["seats"]) else int(row["seats"])}
            for row in shown.to_dict("records")
        ]
        return {
            "outcome": plan.outcome,
            "reason": plan.reason,
            "objective": plan.objective if found else None,
            "bound": plan.bound if np.isfinite(plan.bound) else None,
            "gap": plan.gap,
            "seconds": plan.seconds,
            "model": "options",
            "unit": "people_hours",
            "cost_cny": self.cost_cny,
            "hours_before": self.before_hours,
            "hours_after": self.after_hours,
            "hours_in_all": self.all_hours,
            "worst_hour_before": _worst(self.by_hour_before),
            "worst_hour_after": _worst(self.by_hour_after),
            "is_synthetic": self.is_synthetic,
            "sites": sites,
            "closed": list(self.closed),
        }


def choose(
    setting: Setting,
    candidates: gpd.GeoDataFrame,
    prices: Prices,
    rules: Rules,
    *,
    time_limit_s: float = 60.0,
    random_state: int = 0,
    gap: float = TARGET_GAP,
    on_progress: Callable[[Progress], None] | None = None,
) -> OptionAnswer:
    """Choose what to open, extend, equip, close or move for a sum of money.

    Parameters
    ----------
    setting
        The city.
    candidates
        Candidates frame (`planner.candidates`).
    prices
        What can be bought.
    rules
        Budget, floors and weights.
    time_limit_s, random_state, on_progress
        As in `planner.siting.solve`.
    gap
        Gap at which the search may end.

    Raises
    ------
    UnanswerableError
        When the budget buys nothing, or no plan within it keeps the floors.
    """
    watch = Watch(time_limit_s, on_progress)
    candidates = worthwhile(setting, candidates) if _is_nested(prices) else candidates
    posed = pose(setting, candidates, prices, rules)
    _refuse_unaffordable(posed, rules)
    plan = watched(
        lambda: solve_options(posed.problem, watch, random_state=random_state, gap=gap), watch
    )
    return _answer(setting, candidates, posed, plan)


def _refuse_unaffordable(posed: Posed, rules: Rules) -> None:
    table = posed.options.table
    cost = table["cost_cny"].to_numpy(dtype=np.float64) - _own_saving(posed, table)
    cost = cost[(table["action"] != "keep").to_numpy()]
    if len(cost) and cost.min() > rules.budget_cny + posed.saved_cny:
        raise UnanswerableError(
            "{budget} CNY buys nothing: the cheapest that could be done costs {least} CNY",
            budget=f"{rules.budget_cny:,.0f}",
            least=f"{cost.min():,.0f}",
        )


def _is_nested(prices: Prices) -> bool:
    """Tell whether of any two hours on offer for new stations one holds the other."""
    hours = open_hours(sorted({h for kind in prices.kinds for h in kind.hours}))
    order = hours[np.argsort(hours.sum(axis=1))]
    return all((b >= a).all() for a, b in pairwise(order))


def _answer(
    setting: Setting, candidates: gpd.GeoDataFrame, posed: Posed, plan: OptionPlan
) -> OptionAnswer:
    stations = setting.in_service()
    today = within_open_doors(
        posed.reach.matrix()[:, len(candidates) :], open_hours(list(stations["hours"]))
    )
    after = covered(posed, plan.chosen) if plan.outcome != "no_solution" else today
    table = posed.options.table.iloc[plan.chosen]
    is_kept = (table["action"] == "keep").to_numpy()
    chosen = _described(candidates, stations, posed, plan, plan.chosen[~is_kept])
    total = posed.people.sum(axis=0)
    stays = set(table["site"])
    closed = [
        str(stations["id"].iloc[i])
        for i in range(len(stations))
        if posed.saved_cny and len(candidates) + i not in stays
    ]
    return OptionAnswer(
        plan=plan,
        chosen=chosen,
        closed=tuple(closed),
        before_hours=float((posed.people * today).sum()),
        after_hours=float((posed.people * after).sum() + table["extra"].sum()),
        all_hours=float(posed.people.sum()),
        by_hour_before=_share((posed.people * today).sum(axis=0), total),
        by_hour_after=_share((posed.people * after).sum(axis=0), total),
        cost_cny=float(table["cost_cny"].sum()) - posed.saved_cny,
        next_10k_hours=10_000.0 * plan.money_price,
        place_names=tuple(pd.concat([candidates["name"], stations["name"]]).astype(str)),
        is_synthetic=setting.is_synthetic,
        posed=posed,
    )


def _worst(share: Floats) -> dict[str, Any] | None:
    """Give the hour with the lowest share; None when nobody is out at any time."""
    if np.isnan(share).all():
        return None
    hour = int(np.nanargmin(share))
    return {"weekday": hour // 24, "hour": hour % 24, "share": float(share[hour])}


def _share(part: Floats, total: Floats) -> Floats:
    return np.asarray(np.divide(part, total, out=np.full(len(total), np.nan), where=total > 0))


def _described(
    candidates: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    posed: Posed,
    plan: OptionPlan,
    shown: Ints,
) -> gpd.GeoDataFrame:
    table = posed.options.table.iloc[shown]
    everywhere = pd.concat(
        [candidates[["id", "name", "geometry"]], stations[["id", "name", "geometry"]]],
        ignore_index=True,
    )
    at = everywhere.iloc[table["place"].to_numpy(np.int64)]
    owner = everywhere.iloc[table["site"].to_numpy(np.int64)]
    columns: dict[str, Any] = {
        "id": at["id"].to_numpy(),
        "name": at["name"].to_numpy(),
        "from_id": np.where(table["action"] == "move", owner["id"].to_numpy(), ""),
    }
    columns |= {c: table[c].to_numpy() for c in ("action", "kind", "hours", "seats")}
    columns["cost_cny"] = table["cost_cny"].to_numpy() - _own_saving(posed, table)
    columns["gain_hours"] = [lost_without(posed, plan.chosen, int(j)) for j in shown]
    columns["option"] = shown
    frame = gpd.GeoDataFrame(columns, geometry=list(at["geometry"]), crs="EPSG:4326")
    frame["lon_deg"], frame["lat_deg"] = frame.geometry.x, frame.geometry.y
    return frame.sort_values(["gain_hours", "id"], ascending=[False, True]).reset_index(drop=True)


def _own_saving(posed: Posed, table: pd.DataFrame) -> Floats:
    """Give the running cost that is in an option's price because keeping a station costs it too."""
    everything = posed.options.table
    kept = everything.loc[everything["action"] == "keep"].set_index("site")["cost_cny"]
    return np.where(table["action"] == "open", 0.0, table["site"].map(kept).fillna(0.0))


def lost_without(posed: Posed, chosen: Ints, option: int) -> float:
    """Give the people-hours a week that are lost when one chosen option is dropped.

    A station whose option is dropped stays as it is today.
    """
    rest = chosen[chosen != option]
    table = posed.options.table
    is_kept = (table["action"] == "keep") & (table["site"] == table["site"].iloc[option])
    rest = np.concatenate([rest, np.flatnonzero(is_kept)])
    return posed.problem.worth(chosen) - posed.problem.worth(np.unique(rest))

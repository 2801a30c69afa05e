"""The question of hours, seats and money put to a city, and its answer with the reasons.

From the city's tables to the programme and back: people-hours by place and slot of the week, rows
merged where the same options cover them, the plan in the words of `planner.options`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from geodata.areas import assign
from geodata.errors import UnanswerableError
from geodata.records import HOURS_PER_WEEK
from planner import capacity
from planner.models.domination import within_others
from planner.models.options import OptionProblem
from planner.options import Options, Prices, Rules, list_options, open_hours
from planner.reach import Reach
from planner.setting import Setting
from planner.slots import Slots, alike
from planner.solve.options import OptionPlan, solve_options
from planner.solve.watch import Progress, Watch, watched

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TARGET_GAP = 0.01
"""A plan this near to the best possible is good enough: the numbers it rests on are not better."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posed:
    """The question as numbers.

    Attributes
    ----------
    problem
        The programme's question; its rows are merged.
    options
        What could be done, in the order of the problem's options.
    reach
        Places × (candidates, then stations).
    slots
        Hours alike.
    people
        Shape (n_places, 168): weighted people by place and hour.
    fixed
        Shape (n_places, 168): people-hours covered by stations that the plan cannot take away.
    saved_cny
        Running costs that the budget was raised by, so that closing may set them free.
    """

    problem: OptionProblem
    options: Options
    reach: Reach
    slots: Slots
    people: Floats
    fixed: NDArray[np.bool_]
    saved_cny: float


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


def pose(setting: Setting, candidates: gpd.GeoDataFrame, prices: Prices, rules: Rules) -> Posed:
    """Make numbers of the question; parameters and errors as for `choose`."""
    stations = setting.in_service()
    points = gpd.GeoSeries(
        pd.concat([candidates.geometry, stations.geometry], ignore_index=True), crs="EPSG:4326"
    )
    reach = setting.reach(points)
    people = weighted_people(setting, rules)
    n = len(candidates)
    matrix = reach.matrix()
    lacking = _lacking(matrix, n, people)
    short, lost = _seats(setting, people) if len(stations) else (np.zeros(0, np.int64), np.zeros(0))
    options = list_options(
        candidates, stations, prices, may_close=rules.may_close, lacking=lacking,
        seats_short=short, hours_lost=lost,
    )  # fmt: skip
    now = open_hours(list(stations["hours"]))
    slots = alike(np.vstack([options.is_open, now]))
    fixed = np.zeros((len(people), HOURS_PER_WEEK), bool)
    if not rules.may_close:
        fixed = _covered(matrix[:, n:], now)
    saved = _running(stations, prices) if rules.may_close else 0.0
    problem = _problem(setting, matrix, options, slots, people, fixed, rules, saved)
    return Posed(
        problem=problem, options=options, reach=reach, slots=slots, people=people, fixed=fixed,
        saved_cny=saved,
    )  # fmt: skip


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


def worthwhile(setting: Setting, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out candidates from which another one, no dearer, reaches all the same people and more.

    The kinds and hours on offer are the same at all of them, so what could be done at the first can
    be done better at the other. (Hours must hold one another for that, as office hours lie within
    the day and the day within day and night; `choose` offers no others.)
    """
    reach = setting.reach(candidates.geometry).matrix()
    there = csr_array(reach[setting.demand.people_by_place() > 0])
    sets = csr_array(there.T)
    there.sort_indices()
    sets.sort_indices()
    price = candidates["cost_cny"].to_numpy(dtype=np.float64)
    rank = np.empty(len(price), np.int64)
    rank[np.lexsort((np.arange(len(price)), price))] = np.arange(len(price))
    is_out = within_others(sets, there, price, rank) | (np.diff(sets.indptr) == 0)
    kept: gpd.GeoDataFrame = candidates.loc[~is_out].reset_index(drop=True)
    return kept


def weighted_people(setting: Setting, rules: Rules) -> Floats:
    """Give people by place and hour of the week, weighted by group, shape (n_places, 168)."""
    demand = setting.demand
    weight = np.array([rules.group_weight.get(str(g), 1.0) for g in demand.group])
    found = np.zeros((len(demand.places), HOURS_PER_WEEK))
    np.add.at(found, demand.place, (demand.people * weight)[:, None] * demand.presence)
    return found


def covered(posed: Posed, chosen: Ints) -> NDArray[np.bool_]:
    """Give which place has an open door in which hour under a plan, shape (n_places, 168)."""
    table = posed.options.table
    places = table["place"].to_numpy(np.int64)[chosen]
    doors = posed.reach.matrix()[:, places]
    return posed.fixed | _covered(doors, posed.options.is_open[chosen])


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


def _covered(doors: csr_array, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(doors.astype(np.int32) @ is_open.astype(np.int32) > 0)


def _lacking(matrix: csr_array, n: int, people: Floats) -> Floats:
    has_none = np.diff(csr_array(matrix[:, n:]).indptr) == 0
    return np.asarray(matrix[:, :n].T.astype(np.float64) @ (people.sum(axis=1) * has_none))


def _running(stations: gpd.GeoDataFrame, prices: Prices) -> float:
    return float(sum(prices.running_cny.get(str(kind), 0.0) for kind in stations["kind"]))


def _seats(setting: Setting, people: Floats) -> tuple[Ints, Floats]:
    """Give the seats that stations lack, and people-hours that find none there."""
    found = capacity.measure(setting)
    rows = found.stations
    is_short = (rows["verdict"] == "overloaded").to_numpy()
    short = np.where(is_short, rows["seats_needed"] - rows["seats"].fillna(0), 0).astype(np.int64)
    wanted = found.visits.wanted_per_hour
    hours_each = np.divide(
        people.sum(axis=0), wanted, out=np.zeros(HOURS_PER_WEEK), where=wanted > 0
    )
    lost = np.nan_to_num(found.missed) * found.visits.per_hour * hours_each
    return short, np.where(is_short, lost.sum(axis=1), 0.0)


def _problem(
    setting: Setting,
    matrix: csr_array,
    options: Options,
    slots: Slots,
    people: Floats,
    fixed: NDArray[np.bool_],
    rules: Rules,
    saved: float,
) -> OptionProblem:
    """Make rows of places and slots, merge those that the same options cover, add the floors."""
    table = options.table
    doors = csc_array(matrix)[:, table["place"].to_numpy(np.int64)]
    is_open = slots.is_open[: len(table)]
    worth = slots.sums(people)
    is_fixed = fixed[:, _first_hours(slots)]
    place, slot = np.nonzero((worth > 0) & ~is_fixed)
    cover = _rows(doors, is_open, place, slot)
    counts = np.flatnonzero(np.diff(cover.indptr) > 0)
    place, slot, cover = place[counts], slot[counts], csr_array(cover[counts])
    label = _same(cover)
    first = np.unique(label, return_index=True)[1]
    n_rows = len(first)
    floor, least = _floors(setting, slots, people, fixed, rules, (place, slot, label, n_rows))
    return OptionProblem(
        cover=csr_array(cover[first]),
        weight=_summed(label, worth[place, slot], n_rows),
        extra=table["extra"].to_numpy(np.float64),
        site=table["site"].to_numpy(np.int64),
        also=table["also"].to_numpy(np.int64),
        cost_cny=table["cost_cny"].to_numpy(np.float64),
        budget_cny=rules.budget_cny + saved,
        floor=floor,
        floor_least=least,
    )


def _summed(label: Ints, values: Floats, n: int) -> Floats:
    return np.bincount(label, weights=values, minlength=n).astype(np.float64)


def _first_hours(slots: Slots) -> Ints:
    return np.unique(slots.of_hour, return_index=True)[1]


def _rows(doors: csc_array, is_open: NDArray[np.bool_], place: Ints, slot: Ints) -> csr_array:
    """Give which options cover which (place, slot), slot by slot."""
    by_row = csr_array(doors)
    parts, order = [], []
    for k in range(is_open.shape[1]):
        at = np.flatnonzero(slot == k)
        if len(at) == 0:
            continue
        rows = csr_array(by_row[place[at]])
        keep = is_open[rows.indices, k]
        before = np.concatenate([[0], np.cumsum(keep)])
        parts.append((keep.sum(), rows.indices[keep], before[rows.indptr]))
        order.append(at)
    if not parts:
        return csr_array((len(place), doors.shape[1]), dtype=np.int8)
    indices = np.concatenate([p[1] for p in parts])
    starts = np.cumsum([0, *[p[0] for p in parts]])[:-1]
    indptr = np.concatenate([[0], *[p[2][1:] + s for p, s in zip(parts, starts, strict=True)]])
    found = csr_array(
        (np.ones(len(indices), np.int8), indices, indptr), shape=(len(indptr) - 1, doors.shape[1])
    )
    back = np.empty(len(place), np.int64)
    back[np.concatenate(order)] = np.arange(len(place))
    return csr_array(found[back])


def _same(cover: csr_array) -> Ints:
    """Give rows a number by the set of options that cover them."""
    cover.sort_indices()
    seen: dict[bytes, int] = {}
    label = np.empty(cover.shape[0], np.int64)
    for r in range(cover.shape[0]):
        key = cover.indices[cover.indptr[r] : cover.indptr[r + 1]].tobytes()
        label[r] = seen.setdefault(key, len(seen))
    return label


def _floors(
    setting: Setting,
    slots: Slots,
    people: Floats,
    fixed: NDArray[np.bool_],
    rules: Rules,
    rows: tuple[Ints, Ints, Ints, int],
) -> tuple[csr_array, Floats]:
    """Give floors as sums of rows: people-hours of each area, people of each hour."""
    place, slot, label, n_rows = rows
    sums: list[Floats] = []
    least: list[float] = []
    worth = slots.sums(people)
    if rules.floor_share is not None and setting.areas is not None:
        area = assign(setting.demand.places, setting.areas).to_numpy(dtype=object)
        for key in setting.areas["id"]:
            inside = area == key
            row_worth = worth[place, slot] * inside[place]
            sums.append(_summed(label, row_worth, n_rows))
            there = people[inside]
            least.append(rules.floor_share * there.sum() - (there * fixed[inside]).sum())
    if rules.worst_hour_share is not None:
        total = people.sum(axis=0)
        for hour in np.flatnonzero(total > 0).tolist():
            in_slot = slot == slots.of_hour[hour]
            row_people = np.where(in_slot, people[place, hour], 0.0)
            sums.append(_summed(label, row_people, n_rows))
            had = float((people[:, hour] * fixed[:, hour]).sum())
            least.append(rules.worst_hour_share * float(total[hour]) - had)
    is_owed = np.flatnonzero(np.array(least, dtype=np.float64) > 0)
    matrix = csr_array(np.array(sums).reshape(-1, n_rows)[is_owed])
    return matrix, np.array(least, dtype=np.float64)[is_owed]


def _answer(
    setting: Setting, candidates: gpd.GeoDataFrame, posed: Posed, plan: OptionPlan
) -> OptionAnswer:
    stations = setting.in_service()
    today = _covered(
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

"""The question of hours, seats and money as numbers.

From the city's tables to the programme: people-hours by place and slot of the week, rows merged
where the same options cover them.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array

from geodata.areas import assign
from geodata.records import HOURS_PER_WEEK
from planner import capacity
from planner.models.domination import within_others
from planner.models.options import OptionProblem
from planner.options import Options, Prices, Rules, list_options, open_hours
from planner.reach import Reach
from planner.setting import Setting
from planner.slots import Slots, alike

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
        fixed = within_open_doors(matrix[:, n:], now)
    saved = _running(stations, prices) if rules.may_close else 0.0
    problem = _problem(setting, matrix, options, slots, people, fixed, rules, saved)
    return Posed(
        problem=problem, options=options, reach=reach, slots=slots, people=people, fixed=fixed,
        saved_cny=saved,
    )  # fmt: skip


def worthwhile(setting: Setting, candidates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave out candidates from which another one, no dearer, reaches all the same people and more.

    The kinds and hours on offer are the same at all of them, so what could be done at the first can
    be done better at the other. (Hours must hold one another for that, as office hours lie within
    the day and the day within day and night; `planner.option_plan.choose` offers no others.)
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
    return posed.fixed | within_open_doors(doors, posed.options.is_open[chosen])


def within_open_doors(doors: csr_array, is_open: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Give which place has one of its doors open in which hour, shape (n_places, 168).

    Parameters
    ----------
    doors
        Shape (n_places, n_doors): which doors each place reaches.
    is_open
        Shape (n_doors, 168).
    """
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

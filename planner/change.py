"""Who gains and who loses when the stations or the streets of a city change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.areas import assign
from geodata.hours import CODES, State, week_states
from geodata.records import HOURS_PER_WEEK
from planner.coverage import WEEKDAYS
from planner.demand import Demand
from planner.reach import Reach

Served = tuple[Reach, Sequence[str]]
"""Places × stations, and the ``opening_hours`` text of each station."""


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """People who gain and who lose; never one set off against the other.

    Attributes
    ----------
    gained_people, lost_people
        Head counts that come within the standard of a station, and that no longer are.
    by_area
        Rows in the order of the areas: ``id``, ``name``, ``gained_people``, ``lost_people``; people
        outside all areas have the id None and come last, where there are any who gain or lose.
    by_hour
        168 rows: ``weekday`` (Mo to Su), ``hour``, ``gained_people``, ``lost_people``: people there
        in that hour who come within the standard of a surely open station, or no longer are.
    """

    gained_people: float
    lost_people: float
    by_area: list[dict[str, Any]]
    by_hour: list[dict[str, Any]]


def change(demand: Demand, areas: gpd.GeoDataFrame | None, before: Served, after: Served) -> Change:
    """Compare who is served before and after.

    Parameters
    ----------
    demand
        People by place, group and hour; its places are the rows of both reaches.
    areas
        Areas frame for `Change.by_area`; None leaves it empty.
    before, after
        Reach and hours of the stations.

    Raises
    ------
    InvalidInputError
        When an hours text cannot be read.
    """
    near = [np.diff(reach.travel_s.indptr) > 0 for reach, _ in (before, after)]
    gained, lost = near[1] & ~near[0], near[0] & ~near[1]
    people = demand.people_by_place()
    return Change(
        gained_people=float(people[gained].sum()),
        lost_people=float(people[lost].sum()),
        by_area=[] if areas is None else _by_area(demand, areas, people * gained, people * lost),
        by_hour=_by_hour(demand, _is_open_near(*before), _is_open_near(*after)),
    )


def _by_area(
    demand: Demand,
    areas: gpd.GeoDataFrame,
    gained: NDArray[np.float64],
    lost: NDArray[np.float64],
) -> list[dict[str, Any]]:
    area = assign(demand.places, areas)
    sums = pd.DataFrame({"gained": gained, "lost": lost}).groupby(
        area.to_numpy(dtype=object), dropna=False
    )
    found = sums.sum()
    rows = []
    for i, name in [*zip(areas["id"], areas["name"], strict=True), (None, None)]:
        here = found.loc[pd.isna(found.index)] if i is None else found.loc[found.index == i]
        row = {
            "gained_people": float(here["gained"].sum()),
            "lost_people": float(here["lost"].sum()),
        }
        if i is not None or any(row.values()):
            rows.append({"id": i, "name": name, **row})
    return rows


def _is_open_near(reach: Reach, hours: Sequence[str]) -> NDArray[np.bool_]:
    """Tell, by place and hour of the week, whether a station within the standard is surely open."""
    is_open = (week_states(hours) == CODES[State.OPEN]).astype(np.int32)
    return np.asarray(reach.matrix().astype(np.int32) @ is_open, dtype=np.int32) > 0


def _by_hour(
    demand: Demand, before: NDArray[np.bool_], after: NDArray[np.bool_]
) -> list[dict[str, Any]]:
    touched = np.flatnonzero((before != after).any(axis=1)[demand.place])
    place, people = demand.place[touched], demand.people[touched]
    there = demand.presence[touched]
    sums = [people @ (there * is_so[place]) for is_so in (after & ~before, before & ~after)]
    return [
        {
            "weekday": WEEKDAYS[k // 24],
            "hour": k % 24,
            "gained_people": float(sums[0][k]),
            "lost_people": float(sums[1][k]),
        }
        for k in range(HOURS_PER_WEEK)
    ]

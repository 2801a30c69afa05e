"""Which share of the people has a station within the standard, and in which hours it is open.

Two questions are kept apart. *Reach coverage* asks whether a station is near enough at all.
*Coverage by hour* asks whether one that is near enough is open in that hour; hours that nobody has
recorded count as not open in ``share`` and as open in ``share_possible``, so the truth lies between
the two.
"""

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
from planner.demand import Demand
from planner.reach import Reach

_ROWS_AT_ONCE = 50_000

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """How well people are served.

    Attributes
    ----------
    people, covered_people, share
        Head counts within the standard of at least one station, and their share of all.
    by_hour
        168 rows: ``weekday`` (Mo to Su), ``hour``, ``people``, ``covered_people``, ``share``,
        ``share_possible``; shares are None in an hour without people.
    worst_hour
        The row with the lowest share, the earliest of equals; None when no hour has people.
    by_area
        Rows: ``id``, ``name``, ``people``, ``covered_people``, ``share``; people outside all areas
        have the id None.
    by_group
        Rows: ``group``, ``people``, ``covered_people``, ``share``.
    covered
        Shape (n_places,): whether a station is within the standard.
    mode, standard_s, is_straight_line, is_synthetic, demand_source
        What the numbers rest on.
    off_network_people
        People whose place is too far from any street to reach anything; they count as not served.
    n_stations, n_unknown_hours
        Stations counted, and those whose hours nobody has recorded.
    """

    people: float
    covered_people: float
    share: float
    by_hour: list[dict[str, Any]]
    worst_hour: dict[str, Any] | None
    by_area: list[dict[str, Any]]
    by_group: list[dict[str, Any]]
    covered: NDArray[np.bool_]
    mode: str
    standard_s: float
    is_straight_line: bool
    is_synthetic: bool
    demand_source: str
    off_network_people: float
    n_stations: int
    n_unknown_hours: int

    def to_dict(self) -> dict[str, Any]:
        """Give all but the array, for JSON."""
        return {
            "people": self.people,
            "covered_people": self.covered_people,
            "share": self.share,
            "minutes": self.standard_s / 60,
            "mode": self.mode,
            "by_hour": self.by_hour,
            "worst_hour": self.worst_hour,
            "by_area": self.by_area,
            "by_group": self.by_group,
            "off_network_people": self.off_network_people,
            "n_stations": self.n_stations,
            "n_unknown_hours": self.n_unknown_hours,
            "is_straight_line": self.is_straight_line,
            "is_synthetic": self.is_synthetic,
            "demand_source": self.demand_source,
        }


def measure(
    demand: Demand,
    reach: Reach,
    hours: Sequence[str],
    *,
    areas: gpd.GeoDataFrame | None = None,
    is_synthetic: bool = False,
) -> Coverage:
    """Measure the coverage of a set of stations.

    Parameters
    ----------
    demand
        People by place, group and hour.
    reach
        Places × stations; only stations that exist and are in service belong in it.
    hours
        ``opening_hours`` text of each station, in the order of the columns; empty when unknown.
    areas
        Areas frame for `Coverage.by_area`; None leaves it empty.
    is_synthetic
        Whether stations or areas are invented; invented demand is noticed by itself.

    Raises
    ------
    InvalidInputError
        When an hours text cannot be read.
    """
    matrix = reach.matrix()
    covered = np.diff(matrix.indptr) > 0
    row_covered = covered[demand.place]
    people = demand.total_people
    covered_people = float(demand.people[row_covered].sum())
    by_hour = _by_hour(demand, reach, week_states(hours))
    with_people = [row for row in by_hour if row["share"] is not None]
    return Coverage(
        people=people,
        covered_people=covered_people,
        share=covered_people / people,
        by_hour=by_hour,
        worst_hour=min(with_people, key=lambda row: row["share"], default=None),
        by_area=[] if areas is None else _by_area(demand, row_covered, areas),
        by_group=_by(demand.group, demand.people, row_covered, "group"),
        covered=covered,
        mode=reach.mode,
        standard_s=reach.standard_s,
        is_straight_line=reach.is_straight_line,
        is_synthetic=is_synthetic or demand.is_synthetic,
        demand_source=demand.source,
        off_network_people=float(demand.people_by_place()[reach.off_network_places].sum()),
        n_stations=len(hours),
        n_unknown_hours=sum(not text for text in hours),
    )


def _by_hour(demand: Demand, reach: Reach, states: NDArray[np.int8]) -> list[dict[str, Any]]:
    matrix = reach.matrix().astype(np.int32)
    total = demand.people @ demand.presence
    sums = []
    for is_counted in (states == CODES[State.OPEN], states != CODES[State.CLOSED]):
        is_covered = (matrix @ is_counted.astype(np.int32)) > 0
        sums.append(_people_by_hour(demand, is_covered))
    rows = []
    for k in range(HOURS_PER_WEEK):
        share, possible = (float(s[k] / total[k]) if total[k] > 0 else None for s in sums)
        rows.append(
            {
                "weekday": WEEKDAYS[k // 24],
                "hour": k % 24,
                "people": float(total[k]),
                "covered_people": float(sums[0][k]),
                "share": share,
                "share_possible": possible,
            }
        )
    return rows


def _people_by_hour(demand: Demand, is_covered: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Sum the people of covered places in each hour, some rows at a time to spare memory."""
    served = np.zeros(HOURS_PER_WEEK)
    for start in range(0, len(demand.people), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        there = demand.presence[part] * is_covered[demand.place[part]]
        served += demand.people[part] @ there
    return served


def _by_area(
    demand: Demand, row_covered: NDArray[np.bool_], areas: gpd.GeoDataFrame
) -> list[dict[str, Any]]:
    area_of_place = assign(demand.places, areas).to_numpy(dtype=object)
    names = dict(zip(areas["id"], areas["name"], strict=True))
    rows = _by(area_of_place[demand.place], demand.people, row_covered, "id")
    found = {row["id"]: row for row in rows}
    nobody = {"people": 0.0, "covered_people": 0.0, "share": None}
    ordered = [{"id": i, "name": names[i], **nobody, **found.get(i, {})} for i in areas["id"]]
    outside = [{"name": None, **row} for row in rows if row["id"] is None]
    return ordered + outside


def _by(
    keys: NDArray[np.object_], people: NDArray[np.float64], covered: NDArray[np.bool_], name: str
) -> list[dict[str, Any]]:
    """Sum people and covered people by key, in the order of the keys' first appearance."""
    code, values = pd.factorize(keys, use_na_sentinel=False)
    total = np.bincount(code, weights=people, minlength=len(values))
    served = np.bincount(code, weights=people * covered, minlength=len(values))
    return [
        {
            name: None if pd.isna(value) else value,
            "people": float(total[i]),
            "covered_people": float(served[i]),
            "share": float(served[i] / total[i]) if total[i] > 0 else None,
        }
        for i, value in enumerate(values)
    ]

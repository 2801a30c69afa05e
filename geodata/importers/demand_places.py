"""Tell the places of a demand table apart, and refuse what would count people twice."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from geodata.importers.sieve import Sieve

MOVED_M = 5.0
"""Rows of one place may lie this far apart; formats and geocoding round coordinates."""

_GEOD = Geod(ellps="WGS84")


def name_places(table: pd.DataFrame, sieve: Sieve, *, is_hourly: bool) -> None:
    """Give each place a key and one position.

    Parameters
    ----------
    table
        With `row`, `shape` (WGS 84) and `key`, which is empty where the file states no id. Such
        rows are places of their own, or, in a table by hour, one place where they are at the same
        position. All rows of a place get the shape of its first.
    sieve
        Refuses rows that lie farther than `MOVED_M` from the first row with their id.
    is_hourly
        Whether the rows are about single hours.
    """
    table["spot"] = pd.factorize(pd.Series(shapely.to_wkb(table["shape"].to_numpy())))[0]
    table["has_id"] = table["key"] != ""
    number = table["row"].groupby(table["spot"]).transform("first") if is_hourly else table["row"]
    # The word keeps a row's number from being taken for the id of another row.
    table["key"] = table["key"].where(table["has_id"], "row-" + number.astype(str))
    stays = np.flatnonzero(sieve.stays)
    _, first, which = np.unique(
        table["key"].to_numpy()[stays], return_index=True, return_inverse=True
    )
    shapes = table["shape"].to_numpy()
    home = shapes[stays][first[which]]
    moved = np.zeros(len(table), bool)
    moved[stays] = _distance_m(shapes[stays], home) > MOVED_M
    template = "row {row}: {value} is somewhere else than in an earlier row; give it its own id"
    sieve.refuse(moved, "moved_place", template, table["key"])
    shapes = shapes.copy()
    shapes[stays] = home
    table["shape"] = shapes


def refuse_repeated(table: pd.DataFrame, hours: NDArray[np.int64] | None, sieve: Sieve) -> None:
    """Refuse totals beside their parts, and a second count of one place, group and hour.

    Parameters
    ----------
    table
        As `name_places` leaves it, with `group`.
    hours
        Shape (n,): what hour each row is about; None when the table names none.
    sieve
        Refuses the rows.
    """
    known = table[["key", "spot", "group", "has_id"]].assign(hour=-1 if hours is None else hours)
    is_total = sieve.stays & (known["group"] == "all").to_numpy()
    parts = known[sieve.stays & ~is_total]
    beside = _is_among(known[["key", "hour"]], parts[["key", "hour"]])
    # A row without an id is about a position, whatever the others there are called.
    in_place = _is_among(known[["spot", "hour"]], parts[["spot", "hour"]])
    beside |= in_place & ~known["has_id"].to_numpy()
    template = (
        "row {row}: it counts all groups, but other rows count single groups at the same place; "
        "keep either the total or the groups"
    )
    sieve.refuse(is_total & beside, "total_row", template)
    again = np.zeros(len(table), bool)
    again[sieve.stays] = known.loc[sieve.stays, ["key", "group", "hour"]].duplicated().to_numpy()
    template = "row {row}: {value} is counted twice for the same group and hour; keep one row"
    sieve.refuse(again, "repeated_place", template, table["key"])


def _is_among(rows: pd.DataFrame, others: pd.DataFrame) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pd.MultiIndex.from_frame(rows).isin(pd.MultiIndex.from_frame(others))
    return found


def _distance_m(shapes: NDArray[np.object_], others: NDArray[np.object_]) -> NDArray[np.float64]:
    """Give the geodesic distance between the middles of shapes, pair by pair."""
    at, there = (shapely.get_coordinates(shapely.centroid(s)) for s in (shapes, others))
    return np.asarray(_GEOD.inv(*at.T, *there.T)[2], dtype=np.float64)

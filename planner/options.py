"""What a union can do: open, extend, add seats, close or move, each with hours, seats and a price.

A plan chooses at most one option for each place: a candidate site stays empty or gets a new station
of some kind with some hours; a station stays as it is, opens longer, opens day and night, gets more
seats, or, where that is asked for, is closed or moved. What counts is covered people-hours: people
× hours of a week in which an open door is within the standard.

What closing sets free is the running cost of a year, and all prices are in one budget: money spent
on building, and on running a year what the plan keeps. All prices are assumptions of ``city.toml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.hours import CODES, State, check_hours, week_states
from geodata.records import STATION_KINDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Action = Literal["open", "keep", "extend", "upgrade_24h", "add_seats", "move"]

ALWAYS = "24/7"
MOVES_WITHIN_M = 2000.0
"""A station moves within its quarter; farther away it is another station."""

MOVES_EACH = 6
"""Of the sites near enough those that most people lack today are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of new station: price, seats, and the hours it can keep."""

    name: str
    cost_cny: float
    seats: int
    hours: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.name not in STATION_KINDS:
            raise InvalidInputError(
                "kind {kind!s} is not known; use one of {known}",
                kind=self.name,
                known=", ".join(STATION_KINDS),
            )
        for text in self.hours:
            check_hours(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What can be bought; see `geodata.city_settings` for where the numbers come from.

    Attributes
    ----------
    kinds
        Kinds of new stations.
    extend_cny
        Longer hours for a station that has a keeper.
    upgrade_cny
        Day and night by a smart door.
    seat_cny
        One more seat.
    move_cny
        Taking a station to another place nearby.
    running_cny
        A year of running an existing station, by kind; set free when it is closed.
    longer_hours
        Hours to which existing stations can be extended.
    """

    kinds: tuple[Kind, ...]
    extend_cny: float
    upgrade_cny: float
    seat_cny: float
    move_cny: float
    running_cny: Mapping[str, float]
    longer_hours: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the plan must keep.

    Attributes
    ----------
    budget_cny
        Most money.
    floor_share
        Least share of the people-hours of each area to be covered; None for no floor.
    worst_hour_share
        Least share of the people to be covered in every hour of the week; None for none.
    may_close
        Whether existing stations may be closed or moved.
    group_weight
        Worth of an hour of a worker, by group; 1 where nothing is said.
    """

    budget_cny: float
    floor_share: float | None = None
    worst_hour_share: float | None = None
    may_close: bool = False
    group_weight: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.budget_cny) and self.budget_cny >= 0):
            raise InvalidInputError("the budget must be 0 CNY or more; correct it")
        for share in (self.floor_share, self.worst_hour_share):
            if share is not None and not 0 <= share <= 1:
                raise InvalidInputError(
                    "a floor of {floor} {area!s} is not a share from 0 to 1", floor=share, area=""
                )
        if any(not (np.isfinite(w) and w >= 0) for w in self.group_weight.values()):
            raise InvalidInputError("the weight of a group must be 0 or more; correct it")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Options:
    """All that could be done in a city.

    Attributes
    ----------
    table
        One row an option: ``action``, ``place`` (where people go to: position among the candidates,
        then the stations), ``site`` (the place whose option it is), ``also`` (a second place that
        it takes, -1 for none), ``kind``, ``hours``, ``seats``, ``cost_cny`` and ``extra`` (people-
        hours that find a seat through it).
    is_open
        Shape (n_options, 168).
    """

    table: pd.DataFrame
    is_open: NDArray[np.bool_]


def open_hours(texts: list[str]) -> NDArray[np.bool_]:
    """Give in which hours of a week doors with these hours are surely open, shape (n, 168)."""
    return np.asarray(week_states(texts) == CODES[State.OPEN])


def list_options(
    candidates: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    prices: Prices,
    *,
    may_close: bool,
    lacking: Floats,
    seats_short: Ints,
    hours_lost: Floats,
) -> Options:
    """List what could be done.

    Parameters
    ----------
    candidates, stations
        Candidate sites, and the stations in service, WGS 84.
    prices
        What can be bought.
    may_close
        Whether to offer closing and moving.
    lacking
        Shape (n_candidates,): people near each candidate who have no station today.
    seats_short, hours_lost
        Shape (n_stations,): seats that a station lacks in its worst hour, and people-hours a week
        that find no seat there; 0 where seats are enough or not known.
    """
    rows: list[dict[str, object]] = []
    rows += _opening(candidates, prices)
    n = len(candidates)
    now = open_hours(list(stations["hours"]))
    longer = open_hours(list(prices.longer_hours))
    moves = _moves(candidates, stations, lacking) if may_close else {}
    for i, station in enumerate(stations[["kind", "hours", "seats"]].itertuples(index=False)):
        saved = float(prices.running_cny.get(str(station.kind), 0.0)) if may_close else 0.0
        base: dict[str, object] = {
            "place": n + i,
            "site": n + i,
            "also": -1,
            "kind": station.kind,
            "hours": station.hours,
            "seats": station.seats,
            "extra": 0.0,
        }
        if may_close:
            rows.append(base | {"action": "keep", "cost_cny": saved})
        if seats_short[i] > 0:
            cost = saved + prices.seat_cny * float(seats_short[i])
            more = {"seats": station.seats + seats_short[i], "extra": float(hours_lost[i])}
            rows.append(base | more | {"action": "add_seats", "cost_cny": cost})
        if station.hours and not now[i].all():
            rows += _extending(base, now[i], longer, prices, saved)
        for k in moves.get(i, []):
            cost = saved + prices.move_cny
            rows.append(base | {"action": "move", "place": k, "also": k, "cost_cny": cost})
    table = pd.DataFrame(rows, columns=[*_COLUMNS])
    return Options(table=table, is_open=open_hours(list(table["hours"])))


_COLUMNS = ("action", "place", "site", "also", "kind", "hours", "seats", "cost_cny", "extra")


def _opening(candidates: gpd.GeoDataFrame, prices: Prices) -> list[dict[str, object]]:
    standard = prices.kinds[0].cost_cny if prices.kinds else 0.0
    rows: list[dict[str, object]] = []
    for k, cost in enumerate(candidates["cost_cny"].to_numpy(dtype=np.float64).tolist()):
        for kind in prices.kinds:
            rows += [
                {
                    "action": "open",
                    "place": k,
                    "site": k,
                    "also": -1,
                    "kind": kind.name,
                    "hours": hours,
                    "seats": float(kind.seats),
                    # A host that states its own price is that much dearer, whatever is opened.
                    "cost_cny": max(0.0, kind.cost_cny + cost - standard),
                    "extra": 0.0,
                }
                for hours in kind.hours
            ]
    return rows


def _extending(
    base: dict[str, object],
    now: NDArray[np.bool_],
    longer: NDArray[np.bool_],
    prices: Prices,
    saved: float,
) -> list[dict[str, object]]:
    """Offer hours that hold all of today's and more, and day and night."""
    rows: list[dict[str, object]] = []
    for hours, will in zip(prices.longer_hours, longer, strict=True):
        if (will >= now).all() and not will.all() and (will > now).any():
            cost = saved + prices.extend_cny
            rows.append(base | {"action": "extend", "hours": hours, "cost_cny": cost})
    more = {"action": "upgrade_24h", "hours": ALWAYS, "kind": "smart_24h"}
    rows.append(base | more | {"cost_cny": saved + prices.upgrade_cny})
    return rows


def _moves(
    candidates: gpd.GeoDataFrame, stations: gpd.GeoDataFrame, lacking: Floats
) -> dict[int, list[int]]:
    """Give for each station the candidate sites near enough to move to that lack one most."""
    if len(candidates) == 0 or len(stations) == 0:
        return {}
    metres = stations.estimate_utm_crs()
    near = stations.to_crs(metres).geometry.buffer(MOVES_WITHIN_M)
    found = candidates.to_crs(metres).sindex.query(near, predicate="intersects")
    moves: dict[int, list[int]] = {}
    for i, k in zip(*found.tolist(), strict=True):
        moves.setdefault(i, []).append(k)
    return {
        i: sorted(sorted(sites), key=lambda k: -lacking[k])[:MOVES_EACH]
        for i, sites in moves.items()
    }

"""The nearest stations that are open on arrival and meet the needs.

"Nothing near" is an answer, not an error: it carries the reason and the station that opens next.
The phone's twin is ``web/static/finder/search.js``; both give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import geopandas as gpd
import numpy as np

from geodata.errors import InvalidInputError
from geodata.hours import State
from geodata.records import Station, check_position
from geodata.snap import to_edges
from geodata.streets import MODES
from geodata.travel import Travel, along_streets, between, milliseconds
from stations.availability import Availability, at, check_moment, offer_availability
from stations.catalogue import Catalogue
from stations.needs import WALK_IN, check_needs, held_today, is_programme, offered, split

Reason = Literal["", "nothing_in_reach", "needs_unmet", "none_open", "off_network"]

StateOf = Callable[[Station, datetime], Availability]
"""Tells the state of a station's door at a moment, as `stations.availability.at` does."""

MAX_LIMIT = 200
_ORIGIN_SNAP_LIMIT_M = 2000.0
"""A worker may stand in a park or a yard, farther from a street than a station ever is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearRequest:
    """One question.

    Attributes
    ----------
    lon_deg, lat_deg
        Where the worker is, WGS 84. Used for this answer and kept nowhere.
    moment
        When they set out; naive datetime in the city's own time.
    needs
        Keys of `geodata.services` that the station must offer, all of them; a programme (class P)
        must still be held on the day of arrival.
    open_only
        Leave out stations that are not surely open on arrival.
    walk_in
        Leave out stations that ask for more than to walk in.
    mode
        ``walk`` or ``ebike``.
    limit
        How many stations at most, 1 to `MAX_LIMIT`.
    limit_s
        Longest journey in seconds, inclusive.
    """

    lon_deg: float
    lat_deg: float
    moment: datetime
    needs: tuple[str, ...] = ()
    open_only: bool = False
    walk_in: bool = False
    mode: str = "walk"
    limit: int = 10
    limit_s: float = 1800.0

    def __post_init__(self) -> None:
        check_position(lon_deg=self.lon_deg, lat_deg=self.lat_deg, what="your position")
        check_needs(self.needs)
        if self.mode not in MODES:
            raise InvalidInputError(
                "mode {mode!s} is not known; use one of {known}",
                mode=self.mode,
                known=", ".join(MODES),
            )
        milliseconds(self.limit_s)
        check_moment(self.moment)
        if not 1 <= self.limit <= MAX_LIMIT:
            raise InvalidInputError(
                "limit is {limit}; ask for 1 to {most} stations", limit=self.limit, most=MAX_LIMIT
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One station that can be reached.

    Attributes
    ----------
    travel_s, distance_m
        Journey from the worker to the station, the walk to and from the street included.
    arrival
        Moment of arrival.
    availability
        State of the door on arrival.
    needs_met, needs_missing
        The needs asked for, split.
    asked_state
        State on arrival for all that is asked: that of the door; open while a programme that is
        asked for is held, for the station opens for it; unknown instead of open where it is unknown
        whether one is held today.
    """

    station: Station
    travel_s: float
    distance_m: float
    arrival: datetime
    availability: Availability
    needs_met: tuple[str, ...]
    needs_missing: tuple[str, ...]
    asked_state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """The answer.

    Attributes
    ----------
    hits
        Nearest first; equal times in the order of their ids.
    uncertain
        With `NearRequest.open_only`: those of which it is unknown whether they are open; likewise
        limited.
    n, n_closed
        How many hits there are before the limit, and how many are left out as closed.
    every
        All that meet the needs, in any state and without a limit.
    reason
        Why there are no hits; empty when there are some.
    opens_next
        Of the stations that are in reach and meet the needs but are not open on arrival, the one
        that opens first; None when there is none or a hit is open.
    needs_counts
        For each need asked for, and ``walk_in`` when that is, how many stations in reach offer it.
    is_straight_line
        True where the city has no streets and times are straight line × detour factor.
    """

    hits: tuple[Hit, ...]
    uncertain: tuple[Hit, ...]
    n: int
    n_closed: int
    every: tuple[Hit, ...]
    reason: Reason
    opens_next: Hit | None
    needs_counts: dict[str, int]
    is_straight_line: bool


def find(catalogue: Catalogue, request: NearRequest, *, state_of: StateOf = at) -> Near:
    """Find the nearest stations.

    Parameters
    ----------
    catalogue
        Snapshot of the stations.
    request
        The question.
    state_of
        Tells the state of a door.

    Returns
    -------
    Near
        Stations in reach that meet all needs, nearest first, each with its state on arrival; with
        `open_only`, those that are surely open then.
    """
    travel = _travel(catalogue, request)
    row = travel.seconds
    in_reach = [
        _hit(catalogue.stations[j], s, m, request, state_of)
        for j, s, m in zip(row.indices, row.data, travel.metres.data, strict=True)
    ]
    in_reach.sort(key=lambda hit: (hit.travel_s, hit.station.id))
    lets_in = [hit for hit in in_reach if not request.walk_in or _is_walk_in(hit)]
    meets = [hit for hit in lets_in if not hit.needs_missing]
    by_state = {state: [hit for hit in meets if hit.asked_state is state] for state in State}
    is_open = by_state[State.OPEN]
    hits = is_open if request.open_only else meets
    unsure = by_state[State.UNKNOWN] if request.open_only else []
    counts = {need: sum(need in hit.needs_met for hit in in_reach) for need in request.needs}
    if request.walk_in:
        counts[WALK_IN] = len(lets_in)
    return Near(
        hits=tuple(hits[: request.limit]),
        uncertain=tuple(unsure[: request.limit]),
        n=len(hits),
        n_closed=len(by_state[State.CLOSED]) if request.open_only else 0,
        every=tuple(meets),
        reason=_reason(travel, in_reach, meets, hits),
        opens_next=None if is_open else _opens_next(meets),
        needs_counts=counts,
        is_straight_line=travel.is_straight_line,
    )


def chip_counts(near: Near, request: NearRequest, keys: Iterable[str]) -> dict[str, int]:
    """Count for each key how many hits there were, without a limit, if it were asked for too.

    Parameters
    ----------
    near
        The answer to `request`.
    keys
        Keys of `geodata.services`, and ``walk_in``.
    """
    return {key: sum(_is_listed_with(hit, request, key) for hit in near.every) for key in keys}


def _is_listed_with(hit: Hit, request: NearRequest, key: str) -> bool:
    if key != WALK_IN and is_programme(key):
        if held_today(hit.station, key, hit.arrival) is State.CLOSED:
            return False
        needs = (*request.needs, key)
        state = _asked_state(hit.station, needs, hit.arrival, hit.availability.state)
        return state is State.OPEN or not request.open_only
    is_listed = hit.asked_state is State.OPEN or not request.open_only
    return is_listed and (_is_walk_in(hit) if key == WALK_IN else key in offered(hit.station))


def _is_walk_in(hit: Hit) -> bool:
    return hit.station.entry == WALK_IN


def _asked_state(station: Station, needs: Sequence[str], arrival: datetime, door: State) -> State:
    programmes = [need for need in needs if is_programme(need)]
    is_held = any(offer_availability(station, p, arrival).state is State.OPEN for p in programmes)
    if door is not State.OPEN and not is_held:
        return door
    is_sure = all(held_today(station, p, arrival) is State.OPEN for p in programmes)
    return State.OPEN if is_sure else State.UNKNOWN


def _travel(catalogue: Catalogue, request: NearRequest) -> Travel:
    here = gpd.GeoSeries.from_xy([request.lon_deg], [request.lat_deg], crs="EPSG:4326")
    network = catalogue.network
    if network is None:
        places = catalogue.frame.geometry
        return between(
            None,
            here,
            places,
            mode=request.mode,
            limit_s=request.limit_s,
            detour_factor=catalogue.detour_factor,
        )
    xy_m = network.plane.to_xy_m(lon_deg=[request.lon_deg], lat_deg=[request.lat_deg])
    me = to_edges(network, xy_m, mode=request.mode, limit_m=_ORIGIN_SNAP_LIMIT_M)
    there = catalogue.snapped[request.mode]
    return along_streets(network, me, there, mode=request.mode, limit_s=request.limit_s)


def _hit(
    station: Station, travel_s: float, distance_m: float, request: NearRequest, state_of: StateOf
) -> Hit:
    arrival = request.moment + timedelta(seconds=float(travel_s))
    met, missing = split(station, request.needs, arrival)
    availability = state_of(station, arrival)
    return Hit(
        station=station,
        travel_s=float(travel_s),
        distance_m=float(distance_m),
        arrival=arrival,
        availability=availability,
        needs_met=met,
        needs_missing=missing,
        asked_state=_asked_state(station, request.needs, arrival, availability.state),
    )


def _reason(travel: Travel, in_reach: list[Hit], meets: list[Hit], hits: list[Hit]) -> Reason:
    if hits:
        return ""
    if np.isinf(travel.origin_access_m[0]):
        return "off_network"
    if not in_reach:
        return "nothing_in_reach"
    return "none_open" if meets else "needs_unmet"


def _opens_next(hits: list[Hit]) -> Hit | None:
    waiting = [hit for hit in hits if hit.availability.next_open is not None]
    return min(
        waiting,
        key=lambda hit: (hit.availability.next_open or hit.arrival, hit.travel_s, hit.station.id),
        default=None,
    )

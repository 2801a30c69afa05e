"""What a worker needs, and which station meets it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from geodata.hours import CODES, State, week_states
from geodata.records import Station
from geodata.services import check_services, services
from stations.availability import offer_availability
from stations.doors import door_of

WALK_IN = "walk_in"
"""The mode of entry of `geodata.records.ENTRY_MODES` that asks for nothing."""

PROGRAMME = "P"
"""Class of programmes in `geodata.services`."""

COMMON_NEEDS = (
    "drinking_water", "microwave", "phone_charging", "battery_swap", "toilet", "air_conditioning",
    "seating", "first_aid_kit", "open_24h", "ebike_parking",
)  # fmt: skip
"""The needs asked for most, in the order they are offered."""


def check_needs(needs: Iterable[str]) -> tuple[str, ...]:
    """Return the needs sorted and without repeats.

    Raises
    ------
    InvalidInputError
        When a need is not in the taxonomy of `geodata.services`.
    """
    return check_services([need for need in needs if need])


def split(
    station: Station, needs: Iterable[str], arrival: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the needs that the station meets and those it does not, in the order asked.

    A facility must be there and work. A programme must still be held on the day of arrival, or it
    must be unknown whether it is (`held_today`).
    """
    wanted = tuple(needs)
    has = offered(station)
    is_met = {
        n: held_today(station, n, arrival) is not State.CLOSED if is_programme(n) else n in has
        for n in wanted
    }
    return tuple(n for n in wanted if is_met[n]), tuple(n for n in wanted if not is_met[n])


def is_programme(need: str) -> bool:
    """Tell whether a need is a programme, which is held at times, and no facility."""
    return services()[need].kind == PROGRAMME


def held_today(station: Station, key: str, moment: datetime) -> State:
    """Tell whether a programme of a station is held between a moment and the end of its day.

    Returns
    -------
    State
        Open when it is held at some minute; else unknown when at some minute it may be; else
        closed.
    """
    found = offer_availability(station, key, moment)
    while found.state is State.CLOSED:
        opens, turns = (
            m if m is not None and m.date() == moment.date() else None
            for m in (found.next_open, found.until)
        )
        if opens is not None or turns is None:
            return State.CLOSED if opens is None else State.OPEN
        found = offer_availability(station, key, turns)
    is_later = found.next_open is not None and found.next_open.date() == moment.date()
    return State.OPEN if found.state is State.OPEN or is_later else State.UNKNOWN


def offered(station: Station) -> frozenset[str]:
    """Give all that a station offers and that works; what follows from its hours is included."""
    texts = door_of(station).texts
    always = {"open_24h"} if all(_is_open_all_week(text) for text in texts) else set[str]()
    out_of_order = {offer.key for offer in station.offers if offer.state != "working"}
    return (frozenset(station.facilities) | always) - out_of_order


@lru_cache(maxsize=4096)
def _is_open_all_week(hours: str) -> bool:
    return bool((week_states([hours]) == CODES[State.OPEN]).all())

"""What a worker needs, and which station meets it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from geodata.hours import CODES, State, week_states
from geodata.records import Station
from geodata.services import check_services
from stations.doors import door_of

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


def split(station: Station, needs: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the needs that the station meets and those it does not, in the order asked."""
    wanted = tuple(needs)
    has = offered(station)
    return tuple(n for n in wanted if n in has), tuple(n for n in wanted if n not in has)


def offered(station: Station) -> frozenset[str]:
    """Give all that a station offers and that works; what follows from its hours is included."""
    texts = door_of(station).texts
    always = {"open_24h"} if all(_is_open_all_week(text) for text in texts) else set[str]()
    out_of_order = {offer.key for offer in station.offers if offer.state != "working"}
    return (frozenset(station.facilities) | always) - out_of_order


@lru_cache(maxsize=4096)
def _is_open_all_week(hours: str) -> bool:
    return bool((week_states([hours]) == CODES[State.OPEN]).all())

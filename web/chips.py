"""The chips of the first screen: what a worker may ask for, in short words, and who offers it."""

from __future__ import annotations

from geodata.hours_words import hours_in_words
from geodata.records import Station
from geodata.services import services
from stations.needs import COMMON_NEEDS, PROGRAMME, offered
from web.i18n import translator
from web.words import FOR_WORKERS, service_name

CHIPS = (
    "drinking_water", "microwave", "phone_charging", "battery_swap", "toilet", "air_conditioning",
    "seating", "first_aid_kit", "open_24h", "walk_in", "ebike_parking",
)  # fmt: skip
"""What the first row of chips offers; all but ``walk_in`` are needs."""

PROGRAMME_CHIPS = (
    "free_breakfast", "health_check", "legal_aid", "job_info", "discount_meal", "haircut",
    "hot_soup_event", "tcm_service", "union_membership",
)  # fmt: skip
"""What the second row offers: programmes with hours of their own."""

_OFFERED_IN_LIST = 3


def chip_name(key: str, language: str) -> str:
    """Give the word on a chip, as short as a rider says it."""
    _ = translator(language)
    short = {
        "drinking_water": _("Water"),
        "microwave": _("Heat food"),
        "phone_charging": _("Charge"),
        "battery_swap": _("Swap battery"),
        "air_conditioning": _("Cool or warm"),
        "toilet": _("WC"),
        "seating": _("Rest"),
        "first_aid_kit": _("First aid"),
        "open_24h": _("24 hours"),
        "walk_in": _("Walk in"),
        "ebike_parking": _("Park e-bike"),
        "free_breakfast": _("Breakfast"),
        "health_check": _("Check-up"),
        "job_info": _("Jobs"),
    }
    return short.get(key) or service_name(key, language)


def offered_in_list(
    station: Station, wanted: tuple[str, ...], language: str
) -> list[dict[str, str]]:
    """Name three facilities that are there and work, those asked for first, and count the rest.

    Returns
    -------
    list
        Key (of the icon; empty for the count) and name.
    """
    _ = translator(language)
    order = [*wanted, *COMMON_NEEDS, *(k for k, s in services().items() if s.kind in FOR_WORKERS)]
    has = offered(station)
    mine = [key for key in dict.fromkeys(order) if key in has and services()[key].kind != PROGRAMME]
    first = mine[: max(_OFFERED_IN_LIST, len([key for key in wanted if key in mine]))]
    named = [{"key": key, "name": chip_name(key, language)} for key in first]
    rest = len(mine) - len(first)
    return [*named, {"key": "", "name": _("{n} more").format(n=rest)}] if rest else named


def programmes_words(station: Station, language: str) -> list[str]:
    """Name the programmes with hours of their own, each with its hours."""
    return [
        f"{chip_name(offer.key, language)} {hours_in_words(offer.hours, language) or offer.hours}"
        for offer in station.offers
        if offer.hours and offer.state == "working" and services()[offer.key].kind == PROGRAMME
    ]

"""What the register says of a station's standing, its facilities and its doubles, in words."""

from __future__ import annotations

from geodata.hours_words import hours_in_words
from geodata.records import Offer, Station
from web.i18n import translator


def status_name(status: str, language: str) -> str:
    """Name the status of a station."""
    _ = translator(language)
    return {
        "planned": _("Planned, not open yet"),
        "building": _("Being built, not open yet"),
        "open": _("In service"),
        "suspended": _("Out of service for now"),
        "moved": _("Moved away"),
        "revoked": _("No longer a station"),
    }[status]


def offer_words(offer: Offer, language: str) -> str:
    """Say that a facility does not work, and when a programme is; empty when neither is known."""
    _ = translator(language)
    states = {"working": "", "broken": _("out of order"), "suspended": _("not for now")}
    state = states[offer.state]
    hours = hours_in_words(offer.hours, language) or offer.hours
    seen = _("seen on {date}").format(date=offer.checked_on) if state and offer.checked_on else ""
    return _("; ").join(filter(None, [state, seen, hours, offer.note]))


def standing_words(station: Station, language: str) -> str:
    """Say why and since when a station is not in service; empty for an open one."""
    if station.status == "open":
        return ""
    _ = translator(language)
    since = _("since {date}").format(date=station.status_since) if station.status_since else ""
    name = status_name(station.status, language)
    return _("; ").join(filter(None, [name, since, station.status_reason]))


def likeness_words(reasons: tuple[str, ...], language: str) -> str:
    """Say why two stations look like one."""
    _ = translator(language)
    known = {
        "same_name": _("same name"),
        "same_sound": _("names sound the same"),
        "similar_name": _("similar names"),
        "same_address": _("same address"),
        "same_host": _("same host"),
        "same_phone": _("same telephone"),
        "near": _("near each other"),
        "frame_shift": _("as far apart as a mix-up of coordinate frames puts them"),
    }
    return _(", ").join(known[reason] for reason in reasons)

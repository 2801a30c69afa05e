"""What a station's page says of what is inside, what is held there, and how to go there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.hours import State
from geodata.records import Offer, Station
from geodata.services import SERVICE_CLASSES, services
from stations.availability import Availability, offer_availability
from stations.trust import Trust
from web import record_words, words
from web.i18n import translator
from web.links import going_there

_PROGRAMME = "P"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A facility or a programme.

    Attributes
    ----------
    is_out
        Whether it does not work, as the register or several people say; it is then not offered.
    more
        What is wrong with it, or when it is; may be empty.
    """

    key: str
    name: str
    is_out: bool
    more: str


def facilities(found: Station, trusted: Trust, language: str) -> list[Listed]:
    """Give what is inside, by class of the taxonomy; what does not work comes last."""
    _ = translator(language)
    told = {offer.key: offer for offer in found.offers}
    listed = []
    for key in found.facilities:
        if services()[key].kind == _PROGRAMME:
            continue
        offer = told.get(key, Offer(key=key))
        is_out = offer.state != "working"
        is_doubted = key in trusted.doubted_offers and not is_out
        doubt = _("people say it does not work") if is_doubted else ""
        more = _("; ").join(filter(None, [record_words.offer_words(offer, language), doubt]))
        name = words.service_name(key, language)
        listed.append(Listed(key=key, name=name, is_out=is_out or is_doubted, more=more))
    listed.sort(key=lambda one: (one.is_out, SERVICE_CLASSES.index(services()[one.key].kind)))
    return listed


def programmes(found: Station, moment: datetime, language: str) -> list[Listed]:
    """Give the programmes with when they are held, and whether that is now or when it is next."""
    told = {offer.key: offer for offer in found.offers}
    _ = translator(language)
    listed = []
    for key in found.facilities:
        if services()[key].kind != _PROGRAMME:
            continue
        offer = told.get(key, Offer(key=key))
        held = offer_availability(found, key, moment)
        parts = [record_words.offer_words(offer, language), _held(held, moment, language)]
        name = words.service_name(key, language)
        is_out = offer.state != "working"
        listed.append(
            Listed(key=key, name=name, is_out=is_out, more=_("; ").join(filter(None, parts)))
        )
    return listed


def going(found: Station, language: str) -> list[dict[str, str]]:
    """Give the links to map apps, each with the name of its app."""
    _ = translator(language)
    names = {
        "amap": _("Amap"),
        "baidu": _("Baidu Maps"),
        "tencent": _("Tencent Maps"),
        "system": _("The phone's own map"),
    }
    links = going_there(found.name, lon_deg=found.lon_deg, lat_deg=found.lat_deg)
    return [{"app": names[link.app], "href": link.href} for link in links]


def _held(held: Availability, moment: datetime, language: str) -> str:
    _ = translator(language)
    if held.state is State.OPEN and held.until is not None:
        end = words.when(held.until, seen_from=moment, language=language)
        return _("now, until {time}").format(time=end)
    if held.state is not State.OPEN and held.next_open is not None:
        begin = words.when(held.next_open, seen_from=moment, language=language)
        return _("next: {time}").format(time=begin)
    return ""

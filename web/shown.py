"""Stations and answers as plain dictionaries, for templates and for JSON alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.records import Station
from geodata.written import known
from stations.availability import at
from stations.catalogue import Catalogue
from stations.finder import Hit, Near, NearRequest, StateOf, find
from stations.trust import Said, Trust, judge, nothing_said
from web import chips, words
from web.reasons import reason_text

STATION_FIELDS = (
    "id", "code", "name", "hours", "hours_text", "staff_hours", "closures", "facilities", "offers",
    "entry", "kind", "status", "status_reason", "status_since", "area_m2", "seats", "host",
    "address", "district", "district_code", "phone", "source", "verified_on", "is_synthetic",
)  # fmt: skip
"""What the public may read of a station, beside its position in WGS 84."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question of a worker and what the finder found."""

    request: NearRequest
    near: Near


def ask(catalogue: Catalogue, request: NearRequest, *, state_of: StateOf = at) -> Answer:
    """Find the nearest stations."""
    return Answer(request=request, near=find(catalogue, request, state_of=state_of))


def answer(found: Answer, language: str, *, said: Said = nothing_said) -> dict[str, Any]:
    """Give an answer for JSON and for the page."""
    request, near = found.request, found.near
    moment = request.moment
    return {
        "stations": [hit(h, moment, language, said=said) for h in near.hits],
        "uncertain": [hit(h, moment, language, said=said) for h in near.uncertain],
        "n_closed": near.n_closed,
        "reason": near.reason,
        "opens_next": hit(near.opens_next, moment, language, said=said)
        if near.opens_next
        else None,
        "needs_counts": near.needs_counts,
        "is_straight_line": near.is_straight_line,
        "moment": moment.isoformat(timespec="seconds"),
        "text": {
            "count": words.count_words(near.n, language),
            "reason": words.reason_words(near, request, language),
            "left_out": words.left_out_words(near.n_closed, language) if near.n_closed else "",
        },
    }


def hit(
    found: Hit, moment: datetime, language: str, *, said: Said = nothing_said
) -> dict[str, Any]:
    """Give one station of an answer; first the names of ``stations near --json``, then more."""
    station, door = found.station, found.availability
    trusted = judge(station, said(station.id), found.arrival, opening=at(station, found.arrival))
    return {
        "id": station.id,
        "name": station.name,
        "minutes": round(found.travel_s / 60, 2),
        "distance_m": round(found.distance_m, 1),
        "state": str(door.state),
        "until": _iso(door.until),
        "entry": station.entry,
        "needs_met": list(found.needs_met),
        "next_open": _iso(door.next_open),
        "why": door.why,
        "lon_deg": station.lon_deg,
        "lat_deg": station.lat_deg,
        "address": station.address,
        "phone": station.phone,
        "facilities": list(station.facilities),
        "verified_on": station.verified_on,
        "is_synthetic": station.is_synthetic,
        "trust": trust(trusted, moment, language),
        "text": _hit_words(found, moment, language, n_today=trusted.confirmations_today),
    }


def _hit_words(found: Hit, moment: datetime, language: str, *, n_today: int) -> dict[str, Any]:
    station = found.station
    return {
        "minutes": words.minutes_words(found.travel_s, language),
        "distance": words.metres_words(found.distance_m, language),
        "state_word": words.state_word(found.availability.state, language),
        "state": words.state_on_arrival(
            found.availability,
            at(station, moment),
            arrival=found.arrival,
            moment=moment,
            language=language,
        ),
        "entry": words.entry_words(station.entry, language),
        "facilities": words.offer_words(station.facilities, language),
        "offered": chips.offered_in_list(station, found.needs_met, language),
        "programmes": chips.programmes_words(station, language),
        "checked": words.confirmed_words(n_today, station.verified_on, language),
    }


def trust(found: Trust, moment: datetime, language: str) -> dict[str, Any]:
    """Give what may be expected of a station; chances to the hundredth.

    Parameters
    ----------
    moment
        Of the question; days are named as seen from it.
    """
    return {
        "p_get_in": round(found.p_get_in, 2),
        "is_doubted": found.is_doubted,
        "last_confirmed": _iso(found.last_confirmed),
        "confirmations_today": found.confirmations_today,
        "doubted": list(found.doubted_offers),
        "reasons": [
            {"code": reason.code, "text": reason_text(reason, moment, language)}
            for reason in found.reasons
        ],
    }


def station(found: Station) -> dict[str, Any]:
    """Give what the public may read of a station."""
    shown = {name: getattr(found, name) for name in STATION_FIELDS}
    shown["facilities"] = list(found.facilities)
    shown |= {name: [known(item) for item in shown[name]] for name in ("closures", "offers")}
    return {**shown, "lon_deg": found.lon_deg, "lat_deg": found.lat_deg}


def feature(found: Station, **more: object) -> dict[str, Any]:
    """Give a station as a GeoJSON feature (RFC 7946, WGS 84), with more properties."""
    properties = station(found) | more
    position = [properties.pop("lon_deg"), properties.pop("lat_deg")]
    return {
        "type": "Feature",
        "id": found.id,
        "geometry": {"type": "Point", "coordinates": position},
        "properties": properties,
    }


def collection(features: Sequence[dict[str, Any]], **more: object) -> dict[str, Any]:
    """Give GeoJSON features as a collection, with foreign members."""
    return {"type": "FeatureCollection", "features": list(features), **more}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="minutes") if moment else None

"""Stations and answers as plain dictionaries, for templates and for JSON alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from geodata.hours import State
from geodata.records import Station
from stations.availability import at
from stations.catalogue import Catalogue
from stations.finder import MAX_LIMIT, Hit, Near, NearRequest, find
from web import words

STATION_FIELDS = (
    "id", "name", "hours", "hours_text", "facilities", "entry", "kind", "status", "area_m2",
    "seats", "host", "address", "district", "phone", "source", "verified_on", "is_synthetic",
)  # fmt: skip
"""What the public may read of a station, beside its position in WGS 84."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the finder, with what must not be hidden beside it.

    Attributes
    ----------
    near
        As asked.
    uncertain
        With ``open_only``: stations that meet the needs and whose state on arrival is unknown.
    n_closed
        With ``open_only``: how many stations that meet the needs are closed on arrival.
    """

    request: NearRequest
    near: Near
    uncertain: tuple[Hit, ...]
    n_closed: int


def ask(catalogue: Catalogue, request: NearRequest) -> Answer:
    """Find the nearest stations, and with ``open_only`` count what that leaves out."""
    near = find(catalogue, request)
    if not request.open_only:
        return Answer(request=request, near=near, uncertain=(), n_closed=0)
    every = find(catalogue, replace(request, open_only=False, limit=MAX_LIMIT)).hits
    unknown = [hit for hit in every if hit.availability.state is State.UNKNOWN]
    n_closed = sum(hit.availability.state is State.CLOSED for hit in every)
    uncertain = tuple(unknown[: request.limit])
    return Answer(request=request, near=near, uncertain=uncertain, n_closed=n_closed)


def answer(found: Answer, language: str) -> dict[str, Any]:
    """Give an answer for JSON and for the page."""
    request, near = found.request, found.near
    moment = request.moment
    return {
        "stations": [hit(h, moment, language) for h in near.hits],
        "uncertain": [hit(h, moment, language) for h in found.uncertain],
        "n_closed": found.n_closed,
        "reason": near.reason,
        "opens_next": hit(near.opens_next, moment, language) if near.opens_next else None,
        "needs_counts": near.needs_counts,
        "is_straight_line": near.is_straight_line,
        "moment": moment.isoformat(timespec="seconds"),
        "text": {
            "count": words.count_words(len(near.hits), language),
            "reason": words.reason_words(near, request, language),
            "left_out": words.left_out_words(found.n_closed, language) if found.n_closed else "",
        },
    }


def hit(found: Hit, moment: datetime, language: str) -> dict[str, Any]:
    """Give one station of an answer; first the names of ``stations near --json``, then more."""
    station, door = found.station, found.availability
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
        "facilities": list(station.facilities),
        "verified_on": station.verified_on,
        "is_synthetic": station.is_synthetic,
        "text": _hit_words(found, moment, language),
    }


def _hit_words(found: Hit, moment: datetime, language: str) -> dict[str, Any]:
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
        "checked": words.checked_words(station.verified_on, language),
    }


def station(found: Station) -> dict[str, Any]:
    """Give what the public may read of a station."""
    shown = {name: getattr(found, name) for name in STATION_FIELDS}
    shown["facilities"] = list(found.facilities)
    return {**shown, "lon_deg": found.lon_deg, "lat_deg": found.lat_deg}


def feature(found: Station) -> dict[str, Any]:
    """Give a station as a GeoJSON feature (RFC 7946, WGS 84)."""
    properties = station(found)
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

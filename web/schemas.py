"""The shapes of questions and answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, cast

from apiflask.fields import Boolean, Dict, Float, Integer, List, Nested, String
from apiflask.schemas import Schema
from apiflask.validators import OneOf, Range

from geodata.records import ENTRY_MODES, OFFER_STATES, STATION_KINDS, STATION_STATUSES
from geodata.reports import NEARNESS, REPORT_KINDS
from geodata.streets import MODES
from stations.finder import MAX_LIMIT
from web.languages import languages
from web.questions import DEFAULT_LIMIT, MAX_MINUTES

_STATES = ("open", "closed", "unknown")
_REASONS = ("", "nothing_in_reach", "needs_unmet", "none_open", "off_network")


def schema(name: str, fields: dict[str, Any]) -> type[Schema]:
    """Name the fields of a question or an answer."""
    return cast("type[Schema]", Schema.from_dict(fields, name=name))


def about(text: str) -> dict[str, Any]:
    """Describe a field."""
    return {"description": text}


LIST_QUERY = schema(
    "StationsQuery",
    {
        "box": String(metadata=about("west,south,east,north in degrees (WGS 84)")),
        "limit": Integer(load_default=1000, validate=Range(1, 5000)),
        "offset": Integer(load_default=0, validate=Range(0, 10**9)),
        "lang": String(validate=OneOf(languages())),
    },
)

_NEEDS = (
    "keys of facilities, with commas between them; programmes (class P) must be held on the day of "
    "arrival, then or later"
)

_NEAR: dict[str, Any] = {
    "lon_deg": Float(required=True, validate=Range(-180, 180)),
    "lat_deg": Float(required=True, validate=Range(-90, 90)),
    "needs": String(metadata=about(_NEEDS)),
    "open_only": Boolean(metadata=about("only stations that are surely open on arrival")),
    "walk_in": Boolean(metadata=about("only stations that let anybody walk straight in")),
    "mode": String(validate=OneOf(MODES), load_default="walk"),
    "minutes": Float(load_default=30, validate=Range(0, MAX_MINUTES, min_inclusive=False)),
    "limit": Integer(load_default=DEFAULT_LIMIT, validate=Range(1, MAX_LIMIT)),
    "at": String(metadata=about("moment in the city's own time, like 2026-09-20T10:00")),
    "lang": String(validate=OneOf(languages())),
}
NEAR_QUERY = schema("NearQuery", _NEAR)
NEAR_BODY = schema("NearQuestion", {**_NEAR, "needs": List(String())})

_REASON = schema("Reason", {"code": String(), "text": String()})
TRUST = schema(
    "Trust",
    {
        "p_get_in": Float(metadata=about("chance to get in on arrival, having prepared nothing")),
        "is_doubted": Boolean(metadata=about("posted as open, but people found it shut")),
        "last_confirmed": String(
            allow_none=True, metadata=about("when somebody said last that they were inside")
        ),
        "confirmations_today": Integer(),
        "doubted": List(String(), metadata=about("facilities that people found broken")),
        "reasons": List(Nested(_REASON)),
    },
)

_HIT = {
    "id": String(),
    "name": String(),
    "minutes": Float(metadata=about("journey, walk to and from the street included")),
    "distance_m": Float(),
    "state": String(
        validate=OneOf(_STATES), metadata=about("of the door on arrival; unknown is its own state")
    ),
    "until": String(allow_none=True, metadata=about("when the state ends, city's own time")),
    "entry": String(validate=OneOf(ENTRY_MODES)),
    "needs_met": List(String()),
    "next_open": String(allow_none=True),
    "why": String(),
    "lon_deg": Float(),
    "lat_deg": Float(),
    "address": String(),
    "phone": String(),
    "facilities": List(String()),
    "verified_on": String(),
    "is_synthetic": Boolean(),
    "trust": Nested(TRUST),
    "text": Dict(metadata=about("the same facts in words, in the language asked for")),
}
HIT = schema("Hit", _HIT)

ANSWER = schema(
    "NearAnswer",
    {
        "stations": List(Nested(HIT)),
        "uncertain": List(Nested(HIT)),
        "n_closed": Integer(metadata=about("left out by open_only as closed on arrival")),
        "reason": String(validate=OneOf(_REASONS)),
        "opens_next": Nested(HIT, allow_none=True),
        "needs_counts": Dict(),
        "is_straight_line": Boolean(),
        "is_synthetic": Boolean(),
        "moment": String(metadata=about("when the search sets out, city's own time")),
        "text": Dict(),
        "version": String(),
    },
)

_OFFER = schema(
    "Offer",
    {
        "key": String(),
        "state": String(validate=OneOf(OFFER_STATES)),
        "hours": String(metadata=about("hours of its own; absent: those of the station")),
        "checked_on": String(),
        "expires_on": String(),
        "note": String(),
    },
)
_CLOSURE = schema(
    "Closure",
    {
        "first_day": String(),
        "last_day": String(metadata=about("absent: until further notice")),
        "reason": String(),
    },
)
_STATION = schema(
    "Station",
    {
        "id": String(),
        "code": String(metadata=about("on the poster and in its QR; never given again")),
        "name": String(),
        "hours": String(metadata=about("OpenStreetMap opening_hours; empty when unknown")),
        "hours_text": String(),
        "staff_hours": String(),
        "closures": List(Nested(_CLOSURE)),
        "facilities": List(String()),
        "offers": List(Nested(_OFFER), metadata=about("more about some of the facilities")),
        "entry": String(validate=OneOf(ENTRY_MODES)),
        "kind": String(validate=OneOf(STATION_KINDS)),
        "status": String(validate=OneOf(STATION_STATUSES)),
        "status_reason": String(),
        "status_since": String(),
        "moved_to": String(metadata=about("id of the station it moved to; absent: none named")),
        "area_m2": Float(allow_none=True),
        "seats": Integer(allow_none=True),
        "host": String(),
        "address": String(),
        "district": String(),
        "district_code": String(metadata=about("GB/T 2260")),
        "phone": String(),
        "source": String(),
        "verified_on": String(),
        "is_synthetic": Boolean(),
        "trust": Nested(TRUST, metadata=about("now; left out of lists")),
    },
)

FEATURE = schema(
    "StationFeature",
    {"type": String(), "id": String(), "geometry": Dict(), "properties": Nested(_STATION)},
)

COLLECTION = schema(
    "FeatureCollection",
    {
        "type": String(),
        "features": List(Dict()),
        "matched": Integer(),
        "returned": Integer(),
        "version": String(),
    },
)

DATA = schema(
    "Data",
    {
        "version": String(),
        "city": String(),
        "city_en": String(),
        "time_zone": String(),
        "stations": Integer(),
        "has_streets": Boolean(),
        "is_synthetic": Boolean(),
        "attribution": String(),
    },
)

_ERROR = schema(
    "Error",
    {
        "kind": String(
            validate=OneOf(
                ("invalid_input", "not_found", "unanswerable", "unavailable", "internal")
            )
        ),
        "message": String(),
        "details": Dict(),
    },
)
PROBLEM = schema("Problem", {"error": Nested(_ERROR)})


def _refusal(text: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": PROBLEM}}}


REPORT_BODY = schema(
    "Report",
    {
        "kind": String(required=True, validate=OneOf(REPORT_KINDS)),
        "about": String(
            metadata=about(
                "the facility that is broken; of a crowd empty, some or full; else empty"
            )
        ),
        "nearness": String(
            validate=OneOf(NEARNESS),
            load_default="unknown",
            metadata=about("whether the phone is within 150 m, as the phone itself worked it out"),
        ),
        "minutes_ago": Integer(
            validate=Range(0, 1440),
            load_default=0,
            metadata=about("how long the report waited on the phone, in whole tens of minutes"),
        ),
        "token": String(
            required=True, metadata=about("16 to 128 random letters that the phone keeps")
        ),
        "lang": String(validate=OneOf(languages())),
    },
)
REPORTED = schema("Reported", {"trust": Nested(TRUST)})

REPORT_REFUSALS: dict[int, Any] = {
    403: _refusal("Sent by a page of another site."),
    413: _refusal("Longer than a report can be."),
    429: _refusal("Reported already, or too often; Retry-After says when to come again."),
}
MERGED: dict[str, Any] = {"description": "Merged into another station, which this leads to."}

REFUSALS: dict[int, Any] = {
    400: _refusal("The question breaks a rule; the message says which and what to do."),
    404: _refusal("A named thing does not exist."),
    422: _refusal("A fair question without an answer."),
    429: _refusal("Too much from one network; Retry-After says when to come again."),
    503: _refusal("The store or the data are not available."),
}

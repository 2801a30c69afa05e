"""The shapes of questions and answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, cast

from apiflask.fields import Boolean, Dict, Float, Integer, List, Nested, String
from apiflask.schemas import Schema
from apiflask.validators import OneOf, Range

from geodata.records import ENTRY_MODES, STATION_KINDS
from geodata.streets import MODES
from stations.finder import MAX_LIMIT
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
        "lang": String(validate=OneOf(("zh", "en"))),
    },
)

_NEAR: dict[str, Any] = {
    "lon_deg": Float(required=True, validate=Range(-180, 180)),
    "lat_deg": Float(required=True, validate=Range(-90, 90)),
    "needs": String(metadata=about("facility keys with commas between them")),
    "open_only": Boolean(metadata=about("only stations that are surely open on arrival")),
    "mode": String(validate=OneOf(MODES), load_default="walk"),
    "minutes": Float(load_default=30, validate=Range(0, MAX_MINUTES, min_inclusive=False)),
    "limit": Integer(load_default=DEFAULT_LIMIT, validate=Range(1, MAX_LIMIT)),
    "at": String(metadata=about("moment in the city's own time, like 2026-09-20T10:00")),
    "lang": String(validate=OneOf(("zh", "en"))),
}
NEAR_QUERY = schema("NearQuery", _NEAR)
NEAR_BODY = schema("NearQuestion", {**_NEAR, "needs": List(String())})

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
    "facilities": List(String()),
    "verified_on": String(),
    "is_synthetic": Boolean(),
    "text": Dict(metadata=about("the same facts in words, in the language asked for")),
}
HIT = schema("Hit", _HIT)

ANSWER = schema(
    "NearAnswer",
    {
        "stations": List(Nested(HIT)),
        "uncertain": List(Nested(HIT)),
        "n_closed": Integer(),
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

_STATION = schema(
    "Station",
    {
        "id": String(),
        "name": String(),
        "hours": String(metadata=about("OpenStreetMap opening_hours; empty when unknown")),
        "hours_text": String(),
        "facilities": List(String()),
        "entry": String(validate=OneOf(ENTRY_MODES)),
        "kind": String(validate=OneOf(STATION_KINDS)),
        "status": String(),
        "area_m2": Float(allow_none=True),
        "seats": Integer(allow_none=True),
        "host": String(),
        "address": String(),
        "district": String(),
        "phone": String(),
        "source": String(),
        "verified_on": String(),
        "is_synthetic": Boolean(),
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


REFUSALS: dict[int, Any] = {
    400: _refusal("The question breaks a rule; the message says which and what to do."),
    404: _refusal("A named thing does not exist."),
    422: _refusal("A fair question without an answer."),
    503: _refusal("The store or the data are not available."),
}

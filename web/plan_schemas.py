"""The shapes of planners' questions and answers, for the OpenAPI document."""

from __future__ import annotations

from typing import get_args

from apiflask.fields import Boolean, Dict, Float, Integer, List, Nested, String
from apiflask.validators import OneOf, Range

from geodata.streets import MODES
from planner.plan import Reason
from planner.question import MODELS, Unit
from web.languages import languages
from web.questions import MAX_MINUTES
from web.rules import MAX_BUDGET_CNY, MAX_NEW, MAX_PEOPLE_PER_SEAT, MAX_SEATS
from web.schemas import about, schema

_LANG = String(validate=OneOf(languages()))
_STANDARD = {
    "minutes": Float(load_default=10, validate=Range(0, MAX_MINUTES, min_inclusive=False)),
    "mode": String(validate=OneOf(MODES), load_default="walk"),
    "lang": _LANG,
}
STANDARD = schema("CoverageQuery", _STANDARD)
PLAN = schema(
    "PlanQuery",
    {
        **_STANDARD,
        "model": String(
            validate=OneOf(MODELS),
            load_default="mclp",
            metadata=about(
                "mclp: most people served; lscp: everybody served at least cost; pscp: a share of"
                " the people served at least cost; pmedian: least travel of all people; pcenter:"
                " shortest longest journey; capacitated: most people served within the seats"
            ),
        ),
        "new": Integer(
            validate=Range(1, MAX_NEW),
            metadata=about("most new stations, less those closed; not with budget_cny"),
        ),
        "budget_cny": Float(validate=Range(0, MAX_BUDGET_CNY), metadata=about("not with new")),
        "share": Float(
            validate=Range(0, 1, min_inclusive=False),
            metadata=about("least share of all people to be served; for pscp, and only there"),
        ),
        "floor_share": Float(
            validate=Range(0, 1), metadata=about("least share of the people of each area")
        ),
        "floor": String(
            metadata=about("floors of single areas, by id or name, with commas: AREA=SHARE")
        ),
        "require": String(
            metadata=about("ids of candidates or stations with commas: they are in the plan")
        ),
        "forbid": String(
            metadata=about("ids of candidates or stations with commas; a station is closed")
        ),
        "may_close": Boolean(metadata=about("whether stations may be closed to make room")),
        "leave_out": Boolean(
            metadata=about(
                "leave out people whom nothing can serve, rather than refuse (lscp, pmedian,"
                " pcenter)"
            )
        ),
        "seats": Integer(validate=Range(0, MAX_SEATS), metadata=about("of a new station")),
        "people_per_seat": Float(
            validate=Range(1, MAX_PEOPLE_PER_SEAT),
            metadata=about("people one seat is enough for (capacitated); an assumption"),
        ),
    },
)

COVERAGE = schema(
    "Coverage",
    {
        "people": Float(),
        "covered_people": Float(),
        "share": Float(),
        "minutes": Float(),
        "mode": String(),
        "by_hour": List(Dict(), metadata=about("168 rows: weekday, hour, share and more")),
        "worst_hour": Dict(allow_none=True),
        "by_area": List(Dict()),
        "by_group": List(Dict()),
        "n_stations": Integer(),
        "n_unknown_hours": Integer(),
        "off_network_people": Float(),
        "is_straight_line": Boolean(),
        "is_synthetic": Boolean(),
        "demand_source": String(),
    },
)

_SITE = schema(
    "Site",
    {
        "id": String(),
        "name": String(),
        "kind": String(),
        "hours": String(),
        "seats": Integer(),
        "cost_cny": Float(),
        "gain_people": Float(
            metadata=about(
                "people whom the site adds to the stations that stay and the sites before it (mclp,"
                " lscp, pscp), to whom it is the nearest (pmedian, pcenter), or who get a place"
                " there (capacitated)"
            )
        ),
        "share_after": Float(
            metadata=about("share of all people within the standard with the sites up to this one")
        ),
        "lon_deg": Float(),
        "lat_deg": Float(),
    },
)

_CLOSED = schema("ClosedStation", {"id": String(), "name": String()})
_ASSIGNED = schema(
    "Assignment",
    {
        "place_id": String(),
        "facility_id": String(metadata=about("of a site or a station")),
        "minutes": Float(),
    },
)

SUGGESTION = schema(
    "Suggestion",
    {
        "outcome": String(validate=OneOf(("optimal", "feasible", "infeasible", "no_solution"))),
        "reason": String(validate=OneOf(get_args(Reason))),
        "objective": Float(allow_none=True, metadata=about("in the unit; null without a plan")),
        "bound": Float(
            allow_none=True, metadata=about("no plan under the same rules is better than this")
        ),
        "gap": Float(),
        "seconds": Float(),
        "model": String(validate=OneOf(MODELS)),
        "unit": String(
            validate=OneOf(get_args(Unit)),
            metadata=about(
                "of objective and bound: people_gained are without a station today, people_served"
                " counts all; new_stations and stations_in_all, kept ones included; cny;"
                " person_minutes is the travel of all people, minutes the longest journey"
            ),
        ),
        "minutes": Float(),
        "mode": String(),
        "cost_cny": Float(metadata=about("of the new stations")),
        "n_candidates": Integer(),
        "left_out_people": Float(metadata=about("people whom nothing can serve, with leave_out")),
        "share_before": Float(),
        "share_after": Float(),
        "is_straight_line": Boolean(),
        "is_synthetic": Boolean(),
        "sites": List(Nested(_SITE)),
        "closed": List(Nested(_CLOSED), metadata=about("stations that the plan closes")),
        "assigned": List(
            Nested(_ASSIGNED),
            allow_none=True,
            metadata=about("where the people of each place go (pmedian, pcenter); else null"),
        ),
    },
)

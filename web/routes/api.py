"""JSON and GeoJSON for programs, under ``/api/v1``."""

from __future__ import annotations

from typing import Any

import orjson
from apiflask import APIBlueprint
from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from geodata.errors import InvalidInputError, NotFoundError
from geodata.records import Station
from web import asked_for, plan_schemas, questions, rules, schemas, shown
from web.i18n import choose_language, request_language
from web.plans import plans, read_plan, read_standard
from web.reported import reported
from web.served import served

v1 = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Yizhan")

MAX_LISTED = 5000
_GEOJSON = "application/geo+json"


@v1.get("/data")
@v1.output(schemas.DATA)
def data() -> Response:
    """Describe the data.

    The version changes with every change of the stations or hotspots.
    """
    snapshot = served().snapshot()
    own = snapshot.city.settings
    return _json(
        {
            "version": snapshot.version,
            "city": own.name,
            "city_en": own.name_en,
            "time_zone": own.time_zone,
            "stations": len(snapshot.catalogue.stations),
            "has_streets": snapshot.catalogue.network is not None,
            "is_synthetic": snapshot.is_synthetic,
            "attribution": own.attribution,
        }
    )


@v1.get("/stations")
@v1.input(schemas.LIST_QUERY, location="query", validation=False)
@v1.output(schemas.COLLECTION, content_type=_GEOJSON)
@v1.doc(responses=schemas.REFUSALS)
def stations(query_data: object) -> Response:
    """List the stations as GeoJSON, in the order in which they were recorded."""
    del query_data
    values = request.args.to_dict()
    questions.refuse_unknown(values, ("box", "limit", "offset", "lang"))
    limit = questions.in_range(values, "limit", default=1000, least=1, most=MAX_LISTED)
    offset = questions.in_range(values, "offset", default=0, least=0, most=10**9)
    box = questions.box(values)
    snapshot = served().snapshot()
    found = [s for s in snapshot.catalogue.stations if box is None or _is_inside(s, box)]
    features = [shown.feature(s) for s in found[offset : offset + limit]]
    more = {"matched": len(found), "returned": len(features), "version": snapshot.version}
    return _json(shown.collection(features, **more), _GEOJSON)


@v1.get("/stations/<path:station_id>")
@v1.output(schemas.FEATURE, content_type=_GEOJSON)
@v1.doc(responses={**schemas.REFUSALS, 302: schemas.MERGED})
def station(station_id: str) -> ResponseReturnValue:
    """Give one station as a GeoJSON feature, with what may be expected of it now.

    Stations that moved or were revoked still answer, with the reason; a merged one leads on.
    """
    snapshot = served().snapshot()
    try:
        found, now = asked_for.station_of(snapshot, station_id), served().now(snapshot)
    except NotFoundError:
        kept = asked_for.kept_for(served().store(), station_id)
        if kept is None:
            raise
        return redirect(url_for("api.station", station_id=kept))
    there = asked_for.moved_to(snapshot, found)
    more = {} if there is None else {"moved_to": there.id}
    trust = shown.trust(reported().trust(found, now), now, request_language())
    return _json(shown.feature(found, trust=trust, **more), _GEOJSON)


@v1.get("/stations/near")
@v1.input(schemas.NEAR_QUERY, location="query", validation=False)
@v1.output(schemas.ANSWER)
@v1.doc(responses=schemas.REFUSALS)
def near(query_data: object) -> Response:
    """Find the nearest stations, for programs whose position is nobody's.

    For a worker's own position use POST: an address ends up in logs, a body does not.
    """
    del query_data
    return _near(request.args.to_dict())


@v1.post("/stations/near")
@v1.input(schemas.NEAR_BODY, validation=False)
@v1.output(schemas.ANSWER)
@v1.doc(responses=schemas.REFUSALS)
def near_here(json_data: object) -> Response:
    """Find the nearest stations to a worker; the position is kept nowhere."""
    if not isinstance(json_data, dict):
        raise InvalidInputError(
            "the body is no JSON object; send for example {example}",
            example='{"lon_deg": 113.66, "lat_deg": 34.75}',
        )
    choose_language(json_data.get("lang"))
    return _near(json_data)


@v1.get("/areas")
@v1.output(schemas.COLLECTION, content_type=_GEOJSON)
def areas() -> Response:
    """Give the areas of the city as GeoJSON; empty where it has none."""
    frame = served().snapshot().city.areas
    if frame is None:
        return _json(shown.collection([]), _GEOJSON)
    return Response(frame[["id", "name", "geometry"]].to_json(), mimetype=_GEOJSON)


@v1.get("/coverage")
@v1.input(plan_schemas.STANDARD, location="query", validation=False)
@v1.output(plan_schemas.COVERAGE)
@v1.doc(responses=schemas.REFUSALS)
def coverage(query_data: object) -> Response:
    """Measure which share of the outdoor workers has a station within the standard."""
    del query_data
    values = request.args.to_dict()
    questions.refuse_unknown(values, ("minutes", "mode", "lang"))
    minutes, mode = read_standard(values)
    snapshot = served().snapshot()
    return _json(plans().coverages(snapshot, minutes, mode)[minutes].to_dict())


@v1.get("/suggestions")
@v1.input(plan_schemas.PLAN, location="query", validation=False)
@v1.output(plan_schemas.SUGGESTION)
@v1.doc(responses=schemas.REFUSALS)
def suggestions(query_data: object) -> Response:
    """Suggest where new stations should open, with the proof of how good that is."""
    del query_data
    values = request.args.to_dict()
    questions.refuse_unknown(values, ("minutes", "mode", *rules.PARAMETERS, "lang"))
    snapshot = served().snapshot()
    _, found = plans().suggestion(snapshot, read_plan(values, snapshot.city.settings))
    return _json(found.to_dict())


def _near(values: dict[str, Any]) -> Response:
    snapshot = served().snapshot()
    question = questions.near_request(values, served().now(snapshot))
    known = reported()
    found = shown.ask(snapshot.catalogue, question, state_of=known.state)
    answer = shown.answer(found, request_language(), said=known.of)
    about = {"is_synthetic": snapshot.is_synthetic, "version": snapshot.version}
    response = _json({**answer, **about})
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_inside(found: Station, box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = box
    return west <= found.lon_deg <= east and south <= found.lat_deg <= north


def _json(body: dict[str, Any], mimetype: str = "application/json") -> Response:
    return Response(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY), mimetype=mimetype)

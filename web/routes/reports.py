"""Reports of workers on the spot: one tap, no login, nothing kept of who they are."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from apiflask import APIBlueprint
from flask import Response, after_this_request, current_app, request

from geodata.errors import InvalidInputError, YizhanError
from geodata.reports import DEVICE_MEMORY, MOMENT_STEP, Report, coarse
from web import questions, schemas, shown
from web.i18n import choose_language, request_language
from web.report_limits import LATEST, SAME_AGAIN, DayCount, device, refuse_again
from web.reported import reported
from web.served import served

v1 = APIBlueprint("reports", __name__, url_prefix="/api/v1", tag="Yizhan")

MAX_BYTES = 1024
FIELDS = ("kind", "about", "nearness", "minutes_ago", "token", "lang")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_FORBIDDEN = 403
_OWN_SITES = (None, "same-origin", "none")


@v1.post("/stations/<path:station_id>/reports")
@v1.input(schemas.REPORT_BODY, validation=False)
@v1.output(schemas.REPORTED, status_code=201)
@v1.doc(responses=schemas.REFUSALS | schemas.REPORT_REFUSALS)
def report(station_id: str, json_data: object) -> Response:
    """Take in what a worker found at a station.

    A phone may say one thing an hour about a station. Nothing is kept of the request but what it
    says, the time to ten minutes, and a hash that tells two phones apart at this one station. A
    phone without network keeps a report for up to 24 hours and says with it how long ago it was.
    """
    if not isinstance(json_data, dict):
        raise InvalidInputError(
            "the body is no JSON object; send for example {example}",
            example='{"kind": "open", "token": "4f1c…"}',
        )
    choose_language(json_data.get("lang"))
    questions.refuse_unknown(json_data, FIELDS)
    snapshot = served().snapshot()
    station = snapshot.catalogue.get(station_id)
    now = served().now(snapshot)
    token = _token(json_data)
    said = Report(
        station_id=station.id,
        moment=coarse(now) - _waited(json_data),
        kind=questions.text(json_data, "kind"),
        about=questions.text(json_data, "about"),
        nearness=questions.text(json_data, "nearness") or "unknown",
        device=device(current_app.config["SECRET_KEY"], station.id, token),
    )
    _keep(said, token, now)
    trust = shown.trust(reported().trust(station, now), now, request_language())
    response = Response(orjson.dumps({"trust": trust}), 201, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@v1.before_request
def _check_request() -> None:
    """Refuse what is too long, or was sent by a page of another site in somebody's name."""
    request.max_content_length = MAX_BYTES
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and urlsplit(origin).netloc != request.host
    if is_foreign or request.headers.get("Sec-Fetch-Site") not in _OWN_SITES:
        error = InvalidInputError(
            "reports are taken from this site's own pages and from programs, "
            "not from pages of other sites; open the station's page here"
        )
        error.status = _FORBIDDEN
        raise error
    if request.mimetype != "application/json":
        raise InvalidInputError(
            "a report is JSON; send it with the header Content-Type: application/json"
        )


def _token(values: questions.Values) -> str:
    found = questions.text(values, "token")
    if not _TOKEN.fullmatch(found):
        raise InvalidInputError(
            "the token must be 16 to 128 letters, digits, hyphens or underscores that the phone "
            "drew at random and keeps; it is not stored here"
        )
    return found


def _waited(values: questions.Values) -> timedelta:
    """Give how long ago it was said, in whole steps, so that no moment is finer than others."""
    step, most = (int(t / timedelta(minutes=1)) for t in (MOMENT_STEP, LATEST))
    minutes = questions.in_range(values, "minutes_ago", default=0, least=0, most=most)
    if minutes % step:
        raise InvalidInputError(
            "minutes_ago is {minutes}; give whole tens of minutes, at most {most}",
            minutes=minutes,
            most=most,
        )
    return timedelta(minutes=minutes)


def _keep(said: Report, token: str, now: datetime) -> None:
    """Store a report within the limits; once a day, forget devices that are no longer needed."""
    store, counts = served().store(), day_count()
    try:
        counts.take(token, now)
        try:
            store.add_report(
                said,
                since=said.moment - SAME_AGAIN,
                check=lambda lately: refuse_again(said, lately),
            )
        except YizhanError:
            counts.give_back(token, now)
            raise
    except YizhanError as error:
        wait_s = error.details.get("retry_after_s")
        if wait_s is not None:
            after_this_request(lambda response: _with_retry(response, str(wait_s)))
        raise
    if counts.is_new_day(now):
        store.forget_devices(now - DEVICE_MEMORY)
    reported().look_again()


def _with_retry(response: Response, wait_s: str) -> Response:
    response.headers["Retry-After"] = wait_s
    return response


def day_count() -> DayCount:
    """Give the counts of the running app."""
    found: DayCount = current_app.extensions["yizhan_day_count"]
    return found

"""One page for each station, the address on its poster, and a QR to hand on."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import orjson
import segno
from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from geodata.errors import NotFoundError
from geodata.records import Station
from geodata.services import services
from stations.crowd import crowd_now, usual_week
from web import asked_for, crowd_words, json_ld, record_words, shown, station_words, words
from web.i18n import request_language
from web.maps import map_config
from web.reported import reported
from web.routes.finder import pages
from web.routes.phone_words import address_of
from web.served import Snapshot, served

_NO_KIT = ("open_24h", "unattended_entry")
_MOST_REASONS = 4
_DAY_S = 24 * 3600


@pages.get("/s/<code>")
def by_code(code: str) -> ResponseReturnValue:
    """Lead from the code on a poster to the page of its station."""
    found = asked_for.id_of_code(served().snapshot(), served().store(), code)
    return redirect(url_for("finder.station", station_id=found))


@pages.get("/stations/<path:station_id>")
def station(station_id: str) -> ResponseReturnValue:
    """Show all that is known of a station; one that was merged leads to the one that stands."""
    snapshot = served().snapshot()
    language = request_language()
    try:
        found = asked_for.station_of(snapshot, station_id)
    except NotFoundError:
        kept = asked_for.kept_for(served().store(), station_id)
        if kept is None:
            raise
        return redirect(url_for("finder.station", station_id=kept))
    moment = served().now(snapshot)
    door = reported().state(found, moment)
    said = reported().of(found.id)
    trusted = reported().trust(found, moment)
    trust = shown.trust(trusted, moment, language)
    return render_template(
        "station.html",
        station=found,
        moment=moment,
        state=str(door.state),
        state_word=words.state_word(door.state, language),
        state_text=words.state_words(door, moment, language),
        entry=words.entry_words(found.entry, language),
        kind=words.kind_words(found.kind, language),
        checked=words.checked_words(found.verified_on, language),
        standing=record_words.standing_words(found, language),
        moved_to=asked_for.moved_to(snapshot, found),
        is_listed=found.status not in asked_for.GONE,
        going=station_words.going(found, language),
        reasons=[reason["text"] for reason in trust["reasons"][:_MOST_REASONS]],
        crowd=crowd_words.crowd_words(crowd_now(said, moment), moment, language),
        usual_days=crowd_words.usual_days(usual_week(said), moment, language),
        facilities=station_words.facilities(found, trusted, language),
        programmes=station_words.programmes(found, moment, language),
        week=_week(found, snapshot, language),
        share=_share(found),
        ld=_data_block(json_ld.place(found, moment, language, url=_share(found))),
        here={name: getattr(found, name) for name in _FOR_PHONE} | {"state": str(door.state)},
        kit=[key for key in found.facilities if key not in _NO_KIT and _is_kit(key)],
        words_address=address_of(language),
        map=map_config(snapshot, None),
    )


@pages.get("/stations/<path:station_id>/qr.svg")
def station_qr(station_id: str) -> Response:
    """Give the station's address as a QR; it holds the station and nobody's place."""
    found = asked_for.station_of(served().snapshot(), station_id)
    drawn = io.BytesIO()
    code = segno.make(_share(found), error="m", micro=False)
    code.save(drawn, kind="svg", scale=8, border=4, light="#fff", xmldecl=False, nl=False)
    response = Response(drawn.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={_DAY_S}"
    return response


_FOR_PHONE = (
    "id", "code", "name", "lon_deg", "lat_deg", "address", "phone", "facilities", "is_synthetic",
)  # fmt: skip


def _is_kit(key: str) -> bool:
    """Tell whether it is a thing that can break, no programme and nothing digital."""
    return services()[key].kind in words.FOR_WORKERS


def _share(found: Station) -> str:
    """Give the whole address of a station, without anything that its reader has chosen."""
    path = f"s/{quote(found.code)}" if found.code else f"stations/{quote(found.id)}"
    return request.host_url + path


def _data_block(value: object) -> str:
    """Write JSON that nothing can break out of: no sign in it means anything to HTML."""
    text = orjson.dumps(value).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _week(found: Station, snapshot: Snapshot, language: str) -> list[dict[str, Any]]:
    today = served().now(snapshot)
    names = words.weekdays(language)
    return [
        {"name": names[k], "hours": hours, "is_today": day.date() == today.date()}
        for k, (day, hours) in enumerate(words.week_of(found, today))
    ]

"""One page for each station, and the address on its poster."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from geodata.errors import NotFoundError
from geodata.records import Station
from web import asked_for, record_words, shown, words
from web.i18n import request_language
from web.maps import map_config
from web.reported import reported
from web.routes.finder import pages
from web.served import Snapshot, served


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
    return render_template(
        "station.html",
        station=found,
        state=str(door.state),
        state_word=words.state_word(door.state, language),
        state_text=words.state_words(door, moment, language),
        entry=words.entry_words(found.entry, language),
        kind=words.kind_words(found.kind, language),
        checked=words.checked_words(found.verified_on, language),
        standing=record_words.standing_words(found, language),
        moved_to=asked_for.moved_to(snapshot, found),
        is_listed=found.status not in asked_for.GONE,
        offers=shown.offers(found, language),
        week=_week(found, snapshot, language),
        map=map_config(snapshot, None),
    )


def _week(found: Station, snapshot: Snapshot, language: str) -> list[dict[str, Any]]:
    today = served().now(snapshot)
    names = words.weekdays(language)
    return [
        {"name": names[k], "hours": hours, "is_today": day.date() == today.date()}
        for k, (day, hours) in enumerate(words.week_of(found, today))
    ]

"""The finder: the page that workers start from."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from geodata.services import services
from geodata.streets import MODES
from stations.finder import NearRequest
from stations.needs import COMMON_NEEDS, check_needs
from web import questions, shown, words
from web.i18n import request_language
from web.maps import map_config
from web.places import Place
from web.reported import reported
from web.served import Snapshot, served

pages = Blueprint("finder", __name__)

LISTED = 20
MOST_DOTS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a worker has chosen on the page; a place of their own is never part of it."""

    text: str
    place: Place | None
    candidates: list[Place]
    needs: tuple[str, ...]
    open_only: bool
    mode: str
    minutes: int


@pages.get("/")
def home() -> str:
    """Show the finder; with a place chosen, the stations near it."""
    snapshot = served().snapshot()
    language = request_language()
    form = _read_form(snapshot)
    answer = None
    if form.place is not None:
        near = NearRequest(
            lon_deg=form.place.lon_deg,
            lat_deg=form.place.lat_deg,
            moment=served().now(snapshot),
            needs=form.needs,
            open_only=form.open_only,
            mode=form.mode,
            limit=LISTED,
            limit_s=60.0 * form.minutes,
        )
        known = reported()
        found = shown.ask(snapshot.catalogue, near, state_of=known.state)
        answer = shown.answer(found, language, said=known.of)
    return render_template(
        "finder.html",
        form=form,
        answer=answer,
        popular=snapshot.places.popular,
        suggested=snapshot.places.suggested,
        needs=[(key, words.service_name(key, language)) for key in COMMON_NEEDS],
        other_needs=_other_needs(form.needs, language),
        minutes=questions.MINUTES,
        modes=[(mode, words.mode_words(mode, language)) for mode in MODES],
        map=map_config(snapshot, form.place),
        stations=_all_stations(snapshot),
        listed=LISTED,
    )


def _all_stations(snapshot: Snapshot) -> str:
    """Give the address of all stations, for dots on the map; empty where there are too many."""
    n = len(snapshot.catalogue.stations)
    return url_for("api.stations", limit=MOST_DOTS) if n <= MOST_DOTS else ""


def _read_form(snapshot: Snapshot) -> Form:
    values = request.args.to_dict()
    text = values.get("q", "").strip()[:100]
    place = snapshot.places.get(values["place"]) if values.get("place") else None
    candidates: list[Place] = []
    if text and (place is None or place.name != text):
        candidates = snapshot.places.find(text)
        place = candidates[0] if len(candidates) == 1 else None
    is_first_visit = "q" not in values and "place" not in values
    widen = values.get("widen", "")
    return Form(
        text=text or (place.name if place else ""),
        place=place,
        candidates=[] if place else candidates,
        needs=() if widen == "needs" else check_needs(request.args.getlist("need")),
        open_only=widen != "open" and (is_first_visit or questions.yes(values, "open")),
        mode=questions.mode(values),
        minutes=questions.MINUTES[-1]
        if widen == "minutes"
        else int(questions.minutes(values, default=15)),
    )


def _other_needs(chosen: tuple[str, ...], language: str) -> list[tuple[str, str]]:
    """Give what else a worker may come for, and whatever is asked for already."""
    others = [
        key
        for key, service in services().items()
        if key not in COMMON_NEEDS and (service.kind in words.FOR_WORKERS or key in chosen)
    ]
    return [(key, words.service_name(key, language)) for key in others]

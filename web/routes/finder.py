"""The finder: the page that workers start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, render_template, request

from geodata.services import services
from geodata.streets import MODES
from stations.finder import Near, NearRequest, chip_counts
from stations.needs import COMMON_NEEDS, check_needs
from web import chips, questions, shown, station_words, view, words
from web.i18n import request_language
from web.maps import map_config
from web.places import Place
from web.reported import reported
from web.routes import phone_words
from web.served import Snapshot, served

pages = Blueprint("finder", __name__)
view.install(pages)

LISTED = 10

MODULES = tuple(
    f"finder/{name}.js"
    for name in (
        "page", "view", "choices", "chips", "list", "card", "addresses", "combobox", "words",
        "data", "search", "hits", "schedule", "table", "detours", "state", "moments", "places",
        "links", "frames", "map_part", "news", "position",
    )
)  # fmt: skip
"""What the page's script imports, named so that a phone asks for all of it at once."""

ICONS = (*chips.CHIPS, "programme", "phone", "go", "next", "map")
"""Keys that have a picture of their own in ``_shapes.html``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a worker has chosen on the page; a place of their own is never part of it."""

    text: str
    place: Place | None
    candidates: list[Place]
    needs: tuple[str, ...]
    programmes: tuple[str, ...]
    walk_in: bool
    open_only: bool
    mode: str
    minutes: int

    @property
    def has_needs(self) -> bool:
        """True when any chip of the needs is on."""
        return bool(self.needs or self.programmes or self.walk_in)


@pages.get("/")
def home() -> str:
    """Show the finder; with a place chosen, the stations near it."""
    snapshot = served().snapshot()
    language = request_language()
    form = _read_form(snapshot)
    answer = None
    counts: Mapping[str, int] = {}
    going: Mapping[str, list[dict[str, str]]] = {}
    if form.place is not None:
        known = reported()
        near = _near(form, form.place, snapshot)
        found = shown.ask(snapshot.catalogue, near, state_of=known.state)
        answer = shown.answer(found, language, said=known.of)
        keys = (*chips.CHIPS, *chips.PROGRAMME_CHIPS)
        counts = chip_counts(found.near, near, keys)
        going = _going(found.near, language)
    return render_template(
        "finder.html",
        form=form,
        answer=answer,
        counts=counts,
        going=going,
        popular=snapshot.places.popular,
        suggested=snapshot.places.suggested,
        needs=[(key, chips.chip_name(key, language)) for key in chips.CHIPS],
        programmes=[(key, chips.chip_name(key, language)) for key in chips.PROGRAMME_CHIPS],
        other_needs=_other_needs(form.needs, language),
        minutes=questions.MINUTES,
        modes=[(mode, words.mode_words(mode, language)) for mode in MODES],
        map=map_config(snapshot, form.place),
        listed=LISTED,
        modules=MODULES,
        icons=ICONS,
        programme_keys=chips.PROGRAMME_CHIPS,
        words_address=phone_words.address_of(language),
    )


def _near(form: Form, place: Place, snapshot: Snapshot) -> NearRequest:
    return NearRequest(
        lon_deg=place.lon_deg,
        lat_deg=place.lat_deg,
        moment=served().now(snapshot),
        needs=(*form.needs, *form.programmes),
        walk_in=form.walk_in,
        open_only=form.open_only,
        mode=form.mode,
        limit=2 * LISTED,
        limit_s=60.0 * form.minutes,
    )


def _going(near: Near, language: str) -> dict[str, list[dict[str, str]]]:
    """Give the links to map apps of all that is listed, by station."""
    listed = [*near.hits, *near.uncertain, *([near.opens_next] if near.opens_next else [])]
    return {hit.station.id: station_words.going(hit.station, language) for hit in listed}


def _read_form(snapshot: Snapshot) -> Form:
    values = request.args.to_dict()
    text = values.get("q", "").strip()[:100]
    place = snapshot.places.get(values["place"]) if values.get("place") else None
    candidates: list[Place] = []
    if text and (place is None or place.name != text):
        candidates = snapshot.places.find(text)
        place = candidates[0] if len(candidates) == 1 else None
    is_first_visit = not values.keys() & {"q", "place", "open"}
    widen = values.get("widen", "")
    is_any = widen == "needs"
    return Form(
        text=text or (place.name if place else ""),
        place=place,
        candidates=[] if place else candidates,
        needs=() if is_any else check_needs(request.args.getlist("need")),
        programmes=() if is_any else check_needs(request.args.getlist("programme")),
        walk_in=not is_any and questions.yes(values, "walk_in"),
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

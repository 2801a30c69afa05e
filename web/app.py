"""The web application, made from settings."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlencode

from apiflask import APIFlask
from flask import request
from flask.json.provider import DefaultJSONProvider

from geodata.errors import UnavailableError, YizhanError
from web import errors, headers, i18n, languages, publishing, rates
from web.clock import Clock, local_now
from web.plans import Plans
from web.renewal import Renewal
from web.report_limits import DayCount
from web.reported import Reported
from web.routes import (
    api,
    finder,
    national,
    phone_words,
    planner,
    pwa,
    reports,
    service,
    snapshots,
    station,  # noqa: F401  its pages are part of the finder's
)
from web.served import Served, served
from web.settings import Settings

MAX_BODY_BYTES = 16 * 1024
"""The longest question that is read; a search is a few hundred bytes."""


def create_app(settings: Settings, *, clock: Clock = local_now) -> APIFlask:
    """Make the application and load the city.

    Parameters
    ----------
    settings
        Where the city is and how it is shown.
    clock
        Gives the present moment in a time zone; tests pass one that stands still.

    Raises
    ------
    NotFoundError
        When there is no city in the folder.
    UnavailableError
        When the city cannot be read.
    """
    app = APIFlask(
        "web",
        title="Yizhan 驿站",
        version=_version(),
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_BODY_BYTES,
        OPENAPI_VERSION="3.1.0",
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_SERVERS=False,
        YIZHAN_SETTINGS=settings,
    )
    app.json = _json_provider(app)
    app.jinja_options = {**app.jinja_options, "trim_blocks": True, "lstrip_blocks": True}
    i18n.install(app, settings.language)
    errors.install(app)
    headers.install(app, settings)
    service.install_metrics(app)
    rates.install(app)
    for blueprint in (
        finder.pages, planner.pages, national.pages, pwa.pages, snapshots.files,
        phone_words.files, api.v1, reports.v1,
        service.probes,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    app.context_processor(lambda: _context(settings))
    app.extensions["yizhan"] = Served(settings, clock)
    app.extensions["yizhan_plans"] = Plans()
    app.extensions["yizhan_reported"] = Reported(app.extensions["yizhan"])
    app.extensions["yizhan_day_count"] = DayCount()
    app.extensions["yizhan_renewal"] = Renewal(
        settings.city, app.extensions["yizhan"], app.extensions["yizhan_reported"]
    )
    _load(app.extensions["yizhan"], settings)
    return app


def _load(city: Served, settings: Settings) -> None:
    """Load the city; without its database the published files are served all the same."""
    try:
        city.snapshot()
    except UnavailableError:
        if publishing.read_manifest(settings.city / publishing.FOLDER) is None:
            raise


def _json_provider(app: APIFlask) -> DefaultJSONProvider:
    """Write Chinese as Chinese into the pages' data: a third of the bytes."""
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = False
    return provider


def _context(settings: Settings) -> dict[str, Any]:
    """Give what every page shows around its own content."""
    language = i18n.request_language()
    return {
        "language": language,
        "language_tag": languages.tag(language),
        "language_direction": languages.direction(language),
        "other_languages": [
            (languages.own_name(other), languages.tag(other), _same_page(other))
            for other in languages.languages()
            if other != language
        ],
        "city": _city(settings),
    }


def _same_page(language: str) -> str:
    """Give the address of this page in another language; it holds no position, only choices."""
    arguments = request.args.copy()
    arguments["lang"] = language
    pairs = arguments.items(multi=True)
    return f"{request.path}?{urlencode(list(pairs))}"


def _city(settings: Settings) -> dict[str, Any]:
    try:
        snapshot = served().snapshot()
    except YizhanError:  # the error page must come even when the city is what is missing
        return {
            "name": "", "name_en": "", "is_synthetic": False, "attribution": "", "approval": "",
            "is_stale": False,
        }  # fmt: skip
    own = snapshot.city.settings
    return {
        "name": own.name,
        "name_en": own.name_en,
        "is_synthetic": snapshot.is_synthetic,
        "attribution": own.attribution,
        "approval": settings.map_approval_number or own.map_approval_number,
        "version": snapshot.version,
        "is_stale": snapshot.is_stale,
        "made_at": snapshot.made_at,
    }


def _version() -> str:
    try:
        return version("yizhan")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"

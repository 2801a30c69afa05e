"""What makes the finder an app on the phone: its worker, its manifest, and its own first pages."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

import orjson
from flask import Blueprint, Response, current_app, render_template, request, url_for

from geodata.errors import YizhanError
from web.i18n import request_language, translator
from web.languages import direction, languages, tag
from web.routes.phone_words import address_of
from web.served import served

pages = Blueprint("pwa", __name__)

_STATIC = Path(__file__).parents[1] / "static"
_WORKER = _STATIC / "finder" / "worker.js"
_SHELL = (
    "app.css", "station.css", "icon.svg", "icons/icon-192.png", "map.js", "basemap.js",
    "finder/*.js", "vendor/leaflet-*/leaflet.js", "vendor/leaflet-*/leaflet.css",
    "vendor/protomaps-leaflet-*/protomaps-leaflet.js",
)  # fmt: skip
"""What the app consists of, below ``static/``."""

HOME, FAVOURITES = "/", "/favourites"

SHELL_HEADER = "X-Yizhan-Shell"
"""On every page: which shell the server has; a worker with an older one then asks for the files."""

_KNOWN = "yizhan_shell"

_Stamps = tuple[tuple[str, int, int], ...]


@pages.get("/sw.js")
def worker() -> Response:
    """Give the service worker with the list of what it keeps; another list is another worker."""
    files, version = _shell(_stamps())
    current_app.extensions[_KNOWN] = version
    shell = {"version": version, "files": files, "pages": [HOME, FAVOURITES]}
    body = b"const SHELL = " + orjson.dumps(shell) + b";\n" + _WORKER.read_bytes()
    return Response(body, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@pages.get("/manifest.webmanifest")
def manifest() -> Response:
    """Give the app's name card, in the reader's language."""
    language = request_language()
    _ = translator(language)
    asked = f"?lang={language}" if request.args.get("lang") in languages() else ""
    card = {
        "id": HOME,
        "name": _("Union service stations") + _city_name(language),
        "short_name": _("Yizhan"),
        "description": _("Find a station that is open and lets you in, also without a network."),
        "lang": tag(language),
        "dir": direction(language),
        "start_url": f"{HOME}{asked}",
        "scope": HOME,
        "display": "standalone",
        "background_color": "#f4f5f2",
        "theme_color": "#ffffff",
        "icons": [
            _icon("icon-192", 192, "any"),
            _icon("icon-512", 512, "any"),
            _icon("maskable-512", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": _("My stations"), "url": f"{FAVOURITES}{asked}"},
        ],
    }
    return Response(orjson.dumps(card), mimetype="application/manifest+json")


@pages.get(FAVOURITES)
def favourites() -> str:
    """Show the stations that the phone keeps; which ones, only the phone knows."""
    return render_template("favourites.html", words_address=address_of(request_language()))


@pages.after_app_request
def _name_shell(response: Response) -> Response:
    if response.mimetype == "text/html":
        known = current_app.extensions
        if _KNOWN not in known:  # looked at once: the files of a running server stay as they are
            known[_KNOWN] = _shell(_stamps())[1]
        response.headers[SHELL_HEADER] = known[_KNOWN]
    return response


def _city_name(language: str) -> str:
    try:
        own = served().snapshot().city.settings
    except YizhanError:  # the app's card must come even when the city is what is missing
        return ""
    return f" · {own.name if language == 'zh' else own.name_en}"


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {
        "src": url_for("static", filename=f"icons/{name}.png"),
        "sizes": f"{size}x{size}",
        "type": "image/png",
        "purpose": purpose,
    }


def _stamps() -> _Stamps:
    """Give name, time and size of each file of the shell and of the worker."""
    found = sorted({path for pattern in _SHELL for path in _STATIC.glob(pattern)})
    stats = [(path, path.stat()) for path in found]
    return tuple((str(p.relative_to(_STATIC)), s.st_mtime_ns, s.st_size) for p, s in stats)


@lru_cache(maxsize=4)
def _shell(stamps: _Stamps) -> tuple[dict[str, str], str]:
    """Give the SHA-256 of each file by its address, and the version of all together."""
    base = current_app.static_url_path
    files, all_together = {}, hashlib.sha256()
    for name, *_ in stamps:
        sha = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()
        all_together.update(f"{name} {sha}\n".encode())
        if _STATIC / name != _WORKER:
            files[f"{base}/{name}"] = sha
    return files, all_together.hexdigest()[:16]

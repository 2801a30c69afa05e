"""HTTP headers that keep a page to itself, and compression."""

from __future__ import annotations

import gzip
import secrets
from functools import lru_cache

from flask import Flask, Response, g, request

from web.settings import Settings

_TILE_HOSTS = {
    "offline": "",
    "tianditu": " https://*.tianditu.gov.cn",
    "osm": " https://tile.openstreetmap.org",
}
_COMPRESSED = ("text/", "application/json", "application/geo+json", "application/openapi+json")
_SAME_FOR_ALL = ("/snapshot/", "/snapshot-words/")
"""What does not depend on the language a browser asks for; caches need not keep it twice."""
_SMALL_BYTES = 1000
_YEAR_S = 365 * 24 * 3600


def install(app: Flask, settings: Settings) -> None:
    """Put the headers on every response of the app."""
    tiles = _TILE_HOSTS[settings.tiles]

    def add(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if _is_part(response):
            return _for_cache(response)
        response.headers.setdefault("Content-Security-Policy", _policy(tiles))
        # A tile service wants to know which site asks; nobody else learns even that.
        response.headers["Referrer-Policy"] = "origin" if tiles else "no-referrer"
        response.headers["Permissions-Policy"] = "geolocation=(self), camera=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.add("Accept-Language")
        return _compressed(response)

    app.after_request(add)


def _is_part(response: Response) -> bool:
    """Tell whether this is part of a page and no page: what is for pages says nothing there.

    Hundreds of bytes of headers with each of some forty files matter on a weak network.
    """
    is_page = (response.mimetype or "") in ("text/html", "image/svg+xml")
    return request.path.startswith(("/static/", *_SAME_FOR_ALL)) and not is_page


def _for_cache(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    if request.path.startswith("/static/"):
        _cache_static(response)
    else:
        response.headers.setdefault("Cache-Control", "no-cache")
    return _compressed(response)


def nonce() -> str:
    """Give the request's word that lets its inline scripts run; a new one for every request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


def map_policy(tiles: str) -> str:
    """Give the policy of a folium document: its own inline scripts run, and nothing else.

    Parameters
    ----------
    tiles
        Source of the map tiles, one of `web.settings.TILE_SOURCES`.
    """
    return (
        f"default-src 'self'; script-src 'self' 'nonce-{nonce()}'; "
        "style-src 'self' 'unsafe-inline'; "
        f"img-src 'self' data:{_TILE_HOSTS[tiles]}; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'self'"
    )


def _policy(tile_hosts: str) -> str:
    return (
        f"default-src 'self'; img-src 'self' data:{tile_hosts}; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


def _cache_static(response: Response) -> None:
    """Files of a named version never change; our own are asked for again, by checksum."""
    if request.path.startswith("/static/vendor/") and response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"


def _compressed(response: Response) -> Response:
    response.vary.add("Accept-Encoding")
    wants = "gzip" in request.headers.get("Accept-Encoding", "")
    is_plain = response.status_code == 200 and "Content-Encoding" not in response.headers
    if not (wants and is_plain and (response.mimetype or "").startswith(_COMPRESSED)):
        return response
    is_stream = response.is_streamed and not response.direct_passthrough
    if is_stream or "Range" in request.headers:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if len(body) < _SMALL_BYTES:
        return response
    is_static = request.path.startswith("/static/")
    response.set_data(_gzip_kept(body) if is_static else gzip.compress(body, 5))
    response.headers["Content-Encoding"] = "gzip"
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=64)
def _gzip_kept(body: bytes) -> bytes:
    return gzip.compress(body, 9)

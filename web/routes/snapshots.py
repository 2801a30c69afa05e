"""The snapshot files that phones search.

Nothing in a request tells more of a phone than the coarse cell it is in: there are no parameters,
and the only names are those of whole files.
"""

from __future__ import annotations

import hashlib
import re

from apiflask import APIBlueprint
from flask import Response, request, send_file

from geodata.errors import InvalidInputError, NotFoundError, UnavailableError
from web.publishing import LIVE, MANIFEST
from web.renewal import renewal

files = APIBlueprint("snapshots", __name__, url_prefix="/snapshot", enable_openapi=False)

_YEAR_S = 365 * 24 * 3600
_FOR_EVER = f"public, max-age={_YEAR_S}, immutable"
_LIVE_S = 60
_TAG_DIGITS = 20
_HASHED = re.compile(r"(?:cells/[0-9a-f]{15}|places)-([0-9a-f]{16})\.json", re.ASCII)
_TILES = re.compile(r"stations-([0-9a-f]{16})\.pmtiles", re.ASCII)
_ENDS = {"br": ".br", "gzip": ".gz", "": ""}


@files.before_request
def _take_no_parameters() -> None:
    """Refuse what could carry a position; it is not repeated in the answer."""
    if request.query_string:
        raise InvalidInputError(
            "the files for phones take no parameters; leave out all from the question mark on"
        )


@files.get("/manifest.json")
def manifest() -> Response:
    """Give the manifest, which names all other files."""
    renewal().look()
    return _changing(MANIFEST, "no-cache")


@files.get("/live.json")
def live() -> Response:
    """Give what people say now."""
    renewal().look_at_live()
    return _changing(LIVE, f"public, max-age={_LIVE_S}")


@files.get("/<path:path>")
def file(path: str) -> Response:
    """Give a file that never changes under its name."""
    hashed = _HASHED.fullmatch(path)
    if hashed is not None:
        encoding = _encoding()
        return _answer(path, encoding, _FOR_EVER, f"{hashed[1]}{encoding}")
    tiles = _TILES.fullmatch(path)
    if tiles is None:
        raise _missing(path)
    found = renewal().folder / path
    if not found.is_file():
        raise _missing(path)
    response = send_file(
        found.resolve(), mimetype="application/vnd.pmtiles", conditional=True, etag=tiles[1]
    )
    response.headers["Cache-Control"] = _FOR_EVER
    return response


def _changing(path: str, cache_control: str) -> Response:
    if not (renewal().folder / path).is_file():
        raise UnavailableError("the files for phones are not written yet; try again in a minute")
    return _answer(path, _encoding(), cache_control, "")


def _answer(path: str, encoding: str, cache_control: str, etag: str) -> Response:
    try:
        body = (renewal().folder / (path + _ENDS[encoding])).read_bytes()
    except OSError:
        raise _missing(path) from None
    response = Response(body, mimetype="application/json")
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.headers["Cache-Control"] = cache_control
    response.vary.add("Accept-Encoding")
    response.set_etag(etag or hashlib.sha256(body).hexdigest()[:_TAG_DIGITS])
    response.make_conditional(request)
    return response


def _encoding() -> str:
    """Give the smallest form that the browser takes; plain where it takes none."""
    asked = request.accept_encodings
    for encoding in ("br", "gzip"):
        if any(name == encoding and quality > 0 for name, quality in asked):
            return encoding
    return ""


def _missing(path: str) -> NotFoundError:
    return NotFoundError(
        "there is no file {path!s} here; read manifest.json again, it names those there are",
        path=path,
    )

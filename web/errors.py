"""Errors as people and programs see them: one JSON shape, one page, no internals."""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import cast

import orjson
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from geodata.errors import (
    InvalidInputError,
    NotFoundError,
    UnanswerableError,
    UnavailableError,
    YizhanError,
)
from web.i18n import Translate, request_language, say, translator

_LOG = logging.getLogger("yizhan.web")
_KINDS = {
    InvalidInputError: "invalid_input",
    NotFoundError: "not_found",
    UnanswerableError: "unanswerable",
    UnavailableError: "unavailable",
}


def install(app: Flask) -> None:
    """Answer every failure of the app in our own shape."""
    app.register_error_handler(YizhanError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def kind_of(error: YizhanError) -> str:
    """Give the kind of an error in one word, for programs."""
    return _KINDS.get(type(error), "internal")


def _ours(error: YizhanError) -> Response:
    message = say(error, request_language())
    details = {key: _plain(value) for key, value in error.details.items()}
    return _answer(error.status, kind_of(error), message, details)


def _http(error: HTTPException) -> Response:
    if error.response is not None:  # a redirect, or an answer made elsewhere
        return cast("Response", error.response)
    status = error.code or 500
    response = _answer(status, _http_kind(status), _http_message(status), {"status": status})
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    # The path holds no position; the query and the body might, so they are never logged.
    _LOG.exception("unexpected %s at %s", type(error).__name__, request.path, exc_info=error)
    return _answer(500, "internal", _http_message(500), {})


def _http_kind(status: int) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return "not_found"
    return "invalid_input" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "unavailable"


def _http_message(status: int) -> str:
    _ = translator(request_language())
    if status == HTTPStatus.NOT_FOUND:
        return _("There is no such page; start again from the finder.")
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return _("This address does not take that method; see /api/v1/openapi.json.")
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _("The request is too large; send one question at a time.")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _("The request cannot be read; send JSON as /api/v1/openapi.json describes.")
    return _("Something broke on our side. Try again; if it stays, tell the office that runs this.")


def _answer(status: int, kind: str, message: str, details: dict[str, object]) -> Response:
    if _is_for_programs():
        body = {"error": {"kind": kind, "message": message, "details": details}}
        response = Response(orjson.dumps(body), status, mimetype="application/json")
    else:
        response = Response(_page(status, message), status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(status: int, message: str) -> str:
    _: Translate = translator(request_language())
    titles = {
        400: _("That cannot be right"),
        404: _("Not found"),
        422: _("No answer"),
        503: _("Not available"),
    }
    return render_template("error.html", title=titles.get(status, _("Error")), message=message)


def _is_for_programs() -> bool:
    if request.path.startswith(("/api/", "/snapshot/", "/healthz", "/metrics")):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _plain(value: object) -> object:
    if isinstance(value, bool | int | str) or value is None:
        return value
    if isinstance(value, float):
        return value
    # An object's default text holds its address in memory, which is nobody's business.
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))

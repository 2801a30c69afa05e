"""The words of the scripts, by language."""

from __future__ import annotations

from flask import Blueprint, Response, abort, url_for

from web.languages import languages
from web.phone_words import name_of, words_of

_YEAR_S = 365 * 24 * 3600

files = Blueprint("phone_words", __name__, url_prefix="/snapshot-words")


@files.get("/<name>.json")
def words(name: str) -> Response:
    """Give the words of a language; by an old name the new words, which are not kept then."""
    language = name.partition("-")[0]
    if language not in languages():
        abort(404)
    response = Response(words_of(language), mimetype="application/json")
    if name == name_of(language):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    return response


def address_of(language: str) -> str:
    """Give the address of the words of a language, for a page."""
    return url_for("phone_words.words", name=name_of(language))

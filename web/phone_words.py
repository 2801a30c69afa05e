"""The words that the scripts on the phone say: one small file for each language.

The scripts say English sentences, ``say("Stations found: {n}", { n })``. What they say is read from
the scripts themselves, so that no list of it can fall behind.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import orjson
from babel.messages.jslexer import Token, tokenize, unquote_string

from geodata.errors import InvalidInputError
from geodata.records import ENTRY_MODES, STATION_KINDS
from geodata.services import services
from web.i18n import translator
from web.words import entry_words, kind_words, service_name

STATIC = Path(__file__).parent / "static"
_SAY = "say"
_IMPORTED = "finder/words.js"
_CALL = re.compile(r"\bsay\(")


def words_of(language: str) -> bytes:
    """Give the words of a language as JSON.

    Returns
    -------
    bytes
        ``sentences``: by the English sentence, those that are translated; ``services``,
        ``entries``, ``kinds``: names by key.
    """
    return _words_of(language)[0]


def name_of(language: str) -> str:
    """Give the name of the file of a language, ``zh-<hash>``; another one when its words change."""
    return f"{language}-{_words_of(language)[1]}"


@cache
def _words_of(language: str) -> tuple[bytes, str]:
    translate = translator(language)
    said = {text: translate(text) for text in sentences_of_scripts()}
    body = orjson.dumps(
        {
            "language": language,
            "sentences": {text: other for text, other in said.items() if other != text},
            "services": {key: service_name(key, language) for key in services()},
            "entries": {entry: entry_words(entry, language) for entry in ENTRY_MODES},
            "kinds": {kind: kind_words(kind, language) for kind in STATION_KINDS},
        }
    )
    return body, hashlib.sha256(body).hexdigest()[:16]


@cache
def sentences_of_scripts() -> tuple[str, ...]:
    """Give the sentences of all scripts that say any, sorted.

    Raises
    ------
    InvalidInputError
        When a script says something that is no literal sentence.
    """
    found: set[str] = set()
    for path in (*STATIC.glob("finder/*.js"), *STATIC.glob("*.js")):
        source = path.read_text("utf-8")
        if path.parent != STATIC or _IMPORTED in source:
            found.update(sentences_in(source, name=path.name))
    return tuple(sorted(found))


def sentences_in(source: str, *, name: str) -> list[str]:
    """Give the sentences that a script says, in their order.

    Parameters
    ----------
    source
        JavaScript. ``say("one", { n: say("two") })`` gives both; literals joined by ``+`` are one.
    name
        Of the script, for the message.

    Raises
    ------
    InvalidInputError
        When the first argument of a call is no literal text, or the call stands inside a template
        literal: nobody could translate it.
    """
    tokens = [t for t in tokenize(source, jsx=False) if "comment" not in t.type]
    for token in tokens:
        if token.type == "template_string" and _CALL.search(token.value):
            raise _no_literal(name, token)
    calls = (k for k in range(len(tokens)) if _is_call(tokens, k))
    return [_sentence(tokens, k + 2, name) for k in calls]


def _is_call(tokens: list[Token], k: int) -> bool:
    is_definition = k > 0 and tokens[k - 1].value == "function"
    has_brace = k + 1 < len(tokens) and tokens[k + 1].value == "("
    return tokens[k].type == "name" and tokens[k].value == _SAY and has_brace and not is_definition


def _sentence(tokens: list[Token], k: int, name: str) -> str:
    parts = list(_literal(tokens, k))
    end = k + max(2 * len(parts) - 1, 0)
    if not parts or tokens[end].value not in (",", ")"):
        raise _no_literal(name, tokens[k - 2])
    return "".join(parts)


def _no_literal(name: str, token: Token) -> InvalidInputError:
    return InvalidInputError(
        "{name}, line {line}: say() takes a literal sentence first, outside of template literals; "
        "write it out",
        name=name,
        line=token.lineno,
    )


def _literal(tokens: list[Token], k: int) -> Iterator[str]:
    while k < len(tokens) and tokens[k].type == "string":
        yield unquote_string(tokens[k].value)
        if tokens[k + 1].value != "+":
            return
        k += 2

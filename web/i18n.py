"""What we say, in the reader's language.

The key of every sentence is the English sentence; ``web/translations`` holds the catalogues and
``scripts/translate.py`` renews them. Sentences in Python carry ``{name}`` placeholders.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel

from geodata.errors import YizhanError
from web import languages

Translate = Callable[[str], str]
"""Takes an English sentence of ours, gives it in another language."""


def translator(language: str) -> Translate:
    """Give the function that translates our sentences; it works without a request.

    Parameters
    ----------
    language
        ``zh`` or ``en``; another one leaves the sentences in English.
    """
    return _catalogue(language).gettext


def say(error: YizhanError, language: str) -> str:
    """Give the message of an error of ours in a language.

    Parameters
    ----------
    error
        The error; its values are put into the translated sentence. A value that is an error of
        ours itself, such as the reason for another one, is said in the same language.
    language
        ``zh`` or ``en``.
    """
    translate = translator(language)
    details = dict(error.details)
    if isinstance(details.get("what"), str):
        details["what"] = translate(str(details["what"]))
    for name, value in error.details.items():
        if isinstance(value, YizhanError):
            details[name] = say(value, language)
    return str(type(error)(translate(error.template), **details))


def request_language() -> str:
    """Give the language of the request: ``?lang=``, else what the browser asks for, else ours."""
    if not has_request_context():
        return languages.OURS[0]
    if "language" not in g:
        asked = request.args.get("lang", "")
        default: str = current_app.config["YIZHAN_LANGUAGE"]
        known = languages.languages()
        g.language = (
            asked if asked in known else request.accept_languages.best_match(known) or default
        )
    return str(g.language)


def choose_language(language: object) -> None:
    """Answer the request in this language; one that is not ours changes nothing."""
    if language in languages.languages():
        g.language = language


def install(app: Flask, language: str) -> None:
    """Let templates say ``_("...")`` and keep a chosen language in the links between pages."""
    app.config["YIZHAN_LANGUAGE"] = language
    Babel(
        app,
        default_locale=language,
        default_translation_directories=str(languages.FOLDER),
        locale_selector=request_language,
    )
    app.url_defaults(_keep_language)


def _keep_language(endpoint: str, values: dict[str, object]) -> None:
    is_page = endpoint.partition(".")[0] in ("finder", "planner", "national")
    if is_page and has_request_context() and request.args.get("lang") in languages.languages():
        values.setdefault("lang", request.args["lang"])


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(languages.FOLDER, [language])


def _by_way(_: Translate) -> tuple[str, ...]:
    """Name what reaches the reader by way of a variable, so that it is in the catalogue."""
    return (
        _("your position"),
        _("Sample data, not real stations"),
        _("Has a station within the standard"),
        _("Gains a station by this plan"),
        _("Has no station within the standard"),
        _("Stations"),
        _("Closed by this plan"),
        _("everybody"),
        _("the share"),
        _("the share and the floors of areas"),
        _("the floors of areas"),
    )

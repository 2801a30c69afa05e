"""The reasons of trust and duty, in the reader's words."""

from __future__ import annotations

from datetime import datetime

from stations.trust_reasons import Reason
from web.i18n import Translate, translator
from web.words import entry_words, service_name


def reason_text(reason: Reason, moment: datetime, language: str) -> str:
    """Say one reason.

    Parameters
    ----------
    moment
        Days are named as seen from it.
    language
        ``zh`` or ``en``.
    """
    _ = translator(language)
    said = {name: _said(name, value, moment, language) for name, value in reason.details.items()}
    return _(reason.template).format(**said)


def day_and_time(moment: datetime, *, seen_from: datetime, language: str) -> str:
    """Give a moment in the past as people say it: ``today 18:00``, ``yesterday 18:00``."""
    _ = translator(language)
    days = (seen_from.date() - moment.date()).days
    clock = moment.strftime("%H:%M")
    if days <= 0:
        return _("today {time}").format(time=clock)
    if days == 1:
        return _("yesterday {time}").format(time=clock)
    return _("{n} days ago, {time}").format(n=days, time=clock)


def case_words(word: str, language: str) -> str:
    """Give a step or an outcome of a case, or a result of an inspection."""
    return _case_words(translator(language)).get(word, word)


def _said(name: str, value: object, moment: datetime, language: str) -> object:
    if isinstance(value, datetime):
        return day_and_time(value, seen_from=moment, language=language)
    if name == "way":
        return entry_words(str(value), language)
    if name == "facility":
        return service_name(str(value), language)
    return case_words(value, language) if isinstance(value, str) else value


def _case_words(_: Translate) -> dict[str, str]:
    return {
        "rectify": _("put right"),
        "second_chance": _("second chance"),
        "revoke": _("revoke"),
        "rectified": _("rectified"),
        "failed": _("not rectified"),
        "revoked": _("revoked"),
        "withdrawn": _("withdrawn"),
        "in_order": _("in order"),
        "faulty": _("faulty"),
        "shut": _("shut"),
        "gone": _("gone"),
        "refused": _("turning workers away"),
    }

"""The languages that pages can be in: one for each catalogue in ``web/translations``.

A further language is a folder with a catalogue, ``ug/LC_MESSAGES/messages.po``, compiled by
``scripts/translate.py``; nothing else names it. What it does not translate is said in English.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from babel import Locale

FOLDER = Path(__file__).parent / "translations"
OURS = ("zh", "en")
"""The languages that are always there, the first one first."""

_TAGS = {"zh": "zh-CN"}


@cache
def languages() -> tuple[str, ...]:
    """Give the codes of all languages, ours first, then others by code."""
    found = {path.parents[1].name for path in FOLDER.glob("*/LC_MESSAGES/messages.mo")}
    return (*OURS, *sorted(found - set(OURS)))


def own_name(language: str) -> str:
    """Name a language in itself, such as ``中文``."""
    return Locale.parse(language).get_display_name() or language


def tag(language: str) -> str:
    """Give the tag for HTML's ``lang``, such as ``zh-CN``."""
    return _TAGS.get(language, language.replace("_", "-"))


def direction(language: str) -> str:
    """Give the direction of its writing for HTML's ``dir``: ``ltr`` or ``rtl``."""
    return str(Locale.parse(language).text_direction)

"""The words that offices use in tables of stations, Chinese and English.

Header cells name a field, and a coordinate header may name its frame as well (``经度(GCJ-02)``,
``lon_wgs84``, ``百度纬度``). Cells name facilities, ways to get in, states and kinds. The words
are in ``words.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from geodata.records import ENTRY_MODES, STATION_KINDS, STATION_STATUSES
from geodata.services import services

LAYERS = ("stations", "station", "站点", "驿站", "工会驿站")
"""Names of the layer or sheet to take when several hold places."""

_YES = ("是", "有", "yes", "true", "y", "t", "1", "√", "✓")
_BRACKETS = re.compile(r"[(\[{【〔<].*?[)\]}】〕>]")
_SPLIT = re.compile(r"[、,，;；|\n]+")
_LOOSE_SPLIT = re.compile(r"[/+和与及\s]+")


def plain(text: str) -> str:
    """Give the text in half-width lower case with neither spaces nor ``_-:：*#``."""
    return re.sub(r"[\s_\-:*#/]+", "", unicodedata.normalize("NFKC", text).casefold())


def field_of(header: str) -> str | None:
    """Tell which field a header names; None when it names none.

    A header may carry a unit or a remark in brackets, the frame of a coordinate, or its name in two
    languages (``名称 name``).
    """
    folded = unicodedata.normalize("NFKC", header).casefold()
    whole = plain(_BRACKETS.sub("", _without_frame(folded)))
    if whole in _fields():
        return _fields()[whole]
    if plain(folded) in _fields():
        return _fields()[plain(folded)]
    parts = [plain(_BRACKETS.sub("", _without_frame(p))) for p in re.split(r"[\s/]+", folded)]
    fields = {_fields()[p] for p in parts if len(p) > 1 and p in _fields()}
    return fields.pop() if len(fields) == 1 else None


def frame_of(header: str) -> str | None:
    """Tell which coordinate frame a header names; None when it names none."""
    folded = re.sub(r"[_\-]+", " ", unicodedata.normalize("NFKC", header).casefold())
    return next((frame for word, frame in _frames().items() if _stands_in(word, folded)), None)


def accepted(field: str) -> str:
    """Give the headers that name a field, as a list to read."""
    return ", ".join(_words()["fields"][field])


def is_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names columns of a stations table."""
    fields = {field_of(str(c)) for c in cells if c is not None}
    return {"lon", "lat"} <= fields or "lon_lat" in fields or len(fields - {None}) >= 3


def facilities_of(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the known facilities that a cell lists, as sorted keys, and the words not understood."""
    known: set[str] = set()
    unknown: list[str] = []
    for item in _SPLIT.split(text):
        parts = [item] if plain(item) in _facilities() else _LOOSE_SPLIT.split(item)
        for part in parts:
            keys = _facilities().get(plain(part), ())
            known.update(keys)
            if plain(part) and not keys:
                unknown.append(part.strip())
    return tuple(sorted(known)), tuple(unknown)


def entry_of(text: str) -> str | None:
    """Give the way to get in, one of `records.ENTRY_MODES`; None when not understood."""
    return _lookup("entries", ENTRY_MODES).get(plain(text))


def status_of(text: str) -> str | None:
    """Give the state, one of `records.STATION_STATUSES`; None when not understood."""
    return _lookup("statuses", STATION_STATUSES).get(plain(text))


def kind_of(text: str) -> str | None:
    """Give the kind, one of `records.STATION_KINDS`; None when not understood."""
    return _lookup("kinds", STATION_KINDS).get(plain(text))


def is_yes(text: str) -> bool:
    """Tell whether a cell says yes."""
    return plain(text) in _YES


def _stands_in(word: str, folded: str) -> bool:
    """Find a word; one in Latin letters must not be part of a longer one."""
    if word.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", folded) is not None
    return word in folded


def _without_frame(folded: str) -> str:
    spaced = re.sub(r"[_\-]+", " ", folded)
    for word in _frames():
        if _stands_in(word, spaced):
            spaced = spaced.replace(word, " ")
    return spaced


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("geodata.importers").joinpath("words.toml").read_text("utf-8"))


@cache
def _fields() -> dict[str, str]:
    return {plain(name): field for field, names in _words()["fields"].items() for name in names}


@cache
def _frames() -> dict[str, str]:
    """Give frame by word, long words first, so that bd09ll is found before bd09."""
    pairs = [(word, frame) for frame, words in _words()["frames"].items() for word in words]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


@cache
def _facilities() -> dict[str, tuple[str, ...]]:
    """Give facility keys by word; a word such as 桌椅 stands for two of them."""
    table: dict[str, tuple[str, ...]] = {}
    for key, words in _words()["facilities"].items():
        for word in words:
            table[plain(word)] = (*table.get(plain(word), ()), key)
    for service in services().values():
        for word in (service.key, service.zh, service.en):
            table[plain(word)] = (service.key,)
    return table


@cache
def _lookup(table: str, keys: tuple[str, ...]) -> dict[str, str]:
    named = {plain(word): key for key, words in _words()[table].items() for word in words}
    return named | {plain(key): key for key in keys}

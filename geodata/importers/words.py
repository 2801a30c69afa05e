"""The words that offices use in tables of stations, Chinese and English.

Header cells name a field, and a coordinate header may name its frame as well (``经度(GCJ-02)``,
``lon_wgs84``, ``百度纬度``). Cells name facilities, ways to get in, states and kinds. The words
are in ``words.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from geodata.importers.han import simplified
from geodata.records import ENTRY_MODES, STATION_KINDS, STATION_STATUSES
from geodata.services import services

LAYERS = ("stations", "station", "站点", "驿站", "工会驿站", "全部站点")
"""Names of the layer or sheet to take when several hold places."""

_YES = ("是", "有", "yes", "true", "y", "t", "1", "√", "✓")
_OF_HOST = {"name": "host", "phone": "phone", "host": "host"}  # 主办单位 地址 is not the station's
_OR = re.compile(r"或者?|[/、,，]|均可|都可以?")
_AROUND_ENTRY = re.compile(
    r"^(?:需要?|请|须|凭|可以?|使用|通过)+|(?:即可|进入|入内|进站|入站|开门|就可以?)+$"
)
_BRACKETS = re.compile(r"[(\[{【〔<].*?[)\]}】〕>]")


def plain(text: str) -> str:
    """Give the text in half-width lower case with neither spaces nor ``_-:：*#``."""
    folded = simplified(unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"[\s_\-:*#/\u200b\ufeff]+", "", folded)


def field_of(header: str) -> str | None:
    """Tell which field a header names; None when it names none.

    A header may carry a unit or a remark in brackets, the frame of a coordinate, its name in two
    languages (``名称 name``), or a group above it (``位置 经度``).
    """
    folded = unicodedata.normalize("NFKC", header).casefold()
    whole = plain(_BRACKETS.sub("", _without_frame(folded)))
    if whole in _fields():
        return _fields()[whole]
    if plain(folded) in _fields():
        return _fields()[plain(folded)]
    parts = [plain(_BRACKETS.sub("", _without_frame(p))) for p in re.split(r"[\s/]+", folded)]
    fields = [_fields()[p] for p in parts if len(p) > 1 and p in _fields()]
    if sorted(fields) == ["lat", "lon"]:
        return "_".join(fields)
    if len(set(fields)) > 1 and parts[-1] in _fields():
        return _OF_HOST.get(fields[-1]) if fields[0] == "host" else fields[-1]
    return fields[0] if len(set(fields)) == 1 else None


def frame_of(header: str) -> str | None:
    """Tell which coordinate frame a header names; None when it names none."""
    folded = re.sub(r"[_\-]+", " ", unicodedata.normalize("NFKC", header).casefold())
    return next((frame for word, frame in _frames().items() if _stands_in(word, folded)), None)


def accepted(field: str) -> str:
    """Give the headers that name a field, as a list to read."""
    return ", ".join(_words()["fields"][field])


@cache
def field_names() -> tuple[str, ...]:
    """Give the names of all fields."""
    return tuple(_words()["fields"])


@cache
def spellings(field: str) -> tuple[str, ...]:
    """Give the headers that name a field, the longest first."""
    return tuple(sorted(_words()["fields"][field], key=lambda word: (-len(word), word)))


def label(field: str) -> str:
    """Give the first of the headers that name a field, the one that files of ours use."""
    return _words()["fields"][field][0] if field in field_names() else field


def is_header(cells: Sequence[object]) -> bool:
    """Tell whether a row names columns of a stations table."""
    fields = {field_of(str(c)) for c in cells if c is not None}
    return {"lon", "lat"} <= fields or "lon_lat" in fields or len(fields - {None}) >= 3


def entry_of(text: str) -> str | None:
    """Give the way to get in, one of `records.ENTRY_MODES`; None when not understood.

    Of several ways from which one may choose (扫码或刷身份证) the easiest counts.
    """
    known = _lookup("entries", ENTRY_MODES)
    if plain(text) in known:
        return known[plain(text)]
    found = [_one_entry(part, known) for part in _OR.split(text) if plain(part)]
    if not found or None in found:
        return None
    return min((way for way in found if way), key=ENTRY_MODES.index)


def _one_entry(text: str, known: Mapping[str, str]) -> str | None:
    bare = plain(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)))
    return known.get(bare) or known.get(_AROUND_ENTRY.sub("", bare))


def statuses_in(text: str) -> dict[str, str]:
    """Give the states that a longer text names, each with what is left of the text without it."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found: dict[str, str] = {}
    taken = folded
    for word, status in sorted(
        _lookup("statuses", STATION_STATUSES).items(), key=lambda pair: -len(pair[0])
    ):
        if len(word) > 1 and word in taken:
            found[status] = folded.replace(word, "")
            taken = taken.replace(word, "\0")
    return found


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
def facility_words() -> dict[str, tuple[str, ...]]:
    """Give facility keys by word, compared as `plain` does; 桌椅 stands for two of them."""
    table: dict[str, tuple[str, ...]] = {}
    for key, words in _words()["facilities"].items():
        for word in words:
            table[plain(word)] = (*table.get(plain(word), ()), key)
    for service in services().values():
        for word in (service.key, service.zh, service.en):
            table[plain(word)] = (service.key,)
    return table


@cache
def facility_spellings() -> tuple[str, ...]:
    """Give all words for facilities as they are written."""
    named = [word for words in _words()["facilities"].values() for word in words]
    return tuple(named + [w for s in services().values() for w in (s.key, s.zh, s.en)])


@cache
def marks() -> Mapping[str, tuple[str, ...]]:
    """Give the words that say of a facility: there, not there, broken, not in use."""
    return {name: tuple(words) for name, words in _words()["marks"].items()}


@cache
def _lookup(table: str, keys: tuple[str, ...]) -> dict[str, str]:
    named = {plain(word): key for key, words in _words()[table].items() for word in words}
    return named | {plain(key): key for key in keys}

"""Offers and closed days as text: in a cell that an office reads, and in one for programs.

For an office ``爱心早餐〔时间 Mo-Fr 05:00-07:00〕；微波炉〔损坏，检查 2026-09-01〕`` and
``2026-10-01至2026-10-07〔国庆放假〕；2026-11-01起``; for programs a JSON list of what is known.
Both are read back exactly; what people write freely is read by `geodata.importers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cache
from typing import Any

import orjson

from geodata.errors import InvalidInputError
from geodata.records import Closure, Offer
from geodata.services import services

_LABELS = {"hours": "时间", "checked_on": "检查", "expires_on": "有效期", "note": "备注"}
_STATES = {"broken": "损坏", "suspended": "暂停"}
_SIGNS = re.compile(r"[\\〔〕；，\n\r]")
_NAMES = {"\n": "n", "\r": "r"}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PART = re.compile(r"((?:[^\\〔〕；]|\\.)*)(?:〔((?:[^\\〔〕；]|\\.)*)〕)?")
_JOINT = re.compile(r"\}\s*[、,]\s*\{")
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)(?:至(\d{4}-\d\d-\d\d)|起)")


def for_offices(items: Iterable[Offer | Closure]) -> str:
    """Write offers or closed days for a person; `offers_in` and `closures_in` read it back."""
    return "；".join(_offer(i) if isinstance(i, Offer) else _closure(i) for i in items)


def for_programs(items: Iterable[Offer | Closure]) -> str:
    """Write offers or closed days as JSON, without what is not known; empty when there are none."""
    told = [known(item) for item in items]
    return orjson.dumps(told).decode() if told else ""


def known(item: Offer | Closure) -> dict[str, str]:
    """Give the fields of an offer or a closure that say something."""
    return {name: value for name, value in asdict(item).items() if value}


def offers_in(text: str) -> tuple[Offer, ...] | None:
    """Read offers that were written here, sorted by key.

    Returns
    -------
    tuple of Offer or None
        None when the text was written by somebody else, or names a facility twice.
    """
    rows = _objects(text)
    if rows is None:
        rows = [] if not text else _parts_of_offers(text)
    found: tuple[Offer, ...] | None = _records(Offer, rows)
    if found is None or len({o.key for o in found}) < len(found):
        return None
    return tuple(sorted(found, key=lambda offer: offer.key))


def closures_in(text: str) -> tuple[Closure, ...] | None:
    """Read closed days that were written here; None when they were written by somebody else."""
    rows = _objects(text)
    if rows is None:
        rows = [] if not text else _parts_of_closures(text)
    found: tuple[Closure, ...] | None = _records(Closure, rows)
    return found


def _offer(offer: Offer) -> str:
    told = [_STATES[offer.state]] if offer.state in _STATES else []
    told += [
        f"{label} {_escaped(getattr(offer, name))}"
        for name, label in _LABELS.items()
        if getattr(offer, name)
    ]
    label = services()[offer.key].zh
    return f"{label}〔{'，'.join(told)}〕" if told else label


def _closure(closure: Closure) -> str:
    days = f"{closure.first_day}至{closure.last_day}" if closure.last_day else ""
    reason = f"〔{_escaped(closure.reason)}〕" if closure.reason else ""
    return (days or f"{closure.first_day}起") + reason


def _parts_of_offers(text: str) -> list[Mapping[str, str]] | None:
    rows: list[Mapping[str, str]] = []
    for label, told in _parts(text):
        key = _keys().get(label)
        fields = {} if told is None else _fields(told)
        if key is None or fields is None:
            return None
        rows.append({"key": key, **fields})
    return rows or None


def _fields(told: str) -> dict[str, str] | None:
    """Read what stands between the brackets of an offer."""
    names = {label: name for name, label in _LABELS.items()}
    states = {word: state for state, word in _STATES.items()}
    found: dict[str, str] = {}
    for piece in re.findall(r"(?:[^\\，]|\\.)+", told, re.DOTALL):
        label, blank, value = piece.partition(" ")
        if piece in states:
            found["state"] = states[piece]
        elif blank and label in names:
            found[names[label]] = _plain(value)
        else:
            return None
    return found


def _parts_of_closures(text: str) -> list[Mapping[str, str]] | None:
    rows: list[Mapping[str, str]] = []
    for days, reason in _parts(text):
        match = _DAYS.fullmatch(days)
        if match is None:
            return None
        first, last = match[1], match[2] or ""
        rows.append({"first_day": first, "last_day": last, "reason": _plain(reason or "")})
    return rows or None


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """Give what stands before the brackets and in them, part by part; what does not fit ends it."""
    at = 0
    while at <= len(text):
        match = _PART.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] != "；"):
            yield "", None
            return
        yield match[1], match[2]
        at = match.end() + 1


def _objects(text: str) -> list[Any] | None:
    """Read JSON objects, in a list or one after the other; None when it is no JSON."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    joined = text if text.lstrip().startswith("[") else f"[{_JOINT.sub('},{', text)}]"
    try:
        read = orjson.loads(joined)
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, list) else None


def _records(kind: type[Any], rows: list[Any] | None) -> Any:
    """Make records; None when a row has other fields or breaks the rules."""
    try:
        return None if rows is None else tuple(kind(**row) for row in rows)
    except (TypeError, InvalidInputError):
        return None


def _escaped(text: str) -> str:
    return _SIGNS.sub(lambda match: "\\" + _NAMES.get(match[0], match[0]), text)


def _plain(text: str) -> str:
    names = {name: sign for sign, name in _NAMES.items()}
    return _ESCAPED.sub(lambda match: names.get(match[1], match[1]), text)


@cache
def _keys() -> Mapping[str, str]:
    return {service.zh: key for key, service in services().items()}

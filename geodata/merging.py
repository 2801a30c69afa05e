"""What one station is when two records of it are laid together.

Nothing is lost: lists are joined, a gap is filled by the other record, and where both say something
the one that was checked on the spot later is believed. Every such choice is told, and a person may
choose otherwise. Both records and their sources stay in the store, which can take the merge back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyproj import Geod

from geodata.errors import InvalidInputError
from geodata.records import Closure, Offer, Station

SAME_PLACE_M = 30.0
"""Nearer than this, two records mean the same place and the kept one's position stays unasked."""

_GROUPS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "position": ("lon_deg", "lat_deg", "source_frame", "source_x", "source_y"),
    "hours": ("hours", "hours_text"),
    "staff_hours": ("staff_hours",),
    "entry": ("entry",),
    "kind": ("kind",),
    "status": ("status", "status_reason", "status_since"),
    "area_m2": ("area_m2",),
    "seats": ("seats",),
    "host": ("host",),
    "address": ("address",),
    "district": ("district", "district_code"),
    "phone": ("phone",),
}
"""What is chosen together, by the name of the choice."""

_STAY = ("name", "position")  # an address book and a door do not follow the later check
_SAYS_NOTHING = ("", "unknown", None)
_GEOD = Geod(ellps="WGS84")


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that the two records say differently.

    Attributes
    ----------
    field
        Name of the choice: ``name``, ``position``, ``hours`` and so on.
    kept, dropped
        What stands now and what does not; ``position`` is (longitude, latitude).
    why
        ``chosen`` by a person, ``checked_later``, or ``kept`` because nothing tells which is better
        and the kept station's word stands.
    """

    field: str
    kept: Any
    dropped: Any
    why: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The fields of the kept station that change, for `Store.merge`, and what was decided."""

    fields: Mapping[str, Any]
    conflicts: tuple[Conflict, ...]


def merged(keep: Station, other: Station, *, choices: Mapping[str, str] | None = None) -> Merged:
    """Lay two records of one station together.

    Parameters
    ----------
    keep, other
        The record that stays, with its id and code, and the one that it absorbs.
    choices
        ``keep`` or ``other`` for things that both say: ``name``, ``position``, ``hours``,
        ``staff_hours``, ``entry``, ``kind``, ``status``, ``area_m2``, ``seats``, ``host``,
        ``address``, ``district``, ``phone``.

    Raises
    ------
    InvalidInputError
        When both are the same record, one is invented and the other real, or a choice is not known.
    """
    chosen = dict(choices or {})
    _check(keep, other, chosen)
    fields: dict[str, Any] = {}
    conflicts = []
    for name, columns in _GROUPS.items():
        side, why = _decided(name, keep, other, chosen.get(name))
        if why:
            pair = (_said(name, keep), _said(name, other))
            conflicts.append(Conflict(name, *(pair if side is keep else pair[::-1]), why))
        if side is other:
            fields |= {c: getattr(other, c) for c in columns}
    fields["facilities"] = tuple(sorted({*keep.facilities, *other.facilities}))
    fields["offers"] = _offers(keep, other)
    fields["closures"] = _closures(keep, other)
    fields["verified_on"] = max(keep.verified_on, other.verified_on)
    return Merged({c: v for c, v in fields.items() if v != getattr(keep, c)}, tuple(conflicts))


def _check(keep: Station, other: Station, choices: Mapping[str, str]) -> None:
    if keep.id == other.id:
        raise InvalidInputError("station {id} cannot be merged with itself", id=keep.id)
    if keep.is_synthetic != other.is_synthetic:
        raise InvalidInputError(
            "of stations {keep} and {other} one is invented and one is real; they are not one "
            "station",
            keep=keep.id,
            other=other.id,
        )
    for name, side in choices.items():
        if name not in _GROUPS or side not in ("keep", "other"):
            raise InvalidInputError(
                "{name}={side} is no choice of a merge; write keep or other for one of {known}",
                name=name,
                side=side,
                known=", ".join(_GROUPS),
            )


def _decided(name: str, keep: Station, other: Station, choice: str | None) -> tuple[Station, str]:
    """Give the record that is believed, and why; without a why there is no conflict."""
    ours, theirs = _said(name, keep), _said(name, other)
    if name == "district" and keep.district == other.district and not keep.district_code:
        return other, ""
    if ours == theirs or theirs == "":
        return keep, ""
    if ours == "":
        return other, ""
    if choice is not None:
        return (keep if choice == "keep" else other), "chosen"
    if name == "position" and _distance_m(keep, other) <= SAME_PLACE_M:
        return keep, ""
    if name not in _STAY and other.verified_on > keep.verified_on:
        return other, "checked_later"
    if name not in _STAY and other.verified_on < keep.verified_on:
        return keep, "checked_later"
    return keep, "kept"


def _said(name: str, station: Station) -> Any:
    """Give what a record says of something; empty when it says nothing."""
    first = getattr(station, _GROUPS[name][0])
    if name == "position":
        return (station.lon_deg, station.lat_deg)
    if name == "hours":
        return station.hours or station.hours_text
    if name == "district":
        return station.district or station.district_code
    return "" if first in _SAYS_NOTHING else first


def _offers(keep: Station, other: Station) -> tuple[Offer, ...]:
    """Join offers; of two about one thing the one checked later counts, else the kept one's."""
    found = {offer.key: offer for offer in other.offers}
    for offer in keep.offers:
        rival = found.get(offer.key)
        if rival is None or rival.checked_on <= offer.checked_on:
            found[offer.key] = offer
    return tuple(found[key] for key in sorted(found))


def _closures(keep: Station, other: Station) -> tuple[Closure, ...]:
    every = dict.fromkeys((*keep.closures, *other.closures))
    return tuple(sorted(every, key=lambda c: (c.first_day, c.last_day, c.reason)))


def _distance_m(a: Station, b: Station) -> float:
    return float(_GEOD.inv(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg)[2])

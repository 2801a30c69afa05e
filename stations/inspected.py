"""What an inspection changes about a station's record."""

from __future__ import annotations

from geodata.importers.inspections import FilledFacility, FilledStation
from geodata.records import Offer, Station

_SERVES = ("in_order", "faulty")
"""Results after which it is known that the station serves."""


def fields_after(station: Station, found: FilledStation) -> dict[str, object]:
    """Give the fields that an inspection changes, with their new values.

    ``verified_on`` moves on only when the station was found to serve; a shut or vanished one stays
    as it is until somebody decides (`stations.rectification`). A facility found ``absent`` goes;
    one found otherwise is checked that day. What was checked later than this inspection stays.

    Parameters
    ----------
    station
        As recorded now.
    found
        What was filled in.
    """
    return {**_of_door(station, found), **_of_facilities(station, found)}


def _of_door(station: Station, found: FilledStation) -> dict[str, object]:
    fields: dict[str, object] = {}
    if found.inspected_on < station.verified_on:
        return fields
    if found.result in _SERVES and found.inspected_on > station.verified_on:
        fields["verified_on"] = found.inspected_on
    if found.hours and found.hours != station.hours:
        fields |= {"hours": found.hours, "hours_text": found.hours_text}
    if found.entry and found.entry != station.entry:
        fields["entry"] = found.entry
    return fields


def _of_facilities(station: Station, found: FilledStation) -> dict[str, object]:
    fields: dict[str, object] = {}
    offers = {offer.key: offer for offer in station.offers}
    facilities = set(station.facilities)
    for one in found.facilities:
        offer = offers.get(one.key, Offer(key=one.key))
        if offer.checked_on > found.inspected_on:
            continue
        if one.state == "absent":
            offers.pop(one.key, None)
            facilities.discard(one.key)
        else:
            offers[one.key] = _checked(offer, one, found)
            facilities.add(one.key)
    ordered = tuple(offers[key] for key in sorted(offers))
    if ordered != station.offers:
        fields["offers"] = ordered
    if tuple(sorted(facilities)) != station.facilities:
        fields["facilities"] = tuple(sorted(facilities))
    return fields


def _checked(offer: Offer, one: FilledFacility, found: FilledStation) -> Offer:
    return Offer(
        key=one.key,
        state=one.state or offer.state,
        hours=offer.hours,
        checked_on=found.inspected_on,
        expires_on=one.expires_on or offer.expires_on,
        note=one.note or offer.note,
    )

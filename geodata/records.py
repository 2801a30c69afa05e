"""The recorded facts: stations, hotspots of outdoor workers, areas.

One thing is a frozen dataclass; many things are a GeoDataFrame in WGS 84 (EPSG:4326) with the
columns named here. A fact that is not known is ``None`` or the word ``unknown``, never a guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from datetime import date

from shapely.geometry.base import BaseGeometry

from geodata.errors import InvalidInputError
from geodata.services import check_services

GROUPS = ("rider", "courier", "cleaner", "driver")
"""Groups of outdoor workers: food riders, couriers, street cleaners, taxi and truck drivers."""

ENTRY_MODES = ("walk_in", "ask_staff", "qr", "id_card", "app", "phone", "unknown")
"""How the door opens, easiest first."""

STATION_STATUSES = ("planned", "building", "open", "suspended", "moved", "revoked")

STATION_KINDS = ("co_built", "self_built", "smart_24h", "flagship", "mobile")

OFFER_STATES = ("working", "broken", "suspended")
"""States of one facility or programme of a station."""

INVENTED = "Sample data, not real stations"
"""Stands wherever an invented station or place is shown; the key of its translation."""

HOURS_PER_WEEK = 168
"""Hour 0 is Monday 00:00-01:00, hour 167 Sunday 23:00-24:00, in the city's own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What is known about one facility or programme of a station, beyond that it is there.

    Attributes
    ----------
    key
        Key of `geodata.services`.
    state
        One of `OFFER_STATES`.
    hours
        OpenStreetMap ``opening_hours`` of a programme (爱心早餐 ``Mo-Fr 05:00-07:00``, a yearly
        event ``Jan 15 09:00-17:00``); empty: whenever the station is open.
    checked_on
        ISO date of the last look on the spot; empty when never.
    expires_on
        ISO date after which it must be replaced, such as medicine; empty when nothing expires.
    note
        Free text.
    """

    key: str
    state: str = "working"
    hours: str = ""
    checked_on: str = ""
    expires_on: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        check_services((self.key,))
        _check_word(self.state, OFFER_STATES, "state of " + self.key, "")
        for name in ("checked_on", "expires_on"):
            check_day(getattr(self, name), what=f"{self.key}: {name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Days on which a station is closed against its hours, both inclusive.

    Attributes
    ----------
    first_day, last_day
        ISO dates; an empty last day means until further notice.
    reason
        Free text, shown to workers.
    """

    first_day: str
    last_day: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        check_day(self.first_day, what="first day of a closure")
        check_day(self.last_day, what="last day of a closure")
        if not self.first_day or (self.last_day and self.last_day < self.first_day):
            raise InvalidInputError(
                "a closure from {first} to {last} has no days; correct the dates",
                first=self.first_day or "?",
                last=self.last_day or "?",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A recorded union service station (工会驿站).

    Attributes
    ----------
    id
        Unique within a city.
    code
        The code on the door and in the QR (`geodata.codes`), unique and never given again; empty
        until it has one.
    lon_deg, lat_deg
        Position in WGS 84.
    hours
        OpenStreetMap ``opening_hours`` text; empty when nobody has recorded the hours.
    hours_text
        The hours as the source wrote them.
    staff_hours
        When somebody is there to help, as ``opening_hours``; empty when not known. The door may
        be open without staff.
    closures
        Days on which it is closed against its hours.
    facilities
        Keys of `geodata.services`, sorted: all that the station has, working or not.
    offers
        More about some of the facilities and programmes, at most one for a key, sorted by key.
    entry
        One of `ENTRY_MODES`.
    kind, status
        One of `STATION_KINDS`, `STATION_STATUSES`.
    status_reason, status_since
        Why it has its status, and the ISO date since when; empty when not known.
    area_m2, seats
        Usable floor and places to sit; None when unknown.
    district_code
        GB/T 2260 code of the district today, six digits; empty when unknown.
    host, address, district, phone
        Free text; empty when unknown. The phone is the host's or the duty desk's, never a private
        one.
    source, source_frame, source_x, source_y
        Where the fact came from, and the coordinates exactly as they came, in the frame they were
        in.
    verified_on
        ISO date of the last check on the spot; empty when never.
    is_synthetic
        True for invented stations; shown wherever the station is shown.
    """

    id: str
    name: str
    lon_deg: float
    lat_deg: float
    code: str = ""
    hours: str = ""
    hours_text: str = ""
    staff_hours: str = ""
    closures: tuple[Closure, ...] = ()
    facilities: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    entry: str = "unknown"
    kind: str = "co_built"
    status: str = "open"
    status_reason: str = ""
    status_since: str = ""
    area_m2: float | None = None
    seats: int | None = None
    host: str = ""
    address: str = ""
    district: str = ""
    district_code: str = ""
    phone: str = ""
    source: str = ""
    source_frame: str = "wgs84"
    source_x: float | None = None
    source_y: float | None = None
    verified_on: str = ""
    is_synthetic: bool = False

    def __post_init__(self) -> None:
        check_position(lon_deg=self.lon_deg, lat_deg=self.lat_deg, what=f"station {self.id!r}")
        if not self.id or not self.name:
            raise InvalidInputError(
                "station {id!s} at {lon},{lat}: id and name must not be empty",
                id=self.id or "?",
                lon=self.lon_deg,
                lat=self.lat_deg,
            )
        _check_word(self.entry, ENTRY_MODES, "entry", self.id)
        _check_word(self.kind, STATION_KINDS, "kind", self.id)
        _check_word(self.status, STATION_STATUSES, "status", self.id)
        check_day(self.status_since, what=f"station {self.id}: status_since")
        for name in ("area_m2", "seats"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise InvalidInputError(
                    "station {id}: {name} is {value}; it must be 0 or more",
                    id=self.id,
                    name=name,
                    value=value,
                )


STATION_LISTS = ("closures", "facilities", "offers")
"""Columns of a stations frame that hold tuples."""

STATION_COLUMNS = tuple(f.name for f in fields(Station) if f.name not in ("lon_deg", "lat_deg"))
"""Columns of a stations frame, beside ``geometry`` (points, EPSG:4326)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hotspot:
    """A place where outdoor workers gather.

    Attributes
    ----------
    lon_deg, lat_deg
        Position in WGS 84.
    group
        One of `GROUPS`, or ``all`` where the source does not tell them apart.
    people
        Distinct workers; at least the k of the k-anonymity rule when found in points of activity.
    presence
        Shape (168,): share of `people` who are there in each hour of the week, 0 to 1.
    """

    id: str
    name: str
    lon_deg: float
    lat_deg: float
    group: str
    people: float
    presence: tuple[float, ...]
    source: str = ""
    is_synthetic: bool = False

    def __post_init__(self) -> None:
        check_position(lon_deg=self.lon_deg, lat_deg=self.lat_deg, what=f"hotspot {self.id!r}")
        if not (math.isfinite(self.people) and self.people >= 0):
            raise InvalidInputError(
                "hotspot {id}: people is {people}; it must be 0 or more",
                id=self.id,
                people=self.people,
            )
        if len(self.presence) != HOURS_PER_WEEK or not all(0 <= p <= 1 for p in self.presence):
            raise InvalidInputError(
                "hotspot {id}: presence must be 168 shares from 0 to 1", id=self.id
            )


HOTSPOT_COLUMNS = tuple(f.name for f in fields(Hotspot) if f.name not in ("lon_deg", "lat_deg"))
"""Columns of a hotspots frame, beside ``geometry`` (points, EPSG:4326)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A district, street or other named polygon in WGS 84."""

    id: str
    name: str
    geometry: BaseGeometry
    is_synthetic: bool = False

    def __post_init__(self) -> None:
        if self.geometry.is_empty or self.geometry.geom_type not in ("Polygon", "MultiPolygon"):
            raise InvalidInputError(
                "area {id}: needs a polygon that is not empty, got {kind}",
                id=self.id,
                kind=self.geometry.geom_type,
            )
        if not self.geometry.is_valid:
            raise InvalidInputError(
                "area {id}: the polygon crosses itself; repair it in a GIS first", id=self.id
            )


AREA_COLUMNS = ("id", "name", "is_synthetic")
"""Columns of an areas frame, beside ``geometry`` (polygons, EPSG:4326)."""


def check_position(*, lon_deg: float, lat_deg: float, what: str) -> None:
    """Refuse a WGS 84 position that cannot exist, and say so when the axes look swapped.

    Raises
    ------
    InvalidInputError
        When a coordinate is not finite or out of range.
    """
    if math.isfinite(lon_deg) and math.isfinite(lat_deg):
        if abs(lon_deg) <= 180 and abs(lat_deg) <= 90:
            return
        if abs(lat_deg) <= 180 and abs(lon_deg) <= 90:
            raise InvalidInputError(
                "{what}: longitude {lon} and latitude {lat} look swapped; exchange the two columns",
                what=what,
                lon=lon_deg,
                lat=lat_deg,
            )
    raise InvalidInputError(
        "{what}: longitude {lon}, latitude {lat} is no place on earth; degrees are needed",
        what=what,
        lon=lon_deg,
        lat=lat_deg,
    )


def check_day(text: str, *, what: str) -> str:
    """Return the text when it is empty or a day in ISO form.

    Raises
    ------
    InvalidInputError
        When it is neither.
    """
    try:
        if text and date.fromisoformat(text).isoformat() == text:
            return text
    except ValueError:
        pass
    if text:
        raise InvalidInputError(
            "{what}: {text!s} is no day; write it like 2026-09-20", what=what, text=text
        )
    return text


def _check_word(value: str, allowed: tuple[str, ...], name: str, station_id: str) -> None:
    if value not in allowed:
        raise InvalidInputError(
            "station {id}: {name} {value!s} is not one of {allowed}",
            id=station_id,
            name=name,
            value=value,
            allowed=", ".join(allowed),
        )

"""Named places that a worker can choose instead of giving a position."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd

from geodata.errors import NotFoundError
from geodata.records import Station

MAX_FOUND = 8
_POPULAR = 8
_SUGGESTED = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place with a name: a hotspot, an area or a station.

    Attributes
    ----------
    id
        Kind and id, for example ``area:410105``.
    kind
        ``hotspot``, ``area`` or ``station``.
    lon_deg, lat_deg
        WGS 84; of an area a point inside it.
    people
        Outdoor workers who gather there; 0 when not known.
    """

    id: str
    name: str
    kind: str
    lon_deg: float
    lat_deg: float
    people: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """All places of a city by id, hotspots with most people first, then areas, then stations."""

    by_id: dict[str, Place]

    def get(self, place_id: str) -> Place:
        """Give one place.

        Raises
        ------
        NotFoundError
            When there is none with this id.
        """
        try:
            return self.by_id[place_id]
        except KeyError:
            raise NotFoundError(
                "there is no place {id!s}; choose one from the list", id=place_id
            ) from None

    def find(self, text: str) -> list[Place]:
        """Give up to `MAX_FOUND` places whose name matches, the best first.

        One place when its name is exactly the text; else names that start with it, then names that
        hold it; within these in the order of the list.
        """
        wanted = text.strip().casefold()
        if not wanted:
            return []
        exact = [p for p in self.by_id.values() if p.name.casefold() == wanted]
        if exact:
            return exact[:1]
        starts = [p for p in self.by_id.values() if p.name.casefold().startswith(wanted)]
        holds = [
            p
            for p in self.by_id.values()
            if wanted in p.name.casefold() and not p.name.casefold().startswith(wanted)
        ]
        return (starts + holds)[:MAX_FOUND]

    @property
    def popular(self) -> list[Place]:
        """Places to offer before anything is typed."""
        return [p for p in self.by_id.values() if p.kind != "station"][:_POPULAR]

    @property
    def suggested(self) -> list[Place]:
        """Places to suggest while typing."""
        return [p for p in self.by_id.values() if p.kind != "station"][:_SUGGESTED]


def collect(
    hotspots: gpd.GeoDataFrame, areas: gpd.GeoDataFrame | None, stations: Sequence[Station]
) -> Places:
    """Gather the places of a city; of several with one name and kind the first is kept.

    Parameters
    ----------
    hotspots, areas
        Frames in WGS 84; areas may be None.
    stations
        The stations a worker is shown.
    """
    found = _of_hotspots(hotspots) + _of_areas(areas) + _of_stations(stations)
    names: set[tuple[str, str]] = set()
    kept: dict[str, Place] = {}
    for place in found:
        if (place.kind, place.name) not in names and place.id not in kept:
            names.add((place.kind, place.name))
            kept[place.id] = place
    return Places(kept)


def _of_hotspots(frame: gpd.GeoDataFrame) -> list[Place]:
    people = frame.groupby("id", sort=False)["people"].sum()
    once = frame.drop_duplicates("id")
    places = [
        Place(
            id=f"hotspot:{key}",
            name=name,
            kind="hotspot",
            lon_deg=float(x),
            lat_deg=float(y),
            people=float(people[key]),
        )
        for key, name, x, y in zip(
            once["id"], once["name"], once.geometry.x, once.geometry.y, strict=True
        )
        if name
    ]
    return sorted(places, key=lambda place: -place.people)


def _of_areas(frame: gpd.GeoDataFrame | None) -> list[Place]:
    if frame is None:
        return []
    points = frame.geometry.representative_point()
    return [
        Place(id=f"area:{key}", name=name, kind="area", lon_deg=float(x), lat_deg=float(y))
        for key, name, x, y in zip(frame["id"], frame["name"], points.x, points.y, strict=True)
    ]


def _of_stations(stations: Sequence[Station]) -> list[Place]:
    return [
        Place(
            id=f"station:{station.id}",
            name=station.name,
            kind="station",
            lon_deg=station.lon_deg,
            lat_deg=station.lat_deg,
        )
        for station in stations
    ]

"""The city that is being served: loaded once, renewed when its data change."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from threading import Lock

import geopandas as gpd
from flask import current_app

from geodata.city import City, open_city
from geodata.hours import TYPICAL_MONDAY
from geodata.store import Store, open_store
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find
from web.clock import Clock
from web.places import Places, collect
from web.settings import Settings

_FILES = ("city.toml", "streets.parquet", "demand.parquet", "areas.parquet")
_Stamps = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One state of the city; a request works on one snapshot from its start to its end.

    Attributes
    ----------
    stations, hotspots
        Frames of the store.
    catalogue
        The stations a worker is shown.
    places
        What a worker may choose instead of giving a position.
    version
        Version of the stations and hotspots.
    """

    city: City
    stations: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    catalogue: Catalogue
    places: Places
    version: str

    @property
    def is_synthetic(self) -> bool:
        """True when anything shown is invented."""
        stations = self.catalogue.frame["is_synthetic"]
        return self.city.settings.is_synthetic or bool(stations.astype(bool).any())


@dataclass(frozen=True, slots=True, eq=False)
class _Opened:
    """A city folder with its database open, and the stamps of its files at that moment."""

    city: City
    store: Store
    stamps: _Stamps


class Served:
    """Gives the newest snapshot; asking costs a few file stamps and one small query."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = Lock()
        self._opened: _Opened | None = None
        self._snapshot: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        """Give the city as it is now.

        Raises
        ------
        NotFoundError
            When the folder is no city.
        UnavailableError
            When the store cannot be read.
        """
        with self._lock:
            opened = self._newest()
            version = opened.store.data_version()
            if self._snapshot is None or self._snapshot.version != version:
                self._snapshot = _load(opened, version)
            return self._snapshot

    def store(self) -> Store:
        """Give the city's database, open; for what is not part of a snapshot."""
        with self._lock:
            return self._newest().store

    def now(self, snapshot: Snapshot) -> datetime:
        """Give the moment in the city's own time, naive."""
        return self._clock(snapshot.city.settings.time_zone)

    def close(self) -> None:
        """Close the database; the next question opens it again."""
        with self._lock:
            self._close()

    def _newest(self) -> _Opened:
        stamps = _stamps(self._settings.city)
        if self._opened is None or self._opened.stamps != stamps:
            self._close()
            city = open_city(self._settings.city, database_url=self._settings.database_url)
            store = open_store(city.database_url)
            # An app that is dropped without a word must not leave its database open.
            weakref.finalize(self, store.close)
            self._opened = _Opened(city, store, stamps)
        return self._opened

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.store.close()
        self._opened = self._snapshot = None


def served() -> Served:
    """Give what the running app serves."""
    found: Served = current_app.extensions["yizhan"]
    return found


def _load(opened: _Opened, version: str) -> Snapshot:
    city = opened.city
    stations, hotspots = opened.store.stations(), opened.store.hotspots()
    catalogue = Catalogue.from_frame(
        stations,
        network=city.network,
        version=version,
        detour_factor=city.settings.detour_factor,
    )
    places = collect(hotspots, city.areas, catalogue.stations)
    _warm_up(catalogue, places)
    return Snapshot(city, stations, hotspots, catalogue, places, version)


def _warm_up(catalogue: Catalogue, places: Places) -> None:
    """Search once, so that the first worker does not wait for the search to be compiled."""
    place = next(iter(places.by_id.values()), None)
    if place is not None:
        moment = datetime.combine(TYPICAL_MONDAY, time(12))
        find(catalogue, NearRequest(lon_deg=place.lon_deg, lat_deg=place.lat_deg, moment=moment))


def _stamps(folder: Path) -> _Stamps:
    """Give time and size of the city's files; absent ones count as zero."""
    stats = [(folder / name).stat() if (folder / name).is_file() else None for name in _FILES]
    return tuple((s.st_mtime_ns, s.st_size) if s else (0, 0) for s in stats)

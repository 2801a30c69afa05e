"""The city that is being served: loaded once, renewed when its data change.

While its database is away the city is shown as it was last, marked as such, from memory or from the
copy of `web.kept`; what writes says that it cannot.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path
from threading import Lock
from time import monotonic

import geopandas as gpd
from flask import current_app

from geodata.city import City, open_city, sqlite_url
from geodata.errors import UnavailableError
from geodata.hours import TYPICAL_MONDAY
from geodata.store import Store, open_store
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find
from web import kept, publishing
from web.clock import Clock
from web.places import Places, collect
from web.settings import Settings

_FILES = ("city.toml", "streets.parquet", "demand.parquet", "areas.parquet")
RETRY_S = 5.0
"""A database that is away is asked again after this long."""

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
    made_at
        When it was known to be what the database says; naive, in the city's own time.
    is_stale
        Whether the database is away, so that it may no longer be true.
    """

    city: City
    stations: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame
    catalogue: Catalogue
    places: Places
    version: str
    made_at: datetime
    is_stale: bool = False

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
        self._seen_at: datetime | None = None
        self._away: UnavailableError | None = None
        self._tried_at_s = 0.0

    def snapshot(self) -> Snapshot:
        """Give the city as it is now, or while its database is away as it was last.

        Raises
        ------
        NotFoundError
            When the folder is no city.
        UnavailableError
            When the store cannot be read and never was.
        """
        with self._lock:
            try:
                return self._current()
            except UnavailableError as error:
                return self._last(error)

    def store(self) -> Store:
        """Give the city's database, open; for what is not part of a snapshot.

        Raises
        ------
        UnavailableError
            When it is away.
        """
        with self._lock:
            try:
                return self._newest().store
            except UnavailableError as error:
                raise UnavailableError(
                    "the register cannot be reached at the moment; stations can still be found, "
                    "but nothing can be written; try again in some minutes"
                ) from error

    def now(self, snapshot: Snapshot) -> datetime:
        """Give the moment in the city's own time, naive."""
        return self._clock(snapshot.city.settings.time_zone)

    def close(self) -> None:
        """Close the database; the next question opens it again."""
        with self._lock:
            self._close()
            self._snapshot = self._away = None

    def _current(self) -> Snapshot:
        opened = self._newest()
        found = self._snapshot
        try:
            version = opened.store.data_version()
            if found is None or _is_old(found, version, opened.city):
                moment = self._clock(opened.city.settings.time_zone)
                found = self._snapshot = _load(opened, version, moment)
        except UnavailableError as error:
            self._give_up(error)
            raise
        self._seen_at = self._clock(opened.city.settings.time_zone)
        return found

    def _last(self, error: UnavailableError) -> Snapshot:
        """Give the city as it was last; what was read once stays until the database is back."""
        found = self._snapshot
        if found is None:
            found = _kept(self._settings)
            if found is None:
                raise error
        elif not found.is_stale:
            found = replace(found, is_stale=True, made_at=self._seen_at or found.made_at)
        self._snapshot = found
        return found

    def _newest(self) -> _Opened:
        if self._away is not None and monotonic() - self._tried_at_s < RETRY_S:
            raise self._away.with_traceback(None)
        try:
            opened = self._open()
        except UnavailableError as error:
            self._give_up(error)
            raise
        self._away = None
        return opened

    def _open(self) -> _Opened:
        stamps = _stamps(self._settings.city)
        _check_file(self._settings)
        if self._opened is None or self._opened.stamps != stamps:
            self._close()
            city = open_city(self._settings.city, database_url=self._settings.database_url)
            store = open_store(city.database_url)
            # An app that is dropped without a word must not leave its database open.
            weakref.finalize(self, store.close)
            self._opened = _Opened(city, store, stamps)
        return self._opened

    def _give_up(self, error: UnavailableError) -> None:
        """Leave a database that is away alone for a while: asking may take long."""
        self._away, self._tried_at_s = error, monotonic()
        self._close()

    def _close(self) -> None:
        if self._opened is not None:
            self._opened.store.close()
        self._opened = None


def served() -> Served:
    """Give what the running app serves."""
    found: Served = current_app.extensions["yizhan"]
    return found


def _is_old(found: Snapshot, version: str, city: City) -> bool:
    return found.is_stale or found.version != version or found.city is not city


def _check_file(settings: Settings) -> None:
    """Refuse a city whose own database file is gone: opening it would make an empty one."""
    own = settings.city / "yizhan.sqlite"
    is_own = settings.database_url in (None, sqlite_url(settings.city))
    if is_own and (settings.city / "city.toml").is_file() and not own.is_file():
        raise UnavailableError(
            "{path} is missing and with it all stations; bring it back from a backup or "
            "build the city anew",
            path=own,
        )


def _load(opened: _Opened, version: str, moment: datetime) -> Snapshot:
    stations, hotspots = opened.store.stations(), opened.store.hotspots()
    return _snapshot(opened.city, stations, hotspots, version, moment)


def _kept(settings: Settings) -> Snapshot | None:
    """Give the city from its copy, with the version and age of the files published with it."""
    copy = kept.kept(settings.city)
    manifest = publishing.read_manifest(settings.city / publishing.FOLDER)
    if copy is None or manifest is None:
        return None
    city = open_city(settings.city, database_url=settings.database_url)
    made_at = datetime.fromisoformat(manifest["made_at"]).replace(tzinfo=None)
    found = _snapshot(city, copy.stations, copy.hotspots, manifest["version"], made_at)
    return replace(found, is_stale=True)


def _snapshot(
    city: City,
    stations: gpd.GeoDataFrame,
    hotspots: gpd.GeoDataFrame,
    version: str,
    made_at: datetime,
) -> Snapshot:
    catalogue = Catalogue.from_frame(
        stations,
        network=city.network,
        version=version,
        detour_factor=city.settings.detour_factor,
    )
    places = collect(hotspots, city.areas, catalogue.stations)
    _warm_up(catalogue, places)
    return Snapshot(city, stations, hotspots, catalogue, places, version, made_at)


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

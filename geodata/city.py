"""A city is a folder.

``city.toml`` holds what an office decides, ``yizhan.sqlite`` stations and hotspots,
``streets.parquet``, ``demand.parquet`` and ``areas.parquet`` the tables, ``basemap.pmtiles`` the
map to draw on.

Writing is all or nothing, also when the program is killed. Everything is made in a staging folder.
Then, while the database keeps other writers out: copies of the files about to be replaced appear as
``.previous`` in one move, the new files take their places, the database commits, and ``.previous``
goes in one move. Who opens a city that has a ``.previous`` waits for the writer; if it is still
there then, its writer was killed, and the data version tells whether the database had committed: if
so the new files stay, otherwise the old ones come back. Every program must therefore open a city
with the same database. After a power cut this holds as far as the disk kept the order of writes.
"""

from __future__ import annotations

import filecmp
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.city_settings import CitySettings, read_settings, to_toml
from geodata.errors import NotFoundError, UnavailableError, YizhanError
from geodata.network import Network, from_streets
from geodata.records import AREA_COLUMNS, HOTSPOT_COLUMNS, HOURS_PER_WEEK
from geodata.store import Store, open_store
from geodata.streets import STREET_COLUMNS

_COLUMNS = {
    "streets.parquet": STREET_COLUMNS,
    "demand.parquet": tuple("place_id" if c == "id" else c for c in HOTSPOT_COLUMNS),
    "areas.parquet": AREA_COLUMNS,
}
_FOLDERS = ("snapshots", "proposals")
_STAGING, _PREVIOUS, _MARKER = ".staging-", ".previous", "swap.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CityTables:
    """The tables of a city, ready to be written; None keeps what the folder has."""

    streets: gpd.GeoDataFrame | None = None
    demand: gpd.GeoDataFrame | None = None
    areas: gpd.GeoDataFrame | None = None
    stations: gpd.GeoDataFrame | None = None
    hotspots: gpd.GeoDataFrame | None = None


class City:
    """An existing city folder, opened; tables are read when first asked for, and only once."""

    def __init__(self, folder: Path, settings: CitySettings, database_url: str) -> None:
        self.folder = folder
        self.settings = settings
        self.database_url = database_url

    @cached_property
    def streets(self) -> gpd.GeoDataFrame | None:
        """Streets frame, or None where the city has none."""
        return _read(self.folder / "streets.parquet")

    @cached_property
    def network(self) -> Network | None:
        """Street network, or None where the city has no streets."""
        return None if self.streets is None else from_streets(self.streets)

    @cached_property
    def demand(self) -> gpd.GeoDataFrame | None:
        """Demand frame as given, or None; `planner.demand` then takes the hotspots."""
        return _read(self.folder / "demand.parquet")

    @cached_property
    def areas(self) -> gpd.GeoDataFrame | None:
        """Areas frame, or None."""
        return _read(self.folder / "areas.parquet")

    @property
    def basemap_path(self) -> Path:
        """Where the offline basemap is; the file may not exist."""
        return self.folder / "basemap.pmtiles"

    @contextmanager
    def store(self) -> Iterator[Store]:
        """Open the database of stations and hotspots for the length of a ``with``.

        Raises
        ------
        UnavailableError
            When the database cannot be opened, or the folder has lost its own.
        """
        own = self.folder / "yizhan.sqlite"
        if self.database_url == sqlite_url(self.folder) and not own.is_file():
            raise UnavailableError(
                "{path} is missing and with it all stations; bring it back from a backup or "
                "build the city anew",
                path=own,
            )
        with open_store(self.database_url) as store:
            yield store


def open_city(folder: Path, *, database_url: str | None = None) -> City:
    """Open a city folder; if its last writer was killed, tidy up first.

    Parameters
    ----------
    folder
        The folder.
    database_url
        SQLAlchemy URL of the store; None means ``yizhan.sqlite`` in the folder.

    Raises
    ------
    NotFoundError
        When the folder is no city.
    InvalidInputError
        When its ``city.toml`` breaks the rules.
    UnavailableError
        When the city is being written for longer than the store waits, or cannot be tidied up.
    """
    url = database_url or sqlite_url(folder)
    if (folder / _PREVIOUS).is_dir():
        with _speaking(folder), open_store(url) as store, store.holding() as version:
            _settle(folder, version)
    toml = folder / "city.toml"
    if not toml.is_file():
        raise NotFoundError(
            "there is no city in {folder}; make one with `yizhan demo` or `yizhan city build`",
            folder=folder,
        )
    return City(folder, read_settings(toml), url)


def sqlite_url(folder: Path) -> str:
    """Give the SQLAlchemy URL of the store in a city folder."""
    return f"sqlite:///{folder.resolve() / 'yizhan.sqlite'}"


def write_city(
    folder: Path,
    settings: CitySettings,
    tables: CityTables,
    *,
    database_url: str | None = None,
    write_extra: Callable[[Path], None] | None = None,
    moment: datetime | None = None,
    who: str = "",
) -> City:
    """Write a city folder, all or nothing.

    Parameters
    ----------
    folder
        Made when absent; the files of an existing city that are not given stay as they are.
    settings, tables
        What to write.
    database_url
        SQLAlchemy URL of the store; None means ``yizhan.sqlite`` in the folder.
    write_extra
        Called with the staging folder to add files of its own, such as the basemap.
    moment, who
        For the audit trail of the store.

    Returns
    -------
    City
        The city, opened.

    Raises
    ------
    InvalidInputError
        When stations or hotspots break the rules of `geodata.store`; nothing has changed then.
    UnavailableError
        When the folder or the store cannot be written, or another program is writing the city;
        nothing has changed then.
    """
    url = database_url or sqlite_url(folder)
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with _speaking(folder), _staging(folder) as staging:
            new = staging / "new"
            new.mkdir()
            (new / "city.toml").write_text(to_toml(settings), "utf-8")
            for name in ("streets", "demand", "areas"):
                frame = getattr(tables, name)
                if frame is not None:
                    frame.to_parquet(new / f"{name}.parquet", compression="zstd", index=False)
            if write_extra is not None:
                write_extra(new)
            _publish(folder, staging, tables, url, moment, who)
    except BaseException:
        _remove_empty(made)
        raise
    return open_city(folder, database_url=database_url)


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _speaking(folder: Path) -> Iterator[None]:
    """Turn what the disk says inside the block into one sentence of ours."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            "the city folder {folder} cannot be written ({cause}); check its permissions and "
            "space and that nobody else is writing it, or choose another with --city",
            folder=folder,
            cause=error.strerror or error,
        ) from error


def _publish(
    folder: Path, staging: Path, tables: CityTables, url: str, moment: datetime | None, who: str
) -> None:
    """Put the staged files and the tables of the store in place, both or neither."""
    with open_store(url) as store:
        try:
            with store.replacing(
                stations=tables.stations, hotspots=tables.hotspots, moment=moment, who=who
            ) as versions:
                before, after = versions
                _settle(folder, before)
                for left in folder.glob(f"{_STAGING}*"):  # by killed writers
                    if left.name != staging.name:
                        left.replace(staging / left.name)
                for name in _FOLDERS:
                    (folder / name).mkdir(exist_ok=True)
                _swap(folder, staging, after)
        except BaseException:
            # What cannot be undone now is undone when the city is next opened.
            with suppress(YizhanError, OSError), store.holding() as version:
                _settle(folder, version)
            raise
    with suppress(OSError):
        if json.loads((folder / _PREVIOUS / _MARKER).read_text("utf-8"))["after"] == after:
            _forget(folder)


def _swap(folder: Path, staging: Path, after: str) -> None:
    """Keep copies of the old files, then put the new ones in their places.

    Copies, so that every file is there at every moment.
    """
    names = sorted(path.name for path in (staging / "new").iterdir())
    added = [name for name in names if not (folder / name).exists()]
    old = staging / "old"
    old.mkdir()
    for name in names:
        if name not in added:
            shutil.copy2(folder / name, old / name)
    marker = {"after": after, "names": names, "added": added}
    (old / _MARKER).write_text(json.dumps(marker), "utf-8")
    old.replace(folder / _PREVIOUS)
    for name in names:
        (staging / "new" / name).replace(folder / name)


def _settle(folder: Path, version: str) -> None:
    """Finish or undo what a writer left, by what the store says; the store keeps others out."""
    previous = folder / _PREVIOUS
    if not previous.is_dir():
        return
    marker = json.loads((previous / _MARKER).read_text("utf-8"))
    if version != marker["after"]:
        for name in marker["names"]:
            old, now = previous / name, folder / name
            if name in marker["added"]:
                now.unlink(missing_ok=True)
            elif old.exists() and not (now.exists() and filecmp.cmp(old, now, shallow=False)):
                old.replace(now)
    _forget(folder)


def _forget(folder: Path) -> None:
    with _staging(folder) as staging:
        (folder / _PREVIOUS).replace(staging / "old")


def _remove_empty(made: list[Path]) -> None:
    """Remove the folders that a failed first build made, unless somebody else uses them."""
    with suppress(OSError):
        own = ("yizhan.sqlite", *_FOLDERS)
        if made and all(path.name.startswith(own) for path in made[0].iterdir()):
            shutil.rmtree(made[0])
        for path in made[1:]:
            path.rmdir()


def _read(path: Path) -> gpd.GeoDataFrame | None:
    if not path.exists():
        return None
    try:
        frame = gpd.read_parquet(path)
        missing = [c for c in _COLUMNS[path.name] if c not in frame.columns]
        if not missing and "presence" in frame.columns:
            weeks = np.array(frame["presence"].tolist(), np.float32)
            weeks = weeks.reshape(len(frame), HOURS_PER_WEEK)
            frame["presence"] = pd.Series(list(weeks), index=frame.index, dtype=object)
    # Damaged bytes raise anything: Arrow's errors, OSError, KeyError, UnicodeDecodeError, GEOS's.
    except Exception as error:
        raise UnavailableError(
            "{path} is damaged ({cause}); build the city anew",
            path=path,
            cause=" ".join(str(error).split()) or type(error).__name__,
        ) from error
    if missing:
        raise UnavailableError(
            "{path} is damaged: it lacks the columns {missing}; build the city anew",
            path=path,
            missing=", ".join(missing),
        )
    return frame

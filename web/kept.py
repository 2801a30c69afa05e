"""The copy of the register from which the city is shown while its database is away.

One SQLite file in the city folder, ``.kept.sqlite``, written by the running server each time the
data have changed. It is no backup: what was said and done is not in it, only what is shown.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from geodata.store import open_store

FILE = ".kept.sqlite"


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The tables of the copy."""

    stations: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame


def keep(folder: Path, stations: gpd.GeoDataFrame, hotspots: gpd.GeoDataFrame) -> None:
    """Write the copy of a city, in one move.

    Parameters
    ----------
    folder
        Of the city.
    stations, hotspots
        Frames of the store.

    Raises
    ------
    UnavailableError
        When it cannot be written.
    OSError
        When the folder cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=folder) as staging:
        made = Path(staging) / FILE
        with open_store(_url(made)) as store, store.replacing(stations=stations, hotspots=hotspots):
            pass
        made.replace(folder / FILE)


def kept(folder: Path) -> Kept | None:
    """Read the copy of a city; None when there is none.

    Raises
    ------
    UnavailableError
        When it is damaged.
    """
    if not (folder / FILE).is_file():
        return None
    with open_store(_url(folder / FILE)) as store:
        return Kept(store.stations(), store.hotspots())


def _url(path: Path) -> str:
    return f"sqlite:///{path.resolve()}"

"""A city is a folder.

``city.toml`` holds what an office decides, ``yizhan.sqlite`` stations and hotspots,
``streets.parquet``,
``demand.parquet`` and ``areas.parquet`` the tables, ``basemap.pmtiles`` the map to draw on. Writing
is all or nothing: everything is made in a staging folder first and moved into place at the end.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa

from geodata.errors import InvalidInputError, NotFoundError, UnavailableError
from geodata.network import Network, from_streets
from geodata.store import Store, open_store
from geodata.travel import DETOUR_FACTOR

SYNTHETIC_NOTE = "示例数据，非真实站点"
DEFAULT_COST_CNY = {
    "co_built": 13_000.0,
    "smart_24h": 40_000.0,
    "flagship": 195_000.0,
}
"""What a new station costs, by kind: Henan 2019-24 average, smart retrofit, new 22 m² unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CitySettings:
    """What an office decides about its city; the keys of ``city.toml``.

    Attributes
    ----------
    name, name_en
        Shown on pages and files.
    time_zone
        IANA name; all hours are in it.
    languages
        Offered on pages, first one first.
    is_synthetic
        True for an invented city; shown everywhere.
    attribution
        Whose data the streets and areas are, shown on every map.
    map_approval_number
        审图号 of the published map; empty when there is none yet.
    new_kind, new_hours, new_seats
        What a suggested station is, unless the plan says otherwise. Assumptions, and shown as such.
    cost_cny
        Cost of a new station by kind.
    detour_factor
        Street distance over straight line, for a city without streets.
    """

    name: str = "未命名城市"
    name_en: str = "Unnamed city"
    time_zone: str = "Asia/Shanghai"
    languages: tuple[str, ...] = ("zh", "en")
    is_synthetic: bool = False
    attribution: str = ""
    map_approval_number: str = ""
    new_kind: str = "co_built"
    new_hours: str = "Mo-Su 07:00-21:00"
    new_seats: int = 12
    cost_cny: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_COST_CNY))
    detour_factor: float = DETOUR_FACTOR

    @property
    def new_cost_cny(self) -> float:
        """Cost of one suggested station."""
        return self.cost_cny[self.new_kind]


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
        frame = _read(self.folder / "demand.parquet")
        if frame is not None:
            presence = [np.asarray(p, np.float32) for p in frame["presence"]]
            frame["presence"] = pd.Series(presence, index=frame.index, dtype=object)
        return frame

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
        """Open the database of stations and hotspots for the length of a ``with``."""
        with open_store(self.database_url) as store:
            yield store


def open_city(folder: Path, *, database_url: str | None = None) -> City:
    """Open a city folder.

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
    """
    toml = folder / "city.toml"
    if not toml.is_file():
        raise NotFoundError(
            "there is no city in {folder}; make one with `yizhan demo` or `yizhan city build`",
            folder=folder,
        )
    return City(folder, read_settings(toml), database_url or sqlite_url(folder))


def sqlite_url(folder: Path) -> str:
    """Give the SQLAlchemy URL of the store in a city folder."""
    return f"sqlite:///{folder.resolve() / 'yizhan.sqlite'}"


def read_settings(path: Path) -> CitySettings:
    """Read ``city.toml``.

    Raises
    ------
    InvalidInputError
        When the file is not TOML, or holds an unknown key or a value of the wrong type.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            "{path} is not valid TOML ({cause}); correct the line", path=path, cause=error
        ) from error
    known = {f.name: f for f in fields(CitySettings)}
    for key in table:
        if key not in known:
            raise InvalidInputError(
                "{path}: key {key!s} is not known; known are {known}",
                path=path,
                key=key,
                known=", ".join(known),
            )
    if "languages" in table:
        table["languages"] = tuple(table["languages"])
    if "cost_cny" in table:
        table["cost_cny"] = {**DEFAULT_COST_CNY, **table["cost_cny"]}
    settings = CitySettings(**table)
    if settings.new_kind not in settings.cost_cny:
        raise InvalidInputError(
            "{path}: new_kind {kind!s} has no cost; add it under [cost_cny]",
            path=path,
            kind=settings.new_kind,
        )
    return settings


def write_city(
    folder: Path,
    settings: CitySettings,
    tables: CityTables,
    *,
    database_url: str | None = None,
    write_extra: Callable[[Path], None] | None = None,
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

    Returns
    -------
    City
        The city, opened.

    Raises
    ------
    UnavailableError
        When the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
    except OSError as error:
        raise UnavailableError(
            "the city folder {folder} cannot be written ({cause}); choose another with --city",
            folder=folder,
            cause=error.strerror,
        ) from error
    try:
        (staging / "city.toml").write_text(_toml(settings), "utf-8")
        for name in ("streets", "demand", "areas"):
            frame = getattr(tables, name)
            if frame is not None:
                _write(staging / f"{name}.parquet", frame)
        if write_extra is not None:
            write_extra(staging)
        with open_store(database_url or sqlite_url(folder)) as store:
            if tables.stations is not None:
                store.replace_stations(tables.stations)
            if tables.hotspots is not None:
                store.replace_hotspots(tables.hotspots)
        for path in sorted(staging.iterdir()):
            path.replace(folder / path.name)
        for name in ("snapshots", "proposals"):
            (folder / name).mkdir(exist_ok=True)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return open_city(folder, database_url=database_url)


def _read(path: Path) -> gpd.GeoDataFrame | None:
    if not path.is_file():
        return None
    try:
        return gpd.read_parquet(path)
    except (pa.ArrowException, ValueError) as error:
        raise UnavailableError(
            "{path} is damaged ({cause}); build the city anew", path=path, cause=error
        ) from error


def _write(path: Path, frame: gpd.GeoDataFrame) -> None:
    frame.to_parquet(path, compression="zstd", index=False)


def _toml(settings: CitySettings) -> str:
    lines, tables = [], []
    for key, value in asdict(settings).items():
        if isinstance(value, Mapping):
            rows = "\n".join(f"{k} = {_toml_value(v)}" for k, v in value.items())
            tables.append(f"\n[{key}]\n{rows}")
        else:
            lines.append(f"{key} = {_toml_value(value)}")
    return "\n".join(lines + tables) + "\n"


def _toml_value(value: Any) -> str:
    """Write strings, numbers, booleans and lists of them; for these TOML and JSON agree."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)

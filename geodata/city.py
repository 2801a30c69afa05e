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
import math
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import InvalidInputError, NotFoundError, UnavailableError, YizhanError
from geodata.hours import check_hours
from geodata.network import Network, from_streets
from geodata.records import AREA_COLUMNS, HOTSPOT_COLUMNS, HOURS_PER_WEEK, STATION_KINDS
from geodata.store import Store, open_store
from geodata.streets import STREET_COLUMNS
from geodata.travel import DETOUR_FACTOR

DEFAULT_COST_CNY = {
    "co_built": 13_000.0,
    "smart_24h": 40_000.0,
    "flagship": 195_000.0,
}
"""What a new station costs, by kind: Henan 2019-24 average, smart retrofit, new 22 m² unit."""

LANGUAGES = ("zh", "en")
"""Languages that pages can be offered in."""

_COLUMNS = {
    "streets.parquet": STREET_COLUMNS,
    "demand.parquet": tuple("place_id" if c == "id" else c for c in HOTSPOT_COLUMNS),
    "areas.parquet": AREA_COLUMNS,
}
_FOLDERS = ("snapshots", "proposals")
_STAGING, _PREVIOUS, _MARKER = ".staging-", ".previous", "swap.json"


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
        Cost of a new station by kind (`geodata.records.STATION_KINDS`), 0 or more.
    detour_factor
        Street distance over straight line, 1 or more, for a city without streets.

    Raises
    ------
    InvalidInputError
        When a value is of the wrong type or not allowed; names the key, the value, what is allowed.
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

    def __post_init__(self) -> None:
        texts = ("name", "name_en", "time_zone", "attribution", "map_approval_number", "new_hours")
        for key in texts:
            _check_text(key, getattr(self, key))
        _check_time_zone(self.time_zone)
        _check_languages(self.languages)
        _check_flag("is_synthetic", self.is_synthetic)
        _check_new_hours(self.new_hours)
        _check_number("new_seats", self.new_seats, least=0, is_whole=True)
        _check_number("detour_factor", self.detour_factor, least=1)
        _check_costs(self.cost_cny)
        # A plan needs the cost of what it suggests.
        known = [kind for kind in STATION_KINDS if kind in self.cost_cny]
        _check_word("new_kind", self.new_kind, known)

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
        """Open the database of stations and hotspots for the length of a ``with``."""
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


def read_settings(path: Path) -> CitySettings:
    """Read ``city.toml``.

    Raises
    ------
    InvalidInputError
        When the file is not TOML, or holds an unknown key or a value that is not allowed.
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
    if isinstance(table.get("languages"), list):
        table["languages"] = tuple(table["languages"])
    if isinstance(table.get("cost_cny"), dict):
        table["cost_cny"] = {**DEFAULT_COST_CNY, **table["cost_cny"]}
    try:
        return CitySettings(**table)
    except InvalidInputError as error:
        raise InvalidInputError(error.template, **{**error.details, "where": path}) from error


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
            (new / "city.toml").write_text(_toml(settings), "utf-8")
            for name in ("streets", "demand", "areas"):
                frame = getattr(tables, name)
                if frame is not None:
                    frame.to_parquet(new / f"{name}.parquet", compression="zstd", index=False)
            if write_extra is not None:
                write_extra(new)
            _publish(folder, staging, tables, url)
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


def _publish(folder: Path, staging: Path, tables: CityTables, url: str) -> None:
    """Put the staged files and the tables of the store in place, both or neither."""
    with open_store(url) as store:
        try:
            with store.replacing(stations=tables.stations, hotspots=tables.hotspots) as versions:
                before, after = versions
                _settle(folder, before)
                for left in folder.glob(f"{_STAGING}*"):  # by killed writers
                    if left != staging:
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
    if not path.is_file():
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


def _check_text(key: str, value: object) -> None:
    if not isinstance(value, str):
        raise InvalidInputError(
            "{where}: {key} is {value}; write a text in quotes", **_named(key, value)
        )


def _check_flag(key: str, value: object) -> None:
    if not isinstance(value, bool):
        raise InvalidInputError(
            "{where}: {key} is {value}; write true or false", **_named(key, value)
        )


def _check_number(key: str, value: object, *, least: int, is_whole: bool = False) -> None:
    kinds = int if is_whole else (int, float)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value < math.inf:
        raise InvalidInputError(
            "{where}: {key} is {value}; write a number, {least} or more",
            **_named(key, value),
            least=least,
        )


def _check_word(key: str, value: object, known: Sequence[str]) -> None:
    if value not in known:
        raise InvalidInputError(
            "{where}: {key} is {value}; write one of {known}",
            **_named(key, value),
            known=", ".join(known),
        )


def _check_languages(value: object) -> None:
    given = value if isinstance(value, tuple) else ()
    if not given or any(w not in LANGUAGES or given.count(w) > 1 for w in given):
        raise InvalidInputError(
            "{where}: {key} is {value}; write a list of {known}, each once",
            **_named("languages", value),
            known=", ".join(LANGUAGES),
        )


def _check_time_zone(value: str) -> None:
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError) as error:
        raise InvalidInputError(
            "{where}: {key} is {value}; write an IANA name such as Asia/Shanghai",
            **_named("time_zone", value),
        ) from error


def _check_new_hours(value: str) -> None:
    try:
        check_hours(value)
    except InvalidInputError as error:
        raise InvalidInputError(
            "{where}: {key} is {value}; write opening hours like Mo-Su 07:00-21:00",
            **_named("new_hours", value),
        ) from error


def _check_costs(value: object) -> None:
    if not isinstance(value, Mapping):
        raise InvalidInputError(
            "{where}: {key} is {value}; write a table of costs by kind: {known}",
            **_named("cost_cny", value),
            known=", ".join(STATION_KINDS),
        )
    for kind, cost in value.items():
        _check_word("cost_cny", kind, STATION_KINDS)
        _check_number(f"cost_cny.{kind}", cost, least=0)


def _named(key: str, value: object) -> dict[str, object]:
    """Give the values of a message about a setting; `read_settings` knows where it stands."""
    return {"where": "city.toml", "key": key, "value": repr(value)}


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

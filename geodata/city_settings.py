"""What an office decides about its city: the keys of ``city.toml``, with their rules."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geodata.errors import InvalidInputError
from geodata.hours import check_hours
from geodata.records import STATION_KINDS
from geodata.streets import DETOUR_FACTOR

DEFAULT_COST_CNY = {
    "co_built": 13_000.0,
    "smart_24h": 40_000.0,
    "flagship": 195_000.0,
}
"""What a new station costs, by kind: Henan 2019-24 average, smart retrofit, new 22 m² unit."""

DEFAULT_KIND_SEATS = {"co_built": 8, "smart_24h": 6, "flagship": 30}
"""Seats of a new station by kind: 2.5 m² each in 20, 15 and 75 m². Assumed."""

DEFAULT_KIND_HOURS = {
    "co_built": ("Mo-Fr 08:30-18:00", "Mo-Su 07:00-21:00"),
    "smart_24h": ("24/7",),
    "flagship": ("Mo-Su 07:00-21:00", "24/7"),
}
"""Hours that a new station of each kind can keep; of any two, one should hold the other."""

DEFAULT_LONGER_HOURS = ("Mo-Su 07:00-21:00", "Mo-Su 05:00-23:00")
"""Hours to which an existing station can be extended."""

DEFAULT_OPTION_CNY = {
    "extend": 5_000.0,
    "upgrade_24h": 40_000.0,
    "seat": 2_000.0,
    "move": 8_000.0,
}
"""What can be done to an existing station. The upgrade to day and night is the smart retrofit of
Wusu; the others are assumed."""

DEFAULT_RUNNING_CNY = {
    "co_built": 5_000.0,
    "self_built": 65_000.0,
    "smart_24h": 17_500.0,
    "flagship": 65_000.0,
    "mobile": 5_000.0,
}
"""A year of running a station, by kind. Nowhere published; assumed."""

PEOPLE_PER_SEAT = 100.0
"""Of 100 workers 60 are at work on a day and 9 of those come to a station, 4 of them in its three
busiest hours; half an hour each fills 70 % of those hours of one seat. None of it was measured."""

DEFAULT_WEATHER = {"heat_from_c": 35.0, "cold_to_c": 0.0, "rain_from_mm_h": 8.0}
"""From which weather on shelter comes first: a hot day (高温) and freezing, as the weather service
has them, and 8 mm of rain in an hour, which it calls heavy (大雨)."""

_COLDEST_C = -80

LANGUAGES = ("zh", "en")
"""Languages that pages can be offered in."""


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
    people_per_seat
        How many workers one seat is enough for, 1 or more, in plans that count seats. An
        assumption; see `PEOPLE_PER_SEAT`.
    cost_cny
        Cost of a new station by kind (`geodata.records.STATION_KINDS`), 0 or more.
    kind_seats, kind_hours
        Seats of a new station, and the hours it can keep, by kind.
    longer_hours
        Hours to which an existing station can be extended.
    option_cny, running_cny
        Costs of what can be done to an existing station (``extend``, ``upgrade_24h``, one ``seat``,
        ``move``), and of running one for a year, by kind.
    detour_factor
        Street distance over straight line, 1 or more, for a city without streets.
    weather
        ``heat_from_c``, ``cold_to_c`` (degrees Celsius) and ``rain_from_mm_h``, inclusive: from
        which weather on the finder puts shelter first.

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
    people_per_seat: float = PEOPLE_PER_SEAT
    cost_cny: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_COST_CNY))
    kind_seats: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_KIND_SEATS))
    kind_hours: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: dict(DEFAULT_KIND_HOURS)
    )
    longer_hours: tuple[str, ...] = DEFAULT_LONGER_HOURS
    option_cny: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_OPTION_CNY))
    running_cny: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_RUNNING_CNY))
    detour_factor: float = DETOUR_FACTOR
    weather: Mapping[str, float] = field(default_factory=lambda: dict(DEFAULT_WEATHER))

    def __post_init__(self) -> None:
        texts = ("name", "name_en", "time_zone", "attribution", "map_approval_number", "new_hours")
        for key in texts:
            _check_text(key, getattr(self, key))
        _check_time_zone(self.time_zone)
        _check_languages(self.languages)
        _check_flag("is_synthetic", self.is_synthetic)
        _check_new_hours(self.new_hours)
        _check_number("new_seats", self.new_seats, least=0, is_whole=True)
        _check_number("people_per_seat", self.people_per_seat, least=1)
        _check_number("detour_factor", self.detour_factor, least=1)
        _check_amounts("cost_cny", self.cost_cny, STATION_KINDS)
        _check_amounts("kind_seats", self.kind_seats, STATION_KINDS, is_whole=True)
        _check_amounts("running_cny", self.running_cny, STATION_KINDS)
        _check_amounts("option_cny", self.option_cny, tuple(DEFAULT_OPTION_CNY))
        _check_hours_offered("longer_hours", self.longer_hours)
        for kind, hours in _table("kind_hours", self.kind_hours, STATION_KINDS).items():
            _check_hours_offered(f"kind_hours.{kind}", hours)
        _check_weather(self.weather)
        # A plan needs the cost of what it suggests.
        known = [kind for kind in STATION_KINDS if kind in self.cost_cny]
        _check_word("new_kind", self.new_kind, known)

    @property
    def new_cost_cny(self) -> float:
        """Cost of one suggested station."""
        return self.cost_cny[self.new_kind]


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
    for key, value in table.items():
        table[key] = _tuples(value)
    for key, default in _DEFAULT_TABLES.items():
        if isinstance(table.get(key), dict):
            table[key] = {**default, **table[key]}
    try:
        return CitySettings(**table)
    except InvalidInputError as error:
        raise InvalidInputError(error.template, **{**error.details, "where": path}) from error


_DEFAULT_TABLES: Mapping[str, Mapping[str, Any]] = {
    "cost_cny": DEFAULT_COST_CNY,
    "kind_seats": DEFAULT_KIND_SEATS,
    "kind_hours": DEFAULT_KIND_HOURS,
    "option_cny": DEFAULT_OPTION_CNY,
    "running_cny": DEFAULT_RUNNING_CNY,
    "weather": DEFAULT_WEATHER,
}


def _tuples(value: Any) -> Any:
    """Give lists, and lists in a table, as tuples."""
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(value) if isinstance(value, list) else value


def to_toml(settings: CitySettings) -> str:
    """Write ``city.toml``; `read_settings` reads the same settings back."""
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


def _check_text(key: str, value: object) -> None:
    if not isinstance(value, str) or not value.isprintable():
        raise InvalidInputError(
            "{where}: {key} is {value}; write a text in quotes, without control characters",
            **_named(key, value),
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


def _check_new_hours(value: str, key: str = "new_hours") -> None:
    try:
        check_hours(value)
    except InvalidInputError as error:
        raise InvalidInputError(
            "{where}: {key} is {value}; write opening hours like Mo-Su 07:00-21:00",
            **_named(key, value),
        ) from error


def _table(key: str, value: object, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInputError(
            "{where}: {key} is {value}; write a table by name: {known}",
            **_named(key, value),
            known=", ".join(known),
        )
    for name in value:
        _check_word(key, name, known)
    return value


def _check_amounts(
    key: str, value: object, known: Sequence[str], *, is_whole: bool = False
) -> None:
    for name, amount in _table(key, value, known).items():
        _check_number(f"{key}.{name}", amount, least=0, is_whole=is_whole)


def _check_weather(value: object) -> None:
    table = _table("weather", value, tuple(DEFAULT_WEATHER))
    for name, number in table.items():
        least = 0 if name == "rain_from_mm_h" else _COLDEST_C
        _check_number(f"weather.{name}", number, least=least)
    if not table["cold_to_c"] < table["heat_from_c"]:
        raise InvalidInputError(
            "{where}: {key} is {value}; heat must begin above the cold",
            **_named("weather", dict(table)),
        )


def _check_hours_offered(key: str, value: object) -> None:
    if not isinstance(value, tuple) or not value or not all(isinstance(h, str) for h in value):
        raise InvalidInputError(
            "{where}: {key} is {value}; write a list of opening hours", **_named(key, value)
        )
    for hours in value:
        _check_new_hours(hours, key)


def _named(key: str, value: object) -> dict[str, object]:
    """Give the values of a message about a setting; `read_settings` knows where it stands."""
    return {"where": "city.toml", "key": key, "value": repr(value)}

"""The weather that changes what a worker needs first: heat, cold, heavy rain.

The operator writes it down, by hand or by a job that asks a weather service every hour::

    yizhan weather --city DIR --temperature 36 --rain 0

It lies in ``weather.json`` of the city folder and holds for `VALID`. No weather, an old one or a
file that cannot be read change nothing: the finder then lists as on any other day.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from geodata.city_settings import CitySettings
from geodata.errors import InvalidInputError

FILE = "weather.json"
VALID = timedelta(hours=3)
MODES = ("heat", "cold", "rain")
_COLDEST_C, _HOTTEST_C, _WETTEST_MM_H = -80.0, 70.0, 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weather:
    """The weather at one moment.

    Attributes
    ----------
    temperature_c
        Of the air, degrees Celsius.
    rain_mm_h
        Millimetres of rain in an hour.
    observed_at
        Naive datetime in the city's own time.

    Raises
    ------
    InvalidInputError
        When a value is none that weather can have.
    """

    temperature_c: float
    rain_mm_h: float
    observed_at: datetime

    def __post_init__(self) -> None:
        _check("--temperature", self.temperature_c, _COLDEST_C, _HOTTEST_C)
        _check("--rain", self.rain_mm_h, 0.0, _WETTEST_MM_H)


def mode(settings: CitySettings, folder: Path, moment: datetime) -> str | None:
    """Tell which weather decides what comes first now.

    Parameters
    ----------
    settings
        Their ``weather`` holds the thresholds, all inclusive.
    folder
        The city's folder.
    moment
        Naive datetime in the city's own time.

    Returns
    -------
    str or None
        One of `MODES`; heat and cold before rain. None when nothing is known or it is a usual day.
    """
    found = read(folder)
    if found is None or not timedelta() <= moment - found.observed_at <= VALID:
        return None
    if found.temperature_c >= settings.weather["heat_from_c"]:
        return "heat"
    if found.temperature_c <= settings.weather["cold_to_c"]:
        return "cold"
    return "rain" if found.rain_mm_h >= settings.weather["rain_from_mm_h"] else None


def read(folder: Path) -> Weather | None:
    """Read what was written last; None when there is nothing, or nothing that can be read."""
    try:
        known = json.loads((folder / FILE).read_text("utf-8"))
        observed_at = datetime.fromisoformat(known["observed_at"])
        if observed_at.tzinfo is not None:
            return None
        return Weather(
            temperature_c=float(known["temperature_c"]),
            rain_mm_h=float(known["rain_mm_h"]),
            observed_at=observed_at,
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write(folder: Path, weather: Weather) -> Path:
    """Write the weather down, all at once; gives the file."""
    path = folder / FILE
    known = {
        "temperature_c": weather.temperature_c,
        "rain_mm_h": weather.rain_mm_h,
        "observed_at": weather.observed_at.isoformat(timespec="minutes"),
    }
    draft = path.with_name(f".{FILE}.{os.getpid()}")
    draft.write_text(json.dumps(known) + "\n", "utf-8")
    draft.replace(path)
    return path


def _check(name: str, value: float, least: float, most: float) -> None:
    if not (math.isfinite(value) and least <= value <= most):
        raise InvalidInputError(
            "{name} is {value}; give a number from {least} to {most}",
            name=name,
            value=value,
            least=f"{least:g}",
            most=f"{most:g}",
        )

"""The web application on the tiny city, at a moment that stands still."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from apiflask import APIFlask
from support import small_city

from geodata.network import Network, from_streets
from geodata.records import Station
from web.app import create_app
from web.settings import Settings

MONDAY_MORNING = datetime(2026, 9, 21, 10, 0)
"""A Monday at ten: most doors are open, the evening ones are not."""

CENTRE = small_city.position(6.4, 6.4)


def make(
    folder: Path,
    *,
    records: Sequence[Station] | None = None,
    moment: datetime = MONDAY_MORNING,
    settings: dict[str, object] | None = None,
    city: dict[str, object] | None = None,
) -> APIFlask:
    """Write the city into a folder and make the application.

    Parameters
    ----------
    folder
        The city's folder.
    records
        Stations in the place of the usual ones.
    moment
        What the clock says.
    settings, city
        Fields of `web.settings.Settings` and `geodata.city.CitySettings` that differ.
    """
    small_city.write(folder, records, **(city or {}))
    return create_app(Settings(city=folder, **(settings or {})), clock=standing(moment))


def standing(moment: datetime) -> Callable[[str], datetime]:
    """Give a clock that always says the same."""
    return lambda _: moment


def make_network() -> Network:
    """Give the street network of the tiny city."""
    return from_streets(small_city.streets())

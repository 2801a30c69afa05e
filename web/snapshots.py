"""From a city to the files that phones search: for the command and for the running server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from geodata.city_settings import CitySettings
from geodata.errors import YizhanError
from geodata.tiles import write_station_tiles
from stations.catalogue import Catalogue
from stations.detours import Detours
from stations.snapshot import FORMAT, Content, Question, build
from web import live, phone_places, publishing, weather
from web.places import Places
from web.publishing import Published
from web.questions import MINUTES

__all__ = ["FORMAT", "LIMIT_S", "Source", "content_of", "live_of", "write"]

LIMIT_S = 60.0 * MINUTES[-1]
"""The longest journey that anybody can ask for on the page."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """What is published.

    Attributes
    ----------
    folder
        Of the city.
    is_synthetic
        Whether anything in it is invented.
    told
        What people said of the stations.
    moment
        Now; naive datetime in the city's own time.
    """

    folder: Path
    settings: CitySettings
    is_synthetic: bool
    catalogue: Catalogue
    places: Places
    told: live.Told
    moment: datetime

    @property
    def made_at(self) -> datetime:
        """The moment with the city's offset from UTC."""
        return self.moment.replace(tzinfo=ZoneInfo(self.settings.time_zone))


def content_of(source: Source, detours: Detours) -> Content:
    """Make manifest and cells."""
    question = Question(
        name=source.settings.name,
        name_en=source.settings.name_en,
        time_zone=source.settings.time_zone,
        is_synthetic=source.is_synthetic,
        made_at=source.made_at,
        limit_s=LIMIT_S,
        crowd_weeks=live.crowd_weeks(source.told),
    )
    return build(source.catalogue, detours, question)


def live_of(source: Source) -> dict[str, object]:
    """Make the live file."""
    return live.content(
        source.catalogue.stations,
        source.told,
        source.moment,
        weather=_weather(source),
        offset=source.made_at.isoformat()[-6:],
    )


def write(source: Source, out: Path, content: Content) -> Published:
    """Write all files; the caller holds `web.publishing.lock`.

    Raises
    ------
    UnavailableError
        When the folder cannot be written.
    """
    has_stations = bool(source.catalogue.stations)
    return publishing.write(
        out,
        content,
        phone_places.content(source.places),
        live_of(source),
        now_s=source.made_at.timestamp(),
        write_tiles=(lambda path: write_station_tiles(source.catalogue.frame, path))
        if has_stations
        else None,
    )


def _weather(source: Source) -> str | None:
    try:
        return weather.mode(source.settings, source.folder, source.moment)
    except YizhanError:  # a weather file that cannot be read changes nothing
        return None

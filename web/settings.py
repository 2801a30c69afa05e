"""Everything that can be set from outside, read from the environment once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from geodata.errors import InvalidInputError
from web.languages import languages

TILE_SOURCES = ("offline", "tianditu", "osm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the program is told from outside; `ENVIRONMENT` names the variables.

    Attributes
    ----------
    city
        The city folder.
    database_url
        SQLAlchemy URL of the store; None means ``yizhan.sqlite`` in the city folder.
    language
        Shown to people whose browser asks for none of ours.
    tiles
        ``offline`` (the city's own basemap), ``tianditu`` or ``osm``. The last two make browsers
        ask another host for map tiles.
    tianditu_key
        Key of the Tianditu service.
    map_approval_number
        审图号 of the map shown; empty means the one in ``city.toml``.
    secret_key
        Signs what the server hands out, and keys the hashes of phones that report; a new one at
        every start unless it is set, and then a phone counts as another one after a restart.
    """

    city: Path = Path("city")
    database_url: str | None = None
    language: str = "zh"
    tiles: str = "offline"
    tianditu_key: str = ""
    map_approval_number: str = ""
    secret_key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)

    def __post_init__(self) -> None:
        _check_word("language", self.language, languages())
        _check_word("tiles", self.tiles, TILE_SOURCES)
        if self.tiles == "tianditu" and not self.tianditu_key:
            raise InvalidInputError(
                "{variable} is tianditu but there is no key; put the key of the Tianditu service "
                "into {key_variable}",
                variable=ENVIRONMENT["tiles"],
                key_variable=ENVIRONMENT["tianditu_key"],
            )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings from a mapping such as ``os.environ``; empty values count as unset.

        Raises
        ------
        InvalidInputError
            When a value breaks the rules; names the variable and what it may be.
        """
        given = {
            name: environment[variable].strip()
            for name, variable in ENVIRONMENT.items()
            if environment.get(variable, "").strip()
        }
        folder = Path(given.pop("city", "city"))
        return cls(city=folder, **given)


ENVIRONMENT = {
    "city": "YIZHAN_CITY",
    "database_url": "YIZHAN_DATABASE_URL",
    "language": "YIZHAN_LANGUAGE",
    "tiles": "YIZHAN_TILES",
    "tianditu_key": "YIZHAN_TIANDITU_KEY",
    "map_approval_number": "YIZHAN_MAP_APPROVAL_NUMBER",
    "secret_key": "YIZHAN_SECRET_KEY",
}
"""Environment variable of each setting."""


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInputError(
            "{variable} is {value!s}; it must be one of {allowed}",
            variable=ENVIRONMENT[name],
            value=value,
            allowed=", ".join(allowed),
        )

"""The taxonomy of what a station can offer, read from ``services.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from geodata.errors import InvalidInputError

SERVICE_CLASSES = ("B", "X", "A", "P", "D")
"""Base, extended, access and mobility, programme, digital."""


@dataclass(frozen=True, slots=True)
class Service:
    """One facility or programme: key, class of `SERVICE_CLASSES`, two labels, meaning."""

    key: str
    kind: str
    zh: str
    en: str
    about: str


@cache
def services() -> dict[str, Service]:
    """Give all known services by key, in the order of the file."""
    table = tomllib.loads(files("geodata").joinpath("services.toml").read_text("utf-8"))
    return {
        key: Service(key, row["class"], row["zh"], row["en"], row["about"])
        for key, row in table.items()
    }


def check_services(keys: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys sorted and without repeats.

    Raises
    ------
    InvalidInputError
        When a key is not in the taxonomy; names the nearest known keys.
    """
    known = services()
    for key in keys:
        if key not in known:
            near = [k for k in known if key[:4] and k.startswith(key[:4])] or list(known)[:12]
            raise InvalidInputError(
                "facility {key!s} is not known; known are {near} and others",
                key=key,
                near=", ".join(near),
            )
    return tuple(sorted(set(keys)))

"""The packages that unions ask of a station (六有, 七个一, 6+X), read from ``packages.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from geodata.errors import NotFoundError
from geodata.records import Station


@dataclass(frozen=True, slots=True)
class Package:
    """What one union asks.

    Attributes
    ----------
    zh, en, source
        Name in two languages, and who says so.
    needs
        Each is met by any one of its keys of `geodata.services`.
    least_area_m2
        0 where none is asked.
    since
        Year of the source; None when not known.
    """

    key: str
    zh: str
    en: str
    source: str
    needs: tuple[tuple[str, ...], ...]
    least_area_m2: float
    since: int | None


@dataclass(frozen=True, slots=True)
class Compliance:
    """How a station stands against a package.

    Attributes
    ----------
    missing, out_of_order
        Needs for which there is nothing, and those for which what there is does not work.
    is_large_enough
        None when an area is asked and that of the station is not known.
    """

    missing: tuple[tuple[str, ...], ...]
    out_of_order: tuple[tuple[str, ...], ...]
    is_large_enough: bool | None

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing, everything works and the area is known to be enough."""
        return not self.missing and not self.out_of_order and self.is_large_enough is True


@cache
def packages() -> Mapping[str, Package]:
    """Give the known packages by key."""
    table = tomllib.loads(files("geodata").joinpath("packages.toml").read_text("utf-8"))
    return {
        key: Package(
            key,
            row["zh"],
            row["en"],
            row["source"],
            tuple(tuple(need) for need in row["needs"]),
            float(row.get("least_area_m2", 0)),
            row.get("since"),
        )
        for key, row in table.items()
    }


def compliance(station: Station, package: str) -> Compliance:
    """Hold a station against a package.

    Raises
    ------
    NotFoundError
        When there is no such package.
    """
    wanted = packages().get(package)
    if wanted is None:
        raise NotFoundError(
            "there is no package {key!s}; known are {known}",
            key=package,
            known=", ".join(packages()),
        )
    broken = {offer.key for offer in station.offers if offer.state != "working"}
    there = set(station.facilities)
    area = station.area_m2
    is_enough = (
        None if wanted.least_area_m2 and area is None else (area or 0) >= wanted.least_area_m2
    )
    return Compliance(
        missing=tuple(need for need in wanted.needs if not there & set(need)),
        out_of_order=tuple(
            need for need in wanted.needs if there & set(need) and not there & set(need) - broken
        ),
        is_large_enough=is_enough,
    )

"""The only place that reads the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from geodata.errors import InvalidInputError

Clock = Callable[[str], datetime]
"""Gives the moment in an IANA time zone, as a naive datetime; tests pass a clock that stands."""


def local_now(time_zone: str) -> datetime:
    """Give the present moment in a time zone, without the zone.

    Parameters
    ----------
    time_zone
        IANA name, for example ``Asia/Shanghai``.

    Raises
    ------
    InvalidInputError
        When there is no such zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(
            "time zone {zone!s} is not known; write an IANA name such as Asia/Shanghai "
            "into city.toml",
            zone=time_zone,
        ) from error
    return datetime.now(zone).replace(tzinfo=None)

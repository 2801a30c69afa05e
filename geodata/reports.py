"""What people on the spot say about a station: one report is one tap.

A report holds no position, no address of a device and no token. Its moment is coarse and its device
a keyed hash that means something at this one station only: enough to tell two devices apart, not
enough to follow one from station to station.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from geodata.errors import InvalidInputError
from geodata.services import check_services

REPORT_KINDS = (
    "open", "locked", "refused", "needs_app", "needs_card", "needs_call", "broken", "moved",
    "wrong_hours", "crowd",
)  # fmt: skip
"""It is open; the door is locked; it is open and I did not get in; I could not get in without an
app, a card, a phone call; something inside is broken; the station is no longer here; the posted
hours are wrong; how full it is inside."""

CROWD_LEVELS = ("empty", "some", "full")
"""How full: plenty of room, seats left, none left."""

NEARNESS = ("near", "far", "unknown")
"""Whether the phone was at the station, as the phone itself worked it out."""

NEAR_M = 150
"""A phone calls itself near within this many metres (PlugSense: 100 m; a fix may be 50 m off)."""

MOMENT_STEP = timedelta(minutes=10)
"""Moments are kept in steps of this: enough for an hour's limit, too coarse for a path."""

DEVICE_MEMORY = timedelta(days=90)
"""How long a report keeps its device's hash; `geodata.store.Store.forget_devices` empties it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report.

    Attributes
    ----------
    moment
        When, in the city's own time, naive; see `coarse`.
    kind
        One of `REPORT_KINDS`.
    about
        What is broken, a key of `geodata.services`; of kind ``crowd`` one of `CROWD_LEVELS`; empty
        for the other kinds.
    nearness
        One of `NEARNESS`.
    device
        Keyed hash of station and device; empty when forgotten.
    """

    station_id: str
    moment: datetime
    kind: str
    about: str = ""
    nearness: str = "unknown"
    device: str = ""

    def __post_init__(self) -> None:
        _check_word("kind", self.kind, REPORT_KINDS)
        _check_word("nearness", self.nearness, NEARNESS)
        if not self.station_id:
            raise InvalidInputError("a report names no station; give the station's id")
        if self.moment.tzinfo is not None:
            raise InvalidInputError(
                "the moment {moment} carries a time zone; give the city's own time without one",
                moment=self.moment.isoformat(),
            )
        if (self.kind in ("broken", "crowd")) != bool(self.about):
            raise InvalidInputError(
                "a report of kind {kind} says {about!s} in `about`; name a facility there when "
                "something is broken, the level of a crowd, and leave it empty otherwise",
                kind=self.kind,
                about=self.about or "nothing",
            )
        if self.kind == "broken":
            check_services((self.about,))
        if self.kind == "crowd":
            _check_word("about", self.about, CROWD_LEVELS)

    @property
    def topic(self) -> str:
        """What the report is about: a broken facility, ``crowd``, or the door (empty)."""
        return "crowd" if self.kind == "crowd" else self.about


def coarse(moment: datetime) -> datetime:
    """Give a moment as it is kept: the begin of its step of `MOMENT_STEP`.

    Examples
    --------
    >>> coarse(datetime(2026, 9, 21, 10, 47, 12)).isoformat()
    '2026-09-21T10:40:00'
    """
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // MOMENT_STEP * MOMENT_STEP


def _check_word(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidInputError(
            "{name} is {value!s}; it must be one of {allowed}",
            name=name,
            value=value,
            allowed=", ".join(allowed),
        )

"""How to get in: what the door asks for, and how many get through it.

The chance to get through an open door is the mean of a Beta distribution. Before any report it is
the share ``way_in`` of the mode of entry, worth ``way_in_visits`` visits; every voice that was
inside adds a visit that came through, every voice that was held up one that did not:

    P(through) = (way_in · visits + yes) / (visits + yes + held up).

Of each burst at most ``doubt_per_burst`` voices count on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geodata.records import Station
from stations.assumptions import Assumptions
from stations.voices import HELD_UP, YES, Burst, counted

ASKS_FOR = {"needs_app": "app", "needs_card": "id_card", "needs_call": "phone"}
"""Mode of entry that a report speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WayIn:
    """How to get in.

    Attributes
    ----------
    mode
        One of `geodata.records.ENTRY_MODES`, as the register says.
    through
        Chance that a worker who has prepared nothing gets through the open door, 0 to 1.
    reported
        Another mode that people report, the most reported; empty when they report none.
    people
        How many voices report it.
    """

    mode: str
    through: float
    reported: str
    people: int


def way_in(station: Station, found: Sequence[Burst], *, assumed: Assumptions) -> WayIn:
    """Give how to get into a station.

    Parameters
    ----------
    found
        Bursts of heard reports.
    """
    yes = counted(found, YES, assumed=assumed)
    held_up = counted(found, HELD_UP, assumed=assumed)
    visits = assumed.way_in_visits
    through = (assumed.way_in[station.entry] * visits + yes) / (visits + yes + held_up)
    people = {
        mode: sum(burst.count((kind,)) for burst in found)
        for kind, mode in ASKS_FOR.items()
        if mode != station.entry
    }
    most = max(people, key=lambda mode: people[mode])
    reported = most if people[most] else ""
    return WayIn(mode=station.entry, through=through, reported=reported, people=people[most])

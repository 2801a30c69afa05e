"""Why a chance is what it is, as sentences with values, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from geodata.hours import State
from geodata.records import Station
from geodata.reports import Report
from stations.availability import Availability
from stations.entry import WayIn
from stations.posted import situation, verified_day
from stations.voices import NO, YES

_RECENT = timedelta(days=30)
_LONG = timedelta(days=365)
_HARD = 0.9
"""Below this chance to get through an open door, the way in is a reason."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a chance is what it is.

    Attributes
    ----------
    code
        Short name for programs.
    template, details
        English sentence with ``{name}`` placeholders, and their values. Who shows them says
        ``when`` (a datetime) and ``way`` (a mode of entry) in the reader's words.
    """

    code: str
    template: str
    details: Mapping[str, object] = field(default_factory=dict)


_NO_WORDS = {
    "locked": "Reported locked: {n}, the last {when}",
    "moved": "Reported as no longer here: {n}, the last {when}",
    "wrong_hours": "Reported as having other hours: {n}, the last {when}",
}
_SITUATIONS = (
    Reason("just_opened", "It is to open shortly before you arrive; some open late"),
    Reason("about_to_close", "It is to close soon after you arrive; some close early"),
    Reason("midday", "Some doors are shut at noon although no break is posted"),
    Reason("evening", "Fewer doors keep the posted hours in the evening"),
    Reason("day_off", "Fewer doors keep the posted hours on days off"),
    Reason("closed", "It is posted as closed when you arrive"),
    Reason("closed_edge", "It is posted as closed when you arrive, but not by much"),
    Reason("announced", "It is announced as closed"),
)


def reasons(
    station: Station,
    voices: Sequence[Report],
    moment: datetime,
    *,
    opening: Availability,
    entry: WayIn,
    n_today: int,
    is_doubted: bool,
) -> tuple[Reason, ...]:
    """Give the reasons, what people say first.

    Parameters
    ----------
    voices
        One report of each device, oldest first.
    moment
        Of arrival.
    opening
        What the register says of the moment.
    n_today
        Devices that were inside on the day of the moment.
    """
    recent = [v for v in voices if v.moment > moment - _RECENT]
    yes = [v for v in recent if v.kind in YES]
    found = [
        *_said_no(recent, is_doubted=is_doubted),
        *_said_yes(yes, n_today),
        *_entry(entry),
        *_register(station, moment, opening),
    ]
    return (*found, *_check(station, moment, is_confirmed=bool(yes)))


def _said_no(recent: Sequence[Report], *, is_doubted: bool) -> Iterator[Reason]:
    if is_doubted:
        yield Reason("doubted", "Several people on different days found it shut in its hours")
    for kind in NO:
        said = [v for v in recent if v.kind == kind]
        if said:
            details = {"n": len(said), "when": said[-1].moment}
            yield Reason(f"said_{kind}", _NO_WORDS[kind], details)


def _said_yes(yes: Sequence[Report], n_today: int) -> Iterator[Reason]:
    if n_today:
        yield Reason("confirmed_today", "Confirmed open today: {n}", {"n": n_today})
    elif yes:
        details = {"n": len(yes), "when": yes[-1].moment}
        yield Reason("confirmed", "Confirmed open lately: {n}, the last {when}", details)


def _entry(entry: WayIn) -> Iterator[Reason]:
    if entry.reported:
        details = {"n": entry.people, "way": entry.reported}
        template = "Could not get in, the door asked for more: {n} ({way})"
        yield Reason("way_in_reported", template, details)
    elif entry.through < _HARD:
        yield Reason("way_in", "Not everybody gets through this door: {way}", {"way": entry.mode})


def _register(station: Station, moment: datetime, opening: Availability) -> Iterator[Reason]:
    if opening.state is State.UNKNOWN:
        yield Reason("no_hours", "No definite hours are on record; the chance is a usual one")
        return
    kind = situation(station, moment, opening)
    yield from (reason for reason in _SITUATIONS if reason.code == kind)


def _check(station: Station, moment: datetime, *, is_confirmed: bool) -> Iterator[Reason]:
    day = verified_day(station)
    if day is None:
        if not is_confirmed:
            yield Reason("never_checked", "Never checked on the spot, and nobody confirmed it")
    elif moment.date() - day > _LONG and not is_confirmed:
        template = "Checked on the spot on {day}; nobody has confirmed it since"
        yield Reason("checked_long_ago", template, {"day": day.isoformat()})
    else:
        yield Reason("checked", "Checked on the spot on {day}", {"day": day.isoformat()})

"""What doors do in the coming days, worked out so that a phone needs no calendar and no hours.

A schedule is made of parts that hold from their minute on. From the parts, `Schedule.change` and
`Schedule.next_open` follows all that `stations.availability` says at any minute of the days:

- the state, why, note, holiday and whether it is predicted stand in the part that holds;
- ``until`` is the first minute after it at which a part has another state, else `change`;
- ``next_open``, of a door that is not open, is the first minute after it at which a part is open,
  else `Schedule.next_open`;
- both are not known (None) when they lie four weeks or more after the minute asked about.

Doors with the same hours, closures and place of the sun have the same schedule; it is drawn once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from geodata.hours import CODES, State, read_hours
from geodata.records import Offer, Station
from geodata.services import services
from stations.availability import LOOK_AHEAD, OUT_OF_ORDER, check_moment
from stations.calendar import day_of
from stations.doors import Door, door_of
from stations.readings import begins, begins_literally
from stations.why import Reason, could_change, reason_of, turns

DAY_MIN = 24 * 60
DAYS = 14
"""How many days are worked out."""

_AHEAD_MIN = int(LOOK_AHEAD.total_seconds()) // 60
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_OPEN, _CLOSED, _UNKNOWN = (CODES[s] for s in (State.OPEN, State.CLOSED, State.UNKNOWN))
_IN_SERVICE, _WORKING, _PROGRAMME = "open", "working", "P"

_Span = tuple[int, int | None, int]
"""First minute, last minute (exclusive; None: beyond what is looked at), code."""


class Holiday(NamedTuple):
    """The holiday that a part speaks of, and whether it is a day worked for it."""

    zh: str
    en: str
    is_worked: bool


class Part(NamedTuple):
    """What holds from a minute on.

    Attributes
    ----------
    minute
        Since midnight at the beginning of the first day.
    code
        Value of `geodata.hours.CODES`.
    why, note
        As in `stations.availability.Availability`.
    holiday
        Its day; None where `why` speaks of none.
    is_predicted
        As there.
    """

    minute: int
    code: int
    why: str
    note: str = ""
    holiday: Holiday | None = None
    is_predicted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a door does in the days.

    Attributes
    ----------
    parts
        The first begins at minute 0, the last holds to the end of the days.
    change
        First minute after the days at which the state is another one; None when that is four weeks
        or more after the days.
    next_open
        First minute after the days at which it opens, for a door that is not open at their end;
        None likewise.
    """

    parts: tuple[Part, ...]
    change: int | None = None
    next_open: int | None = None


class Drawing:
    """Draws schedules from one first day on, each door once.

    Parameters
    ----------
    start
        First day.
    n_days
        How many days.

    Raises
    ------
    InvalidInputError
        When no calendar reaches the days and the four weeks after them.
    """

    def __init__(self, start: date, n_days: int = DAYS) -> None:
        self.start = start
        self._midnight = datetime.combine(start, time())
        self._n_days = n_days
        self._end = n_days * DAY_MIN
        last = start + n_days * _DAY + LOOK_AHEAD
        for day in (start, last):
            check_moment(datetime.combine(day, time()))
        every = (start + k * _DAY for k in range(-1, (last - start).days + 1))
        self._movable = [day for day in every if day_of(day).could_move]
        self._drawn: dict[Door, Schedule] = {}
        self._is_plain: dict[tuple[str, date], bool] = {}

    def of_station(self, station: Station) -> Schedule:
        """Draw what `stations.availability.at` says of a station."""
        if station.status != _IN_SERVICE:
            return _shut(station.status, station.status_reason)
        return self._of_door(door_of(station))

    def of_programme(self, station: Station, key: str) -> Schedule:
        """Draw what `stations.availability.offer_availability` says of a programme of a station.

        The note of the offer, which stands wherever a part has none, is left to the caller: so
        programmes that differ in it alone share a schedule.

        Parameters
        ----------
        key
            Of a programme that the station has (`programmes`).
        """
        if station.status != _IN_SERVICE:
            return _shut(station.status, station.status_reason)
        offer = next((o for o in station.offers if o.key == key), Offer(key=key))
        if offer.state != _WORKING:
            return _shut(OUT_OF_ORDER[offer.state], "")
        if not offer.hours:
            return self.of_station(station)
        found = self._of_door(replace(door_of(station), texts=(offer.hours,)))
        named = (
            part._replace(why="programme_hours") if part.why in ("hours", "always_open") else part
            for part in found.parts
        )
        return replace(found, parts=_joined(named))

    def _of_door(self, door: Door) -> Schedule:
        if not any(text and read_hours(text).has_sun for text in door.texts):
            door = replace(door, place=None)
        found = self._drawn.get(door)
        if found is None:
            found = self._drawn[door] = self._draw(door)
        return found

    def _draw(self, door: Door) -> Schedule:
        spans = self._spans(door)
        opens = _openings(spans)
        predicted = [day for day in self._movable if could_change(door, day)]
        parts = []
        k = 0
        for minute in self._bounds(door, spans, opens):
            while spans[k][1] is not None and minute >= (spans[k][1] or 0):
                k += 1
            until = _within(spans[k][1], minute)
            next_open = _within(opens[k], minute)
            on = self._day(minute)
            last = next_open or until or minute
            why, note, holiday = self._why(door, minute, spans[k][2], until)
            is_predicted = any(on - _DAY <= day <= self._day(last) for day in predicted)
            parts.append(Part(minute, spans[k][2], why, note, holiday, is_predicted))
        last_k = next(i for i, s in enumerate(spans) if s[1] is None or s[1] >= self._end)
        return Schedule(
            parts=_joined(parts),
            change=spans[last_k][1],
            next_open=opens[last_k],
        )

    def _spans(self, door: Door) -> list[_Span]:
        """Give the states over the days, and on to the end of a state and the next opening."""
        end = self._end + _AHEAD_MIN
        found: list[_Span] = []
        for part in door.intervals(self._midnight, self._midnight + timedelta(minutes=end)):
            first, last = (int((m - self._midnight) / _MINUTE) for m in (part.start, part.end))
            found.append((first, last if last < end else None, CODES[part.state]))
            if last >= self._end and part.state is State.OPEN:
                break
        return found

    def _bounds(self, door: Door, spans: list[_Span], opens: list[int | None]) -> list[int]:
        """Give the minutes of the days between which nothing that a part says can change."""
        found = {k * DAY_MIN for k in range(self._n_days)}
        for (first, last, _), opening in zip(spans, opens, strict=True):
            # From four weeks before an end on, the end is in sight.
            sights = (bound - _AHEAD_MIN + 1 for bound in (last, opening) if bound is not None)
            found.update((first, *(minute for minute in sights if minute > first)))
        for k in range(self._n_days):
            on = self.start + k * _DAY
            if not self._is_plain_day(door, on):
                found.update(k * DAY_MIN + minute for minute in turns(door, on))
        return sorted(minute for minute in found if minute < self._end)

    def _why(
        self, door: Door, minute: int, code: int, until: int | None
    ) -> tuple[str, str, Holiday | None]:
        on = self._day(minute)
        closure = door.closure_on(on) if door.closures else None
        if closure is not None:
            return "temporarily_closed", closure.reason, None
        if until is None and code == _OPEN:
            return "always_open", "", None
        if until is None and code == _CLOSED:
            return "never_opens", "", None
        if self._is_plain_day(door, on):
            reason = _plain_reason(door.texts[0], code)
        else:
            reason = reason_of(door, self._midnight + minute * _MINUTE)
        day = reason.day
        return reason.why, "", Holiday(day.name_zh, day.name_en, day.is_worked) if day else None

    def _is_plain_day(self, door: Door, on: date) -> bool:
        """Tell whether a day and the one before mean just what the text says of their weekdays."""
        if len(door.texts) > 1:
            return False
        text = door.texts[0]
        return not text or all(self._is_plain_text(text, day) for day in (on - _DAY, on))

    def _is_plain_text(self, text: str, on: date) -> bool:
        found = self._is_plain.get((text, on))
        if found is None:
            hours = read_hours(text)
            found = begins(hours, on) == begins_literally(hours, on)
            self._is_plain[text, on] = found
        return found

    def _day(self, minute: int) -> date:
        return self.start + minute // DAY_MIN * _DAY


def programmes(station: Station) -> list[Offer]:
    """Give the programmes (class P of the taxonomy) of a station, in the order of the taxonomy."""
    told = {offer.key: offer for offer in station.offers}
    keys = {*station.facilities, *told}
    return [
        told.get(key, Offer(key=key))
        for key, service in services().items()
        if service.kind == _PROGRAMME and key in keys
    ]


def _shut(why: str, note: str) -> Schedule:
    return Schedule(parts=(Part(0, _CLOSED, why, note),))


def _plain_reason(text: str, code: int) -> Reason:
    """Give the reason on a day on which the text has one reading, that of its weekday."""
    if not text:
        return Reason("no_hours")
    return Reason("hours_unclear" if code == _UNKNOWN else "hours")


def _openings(spans: list[_Span]) -> list[int | None]:
    """Give for each stretch that is not open when it is open next; None for open ones."""
    found: list[int | None] = []
    following: int | None = None
    for first, _, code in reversed(spans):
        found.append(None if code == _OPEN else following)
        if code == _OPEN:
            following = first
    return found[::-1]


def _within(bound: int | None, minute: int) -> int | None:
    """Give a minute to come if it is in sight."""
    return bound if bound is not None and bound < minute + _AHEAD_MIN else None


def _joined(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Leave out parts that say what the part before says."""

    def differing() -> Iterator[Part]:
        last = None
        for part in parts:
            if last is None or part[1:] != last[1:]:
                yield part
            last = part

    return tuple(differing())

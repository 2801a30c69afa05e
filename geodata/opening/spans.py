"""Which minutes of a day a rule speaks of."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.opening.states import DAY_MIN
from geodata.opening.sun import NOMINAL_MIN, Sun

_LATE_MIN, _EVENING_MIN = 22 * 60, 17 * 60


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day: minutes after midnight, or minutes after an event of the sun.

    Attributes
    ----------
    event
        ``dawn``, ``sunrise``, ``sunset``, ``dusk``, or empty.
    minutes
        May go past midnight.
    """

    minutes: int
    event: str = ""

    @property
    def nominal_min(self) -> int:
        """Minutes after midnight, by a sun that rises at six."""
        return self.minutes + NOMINAL_MIN.get(self.event, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """From one time to another; an end before the start is on the next day.

    Attributes
    ----------
    end
        None for an open end: nobody knows when it closes.
    """

    start: Clock
    end: Clock | None

    @property
    def has_sun(self) -> bool:
        """Whether it moves with the sun."""
        return bool(self.start.event or (self.end and self.end.event))

    def minutes(self, sun: Sun | None = None, sun_next: Sun | None = None) -> tuple[int, int]:
        """Give first and last minute, the end exclusive and possibly on the next day.

        Parameters
        ----------
        sun, sun_next
            Events of the day on which it begins, and of the next one; the first is needed with
            `has_sun`. Where they are not known, the span is as long as it can be.

        Notes
        -----
        An open end lasts until midnight, from 17:00 on ten hours, from 22:00 on eight: the guess of
        opening_hours.js.
        """
        start = _at(self.start, sun.earliest_min if sun else {})
        if self.end is None:
            nominal = self.start.nominal_min
            if nominal >= _LATE_MIN:
                return start, nominal + 8 * 60
            return start, nominal + 10 * 60 if nominal >= _EVENING_MIN else DAY_MIN
        end = _at(self.end, sun.latest_min if sun else {})
        if end < start or (end == start and not self.has_sun):
            end = DAY_MIN + (_at(self.end, sun_next.latest_min) if sun_next else end)
        return start, end


def _at(clock: Clock, events_min: dict[str, int]) -> int:
    return clock.minutes + (events_min[clock.event] if clock.event else 0)

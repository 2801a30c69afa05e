"""The rules of an ``opening_hours`` text, and what they say together about a day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from geodata.opening.selectors import Day, DaySelector, PublicHoliday, SchoolHoliday
from geodata.opening.spans import Span
from geodata.opening.states import CLOSED, DAY_MIN, OPEN, UNKNOWN
from geodata.opening.sun import Sun

_WHOLE_DAY = ((0, DAY_MIN, False),)


class Joint(StrEnum):
    """How a rule goes with those before it.

    A normal rule (``;``) replaces them on its days, unless it only closes; an additional one
    (``,``) adds to them; a fallback (``||``) speaks where they leave it closed.
    """

    NORMAL = ";"
    ADDITIONAL = ","
    FALLBACK = "||"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One rule.

    Attributes
    ----------
    days
        Groups of selectors: on its days, one of each group holds. Empty means every day.
    spans
        Empty means the whole day.
    code
        State at those times, one of `geodata.opening.states.CODES`.
    """

    joint: Joint
    days: tuple[tuple[DaySelector, ...], ...]
    spans: tuple[Span, ...]
    code: int

    def holds(self, day: Day) -> bool:
        """Tell whether it speaks of a day, or of the night that begins on it."""
        for group in self.days:  # plain loops: this is asked most
            for selector in group:
                if selector.holds(day):
                    break
            else:
                return False
        return True


@dataclass(frozen=True, eq=False)
class Hours:
    """A whole text.

    What is open on a day follows from two numbers: the rules that speak of it, and those that spoke
    of the day before, whose nights run into it. `begins` gives such a number for a day, as a bit
    for each rule; `codes` puts two together.
    """

    text: str
    rules: tuple[Rule, ...]

    @cached_property
    def is_weekly(self) -> bool:
        """Whether weekday and holidays of the day itself are all that matters."""
        return not self.has_sun and all(s.is_weekly for s in self._selectors)

    @cached_property
    def has_sun(self) -> bool:
        """Whether some time moves with the sun."""
        return any(span.has_sun for rule in self.rules for span in rule.spans)

    @cached_property
    def names_public_holidays(self) -> bool:
        """Whether a rule speaks of public holidays themselves, not only of days near them."""
        return any(isinstance(s, PublicHoliday) and s.is_weekly for s in self._selectors)

    @cached_property
    def names_school_holidays(self) -> bool:
        """Whether a rule speaks of school holidays."""
        return any(isinstance(s, SchoolHoliday) for s in self._selectors)

    @cached_property
    def nights(self) -> int:
        """The rules whose times may run past midnight, as bits."""
        return sum(1 << k for k, rule in enumerate(self.rules) if _has_night(rule))

    @cached_property
    def _selectors(self) -> tuple[DaySelector, ...]:
        return tuple(s for rule in self.rules for group in rule.days for s in group)

    def begins(self, day: Day) -> int:
        """Give the rules that speak of a day, as bits."""
        found = 0
        for k, rule in enumerate(self.rules):
            if rule.holds(day):
                found |= 1 << k
        return found

    def speaking(self, today: int) -> int:
        """Give those rules of a day that no later one replaces on it, as bits."""
        return sum(1 << k for k, _ in self._speaking(0, today))

    def codes(
        self, before: int, today: int, *, sun_before: Sun | None = None, sun: Sun | None = None
    ) -> NDArray[np.int8]:
        """Give the state of each minute of a day.

        Parameters
        ----------
        before, today
            Rules that speak of the day before and of the day (`begins`); 0 for a day on which
            nothing opens.
        sun_before, sun
            Events of these days; needed with `has_sun`.

        Returns
        -------
        ndarray
            Shape (1440,), values of `geodata.opening.states.CODES`, read-only.
        """
        found = np.zeros(DAY_MIN, np.int8)
        for k, is_night in self._speaking(before & self.nights, today):
            rule = self.rules[k]
            suns = (sun_before, sun) if is_night else (sun, None)
            for start, end, is_open_end in _minutes(rule, *suns):
                code = UNKNOWN if is_open_end and rule.code != CLOSED else rule.code
                shift = DAY_MIN if is_night else 0
                part = found[max(start - shift, 0) : max(end - shift, 0)]
                if rule.joint is Joint.FALLBACK:
                    part[part == CLOSED] = code
                else:
                    part[:] = code
        found.flags.writeable = False
        return found

    def _speaking(self, before: int, today: int) -> list[tuple[int, bool]]:
        """Give the rules that count on a day, in order, and whether it is their night."""
        found: list[tuple[int, bool]] = []
        for k in range(len(self.rules)):
            if today >> k & 1:
                if self._replaces(k):
                    found.clear()
                found.append((k, False))
            if before >> k & 1:
                found.append((k, True))
        return found

    def _replaces(self, k: int) -> bool:
        """Tell whether a rule replaces those before it on its days.

        One without days replaces only another without days: what stands behind ``Mo-Fr
        08:00-12:00; 14:00-18:00`` is meant to add.
        """
        rule = self.rules[k]
        if rule.joint is not Joint.NORMAL or rule.code == CLOSED:
            return False
        return bool(rule.days) or (k > 0 and rule.code == OPEN and not self.rules[k - 1].days)


def _has_night(rule: Rule) -> bool:
    return any(span.has_sun or span.minutes()[1] > DAY_MIN for span in rule.spans)


def _minutes(
    rule: Rule, sun: Sun | None, sun_next: Sun | None
) -> tuple[tuple[int, int, bool], ...]:
    """Give start, end and whether that is a guess; an open end is over when a later span begins."""
    if not rule.spans:
        return _WHOLE_DAY
    if any(span.has_sun for span in rule.spans):
        return _resolved(rule, sun, sun_next)
    return _fixed(rule)


@lru_cache(maxsize=65536)
def _fixed(rule: Rule) -> tuple[tuple[int, int, bool], ...]:
    return _resolved(rule)


def _resolved(
    rule: Rule, sun: Sun | None = None, sun_next: Sun | None = None
) -> tuple[tuple[int, int, bool], ...]:
    times = [span.minutes(sun, sun_next) for span in rule.spans]
    found = []
    for k, (start, end) in enumerate(times):
        span = rule.spans[k]
        is_guess = span.end is None or bool(span.has_sun and sun and not sun.is_known)
        following = (later for later, _ in times[k + 1 :] if span.end is None and later > start)
        found.append((start, min([end, *following]), is_guess))
    return tuple(found)

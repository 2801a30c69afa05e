"""Rules of ``opening_hours``, put side by side so that none takes time from another.

In ``opening_hours`` a later rule replaces the earlier ones on its days, and cuts the night that
runs into them. In a Chinese text it adds to them, so rules that share days are written anew, one
for each group of days; where it is not clear whether a rule adds or replaces, nothing is written.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations, groupby, pairwise

WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WHOLE_DAY = "00:00-24:00"

_HOLIDAY = "PH"
_SEASON = re.compile(
    r"(?P<first>[A-Z][a-z]{2})(?: (?P<day>\d\d))?(?:-(?P<last>[A-Z][a-z]{2})(?: (?P<end>\d\d))?)?"
)
_LEAP_YEAR = 2024
_DAY_MIN = 24 * 60


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: in which months, on which days, at which times.

    Attributes
    ----------
    months
        Such as ``May-Sep`` or ``Jun 01-Sep 30``; empty for the whole year.
    days
        Such as ``("Mo-Fr", "PH")``; empty for every day.
    times
        Such as ``("09:00-17:00",)``.
    is_off
        Whether the door is closed then.
    is_for_working_days
        Whether the text says 工作日, which leaves public holidays out.
    has_season
        Whether the text names a season.
    """

    months: str = ""
    days: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    is_off: bool = False
    is_for_working_days: bool = False
    has_season: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether the rule says when the door is open or that it is closed."""
        return bool(self.times) or self.is_off


def joined(rules: Sequence[Rule]) -> list[Rule] | None:
    """Put together what belongs together: times with the days after them, times of shared days.

    Returns
    -------
    list of Rule or None
        Rules of which a later one takes no open time from an earlier one, but for holidays and
        days that the text calls closed; None when it is not clear what they mean together.
    """
    if len(rules) == 2 and not rules[0].days and not rules[1].is_complete:
        return [_with_days_behind(*rules)]
    merged = _merged(rules)
    if merged is None or len(merged) == 1:
        return merged
    timed = [r for r in merged if not r.is_off]
    offs = [r for r in merged if r.is_off]
    if not all(r.times for r in timed) or not all(_is_exception(o, t) for o in offs for t in timed):
        return None
    if _has_night(timed):
        if any(_HOLIDAY in _days(r) for r in timed):
            return None
        if any(_days(o) & _days(t) for o in offs for t in timed):
            return None  # nobody knows whether the night before such a day ends at midnight
        offs = [replace(o, days=(_HOLIDAY,)) for o in offs if _HOLIDAY in _days(o)]
    overlapping = [pair for pair in combinations(timed, 2) if _overlap(*pair)]
    if not all(_adds(*pair) for pair in overlapping):
        return None
    for months in dict.fromkeys(a.months for a, _ in overlapping):
        group = [r for r in timed if r.months == months]
        timed = [r for r in timed if r.months != months] + _by_days(group)
    return [*sorted(timed, key=lambda r: _HOLIDAY in _days(r)), *offs]


def without_break(rule: Rule, pause: str) -> Rule | None:
    """Take a noon break out of the times of a rule; None when it is in none of them, or in two.

    Examples
    --------
    >>> without_break(Rule(times=("08:00-18:00",)), "12:00-14:00").times
    ('08:00-12:00', '14:00-18:00')
    """
    start, end = _span_min(pause)
    spans = [_span_min(time) for time in rule.times]
    if end > _DAY_MIN or rule.is_off:
        return None
    if any(a[1] == start and b[0] == end for a, b in pairwise(spans)):
        return rule  # the times leave it out already
    within = [i for i, (first, last) in enumerate(spans) if first < start and end < last]
    if len(within) != 1:
        return None
    opened, closed = rule.times[within[0]].split("-")
    away, back = pause.split("-")
    parts = (f"{opened}-{away}", f"{back}-{closed}")
    return replace(rule, times=rule.times[: within[0]] + parts + rule.times[within[0] + 1 :])


def goes_on(rule: Rule, time: str) -> bool:
    """Tell whether a time comes after those of a rule: in 8:30-12:00, 2:30-6:00 it does not."""
    if not rule.times:
        return True
    first, end = _span_min(rule.times[-1])
    start = _span_min(time)[0]
    return start >= end if end <= _DAY_MIN else end - _DAY_MIN <= start < first


def written(rules: Sequence[Rule]) -> str:
    """Write rules as ``opening_hours``; after a night, rules are added, not replaced."""
    if len(rules) == 1 and _is_always(rules[0]):
        return "24/7"
    added = ", " if _has_night(rules) else "; "
    text = ""
    for rule in rules:
        when = "off" if rule.is_off else ",".join(rule.times) or "unknown"
        part = " ".join(p for p in (rule.months, ",".join(rule.days), when) if p)
        between = "; " if rule.is_off else added
        text += f"{between}{part}" if text else part
    names_holidays = any(_HOLIDAY in rule.days for rule in rules)
    if any(r.is_for_working_days and r.times for r in rules) and not names_holidays:
        text += "; PH off"
    return text


def _with_days_behind(timed: Rule, days: Rule) -> Rule:
    """Put together 8:00-18:00 (周一至周五)."""
    has_season = timed.has_season or days.has_season
    return replace(
        days, times=timed.times, months=timed.months or days.months, has_season=has_season
    )


def _is_always(rule: Rule) -> bool:
    return rule.times == (WHOLE_DAY,) and not rule.months and rule.days in ((), ("Mo-Su",))


def _merged(rules: Iterable[Rule]) -> list[Rule] | None:
    """Give one rule for each set of days, with all its times; None when these overlap."""
    merged: dict[tuple[str, frozenset[str], bool, bool, bool], Rule] = {}
    for rule in rules:
        is_unnamed = rule.has_season and not rule.months  # 8:00-18:00(夏季): not the whole year
        key = (rule.months, _days(rule), rule.is_off, rule.is_for_working_days, is_unnamed)
        before = merged.get(key, replace(rule, times=()))
        if _collide(before, rule):
            return None
        merged[key] = replace(before, times=before.times + rule.times)
    return list(merged.values())


def _is_exception(off: Rule, timed: Rule) -> bool:
    """Tell whether a closed day leaves other days of a rule, or has nothing to do with it."""
    days, months = _days(off) & _days(timed), _months(off) & _months(timed)
    if not days or not months:
        return True
    is_part = days >= _days(off) - {_HOLIDAY} and months == _months(off)
    return is_part and (days < _days(timed) or months < _months(timed))


def _overlap(a: Rule, b: Rule) -> bool:
    """Tell whether two rules speak about the same day; 每天 may or may not speak of holidays."""
    if not _months(a) & _months(b):
        return False
    is_daily = _days(a) >= set(WEEK) or _days(b) >= set(WEEK)
    named = _HOLIDAY in _days(a) | _days(b)
    return bool(_days(a) & _days(b)) or (is_daily and named and not _collide(a, b))


def _adds(a: Rule, b: Rule) -> bool:
    """Tell whether it is clear that two rules for the same days add to each other.

    It is not when one names no days, or when their times overlap: 每天 8:00-20:00；周六 9:00-12:00
    means that Saturday is shorter.
    """
    return (
        a.months == b.months
        and bool(a.days and b.days)
        and a.is_for_working_days == b.is_for_working_days
        and not _collide(a, b)
    )


def _by_days(rules: Sequence[Rule]) -> list[Rule]:
    """Write rules of the same months anew: one for each group of days with the same times."""
    of_holidays = [r for r in rules if _HOLIDAY in _days(r)]
    of_day = {day: [r for r in rules if day in _days(r)] for day in WEEK}
    of_day[_HOLIDAY] = of_holidays and of_holidays + [
        r
        for r in rules
        if _HOLIDAY not in _days(r)
        and _days(r) >= set(WEEK)
        and not any(_collide(r, h) for h in of_holidays)
    ]
    groups: dict[tuple[str, ...], list[str]] = {}
    for day, found in of_day.items():
        if found:
            times = sorted({time for rule in found for time in rule.times})
            groups.setdefault(tuple(times), []).append(day)
    is_for_working_days = any(r.is_for_working_days for r in rules)
    return [
        replace(rules[0], days=_ranges(days), times=times, is_for_working_days=is_for_working_days)
        for times, days in groups.items()
    ]


def _ranges(days: Sequence[str]) -> tuple[str, ...]:
    """Give days in the order of the week as ``Mo-We``, ``Fr``, ``PH``."""
    found = []
    places = [(i, (*WEEK, _HOLIDAY).index(day)) for i, day in enumerate(days) if day != _HOLIDAY]
    for _, run in groupby(places, key=lambda pair: pair[1] - pair[0]):
        names = [WEEK[at] for _, at in run]
        found.append(names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}")
    return (*found, _HOLIDAY) if _HOLIDAY in days else tuple(found)


def _collide(a: Rule, b: Rule) -> bool:
    """Tell whether some time of one rule overlaps one of the other on the same day."""
    return any(
        start < other_end and other_start < end
        for start, end in map(_span_min, a.times)
        for other_start, other_end in map(_span_min, b.times)
    )


def _has_night(rules: Iterable[Rule]) -> bool:
    return any(_span_min(time)[1] > _DAY_MIN for rule in rules for time in rule.times)


def _span_min(time: str) -> tuple[int, int]:
    start, end = (int(clock[:2]) * 60 + int(clock[3:]) for clock in time.split("-"))
    return start, end if end > start else end + _DAY_MIN


def _days(rule: Rule) -> frozenset[str]:
    found = {day for span in rule.days for day in _between(span, WEEK)}
    return frozenset(found if rule.days else WEEK)


def _months(rule: Rule) -> frozenset[int]:
    """Give the days of the year that a rule is about, in a leap year."""
    found = _SEASON.fullmatch(rule.months)
    if found is None:
        return frozenset(range(1, 367))
    first, last = MONTHS.index(found["first"]) + 1, found["last"] or found["first"]
    month = MONTHS.index(last) + 1
    start = date(_LEAP_YEAR, first, int(found["day"] or 1))
    closing = found["end"] or (not found["last"] and found["day"])
    end = date(_LEAP_YEAR, month, int(closing or monthrange(_LEAP_YEAR, month)[1]))
    days = range(start.timetuple().tm_yday, end.timetuple().tm_yday + 1)
    if end >= start:
        return frozenset(days)
    return frozenset(range(1, 367)) - frozenset(range(days.stop, days.start))


def _between(span: str, names: Sequence[str]) -> list[str]:
    """Give the names of a range that may go round the end; what is no range stands alone."""
    first, _, last = span.partition("-")
    if first not in names:
        return [span]
    start = names.index(first)
    n = (names.index(last or first) - start) % len(names) + 1
    return [names[(start + i) % len(names)] for i in range(n)]

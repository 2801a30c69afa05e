"""Texts of ``opening_hours``, drawn at random from all of its grammar."""

from __future__ import annotations

from random import Random

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_QUARTERS = 96
_SUN = (
    "sunrise-sunset", "sunset-sunrise", "dawn-dusk", "06:30-sunset", "sunset-23:00", "dusk-24:00",
    "(sunrise+01:00)-(sunset-00:30)", "(dawn-00:15)-12:00",
)  # fmt: skip
_WHOLE = (
    "24/7", "off", "unknown", "open", "24/7; PH off", "Mo-Su", "Mo-Fr", 'closed "repairs"',
    "00:00-24:00", "24/7 unknown", "Mo-Fr 08:30-12:00,14:00-17:30; PH off",
)  # fmt: skip


def text(draw: Random) -> str:
    """Draw a text of one to four rules."""
    if draw.random() < 0.02:
        return draw.choice(_WHOLE)
    found = rule(draw, is_first=True)
    for _ in range(draw.choice((0, 0, 1, 1, 1, 2, 2, 3))):
        found += draw.choice(("; ", "; ", "; ", "; ", ", ", " || ")) + rule(draw, is_first=False)
    return found


def rule(draw: Random, *, is_first: bool) -> str:
    """Draw a rule: dates, weekdays, times, state and comment, most of them at will."""
    when = []
    if draw.random() < 0.25:
        when.append(dates(draw))
    if draw.random() < 0.8:
        when.append(weekdays(draw))
    kind = draw.random()
    if kind < 0.12 and (when or not is_first):
        return " ".join([*when, draw.choice(("off", "closed"))])
    if kind < 0.2 and when:
        states = ("unknown", 'unknown "by phone"', '"on request"', "open")
        return " ".join([*when, draw.choice(states)])
    state = ""
    if draw.random() < 0.08:
        state = draw.choice((" unknown", " off", ' "ring the bell"', ' open "ask inside"'))
    return " ".join([*when, times(draw)]) + state


def times(draw: Random) -> str:
    """Draw one to three spans."""
    n = draw.choice((1, 1, 1, 2, 2, 3))
    if n == 1:
        return _span(draw)
    cuts = sorted(draw.sample(range(_QUARTERS + 1), 2 * n))
    return ",".join(f"{_clock(a)}-{_clock(b)}" for a, b in zip(cuts[::2], cuts[1::2], strict=True))


def _span(draw: Random) -> str:
    kind = draw.random()
    if kind < 0.55:
        start, end = sorted(draw.sample(range(_QUARTERS + 1), 2))
        return f"{_clock(start)}-{_clock(end)}"
    if kind < 0.75:
        return f"{_clock(draw.randrange(64, 96))}-{_clock(draw.randrange(4, 32))}"
    minute = f"{draw.randrange(24):02d}:{draw.randrange(60):02d}"
    if kind < 0.80:
        return f"{minute}-{draw.randrange(24, 31)}:00"
    if kind < 0.82:
        return "00:00-24:00"
    if kind < 0.85:
        return f"{minute}-{minute}"
    if kind < 0.90:
        return f"{minute}+"
    if kind < 0.92:
        start, end = sorted(draw.sample(range(24), 2))
        return f"{start:02d}:00-{end:02d}:00+"
    return draw.choice(_SUN)


def weekdays(draw: Random) -> str:
    """Draw weekdays, holidays, or the first Monday of a month."""
    kind = draw.random()
    if kind < 0.3:
        return "-".join(draw.sample(DAYS, 2))
    if kind < 0.5:
        return "Mo-Fr"
    if kind < 0.6:
        return draw.choice(("Sa-Su", "Sa,Su", "Mo-Su", "Mo-Sa"))
    if kind < 0.79:
        return ",".join(sorted(draw.sample(DAYS, draw.randint(1, 3)), key=DAYS.index))
    if kind < 0.88:
        nths = ("1", "2", "3", "4", "5", "-1", "-2", "1,3", "2-4", "1-2")
        return f"{draw.choice(DAYS)}[{draw.choice(nths)}]"
    if kind < 0.94:
        holidays = ("PH", "Mo-Fr,PH", "Sa,PH", "PH,Sa-Su", "PH Mo-Fr", "PH -1 day", "PH +1 day")
        return draw.choice(holidays)
    if kind < 0.97:
        return draw.choice(("SH", "SH,PH", "SH Mo-Fr"))
    moved = ("+1 day", "-1 day", "+2 days")
    return f"{draw.choice(DAYS)}[{draw.choice(('1', '-1', '2'))}] {draw.choice(moved)}"


def dates(draw: Random) -> str:
    """Draw months, dates, weeks, years, Easter."""
    kind = draw.random()
    first, last = sorted(draw.sample(MONTHS, 2), key=MONTHS.index)
    day, later = sorted(draw.sample(range(1, 29), 2))
    if kind < 0.35:
        return "-".join(draw.sample(MONTHS, 2))
    if kind < 0.45:
        return ",".join(sorted(draw.sample(MONTHS, draw.randint(1, 3)), key=MONTHS.index))
    if kind < 0.6:
        return f"{first} {day:02d}-{last} {later:02d}"
    if kind < 0.68:
        return f"{last} {later:02d}-{first} {day:02d}"
    if kind < 0.8:
        return f"{first} {day:02d}" + draw.choice((f"-{later:02d}", "", f",{later:02d}"))
    if kind < 0.9:
        week, other = sorted(draw.sample(range(1, 53), 2))
        return draw.choice((f"week {week:02d}-{other:02d}", f"week {week:02d}-{other:02d}/2"))
    if kind < 0.93:
        return f"{draw.choice((2025, 2026, 2027))} {first}"
    if kind < 0.95:
        return f"2026 {last} {day:02d}-2027 {first} {later:02d}"
    if kind < 0.97:
        return draw.choice(("2026", "2026-2027", "2025+", "2025,2027"))
    ranges = ("easter", "easter -2 days", "easter -1 day-easter +1 day", "Jan 01-easter",
              "Apr Su[1]-Oct Su[-1]")  # fmt: skip
    return draw.choice(ranges)


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"

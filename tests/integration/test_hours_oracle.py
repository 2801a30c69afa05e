"""Opening hours mean what opening_hours.js says they mean, but for a written list of exceptions.

Compared is the layer without China: public and school holidays are given to both as data. What a
Chinese day adds is tested by its own table (tests/unit/stations/test_readings.py).
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from support import hours_peer, hours_texts

from geodata.errors import InvalidInputError
from geodata.hours import Day, Hours, Place, codes_of, read_hours
from geodata.importers.opening_text import to_opening_hours
from geodata.opening.rules import Joint
from geodata.opening.sun import ANYWHERE
from stations.calendar import PublicHolidays

N_DRAWN = 5230
N_AGREE = 5000
N_INSTANTS = 400
ZHENGZHOU = Place(lon_deg=113.66, lat_deg=34.75)
SCHOOL = ("07-10", "08-31")
DAY = timedelta(days=1)
CLOSED, OPEN, UNKNOWN = "012"


@dataclass(frozen=True)
class Explained:
    """A way in which the two may differ, and why ours is kept.

    `covers` tells whether it explains a difference: hours, minute of the day, our state, theirs;
    `example` is a text that differs for this reason alone.
    """

    name: str
    why: str
    example: str
    covers: Callable[[Hours, int, str, str], bool]


def _has_open_end(hours: Hours) -> bool:
    return any(span.end is None for rule in hours.rules for span in rule.spans)


def _in_night_of_fallback(hours: Hours, minute: int) -> bool:
    nights = (
        span.minutes(ANYWHERE)[1] - 1440
        for rule in hours.rules
        if rule.joint is Joint.FALLBACK
        for span in rule.spans
    )
    return any(minute < end for end in nights)


EXCEPTIONS = (
    Explained(
        "open end",
        "What follows an open end (17:00+, 10:00-16:00+) is a guess; opening_hours.js gives it up "
        "or takes 00:00+ for 00:00-24:00 depending on the minute asked and on the other rules. "
        "Ours is unknown until the next span of the rule begins or the guessed end is reached.",
        "Mo-Fr 00:00+",
        lambda hours, _, ours, theirs: _has_open_end(hours) and UNKNOWN in (ours, theirs),
    ),
    Explained(
        "night of a fallback",
        "After midnight opening_hours.js forgets that a rule is a fallback (open || 22:00-02:00 "
        "unknown) and lets it replace what is open. Ours stays a fallback.",
        "Mo-Su open || Mo-Fr 16:00-07:15 unknown",
        lambda hours, minute, *_: _in_night_of_fallback(hours, minute),
    ),
    Explained(
        "28 February",
        "Days of February up to the 28th (Feb 03-28) never hold in opening_hours.js in a year of "
        "365 days.",
        "Feb 03-28 01:45-14:00",
        lambda hours, *_: re.search(r"Feb \d\d-28", hours.text) is not None,
    ),
    Explained(
        "holidays behind a list",
        "SH,PH Mo-Fr means holidays that fall on Monday to Friday, as PH Mo-Fr does; "
        "opening_hours.js takes the weekdays behind a list of holidays for more of the list.",
        "SH,PH Mo-Fr 10:00-16:00",
        lambda hours, *_: re.search(r"(?:SH,PH|PH,SH) [MTWFS]", hours.text) is not None,
    ),
)

UNREAD = (
    (
        "opening_hours.js takes the hour behind 2026 Jan for a day",
        r"\b20\d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d\d:",
        "2026 Aug 09:00-17:00",
    ),
    (
        "opening_hours.js allows one nth weekday behind a month",
        r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [A-Z][a-z]\[\d[-,]",
        "Jan Mo[1,3] 09:00-17:00",
    ),
)
"""Texts that opening_hours.js cannot read and we can."""


@pytest.fixture(scope="module")
def peer(pytestconfig: pytest.Config) -> Path:
    """Give the folder with opening_hours.js."""
    assert pytestconfig.cache is not None
    return hours_peer.installed(Path(pytestconfig.cache.mkdir("opening_hours_js")))


def drawn_instants() -> list[datetime]:
    """Draw 400 instants: runs of four days over 14 months, four minutes on each day."""
    draw = Random(20260920)
    starts = draw.sample(range(0, 420, 4), 25)
    days = [date(2025, 12, 1) + (start + k) * DAY for start in sorted(starts) for k in range(4)]
    return [
        datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
        for day in days
        for minute in sorted(draw.sample(range(1440), 4))
    ]


def real_texts(shared_data: Path) -> list[str]:
    """Give the texts of London toilets, and those that the importer writes for Zhengzhou."""
    packed = shared_data / "stations" / "london_public_toilets.json.gz"
    london = [place["opening_hours"] for place in json.loads(gzip.decompress(packed.read_bytes()))]
    raw = shared_data / "stations" / "zhengzhou_stations_raw.csv"
    with raw.open(encoding="utf-8-sig") as file:
        column = [to_opening_hours(row["开放时间"]) for row in csv.DictReader(file)]
    return sorted({text for text in (*london, *column) if text})


def our_states(hours: Hours, instants: list[datetime], days: dict[date, tuple[Day, Day]]) -> str:
    """Give our states as digits; `days` holds each day with the one before it."""
    codes = {on: codes_of(hours, *pair, place=ZHENGZHOU) for on, pair in days.items()}
    return "".join(str(codes[t.date()][t.hour * 60 + t.minute]) for t in instants)


def days_of(instants: list[datetime]) -> dict[date, tuple[Day, Day]]:
    """Give the days of instants, each with the one before it, holidays as data."""
    holidays = PublicHolidays()

    def as_day(on: date) -> Day:
        return Day(on, on.weekday(), holidays, SCHOOL[0] <= f"{on:%m-%d}" <= SCHOOL[1])

    return {t.date(): (as_day(t.date() - DAY), as_day(t.date())) for t in instants}


def compared(peer: Path, texts: list[str], instants: list[datetime]) -> Counter[str]:
    """Count the texts that agree at all instants, and those that an exception explains."""
    holidays = PublicHolidays()
    around = [date(2025, 10, 1) + k * DAY for k in range(500)]
    asked = hours_peer.states(
        peer,
        texts,
        instants,
        public_holidays=[day for day in around if day in holidays],
        school_holidays=SCHOOL,
        lon_deg=ZHENGZHOU.lon_deg,
        lat_deg=ZHENGZHOU.lat_deg,
    )
    days = days_of(instants)
    ours = {text: _ours(text, instants, days) for text in texts}
    told, complaints = asked.communicate()
    assert asked.returncode == 0, complaints
    lines = told.splitlines()
    assert len(lines) == len(texts)
    return Counter(
        _verdict(text, ours[text], json.loads(line), instants)
        for text, line in zip(texts, lines, strict=True)
    )


def _ours(text: str, instants: list[datetime], days: dict[date, tuple[Day, Day]]) -> str | None:
    try:
        return our_states(read_hours(text), instants, days)
    except InvalidInputError:
        return None


def _verdict(
    text: str, ours: str | None, theirs: dict[str, str] | list[str], instants: list[datetime]
) -> str:
    if isinstance(theirs, dict):
        if ours is None:
            return "neither reads it"
        whys = [why for why, pattern, _ in UNREAD if re.search(pattern, text)]
        assert whys, f"only we read {text!r}: {theirs['error'][:200]}"
        return whys[0]
    assert ours is not None, f"only opening_hours.js reads {text!r}"
    hours, found = read_hours(text), "agrees"
    for instant, our, *their in zip(instants, ours, *theirs, strict=True):
        if our in their:
            continue
        minute = instant.hour * 60 + instant.minute
        names = [e.name for e in EXCEPTIONS if e.covers(hours, minute, our, their[0])]
        assert names, f"{text!r} at {instant:%a %Y-%m-%d %H:%M}: ours {our}, theirs {their[0]}"
        found = names[0]
    return found


def test_5000_drawn_texts_agree_at_400_instants(peer: Path) -> None:
    """All of the grammar, drawn at random: weekdays, nights, dates, holidays, fallbacks, the sun.

    At least 5,000 texts agree at every instant; each of the others is explained by the written list.
    """
    draw = Random(4)
    texts = list(dict.fromkeys(hours_texts.text(draw) for _ in range(N_DRAWN)))
    instants = drawn_instants()
    assert len(instants) == N_INSTANTS
    found = compared(peer, texts, instants)
    assert found["agrees"] >= N_AGREE


@pytest.mark.parametrize(
    ("name", "example"),
    [*((e.name, e.example) for e in EXCEPTIONS), *((why, text) for why, _, text in UNREAD)],
)
def test_each_exception_is_still_needed(peer: Path, name: str, example: str) -> None:
    """A line of the list whose example agrees by now must go."""
    assert compared(peer, [example], drawn_instants()) == Counter([name])


def test_real_texts_agree(peer: Path, shared_data: Path) -> None:
    """What London's mappers wrote and what our importer makes of an office's Chinese agree."""
    texts = real_texts(shared_data)
    assert len(texts) >= 50
    found = compared(peer, texts, drawn_instants())
    assert set(found) <= {"agrees", "neither reads it"}
    assert found["neither reads it"] <= 1

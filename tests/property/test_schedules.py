"""Schedules say at every minute what the register says."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from support import hours_texts, phone

from geodata.hours import CODES
from geodata.records import ENTRY_MODES, STATION_STATUSES, Closure, Offer, Station
from stations.availability import Availability, at, offer_availability
from stations.schedules import DAY_MIN, DAYS, Drawing, Schedule, programmes

STARTS = (date(2026, 1, 26), date(2026, 9, 16), date(2026, 11, 21), date(2027, 1, 20))
"""Before the Spring Festival and its moved days, before the National Day, now, and unannounced."""

_WHOLE = (
    "", "24/7", "off", "unknown", "Mo-Su 07:00-22:00", "Mo-Fr 09:00-17:00; PH off", "Mo-Fr 09:00-17:00",
    "Mo-Su 22:00-06:00", "Jan 15 09:00-17:00", "Mar 08 10:00-12:00", "2026 Dec 20-Dec 24 08:00-10:00",
    "Mo-Su sunrise-sunset", "SH Mo-Fr 08:00-18:00", "Sa-Su 10:00-16:00", "Feb 20-Mar 05 10:00-16:00",
)  # fmt: skip


def drawn_station(draw: Random, start: date) -> Station:
    """Draw a station with anything that can decide about its door."""

    def hours() -> str:
        return draw.choice(_WHOLE) if draw.random() < 0.4 else hours_texts.text(draw)

    def closure() -> Closure:
        first = start + timedelta(days=draw.randint(-5, 50))
        last = first + timedelta(days=draw.randint(0, 40))
        ends = "" if draw.random() < 0.3 else last.isoformat()
        return Closure(first_day=first.isoformat(), last_day=ends, reason=draw.choice(("", "维修")))

    def offer(key: str) -> Offer:
        state = draw.choice(("working",) * 4 + ("broken", "suspended"))
        return Offer(key=key, state=state, hours=hours(), note=draw.choice(("", "凭证领取")))

    keys = draw.sample(("free_breakfast", "health_check", "legal_aid", "job_info"), 2)
    return Station(
        id="s",
        name="n",
        lon_deg=draw.uniform(75, 134),
        lat_deg=draw.uniform(18, 53),
        hours=hours(),
        staff_hours=hours() if draw.random() < 0.3 else "",
        closures=tuple(closure() for _ in range(draw.choice((0, 0, 0, 1, 2)))),
        offers=tuple(offer(key) for key in sorted(keys)),
        entry=draw.choice(ENTRY_MODES),
        status=draw.choice(("open",) * 9 + STATION_STATUSES),
        status_reason=draw.choice(("", "搬迁")),
    )


def as_told(schedule: Schedule) -> dict[str, Any]:
    """Give a schedule as a phone has it."""
    return {"parts": schedule.parts, "change": schedule.change, "next_open": schedule.next_open}


def as_known(found: Availability, start: date) -> dict[str, Any]:
    """Give what the register says in a phone's terms."""
    midnight = datetime.combine(start, time())

    def minute(moment: datetime | None) -> float | None:
        return None if moment is None else (moment - midnight) / timedelta(minutes=1)

    day = found.day
    return {
        "state": CODES[found.state],
        "until": minute(found.until),
        "next_open": minute(found.next_open),
        "why": found.why,
        "note": found.note,
        "holiday": None if day is None else (day.name_zh, day.name_en, day.is_worked),
        "is_predicted": found.is_predicted,
    }


def asked_minutes(draw: Random, schedule: Schedule, n: int) -> list[float]:
    """Draw minutes: on and beside boundaries and midnights, and anywhere, with fractions."""
    bounds = [part.minute for part in schedule.parts] + [k * DAY_MIN for k in range(DAYS)]
    near = [bound + step for bound in draw.choices(bounds, k=n // 2) for step in (-1, 0, 1)]
    anywhere = [draw.uniform(0, DAYS * DAY_MIN - 1) for _ in range(n)]
    whole = [float(draw.randrange(DAYS * DAY_MIN)) for _ in range(n)]
    every = [*near, *whole, *(int(m * 60) / 60 for m in anywhere)]
    return [m for m in every if 0 <= m < DAYS * DAY_MIN]


@pytest.mark.parametrize("start", STARTS)
def test_phone_says_what_the_register_says(start: date) -> None:
    """State, until, next opening, why, note, holiday and prediction are the same at any minute."""
    draw = Random(start.toordinal())
    drawing = Drawing(start)
    midnight = datetime.combine(start, time())
    for _ in range(220):
        station = drawn_station(draw, start)
        schedule = drawing.of_station(station)
        for minute in asked_minutes(draw, schedule, 4):
            moment = midnight + timedelta(minutes=minute)
            told = phone.read(as_told(schedule), minute, length_min=DAYS * DAY_MIN)
            known = as_known(at(station, moment), start)
            assert told == known, (station, moment)


@pytest.mark.parametrize("start", STARTS)
def test_phone_says_when_a_programme_is(start: date) -> None:
    """A programme's schedule, with the note of the offer where a part has none, is exact too."""
    draw = Random(start.toordinal() + 1)
    drawing = Drawing(start)
    midnight = datetime.combine(start, time())
    for _ in range(60):
        station = drawn_station(draw, start)
        for offer in programmes(station):
            schedule = drawing.of_programme(station, offer.key)
            for minute in asked_minutes(draw, schedule, 2):
                moment = midnight + timedelta(minutes=minute)
                told = phone.read(as_told(schedule), minute, length_min=DAYS * DAY_MIN)
                has_own = offer.state != "working" or offer.hours
                if station.status == "open" and has_own:
                    told["note"] = told["note"] or offer.note
                known = as_known(offer_availability(station, offer.key, moment), start)
                assert told == known, (station, moment)

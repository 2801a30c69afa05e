"""The search on the phone, asked in Node, and the same questions answered by looking at everything.

The slow way shares with the phone only its journeys: every station that is near enough is looked at
with `stations.availability`, and programmes in the stretches of their day.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from support import node
from support.phone_city import ALL_WEEK

from geodata.hours import CODES, State
from geodata.records import Offer, Station
from geodata.services import services
from stations.availability import Availability, at, offer_availability
from stations.doors import door_of
from web.phone_words import words_of
from web.words import state_on_arrival

NEEDS = (
    "drinking_water", "microwave", "toilet", "air_conditioning", "open_24h", "phone_charging",
    "first_aid_kit", "shower",
)  # fmt: skip
PROGRAMMES = ("free_breakfast", "legal_aid", "health_check")
MINUTES = (5, 10, 15, 30)

ASK = """
import { openData } from "./finder/data.js";
import { travelSeconds } from "./finder/detours.js";
import { search } from "./finder/search.js";
import { stateText } from "./finder/state.js";
import { useWords } from "./finder/words.js";

const fetch = async (url) => {
  try {
    return new Response(readFileSync(url));
  } catch {
    return new Response("", { status: 404 });
  }
};
const data = await openData({ base: given.base, fetch });
const { manifest, live } = data;
const every = manifest.cells
  .filter((cell) => cell[4])
  .flatMap((cell) => JSON.parse(readFileSync(given.base + cell[4], "utf-8")).stations);
const texts = (hit, minute) =>
  given.words.map((words) => {
    useWords(words);
    return stateText(hit, minute);
  });
const brief = (hit, { minute }) => ({
  id: hit.id, travel_s: hit.travel_s, state: hit.state, until: hit.until, next_open: hit.next_open, why: hit.why,
  note: hit.note, holiday: hit.holiday && hit.holiday.zh, is_predicted: hit.is_predicted, now_state: hit.now_state,
  programmes: hit.programmes.filter((one) => one.state !== "closed").map((one) => [one.key, one.state, one.is_on]),
  texts: texts(hit, minute),
});
const found = [];
for (const question of given.questions) {
  const cells = await data.cellsFor(question, { mode: question.mode });
  const got = search({ cells, manifest, live, question });
  const times = {};
  for (const station of every) {
    const journey = travelSeconds(station, question, question.mode, manifest);
    if (journey && journey[0] <= question.minutes * 60) times[station.id] = journey[0];
  }
  found.push({
    ...got,
    stations: got.stations.map((hit) => brief(hit, question)),
    uncertain: got.uncertain.map((hit) => hit.id),
    opens_next: got.opens_next && got.opens_next.id,
    times,
  });
}
answer(found);
"""


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question, as phone and Python both understand it."""

    lon_deg: float
    lat_deg: float
    second: int
    """Since midnight at the beginning of the first day."""
    mode: str = "walk"
    minutes: int = 15
    open_only: bool = False
    walk_in: bool = False
    needs: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    limit: int = 10

    def asked(self) -> dict[str, Any]:
        """Give it as search.js takes it."""
        told = {**self.__dict__, "minute": self.second / 60, "weather": None}
        del told["second"]
        return told


def questions(
    n: int, stations: Sequence[Station], *, seed: int, days: int = 14, spread_deg: float = 0.01
) -> list[Question]:
    """Make random questions: near stations and far from them, at any second and at full hours."""
    rng = random.Random(seed)
    return [_question(rng, stations, days, spread_deg) for _ in range(n)]


def _question(
    rng: random.Random, stations: Sequence[Station], days: int, spread_deg: float
) -> Question:
    station = rng.choice(stations)
    is_at_door = rng.random() < 0.15
    away = 0.0 if is_at_door else rng.choice((spread_deg, spread_deg, 4 * spread_deg))
    last = days * 86400 - 3600
    second = rng.randrange(last)
    if rng.random() < 0.5:  # doors open and close at full hours and halves
        second -= second % 1800
    return Question(
        lon_deg=round(station.lon_deg + rng.uniform(-away, away), 6),
        lat_deg=round(station.lat_deg + rng.uniform(-away, away), 6),
        second=second,
        mode=rng.choice(("walk", "ebike")),
        minutes=rng.choices(MINUTES, (4, 3, 2, 1))[0],
        open_only=rng.random() < 0.5,
        walk_in=rng.random() < 0.2,
        needs=tuple(rng.sample(NEEDS, rng.choice((0, 0, 1, 1, 2)))),
        programmes=(rng.choice(PROGRAMMES),) if rng.random() < 0.2 else (),
        limit=rng.choices((1, 3, 10, 200), (3, 3, 3, 1))[0],
    )


def ask(folder: Path, snapshot: Path, asked: Sequence[Question]) -> list[dict[str, Any]]:
    """Ask the phone's search in Node.

    Parameters
    ----------
    folder
        To work in.
    snapshot
        Folder of published files.
    """
    words = [json.loads(words_of(language)) for language in ("en", "zh")]
    given = {
        "base": f"{snapshot}/", "questions": [q.asked() for q in asked], "words": words,
    }  # fmt: skip
    found: list[dict[str, Any]] = node.run(folder, ASK, given)
    return found


@dataclass(frozen=True, kw_only=True)
class Row:
    """One station that can be reached."""

    seconds: float
    id: str
    station: Station
    arrival: datetime
    door: Availability


@dataclass(kw_only=True)
class Slow:
    """Answers by looking at every station.

    Attributes
    ----------
    start
        First day of the schedules, at midnight.
    state_of
        Tells the state of a door.
    seen
        How often each state and each reason was met among the stations answered.
    """

    stations: dict[str, Station]
    start: datetime
    state_of: Callable[[Station, datetime], Availability] = at
    seen: Counter[str] = field(default_factory=Counter)

    def rows(self, question: Question, times: Mapping[str, float]) -> list[Row]:
        """Look at every station that is near enough, nearest first.

        Parameters
        ----------
        times
            Journeys in seconds by id, those within the limit.
        """
        found = []
        for key, seconds in times.items():
            station = self.stations[key]
            arrival = self.moment(question) + timedelta(seconds=seconds)
            door = self.state_of(station, arrival)
            found.append(Row(seconds=seconds, id=key, station=station, arrival=arrival, door=door))
        return sorted(found, key=lambda row: (row.seconds, row.id))

    def moment(self, question: Question) -> datetime:
        """Give when a question is asked."""
        return self.start + timedelta(seconds=question.second)

    def answer(self, question: Question, rows: Sequence[Row]) -> dict[str, Any]:
        """Answer a question, and count what was met."""
        states = [(row, state_for(question, row)) for row in rows]
        meets = [(row, state) for row, state in states if state != "no"]
        is_wanted = ("open",) if question.open_only else ("open", "unknown", "closed")
        listed = [row for row, state in meets if state in is_wanted]
        others = [(row, state) for row, state in meets if state not in is_wanted]
        unsure = [row.id for row, state in others if state == "unknown"]
        return {
            "stations": [self._hit(row, question) for row in listed[: question.limit]],
            "uncertain": unsure[: question.limit],
            "n": len(listed),
            "n_uncertain": len(unsure),
            "n_closed": len(others) - len(unsure),
            "reason": "" if listed else _reason(rows, meets),
            "opens_next": _opens_next(meets),
        }

    def count(self, question: Question, rows: Sequence[Row]) -> int:
        """Count what would be listed."""
        states = [state_for(question, row) for row in rows]
        if question.open_only:
            return states.count("open")
        return len(states) - states.count("no")

    def _hit(self, row: Row, question: Question) -> dict[str, Any]:
        station, arrival, door = row.station, row.arrival, row.door
        moment = self.moment(question)
        now = at(station, moment)
        self.seen.update((str(door.state), door.why))
        today = [
            [key, rest_of_day(station, key, arrival), _is_on(station, key, arrival)]
            for key, service in services().items()
            if service.kind == "P" and key in station.facilities
        ]
        return {
            "id": row.id,
            "travel_s": row.seconds,
            "state": str(door.state),
            "until": self._minute(door.until),
            "next_open": self._minute(door.next_open),
            "why": door.why,
            "note": door.note,
            "holiday": door.day.name_zh if door.day else None,
            "is_predicted": door.is_predicted,
            "now_state": str(now.state),
            "programmes": [one for one in today if one[1] != "closed"],
            "texts": [
                state_on_arrival(door, now, arrival=arrival, moment=moment, language=language)
                for language in ("en", "zh")
            ],
        }

    def _minute(self, moment: datetime | None) -> float | None:
        return None if moment is None else (moment - self.start) / timedelta(minutes=1)


def with_chip(question: Question, chip: str) -> Question:
    """Give the question with one chip more."""
    if chip == "walk_in":
        return replace(question, walk_in=True)
    name = "programmes" if chip in PROGRAMMES else "needs"
    return replace(question, **{name: tuple({*getattr(question, name), chip})})


def without_each(question: Question) -> dict[str, Question]:
    """Give the question without each of its chips, by chip."""
    found = {}
    if question.open_only:
        found["open_only"] = replace(question, open_only=False)
    if question.walk_in:
        found["walk_in"] = replace(question, walk_in=False)
    for name in ("needs", "programmes"):
        for key in getattr(question, name):
            rest = tuple(k for k in getattr(question, name) if k != key)
            found[key] = replace(question, **{name: rest})
    return found


def state_for(question: Question, row: Row) -> str:
    """Give the state of a station for all that is asked, or ``no``."""
    station = row.station
    broken = {offer.key for offer in station.offers if offer.state != "working"}
    has = set(station.facilities) - broken
    has_staff_only = station.entry in ("ask_staff", "phone") and station.staff_hours
    if station.hours in ALL_WEEK and not has_staff_only:
        has |= {"open_24h"} - broken
    if (question.walk_in and station.entry != "walk_in") or not set(question.needs) <= has:
        return "no"
    state = str(row.door.state)
    today = [rest_of_day(station, key, row.arrival) for key in question.programmes]
    if "closed" in today:
        return "no"
    if any(_is_on(station, key, row.arrival) for key in question.programmes):
        state = "open"
    return "unknown" if state == "open" and "unknown" in today else state


def rest_of_day(station: Station, key: str, arrival: datetime) -> str:
    """Tell whether a programme is open at some minute from the arrival to midnight, or perhaps."""
    offer = next((one for one in station.offers if one.key == key), Offer(key=key))
    if station.status != "open" or offer.state != "working" or key not in station.facilities:
        return "closed"
    door = door_of(station)
    if offer.hours:
        door = replace(door, texts=(offer.hours,))
    first = arrival.hour * 60 + arrival.minute
    codes = {code for _, last, code in door.runs(arrival.date()) if last > first}
    return next((str(s) for s in (State.OPEN, State.UNKNOWN) if CODES[s] in codes), "closed")


def _is_on(station: Station, key: str, moment: datetime) -> bool:
    return str(offer_availability(station, key, moment).state) == "open"


def _reason(rows: Sequence[object], meets: Sequence[object]) -> str:
    if not rows:
        return "nothing_in_reach"
    return "none_open" if meets else "needs_unmet"


def _opens_next(meets: Sequence[tuple[Row, str]]) -> str | None:
    if any(state == "open" for _, state in meets):
        return None
    waiting = [(row.door.next_open, row.seconds, row.id) for row, _ in meets if row.door.next_open]
    return min(waiting)[2] if waiting else None

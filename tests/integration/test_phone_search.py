"""The search on the phone gives the answers of the search on the server."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from support import node, phone_city, phone_search
from support.phone_search import Question, Row, Slow

from geodata.records import Offer, Station
from stations.availability import intervals_between
from stations.catalogue import Catalogue
from stations.finder import NearRequest, chip_counts, find

START = datetime.combine(phone_city.START, time())
N_QUESTIONS = int(os.environ.get("YIZHAN_PHONE_QUESTIONS", "300"))
"""How many random questions are asked; ten thousand take three minutes."""

CHIPS = (*phone_search.NEEDS, *phone_search.PROGRAMMES, "walk_in")


@dataclass(frozen=True)
class Published:
    """A city as phones get it."""

    work: Path
    snapshot: Path
    catalogue: Catalogue

    @property
    def stations(self) -> dict[str, Station]:
        """The stations by id."""
        return {station.id: station for station in self.catalogue.stations}


@dataclass(frozen=True)
class Asked:
    """A question, what the phone answered, and what is near enough."""

    question: Question
    got: dict[str, Any]
    rows: list[Row]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Publish seventy stations of every kind, on streets."""
    work = tmp_path_factory.mktemp("phone")
    catalogue = phone_city.catalogue(phone_city.stations())
    return Published(work, phone_city.publish(work / "snapshot", catalogue), catalogue)


@pytest.fixture(scope="module")
def slow(city: Published) -> Slow:
    """Give what answers by looking at everything."""
    return Slow(stations=city.stations, start=START)


@pytest.fixture(scope="module")
def asked(city: Published, slow: Slow) -> list[Asked]:
    """Ask random questions on the phone."""
    questions = phone_search.questions(
        N_QUESTIONS, city.catalogue.stations, seed=20, spread_deg=0.004
    )
    answers = phone_search.ask(city.work, city.snapshot, questions)
    return [
        Asked(question, got, slow.rows(question, got["times"]))
        for question, got in zip(questions, answers, strict=True)
    ]


def test_every_answer_is_that_of_looking_at_every_station(asked: list[Asked], slow: Slow) -> None:
    """Stations, their order, state, until, next opening, reason and sentences in two languages."""
    for one in asked:
        expected = slow.answer(one.question, one.rows)
        assert {name: one.got[name] for name in expected} == expected, one.question
    assert {"open", "closed", "unknown"} <= set(slow.seen)
    assert {
        "hours", "always_open", "never_opens", "no_hours", "hours_unclear", "moved_working_day",
        "public_holiday", "temporarily_closed", "no_staff", "suspended", "school_holidays_unknown",
    } <= set(slow.seen)  # fmt: skip
    assert {one.got["reason"] for one in asked} == {
        "", "nothing_in_reach", "needs_unmet", "none_open",
    }  # fmt: skip


def test_the_count_on_a_chip_is_what_it_gives_when_it_is_on(asked: list[Asked], slow: Slow) -> None:
    """With all other filters as they are; before the limit; programmes by their own hours."""
    rng = random.Random(3)
    for one in asked:
        chip = rng.choice(CHIPS)
        expected = slow.count(phone_search.with_chip(one.question, chip), one.rows)
        assert one.got["counts"][chip] == expected, (chip, one.question)


def test_an_empty_answer_names_the_chip_that_emptied_it(asked: list[Asked], slow: Slow) -> None:
    """The one without which most is found; "all" where no single one helps."""
    named = set()
    for one in asked:
        said = one.got["emptied_by"]
        if one.got["n"]:
            assert said is None
            continue
        named.add(said["chip"])
        tried = {
            chip: slow.count(less, one.rows)
            for chip, less in phone_search.without_each(one.question).items()
        }
        most = max(tried.values(), default=0)
        if not one.rows:
            assert said == {"chip": "minutes", "n": 0}
        elif most:
            assert said["n"] == most == tried[said["chip"]]
        else:
            assert said == {"chip": "all", "n": len(one.rows)}
    assert {"minutes", "all", "open_only", "walk_in"} <= named


def test_with_times_along_streets_only_boundaries_make_a_difference(
    asked: list[Asked], city: Published
) -> None:
    """Against the real finder: a state differs only where the door turns between both arrivals."""
    n = 0
    for one in asked[:100]:
        question = one.question
        moment = START + timedelta(seconds=question.second)
        near = find(city.catalogue, _request(question, moment, limit=200))
        along = {hit.station.id: hit for hit in near.every}
        straight = {row.id: row for row in one.rows}
        for key in along.keys() & straight.keys():
            states = {along[key].availability.state, straight[key].door.state}
            first, last = sorted((along[key].arrival, straight[key].arrival))
            assert len(states) == 1 or len(intervals_between(city.stations[key], first, last)) > 1
            n += 1
    assert n > 200


def test_counts_of_the_server_are_those_of_asking_again(city: Published) -> None:
    """`chip_counts` says how many there were if the chip were on too."""
    rng = random.Random(5)
    questions = phone_search.questions(60, city.catalogue.stations, seed=8, spread_deg=0.004)
    for question in questions:
        moment = START + timedelta(seconds=question.second)
        request = _request(question, moment, limit=1)
        chip = rng.choice(CHIPS)
        told = chip_counts(find(city.catalogue, request), request, (chip,))
        again = _request(phone_search.with_chip(question, chip), moment, limit=1)
        assert told == {chip: find(city.catalogue, again).n}


def _request(question: Question, moment: datetime, *, limit: int) -> NearRequest:
    return NearRequest(
        lon_deg=question.lon_deg,
        lat_deg=question.lat_deg,
        moment=moment,
        needs=(*question.needs, *question.programmes),
        open_only=question.open_only,
        walk_in=question.walk_in,
        mode=question.mode,
        limit=limit,
        limit_s=60.0 * question.minutes,
    )


def _station(key: str, *, lon_deg: float = 113.61, **more: Any) -> Station:
    told = {"hours": "Mo-Su 08:00-20:00", "facilities": ("toilet",), "entry": "walk_in", **more}
    return Station(id=key, name=key, lon_deg=lon_deg, lat_deg=34.71, is_synthetic=True, **told)


LIVE = """
import { openData } from "./finder/data.js";
import { search } from "./finder/search.js";
const fetch = async (url) => new Response(readFileSync(url));
const { manifest, cellsFor } = await openData({ base: given.base, fetch });
const answers = [];
for (const question of given.questions) {
  const cells = await cellsFor(question);
  answers.push(search({ cells, manifest, live: given.live, question }));
}
answer(answers);
"""


def _live_answers(
    folder: Path, records: list[Station], questions: list[dict[str, Any]], live: object = None
) -> list[dict[str, Any]]:
    snapshot = phone_city.publish(folder / "snapshot", phone_city.catalogue(records))
    base = Question(lon_deg=113.61, lat_deg=34.71, second=0).asked()
    given = {"base": f"{snapshot}/", "live": live, "questions": [{**base, **q} for q in questions]}
    found: list[dict[str, Any]] = node.run(folder, LIVE, given)
    return found


def test_a_door_in_doubt_is_not_sure_for_as_long_as_people_doubt_it(tmp_path: Path) -> None:
    """From the first minute on, no longer at the last; a closed door stays closed."""
    live = {"stations": {"a": {"doubted": [["2026-09-14T10:00:00", "2026-09-14T12:00:00"],
                                           ["2026-09-14T19:00:00", "2026-09-15T07:00:00"]]}}}  # fmt: skip
    minutes = [10 * 60 - 1, 10 * 60, 12 * 60 - 1, 12 * 60, 19 * 60, 20 * 60]
    questions = [{"minute": minute} for minute in minutes]
    answers = _live_answers(tmp_path, [_station("a")], questions, live)
    hits = [answer["stations"][0] for answer in answers]
    assert [hit["state"] for hit in hits] == [
        "open", "unknown", "unknown", "open", "unknown", "closed",
    ]  # fmt: skip
    assert [hit["why"] for hit in hits][:2] == ["hours", "doubted"]
    assert hits[1]["until"] == 20 * 60
    assert hits[1]["now_state"] == "open"  # as posted, as the server says it


def test_open_only_lists_a_door_in_doubt_among_the_uncertain(tmp_path: Path) -> None:
    """It is neither open nor hidden."""
    live = {"stations": {"a": {"doubted": [["2026-09-14T00:00:00", "2026-09-15T00:00:00"]]}}}
    [answer] = _live_answers(tmp_path, [_station("a")], [{"minute": 600, "open_only": True}], live)
    assert (answer["stations"], answer["reason"]) == ([], "none_open")
    assert [hit["id"] for hit in answer["uncertain"]] == ["a"]


def test_weather_puts_the_most_helpful_first_among_those_about_as_far(tmp_path: Path) -> None:
    """Bands of five minutes; within one cool rooms, water and open day and night, then time."""
    cool = ("air_conditioning", "drinking_water")
    records = [
        _station("near", lon_deg=113.6101),
        _station("cool", lon_deg=113.6110, facilities=cool),
        _station("best", lon_deg=113.6115, facilities=cool, hours="24/7"),
        _station("far", lon_deg=113.6190, facilities=cool, hours="24/7"),
    ]
    questions = [{"minute": 600, "weather": weather, "minutes": 30} for weather in (None, "heat")]
    plain, hot = _live_answers(tmp_path, records, questions)
    assert [hit["id"] for hit in plain["stations"]] == ["near", "cool", "best", "far"]
    assert [hit["id"] for hit in hot["stations"]] == ["best", "cool", "near", "far"]
    assert plain["n"] == hot["n"] == 4


def test_after_the_last_day_and_before_the_first_nothing_is_sure(tmp_path: Path) -> None:
    """A phone that was offline for too long says so; it claims neither open nor closed."""
    end = 14 * 1440
    minutes = [-1, 0, end - 1, end, end + 5000]
    answers = _live_answers(
        tmp_path, [_station("a", hours="24/7")], [{"minute": minute} for minute in minutes]
    )
    hits = [answer["stations"][0] for answer in answers]
    assert [hit["state"] for hit in hits] == ["unknown", "open", "open", "unknown", "unknown"]
    assert {hits[0]["why"], hits[3]["why"]} == {"out_of_date"}


def test_a_programme_is_asked_for_today(tmp_path: Path) -> None:
    """Later today counts, over or tomorrow does not; while it is held the station is open for it."""
    breakfast = Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00")
    record = _station("a", facilities=("free_breakfast",), offers=(breakfast,))
    asks = [(4 * 60, False), (5 * 60, True), (7 * 60 - 1, True), (7 * 60, True), (4 * 60, True)]
    questions = [
        {"minute": minute, "open_only": only, "programmes": ["free_breakfast"]}
        for minute, only in asks
    ]
    answers = _live_answers(tmp_path, [record], questions)
    assert [answer["n"] for answer in answers] == [1, 1, 1, 0, 0]
    assert [answer["reason"] for answer in answers][3:] == ["needs_unmet", "none_open"]
    [held] = answers[0]["stations"][0]["programmes"]
    assert (held["today"], held["is_on"]) == ([[5 * 60, 7 * 60]], False)
    for (minute, only), answer in zip(asks, answers, strict=True):
        request = NearRequest(
            lon_deg=113.61,
            lat_deg=34.71,
            moment=START + timedelta(minutes=minute),
            needs=("free_breakfast",),
            open_only=only,
        )
        near = find(phone_city.catalogue([record]), request)
        assert (near.n, near.reason) == (answer["n"], answer["reason"])

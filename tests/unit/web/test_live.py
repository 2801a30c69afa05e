"""The live file says what people say, and when that makes a state doubtful."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random

import pytest

from geodata.hours import State
from geodata.records import Station
from geodata.reports import Report, coarse
from geodata.services import services
from stations.availability import at
from stations.trust import state_shown
from web import live

NOW = datetime(2026, 9, 23, 16, 40)


def station(hours: str = "Mo-Su 07:00-22:00", **more: object) -> Station:
    """Make a station that was checked a while ago."""
    plain = {"name": "n", "lon_deg": 113.6, "lat_deg": 34.7, "verified_on": "2026-08-01"}
    return Station(id="s", hours=hours, facilities=("microwave",), **{**plain, **more})


def report(
    kind: str, *, ago: timedelta = timedelta(), device: str = "d", about: str = ""
) -> Report:
    """Make a report."""
    return Report(
        station_id="s", moment=coarse(NOW - ago), kind=kind, device=device, about=about,
        nearness="near",
    )  # fmt: skip


def locked_often(draw: Random) -> list[Report]:
    """Draw people who stood at the locked door at like hours of the last weeks."""
    days = draw.sample(range(1, 22), draw.randint(6, 16))
    hour = draw.choice((0, 0, 1, 3, -2))
    return [
        report(
            draw.choice(("locked",) * 12 + ("open", "moved")),
            ago=timedelta(days=day, hours=hour, minutes=draw.randrange(60)),
            device=f"d{day}-{k}",
        )
        for day in days
        for k in range(2)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_doubts_are_those_that_are_shown(seed: int) -> None:
    """At each third minute of three hours the state is in doubt just when the file says so."""
    draw = Random(seed)
    place = station(draw.choice(("24/7", "Mo-Su 07:00-18:00", "Mo-Su 17:00-02:00")))
    reports = locked_often(draw)
    spans = live.doubted(place, reports, NOW)
    shown = []
    for minute in range(0, 180, 3):
        when = NOW + timedelta(minutes=minute, seconds=17)
        found = state_shown(place, when, said=lambda _: reports)
        is_told = any(a <= when < b for a, b in spans)
        assert is_told is (found.why == "doubted"), when
        if is_told:
            assert at(place, when).state is State.OPEN
        shown.append(is_told)
    assert all(NOW <= a < b <= NOW + live.AHEAD for a, b in spans)


def test_there_are_doubts_to_be_told() -> None:
    """The drawn reports do make doubts, some that begin or end within the hours looked at."""
    found = []
    for seed in range(6):
        draw = Random(seed)
        place = station(draw.choice(("24/7", "Mo-Su 07:00-18:00", "Mo-Su 17:00-02:00")))
        found += live.doubted(place, locked_often(draw), NOW)
    assert found
    assert any(a > NOW or b < NOW + live.AHEAD for a, b in found)


def test_a_few_words_are_no_doubt() -> None:
    """Four devices in a month are too few; nothing is worked out."""
    reports = [report("locked", ago=timedelta(days=k), device=f"d{k}") for k in range(4)]
    assert live.doubted(station(), reports, NOW) == []


def test_only_stations_of_which_something_is_known_are_told() -> None:
    """Of others there is no row; made_at carries the city's offset."""
    other = station()
    found = live.content([other], {}, NOW, weather="heat", offset="+08:00")
    assert found == {"made_at": "2026-09-23T16:40:00+08:00", "weather": "heat", "stations": {}}


def test_what_people_say_is_counted() -> None:
    """Inside today, the last of them, how full, another way in, and what is broken."""
    told = [
        report("open", ago=timedelta(hours=2), device="a"),
        report("open", ago=timedelta(hours=3), device="a"),
        report("open", ago=timedelta(minutes=70), device="b"),
        report("open", ago=timedelta(days=1), device="c"),
        report("crowd", ago=timedelta(minutes=10), device="b", about="full"),
        *(report("needs_app", ago=timedelta(days=k), device=f"e{k}") for k in (3, 5, 7)),
        *(
            report("broken", ago=timedelta(days=k), device=f"f{k}", about="microwave")
            for k in (2, 4, 6)
        ),
    ]
    found = live.content([station(entry="walk_in")], {"s": told}, NOW, weather=None)
    row = found["stations"]["s"]
    assert row["today"] == 2
    assert row["last"] == "2026-09-23T16:30:00"
    assert row["crowd"] == ["full", "2026-09-23T16:30:00"]
    assert row["entry"] == "app"
    assert [list(services())[k] for k in row["broken"]] == ["microwave"]


def test_nobody_can_be_told_from_the_file() -> None:
    """No device, no count of anybody, no moment finer than ten minutes."""
    told = [report("open", ago=timedelta(minutes=k), device=f"device-{k}") for k in range(5)]
    text = json.dumps(live.content([station()], {"s": told}, NOW, weather=None))
    assert "device-" not in text
    assert '"last": "2026-09-23T16:40:00"' in text


def test_the_usual_week_is_given_where_there_is_one() -> None:
    """A station about which too little was said has no week."""
    few = [report("crowd", about="full", device="a")]
    many = [
        report("crowd", ago=timedelta(weeks=w, minutes=k), about="some", device=f"{w}-{k}")
        for w in range(6)
        for k in range(3)
    ]
    weeks = live.crowd_weeks({"few": few, "many": many})
    assert list(weeks) == ["many"]
    assert weeks["many"][2 * 24 + 16] == "2"
    assert len(weeks["many"]) == 168

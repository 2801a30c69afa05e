"""What the union should look at first, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from support.said import DAILY

from geodata.cases import Case
from geodata.inspections import Inspection
from geodata.records import Offer, Station
from geodata.reports import Report
from stations.availability import at
from stations.duty import SHARES, VISITS_A_DAY, WANTS, DutyItem, duty_list
from stations.trust import judge

TODAY = date(2026, 9, 14)
GOOD = replace(DAILY, verified_on="2026-09-01")
"""A station about which there is nothing to say."""


def _list(*stations: Station, **told: list) -> tuple[DutyItem, ...]:  # type: ignore[type-arg]
    parts = (told.get(name, []) for name in ("reports", "inspections", "cases"))
    return duty_list(stations, *parts, TODAY)


def _codes(*stations: Station, **told: list) -> list[str]:  # type: ignore[type-arg]
    return [reason.code for item in _list(*stations, **told) for reason in item.reasons]


def _said(
    kind: str, days: list[int], each: int, *, station: str = "s", about: str = ""
) -> list[Report]:
    noon = datetime.combine(TODAY, time(15))
    return [
        Report(
            station_id=station, moment=noon - timedelta(days=day), kind=kind, about=about,
            nearness="near", device=f"{day}-{k}",
        )
        for day in days
        for k in range(each)
    ]  # fmt: skip


def test_a_station_without_a_fault_is_not_listed() -> None:
    """Checked lately, hours known, nothing said: nobody needs to go."""
    assert _list(GOOD) == ()


def test_harm_is_visits_times_the_chance_of_a_shut_door() -> None:
    """The formula, worked out here hour by hour of the next working day."""
    (item,) = _list(DAILY)
    day = datetime(2026, 9, 15)
    shut = 0.0
    for hour, share in SHARES.items():
        moment = day + timedelta(hours=hour)
        opening = at(DAILY, moment)
        if opening.state != "closed":
            shut += share * (1 - judge(DAILY, [], moment, opening=opening).p_open)
    assert item.harm_per_week == pytest.approx(7 * VISITS_A_DAY["co_built"] * shut)
    assert sum(SHARES.values()) == pytest.approx(1)


def test_the_busier_the_worse() -> None:
    """A flagship that nobody checked comes before a co-built station that nobody checked."""
    small, large = replace(DAILY, id="a"), replace(DAILY, id="b", kind="flagship")
    assert [item.station.id for item in _list(small, large)] == ["b", "a"]


def test_equal_harm_is_ordered_by_id() -> None:
    """The same facts give the same list, whatever the order of the register."""
    stations = [replace(DAILY, id=name) for name in ("c", "a", "b")]
    assert [item.station.id for item in _list(*stations)] == ["a", "b", "c"]
    assert _list(*stations) == _list(*reversed(stations))


@pytest.mark.parametrize("status", ["planned", "building", "moved", "revoked"])
def test_stations_that_do_not_serve_are_left_out(status: str) -> None:
    """There is nothing to check at a station that is not open yet or is no more."""
    assert _list(replace(DAILY, status=status)) == ()


@pytest.mark.parametrize(
    ("station", "code"),
    [
        (DAILY, "never_checked"),
        (replace(GOOD, verified_on="2025-09-13"), "checked_long_ago"),
        (replace(GOOD, hours=""), "no_hours"),
        (replace(GOOD, offers=(Offer(key="microwave", state="broken"),)), "broken"),
        (replace(GOOD, offers=(Offer(key="first_aid_kit", expires_on="2026-09-13"),)), "expired"),
        (replace(GOOD, offers=(Offer(key="first_aid_kit", expires_on="2026-09-14"),)), "expires_soon"),
        (replace(GOOD, offers=(Offer(key="first_aid_kit", expires_on="2026-10-14"),)), "expires_soon"),
        (replace(GOOD, status="suspended", status_since="2026-06-15"), "suspended_long"),
    ],
)  # fmt: skip
def test_what_the_register_says_itself_is_a_reason(station: Station, code: str) -> None:
    """Each fact of the register that calls for somebody is named, at its boundary."""
    assert _codes(station) == [code]


@pytest.mark.parametrize(
    "station",
    [
        replace(GOOD, verified_on="2025-09-14"),
        replace(GOOD, offers=(Offer(key="first_aid_kit", expires_on="2026-10-15"),)),
        replace(GOOD, status="suspended", status_since="2026-06-16"),
        replace(GOOD, offers=(Offer(key="microwave", state="suspended"),)),
    ],
)
def test_on_the_other_side_of_each_boundary_there_is_none(station: Station) -> None:
    """A year to the day, thirty-one days ahead, ninety days suspended: not yet."""
    assert _codes(station) == []


def test_what_people_say_is_a_reason() -> None:
    """Words, a doubt and a broken thing that several people name."""
    assert _codes(GOOD, reports=_said("locked", [1], 1)) == ["said_locked"]
    assert "doubted" in _codes(GOOD, reports=_said("locked", [1, 3, 4, 5, 6, 7, 10], 2))
    assert _codes(GOOD, reports=_said("wrong_hours", [1], 2)) == ["said_wrong_hours"]
    assert _codes(GOOD, reports=_said("needs_app", [1], 1)) == ["way_in_reported"]
    assert _codes(GOOD, reports=_said("broken", [1, 3], 2, about="microwave")) == ["offer_doubted"]
    assert _codes(GOOD, reports=_said("open", [1], 3)) == []


def test_a_broken_thing_is_named_once() -> None:
    """What the register knows as broken is not also doubted, and weighs once."""
    known = replace(GOOD, offers=(Offer(key="microwave", state="broken", expires_on="2026-01-01"),))
    said = _said("broken", [1, 3], 2, about="microwave")
    (item,) = _list(known, reports=said)
    assert [reason.code for reason in item.reasons] == ["broken", "expired"]
    whole = _list(replace(DAILY, id="x"), replace(DAILY, offers=known.offers))
    by_id = {i.station.id: i.harm_per_week for i in whole}
    assert by_id["s"] - by_id["x"] == pytest.approx(
        7 * VISITS_A_DAY["co_built"] * WANTS["microwave"]
    )


def test_reports_count_for_their_own_station() -> None:
    """What is said of one station is no reason to go to another."""
    other = replace(GOOD, id="o")
    items = _list(GOOD, other, reports=_said("locked", [1], 1, station="o"))
    assert [item.station.id for item in items] == ["o"]


def test_a_case_that_is_due_comes_first() -> None:
    """Before any harm, and says what the facts call for."""
    case = Case(
        number=7, station_id="s", opened_on="2026-08-20", due_on="2026-09-13", reason="r", step="rectify"
    )  # fmt: skip
    flagship = replace(DAILY, id="f", kind="flagship")
    first, second = _list(flagship, GOOD, cases=[case])
    assert (first.station.id, first.is_due, second.is_due) == ("s", True, False)
    assert dict(first.reasons[0].details) == {"number": 7, "step": "rectify", "outcome": "failed"}
    assert _codes(GOOD, cases=[replace(case, due_on="2026-09-14")]) == []


def test_a_failed_inspection_without_a_case_asks_for_one() -> None:
    """Found shut and nothing done: named; with a case, or found in order since, it is not."""
    shut = Inspection(number=1, station_id="s", inspected_on="2026-09-10", who="w", result="shut")
    fine = replace(shut, number=2, inspected_on="2026-09-12", result="in_order")
    case = Case(
        number=1, station_id="s", opened_on="2026-09-11", due_on="2026-09-26", reason="r", step="rectify"
    )  # fmt: skip
    assert _codes(GOOD, inspections=[shut]) == ["inspection_failed"]
    assert _codes(GOOD, inspections=[shut, fine]) == []
    assert _codes(GOOD, inspections=[shut], cases=[case]) == []


def test_every_reason_can_be_said() -> None:
    """All placeholders of the sentences have their values."""
    worst = replace(
        DAILY, hours="", status="suspended", status_since="2026-01-01",
        offers=(Offer(key="first_aid_kit", expires_on="2026-09-20"), Offer(key="microwave", state="broken")),
    )  # fmt: skip
    for item in _list(worst, replace(worst, id="t", status="open"), reports=_said("moved", [1], 1)):
        for reason in item.reasons:
            assert "{" not in reason.template.format(**reason.details)

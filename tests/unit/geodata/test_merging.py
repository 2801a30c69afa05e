"""Two records of one station become one, nothing is lost and every choice is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import InvalidInputError
from geodata.merging import merged
from geodata.records import ENTRY_MODES, STATION_STATUSES, Closure, Offer, Station
from geodata.services import services


def station(id_: str, **values: Any) -> Station:
    plain = {"name": "枫杨社区驿站", "lon_deg": 113.6, "lat_deg": 34.7}
    return Station(id=id_, **(plain | values))


def after(keep: Station, other: Station, **choices: str) -> Station:
    """Give the kept station as the store would have it."""
    return replace(keep, **merged(keep, other, choices=choices).fields)


TEXTS = st.sampled_from(["", "甲", "乙"])
STATIONS = st.builds(
    dict,
    hours=st.sampled_from(["", "24/7", "Mo-Fr 09:00-17:00"]),
    entry=st.sampled_from(ENTRY_MODES),
    status=st.sampled_from(STATION_STATUSES),
    seats=st.none() | st.integers(0, 9),
    area_m2=st.none() | st.floats(0, 99),
    host=TEXTS,
    address=TEXTS,
    phone=TEXTS,
    verified_on=st.sampled_from(["", "2026-01-01", "2026-09-01"]),
    facilities=st.sets(st.sampled_from(list(services())), max_size=4).map(
        lambda s: tuple(sorted(s))
    ),
)


@given(ours=STATIONS, theirs=STATIONS)
def test_nothing_is_lost_and_every_choice_is_told(
    ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    """Each thing that a record says is there afterwards, or a conflict names it."""
    keep, other = station("a", **ours), station("b", **theirs)
    result = merged(keep, other)
    made = replace(keep, **result.fields)
    told = {c.field for c in result.conflicts}
    for name in ("hours", "entry", "status", "seats", "area_m2", "host", "address", "phone"):
        values = {getattr(s, name) for s in (keep, other)} - {"", "unknown", None}
        assert getattr(made, name) in (values or {"", "unknown", None})
        assert (name in told) == (len(values) == 2)
    assert set(made.facilities) == {*keep.facilities, *other.facilities}
    assert made.verified_on == max(keep.verified_on, other.verified_on)
    assert (made.id, made.name) == (keep.id, keep.name)


@given(ours=STATIONS, theirs=STATIONS)
def test_merging_again_changes_nothing(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """What came out needs no second merge with the same record, once it is the later check."""
    keep, other = station("a", **ours), station("b", **theirs)
    made = after(keep, other)
    again = replace(made, verified_on="2026-12-31")
    assert set(merged(again, other).fields) == set()


@pytest.mark.parametrize(
    ("ours", "theirs", "hours", "why"),
    [
        ("2026-01-01", "2026-09-01", "24/7", "checked_later"),
        ("2026-09-01", "2026-01-01", "Mo-Fr 09:00-17:00", "checked_later"),
        ("", "2026-01-01", "24/7", "checked_later"),
        ("", "", "Mo-Fr 09:00-17:00", "kept"),
        ("2026-01-01", "2026-01-01", "Mo-Fr 09:00-17:00", "kept"),
    ],
)
def test_the_later_check_is_believed(ours: str, theirs: str, hours: str, why: str) -> None:
    """Where both say something, the record checked on the spot later wins; else the kept one."""
    keep = station("a", hours="Mo-Fr 09:00-17:00", verified_on=ours)
    other = station("b", hours="24/7", verified_on=theirs)
    (conflict,) = merged(keep, other).conflicts
    assert after(keep, other).hours == hours == conflict.kept
    assert (conflict.field, conflict.why) == ("hours", why)
    assert {conflict.kept, conflict.dropped} == {"Mo-Fr 09:00-17:00", "24/7"}


def test_a_person_may_choose() -> None:
    """A choice wins over the rule, also for name and position, and brings its whole group."""
    keep = station("a", status="open", verified_on="2026-09-01", source_frame="wgs84")
    other = station(
        "b", name="枫杨驿站", lon_deg=113.61, source_frame="gcj02", source_x=113.616, source_y=34.699,
        status="suspended", status_reason="装修", status_since="2026-08-01",
    )  # fmt: skip
    plain = merged(keep, other)
    assert plain.fields == {}
    assert {(c.field, c.why) for c in plain.conflicts} == {
        ("name", "kept"), ("position", "kept"), ("status", "checked_later")
    }  # fmt: skip
    made = after(keep, other, name="other", position="other", status="other")
    assert (made.name, made.lon_deg, made.source_frame, made.source_x) == (
        "枫杨驿站",
        113.61,
        "gcj02",
        113.616,
    )
    assert (made.status, made.status_reason, made.status_since) == (
        "suspended",
        "装修",
        "2026-08-01",
    )


def test_a_step_aside_is_no_conflict() -> None:
    """Positions within 30 m are one place; farther apart a person is told."""
    keep = station("a")
    metre = 1 / 91_400
    assert merged(keep, station("b", lon_deg=113.6 + 29 * metre)).conflicts == ()
    (conflict,) = merged(keep, station("b", lon_deg=113.6 + 31 * metre)).conflicts
    assert conflict.field == "position"


def test_offers_and_closed_days_are_joined() -> None:
    """Of two offers of one kind the one checked later stays; closed days of both stay, once."""
    broken = Offer(key="microwave", state="broken", checked_on="2026-09-01")
    fine = Offer(key="microwave", checked_on="2026-01-01")
    breakfast = Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00")
    shut = Closure(first_day="2026-10-01", last_day="2026-10-07")
    early = Closure(first_day="2026-02-01", last_day="2026-02-02")
    keep = station("a", offers=(fine,), closures=(shut,), facilities=("microwave",))
    other = station("b", offers=(breakfast, broken), closures=(shut, early))
    assert after(keep, other).offers == (breakfast, broken)
    assert after(other, keep).offers == (breakfast, broken)
    assert after(keep, other).closures == (early, shut)


@pytest.mark.parametrize("keeps_code", [True, False])
def test_a_district_keeps_its_code(keeps_code: bool) -> None:
    """Of one district said twice the code stays, whichever record has it; that is no conflict."""
    coded = station("a", district="金水区", district_code="410105", verified_on="2026-01-01")
    plain = station("b", district="金水区", verified_on="2026-09-01")
    keep, other = (coded, plain) if keeps_code else (plain, coded)
    assert merged(keep, other).conflicts == ()
    assert after(keep, other).district_code == "410105"
    elsewhere = station("c", district="中原区", district_code="410102", verified_on="2026-09-02")
    assert after(coded, elsewhere).district_code == "410102"
    assert [c.field for c in merged(coded, elsewhere).conflicts] == ["district"]


def test_the_code_stays() -> None:
    """Id and code are those of the kept station; the other's code is on paper and leads here."""
    keep, other = station("a"), station("b", code="410105-0012-3")
    assert after(keep, other).code == ""
    assert "id" not in merged(keep, other).fields


def test_what_is_not_one_station_is_refused() -> None:
    """A record with itself, an invented one with a real one, and unknown choices are refused."""
    with pytest.raises(InvalidInputError, match="with itself"):
        merged(station("a"), station("a"))
    with pytest.raises(InvalidInputError, match="one is invented"):
        merged(station("a"), station("b", is_synthetic=True))
    for choices in ({"hours": "mine"}, {"facilities": "keep"}, {"id": "other"}):
        with pytest.raises(InvalidInputError, match="no choice of a merge"):
            merged(station("a"), station("b"), choices=choices)

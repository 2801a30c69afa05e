"""Offers and closed days as text come back exactly, and what others write is left to others."""

from __future__ import annotations

from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.records import OFFER_STATES, Closure, Offer
from geodata.services import services
from geodata.written import closures_in, for_offices, for_programs, known, offers_in

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.sampled_from(
    ["；", "〕坏〔", "，检查 2026-01-01", "\\", "\\；", "a\nb", "、{", '"}、{"', "备注 x"]
)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(date.isoformat)
OFFERS = st.lists(
    st.builds(
        Offer,
        key=st.sampled_from(list(services())),
        state=st.sampled_from(OFFER_STATES),
        hours=st.sampled_from(
            ["", "Mo-Fr 05:00-07:00", "Jan 15 09:00-17:00", "Mo-Su 05:00-07:00; PH off"]
        ),
        checked_on=st.just("") | DAYS,
        expires_on=st.just("") | DAYS,
        note=TEXTS,
    ),
    max_size=4,
    unique_by=lambda offer: offer.key,
).map(lambda offers: tuple(sorted(offers, key=lambda o: o.key)))


@st.composite
def closures(draw: st.DrawFn) -> tuple[Closure, ...]:
    rows = draw(st.lists(st.tuples(DAYS, DAYS, TEXTS, st.booleans()), max_size=3))
    return tuple(
        Closure(first_day=min(a, b), last_day="" if is_open else max(a, b), reason=reason)
        for a, b, reason, is_open in rows
    )


@given(offers=OFFERS)
def test_offers_come_back(offers: tuple[Offer, ...]) -> None:
    """What is written for an office or a program is read back as it was, whatever it says."""
    assert offers_in(for_offices(offers)) == offers
    assert offers_in(for_programs(offers)) == offers


@given(closed=closures())
def test_closed_days_come_back(closed: tuple[Closure, ...]) -> None:
    """Days and reasons are read back as they were, also open-ended ones."""
    assert closures_in(for_offices(closed)) == closed
    assert closures_in(for_programs(closed)) == closed


@given(offers=OFFERS)
def test_objects_in_a_row_are_read(offers: tuple[Offer, ...]) -> None:
    """JSON objects with 、 between them, as a list in a cell of a table becomes, are read as well."""
    rows = [orjson.dumps(known(o)).decode() for o in offers if "}、{" not in o.note]
    read = offers_in("、".join(rows))
    assert read == tuple(o for o in offers if "}、{" not in o.note)


def test_an_office_reads_chinese() -> None:
    """The cell names facility, state, times and days in words."""
    offers = (
        Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00"),
        Offer(key="microwave", state="broken", checked_on="2026-09-01"),
        Offer(key="toilet"),
    )
    assert (
        for_offices(offers)
        == "爱心早餐〔时间 Mo-Fr 05:00-07:00〕；微波炉〔损坏，检查 2026-09-01〕；卫生间"
    )
    closed = (
        Closure(first_day="2026-10-01", last_day="2026-10-07", reason="国庆放假"),
        Closure(first_day="2026-11-01"),
    )
    assert for_offices(closed) == "2026-10-01至2026-10-07〔国庆放假〕；2026-11-01起"


@pytest.mark.parametrize(
    "text",
    [
        "微波炉(坏)", "饮水机、微波炉", "微波炉〔", "微波炉〔坏了〕", "微波炉〔损坏〕x", "飞船", "微波炉；微波炉",
        '[{"key": "no_such"}]', '[{"key": "toilet", "x": 1}]', '[{"key": "toilet", "state": "?"}]', "[1]", "{", "；",
        "微波炉〔检查 2026-13-01〕",
    ],
)  # fmt: skip
def test_what_others_write_is_not_ours(text: str) -> None:
    """Free text, half of our form, unknown keys and bad days are not taken for our form."""
    assert offers_in(text) is None


@pytest.mark.parametrize(
    "text", ["国庆放假", "2026-10-01", "2026-10-07至2026-10-01", "2026年10月1日起", "[{}]"]
)
def test_closed_days_of_others_are_not_ours(text: str) -> None:
    """Free text and days that end before they begin are not taken for our form."""
    assert closures_in(text) is None


def test_nothing_is_nothing() -> None:
    """An empty cell says that there are none."""
    assert offers_in("") == closures_in("") == ()
    assert for_offices(()) == for_programs(()) == ""

"""Reports, cases, inspections and remembered columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.register import BY_LI, MOMENT, named

from geodata.cases import Case
from geodata.errors import InvalidInputError, NotFoundError, UnanswerableError
from geodata.inspections import Inspection
from geodata.reports import Report
from geodata.store import Store

REPORT = Report(
    station_id="a", moment=MOMENT, kind="broken", about="aed", nearness="near", device="d1"
)
CASE = Case(
    station_id="a",
    opened_on="2026-09-20",
    due_on="2026-10-04",
    reason="锁门",
    step="rectify",
    who="Li",
)
VISIT = Inspection(
    station_id="a", inspected_on="2026-09-20", who="Li", result="faulty", note="无水"
)


@pytest.fixture(autouse=True)
def two_stations(store: Store) -> None:
    store.replace_stations(named("a", "b"))


def test_reports_come_back_by_moment(store: Store) -> None:
    """Reports keep every field, and are found by station and by moment, the moment included."""
    late = replace(REPORT, moment=MOMENT + timedelta(microseconds=1), kind="open", about="")
    other = replace(REPORT, station_id="b", moment=MOMENT + timedelta(seconds=1))
    assert [store.add_report(r) for r in (other, late, REPORT)] == [1, 2, 3]
    assert store.reports() == [REPORT, late, other]
    assert store.reports(station_id="a") == [REPORT, late]
    assert store.reports(since=MOMENT) == [REPORT, late, other]
    assert store.reports(since=late.moment) == [late, other]
    assert store.reports(station_id="b", since=other.moment + timedelta(microseconds=1)) == []


def test_a_check_decides_inside_the_write(store: Store) -> None:
    """What a check is shown is complete, and what it refuses is not kept."""
    old = replace(REPORT, moment=MOMENT - timedelta(hours=2))
    for report in (old, REPORT, replace(REPORT, station_id="b")):
        store.add_report(report)
    shown: list[Sequence[Report]] = []

    def at_most_one(earlier: Sequence[Report]) -> None:
        shown.append(earlier)
        if len(earlier) > 1:
            raise UnanswerableError("too many")

    hour_ago = MOMENT - timedelta(hours=1)
    assert store.add_report(REPORT, since=hour_ago, check=at_most_one) == 4
    with pytest.raises(UnanswerableError, match="too many"):
        store.add_report(REPORT, since=hour_ago, check=at_most_one)
    assert shown == [[REPORT], [REPORT, REPORT]]
    assert len(store.reports(station_id="a")) == 3
    assert store.check_audit() is None


def test_devices_are_forgotten(store: Store) -> None:
    """Reports before a moment lose their device, exactly those; the rest of them stays."""
    old = replace(REPORT, moment=MOMENT - timedelta(microseconds=1))
    for report in (old, REPORT):
        store.add_report(report)
    assert store.forget_devices(MOMENT) == 1
    assert store.reports() == [replace(old, device=""), REPORT]
    assert store.forget_devices(MOMENT) == 0
    assert store.check_audit() is None


def test_cases_are_opened_and_closed_once(store: Store) -> None:
    """A case keeps its fields, is closed with its outcome, and cannot be closed again."""
    assert store.add_case(CASE, moment=MOMENT) == 1
    assert store.add_case(replace(CASE, station_id="b"), moment=MOMENT) == 2
    store.close_case(1, closed_on="2026-09-30", outcome="rectified", **BY_LI)
    closed = replace(CASE, number=1, closed_on="2026-09-30", outcome="rectified")
    assert store.cases(station_id="a") == [closed]
    assert not closed.is_open
    assert [c.station_id for c in store.cases(open_only=True)] == ["b"]
    with pytest.raises(UnanswerableError, match="closed on 2026-09-30"):
        store.close_case(1, closed_on="2026-10-01", outcome="", **BY_LI)
    with pytest.raises(NotFoundError, match="no case 3"):
        store.close_case(3, closed_on="2026-10-01", outcome="", **BY_LI)
    with pytest.raises(InvalidInputError, match="is no day"):
        store.close_case(2, closed_on="tomorrow", outcome="", **BY_LI)


def test_inspections_come_back(store: Store) -> None:
    """An inspection keeps every field and is found by its station."""
    assert store.add_inspection(VISIT, moment=MOMENT) == 1
    assert (
        store.add_inspection(replace(VISIT, station_id="b", result="in_order"), moment=MOMENT) == 2
    )
    assert store.inspections(station_id="a") == [replace(VISIT, number=1)]
    assert len(store.inspections()) == 2


def test_nothing_is_kept_about_a_station_that_is_not_there(store: Store) -> None:
    """Reports, cases and inspections of an unknown station are refused."""
    for write in (
        lambda: store.add_report(replace(REPORT, station_id="x")),
        lambda: store.add_case(replace(CASE, station_id="x"), moment=MOMENT),
        lambda: store.add_inspection(replace(VISIT, station_id="x"), moment=MOMENT),
    ):
        with pytest.raises(NotFoundError, match="station x"):
            write()
    assert (store.reports(), store.cases(), store.inspections()) == ([], [], [])


def test_what_workers_say_does_not_reload_the_city(store: Store) -> None:
    """The data version is of stations and hotspots; a report must not make every page anew."""
    before = store.data_version()
    store.add_report(REPORT)
    store.add_case(CASE, moment=MOMENT)
    store.add_inspection(VISIT, moment=MOMENT)
    store.forget_devices(datetime(2030, 1, 1))
    store.remember_mapping("office", {"站名": "name"}, **BY_LI)
    assert store.data_version() == before


def test_columns_are_remembered_by_sender(store: Store) -> None:
    """What a header means is kept for its sender; a new meaning replaces the old one."""
    store.remember_mapping("一区", {"站名": "name", "备注": ""}, **BY_LI)
    store.remember_mapping("二区", {"站名": "address"}, **BY_LI)
    store.remember_mapping("一区", {"备注": "hours_text", "电话": "phone"}, **BY_LI)
    assert store.mapping("一区") == {"站名": "name", "备注": "hours_text", "电话": "phone"}
    assert store.mapping("二区") == {"站名": "address"}
    assert store.mapping("三区") == {}


def test_what_was_said_of_a_merged_station_is_said_of_the_one_that_stands(store: Store) -> None:
    """Reports follow merges, one after the other, and come back with an unmerge."""
    store.replace_stations(named("a", "b", "c"))
    store.add_report(REPORT)
    store.merge("b", "a", fields={}, **BY_LI)
    assert store.reports(station_id="b") == [replace(REPORT, station_id="b")]
    store.merge("c", "b", fields={}, **BY_LI)
    assert store.reports() == [replace(REPORT, station_id="c")]
    assert store.reports(station_id="c") == store.reports()
    store.unmerge("b", **BY_LI)
    store.unmerge("a", **BY_LI)
    assert store.reports() == [REPORT]

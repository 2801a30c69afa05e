"""Changing one station: versions and conflicts, states, codes, and who said what."""

from __future__ import annotations

from datetime import datetime

import pytest
from support.register import BY_LI, MOMENT, NOTE, change, frame, named, row, station

from geodata.errors import InvalidInputError, NotFoundError, UnanswerableError
from geodata.records import Closure, Offer
from geodata.store import Fact, Store

LATER = datetime(2026, 9, 21, 8, 30)


def test_a_change_touches_what_it_names_and_nothing_else(store: Store) -> None:
    """Fields get their new values, all others and all other stations keep theirs."""
    store.replace_stations(named("a", "b"))
    before, other = row(store, "a"), row(store, "b")
    new = {
        "name": "新名",
        "lon_deg": 113.7,
        "seats": 8,
        "area_m2": None,
        "facilities": ("toilet",),
        "offers": (Offer(key="toilet", state="broken"),),
        "closures": (Closure(first_day="2026-10-01"),),
        "is_synthetic": True,
    }
    change(store, "a", **new)
    assert row(store, "a") == before | new
    assert row(store, "b") == other
    assert list(store.stations()["id"]) == ["a", "b"]


def test_a_version_grows_with_every_change_of_its_row(store: Store) -> None:
    """Each change gives a higher version; other stations keep theirs; no change, no new version."""
    store.replace_stations(named("a", "b"))
    seen = [store.version_of("a")]
    untouched = store.version_of("b")
    for write in (
        lambda: change(store, "a", name="x"),
        lambda: store.apply_stations(named("a", name="y"), **NOTE),
        lambda: store.undo(**BY_LI),
    ):
        write()
        seen.append(store.version_of("a"))
    assert seen == sorted(set(seen))
    assert change(store, "a", name="x") == seen[-1] == store.version_of("a")
    assert store.version_of("b") == untouched


def test_a_change_on_an_old_version_is_refused_in_clear_words(store: Store) -> None:
    """Who saw an older row is told who changed it, when and what; nothing is overwritten."""
    store.replace_stations(named("a"))
    seen = store.version_of("a")
    rest = {"source": "visit", "moment": LATER, "who": "Wang"}
    new = store.change("a", {"name": "first"}, expected_version=seen, **rest)
    with pytest.raises(UnanswerableError, match=r"Wang, 2026-09-21 08:30, name") as caught:
        store.change("a", {"name": "second"}, expected_version=seen, **rest)
    assert caught.value.details["version"] == new
    assert row(store, "a")["name"] == "first"
    assert store.change("a", {"name": "third"}, expected_version=new, **rest) > new


def test_a_station_that_came_again_has_another_version(store: Store) -> None:
    """A page opened before a station went and came back cannot change the new one."""
    store.apply_stations(named("a"), **NOTE)
    seen = store.version_of("a")
    store.undo(**BY_LI)
    store.apply_stations(named("a"), **NOTE)
    with pytest.raises(UnanswerableError, match="was changed since"):
        store.change("a", {"name": "x"}, expected_version=seen, source="", **BY_LI)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": "b"}, "no field id"),
        ({"seq": 3}, "no field seq"),
        ({"colour": "red"}, "no field colour"),
        ({"status": "gone"}, "status gone"),
        ({"lat_deg": 91.0}, "no place on earth"),
        ({"lat_deg": None}, "needs a position"),
        ({"seats": -1}, "must be 0 or more"),
        ({"seats": "many"}, "no number"),
        ({"name": ""}, "must not be empty"),
        ({"name": "a\0b"}, "cannot be stored"),
        ({"facilities": "aed"}, "tuples"),
        ({"status_since": "yesterday"}, "is no day"),
    ],
)
def test_a_change_keeps_the_rules_of_a_station(
    store: Store, fields: dict[str, object], words: str
) -> None:
    """What a station may not be cannot be written by a change either."""
    store.replace_stations(named("a"))
    before, version = row(store, "a"), store.data_version()
    with pytest.raises(InvalidInputError, match=words):
        change(store, "a", **fields)
    assert (row(store, "a"), store.data_version()) == (before, version)
    assert store.check_audit() is None


def test_an_unknown_station_is_named(store: Store) -> None:
    """Asking for or changing what is not there says its id."""
    for ask in (
        lambda: store.version_of("x"),
        lambda: store.facts("x"),
        lambda: change(store, "x", name="y"),
        lambda: store.merge("x", "y", fields={}, **BY_LI),
        lambda: store.unmerge("x", **BY_LI),
    ):
        with pytest.raises(NotFoundError, match="station x"):
            ask()
    assert store.history("x") == store.statuses("x") == store.district_codes("x") == []


def test_states_are_kept_with_reason_and_day(store: Store) -> None:
    """Creation and every new state append a line; the day of the change counts unless one is given."""
    store.apply_stations(named("a"), **NOTE, who="Zhao")
    rest = {"expected_version": None, "source": "visit"}
    store.change("a", {"status": "suspended"}, reason="装修", **rest, **BY_LI)
    assert (row(store, "a")["status_reason"], row(store, "a")["status_since"]) == (
        "装修",
        "2026-09-20",
    )
    store.change("a", {"name": "other"}, **rest, **BY_LI)
    given = {"status": "revoked", "status_since": "2026-09-01", "status_reason": "撤点"}
    store.change("a", given, reason="other words", **rest, **{**BY_LI, "moment": LATER})
    found = [(s.status, s.reason, s.since, s.moment, s.who) for s in store.statuses("a")]
    assert found == [
        ("open", "", "", MOMENT, "Zhao"),
        ("suspended", "装修", "2026-09-20", MOMENT, "Li"),
        ("revoked", "撤点", "2026-09-01", LATER, "Li"),
    ]
    store.apply_stations(named("a", status="open"), **NOTE)
    assert [s.status for s in store.statuses("a")] == ["open", "suspended", "revoked", "open"]


def test_district_codes_are_kept(store: Store) -> None:
    """Every code of a district that a station had stays known, the empty one only between others."""
    store.apply_stations(named("a", district_code="410306"), **NOTE)
    store.apply_stations(named("b"), **NOTE)
    for code in ("410306", "410308", ""):
        change(store, "a", district_code=code)
    assert [(d.code, d.since) for d in store.district_codes("a")] == [
        ("410306", "2026-09-20"),
        ("410308", "2026-09-20"),
        ("", "2026-09-20"),
    ]
    assert store.district_codes("b") == []


def test_a_code_is_never_given_twice(store: Store) -> None:
    """A code stays its station's for ever: after a change, after the station went, in a rebuild."""
    store.apply_stations(frame(station("a", code="c-1"), station("b")), **NOTE)
    change(store, "a", code="c-2")
    for taken in ("c-1", "c-2"):
        with pytest.raises(InvalidInputError, match=f"second station: {taken} \\(a, b\\)"):
            change(store, "b", code=taken)
    change(store, "a", code="c-1")  # its own
    store.apply_stations(named("gone", code="c-3"), **NOTE)
    store.undo(**BY_LI)
    with pytest.raises(InvalidInputError, match=r"c-3 \(gone, b\)"):
        store.apply_stations(named("b", code="c-3"), **NOTE)
    with pytest.raises(InvalidInputError, match=r"c-2 \(a, new\)"):
        store.replace_stations(named("new", code="c-2"))
    store.apply_stations(named("gone", code="c-3"), **NOTE)
    store.replace_stations(named("z"))
    assert store.taken_codes() == {"c-1", "c-2", "c-3"}


def test_codes_cannot_be_swapped(store: Store) -> None:
    """Two stations cannot exchange their codes in one import either."""
    store.apply_stations(frame(station("a", code="c-1"), station("b", code="c-2")), **NOTE)
    with pytest.raises(InvalidInputError, match="second station"):
        store.apply_stations(frame(station("a", code="c-2"), station("b", code="c-1")), **NOTE)
    assert [row(store, i)["code"] for i in "ab"] == ["c-1", "c-2"]


def said(facts: list[Fact]) -> dict[tuple[str, str], object]:
    return {(f.source, f.field): f.value for f in facts}


def test_each_source_has_its_last_word(store: Store) -> None:
    """Two sources that differ both stay, each with what it last said, its day and who brought it."""
    rows = named("a", hours="Mo-Fr 08:00-18:00", source="office")
    store.apply_stations(rows, **NOTE, who="Zhao", given=[frozenset({"hours", "position"})])
    other = named("a", hours="24/7", phone="0371-1", source="map", verified_on="2026-09-19")
    store.apply_stations(
        other,
        **{**NOTE, "moment": LATER},
        given=[frozenset({"hours", "verified_on"})],
        verified=["Sun"],
    )
    again = named("a", hours="Mo-Su 08:00-18:00", source="office")
    store.apply_stations(again, **{**NOTE, "moment": LATER}, given=[frozenset({"hours"})])
    found = store.facts("a")
    assert said(found)["office", "hours"] == "Mo-Su 08:00-18:00"
    assert said(found)["map", "hours"] == "24/7"
    assert said(found)["office", "position"] == (113.6, 34.7)
    assert ("map", "phone") not in said(found)  # the row has it, its source did not say it
    by_map = next(f for f in found if (f.source, f.field) == ("map", "hours"))
    assert (by_map.stated_on, by_map.verified_by, by_map.verified_on, by_map.import_number) == (
        "2026-09-21",
        "Sun",
        "2026-09-19",
        2,
    )
    place = next(f for f in found if f.field == "position")
    assert (place.stated_on, place.who, place.import_number) == ("2026-09-20", "Zhao", 1)


def test_facts_come_with_changes_and_go_with_undo(store: Store) -> None:
    """A change by hand is a statement too; an import that is undone has said nothing."""
    store.apply_stations(named("a", hours="24/7"), **NOTE, given=[frozenset({"hours"})])
    change(store, "a", entry="walk_in", verified_on="2026-09-20")
    store.apply_stations(named("b", name="x"), **NOTE)
    store.undo(**BY_LI)
    found = store.facts("a")
    by_hand = next(f for f in found if f.source == "visit" and f.field == "entry")
    assert (by_hand.value, by_hand.who, by_hand.verified_by, by_hand.verified_on) == (
        "walk_in",
        "Li",
        "Li",
        "2026-09-20",
    )
    assert by_hand.import_number is None
    store.apply_stations(named("a", entry="app", hours="off"), **NOTE)
    assert said(store.facts("a"))["office", "hours"] == "off"
    store.undo(**BY_LI)
    assert said(store.facts("a"))["office", "hours"] == "24/7"
    assert ("office", "entry") not in said(store.facts("a"))


def test_what_nobody_stated_counts_as_its_rows_source(store: Store) -> None:
    """After a build every field that says something has a fact, of the source of the row."""
    store.replace_stations(named("a", offers=(Offer(key="aed", state="broken"),)))
    found = {f.field: f for f in store.facts("a")}
    assert found["offers"].value == (Offer(key="aed", state="broken"),)
    assert found["facilities"].value == ("aed", "toilet")
    assert {f.source for f in found.values()} == {"office"}
    assert "phone" not in found
    change(store, "a", hours="off")
    again = [f for f in store.facts("a") if f.field == "hours"]
    assert [(f.source, f.value) for f in again] == [("visit", "off")]


@pytest.mark.parametrize("name", ["given", "verified"])
def test_what_is_said_beside_the_rows_must_fit_them(store: Store, name: str) -> None:
    """`given` and `verified` need one entry for each row."""
    with pytest.raises(InvalidInputError, match=f"{name} has 1 entries for 2 stations"):
        store.apply_stations(named("a", "b"), **NOTE, **{name: [frozenset()]})

"""Merging: one station shown, both kept, and back again."""

from __future__ import annotations

import pytest
from support.register import BY_LI, MOMENT, NOTE, change, everything, frame, named, row, station

from geodata.errors import InvalidInputError, NotFoundError, UnanswerableError
from geodata.store import Store


def test_a_merge_shows_one_station_and_unmerge_both_as_they_were(store: Store) -> None:
    """The kept one has the chosen fields, the other is no longer shown; back is exactly back."""
    store.replace_stations(frame(station("a"), station("b", name="B", phone="1"), station("c")))
    before = everything(store)
    store.merge("a", "b", fields={"phone": "1", "seats": 4}, reason="same door", **BY_LI)
    assert list(store.stations()["id"]) == ["a", "c"]
    assert row(store, "a") == before["a"] | {"phone": "1", "seats": 4.0}
    (merge,) = store.merges()
    assert (merge.keep_id, merge.absorb_id, merge.who, merge.moment, merge.reason) == (
        "a",
        "b",
        "Li",
        MOMENT,
        "same door",
    )
    undone = store.unmerge("b", **BY_LI)
    assert undone.is_kept_restored
    assert everything(store) == before
    assert list(store.stations()["id"]) == ["a", "b", "c"]
    assert store.merges() == []
    assert store.check_audit() is None


def test_facts_of_both_stay(store: Store) -> None:
    """The kept station tells what the sources of both said, each of its own station."""
    store.apply_stations(named("a", hours="24/7", source="office"), **NOTE)
    store.apply_stations(named("b", hours="off", source="map"), **NOTE)
    store.apply_stations(named("c", hours="Mo off", source="third"), **NOTE)
    store.merge("b", "c", fields={}, **BY_LI)
    store.merge("a", "b", fields={}, **BY_LI)
    hours = {(f.station_id, f.source): f.value for f in store.facts("a") if f.field == "hours"}
    assert hours == {("a", "office"): "24/7", ("b", "map"): "off", ("c", "third"): "Mo off"}


def test_a_kept_station_that_was_changed_since_stays(store: Store) -> None:
    """Unmerge then only gives back the absorbed one, and says so."""
    store.replace_stations(named("a", "b"))
    store.merge("a", "b", fields={"phone": "1"}, **BY_LI)
    change(store, "a", name="new")
    undone = store.unmerge("b", **BY_LI)
    assert not undone.is_kept_restored
    assert (row(store, "a")["name"], row(store, "a")["phone"]) == ("new", "1")
    assert row(store, "b")["name"] == "n"


def test_merges_go_back_last_one_first(store: Store) -> None:
    """Two stations merged into a third come back one after the other, all as they were."""
    store.replace_stations(named("a", "b", "c"))
    before = everything(store)
    store.merge("a", "b", fields={"phone": "1"}, **BY_LI)
    store.merge("a", "c", fields={"phone": "2"}, **BY_LI)
    assert store.unmerge("c", **BY_LI).is_kept_restored
    assert row(store, "a")["phone"] == "1"
    assert store.unmerge("b", **BY_LI).is_kept_restored
    assert everything(store) == before


def test_a_merged_station_is_left_alone(store: Store) -> None:
    """It can be neither changed nor merged again; the sentence names the one that is shown."""
    store.replace_stations(named("a", "b", "c"))
    store.merge("a", "b", fields={}, **BY_LI)
    for ask in (
        lambda: change(store, "b", name="x"),
        lambda: store.merge("c", "b", fields={}, **BY_LI),
        lambda: store.merge("b", "c", fields={}, **BY_LI),
    ):
        with pytest.raises(UnanswerableError, match="station b was merged into a"):
            ask()
    with pytest.raises(InvalidInputError, match="with itself"):
        store.merge("a", "a", fields={}, **BY_LI)


def test_a_merge_keeps_the_rules_and_its_version(store: Store) -> None:
    """A merge with a bad value or another's code changes nothing; one that works moves both on."""
    store.replace_stations(frame(station("a"), station("b", code="c-1"), station("c")))
    before, version = everything(store), store.data_version()
    for fields, words in (({"seats": -1}, "0 or more"), ({"code": "c-1"}, "second station")):
        with pytest.raises(InvalidInputError, match=words):
            store.merge("a", "b", fields=fields, **BY_LI)
    assert (everything(store), store.data_version()) == (before, version)
    seen = store.version_of("a")
    store.merge("a", "b", fields={"phone": "1"}, **BY_LI)
    with pytest.raises(UnanswerableError, match="was changed since you looked at it: Li"):
        store.change("a", {"name": "x"}, expected_version=seen, source="", **BY_LI)


def test_an_import_leaves_a_merge_standing(store: Store) -> None:
    """A file that still names the absorbed station updates its row and does not show it."""
    store.apply_stations(named("a", "b"), **NOTE)
    store.merge("a", "b", fields={}, **BY_LI)
    record = store.apply_stations(named("b", name="x"), **NOTE)
    assert record.n_changed == 1
    assert list(store.stations()["id"]) == ["a"]
    store.unmerge("b", **BY_LI)
    assert row(store, "b")["name"] == "x"


def test_a_merge_of_records_that_were_changed_meanwhile_is_refused(store: Store) -> None:
    """Who laid two records together merges what was seen, or is told who changed it."""
    store.replace_stations(named("a", "b"))
    seen = store.version_of("a"), store.version_of("b")
    store.change("b", {"name": "other"}, expected_version=None, source="visit", **BY_LI)
    before = store.data_version()
    with pytest.raises(UnanswerableError, match="changed since you looked at it: Li"):
        store.merge("a", "b", fields={}, expected_versions=seen, **BY_LI)
    assert (store.data_version(), store.merges()) == (before, [])
    now = store.version_of("a"), store.version_of("b")
    store.merge("a", "b", fields={}, expected_versions=now, **BY_LI)
    assert len(store.merges()) == 1


def test_a_pair_that_is_two_stations_is_remembered_until_it_is_taken_back(store: Store) -> None:
    """Both orders of the ids are one pair; the trail tells of it; strangers are refused."""
    store.replace_stations(named("a", "b", "c"))
    assert store.keep_apart("b", "a", reason="two floors", **BY_LI)
    assert not store.keep_apart("a", "b", **BY_LI)
    assert store.apart() == {frozenset("ab")}
    assert [line.action for line in store.history("b")][-1] == "apart"
    with pytest.raises(InvalidInputError, match="itself"):
        store.keep_apart("a", "a", **BY_LI)
    with pytest.raises(NotFoundError):
        store.keep_apart("a", "x", **BY_LI)
    assert store.check().is_sound
    assert store.ask_again("a", "b", **BY_LI)
    assert not store.ask_again("a", "b", **BY_LI)
    assert store.apart() == set()

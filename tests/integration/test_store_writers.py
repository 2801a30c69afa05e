"""Many writers at once, on both databases: nothing is lost, and everybody has a turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from support.register import BY_LI, MOMENT, NOTE, change, named, row

from geodata.errors import UnanswerableError
from geodata.reports import Report
from geodata.store import Store, open_store

PATIENCE_S = 60.0  # far more than it takes; the machine may be busy with other tests


def at_once(url: str, works: list[Callable[[Store], None]]) -> None:
    """Run each work in a thread of its own with a store of its own, all from the same moment."""
    start, errors = threading.Barrier(len(works)), []

    def run(work: Callable[[Store], None]) -> None:
        with open_store(url, busy_timeout_s=PATIENCE_S) as own:
            start.wait()
            try:
                work(own)
            except BaseException as error:  # noqa: BLE001  told by the test's own thread
                errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_no_change_is_lost(store: Store, database_url: str) -> None:
    """Clerks who look, add one and try again when told to: the sum is right in the end."""
    store.replace_stations(named("a", seats=0.0))
    refused = []

    def add_six(own: Store) -> None:
        left = 6
        while left:
            seen = own.version_of("a")
            seats = row(own, "a")["seats"]
            try:
                own.change(
                    "a", {"seats": seats + 1}, expected_version=seen, source="visit", **BY_LI
                )
            except UnanswerableError as error:
                refused.append(error)
            else:
                left -= 1

    at_once(database_url, [add_six] * 3)
    assert row(store, "a")["seats"] == 18
    assert len(store.history("a")) == 19
    assert store.check_audit() is None


def test_only_one_of_many_changes_a_version(store: Store, database_url: str) -> None:
    """Of several who saw the same version exactly one gets through."""
    store.replace_stations(named("a"))
    seen, done, refused = store.version_of("a"), [], []

    def try_once(own: Store) -> None:
        try:
            own.change("a", {"name": "x"}, expected_version=seen, source="", **BY_LI)
        except UnanswerableError as error:
            refused.append(error)
        else:
            done.append(True)

    at_once(database_url, [try_once] * 6)
    assert (len(done), len(refused)) == (1, 5)


def test_all_kinds_of_writers_get_their_turn(store: Store, database_url: str) -> None:
    """Imports, changes, reports and builds of hotspots go on together; the trail stays whole."""
    ids = [f"s{i}" for i in range(60)]
    store.replace_stations(named(*ids))
    report = Report(station_id="s0", moment=MOMENT, kind="locked")

    def imports(own: Store) -> None:
        for k in range(6):
            own.apply_stations(named(*ids[10:], name=f"import {k}"), **NOTE)

    def changes(own: Store) -> None:
        for k in range(10):
            change(own, ids[k], phone=f"037{k}")

    def reports(own: Store) -> None:
        for k in range(10):
            own.add_report(replace(report, device=str(k)))

    def others(own: Store) -> None:
        for _ in range(3):
            own.apply_stations(named("extra"), **NOTE)
            own.apply_stations(named(), **NOTE)

    at_once(database_url, [imports, changes, reports, others])
    assert len(store.imports()) == 12
    assert [r.number for r in store.imports()] == list(range(1, 13))
    found = store.stations().set_index("id")
    assert set(found["name"][ids[10:]]) == {"import 5"}
    assert list(found["phone"][ids[:10]]) == [f"037{k}" for k in range(10)]
    assert sorted(r.device for r in store.reports()) == [str(k) for k in range(10)]
    assert store.check().is_sound


def test_a_limit_holds_against_a_burst(store: Store, database_url: str) -> None:
    """A check that lets three reports through lets exactly three of a simultaneous burst through."""
    store.replace_stations(named("a"))
    report = Report(station_id="a", moment=MOMENT, kind="locked")

    def at_most_three(earlier: object) -> None:
        if len(earlier) >= 3:  # type: ignore[arg-type]
            raise UnanswerableError("enough")

    def burst(own: Store) -> None:
        for _ in range(3):
            try:
                own.add_report(report, check=at_most_three)
            except UnanswerableError:
                continue

    at_once(database_url, [burst] * 4)
    assert len(store.reports()) == 3


def test_a_row_cannot_be_seen_half(store: Store, database_url: str) -> None:
    """Readers see all stations before an import or all after it, never some of each."""
    ids = [f"s{i}" for i in range(80)]
    store.replace_stations(named(*ids, name="0"))
    over, mixed = threading.Event(), []

    def write(own: Store) -> None:
        for k in range(1, 6):
            own.apply_stations(named(*ids, name=str(k)), **NOTE)
        over.set()

    def read(own: Store) -> None:
        while not over.is_set():
            names = set(own.stations()["name"])
            if len(names) != 1:
                mixed.append(names)

    at_once(database_url, [write, read, read])
    assert mixed == []
    assert set(store.stations()["name"]) == {"5"}

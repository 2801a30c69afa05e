"""Taking imports back: exactly, as a whole, and never over somebody else's work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from support.register import BY_LI, MOMENT, NOTE, change, everything, frame, named, row, station

from geodata.errors import NotFoundError, UnanswerableError
from geodata.store import Store


def test_undo_goes_back_import_by_import(store: Store) -> None:
    """Each undo gives the register from before the last standing import, exactly."""
    steps = [everything(store)]
    for rows in (
        frame(station("a"), station("b")),
        frame(station("b", name="x", offers=(), seats=3.0), station("c")),
        frame(station("a", status="suspended", area_m2=None)),
    ):
        store.apply_stations(rows, **NOTE)
        steps.append(everything(store))
    for number in (3, 2, 1):
        undone = store.undo(**BY_LI)
        assert (undone.record.number, undone.record.undone_at) == (number, MOMENT)
        assert everything(store) == steps[number - 1]
    assert [r.undone_at for r in store.imports()] == [MOMENT] * 3
    with pytest.raises(NotFoundError, match="no import left"):
        store.undo(**BY_LI)
    assert store.check_audit() is None


def test_undo_says_what_it_did(store: Store) -> None:
    """The answer names the stations that went and those that have their former values."""
    store.apply_stations(named("a", "b"), **NOTE)
    store.apply_stations(frame(station("b", name="x"), station("c"), station("a")), **NOTE)
    undone = store.undo(**BY_LI)
    assert (undone.removed, undone.restored) == (("c",), ("b",))
    assert [e.action for e in store.history("c")] == ["import", "undo"]
    assert store.history("c")[-1].after is None


def test_an_import_after_an_undo_is_undone_first(store: Store) -> None:
    """Undo, import, undo, undo: each takes the last one that still stands."""
    store.apply_stations(named("a"), **NOTE)
    store.apply_stations(named("a", name="second"), **NOTE)
    store.undo(**BY_LI)
    store.apply_stations(named("a", name="third"), **NOTE)
    assert store.undo(**BY_LI).record.number == 3
    assert row(store, "a")["name"] == "n"
    assert store.undo(**BY_LI).record.number == 1
    assert everything(store) == {}


@pytest.mark.parametrize(
    "touch",
    [
        lambda s: change(s, "new", phone="0371-1"),
        lambda s: change(s, "old", phone="0371-1"),
        lambda s: change(s, "old", name="imported too"),
        lambda s: s.merge("old", "new", fields={}, **BY_LI),
        lambda s: s.merge("new", "old", fields={}, **BY_LI),
        lambda s: s.merge("new", "other", fields={}, **BY_LI),
    ],
)
def test_work_since_an_import_is_not_overwritten(store: Store, touch: Any) -> None:
    """One station that was touched since keeps the whole import standing; the error names it."""
    store.apply_stations(named("old", "other", name="before"), **NOTE)
    store.apply_stations(frame(station("new"), station("old", name="imported")), **NOTE)
    touch(store)
    before, version = everything(store), store.data_version()
    with pytest.raises(UnanswerableError, match=r"changed since: (new|old) \(Li, 2026-09-20 10"):
        store.undo(**BY_LI)
    assert (everything(store), store.data_version()) == (before, version)
    assert store.imports()[-1].undone_at is None


def test_work_that_was_taken_back_is_no_obstacle(store: Store) -> None:
    """When a change or a merge since was itself taken back, the import can be undone."""
    store.apply_stations(named("old"), **NOTE)
    store.apply_stations(frame(station("new"), station("old", name="imported")), **NOTE)
    store.merge("old", "new", fields={"phone": "1"}, **BY_LI)
    store.unmerge("new", **BY_LI)
    change(store, "new", name="x")
    change(store, "new", name="n")
    assert store.undo(**BY_LI).removed == ("new",)
    assert row(store, "old")["name"] == "n"


def test_other_stations_may_have_changed(store: Store) -> None:
    """Work since on stations that the import left alone stays, whoever did it."""
    store.apply_stations(named("other"), **NOTE)
    store.apply_stations(named("a"), **NOTE)
    change(store, "other", name="kept")
    store.undo(**BY_LI)
    assert {k: v["name"] for k, v in everything(store).items()} == {"other": "kept"}


def test_a_build_since_cannot_be_undone_past(store: Store) -> None:
    """After the whole city was built anew an older import is not taken back; a newer one is."""
    store.apply_stations(named("a"), **NOTE)
    store.replace_stations(named("a", "b"))
    with pytest.raises(UnanswerableError, match="built anew since"):
        store.undo(**BY_LI)
    store.apply_stations(named("c"), **NOTE)
    assert store.undo(**BY_LI).removed == ("c",)
    assert sorted(everything(store)) == ["a", "b"]


class Register(RuleBasedStateMachine):
    """Random imports, changes and undos beside a plain list of snapshots."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.store.replace_stations(named())
        self.before: list[dict[str, Any]] = []
        self.touched: list[set[str]] = []

    @rule(rows=st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["n", "x", "y"])))
    def apply(self, rows: dict[str, str]) -> None:
        """Import some stations."""
        now = everything(self.store)
        self.before.append(now)
        written = {i for i, name in rows.items() if i not in now or now[i]["name"] != name}
        self.touched.append(written)
        self.store.apply_stations(frame(*(station(i, name=n) for i, n in rows.items())), **NOTE)

    @rule()
    def undo(self) -> None:
        """Take back what was applied last."""
        if not self.before:
            return
        self.store.undo(**BY_LI)
        assert everything(self.store) == self.before.pop()
        self.touched.pop()

    @rule(key=st.sampled_from("abcd"))
    def change_by_hand(self, key: str) -> None:
        """Change a station that no standing import wrote; all the snapshots have it changed."""
        if key in everything(self.store) and not any(key in t for t in self.touched):
            name = f"{row(self.store, key)['name']}!"
            change(self.store, key, name=name)
            for snapshot in self.before:
                snapshot[key]["name"] = name

    @invariant()
    def the_trail_is_whole(self) -> None:
        """No line may break, whatever comes after what."""
        assert self.store.check_audit() is None


def test_any_series_of_imports_goes_back_step_by_step(store: Store) -> None:
    """Whatever is imported and changed in whatever order, undo gives the snapshot from before."""
    machine = type("Of", (Register,), {"store": store})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )

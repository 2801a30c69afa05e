"""The audit trail: every write leaves its lines, and no line can be tampered with unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from support.register import BY_LI, MOMENT, NOTE, change, hotspots, named

from geodata.cases import Case
from geodata.errors import UnavailableError
from geodata.inspections import Inspection
from geodata.migrations import connect
from geodata.register import trail
from geodata.reports import Report
from geodata.store import Store

REPORT = Report(station_id="a", moment=MOMENT, kind="locked", device="d" * 16)
CASE = Case(station_id="a", opened_on="2026-09-20", reason="锁门", step="rectify", who="Li")
VISIT = Inspection(station_id="a", inspected_on="2026-09-20", who="Li", result="shut")
WRITES: dict[str, Callable[[Store], object]] = {
    "import": lambda s: s.apply_stations(named("a", "x"), **NOTE, who="Li"),
    "replace": lambda s: s.replace_stations(named("a"), who="Li", moment=MOMENT),
    "hotspots": lambda s: s.replace_hotspots(hotspots(2)),
    "change": lambda s: change(s, "a", name="y"),
    "status": lambda s: change(s, "a", status="suspended"),
    "merge": lambda s: s.merge("a", "b", fields={}, **BY_LI),
    "report": lambda s: s.add_report(REPORT),
    "case": lambda s: s.add_case(CASE, moment=MOMENT),
    "visit": lambda s: s.add_inspection(VISIT, moment=MOMENT),
    "mapping": lambda s: s.remember_mapping("office", {"站名": "name"}, **BY_LI),
}


def lines(store: Store) -> list[dict[str, Any]]:
    """Read the trail without the code under test."""
    with store._engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM audit ORDER BY number"))
        return [dict(row) for row in rows.mappings()]


def tampered(store: Store, *statements: str) -> int | None:
    """Write past the guards, as somebody with the whole file could; give the line that is found."""
    guards = ["DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"]
    if store._engine.dialect.name == "postgresql":
        guards = ["ALTER TABLE audit DISABLE TRIGGER USER"]
    with store._engine.connect() as connection:
        for statement in (*guards, *statements):
            connection.exec_driver_sql(statement)
        found = trail.first_broken(connection)
        connection.rollback()
    return found


def lived_in(store: Store) -> None:
    """Fill a register by every kind of write, 12 lines and more."""
    store.replace_stations(named("a", "b", "c"))
    for name, write in WRITES.items():
        if name not in ("replace", "merge"):
            write(store)
    store.merge("a", "b", fields={"phone": "1"}, **BY_LI)
    store.unmerge("b", **BY_LI)


@pytest.mark.parametrize("what", WRITES)
def test_every_write_has_its_line(store: Store, what: str) -> None:
    """Whatever is written adds lines that name who, when and what, and the trail stays whole."""
    store.replace_stations(named("a", "b"))
    before = len(lines(store))
    WRITES[what](store)
    new = lines(store)[before:]
    assert new
    assert [line["number"] for line in new] == list(range(before + 1, before + 1 + len(new)))
    if what not in ("hotspots", "report"):
        assert {line["who"] for line in new} == {"Li"}
        assert {line["moment"] for line in new} == {MOMENT.isoformat()}
    assert store.check_audit() is None


def test_a_write_that_changes_nothing_has_no_line(store: Store) -> None:
    """Lines tell of changes: a change to what already stands adds none."""
    store.replace_stations(named("a"))
    before = len(lines(store))
    change(store, "a", name="n")
    store.remember_mapping("office", {}, **BY_LI)
    assert len(lines(store)) == before


def test_the_hash_is_what_the_documentation_says(store: Store) -> None:
    """Anybody can recompute the chain: SHA-256 of the hash before and the line as compact JSON."""
    lived_in(store)
    last = ""
    for line in lines(store):
        digest, previous = line.pop("hash"), line.pop("previous_hash")
        assert previous == last
        said = json.dumps(list(line.values()), ensure_ascii=False, separators=(",", ":"))
        assert digest == hashlib.sha256((last + said).encode()).hexdigest()
        last = digest


def test_the_history_of_a_station_tells_what_changed(store: Store) -> None:
    """Who, what, before and after, oldest first; and nothing of what workers reported."""
    store.apply_stations(named("a", "b"), **NOTE, who="Zhao")
    change(store, "a", name="x", seats=3)
    store.add_report(REPORT)
    store.add_case(CASE, moment=MOMENT)
    store.apply_stations(named("a", seats=3.0), **NOTE)
    found = [(e.action, e.who, e.before, e.after, e.import_number) for e in store.history("a")]
    assert [f[:2] for f in found] == [
        ("import", "Zhao"), ("change", "Li"), ("open", "Li"), ("import", ""),
    ]  # fmt: skip
    assert found[0][2] is None
    assert found[0][3]["facilities"] == ["aed", "toilet"]
    assert "phone" not in found[0][3]  # nothing was known
    assert found[1][2:] == ({"name": "n", "seats": None}, {"name": "x", "seats": 3.0}, None)
    assert found[3][2:] == ({"name": "x"}, {"name": "n"}, 2)


def test_a_build_leaves_one_line_that_names_who_went(store: Store) -> None:
    """Replacing a city says how many came, their sum, and which stations vanished."""
    store.replace_stations(named("a", "b"))
    store.replace_stations(named("b", "c"), who="Li", moment=MOMENT)
    line = store.history("a")[-1]
    assert (line.action, line.who, line.key, line.before) == ("replace", "Li", "*", {"n": 2})
    assert (line.after["n"], line.after["gone"]) == (2, ["a"])
    assert len(line.after["sha256"]) == 64


def test_the_trail_never_holds_a_device(store: Store) -> None:
    """A device is forgotten some day, the trail never: so it is not in there."""
    store.replace_stations(named("a"))
    store.add_report(REPORT)
    assert REPORT.device not in str(lines(store))
    assert [r.device for r in store.reports()] == [REPORT.device]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET who = 'x' WHERE number = 1",
        "DELETE FROM audit WHERE number = 1",
        "DELETE FROM audit",
        "INSERT INTO audit SELECT * FROM audit WHERE number = 1",
    ],
)
def test_the_database_itself_refuses(store: Store, statement: str) -> None:
    """Changing, deleting or repeating a line fails even with plain SQL."""
    lived_in(store)
    before = lines(store)
    with pytest.raises(UnavailableError), connect.speaking("here"), store._engine.begin() as raw:
        raw.exec_driver_sql(statement)
    assert lines(store) == before


def test_a_changed_line_is_found(store: Store) -> None:
    """Whatever is changed in whichever line, that line is named."""
    lived_in(store)
    n = len(lines(store))
    numbers = {"number": n + 5, "import_number": 77}
    for column in lines(store)[0]:
        for number in (1, n // 2, n):
            new = f"UPDATE audit SET {column} = {numbers.get(column, repr('x'))}"
            assert tampered(store, f"{new} WHERE number = {number}") == number
    assert store.check_audit() is None


def test_a_line_that_went_is_found(store: Store) -> None:
    """Taking out the first line, one in the middle or the last ones is seen at its number."""
    lived_in(store)
    n = len(lines(store))
    for condition, broken in (
        (f"number > {n - 3}", n - 2),
        (f"number = {n}", n),
        ("number = 5", 5),
        ("number = 1", 1),
        ("number > 0", 1),
    ):
        assert tampered(store, f"DELETE FROM audit WHERE {condition}") == broken
    closed_up = [f"UPDATE audit SET number = {i - 1} WHERE number = {i}" for i in range(6, n + 1)]
    assert tampered(store, "DELETE FROM audit WHERE number = 5", *closed_up) == 5
    forgot = f"UPDATE state SET audit_lines = {n - 1}"
    assert tampered(store, f"DELETE FROM audit WHERE number = {n}", forgot) == n - 1


def test_exchanged_and_inserted_lines_are_found(store: Store) -> None:
    """Two lines that change places, or one put in with the rest moved up, are seen."""
    lived_in(store)
    n = len(lines(store))
    exchanged = [
        f"UPDATE audit SET number = {new} WHERE number = {old}"
        for old, new in ((3, -1), (4, 3), (-1, 4))
    ]
    assert tampered(store, *exchanged) == 3
    moved = [f"UPDATE audit SET number = {i + 1} WHERE number = {i}" for i in range(n, 6, -1)]
    copy = (
        "INSERT INTO audit SELECT 7, moment, who, action, table_name, key, before, after, reason, "
        "import_number, hash, hash FROM audit WHERE number = 6"
    )
    assert tampered(store, *moved, copy) == 7
    assert tampered(store, *moved, copy, f"UPDATE state SET audit_lines = {n + 1}") == 7


def test_a_well_forged_end_is_found(store: Store) -> None:
    """Even lines with right hashes are found when the store does not know them."""
    lived_in(store)
    n, last = len(lines(store)), lines(store)[-1]["hash"]
    said = [n + 1, "", "x", "change", "stations", "a", None, "{}", "", None]
    packed = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256((last + packed).encode()).hexdigest()
    forged = (
        f"INSERT INTO audit VALUES ({n + 1}, '', 'x', 'change', 'stations', 'a', NULL, '{{}}', "
        f"'', NULL, '{last}', '{digest}')"
    )
    assert tampered(store, forged) == n + 1
    known = f"UPDATE state SET audit_lines = {n + 1}, audit_hash = '{digest}'"
    assert tampered(store, forged, known) is None  # so that it is the state that finds it

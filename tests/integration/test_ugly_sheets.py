"""Every ugly sheet becomes the stations that its office meant, with every doubt told."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.ugly_sheets import TODAY, UGLY

from geodata.exporters import correction
from geodata.importers.difference import compare
from geodata.importers.framing import Surroundings
from geodata.importers.how import RULES
from geodata.importers.stations import StationImport, read_stations, to_frame
from geodata.records import STATION_COLUMNS


def surroundings_of(name: str) -> Surroundings:
    """Give what the city of a sheet knows."""
    return Surroundings(**UGLY[name].options.get("surroundings", {}))


def read(name: str, folder: Path) -> StationImport:
    """Import a sheet as its office sends it."""
    sheet = UGLY[name]
    options = {"frame": "wgs84", **sheet.options, "surroundings": surroundings_of(name)}
    return read_stations(sheet.write(folder), today=TODAY, **options)


@pytest.mark.parametrize("name", UGLY)
def test_values(tmp_path: Path, name: str) -> None:
    """The register gets what the office meant, and nothing where nobody can know it."""
    found = read(name, tmp_path)
    at = {row: i for i, row in enumerate(found.rows)}
    frame = found.stations.assign(lon=found.stations.geometry.x, lat=found.stations.geometry.y)
    for (row, column), expected in UGLY[name].values.items():
        value = frame[column].iloc[at[row]]
        if isinstance(expected, float):
            assert value == pytest.approx(expected, abs=1e-9), (row, column)
        else:
            assert value == expected, (row, column)


@pytest.mark.parametrize("name", UGLY)
def test_findings(tmp_path: Path, name: str) -> None:
    """Each doubt is told once, at its row; errors refuse exactly their rows; nothing else is odd."""
    sheet, found = UGLY[name], read(name, tmp_path)
    told = [(f.row, f.column, f.code) for f in found.report.findings if f.severity != "note"]
    assert len(told) == len(set(told))
    assert {(row, code) for row, _, code in told} == sheet.findings
    assert sheet.notes <= {f.code for f in found.report.findings if f.severity == "note"}
    refused = {f.row for f in found.report.findings if f.severity == "error"}
    assert refused == set(range(2, len(sheet.rows) + 1)) - set(found.rows)
    assert found.report.n_refused == len(refused)


@pytest.mark.parametrize("name", [n for n in UGLY if UGLY[n].rules])
def test_rules(tmp_path: Path, name: str) -> None:
    """Each cell that was interpreted says what it said, what it became and by which rule."""
    found = read(name, tmp_path)
    cells = {(c.row, c.column): c for i in found.interpreted for c in i.cells()}
    for place, rule in UGLY[name].rules.items():
        assert cells[place].rule == rule, place
    for cell in cells.values():
        assert cell.rule in RULES
        sentence = str(cell.as_dict()["message"])
        assert cell.said[:50] in sentence
        assert cell.became[:50] in sentence


@pytest.mark.parametrize("name", UGLY)
def test_the_workbook_for_the_office_says_the_same(tmp_path: Path, name: str) -> None:
    """What is imported from the correction workbook, untouched, is what the sheet said."""
    first = read(name, tmp_path)
    found = compare(to_frame([]), first)
    out = tmp_path / "out.xlsx"
    correction.write(out, first, found, to_frame([]), say=lambda text, values: text)
    again = read_stations(out, today=TODAY, surroundings=surroundings_of(name))
    assert again.report.n_refused == first.report.n_refused
    assert len(again.stations) == len(first.stations)
    assert compare(first.stations, again).changed == ()
    for column in set(STATION_COLUMNS) - {"source_frame", "source_x", "source_y"}:
        pairs = zip(first.stations[column], again.stations[column], strict=True)
        assert all(a == b or (a != a and b != b) for a, b in pairs), column


def test_there_are_enough() -> None:
    """At least 25 sheets are ugly in meaning, beside those that are ugly in layout."""
    assert len(UGLY) >= 25

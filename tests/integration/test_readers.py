"""What stands in a file comes out of it row by row, whatever the file looks like."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from support.ugly_grids import UGLY, Ugly

from geodata.importers import words
from geodata.importers.raw import RawTable
from geodata.importers.table import read_table


def read(folder: Path, ugly: Ugly) -> RawTable:
    path = folder / ugly.name
    path.write_bytes(ugly.content)
    return read_table(path, is_header=words.is_header, layers=words.LAYERS)


@pytest.mark.parametrize("make", UGLY, ids=lambda make: make.__name__)
def test_an_ugly_file_gives_the_rows_that_a_person_sees(
    tmp_path: Path, make: Callable[[], Ugly]
) -> None:
    """Rows have the numbers a person counts, their cells the values shown; all else is told."""
    ugly = make()
    table = read(tmp_path, ugly)
    assert table.rows.index.tolist() == list(ugly.rows)
    for row, cells in ugly.rows.items():
        found = table.rows.loc[row].to_dict()
        assert {name: found.get(name, "no such column") for name in cells} == dict(cells)
    told = [(f.row, f.code) for f in table.findings]
    assert sorted(told, key=str) == sorted(ugly.told, key=str)
    assert ugly.n_columns in (None, table.rows.shape[1])
    assert (table.frame, table.frame_is_weak) == (ugly.frame, ugly.is_weak)
    assert table.sheets == ugly.sheets
    assert table.sha256 == hashlib.sha256(ugly.content).hexdigest()
    assert {f.message for f in table.findings} >= set(ugly.findings_say)
    assert not any("{" in f.message for f in table.findings)

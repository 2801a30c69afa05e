"""The rows of a file as an office gets them back: as they were, what is wrong, how it was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from geodata.checks import Finding
from geodata.exporters.headers import spoken
from geodata.frames import FRAMES
from geodata.importers import words
from geodata.importers.cells import text_of
from geodata.importers.difference import Difference
from geodata.importers.mapping import COORDINATES, IGNORED, Column
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y
from geodata.importers.stations import StationImport
from geodata.records import ENTRY_MODES, STATION_KINDS, STATION_STATUSES

Say: TypeAlias = Callable[[str, Mapping[str, object]], str]
"""Takes an English template and its values, gives the sentence in the reader's language."""

_FRAME_LABELS = {"wgs84": "WGS-84", "cgcs2000": "CGCS2000", "gcj02": "GCJ-02", "bd09": "BD-09"}
_LABELS = {"lon": "经度", "lat": "纬度", "lon_lat": "经纬度", "lat_lon": "纬度,经度"}
_CHOICES = {
    "entry": tuple(spoken("entry", w) for w in ENTRY_MODES),
    "status": tuple(spoken("status", w) for w in STATION_STATUSES),
    "kind": tuple(spoken("kind", w) for w in STATION_KINDS),
}
_OFFERED = ("entry", "status")
_PROBLEM, _READING, _ROW, _RESULT = "问题（请改正）", "系统的读法", "原文件行号", "结果（系统）"
_RANK = {"error": 2, "warning": 1, "note": 0}

Cells: TypeAlias = list[tuple[Any, str]]
"""Values of a row, each with its severity; empty where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of the sheet: title, width in signs, words to choose from, and where it comes from.

    `header` is the column of the table, empty for those that are added.
    """

    title: str
    header: str = ""
    choices: tuple[str, ...] = ()
    width: int = 16


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The sheet: its columns, and its rows one after the other."""

    columns: tuple[ShownColumn, ...]
    rows: Callable[[], Iterator[Cells]] = field(repr=False)


def shown_columns(read: StationImport, found: Difference, say: Say) -> Shown:
    """Lay out the rows of a file.

    Parameters
    ----------
    read, found
        What the file says and what it would change.
    say
        Gives findings in the reader's language.
    """
    used = {c.header: c for c in read.columns.columns}
    original = [str(h) for h in read.table.rows.columns]
    kept = [h for h in original if h not in (GEOMETRY_X, GEOMETRY_Y) and not _is_ours(used.get(h))]
    converted = read.positions.frame not in FRAMES
    if read.table.has_geometry or converted:
        kept = [h for h in kept if h not in read.positions.headers]
    columns = [_shown(h, used.get(h), read) for h in kept]
    if read.table.has_geometry or converted:
        columns = [*_place_columns(), *columns]
    fields = {c.field for c in used.values()}
    columns += [
        ShownColumn(words.label(f), choices=_CHOICES[f]) for f in _OFFERED if f not in fields
    ]
    ours = [
        ShownColumn(t, width=w)
        for t, w in ((_PROBLEM, 60), (_READING, 50), (_RESULT, 10), (_ROW, 10))
    ]
    every = (*columns, *ours)
    return Shown(every, lambda: _rows(every, read, found, say))


def _is_ours(column: Column | None) -> bool:
    return column is not None and column.field == "ours"


def _place_columns() -> list[ShownColumn]:
    return [ShownColumn("经度(WGS-84)", GEOMETRY_X), ShownColumn("纬度(WGS-84)", GEOMETRY_Y)]


def _shown(header: str, column: Column | None, read: StationImport) -> ShownColumn:
    """Give a column with a title by which it is recognised when it comes back."""
    if column is None:
        return ShownColumn(header, header)
    choices = _CHOICES.get(column.field, ())
    if column.field == IGNORED:
        return ShownColumn(f"不用：{header}", header)
    if column.field in COORDINATES:
        return ShownColumn(_place_title(header, column, read), header)
    if column.how == "known":
        return ShownColumn(header, header, choices)
    if column.detail and column.field == "hours":
        return ShownColumn(f"{column.detail}开放时间", header)
    if column.detail:
        return ShownColumn(_facility_title(column), header)
    return ShownColumn(f"{words.label(column.field)}（{header}）", header, choices)


def _facility_title(column: Column) -> str:
    spellings = [w for w, k in words.facility_words().items() if "+".join(k) == column.detail]
    return spellings[0] if spellings else column.header


def _place_title(header: str, column: Column, read: StationImport) -> str:
    is_used = header in read.positions.headers
    frame = read.positions.frame
    if not is_used or (words.frame_of(header) == frame and column.how == "known"):
        return header
    return f"{_LABELS[column.field]}({_FRAME_LABELS[frame]})"


def _rows(
    columns: Sequence[ShownColumn], read: StationImport, found: Difference, say: Say
) -> Iterator[Cells]:
    findings = _by_row((*read.report.findings, *found.findings))
    readings = _readings(read)
    results = _results(read, found)
    numbers = read.table.rows.index.tolist()
    values = [_values(column, read) for column in columns]
    titles = {c.header: at for at, c in enumerate(columns) if c.header}
    places = [at for at, c in enumerate(columns) if c.header in (GEOMETRY_X, GEOMETRY_Y)]
    for i, number in enumerate(numbers):
        cells: Cells = [(column[i], "") for column in values]
        wrong = findings.get(number, ())
        for finding in wrong:
            for at in _places_of(finding, titles, places):
                if _RANK.get(cells[at][1], -1) < _RANK[finding.severity]:
                    cells[at] = (cells[at][0], finding.severity)
        worst = max((f.severity for f in wrong), key=_RANK.__getitem__, default="")
        problem = "\n".join(dict.fromkeys(say(f.template, f.details) for f in wrong))
        cells[-4:] = [
            (problem, worst),
            (readings.get(number, ""), ""),
            (results.get(number, "拒收"), ""),
            (_row_label(read, number), ""),
        ]
        yield cells


def _by_row(findings: Sequence[Finding]) -> dict[int, list[Finding]]:
    found: dict[int, list[Finding]] = {}
    for finding in findings:
        if finding.row is not None:
            found.setdefault(finding.row, []).append(finding)
    return found


def _places_of(finding: Finding, titles: Mapping[str, int], places: Sequence[int]) -> list[int]:
    """Give the columns that a finding is about."""
    names = [finding.column, *finding.column.split(", "), *finding.column.split(" + ")]
    at = [titles[n] for n in dict.fromkeys(names) if n in titles]
    return at or (list(places) if GEOMETRY_X in finding.column else [])


def _readings(read: StationImport) -> dict[int, str]:
    """Give for each row how its cells were read."""
    found: dict[int, str] = {}
    for column in read.interpreted:
        texts: dict[int, str] = {}
        for row, which in zip(column.rows.tolist(), column.which.tolist(), strict=True):
            if which not in texts:
                cell = column.cell(row, which)
                texts[which] = f"{cell.column}：{cell.became}"
            before = found.get(row)
            found[row] = f"{before}；{texts[which]}" if before else texts[which]
    return found


def _results(read: StationImport, found: Difference) -> dict[int, str]:
    rows = dict(zip(read.stations["id"].tolist(), read.rows, strict=True))
    result = dict.fromkeys(read.rows, "不变")
    result |= {rows[key]: "新增" for key in found.new}
    result |= {rows[c.id]: "变更" for c in found.changed}
    result |= {f.row: "拒收" for f in found.findings if f.severity == "error" and f.row is not None}
    return result


def _values(column: ShownColumn, read: StationImport) -> Sequence[Any]:
    """Give the cells of a column as they came: numbers as numbers, all else as text."""
    n = len(read.table.rows)
    if column.header == GEOMETRY_X:
        return _numbers(read.positions.lon_deg)
    if column.header == GEOMETRY_Y:
        return _numbers(read.positions.lat_deg)
    if not column.header:
        return [""] * n
    return [_plain(v) for v in read.table.rows[column.header].to_numpy(dtype=object)]


def _numbers(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[Any]:
    return [None if np.isnan(v) else v for v in values.tolist()]


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | int) or value is None:
        return value
    return value if isinstance(value, float) else text_of(value)


def _row_label(read: StationImport, number: int) -> Any:
    sheet, row = read.table.place_of(number)
    return f"{sheet} {row}" if sheet else row

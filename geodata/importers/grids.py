"""Make one table of the sheets of a file: header, merged cells, and rows that are no places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from geodata.checks import Finding
from geodata.importers.bodies import Part, add_column, part_of
from geodata.importers.headers import Header, header_of
from geodata.importers.raw import SHEET_COLUMN, SHEET_STEP, RawTable, called, the_one
from geodata.importers.remarks import squeezed
from geodata.importers.sheets import IsHeader, Sheet

_LIKE = 0.6  # share of its columns that a sheet must have in common with another to be its sequel
_OF_A_TIME = re.compile(
    r".*[\d一二三四五六七八九十](?:年|月|日|季度?|版|稿)|\d{4}(?:[-./]?\d{1,2}){0,2}"
    r"|.*(?:备份|旧|作废|副本|历史|backup|copy|old|\(\d+\)).*",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r".*(?:说明|示例|样例|范例|样表|模板|字典|选项|须知|要求|template|example|sample|readme).*",
    re.IGNORECASE,
)


def table_of(
    path: Path,
    sheets: Sequence[Sheet],
    is_header: IsHeader,
    layers: Sequence[str],
    *,
    has_totals: bool,
) -> RawTable:
    """Make a table of sheets.

    Parameters
    ----------
    path
        The file, for messages.
    sheets
        Their rows are taken away while they are read.
    is_header
        Tells whether a row of cells names columns.
    layers
        Names of the sheet to take when several hold tables.
    has_totals
        Whether rows such as 合计 are left out.

    Returns
    -------
    RawTable
        Several sheets with the same columns become one table, with the name of each row's sheet
        under `SHEET_COLUMN`, unless their names say that they are of several times.

    Raises
    ------
    InvalidInputError
        When several sheets hold different tables.
    """
    headers = [header_of(sheet.rows, sheet.merges, is_header) for sheet in sheets]
    certain = [i for i, header in enumerate(headers) if header.is_certain]
    certain = [i for i in certain if not _BESIDE.fullmatch(sheets[i].name)] or certain
    filled = [i for i, sheet in enumerate(sheets) if sheet.rows]
    chosen = _chosen(path, sheets, headers, certain or filled[:1], layers)
    if not chosen:
        return RawTable(pd.DataFrame())
    findings = [
        Finding(
            "sheet_ignored",
            "sheet {sheet} holds no table of places, or not the one to read; it was left out",
            {"sheet": sheets[i].name},
            "file",
            severity="note",
        )
        for i in filled
        if i not in chosen
    ]
    several = len(chosen) > 1
    parts = []
    for k, i in enumerate(chosen):
        findings += _hidden(sheets[i], k * SHEET_STEP)
        parts.append(
            part_of(path, sheets[i], headers[i], offset=k * SHEET_STEP, has_totals=has_totals)
        )
    findings += [f for part in parts for f in part.findings]
    rows = _frame(parts, several=several)
    names = tuple(part.sheet.name for part in parts) if several else ()
    return RawTable(rows, findings=tuple(findings), sheets=names)


def has_header(sheet: Sheet, is_header: IsHeader) -> bool:
    """Tell whether one of the first rows of a sheet names columns."""
    return header_of(sheet.rows, sheet.merges, is_header).is_certain


def _chosen(
    path: Path,
    sheets: Sequence[Sheet],
    headers: Sequence[Header],
    wanted: Sequence[int],
    layers: Sequence[str],
) -> list[int]:
    """Choose the sheets to read, as positions."""
    names = [sheets[i].name for i in wanted]
    if len(wanted) < 2:
        return list(wanted)
    if called(names, layers) is None:
        columns = [{squeezed(n) for n in headers[i].names if n} for i in wanted]
        alike = all(len(c & columns[0]) >= _LIKE * min(len(c), len(columns[0])) for c in columns)
        if alike and not any(_OF_A_TIME.fullmatch(name.strip()) for name in names):
            return list(wanted)
        shown = [i for i in wanted if not sheets[i].is_hidden]
        if len(shown) == 1:
            return shown
    return [wanted[names.index(the_one(path, names, layers))]]


def _hidden(sheet: Sheet, offset: int) -> Iterator[Finding]:
    if sheet.is_hidden:
        template = "sheet {sheet} is hidden; it was read like the others"
        yield Finding("hidden", template, {"sheet": sheet.name}, "file", severity="note")
    if sheet.hidden_rows:
        template = "{n} rows are hidden, the first is row {row}; they were read like the others"
        row = offset + sheet.hidden_rows[0]
        details = {"n": len(sheet.hidden_rows), "row": row}
        yield Finding("hidden", template, details, "file", row, severity="note")


def _frame(parts: Sequence[Part], *, several: bool) -> pd.DataFrame:
    frames = []
    for part in parts:
        if several:
            add_column(part, SHEET_COLUMN, [part.sheet.name] * len(part.rows))
        frames.append(pd.DataFrame(part.rows, part.numbers, part.names, dtype=object))
        part.rows.clear()
    if not several:
        return frames[0]
    joined = pd.concat(frames, sort=False).astype(object)
    return joined.where(joined.notna(), None)

"""The table in one sheet: its columns, and its rows below the header that are places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import limits
from geodata.importers.headers import Header, text_of
from geodata.importers.raw import SECTION_COLUMN
from geodata.importers.remarks import (
    Layout,
    Remark,
    plain_row,
    remark_in,
    serial_columns,
    squeezed,
)
from geodata.importers.sheets import Sheet, is_filled

LISTED_ROWS = 100
"""Of each kind no more rows than this are told one by one; the last finding counts the others."""

_MOST_OVERLONG = 10_000
_REMARKS: dict[Remark, str] = {
    "note": "row {row} is a note and no place; it was left out: {text}",
    "total": "row {row} is a total and no place; it was left out: {text}",
    "header": "row {row} repeats the header or the title; it was left out: {text}",
    "section": "row {row} is a heading; the rows under it have it in the column {column}: {text}",
    "serial": "row {row} holds nothing but its serial number; it was left out",
}


@dataclass(slots=True)
class Part:
    """The table in one sheet, while it is made.

    Attributes
    ----------
    sheet
        It stands in.
    names
        Of the columns.
    numbers, rows
        Index and cells of each place.
    findings
        About its rows and columns.
    """

    sheet: Sheet
    names: list[str]
    numbers: list[int] = field(default_factory=list)
    rows: list[list[object]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def part_of(path: Path, sheet: Sheet, header: Header, *, offset: int, has_totals: bool) -> Part:
    """Take the rows of a sheet to pieces: places, and what stands between and below them.

    Parameters
    ----------
    path
        The file, for messages.
    sheet
        Its rows are taken away while they are read.
    header
        Of the sheet.
    offset
        Added to the number of each row.
    has_totals
        Whether rows such as 合计 are left out.

    Raises
    ------
    InvalidInputError
        When the table takes too much memory, or thousands of rows have too many cells.
    """
    names = list(header.names)
    body = header.at + header.n_rows
    last_header_row = sheet.rows[body - 1][0] if body else 0
    above = [cells for _, cells in sheet.rows[: header.at]]
    lines = [plain_row(cells) for _, cells in sheet.rows[header.at : body]]
    layout = Layout(
        n_columns=sum(map(bool, names)),
        headers={next(filter(None, line), ""): line for line in lines},
        titles={squeezed(c) for cells in above for c in cells if is_filled(c)},
        serial=serial_columns(names),
        broad=_broad_rows(sheet, len(names)),
        has_totals=has_totals,
    )
    part = Part(sheet, names)
    told = _Told(path, offset)
    section: object = None
    sections: list[object] = []
    remark: Remark | None = None
    rows = sheet.rows
    rows.reverse()
    del rows[len(rows) - body :]
    while rows:
        number, cells = rows.pop()
        remark = remark_in(number, cells, layout, before=remark)
        if remark == "section" and rows:
            section = next(c for c in cells if is_filled(c))
        if remark is not None:
            kind: Remark = "note" if remark == "section" and not rows else remark
            told.remark(number, kind, cells)
            continue
        if sheet.is_text:
            told.overlong(number, cells, len(names))
        part.numbers.append(offset + number)
        part.rows.append(cells)
        sections.append(section)
    part.findings += told.findings()
    _fill_down(path, part, offset, last_header_row)
    part.findings += _blanks(sheet, part, offset, last_header_row)
    _name_the_rest(path, part, header, sections)
    return part


def _broad_rows(sheet: Sheet, n_columns: int) -> frozenset[int]:
    """Give the rows with a cell merged over three columns, or half of those of a small table."""
    least = min(3, (n_columns + 1) // 2)
    return frozenset(
        m.first_row
        for m in sheet.merges
        if m.first_row == m.last_row and m.last_column - m.first_column + 1 >= max(least, 2)
    )


def _fill_down(path: Path, part: Part, offset: int, last_header_row: int) -> None:
    """Write the value of a merged cell to each of its rows."""
    at = {number - offset: i for i, number in enumerate(part.numbers)}
    numbers = sorted(at)
    n_cells: dict[int, int] = {}
    budget = limits.Budget(path)
    filled_to: dict[int, int] = {}
    merges = sorted(part.sheet.merges, key=lambda m: m.first_row)
    for merge in merges:
        column = merge.first_column
        is_tall = merge.last_row > merge.first_row > filled_to.get(column, last_header_row)
        if not is_tall or column >= len(part.names) or merge.first_row not in at:
            continue  # merged cells that overlap are a lie
        filled_to[column] = merge.last_row
        value = _cell(part.rows[at[merge.first_row]], column)
        if not is_filled(value):
            continue
        for i in range(at[merge.first_row] + 1, len(numbers)):
            if numbers[i] > merge.last_row:
                break
            cells = part.rows[i]
            budget.take(cells=max(column + 1 - len(cells), 1))
            cells.extend([None] * (column + 1 - len(cells)))
            if not is_filled(cells[column]):
                cells[column] = value
                n_cells[column] = n_cells.get(column, 0) + 1
    part.findings += [
        Finding(
            "merged_cells",
            "{column}: merged cells were read as standing in each of their rows ({n} cells)",
            {"column": part.names[column], "n": n},
            "file",
            column=part.names[column],
            severity="note",
        )
        for column, n in sorted(n_cells.items())
    ]


def _blanks(sheet: Sheet, part: Part, offset: int, last_header_row: int) -> list[Finding]:
    templates = {
        "error": "row {row}: {column} holds the error {text} and counts as empty",
        "formula": "row {row}: {column} holds a formula without a saved result and counts as "
        "empty; open the file in an office program and save it",
    }
    there = set(part.numbers)
    found = []
    wanted = [b for b in sheet.blanks if b.row > last_header_row and offset + b.row in there]
    for blank in wanted[:LISTED_ROWS]:
        column = part.names[blank.column] if blank.column < len(part.names) else ""
        row = offset + blank.row
        details = {"row": row, "column": column or f"({blank.column + 1})", "text": blank.text}
        code = "cell_error" if blank.why == "error" else "formula_without_value"
        found.append(Finding(code, templates[blank.why], details, "file", row, column))
    if len(wanted) > LISTED_ROWS:
        template = "{n} more cells hold an error or a formula without a saved result"
        found.append(Finding("cell_error", template, {"n": len(wanted) - LISTED_ROWS}, "file"))
    return found


def _name_the_rest(path: Path, part: Part, header: Header, sections: Sequence[object]) -> None:
    """Join columns under one name, name those without a name, and add the sections."""
    for first, last in header.wide:
        if first < len(part.names) and part.names[first]:
            _join(part, first, last)
    n_named = len(part.names)
    named = {i for i, name in enumerate(part.names) if name}
    unnamed = set(range(n_named)) - named
    used: set[int] = set()
    for cells in part.rows:
        used |= {i for i in unnamed - used if is_filled(_cell(cells, i))}
        if len(cells) > n_named and not part.sheet.is_text:
            used |= {i for i in range(n_named, len(cells)) if is_filled(cells[i])}
    kept = sorted(named | used)
    limits.Budget(path).take(rows=len(part.rows), cells=len(part.rows) * len(kept))
    part.names = _unique([part.names[i] if i < n_named else "" for i in kept], kept)
    is_plain = kept == list(range(len(kept)))
    for k, cells in enumerate(part.rows):
        if is_plain:
            del cells[len(kept) :]
            cells.extend([None] * (len(kept) - len(cells)))
        else:
            part.rows[k] = [_cell(cells, i) for i in kept]
    if any(s is not None for s in sections):
        add_column(part, SECTION_COLUMN, sections)


def add_column(part: Part, name: str, values: Iterable[object]) -> None:
    """Add a column of ours, with a value for each row."""
    while name in part.names:
        name += " "
    part.names.append(name)
    for cells, value in zip(part.rows, values, strict=True):
        cells.append(value)


def _join(part: Part, first: int, last: int) -> None:
    """Join the cells under a name that stands over several columns, such as 经纬度."""
    others = range(first + 1, min(last, len(part.names) - 1) + 1)
    if any(part.names[i] for i in others):
        return
    n_joined = 0
    for cells in part.rows:
        below = [c for c in cells[first : last + 1] if is_filled(c)]
        if len(below) > 1:
            cells[first : last + 1] = [",".join(map(str, below))] + [None] * (last - first)
            n_joined += 1
    if n_joined:
        template = "{column} stands over several columns; their cells were joined with a comma"
        name = part.names[first]
        part.findings.append(
            Finding(
                "joined_cells", template, {"column": name}, "file", column=name, severity="note"
            )
        )


def _cell(cells: Sequence[object], column: int) -> object:
    return cells[column] if column < len(cells) else None


def _unique(texts: Sequence[str], columns: Sequence[int]) -> list[str]:
    """Give each column a name of its own."""
    names: list[str] = []
    for column, text in zip(columns, texts, strict=True):
        name = text or f"({column + 1})"
        names.append(f"{name} ({column + 1})" if name in names else name)
    return names


class _Told:
    """What is told of the rows of a sheet: the first of each kind one by one, then how many."""

    def __init__(self, path: Path, offset: int) -> None:
        self.path = path
        self.offset = offset
        self.n_overlong = 0
        self.listed: list[Finding] = []
        self.counts: dict[Remark, int] = {}

    def remark(self, number: int, kind: Remark, cells: Sequence[object]) -> None:
        """Tell that a row is no place."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self.counts[kind] > LISTED_ROWS:
            return
        text = " ".join(text_of(c) for c in cells if is_filled(c))
        row = self.offset + number
        details = {"row": row, "text": text, "column": SECTION_COLUMN}
        self.listed.append(
            Finding(f"row_is_{kind}", _REMARKS[kind], details, "file", row, severity="note")
        )

    def overlong(self, number: int, cells: Sequence[object], n_columns: int) -> None:
        """Tell that a row has more cells than there are columns."""
        if len(cells) <= n_columns:
            return
        self.n_overlong += 1
        if self.n_overlong > _MOST_OVERLONG:
            raise InvalidInputError(
                "{path}: more than {n} rows have more cells than there are columns; "
                "export it again with its texts between quotation marks",
                path=self.path.name,
                n=_MOST_OVERLONG,
            )
        row = self.offset + number
        self.listed.append(
            Finding(
                "too_many_cells",
                "row {row} has {n} cells under {columns} columns; "
                "put a text with commas between quotation marks",
                {"row": row, "n": len(cells), "columns": n_columns},
                "file",
                row,
                severity="error",
            )
        )

    def findings(self) -> list[Finding]:
        """Give the findings."""
        more = [
            Finding(
                f"row_is_{kind}",
                "{n} more rows of this kind were left out",
                {"n": n - LISTED_ROWS},
                "file",
                severity="note",
            )
            for kind, n in self.counts.items()
            if n > LISTED_ROWS
        ]
        return [*self.listed, *more]

"""What came of an import, as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from geodata.checks import Finding
from geodata.errors import YizhanError
from geodata.exporters.correction import told as as_told
from geodata.importers import words
from geodata.importers.difference import Difference
from geodata.importers.how import RULES
from geodata.importers.stations import StationImport
from web.commands import told
from web.commands.told import Told, finding_words

MOST_ROWS = 20
"""A table shows no more rows than this, and says how many more there are."""


def print_difference(
    context: Told,
    read: StationImport,
    found: Difference,
    *,
    is_applied: bool,
    out: Path | None,
) -> None:
    """Print what a file would change, and what to look at."""
    _ = context.translate
    report = read.report
    n_refused = report.n_refused + found.n_refused
    told.print_table(
        "",
        [_("New"), _("Changed"), _("No longer in the file"), _("Duplicates"), _("Refused")],
        [
            [
                len(found.new),
                len(found.changed),
                len(found.vanished),
                len(found.duplicates),
                n_refused,
            ]
        ],
    )
    click.echo(
        _("Coordinates: {frame} ({confidence})").format(
            frame=report.frame, confidence=f"{report.confidence:.1%}"
        )
    )
    _print_changes(context, found)
    _print_findings(context, read, (*report.findings, *found.findings))
    _print_readings(context, read)
    if out is not None:
        click.echo(_("Workbook to correct and send back: {path}").format(path=out))
    click.echo(
        _("Written to the register.")
        if is_applied
        else _("Nothing was changed; add --apply to take it over.")
    )


def print_refused(context: Told, read: StationImport) -> None:
    """Say on standard error why rows were refused, when none is left."""
    errors = [f for f in read.report.findings if f.severity == "error"]
    console = told.remarks()
    for finding in errors[:MOST_ROWS]:
        console.print(f"  {finding_words(finding, context.translate)}")
    if len(errors) > MOST_ROWS:
        console.print(f"  … {len(errors) - MOST_ROWS}")


def _print_changes(context: Told, found: Difference) -> None:
    _ = context.translate
    shown = {*found.new[:MOST_ROWS], *(c.id for c in found.changed[:MOST_ROWS])}
    some = found.to_apply[found.to_apply["id"].isin(shown)]
    names = dict(zip(some["id"].tolist(), some["name"].tolist(), strict=True))
    new = [(key, names[key]) for key in found.new[:MOST_ROWS]]
    _print(context, _("New"), ["id", _("Station")], new, len(found.new))
    rows = [
        (
            change.id,
            names[change.id],
            _field(context, column),
            *(str(as_told(column, v)) for v in pair),
        )
        for change in found.changed[:MOST_ROWS]
        for column, pair in change.fields.items()
    ]
    n = sum(len(change.fields) for change in found.changed)
    _print(
        context, _("Changed"), ["id", _("Station"), _("Field"), _("Now"), _("In the file")], rows, n
    )


def _field(context: Told, column: str) -> str:
    _ = context.translate
    if column == "position":
        return _("Position")
    return words.label(column) if context.language == "zh" else column


def _print_findings(context: Told, read: StationImport, findings: Sequence[Finding]) -> None:
    """Print what was refused and what is doubtful one by one, notes by kind."""
    _ = context.translate
    ordered = sorted(findings, key=lambda f: f.row or 0)
    for severity, title in (("error", _("Refused")), ("warning", _("Please check"))):
        some = [f for f in ordered if f.severity == severity]
        _print(
            context,
            title,
            [_("Row"), _("Column"), _("Message")],
            [
                (_row(read, f.row), f.column, finding_words(f, context.translate))
                for f in some[:MOST_ROWS]
            ],
            len(some),
        )
    notes = [f for f in ordered if f.severity == "note"]
    counts = Counter(f.code for f in notes)
    first = {f.code: f for f in reversed(notes)}
    _print(
        context,
        _("Notes"),
        [_("Number"), _("Message")],
        [(n, finding_words(first[code], context.translate)) for code, n in counts.items()],
    )


def _row(read: StationImport, row: int | None) -> object:
    """Give a row as a person counts it, with its sheet where several were read."""
    if row is None:
        return ""
    sheet, number = read.table.place_of(row)
    return f"{sheet} {number}" if sheet else number


def _print_readings(context: Told, read: StationImport) -> None:
    """Print how cells were read, each different text once."""
    _ = context.translate
    n = sum(map(len, read.interpreted))
    rows: list[tuple[object, ...]] = []
    for column in read.interpreted:
        for which, count in Counter(column.which.tolist()).most_common(MOST_ROWS - len(rows)):
            cell = column.cell(0, which)
            how = str(YizhanError(_(RULES[cell.rule]), said=cell.said, became=cell.became))
            rows.append((count, cell.column, how))
        if len(rows) >= MOST_ROWS:
            break
    title = _("How {n} cells were read").format(n=n)
    different = sum(len(set(column.which.tolist())) for column in read.interpreted)
    _print(context, title, [_("Cells"), _("Column"), _("Reading")], rows, different)


def _print(
    context: Told,
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    n: int | None = None,
) -> None:
    """Print a table, limited; nothing when it is empty."""
    if not rows:
        return
    told.print_table(title, columns, rows[:MOST_ROWS])
    left = (len(rows) if n is None else n) - min(len(rows), MOST_ROWS)
    if left > 0:
        click.echo(
            context.translate("… and {n} more; --out FILE.xlsx and --json show them all").format(
                n=left
            )
        )

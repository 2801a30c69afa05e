"""Rows of places as they stand in a file, before anybody says what they mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from geodata.checks import Finding
from geodata.errors import InvalidInputError

GEOMETRY_X, GEOMETRY_Y = "geometry x", "geometry y"
"""Columns that hold the geometry of a GeoJSON, GeoPackage, Shapefile or KML, in its own frame."""

SHEET_COLUMN = "工作表"
"""Column with the name of the sheet, where several sheets of a workbook are read as one table."""

SECTION_COLUMN = "小标题"
"""Column with the line inside a table (一、金水区) that the rows below it stand under."""

SHEET_STEP = 10_000_000
"""Row r of the k-th sheet that is read (from 0) has the index ``k * SHEET_STEP + r``."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """Rows as they stand in a file.

    Attributes
    ----------
    rows
        One column for each header, values as the file gives them (None where empty); the index is
        the row number as a person counts it in the file: in tables the first line is row 1, in
        files with geometry the first place is. Where several sheets are read, see `SHEET_STEP` and
        `place_of`. Rows without anything in them are left out.
    frame
        Frame the file itself names: ``wgs84``, ``cgcs2000`` or ``epsg:N``; None when it names none.
    has_geometry
        Whether the position is in `GEOMETRY_X` and `GEOMETRY_Y`.
    findings
        Rows that cannot be used as they stand, by severity ``error``; what looks wrong, and what
        was understood in which way, by ``warning`` and ``note``.
    sha256
        Of the file's bytes, in hexadecimal digits.
    frame_is_weak
        Whether `frame` is ``wgs84`` only because the format says so of every file (KML), or because
        a GIS wrote down its usual system: GCJ-02 coordinates often come in the same clothes.
    sheets
        Names of the sheets that were read, in the order of their rows; empty but for workbooks of
        which several sheets were read.
    """

    rows: pd.DataFrame
    frame: str | None = None
    has_geometry: bool = False
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    sha256: str = ""
    frame_is_weak: bool = False
    sheets: tuple[str, ...] = ()

    def place_of(self, index: int) -> tuple[str, int]:
        """Give the sheet, empty unless several were read, and the row as a person counts it."""
        if not self.sheets:
            return "", index
        return self.sheets[index // SHEET_STEP], index % SHEET_STEP


def told_by_sheet(findings: Iterable[Finding], table: RawTable) -> tuple[Finding, ...]:
    """Give findings whose sentences name the sheet beside the row, where several were read.

    The ``row`` of each finding stays the index of the table.

    Examples
    --------
    >>> table = RawTable(pd.DataFrame(), sheets=("金水区", "二七区"))
    >>> found = Finding("empty", "row {row} is empty", {"row": 10_000_004}, row=10_000_004)
    >>> told_by_sheet([found], table)[0].message
    'row 4 (二七区) is empty'
    """
    if not table.sheets:
        return tuple(findings)
    return tuple(_told(finding, table) for finding in findings)


def _told(finding: Finding, table: RawTable) -> Finding:
    shown = dict(finding.details)
    for key in ("row", "first"):
        index = shown.get(key)
        if isinstance(index, int):
            sheet, row = table.place_of(index)
            shown[key] = f"{row} ({sheet})"
    return replace(finding, details=shown)


def the_one(path: Path, names: Sequence[str], layers: Sequence[str]) -> str:
    """Choose the only sheet or layer, or the one with a name from `layers`.

    Raises
    ------
    InvalidInputError
        When there are several and none has such a name.
    """
    if len(names) == 1:
        return names[0]
    named = called(names, layers)
    if named is not None:
        return named
    raise InvalidInputError(
        "{path} holds several tables of places: {names}; "
        "keep one, or call the one to read {wanted}",
        path=path,
        names=", ".join(names),
        wanted=layers[0] if layers else "stations",
    )


def called(names: Sequence[str], layers: Sequence[str]) -> str | None:
    """Give the first of `names` that is in `layers`, in the order of `layers`."""
    for wanted in layers:
        for name in names:
            if name.strip().casefold() == wanted:
                return name
    return None

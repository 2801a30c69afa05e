"""Rows of places as they stand in a file, before anybody says what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from geodata.checks import Finding
from geodata.errors import InvalidInputError

GEOMETRY_X, GEOMETRY_Y = "geometry x", "geometry y"
"""Columns that hold the geometry of a GeoJSON or GeoPackage file, in its own frame."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """Rows as they stand in a file.

    Attributes
    ----------
    rows
        One column for each header, values as the file gives them (None where empty); the index is
        the row number as a person counts it in the file: in CSV and XLSX the first line is row 1,
        in GeoJSON and GeoPackage the first place is. Rows without anything in them are left out.
    frame
        Frame the file itself names: ``wgs84``, ``cgcs2000`` or ``epsg:N``; None when it names none.
    has_geometry
        Whether the position is in `GEOMETRY_X` and `GEOMETRY_Y`.
    findings
        Rows that cannot be used as they stand, by severity ``error``.
    sha256
        Of the file's bytes, in hexadecimal digits.
    """

    rows: pd.DataFrame
    frame: str | None = None
    has_geometry: bool = False
    findings: tuple[Finding, ...] = field(default_factory=tuple)
    sha256: str = ""


def decoded(path: Path, content: bytes, *, kind: str = "CSV") -> str:
    """Give the text of a file in UTF-8, UTF-16 with its mark, or GB18030 (which holds GBK).

    Raises
    ------
    InvalidInputError
        When it is none of these; says to save it as `kind` again.
    """
    encodings = ["utf-8-sig", "gb18030"]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\0" in content:
        encodings = []
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(
        "{path} is not text in UTF-8 or GB18030 (GBK); save it again as {kind} in UTF-8",
        path=path.name,
        kind=kind,
    )


def the_one(path: Path, names: Sequence[str], layers: Sequence[str]) -> str:
    """Choose the only sheet or layer, or the one with a name from `layers`.

    Raises
    ------
    InvalidInputError
        When there are several and none has such a name.
    """
    if len(names) == 1:
        return names[0]
    for wanted in layers:
        for name in names:
            if name.strip().casefold() == wanted:
                return name
    raise InvalidInputError(
        "{path} holds several tables of places: {names}; "
        "keep one, or call the one to read {wanted}",
        path=path,
        names=", ".join(names),
        wanted=layers[0] if layers else "stations",
    )

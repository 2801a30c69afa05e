"""What came of reading a file: which rows were refused, and what to look at in the others."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.checks import Finding


@dataclass(frozen=True, slots=True)
class ImportReport:
    """The account of one file.

    Attributes
    ----------
    frame
        Coordinate frame the file was taken to be in.
    confidence
        0 to 1; 1 when a person or the file named the frame.
    findings
        In the order of the file; those of severity ``error`` say why a row was refused.
    n_rows, n_refused
        Rows with anything in them, and how many of these were refused.
    """

    frame: str
    confidence: float
    findings: tuple[Finding, ...]
    n_rows: int
    n_refused: int

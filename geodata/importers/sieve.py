"""Which rows of a file stay, and why the others were refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.errors import InvalidInputError, YizhanError
from geodata.importers.report import ImportReport

LISTED_ROWS = 10_000
"""Of each reason no more rows than this are listed one by one; all are counted."""


class Sieve:
    """The rows of one file while it is read; a row is refused once, for the first reason found.

    Parameters
    ----------
    rows
        Row numbers as a person counts them, shape (n,).
    findings
        What reading the file found; rows with errors are refused.

    Attributes
    ----------
    stays
        Shape (n,): which rows have not been refused.
    findings
        In the order in which they were found.
    """

    def __init__(self, rows: pd.Index, findings: Sequence[Finding] = ()) -> None:
        self.rows = rows.to_numpy()
        self.findings: list[Finding] = []
        self.stays: NDArray[np.bool_] = np.ones(len(rows), bool)
        self.take(findings)

    def take(self, findings: Sequence[Finding]) -> None:
        """Add what was found elsewhere, and refuse the rows it calls wrong."""
        gone = set(self.rows[~self.stays].tolist())
        self.findings += [f for f in findings if f.row not in gone]
        refused = [f.row for f in findings if f.severity == "error" and f.row is not None]
        self.stays &= ~np.isin(self.rows, refused)

    def refuse(
        self,
        bad: NDArray[np.bool_],
        code: str,
        template: str,
        values: Sequence[object] | pd.Series | NDArray[np.object_] | None = None,
        *,
        column: str = "",
    ) -> None:
        """Refuse rows.

        Parameters
        ----------
        bad
            Shape (n,): rows to refuse; those already refused are passed over.
        code, template, column
            As in `Finding`; the template may show ``{row}``, ``{value}`` and ``{column}``.
        values
            What each row holds, shape (n,).
        """
        new = np.flatnonzero(bad & self.stays)
        self.stays[new] = False
        held = None if values is None else np.asarray(values, dtype=object)
        for i in islice(new.tolist(), LISTED_ROWS):
            row = int(self.rows[i])
            value = "" if held is None else held[i]
            details = {"row": row, "value": value, "column": column}
            self.findings.append(Finding(code, template, details, "file", row, column, "error"))

    def report(self, path: Path, *, frame: str) -> ImportReport:
        """Give the account of the file.

        Raises
        ------
        InvalidInputError
            When no row stays; says why the first was refused.
        """
        found = sorted(self.findings, key=lambda f: f.row if f.row is not None else 0)
        if not self.stays.any():
            first = next((f for f in found if f.severity == "error"), None)
            raise InvalidInputError(
                "{path}: none of the {n} rows can be used; the first: {reason}",
                path=path.name,
                n=len(self.rows),
                # Not its sentence: whoever shows this says the reason in the reader's language.
                reason=YizhanError(first.template, **first.details) if first else "-",
            )
        n_refused = int((~self.stays).sum())
        return ImportReport(frame, 1.0, tuple(found), len(self.rows), n_refused)

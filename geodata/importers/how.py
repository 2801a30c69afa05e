"""How the cells of a file were read: what each said, what it became, and by which rule.

A text that stands in a hundred thousand cells is read once and told once; a row only says which of
the readings is its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.checks import Finding, Severity
from geodata.errors import YizhanError
from geodata.importers.cells import text_of

Which: TypeAlias = NDArray[np.signedinteger[Any]]
"""For each row, the number of something."""

MOST_ALIKE = 10_000
"""Of one kind of warning in one column no more rows than this are named; the others are counted."""

RULES = {
    "degrees": "the cell {said} holds degrees, minutes or letters; it was read as {became}",
    "pair": "the cell {said} holds both coordinates; it was read as {became}",
    "swapped": "longitude and latitude stand in each other's place; {said} was read as {became}",
    "hours": "the hours {said} were translated into {became}",
    "hours_joined": "several cells say the hours; together they are {said}, read as {became}",
    "staff": "of the hours {said}, the part with staff was read as {became}",
    "words": "the words {said} stand for {became}",
    "facilities": "the facilities {said} were found in our list as {became}",
    "number": "the number was taken out of {said} as {became}",
    "day": "the date {said} was read as {became}",
    "excel_day": "the number {said} is a date as Excel counts days; it was read as {became}",
    "closure": "the closed days {said} were read as {became}",
    "reason": "the state {said} was read as {became}, and the rest as the reason",
    "district": "the district {said} has the code {became}",
    "district_renamed": "the district {said} has a new name and code since: {became}",
    "column": "the sheet says this in columns of their own: {said} was read as {became}",
}
"""Sentence of each rule, with ``said`` and ``became``."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is odd about a text; becomes one finding for each row that holds it."""

    code: str
    template: str
    severity: Severity = "warning"
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text means.

    Attributes
    ----------
    value
        What the register gets.
    rule
        Key of `RULES`; empty where the text stands as it was written.
    became
        The value as a person reads it; empty for the value itself.
    doubts
        What is odd about it.
    is_said
        Whether it says anything; what is not understood does not, so that it erases nothing.
    header
        Headers of the columns that say it together, where these are not all of a column's.
    """

    value: Any
    rule: str = ""
    became: str = ""
    doubts: tuple[Doubt, ...] = ()
    is_said: bool = True
    header: str = ""


def as_written(text: str) -> Reading:
    """Take a text as it stands."""
    return Reading(text, is_said=bool(text))


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """The cells of a column as text: each different one once, and which one each row holds."""

    distinct: tuple[str, ...]
    which: Which

    @classmethod
    def of(cls, cells: Sequence[object] | NDArray[Any] | pd.Series[Any]) -> Texts:
        """Take the cells of a column, in the order of the rows."""
        values = np.asarray(cells, dtype=object)
        codes = None
        if pd.api.types.infer_dtype(values, skipna=True) == "string":
            codes, values = pd.factorize(values, use_na_sentinel=False)
        clean = np.array([text_of(v) for v in values], dtype=object)
        which, distinct = pd.factorize(clean)
        which = which.astype(np.int32)
        return cls(tuple(distinct), which if codes is None else which[codes])

    def rows(self) -> list[str]:
        """Give the text of each row."""
        return np.array(self.distinct, dtype=object)[self.which].tolist() if len(self.which) else []

    def is_filled(self) -> NDArray[np.bool_]:
        """Tell of each row whether its cell says anything."""
        return np.array([bool(t) for t in self.distinct], bool)[self.which]


@dataclass(frozen=True, slots=True, eq=False)
class ReadColumn:
    """A column that was read.

    Attributes
    ----------
    header
        Its header, or those of several columns joined by ``+``.
    texts
        What its cells say.
    readings
        What each of the different texts means.
    """

    header: str
    texts: Texts
    readings: tuple[Reading, ...]

    @classmethod
    def of(cls, header: str, texts: Texts, read: Callable[[str], Reading]) -> ReadColumn:
        """Read each different text once."""
        return cls(header, texts, tuple(read(text) for text in texts.distinct))

    def values(self) -> list[Any]:
        """Give the value of each row."""
        table = [r.value for r in self.readings]
        return [table[i] for i in self.texts.which.tolist()]

    @classmethod
    def of_few(
        cls, header: str, texts: Texts, read: Callable[[str], Reading | None], *, otherwise: Any
    ) -> ReadColumn:
        """Read only the texts that mean more than others, for columns of mostly different texts."""
        found = {i: r for i, t in enumerate(texts.distinct) if (r := read(t)) is not None}
        place = np.zeros(len(texts.distinct), np.int32)
        place[list(found)] = np.arange(1, len(found) + 1)
        few = Texts(("", *(texts.distinct[i] for i in found)), place[texts.which])
        return cls(header, few, (Reading(otherwise), *found.values()))

    @classmethod
    def absent(cls, n: int, value: Any) -> ReadColumn:
        """Give what n rows mean that have no such column."""
        return cls("", Texts(("",), np.zeros(n, np.intp)), (Reading(value),))

    def is_said(self) -> NDArray[np.bool_]:
        """Tell of each row whether it says anything."""
        return np.array([r.is_said for r in self.readings], bool)[self.texts.which]

    def doubts(self, rows: NDArray[np.int64]) -> Iterator[Finding]:
        """Give a finding for each row whose text is odd; of many alike the last says how many."""
        doubtful = np.array([bool(r.doubts) for r in self.readings], bool)[self.texts.which]
        told: dict[str, int] = {}
        for at in np.flatnonzero(doubtful).tolist():
            row = int(rows[at])
            reading = self.readings[self.texts.which[at]]
            header = reading.header or self.header
            for doubt in reading.doubts:
                if doubt.severity != "error":  # a refused row is never left out
                    told[doubt.code] = told.get(doubt.code, 0) + 1
                    if told[doubt.code] > MOST_ALIKE:
                        continue
                details = {"row": row, "column": header, **doubt.details}
                yield Finding(
                    doubt.code, doubt.template, details, "file", row, header, doubt.severity
                )
        for code, n in told.items():
            if n > MOST_ALIKE:
                details = {"n": n - MOST_ALIKE, "column": self.header, "code": code}
                yield Finding(
                    "and_more",
                    "{n} more rows have the finding {code} in {column}",
                    details,
                    "file",
                    None,
                    self.header,
                    "note",
                )

    def interpreted(self, rows: NDArray[np.int64]) -> Interpreted | None:
        """Give what was read otherwise than it is written; None where nothing was."""
        by_rule = np.array([bool(r.rule) for r in self.readings], bool)
        at = np.flatnonzero(by_rule[self.texts.which])
        if not len(at):
            return None
        return Interpreted(self.header, rows[at], self.texts.which[at], self)


def combined(columns: Sequence[ReadColumn]) -> tuple[Which, list[tuple[Any, ...]]]:
    """Give the different combinations of what several columns mean, and which one each row has."""
    key = columns[0].texts.which.astype(np.int64)
    for column in columns[1:]:
        key = pd.factorize(key)[0] * len(column.readings) + column.texts.which
    which = pd.factorize(key)[0].astype(np.intp)
    first = np.unique(which, return_index=True)[1]
    values = [tuple(c.readings[c.texts.which[at]].value for c in columns) for at in first.tolist()]
    return which, values


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Some columns of a station, read.

    Attributes
    ----------
    values
        For each column of a station, what each row says, shape (n,).
    given
        For each of them, whether the row says anything about it, shape (n,).
    read
        The columns of the file that it comes from.
    """

    values: Mapping[str, Sequence[Any]]
    given: Mapping[str, NDArray[np.bool_]]
    read: tuple[ReadColumn, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Interpreted:
    """The cells of one column that were read otherwise than they are written.

    Attributes
    ----------
    header
        Header of the column.
    rows
        Row numbers as a person counts them, shape (n,).
    which
        Which reading of `column` each of them has, shape (n,).
    column
        The column.
    """

    header: str
    rows: NDArray[np.int64]
    which: Which
    column: ReadColumn

    def __len__(self) -> int:
        return len(self.rows)

    def cells(self, *, limit: int | None = None) -> Iterator[Cell]:
        """Give the cells, the first rows first."""
        pairs = zip(self.rows[:limit].tolist(), self.which[:limit].tolist(), strict=True)
        for row, i in pairs:
            yield self.cell(row, i)

    def cell(self, row: int, which: int) -> Cell:
        """Give what one reading says of a row."""
        reading = self.column.readings[which]
        said = self.column.texts.distinct[which]
        header = reading.header or self.header
        return Cell(row, header, said, reading.became or str(reading.value), reading.rule)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that was interpreted: row, column, what it said, what it became, by which rule."""

    row: int
    column: str
    said: str
    became: str
    rule: str

    def as_dict(self) -> dict[str, object]:
        """Give it ready for JSON, with the rule as a sentence in English."""
        sentence = str(YizhanError(RULES[self.rule], said=self.said, became=self.became))
        return {
            "row": self.row,
            "column": self.column,
            "said": self.said,
            "became": self.became,
            "rule": self.rule,
            "message": sentence,
        }

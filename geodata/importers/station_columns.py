"""Read the columns of a stations table, each different text once."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.codes import parse_code
from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.cells import (
    amount_of,
    day_of,
    is_excel_day,
    is_mobile,
    number_of,
    says_nothing,
)
from geodata.importers.how import Doubt, Part, ReadColumn, Reading, Texts
from geodata.importers.mapping import COORDINATES, IGNORED, ColumnMap
from geodata.importers.station_district import read_district
from geodata.importers.station_hours import read_hours
from geodata.importers.station_offers import read_offers
from geodata.importers.station_rows import UNSAID
from geodata.importers.station_status import read_status
from geodata.records import STATION_COLUMNS

NO_DAY = date(2000, 1, 1)
"""Stands for a day that nobody named."""

MAX_TEXT = 2000
"""Longest text of a cell, in characters."""

_Read: TypeAlias = Callable[[str], Reading]

_TEXTS = ("address", "district", "host", "source", "phone")
_SAMPLE = ("示例数据", "sample data")
_TOO_LONG = "row {row}: {column} has {n} characters; at most {most} are kept, shorten it"
_PRIVATE = "row {row}: the phone is a mobile number; make sure that it is not a private one"
_AHEAD = (
    "row {row}: {column} {value} has not come yet and was left out; "
    "write the day on which somebody was there"
)
_OF_AN_EXPORT = ("source_frame", "is_synthetic")
"""Columns that nobody writes but our own exports."""
_NO_NAME = "row {row}: {column} is empty; every station needs one"
_NUMBER_FOR_NAME = (
    "row {row}: {column} {value} is a number and no name; "
    "look whether cells stand in each other's place"
)
_PHONE_IN_NAME = "row {row}: {column} holds a mobile number, which everybody would see; take it out"
_ONLY_DIGITS = re.compile(r"[\d\s()+\-.]*\d{5}[\d\s()+\-.]*|\d{3,4}-\d[\d\s\-]*")
_BAD_NUMBER = "row {row}: {column} {value} is not a number of 0 or more and counts as unknown"
_BAD_DAY = "row {row}: {column} {value} is not a date and was left out; write it like 2026-09-01"
_BAD_CODE = (
    "row {row}: {column} {value} is no station code and was left out; "
    "a code looks like 410105-0012-3"
)
_UNKNOWN_ENTRY = (
    "row {row}: {column} {value} is not known and counts as unknown; "
    "write for example 直接进入, 扫码 or 询问工作人员"
)
_UNKNOWN_KIND = (
    "row {row}: {column} {value} is not known and counts as 共建; "
    "write for example 自建, 智能, 旗舰 or 流动"
)
_LABELS = {
    "walk_in": "直接进入", "ask_staff": "询问工作人员", "qr": "扫码", "id_card": "身份证",
    "app": "手机应用", "phone": "电话", "unknown": "未知", "co_built": "共建",
    "self_built": "自建", "smart_24h": "智能", "flagship": "旗舰", "mobile": "流动",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class StationColumns:
    """What the rows of a table say about stations, apart from where they are.

    Attributes
    ----------
    values
        For each column of a station, what each row says, shape (n,).
    given
        For each row, the columns that it fills.
    read
        The columns of the file as they were read.
    """

    values: Mapping[str, list[Any]]
    given: tuple[frozenset[str], ...]
    read: tuple[ReadColumn, ...]

    def findings(self, rows: NDArray[np.int64]) -> Iterator[Finding]:
        """Give what is odd about the cells, column by column."""
        for column in self.read:
            yield from column.doubts(rows)


def texts_of(cells: pd.DataFrame, columns: ColumnMap) -> dict[str, Texts]:
    """Give the cells of all columns that say something but where the rows are, as text."""
    skipped = (*COORDINATES, IGNORED, "ours")
    return {c.header: Texts.of(cells[c.header]) for c in columns.columns if c.field not in skipped}


def read_columns(
    columns: ColumnMap, texts: Mapping[str, Texts], n: int, *, today: date
) -> StationColumns:
    """Read what the rows say.

    Parameters
    ----------
    columns
        Which column says what.
    texts
        Cells by header, see `texts_of`.
    n
        How many rows there are.
    today
        Day of the import.
    """
    parts = [
        _identity(columns, texts, n),
        *(_as_written(columns, texts, field) for field in _TEXTS),
        *(_one(columns, texts, field, read) for field, read in _READERS.items()),
        _one(columns, texts, "verified_on", lambda text: _day_gone(text, today)),
        read_hours(columns, texts, n),
        read_offers(columns, texts),
        read_status(columns, texts, n, today=today),
        read_district(columns, texts, n),
        _sample(columns, texts, n),
    ]
    values: dict[str, list[Any]] = {c: [value] * n for c, value in UNSAID.items()}
    given: dict[str, NDArray[np.bool_]] = {}
    for part in parts:
        values |= {name: list(column) for name, column in part.values.items()}
        given |= part.given
    read = [column for part in parts for column in part.read if column.header]
    return StationColumns(values, _patterns(given, n), (*_too_long(texts), *read))


def _one(columns: ColumnMap, texts: Mapping[str, Texts], field: str, read: _Read) -> Part:
    """Read a column that stands for one of a station, cell by cell."""
    header = columns.header(field)
    if header is None:
        return Part({}, {})
    column = ReadColumn.of(header, texts[header], read)
    return Part({field: column.values()}, {field: column.is_said()}, (column,))


def _as_written(columns: ColumnMap, texts: Mapping[str, Texts], field: str) -> Part:
    """Take a column of free text as it stands."""
    header = columns.header(field)
    if header is None:
        return Part({}, {})
    few = []
    if field == "phone":
        few = [ReadColumn.of_few(header, texts[header], _private, otherwise="")]
    return Part({field: texts[header].rows()}, {field: texts[header].is_filled()}, tuple(few))


def _identity(columns: ColumnMap, texts: Mapping[str, Texts], n: int) -> Part:
    """Read id and name; where there is no column for names, the id is the name."""
    named_by = columns.header("name") or columns.header("id") or ""
    header = columns.header("id")
    has_names = columns.header("name") is not None
    look = _named if has_names else _missing
    if all(columns.header(field) for field in _OF_AN_EXPORT):
        look = _empty  # the register has such names already
    unnamed = ReadColumn.of_few(named_by, texts[named_by], look, otherwise="")
    ids = texts[header].rows() if header else [""] * n
    given = {"name": texts[named_by].is_filled()} if has_names else {}
    if header:
        given["id"] = texts[header].is_filled()
    return Part({"id": ids, "name": texts[named_by].rows()}, given, (unnamed,))


def _empty(text: str) -> Reading | None:
    return None if text.strip() else _missing("")


def _missing(text: str) -> Reading | None:
    if says_nothing(text):
        return Reading(text, doubts=(Doubt("missing_name", _NO_NAME, "error"),))
    return None


def _named(text: str) -> Reading | None:
    """Find names that are none, and those that hold what should not be on a map."""
    if _ONLY_DIGITS.fullmatch(unicodedata.normalize("NFKC", text)):
        doubt = Doubt("name_is_number", _NUMBER_FOR_NAME, "error", {"value": text})
        return Reading(text, doubts=(doubt,))
    if is_mobile(text):
        return Reading(text, doubts=(Doubt("private_phone", _PHONE_IN_NAME),))
    return _missing(text)


def _sample(columns: ColumnMap, texts: Mapping[str, Texts], n: int) -> Part:
    """Tell which rows are invented, by a column or by a remark that says so."""
    found = np.zeros(n, bool)
    header = columns.header("is_synthetic")
    if header is not None:
        is_yes = np.array([words.is_yes(text) for text in texts[header].distinct], bool)
        found |= is_yes[texts[header].which]
    for note in columns.of("note"):
        told = [any(w in t.casefold() for w in _SAMPLE) for t in texts[note.header].distinct]
        found |= np.array(told, bool)[texts[note.header].which]
    return Part({"is_synthetic": found.tolist()}, {"is_synthetic": np.ones(n, bool)})


def _private(text: str) -> Reading | None:
    return Reading(text, doubts=(Doubt("private_phone", _PRIVATE),)) if is_mobile(text) else None


def _code(text: str) -> Reading:
    if says_nothing(text):
        return Reading("", is_said=False)
    try:
        code = str(parse_code(text))
    except InvalidInputError:
        doubt = Doubt("bad_code", _BAD_CODE, details={"value": text})
        return Reading("", doubts=(doubt,), is_said=False)
    return Reading(code, "" if code == text else "words")


def _entry(text: str) -> Reading:
    if says_nothing(text):
        return Reading("unknown", is_said=False)
    entry = words.entry_of(text)
    if entry is None:
        doubt = Doubt("unknown_entry", _UNKNOWN_ENTRY, details={"value": text})
        return Reading("unknown", doubts=(doubt,), is_said=False)
    rule = "" if text in (entry, _LABELS[entry]) else "words"
    return Reading(entry, rule, _LABELS[entry], is_said=entry != "unknown")


def _kind(text: str) -> Reading:
    if says_nothing(text):
        return Reading("co_built", is_said=False)
    kind = words.kind_of(text)
    if kind is None:
        doubt = Doubt("unknown_kind", _UNKNOWN_KIND, details={"value": text})
        return Reading("co_built", doubts=(doubt,), is_said=False)
    return Reading(kind, "" if text in (kind, _LABELS[kind]) else "words", _LABELS[kind])


def _amount(text: str) -> Reading:
    amount = math.nan if says_nothing(text) else amount_of(text)
    if amount is None:
        doubt = Doubt("bad_number", _BAD_NUMBER, details={"value": text})
        return Reading(math.nan, doubts=(doubt,), is_said=False)
    if math.isnan(amount):
        return Reading(amount, is_said=False)
    return Reading(amount, "" if number_of(text) == amount else "number", f"{amount:g}")


def _day(text: str) -> Reading:
    day = "" if says_nothing(text) else day_of(text)
    if day is None:
        doubt = Doubt("bad_date", _BAD_DAY, details={"value": text})
        return Reading("", doubts=(doubt,), is_said=False)
    rule = "excel_day" if is_excel_day(text) else "day"
    return Reading(day, rule if day and day != text else "", is_said=bool(day))


def _day_gone(text: str, today: date) -> Reading:
    """Read the day of a look on the spot, which cannot lie ahead."""
    read = _day(text)
    if today <= NO_DAY or not read.value or read.value <= today.isoformat():
        return read
    doubt = Doubt("day_ahead", _AHEAD, details={"value": text})
    return Reading("", doubts=(doubt,), is_said=False)


_READERS: Mapping[str, _Read] = {
    "code": _code,
    "entry": _entry,
    "kind": _kind,
    "area_m2": _amount,
    "seats": _amount,
}


def _too_long(texts: Mapping[str, Texts]) -> Iterator[ReadColumn]:
    for header, column in texts.items():
        if max(map(len, column.distinct), default=0) > MAX_TEXT:
            yield ReadColumn.of_few(header, column, _length, otherwise="")


def _length(text: str) -> Reading | None:
    details = {"n": len(text), "most": MAX_TEXT}
    doubt = Doubt("text_too_long", _TOO_LONG, "error", details)
    return Reading(text, doubts=(doubt,)) if len(text) > MAX_TEXT else None


def _patterns(given: Mapping[str, NDArray[np.bool_]], n: int) -> tuple[frozenset[str], ...]:
    """Give for each row the columns that it fills; rows alike share one set."""
    names = [name for name in given if name in STATION_COLUMNS and name != "is_synthetic"]
    code = np.zeros(n, np.int64)
    for k, name in enumerate(names):
        code |= given[name].astype(np.int64) << k
    sets = {
        c: frozenset(name for k, name in enumerate(names) if c >> k & 1)
        for c in np.unique(code).tolist()
    }
    return tuple(sets[c] for c in code.tolist())

"""Which column of a sheet says what: by a person, by earlier sheets of the sender, or by name.

A header is recognised when it is one of our words, alone or as the last part of a header of two
rows (``服务设施 饮水机``, ``位置 经度``). Careful guesses are made for longer ways to say the same
(``驿站的详细地址``) and for one wrong sign (``开放时问``), and reported; coordinates are never
guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.opening_text import is_when
from geodata.importers.raw import GEOMETRY_X, GEOMETRY_Y, SECTION_COLUMN, SHEET_COLUMN

IGNORED = "ignore"
"""What a person maps a column to that is not to be read."""

COORDINATES = ("lon", "lat", "lon_lat", "lat_lon")

_SEVERAL = frozenset((*COORDINATES, "facilities", "note", "ours", "offers", IGNORED))
_NEVER_GUESSED = frozenset((*COORDINATES, "id", "code", "note", "ours", "city", "district_code"))
_NO_TYPO = frozenset(("opens", "closes", "staff_hours", "closures", "status_reason"))
_SHORT = frozenset(("地址", "名称", "电话", "类型", "状态", "面积", "座位", "设施"))
_RANKS = ("person", "remembered", "known", "guessed")
_NUMBERING = re.compile(r"^[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）.、．]\s*")
_AROUND = re.compile(
    r"工会|户外劳动者|爱心|驿站|服务站点?|站点|的|该|本站?|请填写?|必填|选填|基本|目前|现有|主要|相关|情况|信息|一览"
    r"|每日|日常|对外|具体|完整|标准"
)
_ABOUT_FACILITY = re.compile(
    r"^(?:是否配备|是否有|是否|有无|有没有|配备|有)|(?:数量|台数|个数|件数|套数|数|情况|配备)$"
)
_BRACKETS = re.compile(r"[(\[【〔](.*?)[)\]】〕]")
_DAYS = re.compile(
    r"(?:周|星期)[一二三四五六日天末](?:[至到\-—~～、](?:周|星期)?[一二三四五六日天])?"
    r"|周六日|工作日|双休日|(?:法定)?节假日"
)
_CLOSED_DAYS = frozenset(
    ("休息日", "闭馆日", "公休日", "休馆日", "闭站日", "不开放日", "每周休息日")
)
_ON_HOLIDAYS = re.compile(r"(?:法定)?节假日是否(?:正常)?(?:开放|营业|休息)|是否节假日(?:开放|营业)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what it says.

    Attributes
    ----------
    header
        As it stands in the table.
    field
        Field of ``words.toml``, or `IGNORED`.
    detail
        For ``facilities`` the keys of the facilities that the column alone is about, joined by
        ``+``; for ``hours`` the days that its header names; else empty.
    how
        ``person``, ``remembered``, ``known`` or ``guessed``.
    """

    header: str
    field: str
    detail: str = ""
    how: str = "known"

    @property
    def target(self) -> str:
        """The field with its detail, as a person writes it: ``facilities:microwave``."""
        return f"{self.field}:{self.detail}" if self.detail else self.field


@dataclass(frozen=True, slots=True, eq=False)
class ColumnMap:
    """What the columns of a table say; `findings` tells of guesses and of columns not used."""

    columns: tuple[Column, ...]
    findings: tuple[Finding, ...] = field(default_factory=tuple)

    def header(self, name: str) -> str | None:
        """Give the header of a field that one column says; None when no column does."""
        return next((c.header for c in self.columns if c.field == name), None)

    def of(self, name: str) -> list[Column]:
        """Give the columns that say a field, in the order of the table."""
        return [c for c in self.columns if c.field == name]


def map_columns(
    headers: Sequence[str],
    *,
    told: Mapping[str, str] | None = None,
    remembered: Mapping[str, str] | None = None,
) -> ColumnMap:
    """Tell what the columns of a table say.

    Parameters
    ----------
    headers
        In the order of the table.
    told
        Field by header, as a person said it now: a field (``name``), a word of it (名称), a
        facility (微波炉) or `IGNORED`.
    remembered
        The same from earlier sheets of the sender; headers that this table lacks do not matter.

    Raises
    ------
    InvalidInputError
        When a person names a column that is not there, or a field that is not known.
    """
    by_plain = {words.plain(h): h for h in reversed(headers)}
    chosen: dict[str, Column] = {}
    for how, given in (("remembered", remembered or {}), ("person", told or {})):
        for header, target in given.items():
            known = by_plain.get(words.plain(header))
            if known is not None:
                chosen[known] = column_for(known, target, how=how)
            elif how == "person":
                raise InvalidInputError(
                    "there is no column {header}; the columns are {found}",
                    header=header,
                    found=", ".join(headers),
                )
    rest = [h for h in headers if h not in chosen]
    is_week = sum(_is_day(h) for h in rest) > 1
    found = [chosen.get(h) or _recognised(h, is_week=is_week) for h in headers]
    if any(c.field in COORDINATES for c in chosen.values()):
        found = [None if _is_other_place(c) else c for c in found]
    taken = {c.field for c in found if c is not None}
    found = [c or _guessed(h, taken) for c, h in zip(found, headers, strict=True)]
    kept = _one_each([c for c in found if c is not None])
    return ColumnMap(tuple(kept), tuple(_findings(headers, kept)))


def column_for(header: str, target: str, *, how: str) -> Column:
    """Give the column that a person describes.

    Raises
    ------
    InvalidInputError
        When `target` is no field, no word of one and no facility.
    """
    name, _, detail = target.strip().partition(":")
    if words.plain(name) in ("", IGNORED, "忽略", "不用"):
        return Column(header, IGNORED, how=how)
    known = name if name in words.field_names() else words.field_of(name)
    if known is not None and (not detail or known == "hours"):
        return Column(header, known, detail, how)
    keys = words.facility_words().get(words.plain(detail or name))
    if keys and known in (None, "facilities"):
        return Column(header, "facilities", "+".join(keys), how)
    raise InvalidInputError(
        "{target!s} is no field; name one of {known}, a facility, or ignore",
        target=target,
        known=", ".join(f for f in words.field_names() if f != "ours"),
    )


def _recognised(header: str, *, is_week: bool) -> Column | None:
    """Recognise a header by our words alone."""
    text = _NUMBERING.sub("", unicodedata.normalize("NFKC", header).strip())
    if words.plain(text) in _CLOSED_DAYS or _ON_HOLIDAYS.fullmatch(text):
        return Column(header, "hours", text)
    days = _days_of_hours(text)
    if days or (is_week and _is_day(text)):
        return Column(header, "hours", days or text)
    group, _, last = re.sub(r"[\s/]+", " ", _BRACKETS.sub("", text).strip()).rpartition(" ")
    keys = words.facility_words().get(words.plain(_ABOUT_FACILITY.sub("", last)))
    if keys and group and words.field_of(group) in (None, "facilities"):
        return Column(header, "facilities", "+".join(keys))
    known = words.field_of(text)
    if known is not None:
        return Column(header, known)
    return Column(header, "facilities", "+".join(keys)) if keys else None


def _days_of_hours(text: str) -> str:
    """Give the days in 工作日开放时间 or 开放时间(周末); empty when there are none."""
    for word in words.spellings("hours"):
        if len(word) > 1 and word in text:
            rest = text.replace(word, " ", 1)
            inner = " ".join(_BRACKETS.findall(rest))
            rest = (
                inner if words.plain(inner) and is_when(inner) else re.sub(r"[()\[\]]", " ", rest)
            )
            return rest.strip() if words.plain(rest) and is_when(rest) else ""
    return ""


def _is_day(header: str) -> bool:
    return _DAYS.fullmatch(header.strip()) is not None


def _is_other_place(column: Column | None) -> bool:
    """Tell whether a column holds coordinates that a person passed over by naming others."""
    return column is not None and column.field in COORDINATES and column.how == "known"


def _guessed(header: str, taken: set[str]) -> Column | None:
    """Guess what a header means that is not one of our words; never a coordinate."""
    text = unicodedata.normalize("NFKC", _NUMBERING.sub("", header.strip())).casefold()
    core = words.plain(_AROUND.sub("", _BRACKETS.sub("", text)))
    name = words.field_of(core) if len(core) > 2 or core in _SHORT else None
    if name is None:
        name = _misspelt(words.plain(text))
    if name is None or name in _NEVER_GUESSED or (name in taken and name not in _SEVERAL):
        return None
    taken.add(name)
    return Column(header, name, how="guessed")


def _misspelt(text: str) -> str | None:
    """Give the only field with a word of four or more signs of which one is wrong."""
    if len(text) < 4 or text.isascii():
        return None
    near = {
        name
        for name in words.field_names()
        for word in words.spellings(name)
        if len(word) == len(text) and OSA.distance(word, text, score_cutoff=1) == 1
    }
    return near.pop() if len(near) == 1 and not near & _NO_TYPO else None


def _one_each(columns: list[Column]) -> list[Column]:
    """Keep one column for a field: what a person says goes before what is known or guessed."""
    best: dict[str, Column] = {}
    for column in sorted(columns, key=lambda c: _RANKS.index(c.how)):
        key = f"{column.field} {column.detail}"
        best.setdefault(key, column)
    return [c for c in columns if c.field in _SEVERAL or best[f"{c.field} {c.detail}"] is c]


def _findings(headers: Sequence[str], kept: Sequence[Column]) -> Iterator[Finding]:
    used = {c.header for c in kept}
    unused = [h for h in headers if h not in used]
    added = (GEOMETRY_X, GEOMETRY_Y, SECTION_COLUMN, SHEET_COLUMN)
    unused = [h for h in unused if h not in added and not h.startswith("(")]
    if unused:
        yield Finding(
            "column_ignored",
            "columns that are not used: {columns}",
            {"columns": ", ".join(unused)},
            "file",
            severity="note",
        )
    for column in kept:
        if column.how == "guessed":
            yield Finding(
                "column_guessed",
                "column {column} was taken for {field}; if it is not, say so with --map",
                {"column": column.header, "field": words.label(column.field)},
                "file",
                column=column.header,
            )

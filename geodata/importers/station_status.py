"""Read the state of a station, why and since when, and the days on which it is closed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from geodata.importers.cells import day_of, says_nothing
from geodata.importers.how import Doubt, Part, ReadColumn, Reading, Texts, as_written, combined
from geodata.importers.mapping import ColumnMap
from geodata.importers.status_text import Standing, closure_in, standing_of
from geodata.records import Closure
from geodata.written import closures_in, for_offices

_Closures: TypeAlias = tuple[Closure, ...]
_Read: TypeAlias = Callable[[str], Reading]

_UNKNOWN = "row {row}: {column} {value} is not known; write 开放, 暂停, 在建, 规划, 迁移 or 撤销"
_NO_CLOSURE = (
    "row {row}: {column} {value} is not understood as closed days; "
    "write them like 2026年10月1日至7日放假"
)
_BAD_DAY = "row {row}: {column} {value} is not a date and was left out; write it like 2026-09-01"
_MAY_CLOSE = re.compile(r"20\d\d")
_SAYS_CLOSED = (
    "row {row}: {column} says {value}, but the station counts as open; "
    "if it is not, write so in a column 状态"
)
_CLOSED = re.compile(
    r"(?:已经?|均|全部)(?:关闭|停用|关停|停业|闭站|撤销|撤站|撤除|摘牌|拆除|搬迁|搬走|迁移|迁址|注销|取消)"
    r"|关停|停业|停用|撤站|撤销|摘牌|拆除|闭站|不再(?:开放|使用)|(?:永久|临时|暂时)关闭"
    r"|暂停(?:开放|服务|使用|营业|运行|运营)|(?:[暂尚]|暂时)(?:不|未)(?:对外)?(?:开放|启用|营业)"
    r"|(?:正在|目前|因)(?:装修|施工|改造)|(?:装修|施工|改造|建设|维修)中$|permanently closed",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_LABELS = {
    "planned": "规划", "building": "在建", "open": "开放", "suspended": "暂停", "moved": "迁移",
    "revoked": "撤销", "": "",
}  # fmt: skip


def read_status(columns: ColumnMap, texts: Mapping[str, Texts], n: int, *, today: date) -> Part:
    """Read the state; a text that is not clear refuses the row, for it may mean closed."""
    readers: dict[str, tuple[_Read, object]] = {
        "status": (lambda text: _state(text, today), Standing()),
        "closures": (lambda text: _closed(text, today), ()),
        "status_reason": (as_written, ""),
        "status_since": (_since, ""),
    }
    read = []
    for name, (reader, nothing) in readers.items():
        header = columns.header(name)
        if header is None:
            read.append(ReadColumn.absent(n, nothing))
        else:
            read.append(ReadColumn.of(header, texts[header], reader))
    read += [_noted(texts[c.header], c.header, today) for c in columns.of("note")]
    which, combinations = combined(read)
    found = [_together(*cells) for cells in combinations]
    rows = which.tolist()
    values = {
        "status": [found[i].status or "open" for i in rows],
        "status_reason": [found[i].reason for i in rows],
        "status_since": [found[i].since for i in rows],
        "closures": [found[i].closures for i in rows],
    }
    given = {
        "status": np.array([bool(s.status) for s in found], bool)[which],
        "status_reason": np.array([bool(s.reason) for s in found], bool)[which],
        "status_since": np.array([bool(s.since) for s in found], bool)[which],
        "closures": np.array([bool(s.closures) for s in found], bool)[which],
    }
    is_open = np.array([s.status in ("", "open") and not s.closures for s in found], bool)[which]
    told = [_told_closed(texts[c.header], c.header, is_open) for c in columns.of("note")]
    named_by = columns.header("name")
    if named_by is not None:
        told.append(_told_closed(texts[named_by], named_by, is_open, within=_IN_BRACKETS))
    return Part(values, given, (*read, *told))


def _together(
    state: Standing, closed: _Closures, reason: str, since: str, *noted: _Closures
) -> Standing:
    every = {*state.closures, *closed, *(c for closures in noted for c in closures)}
    closures = tuple(sorted(every, key=lambda c: (c.first_day, c.last_day)))
    return Standing(state.status, reason or state.reason, since or state.since, closures)


def _state(text: str, today: date) -> Reading:
    if says_nothing(text):
        return Reading(Standing())
    found = standing_of(text, today=today)
    if found is None:
        doubt = Doubt("unknown_status", _UNKNOWN, "error", {"value": text})
        return Reading(Standing(), doubts=(doubt,))
    if found.closures:
        return Reading(found, "closure", for_offices(found.closures))
    label = _LABELS[found.status]
    if found.reason or found.since:
        return Reading(found, "reason", "，".join(filter(None, (label, found.since, found.reason))))
    return Reading(found, "" if text in (label, found.status) else "words", label)


def _closed(text: str, today: date) -> Reading:
    if says_nothing(text):
        return Reading(())
    ours = closures_in(text)
    if ours is not None:
        return Reading(ours)
    parts = [p.strip() for p in re.split(r"[;；\n]", text) if p.strip()]
    found = [closure_in(p, today=today) or closure_in(f"{p}暂停", today=today) for p in parts]
    if not all(found):
        return Reading((), doubts=(Doubt("bad_closure", _NO_CLOSURE, details={"value": text}),))
    closures = tuple(c for c in found if c is not None)
    return Reading(closures, "closure", for_offices(closures))


def _noted(texts: Texts, header: str, today: date) -> ReadColumn:
    """Find remarks that as a whole say when the station is closed; other remarks are left alone."""

    def read(text: str) -> Reading | None:
        closure = closure_in(text, today=today) if _MAY_CLOSE.search(text) else None
        return None if closure is None else Reading((closure,), "closure", for_offices((closure,)))

    return ReadColumn.of_few(header, texts, read, otherwise=())


def _told_closed(
    texts: Texts, header: str, is_open: NDArray[np.bool_], *, within: re.Pattern[str] | None = None
) -> ReadColumn:
    """Warn of remarks, and brackets behind names, that say closed where nothing else does."""

    def read(text: str) -> Reading | None:
        parts = [text] if within is None else within.findall(text)
        if not any(_CLOSED.search(part.strip("()（）[]【】〔〕 ")) for part in parts):
            return None
        return Reading((), doubts=(Doubt("says_closed", _SAYS_CLOSED, details={"value": text}),))

    few = ReadColumn.of_few(header, texts, read, otherwise=())
    shown = Texts(few.texts.distinct, np.where(is_open, few.texts.which, 0))
    return replace(few, texts=shown)


def _since(text: str) -> Reading:
    day = day_of(text)
    if day is None:
        return Reading("", doubts=(Doubt("bad_date", _BAD_DAY, details={"value": text}),))
    return Reading(day, "day" if day != text else "")

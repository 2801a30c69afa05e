"""Read when a station is open, from one column or from several that say it together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.hours import check_hours
from geodata.importers import words
from geodata.importers.cells import clock_of, says_nothing
from geodata.importers.how import Doubt, Part, ReadColumn, Reading, Texts, as_written, combined
from geodata.importers.mapping import Column, ColumnMap
from geodata.importers.opening_text import to_hours_and_staff, to_opening_hours

_NOT_UNDERSTOOD = (
    "row {row}: the hours {text} are not understood and count as unknown; "
    "write them like 周一至周五 09:00-17:00"
)
_IN_NOTE = (
    "row {row}: {column} says {value}, which the hours do not say; "
    "write it into the hours if it is so"
)
_ABOUT_CLOSING = re.compile(r"(?:休息|闭馆|公休|休馆|闭站|不开放)日|是否")
_NO = ("否", "不", "不开放", "不营业", "休息", "×", "✗", "n", "no", "false", "0")
_SAYS_WHEN = re.compile(
    r"(?:周|星期|礼拜)[一二三四五六日天末].{0,8}(?:休息(?![区室])|不开|不营业|闭|关门|除外|放假)"
    r"|(?:双休日|周末|节假日|春节|国庆|假期).{0,6}(?:休息(?![区室])|不开|不营业|闭|关门|除外|放假)"
    r"|(?:午休|中午|午间).{0,6}(?:休息(?![区室])|闭|关门|不开|\d)|[夏冬春秋]季?.{0,4}\d{1,2}[:：点时]"
)
_PARTS_OF_DAY = ("上午", "下午", "早上", "晚上", "中午", "夜间")


@dataclass(frozen=True, slots=True)
class _Hours:
    hours: str = ""
    text: str = ""
    staff: str = ""
    is_said: bool = False


def read_hours(columns: ColumnMap, texts: Mapping[str, Texts], n: int) -> Part:
    """Read the hours of the door and of the staff; what is not understood stays as text."""
    used = [c for c in columns.columns if c.field in ("hours", "opens", "closes", "hours_text")]
    if not used and columns.header("staff_hours") is None:
        return Part({}, {})
    door = _door(used, texts, n)
    staff = _staff(columns, texts, n)
    found: list[_Hours] = door.values()
    own = staff.values()
    values = {
        "hours": [h.hours for h in found],
        "hours_text": [h.text for h in found],
        "staff_hours": [own[i] or h.staff for i, h in enumerate(found)],
    }
    is_said = np.array([h.is_said for h in found], bool)
    has_staff = np.array([bool(v) for v in values["staff_hours"]], bool)
    given = {"hours": is_said, "hours_text": is_said, "staff_hours": has_staff}
    has_hours = np.array([bool(h.hours) for h in found], bool)
    return Part(values, given, (door, staff, *_told_in_notes(columns, texts, has_hours)))


def _door(used: Sequence[Column], texts: Mapping[str, Texts], n: int) -> ReadColumn:
    cells_of = [ReadColumn.of(c.header, texts[c.header], as_written) for c in used]
    which, combinations = combined(cells_of or [ReadColumn.absent(n, "")])
    readings, said = [], []
    for cells in combinations:
        pairs = zip(used, cells, strict=False)
        saying = [
            (c, t) for c, t in pairs if t and (c.field == "hours_text" or not says_nothing(t))
        ]
        text, reading = _read(saying)
        said.append(text)
        readings.append(replace(reading, header=" + ".join(c.header for c, _ in saying)))
    header = " + ".join(c.header for c in used)
    return ReadColumn(header, Texts(tuple(said), which), tuple(readings))


def _read(cells: Sequence[tuple[Column, str]]) -> tuple[str, Reading]:
    """Read what the columns of a row say about the hours."""
    written = next((t for c, t in cells if c.field == "hours_text"), "")
    plain = next((t for c, t in cells if c.field == "hours" and not c.detail), "")
    if written and _is_opening_hours(plain):  # a file of ours
        return plain, Reading(_Hours(plain, written, "", is_said=True))
    written = "" if says_nothing(written) else written
    text = _text(cells) or written
    if not text:
        return "", Reading(_Hours(written, written, "", is_said=bool(written)))
    found = to_hours_and_staff(text)
    if found is None:
        doubt = Doubt("hours_not_understood", _NOT_UNDERSTOOD, details={"text": text})
        return text, Reading(_Hours("", written or text, "", is_said=True), doubts=(doubt,))
    hours, staff = found
    value = _Hours(hours, written or text, staff, is_said=True)
    rule = "staff" if staff else "hours_joined" if len(cells) > 1 else "hours"
    became = f"{hours} / {staff}" if staff else hours
    return text, Reading(value, rule if hours != text else "", became)


def _text(cells: Sequence[tuple[Column, str]]) -> str:
    """Write as one text what the columns of a row say."""
    parts = [t for c, t in cells if c.field == "hours" and not c.detail]
    opens = next((t for c, t in cells if c.field == "opens"), "")
    closes = next((t for c, t in cells if c.field == "closes"), "")
    if opens or closes:
        parts.append(f"{clock_of(opens) or opens}-{clock_of(closes) or closes}")
    days = [(c.detail, t) for c, t in cells if c.field == "hours" and c.detail]
    parts += [_exception(d, t) for d, t in days if _ABOUT_CLOSING.search(d)]
    days = [(d, t) for d, t in days if not _ABOUT_CLOSING.search(d)]
    is_one_day = all(d in _PARTS_OF_DAY for d, _ in days)
    parts.append(("，" if is_one_day else "；").join(f"{d} {t}" for d, t in days))
    return "；".join(p for p in parts if p)


def _exception(header: str, text: str) -> str:
    """Write what a column 休息日 or 节假日是否开放 says as a part of the hours."""
    if "是否" not in header:
        return f"{text.replace('每', '')}休息"
    is_open = words.is_yes(text) != header.endswith("休息")
    if not words.is_yes(text) and text not in _NO:
        return f"节假日{text}"
    return "节假日照常" if is_open else "节假日休息"


def _told_in_notes(
    columns: ColumnMap, texts: Mapping[str, Texts], has_hours: NDArray[np.bool_]
) -> Iterator[ReadColumn]:
    """Warn of remarks that say of some days or a season what the hours do not say."""
    for note in columns.of("note"):
        few = ReadColumn.of_few(note.header, texts[note.header], _on_hours, otherwise="")
        shown = Texts(few.texts.distinct, np.where(has_hours, few.texts.which, 0))
        yield replace(few, texts=shown)


def _on_hours(text: str) -> Reading | None:
    if not _SAYS_WHEN.search(text):
        return None
    return Reading("", doubts=(Doubt("hours_in_note", _IN_NOTE, details={"value": text}),))


def _staff(columns: ColumnMap, texts: Mapping[str, Texts], n: int) -> ReadColumn:
    header = columns.header("staff_hours")

    def read(text: str) -> Reading:
        if says_nothing(text):
            return Reading("")
        hours = to_opening_hours(text)
        if hours is None:
            return Reading(
                "", doubts=(Doubt("hours_not_understood", _NOT_UNDERSTOOD, details={"text": text}),)
            )
        return Reading(hours, "hours" if hours != text else "")

    if header is None:
        return ReadColumn.absent(n, "")
    return ReadColumn.of(header, texts[header], read)


def _is_opening_hours(text: str) -> bool:
    try:
        return bool(check_hours(text))
    except InvalidInputError:
        return False

"""Read when a station is open, from one column or from several that say it together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geodata.errors import InvalidInputError
from geodata.hours import check_hours
from geodata.importers.cells import clock_of, says_nothing
from geodata.importers.how import Doubt, Part, ReadColumn, Reading, Texts, as_written, combined
from geodata.importers.mapping import Column, ColumnMap
from geodata.importers.opening_text import to_hours_and_staff, to_opening_hours

_NOT_UNDERSTOOD = (
    "row {row}: the hours {text} are not understood and count as unknown; "
    "write them like 周一至周五 09:00-17:00"
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
    return Part(values, given, (door, staff))


def _door(used: Sequence[Column], texts: Mapping[str, Texts], n: int) -> ReadColumn:
    cells_of = [ReadColumn.of(c.header, texts[c.header], as_written) for c in used]
    which, combinations = combined(cells_of or [ReadColumn.absent(n, "")])
    readings, said = [], []
    for cells in combinations:
        pairs = zip(used, cells, strict=False)
        saying = [(c, t) for c, t in pairs if t and not says_nothing(t)]
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
    is_one_day = all(d in _PARTS_OF_DAY for d, _ in days)
    parts.append(("，" if is_one_day else "；").join(f"{d} {t}" for d, t in days))
    return "；".join(p for p in parts if p)


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

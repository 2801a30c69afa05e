"""Read an inspection sheet that was filled in on the spot; `exporters.inspection` writes it.

Two sheets: one row a station, one row a facility. What was printed tells which station it is; only
the columns meant to be filled in are taken over, and rows without anything in them are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import workbook
from geodata.importers.cells import day_of, text_of
from geodata.importers.opening_text import to_opening_hours
from geodata.importers.sheets import Sheet
from geodata.importers.table import opened
from geodata.importers.words import entry_of
from geodata.services import services

STATION_SHEET, FACILITY_SHEET = "站点", "设施"

RESULT_WORDS = {
    "in_order": "一切正常",
    "faulty": "有问题",
    "shut": "锁门",
    "gone": "已不在",
    "refused": "不让进",
}
"""The results of `geodata.inspections`, as the sheet says them."""

STATE_WORDS = {"working": "正常", "broken": "损坏", "suspended": "停用", "absent": "没有"}
"""What a facility can be found as; ``absent`` means that the station has it no more."""

FILLED = ("inspected_on", "who", "result", "seen_hours", "seen_entry", "note")
FILLED_FACILITY = ("state", "expires_on", "note")
"""The columns that are filled in on the spot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledFacility:
    """What was found of one facility; empty where nothing was filled in.

    Attributes
    ----------
    state
        A key of `STATE_WORDS`.
    expires_on
        ISO date.
    """

    key: str
    state: str = ""
    expires_on: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledStation:
    """What was found at one station.

    Attributes
    ----------
    row
        As a person counts it in the sheet.
    inspected_on
        ISO date.
    result
        One of `geodata.inspections.INSPECTION_RESULTS`.
    hours, hours_text
        The hours as found, as ``opening_hours`` and as written; empty when they are as recorded.
    entry
        One of `geodata.records.ENTRY_MODES`; empty when it is as recorded.
    """

    station_id: str
    row: int
    inspected_on: str
    who: str
    result: str
    hours: str = ""
    hours_text: str = ""
    entry: str = ""
    note: str = ""
    facilities: tuple[FilledFacility, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledSheet:
    """A sheet as it came back.

    Attributes
    ----------
    stations
        Those that can be taken over, in the order of the sheet.
    findings
        By row; a row with an ``error`` is not among `stations`.
    """

    stations: tuple[FilledStation, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of a sheet: its number and its texts by the name of the column."""

    number: int
    texts: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")


@dataclass(slots=True)
class _Reading:
    """The findings so far."""

    findings: list[Finding] = field(default_factory=list)

    def add(self, row: _Row, column: str, code: str, template: str, **details: object) -> None:
        """Refuse a row."""
        self.findings.append(
            Finding(code, template, details, "file", row.number, column, severity="error")
        )


def read_inspections(path: Path, *, known_ids: Sequence[str], today: date) -> FilledSheet:
    """Read a filled sheet.

    Parameters
    ----------
    path
        An ``.xlsx`` file made by `exporters.inspection.write_workbook`.
    known_ids
        Ids of the stations in the register.
    today
        Nothing can have been found after this day.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When it cannot be read or is no inspection sheet.
    """
    with opened(path, (".xlsx",)) as file:
        sheets = {sheet.name: sheet for sheet in workbook.read(path, file, None)}
    if STATION_SHEET not in sheets:
        raise InvalidInputError(
            "{path} has no sheet {name}; fill in a sheet made by `yizhan stations inspection`",
            path=path.name,
            name=STATION_SHEET,
        )
    reading = _Reading()
    facilities = _facilities(sheets.get(FACILITY_SHEET, Sheet()), reading)
    stations: dict[str, FilledStation] = {}
    for row in _rows(sheets[STATION_SHEET], "result"):
        found = _station(row, set(known_ids), today, facilities, reading)
        if found is not None and found.station_id in stations:
            template = "station {id} stands twice in the sheet; keep one row"
            reading.add(row, "id", "repeated", template, id=found.station_id)
        elif found is not None:
            stations[found.station_id] = found
    _check_used(facilities, stations, reading)
    ordered = sorted(reading.findings, key=lambda f: f.row or 0)
    return FilledSheet(stations=tuple(stations.values()), findings=tuple(ordered))


def _rows(sheet: Sheet, needed: str) -> Iterator[_Row]:
    """Give the rows under the header: the first row that names ``id`` and a column needed."""
    names: dict[int, str] = {}
    for number, cells in sheet.rows:
        texts = [text_of(cell).strip() for cell in cells]
        if not names:
            heads = [text.split()[-1] if text else "" for text in texts]
            if "id" in heads and needed in heads:
                names = dict(enumerate(heads))
            continue
        yield _Row(number, {names.get(k, ""): text for k, text in enumerate(texts) if text})


def _station(
    row: _Row,
    known: set[str],
    today: date,
    facilities: Mapping[str, list[tuple[_Row, FilledFacility]]],
    reading: _Reading,
) -> FilledStation | None:
    station_id = row["id"]
    is_filled = any(row[name] for name in FILLED) or station_id in facilities
    if not station_id or not is_filled:
        return None
    before = len(reading.findings)
    if station_id not in known:
        template = "there is no station {id}; do not change the first column"
        reading.add(row, "id", "unknown_station", template, id=station_id)
    found = FilledStation(
        station_id=station_id,
        row=row.number,
        inspected_on=_day(row, today, reading),
        who=_who(row, reading),
        result=_word(row, "result", RESULT_WORDS, reading, is_needed=True),
        hours=_hours(row, reading),
        hours_text=row["seen_hours"],
        entry=_entry(row, reading),
        note=row["note"],
        facilities=tuple(one for _, one in facilities.get(station_id, [])),
    )
    return found if len(reading.findings) == before else None


def _facilities(sheet: Sheet, reading: _Reading) -> dict[str, list[tuple[_Row, FilledFacility]]]:
    """Give what was filled in about facilities, by station."""
    found: dict[str, list[tuple[_Row, FilledFacility]]] = {}
    for row in _rows(sheet, "state"):
        if not row["id"] or not any(row[name] for name in FILLED_FACILITY):
            continue
        before = len(reading.findings)
        key = row["facility"]
        if key not in services():
            template = "there is no facility {key}; do not change the columns on the left"
            reading.add(row, "facility", "unknown_facility", template, key=key or "?")
        state = _word(row, "state", STATE_WORDS, reading)
        expires_on = day_of(row["expires_on"])
        if expires_on is None:
            template = "{text} is no day; write it like 2026-09-20"
            reading.add(row, "expires_on", "no_day", template, text=row["expires_on"])
        if len(reading.findings) == before:
            one = FilledFacility(
                key=key, state=state, expires_on=expires_on or "", note=row["note"]
            )
            found.setdefault(row["id"], []).append((row, one))
    return found


def _check_used(
    facilities: Mapping[str, list[tuple[_Row, FilledFacility]]],
    stations: Mapping[str, FilledStation],
    reading: _Reading,
) -> None:
    """Say which facilities are lost because the row of their station cannot be taken over."""
    for station_id, rows in facilities.items():
        for row, one in rows if station_id not in stations else ():
            template = "{facility} of station {id} is not taken over: its row in {sheet} is not"
            details = {"facility": one.key, "id": station_id, "sheet": STATION_SHEET}
            reading.add(row, "state", "station_refused", template, **details)


def _day(row: _Row, today: date, reading: _Reading) -> str:
    day = day_of(row["inspected_on"])
    if not day:
        template = "{text} is no day; write when somebody was there, like 2026-09-20"
        reading.add(row, "inspected_on", "no_day", template, text=row["inspected_on"] or "?")
    elif day > today.isoformat():
        template = "{day} has not come yet; write when somebody was there"
        reading.add(row, "inspected_on", "future_day", template, day=day)
    return day or ""


def _who(row: _Row, reading: _Reading) -> str:
    if not row["who"]:
        template = "nobody is named for station {id}; write who was there"
        reading.add(row, "who", "nobody", template, id=row["id"])
    return row["who"]


def _word(
    row: _Row,
    column: str,
    words: Mapping[str, str],
    reading: _Reading,
    *,
    is_needed: bool = False,
) -> str:
    text = row[column]
    known = {word: key for key, word in words.items()} | {key: key for key in words}
    if text in known or (not text and not is_needed):
        return known.get(text, "")
    template = "{text} is not one of {words}; choose from the list"
    reading.add(
        row, column, "unknown_word", template, text=text or "?", words="、".join(words.values())
    )
    return ""


def _hours(row: _Row, reading: _Reading) -> str:
    hours = to_opening_hours(row["seen_hours"])
    if hours is None:
        template = "the hours {text} are not understood; write them like 周一至周五 8:30-17:30"
        reading.add(row, "seen_hours", "hours_unreadable", template, text=row["seen_hours"])
    return hours or ""


def _entry(row: _Row, reading: _Reading) -> str:
    if not row["seen_entry"]:
        return ""
    entry = entry_of(row["seen_entry"])
    if entry is None:
        template = "{text} is no way in; choose from the list"
        reading.add(row, "seen_entry", "unknown_word", template, text=row["seen_entry"])
    return entry or ""

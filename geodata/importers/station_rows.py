"""Read one row of a stations table into one record, with a finding for each doubt."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geodata.checks import Finding, Severity
from geodata.errors import InvalidInputError
from geodata.frames import FRAMES
from geodata.hours import check_hours
from geodata.importers import words
from geodata.importers.cells import amount_of, day_of, is_mobile, number_of, text_of
from geodata.importers.opening_text import to_opening_hours
from geodata.importers.positions import Positions
from geodata.records import STATION_COLUMNS

DEFAULT_SOURCE = "import"
"""Source of stations whose file and sender name none."""

MAX_TEXT = 2000
"""Longest text of a cell, in characters."""

_SAMPLE = ("示例数据", "sample data")
_TEXTS = ("address", "district", "host", "phone")

_Note = Callable[..., None]


@dataclass(frozen=True, slots=True)
class StationRow:
    """One row: the columns of a station, which of them it speaks about, and the findings."""

    record: dict[str, Any]
    given: frozenset[str]
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        """Whether a finding refuses the row."""
        return any(f.severity == "error" for f in self.findings)


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads one row after the other.

    Attributes
    ----------
    headers
        Header of each field of ``words.toml`` that the table has.
    source
        Source of all rows; None takes it from the row.
    positions
        Where the rows are.
    """

    headers: Mapping[str, str]
    source: str | None
    positions: Positions

    def read(self, row: int, at: int, values: Mapping[str, object]) -> StationRow:
        """Read the cells of a row.

        Parameters
        ----------
        row
            Its number as a person counts it in the file.
        at
            Its place in the table, from 0.
        values
            Its cells by header.
        """
        found: list[Finding] = []

        def note(
            field: str, code: str, template: str, severity: Severity = "warning", **details: object
        ) -> None:
            header = self.headers.get(field, field)
            details = {"row": row, "column": header, **details}
            found.append(Finding(code, template, details, "file", row, header, severity))

        text = {f: text_of(values.get(h)) for f, h in self.headers.items()}
        for field, value in text.items():
            if len(value) > MAX_TEXT:
                note(
                    field,
                    "text_too_long",
                    "row {row}: {column} has {n} characters; at most {most} are kept, shorten it",
                    "error",
                    n=len(value),
                    most=MAX_TEXT,
                )
        record = self._place(text, at)
        record |= {f: text.get(f, "") for f in _TEXTS}
        record |= _identity(text, record, note)
        record |= _hours(text, note)
        record |= _choices(text, note)
        record |= {f: _amount(f, text.get(f, ""), note) for f in ("area_m2", "seats")}
        record["verified_on"] = _day(text.get("verified_on", ""), note)
        sample = text.get("note", "").casefold()
        record["is_synthetic"] = words.is_yes(text.get("is_synthetic", "")) or any(
            word in sample for word in _SAMPLE
        )
        if is_mobile(record["phone"]):
            note(
                "phone",
                "private_phone",
                "row {row}: the phone is a mobile number; make sure that it is not a private one",
            )
        return StationRow(record, _given(text), tuple(found))

    def _place(self, text: Mapping[str, str], at: int) -> dict[str, Any]:
        """Give position, source and the original pair; a file of ours brings its own original."""
        where = self.positions
        frame, x, y = where.frame, where.x[at], where.y[at]
        original = [number_of(text.get(f, "")) for f in ("source_x", "source_y")]
        if text.get("source_frame") in FRAMES and not any(map(math.isnan, original)):
            frame, (x, y) = text["source_frame"], original
        return {
            "lon_deg": where.lon_deg[at],
            "lat_deg": where.lat_deg[at],
            "source": self.source or text.get("source") or DEFAULT_SOURCE,
            "source_frame": frame,
            "source_x": float(x),
            "source_y": float(y),
        }


def _given(text: Mapping[str, str]) -> frozenset[str]:
    """Give the columns that the row fills; hours come with their text."""
    given = {field for field, value in text.items() if value and field in STATION_COLUMNS}
    return frozenset(
        given | ({"hours", "hours_text"} if given & {"hours", "hours_text"} else set())
    )


def _identity(text: Mapping[str, str], record: Mapping[str, Any], note: _Note) -> dict[str, str]:
    """Give id and name; a row without an id gets one from its name and rounded position."""
    key = text.get("id", "")
    named_by = "name" if "name" in text else "id"
    name = text[named_by]
    if not name:
        note(
            named_by,
            "missing_name",
            "row {row}: {column} is empty; every station needs one",
            "error",
        )
    if not key and name:
        key = made_id(name, lon_deg=record["lon_deg"], lat_deg=record["lat_deg"])
    return {"id": key, "name": name}


def made_id(name: str, *, lon_deg: float, lat_deg: float) -> str:
    """Give the id of a place that states none: the same for the same name and rounded position."""
    place = f"{lon_deg:.4f},{lat_deg:.4f}"
    return "s" + hashlib.sha256(f"{words.plain(name)}|{place}".encode()).hexdigest()[:10]


def _hours(text: Mapping[str, str], note: _Note) -> dict[str, str]:
    """Give the hours as opening_hours and as the source wrote them."""
    hours, written = text.get("hours", ""), text.get("hours_text", "")
    if "hours_text" in text and _is_opening_hours(hours):
        return {"hours": hours, "hours_text": written}
    written = written or hours
    understood = to_opening_hours(hours or written)
    if understood is None:
        note(
            "hours",
            "hours_not_understood",
            "row {row}: the hours {text} are not understood and count as unknown; "
            "write them like 周一至周五 09:00-17:00",
            text=written,
        )
    return {"hours": understood or "", "hours_text": written}


def _is_opening_hours(text: str) -> bool:
    try:
        return bool(check_hours(text))
    except InvalidInputError:
        return False


def _choices(text: Mapping[str, str], note: _Note) -> dict[str, Any]:
    """Give facilities, entry, status and kind in our words."""
    facilities, unknown = words.facilities_of(text.get("facilities", ""))
    if unknown:
        note(
            "facilities",
            "unknown_facility",
            "row {row}: {column} names {words}, which is not known and was left out",
            words="、".join(unknown),
        )
    entry = words.entry_of(text.get("entry") or "unknown")
    if entry is None:
        note(
            "entry",
            "unknown_entry",
            "row {row}: {column} {value} is not known and counts as unknown; "
            "write for example 直接进入, 扫码 or 询问工作人员",
            value=text["entry"],
        )
    kind = words.kind_of(text.get("kind") or "co_built")
    if kind is None:
        note(
            "kind",
            "unknown_kind",
            "row {row}: {column} {value} is not known and counts as 共建; "
            "write for example 自建, 智能, 旗舰 or 流动",
            value=text["kind"],
        )
    status = words.status_of(text.get("status") or "open")
    if status is None:
        note(
            "status",
            "unknown_status",
            "row {row}: {column} {value} is not known; write 开放, 暂停, 在建, 规划, 迁移 or 撤销",
            "error",
            value=text["status"],
        )
    return {
        "facilities": facilities,
        "entry": entry or "unknown",
        "kind": kind or "co_built",
        "status": status or "open",
    }


def _amount(field: str, text: str, note: _Note) -> float:
    amount = amount_of(text)
    if amount is None:
        note(
            field,
            "bad_number",
            "row {row}: {column} {value} is not a number of 0 or more and counts as unknown",
            value=text,
        )
        return math.nan
    return amount


def _day(text: str, note: _Note) -> str:
    day = day_of(text)
    if day is None:
        note(
            "verified_on",
            "bad_date",
            "row {row}: {column} {value} is not a date and was left out; write it like 2026-09-01",
            value=text,
        )
    return day or ""

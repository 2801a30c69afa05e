"""Write the inspection sheet: a workbook to fill in and read back, or a PDF to fill in by pen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import xlsxwriter

from geodata.errors import InvalidInputError
from geodata.exporters.draft import finished
from geodata.exporters.headers import SAMPLE_NOTE, spoken
from geodata.exporters.typeset import pdf
from geodata.importers.inspections import (
    FACILITY_SHEET,
    RESULT_WORDS,
    STATE_WORDS,
    STATION_SHEET,
)
from geodata.records import ENTRY_MODES, Station
from geodata.services import services

MAX_ROWS = 20_000
"""Stations on one sheet; more is nobody's round."""

_OPTIONS = {
    "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "strings_to_numbers": False,
}  # fmt: skip
_TITLE = "工会驿站核实单"
_PRINTED = {
    "id": ("编号", 12), "name": ("名称", 26), "address": ("地址", 24), "district": ("所属区", 10),
    "hours": ("登记的开放时间", 24), "entry": ("登记的进入方式", 14),
    "verified_on": ("上次核实", 11), "why": ("要查什么", 40),
}  # fmt: skip
_TO_FILL = {
    "inspected_on": ("核实日期", 12), "who": ("核实人", 10), "result": ("结果", 10),
    "seen_hours": ("实际开放时间（不同才填）", 24), "seen_entry": ("实际进入方式（不同才填）", 16),
    "note": ("备注", 30),
}  # fmt: skip
_FACILITY_PRINTED = {
    "id": ("编号", 12), "name": ("名称", 26), "label": ("设施", 16), "facility": ("设施代码", 18),
    "recorded": ("登记状态", 10), "expires_recorded": ("登记的有效期至", 14),
}  # fmt: skip
_FACILITY_TO_FILL = {
    "state": ("现状", 10), "expires_on": ("有效期至", 12), "note": ("备注", 30),
}  # fmt: skip
_HOW_TO = (
    "怎样使用本表",
    "1. 到现场后只填黄色的列；左边的列请不要改动，也不要删除列。没有去的站点留空。",
    "2. 每个去过的站点都要填核实日期、核实人和结果；开放时间、进入方式与登记相同的不用填。",
    "3. 在“设施”表里填有变化的设施：现状从下拉列表选择；药品等填有效期至。",
    "4. 填好后保存，用 yizhan stations inspected 文件名 --apply 写入登记。",
)


def write_workbook(
    path: Path, stations: Sequence[Station], why: Mapping[str, Sequence[str]], *, day: date
) -> None:
    """Write the sheet as a workbook that `importers.inspections` reads back.

    Parameters
    ----------
    path
        File to write, ``.xlsx``; replaced as a whole when it exists.
    stations
        In the order of the round.
    why
        What to look at, in the reader's words, by station id.
    day
        When the sheet was made.

    Raises
    ------
    InvalidInputError
        When there is no station, or more than `MAX_ROWS`.
    NotFoundError, UnavailableError
        When `path` cannot be written, see `draft.finished`.
    """
    _check(stations)
    with finished(path) as draft:
        book = xlsxwriter.Workbook(str(draft), _OPTIONS)
        book.set_properties({"title": _TITLE, "comments": day.isoformat()})
        rows = [_station_row(station, why.get(station.id, ())) for station in stations]
        lists = {
            "result": list(RESULT_WORDS.values()),
            "seen_entry": [spoken("entry", mode) for mode in ENTRY_MODES],
        }
        _fill(book, STATION_SHEET, {**_PRINTED}, {**_TO_FILL}, rows, lists)
        facilities = [row for station in stations for row in _facility_rows(station)]
        states = {"state": list(STATE_WORDS.values())}
        _fill(book, FACILITY_SHEET, _FACILITY_PRINTED, _FACILITY_TO_FILL, facilities, states)
        _write_notes(book, stations)
        book.close()


def write_pdf(
    path: Path, stations: Sequence[Station], why: Mapping[str, Sequence[str]], *, day: date
) -> None:
    """Write the sheet as a PDF for the pen; parameters and errors as `write_workbook`.

    Raises
    ------
    UnavailableError
        Also when no Chinese typeface is installed.
    """
    _check(stations)
    sample = SAMPLE_NOTE.partition(" / ")[0] if any(s.is_synthetic for s in stations) else ""
    data = {
        "title": _TITLE,
        "day": day.isoformat(),
        "about": f"共 {len(stations)} 个站点，按需要查看的先后排列。只写看到的；没有变化的不用写。",
        "note": "填好后请录入核实表（XLSX）并用 yizhan stations inspected 写入登记",
        "sample": sample,
        "words": {
            "why": "要查",
            "result": "结果",
            "day": "核实日期",
            "who": "核实人",
            "hours": "实际开放时间",
            "note": "备注",
        },
        "results": list(RESULT_WORDS.values()),
        "states": [STATE_WORDS[state] for state in ("working", "broken", "absent")],
        "stations": [
            _block(rank, station, why.get(station.id, ()))
            for rank, station in enumerate(stations, start=1)
        ],
    }
    template = files("geodata.exporters").joinpath("inspection.typ").read_text("utf-8")
    with finished(path) as draft:
        draft.write_bytes(pdf(template, data))


def _check(stations: Sequence[Station]) -> None:
    if not stations:
        raise InvalidInputError(
            "there is no station to put on the sheet; choose another district or leave it out"
        )
    if len(stations) > MAX_ROWS:
        raise InvalidInputError(
            "{n} stations are too many for one sheet; at most {limit}, so choose a district",
            n=len(stations),
            limit=MAX_ROWS,
        )


def _station_row(station: Station, why: Sequence[str]) -> dict[str, str]:
    return {
        "id": station.id,
        "name": station.name,
        "address": station.address,
        "district": station.district,
        "hours": station.hours_text or station.hours,
        "entry": spoken("entry", station.entry),
        "verified_on": station.verified_on,
        "why": "；".join(why),
    }


def _facility_rows(station: Station) -> list[dict[str, str]]:
    """Give a row for each facility of a station."""
    return [
        {
            "id": station.id,
            "name": station.name,
            "label": services()[key].zh,
            "facility": key,
            "recorded": STATE_WORDS[state],
            "expires_recorded": expires_on,
        }
        for key, state, expires_on in _facilities(station)
    ]


def _facilities(station: Station) -> list[tuple[str, str, str]]:
    """Give key, state and day of expiry of each facility, in the order of the taxonomy."""
    offers = {offer.key: offer for offer in station.offers}
    has = {*station.facilities, *offers}
    known = [key for key in services() if key in has]
    return [
        (key, offers[key].state, offers[key].expires_on) if key in offers else (key, "working", "")
        for key in known
    ]


def _block(rank: int, station: Station, why: Sequence[str]) -> dict[str, Any]:
    facts = (
        ("地址", station.address),
        ("主办", station.host),
        ("开放时间", station.hours_text or station.hours or "没有登记"),
        ("进入方式", spoken("entry", station.entry)),
        ("上次核实", station.verified_on or "从未"),
        ("电话", station.phone),
    )
    return {
        "rank": str(rank),
        "id": station.code or station.id,
        "name": station.name,
        "facts": [list(fact) for fact in facts if fact[1]],
        "reasons": list(why),
        "facilities": [
            {"name": services()[key].zh, "note": _remark(state, expires_on)}
            for key, state, expires_on in _facilities(station)
        ],
    }


def _remark(state: str, expires_on: str) -> str:
    parts = [STATE_WORDS[state]] if state != "working" else []
    return "，".join([*parts, *([f"有效期至 {expires_on}"] if expires_on else [])])


def _fill(
    book: Any,
    name: str,
    printed: Mapping[str, tuple[str, int]],
    to_fill: Mapping[str, tuple[str, int]],
    rows: Sequence[Mapping[str, str]],
    lists: Mapping[str, Sequence[str]],
) -> None:
    """Write a sheet: what is printed is locked, what is filled in is yellow and open."""
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    yellow = {"bg_color": "#FFF8D6", "border": 4, "border_color": "#C9B458"}
    blank = book.add_format({**yellow, "locked": False, "valign": "top", "num_format": "@"})
    head_yellow = book.add_format({"bold": True, "text_wrap": True, "valign": "top", **yellow})
    columns = {**printed, **to_fill}
    for k, (key, (title, width)) in enumerate(columns.items()):
        sheet.set_column(k, k, width)
        sheet.write_string(0, k, f"{title} {key}", head_yellow if key in to_fill else head)
        for r, row in enumerate(rows, start=1):
            if key in to_fill:
                sheet.write_blank(r, k, None, blank)
            else:
                sheet.write_string(r, k, row[key], plain)
        if key in lists and rows:
            sheet.data_validation(1, k, len(rows), k, {"validate": "list", "source": lists[key]})
    sheet.freeze_panes(1, 2)
    sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write_notes(book: Any, stations: Sequence[Station]) -> None:
    sheet = book.add_worksheet("说明")
    sheet.set_column(0, 0, 100)
    lines = (*_HOW_TO, *([SAMPLE_NOTE] if any(s.is_synthetic for s in stations) else []))
    for r, line in enumerate(lines):
        sheet.write_string(r, 0, line)

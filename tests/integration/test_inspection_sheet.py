"""The inspection sheet: printed, filled in, read back; and the commands of the union's round."""

from __future__ import annotations

import json
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from support import hostile, small_city
from support.shell import yizhan

from geodata.errors import InvalidInputError, UnavailableError
from geodata.exporters import typeset
from geodata.exporters.inspection import write_pdf, write_workbook
from geodata.importers.inspections import FilledSheet, read_inspections
from geodata.inspections import INSPECTION_RESULTS
from geodata.records import Offer
from geodata.reports import Report
from geodata.store import Store, open_store
from stations.catalogue import to_stations

NOW = datetime(2026, 9, 14, 9, 0)
DAY = "2026-09-12"
STATIONS = [
    replace(
        station, facilities=tuple(sorted({*station.facilities, "first_aid_kit"})),
        offers=(Offer(key="first_aid_kit", expires_on="2026-08-01"),),
    )
    if station.id == "s01"
    else station
    for station in small_city.stations()
]  # fmt: skip
WHY = {"s01": ["更换：应急药箱，2026-08-01 已过期"]}
IDS = [station.id for station in STATIONS]

Cells = Mapping[tuple[str, str], str]
"""What to write: by id of the station (and facility after a slash) and column."""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Give a sheet as it is printed."""
    path = tmp_path / "核实单.xlsx"
    write_workbook(path, STATIONS, WHY, day=NOW.date())
    return path


def _fill(path: Path, cells: Cells) -> Path:
    """Fill cells in, as an office program does."""
    book = openpyxl.load_workbook(path)
    left = dict(cells)
    for sheet in (book["站点"], book["设施"]):
        heads = [str(cell.value).split()[-1] for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            values = {head: cell.value for head, cell in zip(heads, row, strict=True)}
            name = f"{values['id']}/{values['facility']}" if "facility" in values else values["id"]
            for (target, column), value in cells.items():
                if target == name and column in heads:
                    row[heads.index(column)].value = value
                    left.pop((target, column), None)
    assert not left, left
    book.save(path)
    return path


def _read(path: Path) -> FilledSheet:
    return read_inspections(path, known_ids=IDS, today=NOW.date())


def _visit(station: str = "s01", **more: str) -> dict[tuple[str, str], str]:
    cells = {"inspected_on": DAY, "who": "王五", "result": "一切正常", **more}
    return {(station, column): value for column, value in cells.items()}


def test_an_untouched_sheet_says_nothing(sheet: Path) -> None:
    """Rows that nobody filled in are no inspections."""
    assert _read(sheet) == FilledSheet(stations=(), findings=())


def test_what_is_filled_in_comes_back(sheet: Path) -> None:
    """Day, name, result, hours, way in, note and facilities, each as it was meant."""
    cells = _visit(seen_hours="周一至周五 8:30-17:30", seen_entry="扫码", note="门口在修路")
    cells |= _visit("s02", inspected_on="2026年9月1日", result="锁门")
    cells |= {("s01/first_aid_kit", "expires_on"): "2027/8/1", ("s01/microwave", "state"): "损坏"}
    read = _read(_fill(sheet, cells))
    assert read.findings == ()
    first, second = read.stations
    assert (first.station_id, first.inspected_on, first.who, first.result) == (
        "s01",
        DAY,
        "王五",
        "in_order",
    )
    assert (first.hours, first.hours_text) == ("Mo-Fr 08:30-17:30", "周一至周五 8:30-17:30")
    assert (first.entry, first.note) == ("qr", "门口在修路")
    assert {(f.key, f.state, f.expires_on) for f in first.facilities} == {
        ("first_aid_kit", "", "2027-08-01"), ("microwave", "broken", ""),
    }  # fmt: skip
    assert (second.station_id, second.inspected_on, second.result) == ("s02", "2026-09-01", "shut")


def test_every_choice_of_the_lists_is_understood(sheet: Path) -> None:
    """What the drop-down lists of the sheet offer is what the reader takes, all of it."""
    book = openpyxl.load_workbook(sheet)
    offered: dict[str, list[str]] = {}
    for name in ("站点", "设施"):
        heads = [str(cell.value).split()[-1] for cell in book[name][1]]
        for rule in book[name].data_validations.dataValidation:
            column = heads[next(iter(rule.sqref.ranges)).min_col - 1]
            offered[column] = rule.formula1.strip('"').split(",")
    assert set(offered) == {"result", "seen_entry", "state"}
    assert len(offered["result"]) == len(INSPECTION_RESULTS)
    for column, words in offered.items():
        for word in words:
            key = ("s01/microwave", "state") if column == "state" else ("s01", column)
            read = _read(_fill(sheet, {**_visit(), key: word}))
            assert read.findings == (), word
            assert len(read.stations) == 1


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        (_visit(inspected_on=""), "no_day", "inspected_on"),
        (_visit(inspected_on="上周"), "no_day", "inspected_on"),
        (_visit(inspected_on="2026-09-15"), "future_day", "inspected_on"),
        (_visit(who=""), "nobody", "who"),
        (_visit(result=""), "unknown_word", "result"),
        (_visit(result="还行"), "unknown_word", "result"),
        (_visit(seen_hours="看心情"), "hours_unreadable", "seen_hours"),
        (_visit(seen_entry="翻窗"), "unknown_word", "seen_entry"),
        ({("s01/microwave", "state"): "损坏"}, "no_day", "inspected_on"),
    ],
)
def test_a_station_that_cannot_be_taken_over_is_named_by_row_and_column(
    sheet: Path, cells: Cells, code: str, column: str
) -> None:
    """A bad cell refuses its row with a sentence, and the other rows are taken over all the same."""
    read = _read(_fill(sheet, {**cells, **_visit("s03")}))
    assert (code, column) in [(f.code, f.column) for f in read.findings]
    assert all(f.row and f.severity == "error" and "{" not in f.message for f in read.findings)
    assert [s.station_id for s in read.stations] == ["s03"]


@pytest.mark.parametrize(
    ("cell", "text", "code"),
    [("state", "半坏", "unknown_word"), ("expires_on", "明年", "no_day")],
)
def test_a_facility_that_cannot_be_taken_over_leaves_its_station(
    sheet: Path, cell: str, text: str, code: str
) -> None:
    """The facility is named and left as it was; what was found of the station counts."""
    read = _read(_fill(sheet, {**_visit(), ("s01/microwave", cell): text}))
    assert [(f.code, f.column) for f in read.findings] == [(code, cell)]
    (found,) = read.stations
    assert (found.station_id, found.facilities) == ("s01", ())


def test_a_station_that_is_not_known_and_one_that_stands_twice_are_refused(sheet: Path) -> None:
    """Somebody wrote into the first column: the row is named, nothing is guessed."""
    book = openpyxl.load_workbook(_fill(sheet, _visit("s01") | _visit("s02") | _visit("s03")))
    book["站点"]["A3"].value = "s01"
    book["站点"]["A4"].value = "x99"
    book.save(sheet)
    read = _read(sheet)
    assert [s.station_id for s in read.stations] == ["s01"]
    assert [(f.row, f.code) for f in read.findings] == [(3, "repeated"), (4, "unknown_station")]


def test_another_workbook_is_no_inspection_sheet(tmp_path: Path) -> None:
    """A list of stations, or a damaged file, is refused with a sentence that says what to do."""
    book = openpyxl.Workbook()
    book.active.append(["编号", "名称"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InvalidInputError, match="yizhan stations inspection"):
        _read(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 100)
    with pytest.raises(InvalidInputError):
        _read(tmp_path / "b.xlsx")


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """No formula, no link and no typst: the sheet holds the names as they are recorded."""
    names = [*hostile.PAYLOADS, "=HYPERLINK(1)", "#panic()", "$x$ *b* _i_ @ref <l> \\u{41} `c`"]
    records = [replace(STATIONS[1], id=f"x{k}", name=name) for k, name in enumerate(names)]
    write_workbook(tmp_path / "a.xlsx", records, {}, day=NOW.date())
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [row[1].value for row in book["站点"].iter_rows(min_row=2)] == names
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert not any(b"<f>" in part or b"<f " in part for part in parts.values())
    assert not any("hyperlink" in name for name in parts)
    write_pdf(tmp_path / "a.pdf", records, {}, day=NOW.date())
    text = _text(tmp_path / "a.pdf")
    for name in names[-2:]:
        assert name.replace(" ", "") in text


def _text(path: Path) -> str:
    """Give the text of a PDF without blanks, as poppler reads it."""
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return "".join(done.stdout.decode().split())


def test_the_pdf_holds_every_station_with_chinese_type_inside(tmp_path: Path) -> None:
    """Names, reasons and choices can be read back, and each typeface is embedded."""
    path = tmp_path / "单.pdf"
    write_pdf(path, STATIONS, WHY, day=NOW.date())
    text = _text(path)
    for station in STATIONS:
        assert station.name in text
    for words in ("2026-08-01已过期", "一切正常", "核实日期", "示例数据，非真实站点"):
        assert words in text
    fonts = subprocess.run(["pdffonts", path], capture_output=True, check=True).stdout.decode()
    rows = fonts.splitlines()[2:]
    assert rows
    assert all(row.split()[-5] == "yes" for row in rows), fonts


def test_without_chinese_type_no_pdf_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than a page of boxes, one sentence says what to install; no file is left behind."""
    monkeypatch.setattr(typeset, "FAMILIES", ("Nobody's Sans",))
    typeset.installed.cache_clear()
    try:
        with pytest.raises(UnavailableError, match="Chinese typeface"):
            write_pdf(tmp_path / "a.pdf", STATIONS, {}, day=NOW.date())
    finally:
        typeset.installed.cache_clear()
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_needs_a_station(tmp_path: Path) -> None:
    """An empty round is refused."""
    for write in (write_workbook, write_pdf):
        with pytest.raises(InvalidInputError, match="no station"):
            write(tmp_path / "a.xlsx", [], {}, day=NOW.date())


@pytest.fixture
def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a city whose commands think it is Monday, 14 September 2026."""
    for module in ("duty", "rectify"):
        monkeypatch.setattr(f"web.commands.{module}.local_now", lambda _: NOW)
    return small_city.write(tmp_path / "city", STATIONS).folder


def _in(city: Path, look: Callable[[Store], object]) -> object:
    with open_store(f"sqlite:///{city / 'yizhan.sqlite'}") as store:
        return look(store)


def _station(city: Path, station_id: str) -> object:
    return next(
        s for s in _in(city, lambda store: to_stations(store.stations())) if s.id == station_id
    )


def test_a_round_from_the_list_to_the_register(city: Path, tmp_path: Path) -> None:
    """The duty list names the expired medicine; the filled sheet ends it, once, however often run."""
    listed = json.loads(yizhan("stations", "duty", "--city", city, "--json").out)
    (first,) = [item for item in listed if item["id"] == "s01"]
    assert "expired" in [reason["code"] for reason in first["reasons"]]
    out = tmp_path / "round.xlsx"
    assert yizhan("stations", "inspection", "--city", city, "--out", out).code == 0
    _fill(out, {**_visit(), ("s01/first_aid_kit", "expires_on"): "2027-08-01"})
    looked = json.loads(yizhan("stations", "inspected", out, "--city", city, "--json").out)
    assert looked["applied"] is False
    assert looked["stations"][0]["changes"] == ["offers", "verified_on"]
    assert _station(city, "s01").verified_on == "2026-08-02"
    for _ in range(2):
        assert yizhan("stations", "inspected", out, "--city", city, "--apply").code == 0
    seen = _station(city, "s01")
    assert seen.verified_on == DAY
    assert (seen.offers[0].expires_on, seen.offers[0].checked_on) == ("2027-08-01", DAY)
    assert len(_in(city, lambda store: store.inspections())) == 1
    assert _in(city, lambda store: store.check_audit()) is None
    again = json.loads(yizhan("stations", "duty", "--city", city, "--json").out)
    assert "s01" not in [item["id"] for item in again]


def test_the_list_can_be_cut_and_written(city: Path, tmp_path: Path) -> None:
    """A district, a limit, a workbook and a PDF; an unknown district and ending are refused."""
    east = json.loads(
        yizhan("stations", "duty", "--city", city, "--district", "东区", "--json").out
    )
    assert {item["district"] for item in east} == {"东区"}
    out = tmp_path / "list.xlsx"
    ran = yizhan("stations", "duty", "--city", city, "--limit", 2, "--out", out)
    assert ran.code == 0
    assert len(openpyxl.load_workbook(out)["站点"]["A"]) == 3
    pdf = tmp_path / "list.pdf"
    assert yizhan("stations", "inspection", "--city", city, "--out", pdf, "--limit", 3).code == 0
    assert pdf.read_bytes().startswith(b"%PDF")
    assert yizhan("stations", "duty", "--city", city, "--district", "火星").code == 3
    assert yizhan("stations", "inspection", "--city", city, "--out", tmp_path / "a.doc").code == 2


def test_workers_words_reach_the_list(city: Path) -> None:
    """What people report of a station puts it on the list, with their number and the day."""

    def report(store: Store) -> None:
        for k in range(2):
            store.add_report(
                Report(
                    station_id="s01",
                    moment=NOW - timedelta(days=1),
                    kind="locked",
                    nearness="near",
                    device=str(k),
                )
            )

    _in(city, report)
    ran = yizhan("--lang", "en", "stations", "duty", "--city", city, "--json")
    (item,) = [item for item in json.loads(ran.out) if item["id"] == "s01"]
    texts = {reason["code"]: reason["text"] for reason in item["reasons"]}
    assert texts["said_locked"] == "Reported locked: 2, the last yesterday 09:00"


def test_a_plaque_is_taken_step_by_step_and_by_name(city: Path) -> None:
    """Opened, failed twice, revoked: the register and its history say so; nothing skips a step."""
    rectify = ("stations", "rectify", "s02", "--city", city)
    assert "s02" not in yizhan(*rectify).out
    assert yizhan(*rectify, "--close", "failed", "--who", "张三").code == 3
    assert yizhan(*rectify, "--open", "三次锁门").code == 2
    assert yizhan(*rectify, "--open", "三次锁门", "--who", "张三").code == 0
    assert yizhan(*rectify, "--open", "又锁门", "--who", "张三").code == 2
    assert yizhan(*rectify, "--close", "revoked", "--who", "张三").code == 4
    assert _station(city, "s02").status == "open"
    for outcome in ("failed", "failed", "revoked"):
        assert yizhan(*rectify, "--close", outcome, "--who", "李四").code == 0
    gone = _station(city, "s02")
    assert (gone.status, gone.status_reason, gone.status_since) == (
        "revoked",
        "三次锁门",
        "2026-09-14",
    )
    cases = json.loads(yizhan(*rectify, "--json").out)["cases"]
    assert [(case["step"], case["outcome"]) for case in cases] == [
        ("rectify", "failed"), ("second_chance", "failed"), ("revoke", "revoked"),
    ]  # fmt: skip
    history = _in(city, lambda store: store.statuses("s02"))
    assert history[-1].status == "revoked"
    assert history[-1].who == "李四"
    assert yizhan("stations", "rectify", "nowhere", "--city", city).code == 3


def test_dates_of_the_sheet_may_be_real_dates(sheet: Path) -> None:
    """Office programs turn what is typed into dates of their own."""
    book = openpyxl.load_workbook(_fill(sheet, _visit()))
    cell = next(c for c in book["站点"][2] if c.value == DAY)
    cell.value, cell.number_format = date(2026, 9, 11), "yyyy-mm-dd"
    book.save(sheet)
    (found,) = _read(sheet).stations
    assert found.inspected_on == "2026-09-11"

"""``yizhan stations import, undo, mapping``: nothing without --apply, and a way back from it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from support.shell import Ran, yizhan
from support.ugly_sheets import along_the_border, districts

from geodata.city import City, CityTables, open_city, write_city
from geodata.city_settings import CitySettings
from web.commands import imports, who

HEAD = ["编号", "名称", "经度", "纬度", "开放时间", "设施", "状态"]
ROWS = [
    ["1", "甲站", 113.60, 34.75, "全天", "饮水机", "开放"],
    ["2", "乙站", 113.61, 34.75, "9:00-17:00", "空调(坏)", ""],
]


@pytest.fixture
def city(tmp_path: Path) -> City:
    """Give a city with two districts and no stations."""
    settings = CitySettings(name="甲市", name_en="City A")
    return write_city(tmp_path / "city", settings, CityTables(areas=districts()))


@pytest.fixture
def sheet(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV and give its path."""

    def write(rows: list[list[Any]], name: str = "a.csv", head: list[str] = HEAD) -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *rows])
        return path

    return write


def run(city: City, *words: object) -> Ran:
    return yizhan("stations", *words, "--city", city.folder)


def answer(city: City, *words: object) -> dict[str, Any]:
    """Import and give the answer for programs."""
    ran = run(city, "import", *words, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_the_workbook_never_replaces_the_file_that_is_read(
    city: City, sheet: Callable[..., Path]
) -> None:
    """--out with the name of the file itself is refused; the office's file stays as it was sent."""
    path = sheet(ROWS).rename(city.folder.parent / "a.xlsx")
    before = path.read_bytes()
    ran = run(city, "import", path, "--frame", "wgs84", "--out", path)
    assert ran.code == 2
    assert path.read_bytes() == before


def ids(city: City) -> list[str]:
    with open_city(city.folder).store() as store:
        return list(store.stations()["id"])


def test_nothing_changes_without_apply(city: City, sheet: Callable[..., Path]) -> None:
    """The difference is shown; the register stays as it is until --apply."""
    file = sheet(ROWS)
    found = answer(city, file, "--frame", "wgs84")
    assert (found["new"], found["refused"], found["applied"]) == (2, 0, False)
    assert ids(city) == []
    assert answer(city, file, "--frame", "wgs84", "--apply")["applied"] is True
    assert ids(city) == ["1", "2"]
    again = answer(city, file, "--frame", "wgs84", "--apply")
    assert (again["new"], again["changed"], again["vanished"]) == (0, 0, 0)


def test_the_answer_for_programs_tells_how_cells_were_read(
    city: City, sheet: Callable[..., Path]
) -> None:
    """The counts of the design stay; columns and interpreted cells are added to them."""
    found = answer(city, sheet(ROWS), "--frame", "wgs84")
    assert {"frame", "confidence", "new", "changed", "vanished", "duplicates", "refused"} <= set(
        found
    )
    assert {"header": "设施", "field": "facilities", "how": "known"} in found["columns"]
    cells = {(c["row"], c["column"]): c for c in found["interpreted"]}
    assert found["n_interpreted"] == len(cells) == 4
    assert (cells[2, "开放时间"]["became"], cells[2, "开放时间"]["rule"]) == ("24/7", "hours")
    assert cells[3, "设施"]["said"] == "空调(坏)"
    assert "空调(坏)" in cells[3, "设施"]["message"]


def test_undo_takes_the_last_import_back(city: City, sheet: Callable[..., Path]) -> None:
    """New stations go, changed ones are as they were, and the command says so."""
    assert (
        run(city, "import", sheet(ROWS), "--frame", "wgs84", "--apply", "--source", "市总").code
        == 0
    )
    other = [
        ["1", "甲站", 113.60, 34.75, "看情况", "", "撤销"],
        ["3", "丙站", 113.65, 34.8, "", "", ""],
    ]
    changed = answer(city, sheet(other, "b.csv"), "--frame", "wgs84", "--apply", "--source", "市总")
    assert (changed["new"], changed["changed"], changed["vanished"]) == (1, 1, 1)
    fields = changed["changes"][0]["fields"]
    assert fields["hours"] == ["24/7", ""]
    assert fields["status"] == ["open", "revoked"]
    with city.store() as store:
        before = store.stations().set_index("id")
    assert before.loc["1", "status"] == "revoked"
    ran = run(city, "undo", "--who", "张三")
    assert ran.code == 0
    assert "b.csv" in ran.out
    with city.store() as store:
        after = store.stations().set_index("id")
    assert list(after.index) == ["1", "2"]
    assert (after.loc["1", "status"], after.loc["1", "hours"]) == ("open", "24/7")
    told = json.loads(run(city, "undo", "--json").out)
    assert (told["file"], told["removed"]) == ("a.csv", ["1", "2"])
    assert ids(city) == []
    assert run(city, "undo").code == 3


def test_who_applied_it_is_kept(
    city: City, sheet: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by --who, else by YIZHAN_WHO, else the login name."""
    monkeypatch.setattr(who.getpass, "getuser", lambda: "login")
    words = ("--frame", "wgs84", "--apply")
    run(city, "import", sheet(ROWS[:1]), *words)
    monkeypatch.setenv("YIZHAN_WHO", "李四")
    run(city, "import", sheet(ROWS, "b.csv"), *words)
    run(
        city,
        "import",
        sheet([["3", "丙站", 113.7, 34.8, "", "", ""]], "c.csv"),
        *words,
        "--who",
        "张三",
    )
    with city.store() as store:
        assert [record.who for record in store.imports()] == ["login", "李四", "张三"]


def test_what_a_sender_calls_things_is_remembered(city: City, sheet: Callable[..., Path]) -> None:
    """A column that a person mapped once is known in the sender's next file, and can be edited."""
    head = ["编号", "地点", "经度", "纬度", "A", "B"]
    rows = [["1", "甲站", 113.6, 34.75, "有", "x"], ["2", "乙站", 113.61, 34.75, "无", "x"]]
    file = sheet(rows, head=head)
    words = (file, "--frame", "wgs84", "--source", "区总")
    first = answer(city, *words, "--map", "地点=名称", "--map", "A=微波炉", "--apply")
    assert first["new"] == 2
    assert json.loads(run(city, "mapping", "--sender", "区总", "--json").out) == {
        "地点": "name",
        "A": "facilities:microwave",
    }
    again = answer(city, *words)
    assert {c["header"]: c["how"] for c in again["columns"]}["地点"] == "remembered"
    assert (again["new"], again["changed"]) == (0, 0)
    assert (
        run(city, "mapping", "--sender", "区总", "--set", "B=address", "--set", "A=ignore").code
        == 0
    )
    assert answer(city, *words)["changes"][0]["fields"] == {"address": ["", "x"]}
    other = answer(city, file, "--frame", "wgs84", "--source", "别人")
    assert "地点" not in {c["header"] for c in other["columns"]}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--map", "没有=name"), "没有"),
        (("--map", "名称=住址簿"), "住址簿"),
        (("--map", "名称"), "名称"),
        (("--frame", "epsg:99"), "epsg:99"),
    ],
)
def test_a_wrong_option_is_one_clear_sentence(
    city: City, sheet: Callable[..., Path], words: tuple[str, ...], said: str
) -> None:
    """What cannot be meant is said with exit code 2, and nothing is written."""
    ran = run(city, "import", sheet(ROWS), *words, "--apply")
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert ids(city) == []


def test_a_frame_that_nobody_can_tell_is_asked_for(city: City, sheet: Callable[..., Path]) -> None:
    """Without districts, streets or known stations to go by, the evidence is shown and asked."""
    ran = run(city, "import", sheet(ROWS))
    assert ran.code == 2
    assert "--frame" in ran.err
    assert "gcj02" in ran.err


def test_a_frame_is_told_by_the_districts(city: City, tmp_path: Path) -> None:
    """Rows along a border show which frame they are in; the answer says how surely."""
    table = along_the_border("gcj02")
    path = tmp_path / "b.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    found = answer(city, path)
    assert found["frame"] == "gcj02"
    assert 0.9 <= found["confidence"] <= 1.0
    assert {"frame_told", "frame_evidence"} <= {f["code"] for f in found["findings"]}


def test_long_tables_are_cut(city: City, sheet: Callable[..., Path]) -> None:
    """A person sees the first rows and how many more there are."""
    rows = [[str(i), f"站{i}号", 113.5 + i / 500, 34.75, "", "", ""] for i in range(30)]
    ran = run(city, "import", sheet(rows), "--frame", "wgs84")
    assert ran.code == 0
    assert "站19号" in ran.out
    assert "站20号" not in ran.out
    assert "10" in ran.out.split("站19号")[1]


def test_a_register_that_changed_meanwhile_is_not_overwritten(
    city: City, sheet: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was compared must still be true when it is applied."""
    run(city, "import", sheet(ROWS), "--frame", "wgs84", "--apply")
    compare = imports.compare

    def slow(*args: Any, **options: Any) -> Any:
        with city.store() as other:
            other.replace_stations(other.stations().iloc[:1], moment=datetime(2026, 9, 1), who="x")
        return compare(*args, **options)

    monkeypatch.setattr(imports, "compare", slow)
    changed = [["2", "乙二站", 113.61, 34.75, "", "", ""]]
    ran = run(city, "import", sheet(changed, "b.csv"), "--frame", "wgs84", "--apply")
    assert ran.code == 4
    assert ids(city) == ["1"]


def cells_of(path: Path, sheet: str) -> list[list[Any]]:
    book = openpyxl.load_workbook(path)
    return [list(row) for row in book[sheet].iter_rows()]


def test_the_workbook_can_be_corrected_and_sent_back(
    city: City, sheet: Callable[..., Path], tmp_path: Path
) -> None:
    """Refused cells are marked with the reason; once put right, every row is accepted."""
    rows = [
        *ROWS,
        ["3", "丙站", "abc", 34.75, "=1+1", "", ""],
        ["4", "", 113.63, 34.75, "", "", ""],
        ["5", "戊站", 113.64, 34.75, "", "", "冬眠"],
        ["1", "己站", 113.65, 34.75, "", "", ""],
    ]
    out = tmp_path / "out.xlsx"
    first = answer(city, sheet(rows), "--frame", "gcj02", "--out", out)
    assert (first["new"], first["refused"]) == (2, 4)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["全部站点", "变更", "重复", "拒收", "读法", "说明"]
    table = book["全部站点"]
    head = {cell.value: cell.column for cell in table[1]}
    assert table.max_row == len(rows) + 1
    assert {c.data_type for row in book for line in row.iter_rows() for c in line} <= {"s", "n"}
    red = {
        (c.row, c.column)
        for line in table.iter_rows()
        for c in line
        if c.fill.fgColor.rgb == "FFFFC7CE"
    }
    places = {(4, "经度(GCJ-02)"), (4, "纬度(GCJ-02)"), (5, "名称"), (6, "状态"), (7, "编号")}
    assert red == {(r, head[h]) for r, h in places} | {
        (r, head["问题（请改正）"]) for r, _ in places
    }
    assert all(table.cell(r, head["问题（请改正）"]).value for r, _ in places)
    lists = {str(v.sqref).split(":")[0]: v.formula1 for v in table.data_validations.dataValidation}
    assert any("暂停" in choices for choices in lists.values())
    assert any("扫码" in choices for choices in lists.values())
    new = (34.75, 113.62, "丁站", "暂停", "6")
    for (row, header), value in zip(sorted(places), new, strict=True):
        table.cell(row, head[header]).value = value
    table.cell(4, head["开放时间"]).value = "24小时"
    book.save(out)
    again = answer(city, out, "--apply")
    assert (again["new"], again["refused"], again["frame"]) == (6, 0, "gcj02")
    assert ids(city) == ["1", "2", "3", "4", "5", "6"]


def test_rows_of_several_sheets_are_told_by_sheet(city: City, tmp_path: Path) -> None:
    """A row is named by its sheet and its number there, for programs and in the table."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for k, name in enumerate(("中原区", "金水区")):
        page = book.create_sheet(name)
        page.append(HEAD[:4])
        page.append([f"{k}1", f"甲{k}站", 113.5 + k / 5, 34.75])
        page.append([f"{k}2", f"乙{k}站", "abc", 34.75])
    book.save(tmp_path / "a.xlsx")
    found = answer(city, tmp_path / "a.xlsx", "--frame", "wgs84", "--apply")
    wrong = [f for f in found["findings"] if f["severity"] == "error"]
    assert [(f["sheet"], f["row"]) for f in wrong] == [("中原区", 3), ("金水区", 3)]
    assert "金水区 3" in run(city, "import", tmp_path / "a.xlsx", "--frame", "wgs84").out
    with city.store() as store:
        assert store.stations()["district_code"].tolist() == ["410102", "410105"]


def test_the_workbook_is_there_even_when_every_row_is_refused(
    city: City, sheet: Callable[..., Path], tmp_path: Path
) -> None:
    """Just then the office needs it."""
    out = tmp_path / "out.xlsx"
    ran = run(
        city, "import", sheet([["1", "", "", "", "", "", ""]]), "--frame", "wgs84", "--out", out
    )
    assert ran.code == 2
    assert cells_of(out, "拒收")[1][0].value == 2

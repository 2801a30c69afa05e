"""Ugly tables as offices send them, made here as real bytes, with what a person sees in them.

Each one says which rows hold places (by their number as a person counts them), what stands in some
of their cells, and what should be told about the file. What is expected was written by hand from
the sheet, not taken from what the readers give. All places are invented.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pyogrio
import xlsxwriter
from openpyxl.worksheet.worksheet import Worksheet
from shapely import LineString, MultiPoint, Point
from support import old_sheets

Cells = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Ugly:
    """A file and what is in it.

    Attributes
    ----------
    name
        As the office called it.
    content
        Its bytes.
    rows
        By row number: some cells of the row, by column.
    told
        Findings as (row, code); row None where it is about the whole.
    n_columns
        Of the table; None where it does not matter.
    frame, is_weak
        Named by the file.
    sheets
        Read, when several are.
    """

    name: str
    content: bytes
    rows: Mapping[int, Cells]
    told: tuple[tuple[int | None, str], ...] = ()
    n_columns: int | None = None
    frame: str | None = None
    is_weak: bool = False
    sheets: tuple[str, ...] = ()
    findings_say: tuple[str, ...] = field(default=())


def text(*lines: str, encoding: str = "utf-8", end: str = "\r\n") -> bytes:
    return (end.join(lines) + end).encode(encoding)


def book(*sheets: Callable[[Worksheet], None], titles: tuple[str, ...] = ()) -> bytes:
    data = io.BytesIO()
    made = openpyxl.Workbook()
    assert made.active is not None
    made.remove(made.active)
    for i, fill in enumerate(sheets):
        fill(made.create_sheet(titles[i] if i < len(titles) else f"Sheet{i + 1}"))
    made.save(data)
    return data.getvalue()


def zipped(**parts: bytes) -> bytes:
    return zipped_as(parts)


def zipped_as(parts: Mapping[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return data.getvalue()


# Text ---------------------------------------------------------------------------------------------


def titles_and_notes() -> Ugly:
    return Ugly(
        name="郑州市驿站台账.csv",
        content=text(
            "郑州市工会户外劳动者服务站点信息汇总表,,,,,",
            "填报单位：郑州市总工会,,,,填报日期：2026年9月,",
            "",
            "序号,名称,经度,纬度,开放时间,备注",
            "1,花园路驿站,113.68,34.78,8:30-18:00,",
            "2,文化路驿站,113.67,34.79,全天,无障碍",
            "",
            "注：1. 坐标取自高德地图。,,,,,",
            "　　2. 开放时间为工作日。,,,,,",
            "填表人：张三,,审核人：李四,,联系电话：0371-60000000,",
            "制表日期：2026-09-01",
            encoding="gb18030",
        ),
        rows={
            5: {"序号": "1", "名称": "花园路驿站", "经度": "113.68", "备注": None},
            6: {"名称": "文化路驿站", "开放时间": "全天", "备注": "无障碍"},
        },
        told=tuple((row, "row_is_note") for row in (8, 9, 10, 11)),
        n_columns=6,
    )


def semicolons() -> Ugly:
    return Ugly(
        name="stations.csv",
        content=text(
            "Stations, as of 2026, with notes",
            "name;lon;lat;address",
            'A;113.6;34.7;"Road 1, behind the bank; door 2"',
            "B;113.7;34.8;Road 2",
            encoding="utf-8-sig",
        ),
        rows={3: {"name": "A", "address": "Road 1, behind the bank; door 2"}, 4: {"lat": "34.8"}},
    )


def unicode_text() -> Ugly:
    return Ugly(
        name="导出.txt",
        content=text("编号\t名称\t经度\t纬度", "001\t甲\t113.6\t34.7", encoding="utf-16"),
        rows={2: {"编号": "001", "名称": "甲", "纬度": "34.7"}},
    )


def late_header() -> Ugly:
    guide = [f"{i}. 请各单位于每月{i}日前报送，数据务必真实准确。" for i in range(1, 16)]
    return Ugly(
        name="填报表.csv",
        content=text("填报要求", *guide, "名称,经度,纬度", "甲,113.6,34.7"),
        rows={18: {"名称": "甲", "经度": "113.6"}},
        n_columns=3,
    )


def two_lines_without_merges() -> Ugly:
    return Ugly(
        name="两行表头.csv",
        content=text(
            "序号,名称,位置,,开放时间,,备注",
            ",,经度,纬度,夏季,冬季,",
            "1,甲,113.6,34.7,8:00-20:00,8:30-18:00,",
            "2,乙,113.7,34.8,,,需登记",
        ),
        rows={
            3: {"位置 经度": "113.6", "位置 纬度": "34.7", "开放时间 冬季": "8:30-18:00"},
            4: {"名称": "乙", "开放时间 夏季": None, "备注": "需登记"},
        },
        n_columns=7,
    )


def page_breaks() -> Ugly:
    page = ["工会驿站一览表,,,", "编号,名称,经度,纬度"]
    return Ugly(
        name="分页.csv",
        content=text(
            *page,
            "1,甲,113.6,34.7",
            "2,乙,113.7,34.8",
            *page,
            "3,丙,113.8,34.9",
            "编号, 名称,经度,纬度",
        ),
        rows={3: {"名称": "甲"}, 4: {"名称": "乙"}, 7: {"编号": "3", "名称": "丙"}},
        told=tuple((row, "row_is_header") for row in (5, 6, 8)),
    )


def totals() -> Ugly:
    return Ugly(
        name="汇总.csv",
        content=text(
            "区县,名称,经度,纬度,座位数",
            "金水区,甲,113.6,34.7,10",
            "小计,1,,,10",
            "二七区,合计路驿站,113.7,34.8,8",
            "小 计,1,,,8",
            "合计：2个,,,,18",
            "总计,,,,18",
        ),
        rows={2: {"名称": "甲"}, 4: {"名称": "合计路驿站", "座位数": "8"}},
        told=tuple((row, "row_is_total") for row in (3, 5, 6, 7)),
    )


def serial_numbers_in_advance() -> Ugly:
    return Ugly(
        name="模板.csv",
        content=text("序号,名称,经度,纬度", "1,甲,113.6,34.7", *(f"{i},,," for i in range(2, 5))),
        rows={2: {"名称": "甲"}},
        told=tuple((row, "row_is_serial") for row in (3, 4, 5)),
    )


def blank_rows_and_columns() -> Ugly:
    return Ugly(
        name="空行空列.csv",
        content=text(
            ",,,,,",
            ",名称,,经度,纬度,",
            ",,,,,",
            ",甲,,113.6,34.7,",
            ", ,\t,,,",
            ",乙,x,113.7,34.8,",
        ),
        rows={
            4: {"名称": "甲", "经度": "113.6", "(3)": None},
            6: {"名称": "乙", "(3)": "x", "纬度": "34.8"},
        },
        n_columns=4,
    )


def unquoted_commas() -> Ugly:
    return Ugly(
        name="逗号.csv",
        content=text(
            "名称,经度,纬度,设施",
            "甲,113.6,34.7,空调,热水",
            '乙,113.7,34.8,"空调,热水"',
            "丙,113.7,34.8",
        ),
        rows={2: {"名称": "甲"}, 3: {"设施": "空调,热水"}, 4: {"设施": None}},
        told=((2, "too_many_cells"),),
        n_columns=4,
    )


def formulas_as_text() -> Ugly:
    return Ugly(
        name="公式.csv",
        content=text(
            "名称,经度,纬度,备注", "'=甲,113.6,34.7,=cmd|' /C calc'!A0", "乙,113.7,34.8,@SUM(1+1)"
        ),
        rows={2: {"名称": "=甲", "备注": "=cmd|' /C calc'!A0"}, 3: {"备注": "@SUM(1+1)"}},
    )


def lines_within_cells() -> Ugly:
    return Ugly(
        name="换行.csv",
        content=text('"名\n称",经度,纬度', '"甲\r\n乙",113.6,34.7', "", "丙,113.7,34.8"),
        rows={2: {"名 称": "甲\r\n乙"}, 4: {"名 称": "丙"}},
    )


def old_line_ends() -> Ugly:
    return Ugly(
        name="mac.csv",
        content=text("名称,经度,纬度", "甲,113.6,34.7", "乙,113.7,34.8", end="\r"),
        rows={2: {"名称": "甲"}, 3: {"名称": "乙", "纬度": "34.8"}},
    )


def full_width_commas() -> Ugly:
    return Ugly(
        name="全角.txt",
        content=text("名称，经度，纬度", "甲，113.6，34.7"),
        rows={2: {"名称": "甲", "纬度": "34.7"}},
    )


# Workbooks ----------------------------------------------------------------------------------------


def merged_everywhere() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        sheet["A1"] = "郑州市工会驿站统计表"
        sheet.merge_cells("A1:G1")
        for column, name in {
            "A": "序号",
            "B": "所属区",
            "C": "名称",
            "F": "开放时间",
            "G": "备注",
        }.items():
            sheet[f"{column}2"] = name
            sheet.merge_cells(f"{column}2:{column}3")
        sheet["D2"], sheet["D3"], sheet["E3"] = "位置", "经度", "纬度"
        sheet.merge_cells("D2:E2")
        for i, (name, lon) in enumerate([("甲", 113.6), ("乙", 113.7), ("丙", 113.8)], start=4):
            for column, value in zip("ACDE", (i - 3, name, lon, 34.7), strict=True):
                sheet[f"{column}{i}"] = value
        sheet["B4"], sheet["F5"] = "金水区", "全天"
        sheet.merge_cells("B4:B5")
        sheet.merge_cells("F5:F6")
        sheet["B6"] = "二七区"
        sheet["A7"] = "以上数据由各区总工会提供，截至2026年9月"
        sheet.merge_cells("A7:G7")

    return Ugly(
        name="合并单元格.xlsx",
        content=book(fill),
        rows={
            4: {"序号": 1, "所属区": "金水区", "名称": "甲", "位置 经度": 113.6, "开放时间": None},
            5: {"所属区": "金水区", "名称": "乙", "开放时间": "全天"},
            6: {"所属区": "二七区", "位置 纬度": 34.7, "开放时间": "全天"},
        },
        told=((None, "merged_cells"), (None, "merged_cells"), (7, "row_is_note")),
        n_columns=7,
    )


def headings_inside() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["序号", "名称", "经度", "纬度", "地址"],
            ["一、金水区"],
            [1, "甲", 113.6, 34.7, "花园路"],
            [2, "乙", 113.7, 34.8, "文化路"],
            ["二七区（1个）"],
            [1, "丙", 113.8, 34.9, "大学路"],
            ["合计", 3],
        ):
            sheet.append(row)
        sheet.merge_cells("A2:E2")
        sheet.merge_cells("A5:E5")

    return Ugly(
        name="分区.xlsx",
        content=book(fill),
        rows={
            3: {"名称": "甲", "小标题": "一、金水区"},
            4: {"小标题": "一、金水区"},
            6: {"名称": "丙", "小标题": "二七区（1个）"},
        },
        told=((2, "row_is_section"), (5, "row_is_section"), (7, "row_is_total")),
    )


def a_sheet_for_each_district() -> Ugly:
    def district(*names: str, title: bool = False) -> Callable[[Worksheet], None]:
        def fill(sheet: Worksheet) -> None:
            if title:
                sheet.append(["驿站名单"])
            sheet.append(["名称", "经度", "纬度"] + ["电话"] * title)
            for name in names:
                sheet.append([name, 113.6, 34.7])

        return fill

    def guide(sheet: Worksheet) -> None:
        sheet.append(["填写说明"])
        sheet.append(["名称", "填写驿站全称"])

    def sample(sheet: Worksheet) -> None:
        district("示例驿站")(sheet)

    def hidden(sheet: Worksheet) -> None:
        district("丁")(sheet)
        sheet.sheet_state = "hidden"

    return Ugly(
        name="分表.xlsx",
        content=book(
            guide,
            district("甲", "乙"),
            district("丙", title=True),
            sample,
            hidden,
            titles=("填写说明", "金水区", "二七区", "填写示例", "中原区"),
        ),
        rows={
            2: {"名称": "甲", "工作表": "金水区", "电话": None},
            3: {"名称": "乙"},
            10_000_003: {"名称": "丙", "工作表": "二七区"},
            20_000_002: {"名称": "丁", "工作表": "中原区"},
        },
        told=((None, "sheet_ignored"), (None, "sheet_ignored"), (None, "hidden")),
        sheets=("金水区", "二七区", "中原区"),
    )


def hidden_rows() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["名称", "经度", "纬度"],
            ["甲", 113.6, 34.7],
            ["乙", 113.7, 34.8],
            ["丙", 1, 2],
        ):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[4].hidden = True

    return Ugly(
        name="筛选.xlsx",
        content=book(fill),
        rows={2: {"名称": "甲"}, 3: {"名称": "乙"}, 4: {"名称": "丙", "经度": 1}},
        told=((3, "hidden"),),
        findings_say=("2 rows are hidden, the first is row 3; they were read like the others",),
    )


def days_and_times() -> Ugly:
    data = io.BytesIO()
    made = xlsxwriter.Workbook(data)
    sheet = made.add_worksheet()
    sheet.write_row(
        0, 0, ["名称", "经度", "纬度", "核实日期", "开门时间", "编号", "有空调", "建成", "电话"]
    )
    sheet.write_row(1, 0, ["甲", 113.6, 34.7])
    day = dt.datetime(2026, 9, 1)
    sheet.write_datetime(1, 3, day, made.add_format({"num_format": 'yyyy"年"m"月"d"日"'}))
    sheet.write_datetime(1, 4, dt.time(8, 30), made.add_format({"num_format": "h:mm"}))
    sheet.write_string(1, 5, "0012")
    sheet.write_boolean(1, 6, True)
    sheet.write_number(1, 7, 46266, made.add_format({"num_format": 31}))
    sheet.write_number(1, 8, 37160000001, made.add_format({"num_format": '0.00"米"'}))
    made.close()
    return Ugly(
        name="日期.xlsx",
        content=data.getvalue(),
        rows={
            2: {
                "核实日期": day,
                "开门时间": dt.time(8, 30),
                "编号": "0012",
                "有空调": True,
                "建成": day,
                "电话": 37160000001,
            }
        },
    )


def days_from_1904() -> Ugly:
    data = io.BytesIO()
    made = xlsxwriter.Workbook(data, {"date_1904": True})
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, ["名称", "经度", "纬度", "核实日期"])
    sheet.write_row(1, 0, ["甲", 113.6, 34.7])
    day = dt.datetime(2026, 9, 1)
    sheet.write_datetime(1, 3, day, made.add_format({"num_format": "yyyy-mm-dd"}))
    made.close()
    return Ugly(name="mac.xlsx", content=data.getvalue(), rows={2: {"核实日期": day}})


def formulas() -> Ugly:
    data = io.BytesIO()
    made = xlsxwriter.Workbook(data)
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, ["名称", "经度", "纬度", "座位数", "地址"])
    sheet.write_row(1, 0, ["甲", 113.6, 34.7])
    sheet.write_formula(1, 3, "=2*4", value=8)
    sheet.write_formula(1, 4, '=A2&"路"', value="甲路")
    sheet.write_row(2, 0, ["乙", 113.7, 34.8])
    sheet.write_formula(2, 3, "=1/0", value="#DIV/0!")
    sheet.write_formula(2, 4, "=HYPERLINK(A1)", value="")
    sheet.write_row(3, 0, ["丙", 113.7])
    sheet.write_formula(3, 2, "=VLOOKUP(A4,[other.xlsx]Sheet1!A:B,2)", value="#REF!")
    made.close()
    return Ugly(
        name="公式.xlsx",
        content=data.getvalue(),
        rows={
            2: {"座位数": 8, "地址": "甲路"},
            3: {"名称": "乙", "座位数": None, "地址": None},
            4: {"名称": "丙", "纬度": None},
        },
        told=((3, "cell_error"), (3, "formula_without_value"), (4, "cell_error")),
        findings_say=("row 4: 纬度 holds the error #REF! and counts as empty",),
    )


def formulas_never_calculated() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["名称", "经度", "纬度"])
        sheet.append(["甲", "=113+0.6", 34.7])

    return Ugly(
        name="未计算.xlsx",
        content=book(fill),
        rows={2: {"名称": "甲", "经度": None}},
        told=((2, "formula_without_value"),),
    )


def one_name_over_two_columns() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["名称", "经纬度", None, "地址", None],
            ["甲", 113.6, 34.7, "花园路", None],
            ["乙", "113.7,34.8", None, "文化路", "19号"],
        ):
            sheet.append(row)
        sheet.merge_cells("B1:C1")
        sheet.merge_cells("D1:E1")

    return Ugly(
        name="经纬度.xlsx",
        content=book(fill),
        rows={
            2: {"经纬度": "113.6,34.7", "地址": "花园路"},
            3: {"经纬度": "113.7,34.8", "地址": "文化路,19号"},
        },
        told=((None, "joined_cells"), (None, "joined_cells")),
        n_columns=3,
    )


def numbered_columns_and_units() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["名称", "经度", "纬度", "面积", "座位数"],
            [None, None, None, "（平方米）", "（个）"],
            [1, 2, 3, 4, 5],
            ["甲", 113.6, 34.7, 20, 8],
        ):
            sheet.append(row)

    return Ugly(
        name="栏次.xlsx",
        content=book(fill),
        rows={4: {"名称": "甲", "面积 （平方米）": 20, "座位数 （个）": 8}},
        told=((3, "row_is_note"),),
    )


def units_below_groups() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        for row in (
            ["名称", "位置", None, "面积", "开放时间"],
            [None, "经度", "纬度", "（㎡）", "（时:分）"],
            ["甲", 113.6, 34.7, 20, "8:00-18:00"],
        ):
            sheet.append(row)
        sheet.merge_cells("B1:C1")

    return Ugly(
        name="单位.xlsx",
        content=book(fill),
        rows={3: {"名称": "甲", "位置 经度": 113.6, "面积 （㎡）": 20}},
    )


def totals_of_districts() -> Ugly:
    return Ugly(
        name="小计.csv",
        content=text(
            "序号,名称,经度,纬度,面积",
            "1,甲站,113.6,34.7,20",
            "金水区小计,,,,20",
            "2,乙站,113.6,34.7,20",
            "紫荆山街道合计,,,,20",
        ),
        rows={2: {"名称": "甲站"}, 4: {"名称": "乙站"}},
        told=((3, "row_is_total"), (5, "row_is_total")),
    )


def hidden_sheet_of_other_times() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["名称", "经度", "纬度"])
        sheet.append(["甲", 113.6, 34.7])

    def hide(sheet: Worksheet) -> None:
        fill(sheet)
        sheet.sheet_state = "hidden"

    return Ugly(
        name="旧表.xlsx",
        content=book(fill, hide, titles=("驿站表", "旧数据")),
        rows={2: {"名称": "甲"}},
        told=((None, "sheet_ignored"),),
    )


def somewhere_on_the_sheet() -> Ugly:
    def fill(sheet: Worksheet) -> None:
        for row, cells in {7: ("名称", "经度", "纬度"), 8: ("甲", 113.6, 34.7)}.items():
            for column, value in enumerate(cells, start=3):
                sheet.cell(row, column, value)
        sheet["J8"] = "待核实"

    return Ugly(
        name="偏移.xlsx",
        content=book(fill),
        rows={8: {"名称": "甲", "纬度": 34.7, "(10)": "待核实"}},
        n_columns=4,
    )


def terse_xml() -> Ugly:
    """Rows and cells without references, a prefix for the namespace, texts in parts and in place."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"

    def related(*targets: tuple[str, str, str]) -> bytes:
        inside = "".join(
            f'<Relationship Id="{key}" Type="{office}/{kind}" Target="{target}"/>'
            for key, kind, target in targets
        )
        return f'<Relationships xmlns="{package}">{inside}</Relationships>'.encode()

    cells = "".join(f'<x:c t="s"><x:v>{i}</x:v></x:c>' for i in range(3))
    return Ugly(
        name="其他软件.xlsx",
        content=zipped_as(
            {
                "[Content_Types].xml": b"<Types/>",
                "_rels/.rels": related(("a", "officeDocument", "/xl/book.xml")),
                "xl/book.xml": (
                    f'<x:workbook xmlns:x="{main}" xmlns:r="{office}"><x:sheets>'
                    '<x:sheet name="站点" sheetId="1" r:id="s"/></x:sheets></x:workbook>'
                ).encode(),
                "xl/_rels/book.xml.rels": related(
                    ("s", "worksheet", "sheets/one.xml"), ("t", "sharedStrings", "Texts.xml")
                ),
                "xl/texts.xml": (
                    f'<sst xmlns="{main}"><si><r><t>名</t></r><r><t xml:space="preserve">称</t></r>'
                    "<rPh sb='0' eb='1'><t>mingcheng</t></rPh></si><si><t>经度</t></si>"
                    "<si><t>纬度</t></si></sst>"
                ).encode(),
                "xl/sheets/one.xml": (
                    f'<x:worksheet xmlns:x="{main}"><x:dimension ref="A1:XFD1048576"/><x:sheetData>'
                    f'<x:row>{cells}</x:row><x:row r="5"><x:c t="inlineStr"><x:is><x:t>甲_x0041_</x:t>'
                    '</x:is></x:c><x:c r="C5"><x:v>3.47E1</x:v></x:c></x:row></x:sheetData>'
                    "</x:worksheet>"
                ).encode(),
            }
        ),
        rows={5: {"名称": "甲A", "经度": None, "纬度": 34.7}},
        n_columns=3,
    )


def sheets_beside_the_named_one() -> Ugly:
    def month(name: str) -> Callable[[Worksheet], None]:
        def fill(sheet: Worksheet) -> None:
            sheet.append(["名称", "经度", "纬度"])
            sheet.append([name, 113.6, 34.7])

        return fill

    return Ugly(
        name="各月.xlsx",
        content=book(month("甲"), month("乙"), titles=("2026年8月", "站点")),
        rows={2: {"名称": "乙"}},
        told=((None, "sheet_ignored"),),
    )


# Old workbooks and what is called so --------------------------------------------------------------


def old_workbook() -> Ugly:
    return Ugly(
        name="金水区.xls",
        content=zlib.decompress(base64.b85decode(old_sheets.DISTRICT)),
        rows={
            4: {
                "序号": 1,
                "名称": "花园路驿站",
                "位置 经度": 113.68,
                "所属区": "金水区",
                "座位数": 12,
            },
            5: {"所属区": "金水区", "核实日期": dt.date(2024, 5, 4)},
            6: {"所属区": "金水区", "位置 纬度": 34.77, "座位数": None},
        },
        told=(
            (None, "sheet_ignored"),
            (7, "row_is_serial"),
            (8, "row_is_note"),
            (None, "merged_cells"),
        ),
        n_columns=7,
    )


def new_workbook_called_old() -> Ugly:
    made = days_from_1904()
    return Ugly(name="改名.xls", content=made.content, rows=made.rows, told=((None, "other_kind"),))


def workbook_called_csv() -> Ugly:
    made = days_from_1904()
    return Ugly(name="改名.csv", content=made.content, rows=made.rows, told=((None, "other_kind"),))


def text_called_old() -> Ugly:
    return Ugly(
        name="导出.xls",
        content=text("名称\t经度\t纬度", "甲\t113.6\t34.7", encoding="gb18030"),
        rows={2: {"名称": "甲", "经度": "113.6"}},
        told=((None, "other_kind"),),
    )


def web_page_called_old() -> Ugly:
    return Ugly(
        name="系统导出.xls",
        content=(
            '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset=gb2312>'
            "<style>td{mso-number-format:'\\@'}</style><title>x</title></head><body>"
            "<table border=1><tr><td colspan=4>驿站&nbsp;一览</td></tr>"
            "<tr><th>所属区</th><th>名称<br>（全称）</th><th>经度</th><th>纬度</th></tr>"
            "<tr><td rowspan=2>金水区</td><td>甲 &amp; 乙</td><td>113.6</td><td>34.7</td>"
            "<tr><td><script>alert(1)</script>丙<img src='http://127.0.0.1:9/x'></td><td>113.7</td>"
            "<td>34.8<tr><td>合计</td><td>2</td></tr></table></body></html>"
        ).encode("gb18030"),
        rows={
            3: {"所属区": "金水区", "名称 （全称）": "甲 & 乙", "经度": "113.6"},
            4: {"所属区": "金水区", "名称 （全称）": "丙", "纬度": "34.8"},
        },
        told=((None, "other_kind"), (5, "row_is_total"), (None, "merged_cells")),
        n_columns=4,
    )


# Places -------------------------------------------------------------------------------------------

_WGS84 = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
_PLANE = (
    'PROJCS["CGCS2000_3_Degree_GK_CM_114E",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],'
    'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)


def shape_parts(frame: gpd.GeoDataFrame, encoding: str) -> dict[str, bytes]:
    """Give the parts of a Shapefile by ending; nothing but the geometry and the table."""
    with tempfile.TemporaryDirectory() as folder:
        frame = frame.set_crs("EPSG:4326")
        pyogrio.write_dataframe(frame, Path(folder, "a.shp"), encoding=encoding)
        return {e: Path(folder, f"a{e}").read_bytes() for e in (".shp", ".shx", ".dbf")}


def _stations(*points: Any, **columns: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(points))


def shapes_in_gbk() -> Ugly:
    frame = _stations(
        Point(113.6, 34.7), Point(113.7, 34.8),
        名称=["花园路驿站", "文化路驿站"], 座位数=[8, 9], 面积=[20.0, 12.5], 备注=[None, "无"],
    )  # fmt: skip
    parts = shape_parts(frame, "GBK")
    return Ugly(
        name="驿站.zip",
        content=zipped_as({f"数据/驿站{e}": c for e, c in parts.items()}),
        rows={
            1: {"名称": "花园路驿站", "座位数": 8, "面积": 20, "geometry x": 113.6, "备注": None},
            2: {"名称": "文化路驿站", "面积": 12.5, "备注": "无", "geometry y": 34.8},
        },
        frame=None,
    )


def shapes_in_utf8_with_system() -> Ugly:
    parts = shape_parts(_stations(Point(113.6, 34.7), 名称=["甲"]), "UTF-8")
    named = {**parts, ".cpg": b"UTF-8", ".prj": _WGS84.encode()}
    return Ugly(
        name="utf8.zip",
        content=zipped_as({f"a{e}": c for e, c in named.items()}),
        rows={1: {"名称": "甲", "geometry x": 113.6}},
        frame="wgs84",
        is_weak=True,
    )


def shapes_that_lie() -> Ugly:
    """The encoding is another than named, a name is cut within a character, and .shx is missing."""
    long = "郑州市金水区花园路与农科路交叉口东北角河南省工人文化宫一楼大厅户外劳动者服务站点" * 3
    frame = _stations(
        Point(500_000, 3_847_000), MultiPoint([(1, 2)]).geoms[0], None, 名称=["x" * 254, "乙", "丙"]
    )
    parts = shape_parts(frame, "UTF-8")
    parts[".dbf"] = parts[".dbf"].replace(b"x" * 254, long.encode()[:254])
    parts = {e.upper(): c for e, c in parts.items() if e != ".shx"}
    return Ugly(
        name="cut.zip",
        content=zipped_as(
            {f"A{e}": c for e, c in {**parts, ".CPG": b"GBK", ".prj": _PLANE.encode()}.items()}
        ),
        rows={
            1: {"名称": long[:84], "geometry x": 500_000},
            2: {"名称": "乙", "geometry x": 1},
            3: {"名称": "丙", "geometry x": None},
        },
        told=((3, "bad_coordinate"),),
        frame="epsg:4547",
    )


def loose_geojson() -> Ugly:
    return Ugly(
        name="导出.json",
        content=(
            '{"features": [\n'
            '  {"type":"Feature","id":7,"properties":{"名称":"甲","设施":["空调","热水"]},'
            '"geometry":{"type":"Point","coordinates":[113.6,34.7,100]}},\n'
            '  {"properties":{"名称":"乙","备注":"😀"},"geometry":{"coordinates":[[1,2],[3,4]],'
            '"type":"LineString"}},\n  null\n], "type": "FeatureCollection", "bbox": [1, 2, 3, 4]}\n'
        ).encode("gb18030"),
        rows={
            1: {"id": 7, "名称": "甲", "设施": ["空调", "热水"], "geometry x": 113.6, "备注": None},
            2: {"id": None, "名称": "乙", "备注": "😀", "geometry x": None},
            3: {"名称": None},
        },
        told=((2, "bad_coordinate"), (3, "bad_coordinate")),
    )


def points_in_lists() -> Ugly:
    return Ugly(
        name="多点.geojson",
        content=(
            '{"type": "FeatureCollection", "features": ['
            '{"properties": {"名称": "甲"}, "geometry":'
            '{"type": "MultiPoint", "coordinates": [[113.6, 34.7]]}},'
            '{"properties": {"名称": "乙"}, "geometry":'
            '{"type": "MultiPoint", "coordinates": [[1, 2], [3, 4]]}},'
            '{"properties": {"名称": "丙"}, "geometry": null}]}'
        ).encode(),
        rows={
            1: {"名称": "甲", "geometry x": 113.6},
            2: {"geometry x": None},
            3: {"geometry x": None},
        },
        told=((2, "bad_coordinate"), (3, "bad_coordinate")),
        findings_say=("row 3: its geometry is nothing; a point is needed",),
    )


def texts_as_blobs() -> Ugly:
    """Some programs put text into a GeoPackage as a blob; pictures stay out."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.gpkg")
        frame = _stations(Point(113.6, 34.7), 名称=["甲"], 时间=[""]).set_crs("EPSG:4490")
        pyogrio.write_dataframe(frame, path, layer="站点", SPATIAL_INDEX="NO")
        with closing(sqlite3.connect(path)) as base:
            for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                base.execute(f'DROP TRIGGER "{name}"')
            base.execute("ALTER TABLE 站点 ADD COLUMN 照片 BLOB")
            base.execute("UPDATE 站点 SET 照片 = x'ffd8', 时间 = CAST('全天' AS BLOB)")
            base.commit()
        content = path.read_bytes()
    return Ugly(
        name="blob.gpkg",
        content=content,
        rows={1: {"名称": "甲", "时间": "全天", "照片": None}},
        frame="cgcs2000",
    )


def geopackage() -> Ugly:
    frame = gpd.GeoDataFrame(
        {"名称": ["甲", "乙"], "座位数": [8, None], "示例": [True, False], "id": [7, 8]},
        geometry=[Point(113.6, 34.7), LineString([(1, 2), (3, 4)])],
        crs="EPSG:4490",
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.gpkg")
        pyogrio.write_dataframe(frame, path, layer="站点", geometry_type="Unknown")
        roads = _stations(Point(1, 2), 路=["x"]).set_crs("EPSG:4326")
        pyogrio.write_dataframe(roads, path, layer="道路", append=True)
        content = path.read_bytes()
    return Ugly(
        name="a.gpkg",
        content=content,
        rows={
            1: {"id": 7, "名称": "甲", "座位数": 8, "示例": True, "geometry y": 34.7},
            2: {"座位数": None, "示例": False, "geometry x": None},
        },
        told=((2, "bad_coordinate"),),
        frame="cgcs2000",
    )


def placemarks() -> Ugly:
    return Ugly(
        name="标注.kml",
        content="""<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>驿站</name>
<Style id="a"><IconStyle><Icon><href>http://127.0.0.1:9/pin.png</href></Icon></IconStyle></Style>
<Folder><name>金水区</name>
<Placemark><name> 甲 </name><ExtendedData>
<Data name="电话"><displayName>x</displayName><value>0371</value></Data>
<SchemaData schemaUrl="#s"><SimpleData name="座位数">8</SimpleData></SchemaData></ExtendedData>
<Point><coordinates>
113.6,34.7,0 </coordinates></Point></Placemark>
<Folder><name>公园</name><Placemark><name>乙</name><description><![CDATA[
<table><tr><td>地址</td><td>花园路 <b>19</b> 号</td></tr><tr><td>开放时间</td><td>8:30-18:00</td></tr>
</table>暂停至月底]]></description><MultiGeometry><Point><coordinates>113.7, 34.8</coordinates></Point>
</MultiGeometry></Placemark></Folder></Folder>
<Placemark><name>丙</name><description>地址：大学路&lt;br/&gt;网址：http://a.b/c?d=1
http://e.f</description><LineString><coordinates>1,2 3,4</coordinates></LineString></Placemark>
<Placemark><name>丁</name><Point><coordinates>113.6</coordinates></Point></Placemark>
</Document></kml>""".encode(),
        rows={
            1: {
                "name": "甲",
                "文件夹": "金水区",
                "电话": "0371",
                "座位数": "8",
                "geometry x": 113.6,
            },
            2: {
                "文件夹": "公园",
                "地址": "花园路 19 号",
                "开放时间": "8:30-18:00",
                "description": "暂停至月底",
                "geometry y": 34.8,
            },
            3: {"文件夹": None, "地址": "大学路", "网址": "http://a.b/c?d=1", "geometry x": None},
            4: {"name": "丁", "geometry x": None},
        },
        told=((3, "bad_coordinate"), (4, "bad_coordinate")),
        frame="wgs84",
        is_weak=True,
    )


def packed_placemarks() -> Ugly:
    """A KMZ whose text is in GBK, with links that nobody follows."""
    inside = """<?xml version="1.0" encoding="GB2312"?>
<kml xmlns="http://earth.google.com/kml/2.1"><Folder><NetworkLink><name>更多</name>
<Link><href>http://127.0.0.1:9/more.kml</href></Link></NetworkLink>
<Placemark><name>甲</name><address>花园路</address><phoneNumber>0371</phoneNumber>
<Point><coordinates>113.6,34.7</coordinates></Point></Placemark></Folder></kml>"""
    return Ugly(
        name="标注.kmz",
        content=zipped_as(
            {"files/other.kml": b"<kml/>", "doc.kml": inside.encode("gb18030"), "a.png": b"x"}
        ),
        rows={1: {"name": "甲", "address": "花园路", "phoneNumber": "0371", "geometry x": 113.6}},
        told=((None, "link_ignored"),),
        frame="wgs84",
        is_weak=True,
    )


UGLY: tuple[Callable[[], Ugly], ...] = (
    titles_and_notes, semicolons, unicode_text, late_header, two_lines_without_merges, page_breaks,
    totals, serial_numbers_in_advance, blank_rows_and_columns, unquoted_commas, formulas_as_text,
    lines_within_cells, old_line_ends, full_width_commas, merged_everywhere, headings_inside,
    a_sheet_for_each_district, hidden_rows, days_and_times, days_from_1904, formulas,
    formulas_never_calculated, one_name_over_two_columns, numbered_columns_and_units,
    units_below_groups, totals_of_districts, hidden_sheet_of_other_times,
    somewhere_on_the_sheet, terse_xml, sheets_beside_the_named_one, old_workbook,
    new_workbook_called_old, workbook_called_csv, text_called_old, web_page_called_old,
    shapes_in_gbk, shapes_in_utf8_with_system, shapes_that_lie, loose_geojson, points_in_lists, texts_as_blobs, geopackage,
    placemarks, packed_placemarks,
)  # fmt: skip

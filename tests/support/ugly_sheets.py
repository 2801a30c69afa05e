"""Sheets as offices really send them, each ugly in one way of meaning, and what must come of it.

All places, names and numbers are invented.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

from geodata.frames import from_wgs84
from geodata.records import Closure, Offer

HEAD = ("编号", "名称", "经度", "纬度")
PLACE = (113.62, 34.75)
TODAY = date(2026, 9, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ugly:
    """A sheet and what must come of it.

    Attributes
    ----------
    why
        In which way it is ugly.
    rows
        Header and rows; row 1 is the header.
    values
        By row and column of a station: what the register must get.
    findings
        Row and code of every finding but notes; None as row where it is about the whole file.
    notes
        Codes of notes that must be there.
    rules
        By row and header: the rule by which the cell was read.
    options
        Of `read_stations`; the frame is WGS 84 unless they name another.
    """

    why: str
    rows: Sequence[Sequence[Any]]
    values: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    findings: frozenset[tuple[int | None, str]] = frozenset()
    notes: frozenset[str] = frozenset()
    rules: Mapping[tuple[int, str], str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    ending: str = ".csv"

    def write(self, folder: Path) -> Path:
        """Write the sheet as a file of its kind."""
        path = folder / f"sheet{self.ending}"
        if self.ending == ".xlsx":
            book = openpyxl.Workbook()
            for row in self.rows:
                book.active.append(list(row))
            book.save(path)
        else:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file).writerows(self.rows)
        return path


def here(*rows: Sequence[Any], columns: Sequence[str]) -> list[list[Any]]:
    """Give rows of stations some metres apart; each row gives what stands in the columns."""
    table: list[list[Any]] = [[*HEAD, *columns]]
    for i, cells in enumerate(rows):
        table.append(
            [str(i + 1), f"站{'甲乙丙丁戊己庚辛壬癸'[i % 10]}{i}", 113.6 + i / 100, 34.75, *cells]
        )
    return table


def one_column(column: str, *cells: Any) -> list[list[Any]]:
    """Give rows that differ in one column."""
    return here(*([cell] for cell in cells), columns=[column])


def districts() -> gpd.GeoDataFrame:
    """Give two districts side by side whose border runs north and south."""
    boxes = [shapely.box(113.0, 34.4, 113.62, 35.0), shapely.box(113.62, 34.4, 114.2, 35.0)]
    table = {"id": ["410102", "410105"], "name": ["中原区", "金水区"], "is_synthetic": True}
    return gpd.GeoDataFrame(table, geometry=boxes, crs="EPSG:4326")


def along_the_border(frame: str, *, n: int = 60) -> list[list[Any]]:
    """Give rows within 300 m of the border, each with its true district, in a frame."""
    off_deg = np.linspace(-0.003, 0.003, n)
    lat = 34.5 + np.linspace(0, 0.4, n)
    x, y = from_wgs84(lon_deg=113.62 + off_deg, lat_deg=lat, frame=frame)
    table: list[list[Any]] = [[*HEAD, "所属区"]]
    for i in range(n):
        district = "金水区" if off_deg[i] > 0 else "中原区"
        table.append([str(i + 1), f"示例站{i}", float(x[i]), float(y[i]), district])
    return table


_ZHENGZHOU = {"surroundings": {"areas": districts()}}

UGLY = {
    "full width": Ugly(
        why="digits, letters and signs in full width",
        rows=[
            ["编号", "名称", "经度", "纬度", "开放时间", "面积", "座位", "核实日期"],
            [
                "１",
                "甲",
                "１１３．６２",
                "３４．７５",
                "８：３０－１７：３０",
                "１２．５㎡",
                "１０个",
                "２０２６－９－１",
            ],
        ],
        values={
            (2, "lon"): 113.62,
            (2, "hours"): "08:30-17:30",
            (2, "area_m2"): 12.5,
            (2, "seats"): 10.0,
            (2, "verified_on"): "2026-09-01",
            (2, "id"): "１",
        },
        rules={
            (2, "经度"): "degrees",
            (2, "开放时间"): "hours",
            (2, "面积"): "number",
            (2, "核实日期"): "day",
        },
    ),
    "degrees": Ugly(
        why="degrees, minutes and seconds in every spelling",
        rows=[
            ["名称", "经度", "纬度"],
            ["甲", "113°37′12″", "34°45′00″"],
            ["乙", "东经113度37分12秒", "北纬34度45分"],
            ["丙", "113º37'12.0\"E", "34º45'N"],
            ["丁", "113°37.2′", "34°45′"],
            ["戊", "113 37 12", "34 45 0"],
            ["己", "113:37:12", "34:45:00"],
            ["庚", "E113.62°", "N34.75°"],
            ["辛", "113d37m12s", "34d45m00s"],
            ["壬", "113°67′12″", "34°45′"],
            ["癸", "113。37分", "34.75"],
        ],
        values={(row, "lon"): 113.62 for row in range(2, 10)},
        findings=frozenset({(10, "bad_coordinate")}),
        rules={(2, "经度"): "degrees", (9, "纬度"): "degrees", (11, "经度"): "degrees"},
    ),
    "both in one cell": Ugly(
        why="longitude and latitude in one cell, every row another way",
        rows=[
            ["名称", "经纬度"],
            ["甲", "113.62,34.75"],
            ["乙", "113.62，34.75"],
            ["丙", "(113.62 34.75)"],
            ["丁", "东经113.62° 北纬34.75°"],
            ["戊", "N34°45′ E113°37′12″"],
            ["己", "POINT(113.62 34.75)"],
            ["庚", "经度:113.62 纬度:34.75"],
            ["辛", "113.62"],
        ],
        values={(row, "lon"): 113.62 for row in range(2, 9)},
        findings=frozenset({(6, "lat_before_lon"), (9, "bad_coordinate")}),
        rules={(5, "经纬度"): "pair", (6, "经纬度"): "pair"},
    ),
    "latitude first": Ugly(
        why="one column, latitude first, though its header says otherwise",
        rows=[
            ["名称", "坐标"],
            ["甲", "34.75,113.62"],
            ["乙", "34.76,113.63"],
            ["丙", "34.77, 113.64"],
        ],
        values={(2, "lon"): 113.62, (2, "lat"): 34.75, (4, "lat"): 34.77},
        findings=frozenset({(None, "lat_before_lon")}),
    ),
    "latitude first as said": Ugly(
        why="a header that says latitude first, in a city where both numbers are below 90",
        rows=[["名称", "纬度,经度"], ["甲", "43.8,87.6"]],
        values={(2, "lon"): 87.6, (2, "lat"): 43.8},
    ),
    "columns exchanged": Ugly(
        why="the headers of longitude and latitude stand over each other's columns",
        rows=[
            [*HEAD],
            ["1", "甲", 34.75, 113.62],
            ["2", "乙", 34.76, 113.63],
            ["3", "丙", 34.77, 113.64],
        ],
        values={(2, "lon"): 113.62, (4, "lat"): 34.77, (2, "source_x"): 113.62},
        findings=frozenset({(None, "columns_swapped")}),
    ),
    "one row exchanged": Ugly(
        why="one row has the numbers exchanged; a person must look",
        rows=[
            [*HEAD],
            ["1", "甲", 113.62, 34.75],
            ["2", "乙", 34.76, 113.63],
            ["3", "丙", 113.64, 34.77],
        ],
        values={(2, "source_x"): 113.62, (4, "source_y"): 34.77},
        findings=frozenset({(3, "swapped_coordinates")}),
        options={"frame": "gcj02"},
    ),
    "headers of two rows": Ugly(
        why="headers joined from a group and a name below it",
        rows=[
            [
                "基本信息 编号",
                "基本信息 驿站名称",
                "位置 经度",
                "位置 纬度",
                "服务设施 饮水机",
                "主办单位 名称",
                "联系人 电话",
            ],
            ["1", "甲", 113.62, 34.75, "√", "市总工会", "0371-12351"],
        ],
        values={
            (2, "id"): "1",
            (2, "name"): "甲",
            (2, "host"): "市总工会",
            (2, "phone"): "0371-12351",
            (2, "facilities"): ("drinking_water",),
        },
    ),
    "long headers": Ugly(
        why="numbered and wordy headers, one with a wrong sign, some that nobody knows",
        rows=[
            [
                "1.驿站编号",
                "2.工会驿站名称（全称）",
                "经度",
                "纬度",
                "驿站的详细地址",
                "开放时问",
                "负责人电话",
                "建成时间",
            ],
            ["1", "甲", 113.62, 34.75, "建设路1号", "24h", "13800138000", "2020年"],
        ],
        values={
            (2, "address"): "建设路1号",
            (2, "hours"): "24/7",
            (2, "phone"): "",
            (2, "id"): "1",
        },
        findings=frozenset({(None, "column_guessed")}),
        notes=frozenset({"column_ignored"}),
    ),
    "columns that a person maps": Ugly(
        why="headers that say nothing; a person says what they mean",
        rows=[["A", "B", "C", "D", "E"], ["甲", 113.62, 34.75, "建设路1号", "有"]],
        values={
            (2, "name"): "甲",
            (2, "lon"): 113.62,
            (2, "address"): "建设路1号",
            (2, "facilities"): ("toilet",),
        },
        options={
            "told": {"A": "名称", "B": "lon", "C": "lat", "E": "卫生间"},
            "remembered": {"D": "address", "Z": "phone"},
        },
    ),
    "a remembered column left out": Ugly(
        why="a column that the sender's sheets always have and that must not be read",
        rows=[[*HEAD, "开放时间"], ["1", "甲", *PLACE, "看情况"]],
        values={(2, "hours"): "", (2, "hours_text"): ""},
        options={"remembered": {"开放时间": "ignore"}},
    ),
    "one column for each facility": Ugly(
        why="ticks, crosses, numbers and words below the names of facilities",
        rows=here(
            ["√", "2", "有", "坏"],
            ["×", "0", "无", "正常"],
            ["是", "1台", "/", "维修中"],
            ["", "看情况来", "✓", "停用"],
            columns=["饮水机", "微波炉（台）", "是否有卫生间", "空调情况"],
        ),
        values={
            (2, "facilities"): ("air_conditioning", "drinking_water", "microwave", "toilet"),
            (2, "offers"): (
                Offer(key="air_conditioning", state="broken"),
                Offer(key="microwave", note="2个"),
            ),
            (3, "facilities"): ("air_conditioning",),
            (4, "facilities"): ("air_conditioning", "drinking_water", "microwave"),
            (4, "offers"): (Offer(key="air_conditioning", state="broken"),),
            (5, "facilities"): ("air_conditioning", "microwave", "toilet"),
            (5, "offers"): (
                Offer(key="air_conditioning", state="suspended"),
                Offer(key="microwave", note="看情况来"),
            ),
        },
        rules={(2, "饮水机"): "column", (3, "饮水机"): "column"},
    ),
    "facilities in free text": Ugly(
        why="counts, negations, broken things and unknown words in one list",
        rows=one_column(
            "服务设施",
            "饮水机、微波炉2台，空调(坏)、无卫生间",
            "微波炉饮水机空调冰箱",
            "有微波炉无空调",
            "冷热饮水、免费WiFi、应急药品等",
            "饮水机已搬走、冰箱",
            "空调、微波炉（均已损坏）",
            "无线网络、无障碍通道",
            "暂无",
        ),
        values={
            (2, "facilities"): ("air_conditioning", "drinking_water", "microwave"),
            (2, "offers"): (
                Offer(key="air_conditioning", state="broken"),
                Offer(key="microwave", note="2台"),
            ),
            (3, "facilities"): ("air_conditioning", "drinking_water", "fridge", "microwave"),
            (4, "facilities"): ("microwave",),
            (5, "facilities"): ("drinking_water", "first_aid_kit", "wifi"),
            (6, "facilities"): ("fridge",),
            (7, "facilities"): (),
            (8, "facilities"): ("step_free_access", "wifi"),
            (9, "facilities"): (),
        },
        findings=frozenset({(6, "unknown_facility"), (7, "unknown_facility")}),
        rules={(2, "服务设施"): "facilities", (4, "服务设施"): "facilities"},
    ),
    "programmes": Ugly(
        why="programmes with hours of their own inside a list, and as columns",
        rows=here(
            ["爱心早餐 5:00-7:00；义剪每月20日", ""],
            ["法律援助(每周三下午2:00-5:00)", "5:30-7:00"],
            ["饮水机，8:00-20:00", "√"],
            columns=["服务内容", "爱心早餐"],
        ),
        values={
            (2, "offers"): (
                Offer(key="free_breakfast", hours="05:00-07:00"),
                Offer(key="haircut", note="每月20日"),
            ),
            (3, "offers"): (
                Offer(key="free_breakfast", hours="05:30-07:00"),
                Offer(key="legal_aid", hours="We 14:00-17:00"),
            ),
            (4, "facilities"): ("drinking_water", "free_breakfast"),
        },
        findings=frozenset({(4, "unknown_facility")}),
    ),
    "hours in free text": Ugly(
        why="every way to write when a door is open, and some that say nothing certain",
        rows=one_column(
            "开放时间",
            "工作日 8:30-12:00，14:30-18:00",
            "全天",
            "周一至周五",
            "8:00-18:00（12:00-14:00午休）",
            "夏季（5-9月）8:00-20:00；冬季（10-4月）9:00-17:00",
            "早8点到晚10点",
            "9：00—17：30（节假日除外）",
            "8:30-12:00,2:30-6:00",
            "夏季8:00-20:00",
            "请提前联系",
        ),
        values={
            (2, "hours"): "Mo-Fr 08:30-12:00,14:30-18:00; PH off",
            (3, "hours"): "24/7",
            (4, "hours"): "Mo-Fr unknown",
            (5, "hours"): "08:00-12:00,14:00-18:00",
            (6, "hours"): "May-Sep 08:00-20:00; Oct-Apr 09:00-17:00",
            (7, "hours"): "08:00-22:00",
            (8, "hours"): "09:00-17:30; PH off",
            (9, "hours"): "",
            (9, "hours_text"): "8:30-12:00,2:30-6:00",
            (10, "hours"): "",
            (11, "hours_text"): "请提前联系",
        },
        findings=frozenset((row, "hours_not_understood") for row in (9, 10, 11)),
        rules={(2, "开放时间"): "hours", (8, "开放时间"): "hours"},
    ),
    "hours in many columns": Ugly(
        why="weekdays, the weekend, morning and afternoon in columns of their own",
        rows=here(
            ["9:00-17:00", "休息", "", ""],
            ["8:00-18:00", "9:00-12:00", "", ""],
            ["", "", "8:30-12:00", "14:00-17:30"],
            columns=["工作日开放时间", "周末开放时间", "上午开放时间", "开放时间（下午）"],
        ),
        values={
            (2, "hours"): "Mo-Fr 09:00-17:00; Sa-Su off; PH off",
            (3, "hours"): "Mo-Fr 08:00-18:00; Sa-Su 09:00-12:00; PH off",
            (4, "hours"): "08:30-12:00,14:00-17:30",
        },
        rules={(2, "工作日开放时间 + 周末开放时间"): "hours_joined"},
    ),
    "clock cells": Ugly(
        why="opening and closing times as clock cells and as fractions of a day",
        rows=here(
            [time(8, 30), time(17, 30)],
            [0.375, 0.75],
            ["8点", "22点"],
            columns=["开门时间", "关门时间"],
        ),
        values={
            (2, "hours"): "08:30-17:30",
            (3, "hours"): "09:00-18:00",
            (4, "hours"): "08:00-22:00",
        },
        ending=".xlsx",
    ),
    "staff": Ugly(
        why="an open door without staff, told in brackets or in a column",
        rows=here(
            ["24小时开放（8:00-18:00有人值守）", ""],
            ["6:00-22:00", "9:00-17:00"],
            ["24小时无人值守", "/"],
            columns=["开放时间", "值班时间"],
        ),
        values={
            (2, "hours"): "24/7",
            (2, "staff_hours"): "08:00-18:00",
            (3, "staff_hours"): "09:00-17:00",
            (4, "hours"): "24/7",
            (4, "staff_hours"): "",
        },
        rules={(2, "开放时间"): "staff"},
    ),
    "dates": Ugly(
        why="days as Excel counts them, packed, with dots, in Chinese, and impossible ones",
        rows=one_column(
            "核实日期", 46266, "20260901", "2026.9.1", "2026年9月1日", "9月1日", "2026-02-30", "/"
        ),
        values={(row, "verified_on"): "2026-09-01" for row in range(2, 6)}
        | {(6, "verified_on"): ""},
        findings=frozenset({(6, "bad_date"), (7, "bad_date")}),
        rules={(2, "核实日期"): "excel_day", (4, "核实日期"): "day"},
        ending=".xlsx",
    ),
    "amounts": Ugly(
        why="units, thousands, about, ranges and words",
        rows=one_column(
            "建筑面积(平方米)", "约15平方米", "1,200", "12.5㎡左右", "20-30", "很大", "-", 18
        ),
        values={
            (2, "area_m2"): 15.0,
            (3, "area_m2"): 1200.0,
            (4, "area_m2"): 12.5,
            (8, "area_m2"): 18.0,
        },
        findings=frozenset({(5, "bad_number"), (6, "bad_number")}),
        rules={(2, "建筑面积(平方米)"): "number", (4, "建筑面积(平方米)"): "number"},
    ),
    "states": Ugly(
        why="states with reasons and dates; unclear ones refuse the row",
        rows=one_column(
            "运行状态",
            "正常开放",
            "因拆迁撤销",
            "停用（房屋到期）",
            "2026年3月1日起暂停",
            "装修至2026年10月31日",
            "即将开放",
            "",
            "未知是否开放",
            "开放（9月装修）",
        ),
        values={
            (2, "status"): "open",
            (3, "status"): "revoked",
            (3, "status_reason"): "因拆迁撤销",
            (4, "status"): "suspended",
            (4, "status_reason"): "停用（房屋到期）",
            (5, "status_since"): "2026-03-01",
            (6, "status"): "open",
            (6, "closures"): (
                Closure(first_day="2026-09-01", last_day="2026-10-31", reason="装修"),
            ),
            (7, "status"): "planned",
            (8, "status"): "open",
        },
        findings=frozenset({(9, "unknown_status"), (10, "unknown_status")}),
        rules={(2, "运行状态"): "words", (3, "运行状态"): "reason", (6, "运行状态"): "closure"},
    ),
    "closed days": Ugly(
        why="closed days in a column of their own and in the remarks",
        rows=here(
            ["2026年10月1日至7日", ""],
            ["", "2026.12.20-1.5 放假"],
            ["", "2026年建成，2026年底验收"],
            ["国庆节", ""],
            columns=["暂停时间", "备注"],
        ),
        values={
            (2, "closures"): (
                Closure(first_day="2026-10-01", last_day="2026-10-07", reason="暂停"),
            ),
            (3, "closures"): (
                Closure(first_day="2026-12-20", last_day="2027-01-05", reason="放假"),
            ),
            (4, "closures"): (),
            (5, "closures"): (),
        },
        findings=frozenset({(5, "bad_closure")}),
        rules={(3, "备注"): "closure"},
    ),
    "ways in": Ugly(
        why="how to get in, with courtesy, alternatives and conditions",
        rows=one_column(
            "进入方式",
            "需扫码进入",
            "扫码或刷身份证",
            "请联系工作人员",
            "直接进入",
            "白天直接进入，夜间扫码",
            "不详",
        ),
        values={
            (2, "entry"): "qr",
            (3, "entry"): "qr",
            (4, "entry"): "ask_staff",
            (5, "entry"): "walk_in",
            (6, "entry"): "unknown",
            (7, "entry"): "unknown",
        },
        findings=frozenset({(6, "unknown_entry")}),
        rules={(3, "进入方式"): "words"},
    ),
    "districts": Ugly(
        why="former names, short names, zones, names of several cities, and codes",
        rows=one_column(
            "所属区县",
            "偃师市",
            "孟津县",
            "吉利区",
            "涧西",
            "洛阳市西工区",
            "高新区",
            "鼓楼区",
            "火星区",
            "410381",
        ),
        values={
            (2, "district_code"): "410307",
            (2, "district"): "偃师市",
            (3, "district_code"): "410308",
            (4, "district_code"): "410308",
            (5, "district_code"): "410305",
            (6, "district_code"): "410303",
            (7, "district_code"): "",
            (8, "district_code"): "",
            (10, "district_code"): "410307",
        },
        findings=frozenset({(8, "several_districts"), (9, "unknown_district")}),
        notes=frozenset({"functional_zone"}),
        rules={(2, "所属区县"): "district_renamed", (5, "所属区县"): "district"},
    ),
    "a district of several cities": Ugly(
        why="a name that several cities have, told apart by the other rows",
        rows=one_column("所属区", "卫东区", "湛河区", "新华区"),
        values={(4, "district_code"): "410402"},
    ),
    "blanks that are filled": Ugly(
        why="a dash, a slash or 无 in every cell that has nothing to say",
        rows=here(
            ["/", "无", "-", "—", "/", "无", "/", "无"],
            columns=["开放时间", "设施", "进入方式", "状态", "面积", "座位", "核实日期", "类型"],
        ),
        values={
            (2, "hours"): "",
            (2, "hours_text"): "",
            (2, "facilities"): (),
            (2, "entry"): "unknown",
            (2, "status"): "open",
        },
    ),
    "codes on the door": Ugly(
        why="station codes in full width, mistyped, and none",
        rows=one_column("驿站码", "４１０１０５—００１２—３", "410105-0012-4", ""),
        values={(2, "code"): "410105-0012-3", (3, "code"): "", (4, "code"): ""},
        findings=frozenset({(3, "bad_code")}),
    ),
    "no ids": Ugly(
        why="rows without ids, one of them twice, and mobile numbers",
        rows=[
            ["站名", "经度", "纬度", "联系电话"],
            ["甲", *PLACE, "0371-12351"],
            ["乙", *PLACE, "138 0013 8000"],
            ["甲", *PLACE, ""],
        ],
        values={(2, "phone"): "0371-12351", (3, "phone"): "138 0013 8000"},
        findings=frozenset({(3, "private_phone"), (4, "duplicate_id")}),
    ),
    "a frame told by the districts": Ugly(
        why="GCJ-02 that nobody names, told by which rows lie in the district they state",
        rows=along_the_border("gcj02"),
        values={(2, "source_frame"): "gcj02"},
        notes=frozenset({"frame_told", "frame_evidence"}),
        options={"frame": "auto", **_ZHENGZHOU},
    ),
    "a frame that is named wrongly": Ugly(
        why="headers that say GPS over coordinates of Baidu",
        rows=[["编号", "名称", "GPS经度", "GPS纬度", "所属区"], *along_the_border("bd09")[1:]],
        values={(2, "source_frame"): "wgs84"},
        findings=frozenset({(None, "frame_doubted")}),
        options={"frame": "auto", **_ZHENGZHOU},
    ),
    "closed days in columns": Ugly(
        why="days off and holidays in columns of their own, beside plain hours",
        rows=here(
            ["8:00-18:00", "周一", "否"],
            ["8:00-18:00", "每周六、周日", "是"],
            ["8:00-18:00", "无", "/"],
            ["8:00-18:00", "", "视情况"],
            columns=["开放时间", "休息日", "节假日是否开放"],
        ),
        values={
            (2, "hours"): "08:00-18:00; Mo off; PH off",
            (3, "hours"): "",
            (4, "hours"): "08:00-18:00",
            (5, "hours"): "",
        },
        findings=frozenset({(3, "hours_not_understood"), (5, "hours_not_understood")}),
        rules={(2, "开放时间 + 休息日 + 节假日是否开放"): "hours_joined"},
    ),
    "a week in columns": Ugly(
        why="columns of several days and of single ones, closed days as 休 and 关",
        rows=here(
            ["8:00-18:00", "9:00-12:00", "休", "关"],
            columns=["周一至周五", "周六", "周日", "节假日"],
        ),
        values={(2, "hours"): "Mo-Fr 08:00-18:00; Sa 09:00-12:00; Su off; PH off"},
    ),
    "remarks against the rest": Ugly(
        why="remarks and names that say closed, or closed on some days, where the columns do not",
        rows=[
            [*HEAD, "状态", "开放时间", "备注"],
            ["1", "甲站", *PLACE, "", "8:00-18:00", "已撤销，请勿再用"],
            ["2", "乙站", *PLACE, "开放", "8:00-18:00", "周日休息"],
            ["3", "丙站（已停用）", *PLACE, "正常", "", ""],
            ["4", "丁站", *PLACE, "暂停", "", "装修中"],
            ["5", "戊站（拆除路）", *PLACE, "", "", "休息区有沙发，周日义剪"],
            ["6", "己站", *PLACE, "", "", "冬季17:00关门"],
        ],
        values={(2, "status"): "open", (3, "hours"): "08:00-18:00", (5, "status"): "suspended"},
        findings=frozenset(
            {(2, "says_closed"), (3, "hours_in_note"), (4, "says_closed"), (6, "says_closed")}
        ),
    ),
    "names that are none": Ugly(
        why="telephone numbers, dashes and NULL where a name should be",
        rows=[
            [*HEAD, "联系电话", "开放时间"],
            ["1", "13800138000", *PLACE, "甲站", "NULL"],
            ["2", "乙站（13800138000）", *PLACE, "+86 138-0013-8000", "#N/A"],
            ["3", "/", *PLACE, "", ""],
            ["4", "NULL", *PLACE, "", ""],
            ["5", "60街区", *PLACE, "", ""],
        ],
        values={(3, "hours_text"): "", (6, "name"): "60街区"},
        findings=frozenset(
            {
                (2, "name_is_number"),
                (3, "private_phone"),
                (4, "missing_name"),
                (5, "missing_name"),
            }
        ),
    ),
    "a digit lost": Ugly(
        why="places on earth, but on another continent than the other rows",
        rows=[
            [*HEAD],
            ["1", "甲站", 113.60, 34.75],
            ["2", "乙站", 13.61, 34.75],
            ["3", "丙站", 113.62, 34.75],
            ["4", "丁站", 113.63, 3.475],
            ["5", "戊站", 115.65, 34.75],
        ],
        values={(6, "lon"): 115.65},
        findings=frozenset({(3, "far_off"), (5, "far_off")}),
    ),
    "a column that names the frame": Ugly(
        why="the frame in a column of its own, and nowhere else",
        rows=one_column("坐标系", "高德", "GCJ-02", "/"),
        values={(2, "source_frame"): "gcj02"},
        notes=frozenset({"frame_in_cells"}),
        options={"frame": "auto"},
    ),
    "a column that names another frame": Ugly(
        why="a person names another frame than a column of the sheet",
        rows=one_column("坐标系", "百度", "百度"),
        values={(2, "source_frame"): "wgs84"},
        findings=frozenset({(None, "frame_overridden")}),
    ),
    "signs in lists": Ugly(
        why="signs behind words and in front of them, numbers, dots and remarks on one of many",
        rows=one_column(
            "服务设施",
            "饮水机√微波炉×空调√",
            "√饮水机×微波炉√空调",
            "1.饮水机 2.微波炉 3、空调",
            "①饮水机②微波炉●空调",
            "饮水机、微波炉，其中微波炉已坏",
        ),
        values={
            (2, "facilities"): ("air_conditioning", "drinking_water"),
            (3, "facilities"): ("air_conditioning", "drinking_water"),
            (4, "facilities"): ("air_conditioning", "drinking_water", "microwave"),
            (5, "facilities"): ("air_conditioning", "drinking_water", "microwave"),
            (6, "offers"): (Offer(key="microwave", state="broken"),),
        },
    ),
    "as programs write it": Ugly(
        why='="001" for a text, and signs that nobody sees',
        rows=[
            ['="编号"', "名\u200b称", "经度", "纬\ufeff度", "开放时间"],
            ['="001"', "\u202e甲\u200b站", '="113.62"', "34.75\u200b", '="8:00-18:00"'],
        ],
        values={
            (2, "id"): "001",
            (2, "name"): "甲站",
            (2, "lon"): 113.62,
            (2, "lat"): 34.75,
            (2, "hours"): "08:00-18:00",
        },
    ),
    "traditional characters": Ugly(
        why="headers, hours and facilities in traditional characters",
        rows=[
            ["編號", "名稱", "經度", "緯度", "開放時間", "電話", "設施"],
            ["1", "甲站", *PLACE, "週一至週五 8時至18時", "0371-1", "飲水機、微波爐、冷氣"],
        ],
        values={
            (2, "hours"): "Mo-Fr 08:00-18:00",
            (2, "facilities"): ("air_conditioning", "drinking_water", "microwave"),
        },
    ),
    "a district that no frame explains": Ugly(
        why="rows that lie so far from borders that they tell no frame, one in another district",
        rows=[
            [*HEAD, "所属区"],
            ["1", "甲站", 113.40, 34.75, "中原区"],
            ["2", "乙站", 113.45, 34.75, "金水区"],
            ["3", "丙站", 113.80, 34.75, "金水区"],
        ],
        findings=frozenset({(3, "row_wrong_district")}),
        options={"frame": "gcj02", **_ZHENGZHOU},
    ),
    "facts that cannot be": Ugly(
        why="a look on the spot that is still to come, and a code of another district",
        rows=here(
            ["2099-01-01", "金水区", "410102"],
            ["2026-09-01", "金水区", "410105"],
            ["2026-09-02", "", "410105"],
            columns=["核实日期", "所属区", "区划代码"],
        ),
        values={
            (2, "verified_on"): "",
            (2, "district_code"): "",
            (3, "verified_on"): "2026-09-01",
            (3, "district_code"): "410105",
            (4, "district_code"): "410105",
        },
        findings=frozenset({(2, "day_ahead"), (2, "district_contradicted"), (4, "day_ahead")}),
    ),
    "sample data": Ugly(
        why="invented rows that say so in the remarks",
        rows=one_column("说明", "示例数据，非真实站点", "真实"),
        values={(2, "is_synthetic"): True, (3, "is_synthetic"): False},
    ),
}

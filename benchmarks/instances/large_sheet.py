"""An invented sheet of very many stations as an office would send it, and the city it is about.

Frame GCJ-02 without saying so, Chinese headers, free-text hours and facilities, some rows wrong:
coordinates missing or exchanged, states that nobody understands, stations written down twice.
"""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.instances.instance import Instance
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.frames import from_wgs84

HEADERS = (
    "编号", "站点名称", "详细地址", "所属区县", "经度", "纬度", "开放时间", "服务设施", "进入方式",
    "运行状态", "面积（㎡）", "座位数", "主办单位", "联系电话", "核实日期", "是否示例",
)  # fmt: skip
_DISTRICTS = (
    "中原区", "二七区", "管城回族区", "金水区", "上街区", "惠济区", "中牟县", "巩义市", "荥阳市",
)  # fmt: skip
_HOURS = (
    "工作日 8:30-12:00，14:30-18:00", "24小时", "周一至周五 09:00-17:00", "每天 07:30-22:30",
    "全天", "早8点到晚10点", "9：00—17：30（节假日除外）",
    "夏季(5月-9月)8:00-19:00；冬季（10月至次年4月）9:00-17:00",
    "看情况", "", "", "周一至周六 8:00-18:00（12:00-14:00午休）",
)  # fmt: skip
_FACILITIES = (
    "饮水机", "微波炉2台", "空调", "空调(坏)", "充电插座", "WiFi", "卫生间", "无卫生间", "座椅10把",
    "药箱", "爱心早餐 5:00-7:00", "雨伞", "书报", "打气筒", "冰箱",
)  # fmt: skip
_ENTRIES = ("直接进入", "扫码", "询问工作人员", "扫码或刷身份证", "", "")
_STATES = ("正常开放", "开放", "", "暂停开放", "装修至2026年12月31日", "撤销")
_HOSTS = (
    "建设银行",
    "张仲景大药房",
    "社区服务中心",
    "移动营业厅",
    "加油站",
    "便民服务中心",
    "邮政支局",
)
_SIGNS = (
    "东西南北中金水花园陇海嵩山淮河长江黄河建设人民文化健康幸福和平胜利友爱团结朝阳新华民主解放光明"
)
_WEST, _SOUTH, _STEP_DEG = 112.9, 34.5, 0.25


@dataclass(frozen=True, slots=True)
class LargeSheet:
    """A sheet as CSV, and which instance it is."""

    content: bytes
    instance: Instance

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write the file, and a city with districts and no stations; give both paths."""
        file, city = folder / "stations.csv", folder / "city"
        file.write_bytes(self.content)
        settings = CitySettings(name="示例大城", name_en="Large sample", is_synthetic=False)
        write_city(city, settings, CityTables(areas=_areas()))
        return file, city


def make_large_sheet(n: int, *, seed: int = 0) -> LargeSheet:
    """Make a sheet of n rows."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    writer.writerows(_rows(np.random.default_rng(seed), n))
    content = out.getvalue().encode("utf-8-sig")
    return LargeSheet(content, Instance(f"sheet-{n}", seed, hashlib.sha256(content).hexdigest()))


def _areas() -> gpd.GeoDataFrame:
    """Give nine squares with the names of districts."""
    boxes = [
        shapely.box(
            _WEST + _STEP_DEG * (k % 3),
            _SOUTH + _STEP_DEG * (k // 3),
            _WEST + _STEP_DEG * (k % 3 + 1),
            _SOUTH + _STEP_DEG * (k // 3 + 1),
        )
        for k in range(len(_DISTRICTS))
    ]
    table = {"id": [f"d{k}" for k in range(9)], "name": list(_DISTRICTS), "is_synthetic": True}
    return gpd.GeoDataFrame(table, geometry=boxes, crs="EPSG:4326")


def _rows(rng: np.random.Generator, n: int) -> list[list[object]]:
    place = rng.random((n, 2)) * 3 * _STEP_DEG
    district = (place[:, 0] // _STEP_DEG + 3 * (place[:, 1] // _STEP_DEG)).astype(int)
    lon, lat = from_wgs84(lon_deg=_WEST + place[:, 0], lat_deg=_SOUTH + place[:, 1], frame="gcj02")
    signs = np.array(list(_SIGNS))[rng.integers(len(_SIGNS), size=(n, 4))]
    hosts = rng.integers(len(_HOSTS), size=n)
    listed = rng.random((n, len(_FACILITIES))) < 0.3
    pick = {name: rng.integers(len(words), size=n) for name, words in _CHOICES.items()}
    numbers = rng.integers(1, 400, size=(n, 3))
    is_wrong = rng.random(n)
    rows: list[list[object]] = []
    for i in range(n):
        road, host = "".join(signs[i, :2]), _HOSTS[hosts[i]]
        x, y = f"{lon[i]:.6f}", f"{lat[i]:.6f}"
        if is_wrong[i] < 0.002:
            x = ""
        elif is_wrong[i] < 0.003:
            x, y = y, x
        rows.append(
            [
                f"L{i + 1:06d}",
                f"工会驿站({host}{''.join(signs[i, 2:])}店)",
                f"{_DISTRICTS[district[i]]}{road}路{numbers[i, 0]}号",
                _DISTRICTS[district[i]],
                x,
                y,
                _HOURS[pick["hours"][i]],
                "、".join(w for w, there in zip(_FACILITIES, listed[i], strict=True) if there),
                _ENTRIES[pick["entry"][i]],
                _STATES[pick["state"][i]],
                f"约{numbers[i, 1] % 80 + 8}平方米",
                numbers[i, 2] % 40,
                f"{host}有限公司",
                f"0371-6{numbers[i, 0]:03d}{numbers[i, 1]:03d}{numbers[i, 2] % 10}",
                f"2026年{numbers[i, 0] % 9 + 1}月{numbers[i, 1] % 28 + 1}日",
                "是",
            ]
        )
    for i in range(0, n - 100, max(n // 50, 101)):  # written down twice
        rows[i + 99] = [f"L{i + 100:06d}", *rows[i][1:]]
    return rows


_CHOICES = {"hours": _HOURS, "entry": _ENTRIES, "state": _STATES}

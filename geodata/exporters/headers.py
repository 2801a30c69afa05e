"""How columns and words are called in tables for offices.

One header row in two languages, Chinese first: ``名称 name``. The second word is the column's name
everywhere else, so that a filled-in table can be imported again and nobody has to guess. Longitude
and latitude name their frame. Facilities, ways to get in, kinds and states are written in Chinese,
offers and closed days as `geodata.written` does.
"""

from __future__ import annotations

from collections.abc import Iterable

from geodata.services import services

SAMPLE_COLUMN = "说明"
SAMPLE_NOTE = "示例数据，非真实站点 / Sample data, not real stations"
"""Stands in every row of an invented place, and on top of every sheet that has one."""

_CHINESE = {
    "id": "编号", "name": "名称", "address": "地址", "district": "所属区", "hours": "开放时间",
    "hours_text": "开放时间原文", "facilities": "设施", "entry": "进入方式", "kind": "类型",
    "status": "状态", "area_m2": "面积", "seats": "座位", "host": "主办单位", "phone": "电话",
    "source": "来源", "source_frame": "原坐标系", "source_x": "原坐标x", "source_y": "原坐标y",
    "verified_on": "核实日期", "is_synthetic": "是否示例", "group": "人群", "people": "人数",
    "place_id": "地点编号", "cost_cny": "费用(元)", "gain_people": "新增覆盖人数", "rank": "次序",
    "station_id": "站点编号", "distance_m": "距离(米)", "minutes": "分钟", "share": "比例",
    "covered_people": "已覆盖人数", "area_id": "区域编号", "area_name": "区域", "weekday": "星期",
    "hour": "小时", "travel_s": "路程(秒)", "length_m": "长度(米)", "highway": "道路等级",
    "lon_wgs84": "经度", "lat_wgs84": "纬度", "code": "站点码", "staff_hours": "值班时间",
    "closures": "暂停时间", "offers": "设施状态", "status_reason": "状态原因",
    "status_since": "状态日期", "district_code": "区划代码",
}  # fmt: skip

_WORDS = {
    "entry": {
        "walk_in": "直接进入", "ask_staff": "询问工作人员", "qr": "扫码", "id_card": "身份证",
        "app": "手机应用", "phone": "电话", "unknown": "未知",
    },
    "kind": {
        "co_built": "共建", "self_built": "自建", "smart_24h": "智能", "flagship": "旗舰",
        "mobile": "流动",
    },
    "status": {
        "planned": "规划", "building": "在建", "open": "开放", "suspended": "暂停", "moved": "迁移",
        "revoked": "撤销",
    },
    "group": {
        "rider": "外卖骑手", "courier": "快递员", "cleaner": "环卫工人", "driver": "司机",
        "all": "全部",
    },
}  # fmt: skip


def header(column: str) -> str:
    """Give the header of a column, Chinese first where we have a word for it.

    Examples
    --------
    >>> header("name"), header("adcode")
    ('名称 name', 'adcode')
    """
    return f"{_CHINESE[column]} {column}" if column in _CHINESE else column


def spoken(column: str, value: str) -> str:
    """Give one of our words in Chinese; other values stay as they are."""
    return _WORDS.get(column, {}).get(value, value)


def listed(keys: Iterable[str]) -> str:
    """Give facilities in Chinese, as a list to read."""
    known = services()
    return "、".join(known[key].zh if key in known else key for key in keys)

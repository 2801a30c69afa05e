"""Tell rows of a table that are no places: notes, totals, headings, and the header once more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from geodata.importers.sheets import is_filled

Remark: TypeAlias = Literal["note", "total", "header", "section", "serial"]

_KEYS = (
    "注", "备注", "附注", "说明", "附件?", "填表", "填报", "填写", "制表", "制作", "编制", "审核",
    "复核", "审批", "批准", "负责人", "联系人", "联系电话", "经办", "统计", "单位[(（]?盖?章?",
    "盖章", "公章", "报送", "上报", "更新", "截至", "截止", "数据来源", "资料来源", "来源", "日期",
    "时间", "温馨提示", "提示", "notes?", "remarks?", "sources?", "preparedby", "checkedby", "date",
)  # fmt: skip
_NOTE = re.compile(
    rf"[(（\[【*※]*(?:(?:{'|'.join(_KEYS)})[^:：]{{0,12}}[:：]|注\d*[、.．])", re.IGNORECASE
)
_KEYED = re.compile(r"[^:：]{1,16}[:：]")
_TOTAL = re.compile(
    r"(?:本页|本表|全市|全区|全县|各区|[\u4e00-\u9fff]{1,8}(?:市|区|县|镇|乡|街道|办事处))?(?:合计|总计|小计|共计|总数|累计)(?:[(:：（].*|\d*[个座处家]?)"
    r"|共\d+[个座处家].{0,6}|(?:grand|sub)?total:?\d*",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"[(（]?[一二三四五六七八九十]{1,3}[)）]?[、.．\s]")
_ITEM = re.compile(r"[(（]?\d{1,2}[.、．)）]")
_SERIAL = ("序号", "序", "no", "no.", "serial", "行号", "№", "no。")
_FEWEST_NUMBERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is known of a table when its rows are looked at.

    Attributes
    ----------
    n_columns
        Columns with a name.
    headers
        The lines of the header, as `plain_row` gives them, by the first text of each.
    titles
        Texts of the lines above the header, as `squeezed` gives them.
    serial
        Columns that count the rows.
    broad
        Rows with a cell merged over at least three columns, or half of them.
    has_totals
        Whether totals are told from other rows.
    """

    n_columns: int
    headers: Mapping[str, tuple[str, ...]]
    titles: Collection[str]
    serial: Collection[int]
    broad: Collection[int]
    has_totals: bool


def remark_in(
    number: int, cells: Sequence[object], layout: Layout, *, before: Remark | None = None
) -> Remark | None:
    """Tell why a row is no place; None when it seems to be one.

    Parameters
    ----------
    number
        Row as a person counts it.
    cells
        With at least one filled.
    layout
        The table.
    before
        What was told of the row before.
    """
    filled = [i for i, cell in enumerate(cells) if is_filled(cell)]
    first = cells[filled[0]]
    if not isinstance(first, str):
        return _of_numbers(cells, filled, layout)
    text = squeezed(first)
    if text in layout.headers and plain_row(cells) == layout.headers[text]:
        return "header"
    if len(filled) == 1 and text in layout.titles:
        return "header"
    if _NOTE.match(text) and _is_sparse(cells, filled, layout):
        return "note"
    if layout.has_totals and _TOTAL.fullmatch(text) and 2 * len(filled) <= layout.n_columns + 1:
        return "total" if len(filled) < layout.n_columns else None
    if len(filled) == 1:
        if number in layout.broad or _ORDINAL.match(text):
            return "section"
        is_next_note = before == "note" and _ITEM.match(text)
        if is_next_note or (filled[0] in layout.serial and not text.isdecimal()):
            return "note"
    return _of_numbers(cells, filled, layout)


def serial_columns(names: Sequence[str]) -> frozenset[int]:
    """Give the columns whose header says that they count the rows."""
    return frozenset(i for i, name in enumerate(names) if squeezed(name).casefold() in _SERIAL)


def squeezed(text: object) -> str:
    """Give a text in half width without blanks."""
    return "".join(unicodedata.normalize("NFKC", str(text)).split())


def plain_row(cells: Sequence[object]) -> tuple[str, ...]:
    """Give a row to compare with others: squeezed texts up to the last filled one."""
    row = [squeezed(c) if is_filled(c) else "" for c in cells]
    while row and not row[-1]:
        row.pop()
    return tuple(row)


def _is_sparse(cells: Sequence[object], filled: Sequence[int], layout: Layout) -> bool:
    """Tell whether a row is too empty for a place, or made of ``key: value`` throughout."""
    if 2 * len(filled) <= max(2, layout.n_columns):
        return True
    return all(_KEYED.match(squeezed(cells[i])) for i in filled)


def _of_numbers(cells: Sequence[object], filled: Sequence[int], layout: Layout) -> Remark | None:
    if layout.serial and all(i in layout.serial for i in filled):
        return "serial"
    is_whole = len(filled) == layout.n_columns >= _FEWEST_NUMBERED
    if is_whole and squeezed(cells[filled[0]]) in ("1", "1.0"):
        counted = [squeezed(cells[i]).removesuffix(".0") for i in filled]
        if counted == [str(i) for i in range(1, len(filled) + 1)]:
            return "note"  # the line that numbers the columns
    return None

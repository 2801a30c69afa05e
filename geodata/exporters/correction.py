"""Write what came of an import as a workbook that an office can correct and send back.

The first sheet, 全部站点, holds the rows as they came, with what is wrong beside them, and can be
imported again (`exporters.correction_rows`); 变更, 重复 and 拒收 show what would be done, 读法 how
cells were read, 说明 what to do. Every text is a text: no formula, no link, nothing evaluated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import xlsxwriter

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.exporters.correction_rows import Say, shown_columns
from geodata.exporters.draft import finished
from geodata.exporters.headers import listed, spoken
from geodata.importers import words
from geodata.importers.difference import Difference
from geodata.importers.how import RULES
from geodata.importers.stations import StationImport
from geodata.written import for_offices

MAX_ROWS = 1_048_570
"""Rows that a sheet holds beside its header."""

_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_MAX_CELL = 32767
_REASONS = {
    "same_name": "同名", "same_sound": "读音相同", "similar_name": "名称相近",
    "same_address": "地址相同", "same_host": "同一单位", "same_phone": "电话相同", "near": "距离近",
    "frame_shift": "相距正好一个坐标系偏移",
}  # fmt: skip
_HOW_TO = (
    "怎样使用本表",
    "1. 请在“全部站点”中改正：红色单元格所在的行被拒收，黄色的请核对；“问题（请改正）”说明了原因。",
    "2. 改完后保存，把整个文件发回，可直接再次导入；原来的列和行请不要删除，其他工作表不会被读取。",
    "3. 进入方式、状态、类型可从下拉列表中选择；留空表示不改变已登记的内容。",
    "4. “系统的读法”写明系统怎样理解单元格；理解有误时请把单元格改得更清楚。",
    "5. “变更”“重复”“拒收”列出导入后会发生什么；没有登记的内容不会被删除。",
)


def write(
    path: Path, read: StationImport, found: Difference, register: gpd.GeoDataFrame, *, say: Say
) -> None:
    """Write the workbook.

    Parameters
    ----------
    path
        File to write, ``.xlsx``; replaced as a whole when it exists.
    read, found
        What the file says and what it would change.
    register
        Stations frame of the register, for names.
    say
        Gives findings and rules in the reader's language.

    Raises
    ------
    InvalidInputError
        When the file is too long for a sheet, or `path` does not end in ``.xlsx``.
    NotFoundError, UnavailableError
        When `path` cannot be written, see `draft.finished`.
    """
    if path.suffix.lower() != ".xlsx":
        raise InvalidInputError("{path} must end in .xlsx; name it so", path=path)
    if len(read.table.rows) > MAX_ROWS:
        raise InvalidInputError(
            "the file has {n} rows; a sheet holds {limit}, split it first",
            n=len(read.table.rows),
            limit=MAX_ROWS,
        )
    names = _names(read, register)
    with finished(path) as draft:
        book = xlsxwriter.Workbook(str(draft), _OPTIONS | {"tmpdir": str(draft.parent)})
        _write_rows(book, read, found, say)
        _write_table(
            book, "变更", ("编号", "站点名", "项目", "现在", "文件中"), _changes(found, names)
        )
        _write_table(
            book,
            "重复",
            ("编号", "站点名", "可能相同的编号", "可能相同的站点", "距离（米）", "可能性", "理由"),
            _duplicates(found, names),
        )
        _write_table(
            book, "拒收", ("原行号", "站点名", "出错的列", "原因"), _refused(read, found, say)
        )
        _write_table(book, "读法", ("列", "原文", "读作", "读法", "行数"), _readings(read, say))
        _write_notes(book, read, found)
        book.close()


def _names(read: StationImport, register: gpd.GeoDataFrame) -> dict[str, str]:
    known = dict(zip(register["id"].tolist(), register["name"].tolist(), strict=True))
    own = zip(read.stations["id"].tolist(), read.stations["name"].tolist(), strict=True)
    return known | dict(own)


def _write_rows(book: Any, read: StationImport, found: Difference, say: Say) -> None:
    """Write the first sheet, row by row: it may be long."""
    sheet = book.add_worksheet("全部站点")
    formats = {
        "error": book.add_format({"bg_color": "#FFC7CE"}),
        "warning": book.add_format({"bg_color": "#FFEB9C"}),
        "head": book.add_format({"bold": True}),
    }
    shown = shown_columns(read, found, say)
    for at, column in enumerate(shown.columns):
        sheet.set_column(at, at, column.width)
        if column.choices:
            sheet.data_validation(
                1,
                at,
                max(len(read.table.rows), 1) + 200,
                at,
                {
                    "validate": "list",
                    "source": list(column.choices),
                    "error_type": "information",
                    "show_error": False,
                },
            )
        sheet.write_string(0, at, column.title, formats["head"])
    for row, cells in enumerate(shown.rows(), start=1):
        for at, (value, severity) in enumerate(cells):
            _put(sheet, row, at, value, formats.get(severity))
    sheet.freeze_panes(1, 0)
    if len(read.table.rows):
        sheet.autofilter(0, 0, len(read.table.rows), len(shown.columns) - 1)


def _write_table(book: Any, name: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    sheet.set_column(0, len(head) - 1, 24)
    for at, title in enumerate(head):
        sheet.write_string(0, at, title, bold)
    for row, cells in enumerate(rows, start=1):
        if row > MAX_ROWS:
            break
        for at, value in enumerate(cells):
            _put(sheet, row, at, value, None)
    sheet.freeze_panes(1, 0)


def _put(sheet: Any, row: int, at: int, value: Any, form: Any) -> None:
    """Write a value as what it is; an empty one only where it has a colour."""
    if isinstance(value, bool):
        sheet.write_boolean(row, at, value, form)
    elif isinstance(value, int | float) and value == value and abs(value) != float("inf"):
        sheet.write_number(row, at, value, form)
    elif isinstance(value, str) and value:
        sheet.write_string(row, at, value[:_MAX_CELL], form)
    elif form is not None:
        sheet.write_blank(row, at, None, form)


def _changes(found: Difference, names: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    for key in found.new:
        yield key, names.get(key, ""), "新增站点", "", ""
    for change in found.changed:
        for column, (before, after) in change.fields.items():
            label = "位置" if column == "position" else words.label(column)
            yield (
                change.id,
                names.get(change.id, ""),
                label,
                told(column, before),
                told(column, after),
            )
    for key in found.vanished:
        yield key, names.get(key, ""), "文件中没有，保留不变", "", ""


def _duplicates(found: Difference, names: dict[str, str]) -> Iterator[tuple[Any, ...]]:
    for pair in found.duplicates:
        why = "、".join(_REASONS.get(r, r) for r in pair.reasons)
        yield (
            pair.id,
            names.get(pair.id, ""),
            pair.other_id,
            names.get(pair.other_id, ""),
            round(pair.distance_m),
            f"{pair.score:.0%}",
            why,
        )


def _refused(read: StationImport, found: Difference, say: Say) -> Iterator[tuple[Any, ...]]:
    header = read.columns.header("name") or read.columns.header("id")
    names = {} if header is None else read.table.rows[header].to_dict()
    for finding in _errors(read, found):
        name = names.get(finding.row)
        told_name = "" if name is None else str(name)
        yield finding.row, told_name, finding.column, say(finding.template, finding.details)


def _errors(read: StationImport, found: Difference) -> list[Finding]:
    every = [f for f in (*read.report.findings, *found.findings) if f.severity == "error"]
    return sorted(every, key=lambda f: f.row or 0)


def _readings(read: StationImport, say: Say) -> Iterator[tuple[Any, ...]]:
    """Give each different reading once, the commonest first."""
    for column in read.interpreted:
        for which, n in Counter(column.which.tolist()).most_common():
            cell = column.cell(0, which)
            how = say(RULES[cell.rule], {"said": cell.said, "became": cell.became})
            yield cell.column, cell.said, cell.became, how, n


def _write_notes(book: Any, read: StationImport, found: Difference) -> None:
    sheet = book.add_worksheet("说明")
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 3, 24)
    counts = {
        "来源文件": read.file_name,
        "坐标系": f"{read.report.frame}（{read.report.confidence:.0%}）",
        "行数": read.report.n_rows,
        "新增": len(found.new),
        "变更": len(found.changed),
        "文件中没有": len(found.vanished),
        "可能重复": len(found.duplicates),
        "拒收": read.report.n_refused + found.n_refused,
    }
    for row, line in enumerate(_HOW_TO):
        sheet.write_string(row, 0, line, bold if row == 0 else None)
    at = len(_HOW_TO) + 1
    for row, (name, value) in enumerate(counts.items(), start=at):
        sheet.write_string(row, 0, name)
        _put(sheet, row, 1, value, None)
    at += len(counts) + 1
    for column, title in enumerate(("列", "读作", "依据")):
        sheet.write_string(at, column, title, bold)
    how = {
        "person": "人工指定",
        "remembered": "按上次的对应",
        "known": "列名",
        "guessed": "猜测，请核对",
    }
    for row, said in enumerate(read.columns.columns, start=at + 1):
        target = "不读取" if said.field == "ignore" else words.label(said.field)
        detail = f"：{said.detail}" if said.detail else ""
        for column, text in enumerate((said.header, target + detail, how[said.how])):
            _put(sheet, row, column, text, None)


def told(column: str, value: Any) -> Any:
    """Give a value of a station as an office reads it."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if column == "position":
        return f"{value[0]:.6f}, {value[1]:.6f}"
    if column == "facilities":
        return listed(value)
    if column in ("offers", "closures"):
        return for_offices(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    return spoken(column, value) if isinstance(value, str) else value

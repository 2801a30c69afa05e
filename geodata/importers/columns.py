"""Find the columns of a table by their headers, and read their cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.sieve import Sieve
from geodata.records import GROUPS

GROUP = (
    "group", "工种", "群体", "人群", "职业", "劳动者类型", "worker group", "occupation",
)  # fmt: skip

_WEEKDAY = ("weekday", "day", "day of week", "dow", "星期", "星期几", "周几")
_HOUR = ("hour", "小时", "时", "时段", "hour of day")
_DAYS = tuple(
    zip(
        ("mo", "tu", "we", "th", "fr", "sa", "su"),
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        ("一", "二", "三", "四", "五", "六", "日"),
        strict=True,
    )
)
_GROUP_WORDS = {
    "rider": ("骑手", "外卖", "外卖员", "外卖骑手", "外卖配送员", "送餐员", "riders", "food rider"),
    "courier": ("快递", "快递员", "快递小哥", "couriers"),
    "cleaner": ("环卫", "环卫工", "环卫工人", "保洁", "保洁员", "cleaners", "street cleaner"),
    "driver": ("司机", "货车司机", "卡车司机", "网约车司机", "出租车司机", "的哥", "drivers"),
    "all": (
        "全部",
        "合计",
        "总计",
        "共计",
        "小计",
        "总数",
        "所有",
        "不分",
        "total",
        "sum",
        "any",
        "everyone",
        "",
    ),
}


def column_named(rows: pd.DataFrame, names: Sequence[str]) -> str | None:
    """Give the first column with one of the names, compared as `words.plain` does; earlier wins."""
    by_name = {words.plain(str(c)): str(c) for c in reversed(list(rows.columns))}
    return next((by_name[words.plain(n)] for n in names if words.plain(n) in by_name), None)


def texts(column: pd.Series) -> pd.Series:
    """Give cells as text without outer blanks; empty where there is nothing."""
    return column.astype(object).where(column.notna(), "").astype(str).str.strip()


def numbers(column: pd.Series) -> NDArray[np.float64]:
    """Give cells as numbers, NaN where they are none; ``1,234`` and full-width digits count."""
    read = pd.to_numeric(column, errors="coerce")
    found: NDArray[np.float64] = read.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    unread = np.flatnonzero(np.isnan(found) & column.notna().to_numpy())
    if len(unread):
        text = texts(column.iloc[unread]).str.normalize("NFKC")
        grouped = text.str.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
        text = text.where(~grouped, text.str.replace(",", ""))
        found[unread] = pd.to_numeric(text, errors="coerce").astype(np.float64)
    return found


def groups(column: pd.Series) -> pd.Series:
    """Give cells as words of `records.GROUPS` or ``all``; missing where not understood."""
    known = {words.plain(w): group for group, names in _GROUP_WORDS.items() for w in names}
    known |= {words.plain(group): group for group in (*GROUPS, "all")}
    return texts(column).map(lambda text: known.get(words.plain(text)))


def week_hours(rows: pd.DataFrame, sieve: Sieve) -> NDArray[np.int64] | None:
    """Give the hour each row is about, from its columns for weekday and hour.

    Parameters
    ----------
    rows
        Table; a weekday is 0 to 6 from Monday, ``Mo``, ``Monday``, ``周一`` or ``星期一``, an hour
        0 to 23 or a time such as ``08:00``.
    sieve
        Refuses rows whose weekday or hour is none of these.

    Returns
    -------
    numpy.ndarray or None
        Shape (n,): 0 to 23 for an hour of every day, 24 and more for 24 + hour of the week; None
        when there is no hour column.

    Raises
    ------
    InvalidInputError
        When there is a weekday column without an hour column.
    """
    day_column, hour_column = column_named(rows, _WEEKDAY), column_named(rows, _HOUR)
    if hour_column is None:
        if day_column is None:
            return None
        raise InvalidInputError(
            "there is a column {column} for the weekday but none for the hour; add one called hour",
            column=day_column,
        )
    text = texts(rows[hour_column]).str.normalize("NFKC")
    hour = pd.to_numeric(text.str.extract(r"^(\d{1,2})(?:\.0|[:时点].*)?$")[0], errors="coerce")
    bad = ~hour.between(0, 23)
    template = "row {row}: {column} is {value}; an hour from 0 to 23 is needed"
    sieve.refuse(bad.to_numpy(), "bad_hour", template, text, column=hour_column)
    code = np.asarray(hour.where(~bad, 0), dtype=np.int64)
    if day_column is None:
        return code
    text = texts(rows[day_column]).str.normalize("NFKC")
    day = text.str.casefold().map(_weekdays())
    template = "row {row}: {column} is {value}; a weekday is 0 (Monday) to 6 (Sunday), or Mo to Su"
    sieve.refuse(day.isna().to_numpy(), "bad_weekday", template, text, column=day_column)
    return code + 24 * (1 + np.asarray(day.fillna(0), dtype=np.int64))


def _weekdays() -> dict[str, int]:
    known = {"周天": 6, "星期天": 6}
    for i, (short, long, zh) in enumerate(_DAYS):
        for word in (str(i), f"{i}.0", short, long[:3], long, f"周{zh}", f"星期{zh}", f"礼拜{zh}"):
            known[word] = i
    return known

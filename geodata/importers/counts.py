"""Read visits that somebody counted: at which station, in which hour, how many.

Only sums are taken: a row is a station, a day or weekday, an hour and a number. A table with a
column that names people (a phone, a name, an identity number) is refused as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.columns import column_named, numbers, texts, week_hours
from geodata.importers.report import ImportReport
from geodata.importers.shapes import read_shapes
from geodata.importers.sieve import Sieve

COUNT_METHODS = ("door_count", "qr_checkin", "camera_count", "manual_log", "estimate")
"""How visits were counted; an estimate is no count and is refused."""

_STATION = ("station_id", "station id", "id", "编号", "站点编号", "驿站编号")
_COUNT = ("visits", "count", "人次", "到访人次", "服务人次", "次数")
_WEEKS = ("weeks", "周数", "n weeks")
_METHOD = ("method", "方式", "统计方式", "计数方式")
_PERSONAL = (
    "姓名", "手机", "手机号", "电话", "身份证", "身份证号", "工号", "phone", "mobile", "id card",
    "person", "worker id", "openid", "device",
)  # fmt: skip
_METHOD_WORDS = {
    "door_count": ("门磁", "红外", "客流计", "door count"),
    "qr_checkin": ("扫码", "qr", "qr checkin"),
    "camera_count": ("摄像头", "视频", "camera"),
    "manual_log": ("登记", "登记簿", "人工", "manual", "manual log"),
    "estimate": ("估计", "估算", "estimate"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Visits counted.

    Attributes
    ----------
    station_id
        Shape (n,): ids as the file gives them.
    hour
        Shape (n,): hour of the week, 0 is Monday 00:00; a row about every day stands seven times.
    visits, weeks
        Shape (n,): how many, in how many weeks.
    report
        The account of the file.
    """

    station_id: NDArray[np.object_]
    hour: NDArray[np.int64]
    visits: NDArray[np.float64]
    weeks: NDArray[np.float64]
    report: ImportReport


def read_counts(path: Path) -> Counts:
    """Read a table of counted visits.

    Parameters
    ----------
    path
        CSV or XLSX with columns for the station (``station_id``, 编号), the hour (``hour``, 小时),
        the visits (``visits``, 人次), and where known the weekday (``weekday``, 星期; without it
        the visits are of that hour on all seven days together), the weeks counted (``weeks``, 周数;
        else 1) and the method (``method``, 统计方式).

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When it cannot be read, lacks a column, has one that names people, or no row can be used.
    """
    raw = read_shapes(path, headers=(*_STATION, *_COUNT))
    rows = raw.rows
    _refuse_personal(rows, path)
    station, count = (_needed(rows, names, path) for names in (_STATION, _COUNT))
    sieve = Sieve(rows.index, raw.findings)
    hour = week_hours(rows, sieve)
    if hour is None:
        raise InvalidInputError(
            "{path} has no column for the hour; add one called hour with 0 to 23", path=path.name
        )
    ids, visits = texts(rows[station]), numbers(rows[count])
    template = "row {row}: {column} is {value}; a number of 0 or more is needed"
    is_bad = ~(np.isfinite(visits) & (visits >= 0))
    sieve.refuse(is_bad, "bad_count", template, rows[count], column=count)
    sieve.refuse((ids == "").to_numpy(), "no_station", "row {row}: the station is not named")
    weeks = _weeks(rows, sieve)
    _refuse_estimates(rows, sieve)
    report = sieve.report(path, frame="none")
    kept = np.flatnonzero(sieve.stays)
    found = pd.DataFrame(
        {
            "id": ids.to_numpy()[kept],
            "hour": hour[kept],
            "visits": visits[kept],
            "weeks": weeks[kept],
        }
    )
    weekly = _by_weekday(found)
    return Counts(
        weekly["id"].to_numpy(dtype=object),
        weekly["hour"].to_numpy(np.int64),
        weekly["visits"].to_numpy(np.float64),
        weekly["weeks"].to_numpy(np.float64),
        report,
    )


def _by_weekday(found: pd.DataFrame) -> pd.DataFrame:
    """Give hours of the week; visits of an hour on all days are shared out among the seven."""
    dated = found.loc[found["hour"] >= 24].assign(hour=lambda f: f["hour"] - 24)
    daily = found.loc[found["hour"] < 24]
    spread = [
        daily.assign(hour=daily["hour"] + 24 * d, visits=daily["visits"] / 7) for d in range(7)
    ]
    return pd.concat([dated, *spread], ignore_index=True)


def _needed(rows: pd.DataFrame, names: tuple[str, ...], path: Path) -> str:
    column = column_named(rows, names)
    if column is None:
        raise InvalidInputError(
            "{path} has no column {wanted}; its columns are {found}",
            path=path.name,
            wanted=names[0],
            found=", ".join(map(str, rows.columns)),
        )
    return column


def _refuse_personal(rows: pd.DataFrame, path: Path) -> None:
    column = column_named(rows, _PERSONAL)
    if column is not None:
        raise InvalidInputError(
            "{path} has a column {column} about single people; send sums by station and hour only",
            path=path.name,
            column=column,
        )


def _weeks(rows: pd.DataFrame, sieve: Sieve) -> NDArray[np.float64]:
    column = column_named(rows, _WEEKS)
    if column is None:
        return np.ones(len(rows))
    weeks = numbers(rows[column])
    template = "row {row}: {column} is {value}; a number of weeks above 0 is needed"
    sieve.refuse(~(weeks > 0), "bad_weeks", template, rows[column], column=column)
    return weeks


def _refuse_estimates(rows: pd.DataFrame, sieve: Sieve) -> None:
    column = column_named(rows, _METHOD)
    if column is None:
        return
    known = {words.plain(w): key for key, named in _METHOD_WORDS.items() for w in named}
    known |= {words.plain(key): key for key in COUNT_METHODS}
    said = texts(rows[column]).map(lambda text: known.get(words.plain(text)))
    template = "row {row}: {value} is an estimate, not a count; leave it out"
    sieve.refuse((said == "estimate").to_numpy(), "estimate", template, rows[column], column=column)

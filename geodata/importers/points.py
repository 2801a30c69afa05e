"""Read points of activity: which worker was where and when.

They are sensitive personal data. They are read to find hotspots and never written to a city;
nothing that names a worker, or shows where one was, leaves `geodata.hotspots`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geodata.errors import InvalidInputError
from geodata.importers.columns import GROUP, column_named, groups, texts
from geodata.importers.placing import locate
from geodata.importers.report import ImportReport
from geodata.importers.shapes import read_shapes
from geodata.importers.sieve import Sieve

_WORKER = (
    "worker", "worker id", "rider", "rider id", "courier id", "driver id", "user", "user id", "uid",
    "骑手", "骑手id", "骑手编号", "工号", "员工编号", "员工工号", "人员", "人员编号", "劳动者",
    "劳动者编号", "用户", "用户id", "用户编号", "司机编号",
)  # fmt: skip
_TIME = (
    "time", "moment", "timestamp", "datetime", "date time", "gps time", "时间", "日期时间", "时刻",
    "定位时间", "上报时间", "采集时间",
)  # fmt: skip
_PARTS = (
    r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?[T\s]\s*"
    r"([01]?\d|2[0-3])[:时点]([0-5]?\d)分?(?::?([0-5]?\d)(?:\.\d+)?秒?)?$"
)


@dataclass(frozen=True, slots=True, eq=False)
class PointImport:
    """What a file says about activity.

    Attributes
    ----------
    points
        Points in WGS 84 with `worker` (text), `moment` (local time without zone) and `group` (a
        word of `geodata.records.GROUPS`, or ``all`` where it is not known).
    report
        The frame, the findings and the counts.
    """

    points: gpd.GeoDataFrame
    report: ImportReport


def read_points(path: Path, *, frame: str = "auto") -> PointImport:
    """Read a file of points of activity.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON, GeoPackage or GeoParquet with columns for the worker (``worker``, 骑手,
        工号), the local time (``time``, 时间), the position, and optionally the group (工种).
    frame
        Frame of the coordinates, one of `frames.FRAMES`; ``auto`` takes the one that the file
        itself names. The frame that the file's format names goes before it, with a warning.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When the file cannot be read, lacks a column, no frame is named, or every row is refused.
    """
    raw = read_shapes(path, headers=(*_WORKER, *_TIME))
    sieve = Sieve(raw.rows.index, raw.findings)
    worker = _column(raw.rows, _WORKER, path, _NO_WORKER)
    time = _column(raw.rows, _TIME, path, _NO_TIME)
    shapes, used = locate(raw, sieve, path=path, frame=frame)
    not_points = sieve.stays & (shapely.get_type_id(shapes) != shapely.GeometryType.POINT)
    template = "row {row}: its geometry is no point; a point is needed"
    sieve.refuse(not_points, "bad_geometry", template)
    workers = texts(raw.rows[worker])
    template = "row {row}: {column} is empty; whose point it is must be told apart from others"
    sieve.refuse((workers == "").to_numpy(), "no_worker", template, column=worker)
    moments = _moments(raw.rows[time], sieve)
    group = column_named(raw.rows, GROUP)
    table = pd.DataFrame(
        {
            "worker": workers,
            "moment": moments,
            "group": "all" if group is None else groups(raw.rows[group]).fillna("all"),
        }
    )
    report = sieve.report(path, frame=used)
    points = gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")[sieve.stays]
    return PointImport(points.reset_index(drop=True), report)


_NO_WORKER = (
    "{path} has no column for the worker (worker, 骑手, 工号): it is needed to tell a place that "
    "many workers use from one that one worker uses often (k-anonymity); any pseudonymous number "
    "will do; its columns are {found}"
)
_NO_TIME = (
    "{path} has no column for the time (time, 时间): it is needed to know in which hours workers "
    "are there; its columns are {found}"
)


def _column(rows: pd.DataFrame, names: tuple[str, ...], path: Path, template: str) -> str:
    column = column_named(rows, names)
    if column is None:
        found = ", ".join(map(str, rows.columns))
        raise InvalidInputError(template, path=path.name, found=found)
    return column


def _moments(column: pd.Series, sieve: Sieve) -> pd.Series:
    """Give local times; refuse what is none, or names a zone of its own."""
    name = str(column.name)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        template = "row {row}: {column} names a time zone; write the local time of the city"
        sieve.refuse(column.notna().to_numpy(), "zoned_time", template, column=name)
        column = column.dt.tz_localize(None)
    if not pd.api.types.is_datetime64_dtype(column.dtype):
        column = _parsed(texts(column), sieve, name)
    template = "row {row}: {column} is empty; the time of the point is needed"
    sieve.refuse(column.isna().to_numpy(), "no_time", template, column=name)
    return column.astype("datetime64[s]")


def _parsed(text: pd.Series, sieve: Sieve, name: str) -> pd.Series:
    """Read year, month, day, hour, minute and perhaps second, written in any of the usual ways."""
    parts = text.str.normalize("NFKC").str.extract(_PARTS).apply(pd.to_numeric, errors="coerce")
    parts.columns = pd.Index(["year", "month", "day", "hour", "minute", "second"])
    whole = parts.fillna({"second": 0}).dropna().astype("int64")
    found: pd.Series = pd.to_datetime(whole, errors="coerce").reindex(text.index)
    zoned = text.str.contains(r"\d(?:Z|[+-]\d{2}:?\d{2})$", regex=True).to_numpy()
    template = "row {row}: {value} names a time zone; write the local time of the city without one"
    sieve.refuse(zoned, "zoned_time", template, text, column=name)
    bad = (found.isna() & (text != "")).to_numpy()
    template = "row {row}: {value} is no time; write it like 2026-03-02 08:30"
    sieve.refuse(bad, "bad_time", template, text, column=name)
    return found

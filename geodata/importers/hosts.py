"""Read hosts: shops, offices and other places that offer to take in a station."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.cells import text_of
from geodata.importers.columns import numbers, texts
from geodata.importers.positions import locate
from geodata.importers.report import ImportReport
from geodata.importers.sieve import Sieve
from geodata.importers.station_rows import made_id
from geodata.importers.table import read_table

HOST_COLUMNS = ("id", "name", "cost_cny")
"""Columns of a hosts frame, beside ``geometry`` (points, EPSG:4326)."""

_LAYERS = ("hosts", "host", "场地", "备选点", *words.LAYERS)
_COST = ("cost cny", "cost", "费用", "造价")
_UNITS_CNY = {"": 1.0, "cny": 1.0, "rmb": 1.0, "元": 1.0, "人民币元": 1.0, "万元": 10_000.0}
_UNIT = re.compile(r"^(.*?)\s*[(\[](.*)[)\]]\s*$")


@dataclass(frozen=True, slots=True, eq=False)
class HostImport:
    """What a file says about hosts.

    Attributes
    ----------
    hosts
        Points in WGS 84 with `HOST_COLUMNS`, in the order of the file; `cost_cny` is what a station
        there costs in yuan, NaN where the file does not say.
    report
        The frame, the findings and the counts.
    """

    hosts: gpd.GeoDataFrame
    report: ImportReport


def read_hosts(path: Path, *, frame: str = "auto") -> HostImport:
    """Read a file of hosts.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON or GeoPackage with an id (编号) or a name (名称), the position, and
        perhaps the cost (``cost_cny``, ``cost``, 费用, 造价) in yuan; a header such as 费用(万元)
        says that it is in tens of thousands. A row without a name is called by its id.
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
    raw = read_table(path, is_header=words.is_header, layers=_LAYERS)
    sieve = Sieve(raw.rows.index, raw.findings)
    positions = locate(raw, frame=frame, file_name=path.name)
    sieve.take(positions.findings)
    ids, names = _labels(raw.rows, path)
    template = "row {row}: it has neither an id nor a name; write one of them"
    sieve.refuse((ids == "") & (names == ""), "missing_name", template)
    places = zip(ids, names, positions.lon_deg, positions.lat_deg, strict=True)
    keys = [key or made_id(name, lon_deg=lon, lat_deg=lat) for key, name, lon, lat in places]
    cost_cny = _cost_cny(raw.rows, sieve)
    again = np.zeros(len(keys), bool)
    again[sieve.stays] = pd.Series(keys, dtype=object)[sieve.stays].duplicated().to_numpy()
    template = "row {row}: id {value} stands already in an earlier row; give each host its own"
    sieve.refuse(again, "duplicate_id", template, keys)
    report = sieve.report(path, frame=positions.frame)
    table = pd.DataFrame({"id": keys, "name": np.where(names == "", ids, names)}, dtype="str")
    points = gpd.points_from_xy(positions.lon_deg, positions.lat_deg)
    hosts = gpd.GeoDataFrame(table.assign(cost_cny=cost_cny), geometry=points, crs="EPSG:4326")
    return HostImport(hosts[sieve.stays].reset_index(drop=True), report)


def _labels(rows: pd.DataFrame, path: Path) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Give ids and names, empty where there are none."""
    fields = {words.field_of(str(c)): c for c in reversed(list(rows.columns))}
    if not {"id", "name"} & set(fields):
        raise InvalidInputError(
            "{path} lacks {missing}; its columns are {found}; accepted names are {accepted}",
            path=path.name,
            missing="名称 (name)",
            found=", ".join(map(str, rows.columns)),
            accepted="; ".join(words.accepted(f) for f in ("name", "id")),
        )
    empty = pd.Series("", index=rows.index, dtype=object)
    ids, names = (rows[fields[f]].map(text_of) if f in fields else empty for f in ("id", "name"))
    return ids.to_numpy(dtype=object), names.to_numpy(dtype=object)


def _cost_cny(rows: pd.DataFrame, sieve: Sieve) -> NDArray[np.float64]:
    """Give costs in yuan, NaN where a cell is empty or there is no such column."""
    found = _cost_column(rows)
    if found is None:
        return np.full(len(rows), np.nan)
    column, unit_cny = found
    cost, text = numbers(rows[column]) * unit_cny, texts(rows[column])
    is_stated = (text != "").to_numpy()
    template = "row {row}: {column} is {value}; a number is needed, or nothing when it is not known"
    sieve.refuse(is_stated & ~np.isfinite(cost), "bad_cost", template, text, column=column)
    template = "row {row}: {column} is {value}; it must be 0 or more"
    sieve.refuse(cost < 0, "bad_cost", template, text, column=column)
    return cost


def _cost_column(rows: pd.DataFrame) -> tuple[str, float] | None:
    """Give the header of the cost and what its unit is worth in yuan."""
    for column in map(str, rows.columns):
        folded = unicodedata.normalize("NFKC", column)
        parts = _UNIT.match(folded)
        name, unit = (parts[1], parts[2]) if parts else (folded, "")
        if words.plain(name) not in map(words.plain, _COST):
            continue
        if words.plain(unit) in _UNITS_CNY:
            return column, _UNITS_CNY[words.plain(unit)]
        raise InvalidInputError(
            "column {column}: the unit {unit} is not known; give the cost in 元 or 万元",
            column=column,
            unit=unit,
        )
    return None

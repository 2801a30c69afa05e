"""Read demand: how many people are where, by group and hour of the week.

A row is a place: an H3 cell, a point, or a polygon. A table with a cell column goes by the cells,
even where it has longitude and latitude too, for a cell names its frame and coordinates do not. The
people of a polygon larger than half a square kilometre (a service area) are shared equally
among the H3 cells (resolution 9) whose centre lies inside; those of a smaller one stand at a point
inside it.

Without a column for the hour everybody is there all week. With one, each row counts the people of
one hour (of one weekday, or of every day where there is no weekday column): `people` is then the
largest count and `presence` what is there of it in each hour, nobody where an hour is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geodata.areas import size_m2
from geodata.errors import InvalidInputError
from geodata.grid import cell_centres, cells_within, is_cell
from geodata.importers import words
from geodata.importers.columns import GROUP, column_named, groups, numbers, texts, week_hours
from geodata.importers.demand_places import name_places, refuse_repeated
from geodata.importers.placing import locate
from geodata.importers.positions import ignored
from geodata.importers.report import ImportReport
from geodata.importers.shapes import RawShapes, read_shapes
from geodata.importers.sieve import Sieve
from geodata.records import HOURS_PER_WEEK

DEMAND_COLUMNS = ("place_id", "name", "group", "people", "presence", "source", "is_synthetic")
"""Columns of a demand frame, beside ``geometry`` (points, EPSG:4326)."""

SPLIT_M2 = 500_000.0
"""People of a polygon larger than this are shared among cells."""

LARGEST_M2 = 10_000e6
"""A larger polygon does not say where its people are."""

MOST_PEOPLE = 1e9
"""No single place has more people; a larger number is no head count."""

_PEOPLE = (
    "people", "人数", "劳动者人数", "population", "人口", "人口数", "workers", "headcount", "pop",
)  # fmt: skip
_CELL = (
    "h3", "h3 index", "h3 id", "h3 cell", "h3 address", "hex", "hex id", "hexagon", "cell",
    "cell id", "网格", "网格编号", "id", "编号",
)  # fmt: skip
_CELL_RESOLUTION = 9


@dataclass(frozen=True, slots=True, eq=False)
class DemandImport:
    """What a file says about demand.

    Attributes
    ----------
    demand
        Demand frame (`DEMAND_COLUMNS`, points in WGS 84) of places with people.
    report
        The frame, the findings and the counts.
    n_zero
        Places that were left out because nobody is there.
    """

    demand: gpd.GeoDataFrame
    report: ImportReport
    n_zero: int


def read_demand(
    path: Path, *, people_column: str | None = None, frame: str = "auto"
) -> DemandImport:
    """Read a file of people by place.

    Parameters
    ----------
    path
        CSV, XLSX, GeoJSON, GeoPackage, GeoParquet or Parquet. Beside the people and the place it
        may have columns for id, name, group (工种), weekday (0, Mo or 周一 is Monday) and hour.
    people_column
        Header of the head count; None takes a usual one such as ``people`` or ``人数``.
    frame
        Frame of the coordinates, one of `frames.FRAMES`; ``auto`` takes the one that the file
        itself names. The frame that the file's format names goes before it, with a warning; H3
        cells are in WGS 84.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When the file cannot be read, lacks a column, no frame is named, every row is refused, or
        nobody is anywhere.
    """
    raw = read_shapes(path, headers=(people_column or "", *_PEOPLE, *_CELL[:-2]))
    sieve = Sieve(raw.rows.index, raw.findings)
    column = _people_column(raw.rows, people_column, path)
    table = pd.DataFrame({"row": raw.rows.index, "people": _people(raw.rows[column], sieve)})
    used = _add_places(table, raw, sieve, path=path, frame=frame)
    table["group"] = _groups(raw.rows, sieve)
    hours = week_hours(raw.rows, sieve)
    _add_labels(table, raw.rows)
    name_places(table, sieve, is_hourly=hours is not None)
    refuse_repeated(table, hours, sieve)
    report = sieve.report(path, frame=used)
    places, n_zero = _by_place(table[sieve.stays], None if hours is None else hours[sieve.stays])
    if places.empty:
        raise InvalidInputError(
            "{path}: nobody is at any of the {n} places; check the column {column}",
            path=path.name,
            n=n_zero,
            column=column,
        )
    return DemandImport(_as_frame(_split(places), path.name), report, n_zero)


def _people_column(rows: pd.DataFrame, wanted: str | None, path: Path) -> str:
    found = column_named(rows, (wanted,) if wanted else _PEOPLE)
    if found is not None:
        return found
    numeric = [str(c) for c in rows.columns if np.isfinite(numbers(rows[c])).mean() > 0.5]
    raise InvalidInputError(
        "{path} has no column {wanted} for the number of people; "
        "name one with --people, the columns with numbers are: {numeric}",
        path=path.name,
        wanted=wanted or _PEOPLE[0],
        numeric=", ".join(numeric) or "-",
    )


def _people(column: pd.Series, sieve: Sieve) -> NDArray[np.float64]:
    people, text, name = numbers(column), texts(column), str(column.name)
    for bad, template in (
        ((text == "").to_numpy(), "row {row}: {column} is empty; write 0 where there is nobody"),
        (~np.isfinite(people), "row {row}: {column} is {value}; a number of people is needed"),
        (people < 0, "row {row}: {column} is {value}; it must be 0 or more"),
    ):
        sieve.refuse(bad, "bad_people", template, text, column=name)
    template = "row {row}: {column} is {value}; no place has more than 1,000,000,000 people"
    sieve.refuse(people > MOST_PEOPLE, "too_many_people", template, text, column=name)
    return people


def _add_places(
    table: pd.DataFrame, raw: RawShapes, sieve: Sieve, *, path: Path, frame: str
) -> str:
    """Add `shape` and `key`, what makes a place the same place; give the frame."""
    cells = _cell_column(raw.rows, has_place=_has_place(raw))
    if cells is not None:
        valid = is_cell(cells)
        template = "row {row}: {value} is not an H3 cell; fifteen hexadecimal digits are needed"
        sieve.refuse(~valid, "bad_cell", template, cells, column=str(cells.name))
        table["key"] = cells.str.lower().to_numpy()
        table["shape"] = None
        table.loc[valid, "shape"] = cell_centres(cells[valid].to_list()).geometry.to_numpy()
        sieve.take(ignored("wgs84", frame=frame, file_name=path.name))
        return "wgs84"
    shapes, used = locate(raw, sieve, path=path, frame=frame)
    table["shape"] = _checked(shapes, sieve)
    table["key"] = ""
    return used


def _cell_column(rows: pd.DataFrame, *, has_place: bool) -> pd.Series | None:
    """Give the column of H3 cells: one with such a name whose cells mostly are valid.

    Where nothing else says where a row is, a column whose name leaves no doubt is one in any case.
    """
    for name in _CELL:
        column = column_named(rows, (name,))
        if column is not None:
            cells = texts(rows[column])
            if is_cell(cells).sum() > 0.5 * (cells != "").sum():
                return cells
    column = column_named(rows, _CELL[:-2])
    return None if has_place or column is None else texts(rows[column])


def _has_place(raw: RawShapes) -> bool:
    """Tell whether there is a geometry, or a column for coordinates."""
    fields = {words.field_of(str(c)) for c in raw.rows.columns}
    return raw.shapes is not None or bool(fields & {"lon", "lat", "lon_lat"})


def _checked(shapes: NDArray[np.object_], sieve: Sieve) -> NDArray[np.object_]:
    kind = shapely.get_type_id(shapes)
    lone = (kind == shapely.GeometryType.MULTIPOINT) & (shapely.get_num_geometries(shapes) == 1)
    shapes = np.where(lone, shapely.get_geometry(shapes, 0), shapes)
    is_area = np.isin(kind, (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON))
    names = np.array([getattr(s, "geom_type", "") for s in shapes], dtype=object)
    template = "row {row}: its geometry is a {value}; a point or a polygon is needed"
    sieve.refuse(~is_area & (kind != 0) & ~lone, "bad_geometry", template, names)
    template = "row {row}: the polygon crosses itself ({value}); repair it in a GIS first"
    crossing = is_area & ~shapely.is_valid(shapes)
    sieve.refuse(crossing, "crosses_itself", template, shapely.is_valid_reason(shapes))
    large = np.zeros(len(shapes), bool)
    sound = is_area & sieve.stays
    large[sound] = size_m2(shapes[sound]) > LARGEST_M2
    template = "row {row}: a polygon of more than 10,000 km² says too little; give smaller ones"
    sieve.refuse(large, "too_large", template)
    return np.asarray(shapes, dtype=object)


def _groups(rows: pd.DataFrame, sieve: Sieve) -> NDArray[np.object_]:
    column = column_named(rows, GROUP)
    if column is None:
        return np.full(len(rows), "all", dtype=object)
    found = groups(rows[column])
    template = (
        "row {row}: group {value} is not known; "
        "write rider, courier, cleaner, driver or all (骑手, 快递员, 环卫工, 司机)"
    )
    sieve.refuse(found.isna().to_numpy(), "bad_group", template, texts(rows[column]), column=column)
    return found.to_numpy(dtype=object)


def _add_labels(table: pd.DataFrame, rows: pd.DataFrame) -> None:
    """Add `name`, `is_synthetic` and, where there is an id column, the `key` of places."""
    fields = {words.field_of(str(c)): c for c in reversed(list(rows.columns))}
    table["name"] = texts(rows[fields["name"]]).to_numpy() if "name" in fields else ""
    table["is_synthetic"] = False
    if "is_synthetic" in fields:
        table["is_synthetic"] = texts(rows[fields["is_synthetic"]]).map(words.is_yes).to_numpy()
    if "id" in fields:
        own = texts(rows[fields["id"]]).to_numpy()
        table["key"] = np.where(table["key"] == "", own, table["key"])


def _by_place(table: pd.DataFrame, hours: NDArray[np.int64] | None) -> tuple[pd.DataFrame, int]:
    """Give one row for each place and group with people, and how many have none."""
    which = table.groupby(["key", "group"], sort=False).ngroup().to_numpy()
    places = table.groupby(["key", "group"], sort=False, as_index=False).first()
    people = table["people"].to_numpy()
    most = np.zeros(len(places))
    np.maximum.at(most, which, people)
    there = np.ones((len(places), HOURS_PER_WEEK), np.float32)
    if hours is not None:
        there[:] = 0.0
        share = people / np.where(most > 0, most, 1.0)[which]
        for day in range(7):
            hour = np.where(hours < 24, hours + 24 * day, hours - 24)
            there[which, hour] = share
    places["people"], places["presence"] = most, pd.Series(list(there), dtype=object)
    some = most > 0
    return places[some].reset_index(drop=True), int((~some).sum())


def _split(places: pd.DataFrame) -> pd.DataFrame:
    """Put the people of polygons on points; what is large is shared among its cells."""
    shapes = places["shape"].to_numpy()
    is_area = shapely.get_type_id(shapes) != shapely.GeometryType.POINT
    places = places.assign(place_id=places["key"], shape=shapely.point_on_surface(shapes))
    large = np.zeros(len(shapes), bool)
    large[is_area] = size_m2(shapes[is_area]) > SPLIT_M2
    parts = [places[~large]]
    for i in np.flatnonzero(large).tolist():
        cells = cells_within(shapes[i], _CELL_RESOLUTION)
        if not cells:
            parts.append(places.iloc[[i]])
            continue
        shared = places.iloc[np.full(len(cells), i)].reset_index(drop=True)
        shared["place_id"] = [f"{places['key'].iloc[i]}-{c}" for c in cells]
        shared["shape"] = cell_centres(cells).geometry.to_numpy()
        shared["people"] = places["people"].iloc[i] / len(cells)
        parts.append(shared)
    return pd.concat(parts).sort_values("row", kind="stable")


def _as_frame(places: pd.DataFrame, source: str) -> gpd.GeoDataFrame:
    table = places.assign(source=source)[list(DEMAND_COLUMNS)].reset_index(drop=True)
    return gpd.GeoDataFrame(table, geometry=places["shape"].to_numpy(), crs="EPSG:4326")

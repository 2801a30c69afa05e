"""Read areas: districts, streets and other named polygons."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import areas as rules
from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.columns import column_named, texts
from geodata.importers.placing import locate
from geodata.importers.report import ImportReport
from geodata.importers.shapes import RawShapes, read_shapes
from geodata.importers.sieve import Sieve
from geodata.records import AREA_COLUMNS

_ID = ("adcode", "行政区划代码", "区划代码", "area id", "代码", "编码", "编号", "code", "id", "gb")
_NAME = (
    "name", "名称", "区县名称", "district", "区县", "街道", "township", "city", "province", "title",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class AreaImport:
    """What a file says about areas.

    Attributes
    ----------
    areas
        Areas frame (`AREA_COLUMNS`, polygons in WGS 84).
    report
        The frame, the findings and the counts. Rows that `where` left out are not counted.
    """

    areas: gpd.GeoDataFrame
    report: ImportReport


def read_areas(
    path: Path,
    *,
    frame: str = "auto",
    id_column: str | None = None,
    name_column: str | None = None,
    where: tuple[str, str] | None = None,
) -> AreaImport:
    """Read a file of polygons.

    Parameters
    ----------
    path
        GeoJSON (also ``.gz``), GeoPackage, GeoParquet or a zipped Shapefile.
    frame
        Frame of the coordinates, one of `frames.FRAMES`; ``auto`` takes the one that the file
        itself names. The frame that the file's format names goes before it, with a warning.
    id_column, name_column
        Headers of id and name; None takes usual ones such as ``adcode`` and ``name``. Without an id
        column the row number is the id, without a name the id is the name.
    where
        A column and the text it must hold; other rows are left out, such as the provinces and
        cities of a file that holds all levels.

    Raises
    ------
    NotFoundError
        When there is no such file.
    InvalidInputError
        When the file cannot be read or holds no polygons, lacks a named column, no frame is named,
        or every row is refused.
    """
    raw = _chosen(read_shapes(path), where, path)
    if raw.shapes is None:
        raise InvalidInputError(
            "{path} is a table without polygons; give areas as GeoJSON or GeoPackage",
            path=path.name,
        )
    sieve = Sieve(raw.rows.index, raw.findings)
    shapes, used = locate(raw, sieve, path=path, frame=frame)
    table = gpd.GeoDataFrame(
        _labels(raw.rows, id_column, name_column, path), geometry=shapes, crs="EPSG:4326"
    )
    kept = table[sieve.stays]
    sieve.take(rules.check(kept, rows=raw.rows.index[sieve.stays].tolist()))
    report = sieve.report(path, frame=used)
    areas = table.loc[sieve.stays, [*AREA_COLUMNS, "geometry"]].reset_index(drop=True)
    return AreaImport(areas, report)


def _chosen(raw: RawShapes, where: tuple[str, str] | None, path: Path) -> RawShapes:
    """Keep the rows that are asked for, with their row numbers."""
    if where is None:
        return raw
    column = _column(raw.rows, where[0], path)
    kept = (texts(raw.rows[column]) == where[1]).to_numpy()
    if not kept.any():
        found = ", ".join(sorted(set(texts(raw.rows[column])))[:10])
        raise InvalidInputError(
            "{path} has no row with {value} under {column}; it has {found}",
            path=path.name,
            value=where[1],
            column=column,
            found=found,
        )
    rows = raw.rows[kept]
    shapes = None if raw.shapes is None else raw.shapes[kept]
    findings = tuple(f for f in raw.findings if f.row in rows.index)
    return RawShapes(rows, shapes, raw.crs, findings)


def _labels(
    rows: pd.DataFrame, id_column: str | None, name_column: str | None, path: Path
) -> pd.DataFrame:
    ids = _first_filled(rows, (_column(rows, id_column, path),) if id_column else _ID)
    numbers = rows.index.astype(str).to_numpy(dtype=object)
    ids = np.where(ids == "", numbers, ids)
    names = _first_filled(rows, (_column(rows, name_column, path),) if name_column else _NAME)
    names = np.where(names == "", ids, names)
    fields = {words.field_of(str(c)): c for c in reversed(list(rows.columns))}
    is_synthetic = np.zeros(len(rows), bool)
    if "is_synthetic" in fields:
        is_synthetic = texts(rows[fields["is_synthetic"]]).map(words.is_yes).to_numpy(dtype=bool)
    return pd.DataFrame({"id": ids, "name": names, "is_synthetic": is_synthetic}, index=rows.index)


def _first_filled(rows: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """Give, row by row, the first cell that holds something under any of the names."""
    found = np.full(len(rows), "", dtype=object)
    for name in names:
        column = column_named(rows, (name,))
        if column is not None:
            found = np.where(found == "", texts(rows[column]).to_numpy(dtype=object), found)
    return found


def _column(rows: pd.DataFrame, wanted: str, path: Path) -> str:
    column = column_named(rows, (wanted,))
    if column is None:
        raise InvalidInputError(
            "{path} has no column {wanted}; its columns are {found}",
            path=path.name,
            wanted=wanted,
            found=", ".join(map(str, rows.columns)),
        )
    return column

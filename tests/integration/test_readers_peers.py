"""Readers agree with the libraries that write or read the same formats."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import math
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.ugly_grids import zipped_as

from geodata.errors import InvalidInputError
from geodata.importers import delimited, geojson, geopackage, kml, shapefile, wkb, workbook
from geodata.importers.gather import Gatherer

ANYWHERE = Path("somewhere")
quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]),
    min_size=1,
    max_size=9,
).filter(lambda text: text.strip() == text)
days = st.datetimes(dt.datetime(1905, 1, 1), dt.datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
cells = st.one_of(
    st.none(),
    words,
    st.booleans(),
    days,
    st.integers(-(10**14), 10**14),
    st.floats(-1e12, 1e12, allow_subnormal=False).map(lambda x: float(f"{x:.12g}")),
)
grids = st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=8)


def trimmed(rows: list[list[Any]]) -> list[tuple[int, list[Any]]]:
    """Give the filled rows with their numbers, without empty cells at their ends."""
    found = []
    for number, row in enumerate(rows, start=1):
        filled = [i for i, cell in enumerate(row) if cell is not None]
        if filled:
            found.append((number, row[: filled[-1] + 1]))
    return found


@quick
@given(rows=grids)
def test_a_workbook_of_openpyxl_gives_its_cells(rows: list[list[Any]]) -> None:
    """Texts, numbers, days and truth values come back as they were put in, at their places."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for r, row in enumerate(rows, start=1):
        for c, value in enumerate(row, start=1):
            cell = book.active.cell(r, c)
            if isinstance(value, str):
                cell.value = value.replace("_x", "_y")
                cell.data_type = "s"
            else:
                cell.value = value
    data = io.BytesIO()
    book.save(data)
    (sheet,) = workbook.read(ANYWHERE, data, None)
    wanted = [[v.replace("_x", "_y") if isinstance(v, str) else v for v in row] for row in rows]
    assert sheet.rows == trimmed(wanted)
    peer = openpyxl.load_workbook(data, data_only=True).active
    assert peer is not None
    assert sheet.rows == trimmed([[c.value for c in row] for row in peer.iter_rows()])


@quick
@given(rows=grids)
def test_a_workbook_of_xlsxwriter_gives_its_cells(rows: list[list[Any]]) -> None:
    """Shared texts, also such as look like escapes, come back as they were put in."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet = book.add_worksheet("甲")
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if isinstance(value, dt.datetime):
                sheet.write_datetime(r, c, value, day)
            elif isinstance(value, str):
                sheet.write_string(r, c, value)
            elif value is not None:
                sheet.write(r, c, value)
    book.close()
    (read,) = workbook.read(ANYWHERE, data, None)
    assert read.name == "甲"
    assert read.rows == trimmed(rows)


@quick
@given(
    rows=st.lists(
        st.lists(st.one_of(st.just(""), words, st.just('a,"b"\nc')), min_size=1, max_size=5),
        min_size=1,
        max_size=8,
    ),
    separator=st.sampled_from(",\t;|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_text_with_separators_gives_its_cells(
    rows: list[list[str]], separator: str, encoding: str
) -> None:
    """Whatever stands between the cells and whatever the encoding, cells and rows are the same."""
    text = io.StringIO(newline="")
    header = ["名称", "经度", "纬度"]
    csv.writer(text, delimiter=separator).writerows([header, *rows])
    file = io.BytesIO(text.getvalue().encode(encoding))
    read = delimited.read(ANYWHERE, file, lambda cells: list(cells[:3]) == header, None)
    # An apostrophe before a sign that begins a formula is taken off, as our own files have it.
    plain = [
        [c[1:] if c[:1] == "'" and c[1:2] in tuple("'=+-@＝＋－＠") else c for c in r] for r in rows
    ]
    wanted: list[list[Any]] = [[cell or None for cell in row] for row in [header, *plain]]
    assert read.rows == trimmed(wanted)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5) | st.just('"}]\\'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@quick
@given(
    features=st.lists(values, max_size=5),
    more=st.dictionaries(st.sampled_from(["name", "bbox", "crs", "x"]), values, max_size=3),
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 2]),
    cut=st.integers(1, 400),
)
def test_json_is_read_as_the_library_reads_it(
    features: list[Any], more: dict[str, Any], chunk: int, indent: int | None, cut: int
) -> None:
    """However few characters are held at a time, features are whole; what is cut is refused."""
    document = {"type": "FeatureCollection", **more, "features": features}
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(geojson, "_CHUNK", chunk)
        about = geojson.Collection()
        content = text.encode("utf-8", "surrogatepass")
        if content != text.encode("utf-8", "replace"):
            return  # a lone surrogate is no text in any encoding
        assert list(geojson.features(ANYWHERE, io.BytesIO(content), about)) == features
        assert about.crs == more.get("crs")
        with pytest.raises(InvalidInputError):
            list(geojson.features(ANYWHERE, io.BytesIO(content[: -min(cut, len(content))]), about))


@pytest.mark.parametrize("wrong", ["{]", "[1,]", '{"a" 1}', "{1: 2}", "nul", "01", '"\\x"', "1 2"])
def test_what_is_no_json_is_refused_at_its_place(wrong: str) -> None:
    """The line and the column are those that the library gives for the whole text."""
    text = '{"type": "FeatureCollection",\n "features": [\n  {"甲": 1},\n  ' + wrong + "\n]}"
    with pytest.raises(json.JSONDecodeError) as peer:
        json.loads(text)
    for chunk in (1, 7, 10_000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(geojson, "_CHUNK", chunk)
            with pytest.raises(InvalidInputError) as ours:
                list(geojson.features(ANYWHERE, io.BytesIO(text.encode()), geojson.Collection()))
        assert ours.value.details["line"] == peer.value.lineno
        assert abs(int(str(ours.value.details["column"])) - peer.value.colno) <= 1


def a_layer(seed: int, n: int = 30) -> gpd.GeoDataFrame:
    """Give a layer with gaps in every column."""
    draw = random.Random(seed)

    def gaps(make: Callable[[], Any]) -> list[Any]:
        return [make() if draw.random() < 0.8 else None for _ in range(n)]

    points = gaps(lambda: shapely.Point(draw.uniform(73, 135), draw.uniform(18, 53)))
    columns = {
        "名称": gaps(lambda: draw.choice("甲乙丙丁") * draw.randint(1, 9)),
        "座位数": pd.array(gaps(lambda: draw.randint(0, 99)), "Int32"),
        "面积": [draw.uniform(1, 99) for _ in range(n)],
    }
    return gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")


def check_layer(found: Any, layer: gpd.GeoDataFrame) -> None:
    """Compare a layer with the one that was written."""
    assert found.rows.index.tolist() == list(range(1, len(layer) + 1))
    for name in ("名称", "座位数"):
        wanted = [None if pd.isna(v) else v for v in layer[name].tolist()]
        assert found.rows[name].tolist() == wanted
    assert np.allclose(found.rows["面积"].astype(float), layer["面积"], rtol=1e-9)
    points = [wkb.point_of(blob) for blob in found.blobs]
    wanted_points = [None if p is None else (p.x, p.y) for p in layer.geometry]
    assert [None if x is None else (x, y) for x, y, _ in points] == wanted_points


@pytest.mark.parametrize("seed", range(4))
def test_a_geopackage_of_gdal_gives_its_rows(tmp_path: Path, seed: int) -> None:
    """Texts, numbers, gaps and points are those that GDAL wrote."""
    layer = a_layer(seed)
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(layer, path)
    with path.open("rb") as file:
        check_layer(geopackage.read(path, file, (), None), layer)


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK"])
@pytest.mark.parametrize("named", [True, False])
def test_a_shapefile_of_gdal_gives_its_rows(tmp_path: Path, encoding: str, named: bool) -> None:
    """The encoding is found with and without its name, and batches follow each other."""
    layer = a_layer(5, n=50)
    pyogrio.write_dataframe(layer, tmp_path / "a.shp", encoding=encoding)
    parts = {
        p.name: p.read_bytes()
        for p in tmp_path.iterdir()
        if named or p.suffix not in (".cpg", ".prj")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shapefile, "_BATCH_ROWS", 7)
        found = shapefile.read(ANYWHERE, io.BytesIO(zipped_as(parts)), (), None)
    check_layer(found, layer)
    assert (found.crs is not None and found.crs.to_epsg() == 4326) == named


@pytest.mark.parametrize("driver", ["KML", "LIBKML"])
def test_kml_of_gdal_gives_its_rows(tmp_path: Path, driver: str) -> None:
    """Both writers of GDAL put fields into different elements; the same columns come out."""
    layer = a_layer(7).dropna()
    layer["Name"] = layer["名称"]
    path = tmp_path / "a.kml"
    pyogrio.write_dataframe(layer, path, driver=driver, layer="站点")
    with path.open("rb") as file:
        marks = list(kml.read(path, file, []))
    wanted = [(p.x, p.y) for p in layer.geometry]
    assert np.allclose([m.point()[:2] for m in marks], wanted, rtol=0, atol=1e-12)
    assert [m.fields["name"] for m in marks] == layer["名称"].tolist()
    assert [m.fields["座位数"] for m in marks] == [str(v) for v in layer["座位数"]]
    if driver == "KML":  # the other one calls the document by the layer, and has no folder
        assert {m.fields["文件夹"] for m in marks} == {"站点"}


shapes = st.sampled_from(
    [
        shapely.Point(1, 2), shapely.Point(1, 2, 3), shapely.LineString([(0, 0), (1, 2), (3, 1)]),
        shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2)),
        shapely.MultiPoint([(0, 0), (1, 2)]), shapely.MultiPolygon([shapely.box(0, 0, 1, 1)] * 2),
        shapely.GeometryCollection([shapely.Point(1, 2), shapely.MultiPoint([(0, 0)])]),
        shapely.Point(), shapely.Polygon(), shapely.GeometryCollection(),
    ]
)  # fmt: skip


@quick
@given(
    shape=shapes,
    order=st.sampled_from([0, 1]),
    flavor=st.sampled_from(["iso", "extended"]),
    cut=st.integers(1, 60),
)
def test_sound_geometry_is_told_from_broken(
    shape: shapely.Geometry, order: int, flavor: Any, cut: int
) -> None:
    """Whatever shapely writes is sound, in both byte orders; what is cut off is not."""
    blob = shapely.to_wkb(shape, byte_order=order, flavor=flavor)
    assert wkb.is_sound(blob)
    assert not wkb.is_sound(blob[: -min(cut, len(blob))])
    x, y, _ = wkb.point_of(blob)
    if isinstance(shape, shapely.Point) and not shape.is_empty:
        assert (x, y) == (shape.x, shape.y)
    else:
        assert (x, y) == (None, None)


def test_geometry_nested_without_end_is_not_sound() -> None:
    """GEOS would end the process at such a blob."""
    level = bytes([1, 7, 0, 0, 0, 1, 0, 0, 0])
    point = shapely.to_wkb(shapely.Point(1, 2), byte_order=1)
    assert [n for n in range(8) if wkb.is_sound(level * n + point)] == [0, 1, 2, 3, 4]
    assert not wkb.is_sound(level * 1_000_000 + point)


def test_records_with_fields_of_their_own_make_one_table() -> None:
    """Columns come in the order in which they appear; what a record lacks is None."""
    gathered = Gatherer(ANYWHERE, None)
    for record in ({"a": 1}, {"b": "x", "a": math.pi}, {}, {"c": [1, "y"]}):
        gathered.add(record)
    table = gathered.table()
    assert table.columns.tolist() == ["a", "b", "c"]
    assert table.index.tolist() == [1, 2, 3, 4]
    assert table.to_numpy().tolist() == [
        [1, None, None], [math.pi, "x", None], [None, None, None], [None, None, [1, "y"]],
    ]  # fmt: skip


def test_parts_of_a_workbook_may_be_in_any_case_and_order(tmp_path: Path) -> None:
    """Programs write the names of parts in their own ways."""
    data = io.BytesIO()
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["名称"])
    book.save(data)
    with zipfile.ZipFile(data) as made:
        parts = {n: made.read(n) for n in reversed(made.namelist())}
    moved = {n.replace("sheet1", "SHEET1"): c for n, c in parts.items()}
    (sheet,) = workbook.read(ANYWHERE, io.BytesIO(zipped_as(moved)), None)
    assert sheet.rows == [(1, ["名称"])]

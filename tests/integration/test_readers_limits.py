"""Where the limits of reading lie, and what a table tells of itself."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import shapely
from support.hostile_files import changed, collection, feature, sound_geopackage
from support.ugly_grids import a_sheet_for_each_district, book, text, zipped_as

from geodata.checks import Finding
from geodata.errors import InvalidInputError
from geodata.importers import encodings, geojson, limits, words
from geodata.importers.raw import RawTable, told_by_sheet
from geodata.importers.shapes import read_shapes
from geodata.importers.systems import CRSError, system_of
from geodata.importers.table import read_table

HEAD = "名称,经度,纬度"
ROW = "甲,113.6,34.7"


def read(path: Path, content: bytes) -> RawTable:
    path.write_bytes(content)
    return read_table(path, is_header=words.is_header, layers=words.LAYERS)


def in_workbook(*rows: list[object]) -> bytes:
    def fill(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        for row in rows:
            sheet.append(row)

    return book(fill)


def test_a_cell_may_have_so_many_characters_and_no_more(tmp_path: Path) -> None:
    """The last character that is allowed is read, one more is refused, in each format."""
    for n, is_read in ((limits.MAX_TEXT, True), (limits.MAX_TEXT + 1, False)):
        long = "长" * n
        kml = f"<kml><Placemark><name>{long}</name><Point><coordinates>1,2</coordinates></Point></Placemark></kml>"
        page = f"<html><table><tr><td>名称<td>经度<td>纬度<tr><td>{long}<td>1<td>2</table>"
        for name, content in {
            "a.csv": text(HEAD, f"{long},1,2"),
            "a.geojson": collection(feature(f'{{"名称":"{long}"}}')),
            "a.gpkg": changed(sound_geopackage(), f"UPDATE stations SET 名称 = '{long}'"),
            "a.kml": kml.encode(),
            "a.xls": page.encode(),
        }.items():
            if is_read:
                assert long in read(tmp_path / name, content).rows.to_numpy()[0].tolist()
            else:
                with pytest.raises(InvalidInputError, match=r"131072|\(131072\)"):
                    read(tmp_path / name, content)


def test_a_table_may_have_so_many_columns_and_no_more(tmp_path: Path) -> None:
    """The last column that is allowed is read, in text and in workbooks; one more is refused."""
    names = ["名称", "经度", "纬度", *(f"c{i}" for i in range(limits.MAX_COLUMNS - 3))]
    cells = ["甲", "1", "2", *map(str, range(limits.MAX_COLUMNS - 3))]
    for ending in ("csv", "xlsx"):
        for more in ([], ["x"]):
            rows = [names + more, cells + more]
            content = (
                text(*map(",".join, rows)) if ending == "csv" else in_workbook(*map(list, rows))
            )
            if more:
                with pytest.raises(InvalidInputError, match="row 1 reaches to column 1001"):
                    read(tmp_path / f"a.{ending}", content)
            else:
                assert read(tmp_path / f"a.{ending}", content).rows.shape == (1, 1000)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson", "kml", "gpkg"])
def test_a_table_may_have_so_many_rows_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Rows are counted as a person counts them: in tables the header and blank lines count too."""
    monkeypatch.setattr(limits, "MAX_ROWS", 5)
    place = "<Placemark><Point><coordinates>1,2</coordinates></Point></Placemark>"

    def content(n: int) -> bytes:
        return {
            "csv": text(HEAD, "", *[ROW] * (n - 2)),
            "xlsx": in_workbook(["名称", "经度", "纬度"], *[["甲", 1, 2]] * (n - 1)),
            "geojson": collection(*[feature()] * n),
            "kml": f"<kml>{place * n}</kml>".encode(),
            "gpkg": changed(
                sound_geopackage(),
                *["INSERT INTO stations (geom, 名称) SELECT geom, '乙' FROM stations LIMIT 1"]
                * (n - 1),
            ),
        }[ending]

    assert len(read(tmp_path / f"a.{ending}", content(5)).rows) in (3, 4, 5)
    with pytest.raises(InvalidInputError, match="more than 5 rows"):
        read(tmp_path / f"b.{ending}", content(6))


def test_the_memory_of_a_table_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Distinct texts cost what they are long, texts that repeat do not; padding costs as well."""
    monkeypatch.setattr(limits, "MAX_TABLE_BYTES", 100_000)
    short = [f"{'同' * 500},1,2"] * 400
    assert len(read(tmp_path / "a.csv", text(HEAD, *short)).rows) == 400
    distinct = [f"{i:0500},1,2" for i in range(400)]
    with pytest.raises(InvalidInputError, match="more than can be read at once"):
        read(tmp_path / "b.csv", text(HEAD, *distinct))
    wide = ",".join(f"c{i}" for i in range(90))
    with pytest.raises(InvalidInputError, match="more than can be read at once"):
        read(tmp_path / "c.csv", text(f"{HEAD},{wide}", *[ROW] * 100))
    with pytest.raises(InvalidInputError, match="more than can be read at once"):
        read(
            tmp_path / "d.geojson", collection(*[feature(f'{{"a{i % 90}":1}}') for i in range(99)])
        )


def test_cells_of_a_workbook_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells count whether or not something is in them."""
    content = in_workbook(["名称", "经度", "纬度"], ["甲", 1, 2])
    monkeypatch.setattr(limits, "MAX_CELLS", 5)
    with pytest.raises(InvalidInputError, match="more than 5 cells"):
        read(tmp_path / "a.xlsx", in_workbook(*[["名称", "经度", "纬度"]] * 3))
    monkeypatch.setattr(limits, "MAX_CELLS", 6)
    assert len(read(tmp_path / "b.xlsx", content).rows) == 1


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    """What is told grows, and ends with all rows; of text it is known beforehand how many."""
    contents = {
        "a.csv": text(HEAD, *[ROW] * 4500),
        "a.xlsx": in_workbook(["名称", "经度", "纬度"], *[["甲", 1, 2]] * 4500),
        "a.geojson": collection(*[feature()] * 4501),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        told: list[tuple[int, int | None]] = []
        read_table(
            tmp_path / name,
            is_header=words.is_header,
            progress=lambda done, total, told=told: told.append((done, total)),  # type: ignore[misc]
        )
        done = [n for n, _ in told]
        assert done == sorted(done)
        assert len(done) >= 2
        assert told[-1] == (4501, 4501)
    assert told[0] == (2000, None)


def test_rows_of_several_sheets_are_told_by_sheet(tmp_path: Path) -> None:
    """The index of a row gives its sheet and its number, and sentences say both."""
    ugly = a_sheet_for_each_district()
    table = read(tmp_path / ugly.name, ugly.content)
    places = [table.place_of(i) for i in table.rows.index]
    assert places == [("金水区", 2), ("金水区", 3), ("二七区", 3), ("中原区", 2)]
    found = Finding(
        "x", "row {row} repeats row {first}", {"row": 20_000_002, "first": 2}, row=20_000_002
    )
    (told,) = told_by_sheet([found], table)
    assert (told.message, told.row) == ("row 2 (中原区) repeats row 2 (金水区)", 20_000_002)
    single = RawTable(pd.DataFrame())
    assert (single.place_of(7), told_by_sheet([found], single)) == (("", 7), (found,))


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"plain", "utf-8"),
        ("甲".encode(), "utf-8"),
        ("甲".encode("gbk"), "gb18030"),
        ("😀".encode("gb18030"), "gb18030"),
        ("甲".encode("utf-8-sig"), "utf-8-sig"),
        ("甲".encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + "甲".encode("utf-16-be"), "utf-16"),
        (b"a" * (1 << 20) + "甲".encode("gbk"), "gb18030"),
        (b"a" * ((1 << 20) - 1) + "甲".encode(), "utf-8"),
    ],
)
def test_encodings_are_told_apart(content: bytes, encoding: str) -> None:
    """Marks go first, then UTF-8, then GBK; chunks may end within a character."""
    file = io.BytesIO(content)
    assert encodings.encoding_of(Path("a"), file, kind="CSV") == encoding
    with encodings.opened(Path("a"), file, kind="CSV") as opened:
        assert opened.read() == content.decode(encoding)
    assert not file.closed


@pytest.mark.parametrize(
    "name",
    ["+init=/etc/passwd:x", "/vsicurl/http://a/b", "http://example.org/crs", "/etc/passwd", "mars",
     "+proj=longlat", "EPSG:99999999", "GEOGCS[", None, 4326, "EPSG:4326" + " " * 30_000],
)  # fmt: skip
def test_systems_that_are_no_plain_names_are_not_looked_up(name: object) -> None:
    """PROJ opens files that some names point to; only plain ones reach it."""
    with pytest.raises(CRSError):
        system_of(name)


def test_shapes_of_areas_are_read_with_the_same_care(tmp_path: Path) -> None:
    """A shape that would end the process is refused as a row; links in archives are not followed."""
    nested = bytes([1, 7, 0, 0, 0, 1, 0, 0, 0]) * 100_000 + shapely.to_wkb(shapely.Point(1, 2))
    blob = b"GP\0\1" + (4326).to_bytes(4, "little") + nested
    statement = f"INSERT INTO stations (geom, 名称) VALUES (x'{blob.hex()}', '乙')"
    (tmp_path / "a.gpkg").write_bytes(changed(sound_geopackage(), statement))
    raw = read_shapes(tmp_path / "a.gpkg")
    assert raw.shapes is not None
    assert [shape is None for shape in raw.shapes] == [False, True]
    assert [(f.row, f.code) for f in raw.findings] == [(2, "bad_geometry")]
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="a"/></OGRVRTDataSource>'
    for name, content in {"a.zip": zipped_as({"a.vrt": vrt}), "b.gpkg": vrt, "c.json": vrt}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidInputError, match=name):
            read_shapes(tmp_path / name)


def test_a_border_may_be_longer_than_a_place(tmp_path: Path) -> None:
    """The outline of a province has millions of characters; a station has not."""
    points = ",".join(f"[{113 + i * 1e-9:.9f},34]" for i in range(300_000))
    ring = f"[[{points},[114,35],[113,34]]]"
    assert len(ring) > geojson.MAX_POINT
    content = (
        '{"type":"FeatureCollection","features":[{"properties":{"name":"甲"},"geometry":'
        f'{{"type":"Polygon","coordinates":{ring}}}}}]}}'
    ).encode()
    (tmp_path / "a.geojson").write_bytes(content)
    raw = read_shapes(tmp_path / "a.geojson")
    assert raw.shapes is not None
    assert shapely.get_num_coordinates(raw.shapes[0]) == 300_002
    with pytest.raises(InvalidInputError, match="4000000 characters"):
        read(tmp_path / "b.geojson", content)

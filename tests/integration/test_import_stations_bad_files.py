"""A file that cannot be read gets one clear sentence, and nothing else happens."""

from __future__ import annotations

import io
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pytest
from shapely import Point

from geodata.errors import InvalidInputError, NotFoundError
from geodata.importers import limits
from geodata.importers.stations import read_stations


def zipped(**parts: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return data.getvalue()


def empty_workbook() -> bytes:
    data = io.BytesIO()
    openpyxl.Workbook().save(data)
    return data.getvalue()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
VRT = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'
FILES: dict[str, tuple[bytes, str]] = {
    "empty.csv": (b"", "is empty"),
    "blank.csv": (b" \r\n\r\n", "is empty"),
    "mark_only.csv": (b"\xef\xbb\xbf", "holds no rows"),
    "header_only.csv": ("名称,经度,纬度\r\n".encode(), "holds no rows"),
    "binary.csv": (bytes(range(256)), "UTF-8 or GB18030"),
    "latin.csv": ("name,lon,lat\ncafé,1,2".encode("latin-1"), "UTF-8 or GB18030"),
    "quote.csv": ('名称,经度,纬度\n"甲,113,34\n乙,113,34'.encode(), "row 2 .*quotation mark"),
    "no_place.csv": (
        "名称,地址\n甲,乙路".encode(),
        r"lacks 经度 \(lon\), 纬度 \(lat\); .*名称, 地址",
    ),
    "no_lat.csv": ("名称,经度\n甲,113".encode(), r"lacks 纬度 \(lat\)"),
    "no_name.csv": ("经度,纬度\n113,34".encode(), r"lacks 名称 \(name\)"),
    "two_frames.csv": ("名称,高德经度,百度纬度\n甲,113,34".encode(), "same frame"),
    "twice.csv": ("名称,经度,lng,纬度\n甲,113,113,34".encode(), "经度 and lng"),
    "beside.csv": (
        "名称,经度,纬度,名称,经度,纬度\n甲,113,34,乙,113,34".encode(),
        "below each other",
    ),
    "frames.csv": (
        "名称,经度,纬度,坐标系\n甲,113,34,高德\n乙,113,34,百度".encode(),
        "several coordinate frames",
    ),
    "side.csv": (
        "编号,1,2\n名称,甲站,乙站\n经度,113.6,113.7\n纬度,34.7,34.8".encode(),
        "stands on its side",
    ),
    "mixed.csv": (
        "编号,名称,经度,纬度\n1,甲站,113,34\n".encode() + "2,乙站,113,34\n".encode("gbk"),
        "UTF-8 and others in GBK",
    ),
    "lines.json": (b'{"type": "Feature"}\n{"type": "Feature"}', "something follows .*again"),
    "no_header.csv": ("甲,113,34\n乙,113,34".encode(), "its columns are 甲, 113, 34"),
    "shape.shp": (b"anything", r"into one \.zip"),
    "text.docx": (b"anything", "kind that is not read"),
    "old.xls": (OLD + b"\0" * 600, "damaged old workbook"),
    "text.zip": (zipped(**{"word/document.xml": "<a/>"}), "office document"),
    "parquet.csv": (b"PAR1" + b"\0" * 20, "Parquet"),
    "garbage.xlsx": (b"no zip at all", "not an XLSX"),
    "locked.xlsx": (OLD + "EncryptedPackage".encode("utf-16-le"), "password"),
    "zip_only.xlsx": (zipped(**{"a.txt": "hello"}), r"without a Shapefile in it \(a.txt\)"),
    "cut.xlsx": (empty_workbook()[:900], "cut off"),
    "broken.xlsx": (zipped(**{"[Content_Types].xml": "<a", "xl/workbook.xml": "<"}), "damaged"),
    "nothing.xlsx": (empty_workbook(), "holds no rows"),
    "vrt.geojson": (VRT, "links to other files"),
    "other.geojson": (b"<gpx/>", "XML of a kind"),
    "text.gpkg": ("名称,经度,纬度".encode(), "called .gpkg but holds none of it"),
    "list.geojson": (b"[1, 2]", "must begin with a brace"),
    "cut.geojson": (b'{"type": "FeatureCollection", "features": [', "not valid JSON"),
    "other.json": (b'{"type": "Topology"}', "no GeoJSON"),
    "point.geojson": (b'{"type": "Point", "coordinates": [1, 2]}', "no GeoJSON"),
    "no_features.geojson": (b'{"type": "FeatureCollection", "features": []}', "holds no rows"),
    "crs.geojson": (
        b'{"type": "FeatureCollection", "crs": {"properties": {"name": "mars"}}, "features": [{}]}',
        "coordinate system that is not known",
    ),
    "garbage.gpkg": (b"SQLite format 3\0" + b"\0" * 200, "not a GeoPackage"),
    "vrt.gpkg": (VRT, "links to other files"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_is_refused_in_one_sentence(tmp_path: Path, name: str) -> None:
    """Each bad file is named, with what is wrong and what to do."""
    content, words = FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=words) as caught:
        read_stations(path, frame="wgs84")
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    """A name without a file is not found; a folder is not a file."""
    with pytest.raises(NotFoundError, match="check the name"):
        read_stations(tmp_path / "absent.csv", frame="wgs84")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InvalidInputError, match="folder"):
        read_stations(tmp_path / "folder.csv", frame="wgs84")


@pytest.mark.parametrize("frame", ["auto", "WGS84", "mars", ""])
def test_a_frame_must_be_named_and_known(tmp_path: Path, frame: str) -> None:
    """An unnamed or unknown frame is refused, and the message names the ones to choose from."""
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n甲,113,34", encoding="utf-8")
    with pytest.raises(InvalidInputError) as caught:
        read_stations(path, frame=frame)
    for known in ("wgs84", "gcj02", "bd09", "cgcs2000"):
        assert known in str(caught.value)


def test_the_message_says_how_to_name_the_frame(tmp_path: Path) -> None:
    """Somebody who knows only the map learns which frame it has."""
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n甲,113,34", encoding="utf-8")
    with pytest.raises(InvalidInputError, match=r"--frame.*AMap and Tencent .* gcj02, Baidu bd09"):
        read_stations(path)


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Size is judged before reading, and for workbooks again before unpacking."""
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n甲,113,34", encoding="utf-8")
    monkeypatch.setattr(limits, "MAX_BYTES", 20)
    with pytest.raises(InvalidInputError, match="split it"):
        read_stations(path, frame="wgs84")
    monkeypatch.undo()
    monkeypatch.setattr(limits, "MAX_UNPACKED_BYTES", 100)
    (tmp_path / "a.xlsx").write_bytes(empty_workbook())
    with pytest.raises(InvalidInputError, match="once unpacked"):
        read_stations(tmp_path / "a.xlsx", frame="wgs84")


def test_a_row_number_that_is_a_lie_does_not_fill_the_memory(tmp_path: Path) -> None:
    """A sheet may claim a row with a number in the billions; it is refused, not filled up."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["名称"])
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    assert b'r="1"' in sheet
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'r="1"', b'r="4000000000"')
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with pytest.raises(InvalidInputError, match="more than 1048576 rows"):
        read_stations(tmp_path / "b.xlsx", frame="wgs84")


def write_layers(path: Path, *layers: str) -> None:
    frame = gpd.GeoDataFrame({"name": ["a"]}, geometry=[Point(1, 2)], crs="EPSG:4326")
    for i, layer in enumerate(layers):
        pyogrio.write_dataframe(frame, path, driver="GPKG", layer=layer, append=i > 0)


def test_several_layers_need_a_name(tmp_path: Path) -> None:
    """Of several layers the one called stations is read; without one the names are listed."""
    write_layers(tmp_path / "a.gpkg", "roads", "parks")
    with pytest.raises(InvalidInputError, match="roads, parks"):
        read_stations(tmp_path / "a.gpkg")
    write_layers(tmp_path / "b.gpkg", "roads", "Stations")
    assert len(read_stations(tmp_path / "b.gpkg").stations) == 1


def damage(path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    with closing(sqlite3.connect(path)) as raw:
        change(raw)
        raw.commit()


def test_damaged_geopackages_are_refused(tmp_path: Path) -> None:
    """A cut file and one without layers of places each get a sentence, not a driver's message."""
    path = tmp_path / "a.gpkg"
    write_layers(path, "stations")
    (tmp_path / "cut.gpkg").write_bytes(path.read_bytes()[:4096])
    with pytest.raises(InvalidInputError, match="damaged"):
        read_stations(tmp_path / "cut.gpkg")
    damage(path, lambda raw: raw.execute("DELETE FROM gpkg_contents"))
    damage(path, lambda raw: raw.execute("DELETE FROM gpkg_geometry_columns"))
    with pytest.raises(InvalidInputError, match="no layer with places"):
        read_stations(path)

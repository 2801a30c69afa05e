"""Files of stations become stations in WGS 84, with a finding for each doubt."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from pyproj import Geod
from shapely import Point
from support.ugly_sheets import districts

from geodata import frames
from geodata.errors import InvalidInputError
from geodata.importers.areas import read_areas
from geodata.importers.framing import Surroundings
from geodata.importers.stations import DEFAULT_SOURCE, read_stations
from geodata.records import STATION_COLUMNS, Station

HEAD = "编号,名称,经度,纬度"
ROW = "1,甲,113.62,34.75"


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Write a CSV from lines and give its path."""

    def write(*lines: str, encoding: str = "utf-8", name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.write_bytes("\r\n".join(lines).encode(encoding))
        return path

    return write


def test_the_real_file_agrees_with_the_expected_positions(shared_data: Path) -> None:
    """All 82 rows import from GCJ-02 and lie within 1e-6 degrees of the reference."""
    folder = shared_data / "stations"
    read = read_stations(folder / "zhengzhou_stations_raw.csv", frame="gcj02")
    assert (read.report.frame, read.report.confidence) == ("gcj02", 1.0)
    assert (read.report.n_rows, read.report.n_refused) == (82, 0)
    assert {f.code for f in read.report.findings} == {"functional_zone"}
    expected = pd.read_csv(folder / "zhengzhou_stations_expected.csv", dtype={"id": "str"})
    frame = read.stations
    assert list(frame["id"]) == list(expected["id"])
    np.testing.assert_allclose(frame.geometry.x, expected["lon_wgs84"], rtol=0, atol=1e-6)
    np.testing.assert_allclose(frame.geometry.y, expected["lat_wgs84"], rtol=0, atol=1e-6)
    with (folder / "zhengzhou_stations_raw.csv").open(encoding="utf-8-sig", newline="") as raw:
        rows = list(csv.DictReader(raw))
    for column, header in {"name": "名称", "address": "地址", "district": "所属区"}.items():
        assert frame[column].tolist() == [r[header] for r in rows]
    assert frame["source_x"].tolist() == [float(r["经度"]) for r in rows]
    assert frame["source_y"].tolist() == [float(r["纬度"]) for r in rows]
    assert set(frame["source_frame"]) == {"gcj02"}
    assert (frame["hours"] != "").sum() == 22
    assert read.rows == tuple(range(2, 84))


def test_the_real_file_tells_its_frame_by_the_districts(shared_data: Path, tmp_path: Path) -> None:
    """Nobody names the frame; the districts show GCJ-02 and the rows that lie in another one."""
    boundaries = tmp_path / "henan.geojson"
    packed = shared_data / "boundaries" / "henan_admin_gcj02.geojson.gz"
    boundaries.write_bytes(gzip.decompress(packed.read_bytes()))
    areas = read_areas(boundaries, frame="gcj02").areas
    folder = shared_data / "stations"
    read = read_stations(
        folder / "zhengzhou_stations_raw.csv", surroundings=Surroundings(areas=areas)
    )
    assert (read.report.frame, read.report.n_refused) == ("gcj02", 0)
    assert read.report.confidence > 0.9
    expected = pd.read_csv(folder / "zhengzhou_stations_expected.csv", dtype={"id": "str"})
    geod = Geod(ellps="WGS84")
    places = read.stations.geometry
    ends = (places.x, places.y, expected["lon_wgs84"], expected["lat_wgs84"])
    assert np.max(geod.inv(*ends)[2]) < 1.0
    ids = dict(zip(read.rows, read.stations["id"], strict=True))
    doubted = {ids[f.row] for f in read.report.findings if f.severity == "warning" and f.row}
    assert doubted == {"8", "37", "61", "77", "79"}
    wrong = {ids[f.row]: f for f in read.report.findings if f.code == "row_wrong_district"}
    named = {k: str(f.details["found"]) for k, f in wrong.items() if f.details["found"]}
    by_polygon = dict(zip(expected["id"], expected["district_by_polygon"], strict=True))
    assert named == {k: by_polygon[k] for k in named}
    coded = read.stations.set_index("id")["district_code"]
    zones = expected.loc[expected["district_check"] == "functional_zone", "id"]
    assert set(coded.index[coded == ""]) == set(zones)


def test_points_with_an_id_alone_import(shared_data: Path) -> None:
    """The 15 places of Porto Alegre have no name column; their id is their name."""
    path = shared_data / "porto_alegre" / "points_of_interest.csv"
    read = read_stations(path, frame="wgs84")
    raw = pd.read_csv(path)
    assert read.stations["name"].tolist() == raw["id"].tolist() == read.stations["id"].tolist()
    np.testing.assert_array_equal(read.stations.geometry.x, raw["lon"])
    np.testing.assert_array_equal(read.stations.geometry.y, raw["lat"])
    assert read.report.n_refused == 0


def test_a_header_may_name_the_frame(shared_data: Path) -> None:
    """Columns called lon_wgs84 and lat_wgs84 need no --frame."""
    read = read_stations(shared_data / "stations" / "zhengzhou_stations_expected.csv")
    assert (read.report.frame, len(read.stations)) == ("wgs84", 82)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_encodings_of_office_programs_are_read(file: Callable[..., Path], encoding: str) -> None:
    """UTF-8 with and without mark, GBK, GB18030 and UTF-16 give the same text."""
    path = file(HEAD, "1,郑州“驿站”,113.62,34.75", encoding=encoding)
    assert read_stations(path, frame="wgs84").stations["name"].tolist() == ["郑州“驿站”"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_told_by_the_header(file: Callable[..., Path], separator: str) -> None:
    """Commas, semicolons and tabs all separate cells."""
    path = file(*(line.replace(",", separator) for line in (HEAD, ROW)))
    assert read_stations(path, frame="wgs84").stations["id"].tolist() == ["1"]


def test_one_file_holds_every_field(file: Callable[..., Path]) -> None:
    """Each column of the register has a header that fills it, in words that offices use."""
    path = file(
        "编号,名称,地址,所属区,经度,纬度,开放时间,设施,进入方式,面积(㎡),座位数,联系电话,状态,类型,"
        "主办单位,核实日期",
        "001,甲,建设路1号,中原区,113.62,34.75,每天 8:00-20:00,饮水机、微波炉、热饭/WiFi 空调,扫码,"
        "约１５平方米,8个,0371-12351,正常开放,标杆,市总工会,2026年9月1日",
    )
    row = read_stations(path, frame="cgcs2000", source="市总").stations.iloc[0]
    expected = Station(
        id="001",
        name="甲",
        lon_deg=113.62,
        lat_deg=34.75,
        hours="Mo-Su 08:00-20:00",
        hours_text="每天 8:00-20:00",
        facilities=("air_conditioning", "drinking_water", "microwave", "wifi"),
        entry="qr",
        kind="flagship",
        status="open",
        area_m2=15.0,
        seats=8,
        host="市总工会",
        address="建设路1号",
        district="中原区",
        district_code="410102",
        phone="0371-12351",
        source="市总",
        source_frame="cgcs2000",
        source_x=113.62,
        source_y=34.75,
        verified_on="2026-09-01",
    )
    assert {c: row[c] for c in STATION_COLUMNS} == {
        c: getattr(expected, c) for c in STATION_COLUMNS
    }


def test_what_a_file_leaves_out_is_unknown(file: Callable[..., Path]) -> None:
    """Fields without a column are unknown, never guessed, and are not counted as given."""
    read = read_stations(file(HEAD, ROW), frame="wgs84")
    row = read.stations.iloc[0]
    plain = Station(id="1", name="甲", lon_deg=113.62, lat_deg=34.75)
    for column in ("hours", "hours_text", "facilities", "entry", "host", "phone", "verified_on"):
        assert row[column] == getattr(plain, column)
    assert np.isnan(row["area_m2"])
    assert np.isnan(row["seats"])
    assert read.given == (frozenset({"id", "name"}),)
    assert row["source"] == DEFAULT_SOURCE


REFUSED = {
    "no number": ("1,甲,abc,34.75", "bad_coordinate"),
    "no coordinate": ("1,甲,,34.75", "bad_coordinate"),
    "not finite": ("1,甲,nan,34.75", "bad_coordinate"),
    "infinite": ("1,甲,inf,34.75", "bad_coordinate"),
    "both zero": ("1,甲,0,0", "bad_coordinate"),
    "metres": ("1,甲,38462000,3847000", "bad_coordinate"),
    "beyond": ("1,甲,180.0001,34.75", "bad_coordinate"),
    "swapped": ("1,甲,34.75,113.62", "swapped_coordinates"),
    "no name": ("1,,113.62,34.75", "missing_name"),
    "same id": ("9,乙,113.6,34.7", "duplicate_id"),
    "too many cells": ("1,甲,113.62,34.75,08:00-12:00,14:00-16:00", "too_many_cells"),
    "long text": (f"1,{'甲' * 2001},113.62,34.75", "text_too_long"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_row_has_its_number_and_reason(file: Callable[..., Path], what: str) -> None:
    """A bad row is refused alone; blank lines count in its number, as a person counts them."""
    line, code = REFUSED[what]
    path = file(HEAD, "9,乙,113.6,34.7", "", line, "10,丙,113.7,34.8")
    read = read_stations(path, frame="gcj02")
    assert read.stations["id"].tolist() == ["9", "10"]
    assert (read.report.n_rows, read.report.n_refused) == (3, 1)
    (finding,) = (f for f in read.report.findings if f.severity == "error")
    assert (finding.row, finding.code) == (4, code)
    assert "row 4" in finding.message


def test_swapped_degrees_within_range_are_noticed_in_china(file: Callable[..., Path]) -> None:
    """In Urumqi both numbers are below 90; a Chinese frame still tells longitude from latitude."""
    path = file(HEAD, "1,甲,43.8,87.6", "2,乙,87.6,43.8")
    read = read_stations(path, frame="gcj02")
    assert [(f.row, f.code) for f in read.report.findings] == [(2, "swapped_coordinates")]
    assert len(read_stations(path, frame="wgs84").stations) == 2


DOUBTS = {
    "开放时间": ("周三看情况", "hours_not_understood", "hours", ""),
    "设施": ("饮水、水晶球", "unknown_facility", "facilities", ("drinking_water",)),
    "进入方式": ("爬窗", "unknown_entry", "entry", "unknown"),
    "类型": ("空中", "unknown_kind", "kind", "co_built"),
    "面积": ("-5", "bad_number", "area_m2", None),
    "座位": ("很多", "bad_number", "seats", None),
    "核实日期": ("2026-02-30", "bad_date", "verified_on", ""),
    "电话": ("138 0013 8000", "private_phone", "phone", "138 0013 8000"),
}


@pytest.mark.parametrize("header", DOUBTS)
def test_a_doubtful_cell_is_reported_and_the_row_kept(
    file: Callable[..., Path], header: str
) -> None:
    """What is not understood counts as unknown, with a warning at its row and column."""
    text, code, column, value = DOUBTS[header]
    read = read_stations(file(f"{HEAD},{header}", f"{ROW},{text}"), frame="wgs84")
    (finding,) = read.report.findings
    assert (finding.row, finding.column, finding.code) == (2, header, code)
    assert finding.severity == "warning"
    found = read.stations.iloc[0][column]
    assert np.isnan(found) if value is None else found == value


def test_hours_not_understood_keep_their_text(file: Callable[..., Path]) -> None:
    """The text of the source stays, so that somebody can read it."""
    read = read_stations(file(f"{HEAD},开放时间", f"{ROW},看情况"), frame="wgs84")
    assert read.stations.loc[0, ["hours", "hours_text"]].tolist() == ["", "看情况"]


def test_an_unknown_state_refuses_the_row(file: Callable[..., Path]) -> None:
    """A state that is not understood might mean closed, so the row is not taken as open."""
    read = read_stations(file(f"{HEAD},状态", f"{ROW},冬眠", "2,乙,113.6,34.7,撤销"), frame="wgs84")
    assert [(f.row, f.code) for f in read.report.findings] == [(2, "unknown_status")]
    assert read.stations["status"].tolist() == ["revoked"]


def test_a_place_abroad_in_a_chinese_frame_is_doubted(file: Callable[..., Path]) -> None:
    """GCJ-02 outside China is most likely another frame; the row is kept with a warning."""
    path = file(HEAD, "1,甲,-51.2,-30.0", "2,乙,113.6,34.7")
    for frame, expected in {
        "gcj02": ["outside_china"],
        "bd09": ["outside_china"],
        "wgs84": [],
    }.items():
        read = read_stations(path, frame=frame)
        assert [f.code for f in read.report.findings] == expected
        assert len(read.stations) == 2


def test_rows_without_an_id_get_a_stable_one(file: Callable[..., Path]) -> None:
    """The id comes from name and place: the same in another order, another for another place."""
    lines = ["甲,113.62,34.75", "甲,113.63,34.75", "乙,113.62,34.75"]
    first = read_stations(file("名称,经度,纬度", *lines), frame="wgs84").stations
    again = read_stations(file("名称,经度,纬度", *reversed(lines)), frame="wgs84").stations
    assert first["id"].is_unique
    assert first["id"].tolist() == again["id"].tolist()[::-1]
    twice = read_stations(file("名称,经度,纬度", lines[0], lines[0]), frame="wgs84")
    assert [(f.row, f.code) for f in twice.report.findings] == [(3, "duplicate_id")]


def test_title_lines_above_the_header_are_passed_over(file: Callable[..., Path]) -> None:
    """Offices put a title above the table; rows are still counted from the top of the file."""
    read = read_stations(file("郑州市工会驿站一览表,,,", "", HEAD, ROW, "2,,1,1"), frame="wgs84")
    assert read.rows == (4,)
    assert [(f.row, f.code) for f in read.report.findings] == [(5, "missing_name")]


def test_one_column_may_hold_both_coordinates(file: Callable[..., Path]) -> None:
    """Map services export 经度,纬度 in one cell, and surveys degrees, minutes and seconds."""
    both = file("名称,经纬度", '甲,"113.62,34.75"', "乙,113.62")
    read = read_stations(both, frame="wgs84")
    assert read.stations.geometry[0].equals(Point(113.62, 34.75))
    assert [(f.row, f.code) for f in read.report.findings] == [(3, "bad_coordinate")]
    survey = file("名称,经度,纬度", "甲,东经113°37′12″,34°45'N", "乙,W51.25°,30.5S")
    place = read_stations(survey, frame="wgs84").stations.geometry
    assert place[0].x == pytest.approx(113 + 37 / 60 + 12 / 3600, abs=1e-12)
    assert place[0].y == pytest.approx(34.75, abs=1e-12)
    assert place[1].equals(Point(-51.25, -30.5))


def test_a_file_with_several_frames_needs_a_choice(file: Callable[..., Path]) -> None:
    """Columns of several frames are told apart by their headers, and --frame picks one."""
    path = file("名称,高德经度,高德纬度,百度经度,百度纬度", "甲,113.62,34.75,113.6266,34.7558")
    with pytest.raises(InvalidInputError, match="gcj02, bd09"):
        read_stations(path)
    for frame, x in {"gcj02": 113.62, "bd09": 113.6266}.items():
        assert read_stations(path, frame=frame).stations["source_x"].tolist() == [x]
    with pytest.raises(InvalidInputError, match="not in wgs84"):
        read_stations(path, frame="wgs84")


def test_a_person_overrides_the_file_with_a_warning(file: Callable[..., Path]) -> None:
    """What a person says about the frame goes before the header, and is reported."""
    read = read_stations(file("名称,lon_wgs84,lat_wgs84", "甲,113.62,34.75"), frame="gcj02")
    assert (read.report.frame, [f.code for f in read.report.findings]) == (
        "gcj02",
        ["frame_overridden"],
    )


def test_control_characters_are_dropped(file: Callable[..., Path]) -> None:
    """What no page and no workbook can show does not enter the register."""
    read = read_stations(file(HEAD, "1, 甲\x07\x0b乙 ,113.62,34.75"), frame="wgs84")
    assert read.stations["name"].tolist() == ["甲 乙"]


def workbook(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_workbooks_are_read_by_value(tmp_path: Path) -> None:
    """Whole numbers are ids without a point, blank rows count, errors and formulas are no value."""
    rows = [
        ["郑州市工会驿站一览表"],
        ["编号", "名称", "经度", "纬度", "地址", None],
        [1, "甲", 113.62, 34.75, None, None],
        [],
        ["002", "乙", "113.63", "34.76", "=1+1", None],
        [3, "丙", "#N/A", 34.7, None, None],
    ]
    path = workbook(tmp_path / "a.xlsx", ("说明", [["填表说明"]]), ("驿站", rows))
    read = read_stations(path, frame="gcj02")
    assert read.stations["id"].tolist() == ["1", "002"]
    assert read.stations["address"].tolist() == ["", ""]
    assert read.rows == (3, 5)
    errors = [f for f in read.report.findings if f.severity == "error"]
    assert [(f.row, f.code) for f in errors] == [(6, "bad_coordinate")]


def test_of_several_sheets_the_one_called_stations_is_read(tmp_path: Path) -> None:
    """Several tables of places are ambiguous unless one is called 站点 or stations."""
    table = [HEAD.split(","), [1, "甲", 113.62, 34.75]]
    other = [HEAD.split(","), [2, "乙", 113.62, 34.75]]
    two = workbook(tmp_path / "a.xlsx", ("一月", table), ("二月", other))
    with pytest.raises(InvalidInputError, match="一月, 二月"):
        read_stations(two, frame="wgs84")
    named = workbook(tmp_path / "b.xlsx", ("一月", table), ("站点", other))
    assert read_stations(named, frame="wgs84").stations["id"].tolist() == ["2"]


def geojson(path: Path, *features: Any, **members: Any) -> Path:
    collection = {"type": "FeatureCollection", "features": list(features), **members}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


POINT = {"type": "Point", "coordinates": [113.62, 34.75, 100.0]}


def test_geojson_without_a_frame_is_not_trusted(tmp_path: Path) -> None:
    """Providers hand out GCJ-02 as GeoJSON, so only its old crs member names a frame."""
    bare = geojson(tmp_path / "a.geojson", feature(POINT, name="甲"))
    with pytest.raises(InvalidInputError, match="--frame"):
        read_stations(bare)
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    named = geojson(tmp_path / "b.geojson", feature(POINT, name="甲"), crs=name)
    assert read_stations(named).report.frame == "cgcs2000"
    name["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    named = geojson(tmp_path / "c.geojson", feature(POINT, name="甲"), crs=name)
    assert read_stations(named).report.frame == "wgs84"


def test_geojson_features_are_counted_from_one(tmp_path: Path) -> None:
    """Features without a point are refused with their number; lists of facilities are read."""
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    path = geojson(
        tmp_path / "a.json",
        feature(POINT, id=7, name="甲", facilities=["toilet", "饮用水"], lon=1.0, lat=2.0),
        feature(None, id=8, name="乙"),
        feature(line, id=9, name="丙"),
        feature({"type": "Point", "coordinates": []}, id=10, name="丁"),
        feature({"type": "Point", "coordinates": ["113", "34"]}, id=11, name="戊"),
        "no feature",
    )
    read = read_stations(path, frame="wgs84")
    assert read.stations["facilities"].tolist() == [("drinking_water", "toilet")]
    assert read.stations.geometry[0].equals(Point(113.62, 34.75))
    refused = {f.row for f in read.report.findings if f.severity == "error"}
    assert (refused, read.report.n_refused) == ({2, 3, 4, 5, 6}, 5)


def places(crs: str | None, *points: Any) -> gpd.GeoDataFrame:
    names = pd.Series([f"站{i}" for i in range(len(points))], dtype="str")
    return gpd.GeoDataFrame({"名称": names, "lon": 0.0}, geometry=list(points), crs=crs)


@pytest.mark.parametrize(
    ("crs", "frame"), [("EPSG:4326", "wgs84"), ("EPSG:4490", "cgcs2000"), ("EPSG:32649", None)]
)
def test_a_geopackage_names_its_frame(tmp_path: Path, crs: str, frame: str | None) -> None:
    """WGS 84 and CGCS2000 layers are taken as they are, others are converted by PROJ."""
    there = places("EPSG:4326", Point(113.62, 34.75)).to_crs(crs)
    pyogrio.write_dataframe(there, tmp_path / "a.gpkg", driver="GPKG")
    path = (tmp_path / "a.gpkg").rename(tmp_path / "a!b?c #1.gpkg")
    read = read_stations(path)
    assert read.report.frame == frame or (frame is None and read.report.frame == "epsg:32649")
    assert read.stations.geometry[0].distance(Point(113.62, 34.75)) < 1e-9
    assert read.stations["source_x"][0] == there.geometry[0].x
    if frame is None:
        again = read_stations(path, frame="gcj02")
        assert again.stations.geometry[0].distance(Point(113.62, 34.75)) < 1e-9
        assert [f.code for f in again.report.findings] == ["frame_ignored"]


def test_the_files_own_frame_goes_before_a_named_one(tmp_path: Path) -> None:
    """A layer that says it is in WGS 84 is not shifted by --frame gcj02; a warning says so."""
    pyogrio.write_dataframe(places("EPSG:4326", Point(113.62, 34.75)), tmp_path / "a.gpkg")
    crs = {"type": "name", "properties": {"name": "EPSG:4326"}}
    geojson(tmp_path / "a.geojson", feature(POINT, name="甲"), crs=crs)
    for name in ("a.gpkg", "a.geojson"):
        read = read_stations(tmp_path / name, frame="gcj02")
        assert (read.report.frame, set(read.stations["source_frame"])) == ("wgs84", {"wgs84"})
        assert read.stations.geometry[0].equals(Point(113.62, 34.75))
        assert [(f.code, f.severity) for f in read.report.findings] == [
            ("frame_ignored", "warning")
        ]
        with pytest.raises(InvalidInputError, match="mars is not known"):
            read_stations(tmp_path / name, frame="mars")


def test_a_projected_layer_is_converted_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many rows there are, the conversion is set up a few times; bad rows are found."""
    made = []
    build = frames.Transformer.from_crs

    def counted(*args: Any, **options: Any) -> Any:
        made.append(args)
        return build(*args, **options)

    monkeypatch.setattr(frames.Transformer, "from_crs", counted)
    plane = [Point(500_000 + 10 * i, 3_847_000) for i in range(500)] + [Point(1e30, 1e30)]
    pyogrio.write_dataframe(places("EPSG:4547", *plane), tmp_path / "a.gpkg")
    read = read_stations(tmp_path / "a.gpkg")
    assert len(read.stations) == 500
    assert [(f.row, f.code) for f in read.report.findings if f.severity == "error"] == [
        (501, "bad_coordinate")
    ]
    assert len(made) <= 3


def test_empty_and_other_geometry_is_refused(tmp_path: Path) -> None:
    """A layer's rows without a point are refused one by one."""
    frame = places("EPSG:4326", Point(113.6, 34.7), None, Point(), Point(1, 2).buffer(1))
    pyogrio.write_dataframe(frame, tmp_path / "a.gpkg", driver="GPKG")
    read = read_stations(tmp_path / "a.gpkg")
    assert read.rows == (1,)
    refused = {f.row for f in read.report.findings if f.severity == "error"}
    assert (refused, read.report.n_refused) == ({2, 3, 4}, 3)


def test_a_format_that_always_says_wgs84_is_no_proof(tmp_path: Path) -> None:
    """KML in GCJ-02 looks the same; where the city cannot tell them apart, it says so."""
    path = tmp_path / "a.kml"
    path.write_text(
        "<kml><Placemark><name>甲站</name>"
        "<Point><coordinates>113.4,34.7</coordinates></Point></Placemark></kml>",
        encoding="utf-8",
    )
    areas = Surroundings(areas=districts())
    codes = [f.code for f in read_stations(path, surroundings=areas).report.findings]
    assert "frame_unproven" in codes
    for options in ({}, {"frame": "gcj02", "surroundings": areas}):
        told = [f.code for f in read_stations(path, **options).report.findings]
        assert "frame_unproven" not in told


def test_the_import_carries_the_sum_of_its_file(file: Callable[..., Path]) -> None:
    """The log can tell later which bytes were read."""
    path = file(HEAD, ROW)
    read = read_stations(path, frame="wgs84")
    assert read.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read.file_name == "a.csv"

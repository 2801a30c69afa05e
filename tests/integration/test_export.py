"""Exports: hostile text stays text, files appear as a whole, sample data says what it is."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point

from geodata.codes import StationCode
from geodata.errors import InvalidInputError, NotFoundError, UnavailableError
from geodata.exporters import geojson, geopackage, headers, table, workbook
from geodata.exporters.draft import finished
from geodata.importers import words
from geodata.importers.facility_text import offered
from geodata.importers.stations import read_stations, to_frame
from geodata.records import (
    ENTRY_MODES,
    STATION_COLUMNS,
    STATION_KINDS,
    STATION_STATUSES,
    Closure,
    Offer,
)
from geodata.services import services

SAMPLE = "示例数据，非真实站点 / Sample data, not real stations"
HOSTILE = [
    "<script>alert(1)</script>", '"><img onerror=alert(1)>', "{{7*7}}", "'; DROP TABLE stations;--",
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://a.b")', "'=1", "''+x",
    "＝1+1", "-5", "+86 371 1", "1e5", "_x0041_", "http://x.y/?a=b", "mailto:a@b", "郑州𠀀😀",
    'a,b;c"d', "a\nb", "#N/A", "001", "1.0", "TRUE", "2026-01-01", "null", "NaN", "</table>",
]  # fmt: skip
WRITERS: Mapping[str, Callable[[Path, gpd.GeoDataFrame], None]] = {
    "csv": table.write_csv,
    "xlsx": lambda path, frame: workbook.write(path, {"站点": frame}),
    "geojson": geojson.write,
    "gpkg": lambda path, frame: geopackage.write(path, {"stations": frame}),
}
TEXTS = (
    "name", "host", "address", "district", "phone", "hours_text", "source", "status_reason",
)  # fmt: skip


def station(number: int, text: str = "甲", **values: Any) -> dict[str, Any]:
    record = {
        "id": f"k{number}", "lon_deg": 113.6 + number / 997, "lat_deg": 34.7 + number / 991,
        "hours": "Mo-Fr 09:00-17:00", "facilities": ("aed", "drinking_water"), "entry": "qr",
        "kind": "flagship", "status": "suspended", "area_m2": 12.3456789, "seats": float("nan"),
        "source_frame": "gcj02", "source_x": 113.7, "source_y": 34.9, "verified_on": "2026-09-01",
        "is_synthetic": False, "code": str(StationCode("410105", number + 1)),
        "district_code": "410105", "staff_hours": "Mo-Fr 10:00-12:00", "status_since": "2026-08-01",
    }  # fmt: skip
    record["offers"] = (
        Offer(key="aed", state="broken", checked_on="2026-08-02", note=text),
        Offer(key="drinking_water", hours="Mo-Su 05:00-07:00; PH off", expires_on="2027-01-01"),
    )
    record["closures"] = (
        Closure(first_day="2026-10-01", last_day="2026-10-07", reason=text),
        Closure(first_day="2026-12-01"),
    )
    return record | dict.fromkeys(TEXTS, text) | values


def read_back(path: Path) -> gpd.GeoDataFrame:
    """Import an export; only GeoJSON does not name its frame."""
    frame = "wgs84" if path.suffix == ".geojson" else "auto"
    read = read_stations(path, frame=frame)
    assert [f.message for f in read.report.findings if f.severity == "error"] == []
    return read.stations


@pytest.mark.parametrize("ending", WRITERS)
def test_hostile_text_comes_back_as_it_was(tmp_path: Path, ending: str) -> None:
    """Each hostile text in each field survives writing and importing, in every format."""
    frame = to_frame([station(i, text) for i, text in enumerate(HOSTILE)])
    WRITERS[ending](tmp_path / f"a.{ending}", frame)
    back = read_back(tmp_path / f"a.{ending}")
    for column in STATION_COLUMNS:
        if column in ("area_m2", "seats", "source_x", "source_y"):
            np.testing.assert_array_equal(back[column], frame[column])
        else:
            assert back[column].tolist() == frame[column].tolist(), column
    # A workbook keeps 16 digits of a number, the other formats all of them.
    off_deg = 1e-13 if ending == "xlsx" else 0.0
    np.testing.assert_allclose(back.geometry.x, frame.geometry.x, rtol=0, atol=off_deg)
    np.testing.assert_allclose(back.geometry.y, frame.geometry.y, rtol=0, atol=off_deg)


SAFE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(SAFE.filter(lambda t: t == t.strip()), min_size=1, max_size=4))
def test_any_text_comes_back_from_csv(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    """Guarding against formulas loses nothing: what was written is what is imported."""
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    table.write_csv(path, to_frame([station(i, text) for i, text in enumerate(texts)]))
    back = read_back(path)
    for column in TEXTS:
        assert back[column].tolist() == texts


def csv_cells(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row]


def test_no_cell_of_a_csv_is_a_formula(tmp_path: Path) -> None:
    """No text begins with a sign that office programs take for a formula; numbers may."""
    frame = to_frame([station(i, text) for i, text in enumerate(HOSTILE)])
    table.write_csv(tmp_path / "a.csv", frame.assign(share=-0.5, **{"=header": "x"}))
    cells = csv_cells(tmp_path / "a.csv")
    begun = [c for c in cells if c[:1] and c[0] in "=+-@\t\r\n＝＋－＠"]
    assert set(begun) == {"-5", "-0.5"}
    assert "'=header" in cells
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_workbook_holds_texts_only(tmp_path: Path) -> None:
    """No cell is a formula, no text becomes a link, and numbers are numbers."""
    frame = to_frame([station(i, text) for i, text in enumerate(HOSTILE)])
    workbook.write(tmp_path / "a.xlsx", {"站点": frame, "空": frame.iloc[:0]})
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["站点", "空"]
    cells = [cell for row in book["站点"].iter_rows() for cell in row]
    assert {c.data_type for c in cells} == {"s", "n"}
    assert all(c.hyperlink is None for c in cells)
    sheet = {c.value: i for i, c in enumerate(book["站点"][1])}
    row = [c.value for c in book["站点"][2]]
    assert row[sheet["面积 area_m2"]] == pytest.approx(12.3456789, abs=0)
    assert row[sheet["座位 seats"]] is None
    assert book["空"].max_row == 1


def test_offices_read_chinese(tmp_path: Path) -> None:
    """Headers have two languages; facilities and states are written in Chinese."""
    table.write_csv(tmp_path / "a.csv", to_frame([station(0)]))
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["设施 facilities"] == "AED 除颤仪、饮用水"
    assert row["设施状态 offers"] == (
        "AED 除颤仪〔损坏，检查 2026-08-02，备注 甲〕；饮用水〔时间 Mo-Su 05:00-07:00; PH off，有效期 2027-01-01〕"
    )
    assert row["暂停时间 closures"] == "2026-10-01至2026-10-07〔甲〕；2026-12-01起"
    assert row["站点码 code"] == str(StationCode("410105", 1))
    assert row["区划代码 district_code"] == "410105"
    assert (row["状态 status"], row["进入方式 entry"], row["类型 kind"]) == ("暂停", "扫码", "旗舰")
    assert (row["经度 lon_wgs84"], row["纬度 lat_wgs84"]) == ("113.6", "34.7")


def test_programs_read_records(tmp_path: Path) -> None:
    """GeoJSON has offers and closures as lists of objects, a GeoPackage as JSON; both say only what is known."""
    frame = to_frame([station(0)])
    offers = [
        {"key": "aed", "state": "broken", "checked_on": "2026-08-02", "note": "甲"},
        {
            "key": "drinking_water",
            "state": "working",
            "hours": "Mo-Su 05:00-07:00; PH off",
            "expires_on": "2027-01-01",
        },
    ]
    (feature,) = json.loads(geojson.dumps(frame))["features"]
    assert feature["properties"]["offers"] == offers
    assert feature["properties"]["closures"][1] == {"first_day": "2026-12-01"}
    geopackage.write(tmp_path / "a.gpkg", {"stations": frame})
    (row,) = pyogrio.read_dataframe(tmp_path / "a.gpkg").itertuples()
    assert json.loads(row.offers) == offers


def test_our_headers_and_words_can_be_imported() -> None:
    """Every header and every word that we write for offices is one that we read."""
    for column in (*STATION_COLUMNS, "lon_wgs84", "lat_wgs84"):
        expected = {"lon_wgs84": "lon", "lat_wgs84": "lat"}.get(column, column)
        assert words.field_of(headers.header(column)) == expected
        assert headers.header(column) != column
    for read, column, keys in (
        (words.entry_of, "entry", ENTRY_MODES),
        (words.kind_of, "kind", STATION_KINDS),
        (words.status_of, "status", STATION_STATUSES),
    ):
        for key in keys:
            assert headers.spoken(column, key) != key
            assert read(headers.spoken(column, key)) == key
    for key in services():
        read_back = offered(headers.listed([key]))
        assert (read_back.keys, read_back.unknown) == ((key,), ())


@pytest.mark.parametrize("ending", WRITERS)
def test_sample_rows_say_so(tmp_path: Path, ending: str) -> None:
    """An invented station is marked in its row in every format, and stays invented when imported."""
    frame = to_frame([station(0), station(1, is_synthetic=True)])
    path = tmp_path / f"a.{ending}"
    WRITERS[ending](path, frame)
    assert read_back(path)["is_synthetic"].tolist() == [False, True]
    if ending == "gpkg":
        assert pyogrio.read_dataframe(path)["说明"].tolist() == ["", SAMPLE]
    elif ending == "geojson":
        document = json.loads(path.read_text("utf-8"))
        assert document["说明"] == SAMPLE
        assert [f["properties"]["说明"] for f in document["features"]] == ["", SAMPLE]
    elif ending == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert [row["说明"] for row in csv.DictReader(file)] == ["", SAMPLE]
    else:
        sheet = openpyxl.load_workbook(path)["站点"]
        assert sheet["A1"].value == SAMPLE
        assert [row[-1].value for row in sheet.iter_rows(min_row=2)] == ["说明", None, SAMPLE]


@pytest.mark.parametrize("ending", WRITERS)
def test_real_rows_carry_no_note(tmp_path: Path, ending: str) -> None:
    """Where nothing is invented, nothing says sample data."""
    WRITERS[ending](tmp_path / f"a.{ending}", to_frame([station(0)]))
    if ending == "xlsx":
        book = openpyxl.load_workbook(tmp_path / "a.xlsx")
        text = str(list(book.active.iter_rows(values_only=True)))
    else:
        text = (tmp_path / f"a.{ending}").read_bytes().decode("utf-8", "replace")
    assert "甲" in text
    assert "示例数据" not in text


def hotspots() -> gpd.GeoDataFrame:
    presence = pd.Series([np.zeros(168, np.float32)] * 2, dtype=object)
    values = {"id": ["a", "b"], "name": "商圈", "group": "rider", "people": [3.5, np.nan]}
    return gpd.GeoDataFrame(
        values | {"presence": presence, "is_synthetic": True},
        geometry=[Point(113, 34), Point()],
        crs="EPSG:4326",
    )


@pytest.mark.parametrize("ending", WRITERS)
def test_presence_is_left_out_and_the_frame_unchanged(tmp_path: Path, ending: str) -> None:
    """168 numbers do not fit a cell; the caller's frame is not touched."""
    frame = hotspots()
    before = frame.copy(deep=True)
    WRITERS[ending](tmp_path / f"a.{ending}", frame)
    assert b"presence" not in (tmp_path / f"a.{ending}").read_bytes()
    assert list(frame.columns) == list(before.columns)
    assert frame["people"].equals(before["people"])


def test_unknown_values_are_empty_not_words(tmp_path: Path) -> None:
    """NaN is null or an empty cell in every format, never the word nan."""
    frame = hotspots()
    document = json.loads(geojson.dumps(frame))
    assert [f["properties"]["people"] for f in document["features"]] == [3.5, None]
    assert document["features"][0]["geometry"] == {"type": "Point", "coordinates": [113.0, 34.0]}
    table.write_csv(tmp_path / "a.csv", frame)
    assert "nan" not in [c.lower() for c in csv_cells(tmp_path / "a.csv")]
    geopackage.write(tmp_path / "a.gpkg", {"hotspots": frame})
    with closing(sqlite3.connect(tmp_path / "a.gpkg")) as raw:
        assert raw.execute("SELECT people FROM hotspots").fetchall() == [(3.5,), (None,)]


def test_layers_keep_names_rows_and_system(tmp_path: Path) -> None:
    """A GeoPackage has one layer a frame, in WGS 84, empty ones included."""
    lines = gpd.GeoDataFrame(
        {"name": ["街"], "length_m": [5.0]}, geometry=[LineString([(0, 0), (1, 1)])], crs=4326
    )
    frame = to_frame([station(0)])
    layers = {"stations": frame.to_crs("EPSG:4490"), "streets": lines, "sites": frame.iloc[:0]}
    geopackage.write(tmp_path / "a!b.gpkg", layers)
    (tmp_path / "a!b.gpkg").rename(tmp_path / "a.gpkg")
    found = dict(pyogrio.list_layers(tmp_path / "a.gpkg"))
    assert found == {"stations": "Point", "streets": "LineString", "sites": "Point"}
    for name in layers:
        back = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer=name)
        assert len(back) == len(layers[name])
        assert back.crs.to_epsg() == 4326
        assert (back.geometry.geom_equals(layers[name].to_crs(4326).geometry)).all()


def test_any_table_can_go_to_an_office(tmp_path: Path) -> None:
    """Tables without geometry, with lines, with dates and with unknown columns are written."""
    plain = pd.DataFrame(
        {
            "adcode": [410102],
            "when": [pd.Timestamp("2026-09-01")],
            "list": [["a", "b"]],
            "ok": [True],
        }
    )
    table.write_csv(tmp_path / "a.csv", plain)
    expected = ["adcode", "when", "list", "ok", "410102", "2026-09-01T00:00:00", "a、b", "True"]
    assert csv_cells(tmp_path / "a.csv") == expected
    line = gpd.GeoDataFrame({"name": ["街"]}, geometry=[LineString([(0, 0), (1, 1)])], crs=4326)
    workbook.write(tmp_path / "a.xlsx", {"表": plain, "街": line})
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert list(book["表"].iter_rows(values_only=True))[1] == (
        410102,
        "2026-09-01T00:00:00",
        "a、b",
        True,
    )
    assert list(book["街"].iter_rows(values_only=True)) == [("名称 name",), ("街",)]


@pytest.mark.parametrize("ending", WRITERS)
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, ending: str) -> None:
    """When writing fails, the file that was there stays, and no draft is left behind."""
    path = tmp_path / f"a.{ending}"
    path.write_text("old")
    with pytest.raises(InvalidInputError, match="coordinate system"):
        WRITERS[ending](path, to_frame([station(0)]).set_crs(None, allow_override=True))
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", WRITERS)
def test_a_place_that_cannot_be_written_is_named(tmp_path: Path, ending: str) -> None:
    """A missing folder and a folder in the file's place each get a sentence."""
    frame = to_frame([station(0)])
    with pytest.raises(NotFoundError, match="absent"):
        WRITERS[ending](tmp_path / "absent" / f"a.{ending}", frame)
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidInputError, match="is a folder"):
        WRITERS[ending](tmp_path / "folder", frame)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder"]


def test_a_draft_becomes_the_file_in_one_step(tmp_path: Path) -> None:
    """Until the block ends the old file is there; after an error nothing has changed."""
    path = tmp_path / "a.txt"
    path.write_text("old")

    def broken() -> None:
        with finished(path) as draft:
            draft.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    with finished(path) as draft:
        draft.write_text("new")
        Path(f"{draft}-wal").write_text("left over")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_reported_in_our_words(tmp_path: Path) -> None:
    """What the system says while writing becomes one sentence with the path."""

    def full() -> None:
        with finished(tmp_path / "a.txt"):
            raise OSError(28, "No space left on device")

    with pytest.raises(UnavailableError, match=r"a\.txt cannot be written .*No space left"):
        full()


@pytest.mark.parametrize("name", ["", "a" * 32, "a/b", "[a]", "'a", "a:b", "a'"])
def test_a_sheet_needs_an_allowed_name(tmp_path: Path, name: str) -> None:
    """Names that office programs refuse are refused before anything is written."""
    with pytest.raises(InvalidInputError, match="name of a sheet"):
        workbook.write(tmp_path / "a.xlsx", {name: pd.DataFrame({"a": [1]})})
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_write_is_an_error(tmp_path: Path) -> None:
    """A file without a table is no file."""
    with pytest.raises(InvalidInputError):
        workbook.write(tmp_path / "a.xlsx", {})
    with pytest.raises(InvalidInputError):
        geopackage.write(tmp_path / "a.gpkg", {})


def test_long_texts_are_cut_in_workbooks_only(tmp_path: Path) -> None:
    """A cell holds 32,767 characters; a longer text ends with an ellipsis."""
    frame = pd.DataFrame({"a": ["x" * 32_767, "x" * 32_768]})
    workbook.write(tmp_path / "a.xlsx", {"表": frame})
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert [len(str(c.value)) for (c,) in sheet.iter_rows(min_row=2)] == [32_767, 32_767]
    assert str(sheet["A2"].value).endswith("x")
    assert str(sheet["A3"].value).endswith("…")
    assert "x" * 32_768 in table.dumps_csv(frame)

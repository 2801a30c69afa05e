"""Reading areas: real boundaries, and broken ones."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata import areas
from geodata.errors import InvalidInputError
from geodata.frames import from_wgs84, to_wgs84
from geodata.importers.areas import AreaImport, read_areas
from geodata.records import AREA_COLUMNS

BOW_TIE = shapely.Polygon([(113, 34), (114, 35), (114, 34), (113, 35)])


def _henan(shared_data: Path) -> Path:
    return shared_data / "boundaries" / "henan_admin_gcj02.geojson.gz"


def _frame(shapes: list[object], **columns: object) -> gpd.GeoDataFrame:
    table = columns or {
        "id": [f"a{i}" for i in range(len(shapes))],
        "name": [f"区{i}" for i in range(len(shapes))],
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def _read(folder: Path, table: gpd.GeoDataFrame, **options: object) -> AreaImport:
    table.to_parquet(folder / "areas.parquet")
    return read_areas(folder / "areas.parquet", **options)


def _errors(result: AreaImport) -> list[tuple[str, int | None]]:
    return [(f.code, f.row) for f in result.report.findings if f.severity == "error"]


def test_the_counties_of_henan_hold_the_stations_of_zhengzhou(shared_data: Path) -> None:
    """157 counties in GCJ-02 convert so that 82 stations fall into the district found by polygon."""
    result = read_areas(_henan(shared_data), frame="gcj02", where=("level", "区县"))
    assert len(result.areas) == 157
    assert result.report.findings == ()
    assert result.areas.geometry.is_valid.all()
    expected = pd.read_csv(shared_data / "stations" / "zhengzhou_stations_expected.csv", dtype=str)
    points = gpd.GeoSeries(
        gpd.points_from_xy(
            expected["lon_wgs84"].astype(float), expected["lat_wgs84"].astype(float)
        ),
        crs="EPSG:4326",
    )
    assert areas.assign(points, result.areas).to_list() == expected["adcode_by_polygon"].to_list()
    names = result.areas.set_index("id")["name"]
    assert (
        names[expected["adcode_by_polygon"]].to_list() == expected["district_by_polygon"].to_list()
    )


def test_a_file_that_holds_all_levels_is_reported(shared_data: Path) -> None:
    """Province, cities and counties overlap: a warning for each pair, and a repeated code refused."""
    result = read_areas(_henan(shared_data), frame="gcj02")
    assert len(result.areas) == 175
    assert [code for code, _ in _errors(result)] == ["duplicate_id"]
    assert {f.code for f in result.report.findings} == {"duplicate_id", "overlap"}


@pytest.mark.parametrize("frame", ["gcj02", "epsg:4547"])
def test_every_vertex_is_converted(tmp_path: Path, frame: str) -> None:
    """Each vertex of a polygon in a named frame lies where its formula puts it, to 1 mm."""
    ring = np.array([(113.5, 34.5), (113.9, 34.5), (113.9, 34.9), (113.7, 34.6), (113.5, 34.9)])
    shifted = np.column_stack(from_wgs84(lon_deg=ring[:, 0], lat_deg=ring[:, 1], frame=frame))
    path = tmp_path / "areas.geojson"
    document = json.loads(_frame([shapely.Polygon(shifted)]).to_json())
    document.pop("crs", None)
    path.write_text(json.dumps(document), "utf-8")
    result = read_areas(path, frame=frame)
    found = shapely.get_coordinates(result.areas.geometry.iloc[0])[:-1]
    assert np.abs(found - ring).max() < 1e-8
    again = to_wgs84(lon_deg=shifted[:, 0], lat_deg=shifted[:, 1], frame=frame)
    assert np.array_equal(found, np.column_stack(again))


def test_an_areas_frame_has_its_columns(tmp_path: Path) -> None:
    """Columns, CRS and types are those of `records.AREA_COLUMNS`; the file's other columns go."""
    result = _read(tmp_path, _frame([shapely.box(1, 1, 2, 2)], code=["7"], name=["甲"], n=[3]))
    assert list(result.areas.columns) == [*AREA_COLUMNS, "geometry"]
    assert result.areas.crs == "EPSG:4326"
    assert result.areas[["id", "name", "is_synthetic"]].to_numpy().tolist() == [["7", "甲", False]]


def test_a_self_crossing_polygon_is_refused_with_where(tmp_path: Path) -> None:
    """The finding has row, name and the place of the crossing; the other areas are read."""
    result = _read(tmp_path, _frame([shapely.box(1, 1, 2, 2), BOW_TIE]))
    assert result.areas["id"].to_list() == ["a0"]
    (finding,) = result.report.findings
    assert (finding.code, finding.row) == ("crosses_itself", 2)
    assert "区1" in finding.message
    assert "113.5 34.5" in finding.message
    assert (result.report.n_rows, result.report.n_refused) == (2, 1)


def test_overlap_warns_and_repeated_ids_are_refused(tmp_path: Path) -> None:
    """Overlapping areas stay, with a warning; the second area of an id goes."""
    boxes = [shapely.box(0, 0, 2, 2), shapely.box(1, 1, 3, 3), shapely.box(8, 8, 9, 9)]
    result = _read(tmp_path, _frame(boxes, id=["a", "b", "a"], name=["x", "y", "z"]))
    assert result.areas["name"].to_list() == ["x", "y"]
    assert [(f.code, f.row, f.severity) for f in result.report.findings] == [
        ("overlap", 1, "warning"),
        ("duplicate_id", 3, "error"),
    ]


def test_rows_that_are_no_polygon_are_refused(tmp_path: Path) -> None:
    """Points, lines, nothing, and places off the earth are refused by row."""
    shapes = [shapely.Point(1, 1), shapely.LineString([(1, 1), (2, 2)]), None,
              shapely.box(500, 1, 501, 2), shapely.box(34, 113, 35, 114), shapely.box(1, 1, 2, 2)]  # fmt: skip
    result = _read(tmp_path, _frame(list(shapes)))
    assert _errors(result) == [
        ("no_polygon", 1),
        ("no_polygon", 2),
        ("no_place", 3),
        ("bad_coordinate", 4),
        ("swapped_coordinates", 5),
    ]
    assert result.areas["id"].to_list() == ["a5"]


def test_a_file_without_a_usable_area_is_an_error(tmp_path: Path) -> None:
    """No rows, no polygons, or a table give one sentence each."""
    with pytest.raises(InvalidInputError, match="none of the 1 rows"):
        _read(tmp_path, _frame([BOW_TIE]))
    with pytest.raises(InvalidInputError, match="no rows"):
        _read(tmp_path, _frame([]))
    table = tmp_path / "areas.csv"
    table.write_text("id,name\n1,x\n", "utf-8")
    with pytest.raises(InvalidInputError, match="table without polygons"):
        read_areas(table)


def test_the_frame_must_be_named(shared_data: Path, tmp_path: Path) -> None:
    """Boundaries of a map provider do not say that they are shifted, so they are not guessed."""
    with pytest.raises(InvalidInputError, match="does not say which coordinate frame"):
        read_areas(_henan(shared_data))
    with pytest.raises(InvalidInputError, match="mars is not known"):
        _read(tmp_path, _frame([shapely.box(1, 1, 2, 2)]), frame="mars")


def test_columns_can_be_named(tmp_path: Path) -> None:
    """Id and name columns are taken as asked; one that is not there is an error that lists others."""
    frame = _frame([shapely.box(1, 1, 2, 2)], gb="9", 片区="东区", id=[1], name=["x"])
    result = _read(tmp_path, frame, id_column="gb", name_column="片区")
    assert result.areas[["id", "name"]].to_numpy().tolist() == [["9", "东区"]]
    with pytest.raises(
        InvalidInputError, match="no column zone; its columns are gb, 片区, id, name"
    ):
        _read(tmp_path, frame, id_column="zone")
    with pytest.raises(InvalidInputError, match="no row with 西区 under 片区; it has 东区"):
        _read(tmp_path, frame, where=("片区", "西区"))


def test_areas_without_labels_are_numbered(tmp_path: Path) -> None:
    """Without id and name columns the row number stands for both."""
    result = _read(tmp_path, _frame([shapely.box(1, 1, 2, 2)] * 1, other=["x"]))
    assert result.areas[["id", "name"]].to_numpy().tolist() == [["1", "1"]]


def test_all_formats_give_the_same_areas(tmp_path: Path) -> None:
    """GeoJSON, gzipped GeoJSON, GeoPackage, GeoParquet and a zipped Shapefile agree."""
    frame = _frame([shapely.box(1, 1, 2, 2), shapely.box(3, 1, 4, 2)])
    frame.to_file(tmp_path / "a.geojson")
    (tmp_path / "b.geojson.gz").write_bytes(gzip.compress((tmp_path / "a.geojson").read_bytes()))
    frame.to_file(tmp_path / "c.gpkg")
    frame.to_parquet(tmp_path / "d.parquet")
    frame.to_file(tmp_path / "e.shp", encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as archive:
        for part in sorted(tmp_path.glob("e.*")):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    for name in ("a.geojson", "b.geojson.gz", "c.gpkg", "d.parquet", "e.zip"):
        result = read_areas(tmp_path / name)
        assert result.areas[["id", "name"]].to_numpy().tolist() == [["a0", "区0"], ["a1", "区1"]]
        assert result.areas.geometry.geom_equals(frame.geometry).all()
        assert result.report.frame == "wgs84"


def test_the_files_own_frame_goes_before_a_named_one(tmp_path: Path) -> None:
    """Areas that say they are in WGS 84 are not shifted by --frame gcj02; a warning says so."""
    result = _read(tmp_path, _frame([shapely.box(113, 34, 114, 35)]), frame="gcj02")
    assert result.areas.geometry.iloc[0].equals(shapely.box(113, 34, 114, 35))
    assert [(f.code, f.severity) for f in result.report.findings] == [("frame_ignored", "warning")]
    assert result.report.frame == "wgs84"


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Names that look like code or markup are kept letter by letter."""
    hostile = "\"><img onerror=alert(1)> {{7*7}} '; DROP TABLE x"
    result = _read(tmp_path, _frame([shapely.box(1, 1, 2, 2)], id=[hostile], name=[hostile]))
    assert result.areas[["id", "name"]].to_numpy().tolist() == [[hostile, hostile]]


def test_areas_round_the_earth_are_refused_and_pairs_across_the_date_line_are_not(
    tmp_path: Path,
) -> None:
    """What is as wide as half the earth does not say which side is inside; parts count singly."""
    pair = shapely.MultiPolygon([shapely.box(-180, 0, -179, 1), shapely.box(179, 0, 180, 1)])
    shapes = [shapely.box(-180, -90, 180, 90), shapely.box(0, 0, 180, 1), pair]
    result = _read(tmp_path, _frame([*shapes, shapely.box(113, 34, 114, 35)]))
    assert _errors(result) == [("too_large", 1), ("too_large", 2)]


@pytest.mark.parametrize("properties", [["a"], "abc", 5])
def test_areas_without_properties_are_called_by_their_row(
    tmp_path: Path, properties: object
) -> None:
    """GeoJSON whose properties are no object is read; the rows have no id and no name."""
    geometry = shapely.geometry.mapping(shapely.box(113, 34, 114, 35))
    feature = {"type": "Feature", "properties": properties, "geometry": geometry}
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    assert read_areas(path, frame="wgs84").areas["id"].to_list() == ["1"]

"""Reading points of activity, and from there to hotspots."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.errors import InvalidInputError
from geodata.frames import LocalMetres, from_wgs84
from geodata.hotspots import find_hotspots
from geodata.importers.points import read_points

HEAD = "骑手编号,时间,经度,纬度,工种\n"


def _csv(folder: Path, text: str) -> Path:
    path = folder / "points.csv"
    path.write_text(text, "utf-8-sig")
    return path


def test_points_are_read_with_worker_time_and_group(tmp_path: Path) -> None:
    """Chinese headers and words, times written in several ways, an unknown group counts as all."""
    path = _csv(
        tmp_path,
        HEAD + "A1,2026-03-02 08:05:09,113.65,34.75,外卖骑手\n"
        "A2,2026/3/2 8:05,113.66,34.75,飞行员\n"
        "A3,2026年3月2日 8时5分,113.67,34.75,\n"
        "A4,2026-03-02T08:05:09.250,113.68,34.75,司机\n",
    )
    result = read_points(path, frame="wgs84")
    assert result.points["worker"].to_list() == ["A1", "A2", "A3", "A4"]
    assert result.points["moment"].dt.strftime("%Y-%m-%d %H:%M:%S").to_list() == [
        "2026-03-02 08:05:09",
        "2026-03-02 08:05:00",
        "2026-03-02 08:05:00",
        "2026-03-02 08:05:09",
    ]
    assert result.points["group"].to_list() == ["rider", "all", "all", "driver"]
    assert result.points.crs == "EPSG:4326"
    assert result.report.n_refused == 0


def test_without_a_worker_column_the_error_says_why(tmp_path: Path) -> None:
    """Without workers one person could pass for many; a row id does not stand in for one."""
    path = _csv(tmp_path, "id,时间,经度,纬度\n1,2026-03-02 08:05,113.65,34.75\n")
    with pytest.raises(InvalidInputError, match=r"worker, 骑手, 工号.*k-anonymity"):
        read_points(path, frame="wgs84")


def test_without_a_time_column_the_error_says_why(tmp_path: Path) -> None:
    """Presence by hour needs times."""
    path = _csv(tmp_path, "工号,经度,纬度\n1,113.65,34.75\n")
    with pytest.raises(InvalidInputError, match="in which hours"):
        read_points(path, frame="wgs84")


def test_the_frame_must_be_named(tmp_path: Path) -> None:
    """Coordinates of a table are not guessed to be in any frame."""
    path = _csv(tmp_path, HEAD + "A1,2026-03-02 08:05,113.65,34.75,\n")
    with pytest.raises(InvalidInputError, match="does not say which coordinate frame"):
        read_points(path)
    point = read_points(path, frame="gcj02").points.geometry.iloc[0]
    back = from_wgs84(lon_deg=[point.x], lat_deg=[point.y], frame="gcj02")
    assert (back[0][0], back[1][0]) == pytest.approx((113.65, 34.75), abs=1e-8)


def test_bad_rows_are_refused_with_their_number(tmp_path: Path) -> None:
    """Rows without worker, time or place, or with a time of another zone, are refused one by one."""
    path = _csv(
        tmp_path,
        HEAD + "A1,2026-03-02 08:05,113.65,34.75,\n"
        ",2026-03-02 08:05,113.65,34.75,\n"
        "A3,,113.65,34.75,\n"
        "A4,2026-02-30 08:05,113.65,34.75,\n"
        "A5,2026-03-02 25:05,113.65,34.75,\n"
        "A6,2026-03-02,113.65,34.75,\n"
        "A7,2026-03-02T08:05:00Z,113.65,34.75,\n"
        "A8,2026-03-02T08:05:00+08:00,113.65,34.75,\n"
        "A9,2026-03-02 08:05,,34.75,\n"
        "A10,2026-03-02 08:05,34.75,113.65,\n",
    )
    result = read_points(path, frame="wgs84")
    assert result.points["worker"].to_list() == ["A1"]
    assert [(f.code, f.row) for f in result.report.findings] == [
        ("no_worker", 3),
        ("no_time", 4),
        ("bad_time", 5),
        ("bad_time", 6),
        ("bad_time", 7),
        ("zoned_time", 8),
        ("zoned_time", 9),
        ("bad_coordinate", 10),
        ("swapped_coordinates", 11),
    ]
    assert (result.report.n_rows, result.report.n_refused) == (10, 9)


def test_findings_never_name_a_worker(tmp_path: Path) -> None:
    """What is reported of refused rows holds row numbers, not ids."""
    path = _csv(tmp_path, HEAD + "A1,2026-03-02 08:05,113.65,34.75,\nSECRET,x,y,z,\n")
    found = read_points(path, frame="wgs84").report.findings
    assert found
    assert "SECRET" not in " ".join(f.message for f in found)


@pytest.mark.parametrize("ending", ["gpkg", "parquet", "geojson"])
def test_files_with_geometry_name_their_frame(tmp_path: Path, ending: str) -> None:
    """GeoPackage, GeoParquet and GeoJSON with a CRS need no frame, and lead to the same hotspots."""
    rng = np.random.default_rng(0)
    plane = LocalMetres(lon_deg=113.65, lat_deg=34.75)
    lon, lat = plane.to_lon_lat_deg(rng.normal(0, 20, (60, 2)))
    moment = pd.Timestamp("2026-03-02") + pd.to_timedelta(np.arange(60) * 30, unit="min")
    frame = gpd.GeoDataFrame(
        {"worker": [f"w{i % 12}" for i in range(60)], "time": moment, "group": "rider"},
        geometry=gpd.points_from_xy(lon, lat),
        crs="EPSG:4326",
    )
    path = tmp_path / f"points.{ending}"
    frame.to_parquet(path) if ending == "parquet" else frame.to_file(path)
    points = read_points(path).points
    assert points["moment"].to_list() == moment.to_list()
    found = find_hotspots(points)
    assert found[["group", "people"]].to_numpy().tolist() == [["rider", 12.0]]
    expected = find_hotspots(frame.rename(columns={"time": "moment"}))
    assert found.geometry.geom_equals(expected.geometry).all()


def test_lines_are_no_points(tmp_path: Path) -> None:
    """A track of lines is refused row by row, here as a whole."""
    frame = gpd.GeoDataFrame.from_features(
        [
            {
                "type": "Feature",
                "properties": {"worker": "a", "time": "2026-03-02 08:00"},
                "geometry": {"type": "LineString", "coordinates": [[113, 34], [114, 34]]},
            }
        ],
        crs="EPSG:4326",
    )
    frame.to_parquet(tmp_path / "track.parquet")
    with pytest.raises(InvalidInputError, match="a point is needed"):
        read_points(tmp_path / "track.parquet")


def test_zoned_time_columns_are_refused(tmp_path: Path) -> None:
    """A typed column with a zone is not silently taken as local time."""
    frame = gpd.GeoDataFrame(
        {"worker": ["a"], "time": pd.to_datetime(["2026-03-02 08:00"]).tz_localize("UTC")},
        geometry=gpd.points_from_xy([113.0], [34.0]),
        crs="EPSG:4326",
    )
    frame.to_parquet(tmp_path / "points.parquet")
    with pytest.raises(InvalidInputError, match="time zone"):
        read_points(tmp_path / "points.parquet")

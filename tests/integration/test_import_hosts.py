"""Files of hosts become places in WGS 84, with the cost where the file states one."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from shapely import Point

from geodata.errors import InvalidInputError
from geodata.frames import from_wgs84
from geodata.importers.hosts import HOST_COLUMNS, HostImport, read_hosts


def _csv(folder: Path, *lines: str) -> Path:
    path = folder / "hosts.csv"
    path.write_text("\n".join(lines), "utf-8")
    return path


def _errors(result: HostImport) -> list[tuple[str, int | None]]:
    return [(f.code, f.row) for f in result.report.findings if f.severity == "error"]


def test_hosts_are_read_with_their_cost(tmp_path: Path) -> None:
    """An empty cost is not known, never 0; columns and types are those of a hosts frame."""
    path = _csv(
        tmp_path, "编号,名称,经度,纬度,费用", "1,银行,113.62,34.75,50000", "2,药房,113.63,34.75,"
    )
    hosts = read_hosts(path, frame="wgs84").hosts
    assert list(hosts.columns) == [*HOST_COLUMNS, "geometry"]
    assert hosts.crs == "EPSG:4326"
    assert hosts[["id", "name"]].to_numpy().tolist() == [["1", "银行"], ["2", "药房"]]
    assert hosts["cost_cny"].dtype == np.float64
    assert hosts["cost_cny"][0] == 50_000.0
    assert np.isnan(hosts["cost_cny"][1])
    assert hosts.geometry[0].equals(Point(113.62, 34.75))


@pytest.mark.parametrize(
    ("header", "cell", "cost_cny"),
    [
        ("cost_cny", "1", 1.0),
        ("cost", '"1,234.5"', 1234.5),
        ("造价", "0", 0.0),
        ("费用（元）", "１２", 12.0),
        ("造价(万元)", "2.5", 25_000.0),
    ],
)
def test_a_cost_has_usual_headers_and_units(
    tmp_path: Path, header: str, cell: str, cost_cny: float
) -> None:
    """The header may carry the unit; 万元 is ten thousand yuan."""
    path = _csv(tmp_path, f"name,lon,lat,{header}", f"a,113.62,34.75,{cell}")
    assert read_hosts(path, frame="wgs84").hosts["cost_cny"].to_list() == [cost_cny]


def test_a_cost_in_another_unit_is_refused(tmp_path: Path) -> None:
    """Dollars taken for yuan would falsify the budget."""
    path = _csv(tmp_path, "name,lon,lat,cost (USD)", "a,113.62,34.75,1")
    with pytest.raises(InvalidInputError, match="unit USD is not known"):
        read_hosts(path, frame="wgs84")


def test_each_bad_row_is_refused_with_its_number(tmp_path: Path) -> None:
    """Costs below 0 and unreadable, bad places, repeated ids and nameless rows go one by one."""
    path = _csv(
        tmp_path,
        "id,name,lon,lat,cost_cny",
        "1,a,113.62,34.75,-1",
        "2,b,113.62,34.75,cheap",
        "3,c,,34.75,1",
        "4,d,34.75,113.62,1",
        "5,e,113.62,34.75,inf",
        ",,113.62,34.75,1",
        "6,f,113.62,34.75,1",
        "6,g,113.62,34.75,1",
        ",h,113.62,34.75,",
    )
    result = read_hosts(path, frame="wgs84")
    assert _errors(result) == [
        ("bad_cost", 2),
        ("bad_cost", 3),
        ("bad_coordinate", 4),
        ("swapped_coordinates", 5),
        ("bad_cost", 6),
        ("missing_name", 7),
        ("duplicate_id", 9),
    ]
    assert result.hosts["name"].to_list() == ["f", "h"]
    assert result.hosts["id"].is_unique
    assert result.hosts["id"].str.len().min() > 0
    assert (result.report.n_rows, result.report.n_refused) == (9, 7)


def test_a_file_without_labels_or_frame_is_an_error(tmp_path: Path) -> None:
    """Hosts must be told apart, and where they are must be sure."""
    with pytest.raises(InvalidInputError, match=r"lacks 名称 \(name\)"):
        read_hosts(_csv(tmp_path, "lon,lat,cost", "113.62,34.75,1"), frame="wgs84")
    with pytest.raises(InvalidInputError, match="does not say which coordinate frame"):
        read_hosts(_csv(tmp_path, "id,lon,lat", "1,113.62,34.75"))
    with pytest.raises(InvalidInputError, match="none of the 1 rows"):
        read_hosts(_csv(tmp_path, "id,lon,lat,cost", "1,113.62,34.75,-1"), frame="wgs84")


def test_hosts_without_a_name_are_called_by_their_id(tmp_path: Path) -> None:
    """Leading zeros stay; coordinates of a map provider are converted."""
    x, y = from_wgs84(lon_deg=113.62, lat_deg=34.75, frame="gcj02")
    hosts = read_hosts(_csv(tmp_path, "id,lon,lat", f"007,{x:.9f},{y:.9f}"), frame="gcj02").hosts
    assert hosts[["id", "name"]].to_numpy().tolist() == [["007", "007"]]
    assert hosts.geometry[0].distance(Point(113.62, 34.75)) < 1e-8


def test_workbooks_and_geopackages_are_read(tmp_path: Path) -> None:
    """The formats of stations are those of hosts; a layer's own frame goes before the option."""
    book = openpyxl.Workbook()
    for row in (
        ["备选场地"],
        ["编号", "名称", "经度", "纬度", "造价"],
        [1, "银行", 113.62, 34.75, 9],
    ):
        book.active.append(row)
    book.save(tmp_path / "hosts.xlsx")
    hosts = read_hosts(tmp_path / "hosts.xlsx", frame="wgs84").hosts
    assert hosts[["id", "cost_cny"]].to_numpy().tolist() == [["1", 9.0]]
    layer = gpd.GeoDataFrame(
        {"name": ["a"], "cost": [7.0]}, geometry=[Point(113.62, 34.75)], crs="EPSG:4326"
    )
    layer.to_file(tmp_path / "hosts.gpkg")
    read = read_hosts(tmp_path / "hosts.gpkg", frame="gcj02")
    assert read.hosts.geometry[0].equals(Point(113.62, 34.75))
    assert read.hosts["cost_cny"].to_list() == [7.0]
    assert [f.code for f in read.report.findings] == ["frame_ignored"]

"""Reading demand from files as offices and statistics bureaus send them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import geopandas as gpd
import h3
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from geodata.areas import size_m2
from geodata.checks import check_demand
from geodata.errors import InvalidInputError, NotFoundError, YizhanError
from geodata.frames import from_wgs84
from geodata.grid import cell_centres, cell_of, cell_polygons
from geodata.importers.demand import DEMAND_COLUMNS, DemandImport, read_demand
from geodata.importers.demand_places import MOVED_M

LON, LAT = 113.65, 34.75
CELLS = cell_of(lon_deg=[113.65, 113.66, 113.67], lat_deg=[34.75] * 3, resolution=9).tolist()


def _csv(folder: Path, text: str, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def _square(side_m: float, *, east_m: float = 0.0) -> shapely.Polygon:
    """A square with its south-west corner near (LON, LAT), sides by the metre to a part in 10^4."""
    per_m_lat = 1 / 110_940.0
    per_m_lon = 1 / (111_412.84 * np.cos(np.radians(LAT)))
    west = LON + east_m * per_m_lon
    return shapely.box(west, LAT, west + side_m * per_m_lon, LAT + side_m * per_m_lat)


def _codes(result: DemandImport) -> list[tuple[str, int | None]]:
    return [(f.code, f.row) for f in result.report.findings if f.severity == "error"]


def test_porto_alegre_gives_its_population(shared_data: Path) -> None:
    """The H3 table counts 812,935 people; cells with nobody are left out, and counted."""
    path = shared_data / "porto_alegre" / "population_h3.csv"
    result = read_demand(path, people_column="population")
    raw = pd.read_csv(path)
    inhabited = raw[raw["population"] > 0]
    assert result.demand["people"].sum() == 812_935
    assert sorted(result.demand["place_id"]) == sorted(inhabited["id"])
    assert result.n_zero == len(raw) - len(inhabited)
    assert (result.report.n_rows, result.report.n_refused) == (len(raw), 0)
    given_at = inhabited.set_index("id").loc[result.demand["place_id"], ["lon", "lat"]].to_numpy()
    found_at = result.demand.get_coordinates().to_numpy()
    assert np.abs(given_at - found_at).max() < 1e-5
    assert check_demand(result.demand) == ()


def test_a_demand_frame_has_its_columns_and_types(tmp_path: Path) -> None:
    """Columns, CRS and types are those every consumer relies on; presence is 168 ones."""
    demand = read_demand(_csv(tmp_path, f"h3,people\n{CELLS[0]},12\n")).demand
    assert list(demand.columns) == [*DEMAND_COLUMNS, "geometry"]
    assert demand.crs == "EPSG:4326"
    assert demand["people"].dtype == np.float64
    assert demand["is_synthetic"].dtype == bool
    (presence,) = demand["presence"]
    assert (presence.shape, presence.dtype, presence.min()) == ((168,), np.float32, 1.0)
    row = demand.drop(columns=["presence", "geometry"]).iloc[0].to_list()
    assert row == [CELLS[0], "", "all", 12.0, "people.csv", False]


def test_cells_win_over_coordinates(tmp_path: Path) -> None:
    """A row with an H3 cell and a longitude far away stands at the cell, with no frame named."""
    path = _csv(tmp_path, f"id,lon,lat,people\n{CELLS[0]},1.5,2.5,10\n")
    result = read_demand(path)
    assert result.demand.geometry.iloc[0] == cell_centres(CELLS[:1]).geometry.iloc[0]
    assert result.report.frame == "wgs84"


def test_coordinates_need_a_frame(tmp_path: Path) -> None:
    """A CSV of coordinates that names no frame is refused with how to name it; named, it is read."""
    path = _csv(tmp_path, "lon,lat,people\n113.65,34.75,10\n")
    with pytest.raises(InvalidInputError, match="--frame wgs84, gcj02, bd09"):
        read_demand(path)
    assert read_demand(path, frame="wgs84").demand.geometry.iloc[0] == shapely.Point(113.65, 34.75)
    header = _csv(tmp_path, "lon_wgs84,lat_wgs84,people\n113.65,34.75,10\n", "named.csv")
    assert read_demand(header).report.frame == "wgs84"


@pytest.mark.parametrize("frame", ["gcj02", "bd09"])
def test_shifted_frames_are_converted(tmp_path: Path, frame: str) -> None:
    """Coordinates in the frames of map providers land where they are in WGS 84."""
    x, y = from_wgs84(lon_deg=[LON], lat_deg=[LAT], frame=frame)
    path = _csv(tmp_path, f"lon,lat,people\n{x[0]:.9f},{y[0]:.9f},10\n")
    point = read_demand(path, frame=frame).demand.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx((LON, LAT), abs=1e-8)


def test_each_bad_row_is_refused_with_its_number(tmp_path: Path) -> None:
    """Negative, endless, missing and unreadable counts are refused by row; the others are read."""
    rows = ["-1", "inf", "", "many", "nan", "7", "0", "１２", '"1,234"']
    path = _csv(
        tmp_path,
        "lon,lat,people\n" + "".join(f"113.{600 + i},34.7,{p}\n" for i, p in enumerate(rows)),
    )
    result = read_demand(path, frame="wgs84")
    assert _codes(result) == [("bad_people", row) for row in (2, 3, 4, 5, 6)]
    assert result.demand["people"].to_list() == [7.0, 12.0, 1234.0]
    assert (result.report.n_rows, result.report.n_refused, result.n_zero) == (9, 5, 1)
    assert "row 2: people is -1; it must be 0 or more" in [
        f.message for f in result.report.findings
    ]


@pytest.mark.parametrize(("people", "n"), [("1e9", 0), ("1000000001", 1), ("1e308", 1)])
def test_more_people_than_any_place_has_are_refused(tmp_path: Path, people: str, n: int) -> None:
    """A finite number that later sums overflow on is no head count."""
    path = _csv(tmp_path, f"h3,people\n{CELLS[0]},{people}\n{CELLS[1]},1\n")
    assert _codes(read_demand(path)) == [("too_many_people", 2)] * n


def test_bad_cells_alone_are_called_bad_cells(tmp_path: Path) -> None:
    """A table with nothing but a cell column is told what is wrong with its cells."""
    with pytest.raises(InvalidInputError, match="row 2: nonsense is not an H3 cell"):
        read_demand(_csv(tmp_path, "h3,people\nnonsense,2\n1234,3\n"))
    with pytest.raises(InvalidInputError, match="no longitude and latitude"):
        read_demand(_csv(tmp_path, "id,people\nnonsense,2\n", "ids.csv"))
    both = _csv(tmp_path, "cell,lon,lat,people\nA7,113.6,34.7,2\n", "both.csv")
    assert read_demand(both, frame="wgs84").demand["people"].to_list() == [2.0]


@pytest.mark.parametrize("properties", [["a"], "abc", 5, None])
def test_properties_that_are_none_leave_cells_empty(tmp_path: Path, properties: object) -> None:
    """GeoJSON whose properties are no object lacks the people of that row, and says so."""
    place = {"type": "Point", "coordinates": [LON, LAT]}
    features = [
        {"type": "Feature", "properties": p, "geometry": place} for p in (properties, {"people": 3})
    ]
    path = _csv(tmp_path, json.dumps({"type": "FeatureCollection", "features": features}), "a.json")
    assert _codes(read_demand(path, frame="wgs84")) == [("bad_people", 1)]


@pytest.mark.parametrize(
    "box",
    [(-180, -90, 180, 90), (-90, -90, 90, 90), (-179, -1, 179, 1), (-80, -60, 80, 60)],
)
def test_polygons_that_hold_half_the_earth_are_too_large(
    tmp_path: Path, box: tuple[float, float, float, float]
) -> None:
    """A polygon round the earth has a geodesic size of about 0, but is not small."""
    shapes = [shapely.box(*box), _square(100.0)]
    frame = gpd.GeoDataFrame({"people": [1, 2]}, geometry=shapes, crs="EPSG:4326")
    frame.to_parquet(tmp_path / "a.parquet")
    assert _codes(read_demand(tmp_path / "a.parquet")) == [("too_large", 1)]


@pytest.mark.parametrize("name", ["a.parquet", "a.zip", "a.gpkg", "a.geojson.gz"])
@pytest.mark.parametrize("content", [b"PAR1 nothing", b"PK\x03\x04 nothing", b"SQLite format 3\0"])
def test_damaged_files_are_said_in_our_own_words(tmp_path: Path, name: str, content: bytes) -> None:
    """The message shows neither a library's words nor the path of a copy."""
    packed = gzip.compress(content) if name.endswith(".gz") else content
    (tmp_path / name).write_bytes(packed)
    with pytest.raises(InvalidInputError) as caught:
        read_demand(tmp_path / name)
    assert caught.value.details == {"path": name}


def test_broken_geometry_of_parquet_is_said_in_our_own_words(tmp_path: Path) -> None:
    """A GeoParquet file whose geometry column holds no shapes is one sentence, no traceback."""
    frame = gpd.GeoDataFrame({"people": [1]}, geometry=[_square(9.0)], crs="EPSG:4326")
    frame.to_parquet(tmp_path / "good.parquet")
    table = pq.read_table(tmp_path / "good.parquet")
    broken = table.set_column(1, "geometry", pa.array([b"no shape"]))
    pq.write_table(broken.replace_schema_metadata(table.schema.metadata), tmp_path / "a.parquet")
    with pytest.raises(InvalidInputError, match="damaged"):
        read_demand(tmp_path / "a.parquet")


def test_geojson_that_is_no_text_is_asked_for_as_geojson(tmp_path: Path) -> None:
    """Who has GeoJSON is not told to save it as CSV."""
    (tmp_path / "a.geojson").write_bytes(b'{"type": "\xff\xff\0"}')
    with pytest.raises(InvalidInputError, match="save it again as GeoJSON in UTF-8"):
        read_demand(tmp_path / "a.geojson")


def test_a_refused_file_gives_its_first_reason_for_translation(tmp_path: Path) -> None:
    """The reason keeps its template and values, so that it can be said in Chinese as well."""
    path = _csv(tmp_path, f"h3,people\n{CELLS[0]},-5\n")
    with pytest.raises(InvalidInputError) as caught:
        read_demand(path)
    reason = caught.value.details["reason"]
    assert isinstance(reason, YizhanError)
    assert reason.details["value"] == "-5"
    assert str(reason) in str(caught.value)


def test_bad_places_are_refused_with_their_row(tmp_path: Path) -> None:
    """A wrong cell among cells, and impossible or swapped coordinates, do not stop the others."""
    table = f"h3,people\n{CELLS[0]},1\nnonsense,2\n{CELLS[1].upper()},4\n{CELLS[2]},8\n"
    result = read_demand(_csv(tmp_path, table))
    assert _codes(result) == [("bad_cell", 3)]
    assert result.demand["people"].sum() == 13
    assert result.demand["place_id"].to_list() == CELLS
    path = _csv(tmp_path, "lon,lat,people\n113.6,34.7,1\n34.7,113.6,2\n999,34,4\n", "xy.csv")
    assert _codes(read_demand(path, frame="wgs84")) == [
        ("swapped_coordinates", 3),
        ("bad_coordinate", 4),
    ]


def test_when_every_row_is_refused_nothing_is_read(tmp_path: Path) -> None:
    """A file without one usable row is an error that quotes the first reason."""
    path = _csv(tmp_path, f"h3,people\n{CELLS[0]},-5\n{CELLS[1]},x\n")
    with pytest.raises(InvalidInputError, match=r"none of the 2 rows.*row 2: people is -5"):
        read_demand(path)


def test_a_city_without_people_is_an_error(tmp_path: Path) -> None:
    """When all counts are 0 there is no demand to plan for."""
    with pytest.raises(InvalidInputError, match="nobody is at any of the 2 places"):
        read_demand(_csv(tmp_path, f"h3,people\n{CELLS[0]},0\n{CELLS[1]},0\n"))


@pytest.mark.parametrize("wanted", ["residents", None])
def test_a_missing_people_column_lists_the_numeric_ones(tmp_path: Path, wanted: str | None) -> None:
    """The error says how to name the column and which columns hold numbers."""
    path = _csv(tmp_path, f"h3,label,jobs,schools\n{CELLS[0]},centre,5,1\n")
    with pytest.raises(InvalidInputError, match=r"--people.*: jobs, schools$"):
        read_demand(path, people_column=wanted)


def test_files_that_are_not_there_or_not_readable_are_named(tmp_path: Path) -> None:
    """Missing, empty, damaged and foreign files give one clear sentence."""
    with pytest.raises(NotFoundError, match="no file"):
        read_demand(tmp_path / "absent.csv")
    for name, content in {
        "empty.geojson": b"",
        "cut.geojson": b'{"type": "FeatureCollection", "feat',
        "list.json": b"[1, 2]",
        "damaged.parquet": b"PAR1 and then nothing",
        "damaged.gpkg": b"SQLite format 3\0 and then nothing",
        "damaged.geojson.gz": b"\x1f\x8b\x08 and then nothing",
        "letter.docx": b"PK",
    }.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InvalidInputError, match=name):
            read_demand(tmp_path / name)


def test_groups_are_told_apart(tmp_path: Path) -> None:
    """Chinese and English names of groups give rows of one place; an unknown one is refused."""
    path = _csv(
        tmp_path,
        f"h3,工种,人数\n{CELLS[0]},外卖骑手,5\n{CELLS[0]},courier,7\n{CELLS[0]},环卫工人,2\n"
        f"{CELLS[0]},pilot,9\n{CELLS[1]},,3\n",
    )
    result = read_demand(path)
    rows = result.demand[["place_id", "group", "people"]].to_numpy().tolist()
    assert rows == [
        [CELLS[0], "rider", 5.0],
        [CELLS[0], "courier", 7.0],
        [CELLS[0], "cleaner", 2.0],
        [CELLS[1], "all", 3.0],
    ]
    assert _codes(result) == [("bad_group", 5)]


def test_a_place_counted_twice_is_refused(tmp_path: Path) -> None:
    """The same cell and group twice could count people double: the second row is refused."""
    result = read_demand(_csv(tmp_path, f"h3,people\n{CELLS[0]},5\n{CELLS[0]},5\n"))
    assert _codes(result) == [("repeated_place", 3)]
    assert result.demand["people"].sum() == 5


def test_points_without_an_id_are_places_of_their_own(tmp_path: Path) -> None:
    """Two rows at one position, as geocoding gives them, are two places with ids by row."""
    path = _csv(tmp_path, "lon,lat,people\n113.6,34.7,1\n113.6,34.7,2\n")
    demand = read_demand(path, frame="wgs84").demand
    assert demand[["place_id", "people"]].to_numpy().tolist() == [["row-2", 1.0], ["row-3", 2.0]]


@pytest.mark.parametrize("days", [range(7), ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"],
                                  ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
                                  ["Monday", "Tue", "星期三", "thursday", "FR", "礼拜六", "周天"]])  # fmt: skip
def test_hours_of_the_week_become_presence(tmp_path: Path, days: list[object]) -> None:
    """People is the largest count of the week, presence each hour's share of it, else nobody."""
    counts = {(0, 8): 10, (0, 9): 40, (5, 23): 20, (6, 0): 0}
    path = _csv(
        tmp_path,
        "lon,lat,weekday,hour,people\n"
        + "".join(f"113.6,34.7,{days[d]},{h},{n}\n" for (d, h), n in counts.items()),
    )
    (row,) = read_demand(path, frame="wgs84").demand.itertuples()
    expected = np.zeros(168)
    expected[[8, 9, 5 * 24 + 23]] = [0.25, 1.0, 0.5]
    assert row.people == 40
    assert row.presence.tolist() == expected.tolist()


def test_hours_without_a_weekday_hold_every_day(tmp_path: Path) -> None:
    """A table by hour of the day is taken for all seven days."""
    path = _csv(tmp_path, f"h3,小时,人数\n{CELLS[0]},08:00,4\n{CELLS[0]},9时,8\n{CELLS[1]},8,2\n")
    demand = read_demand(path).demand
    assert demand["people"].to_list() == [8.0, 2.0]
    by_day = demand["presence"].iloc[0].reshape(7, 24)
    assert (by_day[:, 8] == 0.5).all()
    assert (by_day[:, 9] == 1.0).all()
    assert by_day.sum() == 7 * 1.5


def test_wrong_hours_are_refused_by_row(tmp_path: Path) -> None:
    """Hour 24, weekday 7, and one hour given twice are refused; a weekday needs an hour."""
    path = _csv(
        tmp_path,
        "h3,weekday,hour,people\n"
        + "".join(
            f"{CELLS[0]},{d},{h},5\n" for d, h in ((0, 24), (7, 8), (1, 8), (1, 8), ("x", 1))
        ),
    )
    assert _codes(read_demand(path)) == [
        ("bad_hour", 2),
        ("bad_weekday", 3),
        ("repeated_place", 5),
        ("bad_weekday", 6),
    ]
    with pytest.raises(InvalidInputError, match="add one called hour"):
        read_demand(_csv(tmp_path, f"h3,weekday,people\n{CELLS[0]},1,5\n", "day.csv"))


@pytest.mark.parametrize(
    ("columns", "cells"),
    [("", ("", "", "")), (",hour", (",8", ",8", ",8")), (",小时", (",8", ",9", ",8"))],
)
def test_a_total_beside_its_groups_is_refused(
    tmp_path: Path, columns: str, cells: tuple[str, str, str]
) -> None:
    """骑手 5, 快递员 7 and 合计 12 at one place are 12 people, whether places have ids or not."""
    counts = zip(("骑手", "快递员", "合计"), (5, 7, 12), cells, strict=True)
    lines = [f"113.6,34.7,{group},{n}{hour}" for group, n, hour in counts]
    bare = "\n".join([f"lon,lat,工种,人数{columns}", *lines, f"113.7,34.7,总计,3{cells[0]}"])
    named = bare.replace("113.6,", "A,113.6,").replace("113.7,", "B,113.7,")
    cell = bare.replace("lon,lat", "h3").replace("113.6,34.7", CELLS[0])
    cell = cell.replace("113.7,34.7", CELLS[1])
    for i, text in enumerate((bare, f"id,{named}", cell)):
        result = read_demand(_csv(tmp_path, text, f"{i}.csv"), frame="wgs84")
        assert _codes(result) == [("total_row", 4)]
        people = result.demand.groupby("group")["people"].sum().to_dict()
        assert people == {"rider": 5.0, "courier": 7.0, "all": 3.0}


def test_a_total_at_another_place_or_hour_is_kept(tmp_path: Path) -> None:
    """Where nobody counts single groups, a row for all of them is what there is."""
    path = _csv(
        tmp_path,
        "id,lon,lat,工种,人数,hour\nA,113.6,34.7,骑手,5,8\nA,113.6,34.7,合计,6,9\nB,113.6,34.7,合计,7,8",
    )
    result = read_demand(path, frame="wgs84")
    assert _codes(result) == []
    assert result.demand["people"].to_list() == [5.0, 6.0, 7.0]


def test_a_row_number_is_not_an_id(tmp_path: Path) -> None:
    """A row without an id is no second count of the place whose id is that row's number."""
    path = _csv(tmp_path, "id,lon,lat,people\n3,113.6,34.7,1\n,113.7,34.7,2\n")
    result = read_demand(path, frame="wgs84")
    assert _codes(result) == []
    assert result.demand["people"].to_list() == [1.0, 2.0]
    assert result.demand["place_id"].is_unique


@pytest.mark.parametrize(("metres", "n"), [(MOVED_M - 0.1, 0), (MOVED_M + 0.1, 1)])
def test_groups_of_a_place_share_its_position(tmp_path: Path, metres: float, n: int) -> None:
    """One id at points more than a few metres apart is refused; nearer ones are one point."""
    x, y, _ = Geod(ellps="WGS84").fwd(113.6, 34.7, 45.0, metres)
    path = _csv(
        tmp_path, f"id,lon,lat,工种,人数\nA,113.6,34.7,骑手,5\nA,{x:.10f},{y:.10f},快递员,7\n"
    )
    result = read_demand(path, frame="wgs84")
    assert _codes(result) == [("moved_place", 3)] * n
    assert (result.demand.geometry == shapely.Point(113.6, 34.7)).all()


def test_a_place_cannot_be_in_two_positions(tmp_path: Path) -> None:
    """In a table by hour, rows of one id must lie at one position."""
    path = _csv(
        tmp_path, "id,lon,lat,hour,people\nA,113.6,34.7,8,5\nA,113.6,34.7,9,5\nA,113.7,34.7,10,5\n"
    )
    assert _codes(read_demand(path, frame="wgs84")) == [("moved_place", 4)]


def _polygons(shapes: list[object], people: list[float]) -> gpd.GeoDataFrame:
    table = {"name": [f"块{i}" for i in range(len(shapes))], "people": people}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "parquet"])
def test_all_geometry_formats_say_the_same(tmp_path: Path, ending: str) -> None:
    """GeoJSON with a CRS, GeoPackage and GeoParquet name their frame and give equal demand."""
    frame = _polygons([_square(300), shapely.Point(LON, LAT)], [40, 2])
    path = tmp_path / f"people.{ending}"
    if ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    result = read_demand(path)
    assert result.demand["people"].to_list() == [40.0, 2.0]
    assert result.demand["name"].to_list() == ["块0", "块1"]
    assert result.demand.geometry.iloc[1].distance(shapely.Point(LON, LAT)) < 1e-7
    assert result.report.frame == "wgs84"


def test_geojson_without_a_crs_names_no_frame(tmp_path: Path) -> None:
    """The standard says WGS 84, but providers send GCJ-02 in the same clothes: it must be named."""
    path = tmp_path / "people.geojson"
    path.write_text(_polygons([_square(300)], [40]).to_json(drop_id=True), "utf-8")
    document = json.loads(path.read_text("utf-8"))
    document.pop("crs", None)
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(InvalidInputError, match="does not say which coordinate frame"):
        read_demand(path)
    assert read_demand(path, frame="wgs84").demand["people"].to_list() == [40.0]


def test_a_projected_file_is_brought_to_wgs84(tmp_path: Path) -> None:
    """A GeoPackage in metres is converted by its own system, even when called GCJ-02."""
    path = tmp_path / "people.gpkg"
    _polygons([shapely.Point(LON, LAT)], [4]).to_crs(32649).to_file(path)
    for frame, codes in (("auto", []), ("gcj02", ["frame_ignored"])):
        result = read_demand(path, frame=frame)
        point = result.demand.geometry.iloc[0]
        assert (point.x, point.y) == pytest.approx((LON, LAT), abs=1e-8)
        assert [f.code for f in result.report.findings] == codes
    with pytest.raises(InvalidInputError, match="mars is not known"):
        read_demand(path, frame="mars")


@pytest.mark.parametrize("ending", ["geojson", "gpkg", "parquet", "csv"])
def test_the_files_own_frame_goes_before_a_named_one(tmp_path: Path, ending: str) -> None:
    """A city built with --frame gcj02 does not shift what says that it is in WGS 84."""
    frame = _polygons([shapely.Point(LON, LAT)], [4])
    path = tmp_path / f"people.{ending}"
    if ending == "csv":
        path = _csv(tmp_path, f"h3,people\n{CELLS[0]},4\n")
    elif ending == "parquet":
        frame.to_parquet(path)
    else:
        frame.to_file(path)
    expected = read_demand(path).demand
    result = read_demand(path, frame="gcj02")
    assert result.report.frame == "wgs84"
    assert result.demand.geometry.geom_equals(expected.geometry).all()
    (finding,) = result.report.findings
    assert (finding.code, finding.severity) == ("frame_ignored", "warning")
    assert finding.message == f"{path.name} says it is in wgs84; --frame gcj02 was not used"
    assert read_demand(path, frame="wgs84").report.findings == ()


def test_xlsx_and_plain_parquet_are_read(tmp_path: Path) -> None:
    """A workbook with a title row, and a Parquet table without geometry, go by their cells."""
    book = openpyxl.Workbook()
    for row in (["各网格劳动者人数"], ["网格", "人数"], [CELLS[0], 5], [CELLS[1], 6.5]):
        book.active.append(row)
    book.save(tmp_path / "people.xlsx")
    assert read_demand(tmp_path / "people.xlsx").demand["people"].to_list() == [5.0, 6.5]
    pd.DataFrame({"h3": CELLS[:2], "people": [5, 6]}).to_parquet(tmp_path / "people.parquet")
    assert read_demand(tmp_path / "people.parquet").demand["people"].to_list() == [5.0, 6.0]


def test_a_small_polygon_stands_at_a_point_inside(tmp_path: Path) -> None:
    """Half a square kilometre is not split: the boundary is inclusive; a little more is."""
    small, large = _square(706.0), _square(709.0, east_m=2000)
    sizes = size_m2(gpd.GeoSeries([small, large]))
    assert sizes[0] < 500_000 < sizes[1]
    path = tmp_path / "people.gpkg"
    _polygons([small, large], [40, 60]).to_file(path)
    demand = read_demand(path).demand
    assert demand.geometry.within(small).sum() == 1
    assert len(demand) > 2
    assert demand.loc[demand["name"] == "块1", "people"].sum() == pytest.approx(60)


@settings(max_examples=25, deadline=None)
@given(
    people=st.lists(st.floats(0.5, 1e6), min_size=1, max_size=4),
    side=st.floats(750, 4000),
    seed=st.integers(0, 1000),
)
def test_splitting_loses_nobody(
    tmp_path_factory: pytest.TempPathFactory, people: list[float], side: float, seed: int
) -> None:
    """Whatever the polygons, people add up, each polygon's stay inside it, in equal shares."""
    turn = np.random.default_rng(seed).uniform(0, 90)
    shapes = [
        shapely.affinity.rotate(_square(side, east_m=1.5 * side * i), turn, origin=(LON, LAT))
        for i in range(len(people))
    ]
    path = tmp_path_factory.mktemp("split") / "people.parquet"
    _polygons(list(shapes), people).to_parquet(path)
    demand = read_demand(path).demand
    assert demand["people"].sum() == pytest.approx(sum(people), rel=1e-12)
    for i, shape in enumerate(shapes):
        own = demand[demand["name"] == f"块{i}"]
        assert own.geometry.within(shape).all()
        assert own["people"].nunique() == 1
        assert own["people"].sum() == pytest.approx(people[i], rel=1e-12)


def test_a_polygon_around_the_centres_of_cells_keeps_its_people(tmp_path: Path) -> None:
    """A large polygon that holds no cell's centre is not split, and nobody is lost."""
    disk = h3.grid_disk(CELLS[0], 2)
    holes = shapely.buffer(cell_centres(disk).geometry.to_numpy(), 1e-4, quad_segs=2)
    shape = cell_polygons(disk).union_all().difference(shapely.union_all(holes))
    assert size_m2(gpd.GeoSeries([shape]))[0] > 500_000
    path = tmp_path / "people.parquet"
    _polygons([shape], [33]).to_parquet(path)
    demand = read_demand(path).demand
    assert demand["people"].to_list() == [33.0]
    assert demand.geometry.within(shape).all()


def test_broken_shapes_are_refused_with_their_row(tmp_path: Path) -> None:
    """Self-crossing, missing, linear and far too large shapes are refused; the rest is read."""
    bow_tie = shapely.Polygon(
        [(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.01, LAT), (LON, LAT + 0.01)]
    )
    shapes = [bow_tie, None, shapely.LineString([(LON, LAT), (LON + 1, LAT)]),
              shapely.box(111, 33, 114, 36), _square(300)]  # fmt: skip
    path = tmp_path / "people.parquet"
    _polygons(list(shapes), [1, 2, 3, 4, 5]).to_parquet(path)
    result = read_demand(path)
    assert _codes(result) == [
        ("crosses_itself", 1),
        ("no_place", 2),
        ("bad_geometry", 3),
        ("too_large", 4),
    ]
    assert result.demand["people"].to_list() == [5.0]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    """Names and ids that look like code are kept letter by letter."""
    hostile = "<script>alert(1)</script> {{7*7}} '; DROP TABLE x; --"
    table = pd.DataFrame(
        {"id": [hostile], "name": [hostile], "lon": [LON], "lat": [LAT], "people": 1}
    )
    table.to_csv(tmp_path / "people.csv", index=False)
    demand = read_demand(tmp_path / "people.csv", frame="wgs84").demand
    assert demand[["place_id", "name"]].to_numpy().tolist() == [[hostile, hostile]]


def test_invented_rows_stay_marked(tmp_path: Path) -> None:
    """A file that marks its rows as sample data gives sample rows."""
    path = _csv(tmp_path, f"h3,people,is_synthetic\n{CELLS[0]},5,true\n{CELLS[1]},5,false\n")
    assert read_demand(path).demand["is_synthetic"].to_list() == [True, False]


def test_degrees_out_of_range_are_not_called_swapped_for_sure(tmp_path: Path) -> None:
    """One row among others, exchanged, would be on earth, but may as well be simply wrong."""
    path = _csv(tmp_path, "lon,lat,people\n-51,-30,1\n-51,-95,1\n-51.1,-30.1,1\n")
    found = read_demand(path, frame="wgs84").report.findings
    (refused,) = [f for f in found if f.severity == "error"]
    assert (refused.row, "may be swapped; check" in refused.message) == (3, True)

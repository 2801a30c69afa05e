"""The sample city is a believable, connected, reproducible invention that says it is one."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import geopandas as gpd
import numpy as np
import opening_hours
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from geodata.codes import NOWHERE, codes_in, parse_code
from geodata.districts import name_of
from geodata.frames import LocalMetres
from geodata.records import (
    AREA_COLUMNS,
    GROUPS,
    HOTSPOT_COLUMNS,
    STATION_COLUMNS,
    Hotspot,
    Station,
)
from geodata.sample import SampleCity, make_city
from geodata.sample.blocks import cut_blocks
from geodata.sample.frontage import apart, draw_edges
from geodata.sample.junctions import join
from geodata.services import services
from geodata.streets import STREET_COLUMNS, times

FRAMES = ("streets", "areas", "stations", "demand", "hotspots")
DEMAND_COLUMNS = ("place_id", "name", "group", "people", "presence", "source", "is_synthetic")
PLANE = LocalMetres(lon_deg=113.685, lat_deg=34.76)
KNOWN_PLACES = {  # public WGS 84 positions of the anchors: longitude, latitude
    "郑州东站": (113.7730, 34.7601),
    "郑州站": (113.6540, 34.7478),
    "圃田西站": (113.6996, 34.7350),
    "二七广场": (113.6597, 34.7536),
    "人民路": (113.6680, 34.7587),
    "民航路": (113.7076, 34.7639),
    "黄河路": (113.6760, 34.7756),
    "关虎屯": (113.6756, 34.7902),
    "二里岗": (113.6759, 34.7301),
    "河南省人民医院": (113.6932, 34.7746),
    "儿童医院": (113.7452, 34.7769),
    "东风南路": (113.7606, 34.7651),
    "市体育中心（龙子湖）": (113.8043, 34.7743),
    "梧桐街（高新区）": (113.5349, 34.7953),
    "中原区中心": (113.6419, 34.7603),
}


@pytest.fixture(scope="module")
def city() -> SampleCity:
    """Make the city once."""
    return make_city(seed=0)


@pytest.fixture(scope="module")
def streets(city: SampleCity) -> gpd.GeoDataFrame:
    """Give the street rows without the barriers."""
    return city.streets[city.streets["role"] == "street"].reset_index(drop=True)


@pytest.fixture(scope="module")
def barriers(city: SampleCity) -> gpd.GeoDataFrame:
    """Give the barrier rows."""
    return city.streets[city.streets["role"] == "barrier"].reset_index(drop=True)


def to_metres(frame: gpd.GeoDataFrame) -> np.ndarray:
    return shapely.transform(
        frame.geometry.to_numpy(), lambda c: PLANE.to_xy_m(lon_deg=c[:, 0], lat_deg=c[:, 1])
    )


def directed(streets: gpd.GeoDataFrame, there: str, back: str) -> coo_array:
    """Make the directed graph of one mode, weights in seconds."""
    u, v = streets["u"].to_numpy(), streets["v"].to_numpy()
    n = max(u.max(), v.max()) + 1
    a, b = streets[there].notna().to_numpy(), streets[back].notna().to_numpy()
    rows, cols = np.concatenate([u[a], v[b]]), np.concatenate([v[a], u[b]])
    seconds = np.concatenate([streets[there].to_numpy()[a], streets[back].to_numpy()[b]])
    return coo_array((seconds, (rows, cols)), shape=(n, n)).tocsr()


def share(flags: pd.Series | np.ndarray) -> float:
    return float(np.mean(np.asarray(flags, dtype=bool)))


# ------------------------------------------------------------------------------------------ streets


def test_streets_frame_has_the_shared_format(city: SampleCity) -> None:
    """The streets frame has exactly the shared columns, WGS 84 and whole-number node ids."""
    frame = city.streets
    assert tuple(frame.columns) == (*STREET_COLUMNS, "geometry")
    assert frame.crs.to_epsg() == 4326
    assert frame["u"].dtype == frame["v"].dtype == np.int64
    assert set(frame["role"]) == {"street", "barrier"}
    assert (frame.geom_type == "LineString").all()
    assert frame.geometry.is_valid.all()


def test_network_is_large_and_numbered_without_gaps(streets: gpd.GeoDataFrame) -> None:
    """There are at least 30,000 nodes, numbered from 0, and no loops or doubled edges."""
    nodes = np.unique(streets[["u", "v"]].to_numpy())
    assert len(nodes) >= 30_000
    assert (nodes == np.arange(len(nodes))).all()
    pairs = np.sort(streets[["u", "v"]].to_numpy(), axis=1)
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_walking_network_is_one_part(streets: gpd.GeoDataFrame) -> None:
    """Everybody can walk from any node to any other and back."""
    graph = directed(streets, "walk_s", "walk_back_s")
    assert connected_components(graph, directed=True, connection="strong")[0] == 1


def test_ebike_network_is_strongly_connected(streets: gpd.GeoDataFrame) -> None:
    """Whatever an e-bike can reach it can come back from, one-way streets included."""
    graph = directed(streets, "ebike_s", "ebike_back_s")
    used = np.unique(graph.nonzero())
    part = connected_components(graph, directed=True, connection="strong")[1]
    assert len(used) > 0.95 * graph.shape[0]
    assert len(np.unique(part[used])) == 1


def test_edges_end_where_their_nodes_are(streets: gpd.GeoDataFrame) -> None:
    """All edges of a node end in one and the same point, and different nodes are different points."""
    lines = streets.geometry.to_numpy()
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    node = np.concatenate([streets["u"], streets["v"]])
    rows = pd.DataFrame(shapely.get_coordinates(ends)).assign(node=node).drop_duplicates()
    assert rows["node"].is_unique
    assert not rows[[0, 1]].duplicated().any()


def test_streets_meet_at_nodes_only(streets: gpd.GeoDataFrame) -> None:
    """No two streets cross between nodes."""
    lines = streets.geometry.to_numpy()
    pairs = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert pairs.shape[1] == 0


def test_lengths_and_times_follow_the_lines(streets: gpd.GeoDataFrame) -> None:
    """Lengths are geodesic and times are those of the class, one-way streets apart."""
    geod = Geod(ellps="WGS84")
    some = streets.iloc[::97]
    measured = [geod.geometry_length(line) for line in some.geometry]
    assert np.allclose(some["length_m"], measured, atol=1e-6)
    walk_s, ebike_s = times(highway=streets["highway"].to_numpy(str), length_m=streets["length_m"])
    assert np.array_equal(streets["walk_s"], walk_s)
    assert np.array_equal(streets["walk_back_s"], walk_s)
    rides = streets["ebike_s"].notna().to_numpy()
    assert np.array_equal(streets["ebike_s"][rides], ebike_s[rides])


def test_one_way_streets_bind_riders_only(streets: gpd.GeoDataFrame) -> None:
    """Some streets are one-way for e-bikes, none for walkers; nobody rides on steps."""
    one_way = streets["ebike_s"].notna() & streets["ebike_back_s"].isna()
    assert 0.01 < share(one_way) < 0.12
    assert streets[["walk_s", "walk_back_s"]].notna().all(axis=None)
    steps = streets[streets["highway"] == "steps"]
    assert len(steps) >= 10
    assert steps[["ebike_s", "ebike_back_s"]].isna().all(axis=None)


def test_there_is_every_kind_of_street(streets: gpd.GeoDataFrame) -> None:
    """Main roads with their real names, small streets, footways and pedestrian lanes are there."""
    assert {
        "trunk", "primary", "secondary", "tertiary", "residential", "living_street", "service",
        "footway", "pedestrian", "steps",
    } <= set(streets["highway"])  # fmt: skip
    main = {"花园路", "金水路", "中原路", "航海路", "陇海路", "京广路", "文化路", "农业路"}
    main |= {"黄河路", "中州大道", "北三环", "东三环", "南三环", "西三环", "北四环", "南四环"}
    by_name = streets.groupby("name")["length_m"].sum()
    assert (by_name[sorted(main)] > 3_000).all()


def test_one_name_is_one_class(streets: gpd.GeoDataFrame) -> None:
    """Invented names are never given to streets of two classes, nor taken from main roads."""
    named = streets[(streets["name"] != "") & (streets["highway"] != "steps")]
    assert (named.groupby("name")["highway"].nunique() == 1).all()
    assert 0.5 < len(named) / len(streets) < 1


def test_the_city_is_no_lattice(streets: gpd.GeoDataFrame) -> None:
    """Most crossings have three arms, dead ends exist, and blocks are smaller in the core."""
    degree = np.bincount(streets[["u", "v"]].to_numpy().ravel())
    assert share(degree == 3) > 0.4
    assert 0.03 < share(degree == 1) < 0.2
    middle = shapely.get_coordinates(shapely.centroid(to_metres(streets)))
    away = np.hypot(*(middle - PLANE.to_xy_m(lon_deg=113.6597, lat_deg=34.7536)).T)
    length = streets["length_m"].to_numpy()
    core, rim = length[away < 3_000].sum() / 9, length[away > 9_000].sum() / (14.5**2 - 9**2)
    assert core > 2 * rim


# ----------------------------------------------------------------------------------------- barriers


def test_barriers_are_rivers_railways_and_lakes(barriers: gpd.GeoDataFrame) -> None:
    """Barriers are named, of a known kind, and nobody travels along them."""
    assert set(barriers["highway"]) == {"river", "railway", "water"}
    assert {"金水河", "贾鲁河", "熊耳河", "京广铁路", "陇海铁路"} <= set(barriers["name"])
    assert (barriers[["u", "v"]] == -1).all(axis=None)
    assert barriers[["walk_s", "walk_back_s", "ebike_s", "ebike_back_s"]].isna().all(axis=None)
    assert (barriers["length_m"] > 0).all()


def test_only_bridges_cross_barriers(streets: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> None:
    """A street touches a river, railway or lake if and only if it is a bridge."""
    lines = streets.geometry.to_numpy()
    hits = shapely.STRtree(lines).query(barriers.geometry.to_numpy(), predicate="intersects")[1]
    crosses = np.zeros(len(streets), dtype=bool)
    crosses[hits] = True
    assert np.array_equal(crosses, streets["is_bridge"].to_numpy())
    assert 100 < crosses.sum() < 400


def test_barriers_force_detours(streets: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame) -> None:
    """Many places within 300 m of each other across a barrier are three times as far on foot."""
    graph = directed(streets, "walk_s", "walk_back_s")
    xy = np.zeros((graph.shape[0], 2))
    lines = to_metres(streets)
    xy[streets["u"]] = shapely.get_coordinates(shapely.get_point(lines, 0))
    xy[streets["v"]] = shapely.get_coordinates(shapely.get_point(lines, -1))
    shore = shapely.STRtree(to_metres(barriers))
    near = np.unique(shore.query(shapely.points(xy), predicate="dwithin", distance=120)[0])
    pairs = cKDTree(xy[near]).query_pairs(300, output_type="ndarray")
    a, b = near[pairs].T
    straight = shapely.linestrings(np.stack([xy[a], xy[b]], axis=1))
    across = np.unique(shore.query(straight, predicate="intersects")[0])
    a, b = a[across], b[across]
    origins = np.unique(a)[::12]
    seconds = dijkstra(graph, indices=origins, limit=1_500)
    mine = np.isin(a, origins)
    walk_m = seconds[np.searchsorted(origins, a[mine]), b[mine]] * 1.25
    straight_m = np.hypot(*(xy[a[mine]] - xy[b[mine]]).T)
    assert mine.sum() > 100
    assert share(walk_m >= 3 * straight_m) > 0.2


# -------------------------------------------------------------------------------------------- areas


def test_districts_partition_the_city(city: SampleCity) -> None:
    """Twelve districts, each in one piece, without overlaps or gaps."""
    shapes = np.array(to_metres(city.areas))
    assert tuple(city.areas.columns) == (*AREA_COLUMNS, "geometry")
    assert len(shapes) == 12
    assert shapely.is_valid(shapes).all()
    assert set(city.areas.geom_type) == {"Polygon"}
    whole = shapely.union_all(shapes)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-9)
    assert shapely.coverage_is_valid(shapes)
    assert 400e6 < whole.area < 800e6


def test_district_borders_follow_roads_and_rivers(city: SampleCity) -> None:
    """Borders inside the city run along main roads, rivers or railways, not straight across."""
    shapes = to_metres(city.areas)
    border = shapely.union_all(shapely.boundary(shapes))
    points = shapely.line_interpolate_point(border, np.arange(0, border.length, 100))
    rim = shapely.union_all(shapes).boundary
    inner = points[shapely.distance(rim, points) > 200]
    rows = city.streets
    main = rows["highway"].isin(["trunk", "primary", "secondary", "tertiary", "pedestrian"])
    lines = to_metres(rows[main | (rows["role"] == "barrier")])
    away = shapely.STRtree(lines).query_nearest(inner, return_distance=True, all_matches=False)[1]
    assert len(inner) > 500
    assert share(away < 40) > 0.97


@pytest.mark.parametrize("what", ["streets", "stations", "demand", "hotspots"])
def test_everything_lies_inside_the_districts(city: SampleCity, what: str) -> None:
    """No street, station, place or hotspot lies outside the city."""
    whole = shapely.union_all(city.areas.geometry.to_numpy()).buffer(1e-9)
    shapely.prepare(whole)
    assert shapely.covers(whole, getattr(city, what).geometry.to_numpy()).all()


# ----------------------------------------------------------------------------------------- stations


def test_stations_are_valid_records(city: SampleCity) -> None:
    """Every row of the stations frame makes a Station, with unique id."""
    frame = city.stations
    assert tuple(frame.columns) == (*STATION_COLUMNS, "geometry")
    assert frame["id"].is_unique
    for row in (
        frame.drop(columns="geometry")
        .assign(x=frame.geometry.x, y=frame.geometry.y)
        .to_dict("records")
    ):
        lon, lat = row.pop("x"), row.pop("y")
        station = Station(
            **{k: None if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()},
            lon_deg=lon,
            lat_deg=lat,
        )
        assert station.is_synthetic


def test_stations_say_that_they_are_invented(city: SampleCity) -> None:
    """Names are unique and end with （示例）; the source says 示例数据，非真实站点."""
    names = city.stations["name"]
    assert names.is_unique
    assert names.str.endswith("（示例）").all()
    assert (city.stations["source"] == "示例数据，非真实站点").all()
    assert city.stations["phone"].isin([""]).any()
    assert city.stations["phone"].str.fullmatch(r"(0371-0000\d{4})?").all()


@pytest.mark.parametrize("what", ["areas", "stations", "demand", "hotspots"])
def test_every_row_is_marked_as_synthetic(city: SampleCity, what: str) -> None:
    """Every table says of every row that it is invented."""
    flags = getattr(city, what)["is_synthetic"]
    assert flags.dtype == bool
    assert flags.all()
    assert getattr(city, what)["name"].str.contains("示例").all()


def test_the_city_names_itself_a_sample(city: SampleCity) -> None:
    """Both names of the city say sample."""
    assert city.name == "郑州（示例）"
    assert "sample" in city.name_en


def test_station_hours_parse_and_follow_the_shares(city: SampleCity) -> None:
    """A tenth never close, half keep weekday hours (half of these with a noon gap), some are unknown."""
    hours = city.stations["hours"]
    assert len(hours) == 300
    assert all(opening_hours.validate(text) for text in hours[hours != ""])
    weekdays = hours.str.startswith("Mo-Fr")
    gap = weekdays & hours.str.contains(r"^Mo-Fr [\d:]+-[\d:]+,", regex=True)
    overnight = [
        any(end <= start for start, end in re.findall(r"(\d\d:\d\d)-(\d\d:\d\d)", t)) for t in hours
    ]
    assert share(hours == "24/7") == pytest.approx(0.10, abs=0.01)
    assert share(weekdays) == pytest.approx(0.48, abs=0.03)
    assert share(gap) == pytest.approx(0.25, abs=0.02)
    assert share(hours.str.startswith("Mo-Su")) == pytest.approx(0.34, abs=0.03)
    assert share(hours == "") == pytest.approx(0.08, abs=0.01)
    assert sum(overnight) >= 3


def test_station_hosts_and_kinds_follow_the_shares(city: SampleCity) -> None:
    """97 % have a host, 30 % a bank, 3 % a petrol station, and 6.3 % are smart."""
    frame = city.stations
    assert share(frame["host"] != "") == pytest.approx(0.97, abs=0.005)
    assert share(frame["host"].str.endswith("支行")) == pytest.approx(0.30, abs=0.01)
    assert share(frame["host"].str.endswith("加油站")) == pytest.approx(0.03, abs=0.005)
    assert share(frame["kind"] == "smart_24h") == pytest.approx(0.063, abs=0.003)
    assert (frame.loc[frame["kind"] == "smart_24h", "hours"] == "24/7").all()
    assert frame.loc[frame["host"] == "", "kind"].isin(["self_built", "flagship", "mobile"]).all()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("first_aid_kit", 0.59),
        ("party_service", 0.32),
        ("volunteer_base", 0.21),
        ("legal_aid", 0.107),
        ("unattended_entry", 0.063),
        ("haircut", 0.027),
        ("donation_corner", 0.015),
        ("discount_meal", 0.013),
        ("battery_swap", 0.011),
    ],
)
def test_facilities_follow_the_published_shares(
    city: SampleCity, key: str, expected: float
) -> None:
    """Facilities with a published national share have that share."""
    assert share([key in f for f in city.stations["facilities"]]) == pytest.approx(
        expected, abs=0.004
    )


def test_facilities_are_known_and_fit(city: SampleCity) -> None:
    """Facilities are sorted keys of the taxonomy; the base set is common but nowhere complete."""
    frame = city.stations
    known = set(services())
    counts = Counter(key for keys in frame["facilities"] for key in keys)
    assert set(counts) <= known
    assert all(keys == tuple(sorted(set(keys))) for keys in frame["facilities"])
    for key in ("drinking_water", "seating", "phone_charging", "microwave"):
        assert 0.6 < counts[key] / len(frame) < 1
    always = ["open_24h" in keys for keys in frame["facilities"]]
    assert np.array_equal(always, frame["hours"] == "24/7")
    smart = ["unattended_entry" in keys for keys in frame["facilities"]]
    assert np.array_equal(smart, frame["kind"] == "smart_24h")


def test_entry_status_and_checks_vary(city: SampleCity) -> None:
    """Nearly half let people walk in, some ask for a code; a few are not open; some never checked."""
    frame = city.stations
    assert share(frame["entry"] == "walk_in") == pytest.approx(0.47, abs=0.01)
    assert share(frame["entry"].isin(["qr", "id_card", "app"])) == pytest.approx(0.20, abs=0.01)
    assert share(frame["entry"] == "unknown") == pytest.approx(0.09, abs=0.01)
    assert frame.loc[frame["kind"] == "smart_24h", "entry"].isin(["qr", "id_card", "app"]).all()
    assert share(frame["status"] == "open") == pytest.approx(0.93, abs=0.01)
    assert {"suspended", "planned", "building"} <= set(frame["status"])
    checked = frame.loc[frame["verified_on"] != "", "verified_on"].map(date.fromisoformat)
    assert 0.10 < 1 - len(checked) / len(frame) < 0.20
    assert max(checked) <= date(2026, 9, 1)
    stale = sum((date(2026, 9, 1) - day).days > 182 for day in checked) / len(checked)
    assert 0.10 < stale < 0.40


def test_areas_and_seats_are_plausible(city: SampleCity) -> None:
    """Ordinary stations have 6-160 m², seats follow 2.5 m² each, and some of both are unknown."""
    frame = city.stations
    area, seats = frame["area_m2"], frame["seats"]
    assert share(area.isna()) == pytest.approx(0.15, abs=0.01)
    assert share(seats.isna()) == pytest.approx(0.22, abs=0.01)
    assert area[frame["kind"] != "flagship"].dropna().between(6, 160).all()
    assert 12 <= area.median() <= 26
    both = area.notna() & seats.notna()
    assert (seats[both] <= np.maximum(area[both] / 2.5, 4)).all()
    assert seats.dropna().min() >= 4


def test_every_station_has_its_code(city: SampleCity) -> None:
    """Codes are valid and unique, and begin with the district code, or with that for no district."""
    frame = city.stations
    assert frame["code"].is_unique
    parsed = [parse_code(code) for code in frame["code"]]
    assert [c.district_code for c in parsed] == [d or NOWHERE for d in frame["district_code"]]
    assert 0.4 < share(frame["district_code"] != "") < 1
    for code in set(frame["district_code"]) - {""}:
        assert name_of(code, is_whole=True).startswith("河南省郑州市")


def test_programmes_kit_and_closed_days_vary(city: SampleCity) -> None:
    """Programmes have hours that can be read, some kit is broken or out of date, some days closed."""
    frame = city.stations
    offers = [
        (keys, o)
        for keys, found in zip(frame["facilities"], frame["offers"], strict=True)
        for o in found
    ]
    assert all(o.key in keys for keys, o in offers)
    programmes = [o for _, o in offers if services()[o.key].kind == "P"]
    assert len(programmes) > 80
    assert all(opening_hours.OpeningHours(o.hours) for o in programmes)
    assert {"free_breakfast", "haircut", "legal_aid", "health_check"} <= {o.key for o in programmes}
    assert any(o.hours.startswith("Jan 15") for o in programmes)
    assert 15 < sum(o.state == "broken" for _, o in offers) < 100
    expiring = [o.expires_on for _, o in offers if o.expires_on]
    assert min(expiring) < "2026-09-01" < max(expiring)
    assert {c.reason for closed in frame["closures"] for c in closed} >= {"国庆放假", "装修改造"}


def test_stations_that_are_not_open_say_why(city: SampleCity) -> None:
    """Every station that is not open has a reason and a day; one that moved says where it is now."""
    frame = city.stations
    is_open = frame["status"] == "open"
    assert (frame.loc[is_open, ["status_reason", "status_since"]] == "").all().all()
    assert (frame.loc[~is_open, ["status_reason", "status_since"]] != "").all().all()
    moved = frame[frame["status"] == "moved"]
    assert len(moved) > 0
    for reason in moved["status_reason"]:
        (there,) = codes_in(reason)
        assert (frame.loc[frame["code"] == there, "status"] == "open").all()


def test_stations_stand_beside_streets(city: SampleCity, streets: gpd.GeoDataFrame) -> None:
    """Every station is within 60 m of a street, clear of the water, and apart from the others."""
    points = np.array(to_metres(city.stations))
    away = shapely.STRtree(to_metres(streets)).query_nearest(points, return_distance=True)[1]
    assert away.max() <= 60
    rows = city.streets[city.streets["role"] == "barrier"]
    lines = to_metres(rows)
    assert shapely.STRtree(lines).query_nearest(points, return_distance=True)[1].min() > 5
    lakes = [shapely.Polygon(line) for line in lines if line.is_closed]
    assert len(lakes) == 3
    assert len(shapely.STRtree(lakes).query(points, predicate="intersects")[0]) == 0
    gap, _ = cKDTree(shapely.get_coordinates(points)).query(shapely.get_coordinates(points), k=2)
    assert gap[:, 1].min() >= 189


def test_white_spots_remain(city: SampleCity) -> None:
    """Most places have a station within 1 km, but a good part of the outskirts does not."""
    places = city.demand.drop_duplicates("place_id")
    tree = cKDTree(shapely.get_coordinates(to_metres(city.stations)))
    away, _ = tree.query(shapely.get_coordinates(to_metres(places)))
    assert 0.05 < share(away > 1_000) < 0.5
    per_district = city.stations["district"].value_counts()
    assert set(per_district.index) <= set(city.areas["name"])
    assert per_district.max() > 8 * per_district.min()


def test_districts_of_stations_are_those_they_lie_in(city: SampleCity) -> None:
    """The district named in a row is the polygon that holds the station."""
    joined = city.stations[["district", "geometry"]].sjoin(city.areas[["name", "geometry"]])
    assert len(joined) >= 300
    assert joined.groupby(level=0).apply(lambda g: (g["district"] == g["name"]).any()).all()


# --------------------------------------------------------------------------------- demand, hotspots


def test_demand_has_the_shared_format(city: SampleCity) -> None:
    """2,500 to 3,500 places hold 1 to 4 group rows each, at one point each."""
    frame = city.demand
    assert tuple(frame.columns) == (*DEMAND_COLUMNS, "geometry")
    assert set(frame["group"]) == set(GROUPS)
    assert frame["people"].dtype == np.float64
    by_place = frame.groupby("place_id")
    assert 2_500 <= by_place.ngroups <= 3_500
    assert by_place.size().between(1, 4).all()
    assert not frame.duplicated(["place_id", "group"]).any()
    points = frame.assign(wkb=frame.geometry.to_wkb()).groupby("place_id")["wkb"].nunique()
    assert (points == 1).all()


@pytest.mark.parametrize(
    ("group", "per_10k", "active"),
    [("rider", 48, 0.6), ("courier", 20, 0.6), ("cleaner", 14, 0.85), ("driver", 20, 0.6)],
)
def test_head_counts_follow_the_arithmetic(
    city: SampleCity, group: str, per_10k: float, active: float
) -> None:
    """People of a group are 5.5 million residents × workers per 10,000 × the share active."""
    people = city.demand.loc[city.demand["group"] == group, "people"]
    assert people.sum() == pytest.approx(550 * per_10k * active, abs=1)
    assert (people >= 1).all()
    assert (people % 1 == 0).all()


@pytest.mark.parametrize("what", ["demand", "hotspots"])
def test_presence_is_a_share_by_hour_of_week(city: SampleCity, what: str) -> None:
    """Presence is 168 shares from 0 to 1, and in demand few different ones."""
    arrays = getattr(city, what)["presence"]
    assert all(a.shape == (168,) and a.dtype == np.float32 for a in arrays)
    stacked = np.stack(arrays.to_list())
    assert stacked.min() >= 0
    assert stacked.max() <= 1
    if what == "demand":
        assert 4 <= len(np.unique(stacked, axis=0)) <= 20


def out_by_hour(city: SampleCity, group: str, name: str = "") -> np.ndarray:
    rows = city.demand[city.demand["group"] == group]
    rows = rows[rows["name"].str.contains(name)]
    return np.average(np.stack(rows["presence"].to_list()), axis=0, weights=rows["people"])


def test_rhythms_of_the_groups(city: SampleCity) -> None:
    """Riders peak at meals, cleaners start at 04, couriers sleep, drivers are out at night."""
    rider, courier, cleaner, driver = (out_by_hour(city, g)[:24] for g in GROUPS)
    assert min(rider[12], rider[18]) > 1.4 * rider[15]
    assert cleaner[4] > 0.5 > 0.15 > cleaner[3]
    assert cleaner[5] > 5 * rider[5]
    assert courier[2] < 0.1 < driver[2]
    assert courier[9] > 0.7


def test_places_differ_in_their_week(city: SampleCity) -> None:
    """Offices are quiet at weekends; night markets are busiest late in the evening."""
    office = out_by_hour(city, "rider", "写字楼")
    assert office[5 * 24 + 12] < 0.6 * office[12]
    homes = out_by_hour(city, "rider", "小区")
    assert homes[5 * 24 + 12] > homes[12]
    night = out_by_hour(city, "rider", "夜市")[:24]
    assert night[21:].mean() > 2 * night[11:14].mean()


def test_demand_stands_beside_streets(city: SampleCity, streets: gpd.GeoDataFrame) -> None:
    """Every place can be snapped to a street within 60 m."""
    points = to_metres(city.demand)
    away = shapely.STRtree(to_metres(streets)).query_nearest(points, return_distance=True)[1]
    assert away.max() <= 60


def test_hotspots_are_valid_records(city: SampleCity) -> None:
    """About 40 hotspots make Hotspot records, of 10 workers or more."""
    frame = city.hotspots
    assert tuple(frame.columns) == (*HOTSPOT_COLUMNS, "geometry")
    assert 35 <= len(frame) <= 45
    assert frame["id"].is_unique
    assert (frame["people"] >= 10).all()
    for row in (
        frame.drop(columns="geometry")
        .assign(x=frame.geometry.x, y=frame.geometry.y)
        .to_dict("records")
    ):
        lon, lat = row.pop("x"), row.pop("y")
        presence = tuple(map(float, row.pop("presence")))
        assert Hotspot(**row, presence=presence, lon_deg=lon, lat_deg=lat).group in GROUPS


@pytest.mark.parametrize("place", KNOWN_PLACES)
def test_known_places_are_where_they_are(city: SampleCity, place: str) -> None:
    """Each known place is a hotspot at its published position, with a street beside it."""
    rows = city.hotspots[city.hotspots["name"] == f"{place}（示例）"]
    assert len(rows) == 1
    point = rows.geometry.iloc[0]
    assert (point.x, point.y) == pytest.approx(KNOWN_PLACES[place], abs=1e-7)
    xy = shapely.Point(*PLANE.to_xy_m(lon_deg=point.x, lat_deg=point.y)[0])
    lines = to_metres(city.streets[city.streets["role"] == "street"])
    assert shapely.distance(lines, xy).min() < 150


# ------------------------------------------------------------------------------------- whole, parts


def as_bytes(frame: gpd.GeoDataFrame) -> dict[str, bytes]:
    """Give every column as bytes, arrays and geometries included."""
    result = {"geometry": b"".join(frame.geometry.to_wkb())}
    for name in frame.columns.drop("geometry"):
        column = frame[name]
        if name == "presence":
            result[name] = np.stack(column.to_list()).tobytes()
        elif column.dtype.kind in "ifb":
            result[name] = column.to_numpy().tobytes()
        else:
            result[name] = "\n".join(map(str, column)).encode()
    return result


def test_the_seed_decides_everything(city: SampleCity) -> None:
    """The same seed gives the same bytes; progress is told from start to end."""
    calls: list[tuple[str, int, int]] = []

    def progress(step: str, done: int, total: int) -> bool:
        calls.append((step, done, total))
        return True

    again = make_city(seed=0, progress=progress)
    for name in FRAMES:
        assert as_bytes(getattr(again, name)) == as_bytes(getattr(city, name)), name
    done = [d for _, d, _ in calls]
    assert done == sorted(done)
    assert done[0] == 0
    assert done[-1] == calls[-1][2]


def test_another_seed_gives_another_city(city: SampleCity) -> None:
    """Small streets, stations and demand follow the seed; districts stay; the size stays large."""
    other = make_city(seed=7)
    for name in ("streets", "stations", "demand", "hotspots"):
        assert as_bytes(getattr(other, name)) != as_bytes(getattr(city, name)), name
    assert as_bytes(other.areas) == as_bytes(city.areas)
    rows = other.streets[other.streets["role"] == "street"]
    assert len(np.unique(rows[["u", "v"]])) >= 30_000
    assert len(other.stations) == 300


def test_lines_that_touch_become_edges() -> None:
    """A line is cut where others end on it; ends nearer than the limit become one crossing."""
    lines = shapely.linestrings(
        [[(0, 0), (100, 0)], [(30, 0), (30, 50)], [(40, 0), (40, -50)], [(80, 0), (80, 50)]]
    )
    apart_edges = join(lines, together_m=9)
    assert len(apart_edges.u) == 7
    joined = join(lines, together_m=11)
    assert len(joined.u) == 6
    ends = Counter(np.concatenate([joined.u, joined.v]).tolist())
    assert sorted(ends.values()) == [1, 1, 1, 1, 1, 3, 4]
    assert shapely.length(joined.lines[joined.owner == 0]).tolist() == [35, 45, 20]


@given(seed=st.integers(0, 2**32 - 1), wanted=st.floats(8_000, 60_000))
@settings(max_examples=20, deadline=None)
def test_cut_blocks_lose_no_ground(seed: int, wanted: float) -> None:
    """The pieces cover the block but for slivers under 1 m², overlap nowhere, and hold the cuts."""
    block = shapely.Polygon([(0, 0), (700, 40), (640, 560), (300, 400), (-40, 610)])
    cut = cut_blocks(
        np.array([block]), lambda xy: np.full(len(xy), wanted), np.random.default_rng(seed)
    )
    area = shapely.area(cut.blocks).sum()
    assert len(cut.lines) == len(cut.block_m2) > 0
    assert block.area - len(cut.lines) <= area <= block.area + 1e-3
    assert shapely.union_all(cut.blocks).area == pytest.approx(area, abs=1e-3)
    assert shapely.covers(block.buffer(1e-6), cut.lines).all()


@given(
    points=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=40),
    gap=st.integers(0, 30),
)
def test_apart_keeps_the_first_that_fit(points: list[tuple[int, int]], gap: int) -> None:
    """A point is kept if and only if it is at least the gap from all kept before it."""
    xy = np.array(points, dtype=float)
    kept = apart(xy, gap, len(xy)).tolist()
    for k in range(len(xy)):
        earlier = [j for j in kept if j < k]
        fits = all(np.hypot(*(xy[k] - xy[j])) >= gap for j in earlier)
        assert (k in kept) == fits


def test_draws_follow_the_weights() -> None:
    """Edges are drawn once each, and one with three times the weight comes first three times as often."""
    rng = np.random.default_rng(1)
    first = Counter(int(draw_edges(np.array([1.0, 3.0, 0.0]), 2, rng)[0]) for _ in range(4_000))
    assert first[1] / 4_000 == pytest.approx(0.75, abs=0.03)
    assert first[2] == 0
    drawn = draw_edges(np.ones(50), 30, rng)
    assert len(set(drawn.tolist())) == 30

"""The offline basemap, read back with other implementations of its formats."""

from __future__ import annotations

import gzip
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from pmtiles.reader import MmapSource, Reader

from geodata.basemap import LAYER, MIN_ZOOM, write_basemap
from geodata.errors import InvalidInputError, UnavailableError
from geodata.streets import STREET_COLUMNS

EXTENT = 4096
LON, LAT = 113.65, 34.75
HOSTILE = "<script>alert(1)</script> \"><img onerror=x> {{7*7}} '; DROP TABLE x"


def _streets(rows: list[tuple[str, str, list[tuple[float, float]]]]) -> gpd.GeoDataFrame:
    """Streets from class, name and positions in hundredths of a degree from (LON, LAT)."""
    lines = [shapely.LineString(np.array(xy) / 100 + [LON, LAT]) for _, _, xy in rows]
    table = pd.DataFrame(index=range(len(rows)), columns=list(STREET_COLUMNS))
    table["role"] = [
        "barrier" if h in ("river", "railway", "water") else "street" for h, _, _ in rows
    ]
    table["highway"] = [highway for highway, _, _ in rows]
    table["name"] = [name for _, name, _ in rows]
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def _areas() -> gpd.GeoDataFrame:
    boxes = [
        shapely.box(LON, LAT, LON + 0.02, LAT + 0.02),
        shapely.box(LON + 0.02, LAT, LON + 0.05, LAT + 0.02),
    ]
    return gpd.GeoDataFrame(
        {"id": ["1", "2"], "name": ["金水区", "中原区"], "is_synthetic": False},
        geometry=boxes,
        crs="EPSG:4326",
    )


def _column_row(zoom: int, lon: float = LON, lat: float = LAT) -> tuple[int, int]:
    """Column and row of a position by the formula of the OpenStreetMap wiki."""
    x = (lon + 180) / 360 * 2**zoom
    y = (1 - np.log(np.tan(np.radians(lat)) + 1 / np.cos(np.radians(lat))) / np.pi) / 2 * 2**zoom
    return int(x), int(y)


def _tile(path: Path, zoom: int, column: int, row: int) -> list[dict[str, object]]:
    with path.open("rb") as file:
        packed = Reader(MmapSource(file)).get(zoom, column, row)
    if packed is None:
        return []
    return list(mapbox_vector_tile.decode(gzip.decompress(packed))[LAYER]["features"])


def _seen(path: Path, zoom: int) -> set[tuple[str, str]]:
    """Kinds and names in the tile of (LON, LAT)."""
    return {
        (f["properties"]["kind"], f["properties"].get("name", ""))
        for f in _tile(path, zoom, *_column_row(zoom))
    }


def test_a_tile_decodes_with_its_attributes(tmp_path: Path) -> None:
    """Kinds and names come back as they were given, by an independent reader."""
    path = tmp_path / "map.pmtiles"
    rows = [("primary", "中原路", [(0, 0), (0.3, 0.1)]), ("river", "金水河", [(0, 0), (0.2, 0.1)]),
            ("living_street", "", [(0, 0), (0.1, 0.3)]), ("trunk_link", "", [(0, 0), (0.2, 0.3)]),
            ("unheard_of", "x", [(0, 0), (0.3, 0.3)])]  # fmt: skip
    write_basemap(path, _streets(rows), name="郑州", attribution="© OpenStreetMap contributors")
    assert _seen(path, 14) == {
        ("primary", "中原路"),
        ("river", "金水河"),
        ("residential", ""),
        ("trunk", ""),
        ("service", "x"),
    }


def test_header_and_metadata_say_what_the_file_is(tmp_path: Path) -> None:
    """Zooms, bounds, tile type and attribution are where clients look for them."""
    path = tmp_path / "map.pmtiles"
    streets = _streets([("primary", "a", [(0, 0), (3, 2)])])
    write_basemap(path, streets, name="郑州", attribution="© OSM", min_zoom=10, max_zoom=14)
    with path.open("rb") as file:
        reader = Reader(MmapSource(file))
        header, about = reader.header(), reader.metadata()
    assert (header["min_zoom"], header["max_zoom"]) == (10, 14)
    assert header["tile_type"].name == "MVT"
    bounds = [header[f"{side}_e7"] / 1e7 for side in ("min_lon", "min_lat", "max_lon", "max_lat")]
    assert bounds == pytest.approx([LON, LAT, LON + 0.03, LAT + 0.02])
    assert (about["name"], about["attribution"]) == ("郑州", "© OSM")
    (layer,) = about["vector_layers"]
    assert (layer["id"], layer["minzoom"], layer["maxzoom"]) == (LAYER, 10, 14)


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """A street name that looks like markup or code comes back letter by letter."""
    path = tmp_path / "map.pmtiles"
    write_basemap(
        path, _streets([("primary", HOSTILE, [(0, 0), (0.1, 0.1)])]), name="x", attribution=""
    )
    assert _seen(path, 14) == {("primary", HOSTILE)}


@pytest.mark.parametrize("kind", [k for k in MIN_ZOOM if k not in ("border", "place")])
def test_small_streets_are_left_out_of_small_scales(tmp_path: Path, kind: str) -> None:
    """Each kind is in the tiles from its own zoom on, inclusive, and not before."""
    path = tmp_path / "map.pmtiles"
    rows = [(kind, "it", [(0, 0), (9, 9)]), ("motorway", "", [(0, 0), (9, 9)])]
    write_basemap(path, _streets(rows), name="x", attribution="")
    found = [zoom for zoom in range(9, 15) if (kind, "it") in _seen(path, zoom)]
    assert found == list(range(MIN_ZOOM[kind], 15))


def test_a_map_of_few_zooms_still_holds_everything(tmp_path: Path) -> None:
    """With a largest zoom below a kind's own, the kind is in the tiles of that largest zoom."""
    path = tmp_path / "map.pmtiles"
    streets = _streets([("footway", "it", [(0, 0), (1, 1)])])
    write_basemap(path, streets, name="x", attribution="", min_zoom=9, max_zoom=12)
    assert _seen(path, 12) == {("footway", "it")}
    assert _seen(path, 11) == set()


def test_a_border_is_drawn_once_and_names_lie_inside(tmp_path: Path) -> None:
    """Two neighbours give one line where they meet, and a point with each name in its area."""
    path = tmp_path / "map.pmtiles"
    areas = _areas()
    write_basemap(path, None, areas, name="x", attribution="")
    read = pyogrio.read_dataframe(path, ZOOM_LEVEL=14, CLIP="NO").to_crs("EPSG:4326")
    places = read[read["kind"] == "place"].drop_duplicates("name")
    for _, area in areas.iterrows():
        (point,) = places.loc[places["name"] == area["name"], "geometry"]
        assert point.within(area.geometry)
    middle = shapely.LineString([(LON + 0.0199, LAT + 0.011), (LON + 0.0201, LAT + 0.011)])
    features = _tile(path, 14, *_column_row(14, LON + 0.02, LAT + 0.011))
    borders = [
        shapely.geometry.shape(f["geometry"]) for f in features if f["geometry"]["type"] != "Point"
    ]
    assert len(borders) >= 1
    assert sum(b.intersects(_in_tile(middle, 14)) for b in borders) == 1


def _in_tile(line: shapely.LineString, zoom: int) -> shapely.LineString:
    """The line in units of the tile that holds it, y up as the decoder gives it."""
    x, y = line.xy
    lon, lat = np.array(x), np.radians(np.array(y))
    east = (lon + 180) / 360 * 2**zoom
    south = (1 - np.arcsinh(np.tan(lat)) / np.pi) / 2 * 2**zoom
    column, row = _column_row(zoom, lon.mean(), np.degrees(lat).mean())
    return shapely.LineString(
        np.column_stack([(east - column) * EXTENT, EXTENT - (south - row) * EXTENT])
    )


def test_gdal_reads_back_the_same_lines(tmp_path: Path) -> None:
    """GDAL's reader finds each street where it was, within half a metre at zoom 15."""
    path = tmp_path / "map.pmtiles"
    rng = np.random.default_rng(0)
    rows = [("primary", f"路{i}", np.cumsum(rng.uniform(-0.5, 0.6, (12, 2)), axis=0).tolist())
            for i in range(20)]  # fmt: skip
    streets = _streets(rows)
    write_basemap(path, streets, name="x", attribution="")
    read = pyogrio.read_dataframe(path, ZOOM_LEVEL=14)
    drawn = read.dissolve("name").geometry
    wanted = streets.set_index("name").geometry.to_crs("EPSG:3857")
    assert sorted(drawn.index) == sorted(wanted.index)
    step_m = 40_075_016.7 / 2**14 / EXTENT
    for name, line in wanted.items():
        assert drawn[name].hausdorff_distance(line) < (4.0 + 1.5) * step_m
        assert drawn[name].length == pytest.approx(line.length, rel=0.01)


def test_pieces_of_a_street_are_joined(tmp_path: Path) -> None:
    """Fifty pieces of one street between junctions are one feature."""
    path = tmp_path / "map.pmtiles"
    rows = [("primary", "中原路", [(i / 50, 0), ((i + 1) / 50, 0.1 * (i % 2))]) for i in range(50)]
    rows = [(h, n, [xy[0], (xy[1][0], 0)]) for h, n, xy in rows]
    write_basemap(path, _streets(rows), name="x", attribution="")
    assert len(_tile(path, 13, *_column_row(13))) == 1


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    """The file depends on what is drawn only, not on the order of the rows or the time."""
    streets = _streets([("primary", "a", [(0, 0), (1, 1)]), ("footway", "b", [(0, 1), (1, 0)])])
    write_basemap(tmp_path / "a", streets, _areas(), name="x", attribution="")
    write_basemap(tmp_path / "b", streets.iloc[::-1], _areas(), name="x", attribution="")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_nothing_to_draw_is_an_error_and_leaves_the_old_map(tmp_path: Path) -> None:
    """An empty city or zooms out of order change no file and leave none behind."""
    path = tmp_path / "map.pmtiles"
    path.write_bytes(b"old")
    with pytest.raises(InvalidInputError, match="nothing to draw"):
        write_basemap(path, _streets([]), name="x", attribution="")
    with pytest.raises(InvalidInputError, match="out of order"):
        write_basemap(path, None, _areas(), name="x", attribution="", min_zoom=12, max_zoom=11)
    assert [p.name for p in tmp_path.iterdir()] == ["map.pmtiles"]
    assert path.read_bytes() == b"old"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A map that cannot be written is an error with the path, not a traceback."""
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_basemap(tmp_path / "no" / "map.pmtiles", None, _areas(), name="x", attribution="")


def test_the_tables_of_the_caller_are_not_changed(tmp_path: Path) -> None:
    """Drawing a map leaves streets and areas as they were."""
    streets, areas = _streets([("primary", "a", [(0, 0), (1, 1)])]), _areas()
    before = streets.copy(), areas.copy()
    write_basemap(tmp_path / "map.pmtiles", streets, areas, name="x", attribution="")
    pd.testing.assert_frame_equal(streets, before[0])
    pd.testing.assert_frame_equal(areas, before[1])


@pytest.mark.parametrize(("lat", "is_refused"), [(85.05, False), (85.06, True), (-89.9999, True)])
def test_what_web_maps_cannot_show_is_refused(tmp_path: Path, lat: float, is_refused: bool) -> None:
    """Their projection ends at 85.05 degrees; streets beyond it get a sentence that says so."""
    path = tmp_path / "map.pmtiles"
    streets = _streets([("primary", "x", [(0, 0), (1, 1)])])
    line = shapely.LineString([(LON, lat), (LON + 0.01, lat)])
    streets = streets.set_geometry([line], crs="EPSG:4326")
    if is_refused:
        with pytest.raises(InvalidInputError, match=r"web maps end at 85\.0511"):
            write_basemap(path, streets, name="x", attribution="y")
    else:
        write_basemap(path, streets, name="x", attribution="y")
    assert path.exists() is not is_refused


@pytest.mark.parametrize("length_deg", [0.0, 1e-12])
def test_streets_without_length_are_nothing_to_draw(tmp_path: Path, length_deg: float) -> None:
    """When no tile comes of the streets, the error says so."""
    line = shapely.LineString([(LON, LAT), (LON + length_deg, LAT)])
    streets = _streets([("primary", "x", [(0, 0), (1, 1)])]).set_geometry([line], crs="EPSG:4326")
    with pytest.raises(InvalidInputError, match="nothing to draw"):
        write_basemap(tmp_path / "map.pmtiles", streets, name="x", attribution="y")

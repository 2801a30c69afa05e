"""Tiles of stations: nothing lost, nothing counted twice, everything where it belongs."""

from __future__ import annotations

import gzip
import math
import tempfile
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader, all_tiles

from geodata import tiles
from geodata.country import make_country
from geodata.errors import InvalidInputError, UnavailableError
from geodata.tiles import COUNTS, FACTS, LAYER, write_station_tiles

Point = tuple[float, float, dict]
"""Longitude, latitude, attributes."""


def stations(places: list[tuple[float, float]], **more: object) -> gpd.GeoDataFrame:
    """Put stations at places; every third is walked into, every second never closes."""
    n = len(places)
    return gpd.GeoDataFrame(
        {
            "id": [f"s{k}" for k in range(n)],
            "name": [f"驿站{k}" for k in range(n)],
            "entry": ["walk_in" if k % 3 == 0 else "qr" for k in range(n)],
            "status": "open",
            "hours": ["24/7" if k % 2 else "Mo-Fr 09:00-17:00" for k in range(n)],
            "is_synthetic": True,
            **more,
        },
        geometry=[shapely.Point(*p) for p in places],
        crs="EPSG:4326",
    )


def read(path: Path) -> dict[int, list[Point]]:
    """Read all points of a file, by zoom, with the formula of the slippy map and no code of ours."""
    found: dict[int, list[Point]] = {}
    with path.open("rb") as file:
        for (zoom, column, row), content in all_tiles(MmapSource(file)):
            layers = mapbox_vector_tile.decode(
                gzip.decompress(content), default_options={"y_coord_down": True}
            )
            assert list(layers) == [LAYER]
            for feature in layers[LAYER]["features"]:
                x, y = feature["geometry"]["coordinates"]
                assert 0 <= x < 4096
                assert 0 <= y < 4096
                lon = (column + (x + 0.5) / 4096) / 2**zoom * 360 - 180
                turned = math.pi * (1 - 2 * (row + (y + 0.5) / 4096) / 2**zoom)
                lat = math.degrees(math.atan(math.sinh(turned)))
                found.setdefault(zoom, []).append((lon, lat, feature["properties"]))
    return found


@st.composite
def _places(draw: st.DrawFn) -> list[tuple[float, float]]:
    """Draw places, many of them on the borders of tiles, some of them twice."""
    zoom = draw(st.integers(0, 14))
    border = st.integers(0, 2**zoom).map(lambda k: k / 2**zoom * 360 - 180)
    lon = st.one_of(st.floats(-180, 180), border, st.sampled_from([-180.0, 0.0, 180.0]))
    lat = st.one_of(st.floats(-85, 85), st.sampled_from([-85.0, 0.0, 66.51326044311186, 85.0]))
    places = draw(st.lists(st.tuples(lon, lat), min_size=1, max_size=12))
    return places + places[: draw(st.integers(0, 3))]


@given(places=_places())
@settings(max_examples=60, deadline=None)
def test_every_zoom_counts_the_whole(places: list[tuple[float, float]]) -> None:
    """At each zoom the counts of all cells add up to the stations, on borders of tiles too."""
    frame = stations(places)
    whole = {
        "n": len(frame),
        "walk_in": int((frame["entry"] == "walk_in").sum()),
        "all_day": int((frame["hours"] == "24/7").sum()),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stations.pmtiles"
        written = write_station_tiles(frame, path)
        found = read(path)
    assert sorted(found) == list(range(written.last_zoom + 1))
    for zoom in range(written.last_zoom):
        for name in COUNTS:
            assert sum(p[2][name] for p in found[zoom]) == whole[name]
    singles = found[written.last_zoom]
    assert sorted(p[2]["id"] for p in singles) == sorted(frame["id"])
    by_id = {p[2]["id"]: p for p in singles}
    for (lon, lat), key in zip(places, frame["id"], strict=True):
        near_lon, near_lat, _ = by_id[key]
        # One pixel of a tile that is 512 pixels wide.
        pixel_deg = 360 / 2**written.last_zoom / 512
        assert abs(near_lon - lon) <= pixel_deg
        assert abs(near_lat - lat) <= pixel_deg


def test_a_cell_is_the_mean_of_its_stations(tmp_path: Path) -> None:
    """Three stations of one cell are one point between them, with their counts."""
    places = [(113.60, 34.70), (113.602, 34.70), (113.601, 34.703)]
    write_station_tiles(stations(places), tmp_path / "t.pmtiles")
    ((lon, lat, counts),) = read(tmp_path / "t.pmtiles")[8]
    assert counts == {"n": 3, "walk_in": 1, "all_day": 1}
    assert lon == pytest.approx(113.601, abs=1e-3)
    assert lat == pytest.approx(34.701, abs=1e-3)


def test_a_station_carries_what_a_pin_needs(tmp_path: Path) -> None:
    """Id, name, entry, status and the marks; text of any kind stays what it is."""
    name = '<img src=x onerror="window.pwned=1">\u202e驿站'
    frame = stations([(113.6, 34.7)], name=name, status="suspended")
    write_station_tiles(frame, tmp_path / "t.pmtiles")
    ((_, _, facts),) = read(tmp_path / "t.pmtiles")[12]
    assert tuple(facts) == FACTS
    assert facts == {
        "id": "s0",
        "name": name,
        "entry": "walk_in",
        "status": "suspended",
        "walk_in": True,
        "all_day": False,
        "is_synthetic": True,
    }


def test_a_crowd_goes_deeper_instead_of_making_a_large_tile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a tile would hold too many stations, single ones begin a zoom later, at 14 at last."""
    monkeypatch.setattr(tiles, "MOST_IN_TILE", 3)
    apart = [(113.6 + k * 0.015, 34.7) for k in range(8)]
    assert write_station_tiles(stations(apart), tmp_path / "a.pmtiles").last_zoom == 13
    crowd = [(113.6, 34.7)] * 10
    written = write_station_tiles(stations(crowd), tmp_path / "b.pmtiles")
    assert written.last_zoom == 14
    assert len(read(tmp_path / "b.pmtiles")[14]) == 10


def test_equal_frames_give_equal_bytes(tmp_path: Path) -> None:
    """The name of the file comes from its bytes, so they may not depend on the moment."""
    frame = make_country(n=300)
    for name in ("a", "b"):
        write_station_tiles(frame, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_the_file_says_where_its_stations_are(tmp_path: Path) -> None:
    """The header's box holds every station, so a map knows where to look."""
    frame = make_country(n=300)
    path = tmp_path / "t.pmtiles"
    write_station_tiles(frame, path)
    with path.open("rb") as file:
        header = Reader(MmapSource(file)).header()
    west, south, east, north = frame.total_bounds
    box = np.array([header[k] for k in ("min_lon_e7", "min_lat_e7", "max_lon_e7", "max_lat_e7")])
    assert np.allclose(box / 1e7, [west, south, east, north], atol=1e-4)


def test_the_poles_are_drawn_at_the_edge(tmp_path: Path) -> None:
    """A position that no web map can show keeps its station in the count."""
    write_station_tiles(stations([(0.0, 90.0), (0.0, -90.0)]), tmp_path / "t.pmtiles")
    assert sum(p[2]["n"] for p in read(tmp_path / "t.pmtiles")[0]) == 2


def test_nothing_to_draw_a_stop_and_a_bad_folder_leave_nothing(tmp_path: Path) -> None:
    """Each says what is wrong, and no half file stays."""
    frame = make_country(n=40)
    with pytest.raises(InvalidInputError, match="no stations"):
        write_station_tiles(frame.iloc[:0], tmp_path / "t.pmtiles")
    with pytest.raises(UnavailableError, match="stopped"):
        write_station_tiles(frame, tmp_path / "t.pmtiles", progress=lambda *step: step[1] == 3)
    with pytest.raises(UnavailableError, match="cannot be written"):
        write_station_tiles(frame, tmp_path / "none" / "t.pmtiles")
    assert list(tmp_path.iterdir()) == []

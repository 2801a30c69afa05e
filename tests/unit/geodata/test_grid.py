"""The H3 grid against geometry."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from h3.api import basic_int
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import grid
from geodata.errors import InvalidInputError

_lon = st.floats(73, 135)
_lat = st.floats(18, 53)


@given(lon=_lon, lat=_lat, resolution=st.integers(7, 12))
def test_a_position_lies_in_the_outline_of_its_cell(
    lon: float, lat: float, resolution: int
) -> None:
    """The cell of a position is the one whose outline holds it (within 1 m of its edge)."""
    cells = grid.cell_of(lon_deg=[lon], lat_deg=[lat], resolution=resolution)
    outline = grid.cell_polygons(cells).geometry.iloc[0]
    assert outline.distance(shapely.Point(lon, lat)) < 1e-5


@given(lon=_lon, lat=_lat, resolution=st.integers(0, 15))
def test_the_centre_of_a_cell_lies_in_that_cell(lon: float, lat: float, resolution: int) -> None:
    """Cell to centre and back gives the same cell at every resolution."""
    cells = grid.cell_of(lon_deg=[lon], lat_deg=[lat], resolution=resolution)
    centre = grid.cell_centres(cells).geometry
    again = grid.cell_of(lon_deg=centre.x, lat_deg=centre.y, resolution=resolution)
    assert again.tolist() == cells.tolist()


def test_known_cells_are_recognised() -> None:
    """A published example of H3 (San Francisco, resolution 9) gives its documented cell."""
    cells = grid.cell_of(lon_deg=[-122.4194], lat_deg=[37.7749], resolution=9)
    assert cells.tolist() == ["89283082803ffff"]
    assert grid.is_cell(["89283082803ffff", "89283082803FFFF", "zz", "", None, 5]).tolist() == [
        True,
        True,
        False,
        False,
        False,
        False,
    ]


@settings(max_examples=30, deadline=None)
@given(
    lon=_lon,
    lat=_lat,
    radii=st.lists(st.floats(0.003, 0.02), min_size=5, max_size=12),
)
def test_cells_of_an_area_are_those_whose_centre_is_inside(
    lon: float, lat: float, radii: list[float]
) -> None:
    """`cells_of` agrees with testing the centre of every cell around, one by one."""
    turns = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    shape = shapely.Polygon(
        np.column_stack([lon + radii * np.cos(turns), lat + radii * np.sin(turns)])
    )
    areas = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shape], crs="EPSG:4326")
    found = grid.cells_of(areas, 9)
    lon_all, lat_all = np.meshgrid(
        np.linspace(lon - 0.025, lon + 0.025, 60), np.linspace(lat - 0.025, lat + 0.025, 60)
    )
    around = np.unique(grid.cell_of(lon_deg=lon_all.ravel(), lat_deg=lat_all.ravel(), resolution=9))
    centres = grid.cell_centres(around)
    assert sorted(found["cell"]) == sorted(centres.loc[centres.within(shape), "cell"])
    assert set(found["area_id"]) <= {"a"}


def test_areas_that_share_a_border_share_no_cell() -> None:
    """Cells of neighbouring areas are disjoint and together are the cells of their union."""
    left, right = (
        shapely.box(113.60, 34.70, 113.65, 34.75),
        shapely.box(113.65, 34.70, 113.7, 34.75),
    )
    both = gpd.GeoDataFrame({"id": ["l", "r"]}, geometry=[left, right], crs="EPSG:4326")
    found = grid.cells_of(both, 9)
    assert not found["cell"].duplicated().any()
    assert sorted(found["cell"]) == grid.cells_within(shapely.box(113.60, 34.70, 113.7, 34.75), 9)


@given(st.lists(st.sampled_from(["89283082803ffff", "8928308280fffff", "89283082807ffff"])))
def test_counts_are_counts(cells: list[str]) -> None:
    """`counts` gives each cell that occurs with how often it does."""
    assert grid.counts(cells).to_dict() == {c: cells.count(c) for c in set(cells)}


def test_only_what_is_above_the_usual_counts() -> None:
    """An even field counts nothing, a heap in it counts by what it has more than the field."""
    centre = grid.cell_numbers(lon_deg=[113.65], lat_deg=[34.75], resolution=10)
    block = basic_int.cell_to_parent(int(centre[0]), 8)
    field = np.sort(np.array(basic_int.cell_to_children(block, 10), dtype=np.uint64))
    even = np.repeat(field, 5)
    assert not grid.above_usual(even, least_around=1).any()
    heap = np.concatenate([even, np.repeat(centre, 15)])
    share = grid.above_usual(heap, least_around=1)
    assert np.allclose(share[heap == centre[0]], 15 / 20)
    assert not share[heap != centre[0]].any()


def test_cells_with_too_few_around_count_nothing() -> None:
    """A cell counts when it and its six neighbours hold the least number, inclusive."""
    alone = grid.cell_numbers(lon_deg=np.full(9, 113.65), lat_deg=np.full(9, 34.75), resolution=10)
    assert grid.above_usual(alone, least_around=9).tolist() == [1.0] * 9
    assert grid.above_usual(alone, least_around=10).tolist() == [0.0] * 9
    assert grid.above_usual(alone[:0], least_around=1).tolist() == []


@pytest.mark.parametrize(
    ("lon", "lat", "resolution"),
    [(113.6, 91.0, 9), (np.nan, 34.0, 9), (181.0, 0.0, 9), (113.6, 34.7, 16), (113.6, 34.7, -1)],
)
def test_impossible_positions_and_resolutions_are_refused(
    lon: float, lat: float, resolution: int
) -> None:
    """No cell is made up for a place or resolution that does not exist."""
    with pytest.raises(InvalidInputError):
        grid.cell_of(lon_deg=[113.6, lon], lat_deg=[34.7, lat], resolution=resolution)


def test_a_wrong_cell_is_named_with_its_row() -> None:
    """The error says which row holds what is not a cell."""
    with pytest.raises(InvalidInputError, match="row 1: nonsense"):
        grid.cell_centres(["89283082803ffff", "nonsense"])


def test_no_cells_give_empty_frames() -> None:
    """Nothing in, nothing out, with the columns and the CRS in place."""
    for frame in (grid.cell_centres([]), grid.cell_polygons([])):
        assert (len(frame), list(frame.columns), frame.crs) == (
            0,
            ["cell", "geometry"],
            "EPSG:4326",
        )
    assert list(grid.cells_of(gpd.GeoDataFrame({"id": []}, geometry=[]), 9)) == ["area_id", "cell"]


def test_cells_near_are_those_that_a_plain_search_finds() -> None:
    """All cells of a wide disk whose centre is within the distance of one of the centres."""
    start = h3.latlng_to_cell(34.75, 113.66, 6)
    cells = [start, h3.grid_ring(start, 3)[0]]
    wide = {c for cell in cells for c in h3.grid_disk(cell, 9)}
    for within_m in (0.0, 5_000.0, 16_000.0, 30_000.0):
        plain = {
            c
            for c in wide
            for cell in cells
            if h3.great_circle_distance(h3.cell_to_latlng(c), h3.cell_to_latlng(cell), unit="m")
            <= within_m
        }
        assert set(grid.cells_near(cells, within_m=within_m)) == plain
    assert grid.cells_near([], within_m=1000.0) == []


def test_no_place_of_a_cell_is_farther_from_its_centre_than_the_radius() -> None:
    """The radius is that of the farthest corner; without cells there is none."""
    cells = [h3.latlng_to_cell(lat, 100.0, 7) for lat in (20, 35, 50)]
    corners = [
        h3.great_circle_distance(h3.cell_to_latlng(c), corner, unit="m")
        for c in cells
        for corner in h3.cell_to_boundary(c)
    ]
    assert grid.radius_m(cells) == max(corners)
    assert grid.radius_m([]) == 0.0

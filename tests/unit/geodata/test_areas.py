"""Assigning places to areas, and checking areas."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata import areas
from geodata.errors import InvalidInputError


def _areas(shapes: list[object], ids: list[str] | None = None) -> gpd.GeoDataFrame:
    ids = ids or [f"a{i}" for i in range(len(shapes))]
    table = {"id": ids, "name": [f"name of {i}" for i in ids], "is_synthetic": False}
    return gpd.GeoDataFrame(table, geometry=shapes, crs="EPSG:4326")


def _points(xy: list[tuple[float, float]]) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.Point(p) for p in xy], crs="EPSG:4326")


_step = st.integers(0, 8).map(lambda i: i / 4)


@settings(max_examples=100, deadline=None)
@given(
    xy=st.lists(st.tuples(_step, _step), min_size=1, max_size=40),
    boxes=st.lists(st.tuples(_step, _step, _step, _step), min_size=1, max_size=5),
    seed=st.integers(0, 99),
)
def test_assignment_agrees_with_asking_each_area(
    xy: list[tuple[float, float]], boxes: list[tuple[float, ...]], seed: int
) -> None:
    """A point gets the smallest id whose closed box holds it, whatever the order of the areas."""
    ids = [f"a{i}" for i in range(len(boxes))]
    sides = [(min(a, c), min(b, d), max(a, c) + 0.25, max(b, d) + 0.25) for a, b, c, d in boxes]
    expected = [
        next(
            (i for i, (w, s, e, n) in zip(ids, sides, strict=True) if w <= x <= e and s <= y <= n),
            None,
        )
        for x, y in xy
    ]
    mixed = np.random.default_rng(seed).permutation(len(ids))
    frame = _areas([shapely.box(*s) for s in sides], ids).iloc[mixed]
    assert areas.assign(_points(xy), frame).to_list() == expected


def test_a_point_on_a_border_counts_once() -> None:
    """A shared edge and a corner shared by four belong to exactly one area, the smallest id."""
    shapes = [shapely.box(x, y, x + 1, y + 1) for x in (0, 1) for y in (0, 1)]
    frame = _areas(shapes, ["d", "b", "c", "a"])
    got = areas.assign(_points([(1, 0.5), (1, 1), (2, 2), (2.0000001, 2)]), frame)
    assert got.to_list() == ["c", "a", "a", None]


def test_the_index_is_kept_and_missing_positions_have_no_area() -> None:
    """The answer carries the index of the points; a missing or empty point is in no area."""
    points = gpd.GeoSeries(
        [shapely.Point(0.5, 0.5), None, shapely.Point()], index=[7, 3, 5], crs="EPSG:4326"
    )
    got = areas.assign(points, _areas([shapely.box(0, 0, 1, 1)]))
    assert got.to_dict() == {7: "a0", 3: None, 5: None}


def test_no_areas_assign_nothing() -> None:
    """A city without areas assigns None to every point."""
    assert areas.assign(_points([(0, 0)]), _areas([])).to_list() == [None]


def test_other_coordinates_are_refused() -> None:
    """Points and areas must both name WGS 84."""
    with pytest.raises(InvalidInputError, match="points must be in WGS 84"):
        areas.assign(_points([(0, 0)]).to_crs(3857), _areas([]))
    with pytest.raises(InvalidInputError, match="areas must be in WGS 84"):
        areas.assign(_points([(0, 0)]), _areas([]).set_crs(4490, allow_override=True))


def test_sound_neighbours_raise_no_finding() -> None:
    """Areas that only touch, or overlap by a sliver, are in order."""
    side = 0.01
    sliver = 1e-7  # 1 cm wide, 1 km long: 10 m²
    frame = _areas([shapely.box(0, 0, side, side), shapely.box(side - sliver, 0, 2 * side, side)])
    assert areas.check(frame) == ()


def test_each_trouble_is_found_with_its_row() -> None:
    """Missing, crossing, repeated and overlapping areas are named with row and reason."""
    bow_tie = shapely.Polygon([(5, 5), (6, 6), (6, 5), (5, 6)])
    frame = _areas(
        [
            shapely.box(0, 0, 2, 2),
            bow_tie,
            None,
            shapely.box(9, 9, 10, 10),
            shapely.box(1, 1, 3, 3),
        ],
        ["a", "b", "c", "a", "e"],
    )
    found = areas.check(frame, rows=[2, 3, 4, 5, 6])
    assert [(f.code, f.row, f.severity) for f in found] == [
        ("crosses_itself", 3, "error"),
        ("no_polygon", 4, "error"),
        ("duplicate_id", 5, "error"),
        ("overlap", 2, "warning"),
    ]
    assert "5.5 5.5" in found[0].message
    assert "name of e" in found[3].message


def test_overlap_says_how_large() -> None:
    """The size of an overlap is geodesic: a degree square at the equator has 12,309 km²."""
    frame = _areas([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
    (finding,) = areas.check(frame)
    assert float(str(finding.details["km2"])) == pytest.approx(12309, rel=1e-3)


def test_size_ignores_the_winding_and_subtracts_holes() -> None:
    """Clockwise and counter-clockwise rings have the same size; holes are taken off."""
    ring = [(0, 0), (0.1, 0), (0.1, 0.1), (0, 0.1)]
    hole = [(0.02, 0.02), (0.04, 0.02), (0.04, 0.04), (0.02, 0.04)]
    shapes = [shapely.Polygon(ring), shapely.Polygon(ring[::-1]), shapely.Polygon(ring, [hole])]
    there, back, holed = areas.size_m2(gpd.GeoSeries(shapes))
    assert there == pytest.approx(back)
    assert holed == pytest.approx(there - areas.size_m2(gpd.GeoSeries([shapely.Polygon(hole)]))[0])
    assert areas.size_m2(gpd.GeoSeries([shapely.MultiPolygon(shapes[:1])]))[0] == there


def test_the_frames_of_the_caller_are_not_changed() -> None:
    """Assigning and checking leave points and areas as they were."""
    frame, points = _areas([shapely.box(0, 0, 1, 1)]), _points([(0, 0)])
    before = frame.copy(), points.copy()
    areas.assign(points, frame)
    areas.check(frame)
    pd.testing.assert_frame_equal(frame, before[0])
    pd.testing.assert_series_equal(points, before[1])

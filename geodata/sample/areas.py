"""The twelve districts of the sample city: a partition along roads, rivers and railways."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.sample.layout import Layout

Objects = NDArray[np.object_]
Ints = NDArray[np.intp]

_GRID_M = 0.01


def make_areas(layout: Layout) -> gpd.GeoDataFrame:
    """Make the areas frame: no two districts overlap, and together they are the whole city.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns ``id, name, is_synthetic``, polygons in WGS 84 that share their border points.
    """
    lines = [road.line for road in layout.roads] + [barrier.line for barrier in layout.barriers]
    inside = shapely.intersection(lines, layout.outline)
    net = shapely.union_all([*inside, layout.outline.exterior], grid_size=_GRID_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(net)))
    seats = cKDTree(layout.district_xy_m)
    _, nearest = seats.query(shapely.get_coordinates(shapely.point_on_surface(faces)))
    n = len(layout.district_names)
    nearest = _joined_up(faces, nearest, n)
    shapes = [shapely.coverage_union_all(faces[nearest == k]) for k in range(n)]
    return gpd.GeoDataFrame(
        {
            "id": [f"D{k + 1:02d}" for k in range(n)],
            "name": list(layout.district_names),
            "is_synthetic": np.ones(n, dtype=bool),
        },
        geometry=shapely.transform(
            np.array(shapes), lambda c: np.column_stack(layout.plane.to_lon_lat_deg(c))
        ),
        crs="EPSG:4326",
    )


def _joined_up(faces: Objects, owner: Ints, n: int) -> Ints:
    """Hand faces that are cut off from their district to the one they touch longest."""
    owner = owner.copy()
    main = []
    for k in range(n):
        parts = shapely.get_parts(shapely.coverage_union_all(faces[owner == k]))
        main.append(parts[shapely.area(parts).argmax()])
    inside = shapely.point_on_surface(faces)
    for k in range(n):
        for face in np.flatnonzero((owner == k) & ~shapely.covers(main[k], inside)):
            shared = shapely.length(shapely.intersection(main, faces[face]))
            owner[face] = shared.argmax()
    return owner

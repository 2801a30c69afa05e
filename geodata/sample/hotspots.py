"""Where outdoor workers of the sample city gather: around the anchors and the largest places."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.records import HOTSPOT_COLUMNS
from geodata.sample.demand import SOURCE
from geodata.sample.frontage import apart
from geodata.sample.layout import Layout

Floats = NDArray[np.float64]

_COUNT = 40
_AROUND_M = 420.0
_APART_M = 600.0
_FEWEST = 10.0


def make_hotspots(layout: Layout, demand: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Gather demand around anchors and around the largest other places.

    Parameters
    ----------
    demand
        Demand frame; every hotspot sums the people of one group nearby.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns of `geodata.records.HOTSPOT_COLUMNS`, points in WGS 84; presence is the mean of the
        places, weighted by people.
    """
    xy = layout.plane.to_xy_m(lon_deg=demand.geometry.x, lat_deg=demand.geometry.y)
    people = demand["people"].to_numpy()
    big = np.argsort(-people, kind="stable")
    anchors = np.array([a.xy_m for a in layout.anchors])
    spots = np.concatenate([anchors, xy[big]])
    names = [f"{a.name}（示例）" for a in layout.anchors] + list(demand["name"].iloc[big])
    near = cKDTree(xy).query_ball_point(spots[: 20 * _COUNT], _AROUND_M, return_sorted=True)
    chosen = [k for k in apart(spots[: 20 * _COUNT], _APART_M, 2 * _COUNT) if near[k]]
    rows = [_hotspot(demand, np.array(near[k]), names[k]) for k in chosen]
    kept = [k for k, row in enumerate(rows) if row["people"] >= _FEWEST][:_COUNT]
    lon, lat = layout.plane.to_lon_lat_deg(spots[[chosen[k] for k in kept]])
    frame = gpd.GeoDataFrame(
        [{"id": f"H{n + 1:02d}"} | rows[k] for n, k in enumerate(kept)],
        geometry=shapely.points(lon, lat),
        crs="EPSG:4326",
    )
    return frame[[*HOTSPOT_COLUMNS, "geometry"]]


def _hotspot(demand: gpd.GeoDataFrame, near: NDArray[np.intp], name: str) -> dict[str, Any]:
    """Sum the largest group among the places nearby."""
    rows = demand.iloc[near]
    group = str(rows.groupby("group")["people"].sum().idxmax())
    mine = rows[rows["group"] == group]
    people = mine["people"].to_numpy()
    presence = np.average(np.stack(mine["presence"].to_list()), axis=0, weights=people)
    return {
        "name": name,
        "group": group,
        "people": float(people.sum()),
        "presence": presence.astype(np.float32),
        "source": SOURCE,
        "is_synthetic": True,
    }

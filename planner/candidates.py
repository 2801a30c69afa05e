"""Where a station could open: hosts that are offered, or a grid of cells put on the streets.

A candidates frame is a GeoDataFrame of points in WGS 84 with ``id``, ``name`` and ``cost_cny``.
"""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geodata.errors import UnanswerableError
from geodata.grid import cell_centres, cell_of
from geodata.network import Network
from geodata.snap import to_edges

RESOLUTION = 9
"""H3 cells of 0.105 km², 350 m from one to the next: about the grain at which an office decides."""

_RINGS = 2
"""Cells around those with people: a site up to 700 m aside may serve several of them at once."""

_NAME_WITHIN_M = 400.0


def from_grid(
    places: gpd.GeoSeries,
    network: Network | None,
    *,
    cost_cny: float,
    areas: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Put one candidate on the nearest street of each H3 cell where people are, and around it.

    Parameters
    ----------
    places
        Places of demand, WGS 84; their cells and two rings around them are taken.
    network
        The streets; cells without a walkable street within the snapping limit are left out. None
        keeps the cell centres.
    cost_cny
        Cost of each candidate.
    areas
        Areas frame; candidates lie within the areas only.

    Returns
    -------
    GeoDataFrame
        Candidates frame, ids are H3 cells, names the nearest street's.

    Raises
    ------
    UnanswerableError
        When no cell has a street.
    """
    people = np.unique(
        cell_of(lon_deg=places.x.to_numpy(), lat_deg=places.y.to_numpy(), resolution=RESOLUTION)
    )
    cells_around = sorted({near for cell in people for near in h3.grid_disk(str(cell), _RINGS)})
    centres = cell_centres(cells_around)
    if areas is not None:
        union = areas.geometry.union_all()
        shapely.prepare(union)
        inside = shapely.contains_xy(union, centres.geometry.x, centres.geometry.y)
        centres = centres.loc[inside].reset_index(drop=True)
    names = np.full(len(centres), "", dtype=object)
    points = np.asarray(centres.geometry.to_numpy(), dtype=object)
    if network is not None and len(centres):
        xy_m = network.plane.to_xy_m(lon_deg=shapely.get_x(points), lat_deg=shapely.get_y(points))
        on = to_edges(network, xy_m, mode="walk")
        kept = np.flatnonzero(on.is_on_network)
        edge = on.edge[kept]
        street = shapely.line_interpolate_point(
            network.lines[edge], on.along[kept], normalized=True
        )
        lon, lat = network.plane.to_lon_lat_deg(shapely.get_coordinates(street))
        points, names = np.asarray(shapely.points(lon, lat)), _street_names(network, edge, street)
        centres = centres.iloc[kept]
    if len(centres) == 0:
        raise UnanswerableError(
            "no place for a new station: no cell inside the areas has a street near it; "
            "check that streets, areas and demand are of the same city"
        )
    cells = [str(cell) for cell in centres["cell"]]
    table = {"id": cells, "name": names, "cost_cny": float(cost_cny)}
    return gpd.GeoDataFrame(table, geometry=list(points), crs="EPSG:4326")


def from_hosts(hosts: gpd.GeoDataFrame, *, cost_cny: float) -> gpd.GeoDataFrame:
    """Take offered premises as candidates.

    Parameters
    ----------
    hosts
        Points in WGS 84 with ``id`` and ``name``, and ``cost_cny`` where known.
    cost_cny
        Cost of hosts that state none.

    Returns
    -------
    GeoDataFrame
        Candidates frame in the order of the hosts.

    Raises
    ------
    UnanswerableError
        When there are no hosts.
    """
    if len(hosts) == 0:
        raise UnanswerableError("the list of hosts is empty; offer at least one place")
    cost = np.full(len(hosts), float(cost_cny))
    if "cost_cny" in hosts.columns:
        stated = hosts["cost_cny"].to_numpy(dtype=np.float64)
        cost = np.where(np.isnan(stated), cost, stated)
    table = {"id": hosts["id"].to_list(), "name": hosts["name"].to_list(), "cost_cny": cost}
    return gpd.GeoDataFrame(table, geometry=list(hosts.geometry), crs="EPSG:4326")


def _street_names(
    network: Network, edge: NDArray[np.int32], points: ArrayLike
) -> NDArray[np.object_]:
    """Give each point the name of its street, or of the nearest street that has a name."""
    names = network.names[edge]
    named = np.flatnonzero(network.names != "")
    nameless = np.flatnonzero(names == "")
    if len(named) and len(nameless):
        tree = shapely.STRtree(network.lines[named])
        at = np.asarray(points, dtype=object)[nameless]
        which, nearest = tree.query_nearest(at, max_distance=_NAME_WITHIN_M, all_matches=False)
        names[nameless[which]] = network.names[named[nearest]]
    return names

"""Where places and stations stand on the streets, and what a change of the streets does to that."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from geodata.network import Network
from geodata.snap import SNAP_LIMIT_M, Snapped, Snapper
from geodata.travel import Travel, along_streets
from planner.reach import Reach
from planner.setting import Setting

Stale = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""Which rows and which columns of a reach have to be measured anew."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Places and stations on the streets.

    Attributes
    ----------
    snapper
        The streets that may be used.
    places_xy_m
        Shape (n_places, 2): the places in the network's metres.
    places, stations
        Where they stand.
    """

    snapper: Snapper
    places_xy_m: NDArray[np.float64]
    places: Snapped
    stations: Snapped

    @classmethod
    def of(cls, network: Network, setting: Setting, stations: gpd.GeoSeries) -> Placed:
        """Put the places of a setting, and stations, on the streets."""
        snapper = Snapper.of(network, setting.mode)
        places_xy_m = _xy_m(network, setting.demand.places)
        stations_xy_m = _xy_m(network, stations)
        return cls(
            snapper, places_xy_m, snapper.to_edges(places_xy_m), snapper.to_edges(stations_xy_m)
        )

    @property
    def network(self) -> Network:
        """The streets."""
        return self.snapper.network

    def spot(self, points: gpd.GeoSeries) -> Snapped:
        """Put points on the streets."""
        return self.snapper.to_edges(_xy_m(self.network, points))

    def reach(self, setting: Setting) -> Reach:
        """Find who reaches which of the stations."""
        travel = _travel(setting, self.network, self.places, self.stations)
        return Reach.of(travel, mode=setting.mode, standard_s=setting.standard_s)

    def seconds(
        self, setting: Setting, *, places: Snapped | None = None, stations: Snapped | None = None
    ) -> csr_array:
        """Give the seconds from all places to all stations, or from or to others."""
        a = self.places if places is None else places
        b = self.stations if stations is None else stations
        return _travel(setting, self.network, a, b).seconds

    def on(
        self,
        network: Network,
        changed: list[int],
        setting: Setting,
        stations_lon_lat_deg: NDArray[np.float64],
    ) -> tuple[Placed, Stale]:
        """Put places and stations on a network with more or fewer edges closed.

        Parameters
        ----------
        network
            The streets after the change: the first ones with some edges closed.
        changed
            Edges that are closed in one of the two networks only.
        setting
            Mode and standard.
        stations_lon_lat_deg
            Shape (n_stations, 2): where the stations are.

        Returns
        -------
        Placed, stale
            Where they stand now, and what of the reach has to be measured anew.
        """
        snapper = self.snapper.on(network, setting.mode)
        lon_deg, lat_deg = stations_lon_lat_deg.T
        stations_xy_m = network.plane.to_xy_m(lon_deg=lon_deg, lat_deg=lat_deg)
        places, rows = _resnapped(snapper, changed, self.places_xy_m, self.places)
        stations, columns = _resnapped(snapper, changed, stations_xy_m, self.stations)
        # A way that was or is over a changed edge goes on from an end of the last such edge by
        # streets of the new network: who is not led to from any end keeps all their ways.
        both = np.repeat(np.array(changed, dtype=np.int32), 2)
        ends = Snapped(both, np.tile([0.0, 1.0], len(changed)), np.zeros(len(both)))
        columns[_travel(setting, network, ends, stations).seconds.indices] = True
        return Placed(snapper, self.places_xy_m, places, stations), (rows, columns)

    def spliced(self, setting: Setting, travel_s: csr_array, stale: Stale) -> csr_array:
        """Give a matrix of seconds with the stale rows and columns measured anew."""
        rows, columns = stale
        old = travel_s.tocoo()
        is_kept = ~(rows[old.row] | columns[old.col])
        r, c = np.flatnonzero(rows), np.flatnonzero(columns)
        of_columns = self.seconds(setting, stations=self.stations[c]).tocoo()
        of_rows = self.seconds(setting, places=self.places[r]).tocoo()
        is_more = ~columns[of_rows.col]
        data = [old.data[is_kept], of_columns.data, of_rows.data[is_more]]
        row = [old.row[is_kept], of_columns.row, r[of_rows.row[is_more]]]
        col = [old.col[is_kept], c[of_columns.col], of_rows.col[is_more]]
        pairs = (np.concatenate(data), (np.concatenate(row), np.concatenate(col)))
        return coo_array(pairs, shape=travel_s.shape).tocsr()


def _resnapped(
    snapper: Snapper, changed: list[int], xy_m: NDArray[np.float64], at: Snapped
) -> tuple[Snapped, NDArray[np.bool_]]:
    """Snap anew the points that a changed edge is near enough to; tell which they are."""
    points = np.asarray(shapely.points(xy_m), dtype=object)
    away_m = np.full(len(points), np.inf)
    for line in snapper.network.lines[changed]:
        np.minimum(away_m, shapely.distance(line, points), out=away_m)
    is_stale = away_m <= np.minimum(at.access_m, SNAP_LIMIT_M)
    anew = snapper.to_edges(xy_m[is_stale])
    edge, along, access_m = at.edge.copy(), at.along.copy(), at.access_m.copy()
    edge[is_stale], along[is_stale], access_m[is_stale] = anew.edge, anew.along, anew.access_m
    return Snapped(edge, along, access_m), is_stale


def _travel(setting: Setting, network: Network, places: Snapped, stations: Snapped) -> Travel:
    return along_streets(
        network,
        places,
        stations,
        mode=setting.mode,
        limit_s=setting.standard_s,
        with_metres=False,
    )


def _xy_m(network: Network, points: gpd.GeoSeries) -> NDArray[np.float64]:
    return network.plane.to_xy_m(lon_deg=points.x.to_numpy(), lat_deg=points.y.to_numpy())

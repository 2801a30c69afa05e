"""What if a station were added, moved or closed, or a bridge closed or reopened?

A scenario is the city's reach after some such edits. Each edit gives a new scenario, leaves the old
one as it is, and searches only what it can touch:

- a station: its own column of the reach;
- a street: the columns of the stations that an end of the street leads to within the standard, and
  the rows and columns of places and stations that the street is near enough to that they change
  to it, or from it to another.

The result is the one that `Scenario.setting` measures anew from nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from geodata.errors import InvalidInputError, NotFoundError
from geodata.hours import check_hours
from geodata.records import check_position
from geodata.snap import Snapped
from planner.change import Change, change
from planner.coverage import Coverage
from planner.placed import Placed
from planner.reach import Reach
from planner.setting import IN_SERVICE, Setting


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scenario:
    """A city after some edits, with who reaches which station.

    Attributes
    ----------
    start
        The city before all edits.
    ids, hours
        Id and ``opening_hours`` text of each station in service, in the order of the columns of
        `reach`.
    lon_lat_deg
        Shape (n_stations, 2): where they are, WGS 84.
    closed_edges
        Edges of the network that nobody may use.
    reach
        Places × stations.
    """

    start: Setting
    ids: tuple[str, ...]
    hours: tuple[str, ...]
    lon_lat_deg: NDArray[np.float64]
    closed_edges: frozenset[int]
    reach: Reach
    _placed: Placed | None

    @classmethod
    def of(cls, setting: Setting) -> Scenario:
        """Give the scenario without edits: the stations in service, every street open."""
        stations = setting.in_service()
        points = stations.geometry
        network = setting.network
        placed = None if network is None else Placed.of(network, setting, points)
        return cls(
            start=setting,
            ids=tuple(stations["id"].astype(str)),
            hours=tuple(stations["hours"]),
            lon_lat_deg=np.column_stack([points.x, points.y]).reshape(-1, 2),
            closed_edges=frozenset(),
            reach=setting.reach(points) if placed is None else placed.reach(setting),
            _placed=placed,
        )

    def coverage(self) -> Coverage:
        """Measure how well the stations of the scenario serve people."""
        return self.start.measured(self.reach, self.hours)

    def change_since(self, before: Scenario) -> Change:
        """Say who gains and who loses against another scenario of the same start."""
        return change(
            self.start.demand,
            self.start.areas,
            (before.reach, before.hours),
            (self.reach, self.hours),
        )

    def setting(self) -> Setting:
        """Give the edited city as a setting of its own, for questions that start from nothing.

        A station that was added has an id, hours and a position, and nothing else.
        """
        frame = self.start.stations
        keeps = (frame["status"] != IN_SERVICE) | frame["id"].astype(str).isin(self.ids)
        kept = frame.loc[keeps].copy()
        where = dict(zip(self.ids, self._points(), strict=True))
        is_ours = kept["status"] == IN_SERVICE
        known = kept.loc[is_ours, "id"].astype(str)
        kept.loc[is_ours, "geometry"] = [where[i] for i in known]
        new = [k for k, i in enumerate(self.ids) if i not in set(known)]
        added = gpd.GeoDataFrame(
            {
                "id": [self.ids[k] for k in new],
                "name": [self.ids[k] for k in new],
                "status": IN_SERVICE,
                "hours": [self.hours[k] for k in new],
                "is_synthetic": False,
            },
            geometry=self._points()[new],
            crs=frame.crs,
        )
        stations = pd.concat([kept, added], ignore_index=True) if new else kept
        network = None if self._placed is None else self._placed.network
        return replace(self.start, stations=gpd.GeoDataFrame(stations), network=network)

    def with_station(
        self, *, lon_deg: float, lat_deg: float, hours: str = "", station_id: str = ""
    ) -> Scenario:
        """Add a station.

        Parameters
        ----------
        lon_deg, lat_deg
            Where, WGS 84.
        hours
            ``opening_hours`` text; empty when unknown.
        station_id
            Id of the new station; empty takes the first free one of new-1, new-2, …

        Raises
        ------
        InvalidInputError
            When the position or the hours cannot be, or the id is taken.
        """
        known = {*self.ids, *self.start.stations["id"].astype(str)}
        free = next(i for k in range(1, len(known) + 2) if (i := f"new-{k}") not in known)
        new_id = station_id or free
        if new_id in known:
            raise InvalidInputError(
                "there is a station {id!s} already; give the new one another id", id=new_id
            )
        spot, column = self._measured(lon_deg=lon_deg, lat_deg=lat_deg)
        return self._with_columns(
            [*range(len(self.ids)), -1],
            spot,
            column,
            ids=(*self.ids, new_id),
            hours=(*self.hours, check_hours(hours)),
            lon_lat_deg=np.vstack([self.lon_lat_deg, [lon_deg, lat_deg]]),
        )

    def without_station(self, station_id: str) -> Scenario:
        """Close a station.

        Raises
        ------
        NotFoundError
            When no station in service has this id.
        """
        k = self._position(station_id)
        return self._with_columns(
            [j for j in range(len(self.ids)) if j != k],
            None,
            None,
            ids=self.ids[:k] + self.ids[k + 1 :],
            hours=self.hours[:k] + self.hours[k + 1 :],
            lon_lat_deg=np.delete(self.lon_lat_deg, k, axis=0),
        )

    def moved(self, station_id: str, *, lon_deg: float, lat_deg: float) -> Scenario:
        """Move a station to another position, with its hours.

        Raises
        ------
        NotFoundError
            When no station in service has this id.
        InvalidInputError
            When the position cannot be.
        """
        k = self._position(station_id)
        spot, column = self._measured(lon_deg=lon_deg, lat_deg=lat_deg)
        where = self.lon_lat_deg.copy()
        where[k] = lon_deg, lat_deg
        order = [j if j != k else -1 for j in range(len(self.ids))]
        return self._with_columns(
            order, spot, column, ids=self.ids, hours=self.hours, lon_lat_deg=where
        )

    def with_closed_edges(self, edges: Iterable[int]) -> Scenario:
        """Close edges of the network, a bridge for instance, to everybody and in both directions.

        Parameters
        ----------
        edges
            Edge numbers; those that are closed already stay so.

        Raises
        ------
        InvalidInputError
            When the city has no streets or no such edge.
        """
        return self._with_edges(self.closed_edges | frozenset(edges))

    def reopened(self, edges: Iterable[int]) -> Scenario:
        """Reopen edges that were closed.

        Raises
        ------
        NotFoundError
            When an edge is not among the closed ones.
        """
        wanted = frozenset(edges)
        for edge in sorted(wanted - self.closed_edges):
            raise NotFoundError(
                "edge {edge} is not closed; reopen those of `closed_edges`", edge=edge
            )
        return self._with_edges(self.closed_edges - wanted)

    def _points(self) -> NDArray[np.object_]:
        return np.asarray(shapely.points(self.lon_lat_deg), dtype=object)

    def _position(self, station_id: str) -> int:
        if station_id not in self.ids:
            raise NotFoundError(
                "no station {id!s} is in service; look it up in the list of stations",
                id=station_id,
            )
        return self.ids.index(station_id)

    def _measured(self, *, lon_deg: float, lat_deg: float) -> tuple[Snapped | None, csr_array]:
        """Give where a new station stands on the streets, and its column of the reach."""
        check_position(lon_deg=lon_deg, lat_deg=lat_deg, what="the station")
        point = gpd.GeoSeries.from_xy([lon_deg], [lat_deg], crs="EPSG:4326")
        if self._placed is None:
            return None, self.start.reach(point).travel_s
        spot = self._placed.spot(point)
        return spot, self._placed.seconds(self.start, stations=spot)

    def _with_columns(
        self,
        order: list[int],
        spot: Snapped | None,
        column: csr_array | None,
        *,
        ids: tuple[str, ...],
        hours: tuple[str, ...],
        lon_lat_deg: NDArray[np.float64],
    ) -> Scenario:
        """Give the scenario with these columns of the present one; the last may be a new one."""
        wide = self.reach.travel_s if column is None else hstack([self.reach.travel_s, column])
        travel_s = csr_array(csr_array(wide)[:, order])
        travel_s.sort_indices()
        placed = self._placed
        if placed is not None:
            spots = [placed.stations] if spot is None else [placed.stations, spot]
            which = np.array(order, dtype=np.intp)
            placed = replace(placed, stations=Snapped.joined(spots)[which])
        return replace(
            self,
            ids=ids,
            hours=hours,
            lon_lat_deg=lon_lat_deg,
            reach=self._reach(travel_s, placed),
            _placed=placed,
        )

    def _with_edges(self, closed: frozenset[int]) -> Scenario:
        """Give the scenario with these edges closed: more than now, or fewer."""
        if self._placed is None or self.start.network is None:
            raise InvalidInputError(
                "the city has no streets, so none can be closed; build it with --streets first"
            )
        changed = sorted(closed ^ self.closed_edges)
        if not changed:
            return self
        network = self.start.network.without_edges(closed)
        placed, stale = self._placed.on(network, changed, self.start, self.lon_lat_deg)
        travel_s = placed.spliced(self.start, self.reach.travel_s, stale)
        return replace(
            self, closed_edges=closed, reach=self._reach(travel_s, placed), _placed=placed
        )

    def _reach(self, travel_s: csr_array, placed: Placed | None) -> Reach:
        if placed is None:
            return replace(self.reach, travel_s=travel_s)
        return replace(
            self.reach,
            travel_s=travel_s,
            off_network_places=np.flatnonzero(~placed.places.is_on_network),
            off_network_facilities=np.flatnonzero(~placed.stations.is_on_network),
        )

"""The city as the planner sees it, for one mode and one service standard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd

from geodata.errors import InvalidInputError
from geodata.network import Network
from geodata.streets import DETOUR_FACTOR, MODES
from planner import coverage
from planner.coverage import Coverage
from planner.demand import Demand
from planner.reach import Reach, measure

IN_SERVICE = "open"
"""Only stations with this status count as existing; planned and suspended ones serve nobody."""

LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """A city, a mode and a standard.

    Attributes
    ----------
    demand
        People to serve.
    stations
        Stations frame in WGS 84; those not in service are left out of every answer.
    network
        The streets; None means straight line × `detour_factor`.
    areas
        Areas frame, or None.
    mode
        ``walk`` or ``ebike``.
    standard_s
        The longest journey that counts, in seconds, inclusive; at most an hour.
    version
        Version of the stations and hotspots, kept for the record.
    """

    demand: Demand
    stations: gpd.GeoDataFrame
    network: Network | None
    areas: gpd.GeoDataFrame | None
    mode: str = "walk"
    standard_s: float = 600.0
    detour_factor: float = DETOUR_FACTOR
    version: str = ""

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise InvalidInputError(
                "mode {mode!s} is not known; use one of {known}",
                mode=self.mode,
                known=", ".join(MODES),
            )
        if not 0 < self.standard_s <= LONGEST_S:
            raise InvalidInputError(
                "a standard of {minutes} minutes is not from above 0 to 60",
                minutes=f"{self.standard_s / 60:g}",
            )

    def in_service(self) -> gpd.GeoDataFrame:
        """Give the stations that serve people."""
        return self.stations.loc[self.stations["status"] == IN_SERVICE].reset_index(drop=True)

    def within(self, standard_s: float) -> Setting:
        """Give the same setting with another standard."""
        return replace(self, standard_s=standard_s)

    def reach(self, facilities: gpd.GeoSeries) -> Reach:
        """Find the pairs of place and facility within the standard."""
        return measure(
            self.demand.places,
            facilities,
            self.network,
            mode=self.mode,
            standard_s=self.standard_s,
            detour_factor=self.detour_factor,
        )

    @property
    def is_synthetic(self) -> bool:
        """True when demand, a station or an area is invented."""
        frames = [self.stations] if self.areas is None else [self.stations, self.areas]
        return self.demand.is_synthetic or any(
            bool(frame["is_synthetic"].astype(bool).any()) for frame in frames
        )

    def coverage(self) -> Coverage:
        """Measure how well the stations in service serve people."""
        return self.coverages([self.standard_s])[0]

    def coverages(self, standards_s: Sequence[float]) -> list[Coverage]:
        """Measure coverage at several standards; streets are searched once, to the longest."""
        stations = self.in_service()
        found = self.within(max(standards_s)).reach(stations.geometry)
        hours = list(stations["hours"])
        return [self.measured(found.within(s), hours) for s in standards_s]

    def measured(self, found: Reach, hours: Sequence[str]) -> Coverage:
        """Measure the coverage of stations with these hours, given who reaches them."""
        return coverage.measure(
            self.demand, found, hours, areas=self.areas, is_synthetic=self.is_synthetic
        )

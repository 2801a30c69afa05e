"""The city as the planner sees it, for one mode and one service standard."""

from __future__ import annotations

from dataclasses import dataclass, replace

import geopandas as gpd

from geodata.errors import InvalidInputError
from geodata.network import Network
from geodata.streets import MODES
from geodata.travel import DETOUR_FACTOR
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
    """

    demand: Demand
    stations: gpd.GeoDataFrame
    network: Network | None
    areas: gpd.GeoDataFrame | None
    mode: str = "walk"
    standard_s: float = 600.0
    detour_factor: float = DETOUR_FACTOR

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

    def coverage(self) -> Coverage:
        """Measure how well the stations in service serve people."""
        stations = self.in_service()
        found = self.reach(stations.geometry)
        return coverage.measure(self.demand, found, list(stations["hours"]), areas=self.areas)

"""The sample city, whole or cut down."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import geopandas as gpd

from benchmarks.instances.instance import Instance, fingerprint
from benchmarks.row import Size
from geodata.network import Network, from_streets
from geodata.sample import make_city
from planner.demand import from_frame
from planner.setting import Setting


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A city to measure on."""

    instance: Instance
    streets: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    network: Network

    def setting(self) -> Setting:
        """Give the city as the planner sees it, ten minutes on foot."""
        return Setting(
            demand=from_frame(self.demand),
            stations=self.stations,
            network=self.network,
            areas=self.areas,
        )


@cache
def sample(size: Size) -> Case:
    """Give the sample city of seed 0; tiny keeps 60 places and 20 stations of it."""
    city = make_city(seed=0)
    demand, stations = city.demand, city.stations
    if size == "tiny":
        demand, stations = demand.head(60), stations.head(20)
    network = from_streets(city.streets)
    digest = fingerprint(
        network.node_xy_m,
        network.tail,
        network.head,
        demand.get_coordinates().to_numpy(),
        stations.get_coordinates().to_numpy(),
    )
    instance = Instance(f"sample-city{'-tiny' if size == 'tiny' else ''}", 0, digest)
    return Case(instance, city.streets, stations, demand, city.areas, network)

"""The sample city in one piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np

from geodata.sample.areas import make_areas
from geodata.sample.demand import make_demand
from geodata.sample.frontage import frontage_of
from geodata.sample.hotspots import make_hotspots
from geodata.sample.layout import read_layout
from geodata.sample.stations import make_stations
from geodata.sample.streets import make_streets

Progress = Callable[[str, int, int], bool]

_STEPS = 4


@dataclass(frozen=True, slots=True, eq=False)
class SampleCity:
    """An invented city, laid out like central Zhengzhou. Every row of it is marked as synthetic.

    Attributes
    ----------
    name, name_en
        Both say that the city is a sample.
    streets
        Columns of `geodata.streets.STREET_COLUMNS`, lines in WGS 84.
    areas
        Columns of `geodata.records.AREA_COLUMNS`: twelve districts that partition the city.
    stations
        Columns of `geodata.records.STATION_COLUMNS`, points in WGS 84.
    demand
        ``place_id, name, group, people, presence, source, is_synthetic``, points in WGS 84.
    hotspots
        Columns of `geodata.records.HOTSPOT_COLUMNS`, points in WGS 84.
    """

    name: str
    name_en: str
    streets: gpd.GeoDataFrame
    areas: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    hotspots: gpd.GeoDataFrame


def make_city(*, seed: int = 0, progress: Progress | None = None) -> SampleCity:
    """Make the sample city.

    Main roads, rivers, railways and districts' seats are fixed; small streets, stations and demand
    follow the seed. Equal seeds give equal frames.

    Parameters
    ----------
    seed
        Any whole number from 0.
    progress
        Called with ``("sample", steps done, steps in all)``; its answer is not used, the work takes
        a few seconds.

    Returns
    -------
    SampleCity
    """
    street_rng, station_rng, demand_rng = np.random.default_rng(seed).spawn(3)

    def tell(done: int) -> None:
        if progress:
            progress("sample", done, _STEPS)

    tell(0)
    layout = read_layout()
    areas = make_areas(layout)
    streets = make_streets(layout, street_rng)
    tell(1)
    frontage = frontage_of(streets, layout)
    stations = make_stations(layout, frontage, areas, station_rng)
    tell(2)
    demand = make_demand(layout, frontage, demand_rng)
    tell(3)
    hotspots = make_hotspots(layout, demand)
    tell(4)
    return SampleCity(
        name=layout.name,
        name_en=layout.name_en,
        streets=streets,
        areas=areas,
        stations=stations,
        demand=demand,
        hotspots=hotspots,
    )

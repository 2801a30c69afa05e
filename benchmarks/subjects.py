"""The subjects: each makes ready what is not measured and gives the work that is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from benchmarks.cases import sample
from geodata.basemap import write_basemap
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.sample import make_city
from planner.candidates import from_grid
from planner.suggestion import NewStation, suggest
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find
from web.app import create_app
from web.settings import Settings

Work = Callable[[], object]

_NEW = NewStation(kind="co_built", hours="Mo-Su 07:00-21:00", seats=12)


def sample_city_build(size: str) -> Work:
    """Make the sample city and write its folder, basemap included (target: 10 s)."""
    del size  # the sample city has one size

    def work() -> Path:
        with tempfile.TemporaryDirectory() as folder:
            made = make_city(seed=0)
            tables = CityTables(
                streets=made.streets,
                demand=made.demand,
                areas=made.areas,
                stations=made.stations,
                hotspots=made.hotspots,
            )
            settings = CitySettings(name=made.name, is_synthetic=True)
            return write_city(
                Path(folder) / "city",
                settings,
                tables,
                write_extra=lambda staging: write_basemap(
                    staging / "basemap.pmtiles", made.streets, made.areas, name="", attribution=""
                ),
            ).folder

    return work


def coverage_of_a_week(size: str) -> Work:
    """Measure coverage by area, group and 168 hours (target: 5 s)."""
    setting = sample(size).setting()
    return setting.coverage


def ten_new_sites(size: str) -> Work:
    """Choose candidates and suggest ten sites, proved and verified (target: 10 s)."""
    case = sample(size)
    setting = case.setting()

    def work() -> object:
        sites = from_grid(setting.demand.places, case.network, cost_cny=13_000, areas=case.areas)
        return suggest(setting, sites, _NEW, n_sites=10)

    return work


def nearest_stations(size: str) -> Work:
    """Find the nearest open stations of one worker."""
    case = sample(size)
    catalogue = Catalogue.from_frame(case.stations, network=case.network)
    request = NearRequest(
        lon_deg=113.6597,
        lat_deg=34.7536,
        moment=datetime(2026, 9, 21, 15, 0),  # noqa: DTZ001  naive local time
        open_only=True,
    )
    return lambda: find(catalogue, request)


def first_page(size: str) -> Work:
    """Give the finder's first page from a running application (target: 0.5 s)."""
    case = sample(size)
    folder = Path(tempfile.mkdtemp(prefix="yizhan-bench-"))
    tables = CityTables(
        streets=case.streets, demand=case.demand, areas=case.areas, stations=case.stations
    )
    write_city(folder, CitySettings(name=case.name, is_synthetic=True), tables)
    client = create_app(Settings(city=folder)).test_client()

    def work() -> int:
        status = client.get("/").status_code
        if status != 200:
            message = f"the first page answered {status}"
            raise RuntimeError(message)
        return status

    return work


SUBJECTS: dict[str, Callable[[str], Work]] = {
    f.__name__: f
    for f in (
        sample_city_build,
        coverage_of_a_week,
        ten_new_sites,
        nearest_stations,
        first_page,
    )
}

"""The sample city: made, measured, planned for, and served."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from benchmarks.instances.sample_city import sample
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.basemap import write_basemap
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.sample import make_city
from planner.candidates import from_grid
from planner.question import Question
from planner.suggestion import NewStation, suggest
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find
from web.app import create_app
from web.settings import Settings

Work = Callable[[], Answer]

_NEW = NewStation(kind="co_built", hours="Mo-Su 07:00-21:00", seats=12)


def sample_city_build(size: Size) -> Work:
    """Make the sample city and write its folder, basemap included."""
    del size  # the sample city has one size

    def work() -> Answer:
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
            written = write_city(
                Path(folder) / "city",
                settings,
                tables,
                write_extra=lambda staging: write_basemap(
                    staging / "basemap.pmtiles", made.streets, made.areas, name="", attribution=""
                ),
            )
            return {"files": sum(1 for _ in written.folder.iterdir())}

    return work


def coverage_of_a_week(size: Size) -> Work:
    """Measure coverage by area, group and 168 hours."""
    setting = sample(size).setting()

    def work() -> Answer:
        covered = setting.coverage()
        return {"people": covered.people, "share": covered.share}

    return work


def ten_new_sites(size: Size) -> Work:
    """Choose candidates and suggest ten sites, proved and verified."""
    case = sample(size)
    setting = case.setting()

    def work() -> Answer:
        sites = from_grid(setting.demand.places, case.network, cost_cny=13_000, areas=case.areas)
        plan = suggest(setting, sites, _NEW, Question(n_sites=10)).plan
        return {
            "value": plan.objective,
            "bound": plan.bound,
            "gap": plan.gap,
            "outcome": plan.outcome,
        }

    return work


def nearest_stations(size: Size) -> Work:
    """Find the nearest open stations of one worker."""
    case = sample(size)
    catalogue = Catalogue.from_frame(case.stations, network=case.network)
    request = NearRequest(
        lon_deg=113.6597,
        lat_deg=34.7536,
        moment=datetime(2026, 9, 21, 15, 0),  # noqa: DTZ001  naive local time
        open_only=True,
    )
    return lambda: {"found": len(find(catalogue, request).hits)}


def first_page(size: Size) -> Work:
    """Give the finder's first page from a running application."""
    case = sample(size)
    folder = Path(tempfile.mkdtemp(prefix="yizhan-bench-"))
    tables = CityTables(
        streets=case.streets, demand=case.demand, areas=case.areas, stations=case.stations
    )
    write_city(folder, CitySettings(name=case.instance.name, is_synthetic=True), tables)
    client = create_app(Settings(city=folder)).test_client()

    def work() -> Answer:
        status = client.get("/").status_code
        if status != 200:
            message = f"the first page answered {status}"
            raise RuntimeError(message)
        return {"status": status}

    return work


def _subject(
    make: Callable[[Size], Work], title: str, target_s: float | None = None, *, limit_s: float = 90
) -> Subject:
    """Make a subject of a function that gives the work, with a target in seconds if it has one."""

    def trials(size: Size) -> Iterator[Trial]:
        yield Trial(sample(size).instance, make(size), checks=checks)

    def checks(measured: Measured) -> list[Check]:
        return [] if target_s is None else [Check("time", measured.seconds, "<=", target_s, "s")]

    return Subject(make.__name__, title, trials, limit_s)


CITY = (
    _subject(sample_city_build, "Make the sample city and write its folder, basemap included.", 10),
    _subject(coverage_of_a_week, "Coverage by area, group and 168 hours.", 5),
    _subject(ten_new_sites, "Choose candidates and suggest ten sites, proved and verified.", 10),
    _subject(nearest_stations, "The nearest open stations of one worker."),
    _subject(first_page, "The finder's first page from a running application.", 0.5),
)

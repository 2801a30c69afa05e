"""``yizhan city build``: real input into a city folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
import geopandas as gpd

from geodata.basemap import write_basemap
from geodata.checks import Finding, check_demand, check_stations, extent_deg
from geodata.city import City, CityTables, open_city, write_city
from geodata.city_settings import CitySettings
from geodata.country import STATIONS, make_country
from geodata.errors import InvalidInputError, NotFoundError
from geodata.importers.areas import read_areas
from geodata.importers.demand import read_demand
from geodata.importers.framing import Surroundings
from geodata.importers.hosts import read_hosts
from geodata.importers.osm import read_streets
from geodata.importers.report import ImportReport
from geodata.importers.stations import read_stations
from web.clock import local_now
from web.commands import options, told
from web.commands.told import Stages, Told
from web.commands.who import person

_MOST_FINDINGS = 20
_OSM = "© OpenStreetMap contributors"


@click.group()
def city() -> None:
    """Build a city folder from files."""


@city.command()
@options.city
@click.option("--streets", type=options.PATH, help="OpenStreetMap extract, .osm.pbf or .osm.")
@click.option("--areas", type=options.PATH, help="Districts: polygons.")
@click.option("--demand", type=options.PATH, help="People: points, H3 cells or polygons.")
@click.option("--people", help="Column of the demand file that holds the people.")
@click.option("--stations", type=options.PATH, help="Stations, with longitude and latitude.")
@options.frame
@click.option("--name", help="Name of the city, for pages and files.")
@click.option("--time-zone", help="IANA name; default Asia/Shanghai.")
@click.pass_obj
def build(
    context: Told,
    /,
    folder: Path | None,
    streets: Path | None,
    areas: Path | None,
    demand: Path | None,
    people: str | None,
    stations: Path | None,
    frame: str,
    name: str | None,
    time_zone: str | None,
) -> None:
    """Build a city from files; what is not given stays as it is. All or nothing.

    Example: yizhan city build --city porto --streets streets.osm.pbf --demand people.csv
    --people population --stations places.csv --frame wgs84
    """
    target = context.folder(folder)
    zone = time_zone or CitySettings(name="-").time_zone
    sources = Sources(streets, areas, demand, people, stations, frame, zone)
    if not any((streets, areas, demand, stations)):
        raise InvalidInputError(
            "nothing to build from; give --streets, --areas, --demand or --stations"
        )
    if demand and not people:
        raise InvalidInputError("the demand file needs --people COLUMN: which column holds people?")
    _ = context.translate
    with told.stages(6, _("Reading streets")) as bar:
        old = _existing(target, context.settings.database_url)
        tables = _read_tables(context, bar, sources)
        bar.next(_("Checking"))
        _check(context, tables, old)
        bar.next(_("Writing the city"))
        settings = _settings(target, old, name, time_zone, has_osm=streets is not None)
        built = write_city(
            target,
            settings,
            tables,
            database_url=context.settings.database_url,
            moment=local_now(settings.time_zone),
            who=person(None),
            write_extra=lambda staging: write_map(staging, tables, settings, old),
        )
        bar.done(_("Done"))
    click.echo(_("City ready: {folder}").format(folder=built.folder))


@city.command()
@options.city
@options.seed
@click.option(
    "--stations",
    "n",
    type=click.IntRange(31),
    default=STATIONS,
    show_default=True,
    help="How many.",
)
@click.pass_obj
def country(context: Told, /, folder: Path | None, seed: int, n: int) -> None:
    """Make an invented register of the whole country, to try things out at full size.

    Example: yizhan city country --city country --stations 186000
    """
    target = context.folder(folder)
    if (target / "city.toml").is_file() and not context.city(target).settings.is_synthetic:
        raise InvalidInputError(
            "{folder} holds a real city; give the invented country a folder of its own with --city",
            folder=target,
        )
    _ = context.translate
    with told.stages(2, _("Making the country")) as bar:
        stations = make_country(seed=seed, n=n)
        bar.next(_("Writing the city"))
        settings = CitySettings(
            name="示例全国",
            name_en="Sample Country",
            is_synthetic=True,
            attribution="示例数据 Sample data",
        )
        built = write_city(
            target,
            settings,
            CityTables(stations=stations),
            database_url=context.settings.database_url,
        )
        bar.done(_("Done"))
    click.echo(_("City ready: {folder}").format(folder=built.folder))


def write_map(
    staging: Path, tables: CityTables, settings: CitySettings, old: City | None = None
) -> None:
    """Write the offline basemap of new tables, and of those that an existing city keeps."""
    if tables.streets is None and tables.areas is None:
        return
    streets = tables.streets if tables.streets is not None or old is None else old.streets
    areas = tables.areas if tables.areas is not None or old is None else old.areas
    write_basemap(
        staging / "basemap.pmtiles",
        streets,
        areas,
        name=settings.name,
        attribution=settings.attribution,
    )


def read_offered(context: Told, path: Path, frame: str) -> gpd.GeoDataFrame:
    """Read offered premises; refused ones are said on standard error."""
    read = read_hosts(path, frame=frame)
    report_refused(context, path, read.report)
    return read.hosts


def report_refused(context: Told, path: Path, report: ImportReport) -> None:
    """Say on standard error which rows of a file were refused or looked odd, and why."""
    console = told.remarks()
    _ = context.translate
    if not report.findings:
        return
    console.print(
        _("{file}: {refused} of {rows} rows refused").format(
            file=path.name, refused=report.n_refused, rows=report.n_rows
        ),
        markup=False,
    )
    _print_findings(context, report.findings)


def _print_findings(context: Told, findings: Sequence[Finding]) -> None:
    console = told.remarks()
    for finding in findings[:_MOST_FINDINGS]:
        console.print(f"  {told.finding_words(finding, context.translate)}")
    if len(findings) > _MOST_FINDINGS:
        console.print(f"  … {len(findings) - _MOST_FINDINGS}")


@dataclass(frozen=True, slots=True)
class Sources:
    """The files of one build, and what the person said about them."""

    streets: Path | None
    areas: Path | None
    demand: Path | None
    people: str | None
    stations: Path | None
    frame: str
    time_zone: str


def _existing(folder: Path, database_url: str | None) -> City | None:
    """Open the city that is there already; an invented one is never mixed with real data."""
    try:
        old = open_city(folder, database_url=database_url)
    except NotFoundError:
        return None
    if old.settings.is_synthetic:
        raise InvalidInputError(
            "{folder} holds the invented sample city; give the real one a folder of its own "
            "with --city",
            folder=folder,
        )
    return old


def _read_tables(context: Told, bar: Stages, sources: Sources) -> CityTables:
    _ = context.translate
    street_table = None if sources.streets is None else read_streets(sources.streets).streets
    bar.next(_("Reading districts"))
    area_table = None
    if sources.areas is not None:
        areas = read_areas(sources.areas, frame=sources.frame)
        report_refused(context, sources.areas, areas.report)
        area_table = areas.areas
    bar.next(_("Reading demand"))
    demand_table = None
    if sources.demand is not None:
        demand = read_demand(sources.demand, people_column=sources.people, frame=sources.frame)
        report_refused(context, sources.demand, demand.report)
        demand_table = demand.demand
    bar.next(_("Reading stations"))
    station_table = None
    if sources.stations is not None:
        file = sources.stations
        stations = read_stations(
            file,
            frame=sources.frame,
            source=file.name,
            surroundings=Surroundings(areas=area_table, streets=street_table),
            today=local_now(sources.time_zone).date(),
        )
        report_refused(context, file, stations.report)
        station_table = stations.stations
        if len(station_table) == 0:
            raise InvalidInputError(
                "{path}: every row was refused; correct the file first", path=file.name
            )
    return CityTables(
        streets=street_table, areas=area_table, demand=demand_table, stations=station_table
    )


def _check(context: Told, tables: CityTables, old: City | None) -> None:
    """Say on standard error what looks wrong when the new tables are seen together."""
    streets = tables.streets if tables.streets is not None or old is None else old.streets
    areas = tables.areas if tables.areas is not None or old is None else old.areas
    extent = extent_deg(streets, areas)
    findings: list[Finding] = []
    if tables.stations is not None:
        findings += check_stations(tables.stations, extent=extent)
    if tables.demand is not None:
        findings += check_demand(tables.demand, extent=extent)
    _print_findings(context, findings)


def _settings(
    folder: Path, old: City | None, name: str | None, time_zone: str | None, *, has_osm: bool
) -> CitySettings:
    """Keep an existing city's settings; a new city is named after its folder."""
    called = folder.resolve().name
    settings = CitySettings(name=called, name_en=called) if old is None else old.settings
    if name:
        settings = replace(settings, name=name, name_en=name)
    if time_zone:
        settings = replace(settings, time_zone=time_zone)
    if has_osm and _OSM not in settings.attribution:
        parts = [p for p in (settings.attribution, _OSM) if p]
        settings = replace(settings, attribution=" · ".join(parts))
    return settings

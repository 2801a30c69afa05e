"""``yizhan city build`` and ``yizhan hotspots build``: real input into a city folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
import geopandas as gpd

from geodata.basemap import write_basemap
from geodata.city import CitySettings, CityTables, open_city, write_city
from geodata.errors import InvalidInputError, NotFoundError
from geodata.hotspots import find_hotspots
from geodata.importers.areas import read_areas
from geodata.importers.demand import read_demand
from geodata.importers.osm import read_streets
from geodata.importers.points import read_points
from geodata.importers.report import ImportReport
from geodata.importers.stations import read_stations
from web.commands import options, told
from web.commands.told import Stages, Told

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
    if not any((streets, areas, demand, stations)):
        raise InvalidInputError(
            "nothing to build from; give --streets, --areas, --demand or --stations"
        )
    if demand and not people:
        raise InvalidInputError("the demand file needs --people COLUMN: which column holds people?")
    _ = context.translate
    with told.stages(6, _("Reading streets")) as bar:
        tables = _read_tables(context, bar, streets, areas, demand, people, stations, frame)
        bar.next(_("Writing the city"))
        settings = _settings(target, name, time_zone, has_osm=streets is not None)
        built = write_city(
            target,
            settings,
            tables,
            database_url=context.settings.database_url,
            write_extra=lambda staging: write_map(staging, tables, settings),
        )
        bar.done(_("Done"))
    click.echo(_("City ready: {folder}").format(folder=built.folder))


@click.group()
def hotspots() -> None:
    """Hotspots: places where outdoor workers gather."""


@hotspots.command(name="build")
@options.city
@click.option("--points", type=options.PATH, required=True, help="Points of activity.")
@click.option(
    "--k",
    type=click.IntRange(min=2),
    default=10,
    show_default=True,
    help="Fewest distinct workers of a hotspot that is kept.",
)
@options.frame
@click.pass_obj
def build_hotspots(context: Told, /, folder: Path | None, points: Path, k: int, frame: str) -> None:
    """Find hotspots in points of activity; those with fewer than k distinct workers are dropped.

    Example: yizhan hotspots build --points activity.csv --frame gcj02
    """
    opened = context.city(folder)
    _ = context.translate
    with told.stages(3, _("Reading points")) as bar:
        read = read_points(points, frame=frame)
        bar.next(_("Looking for hotspots"))
        found = find_hotspots(read.points, k=k)
        bar.next(_("Writing"))
        with opened.store() as store:
            store.replace_hotspots(found)
        bar.done(_("Done"))
    report_refused(context, points, read.report)
    click.echo(
        _("{n} hotspots with at least {k} workers, from {points} points").format(
            n=len(found), k=k, points=len(read.points)
        )
    )


def write_map(staging: Path, tables: CityTables, settings: CitySettings) -> None:
    """Write the offline basemap beside the tables it is made from."""
    if tables.streets is not None:
        write_basemap(
            staging / "basemap.pmtiles",
            tables.streets,
            tables.areas,
            name=settings.name,
            attribution=settings.attribution,
        )


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
    for finding in report.findings[:20]:
        console.print(f"  {finding.message}", markup=False)
    if len(report.findings) > 20:
        console.print(f"  … {len(report.findings) - 20}", markup=False)


def _read_tables(
    context: Told,
    bar: Stages,
    streets: Path | None,
    areas: Path | None,
    demand: Path | None,
    people: str | None,
    stations: Path | None,
    frame: str,
) -> CityTables:
    _ = context.translate
    street_table = None if streets is None else read_streets(streets).streets
    bar.next(_("Reading districts"))
    area_table = _areas(context, areas, frame)
    bar.next(_("Reading demand"))
    demand_table = None
    if demand is not None:
        read = read_demand(demand, people_column=people, frame=frame)
        report_refused(context, demand, read.report)
        demand_table = read.demand
    bar.next(_("Reading stations"))
    station_table = None
    if stations is not None:
        found = read_stations(stations, frame=frame, source=stations.name)
        report_refused(context, stations, found.report)
        station_table = found.stations
        if len(station_table) == 0:
            raise InvalidInputError(
                "{path}: every row was refused; correct the file first", path=stations.name
            )
    bar.next(_("Checking"))
    return CityTables(
        streets=street_table, areas=area_table, demand=demand_table, stations=station_table
    )


def _areas(context: Told, path: Path | None, frame: str) -> gpd.GeoDataFrame | None:
    if path is None:
        return None
    read = read_areas(path, frame=frame)
    report_refused(context, path, read.report)
    return gpd.GeoDataFrame(read.areas)


def _settings(
    folder: Path, name: str | None, time_zone: str | None, *, has_osm: bool
) -> CitySettings:
    """Keep an existing city's settings; a new city is named after its folder."""
    try:
        settings = open_city(folder).settings
    except NotFoundError:
        settings = CitySettings(name=folder.resolve().name, name_en=folder.resolve().name)
    if name:
        settings = replace(settings, name=name)
    if time_zone:
        settings = replace(settings, time_zone=time_zone)
    if has_osm and _OSM not in settings.attribution:
        parts = [p for p in (settings.attribution, _OSM) if p]
        settings = replace(settings, attribution=" · ".join(parts))
    return settings

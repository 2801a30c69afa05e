"""``yizhan demo``, ``serve``, ``doctor`` and ``config``."""

from __future__ import annotations

import importlib.metadata
import os
import socket
import sys
from dataclasses import fields
from pathlib import Path

import click
from granian.constants import Interfaces
from granian.server import Server

from geodata.city import City, CityTables, open_city, write_city
from geodata.city_settings import CitySettings
from geodata.errors import NotFoundError, UnavailableError, YizhanError
from geodata.sample import make_city
from web import planning
from web.clock import local_now
from web.commands import options, told
from web.commands.cities import write_map
from web.commands.plan import (
    STANDARDS_MIN,
    find_sites,
    write_proposal,
)
from web.commands.plan_tables import print_coverage, print_suggestion
from web.commands.told import Told
from web.commands.who import person
from web.i18n import Translate, say
from web.settings import ENVIRONMENT

_PACKAGES = ("geodata", "stations", "planner", "web")
host_option = click.option("--host", default="127.0.0.1", show_default=True)
port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)


@click.command()
@options.city
@click.option("--no-serve", is_flag=True, help="Stop after the proposal.")
@options.seed
@host_option
@port_option
@click.pass_obj
def demo(
    context: Told, /, folder: Path | None, no_serve: bool, seed: int, host: str, port: int
) -> None:
    """Make the sample city, measure it, suggest 10 stations, write a proposal, show the map.

    Example: yizhan demo --city city
    """
    target = context.folder(folder)
    city = _sample_city(context, target, seed)
    asked = planning.read_setting(city, minutes=10.0, mode="walk")
    measured = asked.coverages([60 * m for m in STANDARDS_MIN])
    print_coverage(context, city, measured)
    asked, found = find_sites(
        context,
        city,
        n_sites=10,
        budget_cny=None,
        minutes=10.0,
        mode="walk",
        time_limit_s=60.0,
        seed=seed,
        hosts=None,
        frame="auto",
    )
    print_suggestion(context, found)
    out = target / "proposals" / "demo"
    for path in write_proposal(context, city, asked, found, out, seed=seed):
        click.echo(path)
    if not no_serve:
        run_server(context, target, host, port)


@click.command()
@options.city
@host_option
@port_option
@click.pass_obj
def serve(context: Told, /, folder: Path | None, host: str, port: int) -> None:
    """Serve the finder and the planner.

    Example: yizhan serve --city city --port 8000
    """
    target = context.folder(folder)
    context.city(target)
    run_server(context, target, host, port)


@click.command()
@options.city
@click.pass_obj
def doctor(context: Told, /, folder: Path | None) -> None:
    """Check the installation and the city; say what is wrong."""
    _ = context.translate
    problems = _clashes()
    lines = [f"Python {sys.version.split()[0]}", f"yizhan {importlib.metadata.version('yizhan')}"]
    try:
        city = context.city(folder)
    except NotFoundError as error:
        lines.append(say(error, context.language))
    except YizhanError as error:
        problems.append(say(error, context.language))
    else:
        lines.append(f"{city.folder}: {city.settings.name}")
        for part in (_stations, _streets, _people, _districts):
            try:
                lines.append(part(city, _))
            except YizhanError as error:
                problems.append(say(error, context.language))
    for line in lines:
        click.echo(line)
    for problem in problems:
        click.echo(f"! {problem}")
    if problems:
        raise UnavailableError("{n} problems found; see above", n=len(problems))
    click.echo(_("Everything looks right."))


@click.command()
@click.pass_obj
def config(context: Told, /) -> None:
    """Show every setting, its value and the variable that sets it."""
    _ = context.translate
    secret = {"secret_key", "tianditu_key", "database_url"}
    rows = []
    for field in fields(context.settings):
        value = getattr(context.settings, field.name)
        shown = "…" if field.name in secret and value else value
        rows.append((ENVIRONMENT[field.name], field.name, "" if shown is None else shown))
    told.print_table("", [_("Variable"), _("Setting"), _("Value")], rows)


def _stations(city: City, _: Translate) -> str:
    with city.store() as store:
        return _("Stations found: {n}").format(n=len(store.stations()))


def _streets(city: City, _: Translate) -> str:
    if city.network is None:
        return _("No streets: straight lines with a detour factor")
    return _("Street nodes: {n}").format(n=f"{city.network.n_nodes:,}")


def _people(city: City, _: Translate) -> str:
    with city.store() as store:
        asked = planning.setting(
            city, store.stations(), store.hotspots(), version=store.data_version()
        )
    return _("People: {n}").format(n=f"{asked.demand.total_people:,.0f}")


def _districts(city: City, _: Translate) -> str:
    return _("Districts: {n}").format(n=0 if city.areas is None else len(city.areas))


def run_server(context: Told, folder: Path, host: str, port: int) -> None:
    """Serve one city until somebody stops it; requests are not logged, so no position is kept."""
    _ = context.translate
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UnavailableError(
                "port {port} on {host} is not free ({cause}); choose another with --port",
                port=port,
                host=host,
                cause=error.strerror,
            ) from error
    click.echo(
        _("The map is at http://{host}:{port}/ (stop with Ctrl-C)").format(host=host, port=port)
    )
    os.environ[ENVIRONMENT["city"]] = str(folder)  # the server process reads it
    Server(
        "web.serving:make_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_access=False,
        log_enabled=False,
    ).serve()


def _sample_city(context: Told, folder: Path, seed: int) -> City:
    """Open the sample city, or make it when the folder is no city yet."""
    _ = context.translate
    try:
        city = open_city(folder, database_url=context.settings.database_url)
    except NotFoundError:
        pass
    else:
        if not city.settings.is_synthetic:
            raise UnavailableError(
                "{folder} holds a real city; give the demo a folder of its own with --city",
                folder=folder,
            )
        return city
    with told.stages(6, _("Making the sample city")) as bar:
        made = make_city(seed=seed, progress=bar.reached)
        bar.next(_("Writing the city"))
        settings = CitySettings(
            name=made.name,
            name_en=made.name_en,
            is_synthetic=True,
            attribution="示例数据 Sample data",
        )
        tables = CityTables(
            streets=made.streets,
            demand=made.demand,
            areas=made.areas,
            stations=made.stations,
            hotspots=made.hotspots,
        )
        city = write_city(
            folder,
            settings,
            tables,
            database_url=context.settings.database_url,
            moment=local_now(settings.time_zone),
            who=person(None),
            write_extra=lambda staging: write_map(staging, tables, settings),
        )
        bar.done(_("Done"))
    return city


def _clashes() -> list[str]:
    """Find other distributions that own one of our package names."""
    owners = importlib.metadata.packages_distributions()
    return [
        f"{package}: {', '.join(sorted(set(owners[package])))}"
        for package in _PACKAGES
        if set(owners.get(package, [])) - {"yizhan"}
    ]

"""The command ``yizhan``."""

from __future__ import annotations

import os
import sys

import click

from geodata.errors import YizhanError
from web.commands import cities, plan, service, stations
from web.commands.told import Told, print_error, print_usage
from web.settings import LANGUAGES, Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yizhan")
@click.option(
    "--lang", type=click.Choice(LANGUAGES), help="Language; default $YIZHAN_LANGUAGE, zh."
)
@click.pass_context
def cli(context: click.Context, lang: str | None) -> None:
    """Yizhan 驿站: stations for outdoor workers, and where the next ones belong."""
    settings = Settings.from_environment(os.environ)
    context.obj = Told(settings, lang or settings.language)


for _command in (
    service.demo,
    cities.city,
    stations.stations,
    plan.coverage,
    cities.hotspots,
    plan.suggest,
    plan.propose,
    service.serve,
    service.doctor,
    service.config,
):
    cli.add_command(_command)


def main() -> None:
    """Run a command; an error of ours becomes one clear sentence and its exit code."""
    try:
        cli.main(standalone_mode=False)
    except YizhanError as error:
        print_error(error)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        print_usage(error)
        sys.exit(error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)

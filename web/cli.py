"""The command ``yizhan``."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from geodata.errors import YizhanError
from web.commands.told import Told, print_error, print_usage
from web.languages import languages
from web.settings import Settings

_ROOMS = {
    "demo": "service",
    "city": "cities",
    "stations": "station_group",
    "coverage": "plan",
    "hotspots": "hotspots",
    "capacity": "capacity",
    "suggest": "plan",
    "propose": "plan",
    "publish": "publish",
    "serve": "service",
    "weather": "weather",
    "doctor": "service",
    "config": "service",
    "database": "database",
}
"""Commands, and the module of `web.commands` that each is in."""


class _Commands(click.Group):
    """Loads a command when it is asked for: one must not wait for the libraries of all."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_ROOMS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        if cmd_name not in _ROOMS:
            return None
        found: click.Command = getattr(import_module(f"web.commands.{_ROOMS[cmd_name]}"), cmd_name)
        return found


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="yizhan")
@click.option(
    "--lang", type=click.Choice(languages()), help="Language; default $YIZHAN_LANGUAGE, zh."
)
@click.pass_context
def cli(context: click.Context, lang: str | None) -> None:
    """Yizhan 驿站: stations for outdoor workers, and where the next ones belong."""
    settings = Settings.from_environment(os.environ)
    context.obj = Told(settings, lang or settings.language)


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

"""The group ``yizhan stations``: large files are imported without what other commands load."""

from __future__ import annotations

from importlib import import_module

import click

_OF_IMPORTS = {"import": "import_", "undo": "undo", "mapping": "mapping"}
"""Commands of `web.commands.imports`; all others are in `web.commands.stations`."""


class _Stations(click.Group):
    """Loads a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*_OF_IMPORTS, *_others().list_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _OF_IMPORTS:
            return _others().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module("web.commands.imports"), _OF_IMPORTS[cmd_name])
        return found


@click.group(cls=_Stations)
def stations() -> None:
    """Stations: bring them in, ask about them."""


def _others() -> click.Group:
    group: click.Group = import_module("web.commands.stations").stations
    return group

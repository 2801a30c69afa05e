"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import click

from geodata.frames import FRAMES
from geodata.streets import MODES

PATH = click.Path(path_type=Path)

city = click.option(
    "--city", "folder", type=PATH, help="City folder; default $YIZHAN_CITY, else ./city."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
mode = click.option("--mode", type=click.Choice(MODES), default="walk", show_default=True)
frame = click.option(
    "--frame",
    type=click.Choice(["auto", *FRAMES]),
    default="auto",
    show_default=True,
    help="Coordinate frame of the file.",
)
minutes = click.option(
    "--minutes", type=float, default=10.0, show_default=True, help="Service standard, inclusive."
)
time_limit = click.option(
    "--time-limit",
    "time_limit_s",
    type=click.FloatRange(min=0.1, max=86_400),
    default=60.0,
    show_default=True,
    help="Seconds after which the best plan so far is given, with its gap.",
)
seed = click.option("--seed", type=int, default=0, show_default=True, help="Seed of the solver.")
hosts = click.option(
    "--hosts", type=PATH, help="Offered premises to choose from, instead of a grid on the streets."
)

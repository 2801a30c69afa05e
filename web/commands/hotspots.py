"""``yizhan hotspots build``: places where outdoor workers gather, from points of activity."""

from __future__ import annotations

from pathlib import Path

import click

from geodata.hotspots import find_hotspots
from geodata.importers.points import read_points
from web.commands import options, told
from web.commands.cities import report_refused
from web.commands.told import Told


@click.group()
def hotspots() -> None:
    """Hotspots: places where outdoor workers gather."""


@hotspots.command()
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
def build(context: Told, /, folder: Path | None, points: Path, k: int, frame: str) -> None:
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

"""``yizhan stations standard``: which stations have what a union asks of them."""

from __future__ import annotations

from pathlib import Path

import click

from geodata.packages import Compliance, compliance, packages
from geodata.records import INVENTED
from stations.catalogue import to_stations
from web.commands import options, told
from web.commands.told import Told
from web.words import service_name


@click.command()
@options.city
@click.option("--package", required=True, type=click.Choice(list(packages())), help="Whose list.")
@options.as_json
@click.pass_obj
def standard(context: Told, /, folder: Path | None, package: str, as_json: bool) -> None:
    """List the open stations that lack something of a package, such as the six haves of Henan.

    Example: yizhan stations standard --package henan
    """
    with context.city(folder).store() as store:
        found = [s for s in to_stations(store.stations()) if s.status == "open"]
    held = [(s, compliance(s, package)) for s in found]
    short = [(s, c) for s, c in held if not c.is_met]
    if as_json:
        told.print_json(
            {
                "package": package,
                "stations": len(held),
                "met": len(held) - len(short),
                "short": [
                    {
                        "id": s.id,
                        "name": s.name,
                        "missing": [list(need) for need in c.missing],
                        "out_of_order": [list(need) for need in c.out_of_order],
                        "is_large_enough": c.is_large_enough,
                    }
                    for s, c in short
                ],
            }
        )
        return
    _ = context.translate
    if any(s.is_synthetic for s in found):
        told.results().print(_(INVENTED), style="bold red")
    wanted = packages()[package]
    name = wanted.zh if context.language == "zh" else wanted.en
    click.echo(
        _("{package}: {met} of {n} open stations have all of it.").format(
            package=name, met=len(held) - len(short), n=len(held)
        )
    )
    rows = [(s.name, _lacks(context, c), s.id) for s, c in short]
    if rows:
        told.print_table("", [_("Station"), _("What it lacks"), "id"], rows)


def _lacks(context: Told, found: Compliance) -> str:
    _ = context.translate
    said = [_named(need, context.language) for need in found.missing]
    said += [
        _("{facility} (out of order)").format(facility=_named(need, context.language))
        for need in found.out_of_order
    ]
    if found.is_large_enough is None:
        said.append(_("area not known"))
    elif not found.is_large_enough:
        said.append(_("too small"))
    return _(", ").join(said)


def _named(need: tuple[str, ...], language: str) -> str:
    return "/".join(service_name(key, language) for key in need)

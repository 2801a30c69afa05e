"""``yizhan stations codes`` and ``poster``: what hangs at the doors."""

from __future__ import annotations

from pathlib import Path

import click

from geodata.codes import next_codes
from geodata.districts import code_of, parents
from geodata.exporters.poster import write_posters
from geodata.records import INVENTED
from stations.catalogue import to_stations
from web.clock import local_now
from web.commands import options, told
from web.commands.register import BY_HAND, station_of
from web.commands.told import Told
from web.commands.who import person, who_option


@click.command()
@options.city
@click.option("--assign", "is_assigned", is_flag=True, help="Give codes to stations without one.")
@who_option
@options.as_json
@click.pass_obj
def codes(
    context: Told, /, folder: Path | None, is_assigned: bool, who: str | None, as_json: bool
) -> None:
    """List the stations without a code; with --assign, give each its own, for ever.

    Example: yizhan stations codes --assign
    """
    city = context.city(folder)
    _ = context.translate
    with city.store() as store:
        without = [s for s in to_stations(store.stations()) if not s.code]
        within = city.settings.name if city.settings.name in parents() else ""
        wanted = [s.district_code or _district_of(s.district, within) for s in without]
        given = next_codes(wanted, store.taken_codes()) if is_assigned else [""] * len(without)
        with told.stages(len(without), _("Giving codes")) as bar:
            for station, code in zip(without, given, strict=True):
                if is_assigned:
                    store.change(
                        station.id,
                        {"code": code},
                        expected_version=None,
                        who=person(who),
                        source=BY_HAND,
                        moment=local_now(city.settings.time_zone),
                    )
                bar.next(_("Giving codes"))
    if as_json:
        told.print_json(
            [{"id": s.id, "name": s.name, "code": c} for s, c in zip(without, given, strict=True)]
        )
    elif not without:
        click.echo(_("Every station has its code."))
    else:
        rows = [(s.id, s.name, s.district, c) for s, c in zip(without, given, strict=True)]
        told.print_table("", ["id", _("Station"), _("District"), _("Code")], rows)


@click.command()
@click.argument("station_ids", nargs=-1, metavar="[ID]...")
@options.city
@click.option("--out", type=options.PATH, required=True, help="File to write, .pdf.")
@click.option(
    "--link",
    envvar="YIZHAN_LINK",
    required=True,
    help="Address of the site, as https://example.org; default $YIZHAN_LINK.",
)
@click.pass_obj
def poster(
    context: Told, /, station_ids: tuple[str, ...], folder: Path | None, out: Path, link: str
) -> None:
    """Write A4 posters for the doors: hours, what is inside, a QR to the station's page.

    Without ids, all open stations. Example: yizhan stations poster S0001 --out poster.pdf --link
    https://example.org
    """
    city = context.city(folder)
    with city.store() as store:
        if station_ids:
            found = [station_of(store, key) for key in station_ids]
        else:
            found = [s for s in to_stations(store.stations()) if s.status == "open"]
    write_posters(out, found, link=link, city=city.settings.name)
    _ = context.translate
    if any(s.is_synthetic for s in found):
        told.remarks().print(_(INVENTED), style="bold red")
    if any(not s.code for s in found):
        told.remarks().print(
            _("Some stations have no code yet; `yizhan stations codes --assign` gives them one.")
        )
    told.remarks().print(
        _("Written: {path}, stations: {n}").format(path=out, n=len(found)), style="green"
    )


COMMANDS = (codes, poster)


def _district_of(name: str, within: str) -> str:
    """Give the code of a district of the city; elsewhere another may have its name."""
    return (code_of(name, within=within) or "") if within else ""

"""``yizhan stations``: ask about them; to bring them in, see `web.commands.imports`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import click

from geodata.errors import InvalidInputError
from geodata.records import INVENTED
from geodata.reports import DEVICE_MEMORY
from stations.availability import of_hours
from stations.catalogue import Catalogue
from stations.finder import Near, NearRequest, find
from stations.trust import said_by_station, state_shown
from web import shown
from web.clock import local_now
from web.commands import doubles, duty, options, posters, rectify, register, standards, told
from web.commands.told import Told
from web.words import holiday_name, reason_words, state_on_arrival


@click.group()
def stations() -> None:
    """Stations: bring them in, ask about them."""


for _command in (
    *duty.COMMANDS,
    rectify.rectify,
    *register.COMMANDS,
    *doubles.COMMANDS,
    *posters.COMMANDS,
    standards.standard,
):
    stations.add_command(_command)


@stations.command()
@click.option("--hours", required=True, help='OpenStreetMap hours, as "Mo-Fr 09:00-17:00".')
@click.option("--at", "at", required=True, help="Moment in local time, as 2026-09-20T10:00.")
@options.as_json
@click.pass_obj
def state(context: Told, /, hours: str, at: str, as_json: bool) -> None:
    """Tell whether something with these hours is open at a moment, by the calendar of China.

    Example: yizhan stations state --hours "Mo-Fr 09:00-17:00" --at 2026-09-20T10:00
    """
    found = of_hours(hours.strip(), moment_of(at))
    if as_json:
        told.print_json(
            {
                "state": found.state,
                "until": _iso(found.until),
                "next_open": _iso(found.next_open),
                "why": found.why,
                "holiday": holiday_name(found, context.language) or None,
                "is_predicted": found.is_predicted,
            }
        )
    else:
        moment = moment_of(at)
        words = state_on_arrival(
            found, found, arrival=moment, moment=moment, language=context.language
        )
        click.echo(words)


@stations.command()
@options.city
@click.option("--lon", "lon_deg", type=float, required=True, help="Longitude, WGS 84.")
@click.option("--lat", "lat_deg", type=float, required=True, help="Latitude, WGS 84.")
@click.option("--needs", default="", help="Facilities, and programmes held today.")
@click.option("--walk-in", is_flag=True, help="Only those that let anybody walk straight in.")
@click.option("--open", "open_only", is_flag=True, help="Only those surely open on arrival.")
@click.option("--at", "at", help="When you set out, local time; default now.")
@options.mode
@click.option("--minutes", type=float, default=30.0, show_default=True, help="Longest journey.")
@click.option("--limit", type=int, default=10, show_default=True)
@options.as_json
@click.pass_obj
def near(
    context: Told,
    /,
    folder: Path | None,
    lon_deg: float,
    lat_deg: float,
    needs: str,
    open_only: bool,
    walk_in: bool,
    at: str | None,
    mode: str,
    minutes: float,
    limit: int,
    as_json: bool,
) -> None:
    """Find the nearest stations, with the state of their doors on arrival.

    Example: yizhan stations near --lon 113.66 --lat 34.75 --needs toilet --open
    """
    city = context.city(folder)
    moment = moment_of(at) if at else local_now(city.settings.time_zone)
    request = NearRequest(
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        moment=moment,
        needs=tuple(n.strip() for n in needs.split(",") if n.strip()),
        open_only=open_only,
        walk_in=walk_in,
        mode=mode,
        limit=limit,
        limit_s=60.0 * minutes,
    )
    with city.store() as store:
        catalogue = Catalogue.from_frame(
            store.stations(),
            network=city.network,
            detour_factor=city.settings.detour_factor,
        )
        said = said_by_station(store.reports(since=moment - DEVICE_MEMORY))
    found = find(catalogue, request, state_of=partial(state_shown, said=said))
    if as_json:
        rows = [shown.hit(hit, moment, context.language, said=said) for hit in found.hits]
        straight = {"is_straight_line": found.is_straight_line}
        told.print_json([{k: v for k, v in row.items() if k != "text"} | straight for row in rows])
    else:
        _print_near(context, found, request)


def moment_of(text: str) -> datetime:
    """Read a moment in local time.

    Raises
    ------
    InvalidInputError
        When it is no moment or carries a time zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            "{text!s} is no moment; write it like 2026-09-20T10:00", text=text
        ) from error
    if moment.tzinfo is not None:
        raise InvalidInputError(
            "the moment {moment} carries a time zone; give the city's own time without one",
            moment=text,
        )
    return moment


def _print_near(context: Told, found: Near, request: NearRequest) -> None:
    _ = context.translate
    if any(hit.station.is_synthetic for hit in found.hits):
        told.results().print(_(INVENTED), style="bold red")
    if found.is_straight_line:
        click.echo(_("The city has no streets: times are straight line with a detour factor."))
    if not found.hits:
        click.echo(reason_words(found, request, context.language))
        return
    rows = [shown.hit(hit, request.moment, context.language) for hit in found.hits]
    told.print_table(
        "",
        [_("Station"), _("Time"), _("Distance"), _("On arrival"), _("Way in"), "id"],
        [
            (
                row["name"],
                *(row["text"][k] for k in ("minutes", "distance", "state", "entry")),
                row["id"],
            )
            for row in rows
        ],
    )


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")

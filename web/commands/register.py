"""``yizhan stations status``, ``history`` and ``offer``: the record of one station."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from geodata.codes import parse_code
from geodata.districts import name_of
from geodata.errors import InvalidInputError, NotFoundError
from geodata.hours import check_hours
from geodata.records import OFFER_STATES, STATION_STATUSES, Offer, Station
from geodata.services import check_services
from geodata.store import Fact, Store
from geodata.written import for_offices
from stations.catalogue import to_stations
from web.clock import local_now
from web.commands import options, told
from web.commands.told import Told
from web.commands.who import person, who_option
from web.record_words import status_name

BY_HAND = "手工登记"
"""Source of what is entered by hand on the command line."""

NEEDS_A_REASON = ("suspended", "moved", "revoked")
"""Statuses that a worker at the door must be told the reason of."""

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("station_id")
@options.city
@click.option("--set", "new", type=click.Choice(STATION_STATUSES), help="Give it this status.")
@click.option("--reason", default="", help="Why; shown to workers.")
@click.option("--since", type=_DAY, help="Since when, as 2026-09-20; default today.")
@click.option("--to", "moved_to", help="Where it moved to: id or code of the other station.")
@who_option
@options.as_json
@click.pass_obj
def status(
    context: Told,
    /,
    station_id: str,
    folder: Path | None,
    new: str | None,
    reason: str,
    since: datetime | None,
    moved_to: str | None,
    who: str | None,
    as_json: bool,
) -> None:
    """Show or set the status of a station; its page goes on answering and says why.

    Example: yizhan stations status S0001 --set suspended --reason "空调维修，10月8日恢复"
    """
    city = context.city(folder)
    now = local_now(city.settings.time_zone)
    with city.store() as store:
        found = station_of(store, station_id)
        if new is None and (reason or since or moved_to):
            raise InvalidInputError("give --set STATUS as well: a reason belongs to a status")
        if new is not None:
            why = "；".join(filter(None, [reason.strip(), _whereto(store, found, new, moved_to)]))
            if new in NEEDS_A_REASON and not why:
                raise InvalidInputError(
                    "status {status} needs a reason for the workers who come; give --reason",
                    status=new,
                )
            day = (since.date() if since else now.date()).isoformat()
            store.change(
                found.id,
                {"status": new, "status_reason": why, "status_since": day},
                expected_version=None,
                who=person(who),
                source=BY_HAND,
                moment=now,
                reason=why,
            )
            found = station_of(store, found.id)
    if as_json:
        fields = ("id", "code", "name", "status", "status_reason", "status_since", "is_synthetic")
        told.print_json({name: getattr(found, name) for name in fields})
        return
    said = [found.name, status_name(found.status, context.language)]
    click.echo("，".join(filter(None, [*said, found.status_since, found.status_reason])))


@click.command()
@click.argument("station_id")
@options.city
@options.as_json
@click.pass_obj
def history(context: Told, /, station_id: str, folder: Path | None, as_json: bool) -> None:
    """Tell what became of a station: statuses, district codes, facts with their sources, changes.

    Example: yizhan stations history S0001
    """
    with context.city(folder).store() as store:
        key = id_of(store, station_id)
        found = {
            "id": key,
            "merged_into": next((m.keep_id for m in store.merges() if m.absorb_id == key), None),
            "statuses": [asdict(s) for s in store.statuses(key)],
            "district_codes": [asdict(d) for d in store.district_codes(key)],
            "facts": [asdict(f) for f in store.facts(key)],
            "changes": [asdict(line) for line in store.history(key)],
        }
        facts = store.facts(key)
    if as_json:
        told.print_json(found)
    else:
        _print_history(context, found, facts)


@click.command()
@click.argument("station_id")
@click.argument("key")
@options.city
@click.option("--state", type=click.Choice(OFFER_STATES), help="Does it work?")
@click.option("--hours", help='Hours of its own, as "Mo-Fr 05:00-07:00"; empty: as the station.')
@click.option("--checked-on", "checked_on", type=_DAY, help="Day of the last look on the spot.")
@click.option("--expires-on", "expires_on", type=_DAY, help="Day after which it must be replaced.")
@click.option("--note", help="Free text.")
@click.option("--remove", "is_removed", is_flag=True, help="The station does not have it any more.")
@who_option
@options.as_json
@click.pass_obj
def offer(
    context: Told,
    /,
    station_id: str,
    key: str,
    folder: Path | None,
    state: str | None,
    hours: str | None,
    checked_on: datetime | None,
    expires_on: datetime | None,
    note: str | None,
    is_removed: bool,
    who: str | None,
    as_json: bool,
) -> None:
    """Record a facility or programme of a station: whether it works, and its own hours.

    Example: yizhan stations offer S0001 free_breakfast --hours "Mo-Fr 05:00-07:00"
    """
    check_services((key,))
    given = {
        "state": state,
        "hours": check_hours(hours.strip()) if hours is not None else None,
        "checked_on": checked_on.date().isoformat() if checked_on else None,
        "expires_on": expires_on.date().isoformat() if expires_on else None,
        "note": note,
    }
    city = context.city(folder)
    with city.store() as store:
        found = station_of(store, station_id)
        seen = store.version_of(found.id)
        others = {o.key: o for o in found.offers if o.key != key}
        before = next((o for o in found.offers if o.key == key), Offer(key=key))
        facilities = {*found.facilities, key} - ({key} if is_removed else set())
        if not is_removed:
            others[key] = replace(before, **{k: v for k, v in given.items() if v is not None})
        offers = tuple(others[k] for k in sorted(others))
        fields = {"offers": offers, "facilities": tuple(sorted(facilities))}
        store.change(
            found.id,
            fields,
            expected_version=seen,
            who=person(who),
            source=BY_HAND,
            moment=local_now(city.settings.time_zone),
        )
    if as_json:
        told.print_json({"id": found.id, **fields})
    else:
        click.echo(f"{found.name}：{for_offices(offers)}")


COMMANDS = (status, history, offer)


def id_of(store: Store, text: str) -> str:
    """Give the id of the station that a person names by id or code."""
    frame = store.stations()
    if text in set(frame["id"]):
        return text
    try:
        code = str(parse_code(text))
    except InvalidInputError:
        return text
    return str(next(iter(frame.loc[frame["code"] == code, "id"]), text))


def station_of(store: Store, text: str) -> Station:
    """Give the station that a person names by id or code.

    Raises
    ------
    NotFoundError
        When there is none, or it was merged into another one.
    """
    frame = store.stations()
    rows = frame[frame["id"] == id_of(store, text)]
    if len(rows):
        return to_stations(rows)[0]
    keep_id = next((m.keep_id for m in store.merges() if m.absorb_id == text), None)
    if keep_id is not None:
        raise NotFoundError(
            "station {id} was merged into {keep}; name that one", id=text, keep=keep_id
        )
    raise NotFoundError("there is no station {id!s}; look it up in the list of stations", id=text)


def _whereto(store: Store, station: Station, new: str, moved_to: str | None) -> str:
    """Say where a station moved to; the code in it becomes a link on its page."""
    if moved_to is None:
        return ""
    if new != "moved":
        raise InvalidInputError("--to goes with --set moved only")
    there = station_of(store, moved_to)
    if there.id == station.id or not there.code:
        raise InvalidInputError(
            "{id} cannot be where it moved to: it is the same station or has no code; "
            "`yizhan stations codes --assign` gives codes",
            id=moved_to,
        )
    return f"迁至{there.name} {there.code}"


def _print_history(context: Told, found: dict[str, Any], facts: list[Fact]) -> None:
    _ = context.translate
    if found["merged_into"]:
        click.echo(
            _("Shown as station {id}, into which it was merged.").format(id=found["merged_into"])
        )
    rows: list[tuple[object, ...]] = [
        (status_name(s["status"], context.language), s["since"], s["reason"], s["who"])
        for s in found["statuses"]
    ]
    told.print_table(_("Status"), [_("Status"), _("Since"), _("Reason"), _("Who")], rows)
    rows = [(d["code"], _name_of(d["code"]), d["since"]) for d in found["district_codes"]]
    if rows:
        told.print_table(_("District"), [_("Code"), _("District"), _("Since")], rows)
    rows = [
        (f.field, _plain(f.value), f.source, f.stated_on, f.verified_on, f.who, f.station_id)
        for f in facts
    ]
    heads = [_("Field"), _("Value"), _("Source"), _("Stated"), _("Checked"), _("Who"), "id"]
    told.print_table(_("Facts"), heads, rows)
    rows = [
        (
            line["number"],
            line["moment"].isoformat(" ", "minutes") if line["moment"] else "",
            line["who"],
            line["action"],
            ", ".join(line["after"] or {}),
            line["reason"],
        )
        for line in found["changes"]
    ]
    heads = ["", _("When"), _("Who"), _("What"), _("Fields"), _("Reason")]
    told.print_table(_("Changes"), heads, rows)


def _name_of(code: str) -> str:
    try:
        return name_of(code)
    except NotFoundError:
        return ""


def _plain(value: object) -> str:
    if isinstance(value, tuple) and value and hasattr(value[0], "__dataclass_fields__"):
        return for_offices(value)
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)

"""``yizhan stations duty``, ``inspection`` and ``inspected``: the union's round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from geodata.checks import Finding
from geodata.errors import InvalidInputError, NotFoundError
from geodata.exporters import inspection as sheets
from geodata.importers.inspections import FilledStation, read_inspections
from geodata.inspections import Inspection
from geodata.records import INVENTED, Station
from geodata.reports import DEVICE_MEMORY
from geodata.store import Store
from stations.catalogue import to_stations
from stations.duty import DutyItem, duty_list
from stations.inspected import fields_after
from web.clock import local_now
from web.commands import options, told
from web.commands.told import Told
from web.reasons import case_words, reason_text

SHEETS = (".xlsx", ".pdf")
_SHOWN = 30

district = click.option("--district", default="", help="Only this district, by name or code.")


@click.command()
@options.city
@district
@click.option("--limit", type=click.IntRange(min=1), help="At most so many stations.")
@click.option("--out", type=options.PATH, help="Also write the sheet for the round, .xlsx or .pdf.")
@options.as_json
@click.pass_obj
def duty(
    context: Told,
    /,
    folder: Path | None,
    district: str,
    limit: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """List the stations to look at first, and why.

    Example: yizhan stations duty --limit 20 --out round.xlsx
    """
    city = context.city(folder)
    now = local_now(city.settings.time_zone)
    with city.store() as store:
        items = _duty(store, now, district)[:limit]
    if out is not None:
        _write_sheet(context, out, [item.station for item in items], items, now)
    if as_json:
        told.print_json([_item_json(item, now, context.language) for item in items])
    else:
        _print_duty(context, items, now)


@click.command()
@options.city
@click.option("--out", type=options.PATH, required=True, help="File to write, .xlsx or .pdf.")
@district
@click.option("--limit", type=click.IntRange(min=1), help="At most so many stations.")
@click.pass_obj
def inspection(
    context: Told, /, folder: Path | None, out: Path, district: str, limit: int | None
) -> None:
    """Write the sheet to take along: all stations, those to look at first on top.

    Example: yizhan stations inspection --out sheet.xlsx --district 金水区
    """
    city = context.city(folder)
    now = local_now(city.settings.time_zone)
    with city.store() as store:
        items = _duty(store, now, district)
        first = [item.station for item in items]
        known = {station.id for station in first}
        rest = [s for s in _stations(store, district) if s.id not in known and s.status == "open"]
    _write_sheet(context, out, [*first, *rest][:limit], items, now)


@click.command()
@click.argument("file", type=options.PATH)
@options.city
@click.option("--apply", "is_applied", is_flag=True, help="Write; without it nothing is changed.")
@options.as_json
@click.pass_obj
def inspected(
    context: Told, /, file: Path, folder: Path | None, is_applied: bool, as_json: bool
) -> None:
    """Read a filled sheet back: what was found, and what it changes.

    Example: yizhan stations inspected sheet.xlsx --apply
    """
    city = context.city(folder)
    now = local_now(city.settings.time_zone)
    with city.store() as store:
        known = {station.id: station for station in _stations(store)}
        read = read_inspections(file, known_ids=list(known), today=now.date())
        changes = [(found, fields_after(known[found.station_id], found)) for found in read.stations]
        if is_applied:
            for found, fields in changes:
                _apply(store, found, fields, now)
    rows = [_change_json(found, fields) for found, fields in changes]
    findings = [finding.as_dict() for finding in read.findings]
    if as_json:
        told.print_json({"stations": rows, "findings": findings, "applied": is_applied})
        return
    _print_inspected(context, rows, read.findings, is_applied=is_applied)


COMMANDS = (duty, inspection, inspected)


def _duty(store: Store, now: datetime, district: str) -> list[DutyItem]:
    return list(
        duty_list(
            _stations(store, district),
            store.reports(since=now - DEVICE_MEMORY),
            store.inspections(),
            store.cases(),
            now.date(),
        )
    )


def _stations(store: Store, district: str = "") -> list[Station]:
    found = to_stations(store.stations())
    if not district:
        return found
    here = [s for s in found if district in (s.district, s.district_code)]
    if not here:
        known = sorted({s.district for s in found if s.district})
        raise NotFoundError(
            "no station is in {district}; the register knows {known}",
            district=district,
            known=", ".join(known) or "no districts",
        )
    return here


def _write_sheet(
    context: Told, out: Path, stations: Sequence[Station], items: Sequence[DutyItem], now: datetime
) -> None:
    why = {item.station.id: _reasons(item, now, "zh") for item in items}
    write = {".xlsx": sheets.write_workbook, ".pdf": sheets.write_pdf}.get(out.suffix.lower())
    if write is None:
        raise InvalidInputError(
            "{path} must end in one of {endings}; name it so",
            path=out,
            endings=" ".join(SHEETS),
        )
    write(out, stations, why, day=now.date())
    _ = context.translate
    told.remarks().print(
        _("Written: {path}, stations: {n}").format(path=out, n=len(stations)), style="green"
    )


def _reasons(item: DutyItem, now: datetime, language: str) -> list[str]:
    return [reason_text(reason, now, language) for reason in item.reasons]


def _item_json(item: DutyItem, now: datetime, language: str) -> dict[str, Any]:
    station = item.station
    return {
        "id": station.id,
        "name": station.name,
        "district": station.district,
        "address": station.address,
        "is_due": item.is_due,
        "harm_per_week": round(item.harm_per_week, 1),
        "reasons": [
            {"code": reason.code, "text": text}
            for reason, text in zip(item.reasons, _reasons(item, now, language), strict=True)
        ],
        "is_synthetic": station.is_synthetic,
    }


def _print_duty(context: Told, items: Sequence[DutyItem], now: datetime) -> None:
    _ = context.translate
    if not items:
        click.echo(_("There is nothing to look at."))
        return
    if any(item.station.is_synthetic for item in items):
        told.results().print(_(INVENTED), style="bold red")
    told.print_table(
        "",
        ["", _("Station"), _("District"), _("Visits in vain a week"), _("What to look at"), "id"],
        [
            (
                rank,
                item.station.name,
                item.station.district,
                f"{item.harm_per_week:.1f}",
                _("; ").join(_reasons(item, now, context.language)),
                item.station.id,
            )
            for rank, item in enumerate(items[:_SHOWN], start=1)
        ],
    )
    if len(items) > _SHOWN:
        rest = len(items) - _SHOWN
        click.echo(_("{n} more; see them with --json or --out").format(n=rest))


def _apply(store: Store, found: FilledStation, fields: Mapping[str, object], now: datetime) -> None:
    """Write one station's inspection; what a broken-off run has written is not written again."""
    seen = Inspection(
        station_id=found.station_id,
        inspected_on=found.inspected_on,
        who=found.who,
        result=found.result,
        note=found.note,
    )
    if fields:
        store.change(
            found.station_id,
            fields,
            expected_version=None,
            who=found.who,
            source="核实",
            moment=now,
            reason=found.note,
        )
    known = store.inspections(station_id=found.station_id)
    if not any(_is_same(seen, other) for other in known):
        store.add_inspection(seen, moment=now)


def _is_same(one: Inspection, other: Inspection) -> bool:
    return (one.inspected_on, one.who, one.result) == (other.inspected_on, other.who, other.result)


def _change_json(found: FilledStation, fields: Mapping[str, object]) -> dict[str, Any]:
    return {
        "id": found.station_id,
        "row": found.row,
        "inspected_on": found.inspected_on,
        "who": found.who,
        "result": found.result,
        "changes": sorted(fields),
    }


def _print_inspected(
    context: Told,
    rows: Sequence[Mapping[str, Any]],
    findings: Sequence[Finding],
    *,
    is_applied: bool,
) -> None:
    _ = context.translate
    if findings:
        told.print_table(
            _("Findings"),
            [_("Row"), _("Column"), _("Message")],
            [(f.row or "", f.column, told.finding_words(f, _)) for f in findings],
        )
    told.print_table(
        "",
        [_("Station"), _("Day"), _("Who"), _("Found"), _("Changes")],
        [
            (
                row["id"],
                row["inspected_on"],
                row["who"],
                case_words(row["result"], context.language),
                ", ".join(row["changes"]),
            )
            for row in rows
        ],
    )
    click.echo(
        _("Written to the register.")
        if is_applied
        else _("Nothing was changed; add --apply to take it over.")
    )

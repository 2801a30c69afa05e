"""``yizhan capacity``: are there seats enough, where not, and where more than enough."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from geodata.city import City
from geodata.importers.counts import read_counts
from geodata.records import INVENTED
from planner import capacity as seats
from planner.calibration import Calibration, calibrate
from planner.capacity import Capacity, Promise
from planner.capacity_report import Account, grounds, promise_words, write
from planner.setting import Setting
from web import planning
from web.clock import local_now
from web.commands import options, told
from web.commands.cities import report_refused
from web.commands.told import Told
from web.i18n import Translate
from web.words import weekdays

_SHOWN = 15


@click.command()
@options.city
@options.minutes
@options.mode
@click.option(
    "--rule",
    type=click.Choice(["loss", "wait"]),
    default="loss",
    show_default=True,
    help="loss: who finds no seat goes on; wait: they wait.",
)
@click.option(
    "--share",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="How many of the worst hour's visitors may find no seat, or wait longer.",
)
@click.option(
    "--wait-minutes",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="Not too long.",
)
@click.option("--counts", type=options.PATH, help="Visits that somebody counted, to learn from.")
@click.option("--out", type=options.PATH, help="Folder for the files: GeoPackage, workbook, map.")
@options.as_json
@click.pass_obj
def capacity(
    context: Told,
    /,
    folder: Path | None,
    minutes: float,
    mode: str,
    rule: Any,
    share: float,
    wait_minutes: float,
    counts: Path | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Measure whether stations have seats enough, hour by hour.

    Example: yizhan capacity --share 0.05 --out capacity
    """
    city = context.city(folder)
    setting = planning.read_setting(city, minutes=minutes, mode=mode)
    promise = Promise(rule=rule, share=share, wait_s=60 * wait_minutes)
    account = _measured(context, city, setting, promise, counts)
    if as_json:
        told.print_json(as_dict(account))
    else:
        _print(context, account)
    if out is not None:
        for path in write(account, out, planning.inlined_assets(), context.translate):
            click.echo(path, err=as_json)


def as_dict(account: Account) -> dict[str, Any]:
    """Give the account as JSON-ready values; unknown numbers are null."""
    found, learned = account.capacity, account.calibration
    stations = found.stations.to_dict("records")
    return {
        "rule": found.promise.rule,
        "share": found.promise.share,
        "wait_minutes": found.promise.wait_s / 60,
        "wanted_visits_per_week": float(found.visits.wanted_per_hour.sum()),
        "visits_per_week": float(found.visits.per_hour.sum()),
        "unserved_visits_per_week": float(found.visits.unserved_per_hour.sum()),
        "verdicts": {str(k): int(v) for k, v in found.stations["verdict"].value_counts().items()},
        "n_unknown_hours": found.n_unknown_hours,
        "is_synthetic": account.setting.is_synthetic,
        "stations": [{k: _plain(v) for k, v in row.items()} for row in stations],
        "grounds": [
            dict(zip(("what", "value", "basis"), row, strict=True)) for row in grounds(account)
        ],
        "calibration": None
        if learned is None
        else {
            "common": learned.common,
            "by_kind": dict(learned.by_kind),
            "by_block": {str(k): v for k, v in learned.by_block.items()},
            "weekend": learned.weekend,
            "n_stations": learned.n_stations,
            "counted": learned.counted,
            "error_before": learned.error_before,
            "error_after": learned.error_after,
        },
    }


def _measured(
    context: Told, city: City, setting: Setting, promise: Promise, counts: Path | None
) -> Account:
    _ = context.translate
    steps = {"reach": _("Journeys"), "visits": _("Visits"), "queues": _("Queues")}
    with told.stages(5 if counts else 4, _("Streets")) as bar:
        found = seats.measure(
            setting, promise=promise, on_progress=lambda step: bar.next(steps[step])
        )
        learned = None
        if counts is not None:
            bar.next(_("Counts"))
            learned = _learned(context, setting, found, counts)
            found = seats.measure(
                setting, promise=promise, factors=learned.factors(_kinds(setting))
            )
        bar.done(_("Done"))
    return Account(
        capacity=found,
        setting=setting,
        calibration=learned,
        settings=city.settings,
        streets=city.streets,
        moment=local_now(city.settings.time_zone),
    )


def _learned(context: Told, setting: Setting, found: Capacity, path: Path) -> Calibration:
    read = read_counts(path)
    report_refused(context, path, read.report)
    place = {str(key): at for at, key in enumerate(found.stations["id"])}
    at = np.array([place.get(str(key), -1) for key in read.station_id], dtype=np.int64)
    is_known = at >= 0
    if not is_known.all():
        strange = sorted({str(k) for k in read.station_id[~is_known]})
        template = context.translate("{n} counted stations are not in service here: {ids}")
        told.remarks().print(template.format(n=len(strange), ids=", ".join(strange[:8])))
    return calibrate(
        found.visits.per_hour,
        _kinds(setting),
        at[is_known],
        read.hour[is_known],
        read.visits[is_known],
        read.weeks[is_known],
    )


def _kinds(setting: Setting) -> Any:
    return setting.in_service()["kind"].to_numpy(dtype=object)


def _print(context: Told, account: Account) -> None:
    _, found = context.translate, account.capacity
    if account.setting.is_synthetic:
        told.results().print(_(INVENTED), style="bold red")
    told.print_table(
        _("Seats: {promise}").format(promise=promise_words(found, _)),
        [_("Judgement"), _("Stations")],
        [
            (_words(verdict, _), int((found.stations["verdict"] == verdict).sum()))
            for verdict in seats.VERDICTS
        ],
    )
    _print_listed(context, found, "overloaded")
    _print_listed(context, found, "idle")
    visits = found.visits
    click.echo(
        _("{visits} visits a week expected; {unserved} more find no open station in reach").format(
            visits=f"{visits.per_hour.sum():,.0f}",
            unserved=f"{visits.unserved_per_hour.sum():,.0f}",
        )
    )
    if found.n_unknown_hours:
        click.echo(
            _("The hours of {n} stations are not recorded; they count as closed here").format(
                n=found.n_unknown_hours
            )
        )
    told.print_table(
        _("What it rests on"), [_("Item"), _("Value"), _("Basis")], grounds(account, _)
    )


def _print_listed(context: Told, found: Capacity, verdict: seats.Verdict) -> None:
    _, days = context.translate, weekdays(context.language)
    rows = found.listed(verdict)
    if len(rows) == 0:
        return
    told.print_table(
        _words(verdict, _),
        [
            "id",
            _("Station"),
            _("Worst hour"),
            _("Seats"),
            _("Seats needed"),
            _("Find no seat then"),
            _("Visits a week"),
        ],
        [
            (
                row["id"],
                row["name"],
                f"{days[row['peak_weekday']]} {row['peak_hour']:02d}:00",
                f"{row['seats']:.0f}",
                row["seats_needed"],
                f"{row['missed_share']:.0%}",
                f"{row['visits_per_week']:.0f}",
            )
            for row in rows.head(_SHOWN).to_dict("records")
        ],
    )
    if len(rows) > _SHOWN:
        click.echo(_("and {n} more; --out writes all").format(n=len(rows) - _SHOWN))


def _words(verdict: seats.Verdict, _: Translate) -> str:
    return {
        "overloaded": _("Too few seats in the worst hour"),
        "enough": _("Seats enough"),
        "idle": _("Hardly used"),
        "seats_unknown": _("Seats not recorded"),
        "never_open": _("Never open, or hours not recorded"),
    }[verdict]


def _plain(value: Any) -> Any:
    is_unknown = isinstance(value, float) and not np.isfinite(value)
    return None if is_unknown else value

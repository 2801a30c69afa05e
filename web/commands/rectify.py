"""``yizhan stations rectify``: the case of a station that has to be put right."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click

from geodata.errors import InvalidInputError, NotFoundError
from geodata.store import Store
from stations.rectification import OUTCOMES, current, end, is_overdue, open_case, proposed
from web.clock import local_now
from web.commands import options, told
from web.commands.told import Told
from web.reasons import case_words


@click.command()
@click.argument("station_id")
@options.city
@click.option("--open", "reason", help="Open a case with this reason.")
@click.option("--close", "outcome", type=click.Choice(OUTCOMES), help="End the step of the case.")
@click.option("--who", default="", help="Who decides; needed to open or close.")
@options.as_json
@click.pass_obj
def rectify(
    context: Told,
    /,
    station_id: str,
    folder: Path | None,
    reason: str | None,
    outcome: str | None,
    who: str,
    as_json: bool,
) -> None:
    """Show, open or move on the case of a failing station: put right, second chance, revoke.

    Example: yizhan stations rectify S0001 --open "locked three times" --who 张三
    """
    city = context.city(folder)
    now = local_now(city.settings.time_zone)
    if (reason is not None and outcome is not None) or ((reason or outcome) and not who.strip()):
        raise InvalidInputError(
            "give --open REASON or --close OUTCOME, not both, and --who with the name of who "
            "decides"
        )
    with city.store() as store:
        store.version_of(station_id)
        if reason is not None:
            _open(store, station_id, reason, who, now)
        elif outcome is not None:
            _close(store, station_id, outcome, who, now)
        if outcome == "revoked":
            _ = context.translate
            told.remarks().print(
                _("The station is revoked. For a replacement nearby, ask `yizhan suggest --new 1`.")
            )
        _show_cases(context, store, station_id, now.date(), as_json=as_json)


def _open(store: Store, station_id: str, reason: str, who: str, now: datetime) -> None:
    case = current(store.cases(station_id=station_id, open_only=True))
    if case is not None:
        raise InvalidInputError(
            "station {id} has an open case already, number {number} since {day}; close that first",
            id=station_id,
            number=case.number,
            day=case.opened_on,
        )
    store.add_case(open_case(station_id, reason, on=now.date(), who=who), moment=now)


def _close(store: Store, station_id: str, outcome: str, who: str, now: datetime) -> None:
    case = current(store.cases(station_id=station_id, open_only=True))
    if case is None:
        raise NotFoundError("station {id} has no open case; open one with --open", id=station_id)
    turn = end(case, outcome, on=now.date(), who=who)
    if turn.fields:
        store.change(
            station_id,
            turn.fields,
            expected_version=None,
            who=who,
            source="整改",
            moment=now,
            reason=case.reason,
        )
    closed = turn.closed
    store.close_case(
        case.number, closed_on=closed.closed_on, outcome=closed.outcome, who=who, moment=now
    )
    if turn.opened is not None:
        store.add_case(turn.opened, moment=now)


def _show_cases(
    context: Told, store: Store, station_id: str, today: date, *, as_json: bool
) -> None:
    cases = store.cases(station_id=station_id)
    seen = store.inspections(station_id=station_id)
    rows = [
        {
            "number": case.number,
            "step": case.step,
            "reason": case.reason,
            "opened_on": case.opened_on,
            "due_on": case.due_on,
            "closed_on": case.closed_on,
            "outcome": case.outcome,
            "who": case.who,
            "is_overdue": is_overdue(case, today),
            "proposed": proposed(case, seen, today) if case.is_open else "",
        }
        for case in cases
    ]
    if as_json:
        told.print_json({"station_id": station_id, "cases": rows})
        return
    _ = context.translate
    if not rows:
        click.echo(_("There is no case about this station."))
        return
    words = [
        (
            row["number"],
            case_words(str(row["step"]), context.language),
            row["reason"],
            row["opened_on"],
            row["due_on"],
            case_words(str(row["outcome"]), context.language),
            case_words(str(row["proposed"]), context.language),
        )
        for row in rows
    ]
    heads = ["", _("Step"), _("Reason"), _("Opened"), _("Due"), _("Outcome"), _("Proposed")]
    told.print_table("", heads, words)

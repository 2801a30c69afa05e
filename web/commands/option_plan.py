"""The answer of ``yizhan suggest --budget``: hours, seats and money, and the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from geodata.city import City
from geodata.errors import InvalidInputError
from geodata.records import GROUPS, INVENTED
from planner import explain
from planner.option_plan import OptionAnswer
from planner.option_report import OptionAccount, write
from planner.options import Rules
from planner.siting import Progress
from web import planning
from web.clock import local_now
from web.commands import told
from web.commands.cities import read_offered
from web.commands.rule_options import OPTIONS
from web.commands.told import Told
from web.option_words import action_words, hour_words, outcome_words, reason_words

_EXPLAINED = 12
_OF_SITES = {
    "n_sites": "--new",
    "share": "--share",
    "required": "--require",
    "forbidden": "--forbid",
    "floors": "--floor",
    "leaves_out": "--leave-out",
    "seats": "--seats",
    "seat_steps": "--seat-steps",
    "people_per_seat": "--people-per-seat",
}
"""What other models understand and this one does not."""


def plans_options(asked: Mapping[str, Any]) -> bool:
    """Tell whether a question is about options: named so, or a budget and nothing of sites."""
    if asked["model"] is not None:
        return bool(asked["model"] == OPTIONS)
    return asked["budget_cny"] is not None and not _foreign(asked)


def suggest_options(
    context: Told,
    city: City,
    *,
    minutes: float,
    mode: str,
    time_limit_s: float,
    seed: int,
    hosts: Path | None,
    frame: str,
    out: Path | None,
    as_json: bool,
    **asked: Any,
) -> None:
    """Choose options, print them with their reasons, and write the files that are asked for."""
    rules = _rules(asked)
    _ = context.translate
    with told.stages(2, _("Reading the city")) as bar:
        setting = planning.read_setting(city, minutes=minutes, mode=mode)
        offered = None if hosts is None else read_offered(context, hosts, frame)
        bar.next(_("Looking for the best use of the money"))

        def show(progress: Progress) -> None:
            if np.isfinite(progress.objective):
                bar.say(
                    _("{value} people-hours a week, at most {bound}").format(
                        value=f"{progress.objective:,.0f}", bound=f"{progress.bound:,.0f}"
                    )
                )

        found = planning.option_plan(
            city, setting, rules, hosts=offered, time_limit_s=time_limit_s, seed=seed,
            on_progress=show,
        )  # fmt: skip
        bar.done(_("Done"))
    reasons = explain.why(setting, found, rules)
    if as_json:
        told.print_json(as_dict(found, reasons))
    else:
        _print(context, found, reasons)
    if out is not None:
        account = OptionAccount(
            answer=found,
            reasons=tuple(reasons),
            setting=setting,
            rules=rules,
            settings=city.settings,
            streets=city.streets,
            moment=local_now(city.settings.time_zone),
        )
        for path in write(account, out, planning.inlined_assets(), context.translate):
            click.echo(path, err=as_json)


def as_dict(found: OptionAnswer, reasons: Sequence[explain.Why]) -> dict[str, Any]:
    """Give the answer with its reasons as JSON-ready values."""
    said = found.to_dict()
    more = explain.more_money(found)
    for row, why in zip(said["sites"], reasons, strict=True):
        row |= {
            "gain_people": None,
            "by_group": dict(why.by_group),
            "by_area": dict(why.by_area),
            "by_hour": why.by_hour.tolist(),
            "runner_up": _option(found, why.runner_up),
            "runner_up_hours": why.runner_up_hours,
        }
    said["more_money"] = {
        "cny": explain.MORE_CNY,
        "best": _option(found, more.option),
        "least_hours": more.least_hours,
        "most_hours": more.most_hours,
    }
    return said


def _option(found: OptionAnswer, option: int) -> dict[str, Any] | None:
    if option < 0:
        return None
    row = found.posed.options.table.iloc[option]
    return {"place": int(row["place"]), "action": row["action"], "hours": row["hours"]}


def _rules(asked: Mapping[str, Any]) -> Rules:
    foreign = _foreign(asked)
    if foreign:
        raise InvalidInputError(
            "{options} is not for --model options; leave it out or choose another model",
            options=", ".join(foreign),
        )
    if asked["budget_cny"] is None:
        raise InvalidInputError("--model options needs a budget; add --budget 600000")
    return Rules(
        budget_cny=asked["budget_cny"],
        floor_share=asked["floor_share"],
        worst_hour_share=asked["worst_hour_share"],
        may_close=asked["may_close"],
        group_weight=_weights(asked["weights"]),
    )


def _foreign(asked: Mapping[str, Any]) -> list[str]:
    return [option for name, option in _OF_SITES.items() if asked[name] not in (None, (), False)]


def _weights(texts: Sequence[str]) -> dict[str, float]:
    found = {}
    for text in texts:
        group, _, weight = text.partition("=")
        try:
            found[group] = float(weight)
        except ValueError:
            group = ""
        if group not in GROUPS:
            raise InvalidInputError(
                "{text!s} is no weight; write for example rider=2, with one of {known}",
                text=text,
                known=", ".join(GROUPS),
            )
    return found


def _print(context: Told, found: OptionAnswer, reasons: Sequence[explain.Why]) -> None:
    _, language = context.translate, context.language
    if found.is_synthetic:
        told.results().print(_(INVENTED), style="bold red")
    rows = found.chosen.to_dict("records")
    told.print_table(
        _("What to do"),
        ["#", _("Measure"), _("Place"), _("Hours"), _("Seats"), "CNY", _("People-hours a week")],
        [
            (
                k,
                action_words(row["action"], row["kind"], language),
                row["name"] or row["id"],
                row["hours"],
                "–" if np.isnan(row["seats"]) else f"{row['seats']:.0f}",
                f"{row['cost_cny']:,.0f}",
                f"{row['gain_hours']:,.0f}",
            )
            for k, row in enumerate(rows, start=1)
        ],
    )
    for k, why in enumerate(reasons[:_EXPLAINED], start=1):
        click.echo(f"{k}. {reason_words(found, why, language)}")
    if len(reasons) > _EXPLAINED:
        click.echo(_("and {n} more; --out writes all").format(n=len(reasons) - _EXPLAINED))
    if found.closed:
        told.print_table(_("Stations to close"), ["id"], [(i,) for i in found.closed])
    for line in outcome_words(found, explain.more_money(found), language):
        click.echo(line)
    click.echo(hour_words(found, language))
    click.echo(_("Assumed: prices, seats and hours on offer (city.toml), presence by the hour"))

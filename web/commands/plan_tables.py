"""Coverage and plans as tables on a terminal."""

from __future__ import annotations

from typing import Any

import click

from geodata.city import City
from geodata.records import INVENTED
from planner.coverage import WEEKDAYS, Coverage
from planner.suggestion import Suggestion
from planner.wording import gain_words
from web.commands import told
from web.commands.told import Told
from web.i18n import Translate
from web.plan_words import model_words, proof_words
from web.words import group_words, weekdays


def print_coverage(context: Told, city: City, measured: list[Coverage]) -> None:
    """Print coverage for people: by standard, by group, by district, and the worst hour."""
    _ = context.translate
    _print_notes(context, measured[0])
    told.print_table(
        f"{city.settings.name} · {_('People with a station near')}",
        [_("Minutes"), _("People"), _("Served"), _("Share")],
        [
            (
                f"{c.standard_s / 60:g}",
                f"{c.people:,.0f}",
                f"{c.covered_people:,.0f}",
                _per(c.share),
            )
            for c in measured
        ],
    )
    middle = measured[len(measured) // 2]
    minutes = f"{middle.standard_s / 60:g}"
    by_group = [(row["group"], *_served(row)) for row in middle.by_group]
    heads = [_("People"), _("Served"), _("Share")]
    told.print_table(
        _("By group, {minutes} min").format(minutes=minutes),
        [_("Group"), *heads],
        [(group_words(str(g), context.language), *rest) for g, *rest in by_group],
    )
    if middle.by_area:
        told.print_table(
            _("By district, {minutes} min").format(minutes=minutes),
            [_("District"), *heads],
            [(row["name"] or _("outside"), *_served(row)) for row in middle.by_area],
        )
    if middle.worst_hour is not None:
        click.echo(_worst(context, middle))


def print_suggestion(context: Told, found: Suggestion) -> None:
    """Print suggested sites for people, with objective, bound and gap."""
    _ = context.translate
    plan = found.plan
    _print_notes(context, found.before)
    if plan.model != "mclp":
        click.echo(model_words(plan.model, context.language))
    has_sizes = found.question.seat_rule is not None
    rows = [
        (
            k,
            site.name or site.id,
            f"{site.lon_deg:.5f}, {site.lat_deg:.5f}",
            f"{site.gain_people:,.1f}",
            _per(float(str(site.share_after))),
            *([str(site.seats)] if has_sizes else []),
            f"{site.cost_cny:,.0f}",
        )
        for k, site in enumerate(found.sites.itertuples(), start=1)
    ]
    told.print_table(
        _("Suggested stations, {minutes} min").format(minutes=f"{found.standard_s / 60:g}"),
        [
            "#",
            _("On or near"),
            _("Longitude, latitude (WGS 84)"),
            gain_words(plan.model, _),
            _("Share after"),
            *([_("Seats")] if has_sizes else []),
            "CNY",
        ],
        rows,
    )
    if len(found.closed):
        closed = list(zip(found.closed["id"], found.closed["name"], strict=True))
        told.print_table(_("Stations to close"), [_("Id"), _("Name")], closed)
    click.echo(proof_words(plan, found.unit, context.language))
    if found.left_out_people:
        click.echo(
            _("Left out, for nothing can serve them: {people} people").format(
                people=f"{found.left_out_people:,.0f}"
            )
        )
    click.echo(
        _("Share with a station near: {before} today, {after} with the plan").format(
            before=_per(found.before.share), after=_per(found.after.share)
        )
    )
    click.echo(_("Assumed for new stations: kind, hours, seats and cost (city.toml)"))
    if plan.model == "capacitated":
        click.echo(_assumed_seats(found, _))


def _assumed_seats(found: Suggestion, _: Translate) -> str:
    rule = found.question.seat_rule
    if rule is not None:
        return _(
            "Assumed: seats are enough for as many people as find one with {share} turned away in"
            " the busiest hour, by rates and stays that nobody counted here; {n} stations without"
            " recorded seats are taken to have those of a new one"
        ).format(share=f"{rule.promise.share:.0%}", n=found.n_unknown_seats)
    return _(
        "Assumed: one seat is enough for {people} people; {n} stations without recorded seats are"
        " taken to have those of a new one"
    ).format(people=f"{found.question.people_per_seat:g}", n=found.n_unknown_seats)


def _print_notes(context: Told, measured: Coverage) -> None:
    """Say first what the numbers must not be taken for."""
    _ = context.translate
    if measured.is_synthetic:
        told.results().print(_(INVENTED), style="bold red")
    if measured.is_straight_line:
        click.echo(_("The city has no streets: times are straight line with a detour factor."))
    if measured.demand_source == "hotspots":
        click.echo(_("People are those of the hotspots; the city has no demand table."))
    if measured.off_network_people:
        click.echo(
            _("Too far from any street to reach anything: {people} people").format(
                people=f"{measured.off_network_people:,.0f}"
            )
        )


def _worst(context: Told, measured: Coverage) -> str:
    _ = context.translate
    worst = measured.worst_hour or {}
    return _(
        "Worst hour: {weekday} {hour}:00, {share} have an open station within {minutes} min "
        "(up to {possible} if the {unknown} stations with unrecorded hours are open)"
    ).format(
        weekday=weekdays(context.language)[WEEKDAYS.index(worst["weekday"])],
        hour=f"{worst['hour']:02d}",
        share=_per(worst["share"]),
        minutes=f"{measured.standard_s / 60:g}",
        possible=_per(worst["share_possible"]),
        unknown=measured.n_unknown_hours,
    )


def _served(row: dict[str, Any]) -> tuple[str, str, str]:
    return f"{row['people']:,.0f}", f"{row['covered_people']:,.0f}", _per(row["share"])


def _per(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"

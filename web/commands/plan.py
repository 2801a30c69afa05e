"""``yizhan coverage``, ``suggest`` and ``propose``: who is not served, and what should be built."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import geopandas as gpd

from geodata.city import City
from geodata.importers.hosts import read_hosts
from geodata.records import INVENTED
from planner.coverage import WEEKDAYS, Coverage
from planner.proposal import write
from planner.setting import Setting
from planner.suggestion import Suggestion
from web import planning
from web.clock import local_now
from web.commands import options, told
from web.commands.cities import report_refused
from web.commands.told import Told
from web.i18n import Translate
from web.words import group_words, weekdays

STANDARDS_MIN = (5.0, 10.0, 15.0)


@click.command()
@options.city
@click.option("--minutes", type=float, help="One service standard; default 5, 10 and 15.")
@options.mode
@options.as_json
@click.pass_obj
def coverage(
    context: Told, /, folder: Path | None, minutes: float | None, mode: str, as_json: bool
) -> None:
    """Measure which share of the people has a station near, and an open one by the hour.

    Example: yizhan coverage --minutes 10
    """
    city = context.city(folder)
    asked = open_setting(city, minutes=10.0 if minutes is None else minutes, mode=mode)
    if as_json:
        told.print_json(asked.coverage().to_dict())
        return
    standards = STANDARDS_MIN if minutes is None else (minutes,)
    print_coverage(context, city, asked.coverages([60 * m for m in standards]))


@click.command()
@options.city
@options.new
@options.budget
@options.minutes
@options.mode
@options.model
@options.time_limit
@options.seed
@options.hosts
@options.frame
@options.as_json
@click.pass_obj
def suggest(context: Told, /, folder: Path | None, as_json: bool, **asked: Any) -> None:
    """Suggest where the next stations should open, with the proof of how good the plan is.

    Example: yizhan suggest --new 10 --minutes 10
    """
    city = context.city(folder)
    _, found = find_sites(context, city, **asked)
    if as_json:
        told.print_json(found.to_dict())
    else:
        print_suggestion(context, found)


@click.command()
@options.city
@click.option("--out", type=options.PATH, required=True, help="Folder for the files.")
@options.new
@options.budget
@options.minutes
@options.mode
@options.model
@options.time_limit
@options.seed
@options.hosts
@options.frame
@click.pass_obj
def propose(context: Told, /, folder: Path | None, out: Path, **asked: Any) -> None:
    """Write a proposal: GeoPackage, workbook (XLSX) and map (HTML).

    Example: yizhan propose --new 10 --out proposal
    """
    city = context.city(folder)
    setting, found = find_sites(context, city, **asked)
    print_suggestion(context, found)
    for path in write_proposal(context, city, setting, found, out, seed=asked["seed"]):
        click.echo(path)


def open_setting(city: City, *, minutes: float, mode: str) -> Setting:
    """Read the city's tables for one question."""
    with city.store() as store:
        version = store.data_version()
        stations, hotspots = store.stations(), store.hotspots()
    return planning.setting(city, stations, hotspots, version=version, minutes=minutes, mode=mode)


def find_sites(
    context: Told,
    city: City,
    *,
    n_sites: int | None,
    budget_cny: float | None,
    minutes: float,
    mode: str,
    time_limit_s: float,
    seed: int,
    hosts: Path | None,
    frame: str,
) -> tuple[Setting, Suggestion]:
    """Answer the siting question of a command; ten new stations when nothing else limits it."""
    if n_sites is None and budget_cny is None:
        n_sites = 10
    _ = context.translate
    with told.stages(2, _("Reading the city")) as bar:
        asked = open_setting(city, minutes=minutes, mode=mode)
        offered = None if hosts is None else _read_hosts(context, hosts, frame)
        bar.next(_("Looking for sites"))
        found = planning.suggestion(
            city,
            asked,
            n_sites=n_sites,
            budget_cny=budget_cny,
            hosts=offered,
            time_limit_s=time_limit_s,
            seed=seed,
        )
        bar.done(_("Done"))
    return asked, found


def write_proposal(
    context: Told, city: City, setting: Setting, found: Suggestion, out: Path, *, seed: int
) -> list[Path]:
    """Write the files of a proposal and give their paths."""
    made = planning.proposal(
        city,
        setting,
        found,
        moment=local_now(city.settings.time_zone),
        seed=seed,
    )
    return write(made, out, planning.inlined_assets(), context.translate)


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
    rows = [
        (
            k,
            site.name or site.id,
            f"{site.lon_deg:.5f}, {site.lat_deg:.5f}",
            f"{site.gain_people:,.1f}",
            _per(float(str(site.share_after))),
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
            _("People gained"),
            _("Share after"),
            "CNY",
        ],
        rows,
    )
    click.echo(
        _(
            "Outcome {outcome} ({reason}): gains {objective} people; no plan gains more than "
            "{bound}; gap {gap}; {seconds} s"
        ).format(
            outcome=_outcome(plan.outcome, _),
            reason=_reason(plan.reason, _),
            objective=f"{plan.objective:,.1f}",
            bound=f"{plan.bound:,.1f}",
            gap=f"{plan.gap:.2%}",
            seconds=f"{plan.seconds:.2f}",
        )
    )
    click.echo(
        _("Share with a station near: {before} today, {after} with the plan").format(
            before=_per(found.before.share), after=_per(found.after.share)
        )
    )
    click.echo(_("Assumed for new stations: kind, hours, seats and cost (city.toml)"))


def _read_hosts(context: Told, path: Path, frame: str) -> gpd.GeoDataFrame:
    """Read offered premises; refused ones are said on standard error."""
    read = read_hosts(path, frame=frame)
    report_refused(context, path, read.report)
    return read.hosts


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


def _outcome(outcome: str, _: Translate) -> str:
    return {"optimal": _("best possible"), "feasible": _("not proved best")}[outcome]


def _reason(reason: str, _: Translate) -> str:
    return {
        "proved": _("proved"),
        "time_limit": _("out of time"),
        "nobody_left": _("everybody who can be is served already"),
        "solver_failed": _("the solver failed"),
    }[reason]


def _served(row: dict[str, Any]) -> tuple[str, str, str]:
    return f"{row['people']:,.0f}", f"{row['covered_people']:,.0f}", _per(row["share"])


def _per(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"

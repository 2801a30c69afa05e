"""``yizhan coverage``, ``suggest`` and ``propose``: who is not served, and what should be built."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from geodata.city import City
from geodata.errors import InvalidInputError
from planner.capacity import Promise
from planner.problem import Model
from planner.proposal import write
from planner.question import Question
from planner.seat_steps import SeatRule
from planner.setting import Setting
from planner.siting import Progress
from planner.suggestion import Suggestion
from planner.visits import VisitModel
from web import planning
from web.clock import local_now
from web.commands import options, told
from web.commands.cities import read_offered
from web.commands.option_plan import plans_options, suggest_options
from web.commands.plan_tables import print_coverage, print_suggestion
from web.commands.rule_options import OPTIONS, rules
from web.commands.told import Told
from web.plan_words import progress_words
from web.rules import DEFAULT_NEW
from web.rules import floors as read_floors

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
    asked = planning.read_setting(city, minutes=10.0 if minutes is None else minutes, mode=mode)
    if as_json:
        told.print_json(asked.coverage().to_dict())
        return
    standards = STANDARDS_MIN if minutes is None else (minutes,)
    print_coverage(context, city, asked.coverages([60 * m for m in standards]))


@click.command()
@options.city
@rules
@options.minutes
@options.mode
@options.time_limit
@options.seed
@options.hosts
@options.frame
@click.option("--out", type=options.PATH, help="Folder for the files of a plan with options.")
@options.as_json
@click.pass_obj
def suggest(
    context: Told, /, folder: Path | None, out: Path | None, as_json: bool, **asked: Any
) -> None:
    """Suggest where the next stations should open, with the proof of how good the plan is.

    With --budget alone: what to open, with which hours and seats, and what to do with the stations
    that there are.

    Example: yizhan suggest --new 10 --minutes 10
    """
    city = context.city(folder)
    if plans_options(asked):
        suggest_options(context, city, out=out, as_json=as_json, **asked)
        return
    if out is not None:
        raise InvalidInputError(
            "--out is for a plan with options; use `yizhan propose` for this one"
        )
    _, found = find_sites(context, city, **asked)
    if as_json:
        told.print_json(found.to_dict())
    else:
        print_suggestion(context, found)


@click.command()
@options.city
@click.option("--out", type=options.PATH, required=True, help="Folder for the files.")
@rules
@options.minutes
@options.mode
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
    if asked["model"] == OPTIONS:
        raise InvalidInputError(
            "a plan with options is written by `yizhan suggest --budget CNY --out DIR`"
        )
    setting, found = find_sites(context, city, **asked)
    print_suggestion(context, found)
    for path in write_proposal(context, city, setting, found, out, seed=asked["seed"]):
        click.echo(path)


def find_sites(
    context: Told,
    city: City,
    *,
    minutes: float,
    mode: str,
    time_limit_s: float,
    seed: int,
    hosts: Path | None,
    frame: str,
    seats: int | None = None,
    seat_steps: str | None = None,
    **asked: Any,
) -> tuple[Setting, Suggestion]:
    """Answer the siting question of a command, with a bar that shows value, bound and gap.

    Parameters
    ----------
    context, city
        As every command has them.
    minutes, mode, time_limit_s, seed, hosts, frame, seats, seat_steps
        The options of these names.
    **asked
        The options of `web.commands.rule_options`; all may be absent.
    """
    steps = _steps(seat_steps)
    question = _question(city, has_steps=bool(steps), **asked)
    _ = context.translate
    with told.stages(2, _("Reading the city")) as bar:
        setting = planning.read_setting(city, minutes=minutes, mode=mode)
        offered = None if hosts is None else read_offered(context, hosts, frame)
        bar.next(_("Looking for sites"))

        def show(progress: Progress) -> None:
            bar.say(progress_words(progress.objective, progress.bound, context.language))

        found = planning.suggestion(
            city,
            setting,
            question,
            hosts=offered,
            seats=seats,
            seat_steps=steps,
            time_limit_s=time_limit_s,
            seed=seed,
            on_progress=show,
        )
        bar.done(_("Done"))
    return setting, found


def _question(
    city: City,
    *,
    model: Model | None = None,
    n_sites: int | None = None,
    budget_cny: float | None = None,
    floors: Sequence[str] = (),
    people_per_seat: float | None = None,
    worst_hour_share: float | None = None,
    weights: Sequence[str] = (),
    has_steps: bool = False,
    **rest: Any,
) -> Question:
    """Read the options; ten new stations when the model needs a limit and has none."""
    if worst_hour_share is not None or weights:
        raise InvalidInputError("--worst-hour and --weight are for --model options")
    model = model or "mclp"
    if n_sites is None and budget_cny is None and model not in ("lscp", "pscp"):
        n_sites = DEFAULT_NEW
    per_seat = city.settings.people_per_seat if people_per_seat is None else people_per_seat
    return Question(
        model=model,
        n_sites=n_sites,
        budget_cny=budget_cny,
        floors=read_floors(floors),
        people_per_seat=per_seat,
        seat_rule=SeatRule(promise=Promise(), model=VisitModel()) if has_steps else None,
        **rest,
    )


def _steps(text: str | None) -> tuple[int, ...]:
    """Read sizes such as ``6,10,16``."""
    try:
        return tuple(int(part) for part in (text or "").split(",") if part.strip())
    except ValueError:
        raise InvalidInputError(
            "{text!s} are no numbers of seats; write them like 6,10,16", text=text
        ) from None


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

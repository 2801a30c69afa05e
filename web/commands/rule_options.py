"""Options of a siting question: the model and its rules."""

from __future__ import annotations

from collections.abc import Callable

import click

from planner.question import MODELS

OPTIONS = "options"
"""The model that plans hours, seats and money, beside those of `planner.question`."""

_RULES = (
    click.option(
        "--model",
        type=click.Choice([*MODELS, OPTIONS]),
        help="options (with a budget alone): what to open, extend, equip, close or move, with hours"
        " and seats, for most people-hours; mclp (else): most people served; lscp: everybody, at"
        " least cost; pscp: a share, at least cost; pmedian: least travel of all; pcenter: shortest"
        " longest journey; capacitated: most people served within the seats.",
    ),
    click.option("--new", "n_sites", type=int, help="Most new stations, less those closed."),
    click.option("--budget", "budget_cny", type=float, help="Most money for them, in CNY."),
    click.option("--share", type=float, help="Least share of all people served (pscp)."),
    click.option(
        "--require", "required", multiple=True, metavar="ID",
        help="A candidate or station that must be in the plan; repeatable.",
    ),
    click.option(
        "--forbid", "forbidden", multiple=True, metavar="ID",
        help="A candidate that must not be in it, or a station to close; repeatable.",
    ),
    click.option("--may-close", is_flag=True, help="Stations may be closed to make room."),
    click.option("--floor-share", type=float, help="Least share of each area's people served."),
    click.option(
        "--floor", "floors", multiple=True, metavar="AREA=SHARE",
        help="The floor of one area, by id or name; repeatable.",
    ),
    click.option(
        "--leave-out", "leaves_out", is_flag=True,
        help="Leave out people whom nothing can serve, and say how many (lscp, pmedian, pcenter).",
    ),
    click.option(
        "--worst-hour", "worst_hour_share", type=float,
        help="Least share of the people covered in every hour of the week (options).",
    ),
    click.option(
        "--weight", "weights", multiple=True, metavar="GROUP=WEIGHT",
        help="Worth of an hour of a worker of a group, 1 for all else (options); repeatable.",
    ),
    click.option(
        "--seats", type=click.IntRange(min=0), help="Seats of a new station; default: city.toml."
    ),
    click.option(
        "--seat-steps", metavar="N,N,N",
        help="Offer each site in these sizes; how many people each is enough for follows from the"
        " queue: at most 5 % find no seat (capacitated).",
    ),
    click.option(
        "--people-per-seat", type=float,
        help="People one seat is enough for (capacitated), an assumption; default: city.toml.",
    ),
)  # fmt: skip


def rules(command: Callable[..., None]) -> Callable[..., None]:
    """Let a command take the model of a siting question and its rules."""
    for option in reversed(_RULES):
        command = option(command)
    return command

"""``yizhan stations duplicates``, ``distinct``, ``merge`` and ``unmerge``: one station, once."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from geodata.duplicates import THRESHOLD, WITHIN_M, suspects
from geodata.errors import InvalidInputError
from geodata.merging import merged
from web.clock import local_now
from web.commands import options, told
from web.commands.register import id_of, station_of
from web.commands.told import Told
from web.commands.who import person, who_option
from web.record_words import likeness_words

_SHOWN = 50


@click.command()
@options.city
@click.option("--of", "ids", multiple=True, metavar="ID", help="Only of this one; repeatable.")
@click.option(
    "--within",
    "within_m",
    type=click.FloatRange(min=0, max=2000),
    default=WITHIN_M,
    show_default=True,
    help="Metres; a mix-up of coordinate frames is looked for farther away.",
)
@click.option(
    "--least",
    "least_score",
    type=click.FloatRange(min=0, max=1),
    default=THRESHOLD,
    show_default=True,
    help="Least probability.",
)
@click.option("--limit", type=click.IntRange(min=1), default=_SHOWN, show_default=True)
@options.as_json
@click.pass_obj
def duplicates(
    context: Told,
    /,
    folder: Path | None,
    ids: tuple[str, ...],
    within_m: float,
    least_score: float,
    limit: int,
    as_json: bool,
) -> None:
    """List stations that may be one station recorded twice, the likeliest first.

    Example: yizhan stations duplicates --limit 20
    """
    with context.city(folder).store() as store:
        frame = store.stations()
        wanted = [station_of(store, key).id for key in ids] or None
        apart = store.apart()
    found = suspects(frame, of=wanted, within_m=within_m, least_score=least_score, distinct=apart)
    if as_json:
        told.print_json([asdict(suspect) for suspect in found])
        return
    _ = context.translate
    if not found:
        click.echo(_("No two stations look like one."))
        return
    name = dict(zip(frame["id"], frame["name"], strict=True))
    rows = [
        (
            f"{100 * s.score:.0f} %",
            f"{s.distance_m:.0f}",
            f"{name[s.other_id]} ({s.other_id})",
            f"{name[s.id]} ({s.id})",
            likeness_words(s.reasons, context.language),
        )
        for s in found[:limit]
    ]
    heads = [_("Likely"), _("Metres"), _("Station"), _("Perhaps the same"), _("Because")]
    told.print_table("", heads, rows)
    if len(found) > limit:
        told.remarks().print(_("{n} more; --limit shows them.").format(n=len(found) - limit))


@click.command()
@click.argument("one_id", metavar="ID")
@click.argument("other_id", metavar="OTHER")
@options.city
@click.option("--again", is_flag=True, help="Take it back: ask about them again.")
@click.option("--reason", default="", help="Why, for the audit trail.")
@who_option
@click.pass_obj
def distinct(
    context: Told,
    /,
    one_id: str,
    other_id: str,
    folder: Path | None,
    again: bool,
    reason: str,
    who: str | None,
) -> None:
    """Say that two stations that look like one are two; they are asked about no more.

    Example: yizhan stations distinct S0001 S0042 --reason "two floors"
    """
    city = context.city(folder)
    _ = context.translate
    by, moment = person(who), local_now(city.settings.time_zone)
    with city.store() as store:
        ids = station_of(store, one_id).id, station_of(store, other_id).id
        done = (
            store.ask_again(*ids, who=by, moment=moment)
            if again
            else store.keep_apart(*ids, who=by, moment=moment, reason=reason)
        )
    names = {"one": ids[0], "other": ids[1]}
    if not done:
        click.echo(_("{one} and {other}: this was so already.").format(**names))
    elif again:
        click.echo(_("{one} and {other} are asked about again.").format(**names))
    else:
        click.echo(_("{one} and {other} are two stations; --again takes it back.").format(**names))


@click.command()
@click.argument("keep_id", metavar="KEEP")
@click.argument("absorb_id", metavar="ABSORB")
@options.city
@click.option(
    "--choose",
    "choices",
    multiple=True,
    metavar="FIELD=SIDE",
    help="Whose word counts, as hours=other or name=keep; may be repeated.",
)
@click.option("--reason", default="", help="Why, for the audit trail.")
@who_option
@options.as_json
@click.pass_obj
def merge(
    context: Told,
    /,
    keep_id: str,
    absorb_id: str,
    folder: Path | None,
    choices: tuple[str, ...],
    reason: str,
    who: str | None,
    as_json: bool,
) -> None:
    """Let one station stand for another; both records stay, and unmerge takes it back.

    Example: yizhan stations merge S0001 S0042 --choose hours=other
    """
    city = context.city(folder)
    with city.store() as store:
        keep, absorb = station_of(store, keep_id), station_of(store, absorb_id)
        versions = store.version_of(keep.id), store.version_of(absorb.id)
        result = merged(keep, absorb, choices=_chosen(choices))
        store.merge(
            keep.id,
            absorb.id,
            fields=result.fields,
            who=person(who),
            moment=local_now(city.settings.time_zone),
            reason=reason,
            expected_versions=versions,
        )
    if as_json:
        told.print_json(
            {
                "keep": keep.id,
                "absorb": absorb.id,
                "fields": dict(result.fields),
                "conflicts": [asdict(c) for c in result.conflicts],
            }
        )
        return
    _ = context.translate
    if result.conflicts:
        why = {
            "chosen": _("as you chose"),
            "checked_later": _("checked later"),
            "kept": _("the kept station's word"),
        }
        told.print_table(
            _("The two records differ"),
            [_("Field"), _("Stands now"), _("Left out"), _("Because")],
            [(c.field, _shown(c.kept), _shown(c.dropped), why[c.why]) for c in result.conflicts],
        )
    click.echo(
        _(
            "{absorb} now stands as {keep}; `yizhan stations unmerge {absorb}` takes it back."
        ).format(absorb=absorb.id, keep=keep.id)
    )


@click.command()
@click.argument("absorb_id", metavar="ID")
@options.city
@who_option
@options.as_json
@click.pass_obj
def unmerge(
    context: Told, /, absorb_id: str, folder: Path | None, who: str | None, as_json: bool
) -> None:
    """Take a merge back: show the absorbed station again.

    Example: yizhan stations unmerge S0042
    """
    city = context.city(folder)
    with city.store() as store:
        done = store.unmerge(
            id_of(store, absorb_id),
            who=person(who),
            moment=local_now(city.settings.time_zone),
        )
    if as_json:
        told.print_json(asdict(done))
        return
    _ = context.translate
    click.echo(_("{id} is shown again.").format(id=done.absorb_id))
    if not done.is_kept_restored:
        click.echo(
            _("{id} was changed since the merge and stays as it is; look at it.").format(
                id=done.keep_id
            )
        )


COMMANDS = (duplicates, distinct, merge, unmerge)


def _chosen(texts: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in texts:
        field, sign, side = text.partition("=")
        if not sign:
            raise InvalidInputError(
                "{text!s} is no choice; write it like hours=other or name=keep", text=text
            )
        found[field.strip()] = side.strip()
    return found


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{v:.6f}" for v in value)
    return str(value)

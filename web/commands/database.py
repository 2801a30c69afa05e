"""``yizhan database``: back the city up, restore it, look whether it is sound."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from geodata.backup import back_up, restore
from geodata.errors import UnavailableError
from web.clock import local_now
from web.commands import options, told
from web.commands.told import Told

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def database() -> None:
    """Database: back it up, restore it, check it."""


@database.command()
@click.argument("file", type=_FILE)
@options.city
@click.pass_obj
def backup(context: Told, /, file: Path, folder: Path | None) -> None:
    """Write the whole city, register and files, into one new file; the city stays in use.

    Example: yizhan database backup city-2026-09-20.zip
    """
    _ = context.translate
    city = context.city(folder)
    made = back_up(city, file, moment=local_now(city.settings.time_zone))
    click.echo(
        _("{path}: {stations} stations, {rows} rows of all tables, {files} files").format(
            path=file,
            stations=made.tables["stations"].rows,
            rows=sum(table.rows for table in made.tables.values()),
            files=len(made.files),
        )
    )


@database.command(name="restore")
@click.argument("file", type=_FILE)
@options.city
@click.pass_obj
def restore_(context: Told, /, file: Path, folder: Path | None) -> None:
    """Bring a city back from a backup into a new folder and an empty database.

    Example: yizhan database restore city-2026-09-20.zip --city restored
    """
    _ = context.translate
    city = restore(file, context.folder(folder), database_url=context.settings.database_url)
    click.echo(
        _("{folder}: {city} is restored; counts, hashes and the audit trail are right").format(
            folder=city.folder, city=city.settings.name
        )
    )


@database.command()
@options.city
@options.as_json
@click.pass_obj
def check(context: Told, /, folder: Path | None, as_json: bool) -> None:
    """Look through the whole register: its file, its tables, its audit trail.

    Example: yizhan database check --city city
    """
    _ = context.translate
    with context.city(folder).store() as store:
        found = store.check()
    if as_json:
        told.print_json(asdict(found) | {"sound": found.is_sound})
    else:
        told.print_table(
            "",
            [_("Table"), _("Rows"), "SHA-256"],
            [(name, of.rows, of.sha256) for name, of in found.sums.items()],
        )
        click.echo(
            _("Audit trail: {n} lines, the last hash is {hash}").format(
                n=found.audit_lines, hash=found.audit_hash or "-"
            )
        )
    if found.faults:
        raise UnavailableError(
            "the database is damaged ({faults}); restore it from a backup",
            faults="; ".join(found.faults),
        )
    if found.broken_line is not None:
        raise UnavailableError(
            "line {number} of the audit trail is not as it was written: somebody changed, removed "
            "or put in lines; compare with a backup",
            number=found.broken_line,
        )
    if not as_json:
        click.echo(_("Everything looks right."))

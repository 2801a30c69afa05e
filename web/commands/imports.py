"""``yizhan stations``: import, undo and mapping."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
import geopandas as gpd

from geodata.city import City
from geodata.errors import InvalidInputError, YizhanError
from geodata.exporters import correction
from geodata.importers import words
from geodata.importers.difference import Difference, compare
from geodata.importers.framing import Surroundings
from geodata.importers.mapping import column_for
from geodata.importers.stations import StationImport, read_stations
from geodata.store import Store
from web.clock import local_now
from web.commands import import_tables, options, told
from web.commands.told import Told
from web.commands.who import person, who_option
from web.i18n import say

MOST_INTERPRETED = 20_000
"""So many interpreted cells are listed for programs; the workbook of --out has all of them."""


@click.command(name="import")
@click.argument("file", type=options.PATH)
@options.city
@click.option(
    "--frame",
    default="auto",
    show_default=True,
    help="Coordinate frame: wgs84, cgcs2000, gcj02, bd09 or epsg:N; auto finds it out.",
)
@click.option("--apply", "is_applied", is_flag=True, help="Write; without it nothing is changed.")
@click.option(
    "--source",
    help="Who sent it, the same words every time; missing stations are then noticed.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="What a column says, as 地点=name; may be repeated. FIELD may be a facility, or ignore.",
)
@click.option("--out", type=options.PATH, help="Write a workbook (XLSX) to correct and send back.")
@who_option
@options.as_json
@click.pass_obj
def import_(
    context: Told,
    /,
    file: Path,
    folder: Path | None,
    frame: str,
    is_applied: bool,
    source: str | None,
    maps: tuple[str, ...],
    out: Path | None,
    who: str | None,
    as_json: bool,
) -> None:
    """Compare a file of stations with the register; with --apply, take it over.

    Example: yizhan stations import stations.xlsx --source 市总工会 --out check.xlsx
    """
    if out is not None and out.resolve() == file.resolve():
        raise InvalidInputError(
            "{path} is the file to read; give the workbook of --out another name", path=out
        )
    city = context.city(folder)
    _ = context.translate
    moment = local_now(city.settings.time_zone)
    with told.stages(4, _("Reading the file")) as bar, city.store() as store:
        version, register = store.data_version(), store.stations()
        read = read_stations(
            file,
            frame=frame.strip().lower(),
            source=source,
            told=_told(maps),
            remembered=store.mapping(source) if source else None,
            surroundings=_surroundings(city, register),
            today=moment.date(),
            progress=lambda done, _total: bar.say(
                _("Reading the file: {n} rows").format(n=f"{done:,}")
            ),
            keeps_rows=out is not None,
        )
        bar.next(_("Comparing with the register"))
        found = compare(register, read, source=source, distinct=store.apart())
        bar.next(_("Writing the workbook") if out is not None else _("Writing"))
        if out is not None:
            correction.write(
                out,
                read,
                found,
                register,
                say=lambda template, details: say(
                    YizhanError(template, **details), context.language
                ),
            )
        if len(read.stations) == 0:
            import_tables.print_refused(context, read)
            raise InvalidInputError(
                "{path}: every row was refused; correct the file first", path=file.name
            )
        bar.next(_("Writing"))
        if is_applied:
            store.apply_stations(
                found.to_apply,
                source=read.source,
                file_name=file.name,
                file_sha256=read.file_sha256,
                moment=moment,
                who=person(who),
                given=found.given,
                expected_version=version,
            )
            _remember(store, read, source, who=person(who), moment=moment)
        bar.done(_("Done"))
    if as_json:
        told.print_json(answer(read, found, is_applied=is_applied))
    else:
        import_tables.print_difference(context, read, found, is_applied=is_applied, out=out)


@click.command()
@options.city
@who_option
@options.as_json
@click.pass_obj
def undo(context: Told, /, folder: Path | None, who: str | None, as_json: bool) -> None:
    """Take back the last import that was applied, as a whole.

    Example: yizhan stations undo --city zhengzhou
    """
    city = context.city(folder)
    with city.store() as store:
        undone = store.undo(moment=local_now(city.settings.time_zone), who=person(who))
    record = undone.record
    if as_json:
        told.print_json(
            {
                "number": record.number,
                "file": record.file_name,
                "source": record.source,
                "applied_at": record.moment.isoformat(timespec="minutes"),
                "removed": list(undone.removed),
                "restored": list(undone.restored),
            }
        )
        return
    _ = context.translate
    click.echo(
        _(
            "Took back {file} from {source}, applied on {moment}: {removed} new stations are gone "
            "again, {restored} changed ones are as they were."
        ).format(
            file=record.file_name,
            source=record.source,
            moment=record.moment.isoformat(" ", "minutes"),
            removed=len(undone.removed),
            restored=len(undone.restored),
        )
    )


@click.command()
@options.city
@click.option("--sender", required=True, help="The words that --source says for this sender.")
@click.option(
    "--set",
    "maps",
    multiple=True,
    metavar="COLUMN=FIELD",
    help="What a column of this sender says; may be repeated. FIELD may be ignore.",
)
@who_option
@options.as_json
@click.pass_obj
def mapping(
    context: Told,
    /,
    folder: Path | None,
    sender: str,
    maps: tuple[str, ...],
    who: str | None,
    as_json: bool,
) -> None:
    """Show and edit what the columns of a sender's files say.

    Example: yizhan stations mapping --sender 市总工会 --set 地点=name
    """
    city = context.city(folder)
    new = {h: column_for(h, field, how="person").target for h, field in _told(maps).items()}
    with city.store() as store:
        if new:
            moment = local_now(city.settings.time_zone)
            store.remember_mapping(sender, new, who=person(who), moment=moment)
        known = store.mapping(sender)
    if as_json:
        told.print_json(known)
        return
    _ = context.translate
    if not known:
        click.echo(_("No columns of {sender} are remembered.").format(sender=sender))
        return
    rows = [
        (header, words.label(field.partition(":")[0]), field) for header, field in known.items()
    ]
    told.print_table(sender, [_("Column"), _("Meaning"), _("Field")], rows)


def answer(read: StationImport, found: Difference, *, is_applied: bool) -> dict[str, object]:
    """Give the answer for programs."""
    cells: list[dict[str, object]] = []
    for column in read.interpreted:
        limit = MOST_INTERPRETED - len(cells)
        cells += [cell.as_dict() for cell in column.cells(limit=limit)] if limit > 0 else []
    told_rows = found.as_dict(read.report)
    if read.table.sheets:  # the numbers of rows begin anew on each sheet
        for line in (*told_rows["findings"], *cells):
            if line["row"] is not None:
                line["sheet"], line["row"] = read.table.place_of(line["row"])
    return {
        **told_rows,
        "columns": [
            {"header": c.header, "field": c.target, "how": c.how} for c in read.columns.columns
        ],
        "n_interpreted": sum(map(len, read.interpreted)),
        "interpreted": cells,
        "applied": is_applied,
    }


def _told(maps: tuple[str, ...]) -> dict[str, str]:
    """Read COLUMN=FIELD; a header may hold the sign itself.

    Raises
    ------
    InvalidInputError
        When there is no sign, or nothing before it.
    """
    found = {}
    for text in maps:
        header, sign, field = text.rpartition("=")
        if not sign or not header.strip():
            raise InvalidInputError("{text!s} names no field; write it like 地点=name", text=text)
        found[header.strip()] = field.strip()
    return found


def _surroundings(city: City, register: gpd.GeoDataFrame) -> Surroundings:
    """Give what the city knows of real places; an invented city knows none."""
    if city.settings.is_synthetic:
        return Surroundings()
    known = register[~register["is_synthetic"].astype(bool)]
    return Surroundings(known=known, areas=city.areas, streets=city.streets)


def _remember(
    store: Store, read: StationImport, source: str | None, *, who: str, moment: datetime
) -> None:
    """Keep for the sender's next file what a person said of columns, or did not object to."""
    new = {c.header: c.target for c in read.columns.columns if c.how in ("person", "guessed")}
    if source and new:
        store.remember_mapping(source, new, who=who, moment=moment)

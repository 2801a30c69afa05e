"""``yizhan publish``: the files that phones search."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from geodata.city import City
from geodata.errors import UnavailableError
from geodata.reports import DEVICE_MEMORY, Report
from stations.catalogue import Catalogue
from stations.detours import measure
from web import publishing, snapshots
from web.clock import local_now
from web.commands import options, told
from web.commands.told import Told
from web.places import collect
from web.publishing import Published

_SAID_EVERY = 50


@click.command()
@options.city
@click.option("--out", type=options.PATH, help="Folder of the files; made when absent.")
@click.option("--check", "checked", type=options.PATH, help="Only check the files of a folder.")
@options.as_json
@click.pass_obj
def publish(
    context: Told, /, folder: Path | None, out: Path | None, checked: Path | None, as_json: bool
) -> None:
    """Write the files that phones search; manifest.json lists each with its SHA-256.

    Example: yizhan publish --city city --out public
    """
    if (out is None) == (checked is None):
        raise click.UsageError("give --out DIR to write, or --check DIR to check")
    if checked is not None:
        _check(context, checked, as_json=as_json)
    elif out is not None:
        _publish(context, context.city(folder), out, as_json=as_json)


def _publish(context: Told, city: City, out: Path, *, as_json: bool) -> None:
    _ = context.translate
    with publishing.lock(out) as is_ours, told.stages(4, _("Reading the city")) as bar:
        if not is_ours:
            raise UnavailableError(
                "another program is writing the files in {folder}; try again when it is done",
                folder=out,
            )
        source = _source(city)
        words = _("Measuring detours")
        bar.next(words)
        detours = measure(
            source.catalogue,
            limit_s=snapshots.LIMIT_S,
            progress=lambda done: bar.say(f"{words} {done:,}") if done % _SAID_EVERY == 0 else None,
        )
        bar.next(_("Working out the next days"))
        content = snapshots.content_of(source, detours)
        bar.next(_("Writing files"))
        written = snapshots.write(source, out, content)
        bar.done(_("Done"))
    if as_json:
        told.print_json(_result(written, out))
        return
    rows = [
        (_("Stations"), f"{len(source.catalogue.stations):,}"),
        (_("Cells with stations"), f"{len(content.cells):,}"),
        (_("Files"), f"{written.n_files:,}"),
        (_("New files"), f"{written.n_new:,}"),
        (_("Cleared away"), f"{written.n_cleared:,}"),
        (_("Kilobytes"), f"{written.n_bytes / 1000:,.0f}"),
        (_("Kilobytes, compressed"), f"{written.n_sent_bytes / 1000:,.0f}"),
    ]
    told.print_table(str(out), [_("What"), _("How many")], rows)


def _source(city: City) -> snapshots.Source:
    moment = local_now(city.settings.time_zone)
    with city.store() as store:
        stations, hotspots = store.stations(), store.hotspots()
        version = store.data_version()
        by_station: dict[str, list[Report]] = {}
        for report in store.reports(since=moment - DEVICE_MEMORY):
            by_station.setdefault(report.station_id, []).append(report)
    catalogue = Catalogue.from_frame(
        stations,
        network=city.network,
        version=version,
        detour_factor=city.settings.detour_factor,
    )
    is_synthetic = bool(catalogue.frame["is_synthetic"].astype(bool).any())
    return snapshots.Source(
        folder=city.folder,
        settings=city.settings,
        is_synthetic=city.settings.is_synthetic or is_synthetic,
        catalogue=catalogue,
        places=collect(hotspots, city.areas, catalogue.stations),
        told=by_station,
        moment=moment,
    )


def _result(written: Published, out: Path) -> Mapping[str, object]:
    manifest = written.manifest
    return {
        "out": str(out),
        "version": manifest["version"],
        "start": manifest["start"],
        "days": manifest["days"],
        "stations": sum(row[3] for row in manifest["cells"]),
        "files": written.n_files,
        "new": written.n_new,
        "cleared": written.n_cleared,
        "bytes": written.n_bytes,
        "sent_bytes": written.n_sent_bytes,
    }


def _check(context: Told, out: Path, *, as_json: bool) -> None:
    _ = context.translate
    wrong = publishing.check(out)
    if as_json:
        told.print_json({"out": str(out), "wrong": wrong})
    elif not wrong:
        click.echo(_("All files are as the manifest says."))
    else:
        told.print_table(str(out), [_("Missing or damaged")], [(path,) for path in wrong])
    if wrong:
        raise UnavailableError(
            "{n} files in {folder} are missing or damaged; publish again", n=len(wrong), folder=out
        )

"""``yizhan weather``: what it is like outside, for what the finder lists first."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from geodata.errors import InvalidInputError
from web import weather as kept
from web.clock import local_now
from web.commands import options
from web.commands.told import Told


@click.command()
@options.city
@click.option("--temperature", "temperature_c", type=float, required=True, help="Degrees Celsius.")
@click.option("--rain", "rain_mm_h", type=float, default=0.0, show_default=True, help="mm an hour.")
@click.option("--at", "at", help="When it was measured, city's own time; default: now.")
@click.pass_obj
def weather(
    context: Told, /, folder: Path | None, temperature_c: float, rain_mm_h: float, at: str | None
) -> None:
    """Write down the weather; for three hours it decides what the finder lists first.

    Example: yizhan weather --temperature 36 --rain 0
    """
    city = context.city(folder)
    now = local_now(city.settings.time_zone)
    observed = _moment(at) if at else now
    kept.write(
        city.folder,
        kept.Weather(temperature_c=temperature_c, rain_mm_h=rain_mm_h, observed_at=observed),
    )
    _ = context.translate
    said = {
        "heat": _(
            "Heat: stations with cooling and water, and open ones around the clock, come first."
        ),
        "cold": _(
            "Cold: stations with heating and water, and open ones around the clock, come first."
        ),
        "rain": _(
            "Heavy rain: stations with water and air conditioning, and open ones around the clock, "
            "come first."
        ),
        None: _("Usual weather: nothing is put first."),
    }
    click.echo(said[kept.mode(city.settings, city.folder, now)])


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise InvalidInputError(
            "{text!s} is no moment; write it like 2026-09-20T10:00, in the city's own time",
            text=text,
        )
    return found

"""A plan as an office can use it.

GeoPackage for the map, workbook for the tables, HTML for the eye. The same plan gives the same
tables. Every file says when the data are invented, which numbers rest on assumptions, and how far
the plan is from the best possible.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TypeVar

import geopandas as gpd
import pandas as pd

from geodata.city_settings import CitySettings
from geodata.errors import UnavailableError
from geodata.exporters import geopackage, workbook
from geodata.exporters.draft import finished
from planner import report
from planner.report import Assets, Picture
from planner.setting import Setting
from planner.suggestion import Suggestion
from planner.wording import gain_words, objective_words

Say = Callable[[str], str]
Table = TypeVar("Table", pd.DataFrame, gpd.GeoDataFrame)
FILES = ("proposal.gpkg", "proposal.xlsx", "proposal.html")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """What is proposed, and on what it rests.

    Attributes
    ----------
    suggestion, setting, settings
        The plan, the city as the planner saw it, and the city's own settings.
    streets
        Streets frame for the map, or None.
    moment
        When it was made; naive, in the city's time.
    provenance
        Data version, program version, seed and limits.
    """

    suggestion: Suggestion
    setting: Setting
    settings: CitySettings
    streets: gpd.GeoDataFrame | None
    moment: datetime
    provenance: Mapping[str, str]

    @property
    def is_synthetic(self) -> bool:
        """Whether any of it is invented."""
        return self.settings.is_synthetic or self.suggestion.before.is_synthetic


def write(proposal: Proposal, folder: Path, assets: Assets, say: Say = str) -> list[Path]:
    """Write the three files of a proposal.

    Parameters
    ----------
    proposal
        What to write.
    folder
        Made when absent; files of the same names are replaced.
    assets
        Inlined scripts and styles for the map.
    say
        Translates the English texts.

    Returns
    -------
    list of Path
        The files, in the order of `FILES`.

    Raises
    ------
    UnavailableError
        When the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            "the folder {folder} cannot be made ({cause}); choose another with --out",
            folder=folder,
            cause=error.strerror,
        ) from error
    paths = [folder / name for name in FILES]
    geopackage.write(paths[0], layers(proposal))
    workbook.write(paths[1], sheets(proposal, say))
    page = report.draw(picture(proposal, say), assets, say)
    with finished(paths[2]) as draft:
        draft.write_text(page, "utf-8")
    return paths


def layers(proposal: Proposal) -> dict[str, gpd.GeoDataFrame]:
    """Give the layers of the GeoPackage."""
    setting, suggestion = proposal.setting, proposal.suggestion
    demand = setting.demand
    places = gpd.GeoDataFrame(
        {
            "place_id": [str(i) for i in demand.places.index],
            "people": demand.people_by_place(),
            "covered_before": suggestion.before.covered,
            "covered_after": suggestion.after.covered,
        },
        geometry=list(demand.places),
        crs="EPSG:4326",
    )
    if suggestion.assigned is not None:
        goes_to = suggestion.assigned.set_index("place_id")["facility_id"]
        places["facility_id"] = places["place_id"].map(goes_to)
    stations = setting.in_service()
    found = {
        "suggested_sites": suggestion.sites,
        "stations": stations.assign(is_closed=stations["id"].isin(suggestion.closed["id"])),
        "demand_places": places,
    }
    if setting.areas is not None:
        by_area = pd.DataFrame(suggestion.before.by_area).rename(columns={"share": "share_before"})
        after = {row["id"]: row["share"] for row in suggestion.after.by_area}
        by_area["share_after"] = by_area["id"].map(after)
        columns = ["id", "people", "share_before", "share_after"]
        found["areas"] = setting.areas.merge(by_area[columns], on="id", how="left")
    return {name: _marked(frame, proposal.is_synthetic) for name, frame in found.items()}


def sheets(proposal: Proposal, say: Say = str) -> dict[str, pd.DataFrame]:
    """Give the tables of the workbook: summary, sites, coverage by area, group and hour."""
    suggestion = proposal.suggestion
    before, after = suggestion.before, suggestion.after
    tables = {
        say("Summary"): _summary(proposal, say),
        say("Suggested sites"): pd.DataFrame(suggestion.sites.drop(columns="geometry")),
        **_closed(suggestion, say),
        say("By group"): _compared(before.by_group, after.by_group, ["group"]),
        say("By hour"): _compared(before.by_hour, after.by_hour, ["weekday", "hour"]),
    }
    if before.by_area:
        by_area = _compared(before.by_area, after.by_area, ["id", "name"])
        tables[say("By district")] = by_area
    return {name: _marked(table, proposal.is_synthetic) for name, table in tables.items()}


def _closed(suggestion: Suggestion, say: Say) -> dict[str, pd.DataFrame]:
    if len(suggestion.closed) == 0:
        return {}
    return {say("Stations to close"): pd.DataFrame(suggestion.closed[["id", "name", "address"]])}


def picture(proposal: Proposal, say: Say = str) -> Picture:
    """Give the map of the plan: who is served today, who gains, who is left."""
    suggestion, setting = proposal.suggestion, proposal.setting
    return Picture(
        demand=setting.demand,
        covered=suggestion.before.covered,
        covered_after=suggestion.after.covered,
        stations=setting.in_service(),
        sites=suggestion.sites,
        closed_ids=frozenset(suggestion.closed["id"]),
        gain_words=gain_words(suggestion.plan.model, say),
        areas=setting.areas,
        streets=proposal.streets,
        title=f"{proposal.settings.name} · {say('Proposal for new stations')}",
        attribution=_sources(proposal.settings),
        is_synthetic=proposal.is_synthetic,
    )


def _sources(settings: CitySettings) -> str:
    number = settings.map_approval_number
    return " · ".join(
        part for part in (settings.attribution, number and f"审图号 {number}") if part
    )


def _summary(proposal: Proposal, say: Say) -> pd.DataFrame:
    suggestion, plan = proposal.suggestion, proposal.suggestion.plan
    value_words, bound_words = objective_words(suggestion.unit, say)
    rows = [
        (say("City"), proposal.settings.name),
        (say("Made at"), proposal.moment.isoformat(timespec="minutes")),
        (say("Service standard"), f"{suggestion.standard_s / 60:g} min · {suggestion.mode}"),
        (say("People"), round(suggestion.before.people)),
        (say("Share within the standard today"), round(suggestion.before.share, 4)),
        (say("Share with the plan"), round(suggestion.after.share, 4)),
        (say("New stations"), len(suggestion.sites)),
        (say("Stations to close"), len(suggestion.closed)),
        (say("Cost of new stations in CNY"), suggestion.cost_cny),
        (say("Model"), plan.model),
        (value_words, _number(plan.objective)),
        (bound_words, _number(plan.bound)),
        (say("Gap to the best possible"), plan.gap),
        *_left_out(suggestion, say),
        (say("Outcome"), f"{plan.outcome} ({plan.reason})"),
        (say("Travel times"), _travel_note(suggestion, say)),
        (say("Assumed"), say("kind, hours, seats and cost of new stations; presence by hour")),
    ]
    rows += [(key, value) for key, value in sorted(proposal.provenance.items())]
    return pd.DataFrame(rows, columns=[say("Item"), say("Value")])


def _left_out(suggestion: Suggestion, say: Say) -> list[tuple[str, float]]:
    people = suggestion.left_out_people
    return [(say("People left out, for nothing can serve them"), people)] if people else []


def _number(value: float) -> float | str:
    """Round; a plan that was not found has no number, and a workbook takes only finite ones."""
    return round(value, 1) if isfinite(value) else "–"


def _travel_note(suggestion: Suggestion, say: Say) -> str:
    if suggestion.before.is_straight_line:
        return say("straight line with a detour factor: the city has no streets")
    return say("along streets")


def _compared(
    before: list[dict[str, object]], after: list[dict[str, object]], keys: list[str]
) -> pd.DataFrame:
    table = pd.DataFrame(before)[[*keys, "people", "share"]]
    table = table.rename(columns={"share": "share_before"})
    return table.assign(share_after=pd.DataFrame(after)["share"])


def _marked(table: Table, is_synthetic: bool) -> Table:
    """Mark invented data; the exporters then say so in every row and on every sheet."""
    return table.assign(is_synthetic=True) if is_synthetic else table

"""The account of a city's capacity: a workbook, a GeoPackage, and what every number rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.city_settings import CitySettings
from geodata.errors import UnavailableError
from geodata.exporters import geopackage, workbook
from geodata.exporters.draft import finished
from planner import report
from planner.calibration import Calibration
from planner.capacity import Capacity
from planner.report import Assets, Picture
from planner.setting import Setting

Say = Callable[[str], str]

FILES = ("capacity.gpkg", "capacity.xlsx", "capacity.html")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Account:
    """What is written down.

    Attributes
    ----------
    capacity, setting
        What was measured, and in which city.
    calibration
        How counts changed the visits; None where nobody counted.
    settings, streets
        The city's settings and streets frame.
    moment
        When it was made.
    """

    capacity: Capacity
    setting: Setting
    calibration: Calibration | None
    settings: CitySettings
    streets: gpd.GeoDataFrame | None
    moment: datetime


def grounds(account: Account, say: Say = str) -> list[tuple[str, str, str]]:
    """Say of each number what it is and what it rests on: measured, counted or assumed.

    Returns
    -------
    list of tuple
        What, its value, and its basis.
    """
    model = account.capacity.model
    assumed, counted, measured = say("assumed"), say("counted"), say("measured")
    visits = " – ".join(f"{v:g}" for v in sorted(set(model.visits_per_day.values())))
    rows = [
        (say("Visits of a worker a day, with a station at the door"), visits, assumed),
        (say("Hours of the day at which each group comes"), say("see the sheet of hours"), assumed),
        (
            say("Journey after which half as many come"),
            say("{n} min").format(n=f"{model.half_s / 60:g}"),
            assumed,
        ),
        *(
            (
                say("Stay: {purpose}").format(purpose=_purpose(p.name, say)),
                say("{n} min, {share} of visits").format(
                    n=f"{p.stay_s / 60:g}", share=f"{p.share:.0%}"
                ),
                assumed,
            )
            for p in model.purposes
        ),
        (say("Promise in the worst hour"), promise_words(account.capacity, say), assumed),
        (say("People and where they are by the hour"), say("demand table"), _basis(account, say)),
        (say("Seats and hours of stations"), say("register"), _basis(account, say)),
        (say("Travel times"), _travel(account, say), measured),
    ]
    found = account.calibration
    if found is not None:
        rows.append(
            (
                say("Visits set right by counts at {n} stations").format(n=found.n_stations),
                say("error of a week at a station left out: {after} (before: {before})").format(
                    after=f"{found.error_after:.0%}", before=f"{found.error_before:.0%}"
                ),
                counted,
            )
        )
    return rows


def promise_words(capacity: Capacity, say: Say = str) -> str:
    """Say what a station owes to those who come in its worst hour."""
    promise = capacity.promise
    if promise.rule == "loss":
        return say("at most {share} find no seat").format(share=f"{promise.share:.0%}")
    return say("at least {share} get a seat within {n} min").format(
        share=f"{1 - promise.share:.0%}", n=f"{promise.wait_s / 60:g}"
    )


def write(account: Account, folder: Path, assets: Assets, say: Say = str) -> list[Path]:
    """Write the three files of the account.

    Parameters
    ----------
    account
        What to write.
    folder
        Made when absent; files of the same names are replaced.
    assets
        Inlined scripts and styles for the map.
    say
        Translates the English texts.

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
    geopackage.write(paths[0], {"station_capacity": layer(account)})
    workbook.write(paths[1], sheets(account, say))
    with finished(paths[2]) as draft:
        draft.write_text(report.draw(_picture(account, say), assets, say), "utf-8")
    return paths


def layer(account: Account) -> gpd.GeoDataFrame:
    """Give the stations with their load and seats as points in WGS 84."""
    table = account.capacity.stations
    points = account.setting.in_service().geometry.to_numpy()
    frame = gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")
    return frame.assign(is_synthetic=True) if account.setting.is_synthetic else frame


def sheets(account: Account, say: Say = str) -> dict[str, pd.DataFrame]:
    """Give the tables of the workbook: what it rests on, the stations, the hours of the week."""
    found = account.capacity
    hour = np.arange(found.load.shape[1])
    by_hour = pd.DataFrame(
        {
            "weekday": hour // 24,
            "hour": hour % 24,
            "wanted_visits": found.visits.wanted_per_hour,
            "visits": found.visits.per_hour.sum(axis=0),
            "unserved_visits": found.visits.unserved_per_hour,
        }
    )
    columns = [say("Item"), say("Value"), say("Basis")]
    tables = {
        say("What it rests on"): pd.DataFrame(grounds(account, say), columns=columns),
        say("Stations"): found.stations,
        say("Overloaded"): found.listed("overloaded"),
        say("Idle"): found.listed("idle"),
        say("By hour"): by_hour,
    }
    if account.setting.is_synthetic:
        return {name: table.assign(is_synthetic=True) for name, table in tables.items()}
    return tables


def _picture(account: Account, say: Say) -> Picture:
    setting, found = account.setting, account.capacity
    over = found.stations.loc[found.stations["verdict"] == "overloaded", "id"]
    stations = setting.in_service()
    return Picture(
        demand=setting.demand,
        covered=setting.coverage().covered,
        stations=stations,
        overloaded_ids=frozenset(over),
        areas=setting.areas,
        streets=account.streets,
        title=f"{account.settings.name} · {say('Capacity of the stations')}",
        attribution=account.settings.attribution,
        is_synthetic=setting.is_synthetic,
    )


def _purpose(name: str, say: Say) -> str:
    known = {
        "quick": say("water or toilet"),
        "rest": say("rest or charging"),
        "meal": say("a meal"),
    }
    return known.get(name, name)


def _basis(account: Account, say: Say) -> str:
    return say("invented sample") if account.setting.is_synthetic else say("recorded")


def _travel(account: Account, say: Say) -> str:
    if account.setting.network is None:
        return say("straight line with a detour factor: the city has no streets")
    return say("along streets")

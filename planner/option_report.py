"""The files of a plan of options: GeoPackage, workbook and map."""

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
from planner.explain import MORE_CNY, Why, more_money
from planner.option_plan import OptionAnswer
from planner.options import Rules
from planner.report import Assets, Picture
from planner.setting import Setting

Say = Callable[[str], str]

FILES = ("plan.gpkg", "plan.xlsx", "plan.html")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptionAccount:
    """What is written down: the plan, its reasons, and what it rests on."""

    answer: OptionAnswer
    reasons: tuple[Why, ...]
    setting: Setting
    rules: Rules
    settings: CitySettings
    streets: gpd.GeoDataFrame | None
    moment: datetime


def write(account: OptionAccount, folder: Path, assets: Assets, say: Say = str) -> list[Path]:
    """Write the three files; parameters and errors as for `planner.capacity_report.write`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(
            "the folder {folder} cannot be made ({cause}); choose another with --out",
            folder=folder,
            cause=error.strerror,
        ) from error
    paths = [folder / name for name in FILES]
    geopackage.write(paths[0], {"options": layer(account)})
    workbook.write(paths[1], sheets(account, say))
    with finished(paths[2]) as draft:
        draft.write_text(report.draw(_picture(account, say), assets, say), "utf-8")
    return paths


def layer(account: OptionAccount) -> gpd.GeoDataFrame:
    """Give the chosen options as points in WGS 84."""
    frame = account.answer.chosen.drop(columns=["option", "lon_deg", "lat_deg"])
    return frame.assign(is_synthetic=True) if account.answer.is_synthetic else frame


def sheets(account: OptionAccount, say: Say = str) -> dict[str, pd.DataFrame]:
    """Give the tables of the workbook: summary, options, who gains, hours of the week."""
    answer = account.answer
    chosen = pd.DataFrame(answer.chosen.drop(columns=["geometry", "option"]))
    gains = pd.DataFrame(
        [
            {"id": chosen["id"].iloc[k], "who": who, "hours": hours, "by": by}
            for k, why in enumerate(account.reasons)
            for by, pairs in ((say("group"), why.by_group), (say("district"), why.by_area))
            for who, hours in pairs
        ],
        columns=["id", "by", "who", "hours"],
    )
    hour = np.arange(len(answer.by_hour_before))
    by_hour = pd.DataFrame(
        {
            "weekday": hour // 24,
            "hour": hour % 24,
            "share_before": answer.by_hour_before,
            "share_after": answer.by_hour_after,
        }
    )
    runner_up = [why.runner_up_hours for why in account.reasons]
    tables = {
        say("Summary"): pd.DataFrame(summary(account, say), columns=_columns(say)),
        say("What to do"): chosen.assign(runner_up_hours=runner_up),
        say("Who gains"): gains,
        say("By hour"): by_hour,
    }
    if answer.closed:
        tables[say("Stations to close")] = pd.DataFrame({"id": list(answer.closed)})
    return {name: _marked(account, table) for name, table in tables.items()}


def summary(account: OptionAccount, say: Say = str) -> list[tuple[str, float | str, str]]:
    """Give the numbers of the plan with what each rests on: measured, recorded or assumed."""
    answer, more = account.answer, more_money(account.answer)
    measured, assumed = say("measured"), say("assumed")
    recorded = say("invented sample") if answer.is_synthetic else say("recorded")
    return [
        (say("City"), account.settings.name, recorded),
        (say("Made at"), account.moment.isoformat(timespec="minutes"), measured),
        (say("Budget in CNY"), account.rules.budget_cny, say("asked for")),
        (say("Cost in CNY"), answer.cost_cny, assumed),
        (say("People-hours a week in all"), round(answer.all_hours), recorded),
        (say("Covered today"), round(answer.before_hours), measured),
        (say("Covered with the plan"), round(answer.after_hours), measured),
        (say("Gap to the best possible"), answer.plan.gap, measured),
        (
            say("{cny} CNY more would bring at least").format(cny=f"{MORE_CNY:,.0f}"),
            round(more.least_hours),
            measured,
        ),
        (
            say("{cny} CNY more would bring at most").format(cny=f"{MORE_CNY:,.0f}"),
            round(more.most_hours),
            measured,
        ),
        (say("Prices, seats and hours on offer"), "city.toml", assumed),
        (say("People and where they are by the hour"), say("demand table"), recorded),
        (say("Seats and hours of stations"), say("register"), recorded),
    ]


def _columns(say: Say) -> list[str]:
    return [say("Item"), say("Value"), say("Basis")]


def _picture(account: OptionAccount, say: Say) -> Picture:
    setting, answer = account.setting, account.answer
    sites = answer.chosen.rename(columns={"gain_hours": "gain_people"})
    return Picture(
        demand=setting.demand,
        covered=setting.coverage().covered,
        stations=setting.in_service(),
        sites=sites,
        closed_ids=frozenset(answer.closed),
        gain_words=say("people-hours a week"),
        areas=setting.areas,
        streets=account.streets,
        title=f"{account.settings.name} · {say('Plan of hours, seats and money')}",
        attribution=account.settings.attribution,
        is_synthetic=answer.is_synthetic,
    )


def _marked(account: OptionAccount, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(is_synthetic=True) if account.answer.is_synthetic else table

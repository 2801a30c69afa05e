"""The tiny city as the planner sees it."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
from support import small_app, small_city

from planner.candidates import from_grid
from planner.demand import from_frame
from planner.question import Question
from planner.setting import Setting
from planner.suggestion import NewStation, Suggestion, suggest

NEW = NewStation(kind="co_built", hours="Mo-Su 07:00-21:00", seats=12)


def make(*, minutes: float = 5.0, **rest: Any) -> Setting:
    """Give the setting; `rest` replaces its parts."""
    parts: dict[str, Any] = {
        "demand": from_frame(small_city.demand()),
        "stations": small_city.stations_frame(small_city.stations()),
        "network": small_app.make_network(),
        "areas": small_city.areas(),
    }
    return Setting(**{**parts, **rest}, standard_s=60 * minutes)


def candidates(setting: Setting) -> gpd.GeoDataFrame:
    """Give a grid of candidates."""
    return from_grid(setting.demand.places, setting.network, cost_cny=13_000, areas=setting.areas)


def ask(setting: Setting, sites: gpd.GeoDataFrame | None = None, **rules: Any) -> Suggestion:
    """Ask a question on the grid, or on other candidates."""
    offered = candidates(setting) if sites is None else sites
    return suggest(setting, offered, NEW, Question(**rules))

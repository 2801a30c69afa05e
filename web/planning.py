"""The planner's questions put to a city folder; shared by the command line and the routes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files

import geopandas as gpd

from geodata.city import City
from geodata.city_settings import CitySettings
from planner import candidates as candidate_sites
from planner import demand as demand_of
from planner.option_plan import OptionAnswer, choose
from planner.options import Kind, Prices, Rules
from planner.proposal import Proposal
from planner.question import Question
from planner.report import Assets
from planner.seat_steps import in_steps
from planner.setting import Setting
from planner.siting import Progress
from planner.suggestion import NewStation, Suggestion, suggest

_DATA_FILES = ("city.toml", "streets.parquet", "demand.parquet", "areas.parquet")
_SCRIPTS = ("leaflet-1.9.4/leaflet.js",)
_STYLES = ("leaflet-1.9.4/leaflet.css",)


def setting(
    city: City,
    stations: gpd.GeoDataFrame,
    hotspots: gpd.GeoDataFrame,
    *,
    version: str,
    minutes: float = 10.0,
    mode: str = "walk",
) -> Setting:
    """Put a city's tables together for one mode and standard.

    Parameters
    ----------
    city
        The city; its demand table is used, or the hotspots where it has none.
    stations, hotspots, version
        Frames of the store, and its version when they were read.
    minutes, mode
        The service standard.

    Raises
    ------
    InvalidInputError
        When the city has no demand, or minutes or mode break the rules.
    """
    frame = city.demand
    demand = demand_of.from_hotspots(hotspots) if frame is None else demand_of.from_frame(frame)
    return Setting(
        demand=demand,
        stations=stations,
        network=city.network,
        areas=city.areas,
        mode=mode,
        standard_s=60.0 * minutes,
        detour_factor=city.settings.detour_factor,
        version=version,
    )


def read_setting(city: City, *, minutes: float, mode: str) -> Setting:
    """Read the city's tables for one question."""
    with city.store() as store:
        version = store.data_version()
        stations, hotspots = store.stations(), store.hotspots()
    return setting(city, stations, hotspots, version=version, minutes=minutes, mode=mode)


def suggestion(
    city: City,
    asked: Setting,
    question: Question,
    *,
    hosts: gpd.GeoDataFrame | None = None,
    seats: int | None = None,
    seat_steps: Sequence[int] = (),
    time_limit_s: float = 60.0,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> Suggestion:
    """Suggest sites on the city's streets, or among offered hosts.

    Parameters
    ----------
    city, asked, question
        The city, its setting and what is asked of it.
    hosts
        Offered premises; None takes a grid on the streets.
    seats
        Seats of a new station; None takes those of the city's settings.
    seat_steps
        Sizes in which each site is offered; empty for one size.
    time_limit_s, seed, on_progress
        As `planner.suggestion.suggest`.

    Raises
    ------
    InvalidInputError, NotFoundError, UnanswerableError
        As `planner.suggestion.suggest` and `planner.candidates`.
    """
    settings = city.settings
    sites = _sites(city, asked, hosts)
    if seat_steps:
        sites = in_steps(
            sites, seat_steps, with_seats=settings.new_seats, seat_cny=settings.option_cny["seat"]
        )
    return suggest(
        asked,
        sites,
        NewStation(
            kind=settings.new_kind,
            hours=settings.new_hours,
            seats=settings.new_seats if seats is None else seats,
        ),
        question,
        time_limit_s=time_limit_s,
        random_state=seed,
        on_progress=on_progress,
    )


def option_prices(settings: CitySettings) -> Prices:
    """Give what can be bought in a city, from its settings."""
    return Prices(
        kinds=tuple(
            Kind(
                name=kind,
                cost_cny=settings.cost_cny[kind],
                seats=settings.kind_seats.get(kind, settings.new_seats),
                hours=hours,
            )
            for kind, hours in settings.kind_hours.items()
            if kind in settings.cost_cny
        ),
        extend_cny=settings.option_cny["extend"],
        upgrade_cny=settings.option_cny["upgrade_24h"],
        seat_cny=settings.option_cny["seat"],
        move_cny=settings.option_cny["move"],
        running_cny=settings.running_cny,
        longer_hours=settings.longer_hours,
    )


def option_plan(
    city: City,
    asked: Setting,
    rules: Rules,
    *,
    hosts: gpd.GeoDataFrame | None = None,
    time_limit_s: float = 60.0,
    seed: int = 0,
    on_progress: Callable[[Progress], None] | None = None,
) -> OptionAnswer:
    """Choose what to open, extend, equip, close or move; as `planner.option_plan.choose`."""
    return choose(
        asked,
        _sites(city, asked, hosts),
        option_prices(city.settings),
        rules,
        time_limit_s=time_limit_s,
        random_state=seed,
        on_progress=on_progress,
    )


def _sites(city: City, asked: Setting, hosts: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    cost_cny = city.settings.new_cost_cny
    if hosts is not None:
        return candidate_sites.from_hosts(hosts, cost_cny=cost_cny)
    return candidate_sites.from_grid(
        asked.demand.places, asked.network, cost_cny=cost_cny, areas=asked.areas
    )


def proposal(
    city: City, asked: Setting, found: Suggestion, *, moment: datetime, seed: int
) -> Proposal:
    """Compose a proposal of a suggestion."""
    provenance: Mapping[str, str] = {
        "program": f"yizhan {version('yizhan')}",
        "data_version": data_version(city, asked.version),
        "seed": str(seed),
    }
    return Proposal(
        suggestion=found,
        setting=asked,
        settings=city.settings,
        streets=city.streets,
        moment=moment,
        provenance=provenance,
    )


def data_version(city: City, store_version: str) -> str:
    """Give one word for all the data of a city: it changes when any file or the store does."""
    digest = hashlib.sha256(store_version.encode())
    for name in _DATA_FILES:
        path = city.folder / name
        digest.update(path.read_bytes() if path.is_file() else b"absent")
    return digest.hexdigest()[:16]


def inlined_assets() -> Assets:
    """Give scripts and styles as text, for maps that are saved as one file."""
    vendor = files("web").joinpath("static", "vendor")
    return Assets(
        scripts=tuple(vendor.joinpath(name).read_text("utf-8") for name in _SCRIPTS),
        styles=tuple(vendor.joinpath(name).read_text("utf-8") for name in _STYLES),
        is_inline=True,
    )


def served_assets(*, basemap_module: str, nonce: str) -> Assets:
    """Give scripts and styles as addresses on this server."""
    return Assets(
        scripts=tuple(f"/static/vendor/{name}" for name in _SCRIPTS),
        styles=tuple(f"/static/vendor/{name}" for name in _STYLES),
        is_inline=False,
        basemap_module=basemap_module,
        nonce=nonce,
    )

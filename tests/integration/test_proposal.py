"""A proposal on disk: three files that agree with the plan, say what is invented, and run nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from shapely import box
from support import towns
from support.records import demand_frame, stations_frame

from geodata.city_settings import CitySettings
from geodata.errors import UnavailableError
from geodata.network import from_streets
from planner.candidates import from_grid, from_hosts
from planner.demand import from_frame
from planner.proposal import FILES, Proposal, write
from planner.question import Question
from planner.report import Assets, Picture, draw
from planner.setting import Setting
from planner.suggestion import NewStation, suggest

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>', "{{7*7}}", "'; DROP TABLE stations; --", "{% raw %}</style>"]  # fmt: skip
ASSETS = Assets(scripts=("var a = '</script>';",), styles=("p{}",), is_inline=True)


def make(*, name: str = "甲", is_synthetic: bool = False) -> Proposal:
    """Propose two sites in a small town in which every text is the one given."""
    streets = towns.grid(10, seed=4)
    streets["name"] = name
    demand = demand_frame([(-300, -300), (0, 0), (300, 300)], [10, 20, 30])
    demand["is_synthetic"] = is_synthetic
    text = dict.fromkeys(("name", "address", "host", "district", "hours_text", "phone"), name)
    stations = stations_frame([{"id": "s1", **text}], [(-300, -290)])
    x, y = towns.points([(0, 0)]).x[0], towns.points([(0, 0)]).y[0]
    areas = gpd.GeoDataFrame(
        {"id": ["a"], "name": [name], "is_synthetic": is_synthetic},
        geometry=[box(x - 0.01, y - 0.01, x + 0.01, y + 0.01)],
        crs="EPSG:4326",
    )
    network = from_streets(streets)
    setting = Setting(
        demand=from_frame(demand), stations=stations, network=network, areas=areas, standard_s=120
    )
    candidates = from_grid(setting.demand.places, network, cost_cny=13_000, areas=areas)
    new = NewStation(kind="co_built", hours="24/7", seats=12)
    return Proposal(
        suggestion=suggest(setting, candidates, new, Question(n_sites=2)),
        setting=setting,
        settings=CitySettings(name=name, is_synthetic=is_synthetic, attribution=name),
        streets=streets,
        moment=datetime(2026, 9, 20, 10, 0),
        provenance={"program": "test"},
    )


def test_files_agree_with_the_plan(tmp_path: Path) -> None:
    """The GeoPackage's sites and the workbook's rows are the plan's, with coverage before and after."""
    proposal = make()
    paths = write(proposal, tmp_path / "new" / "folder", ASSETS)
    assert tuple(p.name for p in paths) == FILES
    sites = gpd.read_file(paths[0], layer="suggested_sites")
    expected = proposal.suggestion.sites
    assert sites["gain_people"].tolist() == expected["gain_people"].tolist()
    assert sites.crs is not None
    assert sites.crs.to_epsg() == 4326
    places = gpd.read_file(paths[0], layer="demand_places")
    gained = places.loc[places["covered_after"] & ~places["covered_before"], "people"].sum()
    assert gained == pytest.approx(proposal.suggestion.plan.objective)
    book = openpyxl.load_workbook(paths[1])
    assert len(list(book["Suggested sites"].rows)) == 1 + len(expected)


def test_same_plan_same_tables_and_same_map(tmp_path: Path) -> None:
    """Writing twice gives the same map byte by byte, but for folium's random element names."""
    texts = [write(make(), tmp_path / k, ASSETS)[2].read_text("utf-8") for k in ("a", "b")]
    first, second = (re.sub(r"[0-9a-f]{32}", "id", text) for text in texts)
    assert first == second


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_every_file(tmp_path: Path, text: str) -> None:
    """Names with markup, templates and SQL come back letter by letter, and the map gains no element."""
    paths = write(make(name=text), tmp_path, ASSETS)
    assert gpd.read_file(paths[0], layer="stations")["name"].tolist() == [text]
    book = openpyxl.load_workbook(paths[1])
    cells = [c.value for sheet in book for row in sheet.rows for c in row if c.data_type != "n"]
    assert text in cells
    assert not any(c.data_type == "f" for sheet in book for row in sheet.rows for c in row)
    assert elements(paths[2]) == elements(write(make(name="甲"), tmp_path / "calm", ASSETS)[2])
    assert "49" not in _title(paths[2])


def elements(page: Path) -> list[str]:
    """List the elements of a page with the names of their attributes, in order."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append(f"{tag} {[name for name, _ in attrs]}")

    Reader().feed(page.read_text("utf-8"))
    return found


def _title(page: Path) -> str:
    return page.read_text("utf-8").split('class="legend"')[-1][:300]


def test_invented_data_is_marked_in_every_file(tmp_path: Path) -> None:
    """Each layer and sheet of a proposal from invented data says so, and so does the map."""
    paths = write(make(is_synthetic=True), tmp_path, ASSETS)
    for layer in ("suggested_sites", "stations", "demand_places", "areas"):
        assert "非真实站点" in str(gpd.read_file(paths[0], layer=layer).to_dict())
    for sheet in openpyxl.load_workbook(paths[1]):
        assert "非真实站点" in str(sheet["A1"].value)
    assert "Sample data, not real stations" in paths[2].read_text("utf-8")


def test_invented_stations_alone_mark_the_plan() -> None:
    """With real demand and invented stations, coverage and proposal say that data are invented."""
    proposal = make()
    stations = proposal.setting.stations.assign(is_synthetic=True)
    setting = replace(proposal.setting, stations=stations)
    assert not proposal.setting.coverage().is_synthetic
    assert setting.coverage().is_synthetic
    assert setting.coverage().to_dict()["is_synthetic"]


def test_candidates_are_where_people_are_whatever_else_is_on_the_map() -> None:
    """One place 200 km away adds its own cells and takes none from the others."""
    near = towns.points([(-300, -300), (300, 300)])
    both = towns.points([(-300, -300), (300, 300), (200_000, 0)])
    few, many = (from_grid(places, None, cost_cny=1.0) for places in (near, both))
    assert set(few["id"]) < set(many["id"])
    assert len(many) - len(few) == 19


def test_saved_map_names_no_outside_host(tmp_path: Path) -> None:
    """No element of a saved map points anywhere: it opens without a network."""
    page = write(make(), tmp_path, ASSETS)[2].read_text("utf-8")
    assert re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=", page) == []


def test_city_without_stations_or_without_gain_has_a_map() -> None:
    """A first plan has no stations to show, and a plan that gains nobody no sites; both have a map."""
    demand = from_frame(demand_frame([(0, 0), (100, 0)], [10, 20]))
    empty = stations_frame([{"id": "s1"}], [(0, 0)]).iloc[:0]
    for sites in (None, gpd.GeoDataFrame({"name": []}, geometry=[], crs="EPSG:4326")):
        picture = Picture(
            demand=demand, covered=np.array([True, False]), stations=empty, sites=sites
        )
        assert "20 people" in draw(picture, ASSETS)


def test_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """A file where the folder should be is an error that names it."""
    (tmp_path / "taken").write_text("x")
    with pytest.raises(UnavailableError, match="taken"):
        write(make(), tmp_path / "taken", ASSETS)


def test_hosts_with_their_own_costs_are_the_candidates() -> None:
    """Offered premises keep their id, name and stated cost; the others take the default."""
    hosts = gpd.GeoDataFrame(
        {"id": ["h1", "h2"], "name": ["bank", "shop"], "cost_cny": [5000.0, float("nan")]},
        geometry=list(towns.points([(0, 0), (100, 0)])), crs="EPSG:4326",
    )  # fmt: skip
    found = from_hosts(hosts, cost_cny=13_000)
    assert found[["id", "name", "cost_cny"]].to_numpy().tolist() == [
        ["h1", "bank", 5000.0],
        ["h2", "shop", 13_000.0],
    ]


def test_grid_candidates_lie_on_streets_inside_the_areas() -> None:
    """Every candidate is on a street edge and inside the areas."""
    proposal = make()
    setting = proposal.setting
    found = from_grid(setting.demand.places, setting.network, cost_cny=1.0, areas=setting.areas)
    assert len(found) > 3
    reach = setting.reach(found.geometry)
    assert len(reach.off_network_facilities) == 0

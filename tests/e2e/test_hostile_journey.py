"""Whatever strangers wrote into the data is shown as text, runs nothing and breaks no page."""

from __future__ import annotations

import json
import re
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from support import hostile, small_app, small_city
from support.browsing import Watched, serving

from geodata.basemap import write_basemap
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings

Open = Callable[..., Watched]
DESK = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}}
STRANGE = """() => ({
    ran: typeof window.pwned,
    tags: [...document.querySelectorAll("img[src='x'], iframe[srcdoc], base, object, math, " +
        "meta[http-equiv='refresh'], a[href^='javascript'], " +
        "[onload], [onerror], [ontoggle], [onfocus], [onmouseover]")].map(e => e.outerHTML),
    away: [...document.querySelectorAll("a[href], link[href], form[action], script[src], img[src]")]
        .map(e => e.href || e.action || e.src)
        .filter(address => new URL(address, location).hostname.includes("evil")),
    hidden: getComputedStyle(document.body).display === "none",
})"""
"""What must not be in a document: elements, handlers and addresses that only data ask for."""
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.outerHTML.slice(0, 80)).slice(-5)"""


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a city in which every text is hostile; give its address."""
    folder = tmp_path_factory.mktemp("hostile") / "city"
    usual = small_city.stations()
    model = hostile.corner(usual[0])
    records = [*usual, *hostile.told(model), hostile.with_hostile_id(model)]
    settings = CitySettings(
        name=hostile.PAYLOADS[0],
        name_en=hostile.PAYLOADS[1],
        attribution=hostile.PAYLOADS[1],
        map_approval_number=hostile.PAYLOADS[8],
        is_synthetic=True,
    )
    tables = CityTables(
        streets=hostile.streets(),
        demand=small_city.demand(),
        areas=hostile.areas(),
        stations=small_city.stations_frame(records),
        hotspots=hostile.hotspots(),
    )

    def basemap(staging: Path) -> None:
        write_basemap(
            staging / "basemap.pmtiles",
            tables.streets,
            tables.areas,
            name=hostile.PAYLOADS[0],
            attribution=hostile.PAYLOADS[1],
        )

    write_city(folder, settings, tables, write_extra=basemap)
    with serving(folder, small_app.MONDAY_MORNING.isoformat()) as address:
        manifest = f"{address}/snapshot/manifest.json"
        with urllib.request.urlopen(manifest, timeout=120) as answer:  # noqa: S310  our own server
            assert json.load(answer)["tiles"]
        yield address


def _look(page: Page, where: str, *, fits: bool = True) -> str:
    """See that nothing of the page comes from data, and give its text on one line."""
    for frame in page.frames:
        seen = frame.evaluate(STRANGE)
        calm = {"ran": "undefined", "tags": [], "away": [], "hidden": False}
        assert seen == calm, (where, frame.url)
    if fits:
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], (where, page.evaluate(TOO_WIDE))
    return _plain(page.evaluate("document.body.textContent"))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_all_of_them_are_words_that_a_page_must_survive() -> None:
    """There are forty and more, and every free text of a station is among the fields filled."""
    assert len(set(hostile.PAYLOADS)) >= 40
    assert hostile.text_fields() == {*hostile.TEXT_FIELDS, "status_reason"}


def test_the_list_shows_them(hostile_site: str, watch: Open) -> None:
    """Names in the list of the finder, with and without its script, are word for word."""
    page = watch(**PHONE).page
    seen = ""
    for k in (0, 3, 6, 9, 12, 15, 18, 21, 23):
        where = f"/?place=station:x{k}&open=0&minutes=30"
        page.goto(hostile_site + where, wait_until="networkidle")
        seen += _look(page, where)
    assert [p for p in hostile.PAYLOADS if _plain(f"name {p}") not in seen] == []
    page = watch(**PHONE, java_script_enabled=False).page
    page.goto(f"{hostile_site}/?place=station:x12&open=0&minutes=30")
    assert sum(_plain(f"name {p}") in _look(page, "no script") for p in hostile.PAYLOADS) > 5


def test_the_page_of_a_station_shows_them(hostile_site: str, watch: Open) -> None:
    """The texts of a hostile station stand on its page as they were recorded."""
    page = watch(**PHONE).page
    for k, payload in [*enumerate(hostile.PAYLOADS)][::4] + [*enumerate(hostile.PAYLOADS)][-2:]:
        where = f"/stations/x{k}"
        page.goto(hostile_site + where)
        said = _look(page, where)
        for field in ("name", "host", "address", "phone"):
            assert _plain(f"{field} {payload}") in said, (field, payload)


def test_pins_and_what_they_open_show_them(hostile_site: str, watch: Open) -> None:
    """Every pin of the finder's map opens, and nothing comes out but text."""
    page = watch(**DESK).page
    page.goto(f"{hostile_site}/?place=station:x7&open=0&minutes=30")
    pins = page.locator(".leaflet-marker-icon")
    pins.first.wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    for pin in pins.all()[:12]:
        pin.dispatch_event("click")
        _look(page, "pin")
        page.keyboard.press("Escape")


def test_the_map_of_all_stations_shows_them(hostile_site: str, watch: Open) -> None:
    """The pop-up of a crowd of pins names them, and so does the list beside the map."""
    page = watch(**DESK).page
    page.add_init_script("addEventListener('map', e => { window.seen = e.detail; }, true)")
    page.goto(f"{hostile_site}/national")
    page.locator("#all-map[data-ready]").wait_for()
    _look(page, "/national")
    model = hostile.corner(small_city.stations()[0])
    seen = ""
    for column in (0, 8, 16):
        place = [model.lat_deg, model.lon_deg + column * 1e-4]
        page.evaluate("p => window.seen.map.setView(p, 17, {animate: false})", place)
        page.wait_for_function(
            "p => !window.seen.layer._loading && window.seen.layer.at(L.latLng(p)).length > 0",
            arg=place,
        )
        page.evaluate("p => window.seen.map.fire('click', {latlng: L.latLng(p)})", place)
        expect(page.locator(".popup-stations strong").first).to_be_visible()
        seen += _look(page, "pop-up")
    assert sum(_plain(f"name {p}") in seen for p in hostile.PAYLOADS) > 5
    for payload in hostile.PAYLOADS[:4]:
        where = f"/national?{urlencode({'district': f'district {payload}'})}"
        page.goto(hostile_site + where)
        assert _plain(f"name {payload}") in _look(page, where)


def test_the_planner_and_its_maps_show_them(hostile_site: str, watch: Open) -> None:
    """Districts, streets and stations in tables, choices and maps of a plan."""
    page = watch(**DESK).page
    page.goto(f"{hostile_site}/planner?minutes=5&new=2", wait_until="networkidle")
    said = _look(page, "/planner")
    missing = [p for p in hostile.PAYLOADS if _plain(f"area {p}") not in said]
    assert missing == []
    page.goto(f"{hostile_site}/planner/map/after?minutes=5&new=2", wait_until="networkidle")
    _look(page, "map", fits=False)


def test_a_saved_proposal_shows_them(hostile_site: str, watch: Open, tmp_path: Path) -> None:
    """The map of a downloaded proposal, opened from the disk, runs nothing and asks nobody."""
    watched = watch(**DESK)
    page = watched.page
    response = page.request.get(f"{hostile_site}/planner/proposal.zip?minutes=5&new=2")
    saved = tmp_path / "proposal.zip"
    saved.write_bytes(response.body())
    zipfile.ZipFile(saved).extract("proposal.html", tmp_path)
    page.goto((tmp_path / "proposal.html").as_uri())
    expect(page.locator(".leaflet-marker-icon.site")).to_have_count(2)
    _look(page, "proposal", fits=False)
    assert watched.hosts == set()


def test_what_is_typed_or_linked_stays_text(hostile_site: str, watch: Open) -> None:
    """A search, a place, a language or a district from the address cannot become markup."""
    page = watch(**PHONE).page
    for payload in hostile.PAYLOADS[::8]:
        for where in (
            f"/?{urlencode({'q': payload})}",
            f"/national?{urlencode({'lang': payload})}",
        ):
            page.goto(hostile_site + where)
            _look(page, where)

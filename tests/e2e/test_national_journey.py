"""Somebody looks at all stations of the folder: on the map, in the table, by the keyboard alone."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from support import small_app
from support.axe import violations
from support.browsing import Watched, serving
from support.pictures import picture

from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.country import make_country
from geodata.districts import name_of

Open = Callable[..., Watched]
N = 200
COUNTRY = make_country(n=N)
LISTED = COUNTRY[COUNTRY["status"].isin(["open", "suspended"])]
KEEP_MAP = "addEventListener('map', e => { window.seen = e.detail; }, true)"
MARKS = """() => Object.values(window.seen.layer._tiles)
    .filter(tile => tile.current).flatMap(tile => tile.el.marks || [])
    .map(mark => mark.facts)"""

SETTLED = "!window.seen.layer._loading && window.seen.layer._tileZoom === window.seen.map.getZoom()"


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a small invented country; give its address."""
    folder = tmp_path_factory.mktemp("country") / "city"
    settings = CitySettings(name="示例全国", name_en="Sample Country", is_synthetic=True)
    write_city(folder, settings, CityTables(stations=COUNTRY))
    with serving(folder, small_app.MONDAY_MORNING.isoformat()) as address:
        # The first to ask waits until the files for phones are written.
        manifest = f"{address}/snapshot/manifest.json"
        with urllib.request.urlopen(manifest, timeout=120) as answer:  # noqa: S310  our own server
            assert json.load(answer)["tiles"]
        yield address


def _opened(watch: Open, address: str, **options: object) -> Page:
    page = watch(**options).page
    page.add_init_script(KEEP_MAP)
    page.goto(address)
    page.locator("#all-map[data-ready]").wait_for()
    return page


def test_the_map_counts_every_station_at_every_zoom(country: str, watch: Open) -> None:
    """What the circles say adds up to the table's total, far away and nearer."""
    page = _opened(watch, f"{country}/national", viewport={"width": 1280, "height": 900})
    total = page.locator("tfoot td").first.inner_text().replace(",", "")
    assert int(total) == len(LISTED)
    for zoom in (3, 4):
        view = f"() => window.seen.map.setView([36, 104], {zoom}, {{animate: false}})"
        page.evaluate(view)
        page.wait_for_function(f"() => {_summed()} === {len(LISTED)}")
    picture(page, "all-stations")


def _summed() -> str:
    return f"({MARKS})().reduce((sum, facts) => sum + (facts.id === undefined ? facts.n : 1), 0)"


def test_a_tap_goes_nearer_and_at_last_opens_a_station(country: str, watch: Open) -> None:
    """Circles lead down to pins; a pin says name and way in, and leads to the station's page."""
    page = _opened(watch, f"{country}/national", viewport={"width": 1280, "height": 900})
    one = LISTED[LISTED["district_code"] == "540000"].iloc[0]
    place = f"[{one.geometry.y}, {one.geometry.x}]"
    page.evaluate(f"() => window.seen.map.setView({place}, 6, {{animate: false}})")
    page.wait_for_function(f"() => ({MARKS})().length > 0")
    zooms = [6]
    for _ in range(8):
        if page.locator(".leaflet-popup").count():
            break
        _tap(page, one.geometry.y, one.geometry.x)
        page.wait_for_function(
            f"() => document.querySelector('.leaflet-popup') || window.seen.map.getZoom() > {zooms[-1]}"
        )
        page.wait_for_function(f"() => {SETTLED} && ({MARKS})().length > 0")
        zooms.append(page.evaluate("() => window.seen.map.getZoom()"))
    expect(page.locator(".popup-stations strong").first).to_contain_text("工会驿站（示例）")
    assert zooms == sorted(zooms)
    page.locator(".popup-stations a").first.click()
    expect(page.locator("h1")).to_contain_text("工会驿站（示例）")


def _tap(page: Page, lat_deg: float, lon_deg: float) -> None:
    """Tap the mark nearest to a place."""
    x, y = page.evaluate(
        """([lat, lon]) => {
            const {map, layer} = window.seen;
            const box = map.getContainer().getBoundingClientRect();
            const here = map.latLngToContainerPoint([lat, lon]);
            let best = null;
            for (const {el, coords} of Object.values(layer._tiles)) {
                if (coords.z !== layer._tileZoom) continue;
                for (const mark of el.marks || []) {
                    const at = map.latLngToContainerPoint(
                        map.unproject(coords.scaleBy(layer.getTileSize()).add([mark.x, mark.y]), coords.z));
                    const away = at.distanceTo(here);
                    if (!best || away < best.away) best = {away, at};
                }
            }
            return [box.x + best.at.x, box.y + best.at.y];
        }""",
        [lat_deg, lon_deg],
    )
    page.mouse.click(x, y)


def test_the_table_leads_to_every_station_without_a_script(country: str, watch: Open) -> None:
    """Country, province, town, station: links alone, with JavaScript off."""
    page = watch(java_script_enabled=False).page
    page.goto(f"{country}/national")
    expect(page.locator(".no-map")).to_be_visible()
    province = LISTED[LISTED["district_code"] == "410000"]
    page.get_by_role("link", name=name_of("410000")).click()
    expect(page.locator("h1")).to_have_text(name_of("410000"))
    counts = province["district"].value_counts()
    town = str(counts.index[0])
    row = page.locator("tbody tr").first
    expect(row.locator("td").first).to_have_text(str(counts.iloc[0]))
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text(town)
    expect(page.locator(".stations li")).to_have_count(min(100, int(counts.iloc[0])))
    page.locator(".stations a").first.click()
    expect(page.locator("h1")).to_contain_text("工会驿站（示例）")


def test_the_keyboard_reaches_map_and_table(country: str, watch: Open) -> None:
    """Tab passes the map by one link, the map moves by arrows, and a province opens by Enter."""
    page = _opened(watch, f"{country}/national")
    skip = page.locator(".whole .skip")
    skip.focus()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#table-title")).to_be_focused()
    before = page.evaluate("() => window.seen.map.getCenter().lng")
    page.locator("#all-map").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => window.seen.map.getCenter().lng > {before}")
    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name_of("110000"))


@pytest.mark.parametrize("path", ["/national", "/national?province=41", "/national?lang=en"])
def test_the_page_keeps_the_accessibility_rules(country: str, watch: Open, path: str) -> None:
    """Axe finds nothing, and at 200 % text on a small screen nothing runs out sideways."""
    page = _opened(watch, country + path)
    assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_without_published_files_the_page_says_so(country: str, watch: Open) -> None:
    """No manifest, or a broken one, leaves a sentence in the map's place and the table whole."""
    watched = watch()
    page = watched.page
    page.route("**/snapshot/manifest.json", lambda route: route.fulfill(json={"tiles": None}))
    page.goto(f"{country}/national?lang=en")
    expect(page.locator("#no-map")).to_contain_text("not published")
    page.unroute_all()
    page.route("**/snapshot/manifest.json", lambda route: route.abort())
    page.goto(f"{country}/national?lang=en")
    expect(page.locator(".no-map")).to_contain_text("did not load")
    expect(page.locator("tbody tr")).to_have_count(31)
    watched.troubles.clear()  # the browser reports the request that this test broke

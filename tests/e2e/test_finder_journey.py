"""A worker looks for a station in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from playwright.sync_api import Page, expect
from support import hostile, small_app, small_city
from support.browsing import Watched

from stations.catalogue import Catalogue
from stations.finder import NearRequest, find

HERE = small_city.position(6.05, 6.1)
DEVICE = {
    "geolocation": {"longitude": HERE[0], "latitude": HERE[1]},
    "permissions": ["geolocation"],
}
Open = Callable[..., Watched]
IS_DRAWN = """() => new Promise(done => {
    const end = performance.now() + 8000;
    const dark = c => c.getContext("2d").getImageData(0, 0, c.width, c.height).data
        .some((v, k) => k % 4 < 3 && v > 0 && v < 220);
    const look = () => {
        if ([...document.querySelectorAll("#map canvas")].some(dark)) return done(true);
        if (performance.now() > end) return done(false);
        requestAnimationFrame(look);
    };
    look();
})"""
"""Whether the basemap has drawn anything but its pale ground, waiting for it up to 8 s."""


def _ids(page: Page, part: str = "#hits") -> list[str]:
    return [str(row.get_attribute("data-id")) for row in page.locator(f"{part} .hit").all()]


def _expected(**question: object) -> list[str]:
    frame: gpd.GeoDataFrame = small_city.stations_frame(hostile.city_stations())
    catalogue = Catalogue.from_frame(frame, network=small_app.make_network())
    lon_deg, lat_deg = (round(x, 4) for x in HERE)
    asked = NearRequest(
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        moment=small_app.MONDAY_MORNING,
        **{"limit": 20, "limit_s": 900.0, **question},  # type: ignore[arg-type]
    )
    return [hit.station.id for hit in find(catalogue, asked).hits]


def test_the_position_is_asked_for_after_the_tap_only(site: str, watch: Open) -> None:
    """Opening the page asks for nothing; the tap does, and lists what the finder finds."""
    page = watch(**DEVICE).page
    page.add_init_script(
        "window.asked = 0; const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...a) => { window.asked += 1; return real(...a); };"
    )
    page.goto(site)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#status")).to_have_text(f"找到 {len(_expected(open_only=True))} 个站点")
    assert page.evaluate("window.asked") == 1
    assert _ids(page) == _expected(open_only=True)


def test_filters_list_what_the_finder_finds(site: str, watch: Open) -> None:
    """Each choice asks again at once; ids and order are the finder's."""
    page = watch(**DEVICE).page
    page.goto(site)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits .hit").first).to_be_visible()
    for act, question in (
        (lambda: page.get_by_text("只看到达时开着的").click(), {}),
        (lambda: page.get_by_text("30", exact=True).click(), {"limit_s": 1800.0}),
        (lambda: page.get_by_text("骑电动车").click(), {"limit_s": 1800.0, "mode": "ebike"}),
    ):
        with page.expect_response("**/stations/near"):
            act()
        expected = _expected(**question)
        expect(page.locator("#hits .hit")).to_have_count(len(expected))
        assert _ids(page) == expected
    page.get_by_text("需要什么").click()
    with page.expect_response("**/stations/near"):
        page.get_by_text("卫生间", exact=True).first.click()
    expected = _expected(limit_s=1800.0, mode="ebike", needs=("toilet",))
    expect(page.locator("#hits .hit")).to_have_count(len(expected))
    assert _ids(page) == expected


def test_the_position_is_in_no_address_and_no_log(site: str, watch: Open, folder: Path) -> None:
    """The position goes in the body of one request: no address, store or log ever holds it."""
    watched = watch(**DEVICE)
    page = watched.page
    addresses: list[str] = []
    bodies: list[str] = []
    page.on("request", lambda r: addresses.append(r.url))
    page.on("request", lambda r: bodies.append(r.post_data or ""))
    page.goto(site)
    with page.expect_response("**/stations/near"):
        page.get_by_role("button", name="找最近的").click()
    page.get_by_text("骑电动车").click()
    page.wait_for_load_state("networkidle")
    digits = [f"{x:.4f}".split(".")[1] for x in HERE]
    assert not any(d in address for d in digits for address in [*addresses, page.url])
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    asked = [json.loads(body) for body in bodies if body]
    assert len(asked) == 2
    assert (asked[0]["lon_deg"], asked[0]["lat_deg"]) == tuple(round(x, 4) for x in HERE)
    query = f"lon_deg={asked[0]['lon_deg']}&lat_deg={asked[0]['lat_deg']}"
    assert page.request.get(f"{site}/api/v1/stations/near?{query}").ok
    log = folder.with_name("city.log").read_text("utf-8")
    assert "Listening" in log
    assert not any(d in log for d in digits)


def test_a_device_without_position_says_what_to_do(site: str, watch: Open) -> None:
    """A refusal is answered with a sentence and the list of places stays."""
    page = watch(permissions=[]).page
    page.goto(site)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#status")).to_have_text("手机没有提供位置。请从列表或地图上选一个地点。")
    expect(page.get_by_role("link", name="二七广场")).to_be_visible()


def test_the_map_shows_the_list_and_can_be_searched_from(site: str, watch: Open) -> None:
    """The map is drawn from the city's own basemap; pins say the state in words; a tap searches."""
    watched = watch(viewport={"width": 1280, "height": 800})
    page = watched.page
    parts: list[int] = []
    page.on("response", lambda r: parts.append(r.status) if "basemap.pmtiles" in r.url else None)
    page.goto(f"{site}/?place=hotspot:h1&open=0&minutes=30")
    expect(page.locator(".pin span", has_text="1 开放")).to_be_visible()
    assert page.locator(".pin span:not(.origin)").count() == page.locator("#hits .hit").count()
    assert page.evaluate(IS_DRAWN)
    assert set(parts) == {206}
    page.locator(".pin", has_text="1 开放").press("Enter")
    expect(page.locator(".leaflet-popup-content")).to_contain_text("中原路工会驿站")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 60, box["y"] + box["height"] - 60)
    page.get_by_role("button", name="从这里找").click()
    expect(page.locator("#answer-title")).to_have_text("地图上所选位置附近")
    assert "lon" not in page.url


def test_without_script_the_list_is_whole(site: str, watch: Open) -> None:
    """With JavaScript off a place is chosen, filtered and read on plain pages."""
    page = watch(java_script_enabled=False).page
    page.goto(site)
    expect(page.get_by_role("button", name="找最近的")).to_be_hidden()
    page.get_by_role("link", name="二七广场").click()
    expect(page.locator("#answer-title")).to_have_text("二七广场附近")
    only_open = _ids(page)
    page.get_by_text("只看到达时开着的").click()
    page.get_by_text("30", exact=True).click()
    page.get_by_role("button", name="查找").click()
    assert len(_ids(page)) > len(only_open) > 0
    page.locator("#q").fill("火车站")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#answer-title")).to_have_text("火车站附近")
    page.get_by_role("link", name="环卫休息点").click()
    expect(page.locator("h1")).to_have_text("环卫休息点")
    expect(page.locator(".state.big")).to_contain_text("不确定")


def test_the_keyboard_alone_is_enough(site: str, watch: Open) -> None:
    """Tab, arrows, space and Enter search, filter and open a station; focus is always to be seen."""
    page = watch().page
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("id", "here")
    page.keyboard.press("Tab")
    page.keyboard.type("二七广场")
    page.keyboard.press("Enter")
    expect(page.locator("#answer-title")).to_have_text("二七广场附近")
    expect(page.locator("#hits .hit").first).to_be_visible()
    page.wait_for_function("document.activeElement !== document.querySelector('#q')")
    page.locator("#q").focus()
    seen = []
    for _ in range(4):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.name"))
        outline = "e => getComputedStyle(e.nextElementSibling || e).outlineStyle"
        assert page.locator(":focus").evaluate(outline) != "none"
    assert seen == ["", "mode", "minutes", "open"]
    with page.expect_response("**/stations/near"):
        page.keyboard.press("Space")
    page.keyboard.press("Shift+Tab")
    with page.expect_response("**/stations/near"):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#hits .hit").first).to_be_visible()
    page.locator("#hits a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("中原路工会驿站")


def test_a_lost_connection_is_said(site: str, watch: Open) -> None:
    """When the server does not answer, the page says so and keeps what it showed."""
    watched = watch(**DEVICE)
    page = watched.page
    page.goto(f"{site}/?place=hotspot:h1&open=0")
    before = _ids(page)
    page.route("**/stations/near", lambda route: route.abort())
    page.get_by_text("骑电动车").click()
    expect(page.locator("#status")).to_have_text("服务器没有响应，请检查网络后再试。")
    assert _ids(page) == before
    watched.troubles.clear()  # the browser reports the request that this test broke

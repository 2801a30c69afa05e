"""The map beside the list, what people say meanwhile, and a connection that is lost."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import Page, expect
from support import rider_town
from support.browsing import Watched

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
    return [str(row.get_attribute("data-id")) for row in page.locator(f"{part} > .hit").all()]


def test_the_map_shows_the_list_and_can_be_searched_from(site: str, watch: Open) -> None:
    """The map is drawn from the city's own basemap; pins say the state in words; a tap searches."""
    watched = watch(viewport={"width": 1280, "height": 800})
    page = watched.page
    parts: list[int] = []
    page.on("response", lambda r: parts.append(r.status) if "basemap.pmtiles" in r.url else None)
    page.goto(f"{site}/?place=hotspot:h1&open=0&minutes=30")
    expect(page.locator(".pin span", has_text="1 开放")).to_be_visible(timeout=20_000)
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
    assert "place" not in page.url


def test_nothing_of_the_map_is_loaded_before_the_list(town: str, watch: Open) -> None:
    """On a phone the map's files come when it is scrolled to; the list needs none of them."""
    page = watch(**rider_town.DEVICE).page
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(town)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert not any("leaflet" in url or "pmtiles" in url for url in asked)
    page.locator("#to-map").click()
    expect(page.locator(".pin .open").first).to_be_visible(timeout=20_000)
    assert page.locator(".pin span:not(.origin)").count() == len(_ids(page)) + len(
        _ids(page, "#uncertain-list")
    )


def test_what_people_say_is_shown_with_its_age(town: str, watch: Open) -> None:
    """Confirmations of today and how full it is stand in the card; old news says how old it is."""
    watched = watch(**rider_town.DEVICE)
    page = watched.page
    said = {
        "made_at": "2026-09-21T10:00:00+08:00",
        "weather": None,
        "stations": {
            "s01": {
                "today": 3,
                "last": "2026-09-21T09:50:00",
                "crowd": ["some", "2026-09-21T09:50:00"],
            }
        },
    }
    page.route("**/snapshot/live.json", lambda route: route.fulfill(body=json.dumps(said)))
    page.goto(town)
    page.get_by_role("button", name="找最近的").click()
    best = page.locator("#hits > .hit").first
    expect(best.locator(".checked")).to_have_text("3 人今天确认")
    expect(best.locator(".crowd")).to_contain_text("有位（1")
    expect(page.locator("#age")).to_be_hidden()
    said["made_at"] = "2026-09-21T09:48:00+08:00"
    page.clock.fast_forward(70_000)
    expect(page.locator("#age")).to_have_text("实时信息是 13 分钟前的。")


def test_a_lost_connection_is_said_and_the_answer_stays(town: str, watch: Open) -> None:
    """When nothing can be read any more, the list that is there still answers."""
    watched = watch()
    page = watched.page
    page.goto(f"{town}/?place=hotspot:h1")
    expect(page.locator("#hits > .hit.best")).to_be_visible()
    page.context.set_offline(True)
    page.clock.fast_forward(70_000)
    page.get_by_text("骑电动车").click()
    expect(page.locator("#status")).to_contain_text("骑车 15 分钟内")
    assert _ids(page)
    page.context.set_offline(False)
    watched.troubles.clear()  # the browser reports the requests that this test broke

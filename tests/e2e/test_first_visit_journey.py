"""A rider opens the finder for the first time and wants the nearest open door."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
from support import axe, rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]


def ids(page: Page, part: str = "#hits") -> list[str]:
    """Give the ids of a list, in its order."""
    return [str(row.get_attribute("data-id")) for row in page.locator(f"{part} > .hit").all()]


def test_the_nearest_open_stations_come_as_a_list(town: str, watch: Open) -> None:
    """One tap: the position is asked for then and not before, and the finder's list is there."""
    page = watch(**rider_town.DEVICE).page
    page.add_init_script(
        "window.asked = 0; const real = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);"
        "navigator.geolocation.getCurrentPosition = (...a) => { window.asked += 1; return real(...a); };"
    )
    page.goto(town)
    nearest = page.get_by_role("button", name="找最近的")
    expect(nearest).to_have_accessible_description(re.compile("位置不离开手机"))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.asked") == 0
    assert axe.violations(page) == []
    picture(page, "finder-first-visit")
    nearest.click()
    expected = rider_town.expected()
    expect(page.locator("#status")).to_have_text(f"步行 15 分钟内找到 {len(expected)} 个站点")
    assert page.evaluate("window.asked") == 1
    assert ids(page) == expected[:10]
    expect(page.locator("#answer-title")).to_have_text("您附近")
    assert axe.violations(page) == []
    picture(page, "finder-answer")


def test_a_tap_before_the_script_is_there_is_not_lost(town: str, watch: Open) -> None:
    """On a slow network the button is seen before its script has come; the answer comes all the same."""
    page = watch(**rider_town.DEVICE).page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/finder/page.js", hold)
    with page.expect_request("**/finder/page.js"):
        page.goto(town, wait_until="commit")
    page.get_by_role("button", name="找最近的").click()
    assert held
    expect(page.locator("#answer-title")).not_to_have_text("您附近")
    for route in held:
        route.continue_()
    expected = rider_town.expected()
    expect(page.locator("#status")).to_have_text(f"步行 15 分钟内找到 {len(expected)} 个站点")
    expect(page.locator("#answer-title")).to_have_text("您附近")
    assert ids(page) == expected[:10]


def test_the_best_station_says_all_that_decides(town: str, watch: Open) -> None:
    """Name, minutes, state on arrival, the way in, three facilities, the check, the telephone."""
    page = watch(**rider_town.DEVICE).page
    page.goto(town)
    page.get_by_role("button", name="找最近的").click()
    best = page.locator("#hits > .hit").first
    for text in ("中原路工会驿站", "现在开放，开到 22:00", "直接进", "2026-08-02 实地核实"):
        expect(best).to_contain_text(text)
    expect(best.locator(".travel strong")).to_have_text(re.compile(r"^\d+ 分钟$"))
    assert best.locator(".offers li").all_inner_texts() == [
        "直接进",
        "饮水",
        "热饭",
        "充电",
        "另有 2 项",
    ]
    assert best.locator(".offers li svg").count() == 4
    expect(best.locator(".today li").first).to_have_text("爱心早餐 05:00–10:30")
    expect(best.get_by_role("link", name="电话 中原路工会驿站")).to_have_attribute(
        "href", "tel:0371-00000001"
    )
    best.get_by_text("到这里去").click()
    assert best.locator(".apps a").all_inner_texts() == [
        "高德地图",
        "百度地图",
        "腾讯地图",
        "手机自带地图",
    ]


def test_a_device_without_position_says_what_to_do(town: str, watch: Open) -> None:
    """A refusal is answered with a sentence and the places to choose from stay."""
    page = watch(permissions=[]).page
    page.goto(town)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#status")).to_have_text("手机没有提供位置。请从列表或地图上选一个地点。")
    page.get_by_role("link", name="二七广场").click()
    expect(page.locator("#answer-title")).to_have_text("二七广场附近")
    assert "place" not in page.url


def test_all_that_is_needed_is_asked_for_at_once(town: str, watch: Open) -> None:
    """Every module that the page's script needs is named in the page; no one waits for another."""
    page = watch().page
    late: list[str] = []
    page.on("request", lambda r: late.append(r.url) if r.resource_type == "script" else None)
    page.goto(town)
    expect(page.get_by_role("button", name="找最近的")).to_be_visible()
    named = page.evaluate(
        "[...document.querySelectorAll('link[rel=modulepreload], script[src]')].map(e => e.href || e.src)"
    )
    page.wait_for_load_state("networkidle")
    after = {
        "report.js",
        "offline.js",
        "favourites.js",
        "outbox.js",
        "share.js",
        "map.js",
        "basemap.js",
    }
    unnamed = {url for url in late if url not in named}
    assert {url.rsplit("/", 1)[1] for url in unnamed} <= after | {
        "leaflet.js",
        "tiles.js",
        "protomaps-leaflet.js",
        "saved.js",
        "own.js",
    }

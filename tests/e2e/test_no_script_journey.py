"""A phone whose browser runs no scripts: plain pages with the whole answer."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
from support import rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]


def _ids(page: Page) -> list[str]:
    return [str(row.get_attribute("data-id")) for row in page.locator("#hits > .hit").all()]


def test_without_script_the_list_is_whole(town: str, watch: Open) -> None:
    """A place is chosen, chips with counts are put on, and a station is read, on plain pages."""
    page = watch(java_script_enabled=False).page
    page.goto(town)
    expect(page.get_by_role("button", name="找最近的")).to_be_hidden()
    page.get_by_role("link", name="二七广场").click()
    expect(page.locator("#answer-title")).to_have_text("二七广场附近")
    only_open = _ids(page)
    counts = {
        key: int(page.locator(f'[data-count="{key}"]').inner_text())
        for key in ("toilet", "walk_in", "free_breakfast", "health_check")
    }
    expect(page.locator("#hits .apps a").first).to_have_attribute(
        "href", re.compile("uri.amap.com")
    )
    picture(page, "finder-no-script")
    for key, value in counts.items():
        page.locator(f'.chip[data-key="{key}"]').click()
        page.get_by_role("button", name="查找", exact=True).click()
        assert len(_ids(page)) == value, key
        page.locator(f'.chip[data-key="{key}"]').click()
    page.get_by_text("到时开着").click()
    page.locator("select[name=minutes]").select_option("30")
    page.get_by_role("button", name="查找", exact=True).click()
    assert len(_ids(page)) > len(only_open) > 0
    page.locator("#q").fill("火车站")
    page.get_by_role("button", name="查找", exact=True).click()
    expect(page.locator("#answer-title")).to_have_text("火车站附近")
    page.get_by_role("link", name="环卫休息点").first.click()
    expect(page.locator("h1")).to_have_text("环卫休息点")


def test_a_choice_before_the_script_is_there_is_not_lost(town: str, watch: Open) -> None:
    """Changed while the script is on its way, and then the stations do not come: the server answers."""
    watched = watch(**rider_town.DEVICE)
    page = watched.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/snapshot/manifest.json", lambda route: route.abort())
    page.route("**/finder/page.js", hold)
    with page.expect_request("**/finder/page.js"):
        page.goto(f"{town}/?q=火车站", wait_until="commit")
    page.get_by_text("骑电动车").click()
    assert held
    for route in held:
        route.continue_()
    held.clear()
    page.wait_for_url("**mode=ebike**", wait_until="commit")
    watched.troubles.clear()  # the browser reports the request that this test broke


def test_without_the_files_the_server_answers_and_the_page_says_so(town: str, watch: Open) -> None:
    """When the stations cannot be loaded on the phone, the form goes to the server."""
    watched = watch(**rider_town.DEVICE)
    page = watched.page
    page.route("**/snapshot/manifest.json", lambda route: route.abort())
    page.goto(town)
    expect(page.locator("#status")).to_have_text(
        "手机没能读到站点数据，改由服务器回答，请选一个地点。"
    )
    expect(page.get_by_role("button", name="找最近的")).to_be_hidden()
    page.locator("#q").fill("火车站")
    page.get_by_role("button", name="查找", exact=True).click()
    expect(page.locator("#answer-title")).to_have_text("火车站附近")
    listed = _ids(page)
    page.get_by_text("骑电动车").click()
    page.wait_for_url("**mode=ebike**")
    assert len(_ids(page)) >= len(listed) > 0
    watched.troubles.clear()  # the browser reports the request that this test broke

"""A door that is open now and shut by the time a walker is there."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from support import axe, rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]
EARLY = "#hits > .hit[data-id=s13]"


def test_a_door_that_shuts_on_the_way_is_not_open(town: str, watch: Open) -> None:
    """Shut on arrival: not listed as open, counted, and one tap away with the reason in words."""
    page = watch(**rider_town.DEVICE).page
    page.goto(town)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    expect(page.locator(EARLY)).to_have_count(0)
    n_open = len(rider_town.expected())
    every = rider_town.expected(open_only=False)
    n_unsure = page.locator("#uncertain-list > .hit").count()
    n_closed = len(every) - n_open - n_unsure
    assert n_unsure > 0
    expect(page.locator("#uncertain h3.part")).to_have_text("可能开着：时间不确定")
    expect(page.locator("#left-out")).to_have_text(f"另有 {n_closed} 个站点到达时已关门，未列出")
    page.get_by_role("button", name="也看关着的").click()
    expect(page.locator(EARLY)).to_contain_text("到达时已关门，明天 05:00 开门")
    expect(page.locator(f"{EARLY} .state use")).to_have_attribute("href", "#s-closed")
    page.locator(EARLY).scroll_into_view_if_needed()
    assert axe.violations(page) == []
    picture(page, "finder-closed-on-arrival")


def test_by_ebike_it_is_still_open(town: str, watch: Open) -> None:
    """The same door is open for whoever is there in time, and says how long."""
    page = watch(**rider_town.DEVICE).page
    page.goto(town)
    page.get_by_text("骑电动车").click()
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator(EARLY)).to_contain_text("开到 10:05")
    expect(page.locator(f"{EARLY} .state use")).to_have_attribute("href", "#s-open")

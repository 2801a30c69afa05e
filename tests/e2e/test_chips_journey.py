"""A rider with 4 % battery wants a socket, and a cleaner her breakfast."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from support import axe, rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]


def _opened(town: str, watch: Open) -> Page:
    page = watch(**rider_town.DEVICE).page
    page.goto(town)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    return page


def _chip(page: Page, key: str) -> str:
    return page.locator(f'.chip[data-key="{key}"] [data-count]').inner_text()


def test_the_count_on_a_chip_is_what_it_lists(town: str, watch: Open) -> None:
    """Each chip of the first row and of the programmes lists as many stations as it says."""
    page = _opened(town, watch)
    shown: dict[str, int] = {}
    for chip in page.locator(".chips.row .chip[data-key]").all():
        key = str(chip.get_attribute("data-key"))
        said = int(_chip(page, key))
        before = page.locator("#hits > .hit").count()
        chip.click()
        expect(page.locator("#status")).to_have_text(f"步行 15 分钟内找到 {said} 个站点")
        expect(page.locator("#hits > .hit")).to_have_count(min(said, 10))
        shown[key] = said
        chip.click()
        expect(page.locator("#hits > .hit")).to_have_count(before)
    for key in ("drinking_water", "toilet", "battery_swap", "free_breakfast", "legal_aid"):
        assert shown[key] == len(rider_town.expected(needs=(key,))), key
    assert shown["walk_in"] == len(rider_town.expected(walk_in=True))
    assert shown["health_check"] == 0  # held on Sundays, and today is Monday


def test_chips_are_asked_for_together(town: str, watch: Open) -> None:
    """Two chips list what has both; what was asked for stands first in a card, the address keeps it."""
    page = _opened(town, watch)
    page.locator('.chip[data-key="toilet"]').click()
    page.locator('.chip[data-key="free_breakfast"]').click()
    expected = rider_town.expected(needs=("toilet", "free_breakfast"))
    assert expected
    expect(page.locator("#hits > .hit")).to_have_count(len(expected))
    best = page.locator("#hits > .hit").first
    assert best.locator(".offers li").all_inner_texts()[1] == "厕所"
    expect(best.locator(".today li").first).to_have_text("爱心早餐 05:00–10:30")
    assert "need=toilet" in page.url
    assert "programme=free_breakfast" in page.url
    assert axe.violations(page) == []
    picture(page, "finder-chips")


def test_an_empty_answer_names_its_chip_and_offers_to_widen(town: str, watch: Open) -> None:
    """The chip that emptied the list is named; one tap takes it off, and the list is back."""
    page = _opened(town, watch)
    before = page.locator("#hits > .hit").count()
    page.locator('.chip[data-key="health_check"]').click()
    expect(page.locator("#reason")).to_have_text(
        f"因为选了“体检”才没有结果；不选它，15 分钟内有 {before} 个站点。"
    )
    assert axe.violations(page) == []
    picture(page, "finder-empty")
    page.get_by_role("button", name="不要“体检”").click()
    expect(page.locator("#nothing")).to_be_hidden()
    expect(page.locator("#hits > .hit")).to_have_count(before)


def test_on_an_ebike_more_is_in_reach(town: str, watch: Open) -> None:
    """The way to travel and the minutes ask again at once; the order is the finder's."""
    page = _opened(town, watch)
    page.get_by_text("骑电动车").click()
    expected = rider_town.expected(mode="ebike")
    expect(page.locator("#status")).to_have_text(f"骑车 15 分钟内找到 {len(expected)} 个站点")
    page.locator("select[name=minutes]").select_option("5")
    expected = rider_town.expected(mode="ebike", limit_s=300.0)
    expect(page.locator("#status")).to_have_text(f"骑车 5 分钟内找到 {len(expected)} 个站点")

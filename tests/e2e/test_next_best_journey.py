"""The nearest station has a queue: another one, in one tap."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from support import axe, rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]


def test_another_one_is_the_next_best(town: str, watch: Open) -> None:
    """换一家 gives the second nearest that fits too; what was passed over stays in sight, last."""
    page = watch(**rider_town.DEVICE).page
    page.goto(f"{town}/?need=drinking_water&open=1")
    page.get_by_role("button", name="找最近的").click()
    expected = rider_town.expected(needs=("drinking_water",))
    rows = page.locator("#hits > .hit")
    expect(rows.first).to_have_attribute("data-id", expected[0])
    page.get_by_role("button", name="换一家").click()
    expect(rows.first).to_have_attribute("data-id", expected[1])
    name = rows.first.locator("h3").inner_text()
    expect(page.locator("#status")).to_have_text(f"换成：{name}")
    expect(page.locator("#skipped h3.part")).to_have_text("您换掉的")
    expect(page.locator("#skipped-list > .hit")).to_have_attribute("data-id", expected[0])
    expect(page.locator(":focus")).to_have_text("换一家")
    assert axe.violations(page) == []
    picture(page, "finder-next-best")
    for following in expected[2:]:
        page.get_by_role("button", name="换一家").click()
        expect(rows.first).to_have_attribute("data-id", following)
    expect(rows).to_have_count(1)
    expect(page.get_by_role("button", name="换一家")).to_have_count(0)
    page.locator('.chip[data-key="toilet"]').click()
    expect(page.locator("#answer-title")).to_have_text("您附近")

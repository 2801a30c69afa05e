"""A driver who reads English."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect
from support import axe, rider_town, small_city
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]


def test_the_whole_answer_is_in_english(town: str, watch: Open) -> None:
    """Only names from the data, the banner and the language link are Chinese."""
    page = watch(**rider_town.DEVICE).page
    page.goto(town)
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Nearest to me").click()
    expect(page.locator("#answer-title")).to_have_text("Near you")
    expect(page.locator("#hits > .hit").first).to_contain_text("Open now, until 22:00")
    page.get_by_text("Also closed ones").click()
    expect(page.locator("#left-out")).to_be_hidden()
    data = "".join(f"{s.name}{s.address}{s.district}" for s in rider_town.stations())
    data += "".join(small_city.hotspots()["name"]) + "示例市示例数据非真实站点中文"
    texts = page.evaluate(
        "[...document.querySelectorAll('body *:not(script):not(template)')].flatMap(e => [...e.childNodes]"
        ".filter(n => n.nodeType === 3).map(n => n.data).concat(['aria-label', 'title', 'placeholder']"
        ".map(a => e.getAttribute(a) || '')))"
    )
    chinese = {word for text in texts for word in re.findall(r"[\u4e00-\u9fff]+", text)}
    assert {word for word in chinese if word not in data} == set()
    assert page.locator("html").get_attribute("lang") == "en"
    assert "lang=en" in page.url
    assert axe.violations(page) == []
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    picture(page, "finder-english")

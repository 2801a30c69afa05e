"""Everything by keyboard alone: find a place, choose, read, change, open a station."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from support import axe
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]
OUTLINE = "e => getComputedStyle(e.matches('.chip input, .segments input') ? e.nextElementSibling : e).outlineStyle"


def _tab_to(page: Page, selector: str, most: int = 60) -> None:
    """Press Tab until the element has the focus; each stop on the way can be seen."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        assert focus.evaluate(OUTLINE) != "none"
        box = focus.evaluate(
            "e => { const b = (e.matches('.chip input, .segments input') ? e.nextElementSibling : e)"
            ".getBoundingClientRect(); return [b.right > 0 && b.left < innerWidth, b.bottom > 0 && b.top < innerHeight]; }"
        )
        assert box == [True, True], focus.evaluate("e => e.outerHTML.slice(0, 200)")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"no stop at {selector}")


def test_the_keyboard_alone_is_enough(town: str, watch: Open) -> None:
    """Initials, arrows and Enter choose a place; chips, the next best and a station follow."""
    page = watch().page
    page.goto(town)
    expect(page.get_by_role("button", name="找最近的")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    _tab_to(page, "#here")
    _tab_to(page, "#q")
    page.keyboard.type("eq")
    field = page.get_by_role("combobox", name="或者输入地点（名称、拼音、首字母）")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    active = page.locator("#q-list [role=option][aria-selected=true]")
    expect(active).to_contain_text("二七广场")
    expect(field).to_have_attribute("aria-activedescendant", str(active.get_attribute("id")))
    assert axe.violations(page) == []
    picture(page, "finder-typing")
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#answer-title")).to_have_text("二七广场附近")
    expect(page.locator(":focus")).to_have_attribute("id", "answer")

    page.locator("#q").focus()
    _tab_to(page, "input[name=mode]")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#status")).to_contain_text("骑车 15 分钟内")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#status")).to_contain_text("步行 15 分钟内")
    _tab_to(page, "input[value=toilet]")
    page.keyboard.press("Space")
    expect(page.locator(".chip[data-key=toilet] input")).to_be_checked()
    page.keyboard.press("Space")
    _tab_to(page, "#hits .best h3 a")
    first = page.locator("#hits > .hit").first.get_attribute("data-id")
    _tab_to(page, "#hits .best .go")
    page.keyboard.press("Enter")
    _tab_to(page, "#hits .best .apps a")
    _tab_to(page, "#hits .best [data-fill=another]")
    page.keyboard.press("Enter")
    expect(page.locator("#hits > .hit").first).not_to_have_attribute("data-id", str(first))
    expect(page.locator(":focus")).to_have_text("换一家")
    page.keyboard.press("Shift+Tab")
    while not page.evaluate("document.activeElement.matches('h3 a')"):
        page.keyboard.press("Shift+Tab")
    name = page.locator(":focus").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(name)


def test_a_reader_of_the_screen_hears_names(town: str, watch: Open) -> None:
    """Roles and names carry the answer: headings, lists, live count, buttons with their station."""
    page = watch().page
    page.goto(f"{town}/?place=hotspot:h1&open=1")
    expect(page.locator("#hits > .hit.best")).to_be_visible()
    expect(page.get_by_role("status").first).to_contain_text("步行 15 分钟内找到")
    expect(page.get_by_role("heading", name="二七广场附近")).to_be_visible()
    expect(page.get_by_role("heading", name="可能开着：时间不确定")).to_be_visible()
    expect(page.get_by_role("group", name="需要什么")).to_be_visible()
    expect(page.get_by_role("group", name="今天有")).to_be_visible()
    expect(page.get_by_role("checkbox", name="厕所")).not_to_be_checked()
    expect(page.get_by_role("radiogroup", name="怎么去")).to_be_visible()
    expect(page.get_by_role("combobox", name="最多几分钟")).to_be_visible()
    expect(page.get_by_role("list", name="怎么进，有什么").first).to_be_visible()

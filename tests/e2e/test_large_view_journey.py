"""关怀版: a street cleaner of 58 with a cheap phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from support import axe, rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]
BODY_PX = 24.0
"""18 pt."""
TARGET_PX = 60.0
SMALL_TEXT = """least => [...document.querySelectorAll("body *")]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest("svg, .sr, #map")
        && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
        && e.getBoundingClientRect().width > 2)
    .filter(e => parseFloat(getComputedStyle(e).fontSize) < least)
    .map(e => e.textContent.trim().slice(0, 30))"""
SMALL_TARGETS = """least => [...document.querySelectorAll("main button, main a, main summary, main input, main select, nav a, .foot a")]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest("#map"))
    .map(e => e.matches(".chip input, .segments input") ? e.nextElementSibling : e)
    .filter(e => { const b = e.getBoundingClientRect(); return b.width > 2 && (b.height < least || b.width < least); })
    .map(e => [e.textContent.trim().slice(0, 20), e.getBoundingClientRect().height])"""


def _searched(town: str, watch: Open, **options: object) -> Page:
    page = watch(**{**rider_town.DEVICE, **options}).page
    page.goto(town)
    page.get_by_role("link", name="关怀版").click()
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    return page


def test_all_text_and_all_targets_are_large(town: str, watch: Open) -> None:
    """Text of 18 pt and more, targets of 60 px, contrast 7:1, few buttons, a call in each card."""
    page = _searched(town, watch)
    page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
    assert page.evaluate(SMALL_TEXT, BODY_PX) == []
    assert page.evaluate(SMALL_TARGETS, TARGET_PX) == []
    line_height = page.evaluate(
        "(s => parseFloat(s.lineHeight) / parseFloat(s.fontSize))(getComputedStyle(document.body))"
    )
    assert line_height >= 1.3
    assert axe.violations(page) == []
    assert axe.violations(page, "wcag2aaa") == []
    best = page.locator("#hits > .hit").first
    call = best.get_by_role("link", name=re.compile("^电话"))
    box = call.bounding_box()
    assert box is not None
    assert box["width"] > 280
    expect(page.get_by_role("link", name="打 12351 工会热线")).to_have_attribute(
        "href", "tel:12351"
    )
    expect(page.locator(".chip").first).to_be_hidden()
    picture(page, "finder-large")
    best.scroll_into_view_if_needed()
    picture(page, "finder-large-answer")


def test_the_answer_stays_when_the_view_changes(town: str, watch: Open) -> None:
    """Switching asks nothing anew; the phone keeps the view, and one tap brings the other back."""
    page = _searched(town, watch)
    page.get_by_role("link", name="标准版").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    assert not page.evaluate("document.documentElement.classList.contains('large')")
    page.get_by_role("link", name="关怀版").click()
    assert [(c["name"], c["value"]) for c in page.context.cookies()] == [("view", "large")]
    page.goto(f"{town}/stations/s01")
    assert page.evaluate("document.documentElement.classList.contains('large')")
    page.goto(f"{town}/?view=normal")
    assert not page.evaluate("document.documentElement.classList.contains('large')")


def test_the_view_needs_no_script(town: str, watch: Open) -> None:
    """Without JavaScript the switch is a link, and links carry the view on."""
    page = watch(java_script_enabled=False).page
    page.goto(town)
    page.get_by_role("link", name="关怀版").click()
    expect(page.locator("html")).to_have_class("large")
    page.get_by_role("link", name="二七广场").click()
    expect(page.locator("html")).to_have_class("large")
    expect(page.locator("#hits > .hit").first).to_be_visible()
    assert "view=large" in page.url


@pytest.mark.parametrize("view", ["normal", "large"])
def test_text_of_twice_the_size_cuts_nothing(town: str, watch: Open, view: str) -> None:
    """At the phone's largest text nothing runs out of the page sideways and no word is lost."""
    page = watch(viewport={"width": 390, "height": 844}).page
    page.goto(f"{town}/?place=hotspot:h1&view={view}")
    expect(page.locator("#hits > .hit.best")).to_be_visible()
    start_px = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    page.evaluate("px => document.documentElement.style.fontSize = px + 'px'", 2 * start_px)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cut = page.evaluate(
        "[...document.querySelectorAll('.hit *')].filter(e => e.checkVisibility()"
        " && !e.closest('.sr, svg') && e.scrollWidth > e.clientWidth + 1"
        " && getComputedStyle(e).overflowX !== 'visible').map(e => e.className)"
    )
    assert cut == []

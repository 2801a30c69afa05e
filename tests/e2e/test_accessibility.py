"""Every page for everybody: the rules of WCAG 2.2 AA, large text, small screens."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support import axe
from support.browsing import Watched

Open = Callable[..., Watched]
PAGES = (
    "/",
    "/?place=hotspot:h1&open=1&minutes=30&need=toilet",
    "/stations/s01",
    "/planner?minutes=5&new=2",
    "/?q=nothing&lang=en",
)


@pytest.mark.parametrize(("width", "paths"), [(390, PAGES), (1280, (PAGES[1], PAGES[3]))])
def test_pages_keep_the_accessibility_rules(
    site: str, watch: Open, width: int, paths: tuple[str, ...]
) -> None:
    """Axe finds nothing against WCAG 2.2 AA: contrast, names, order, language, target size."""
    page = watch(viewport={"width": width, "height": 844}).page
    wrong = []
    for path in paths:
        page.goto(site + path)
        if width > 1000 and "place=" in path:
            page.locator(".pin span").first.wait_for()
        wrong += [(path, one) for one in axe.violations(page)]
    assert wrong == []


def test_large_text_on_a_small_screen_cuts_nothing_off(site: str, watch: Open) -> None:
    """At 200 % text on a screen of 320 px, nothing runs out of the page sideways."""
    page = watch(viewport={"width": 320, "height": 700}).page
    for path in PAGES:
        page.goto(site + path)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_targets_are_large_enough_for_a_gloved_finger(site: str, watch: Open) -> None:
    """Whatever is tapped is 48 px high: buttons, chips, choices and links of the menus."""
    page = watch().page
    for path in PAGES:
        page.goto(site + path)
        targets = page.evaluate(
            "[...document.querySelectorAll('main button, .button, .chip > span, .chip-link, "
            ".segments span, summary, .field input, .short-input, nav a, .back a')]"
            ".filter(e => e.offsetParent)"
            ".map(e => [e.textContent.trim(), e.getBoundingClientRect().height])"
        )
        assert len(targets) > 3
        assert [t for t in targets if t[1] < 48] == [], path

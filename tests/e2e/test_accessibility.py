"""Every page for everybody: the rules of WCAG 2.2 AA, large text, small screens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.browsing import Watched

Open = Callable[..., Watched]
AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1" / "axe.min.js"
PAGES = (
    "/",
    "/?place=hotspot:h1&open=1&minutes=30&need=toilet",
    "/stations/s01",
    "/planner?minutes=5&new=2",
    "/?q=nothing&lang=en",
)
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize(("width", "paths"), [(390, PAGES), (1280, (PAGES[1], PAGES[3]))])
def test_pages_keep_the_accessibility_rules(
    site: str, watch: Open, width: int, paths: tuple[str, ...]
) -> None:
    """Axe finds nothing against WCAG 2.2 AA: contrast, names, order, language, target size."""
    page = watch(viewport={"width": width, "height": 844}, bypass_csp=True).page
    wrong = []
    for path in paths:
        page.goto(site + path)
        if width > 1000 and "place=" in path:
            page.locator(".pin span").first.wait_for()
        page.add_script_tag(path=AXE)
        found = page.evaluate("t => axe.run(document, {runOnly: t, iframes: false})", _TAGS)
        assert len(found["passes"]) > 10
        wrong += [(path, v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]]
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
            "[...document.querySelectorAll('main button, .button, .chip span, .chip-link, "
            ".segments span, summary, .field input, .short-input, nav a, .back a')]"
            ".filter(e => e.offsetParent)"
            ".map(e => [e.textContent.trim(), e.getBoundingClientRect().height])"
        )
        assert len(targets) > 3
        assert [t for t in targets if t[1] < 48] == [], path

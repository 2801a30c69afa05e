"""The rules of WCAG 2.2 AA, checked in a page by axe-core."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

SCRIPT = Path(__file__).resolve().parents[1] / "e2e" / "vendor" / "axe-core-4.14.1" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def violations(page: Page, *tags: str) -> list[object]:
    """Give what axe finds wrong with the page as it stands: rule and elements.

    Parameters
    ----------
    tags
        Sets of rules in the place of `TAGS`.
    """
    page.evaluate(SCRIPT.read_text("utf-8"))
    run = "t => axe.run(document, {runOnly: t, iframes: false})"
    found = page.evaluate(run, list(tags or TAGS))
    assert len(found["passes"]) > (0 if tags else 10)
    return [(v["id"], [n["target"] for n in v["nodes"]]) for v in found["violations"]]

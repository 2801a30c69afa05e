"""A planner asks where to build."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect
from support.browsing import Watched

Open = Callable[..., Watched]
DESK = {"viewport": {"width": 1280, "height": 800}}


def test_suggested_sites_are_drawn(site: str, watch: Open, tmp_path: Path) -> None:
    """The form gives sites with their proof, two maps that draw, and a proposal to take away."""
    page = watch(**DESK).page
    page.goto(f"{site}/planner")
    page.locator("#new").fill("3")
    page.get_by_role("button", name="推荐选址").click()
    expect(page.locator("#sites-title")).to_have_text("推荐选址")
    expect(page.locator("#sites .data tbody tr")).to_have_count(3)
    for k, marks in ((0, 0), (1, 3)):
        page.locator(".maps iframe").nth(k).scroll_into_view_if_needed()
        frame = page.frame_locator(".maps iframe").nth(k)
        expect(frame.locator(".leaflet-container")).to_be_visible()
        expect(frame.locator(".leaflet-container canvas").first).to_be_attached()
        expect(frame.locator(".leaflet-marker-icon.site")).to_have_count(marks)
    page.wait_for_load_state("networkidle")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("下载方案")).click()
    saved = tmp_path / "proposal.zip"
    download.value.save_as(saved)
    assert zipfile.ZipFile(saved).namelist() == ["proposal.gpkg", "proposal.xlsx", "proposal.html"]


def test_a_number_and_a_budget_exclude_each_other(site: str, watch: Open) -> None:
    """Filling in one limit empties the other, so that the form cannot contradict itself."""
    page = watch(**DESK).page
    page.goto(f"{site}/planner")
    page.locator("#budget").fill("26000")
    expect(page.locator("#new")).to_have_value("")
    page.get_by_role("button", name="推荐选址").click()
    expect(page.locator("#sites .data tbody tr")).to_have_count(2)


def test_a_saved_map_opens_without_a_network(site: str, watch: Open, tmp_path: Path) -> None:
    """The map of a downloaded proposal draws from the file alone, and runs no payload."""
    watched = watch(**DESK)
    page = watched.page
    response = page.request.get(f"{site}/planner/proposal.zip?minutes=5&new=2")
    saved = tmp_path / "proposal.zip"
    saved.write_bytes(response.body())
    zipfile.ZipFile(saved).extract("proposal.html", tmp_path)
    page.goto((tmp_path / "proposal.html").as_uri())
    expect(page.locator(".leaflet-marker-icon.site")).to_have_count(2)
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert watched.hosts == set()

"""The position never leaves the phone: every request, address, store and log line is read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import h3
from playwright.sync_api import Page, expect
from support import small_city
from support.browsing import Watched

Open = Callable[..., Watched]
FINEST = 6
"""Resolution of the cells that files are named by: about 6 km across."""
LON, LAT = 113.6127391, 34.7124863
BLOCK = 256 * 1024
"""Map files are read in blocks of so many bytes."""
STORES = """async () => JSON.stringify({
    local: {...localStorage}, session: {...sessionStorage}, cookie: document.cookie,
    history: history.state, name: window.name, address: location.href,
    databases: indexedDB.databases ? await indexedDB.databases() : [],
    caches: await Promise.all((await caches.keys()).map(async name =>
        [name, (await (await caches.open(name)).keys()).map(r => r.url)])),
})"""


def _device(lon: float, lat: float) -> dict[str, object]:
    return {"geolocation": {"longitude": lon, "latitude": lat}, "permissions": ["geolocation"]}


def _fine(text: str) -> list[str]:
    """Give the numbers in a text that tell where the phone is, to 3 km or better."""
    text = unquote(text)
    numbers = re.findall(r"\d+\.\d+", text)
    near = [n for n in numbers if min(abs(float(n) - LON), abs(float(n) - LAT)) < 0.03]
    digits = [d for d in ("127391", "124863", "12739", "12486") if d in text]
    cells = [c for c in re.findall(r"\b8[0-9a-f]{14}\b", text) if h3.is_valid_cell(c)]
    return near + digits + [c for c in cells if h3.get_resolution(c) > FINEST]


def _journey(watched: Watched, site: str) -> list[str]:
    """Search, filter, take another one, look at the map and a wrong address; give the requests."""
    page = watched.page
    sent: list[str] = []
    page.on(
        "request",
        lambda r: sent.append(json.dumps([r.method, r.url, r.post_data, r.headers])),
    )
    page.goto(site)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    page.get_by_text("骑电动车").click()
    page.locator('.chip[data-key="toilet"]').click()
    expect(page.locator("#status")).to_contain_text("骑车")
    page.locator('.chip[data-key="toilet"]').click()
    page.get_by_role("button", name="换一家").click()
    page.locator("#to-map").click()
    expect(page.locator(".pin .origin")).to_be_attached()
    page.evaluate("document.dispatchEvent(new Event('yizhan:refresh'))")
    page.wait_for_load_state("networkidle")
    return sent


def test_no_position_is_sent_kept_or_logged(town: str, town_folder: Path, watch: Open) -> None:
    """Requests with their headers and bodies, addresses, every store and the log hold none."""
    watched = watch(**_device(LON, LAT))
    sent = _journey(watched, town)
    page = watched.page
    assert len(sent) > 20
    assert any("/snapshot/cells/" in one for one in sent)
    assert [one for one in sent if _fine(one)] == []
    assert all(json.loads(one)[2] is None for one in sent)
    kept = str(page.evaluate(STORES))
    assert _fine(kept) == []
    assert _fine(page.url) == []
    for link in page.locator("a[href]").all():
        address = str(link.get_attribute("href"))
        assert (
            "uri.amap" in address
            or "map." in address
            or address.startswith("geo:")
            or not _fine(address)
        )
    log = town_folder.with_name("city.log").read_text("utf-8")
    assert "Listening" in log
    assert [line for line in log.splitlines() if _fine(line)] == []
    _error_page_knows_nothing(page, town)


def _error_page_knows_nothing(page: Page, site: str) -> None:
    answer = page.request.get(f"{site}/nowhere")
    assert answer.status == 404
    assert _fine(answer.text()) == []


def test_two_places_in_a_cell_ask_for_the_same(town: str, watch: Open) -> None:
    """Files and parts of the map are those of the coarse cell: nobody can tell two phones apart."""
    other = small_city.position(9.2, 5.1)
    asked = []
    for lon, lat in ((LON, LAT), other):
        page = watch(**_device(lon, lat)).page
        files: list[tuple[str, str]] = []
        page.on(
            "request",
            lambda r, files=files: (
                files.append((r.url, r.headers.get("range", "")))
                if "/snapshot" in r.url or "pmtiles" in r.url
                else None
            ),
        )
        page.goto(town)
        page.get_by_role("button", name="找最近的").click()
        expect(page.locator("#answer-title")).to_have_text("您附近")
        page.wait_for_function("() => document.querySelectorAll('#hits > .hit').length > 0")
        page.locator("#to-map").click()
        expect(page.locator(".pin .origin")).to_be_attached()
        page.wait_for_load_state("networkidle")
        asked.append(sorted(set(files)))
    assert asked[0] == asked[1]
    assert any("/cells/" in url for url, _ in asked[0])
    parts = [part for url, part in asked[0] if "basemap.pmtiles" in url]
    assert parts
    assert all(_is_whole_block(part) for part in parts)


def _is_whole_block(part: str) -> bool:
    first, last = (int(n) for n in part.removeprefix("bytes=").split("-"))
    return first % BLOCK == 0 and last - first + 1 == BLOCK

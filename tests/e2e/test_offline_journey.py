"""A driver loses the network: what was seen works on, heals when it is damaged, and is renewed."""

from __future__ import annotations

import hashlib
import json
import re
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support import axe, rider_town, small_app, small_city
from support.browsing import serving
from support.cutting import cutting
from support.pictures import picture

from geodata.basemap import write_basemap
from geodata.store import open_store

CHINA = ZoneInfo("Asia/Shanghai")

NOW = small_app.MONDAY_MORNING
_DIGITS = [f"{x:.5f}".split(".")[1][:4] for x in rider_town.HERE]
HAS_CELLS = """caches.open("data-1").then((c) => c.keys())
    .then((keys) => keys.some((request) => request.url.includes("/cells/")))"""
IS_DRAWN = """[...document.querySelectorAll("#map canvas")].some((c) =>
    c.getContext("2d", { willReadFrequently: true }).getImageData(0, 0, c.width, c.height).data
      .some((v, k) => k % 4 < 3 && v > 0 && v < 220))"""
KEPT = """async (prefix) => {
    const found = {};
    for (const name of await caches.keys()) if (name.startsWith(prefix)) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const url = new URL(request.url);
            const held = await cache.match(request);
            if (!held) continue; // dropped meanwhile
            const body = await held.arrayBuffer();
            const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
            found[url.pathname + url.search] = [...sum].map((b) => b.toString(16).padStart(2, "0")).join("");
        }
    }
    return found;
}"""
GARBAGE = """async () => {
    let n = 0;
    for (const name of await caches.keys()) {
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
            const held = await cache.match(request);
            if (!held) continue; // dropped meanwhile
            const { headers } = held;
            await cache.put(request, new Response("\\u0000garbage", { headers }));
            n += 1;
        }
    }
    return n;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a city of its own, which a test may change."""
    folder = tmp_path_factory.mktemp("offline") / "city"
    small_city.write(folder, rider_town.stations())
    write_basemap(
        folder / "basemap.pmtiles", small_city.streets(), small_city.areas(),
        name="示例市", attribution="示例数据",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """Serve the city; the files for phones are there."""
    with serving(folder, NOW.isoformat()) as address:
        assert _manifest(address)
        yield address


@contextmanager
def phone(browser: Browser, **options: object) -> Iterator[Page]:
    """Open a phone that may keep things; a fault of a script fails the test."""
    with ExitStack() as stack:
        context: BrowserContext = browser.new_context(
            viewport={"width": 390, "height": 844},
            locale="zh-CN",
            service_workers="allow",
            **{**rider_town.DEVICE, **options},  # type: ignore[arg-type]
        )
        stack.callback(context.close)
        context.clock.install(time=NOW.replace(tzinfo=CHINA))
        page = context.new_page()
        page.set_default_timeout(15_000)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        assert errors == []


def until(page: Page, condition: str) -> None:
    """Wait until an expression (which may be awaited) is true in the page, without ``eval``."""
    assert page.evaluate(
        f"""async () => {{
            const end = performance.now() + 20000;
            while (performance.now() < end) {{
                if (await ({condition})) return true;
                await new Promise((done) => requestAnimationFrame(done));
            }}
            return false;
        }}"""
    ), condition


def _open(page: Page, address: str) -> None:
    """Open a page and wait until the phone has kept it."""
    page.goto(address)
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, "document.documentElement.dataset.kept === 'yes'")


def _manifest(server: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{server}/snapshot/manifest.json", timeout=60) as answer:  # noqa: S310  our own server
        found: dict[str, Any] = json.loads(answer.read())
    return found


def _search(page: Page) -> list[str]:
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    return [str(row.get_attribute("data-id")) for row in page.locator("#hits > .hit").all()]


def _keys(page: Page, prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = page.evaluate(KEPT, prefix)
    return found


def test_airplane_mode(browser: Browser, server: str) -> None:
    """App, list, favourites, a station's page and its map work without a network, marked as old."""
    with phone(browser) as page:
        _open(page, server)
        listed = _search(page)
        until(page, HAS_CELLS)
        page.goto(f"{server}/stations/s01")
        page.locator(".star").click()
        expect(page.locator(".star")).to_have_attribute("aria-pressed", "true")
        page.locator("#map-part").scroll_into_view_if_needed()
        until(page, IS_DRAWN)
        until(page, "caches.open('map-1').then((c) => c.keys()).then((k) => k.length >= 2)")

        page.context.set_offline(True)
        page.goto(server)
        expect(page.locator("#offline")).to_contain_text("没有网络")
        expect(page.locator("#favourites")).to_contain_text("中原路工会驿站")
        assert _search(page) == listed
        assert axe.violations(page) == []
        picture(page, "finder-offline")
        page.locator("#favourites").get_by_role("link", name="中原路工会驿站").click()
        expect(page.locator("#state")).to_contain_text("现在开放，开到 22:00")
        expect(page.locator("#offline")).to_be_visible()
        page.locator("#map-part").scroll_into_view_if_needed()
        until(page, IS_DRAWN)
        page.goto(f"{server}/favourites")
        expect(page.locator("#saved .hit h2")).to_have_text("中原路工会驿站")
        assert axe.violations(page) == []

        page.goto(f"{server}/stations/s02")  # never seen: the finder instead of nothing
        expect(page.get_by_role("button", name="找最近的")).to_be_visible()

        page.context.set_offline(False)
        expect(page.locator("#offline")).to_have_count(0)


def test_nothing_kept_or_asked_for_holds_the_position(browser: Browser, server: str) -> None:
    """No key of a cache, no kept file and no address that the worker asks for has its digits."""
    with phone(browser) as page:
        asked: list[str] = []
        page.context.on("request", lambda request: asked.append(request.url))
        _open(page, server)
        _search(page)
        page.goto(f"{server}/?lang=zh")
        page.wait_for_load_state()
        texts = [*asked, *_keys(page)]
        texts += page.evaluate(
            """async () => { const all = [JSON.stringify(localStorage)];
                for (const name of await caches.keys()) { const cache = await caches.open(name);
                    for (const request of await cache.keys())
                        if (!/(static|cells|places)/.test(request.url)) all.push(await (await cache.match(request)).text()); }
                return all; }"""
        )
        assert len(texts) > 30
        paths = [urlsplit(address).path for address in asked]
        first = paths.index("/sw.js")  # not before the first screen has all that it needs
        assert {
            "/static/finder/page.js",
            "/static/finder/search.js",
            "/snapshot/manifest.json",
        } <= {*paths[:first]}
        lon, lat = (f"{x:.4f}" for x in rider_town.HERE)
        assert not any(lon in text or lat in text for text in texts)


def test_garbage_in_the_cache_heals(browser: Browser, server: str) -> None:
    """Every kept entry is overwritten: the page works, and what it used is whole again."""
    with phone(browser) as page:
        _open(page, server)
        listed = _search(page)
        until(page, HAS_CELLS)
        before = _keys(page, "shell-")
        assert page.evaluate(GARBAGE) > 20
        page.goto(server)
        assert _search(page) == listed
        used = ["/static/app.css", "/static/finder/page.js", "/static/finder/search.js"]
        for path in used:
            until(page, f"({KEPT})('shell-').then((kept) => kept['{path}'] === '{before[path]}')")
        for path, sha in _keys(page, "data-").items():
            named = re.search(r"cells/.*-([0-9a-f]{16})\.json$", path)
            assert named is None or sha.startswith(named[1])
        page.context.set_offline(True)
        page.goto(server)
        assert _search(page) == listed


def test_an_answer_that_breaks_off_is_never_kept(browser: Browser, server: str) -> None:
    """Half a cell, half a script: refused, asked for again, then whole."""
    manifest = _manifest(server)
    cells = [row[4] for row in manifest["cells"] if row[4]]
    with cutting(server) as way, phone(browser) as page:
        way.parts |= {"/static/finder/saved.js", "/static/basemap.js"}
        with page.expect_event("requestfailed", lambda r: "saved.js" in r.url):
            page.goto(way.address)  # without this script the page keeps nothing, but works
        expect(page.get_by_role("button", name="找最近的")).to_be_visible()
        _open(page, way.address)
        way.parts |= set(cells)
        page.get_by_role("button", name="找最近的").click()
        expect(page.locator("#status")).not_to_have_text("")
        page.goto(way.address)
        listed = _search(page)
        assert set(way.cut) > {"/static/basemap.js"}
        kept = _keys(page)
        for path, sha in kept.items():
            told = manifest["files"].get(path.removeprefix("/snapshot/"))
            assert told is None or told["sha256"] == sha
        page.context.set_offline(True)
        page.goto(way.address)
        assert _search(page) == listed


def test_a_kept_page_is_there_while_it_is_renewed(browser: Browser, server: str) -> None:
    """Whoever loses the network at that very moment still has the page."""
    with phone(browser) as page:
        _open(page, server)
        _search(page)
        seen = page.evaluate(
            """async () => {
                const pages = await caches.open("pages-1");
                let [looks, missing, isDone] = [0, 0, false];
                const renewed = (async () => {
                    for (let k = 0; k < 10; k++) {
                        const kept = new Promise((done) => {
                            navigator.serviceWorker.onmessage = ({ data }) => data.type === "kept" && done();
                        });
                        navigator.serviceWorker.controller.postMessage({ type: "keep", urls: ["/"] });
                        await kept;
                    }
                    isDone = true;
                })();
                while (!isDone) {
                    looks += 1;
                    if (!(await pages.match("/"))) missing += 1;
                }
                await renewed;
                return { looks, missing };
            }"""
        )
        assert seen["looks"] > 10
        assert seen["missing"] == 0


def test_what_changed_meanwhile_comes_with_the_network(
    browser: Browser, server: str, folder: Path
) -> None:
    """Back on the network the new hours are shown; offline again, they are the kept ones."""
    with phone(browser) as page:
        _open(page, server)
        _search(page)
        until(page, HAS_CELLS)
        old = hashlib.sha256(json.dumps(_keys(page, "data-")).encode()).hexdigest()
        page.context.set_offline(True)
        page.goto(server)
        expect(page.locator("#offline")).to_be_visible()
        with open_store(f"sqlite:///{folder / 'yizhan.sqlite'}") as store:
            store.change(
                "s01", {"hours": "Mo-Su 07:00-19:30"}, expected_version=None, who="t",
                source="t", moment=NOW, reason="",
            )  # fmt: skip
        page.context.set_offline(False)
        for _ in range(40):
            page.goto(server)
            _search(page)
            if "19:30" in page.locator("#hits").inner_text():
                break
        expect(page.locator("#hits")).to_contain_text("19:30")
        version = _manifest(server)["version"]
        until(
            page,
            "caches.match('/snapshot/manifest.json').then((found) => found && found.json())"
            f".then((manifest) => manifest && manifest.version === '{version}')",
        )
        assert hashlib.sha256(json.dumps(_keys(page, "data-")).encode()).hexdigest() != old
        page.context.set_offline(True)
        page.goto(server)
        _search(page)
        expect(page.locator("#hits")).to_contain_text("19:30")

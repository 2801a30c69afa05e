"""A browser, and the application served on loopback."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from support import hostile, rider_town, small_app, small_city
from support.browsing import Watched, serving

from geodata.basemap import write_basemap

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


CHINA = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the city that is served; the server's log lies beside it."""
    return tmp_path_factory.mktemp("served") / "city"


@pytest.fixture(scope="session")
def site(folder: Path) -> Iterator[str]:
    """Serve the tiny city, with hostile stations in a far corner; give its address."""
    small_city.write(
        folder, hostile.city_stations(), name=hostile.PAYLOADS[0], attribution=hostile.PAYLOADS[1]
    )
    write_basemap(
        folder / "basemap.pmtiles",
        small_city.streets(),
        small_city.areas(),
        name=hostile.PAYLOADS[0],
        attribution=hostile.PAYLOADS[1],
    )
    with serving(folder, small_app.MONDAY_MORNING.isoformat()) as address:
        yield address


@pytest.fixture(scope="session")
def town_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the rider's town; the server's log lies beside it."""
    return tmp_path_factory.mktemp("town") / "city"


@pytest.fixture(scope="session")
def town(town_folder: Path) -> Iterator[str]:
    """Serve the rider's town; give its address."""
    small_city.write(town_folder, rider_town.stations())
    write_basemap(
        town_folder / "basemap.pmtiles",
        small_city.streets(),
        small_city.areas(),
        name="示例市",
        attribution="示例数据",
    )
    with serving(town_folder, small_app.MONDAY_MORNING.isoformat()) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a headless Chromium; without one skip, saying so, except in CI."""
    if not CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{CHROMIUM} is missing; scripts/system-parts.sh installs it")
        pytest.skip(f"{CHROMIUM} is missing (on Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=list(FLAGS)
        )
        yield running
        running.close()


@pytest.fixture
def watch(browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Give a function that opens a watched page; at the end nothing forbidden may have happened."""
    with ExitStack() as stack:
        opened: list[Watched] = []

        def open_page(**options: object) -> Watched:
            context: BrowserContext = browser.new_context(
                **{  # type: ignore[arg-type]
                    "viewport": {"width": 390, "height": 844},
                    "locale": "zh-CN",
                    # With a worker the network is never idle, and what it asks for is no page's.
                    "service_workers": "block",
                    **options,
                }
            )
            stack.callback(context.close)
            # The phone's clock says what the server's says; it goes on from there.
            context.clock.install(time=small_app.MONDAY_MORNING.replace(tzinfo=CHINA))
            watched = Watched(context.new_page())
            _listen(watched, runs_scripts=bool(options.get("java_script_enabled", True)))
            opened.append(watched)
            return watched

        yield open_page
        for watched in opened:
            assert watched.troubles == []
            assert watched.hosts <= {"127.0.0.1"}


def _listen(watched: Watched, *, runs_scripts: bool) -> None:
    """Note every host that is asked, and whatever goes wrong."""
    page, troubles = watched.page, watched.troubles
    page.set_default_timeout(10_000)

    def requested(address: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in ("http", "https", "ws", "wss"):
            watched.hosts.add(parts.hostname or "")

    page.on("request", lambda request: requested(request.url))
    page.on("websocket", lambda socket: requested(socket.url))

    def failed(address: str, why: str) -> None:
        # A browser without scripts still begins to load those that a page names ahead.
        if runs_scripts or why != "csp":
            _failed(troubles, address, why)

    page.on("requestfailed", lambda request: failed(request.url, str(request.failure)))
    page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
    page.on("console", lambda said: _said(troubles, said.type, said.text))
    page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))


def _failed(troubles: list[str], address: str, why: str) -> None:
    if "ERR_ABORTED" not in why:  # a page that was left, or a download
        troubles.append(f"failed: {address} {why}")


def _said(troubles: list[str], kind: str, text: str) -> None:
    # Chromium advises on how the map library reads its canvas when the machine is slow: no fault.
    # Nor is it one that these contexts refuse the worker.
    advice = ("willReadFrequently", "Service Worker registration blocked")
    is_advice = kind == "warning" and any(words in text for words in advice)
    if kind in ("error", "warning") and not is_advice:
        troubles.append(f"{kind}: {text}")

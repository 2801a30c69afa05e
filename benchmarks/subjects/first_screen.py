"""The first screen on a weak phone: bytes before the map, when it is seen, how soon it answers.

The phone is headless Chromium slowed down four times, on a line of 1.6 Mb/s with 150 ms there and
back, with an empty cache; the server is the real one. Largest contentful paint and the time from
input to the next paint are what the browser itself reports (Event Timing); of the latter the
slowest of the journey is given, not the usual 98th percentile. Searching is timed in JavaScript by
the subject ``phone_search``.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.instances.instance import Instance
from benchmarks.instances.sample_city import Case, sample
from benchmarks.instances.serving import CHROMIUM, CHROMIUM_FLAGS, serving
from benchmarks.row import Check, Figure, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from geodata.sample import make_city

CPU_SLOWER = 4
BYTES_PER_S = 1.6e6 / 8
LATENCY_MS = 150
MOST_KB = 120.0
MOST_LCP_MS = 2500.0
MOST_INP_MS = 200.0
_READY_MS = 60_000
_WATCH = """() => {
    const bench = window.bench = { lcp: 0, inp: 0, shift: 0 };
    const watch = (type, each, more = {}) =>
        new PerformanceObserver(list => list.getEntries().forEach(each))
            .observe({ type, buffered: true, ...more });
    watch("largest-contentful-paint", one => { bench.lcp = one.startTime; });
    watch("layout-shift", one => { if (!one.hadRecentInput) bench.shift += one.value; });
    watch("event", one => { if (one.interactionId) bench.inp = Math.max(bench.inp, one.duration); },
        { durationThreshold: 16 });
}"""
_FRAMES = """() => new Promise(done =>
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 50))))"""
_TIME_ANSWER = """() => {
    document.getElementById("here").addEventListener("click",
        () => { window.benchStart = performance.now(); }, true);
    const end = () => { window.benchEnd = performance.now(); };
    document.addEventListener("yizhan:answer",
        () => requestAnimationFrame(() => setTimeout(end)), { once: true });
}"""


@dataclass(slots=True)
class _Line:
    """What came over the line, without what the map loads."""

    n: int = 0
    n_bytes: int = 0


def _trials(size: Size) -> Iterator[Trial]:
    case = sample(size)
    name = case.instance.name.replace("sample-city", "first-screen")
    instance = Instance(name, 0, case.instance.sha256)
    yield Trial(instance, lambda: _measured(case), runs=0, checks=_checks)


def _measured(case: Case) -> Answer:
    if not CHROMIUM.exists():
        return {"outcome": f"no {CHROMIUM}, nothing measured"}
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        _write(city, case)
        with (
            serving("web.serving:make_app", {"YIZHAN_CITY": str(city)}) as server,
            sync_playwright() as playwright,
        ):
            browser = playwright.chromium.launch(
                executable_path=str(CHROMIUM), headless=True, args=list(CHROMIUM_FLAGS)
            )
            place = case.stations.geometry.iloc[0]
            found = visit(browser, server.address, lon_deg=place.x, lat_deg=place.y)
            browser.close()
    return found


def _write(folder: Path, case: Case) -> None:
    tables = CityTables(
        streets=case.streets,
        demand=case.demand,
        areas=case.areas,
        stations=case.stations,
        hotspots=make_city(seed=0).hotspots,
    )
    write_city(folder, CitySettings(name="示例市", is_synthetic=True), tables)


def visit(browser: Browser, address: str, *, lon_deg: float, lat_deg: float) -> dict[str, Figure]:
    """Open the finder on a weak phone, find the nearest, filter, and take another one.

    Parameters
    ----------
    address
        Of a running server.
    lon_deg, lat_deg
        Where the phone says it is, WGS 84.

    Returns
    -------
    dict
        Milliseconds from the start of loading or from the tap, and kilobytes as they came over the
        line with their headers until the list stood; the map comes later.
    """
    context = browser.new_context(
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        has_touch=True,
        is_mobile=True,
        locale="zh-CN",
        geolocation={"longitude": lon_deg, "latitude": lat_deg},
        permissions=["geolocation"],
        service_workers="block",
    )
    page = context.new_page()
    _wait_for_files(page, address)
    line = _slow_down(context.new_cdp_session(page))
    page.add_init_script(f"({_WATCH})()")
    # Every state: at night too there is a list.
    page.goto(f"{address}/?open=0")
    page.locator("#here-part:not([hidden])").wait_for()
    ready_ms = page.evaluate("performance.now()")
    page.wait_for_load_state("networkidle")
    before = line.n_bytes
    lcp_ms = page.evaluate("bench.lcp")
    answer_ms = _answered(page)
    needed = line.n_bytes
    n_needed = line.n
    for selector in (
        ".chip[data-key=drinking_water]", ".chip[data-key=drinking_water]", "[data-fill=another]",
        ".segments label:not(:has(:checked))", ".best .go",
    ):  # fmt: skip
        target = page.locator(selector).first
        if target.is_visible():  # with few stations there is no other one to take
            target.tap()
            page.evaluate(_FRAMES)
    page.locator("#q").tap()
    page.keyboard.type("zz", delay=300)
    page.evaluate(_FRAMES)
    seen = page.evaluate("bench")
    n_listed = page.locator("#hits > .hit").count()
    context.close()
    return {
        "lcp_ms": lcp_ms,
        "ready_ms": ready_ms,
        "answer_ms": answer_ms,
        "inp_ms": seen["inp"],
        "layout_shift": seen["shift"],
        "page_kb": before / 1000,
        "sent_kb": needed / 1000,
        "requests": n_needed,
        "listed": n_listed,
    }


def _wait_for_files(page: Page, address: str) -> None:
    """Let the server write its files: the first phone of a city's life is not what is measured."""
    answer = page.request.get(f"{address}/snapshot/manifest.json", timeout=_READY_MS)
    assert answer.ok, answer.status
    page.request.get(address)


def _slow_down(cdp: CDPSession) -> _Line:
    line = _Line()

    def came(event: dict[str, float]) -> None:
        line.n += 1
        line.n_bytes += int(event["encodedDataLength"])

    cdp.on("Network.loadingFinished", came)
    cdp.send("Network.enable")
    cdp.send("Network.setCacheDisabled", {"cacheDisabled": False})
    cdp.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY_MS,
            "downloadThroughput": BYTES_PER_S,
            "uploadThroughput": BYTES_PER_S / 2,
        },
    )
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    return line


def _answered(page: Page) -> float:
    """Tap on the nearest ones; give the milliseconds until they are listed."""
    page.evaluate(_TIME_ANSWER)
    page.locator("#here").tap()
    page.wait_for_function("() => window.benchEnd > 0")
    taken: float = page.evaluate("benchEnd - benchStart")
    return taken


def _checks(measured: Measured) -> list[Check]:
    figures = measured.figures
    if "lcp_ms" not in figures:
        return []
    return [
        Check("kilobytes before the map", float(figures["sent_kb"] or 0), "<=", MOST_KB, "kB"),
        Check("largest contentful paint", float(figures["lcp_ms"] or 0), "<=", MOST_LCP_MS, "ms"),
        Check("slowest tap to paint", float(figures["inp_ms"] or 0), "<=", MOST_INP_MS, "ms"),
    ]


FIRST_SCREEN = (
    Subject(
        "first_screen",
        "The first screen on a weak phone: 4x slower processor, 1.6 Mb/s, 150 ms, empty cache.",
        _trials,
        limit_s=300,
    ),
)

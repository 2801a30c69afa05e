"""The map of all stations in a browser: frames while it is dragged and zoomed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.instances.serving import CHROMIUM, CHROMIUM_FLAGS, serving
from benchmarks.instances.tiled import Tiled, city, country
from benchmarks.row import Check, Figure, Size
from benchmarks.subject import Answer, Measured, Subject, Trial

_LATE_MS = 1000 / 30
_KEEP_MAP = """addEventListener("map", e => { window.benchMap = e.detail.map; }, true)"""
_START = """() => {
    window.benchFrames = [];
    window.benchRuns = true;
    const frame = at => {
        window.benchFrames.push(at);
        if (window.benchRuns) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""
_STOP = "() => { window.benchRuns = false; return window.benchFrames; }"
_PLACE = """([lat, lon]) => {
    const box = document.querySelector("#all-map").getBoundingClientRect();
    const at = window.benchMap.latLngToContainerPoint([lat, lon]);
    return [box.x + Math.min(Math.max(at.x, 10), box.width - 10),
            box.y + Math.min(Math.max(at.y, 10), box.height - 10)];
}"""


def _trials(size: Size) -> Iterator[Trial]:
    for tiled in (country(size), city(size)) if size == "full" else (country(size),):
        yield Trial(tiled.instance, lambda t=tiled: _measured(t, size), runs=0, checks=_checks)


def _measured(tiled: Tiled, size: Size) -> Answer:
    made = {
        "tiles": tiled.written.n_tiles,
        "largest_tile_kb": tiled.written.largest_bytes / 1000,
        "file_mb": tiled.written.file_bytes / 1e6,
    }
    if not CHROMIUM.exists():
        return {**made, "outcome": f"no {CHROMIUM}, nothing drawn"}
    with (
        serving("benchmarks.instances.tiled:make_app", tiled.environment) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=list(CHROMIUM_FLAGS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.add_init_script(_KEEP_MAP)
        page.goto(f"{server.address}/national")
        page.locator("#all-map[data-ready]").wait_for()
        levels = 4 if size == "full" else 1
        gaps_ms = _journey(page, tiled, levels)
        browser.close()
    return {**made, **_figures(gaps_ms)}


def _journey(page: Page, tiled: Tiled, levels: int) -> np.ndarray:
    """Drag, zoom in on where many stations are, drag there, and come back; give all gaps."""
    place = [tiled.lat_deg, tiled.lon_deg]
    page.evaluate(_START)
    _drag(page)
    for turn in range(levels):
        _wheel(page, place, -100)
        if turn % 2:
            _drag(page)
    _drag(page)
    for _ in range(levels):
        _wheel(page, place, 100)
    _drag(page)
    return np.diff(np.array(page.evaluate(_STOP)))


def _drag(page: Page) -> None:
    box = page.locator("#all-map").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 200, y + 60)
    page.mouse.down()
    page.mouse.move(x - 300, y - 60, steps=40)
    page.mouse.move(x + 200, y + 60, steps=40)
    page.mouse.up()
    page.wait_for_timeout(300)


def _wheel(page: Page, place: list[float], by: int) -> None:
    x, y = page.evaluate(_PLACE, place)
    page.mouse.move(x, y)
    page.mouse.wheel(0, by)
    page.wait_for_timeout(500)


def _figures(gaps_ms: np.ndarray) -> dict[str, Figure]:
    p50, p95, p99 = np.percentile(gaps_ms, [50, 95, 99]).tolist()
    return {
        "frames": len(gaps_ms),
        "frames_a_second": 1000 * len(gaps_ms) / float(gaps_ms.sum()),
        "p50_ms": p50,
        "p95_ms": p95,
        "p99_ms": p99,
        "slowest_ms": float(gaps_ms.max()),
        "late_share": float((gaps_ms > _LATE_MS + 0.5).mean()),
    }


def _checks(measured: Measured) -> list[Check]:
    figures = measured.figures
    checks = [Check("largest tile", float(figures["largest_tile_kb"] or 0), "<=", 100.0, "kB")]
    if "frames" in figures:
        rate, p95 = (float(figures[k] or 0) for k in ("frames_a_second", "p95_ms"))
        checks += [
            Check("frames a second", rate, ">=", 30.0, ""),
            Check("95 of 100 frames within", p95, "<=", 33.4, "ms"),
        ]
    return checks


NATIONAL_MAP = (
    Subject(
        "national_map",
        "Frames of the map of all stations, dragged and zoomed: requestAnimationFrame "
        "in headless Chromium without a GPU.",
        _trials,
        limit_s=300,
    ),
)

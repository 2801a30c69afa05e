"""The search on a weak phone: in Chromium, its processor slowed down four times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Route, sync_playwright

from benchmarks.instances.instance import ROOT
from benchmarks.instances.phone_cells import LAT_DEG, LON_DEG, Cells, cells
from benchmarks.instances.serving import CHROMIUM, CHROMIUM_FLAGS
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial

_SLOW_DOWN = 4
_LIMIT_MS = 10.0
_ORIGIN = "http://phone.test/"
_FINDER = ROOT / "web" / "static" / "finder"
_QUESTIONS: tuple[dict[str, Any], ...] = (
    {"mode": "walk", "minutes": 15, "open_only": True},
    {"mode": "ebike", "minutes": 30, "open_only": True, "needs": ["toilet"], "weather": "heat"},
    {"mode": "ebike", "minutes": 30},
)
"""From the usual one to the hardest, which reaches most."""

_ASK = """async ([question, lon_deg, lat_deg, n]) => {
    const { search } = await import("/search.js");
    const { cells, manifest } = window.given ??= await (await fetch("/given.json")).json();
    const times = [];
    let answer;
    for (let k = 0; k < n; k += 1) {
        const here = { lon_deg: lon_deg + 0.0007 * (k % 5), lat_deg: lat_deg + 0.0006 * (k % 7) };
        const asked = {
            minute: 600.3 + 61 * k, open_only: false, walk_in: false, needs: [], programmes: [],
            limit: 10, weather: null, ...question, ...here,
        };
        const start = performance.now();
        answer = search({ cells, manifest, live: null, question: asked });
        times.push(performance.now() - start);
        await new Promise(done => setTimeout(done, 5));
    }
    return { times, n: answer.n };
}"""


def _trials(size: Size) -> Iterator[Trial]:
    n, runs = (5000, 60) if size == "full" else (200, 3)
    for side_km in (22.0, 4.0):
        made = cells(n, side_km)
        yield Trial(made.instance, lambda c=made: _measured(c, runs), runs=0, checks=_checks)


def _measured(made: Cells, runs: int) -> Answer:
    if not CHROMIUM.exists():
        return {"stations": _count(made), "outcome": f"no {CHROMIUM}, nothing measured"}
    given = json.dumps({"cells": made.cells, "manifest": made.manifest}).encode()
    figures: dict[str, Any] = {"stations": _count(made)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), headless=True, args=list(CHROMIUM_FLAGS)
        )
        page = browser.new_page()
        page.route("**/*", lambda route: _answer(route, given))
        page.goto(_ORIGIN)
        phone = page.context.new_cdp_session(page)
        phone.send("Emulation.setCPUThrottlingRate", {"rate": _SLOW_DOWN})
        for k, question in enumerate(_QUESTIONS):
            found = page.evaluate(_ASK, [question, LON_DEG, LAT_DEG, runs])
            if k == 0:
                figures["first_ms"] = found["times"][0]
            warm = sorted(found["times"][len(found["times"]) // 3 :])
            name = (
                f"{question['mode']}_{question['minutes']}{'_chips' if 'needs' in question else ''}"
            )
            figures[f"{name}_found"] = found["n"]
            figures[f"{name}_ms"] = warm[len(warm) // 2]
        browser.close()
    return figures


def _answer(route: Route, given: bytes) -> None:
    name = route.request.url.removeprefix(_ORIGIN)
    path = _FINDER / name
    if name == "given.json":
        route.fulfill(body=given, content_type="application/json")
    elif name and path.is_file():
        route.fulfill(body=path.read_bytes(), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")


def _count(made: Cells) -> int:
    return sum(len(cell["stations"]) for cell in made.cells)


def _checks(measured: Measured) -> list[Check]:
    figures = measured.figures
    return [
        Check(f"{name}, four times slowed", float(value or 0), "<=", _LIMIT_MS, "ms")
        for name, value in figures.items()
        if name.endswith("_ms") and name != "first_ms"
    ]


PHONE_SEARCH = (
    Subject(
        "phone_search",
        "The search on the phone: Chromium, its processor slowed down four times; median of "
        "searches that follow each other, and the very first.",
        _trials,
        limit_s=180,
    ),
)

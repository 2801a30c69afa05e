"""How many files for phones two cores serve in a second, beside answering the same question."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from apiflask import APIFlask

from benchmarks.instances.sample_city import sample
from benchmarks.instances.serving import serving
from benchmarks.row import Check, Figure, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from geodata.city import CityTables, write_city
from geodata.city_settings import CitySettings
from web.serving import make_app as make_plain

_PLACE = (113.66, 34.755)
_SECONDS = {"tiny": 1, "full": 10}
_CONNECTIONS = 32
_FIRST_S = 120.0
_ASKED = (
    "manifest_br", "manifest_304", "cell_br", "cell_gzip", "cell_304", "live_br", "near",
)  # fmt: skip
_UNIT_MS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def make_app() -> APIFlask:
    """Make the application without the limits for one address: here all requests have one."""
    app = make_plain()
    app.extensions["yizhan_rates"].limits = {}
    return app


def _trials(size: Size) -> Iterator[Trial]:
    instance = sample(size).instance
    if shutil.which("wrk") is None:
        outcome = "no wrk here (on Debian: apt-get install wrk), nothing measured"
        yield Trial(instance, lambda: {"outcome": outcome}, runs=0)
        return
    yield Trial(instance, lambda: _measured(size), runs=0, checks=_checks)


def _measured(size: Size) -> Answer:
    asked = _ASKED if size == "full" else ("cell_br", "near")
    figures: dict[str, Figure] = {}
    wrong = 0
    with serving(
        "benchmarks.subjects.served_load:make_app",
        {"YIZHAN_CITY": str(_folder(size))},
        workers=2 if size == "full" else 1,
        threads=2,
    ) as server:
        manifest = _manifest(f"{server.address}/snapshot/manifest.json")
        for name in asked:
            path, headers, script = _question(server.address, manifest, name)
            before_s = server.cpu_s()
            found = _wrk(server.address + path, headers, script, _SECONDS[size])
            cpu_ms = 1000 * (server.cpu_s() - before_s) / max(1, found["n"])
            figures |= {f"{name}_{key}": found[key] for key in ("a_second", "p99_ms", "bytes")}
            figures[f"{name}_cpu_ms"] = cpu_ms
            wrong += found["wrong"]
    ratios = {
        "ratio": float(figures["cell_br_a_second"] or 0) / float(figures["near_a_second"] or 1e-9),
        "cpu_ratio": float(figures["near_cpu_ms"] or 0) / float(figures["cell_br_cpu_ms"] or 1e-9),
    }
    return {**figures, **ratios, "wrong": wrong}


@cache
def _folder(size: Size) -> Path:
    case = sample(size)
    folder = Path(tempfile.mkdtemp(prefix="yizhan-bench-")) / "city"
    # The tiny city has straight lines: to measure detours on all its streets takes long.
    streets = case.streets if size == "full" else None
    tables = CityTables(streets=streets, areas=case.areas, stations=case.stations)
    write_city(folder, CitySettings(name="load", is_synthetic=True), tables)
    return folder


def _question(
    address: str, manifest: Mapping[str, Any], name: str
) -> tuple[str, dict[str, str], str]:
    """Give path, headers and wrk's script of what is asked."""
    if name == "near":
        body = {"lon_deg": _PLACE[0], "lat_deg": _PLACE[1], "open_only": True, "limit": 20}
        return "/api/v1/stations/near", {}, _POST.format(body=json.dumps(body))
    what, _, how = name.partition("_")
    cell = max((row for row in manifest["cells"] if row[4]), key=lambda row: row[3])
    path = {"manifest": "manifest.json", "live": "live.json", "cell": cell[4]}[what]
    headers = {"Accept-Encoding": "gzip" if how == "gzip" else "gzip, deflate, br"}
    if how == "304":
        headers["If-None-Match"] = _get(f"{address}/snapshot/{path}", headers)[0]["ETag"]
    return f"/snapshot/{path}", headers, ""


def _manifest(address: str) -> dict[str, Any]:
    """Wait for the first files; of two workers one writes them, and the other has none yet."""
    end = monotonic() + _FIRST_S
    while True:
        try:
            found: dict[str, Any] = json.loads(_get(address, {})[1])
        except urllib.error.HTTPError:
            if monotonic() > end:
                raise
            sleep(0.2)
        else:
            return found


_POST = """wrk.method = "POST"
wrk.body = [[{body}]]
wrk.headers["Content-Type"] = "application/json"
"""


def _get(address: str, headers: Mapping[str, str]) -> tuple[Mapping[str, str], bytes]:
    asked = urllib.request.Request(address, headers=dict(headers))  # noqa: S310  our own server
    with urllib.request.urlopen(asked, timeout=120) as answer:  # noqa: S310  our own server
        return answer.headers, answer.read()


def _wrk(address: str, headers: Mapping[str, str], script: str, seconds: int) -> dict[str, Any]:
    """Let wrk ask for some seconds; give requests a second, times and what did not go well."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script)
        lua.flush()
        command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", lua.name]
        for key, value in headers.items():
            command += ["-H", f"{key}: {value}"]
        said = subprocess.run(
            [*command, address], capture_output=True, text=True, check=True, timeout=seconds + 60
        ).stdout
    return {
        "a_second": float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        "p99_ms": _ms(said, "99"),
        "n": int(_found(r"(\d+) requests in", said)),
        "bytes": _bytes(said),
        "wrong": int(_found(r"Non-2xx or 3xx responses: (\d+)", said)),
    }


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "0"


def _ms(said: str, share: str) -> float:
    match = re.search(rf"\b{share}%\s+([\d.]+)(us|ms|s)", said)
    return float(match[1]) * _UNIT_MS[match[2]] if match else 0.0


def _bytes(said: str) -> float:
    match = re.search(r"(\d+) requests in [\d.]+m?s, ([\d.]+)(B|KB|MB|GB) read", said)
    if match is None:
        return 0.0
    unit = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}[match[3]]
    return round(float(match[2]) * unit / max(1, int(match[1])))


def _checks(measured: Measured) -> list[Check]:
    """Hold the file that a first visit asks for against the same answer by the interface."""
    ratio, wrong = (float(measured.figures[key] or 0) for key in ("ratio", "wrong"))
    return [
        Check("a cell's file, times the rate of the interface's answer", ratio, ">=", 10.0, ""),
        Check("answers that went wrong", wrong, "<=", 0, ""),
    ]


SERVED_LOAD = (
    Subject(
        "served_load",
        "Files for phones from granian (2 workers of 2 threads) asked by wrk over 32 connections "
        "on the same two cores, beside POST /api/v1/stations/near.",
        _trials,
        limit_s=400,
    ),
)

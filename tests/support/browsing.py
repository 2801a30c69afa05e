"""The application served on loopback for a browser, and what a page did while it was watched."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
START_S = 40.0


@dataclass
class Watched:
    """A page, and what it did that it must not do."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)


@contextmanager
def serving(city: Path, moment: str) -> Iterator[str]:
    """Serve a city at a moment that stands still, by a process of its own, and end it by its id.

    Parameters
    ----------
    city
        City folder.
    moment
        ISO text, in the city's own time.

    Yields
    ------
    str
        The address.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "YIZHAN_CITY": str(city),
        "YIZHAN_TEST_MOMENT": moment,
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests"), str(ROOT)]),
    }
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory",
        "--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "4",
        "--no-ws", "support.serve_small:make_app",
    ]  # fmt: skip
    log = city.parent / f"{city.name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_healthy(address, process, log)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = monotonic() + START_S
    while monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310  our own server
                return
        except (urllib.error.URLError, OSError):
            sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text('utf-8', 'replace')}")

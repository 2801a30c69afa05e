"""A server on loopback, started for a measurement and ended with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from benchmarks.instances.instance import ROOT

_START_S = 120.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: where it is, and its first process."""

    address: str
    pid: int

    def cpu_s(self) -> float:
        """Give the processor time of its processes so far, where there is /proc."""
        ticks, todo = 0, [self.pid]
        for pid in todo:
            todo += [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(
    factory: str, environment: Mapping[str, str], *, workers: int = 1, threads: int = 4
) -> Iterator[Server]:
    """Serve an application with granian, and end it by its id.

    Parameters
    ----------
    factory
        Where the application is made, such as ``web.serving:make_app``.
    environment
        Added to our own.
    workers, threads
        Processes, and threads of each.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--factory",
        "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers),
        "--blocking-threads", str(threads), "--no-ws", "--log-level", "error", factory,
    ]  # fmt: skip
    search = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    child = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": search, **environment},
        stdout=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(f"{address}/healthz", child)
        yield Server(address, child.pid)
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(address: str, child: subprocess.Popen[bytes]) -> None:
    end = monotonic() + _START_S
    while monotonic() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310  our own server
                return
        except (urllib.error.URLError, OSError):
            sleep(0.1)
    message = f"the server at {address} did not start"
    raise RuntimeError(message)


CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

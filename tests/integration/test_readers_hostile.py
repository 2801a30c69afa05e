"""A hostile or broken file gets one clear sentence; nothing outside is read and nothing is asked.

Each file is read in a process of its own, whose memory and time the system counts. Somebody really
listens at the address that the files name, and the secret that they reach for really lies beside
them.
"""

from __future__ import annotations

import json
import os
import random
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support import hostile_files
from support.hostile_files import Hostile, Places
from support.ugly_grids import UGLY, Ugly

from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.table import read_table

ROOT = Path(__file__).resolve().parents[2]
MAX_MB, MAX_CPU_S = 512, 30.0
"""The aim is 10 s, and on a quiet machine all are below it; a busy one counts more."""
CANARY = "SECRET-CANARY"


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """Give a server that nobody should call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory, listener: socket.socket) -> Places:
    """Give what the files reach for."""
    secret = tmp_path_factory.mktemp("secret") / "secret.csv"
    secret.write_text(f"名称,经度,纬度\n{CANARY},113.6,34.7\n", encoding="utf-8")
    host, port = listener.getsockname()
    return Places(str(secret), f"{host}:{port}")


class Watcher:
    """Reads files in processes of their own, see `support.watched`."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self.program = program

    def read(self, path: Path) -> dict[str, Any]:
        """Tell what reading a file said and took."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(f"{path}\n")
        self.program.stdin.flush()
        said: dict[str, Any] = json.loads(self.program.stdout.readline())
        return said


@pytest.fixture(scope="module")
def watcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watcher]:
    """Give a watcher; it writes copies to a folder of its own."""
    command = [sys.executable, "-m", "support.watched", str(tmp_path_factory.mktemp("work"))]
    places = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env={"PYTHONPATH": places}, text=True, **pipes) as program:
        yield Watcher(program)


MAKERS = (
    hostile_files.workbooks, hostile_files.texts, hostile_files.geojson, hostile_files.placemarks,
    hostile_files.databases, hostile_files.shapefiles, hostile_files.old_workbooks,
)  # fmt: skip


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_hostile_files_are_refused_or_harmless(
    tmp_path: Path,
    places: Places,
    listener: socket.socket,
    watcher: Watcher,
    make: Callable[[Places], Iterator[Hostile]],
) -> None:
    """Under 512 MB and 10 s, no file opened but the one named, no call, and one sentence."""
    wrong = []
    for hostile in make(places):
        path = hostile_files.write(tmp_path, hostile)
        said = watcher.read(path)
        path.unlink()
        message = said.get("message", "")
        is_told = bool(re.search(hostile.says, message)) if hostile.says else "rows" in said
        is_clear = said.get("error") in (None, "InvalidInputError") and "\n" not in message
        is_small = said["mb"] < MAX_MB and said["cpu_s"] < MAX_CPU_S
        if not (is_told and is_clear and is_small) or said["outside"] or CANARY in str(said):
            wrong.append(said)
    assert wrong == []
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_the_watcher_sees_what_it_should(
    tmp_path: Path, places: Places, listener: socket.socket, watcher: Watcher
) -> None:
    """A sound file is read, its secret is seen, and its memory and time are counted."""
    said = watcher.read(Path(places.secret))
    assert (said["rows"], said["outside"]) == (1, [])
    assert CANARY in str(said)
    assert 50 < said["mb"] < MAX_MB
    assert said["cpu_s"] > 0
    assert said["told"] == []


@pytest.mark.parametrize("make", UGLY, ids=lambda make: make.__name__)
def test_a_damaged_file_is_refused_in_one_sentence_or_read(
    tmp_path: Path, make: Callable[[], Ugly]
) -> None:
    """However a file is cut off, and whatever bytes of it change, nothing but a sentence comes."""
    ugly = make()
    chance = random.Random(ugly.name)
    n_tries = 4 if ugly.name.endswith(".xls") else 12
    path = tmp_path / ugly.name
    for i in range(n_tries):
        content = bytearray(ugly.content)
        if i % 2:
            del content[chance.randrange(1, len(content)) :]
        else:
            for _ in range(chance.randint(1, 20)):
                content[chance.randrange(len(content))] = chance.randrange(256)
        path.write_bytes(content)
        reason = refusal(path)
        assert reason is None or (path.name in reason and "\n" not in reason)


def refusal(path: Path) -> str | None:
    """Give the sentence that refuses a file, None when it is read."""
    try:
        read_table(path, is_header=words.is_header, layers=words.LAYERS)
    except InvalidInputError as error:
        return str(error)
    return None

"""Imports that are killed, and disks that are full: the register is the old one or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.register import NOTE, named, prepared

from geodata.store import open_store

TESTS = Path(__file__).resolve().parents[1]

KILLED = """
import json, os, random, signal, sys, time

from support.register import NOTE, named
from geodata.migrations import upgrade
from geodata.store import open_store

url, n_kills = sys.argv[1], int(sys.argv[2])
ids = [f"s{i}" for i in range(40)]
chance = random.Random(2026)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})


def start(k):
    rows = named(*ids, f"new{k}", name=str(k))
    child = os.fork()
    if child == 0:
        with open_store(url) as store:
            store.apply_stations(rows, **NOTE)
        os._exit(0)
    return child


def length_s(k):
    began = time.perf_counter()
    os.waitpid(start(k), 0)
    signal.sigtimedwait({signal.SIGCHLD}, 0)
    return time.perf_counter() - began


def look(k, last):
    with open_store(url, busy_timeout_s=60) as store:
        found = store.stations()
        names = set(found["name"][found["id"].isin(ids)])
        faults = "ok"
        if url.startswith("sqlite"):
            with store._engine.connect() as connection:
                faults = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        is_new = f"new{k}" in set(found["id"])
        return {
            "names": sorted(names),
            "expected": [str(k) if is_new else last],
            "imports": len(store.imports()),
            "sound": faults == "ok" and store.check_audit() is None,
            "new": is_new,
        }


usual_s = min(length_s(k) for k in (1, 2, 3))
last, seen = "3", []
for k in range(4, 4 + n_kills):
    child = start(k)
    signal.sigtimedwait({signal.SIGCHLD}, chance.uniform(0, usual_s))
    os.kill(child, signal.SIGKILL)
    was_killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
    signal.sigtimedwait({signal.SIGCHLD}, 0)
    seen.append(look(k, last) | {"killed": was_killed})
    last = seen[-1]["expected"][0]
print(json.dumps(seen))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to kill imports cheaply")
def test_a_killed_import_leaves_the_old_register_or_the_new_one(
    database_url: str,
) -> None:
    """Killed at 100 random moments: never half an import, always sound, and the next one works."""
    is_sqlite = database_url.startswith("sqlite")
    n_kills = 100 if is_sqlite else 15
    with open_store(database_url) as store:
        store.replace_stations(named(*(f"s{i}" for i in range(40)), name="0"))
    path = os.pathsep.join(map(str, (TESTS, TESTS.parent)))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, database_url, str(n_kills)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        timeout=600,
        check=True,
    )
    seen = json.loads(done.stdout)
    assert len(seen) == n_kills
    assert all(s["sound"] and s["names"] == s["expected"] for s in seen)
    n_imports = 3
    for s in seen:
        n_imports += s["new"]
        assert s["imports"] == n_imports
    assert sum(s["killed"] and not s["new"] for s in seen) >= n_kills // 10


FULL = """
import os, resource, sys

from support.register import NOTE, named
from geodata.errors import UnavailableError
from geodata.migrations import upgrade
from geodata.store import open_store

rows = named(*(f"new{i}" for i in range(3000)))
for limit in sys.argv[2:]:
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
        try:
            with open_store(sys.argv[1]) as store:
                store.apply_stations(rows, **NOTE)
        except UnavailableError as error:
            print(error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    with open_store(sys.argv[1]) as store:
        print(*store.stations()["id"], store.check().is_sound, flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork to limit files of one process")
def test_a_disk_that_takes_no_more_changes_nothing(tmp_path: Path, empty_register: Path) -> None:
    """Wherever the file system stops an import, there is one sentence and the old register."""
    url = prepared(tmp_path / "a.sqlite", empty_register)
    with open_store(url) as store:
        store.apply_stations(named("kept"), **NOTE)
    size = (tmp_path / "a.sqlite").stat().st_size
    limits = [str(size + more) for more in (1, 60_000, 1_000_000)]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FULL, url, *limits],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (TESTS, TESTS.parent)))},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said = done.stdout.splitlines()
    assert said[1::2] == ["kept True"] * 3
    assert all("check its folder, permissions and disk space" in line for line in said[::2])
    with open_store(url) as store:
        assert store.apply_stations(named("a", "b"), **NOTE).n_new == 2

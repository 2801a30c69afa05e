"""A PostgreSQL server with PostGIS for one test session, in a folder of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg
from psycopg import sql

from geodata.migrations import tables
from geodata.store import open_store

_SETTINGS = (
    "listen_addresses=''",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
    "timezone='Asia/Shanghai'",
)
_EMPTY, _SHARED = "empty_register", "shared_register"


def missing() -> str:
    """Say what is missing on this machine; empty when nothing is."""
    if not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return "PostgreSQL is missing (on Debian: apt-get install postgresql)"
    if not list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return "PostGIS is missing (on Debian: apt-get install postgresql-postgis)"
    return ""


@dataclass(frozen=True, slots=True, eq=False)
class Server:
    """A running server, reached through a socket in its folder."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, name: str, *, role: str = "yizhan") -> str:
        """Give the address of a database, as an office would write it."""
        return f"postgresql://{role}@/{name}?host={quote(str(self.folder), safe='')}"

    def execute(self, query: str, *, name: str = "postgres") -> None:
        """Run a statement as the administrator."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute(sql.SQL(query))  # type: ignore[arg-type]

    def make(self) -> str:
        """Make a database in which nothing is yet; give its URL."""
        name = f"city{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def make_register(self) -> str:
        """Make another empty register; give its URL."""
        name = f"city{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {_EMPTY}")
        return self.url(name)

    def emptied_register(self) -> str:
        """Empty the register that tests use one after the other; give its URL."""
        names = ", ".join(t.name for t in tables.metadata.tables.values() if t.name != "state")
        self.execute(
            "ALTER TABLE audit DISABLE TRIGGER USER; "
            f"TRUNCATE {names}; "
            "ALTER TABLE audit ENABLE TRIGGER USER; "
            "UPDATE state SET writes = 0, digest = '', audit_lines = 0, audit_hash = ''",
            name=_SHARED,
        )
        return self.url(_SHARED)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        name = urlsplit(url).path.removeprefix("/")
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def running() -> Iterator[Server]:
    """Start a server, as an ordinary user because PostgreSQL refuses root; stop it at the end."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    folder = Path(tempfile.mkdtemp(prefix="yizhan-pg-"))
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")

    def run(program: str, *options: str) -> None:
        command = [str(programs / program), "-D", str(folder / "data"), *options]
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **user)

    settings = " ".join(
        f"-c {setting}" for setting in (*_SETTINGS, f"unix_socket_directories={folder}")
    )
    try:
        run("initdb", "-U", "yizhan", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run("pg_ctl", "start", "-w", "-s", "-l", str(folder / "log"), "-o", settings)
        try:
            server = Server(folder)
            server.execute(f"CREATE DATABASE {_EMPTY}")
            with open_store(server.url(_EMPTY)):
                pass
            server.execute(f"CREATE DATABASE {_SHARED} TEMPLATE {_EMPTY}")
            yield server
        finally:
            run("pg_ctl", "stop", "-w", "-s", "-m", "fast")
    finally:
        shutil.rmtree(folder, ignore_errors=True)

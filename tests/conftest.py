"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support import postgres, register

from geodata.store import Store, open_store

# A busy machine must not make a property fail: time is measured in benchmarks.
settings.register_profile("yizhan", deadline=None)
settings.load_profile("yizhan")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real test data; skip, saying so, where it is absent."""
    folder = Path(os.environ.get("YIZHAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real test data is absent: {folder} (set YIZHAN_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    """Give a PostgreSQL server with PostGIS; without one skip, saying so, except in CI."""
    reason = postgres.missing()
    if reason:
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with postgres.running() as server:
        yield server


@pytest.fixture(scope="session")
def empty_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an empty register in a SQLite file, to be copied."""
    return register.make_template(tmp_path_factory.mktemp("register") / "empty.sqlite")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of an empty register, once in SQLite and once in PostgreSQL."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("empty_register")
        yield register.prepared(tmp_path / "a%b 城市.sqlite", template)
        return
    server: postgres.Server = request.getfixturevalue("postgresql")
    yield server.emptied_register()


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give an empty register, opened, once in SQLite and once in PostgreSQL."""
    with open_store(database_url) as opened:
        yield opened

"""The server keeps the files for phones fresh, gives them cheaply, and outlives its database."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from support import small_app, small_city
from support.postgres import Server

from geodata.city import CityTables, open_city, write_city
from geodata.errors import UnavailableError
from web import publishing, renewal, served
from web.app import create_app
from web.settings import Settings

TOKEN = "0f" * 16


class Hands:
    """A clock that a test turns."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self, _: str) -> datetime:
        """Tell the time."""
        return self.moment


@pytest.fixture
def hands() -> Hands:
    """Give a clock on a Monday morning."""
    return Hands(small_app.MONDAY_MORNING)


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """Give the folder of the tiny city."""
    folder = tmp_path / "city"
    small_city.write(folder)
    return folder


@pytest.fixture
def app(city: Path, hands: Hands, eager: None, closing: Callable[[APIFlask], APIFlask]) -> APIFlask:
    """Give the app of the tiny city."""
    return closing(create_app(Settings(city=city), clock=hands))


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """Give a client of an app that nothing happens to, its files written."""
    folder = tmp_path_factory.mktemp("steady") / "city"
    made = small_app.make(folder)
    client = made.test_client()
    client.get("/snapshot/manifest.json")
    made.extensions["yizhan_renewal"].wait()
    yield client
    made.extensions["yizhan"].close()


@pytest.fixture
def closing() -> Iterator[Callable[[APIFlask], APIFlask]]:
    """Give what sees to it that an app has written all and closes its database."""
    apps: list[APIFlask] = []

    def note(made: APIFlask) -> APIFlask:
        apps.append(made)
        return made

    yield note
    for made in apps:
        made.extensions["yizhan_renewal"].wait()
        made.extensions["yizhan"].close()


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the app look at every request."""
    monkeypatch.setattr(renewal, "LOOK_S", 0.0)
    monkeypatch.setattr(renewal, "LIVE_S", 0.0)
    monkeypatch.setattr(served, "RETRY_S", 0.0)


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """Give a client of the app."""
    return app.test_client()


def manifest_of(client: FlaskClient) -> dict[str, Any]:
    """Read the manifest."""
    found = client.get("/snapshot/manifest.json")
    assert found.status_code == 200, found.data
    return dict(found.get_json())


def a_cell(client: FlaskClient) -> str:
    """Give the address of a cell with stations."""
    path = next(row[4] for row in manifest_of(client)["cells"] if row[4])
    return f"/snapshot/{path}"


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [
        ("", None),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("*;q=0", None),
    ],
)
def test_each_browser_gets_a_form_it_takes(
    steady: FlaskClient, accepts: str, encoding: str | None
) -> None:
    """Brotli before gzip before plain, never one that is refused; the content is the same."""
    for path in (a_cell(steady), "/snapshot/manifest.json", "/snapshot/live.json"):
        plain = steady.get(path).data
        found = steady.get(path, headers={"Accept-Encoding": accepts})
        assert found.headers.get("Content-Encoding") == encoding
        decode = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
        assert decode(found.data) == plain
        assert "Accept-Encoding" in found.headers["Vary"]
        assert "Accept-Language" not in found.headers["Vary"]


def test_how_long_a_file_may_be_kept(steady: FlaskClient) -> None:
    """Hashed files for ever, the manifest is asked for again, what people say holds a minute."""
    kept = {
        a_cell(steady): "public, max-age=31536000, immutable",
        f"/snapshot/{manifest_of(steady)['places']}": "public, max-age=31536000, immutable",
        f"/snapshot/{manifest_of(steady)['tiles']}": "public, max-age=31536000, immutable",
        "/snapshot/manifest.json": "no-cache",
        "/snapshot/live.json": "public, max-age=60",
    }
    for path, rule in kept.items():
        with steady.get(path) as found:
            assert found.headers["Cache-Control"] == rule


@pytest.mark.parametrize("accepts", ["", "gzip", "br"])
def test_what_a_phone_has_is_not_sent_again(steady: FlaskClient, accepts: str) -> None:
    """With the tag of the same form the answer is 304 and empty; forms have different tags."""
    for path in (a_cell(steady), "/snapshot/manifest.json", "/snapshot/live.json"):
        headers = {"Accept-Encoding": accepts}
        first = steady.get(path, headers=headers)
        again = steady.get(path, headers=headers | {"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        other = steady.get(path, headers={"Accept-Encoding": "br" if accepts != "br" else "gzip"})
        assert other.headers["ETag"] != first.headers["ETag"]


def test_tiles_come_in_parts(steady: FlaskClient) -> None:
    """A range of the tiles is answered with that range."""
    path = f"/snapshot/{manifest_of(steady)['tiles']}"
    with steady.get(path) as found:
        whole = found.data
    with steady.get(path, headers={"Range": "bytes=7-20"}) as part:
        assert (part.status_code, part.data) == (206, whole[7:21])


@pytest.mark.parametrize(
    "path",
    [
        "../city.toml", "../yizhan.sqlite", "cells/../../city.toml", "..%2fcity.toml",
        "cells/%2e%2e/%2e%2e/city.toml", "%2e%2e/.kept.sqlite", ".lock", "cells/", "cells",
        "//etc/passwd", "manifest.json.br", "..\\city.toml", "cells/86409084fffffff.json",
        "places-0000000000000000.json", "places-adc9a0b3cd56a7a1.json\n", "%00", "live.json/..",
    ],
)  # fmt: skip
def test_nothing_but_the_files_is_given(steady: FlaskClient, path: str) -> None:
    """Other files, folders, ways out of the folder and names that never were are not found."""
    manifest_of(steady)
    found = steady.get(f"/snapshot/{path}")
    assert found.status_code in (404, 308), path
    assert b"SQLite format" not in found.data
    assert b"Asia/Shanghai" not in found.data


def test_a_position_cannot_be_sent_along(steady: FlaskClient) -> None:
    """Parameters are refused, and the answer does not repeat them."""
    for path in ("/snapshot/manifest.json", "/snapshot/live.json", a_cell(steady)):
        found = steady.get(f"{path}?lon_deg=113.6543&lat_deg=34.7")
        assert found.status_code == 400
        assert "113.6543" not in found.text


def test_new_data_and_a_new_day_are_published(
    app: APIFlask, client: FlaskClient, city: Path, hands: Hands
) -> None:
    """Meanwhile the old files are served; old names stay valid."""
    first, old = manifest_of(client), a_cell(client)
    with open_city(city).store() as store:
        store.change(
            "s01", {"name": "新名字"}, expected_version=None, who="t", source="t",
            moment=hands.moment,
        )  # fmt: skip
    manifest_of(client)
    app.extensions["yizhan_renewal"].wait()
    second = manifest_of(client)
    assert second["version"] != first["version"]
    assert "新名字" in client.get(a_cell(client)).text
    assert client.get(old).status_code == 200
    hands.moment += timedelta(days=1)
    manifest_of(client)
    app.extensions["yizhan_renewal"].wait()
    assert manifest_of(client)["start"] == "2026-09-22"
    assert publishing.check(city / publishing.FOLDER) == []


def test_two_processes_do_not_write_at_once(
    app: APIFlask, client: FlaskClient, city: Path, hands: Hands
) -> None:
    """While another process writes, the old files are served; afterwards the new ones come."""
    manifest_of(client)
    hands.moment += timedelta(days=1)
    with publishing.lock(city / publishing.FOLDER):
        manifest_of(client)
        app.extensions["yizhan_renewal"].wait()
        assert manifest_of(client)["start"] == "2026-09-21"
        app.extensions["yizhan_renewal"].wait()
    manifest_of(client)
    app.extensions["yizhan_renewal"].wait()
    assert manifest_of(client)["start"] == "2026-09-22"


def test_what_is_reported_is_live(app: APIFlask, client: FlaskClient) -> None:
    """A report shows in the next live file: how many were inside today, and when the last was."""
    assert client.get("/snapshot/live.json").get_json()["stations"] == {}
    said = client.post("/api/v1/stations/s01/reports", json={"kind": "open", "token": TOKEN})
    assert said.status_code == 201
    client.get("/snapshot/live.json")
    app.extensions["yizhan_renewal"].wait()
    live = client.get("/snapshot/live.json").get_json()
    assert live["stations"] == {"s01": {"today": 1, "last": "2026-09-21T10:00:00"}}
    assert live["made_at"] == "2026-09-21T10:00:00+08:00"
    assert TOKEN not in json.dumps(live)


def test_the_live_file_is_worked_out_once_a_minute(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within the minute the file stays; after four minutes who asks waits for the new one."""
    now_s = 1000.0
    monkeypatch.setattr(renewal, "LIVE_S", 60.0)
    monkeypatch.setattr(renewal, "monotonic", lambda: now_s)
    client.get("/snapshot/live.json")
    client.post("/api/v1/stations/s01/reports", json={"kind": "open", "token": TOKEN})
    now_s += 59
    assert client.get("/snapshot/live.json").get_json()["stations"] == {}
    now_s += renewal.TOO_OLD_S
    assert "s01" in client.get("/snapshot/live.json").get_json()["stations"]


def read_ways(client: FlaskClient) -> list[str]:
    """Give the addresses that read the city."""
    return ["/", "/?q=二七广场", "/stations/s01", "/api/v1/stations", "/snapshot/manifest.json",
            "/snapshot/live.json", a_cell(client)]  # fmt: skip


def remove_database(city: Path) -> dict[str, bytes]:
    """Take the database file away; give what brings it back."""
    files = list(city.glob("yizhan.sqlite*"))
    held = {file.name: file.read_bytes() for file in files}
    for file in files:
        file.unlink()
    return held


def test_without_its_database_the_city_can_be_read_and_not_written(
    app: APIFlask, client: FlaskClient, city: Path, hands: Hands
) -> None:
    """All pages and files stay, marked with their age; a report is refused with 503."""
    ways = read_ways(client)
    app.extensions["yizhan_renewal"].wait()
    with open_city(city).store() as store:  # one file again
        store.data_version()
    app.extensions["yizhan"].close()
    assert client.get("/healthz").get_json()["status"] == "ok"
    app.extensions["yizhan"].store().close()
    remove_database(city)
    hands.moment += timedelta(hours=2)
    for way in ways:
        assert client.get(way).status_code == 200, way
    health = client.get("/healthz")
    assert health.status_code == 200
    assert health.get_json()["status"] == "stale"
    assert health.get_json()["made_at"] == "2026-09-21T10:00:00"
    assert health.get_json()["stations"] == 11
    said = client.post("/api/v1/stations/s01/reports", json={"kind": "open", "token": TOKEN})
    assert said.status_code == 503
    assert str(city) not in said.text
    assert not (city / "yizhan.sqlite").exists()


def test_when_the_database_is_back_all_is_as_before(
    app: APIFlask, client: FlaskClient, city: Path
) -> None:
    """The mark goes, and reports are taken again."""
    app.extensions["yizhan"].store().close()
    held = remove_database(city)
    assert client.get("/healthz").get_json()["status"] == "stale"
    for name, body in held.items():
        (city / name).write_bytes(body)
    assert client.get("/healthz").get_json()["status"] == "ok"
    said = client.post("/api/v1/stations/s01/reports", json={"kind": "open", "token": TOKEN})
    assert said.status_code == 201


def test_an_app_starts_without_its_database(
    app: APIFlask, client: FlaskClient, city: Path, hands: Hands,
    closing: Callable[[APIFlask], APIFlask],
) -> None:  # fmt: skip
    """From published files and the copy beside them, it shows the city and its age."""
    ways = read_ways(client)
    app.extensions["yizhan_renewal"].wait()
    version = client.get("/healthz").get_json()["data_version"]
    app.extensions["yizhan"].close()
    remove_database(city)
    hands.moment += timedelta(days=2)
    other = closing(create_app(Settings(city=city), clock=hands)).test_client()
    for way in ways:
        assert other.get(way).status_code == 200, way
    health = other.get("/healthz").get_json()
    assert (health["status"], health["data_version"]) == ("stale", version)
    assert health["made_at"] == "2026-09-21T10:00:00"
    assert manifest_of(other)["start"] == "2026-09-21"


def test_with_the_files_alone_an_app_serves_the_files(
    app: APIFlask, client: FlaskClient, city: Path, hands: Hands,
    closing: Callable[[APIFlask], APIFlask],
) -> None:  # fmt: skip
    """Without the copy, pages say 503 and phones still get their files."""
    cell = a_cell(client)
    app.extensions["yizhan_renewal"].wait()
    app.extensions["yizhan"].close()
    remove_database(city)
    (city / ".kept.sqlite").unlink()
    other = closing(create_app(Settings(city=city), clock=hands)).test_client()
    for way in ("/snapshot/manifest.json", "/snapshot/live.json", cell):
        assert other.get(way).status_code == 200
    assert other.get("/").status_code == 503
    assert other.get("/healthz").status_code == 503


def test_without_database_and_files_an_app_does_not_start(city: Path, hands: Hands) -> None:
    """There is nothing to serve; that is said."""
    remove_database(city)
    with pytest.raises(UnavailableError, match="missing"):
        create_app(Settings(city=city), clock=hands)


def test_a_lost_postgresql_leaves_the_city_readable(
    postgresql: Server, tmp_path: Path, hands: Hands, eager: None,
    closing: Callable[[APIFlask], APIFlask],
) -> None:  # fmt: skip
    """As with a lost file: pages and files stay, writing is refused."""
    url = postgresql.make_register()
    folder = tmp_path / "city"
    small = small_city.write(folder)
    tables = CityTables(
        stations=small_city.stations_frame(small_city.stations()), hotspots=small_city.hotspots()
    )
    write_city(folder, small.settings, tables, database_url=url)
    made = closing(create_app(Settings(city=folder, database_url=url), clock=hands))
    client = made.test_client()
    ways = read_ways(client)
    made.extensions["yizhan_renewal"].wait()
    postgresql.drop(url)
    for way in ways:
        assert client.get(way).status_code == 200, way
    assert client.get("/healthz").get_json()["status"] == "stale"
    said = client.post("/api/v1/stations/s01/reports", json={"kind": "open", "token": TOKEN})
    assert said.status_code == 503

"""Serving: new data, missing data, parts of files, compression, the interface's description."""

from __future__ import annotations

import gzip
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support import small_app, small_city

from geodata.city import CityTables, open_city, write_city
from geodata.city_settings import CitySettings
from geodata.errors import NotFoundError
from web import plans
from web.app import create_app
from web.settings import Settings

NEAR = "/?place=hotspot:h1&open=0&minutes=30"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder for a city."""
    return tmp_path / "city"


def test_a_missing_city_is_an_error_before_serving(tmp_path: Path) -> None:
    """Without a city there is nothing to serve: the error says how to make one."""
    with pytest.raises(NotFoundError, match="yizhan demo"):
        create_app(Settings(city=tmp_path / "none"))


def test_new_stations_appear_without_a_restart(folder: Path) -> None:
    """A change in the store is served from the next request on."""
    client = small_app.make(folder).test_client()
    before = client.get("/healthz").get_json()["data_version"]
    assert "新来的驿站" not in client.get(NEAR).text
    new = replace(small_city.stations()[0], name="新来的驿站")
    with open_city(folder).store() as store:
        store.replace_stations(small_city.stations_frame([new]))
    assert "新来的驿站" in client.get(NEAR).text
    assert client.get("/healthz").get_json()["data_version"] != before


def test_a_rebuilt_city_is_opened_anew(folder: Path) -> None:
    """A city folder that is written again is served with its new name and districts."""
    client = small_app.make(folder).test_client()
    assert "示例市" in client.get("/").text
    small_city.write(folder, name="另一个市")
    assert "另一个市" in client.get("/").text


def test_plans_are_worked_out_once_until_the_data_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question is answered from memory; after a change it is worked out again."""
    client = small_app.make(folder).test_client()
    asked = []
    original = plans.planning.suggestion
    monkeypatch.setattr(
        plans.planning,
        "suggestion",
        lambda *args, **rest: asked.append(1) or original(*args, **rest),
    )
    for _ in range(2):
        assert client.get("/planner?minutes=5&new=2").status_code == 200
    assert len(asked) == 1
    with open_city(folder).store() as store:
        store.replace_stations(small_city.stations_frame(small_city.stations()[:2]))
    assert client.get("/planner?minutes=5&new=2").status_code == 200
    assert len(asked) == 2


def test_a_city_that_vanishes_is_reported_and_comes_back(folder: Path) -> None:
    """While the folder is away pages and probes say so in our shape; afterwards all works again."""
    client = small_app.make(folder).test_client()
    away = folder.with_name("away")
    shutil.move(folder, away)
    page, probe = client.get("/"), client.get("/healthz")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert probe.get_json()["error"]["kind"] == "not_found"
    shutil.move(away, folder)
    assert client.get("/").status_code == 200


def test_a_city_without_streets_says_so(tmp_path: Path) -> None:
    """Straight-line times are marked on the finder and the planner."""
    folder = tmp_path / "city"
    small_city.write(folder)
    (folder / "streets.parquet").unlink()
    client = create_app(
        Settings(city=folder), clock=small_app.standing(small_app.MONDAY_MORNING)
    ).test_client()
    assert '<p class="note" id="straight">' in client.get(NEAR).text
    assert "直线距离" in client.get("/planner").text


def test_the_basemap_comes_in_parts(folder: Path) -> None:
    """HTTP Range on the basemap gives exactly the bytes asked for, unpacked."""
    client = small_app.make(folder).test_client()
    content = bytes(range(256)) * 40
    (folder / "basemap.pmtiles").write_bytes(content)
    headers = {"Range": "bytes=100-199", "Accept-Encoding": "gzip"}
    part = client.get("/basemap.pmtiles", headers=headers, buffered=True)
    assert (part.status_code, part.data) == (206, content[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(content)}"
    assert "Content-Encoding" not in part.headers
    assert (
        client.get(
            "/basemap.pmtiles", headers={"Range": "bytes=999999-"}, buffered=True
        ).status_code
        == 416
    )
    assert client.get("/map.json").get_json()["basemap"] == "/basemap.pmtiles"


def test_no_basemap_is_not_found_and_the_page_knows(folder: Path) -> None:
    """Without the file the page does not ask for it, and asking says what to do."""
    client = small_app.make(folder).test_client()
    assert client.get("/map.json").get_json()["basemap"] == ""
    assert client.get("/basemap.pmtiles", buffered=True).status_code == 404


@pytest.mark.parametrize(
    "path", [NEAR, "/static/app.css", "/static/vendor/leaflet-1.9.4/leaflet.js"]
)
def test_text_is_compressed_and_the_same(folder: Path, path: str) -> None:
    """Compressed and plain answers hold the same text; caches are told that they differ."""
    client = small_app.make(folder).test_client()
    plain = client.get(path, headers={"Accept-Encoding": "identity"}, buffered=True)
    packed = client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_named_versions_are_kept_for_long_and_our_files_are_asked_again(folder: Path) -> None:
    """A vendored file never changes; our own are checked by their tag, which saves the body."""
    client = small_app.make(folder).test_client()
    vendored = client.get("/static/vendor/leaflet-1.9.4/leaflet.css", buffered=True)
    assert "immutable" in vendored.headers["Cache-Control"]
    ours = client.get("/static/app.css", headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert ours.headers["Cache-Control"] == "no-cache"
    again = client.get(
        "/static/app.css", headers={"If-None-Match": ours.headers["ETag"]}, buffered=True
    )
    assert again.status_code == 304


def test_the_first_page_is_light(folder: Path) -> None:
    """All that the first page needs before the map is at most 120 kB compressed."""
    client = small_app.make(folder).test_client()
    page = client.get("/?place=hotspot:h1").text
    words = re.search(r'"wordsAddress":"([^"]+)"', page.replace(": ", ":"))
    assert words is not None
    named = re.findall(r'<(?:link|script)[^>]+(?:href|src)="(/static/[^"]+)"', page)
    assert len(named) > 15
    paths = ["/?place=hotspot:h1", words[1], *named]
    packed = [client.get(p, headers={"Accept-Encoding": "gzip"}, buffered=True) for p in paths]
    assert {answer.status_code for answer in packed} == {200}
    assert sum(len(answer.data) for answer in packed) < 100_000  # files of the city come on top


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Give a client for reading the description of the interface."""
    return small_app.make(tmp_path_factory.mktemp("described") / "city").test_client()


def test_the_interface_is_described(described: FlaskClient) -> None:
    """OpenAPI 3.1 lists every address under /api/v1 and nothing else, and names no other host."""
    document = described.get("/api/v1/openapi.json")
    spec = document.get_json()
    assert spec["openapi"] == "3.1.0"
    rules = {
        rule.rule.replace("<path:station_id>", "{station_id}")
        for rule in described.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and not rule.rule.endswith("openapi.json")
    }
    assert set(spec["paths"]) == rules
    assert "http" not in document.text.replace("application/", "")


def test_errors_are_part_of_the_description(described: FlaskClient) -> None:
    """Each answer that can be refused says so, with the one error shape."""
    spec = described.get("/api/v1/openapi.json").get_json()
    post = spec["paths"]["/api/v1/stations/near"]["post"]
    assert {"200", "400"} <= set(post["responses"])
    problem = post["responses"]["400"]["content"]["application/json"]["schema"]
    assert problem == {"$ref": "#/components/schemas/Problem"}


def test_a_city_without_any_station_is_served(folder: Path) -> None:
    """Before the first import the finder says that nothing is there and the planner counts zero."""
    client = small_app.make(folder, records=[]).test_client()
    assert "没有站点" in client.get(NEAR).text
    assert '<p class="value">0.0%</p>' in client.get("/planner").text
    assert client.get("/api/v1/stations").get_json(force=True)["features"] == []
    assert client.get("/map.json").status_code == 200


def test_a_city_without_people_cannot_be_planned(tmp_path: Path) -> None:
    """Without demand the finder works, and the planner says what is missing."""
    folder = tmp_path / "city"
    write_city(folder, CitySettings(), CityTables(streets=small_city.streets()))
    client = create_app(Settings(city=folder)).test_client()
    assert client.get("/").status_code == 200
    planner = client.get("/planner?lang=en")
    assert planner.status_code == 400
    assert "no demand" in planner.text

"""Every address answers under the strict content policy; the exceptions are named."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from support import small_app

ADDRESSES = {
    "finder.home": "/?place=hotspot:h1",
    "finder.station": "/stations/s01",
    "finder.station_qr": "/stations/s01/qr.svg",
    "finder.by_code": "/s/410105-0012-3",
    "national.home": "/national",
    "planner.home": "/planner?minutes=5&new=2",
    "planner.map_before": "/planner/map/before?minutes=5",
    "planner.map_after": "/planner/map/after?minutes=5&new=2",
    "planner.download": "/planner/proposal.zip?minutes=5&new=2",
    "pwa.favourites": "/favourites",
    "pwa.manifest": "/manifest.webmanifest",
    "pwa.worker": "/sw.js",
    "phone_words.words": "/snapshot-words/zh-0.json",
    "snapshots.manifest": "/snapshot/manifest.json",
    "snapshots.live": "/snapshot/live.json",
    "snapshots.file": "/snapshot/cells/none.json",
    "service.basemap": "/basemap.pmtiles",
    "service.icon": "/favicon.ico",
    "service.healthz": "/healthz",
    "service.map_json": "/map.json",
    "service.metrics": "/metrics",
    "api.areas": "/api/v1/areas",
    "api.coverage": "/api/v1/coverage?minutes=5",
    "api.data": "/api/v1/data",
    "api.near": "/api/v1/stations/near?lon_deg=113.61&lat_deg=34.71",
    "api.station": "/api/v1/stations/s01",
    "api.stations": "/api/v1/stations",
    "api.suggestions": "/api/v1/suggestions?minutes=5&new=2",
    "openapi.spec": "/api/v1/openapi.json",
    "static": "/static/app.css",
}
"""One address for each GET route."""

FOLIUM = {"planner.map_before", "planner.map_after"}
"""Documents of folium write style attributes; they may, but their scripts need a word of ours."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """Give the application of the tiny city."""
    return small_app.make(tmp_path_factory.mktemp("policy") / "city")


def test_every_route_has_an_address_here(app: APIFlask) -> None:
    """A new page cannot be forgotten."""
    got = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert got == set(ADDRESSES)


@pytest.mark.parametrize("endpoint", ADDRESSES)
def test_nothing_inline_and_nothing_from_outside(app: APIFlask, endpoint: str) -> None:
    """No page, answer or error lets inline code run or names another host."""
    response = app.test_client().get(ADDRESSES[endpoint])
    assert response.status_code in (200, 404)
    rules = dict(
        rule.strip().split(" ", 1)
        for rule in response.headers["Content-Security-Policy"].split(";")
    )
    loose = {name for name, value in rules.items() if "unsafe" in value}
    assert loose == ({"style-src"} if endpoint in FOLIUM else set())
    if response.mimetype == "text/html":
        assert rules["default-src"] == "'self'"
        assert rules["object-src"] == rules["base-uri"] == "'none'"
    else:
        assert rules["default-src"] in ("'self'", "'none'")
    assert not any("http" in value or "*" in value for value in rules.values())
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    response.close()


def test_a_map_of_the_planner_has_a_new_word_each_time(app: APIFlask) -> None:
    """Scripts of a folium document run by a nonce that no other answer has."""
    client = app.test_client()
    policies = {
        client.get(ADDRESSES["planner.map_before"]).headers["Content-Security-Policy"]
        for _ in range(2)
    }
    assert len(policies) == 2
    assert all("script-src 'self' 'nonce-" in policy for policy in policies)


def test_an_error_is_under_the_same_policy(app: APIFlask) -> None:
    """What is not found or cannot be read is answered as strictly."""
    client = app.test_client()
    for response in (client.get("/nope"), client.post("/api/v1/stations/near", data="{")):
        assert response.status_code in (400, 404)
        assert "unsafe" not in response.headers["Content-Security-Policy"]

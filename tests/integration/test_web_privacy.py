"""A worker's position is used for one answer and kept nowhere."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support import small_app, small_city

from web.routes import api

LON_DEG, LAT_DEG = 113.613572, 34.713579
"""A position whose digits appear nowhere else in the city."""
DIGITS = ("613572", "713579", "13.61", "34.71")


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """Give a client of a fresh application."""
    return small_app.make(tmp_path / "city").test_client()


def _journey(client: FlaskClient) -> None:
    body = {"lon_deg": LON_DEG, "lat_deg": LAT_DEG}
    assert client.post("/api/v1/stations/near", json=body).status_code == 200
    assert client.post("/api/v1/stations/near", json={**body, "mode": "x"}).status_code == 400
    assert client.get("/api/v1/stations/near", query_string=body).status_code == 200
    assert client.get("/nowhere", query_string=body).status_code == 404


def test_no_log_no_metric_and_no_file_holds_a_position(
    client: FlaskClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After searches, good and bad, no log line, metric or file of the city has the position."""
    caplog.set_level(logging.DEBUG)
    _journey(client)
    kept = [record.getMessage() for record in caplog.records]
    kept.append(client.get("/metrics").text.replace("11361", ""))
    held = [text for text in kept if any(digits in text for digits in DIGITS[:2])]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 4
    kept_in_files = b"".join(path.read_bytes() for path in files)
    assert held == []
    assert not any(digits.encode() in kept_in_files for digits in DIGITS[:2])


def test_an_unexpected_failure_logs_no_position(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the program breaks, the log has the path and the trace, never the question."""

    def broken(*_: object, **__: object) -> None:
        message = "broken on purpose"
        raise RuntimeError(message)

    monkeypatch.setattr(api.shown, "ask", broken)
    body = {"lon_deg": LON_DEG, "lat_deg": LAT_DEG}
    answers = [
        client.post("/api/v1/stations/near", json=body),
        client.get("/api/v1/stations/near", query_string=body),
    ]
    assert [a.status_code for a in answers] == [500, 500]
    assert all("broken on purpose" not in a.text and "Traceback" not in a.text for a in answers)
    assert "broken on purpose" in caplog.text
    assert not any(digits in caplog.text for digits in DIGITS)


def test_metrics_count_by_route_not_by_what_was_asked(client: FlaskClient) -> None:
    """Metrics name the rule of an address, so ids and typed names stay out of them."""
    client.get("/stations/s01")
    client.get("/?q=二七广场")
    client.get("/no/such/page")
    metrics = client.get("/metrics").text
    assert (
        'yizhan_requests_total{method="GET",route="/stations/<path:station_id>",status="200"} 1.0'
        in metrics
    )
    assert 'route="unknown",status="404"' in metrics
    assert "s01" not in metrics
    assert "no/such" not in metrics


def test_two_apps_count_apart(tmp_path: Path) -> None:
    """Each application has a registry of its own."""
    small_city.write(tmp_path / "b")
    first = small_app.make(tmp_path / "a").test_client()
    second = small_app.make(tmp_path / "b").test_client()
    first.get("/healthz")
    assert 'route="/healthz"' in first.get("/metrics").text
    assert 'route="/healthz"' not in second.get("/metrics").text


def test_browsing_sets_no_cookie_and_tells_nobody_where_from(client: FlaskClient) -> None:
    """No page sets a cookie, and links tell no other site which page they were on."""
    for path in ("/", "/?place=hotspot:h1", "/stations/s01", "/planner", "/nope", "/api/v1/data"):
        headers = client.get(path).headers
        assert "Set-Cookie" not in headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_lets_nothing_in_from_outside(client: FlaskClient) -> None:
    """The content policy names this server alone, allows no inline script and no framing."""
    for path in ("/", "/stations/s01", "/planner", "/nope"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert "frame-ancestors 'self'" in policy


@pytest.mark.parametrize(
    ("tiles", "host"),
    [("osm", "https://tile.openstreetmap.org"), ("tianditu", "https://*.tianditu.gov.cn")],
)
def test_a_tile_service_opens_the_policy_for_its_pictures_only(
    tmp_path: Path, tiles: str, host: str
) -> None:
    """Choosing a tile service allows pictures from its host and nothing else from anywhere."""
    app = small_app.make(tmp_path / "city", settings={"tiles": tiles, "tianditu_key": "k"})
    policy = app.test_client().get("/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert {name for name, value in rules.items() if "http" in value} == {"img-src"}
    assert host in rules["img-src"]


def test_pages_have_no_inline_script_or_style(client: FlaskClient) -> None:
    """Nothing in our pages needs an exception: no handlers, no style attributes, no inline code."""
    for path in ("/?place=hotspot:h1", "/stations/s01", "/planner?new=2", "/nope"):
        page = client.get(path).text
        inline = re.findall(r"<script(?![^>]*(?:src=|application/(?:ld\+)?json))[^>]*>", page)
        assert inline == []
        assert re.findall(r"\s(?:style|on\w+)=", page) == []

"""What the web says of stations that moved, closed, were merged, or have things that do not work."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from support import small_app, small_city

from geodata.codes import StationCode
from geodata.records import Closure, Offer, Station
from geodata.store import open_store

NOW = datetime(2026, 9, 21, 10, 0)


def code(n: int) -> str:
    return str(StationCode("410105", n))


def records() -> list[Station]:
    """The usual stations with codes; some are gone, one has offers."""
    change = {
        "s02": {"status": "moved", "status_reason": f"拆迁；迁至智能驿站 {code(3)}", "status_since": "2026-08-01"},
        "s05": {"status": "revoked", "status_reason": "多次核查大门上锁"},
        "s06": {"status_reason": "空调维修", "status_since": "2026-09-10"},
        "s08": {"status": "moved", "status_reason": "<b>搬走</b> 410105-0003-0"},
        "s01": {
            "offers": (
                Offer(key="free_breakfast", hours="Mo-Fr 05:00-07:00"),
                Offer(key="microwave", state="broken", checked_on="2026-09-01"),
            ),
            "facilities": ("free_breakfast", "microwave", "toilet"),
            "closures": (Closure(first_day="2026-10-01", reason="放假"),),
        },
    }  # fmt: skip
    return [
        replace(s, code=code(k), **change.get(s.id, {}))
        for k, s in enumerate(small_city.stations(), start=1)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for the city of this module."""
    return tmp_path_factory.mktemp("register") / "city"


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    """Give a client of the application on the city with stations that are gone."""
    client = small_app.make(folder, records=records()).test_client()
    with open_store(f"sqlite:///{folder / 'yizhan.sqlite'}") as store:
        store.merge("s03", "s11", fields={}, who="Li", moment=NOW)
        store.merge("s07", "s09", fields={}, who="Li", moment=NOW)
        store.merge("s03", "s07", fields={}, who="Li", moment=NOW)
    return client


def said(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return unescape(answer.text)


@pytest.mark.parametrize(
    ("station_id", "words"),
    [
        ("s02", ("已迁走", "2026-08-01", "拆迁")),
        ("s05", ("已取消", "多次核查大门上锁")),
        ("s06", ("暂停", "2026-09-10", "空调维修")),
    ],
)
def test_a_station_that_is_gone_still_answers(
    client: FlaskClient, station_id: str, words: tuple[str, ...]
) -> None:
    """Page and interface of a moved, revoked or suspended station say so, with reason and day."""
    page = said(client, f"/stations/{station_id}")
    for word in words:
        assert word in page
    properties = client.get(f"/api/v1/stations/{station_id}").get_json(force=True)["properties"]
    record = next(r for r in records() if r.id == station_id)
    assert (properties["status"], properties["status_reason"]) == (
        record.status,
        record.status_reason,
    )
    assert properties["trust"]["p_get_in"] < 0.05


def test_stations_that_are_gone_are_in_no_list(client: FlaskClient) -> None:
    """They answer when asked for, but nobody is sent there."""
    listed = client.get("/api/v1/stations").get_json(force=True)["features"]
    assert not {"s02", "s05", "s08"} & {f["id"] for f in listed}
    page = said(client, "/stations/s05")
    assert "/?place=station" not in page


def test_a_moved_station_leads_to_where_it_is(client: FlaskClient) -> None:
    """The code in the reason becomes a link and a field; a code that does not check is only text."""
    assert 'href="/stations/s03"' in client.get("/stations/s02").text
    there = client.get("/api/v1/stations/s02").get_json(force=True)["properties"]
    assert there["moved_to"] == "s03"
    astray = client.get("/stations/s08").text
    assert "<b>搬走</b>" not in astray
    assert "&lt;b&gt;搬走" in astray
    assert 'href="/stations/s03"' not in astray
    assert "moved_to" not in client.get("/api/v1/stations/s08").get_json(force=True)["properties"]


def test_planned_stations_still_have_no_page(client: FlaskClient) -> None:
    """What is not there yet is no place to go."""
    assert client.get("/stations/s10").status_code == 404


def test_a_code_leads_to_its_station(client: FlaskClient) -> None:
    """The address in the QR goes to the page, also typed without hyphens; the language stays."""
    for typed in (code(1), code(1).replace("-", "")):
        answer = client.get(f"/s/{typed}?lang=en")
        assert answer.status_code == 302
        assert unquote(answer.location) == "/stations/s01?lang=en"
    assert client.get(f"/s/{code(5)}").location == "/stations/s05"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (code(99), 404), ("410105-0001-1", 400), ("nonsense", 400), ("%3Cscript%3E", 400), ("x" * 500, 400),
    ],
)  # fmt: skip
def test_a_wrong_code_gets_a_sentence(client: FlaskClient, text: str, status: int) -> None:
    """A mistyped code is told from one that nobody has, and nothing of it becomes markup."""
    page = client.get(f"/s/{text}")
    assert page.status_code == status
    assert "<script>" not in page.text.split("<main", 1)[1].split("</main>", 1)[0]


def test_a_merged_station_leads_on(client: FlaskClient) -> None:
    """Id and code of an absorbed station go to the one that stands, through several merges."""
    for gone, number in (("s11", 11), ("s07", 7), ("s09", 9)):
        assert client.get(f"/stations/{gone}").location == "/stations/s03"
        assert client.get(f"/api/v1/stations/{gone}").location == "/api/v1/stations/s03"
        assert client.get(f"/s/{code(number)}").location == "/stations/s03"
    assert client.get("/stations/s98").status_code == 404
    assert client.get("/api/v1/stations/s98").status_code == 404


def test_the_page_says_what_works_and_when(client: FlaskClient) -> None:
    """Programmes have their hours in words, what is broken says so with the day it was seen."""
    page = said(client, "/stations/s01")
    assert "周一至周五 05:00–07:00" in page
    broken = page.split('class="out">', 1)[1].split("</li>", 1)[0]
    assert "<span>微波炉" in broken
    assert "2026-09-01" in broken
    assert page.count('class="out"') == 1
    assert code(1) in page
    shown = client.get("/api/v1/stations/s01").get_json(force=True)["properties"]
    assert shown["offers"] == [
        {"key": "free_breakfast", "state": "working", "hours": "Mo-Fr 05:00-07:00"},
        {"key": "microwave", "state": "broken", "checked_on": "2026-09-01"},
    ]
    assert shown["closures"] == [{"first_day": "2026-10-01", "reason": "放假"}]

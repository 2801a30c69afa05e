"""Reports by HTTP: taken in within limits, from our own pages, and nothing kept of who sent them."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from support import small_app, small_city
from werkzeug.test import TestResponse

from geodata.reports import DEVICE_MEMORY, REPORT_KINDS, Report
from geodata.store import open_store
from web.app import create_app
from web.report_limits import PHONE_A_DAY, STATION_AN_HOUR
from web.reported import FRESH_S, LATE_S
from web.settings import Settings

PHONE = "vZ4k9Q-mT2xWc7LrB"
NOW = small_app.MONDAY_MORNING
KEY = "the secret of this server"


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self, zone: str) -> datetime:
        """Give the moment."""
        assert zone
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give a clock at Monday, ten o'clock."""
    return Clock()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a city to copy from."""
    folder = tmp_path_factory.mktemp("reports") / "city"
    small_city.write(folder)
    return folder


@pytest.fixture
def app(city: Path, tmp_path: Path, clock: Clock) -> APIFlask:
    """Give a fresh application."""
    shutil.copytree(city, tmp_path / "city")
    return create_app(Settings(city=tmp_path / "city", secret_key=KEY), clock=clock)


@pytest.fixture(scope="module")
def calm(city: Path) -> APIFlask:
    """Give an application whose reports are all refused."""
    return create_app(Settings(city=city, secret_key=KEY), clock=Clock())


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """Give its client."""
    return app.test_client()


def _post(
    client: FlaskClient,
    station: str = "s01",
    *,
    kind: str = "open",
    token: str = PHONE,
    **more: object,
) -> TestResponse:
    headers = more.pop("headers", {})
    body = {"kind": kind, "token": token, **more}
    return client.post(f"/api/v1/stations/{station}/reports", json=body, headers=headers)


def _stored(app: APIFlask) -> list[Report]:
    return list(app.extensions["yizhan"].store().reports())


def _trust(client: FlaskClient, station: str = "s01") -> dict[str, object]:
    return client.get(f"/api/v1/stations/{station}").get_json(force=True)["properties"]["trust"]


def test_a_report_is_stored_coarse_and_seen_at_once(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """The answer, the station and the list near it count the confirmation; ten minutes are kept."""
    clock.now = NOW + timedelta(minutes=17, seconds=31)
    answer = _post(client, nearness="near")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["trust"]["confirmations_today"] == 1
    (report,) = _stored(app)
    assert (report.moment, report.kind, report.nearness) == (
        NOW + timedelta(minutes=10),
        "open",
        "near",
    )
    assert _trust(client)["last_confirmed"] == "2026-09-21T10:10"
    lon_deg, lat_deg = small_app.CENTRE
    near = client.post(
        "/api/v1/stations/near", json={"lon_deg": lon_deg, "lat_deg": lat_deg}
    ).get_json()
    (hit,) = [h for h in near["stations"] if h["id"] == "s01"]
    assert hit["trust"]["confirmations_today"] == 1
    assert "1" in hit["trust"]["reasons"][0]["text"]


def test_every_kind_is_taken(app: APIFlask, client: FlaskClient) -> None:
    """Each preset can be reported, with the facility where something is broken."""
    for k, kind in enumerate(REPORT_KINDS):
        about = {"broken": "microwave", "crowd": "some"}.get(kind)
        more = {"about": about} if about else {}
        assert _post(client, kind=kind, token=f"{PHONE}{k}", **more).status_code == 201
    assert sorted(r.kind for r in _stored(app)) == sorted(REPORT_KINDS)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "open"},
        {"kind": "open", "token": "short"},
        {"kind": "open", "token": "with a blank in it "},
        {"kind": "open", "token": 12345678901234567},
        {"kind": "shut", "token": PHONE},
        {"kind": ["open"], "token": PHONE},
        {"token": PHONE},
        {"kind": "broken", "token": PHONE},
        {"kind": "broken", "about": "spaceship", "token": PHONE},
        {"kind": "open", "about": "toilet", "token": PHONE},
        {"kind": "crowd", "token": PHONE},
        {"kind": "crowd", "about": "toilet", "token": PHONE},
        {"kind": "broken", "about": "full", "token": PHONE},
        {"kind": "open", "token": PHONE, "minutes_ago": 5},
        {"kind": "open", "token": PHONE, "minutes_ago": -10},
        {"kind": "open", "token": PHONE, "minutes_ago": 1450},
        {"kind": "open", "token": PHONE, "minutes_ago": 10.5},
        {"kind": "open", "token": PHONE, "minutes_ago": "soon"},
        {"kind": "open", "token": PHONE, "minutes_ago": 1e300},
        {"kind": "open", "token": PHONE, "nearness": "there"},
        {"kind": "open", "token": PHONE, "lon_deg": 113.6, "lat_deg": 34.7},
        [],
        "open",
        None,
    ],
)
def test_what_breaks_the_rules_is_refused_and_not_stored(calm: APIFlask, body: object) -> None:
    """Each is one sentence of ours; a position is refused too, so that none is ever sent."""
    answer = calm.test_client().post("/api/v1/stations/s01/reports", json=body)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["kind"] == "invalid_input"
    assert _stored(calm) == []


def test_only_stations_that_are_shown_can_be_reported(calm: APIFlask) -> None:
    """An unknown station and one that is only planned are not found."""
    assert _post(calm.test_client(), "nowhere").status_code == 404
    assert _post(calm.test_client(), "s10").status_code == 404
    assert _stored(calm) == []


def test_reports_come_from_our_own_pages(app: APIFlask, client: FlaskClient) -> None:
    """A page of another site cannot report in somebody's name; ours and programs can."""
    foreign = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ]
    for headers in foreign:
        answer = _post(client, headers=headers)
        assert answer.status_code == 403, headers
        assert answer.get_json()["error"]["kind"] == "invalid_input"
    assert _stored(app) == []
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert _post(client, headers=own).status_code == 201


@pytest.mark.parametrize("mimetype", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_of_another_page_cannot_report(calm: APIFlask, mimetype: str) -> None:
    """Only JSON by name is read: a form, which a browser sends anywhere unasked, is refused."""
    body = json.dumps({"kind": "open", "token": PHONE})
    path = "/api/v1/stations/s01/reports"
    answer = calm.test_client().post(path, data=body, content_type=mimetype)
    assert answer.status_code == 400
    assert _stored(calm) == []


def test_a_long_body_is_refused(calm: APIFlask) -> None:
    """More than a kilobyte is no report."""
    assert _post(calm.test_client(), about="x" * 2000).status_code == 413
    assert _stored(calm) == []


def _is_too_many(answer: TestResponse) -> bool:
    error = answer.get_json()["error"]
    wait_s = int(answer.headers["Retry-After"])
    assert error["details"]["retry_after_s"] == wait_s >= 600
    return answer.status_code == 429 and error["kind"] == "unavailable"


def test_a_phone_speaks_once_an_hour_of_a_station(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """The second word within the hour is refused with when to come again; after it, it is taken."""
    assert _post(client).status_code == 201
    clock.now = NOW + timedelta(minutes=59)
    assert _is_too_many(_post(client, kind="locked"))
    clock.now = NOW + timedelta(minutes=60)
    assert _post(client, kind="locked").status_code == 201
    assert len(_stored(app)) == 2


def test_another_phone_another_station_and_a_broken_thing_are_not_held_up(
    app: APIFlask, client: FlaskClient
) -> None:
    """The hour holds for one phone, one station and one thing."""
    assert _post(client).status_code == 201
    assert _post(client, token=PHONE[::-1]).status_code == 201
    assert _post(client, "s02").status_code == 201
    assert _post(client, kind="broken", about="toilet").status_code == 201
    assert _is_too_many(_post(client, kind="broken", about="toilet"))
    assert len(_stored(app)) == 4


def test_a_station_takes_so_many_an_hour(app: APIFlask, client: FlaskClient, clock: Clock) -> None:
    """However many phones, the hour is full at its cap, and the next hour takes more."""
    answers = [_post(client, token=f"{PHONE}{k}") for k in range(STATION_AN_HOUR + 5)]
    assert [a.status_code for a in answers[:STATION_AN_HOUR]] == [201] * STATION_AN_HOUR
    assert all(_is_too_many(a) for a in answers[STATION_AN_HOUR:])
    assert len(_stored(app)) == STATION_AN_HOUR
    clock.now = NOW + timedelta(hours=1)
    assert _post(client, token=f"{PHONE}99").status_code == 201


def test_a_phone_sends_so_many_a_day_and_what_is_refused_does_not_count(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """Over all stations and hours; the next day it may again."""
    stations = [s.id for s in small_city.stations() if s.status == "open"]
    taken = 0
    for hour in range(3):
        clock.now = NOW + timedelta(hours=2 * hour)
        for station in stations:
            answer = _post(client, station)
            again = _post(client, station)
            assert _is_too_many(again)
            if answer.status_code == 201:
                taken += 1
            else:
                assert _is_too_many(answer)
    assert taken == PHONE_A_DAY == len(_stored(app))
    clock.now = NOW + timedelta(days=1)
    assert _post(client).status_code == 201


def test_two_requests_at_once_do_not_both_slip_through(app: APIFlask) -> None:
    """Of twenty at the same moment, of one phone about one station, exactly one is stored."""
    with ThreadPoolExecutor(10) as pool:
        codes = list(pool.map(lambda _: _post(app.test_client()).status_code, range(20)))
    assert sorted(codes) == [201] + [429] * 19
    assert len(_stored(app)) == 1


def test_a_phone_has_another_hash_at_every_station(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """At one station it is known again, from station to station it cannot be followed."""
    for station in ("s01", "s02", "s03"):
        _post(client, station)
    clock.now = NOW + timedelta(days=3)
    _post(client)
    by_station = [(r.station_id, r.device) for r in _stored(app)]
    assert len({device for _, device in by_station}) == 3
    assert [device for station, device in by_station if station == "s01"] == [by_station[0][1]] * 2


def test_another_secret_makes_other_hashes(city: Path, tmp_path: Path, clock: Clock) -> None:
    """Without the server's secret, a phone's token does not lead to its reports."""
    found = []
    for name in ("a", "b"):
        shutil.copytree(city, tmp_path / name)
        app = create_app(Settings(city=tmp_path / name, secret_key=name), clock=clock)
        _post(app.test_client())
        found += [r.device for r in _stored(app)]
    assert len(set(found)) == 2


def test_nothing_of_the_sender_is_logged_or_kept(
    app: APIFlask, client: FlaskClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After a journey with reports, good and bad, no log, metric, file or table holds who sent it.

    Looked for: the token, the address, the browser's name, the position asked with.
    """
    caplog.set_level(logging.DEBUG)
    who = {"User-Agent": "Phone-of-Wang-Wu/7.1", "X-Forwarded-For": "203.0.113.77"}
    lon_deg, lat_deg = 113.613572, 34.713579
    client.post("/api/v1/stations/near", json={"lon_deg": lon_deg, "lat_deg": lat_deg}, headers=who)
    environ = {"REMOTE_ADDR": "198.51.100.23"}
    path = "/api/v1/stations/s01/reports"
    for body in (
        {"kind": "open", "token": PHONE, "nearness": "near"},
        {"kind": "open", "token": PHONE},
        {"kind": "wrong", "token": PHONE},
        {"kind": "open", "token": PHONE, "lon_deg": lon_deg},
    ):
        client.post(path, json=body, headers=who, environ_overrides=environ)
    assert len(_stored(app)) == 1
    app.extensions["yizhan"].close()
    kept = " ".join(record.getMessage() + str(record.args) for record in caplog.records)
    kept += client.get("/metrics").text
    files = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    for secret in (PHONE, "203.0.113.77", "198.51.100.23", "Wang-Wu", "613572", "713579", KEY):
        assert secret not in kept
        assert secret.encode() not in files


def test_no_table_has_a_place_for_a_position_of_a_report(
    app: APIFlask, client: FlaskClient, tmp_path: Path
) -> None:
    """A row of the reports is what `Report` says and a number, nothing more."""
    _post(client)
    app.extensions["yizhan"].close()
    with sqlite3.connect(tmp_path / "city" / "yizhan.sqlite") as connection:
        columns = {row[1] for row in connection.execute("PRAGMA table_info(reports)")}
    connection.close()
    assert columns == {*Report.__slots__, "number"}


def test_an_unexpected_failure_logs_no_token(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the program breaks, the log has the path and the trace, never the body."""

    def broken(*_: object, **__: object) -> None:
        message = "broken on purpose"
        raise RuntimeError(message)

    monkeypatch.setattr("web.routes.reports.shown.trust", broken)
    answer = _post(client)
    assert answer.status_code == 500
    assert "broken on purpose" in caplog.text
    assert PHONE not in caplog.text + answer.text


def test_devices_are_forgotten_once_they_are_not_needed(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """The first report of a day empties the devices of reports that are no longer heard."""
    _post(client)
    clock.now = NOW + DEVICE_MEMORY + timedelta(hours=1)
    _post(client, "s02")
    old, new = _stored(app)
    assert (old.station_id, old.device) == ("s01", "")
    assert new.device != ""


def test_a_thousand_forged_reports_change_no_state(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """The first hundred by HTTP, the others past all limits: the state shown to others stays."""
    before = _near(client)
    for hour in range(10):
        clock.now = NOW + timedelta(hours=hour)
        codes = {
            _post(client, kind="locked", token=f"forger-{k:020d}").status_code for k in range(10)
        }
        assert codes == {201}
    devices = [r.device for r in _stored(app)][:10]
    store = app.extensions["yizhan"].store()
    for k in range(900):
        moment = NOW + timedelta(hours=10 + 0.1 * k)
        store.add_report(
            Report(
                station_id="s01",
                moment=moment,
                kind="locked",
                nearness="near",
                device=devices[k % 10],
            )
        )
    clock.now = NOW + timedelta(days=7)
    after = _near(client)
    assert after["state"] == before["state"] == "open"
    assert after["trust"]["is_doubted"] is False
    assert after["trust"]["p_get_in"] == pytest.approx(before["trust"]["p_get_in"], abs=0.02)


def _near(client: FlaskClient, station: str = "s01", **more: object) -> dict[str, object]:
    lon_deg, lat_deg = small_app.CENTRE
    body = {"lon_deg": lon_deg, "lat_deg": lat_deg, "limit": 200, **more}
    answer = client.post("/api/v1/stations/near", json=body).get_json()
    return {h["id"]: h for h in [*answer["stations"], *answer["uncertain"]]}[station]


@pytest.fixture
def doubted(tmp_path: Path, clock: Clock) -> FlaskClient:
    """Give a client of a city in which five people found a station shut on three days."""
    folder = tmp_path / "city"
    never_checked = [replace(s, verified_on="") for s in small_city.stations()]
    city = small_city.write(folder, never_checked)
    with open_store(city.database_url) as store:
        for k, days in enumerate((5, 5, 3, 3, 1, 1)):
            store.add_report(
                Report(
                    station_id="s01",
                    moment=NOW - timedelta(days=days),
                    kind="locked",
                    nearness="near",
                    device=f"{k}",
                )
            )
    return create_app(Settings(city=folder, secret_key=KEY), clock=clock).test_client()


def test_a_doubted_station_is_not_sure_everywhere(doubted: FlaskClient) -> None:
    """List, filter, page and feature agree: posted as open, shown as not sure, never as closed."""
    hit = _near(doubted)
    assert (hit["state"], hit["why"]) == ("unknown", "doubted")
    assert hit["trust"]["is_doubted"] is True
    assert hit["trust"]["reasons"][0]["code"] == "doubted"
    lon_deg, lat_deg = small_app.CENTRE
    body = {"lon_deg": lon_deg, "lat_deg": lat_deg, "open_only": True}
    answer = doubted.post("/api/v1/stations/near", json=body).get_json()
    assert "s01" not in [h["id"] for h in answer["stations"]]
    assert "s01" in [h["id"] for h in answer["uncertain"]]
    assert 'class="state big unknown"' in doubted.get("/stations/s01").text
    assert 'class="state big open"' in doubted.get("/stations/s02").text


def test_trust_is_said_in_the_language_asked_for(doubted: FlaskClient) -> None:
    """The codes are for programs, the texts for people."""
    english = doubted.get("/api/v1/stations/s01?lang=en").get_json(force=True)["properties"][
        "trust"
    ]
    assert (
        english["reasons"][0]["text"]
        == "Several people on different days found it shut in its hours"
    )
    said = {reason["code"]: reason["text"] for reason in english["reasons"]}
    assert said["said_locked"] == "Reported locked: 6, the last yesterday 10:00"
    assert english["p_get_in"] < 0.5


def test_lists_of_all_stations_leave_trust_out(client: FlaskClient) -> None:
    """Judging takes about a millisecond a station: a list of five thousand would take seconds."""
    features = client.get("/api/v1/stations").get_json(force=True)["features"]
    assert all("trust" not in f["properties"] for f in features)
    assert _trust(client)["p_get_in"] > 0


def test_every_field_of_trust_is_there(client: FlaskClient) -> None:
    """Fresh stations have them too, with nothing confirmed."""
    trust = _trust(client, "s04")
    assert set(trust) == {
        "p_get_in", "is_doubted", "last_confirmed", "confirmations_today", "doubted", "reasons",
    }  # fmt: skip
    assert (trust["last_confirmed"], trust["confirmations_today"], trust["doubted"]) == (
        None,
        0,
        [],
    )


def test_reports_of_another_process_are_seen(
    app: APIFlask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another server process stored is seen after a few seconds, without a restart."""
    assert _trust(client)["confirmations_today"] == 0
    with open_store(app.extensions["yizhan"].snapshot().city.database_url) as store:
        store.add_report(Report(station_id="s01", moment=NOW, kind="open", device="other"))
    later = monotonic() + FRESH_S
    monkeypatch.setattr("web.reported.monotonic", lambda: later)
    assert _trust(client)["confirmations_today"] == 1


def test_a_late_report_counts_where_it_was_said(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """It waited for a network: its moment is the one it was said at, in tens of minutes."""
    clock.now = NOW + timedelta(minutes=7)
    assert _post(client, minutes_ago=1440).status_code == 201
    assert _post(client, "s02", minutes_ago=20).status_code == 201
    assert [r.moment for r in _stored(app)] == [
        NOW - timedelta(days=1),
        NOW - timedelta(minutes=20),
    ]
    assert _trust(client, "s02")["confirmations_today"] == 1
    assert _trust(client)["confirmations_today"] == 0


def test_late_reports_keep_their_hour_on_both_sides(client: FlaskClient) -> None:
    """Fifty minutes before or after another word of the phone is too near, sixty is not."""
    assert _post(client, minutes_ago=120).status_code == 201
    assert _is_too_many(_post(client, minutes_ago=170))
    assert _is_too_many(_post(client, minutes_ago=70))
    assert _post(client, minutes_ago=180).status_code == 201
    assert _post(client, minutes_ago=60).status_code == 201


def test_late_reports_of_another_process_are_seen(
    app: APIFlask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another process took in late is seen after some minutes, without a restart."""
    _post(client, "s02")
    assert _trust(client)["last_confirmed"] is None
    with open_store(app.extensions["yizhan"].snapshot().city.database_url) as store:
        late = Report(station_id="s01", moment=NOW - timedelta(hours=23), kind="open", device="o")
        store.add_report(late)
    later = monotonic() + LATE_S
    monkeypatch.setattr("web.reported.monotonic", lambda: later)
    assert _trust(client)["last_confirmed"] == "2026-09-20T11:00"


def test_the_crowd_has_an_hour_of_its_own(app: APIFlask, client: FlaskClient) -> None:
    """Door and crowd do not hold each other up; another level within the hour is held up."""
    assert _post(client).status_code == 201
    assert _post(client, kind="crowd", about="full").status_code == 201
    assert _is_too_many(_post(client, kind="crowd", about="empty"))
    assert [r.about for r in _stored(app)] == ["", "full"]


def test_the_crowd_is_on_the_page_for_half_an_hour(client: FlaskClient, clock: Clock) -> None:
    """With its age; then it is gone."""
    _post(client, kind="crowd", about="full")
    clock.now = NOW + timedelta(minutes=29)
    page = client.get("/stations/s01?lang=en").text
    assert "Full, said 29 min ago" in page
    clock.now = NOW + timedelta(minutes=30)
    assert "said 30 min ago" not in client.get("/stations/s01?lang=en").text


def test_whatever_is_sent_at_one_moment_raises_no_doubt(
    app: APIFlask, client: FlaskClient, clock: Clock
) -> None:
    """Two hundred phones, each with the age it likes: all of it together is two bursts at most."""
    for k in range(20):
        for minutes in range(0, 1441, 160):
            _post(client, kind="locked", token=f"forger-{k:03d}-{minutes:06d}", minutes_ago=minutes)
    assert len(_stored(app)) > 150
    assert _near(client)["state"] == "open"
    clock.now = NOW + timedelta(hours=5)
    assert _near(client)["state"] == "open"

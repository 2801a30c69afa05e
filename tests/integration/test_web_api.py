"""The interface for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from support import small_app, small_city

from geodata.records import Station
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find

NEAR = "/api/v1/stations/near"
HERE = dict(zip(("lon_deg", "lat_deg"), small_app.CENTRE, strict=True))


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Give a client of the application on a Monday morning."""
    return small_app.make(tmp_path_factory.mktemp("api") / "city").test_client()


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Give the stations as the finder knows them."""
    return Catalogue.from_frame(
        small_city.stations_frame(small_city.stations()), network=small_app.make_network()
    )


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"open_only": True},
        {"needs": ["toilet"]},
        {"mode": "ebike", "minutes": 10},
        {"limit": 3},
        {"walk_in": True, "open_only": True},
        {"at": "2026-09-26T23:30"},
    ],
)
def test_near_is_what_the_finder_finds(
    client: FlaskClient, catalogue: Catalogue, question: dict[str, Any]
) -> None:
    """The answer holds the finder's stations in its order, with the names of the command line."""
    body = client.post(NEAR, json={**HERE, **question}).get_json()
    asked = NearRequest(
        **HERE,
        moment=datetime.fromisoformat(question["at"])
        if "at" in question
        else small_app.MONDAY_MORNING,
        needs=tuple(question.get("needs", ())),
        open_only=question.get("open_only", False),
        walk_in=question.get("walk_in", False),
        mode=question.get("mode", "walk"),
        limit=question.get("limit", 10),
        limit_s=60 * question.get("minutes", 30),
    )
    expected = find(catalogue, asked)
    assert len(expected.hits) > 0
    for got, hit in zip(body["stations"], expected.hits, strict=True):
        until = hit.availability.until
        assert got["id"] == hit.station.id
        assert got["name"] == hit.station.name
        assert got["minutes"] == pytest.approx(hit.travel_s / 60, abs=0.006)
        assert got["distance_m"] == pytest.approx(hit.distance_m, abs=0.06)
        assert got["state"] == hit.availability.state
        assert got["until"] == (until.isoformat(timespec="minutes") if until else None)
        assert got["entry"] == hit.station.entry
        assert got["needs_met"] == list(hit.needs_met)


def test_get_and_post_answer_alike(client: FlaskClient) -> None:
    """A query and a body that say the same get the same answer, in the same words."""
    posted = client.post(NEAR, json={**HERE, "needs": ["toilet"], "lang": "en"})
    got = client.get(NEAR, query_string={**HERE, "needs": "toilet", "lang": "en"})
    assert posted.get_json() == got.get_json()
    assert posted.status_code == 200


def test_answers_about_a_position_are_kept_by_nobody(client: FlaskClient) -> None:
    """No cache may keep an answer to a position, and no cookie is set."""
    for response in (client.post(NEAR, json=HERE), client.get(NEAR, query_string=HERE)):
        assert response.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in response.headers


def test_nothing_near_is_an_answer(client: FlaskClient) -> None:
    """No station in reach is a 200 with a reason, not an error."""
    lon_deg, lat_deg = small_city.position(10, 2)
    response = client.post(NEAR, json={"lon_deg": lon_deg, "lat_deg": lat_deg, "minutes": 1})
    assert response.status_code == 200
    assert response.get_json()["stations"] == []
    assert response.get_json()["reason"] == "nothing_in_reach"
    assert response.get_json()["text"]["reason"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{bad", "JSON"),
        (b"[]", "JSON"),
        (b"", "JSON"),
        (b'{"lon_deg": 113.6}', "lat_deg"),
        (b'{"lon_deg": 34.7, "lat_deg": 113.6}', "swapped"),
        (b'{"lon_deg": "x", "lat_deg": 34}', "number"),
        (b'{"lon_deg": 113.6, "lat_deg": 34.7, "needs": ["gold"]}', "gold"),
        (b"\xff\xfe", "JSON"),
    ],
)
def test_a_bad_question_gets_one_clear_sentence(
    client: FlaskClient, data: bytes, said: str
) -> None:
    """Mistakes are 400 in the one error shape, with a sentence that names them."""
    response = client.post(f"{NEAR}?lang=en", data=data, content_type="application/json")
    error = response.get_json()["error"]
    assert response.status_code == 400
    assert set(error) == {"kind", "message", "details"}
    assert error["kind"] == "invalid_input"
    assert said in error["message"]


def test_a_huge_body_is_refused(client: FlaskClient) -> None:
    """A body over the limit is 413 in the one error shape, and is not read."""
    response = client.post(NEAR, data=b"x" * 20_000, content_type="application/json")
    assert response.status_code == 413
    assert response.get_json()["error"]["kind"] == "invalid_input"


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("GET", "/api/v1/stations/none", 404, "not_found"),
        ("GET", "/api/v1/stations/s10", 404, "not_found"),
        ("DELETE", "/api/v1/stations", 405, "invalid_input"),
        ("GET", "/api/v1/stations?limit=0", 400, "invalid_input"),
        ("GET", "/api/v1/stations?box=1,2", 400, "invalid_input"),
        ("GET", "/api/v1/coverage?minutes=99", 400, "invalid_input"),
        ("GET", "/api/v1/suggestions?new=0", 400, "invalid_input"),
        ("GET", "/api/v1/suggestions?budget_cny=1", 422, "unanswerable"),
    ],
)
def test_errors_have_one_shape(
    client: FlaskClient, method: str, path: str, status: int, kind: str
) -> None:
    """Every refusal is JSON with kind, message and details, and the status of its kind."""
    response = client.open(path, method=method)
    assert response.status_code == status
    assert response.mimetype == "application/json"
    error = response.get_json()["error"]
    assert (error["kind"], set(error)) == (kind, {"kind", "message", "details"})
    assert error["message"]


def test_errors_speak_the_readers_language(client: FlaskClient) -> None:
    """The message is in Chinese unless English is asked for."""
    path = "/api/v1/stations/none"
    assert "没有" in client.get(path).get_json()["error"]["message"]
    assert "no station" in client.get(f"{path}?lang=en").get_json()["error"]["message"]


def test_stations_are_geojson(client: FlaskClient) -> None:
    """The list is a FeatureCollection in recorded order, longitude first, with public facts only."""
    response = client.get("/api/v1/stations")
    body = response.get_json(force=True)
    listed = [s for s in small_city.stations() if s.status in ("open", "suspended")]
    assert response.mimetype == "application/geo+json"
    assert [f["id"] for f in body["features"]] == [s.id for s in listed]
    first = body["features"][0]
    assert first["geometry"] == {
        "type": "Point",
        "coordinates": [listed[0].lon_deg, listed[0].lat_deg],
    }
    hidden = {"source_x", "source_y", "source_frame"}
    assert set(first["properties"]) == set(Station.__slots__) - hidden - {"lon_deg", "lat_deg"}
    assert body["matched"] == body["returned"] == len(listed)


def test_the_list_can_be_cut_and_paged(client: FlaskClient) -> None:
    """A box keeps stations on its edges; limit and offset walk through the rest."""
    west, south = small_city.position(6, 6.2)
    box = f"{west},{south},{west},{south}"
    body = client.get(f"/api/v1/stations?box={box}").get_json(force=True)
    assert [f["id"] for f in body["features"]] == ["s01"]
    pages = [
        client.get(f"/api/v1/stations?limit=4&offset={offset}").get_json(force=True)
        for offset in (0, 4, 8, 12)
    ]
    ids = [f["id"] for page in pages for f in page["features"]]
    everything = client.get("/api/v1/stations").get_json(force=True)["features"]
    assert ids == [f["id"] for f in everything]


def test_coverage_has_the_names_of_the_command_line(client: FlaskClient) -> None:
    """Coverage holds people, share, 168 hours, the worst hour and the districts."""
    body = client.get("/api/v1/coverage?minutes=5").get_json()
    assert {"people", "covered_people", "share", "by_hour", "worst_hour", "by_area"} <= set(body)
    assert len(body["by_hour"]) == 168
    assert body["share"] == pytest.approx(body["covered_people"] / body["people"])


def test_suggestions_carry_outcome_bound_and_gap(client: FlaskClient) -> None:
    """Each suggestion says how far it is proved, and each site what it adds."""
    body = client.get("/api/v1/suggestions?minutes=5&new=2").get_json()
    assert body["outcome"] == "optimal"
    assert body["gap"] == 0
    assert body["objective"] == pytest.approx(body["bound"])
    assert len(body["sites"]) == 2
    wanted = {"id", "lon_deg", "lat_deg", "kind", "hours", "seats", "cost_cny", "gain_people"}
    assert wanted <= set(body["sites"][0])
    assert sum(s["gain_people"] for s in body["sites"]) == pytest.approx(body["objective"])


def test_the_data_say_their_version(client: FlaskClient) -> None:
    """The version of the data is one text, the same wherever it is given."""
    body = client.get("/api/v1/data").get_json()
    assert body["is_synthetic"] is True
    assert body["version"] == client.get("/healthz").get_json()["data_version"]
    assert body["version"] == client.post(NEAR, json=HERE).get_json()["version"]


def test_areas_are_geojson(client: FlaskClient) -> None:
    """Districts come as polygons with their names."""
    body = client.get("/api/v1/areas").get_json(force=True)
    assert [f["properties"]["name"] for f in body["features"]] == ["西区", "东区"]

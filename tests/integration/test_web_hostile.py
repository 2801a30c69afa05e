"""Hostile text in any field stays text on every page and in every answer."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support import hostile, small_app, small_city

PLAIN = small_city.stations()[0]


class _Tags(HTMLParser):
    """Collects the tags and attributes that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag with the names of its attributes."""
        self.seen.add(tag)
        self.seen.update(f"{tag}.{name}" for name, _ in attrs)
        for name, value in attrs:
            if name in ("href", "src") and (value or "").lower().startswith("javascript:"):
                self.seen.add("javascript:")


def _tags(page: str) -> set[str]:
    parser = _Tags()
    parser.feed(page)
    return parser.seen


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Give a client of a city full of hostile stations."""
    records = [PLAIN, *hostile.stations(PLAIN)]
    city = {
        "name": hostile.PAYLOADS[0],
        "name_en": hostile.PAYLOADS[1],
        "attribution": hostile.PAYLOADS[1],
    }
    folder = tmp_path_factory.mktemp("hostile") / "city"
    return small_app.make(folder, records=records, city=city).test_client()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Give a client of the same city with harmless text."""
    records = [PLAIN, *hostile.stations(PLAIN)]
    calm = [replace(r, **dict.fromkeys(hostile.TEXT_FIELDS, "x")) for r in records]
    city = {"attribution": "x"}
    return small_app.make(
        tmp_path_factory.mktemp("plain") / "city", records=calm, city=city
    ).test_client()


@pytest.mark.parametrize(
    "path",
    [
        "/?place=station:s01&open=0",
        "/planner?minutes=5&new=2",
        "/stations/x0",
        "/stations/x1",
        "/stations/x4",
    ],
)
def test_pages_have_the_same_tags_as_with_harmless_text(
    client: FlaskClient, plain: FlaskClient, path: str
) -> None:
    """A page of hostile stations has no tag and no attribute that a harmless one has not."""
    assert _tags(client.get(path).text) <= _tags(plain.get(path).text)


def test_every_payload_is_shown_as_it_was_recorded(client: FlaskClient) -> None:
    """The text is neither dropped nor worked out: a reader sees exactly what was recorded."""
    for k, payload in enumerate(hostile.PAYLOADS):
        page = unescape(client.get(f"/stations/x{k}").text)
        for field in hostile.TEXT_FIELDS:
            assert f"{field} {payload}" in page
        assert "49" not in re.sub(r"\d{3,}|\d+\.\d+", "", page) or "7*7" in page


def test_data_for_scripts_cannot_leave_their_element(client: FlaskClient) -> None:
    """The data in a page hold no ``<``, so they cannot close their script element."""
    page = client.get("/?place=station:s01&open=0").text
    (data,) = re.findall(
        r'<script type="application/json" id="page">(.*?)</script>', page, re.DOTALL
    )
    assert "<" not in data
    assert "pwned" in data


def test_maps_of_the_planner_hold_no_tag_from_data(client: FlaskClient, plain: FlaskClient) -> None:
    """The folium documents have no tag from data outside their scripts, and no raw payload."""
    for path in ("/planner/map/before?minutes=5", "/planner/map/after?minutes=5&new=2"):
        page = client.get(path).text
        assert _tags(page) <= _tags(plain.get(path).text)
        assert "<script>window.pwned" not in page
        assert "<img src=x" not in page
        assert "${window" not in page


@pytest.fixture(scope="module")
def calm(client: FlaskClient) -> set[str]:
    """Give the tags of a page for harmless words."""
    found = _tags(client.get("/?q=nothing-of-that-name").text)
    return found | _tags(client.get("/?place=station:s01&open=0").text)


@pytest.mark.parametrize("payload", hostile.PAYLOADS)
def test_what_is_typed_comes_back_as_text(
    client: FlaskClient, calm: set[str], payload: str
) -> None:
    """A search text, a language or an id from the address cannot become markup."""
    assert _tags(client.get("/", query_string={"q": payload}).text) <= calm
    for query in ({"lang": payload}, {"place": payload}, {"mode": payload}, {"need": payload}):
        page = client.get("/", query_string=query).text
        assert "<script>window" not in page
        assert "<img src=x" not in page
    assert "<img src=x" not in client.get(f"/stations/{payload}").text


def test_answers_are_json_with_the_text_as_it_is(client: FlaskClient) -> None:
    """Programs get the recorded text; the type says that it is no page."""
    response = client.get("/api/v1/stations")
    assert response.mimetype == "application/geo+json"
    names = [f["properties"]["name"] for f in response.get_json(force=True)["features"]]
    assert names[1:] == [f"name {payload}" for payload in hostile.PAYLOADS]


def test_a_hostile_id_has_its_page_and_harms_nobody(tmp_path: Path) -> None:
    """An id with quotes, slashes and a question mark still leads to its own page."""
    record = hostile.with_hostile_id(PLAIN)
    client = small_app.make(tmp_path / "city", records=[record]).test_client()
    page = client.get("/", query_string={"place": f"station:{record.id}", "open": "0"}).text
    (address,) = re.findall(r'<h3><a data-fill="name" href="([^"]+)"', page.split("<template")[0])
    assert client.get(unescape(address)).status_code == 200
    assert "<img src=x" not in page

"""Pages as the server writes them: the whole answer is there without any script."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support import small_app, small_city

from geodata.hours import State
from geodata.services import services
from stations.catalogue import Catalogue
from stations.finder import NearRequest, find

SATURDAY_NIGHT = datetime(2026, 9, 26, 23, 30)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for the city of this module."""
    return tmp_path_factory.mktemp("pages") / "city"


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    """Give a client of the application on a Monday morning."""
    return small_app.make(folder).test_client()


@pytest.fixture(scope="module")
def at_night(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Give a client of the application late on a Saturday."""
    folder = tmp_path_factory.mktemp("night") / "city"
    return small_app.make(folder, moment=SATURDAY_NIGHT).test_client()


def _listed(page: str) -> list[str]:
    """Give the ids of the list, without those of the template for the script."""
    body = page.split("<template", 1)[0]
    return re.findall(r'<li class="hit" data-id="([^"]+)"', body)


def _numbered(page: str) -> list[str]:
    part = re.search(r'id="hits">(.*?)</ol>\s*<p class="after-list"', page, re.DOTALL)
    assert part is not None
    return _listed(part[1])


def test_the_list_is_what_the_finder_finds(client: FlaskClient) -> None:
    """The page lists the same stations in the same order as `stations.finder.find`."""
    page = client.get("/?place=hotspot:h1&open=0&minutes=30").text
    catalogue = Catalogue.from_frame(
        small_city.stations_frame(small_city.stations()),
        network=small_app.make_network(),
    )
    lon_deg, lat_deg = small_app.CENTRE
    request = NearRequest(
        lon_deg=lon_deg, lat_deg=lat_deg, moment=small_app.MONDAY_MORNING, limit=20
    )
    expected = [hit.station.id for hit in find(catalogue, request).hits]
    assert len(expected) > 5
    assert _numbered(page) == expected


def test_only_open_ones_still_shows_the_uncertain_and_counts_the_closed(
    client: FlaskClient,
) -> None:
    """Asking for open stations lists open ones, keeps unknown ones apart, and counts the rest."""
    every = client.get("/?place=hotspot:h1&open=0&minutes=30").text
    only = client.get("/?place=hotspot:h1&open=1&minutes=30").text
    states = dict(re.findall(r'data-id="(s\d+)".*?class="state (\w+)"', every, re.DOTALL))
    by_state = {state: {k for k, v in states.items() if v == state} for state in State}
    assert all(by_state.values())
    assert set(_numbered(only)) == by_state[State.OPEN]
    assert set(_listed(only)) == by_state[State.OPEN] | by_state[State.UNKNOWN]
    assert f"另有 {len(by_state[State.CLOSED])} 个站点" in only


def test_planned_stations_are_no_place_to_go(client: FlaskClient) -> None:
    """A station that is only planned is in no list and has no page."""
    assert "s10" not in _listed(client.get("/?place=hotspot:h1&open=0&minutes=30").text)
    assert client.get("/stations/s10").status_code == 404


def test_a_hit_says_all_that_a_worker_needs(client: FlaskClient) -> None:
    """Name, minutes, metres, state in words, way in, facilities, address, check and the mark."""
    page = client.get("/?place=hotspot:h1&open=0&minutes=30").text
    first = re.search(
        r'<li class="hit" data-id="s01">.*?</li>\s*(?=<li class="hit"|</ol>)', page, re.DOTALL
    )
    assert first is not None
    said = re.sub(r"<[^>]+>", " ", first[0])
    for text in (
        "中原路工会驿站",
        "2 分钟",
        "120 米",
        "现在开放，开到 22:00",
        "直接进",
        "饮水",
        "中原路 1 号",
        "2026-08-02 实地核实",
        "示例数据",
    ):
        assert text in said


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("place=hotspot:h1&need=shower&minutes=10", "淋浴 0"),
        ("place=hotspot:h3&minutes=5", "5 分钟内没有站点"),
    ],
)
def test_an_empty_list_says_why(client: FlaskClient, query: str, said: str) -> None:
    """Nothing found names the reason: the need that emptied it, or the time."""
    page = client.get(f"/?{query}&open=0").text
    assert _listed(page) == []
    assert said in page


def test_when_all_are_closed_the_first_to_open_is_shown(at_night: FlaskClient) -> None:
    """None open: the page says so and shows which opens first and when."""
    page = at_night.get(
        "/?place=hotspot:h1&open=1&minutes=15&need=seating&need=microwave&need=truck_parking"
    ).text
    assert "没有一个站点同时具备" in page
    page = at_night.get("/?place=area:1&open=1&minutes=5").text
    assert _numbered(page) == []
    assert "没有到达时确定开着的站点" in page or "没有站点" in page


def test_widening_is_one_tap(client: FlaskClient) -> None:
    """The buttons under an empty list change one choice each, without script."""
    base = "/?place=hotspot:h1&need=shower&minutes=5&open=1"
    assert _numbered(client.get(base).text) == []
    assert _numbered(client.get(base + "&widen=needs").text) != []
    assert "30 分钟内" in client.get(base + "&widen=minutes").text
    page = client.get(base + "&widen=open").text
    assert not re.search(r'name="open" value="1" checked', page)


def test_a_typed_name_finds_the_place(client: FlaskClient) -> None:
    """A whole name goes straight to the list, a part asks which one, nonsense says so."""
    assert "火车站附近" in client.get("/?q=火车站").text
    choice = client.get("/?q=驿站").text
    assert "您要找的是哪一个" in choice
    assert _listed(choice) == []
    assert "没有名为“某地”的地点" in client.get("/?q=某地").text


def test_a_new_name_beats_the_place_of_the_last_search(client: FlaskClient) -> None:
    """Typing another name into the form of a result searches there, not at the old place."""
    assert "火车站附近" in client.get("/?place=hotspot:h1&q=火车站").text
    assert "二七广场附近" in client.get("/?place=hotspot:h1&q=二七广场").text


def test_the_first_visit_offers_places(client: FlaskClient) -> None:
    """Before anything is asked there are places to tap, and no list."""
    page = client.get("/").text
    assert _listed(page) == []
    assert "place=hotspot:h1" in unescape(page).replace("%3A", ":")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("minutes=abc", 400),
        ("minutes=-1", 400),
        ("mode=car", 400),
        ("need=gold", 400),
        ("place=area:none", 404),
        ("open=perhaps&q=", 400),
    ],
)
def test_a_wrong_address_gets_a_page_that_says_what_is_wrong(
    client: FlaskClient, query: str, status: int
) -> None:
    """A mistake in the address is a page with one clear sentence, not a trace."""
    response = client.get(f"/?{query}")
    assert response.status_code == status
    assert response.mimetype == "text/html"
    assert '<p class="lead">' in response.text


def test_the_station_page_says_everything_known(client: FlaskClient) -> None:
    """Hours of the week, facilities and facts are there; what is not known says so."""
    page = client.get("/stations/s01").text
    for text in ("07:00–22:00", "32 平方米", "0371-00000001", "中原路街道工会", "示例数据"):
        assert text in page
    assert page.count("07:00–22:00") == 7
    assert 'aria-current="date"' in page
    bare = client.get("/stations/s04").text
    assert "没有登记开放时间" in bare
    assert bare.count("未知") >= 3


def test_every_facility_has_a_place_on_the_station_page(
    tmp_path: Path,
) -> None:
    """A station with the whole taxonomy shows every label: no class is left out."""
    full = small_city.stations()[0]
    station = replace(full, facilities=tuple(sorted(services())))
    page = (
        small_app.make(tmp_path / "city", records=[station]).test_client().get("/stations/s01").text
    )
    shown = set(re.findall(r"<span>([^<]+?)(?: <small>|</span>)", unescape(page)))
    assert [s.zh for s in services().values() if s.zh not in shown] == []


def test_english_pages_have_no_chinese_of_ours(client: FlaskClient) -> None:
    """In English only names from the data, the banner and the language link are Chinese."""
    for path in (
        "/?place=hotspot:h1&lang=en",
        "/stations/s01?lang=en",
        "/planner?lang=en",
        "/nope?lang=en",
    ):
        page = client.get(path).text
        assert '<html lang="en"' in page
        text = re.sub(
            r'<script type="application/json".*?</script>|lang="zh-CN"[^<]*<',
            "",
            page,
            flags=re.DOTALL,
        )
        chinese = set(re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<[^>]*>", "|", text)))
        data = "".join(_texts_of_data())
        assert {word for word in chinese if word not in data} == set(), path


def _texts_of_data() -> list[str]:
    stations = small_city.stations()
    texts = [f"{s.name}{s.address}{s.district}{s.host}{s.source}" for s in stations]
    return texts + list(small_city.hotspots()["name"]) + list(small_city.areas()["name"])


def test_language_follows_the_address_then_the_browser(client: FlaskClient) -> None:
    """``?lang=`` wins, then Accept-Language, then Chinese; an unknown one is passed over."""
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    assert 'lang="zh-CN"' in client.get("/").text[:200]
    assert 'lang="en"' in client.get("/", headers=english).text[:200]
    assert 'lang="zh-CN"' in client.get("/?lang=zh", headers=english).text[:200]
    assert 'lang="zh-CN"' in client.get("/?lang=xx").text[:200]
    assert 'lang="zh-CN"' in client.get("/", headers={"Accept-Language": "fr"}).text[:200]


def test_a_chosen_language_stays_in_the_links(client: FlaskClient) -> None:
    """Links between pages keep ``lang`` when it was chosen, and do not add it when it was not."""
    chosen = client.get("/?place=hotspot:h1&lang=en").text
    assert '/stations/s01?lang=en"' in chosen
    assert 'href="/planner?lang=en"' in chosen
    assert 'href="/planner"' in client.get("/").text


def test_the_sample_banner_is_on_every_page(client: FlaskClient) -> None:
    """A synthetic city says so in both languages on each page, errors included."""
    for path in ("/", "/?place=hotspot:h1", "/stations/s01", "/planner", "/nope"):
        page = client.get(path).text
        assert "示例数据，非真实站点" in page, path
        assert "Sample data, not real stations" in page, path


def test_a_real_city_has_no_banner(tmp_path: Path) -> None:
    """Real data are not called samples."""
    station = small_city.stations()[0]
    real = replace(station, is_synthetic=False)
    app = small_app.make(tmp_path / "city", records=[real], city={"is_synthetic": False})
    page = app.test_client().get("/?place=station:s01&open=0").text
    assert _numbered(page) == ["s01"]
    assert "invented-banner" not in page
    assert re.search(r'data-fill="invented" hidden', page.split("<template")[0])


def test_the_map_approval_number_is_shown(tmp_path: Path) -> None:
    """The number of the settings, or of the city, is in the footer and in the map's credits."""
    app = small_app.make(tmp_path / "city", city={"map_approval_number": "豫S(2026)001号"})
    page = app.test_client().get("/").text
    assert page.count("豫S(2026)001号") == 2
    over = small_app.make(
        tmp_path / "other",
        settings={"map_approval_number": "GS(2026)9号"},
        city={"map_approval_number": "豫S(2026)001号"},
    )
    page = over.test_client().get("/").text
    assert "GS(2026)9号" in page
    assert "豫S(2026)001号" not in page


def test_the_planner_page_has_the_numbers(client: FlaskClient) -> None:
    """Coverage at 5, 10 and 15 minutes, groups, districts, the worst hour and 168 cells."""
    page = client.get("/planner?minutes=10").text
    assert len(re.findall(r'class="value"', page)) == 3
    assert len(re.findall(r'<td class="h(?:\d+|none)"', page)) == 168
    for text in ("最差时段", "外卖骑手", "西区", "东区"):
        assert text in page


def test_a_suggestion_shows_its_proof(client: FlaskClient) -> None:
    """Suggested sites come with objective, bound, gap, outcome and what each adds."""
    page = client.get("/planner?minutes=5&new=3").text
    assert page.count('<tr><th scope="row">') >= 3 + 7
    for text in ("已证明最优", "任何方案不超过", "与最优的差距", "0.00%", "下载方案"):
        assert text in page
    assert "/planner/map/after?minutes=5&amp;mode=walk&amp;new=3" in page


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("new=0", 400, "new"),
        ("new=3&budget_cny=10", 400, "只填一项"),
        ("budget_cny=10", 422, "13,000"),
        ("minutes=0&new=1", 400, "minutes"),
    ],
)
def test_an_impossible_plan_says_why(
    client: FlaskClient, query: str, status: int, said: str
) -> None:
    """No sites, two limits, or a budget below the cheapest site: one clear sentence."""
    response = client.get(f"/planner?{query}")
    assert response.status_code == status
    assert said in response.text.replace("13000", "13,000")


def test_maps_are_documents_with_a_policy_of_their_own(client: FlaskClient) -> None:
    """The folium maps load our files only, and their inline scripts carry this answer's nonce."""
    for path in ("/planner/map/before?minutes=5", "/planner/map/after?minutes=5&new=2"):
        response = client.get(path)
        nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])
        assert nonce is not None
        scripts = re.findall(r"<script([^>]*)>", response.text)
        assert len(scripts) > 1
        assert all(f'nonce="{nonce[1]}"' in attributes for attributes in scripts)
        assert re.findall(r'(?:src|href)="(?!/static/)[^"#]+"', response.text) == []
        assert nonce[1] not in client.get(path).text


def test_the_proposal_can_be_taken_away(client: FlaskClient) -> None:
    """The download is an archive with the three files of a proposal."""
    response = client.get("/planner/proposal.zip?minutes=5&new=2")
    assert response.mimetype == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(response.data)).namelist()
    assert names == ["proposal.gpkg", "proposal.xlsx", "proposal.html"]

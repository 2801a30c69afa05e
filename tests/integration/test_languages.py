"""A further language is a catalogue; what it cannot translate was never given to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from support import node, pseudo, small_app, small_city

from geodata.services import services
from web.languages import direction, languages, own_name, tag
from web.phone_words import name_of, sentences_of_scripts, words_of

PAGES = ("/", "/?place=hotspot:h1", "/?q=x", "/?place=hotspot:h1&need=shower&minutes=5",
         "/stations/s01", "/stations/s04", "/national", "/nowhere")  # fmt: skip
"""Pages for workers."""

SAME_EVERYWHERE = (
    "12351", "Yizhan", "AED", "WGS", "e.g.", "Wi-Fi", "QR", "GeoJSON", "OpenAPI", "km", "m²",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    """Serve the tiny city in the language that stands in brackets."""
    work = tmp_path_factory.mktemp("pseudo")
    with pseudo.spoken_from(pseudo.write_catalogues(work / "translations")):
        yield small_app.make(work / "city")


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    """Give a browser without scripts."""
    return app.test_client()


def _data() -> set[str]:
    stations = small_city.stations()
    texts = {"Sample City", "示例市", "中原路"}
    for station in stations:
        texts |= {station.name, station.address, station.host, station.district, station.phone}
        texts |= {station.hours, station.hours_text, station.source, station.id, station.code}
    texts |= set(small_city.hotspots()["name"]) | set(small_city.areas()["name"])
    return texts | set(SAME_EVERYWHERE)


@pytest.mark.parametrize("path", PAGES)
def test_pages_hold_no_text_that_was_not_translated(client: FlaskClient, path: str) -> None:
    """Every text that is seen or spoken is in the catalogue, or data."""
    sign = "&" if "?" in path else "?"
    response = client.get(f"{path}{sign}lang={pseudo.CODE}", follow_redirects=True)
    texts = pseudo.texts_of(response.get_data(as_text=True))
    assert any(pseudo.OPEN in text for text in texts)
    assert pseudo.untranslated(texts, _data()) == []


def test_a_language_is_there_as_soon_as_its_catalogue_is(client: FlaskClient) -> None:
    """It is named on the page in itself, chosen by the browser's wish, and known to the scripts."""
    assert languages() == ("zh", "en", pseudo.CODE)
    html = client.get("/", headers={"Accept-Language": "eo"}).get_data(as_text=True)
    assert '<html lang="eo"' in html
    assert ">Esperanto<" in client.get("/?lang=zh").get_data(as_text=True)
    words = json.loads(words_of(pseudo.CODE))
    assert words["services"]["toilet"] == "⟦Toilet⟧"
    assert words["entries"]["walk_in"] == "⟦Walk straight in⟧"
    assert len(words["sentences"]) == len(sentences_of_scripts())


def test_words_of_the_phone_never_change_under_their_name(client: FlaskClient) -> None:
    """The page names the newest ones; an old name gives the newest too, and is not kept."""
    html = client.get("/?lang=zh").get_data(as_text=True)
    address = f"/snapshot-words/{name_of('zh')}.json"
    assert address in html
    newest = client.get(address)
    assert "immutable" in newest.headers["Cache-Control"]
    old = client.get("/snapshot-words/zh-0000000000000000.json")
    assert "immutable" not in old.headers["Cache-Control"]
    assert old.get_json() == newest.get_json()
    assert newest.get_json()["services"] == {k: s.zh for k, s in services().items()}
    assert client.get("/snapshot-words/xx-0000000000000000.json").status_code == 404


def test_all_that_scripts_say_of_a_door_is_translated(tmp_path: Path, app: APIFlask) -> None:
    """Every reason, state and moment, said in brackets and nothing outside of them."""
    script = """
    import { useWords } from "./finder/words.js";
    import { shortState, stateText } from "./finder/state.js";
    useWords(given);
    const whys = ["hours", "always_open", "never_opens", "no_hours", "hours_unclear", "public_holiday",
      "public_holiday_not_stated", "moved_working_day_unclear", "school_holidays_unknown", "temporarily_closed",
      "no_staff", "planned", "building", "suspended", "moved", "revoked", "doubted", "out_of_date"];
    const texts = [];
    for (const why of whys) for (const state of ["open", "closed", "unknown"]) for (const now_state of ["open", "closed"])
      for (const end of [null, 610, 700, 1440, 2000, 4000, 20000]) for (const holiday of [null, { zh: "节", en: "节", is_worked: true }]) {
        const hit = { start: "2026-09-14", arrival: 605.5, state, now_state, why, note: "", until: end, next_open: end, holiday, is_predicted: !end };
        texts.push(stateText(hit, 600), shortState(hit));
      }
    answer([...new Set(texts)]);
    """
    texts = node.run(tmp_path, script, json.loads(words_of(pseudo.CODE)))
    assert len(texts) > 50
    assert pseudo.untranslated(texts, {"节"}) == []


def test_names_tags_and_directions_of_languages() -> None:
    """As the Unicode consortium has them; Uyghur is written from the right."""
    assert (own_name("zh"), own_name("en")) == ("中文", "English")
    assert (tag("zh"), tag("en"), tag("zh_Hant")) == ("zh-CN", "en", "zh-Hant")
    assert (direction("zh"), direction("ug")) == ("ltr", "rtl")


def test_text_outside_brackets_is_found() -> None:
    """The tool itself: sentences in each other, data, signs and numbers, elements, attributes."""
    html = (
        '<html lang="eo"><p title="Left out">⟦Near ⟦here⟧⟧ 3 · 二七广场</p>'
        '<a lang="zh-CN">中文</a><script>let word</script><img alt="Picture"><b>⟦Fine⟧ more</b>'
    )
    found = pseudo.untranslated(pseudo.texts_of(html), {"二七广场"})
    assert found == ["Left out", "Picture", "⟦Fine⟧ more"]

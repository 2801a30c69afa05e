"""Somebody whose language has a catalogue of its own: nothing on the way is left untranslated."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from support import pseudo, rider_town, small_app, small_city
from support.browsing import Watched, serving

from geodata.hours_words import hours_in_words

Open = Callable[..., Watched]

SAME_EVERYWHERE = ("12351", "Yizhan", "AED", "Wi-Fi", "QR")


@pytest.fixture(scope="module")
def site_in_brackets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the rider's town with a further language, in which every sentence stands in brackets."""
    work = tmp_path_factory.mktemp("brackets")
    folder = pseudo.write_catalogues(work / "translations")
    small_city.write(work / "city", rider_town.stations())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YIZHAN_TEST_TRANSLATIONS", str(folder))
        with serving(work / "city", small_app.MONDAY_MORNING.isoformat()) as address:
            yield address


def _data() -> set[str]:
    texts = {"Sample City", "示例市", "中原路", *SAME_EVERYWHERE}
    for station in rider_town.stations():
        texts |= {station.name, station.address, station.host, station.district, station.phone}
        texts |= {
            station.id,
            station.code,
            station.source,
            *(offer.note for offer in station.offers),
        }
        # Hours are put in words by `geodata.hours_words`, which knows two languages.
        hours = (station.hours, *(offer.hours for offer in station.offers))
        texts |= {hours_in_words(text, "en") or text for text in hours if text}
    return texts | set(small_city.hotspots()["name"]) | set(small_city.areas()["name"])


def _left(page: Page) -> list[str]:
    return pseudo.untranslated(page.evaluate(pseudo.SPOKEN), _data())


def test_nothing_on_the_way_is_left_untranslated(site_in_brackets: str, watch: Open) -> None:
    """First screen, list, chips, an empty answer, typing a place, large view, a station's page."""
    page = watch(**{**rider_town.DEVICE, "locale": "eo"}).page
    page.goto(site_in_brackets)
    expect(page.locator("html")).to_have_attribute("lang", pseudo.CODE)
    page.locator("#here").click()
    expect(page.locator("#hits > .hit").first).to_be_visible()
    assert page.locator("#status").inner_text().startswith(pseudo.OPEN)
    assert _left(page) == []
    page.locator('.chip[data-key="health_check"]').click()
    expect(page.locator("#nothing")).to_be_visible()
    assert _left(page) == []
    page.locator('.chip[data-key="health_check"]').click()
    page.locator('input[name="open"]').set_checked(checked=False, force=True)
    page.locator("#q").fill("eqgc")
    page.locator("#q").press("Enter")
    expect(page.locator("#hits > .hit").first).to_be_visible()
    assert _left(page) == []
    page.locator("#hits > .hit h3 a").first.click()
    page.wait_for_load_state("networkidle")
    assert _left(page) == []
    page.goto(f"{site_in_brackets}/?view=large&lang={pseudo.CODE}")
    assert _left(page) == []

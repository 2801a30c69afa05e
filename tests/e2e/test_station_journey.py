"""A driver opens the page of a station, goes there, and hands it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Page, expect
from support import axe, hostile, rider_town
from support.browsing import Watched
from support.pictures import picture

Open = Callable[..., Watched]


def test_the_page_says_what_decides_first(town: str, watch: Open) -> None:
    """State, way in, ways to go, telephone and hotline stand on the first screens, in this order."""
    page = watch().page
    page.goto(f"{town}/stations/s01")
    expect(page.locator("#state")).to_have_text("现在开放，开到 22:00")
    size = page.locator("#state").evaluate("e => parseFloat(getComputedStyle(e).fontSize)")
    assert size >= 21
    expect(page.locator(".giving")).to_be_visible()
    tops = [
        page.locator(selector).first.bounding_box()["y"]  # type: ignore[index]
        for selector in ("h1", "#state", ".station .entry", ".going-there", ".giving", ".hours")
    ]
    assert tops == sorted(tops)
    names = page.locator(".going-there a").all_inner_texts()
    assert names == [
        "高德地图", "百度地图", "腾讯地图", "手机自带地图", "打电话 0371-00000001", "打 12351 工会热线",
    ]  # fmt: skip
    links = [a.get_attribute("href") or "" for a in page.locator(".going-there a").all()]
    assert [urlsplit(link).scheme for link in links] == ["https"] * 3 + ["geo", "tel", "tel"]
    assert "中原路工会驿站" in unquote(links[0])
    expect(page.locator(".kit").first).to_contain_text("空调")
    expect(page.locator(".kit.wide")).to_contain_text("爱心早餐")
    assert axe.violations(page) == []
    picture(page, "finder-station")


def test_the_data_block_is_allowed_and_read(town: str, watch: Open) -> None:
    """The policy lets the JSON-LD stand, and it parses in the browser to this station."""
    page = watch().page
    page.goto(f"{town}/stations/s01")
    text = page.locator('script[type="application/ld+json"]').text_content()
    known = json.loads(text or "")
    assert (known["@type"], known["name"]) == ("Place", "中原路工会驿站")
    assert known["url"] == f"{town}/stations/s01"


def test_hostile_texts_run_nothing(site: str, watch: Open) -> None:
    """In every field, in the data block, in the lists that scripts fill, on the own page."""
    page = watch().page
    ids = [f"x{k}" for k in range(0, len(hostile.PAYLOADS), 4)]
    for one in ids:
        page.goto(f"{site}/stations/{one}")
        page.locator(".star").click()
        page.get_by_text("有问题").click()
        assert page.evaluate("window.pwned") is None
    page.goto(f"{site}/favourites")
    expect(page.locator("#saved .hit")).to_have_count(len(ids))
    assert page.evaluate("window.pwned") is None
    for link in page.locator("#saved a").all():
        assert urlsplit(link.get_attribute("href") or "").scheme in ("", "https", "geo", "tel")


def test_sharing_hands_on_the_station_alone(town: str, watch: Open) -> None:
    """From a page full of choices, by a phone that knows its place: the address is the station's."""
    page = watch(**rider_town.DEVICE).page
    page.add_init_script(
        "navigator.share = async (what) => { window.given = what; };"  # Chromium on Linux has none
    )
    page.goto(f"{town}/stations/s01?lang=zh&view=normal&place=hotspot:h1#map")
    page.get_by_role("button", name="分享").click()
    assert page.evaluate("window.given") == {
        "title": "中原路工会驿站",
        "url": f"{town}/stations/s01",
    }
    page.get_by_text("转给别人").click()
    expect(page.locator(".hand-on .link")).to_have_text(f"{town}/stations/s01")
    picture_of = page.locator("img.qr")
    expect(picture_of).to_be_visible()
    assert decoded(page) == f"{town}/stations/s01"
    assert axe.violations(page) == []
    picture(page, "finder-share")


def decoded(page: Page) -> str:
    """Read the QR as a camera does, from the pixels that the browser draws."""
    code = page.locator("img.qr")
    code.scroll_into_view_if_needed()
    rows = code.evaluate(
        """async (image) => {
            await image.decode();
            const canvas = document.createElement("canvas");
            canvas.width = canvas.height = 240;
            const pen = canvas.getContext("2d");
            pen.drawImage(image, 0, 0, 240, 240);
            return [...pen.getImageData(0, 0, 240, 240).data].filter((_, k) => k % 4 === 0);
        }"""
    )
    found = zxingcpp.read_barcodes(np.array(rows, np.uint8).reshape(240, 240))
    return str(found[0].text)


def test_without_a_share_sheet_the_address_is_copied_or_shown(town: str, watch: Open) -> None:
    """Where nothing can be handed over, the address stands there to be read."""
    page = watch().page
    page.goto(f"{town}/stations/s02")
    page.get_by_role("button", name="分享").click()
    expect(page.locator(".said")).not_to_have_text("")
    said = page.locator(".said").inner_text()
    assert said.startswith("链接已复制") or said == f"{town}/stations/s02"


def test_favourites_are_kept_listed_and_carried_to_another_phone(
    town: str, watch: Open, tmp_path: Path
) -> None:
    """The star keeps it, the page lists it, a file takes it along, removing removes it."""
    page = watch().page
    page.goto(f"{town}/stations/s01")
    page.locator(".star").click()
    expect(page.locator(".star")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{town}/favourites")
    expect(page.locator("#saved h2")).to_have_text("中原路工会驿站")
    with page.expect_download() as download:
        page.get_by_role("button", name="存成文件").click()
    file = tmp_path / "favourites.json"
    download.value.save_as(file)
    assert axe.violations(page) == []
    picture(page, "finder-favourites")
    page.get_by_role("button", name="删除：中原路工会驿站").click()
    expect(page.locator("#none")).to_be_visible()

    other = watch().page
    other.goto(f"{town}/favourites")
    expect(other.locator("#none")).to_be_visible()
    other.locator("#take-file").set_input_files(file)
    expect(other.locator("#saved h2")).to_have_text("中原路工会驿站")
    other.goto(town)
    expect(other.locator("#favourites")).to_contain_text("中原路工会驿站")


@pytest.mark.parametrize("path", ["/stations/s01", "/favourites"])
def test_large_type_and_small_screens(town: str, watch: Open, path: str) -> None:
    """In 关怀版 the text is 18 pt or more and targets 60 px; at 320 px nothing runs out sideways."""
    page = watch(viewport={"width": 320, "height": 700}).page
    page.goto(f"{town}{path}?view=large")
    if path != "/favourites":
        expect(page.locator(".giving")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 24
    small = page.evaluate(
        "[...document.querySelectorAll('main a.button, main button, main summary, main label.button')]"
        ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 60)"
        ".map((e) => e.textContent)"
    )
    assert small == []


def test_all_of_it_by_keyboard(town: str, watch: Open) -> None:
    """Tab reaches the words to say in their order, and Enter says one."""
    page = watch().page
    page.goto(f"{town}/stations/s02")
    expect(page.locator(".giving")).to_be_visible()
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim()"))
        if reached[-1] == "开着":
            break
    assert reached[-1] == "开着"
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("记下了")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="撤回").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".said")).to_contain_text("已撤回")

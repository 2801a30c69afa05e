"""A street cleaner says what she found: one tap, sent at once or later; and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from support import axe, rider_town, small_app, small_city
from support.browsing import Watched, serving
from support.pictures import picture

from geodata.reports import Report
from geodata.store import open_store

Open = Callable[..., Watched]
NOW = small_app.MONDAY_MORNING
AT_THE_DOOR = small_city.position(6, 6.2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a city of its own, never checked on the spot, where four found one station shut."""
    folder = tmp_path_factory.mktemp("report") / "city"
    small_city.write(folder, [replace(s, verified_on="") for s in rider_town.stations()])
    with open_store(f"sqlite:///{folder / 'yizhan.sqlite'}") as store:
        for k, days in enumerate((5, 5, 3, 3)):
            store.add_report(
                Report(
                    station_id="s01", moment=NOW - timedelta(days=days), kind="locked",
                    nearness="near", device=f"other {k}",
                )
            )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    """Serve the city."""
    with serving(folder, NOW.isoformat()) as address:
        yield address


def stored(folder: Path, station: str) -> list[tuple[str, str, str]]:
    """Give what the register holds about a station: kind, about, nearness."""
    with open_store(f"sqlite:///{folder / 'yizhan.sqlite'}") as store:
        return [(r.kind, r.about, r.nearness) for r in store.reports(station_id=station)]


def device(at: tuple[float, float] = AT_THE_DOOR) -> dict[str, object]:
    """Give the options of a phone that lets the page know where it is."""
    place = {"longitude": at[0], "latitude": at[1], "accuracy": 20}
    return {"geolocation": place, "permissions": ["geolocation"]}


def wait_and_send(page: Page) -> None:
    """Let the seconds pass in which a word can be taken back."""
    page.clock.fast_forward(11_000)


def test_one_tap_counts_for_the_next_worker(server: str, watch: Open, folder: Path) -> None:
    """Nobody confirmed it; after one tap the page says that one person did, today."""
    bodies: list[str] = []
    page = watch(**device()).page
    page.on("request", lambda request: bodies.append(request.post_data or ""))
    page.goto(f"{server}/stations/s05")
    page.get_by_role("button", name="开着", exact=True).click()
    expect(page.locator(".said")).to_contain_text("记下了，谢谢")
    assert stored(folder, "s05") == []
    assert axe.violations(page) == []
    wait_and_send(page)
    expect(page.locator(".said")).to_have_text("已发出，谢谢！")
    expect(page.locator("#reasons")).to_contain_text("1 人今天确认")
    assert stored(folder, "s05") == [("open", "", "far")]
    sent = "".join(bodies)
    assert '"kind":"open"' in sent
    assert not any(f"{x:.3f}" in sent for x in AT_THE_DOOR)


def test_a_word_can_be_taken_back(server: str, watch: Open, folder: Path) -> None:
    """Within ten seconds nothing has left the phone, and afterwards it may be said anew."""
    page = watch().page
    page.goto(f"{server}/stations/s03")
    page.get_by_role("button", name="关着", exact=True).click()
    page.get_by_role("button", name="撤回").click()
    expect(page.locator(".said")).to_have_text("已撤回，没有发出。")
    wait_and_send(page)
    page.get_by_role("button", name="关着", exact=True).click()
    page.get_by_role(
        "button", name="进不去", exact=True
    ).click()  # a slip of the finger: the last holds
    wait_and_send(page)
    expect(page.locator(".said")).to_have_text("已发出，谢谢！")
    assert stored(folder, "s03") == [("refused", "", "unknown")]


def test_once_an_hour_is_enough(server: str, watch: Open, folder: Path) -> None:
    """The phone says so kindly, without asking the server; another topic is free."""
    page = watch().page
    page.goto(f"{server}/stations/s02")
    page.get_by_role("button", name="开着", exact=True).click()
    wait_and_send(page)
    expect(page.locator(".said")).to_have_text("已发出，谢谢！")
    page.get_by_role("button", name="关着", exact=True).click()
    expect(page.locator(".said")).to_contain_text("一小时一次就够")
    page.get_by_role("button", name="有位", exact=True).click()
    wait_and_send(page)
    expect(page.locator(".said")).to_have_text("已发出，谢谢！")
    page.get_by_text("有问题").click()
    picture(page, "finder-report")
    page.get_by_role("group", name="坏了").get_by_role("button", name="微波炉").click()
    wait_and_send(page)
    expect(page.locator(".said")).to_have_text("已发出，谢谢！")
    kinds = [(kind, about) for kind, about, _ in stored(folder, "s02")]
    assert kinds == [("open", ""), ("crowd", "some"), ("broken", "microwave")]
    page.reload()
    expect(page.locator("#crowd")).to_contain_text("有位")


def test_said_without_a_network_and_sent_later(server: str, watch: Open, folder: Path) -> None:
    """It waits on the phone, through a reload, and goes with the time it was said at."""
    watched = watch()
    page = watched.page
    page.goto(f"{server}/stations/s07")
    expect(page.get_by_role("button", name="关着", exact=True)).to_be_visible()
    troubles = list(watched.troubles)
    page.context.set_offline(True)
    page.get_by_role("button", name="关着", exact=True).click()
    wait_and_send(page)
    expect(page.locator(".said")).to_contain_text("先存在手机里")
    page.clock.fast_forward(25 * 60_000)
    with page.expect_response("**/stations/s07/reports") as found:
        page.context.set_offline(False)
    watched.troubles[:] = troubles  # what failed without a network is no fault
    assert found.value.status == 201
    assert '"minutes_ago":20' in (found.value.request.post_data or "")
    with open_store(f"sqlite:///{folder / 'yizhan.sqlite'}") as store:
        (report,) = store.reports(station_id="s07")
    assert (report.kind, report.moment) == ("locked", NOW - timedelta(minutes=20))


def test_one_phone_changes_no_state_and_five_on_three_days_do(
    server: str, watch: Open, folder: Path
) -> None:
    """However one insists it stays open; the fifth of five, on a third day, makes it not sure."""
    page = watch(**device()).page
    page.goto(f"{server}/stations/s01")
    expect(page.locator("#state")).to_contain_text("现在开放")  # four on two days are not enough
    page.get_by_role("button", name="关着", exact=True).click()
    wait_and_send(page)
    expect(page.locator(".said")).to_have_text("已发出，谢谢！")
    page.reload()
    expect(page.locator("#state")).to_contain_text("不确定")
    expect(page.locator("#reasons")).to_contain_text("关着")
    assert axe.violations(page) == []
    picture(page, "finder-report-effect")
    other = watch().page
    other.goto(f"{server}/stations/s14")
    other.get_by_role("button", name="关着", exact=True).click()
    wait_and_send(other)
    expect(other.locator(".said")).to_have_text("已发出，谢谢！")
    other.reload()
    expect(other.locator("#state")).to_contain_text("现在开放")


def test_a_list_has_the_same_words_behind_one_tap(server: str, watch: Open, folder: Path) -> None:
    """In the card: keep, share, and the words to say, which are sent the same way."""
    page = watch(**rider_town.DEVICE).page
    page.goto(server)
    page.get_by_role("button", name="找最近的").click()
    expect(page.locator("#answer-title")).to_have_text("您附近")
    card = page.locator('#hits > .hit[data-id="s01"]')
    if not card.count():
        card = page.locator('#uncertain-list > .hit[data-id="s01"]')
    card.get_by_text("您在现场吗").click()
    card.get_by_role("button", name="满", exact=True).click()
    expect(card.locator(".said")).to_contain_text("记下了")
    wait_and_send(page)
    expect(page.locator(".said").filter(has_text="已发出")).to_have_count(1)
    assert ("crowd", "full", "near") in stored(folder, "s01")
    assert axe.violations(page) == []

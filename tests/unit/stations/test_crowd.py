"""How full it is: now, and in a usual week."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median_high, median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.said import DAILY, MONDAY, judged, word

from geodata.reports import CROWD_LEVELS, Report
from stations.crowd import CROWD_MEMORY, crowd_now, usual_week


def said(level: str, *, ago: float = 0.0, device: str = "a", near: str = "near") -> Report:
    """Make a word about the crowd, some minutes before Monday 15:00."""
    return word("crowd", days_ago=ago / 1440, device=device, near=near, about=level)


def test_nobody_said_anything() -> None:
    """Without words, and with words about the door alone, nothing is known."""
    assert crowd_now([], MONDAY) is None
    assert crowd_now([word("open"), word("broken", about="toilet")], MONDAY) is None
    assert usual_week([word("open")]) == ""


def test_a_word_is_hidden_after_half_an_hour() -> None:
    """29 minutes old it is shown, 30 minutes old it is not, and one from the future never."""
    assert crowd_now([said("full", ago=29)], MONDAY) == ("full", MONDAY - timedelta(minutes=29))
    assert crowd_now([said("full", ago=30)], MONDAY) is None
    assert crowd_now([said("full", ago=-1)], MONDAY) is None
    assert timedelta(minutes=30) == CROWD_MEMORY


def test_a_device_has_one_voice_its_last() -> None:
    """Ten words of one device do not outvote another, and its last one counts."""
    many = [said("full", ago=20 - k, device="loud") for k in range(10)]
    assert crowd_now([*many, said("some", ago=1, device="loud")], MONDAY) == (
        "some",
        MONDAY - timedelta(minutes=1),
    )


def test_the_age_is_that_of_the_newest_word() -> None:
    """Two people, ten and twenty minutes ago: ten minutes."""
    found = crowd_now([said("full", ago=20), said("full", ago=10, device="b")], MONDAY)
    assert found == ("full", MONDAY - timedelta(minutes=10))


def test_words_from_far_away_are_not_heard() -> None:
    """Whoever was not there does not know."""
    assert crowd_now([said("full", near="far")], MONDAY) is None
    assert crowd_now([said("full", near="unknown")], MONDAY) is not None


@given(st.sampled_from(CROWD_LEVELS), st.integers(2, 6), st.sampled_from(CROWD_LEVELS))
def test_one_odd_device_among_three_changes_nothing(level: str, n: int, odd: str) -> None:
    """Whatever it says, two or more who agree are shown."""
    words = [said(level, ago=k, device=f"d{k}") for k in range(n)]
    found = crowd_now([*words, said(odd, ago=0, device="odd")], MONDAY)
    assert found is not None
    if n > 2 or odd == level:
        assert found[0] == level
    assert found[0] in (level, odd) or {level, odd} == {"empty", "full"}


@given(st.lists(st.integers(0, 2), min_size=1, max_size=9))
def test_the_level_is_the_median(levels: list[int]) -> None:
    """A second way: the library's medians; the upper one, but some between empty and full."""
    words = [said(CROWD_LEVELS[k], ago=n, device=str(n)) for n, k in enumerate(levels)]
    low, high = median_low(levels), median_high(levels)
    expected = 1 if (low, high) == (0, 2) else high
    assert crowd_now(words, MONDAY) == (CROWD_LEVELS[expected], MONDAY)


def week(n_weeks: int, n_devices: int, level: str = "full", hour: int = 12) -> list[Report]:
    """Make words of some devices at one hour of some Mondays."""
    base = datetime(2026, 9, 14, hour, 10)
    return [
        word("crowd", about=level, device=f"d{k}", moment=base - timedelta(weeks=w))
        for w in range(n_weeks)
        for k in range(n_devices)
    ]


@pytest.mark.parametrize(
    ("n_weeks", "n_devices", "is_known"),
    [(3, 3, True), (3, 2, False), (2, 3, False), (3, 1, False), (5, 3, True)],
)
def test_an_hour_is_usual_from_three_devices_on_three_days(
    n_weeks: int, n_devices: int, is_known: bool
) -> None:
    """Five voices, three devices, three days: one less of any and nothing is said."""
    found = usual_week(week(n_weeks, n_devices))
    assert (found != "") is is_known
    if is_known:
        assert len(found) == 168
        assert found[12] == "3"
        assert set(found[:12] + found[13:]) == {"0"}


def test_four_voices_are_not_enough_and_five_are() -> None:
    """Three devices on three days with four words in all, then with five."""
    words = [*week(3, 1)[:3], *week(1, 3)[1:2]]
    three = [*words, word("crowd", about="full", device="d9", moment=words[1].moment)]
    assert len({r.device for r in three}) == 3
    assert usual_week(three[:4]) == ""
    assert usual_week(three) != ""


def test_a_device_says_one_thing_an_hour_of_a_day() -> None:
    """Many taps of one device within the hour are one voice."""
    base = datetime(2026, 9, 14, 12, 0)
    taps = [
        word("crowd", about="full", device="d0", moment=base + timedelta(minutes=10 * k))
        for k in range(6)
    ]
    assert usual_week(taps) == ""


def test_forgotten_devices_still_make_history() -> None:
    """After their hashes are emptied, words count as one device a day."""
    base = datetime(2026, 9, 14, 12, 0)
    words = [
        word("crowd", about="some", device="", moment=base - timedelta(weeks=w)) for w in range(5)
    ]
    assert usual_week(words)[12] == "2"
    assert usual_week(words[:4]) == ""


def test_the_hours_of_the_week_begin_on_monday() -> None:
    """Sunday 23:50 is the last digit."""
    base = datetime(2026, 9, 20, 23, 50)
    words = [
        word("crowd", about="empty", device=f"d{k}", moment=base - timedelta(weeks=w))
        for w in range(3)
        for k in range(3)
    ]
    assert usual_week(words) == "0" * 167 + "1"


def test_who_says_how_full_it_is_was_inside() -> None:
    """The word confirms the door, and never counts as a complaint, however often it is said."""
    trust = judged(DAILY, [said("full"), said("some", device="b")])
    assert trust.confirmations_today == 2
    often = [word("crowd", about="some", days_ago=day, device="regular") for day in range(20)]
    assert judged(DAILY, often).last_confirmed == MONDAY
    complaints = [word("locked", days_ago=day, device="regular") for day in range(20)]
    assert judged(DAILY, [*often, *complaints]).confirmations_today == 0


def test_who_did_not_get_in_lowers_the_way_in_and_not_the_door() -> None:
    """The door was open, so nothing is held against it; the chance to get through falls."""
    turned_away = [word("refused", days_ago=day, device=f"d{day}") for day in (1, 2, 3, 4)]
    before, after = judged(DAILY, []), judged(DAILY, turned_away)
    assert after.way_in.through < before.way_in.through
    assert after.way_in.reported == ""
    assert after.p_open == pytest.approx(before.p_open)
    assert not after.is_doubted

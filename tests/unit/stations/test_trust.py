"""One chance with its reasons: each part of it moves as it should, and the sum is Bayes' rule."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.linalg import expm
from support.said import DAILY, MONDAY, judged, mornings, word

from geodata.records import ENTRY_MODES, STATION_STATUSES
from geodata.reports import NEARNESS, Report
from stations.assumptions import ASSUMED
from stations.availability import at
from stations.posted import likeness, posted, posted_then
from stations.trust import judge

CHECKED = replace(DAILY, verified_on="2026-09-01")


def test_without_reports_the_chance_is_the_product_of_its_parts() -> None:
    """Serving since the check, not shut for days, hours right, through the door: multiplied."""
    days = 12.625  # from the end of 1 September to 14 September, 15 o'clock
    stop, back = -math.log(0.92) / 365.25, -math.log(0.90) / 365.25
    serving = 1 - stop / (stop + back) * (1 - math.exp(-(stop + back) * days))
    into, out = ASSUMED.shut_per_day, 1 / ASSUMED.shut_days
    usual = 1 - into / (into + out) * (1 - math.exp(-(into + out) * days))
    found = judged(CHECKED, [])
    assert found.p_open == pytest.approx(serving * usual * (1 - ASSUMED.wrong_hours["plain"]))
    assert found.p_get_in == pytest.approx(found.p_open * ASSUMED.way_in["walk_in"])


def test_eight_per_cent_stop_in_the_first_year() -> None:
    """With no way back, a year after the check 8 % have stopped: the hazard of the domain report."""
    never_back = replace(ASSUMED, return_share_per_year=0.0)
    moment = datetime(2026, 9, 14, 15)
    checked = replace(DAILY, verified_on=(moment - timedelta(days=366.25)).date().isoformat())

    def chance(station: object) -> float:
        return judge(station, [], moment, opening=at(station, moment), assumed=never_back).p_open

    usual = 1 - 0.01 / (0.01 + 1 / 1.5)
    assert chance(checked) / (0.96 * usual) == pytest.approx(0.92, abs=2e-4)


def test_the_filter_is_bayes_rule_over_a_markov_chain() -> None:
    """The belief equals an eight-state chain with its matrix exponential and Bayes' rule in full.

    The second way builds one generator as a Kronecker sum and multiplies likelihoods state by state;
    the burst bound is lifted on both sides.
    """
    said = [
        word("locked", days_ago=40, device="a"),
        word("open", days_ago=30.2, device="b", near="unknown"),
        word("wrong_hours", days_ago=21, device="c"),
        word("moved", days_ago=9.9, device="d", near="far"),
        word("locked", days_ago=1.1, device="e"),
    ]
    station = replace(DAILY, verified_on="2026-06-30")
    free = replace(ASSUMED, burst=1e12)
    ours = judge(station, said, MONDAY, opening=at(station, MONDAY), assumed=free).p_open

    asked = posted(station, MONDAY, opening=at(station, MONDAY), assumed=free)
    stop, back = -math.log(0.92) / 365.25, -math.log(0.90) / 365.25
    pull = 1 / free.hours_memory_days
    chains = [
        np.array([[-stop, stop], [back, -back]]),
        np.array(
            [[-free.shut_per_day, free.shut_per_day], [1 / free.shut_days, -1 / free.shut_days]]
        ),
        pull * np.array([[-asked.wrong, asked.wrong], [1 - asked.wrong, asked.wrong - 1]]),
    ]
    eye = np.eye(2)
    generator = (
        np.kron(np.kron(chains[0], eye), eye)
        + np.kron(np.kron(eye, chains[1]), eye)
        + np.kron(np.kron(eye, eye), chains[2])
    )
    chance = np.zeros(8)
    chance[0], chance[1] = 1 - asked.wrong, asked.wrong
    now = datetime(2026, 7, 1)
    for report in sorted(said, key=lambda r: r.moment):
        chance = chance @ expm(generator * ((report.moment - now) / timedelta(days=1)))
        then = posted_then(station, report.moment, free)
        alike = likeness(then, asked, free)
        for state in range(8):
            gone, shut, wrong = state >> 2 & 1, state >> 1 & 1, state & 1
            wrong_then = alike * wrong + (1 - alike) * then.wrong
            is_open = 0.0 if gone or shut else 1 - wrong_then
            true = {
                "open": is_open,
                "locked": 1 - is_open,
                "moved": float(gone),
                "wrong_hours": 0.5 if gone else wrong_then,
            }[report.kind]
            voice = free.voice_yes if report.kind == "open" else free.voice_no
            chance[state] *= (true + (1 - true) / voice) ** free.weight[report.nearness]
        chance /= chance.sum()
        now = report.moment
    chance = chance @ expm(generator * ((MONDAY - now) / timedelta(days=1)))
    assert ours == pytest.approx(chance[0], rel=1e-9)


def test_a_fresh_check_is_worth_more_than_an_old_one_and_that_more_than_none() -> None:
    """The longer ago the last check on the spot, the smaller the chance; never is the smallest."""
    days = ["2026-09-12", "2026-03-01", "2025-06-01", ""]
    chances = [judged(replace(DAILY, verified_on=day), []).p_get_in for day in days]
    assert chances == sorted(chances, reverse=True)
    assert len(set(chances)) == 4


def test_words_move_the_chance_the_right_way_and_fade() -> None:
    """Inside raises, locked lowers; the same words long ago do so less."""
    plain = judged(DAILY, []).p_get_in
    for kind, sign in (
        ("open", 1),
        ("broken", 1),
        ("locked", -1),
        ("moved", -1),
        ("wrong_hours", -1),
    ):
        about = "microwave" if kind == "broken" else ""
        fresh, old = (
            judged(DAILY, [word(kind, days_ago=days, about=about)]).p_get_in - plain
            for days in (0.1, 80)
        )
        assert sign * fresh > sign * old > 0, kind


def test_a_locked_door_in_the_evening_says_little_about_the_morning() -> None:
    """Locked at 20:00 lowers 20:00 the next day more than twice as much as 10:00."""
    long_day = replace(CHECKED, hours="Mo-Su 08:00-22:00")
    said = [word("locked", moment=datetime(2026, 9, 10 + d, 20), device=f"d{d}") for d in range(3)]
    loss = {
        hour: judged(long_day, [], m).p_open - judged(long_day, said, m).p_open
        for hour, m in ((h, datetime(2026, 9, 14, h)) for h in (10, 20))
    }
    assert loss[20] > 2 * loss[10] > 0


def test_words_against_each_other_leave_the_chance_between() -> None:
    """Who was inside and who was not, on the same day: between the two, and near what it was."""
    yes, no = word("open", device="a", days_ago=0.1), word("locked", device="b", days_ago=0.1)
    both = judged(CHECKED, [yes, no]).p_open
    assert judged(CHECKED, [no]).p_open < both < judged(CHECKED, [yes]).p_open


def test_one_device_has_one_voice() -> None:
    """Of a device the last word counts; saying it again adds nothing."""
    once = [word("locked", days_ago=0.2)]
    again = [word("locked", days_ago=0.2 + k / 24) for k in range(5)]
    assert judged(CHECKED, again).p_open == pytest.approx(judged(CHECKED, once).p_open)
    changed = [word("locked", days_ago=1), word("open", days_ago=0.2)]
    assert judged(CHECKED, changed).p_open == judged(CHECKED, changed[1:]).p_open


def test_of_a_device_the_word_about_a_like_hour_counts_before_a_later_one() -> None:
    """Inside on Tuesday afternoon, locked on Wednesday night: for an afternoon it was inside."""
    always = replace(CHECKED, hours="Mo-Su 08:00-22:00")
    inside = word("open", days_ago=6)
    later = word("locked", moment=datetime(2026, 9, 9, 21, 0))
    assert judged(always, [inside, later]).p_open == judged(always, [inside]).p_open


def test_nearness_orders_what_a_word_weighs() -> None:
    """Near weighs most, then unknown, then far."""
    free = [
        judged(CHECKED, [word("locked", near=near)]).p_open for near in ("near", "unknown", "far")
    ]
    assert free == sorted(free)
    assert set(NEARNESS) == {"near", "unknown", "far"}
    assert len(set(free)) == 3


def test_a_check_on_the_spot_overrules_what_was_said_before_the_end_of_its_day() -> None:
    """Words up to the end of the day of the check are void; words after it count."""
    said = mornings("locked", [3, 4, 5, 6, 7, 8], 3)
    today = replace(DAILY, verified_on=MONDAY.date().isoformat())
    assert judged(DAILY, said).is_doubted
    assert judged(today, [*said, word("locked")]).p_open == judged(today, []).p_open
    next_day = MONDAY + timedelta(days=1)
    assert (
        judged(today, [word("locked", moment=next_day)], next_day).p_open
        < judged(today, [], next_day).p_open
    )


def test_later_reports_are_not_looked_at() -> None:
    """A judgement about a moment knows nothing that was said after it."""
    assert judged(CHECKED, [word("locked", days_ago=-0.01)]) == judged(CHECKED, [])


@pytest.mark.parametrize("status", [s for s in STATION_STATUSES if s != "open"])
def test_a_station_that_is_not_open_lets_hardly_anybody_in(status: str) -> None:
    """Whatever its hours and its visitors say, a suspended or revoked station is not worth a trip."""
    found = judged(replace(CHECKED, status=status), mornings("open", [1, 2, 3], 3))
    assert found.p_get_in < 0.1
    assert not found.is_doubted


def test_recorded_ways_in_order_the_chance() -> None:
    """Walking in is surest and an app the least sure of the ways in."""
    chances = {mode: judged(replace(CHECKED, entry=mode), []).p_get_in for mode in ENTRY_MODES}
    assert max(chances, key=lambda m: chances[m]) == "walk_in"
    assert min(chances, key=lambda m: chances[m]) == "app"


def test_people_held_up_lower_the_way_in_as_a_beta_distribution_does() -> None:
    """Ten visits' worth of the usual share, one for each voice, at most two of a burst a side."""
    said = [
        *mornings("needs_app", [1], 5),
        *mornings("needs_app", [3], 1),
        *mornings("open", [5], 1),
    ]
    found = judged(CHECKED, said)
    assert found.way_in.through == pytest.approx((0.98 * 10 + 1) / (10 + 1 + 3))
    assert (found.way_in.reported, found.way_in.people) == ("app", 6)
    assert found.p_get_in == pytest.approx(found.p_open * found.way_in.through)


def test_what_the_register_says_itself_is_not_reported_as_news() -> None:
    """An app at a door that is recorded as needing an app is no other way in."""
    app = replace(CHECKED, entry="app")
    assert judged(app, mornings("needs_app", [1, 2], 1)).way_in.reported == ""


def test_unknown_hours_are_neither_open_nor_closed() -> None:
    """Without recorded hours the chance is a usual one for the time of day, and words move it."""
    nobody_knows = replace(CHECKED, hours="")
    by_day, by_night = (judged(nobody_knows, [], datetime(2026, 9, 14, h)).p_open for h in (15, 3))
    assert 0.6 < by_day < 0.8
    assert 0.05 < by_night < 0.25
    night_words = [word("open", moment=datetime(2026, 9, 11, 3), device="a")]
    assert judged(nobody_knows, night_words, datetime(2026, 9, 14, 3)).p_open > by_night


@pytest.mark.parametrize(
    ("hour", "minute", "wrong"),
    [
        (7, 29, "closed"), (7, 30, "closed_edge"), (8, 0, "just_opened"), (8, 44, "just_opened"),
        (8, 45, "plain"), (11, 59, "plain"), (12, 0, "midday"), (13, 59, "midday"), (14, 0, "plain"),
        (17, 29, "plain"), (17, 30, "about_to_close"), (18, 0, "closed_edge"), (18, 29, "closed_edge"),
        (18, 30, "closed"),
    ],
)  # fmt: skip
def test_situations_begin_and_end_where_they_say(hour: int, minute: int, wrong: str) -> None:
    """The chance of wrong hours is that of the situation, at each of its boundaries."""
    moment = datetime(2026, 9, 14, hour, minute)
    found = posted(DAILY, moment, opening=at(DAILY, moment), assumed=ASSUMED)
    assert found.wrong == ASSUMED.wrong_hours[wrong]


def test_reasons_say_what_people_said_and_when() -> None:
    """Counts are of devices, moments those of the last word, and a check is named by its day."""
    said = [
        *mornings("locked", [1], 2), word("open", device="x"), word("open", device="x", days_ago=0.05),
        word("open", device="y"),
    ]  # fmt: skip
    found = {reason.code: reason.details for reason in judged(CHECKED, said).reasons}
    assert found["said_locked"] == {"n": 2, "when": MONDAY - timedelta(days=1)}
    assert found["confirmed_today"] == {"n": 2}
    assert found["checked"] == {"day": "2026-09-01"}
    assert judged(CHECKED, said).confirmations_today == 2
    assert judged(CHECKED, said).last_confirmed == MONDAY


def test_reasons_tell_a_register_that_nobody_confirmed() -> None:
    """An old check, or none, without anybody inside since, is a reason; with somebody it is not."""
    old = replace(DAILY, verified_on="2023-05-01")
    assert [r.code for r in judged(old, []).reasons] == ["checked_long_ago"]
    assert [r.code for r in judged(DAILY, []).reasons] == ["never_checked"]
    assert [r.code for r in judged(DAILY, [word("open", days_ago=2)]).reasons] == ["confirmed"]


def test_every_reason_can_be_said() -> None:
    """All placeholders of a reason's sentence have their values."""
    kinds = ("open", "locked", "moved", "wrong_hours", "needs_app", "needs_call")
    said: list[Report] = [r for k in kinds for r in mornings(k, [1, 3, 5, 7], 2, prefix=k)]
    stations = [DAILY, CHECKED, replace(DAILY, hours=""), replace(DAILY, entry="app")]
    moments = [
        datetime(2026, 9, 14, h, m) for h, m in ((3, 0), (8, 10), (12, 30), (17, 40), (20, 0))
    ]
    for station in stations:
        for moment in moments:
            for reason in judged(station, said, moment).reasons:
                assert "{" not in reason.template.format(**reason.details)

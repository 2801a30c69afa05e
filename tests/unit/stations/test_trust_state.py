"""The state that others are shown: what does not change it, and exactly what does."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.said import DAILY, MONDAY, judged, mornings, word

from geodata.hours import State
from geodata.records import Offer
from geodata.reports import Report
from stations.assumptions import ASSUMED
from stations.availability import at
from stations.trust import judge, state_shown

BAND = math.tanh(math.log(ASSUMED.burst) / 4)
"""What one burst can do to a chance, as `stations.belief` says."""

DAYS = (1.0, 3.0, 5.0)
"""Three bursts, at the same hour of the day as the moment asked about."""


def _forged(kind: str, moments: Iterable[datetime], n_devices: int = 10) -> list[Report]:
    """Forge reports, the devices taking turns."""
    return [word(kind, moment=m, device=f"x{k % n_devices}") for k, m in enumerate(moments)]


def _spread(n: int, days: float) -> list[datetime]:
    """Give n moments up to now, evenly over some days."""
    return [MONDAY - timedelta(days=days * k / n) for k in reversed(range(n))]


def _doubted() -> list[Report]:
    """Five devices in three bursts: the least that raises a doubt."""
    return [*mornings("locked", DAYS[:2], 2), *mornings("locked", DAYS[2:], 1)]


@pytest.mark.parametrize("days", [0.04, 0.4, 1, 4.2, 30, 89])
@pytest.mark.parametrize("kind", ["locked", "moved", "wrong_hours"])
def test_a_thousand_forged_reports_of_ten_devices_change_nothing(kind: str, days: float) -> None:
    """In an hour, a night, four days, a month or three: the state stays, the chance in its band."""
    said = _forged(kind, _spread(1000, days))
    for station in (DAILY, replace(DAILY, verified_on="2026-06-01")):
        before, after = judged(station, []), judged(station, said)
        assert not after.is_doubted
        assert abs(after.p_open - before.p_open) <= BAND


def test_such_reports_do_not_even_move_the_chance() -> None:
    """A hundred words of each device are more than a person says, so none of them is heard."""
    said = _forged("locked", _spread(1000, 4.2))
    assert judged(DAILY, said).p_get_in == judged(DAILY, []).p_get_in


@pytest.mark.parametrize("n", [10, 100, 1000])
def test_any_number_of_devices_in_one_burst_changes_no_state(n: int) -> None:
    """Even a thousand devices with one word each stay within the band of one burst."""
    said = _forged("locked", _spread(n, 0.8), n_devices=n)
    before, after = judged(DAILY, []), judged(DAILY, said)
    assert not after.is_doubted
    assert 0 < before.p_open - after.p_open <= BAND


def test_ten_riders_on_one_morning_count_but_only_as_a_burst() -> None:
    """Ten true words lower the chance more than a far one does, and no more than the bound."""
    ten, far = (
        judged(DAILY, mornings("locked", [0.1], 10)),
        [word("locked", days_ago=0.1, near="far")],
    )
    assert ten.p_open < judged(DAILY, far).p_open < judged(DAILY, []).p_open
    assert judged(DAILY, []).p_open - ten.p_open <= BAND
    assert not ten.is_doubted


@pytest.mark.parametrize("n_devices", [1, 2, 3, 4])
def test_few_devices_never_change_the_state_however_long_they_go_on(n_devices: int) -> None:
    """Fewer than five devices, each with a word on another day, twice a week for three months."""
    said = [word("locked", days_ago=3.5 * k, device=f"x{k % n_devices}") for k in range(26)]
    assert not judged(DAILY, said).is_doubted


def test_five_devices_in_three_bursts_raise_a_doubt() -> None:
    """The least that is enough; the door is then shown as not sure, never as closed."""
    found = judged(DAILY, _doubted())
    assert found.is_doubted
    assert found.reasons[0].code == "doubted"
    state = state_shown(DAILY, MONDAY, said=lambda _: _doubted())
    assert (state.state, state.why) == (State.UNKNOWN, "doubted")
    assert state_shown(DAILY, MONDAY, said=lambda _: []) == at(DAILY, MONDAY)


def test_four_devices_in_three_bursts_raise_none() -> None:
    """One device less, however far apart the bursts."""
    assert not judged(DAILY, mornings("locked", DAYS, 1) + mornings("locked", [7.0], 1)).is_doubted


def test_five_devices_in_two_bursts_raise_none() -> None:
    """Of each burst two voices count, so two bursts count four."""
    assert not judged(DAILY, mornings("locked", DAYS[:2], 5)).is_doubted


def test_bursts_lie_their_length_apart() -> None:
    """Words 20 h after the first of a burst begin the next; ten minutes earlier they do not."""
    length = ASSUMED.burst_length / timedelta(days=1)

    def three(step: float) -> list[Report]:
        return mornings("locked", [0.0, step, 2 * step, 3 * step], 2)

    always = replace(DAILY, hours="24/7")
    assert judged(always, three(length)).is_doubted
    assert not judged(always, three(length - 1 / 144)).is_doubted


def test_words_older_than_thirty_days_raise_no_doubt() -> None:
    """With one of the five a minute too old the state is what the register says."""
    within = ASSUMED.doubt_within / timedelta(days=1)
    young = mornings("locked", [1.0, 3.0], 2)
    assert judged(DAILY, [*young, *mornings("locked", [within - 1 / 1440], 1)]).is_doubted
    assert not judged(DAILY, [*young, *mornings("locked", [within], 1)]).is_doubted


def test_a_doubt_needs_twice_as_many_voices_as_those_who_were_inside() -> None:
    """Two who were inside at a like hour do not end the doubt of five, three do."""
    two, three = (
        mornings("open", [0.0, 3.0], 1, prefix="y"),
        mornings("open", [0.0, 3.0, 4.0], 1, prefix="y"),
    )
    low = replace(ASSUMED, doubt_below=1.1)  # this rule alone, whatever the chance
    opening = at(DAILY, MONDAY)
    assert judge(DAILY, _doubted() + two, MONDAY, opening=opening, assumed=low).is_doubted
    assert not judge(DAILY, _doubted() + three, MONDAY, opening=opening, assumed=low).is_doubted


def test_one_burst_of_praise_does_not_end_a_doubt() -> None:
    """A host with ten phones on one morning counts as two voices."""
    low = replace(ASSUMED, doubt_below=1.1)
    praise = mornings("open", [0.0], 10, prefix="y")
    found = judge(DAILY, _doubted() + praise, MONDAY, opening=at(DAILY, MONDAY), assumed=low)
    assert found.is_doubted


def test_there_is_no_doubt_while_the_chance_is_a_half() -> None:
    """A station checked lately needs more bursts than one that nobody ever checked."""
    checked = replace(DAILY, verified_on="2026-09-01")
    needed = next(
        n
        for n in range(1, 30)
        if judged(checked, mornings("locked", _every_other(n), 2)).is_doubted
    )
    odds = judged(checked, []).p_open / (1 - judged(checked, []).p_open)
    assert needed >= math.log(odds) / math.log(ASSUMED.burst)
    assert needed > len(DAYS)
    found = judged(checked, mornings("locked", _every_other(needed), 2))
    assert found.p_open < 0.5
    assert judged(checked, mornings("locked", _every_other(needed - 1), 2)).p_open >= 0.5


def _every_other(n: int) -> list[float]:
    return [1.0 * k for k in range(n)]


def test_a_check_on_the_spot_ends_a_doubt() -> None:
    """After staff were there, the words before do not count."""
    assert judged(DAILY, _doubted()).is_doubted
    seen = replace(DAILY, verified_on=MONDAY.date().isoformat())
    assert not judged(seen, _doubted()).is_doubted


def test_a_doubt_about_the_evening_is_none_about_the_morning_that_people_enjoy() -> None:
    """Locked at 20:00, but inside at 10:00: in doubt at 20:00 alone."""
    long_day = replace(DAILY, hours="Mo-Su 08:00-22:00")
    evenings = [
        word("locked", moment=datetime(2026, 9, d, 20), device=f"e{d}{k}")
        for d in (8, 9, 10, 11, 12)
        for k in (1, 2)
    ]
    inside = [word("open", moment=datetime(2026, 9, d, 10), device=f"m{d}") for d in range(7, 13)]
    said = evenings + inside
    assert judged(long_day, said, datetime(2026, 9, 14, 20)).is_doubted
    assert not judged(long_day, said, datetime(2026, 9, 14, 10)).is_doubted


def test_what_is_posted_as_closed_is_not_in_doubt() -> None:
    """At night nobody is misled, so the state stays closed."""
    night = datetime(2026, 9, 14, 22)
    found = judged(DAILY, _doubted(), night)
    assert not found.is_doubted
    assert state_shown(DAILY, night, said=lambda _: _doubted()).state is State.CLOSED


@pytest.mark.parametrize(
    ("words", "is_marked"),
    [
        ([(0, 2), (1, 1)], True),
        ([(0, 1), (1, 1)], False),
        ([(0, 9)], False),
        ([(0, 2), (60, 1)], False),
        ([(0, 2), (59, 1)], True),
    ],
)
def test_a_facility_is_doubted_by_three_devices_in_two_bursts(
    words: list[tuple[float, int]], is_marked: bool
) -> None:
    """Three within sixty days, not all in one burst; fewer, or older, mark nothing."""
    said = [
        word("broken", days_ago=day, device=f"{day}-{k}", about="microwave")
        for day, n in words
        for k in range(n)
    ]
    found = judged(replace(DAILY, facilities=("microwave",)), said)
    assert found.doubted_offers == (("microwave",) if is_marked else ())


def test_a_facility_that_was_looked_at_since_is_not_doubted() -> None:
    """The mark goes when the facility, or the whole station, is checked after the words."""
    said = [word("broken", days_ago=d, device=f"{d}", about="microwave") for d in (1.0, 2.0, 3.0)]
    day = (MONDAY - timedelta(days=1)).date().isoformat()
    offer = Offer(key="microwave", checked_on=day)
    assert judged(DAILY, said).doubted_offers == ("microwave",)
    assert judged(replace(DAILY, offers=(offer,)), said).doubted_offers == ()
    assert judged(replace(DAILY, verified_on=day), said).doubted_offers == ()


def test_a_thousand_forged_words_do_not_break_the_microwave() -> None:
    """Ten devices that say a hundred times what is broken are not listened to."""
    said = [
        word("broken", moment=m, device=f"x{k % 10}", about="microwave")
        for k, m in enumerate(_spread(1000, 20))
    ]
    assert judged(DAILY, said).doubted_offers == ()

"""What no reports, whoever sends them, can do."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from support.said import DAILY, MONDAY, judged, word

from geodata.reports import NEARNESS, REPORT_KINDS, Report, coarse
from stations.assumptions import ASSUMED
from stations.voices import bursts, counted, listened, one_each

_DAY_MIN = 24 * 60
_BURST_MIN = int(ASSUMED.burst_length / timedelta(minutes=1))


def _reports(*, most_days: int, n_devices: int, most: int = 60) -> st.SearchStrategy[list[Report]]:
    """Draw reports of some devices within the last days."""
    one = st.builds(
        lambda kind, minutes, device, near: word(
            kind, days_ago=minutes / _DAY_MIN, device=f"x{device}", near=near,
            about={"broken": "toilet", "crowd": "full"}.get(kind, ""),
        ),
        st.sampled_from(REPORT_KINDS),
        st.integers(0, most_days * _DAY_MIN),
        st.integers(1, n_devices),
        st.sampled_from(NEARNESS),
    )  # fmt: skip
    return st.lists(one, max_size=most)


_STATIONS = st.builds(
    lambda checked, hours: replace(DAILY, verified_on=checked, hours=hours),
    st.sampled_from(["", "2026-09-12", "2024-01-01"]),
    st.sampled_from(["Mo-Su 08:00-18:00", "24/7", "", "Mo-Fr 15:00-16:00", "Mo-Su 18:00-22:00"]),
)


@given(_STATIONS, _reports(most_days=100, n_devices=12))
@settings(max_examples=80, deadline=None)
def test_chances_are_chances(station: object, said: list[Report]) -> None:
    """Whatever is said, every chance is a chance, and getting in needs an open door."""
    found = judged(station, said)  # type: ignore[arg-type]
    assert 0 <= found.p_get_in <= found.p_open <= 1
    assert 0 < found.way_in.through < 1


@given(_STATIONS, _reports(most_days=100, n_devices=30), st.data())
@settings(max_examples=80, deadline=None)
def test_one_burst_moves_no_chance_beyond_its_bound(
    station: object, said: list[Report], data: st.DataObject
) -> None:
    """On top of anything said earlier, a burst of any size moves P(open) by at most tanh(ln L / 4).

    The earlier words are of other devices, and end two bursts before.
    """
    earlier = [replace(r, moment=r.moment - 2 * ASSUMED.burst_length) for r in said]
    one = st.builds(
        lambda kind, minutes, device, near: word(
            kind, days_ago=minutes / _DAY_MIN, device=device, near=near
        ),
        st.sampled_from(["open", "locked", "moved", "wrong_hours", "needs_app"]),
        st.integers(0, _BURST_MIN - 1),
        st.uuids().map(str),
        st.sampled_from(NEARNESS),
    )
    burst = data.draw(st.lists(one, max_size=60))
    before, after = (judged(station, r).p_open for r in (earlier, earlier + burst))  # type: ignore[arg-type]
    assert abs(after - before) <= math.tanh(math.log(ASSUMED.burst) / 4) + 1e-9


@given(_STATIONS, _reports(most_days=89, n_devices=4, most=120))
@settings(max_examples=80, deadline=None)
def test_four_devices_never_raise_a_doubt(station: object, said: list[Report]) -> None:
    """However they spread their words."""
    assert not judged(station, said).is_doubted  # type: ignore[arg-type]


@given(_STATIONS, _reports(most_days=89, n_devices=40), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_one_device_does_not_turn_the_state_against_the_others(
    station: object, said: list[Report], n: int
) -> None:
    """A doubt that one device's words raise or end, on top of others', was already within one voice.

    That is: with the device silent the count of voices is at most one short of the rule, or at most
    one who was inside short of its end.
    """
    loud = [word("locked", days_ago=k * 7.0, device="new") for k in range(n)]
    before, after = (judged(station, r).is_doubted for r in (said, said + loud))  # type: ignore[arg-type]
    if not before and after:
        told = listened(said, after=MONDAY - ASSUMED.memory, until=MONDAY, assumed=ASSUMED)
        no = [v for v in one_each(told) if v.kind in ("locked", "moved", "wrong_hours")]
        voices = counted(
            bursts(no, assumed=ASSUMED), ("locked", "moved", "wrong_hours"), assumed=ASSUMED
        )
        assert voices >= ASSUMED.doubt_devices - 1


@given(_reports(most_days=100, n_devices=12), st.randoms())
@settings(max_examples=60, deadline=None)
def test_the_order_in_which_reports_are_given_does_not_matter(
    said: list[Report], chance: object
) -> None:
    """A judgement looks at moments, not at places in a list, when no device says two things at once."""
    unique = list({(r.device, r.moment): r for r in said}.values())
    mixed = list(unique)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert judged(DAILY, mixed) == judged(DAILY, unique)


@given(st.datetimes())
def test_coarse_moments_are_ten_minutes_and_never_later(moment: object) -> None:
    """A kept moment is a whole step of ten minutes, at most ten minutes before the real one."""
    kept = coarse(moment)  # type: ignore[arg-type]
    assert (kept.minute % 10, kept.second, kept.microsecond) == (0, 0, 0)
    assert timedelta(0) <= moment - kept < timedelta(minutes=10)  # type: ignore[operator]


@given(_STATIONS, _reports(most_days=1, n_devices=60, most=120), st.floats(0, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_said_within_a_day_never_raises_a_doubt(
    station: object, said: list[Report], days_later: float
) -> None:
    """However many devices: the reports that a phone may send late are two bursts at most."""
    later = MONDAY + timedelta(days=days_later)
    assert not judged(station, said, later).is_doubted  # type: ignore[arg-type]

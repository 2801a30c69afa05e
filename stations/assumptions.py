"""Every number that trust rests on, in one table, each with its source or marked as assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assumptions:
    """The numbers of `stations.trust`.

    *Source* names where a number comes from; *fitted* was chosen on a coarse grid for the best
    Brier score on invented histories (``benchmarks/instances/histories.py``, seeds 0 to 7; tests
    and benchmarks use others); *chosen* is a matter of safety, not of likelihood; *assumed* has no
    source.

    Attributes
    ----------
    stop_share_per_year
        Share of stations that stop serving in a year. Source: domain report §3.9, 8 % (4 to 15),
        after Dalian, where about 40 % of the stations were revoked some 7 years after the start.
    return_share_per_year
        Share of stopped stations that serve again within a year without the register saying so.
        Assumed; with 8 % above, 45 % have stopped in the very long run.
    never_verified_days
        A station that nobody ever checked counts as checked this long ago. Assumed.
    shut_per_day
        Chance that an unannounced closure of some days begins today: keeper ill, works, holidays.
        Fitted.
    shut_days
        Mean length of such a closure. Fitted.
    wrong_hours
        Chance that the posted hours are wrong in one hour of the week, by situation; see
        `stations.posted.situation`. Fitted.
    unknown_open
        Chance that a serving station is open where nobody recorded its hours, by part of the day.
        Assumed.
    hours_memory_days
        How long it takes until what was learnt about the hours of one part of the week has worn off
        to 1/e. Assumed.
    like_hours, other_day
        How far a report speaks for another hour of the week: Gaussian in the distance of the clock
        with this deviation in hours, times `other_day` between a working day and a day off.
        Assumed.
    voice_yes, voice_no
        How many times likelier a word is where it is true than where it is not: that somebody was
        inside, that somebody was not. Fitted; the second is smaller because who was shut out speaks
        up more readily than who was served, so that words of one kind outnumber what they mean.
    weight
        How much of a voice counts, by nearness. Assumed.
    burst
        All that is said within a burst changes no odds by more than this factor. Chosen: it bounds
        what any number of forged reports can do in one burst to a change of
        ``tanh(ln(burst) / 4)`` of any chance.
    burst_length
        What is said within this long after the first word of a burst belongs to it; shorter than a
        day, so that the same hour of two days is two bursts. Chosen.
    memory
        Older reports are not heard. Chosen, so that devices can be forgotten.
    too_often, too_often_within
        A device that says "no" more often than this within this long is not heard: nobody goes to a
        locked door a seventh time. Chosen.
    doubt_devices, doubt_per_burst, doubt_within, doubt_majority, doubt_below
        When the state shown turns to "not sure"; see `stations.trust.judge`. Chosen.
    offer_devices, offer_bursts, offer_within
        When a facility is marked as doubtful: this many devices in this many bursts within this
        long. Chosen; a wrong mark costs little.
    way_in
        Share of workers, unprepared, who get through an open door, by mode of entry
        (`geodata.records.ENTRY_MODES`). Assumed; complaints (domain report §4) say that apps shut
        most out.
    way_in_visits
        How many visits the shares of `way_in` weigh. Assumed.
    """

    stop_share_per_year: float = 0.08
    return_share_per_year: float = 0.10
    never_verified_days: float = 730.0
    shut_per_day: float = 0.01
    shut_days: float = 1.5
    wrong_hours: Mapping[str, float] = field(
        default_factory=lambda: {
            "plain": 0.04,
            "just_opened": 0.15,
            "about_to_close": 0.10,
            "midday": 0.10,
            "evening": 0.08,
            "day_off": 0.10,
            "closed": 0.03,
            "closed_edge": 0.10,
            "announced": 0.01,
        }
    )
    unknown_open: Mapping[str, float] = field(
        default_factory=lambda: {"day": 0.75, "day_off": 0.55, "edge": 0.45, "night": 0.15}
    )
    hours_memory_days: float = 180.0
    like_hours: float = 1.5
    other_day: float = 0.25
    voice_yes: float = 6.0
    voice_no: float = 2.5
    weight: Mapping[str, float] = field(
        default_factory=lambda: {"near": 1.0, "unknown": 0.7, "far": 0.4}
    )
    burst: float = 2.0
    burst_length: timedelta = timedelta(hours=20)
    memory: timedelta = timedelta(days=90)
    too_often: int = 6
    too_often_within: timedelta = timedelta(days=30)
    doubt_devices: int = 5
    doubt_per_burst: int = 2
    doubt_within: timedelta = timedelta(days=30)
    doubt_majority: int = 2
    doubt_below: float = 0.5
    offer_devices: int = 3
    offer_bursts: int = 2
    offer_within: timedelta = timedelta(days=60)
    way_in: Mapping[str, float] = field(
        default_factory=lambda: {
            "walk_in": 0.98,
            "ask_staff": 0.94,
            "qr": 0.88,
            "id_card": 0.85,
            "app": 0.60,
            "phone": 0.75,
            "unknown": 0.90,
        }
    )
    way_in_visits: float = 10.0


ASSUMED = Assumptions()
"""The numbers in use."""

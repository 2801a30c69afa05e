"""Which reports are heard: one device has one voice, and a burst counts as a burst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from geodata.reports import Report
from stations.assumptions import Assumptions

YES = ("open", "broken", "crowd")
"""Whoever says these has been inside."""
NO = ("locked", "moved", "wrong_hours")
"""Whoever says these found the door shut against the posted hours, or no door."""
HELD_UP = ("refused", "needs_app", "needs_card", "needs_call")
"""Whoever says these stood at a door that would have opened to somebody else."""
NO_COMPLAINT = ("open", "crowd")
"""However often somebody says these, they are listened to."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What was said within `Assumptions.burst_length` of the first word, oldest first."""

    reports: tuple[Report, ...]

    @property
    def moment(self) -> datetime:
        """When the last word was said."""
        return self.reports[-1].moment

    def count(self, kinds: Sequence[str]) -> int:
        """Tell how many voices said one of the kinds."""
        return sum(r.kind in kinds for r in self.reports)


def listened(
    reports: Iterable[Report], *, after: datetime, until: datetime, assumed: Assumptions
) -> list[Report]:
    """Give the reports of all devices that are listened to, oldest first.

    A device that says no more often than people go to a locked door is not. Reports without a
    device count as one device's.

    Parameters
    ----------
    reports
        Of one station, in any order.
    after, until
        Reports later than the one and not later than the other are looked at, and none older than
        `Assumptions.memory`.
    """
    start = max(after, until - assumed.memory)
    told = sorted((r for r in reports if start < r.moment <= until), key=_order)
    often = until - assumed.too_often_within
    words = Counter(r.device for r in told if r.moment > often and r.kind not in NO_COMPLAINT)
    return [r for r in told if words[r.device] <= assumed.too_often]


def one_each(
    told: Iterable[Report], *, is_like: Callable[[Report], bool] = lambda _: True
) -> list[Report]:
    """Give one report of each device, oldest first: its last about a like hour, else its last."""
    voices: dict[str, Report] = {}
    for report in told:
        known = voices.get(report.device)
        if known is None or is_like(report) or not is_like(known):
            voices[report.device] = report
    return sorted(voices.values(), key=_order)


def bursts(voices: Sequence[Report], *, assumed: Assumptions) -> list[Burst]:
    """Part voices, oldest first, into bursts: each begins with the first word after the last."""
    parts: list[list[Report]] = []
    for voice in voices:
        if not parts or voice.moment - parts[-1][0].moment >= assumed.burst_length:
            parts.append([])
        parts[-1].append(voice)
    return [Burst(tuple(part)) for part in parts]


def counted(found: Iterable[Burst], kinds: Sequence[str], *, assumed: Assumptions) -> int:
    """Count voices, of each burst at most `Assumptions.doubt_per_burst`."""
    return sum(min(burst.count(kinds), assumed.doubt_per_burst) for burst in found)


def _order(report: Report) -> tuple[datetime, str]:
    return report.moment, report.device

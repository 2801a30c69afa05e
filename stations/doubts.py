"""When what many people say amounts to a doubt that others are shown.

The state shown turns to "not sure" when all of this holds:

1. ``no >= doubt_devices`` (5): so many devices found the door shut within ``doubt_within`` (30
   days), of each burst at most ``doubt_per_burst`` (2), so that they need at least three bursts,
   which lie at least two times ``burst_length`` (20 h) apart from the first word to the last;
2. ``no >= doubt_majority · yes``: not more than half as many were inside at a like hour since the
   first of them, counted the same way;
3. ``P(open) < doubt_below`` (1/2) at the moment asked about.

Any number of devices in one burst therefore change nothing, nor do four devices in a year. Five
devices that speak like five people on three days cannot be told from five people: what they can do
is to turn "open" into "not sure" and to put the station on the duty list, until somebody looks.
Back to what the register says it goes when one of the three no longer holds: a check on the spot
comes after the words, they have aged, or enough people were inside, of whom one burst again counts
as two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from geodata.records import Station
from geodata.reports import Report
from stations.assumptions import Assumptions
from stations.voices import NO, YES, bursts, counted, listened, one_each


def may_be_doubted(reports: Iterable[Report], moment: datetime, *, assumed: Assumptions) -> bool:
    """Tell, cheaply, whether enough devices said no lately that a doubt is possible at all.

    Parameters
    ----------
    reports
        Of the station, in any order.
    """
    start = moment - assumed.doubt_within
    said_no = {r.device for r in reports if r.kind in NO and start < r.moment <= moment}
    return len(said_no) >= assumed.doubt_devices


def is_doubted(
    voices: Sequence[Report],
    like: Sequence[Report],
    p_open: float,
    moment: datetime,
    *,
    assumed: Assumptions,
) -> bool:
    """Tell whether the door is in doubt although it is posted open.

    Parameters
    ----------
    voices
        One report of each device, oldest first, none after `moment`.
    like
        Those about a like hour of the week.
    p_open
        Chance that the door is open at `moment`.
    """
    if p_open >= assumed.doubt_below:
        return False
    recent = [v for v in voices if v.moment > moment - assumed.doubt_within and v.kind in NO]
    no = counted(bursts(recent, assumed=assumed), NO, assumed=assumed)
    if no < assumed.doubt_devices:
        return False
    since = [v for v in like if v.moment >= recent[0].moment and v.kind in YES]
    yes = counted(bursts(since, assumed=assumed), YES, assumed=assumed)
    return no >= assumed.doubt_majority * yes


def doubted_offers(
    station: Station, reports: Sequence[Report], moment: datetime, *, assumed: Assumptions
) -> tuple[str, ...]:
    """Give the facilities that several people found broken since they were last checked, sorted.

    It takes ``offer_devices`` devices in ``offer_bursts`` bursts within ``offer_within``, each
    device with its last word about the facility.

    Parameters
    ----------
    reports
        Of the station, in any order; those after `moment` are not looked at.
    """
    start = moment - assumed.offer_within
    told = listened(reports, after=start, until=moment, assumed=assumed)
    checked = {offer.key: offer.checked_on for offer in station.offers}
    broken: dict[str, list[Report]] = {}
    for report in told:
        seen = max(checked.get(report.about, ""), station.verified_on)
        if report.kind == "broken" and report.moment.date().isoformat() > seen:
            broken.setdefault(report.about, []).append(report)
    return tuple(sorted(key for key, said in broken.items() if _is_enough(one_each(said), assumed)))


def _is_enough(voices: Sequence[Report], assumed: Assumptions) -> bool:
    n_bursts = len(bursts(voices, assumed=assumed))
    return len(voices) >= assumed.offer_devices and n_bursts >= assumed.offer_bursts

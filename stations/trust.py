"""Can I get in when I arrive? One chance with its reasons, from all that is known of a station.

The chance is a product,

    P(get in) = P(open) · P(through | open),

and each factor has a room of its own:

- `stations.posted`: what the register says about the moment, and how often such words are wrong;
- `stations.voices`: which reports are heard, and how they fall into bursts;
- `stations.belief`: P(open), by Bayes' rule over three hidden chains (stopped for good, shut for
  days, hours wrong at this hour of the week), with the bound on what one burst can do;
- `stations.entry`: P(through | open), by what the door asks for and how people fared with it.

All numbers are in `stations.assumptions`. Age needs no rule of its own: what was learnt fades as
the chains run on. A check on the spot (``verified_on``) ends what was said until the end of that
day: staff overrule the crowd.

The state that is shown changes only by the rule of `stations.doubts`, which no device and no burst
can fulfil alone, and it changes to "not sure", never to "closed": a crowd can raise a doubt, only
the union can close a station.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from geodata.hours import State
from geodata.records import Station
from geodata.reports import Report
from stations.assumptions import ASSUMED, Assumptions
from stations.availability import Availability, at
from stations.belief import belief, chance_open
from stations.doubts import doubted_offers, is_doubted, may_be_doubted
from stations.entry import WayIn, way_in
from stations.posted import Posted, likeness, posted, posted_then, verified_day
from stations.trust_reasons import Reason, reasons
from stations.voices import YES, bursts, listened, one_each

__all__ = ["Reason", "Said", "Trust", "judge", "nothing_said", "said_by_station", "state_shown"]

Said = Callable[[str], Sequence[Report]]
"""Gives the reports of the station with an id."""

_LIKE = 0.5
"""From this likeness on, two moments count as the same part of the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What may be expected of a station at one moment.

    Attributes
    ----------
    p_get_in
        Chance that a worker who has prepared nothing gets in, 0 to 1.
    p_open
        Chance that the door is open.
    way_in
        How to get through it.
    is_doubted
        Whether the state shown must be "not sure" although the register says open.
    last_confirmed
        When somebody was inside last, as far as reports are remembered; None when nobody said so.
    confirmations_today
        Devices that were inside on the day of the moment.
    doubted_offers
        Facilities that several people found broken since they were last checked, sorted.
    reasons
        What people say first.
    """

    p_get_in: float
    p_open: float
    way_in: WayIn
    is_doubted: bool
    last_confirmed: datetime | None
    confirmations_today: int
    doubted_offers: tuple[str, ...]
    reasons: tuple[Reason, ...]


def nothing_said(station_id: str) -> Sequence[Report]:  # noqa: ARG001  the shape of `Said`
    """Give no reports, where there are none to look up."""
    return ()


def said_by_station(reports: Iterable[Report]) -> Said:
    """Give what looks up the reports of a station among all."""
    found: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        found[report.station_id].append(report)
    return lambda station_id: found.get(station_id, ())


def judge(
    station: Station,
    reports: Sequence[Report],
    moment: datetime,
    *,
    opening: Availability,
    assumed: Assumptions = ASSUMED,
) -> Trust:
    """Tell how likely it is to get into a station at a moment, and why.

    Parameters
    ----------
    reports
        Of this station, in any order; those after `moment` are not looked at.
    moment
        Of arrival, naive datetime in the city's own time.
    opening
        What `stations.availability.at` says of the station at `moment`.
    assumed
        The numbers the answer rests on.
    """
    asked = posted(station, moment, opening=opening, assumed=assumed)

    def said_then(report: Report) -> Posted:
        return posted_then(station, report.moment, assumed)

    def is_like(report: Report) -> bool:
        return likeness(said_then(report), asked, assumed) >= _LIKE

    since = _known_since(station, moment, assumed)
    told = listened(reports, after=since, until=moment, assumed=assumed)
    voices = one_each(told, is_like=is_like)
    found = bursts(voices, assumed=assumed)
    chance = belief(
        found, moment, known_since=since, asked=asked, said_then=said_then, assumed=assumed
    )
    p_open = chance_open(chance, asked)
    entry = way_in(station, found, assumed=assumed)
    like = [v for v in voices if is_like(v)]
    in_doubt = asked.is_open and is_doubted(voices, like, p_open, moment, assumed=assumed)
    inside = [r for r in told if r.kind in YES]
    n_today = len({r.device for r in inside if r.moment.date() == moment.date()})
    return Trust(
        p_get_in=p_open * entry.through,
        p_open=p_open,
        way_in=entry,
        is_doubted=in_doubt,
        last_confirmed=inside[-1].moment if inside else None,
        confirmations_today=n_today,
        doubted_offers=doubted_offers(station, reports, moment, assumed=assumed),
        reasons=reasons(
            station,
            voices,
            moment,
            opening=opening,
            entry=entry,
            n_today=n_today,
            is_doubted=in_doubt,
        ),
    )


def state_shown(station: Station, moment: datetime, *, said: Said) -> Availability:
    """Give the state to show: what the register says, or "not sure" where that is in doubt.

    Parameters
    ----------
    said
        Gives the reports of a station.
    """
    opening = at(station, moment)
    reports = said(station.id)
    if opening.state is not State.OPEN:
        return opening
    if not may_be_doubted(reports, moment, assumed=ASSUMED):
        return opening
    if not judge(station, reports, moment, opening=opening).is_doubted:
        return opening
    return replace(opening, state=State.UNKNOWN, why="doubted")


def _known_since(station: Station, moment: datetime, assumed: Assumptions) -> datetime:
    """Give when the station was last seen to serve: the end of the day of its last check."""
    day = verified_day(station)
    if day is None:
        return moment - timedelta(days=assumed.never_verified_days)
    return min(moment, datetime.combine(day, time()) + timedelta(days=1))

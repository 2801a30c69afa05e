"""What the responsible union should look at first, and why.

A station's place in the list is the harm expected until somebody goes there, in visits a week that
end in nothing:

    harm = visits a week · (Σ_h share_h · (1 - P(open at h)) + Σ_k want_k)

over the parts of the day h that are not posted as closed, with the share of visits that come then,
and over the facilities k that are broken, doubted or expired, with the share of visitors who want
them. Cases whose day has come are before everything else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from geodata.cases import Case
from geodata.hours import State
from geodata.inspections import Inspection
from geodata.records import Station
from geodata.reports import Report
from stations.assumptions import ASSUMED, Assumptions
from stations.availability import at
from stations.calendar import DayKind, day_of
from stations.posted import verified_day
from stations.rectification import current, proposed
from stations.trust import Trust, judge
from stations.trust_reasons import Reason

VISITS_A_DAY = {
    "co_built": 5.0, "self_built": 10.0, "smart_24h": 10.0, "flagship": 150.0, "mobile": 5.0,
}  # fmt: skip
"""Visits to a station by its kind: domain report §3.9; self-built and mobile ones assumed."""

SHARES = {2.5: 0.055, 6.5: 0.095, 9.5: 0.145, 12.5: 0.22, 15.5: 0.26, 19.0: 0.125, 22.5: 0.10}
"""Share of visits by part of the day, named by its middle hour: the mean of food riders, couriers,
street cleaners and taxi drivers in domain report §3.9."""

WANTS = {
    "drinking_water": 0.5, "toilet": 0.4, "phone_charging": 0.3, "microwave": 0.2,
    "air_conditioning": 0.2, "first_aid_kit": 0.05,
}  # fmt: skip
"""Share of visitors who come for a facility, so far as it is looked at here. Assumed."""

OTHER_WANT = 0.1
"""The same for every other facility. Assumed."""

RECHECK_DAYS = 365
"""A station is due for a check when the last is longer ago than this, or there was none."""

EXPIRES_WITHIN_DAYS = 30
"""What expires within this is announced."""

SUSPENDED_DAYS = 90
"""A station that is suspended for longer should open again or be given up."""

_Thing = TypeVar("_Thing", Report, Inspection, Case)
_WEEK = 7
_SERVED = ("open", "suspended")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyItem:
    """One station to look at.

    Attributes
    ----------
    harm_per_week
        Expected visits a week that end in nothing.
    is_due
        Whether a case has reached its day.
    reasons
        All that is to be looked at there.
    """

    station: Station
    harm_per_week: float
    is_due: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What is known of a station when it is its turn; chances by part of the day."""

    station: Station
    today: date
    trusts: Mapping[float, Trust]
    cases: Sequence[Case]
    inspections: Sequence[Inspection]


def duty_list(
    stations: Sequence[Station],
    reports: Sequence[Report],
    inspections: Sequence[Inspection],
    cases: Sequence[Case],
    today: date,
    *,
    assumed: Assumptions = ASSUMED,
) -> tuple[DutyItem, ...]:
    """Give the stations that need somebody to look, the most pressing first.

    Parameters
    ----------
    stations
        Planned ones and those that are no longer are left out.
    reports, inspections, cases
        Of all of them, in any order.
    today
        In the city's own time.

    Returns
    -------
    tuple of DutyItem
        Those with a reason; cases that are due first, then by `harm_per_week`, then by id.
    """
    said, seen, kept = _by_station(reports), _by_station(inspections), _by_station(cases)
    moments = _moments(today)
    items = []
    for station in stations:
        if station.status not in _SERVED:
            continue
        trusts = _trusts(station, said.get(station.id, ()), moments, assumed)
        look = _Look(
            station=station,
            today=today,
            trusts=trusts,
            cases=kept.get(station.id, ()),
            inspections=seen.get(station.id, ()),
        )
        item = _item(look)
        if item.reasons:
            items.append(item)
    return tuple(sorted(items, key=lambda i: (not i.is_due, -i.harm_per_week, i.station.id)))


def _item(look: _Look) -> DutyItem:
    cases = tuple(_cases(look))
    kit = tuple(_kit(look))
    shut = sum(SHARES[hour] * (1 - trust.p_open) for hour, trust in look.trusts.items())
    wanted = sum(WANTS.get(key, OTHER_WANT) for key in {key for key, _ in kit})
    visits = VISITS_A_DAY[look.station.kind] * _WEEK
    return DutyItem(
        station=look.station,
        harm_per_week=visits * (shut + min(wanted, 1.0)),
        is_due=any(reason.code == "case_due" for reason in cases),
        reasons=(*cases, *_people(look), *(reason for _, reason in kit), *_register(look)),
    )


def _cases(look: _Look) -> Iterator[Reason]:
    """Name what a case, or its absence after a failed inspection, calls for."""
    case = current(look.cases)
    if case is not None:
        outcome = proposed(case, look.inspections, look.today)
        if outcome:
            details = {"number": case.number, "step": case.step, "outcome": outcome}
            template = "case {number} ({step}) is due; the facts say: {outcome}"
            yield Reason("case_due", template, details)
        return
    last = max(look.inspections, key=lambda i: (i.inspected_on, i.number), default=None)
    known = max((c.opened_on for c in look.cases), default="")
    if last is not None and last.result != "in_order" and last.inspected_on >= known:
        details = {"day": last.inspected_on, "result": last.result}
        template = "the inspection of {day} found it {result}; open a case or settle it"
        yield Reason("inspection_failed", template, details)


def _people(look: _Look) -> Iterator[Reason]:
    """Name what people say; the same words of several parts of the day once."""
    told: dict[str, Reason] = {}
    for trust in look.trusts.values():
        if trust.is_doubted:
            told["doubted"] = Reason("doubted", "several people on different days found it shut")
        for reason in trust.reasons:
            if reason.code.startswith("said_") or reason.code == "way_in_reported":
                told.setdefault(reason.code, reason)
    yield from told.values()


def _kit(look: _Look) -> Iterator[tuple[str, Reason]]:
    """Name each facility that is broken, doubted or expired, with what is to be done."""
    today = look.today.isoformat()
    for offer in look.station.offers:
        if offer.state == "broken":
            yield offer.key, Reason("broken", "repair: {facility}", {"facility": offer.key})
        if offer.expires_on and offer.expires_on < today:
            details = {"facility": offer.key, "day": offer.expires_on}
            yield offer.key, Reason("expired", "replace: {facility}, expired on {day}", details)
    doubted = {key for trust in look.trusts.values() for key in trust.doubted_offers}
    recorded = {offer.key for offer in look.station.offers if offer.state == "broken"}
    for key in sorted(doubted - recorded):
        template = "check: several people found {facility} broken"
        yield key, Reason("offer_doubted", template, {"facility": key})


def _register(look: _Look) -> Iterator[Reason]:
    """Name what is missing or too old in the register."""
    station, today = look.station, look.today
    checked = verified_day(station)
    if checked is None:
        yield Reason("never_checked", "never checked on the spot")
    elif (today - checked).days > RECHECK_DAYS:
        template = "last checked on the spot on {day}"
        yield Reason("checked_long_ago", template, {"day": checked.isoformat()})
    if not station.hours:
        yield Reason("no_hours", "nobody has recorded the opening hours")
    soon = (today + timedelta(days=EXPIRES_WITHIN_DAYS)).isoformat()
    for offer in station.offers:
        if today.isoformat() <= offer.expires_on <= soon:
            details = {"facility": offer.key, "day": offer.expires_on}
            yield Reason("expires_soon", "renew soon: {facility}, expires on {day}", details)
    since = station.status_since
    long_ago = (today - timedelta(days=SUSPENDED_DAYS)).isoformat()
    if station.status == "suspended" and since and since < long_ago:
        template = "suspended since {day}; open it again or give it up"
        yield Reason("suspended_long", template, {"day": since})


def _trusts(
    station: Station,
    reports: Sequence[Report],
    moments: Mapping[float, datetime],
    assumed: Assumptions,
) -> dict[float, Trust]:
    """Judge a station at the parts of a day at which it is not posted as closed."""
    found = {}
    for hour, moment in moments.items():
        opening = at(station, moment)
        if opening.state is not State.CLOSED:
            found[hour] = judge(station, reports, moment, opening=opening, assumed=assumed)
    return found


def _moments(today: date) -> dict[float, datetime]:
    """Give the parts of the next ordinary working day."""
    day = today + timedelta(days=1)
    while day_of(day).kind is not DayKind.WORKDAY:
        day += timedelta(days=1)
    midnight = datetime.combine(day, time())
    return {hour: midnight + timedelta(hours=hour) for hour in SHARES}


def _by_station(things: Sequence[_Thing]) -> Mapping[str, Sequence[_Thing]]:
    found: dict[str, list[_Thing]] = defaultdict(list)
    for thing in things:
        found[thing.station_id].append(thing)
    return found

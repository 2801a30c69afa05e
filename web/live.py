"""What people say now, for phones that search by themselves: ``live.json``.

Only stations of which something is known are in it. It holds what many people said, never who said
it: how many were inside today, and when the last of them was there, to ten minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from geodata.records import Station
from geodata.reports import Report
from stations.assumptions import ASSUMED
from stations.availability import at
from stations.crowd import crowd_now, usual_week
from stations.doubts import may_be_doubted
from stations.snapshot import service_numbers
from stations.trust import judge, state_shown

AHEAD = timedelta(hours=3)
"""How far ahead doubts are worked out; nobody travels longer."""

_STEP = timedelta(minutes=5)
_SECOND = timedelta(seconds=1)

Told = Mapping[str, Sequence[Report]]
"""The reports of stations, by their ids."""


def content(
    stations: Sequence[Station],
    told: Told,
    moment: datetime,
    *,
    weather: str | None,
    offset: str = "",
) -> dict[str, Any]:
    """Give the live file.

    Parameters
    ----------
    stations
        Those that a worker is shown.
    told
        What people said of them.
    moment
        Now; naive datetime in the city's own time.
    weather
        As `web.weather.mode` says.
    offset
        Of the city's time from UTC, such as ``+08:00``; stands behind ``made_at`` only.
    """
    found = {}
    for station in stations:
        reports = told.get(station.id, ())
        if reports:
            known = _of_station(station, reports, moment)
            if known:
                found[station.id] = known
    return {"made_at": _iso(moment) + offset, "weather": weather, "stations": found}


def crowd_weeks(told: Told) -> dict[str, str]:
    """Give the usual week of each station of which it is known."""
    weeks = {station_id: usual_week(reports) for station_id, reports in told.items()}
    return {station_id: week for station_id, week in weeks.items() if week.strip("0")}


def doubted(
    station: Station, reports: Sequence[Report], moment: datetime
) -> list[tuple[datetime, datetime]]:
    """Give when, in `AHEAD`, the state shown is unknown although the register says open.

    Parameters
    ----------
    reports
        Of the station.
    moment
        Now; naive datetime in the city's own time.

    Returns
    -------
    list of tuple
        First moment and first moment after, to the second; a doubt that goes on ends with `AHEAD`.
    """
    if not may_be_doubted(reports, moment, assumed=ASSUMED):
        return []  # what is said is known; time only wears it off

    def is_doubted(when: datetime) -> bool:
        return state_shown(station, when, said=lambda _: reports).why == "doubted"

    moment = moment.replace(microsecond=0)
    end = moment + AHEAD
    found: list[tuple[datetime, datetime]] = []
    begun = moment if is_doubted(moment) else None
    before = moment
    while before < end:
        after = min(_later(station, before), end)
        if is_doubted(after) is (begun is None):
            change = _change(is_doubted, before, after)
            if begun is not None:
                found.append((begun, change))
            begun = change if begun is None else None
        before = after
    return [*found, (begun, end)] if begun is not None else found


def _of_station(station: Station, reports: Sequence[Report], moment: datetime) -> dict[str, Any]:
    trust = judge(station, reports, moment, opening=at(station, moment))
    crowd = crowd_now(reports, moment)
    known = {
        "doubted": [[_iso(a), _iso(b)] for a, b in doubted(station, reports, moment)],
        "today": trust.confirmations_today,
        "last": _iso(trust.last_confirmed) if trust.last_confirmed else None,
        "crowd": [crowd[0], _iso(crowd[1])] if crowd else None,
        "entry": trust.way_in.reported,
        "broken": [service_numbers()[key] for key in trust.doubted_offers],
    }
    return {name: value for name, value in known.items() if value}


def _later(station: Station, moment: datetime) -> datetime:
    """Give the next moment to look at: a step on, or where the posted state ends before."""
    until = at(station, moment).until
    step = moment + _STEP
    return step if until is None or until <= moment else min(step, until)


def _change(is_doubted: Callable[[datetime], bool], before: datetime, after: datetime) -> datetime:
    """Give the first second at which the answer is that of `after`, halving the stretch."""
    then = is_doubted(after)
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if is_doubted(middle) is then:
            after = middle
        else:
            before = middle
    return after


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")

"""What people say about the stations being served, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from flask import current_app

from geodata.records import Station
from geodata.reports import DEVICE_MEMORY, Report
from geodata.store import Store
from stations.availability import Availability, at
from stations.trust import Trust, judge, state_shown
from web.served import Served

FRESH_S = 5.0
"""How long reports taken in by another process may stay unseen; our own are seen at once."""

_OVERLAP = timedelta(hours=2)
"""Reports are looked for again this far back: other processes' clocks may differ a little."""


class Reported:
    """The reports that are still listened to, by station; only new ones are read again."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._lock = Lock()
        self._store: Store | None = None
        self._by_station: dict[str, dict[Report, None]] = {}
        self._last: datetime | None = None
        self._looked_at_s = 0.0

    def of(self, station_id: str) -> Sequence[Report]:
        """Give the reports of a station, oldest first."""
        with self._lock:
            self._look()
            return tuple(self._by_station.get(station_id, ()))

    def look_again(self) -> None:
        """See to it that the next question sees what was just reported."""
        with self._lock:
            self._looked_at_s = 0.0

    def trust(self, station: Station, moment: datetime) -> Trust:
        """Judge a station at a moment."""
        return judge(station, self.of(station.id), moment, opening=at(station, moment))

    def state(self, station: Station, moment: datetime) -> Availability:
        """Give the state of a door as it is shown; see `stations.trust.state_shown`."""
        return state_shown(station, moment, said=self.of)

    def _look(self) -> None:
        if self._store is not None and monotonic() - self._looked_at_s < FRESH_S:
            return
        store = self._served.store()
        oldest = self._served.now(self._served.snapshot()) - DEVICE_MEMORY
        if store is not self._store or self._last is None or self._last < oldest:
            self._store, self._by_station, self._last = store, {}, oldest
        for report in store.reports(since=max(oldest, self._last - _OVERLAP)):
            self._by_station.setdefault(report.station_id, {})[report] = None
            self._last = max(self._last, report.moment)
        self._looked_at_s = monotonic()


def reported() -> Reported:
    """Give the reports of the running app."""
    found: Reported = current_app.extensions["yizhan_reported"]
    return found

"""What people say about the stations being served, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic

from flask import current_app

from geodata.errors import UnavailableError
from geodata.records import Station
from geodata.reports import DEVICE_MEMORY, Report
from geodata.store import Store
from stations.availability import Availability, at
from stations.trust import Trust, judge, state_shown
from web.report_limits import LATEST
from web.served import Served

FRESH_S = 5.0
"""How long reports taken in by another process may stay unseen; our own are seen at once."""

_OVERLAP = timedelta(hours=2)
"""Reports are looked for again this far back: other processes' clocks may differ a little."""

LATE_S = 300.0
"""How long a report that waited on its phone (`web.report_limits.LATEST`) may stay unseen when it
was taken in by another process: so far back is looked more seldom."""


class Reported:
    """The reports that are still listened to, by station; only new ones are read again."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._lock = Lock()
        self._store: Store | None = None
        self._version = ""
        self._by_station: dict[str, dict[Report, None]] = {}
        self._last: datetime | None = None
        self._looked_at_s = 0.0
        self._looked_far_at_s = 0.0

    def of(self, station_id: str) -> Sequence[Report]:
        """Give the reports of a station, oldest first."""
        with self._lock:
            self._look()
            return tuple(self._by_station.get(station_id, ()))

    def every(self) -> dict[str, Sequence[Report]]:
        """Give all reports by the ids of stations, oldest first."""
        with self._lock:
            self._look()
            return {station_id: tuple(said) for station_id, said in self._by_station.items()}

    def look_again(self) -> None:
        """See to it that the next question sees what was just reported, late or not."""
        with self._lock:
            self._looked_at_s = self._looked_far_at_s = 0.0

    def trust(self, station: Station, moment: datetime) -> Trust:
        """Judge a station at a moment."""
        return judge(station, self.of(station.id), moment, opening=at(station, moment))

    def state(self, station: Station, moment: datetime) -> Availability:
        """Give the state of a door as it is shown; see `stations.trust.state_shown`."""
        return state_shown(station, moment, said=self.of)

    def _look(self) -> None:
        if self._store is not None and monotonic() - self._looked_at_s < FRESH_S:
            return
        try:
            self._read(self._served.store())
        except UnavailableError:
            # Without a database the city is shown by what was said before.
            self._looked_at_s = monotonic()

    def _read(self, store: Store) -> None:
        oldest = self._served.now(self._served.snapshot()) - DEVICE_MEMORY
        version = self._served.snapshot().version
        # A merge lets one station have the reports of another.
        is_same = store is self._store and version == self._version
        if not is_same or self._last is None or self._last < oldest:
            self._store, self._by_station, self._last = store, {}, oldest
            self._version = version
        now_s = monotonic()
        is_far = now_s - self._looked_far_at_s >= LATE_S
        back = _OVERLAP + LATEST if is_far else _OVERLAP
        for report in store.reports(since=max(oldest, self._last - back)):
            self._by_station.setdefault(report.station_id, {})[report] = None
            self._last = max(self._last, report.moment)
        self._looked_at_s = now_s
        if is_far:
            self._looked_far_at_s = now_s


def reported() -> Reported:
    """Give the reports of the running app."""
    found: Reported = current_app.extensions["yizhan_reported"]
    return found

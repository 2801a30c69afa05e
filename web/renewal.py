"""The running server keeps the files that phones search fresh.

Looked at when somebody asks for one of the files, so a server that nobody asks does nothing. A new
data version or a new day lets a thread write the files anew while the old ones are served; what
people say is renewed after a minute. Of several processes the one that gets the lock writes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Lock, Thread
from time import monotonic

from flask import current_app

from geodata.errors import YizhanError
from stations.detours import Detours, measure
from web import kept, publishing, snapshots
from web.reported import Reported
from web.served import Served, Snapshot

LIVE_S = 60.0
"""What people say is worked out at most this often."""

TOO_OLD_S = 240.0
"""Whoever asks for a live file that is older waits for the new one."""

LOOK_S = 2.0
"""How often is looked whether data or day have changed."""

_LOG = logging.getLogger("yizhan.web")


class Renewal:
    """Renews the published files of a city.

    Parameters
    ----------
    city
        The city folder.
    served, reported
        Where stations and reports come from.
    """

    def __init__(self, city: Path, served: Served, reported: Reported) -> None:
        self._city = city
        self._served = served
        self._reported = reported
        self._lock = Lock()
        self._thread: Thread | None = None
        self._looked_at_s: float | None = None
        self._live_at_s: float | None = None
        self._kept_version = ""
        self._detours: Detours | None = None
        self._detours_of: Snapshot | None = None

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._city / publishing.FOLDER

    def start(self) -> None:
        """Write the files in the background, if those of now are not there yet."""
        if not self._is_now():
            self._run(self._renew)

    def look(self) -> None:
        """See to it that the files are there, and that they are soon those of now.

        Only the first files of a city are waited for.
        """
        with self._lock:
            now_s = monotonic()
            is_due = self._looked_at_s is None or now_s - self._looked_at_s >= LOOK_S
            if is_due:
                self._looked_at_s = now_s
        if is_due and not self._is_now():
            self._run(self._renew)
        if not (self.folder / publishing.MANIFEST).is_file():
            self.wait()

    def look_at_live(self) -> None:
        """See to it that what people say is not older than a minute, or soon not."""
        self.look()
        with self._lock:
            age_s = None if self._live_at_s is None else monotonic() - self._live_at_s
            if age_s is not None and age_s < LIVE_S:
                return
            self._live_at_s = monotonic()
        if age_s is None or age_s > TOO_OLD_S:
            self._renew_live()
        else:
            self._run(self._renew_live)

    def wait(self) -> None:
        """Wait until nothing is being written."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _is_now(self) -> bool:
        """Tell whether the files are of these data and of today, or there is nothing newer."""
        snapshot = self._fresh_snapshot()
        if snapshot is None:
            return True
        manifest = publishing.read_manifest(self.folder) or {}
        today = self._served.now(snapshot).date().isoformat()
        named = tuple(manifest.get(key) for key in ("format", "version", "start"))
        return named == (snapshots.FORMAT, snapshot.version, today)

    def _run(self, work: Callable[[], None]) -> None:
        """Do something in the background, unless something is being done already."""

        def run() -> None:
            try:
                work()
            except (YizhanError, OSError) as error:  # the old files stay; the next look tries again
                _LOG.warning("the files for phones could not be written: %s", error)

        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=run, name="yizhan-renewal", daemon=True)
                self._thread.start()

    def _fresh_snapshot(self) -> Snapshot | None:
        try:
            snapshot = self._served.snapshot()
        except YizhanError:  # without a database the files stay as they are
            return None
        return None if snapshot.is_stale else snapshot

    def _renew(self) -> None:
        snapshot = self._fresh_snapshot()
        if snapshot is None:
            return
        with publishing.lock(self.folder) as is_ours:
            if not is_ours:
                if not (self.folder / publishing.MANIFEST).is_file():
                    # Nothing can be served before the other process is done.
                    with publishing.lock(self.folder, waits=True):
                        pass
                return
            source = self._source(snapshot)
            detours = self._measured(snapshot)
            content = snapshots.content_of(source, detours)
            snapshots.write(source, self.folder, content)
            self._live_at_s = monotonic()
            if self._kept_version != snapshot.version:
                kept.keep(self._city, snapshot.stations, snapshot.hotspots)
                self._kept_version = snapshot.version

    def _renew_live(self) -> None:
        snapshot = self._fresh_snapshot()
        if snapshot is None:
            return
        with publishing.lock(self.folder) as is_ours:
            if is_ours:
                publishing.put_live(self.folder, snapshots.live_of(self._source(snapshot)))

    def _source(self, snapshot: Snapshot) -> snapshots.Source:
        return snapshots.Source(
            folder=self._city,
            settings=snapshot.city.settings,
            is_synthetic=snapshot.is_synthetic,
            catalogue=snapshot.catalogue,
            places=snapshot.places,
            told=self._reported.every(),
            moment=self._served.now(snapshot),
        )

    def _measured(self, snapshot: Snapshot) -> Detours:
        """Measure detours, on the same streets only where no station stood before."""
        known, before = self._detours, self._detours_of
        at = {}
        if known is not None and before is not None and before.city is snapshot.city:
            old = before.catalogue.stations
            at = {(s.lon_deg, s.lat_deg): t for s, t in zip(old, known.texts, strict=True)}
        found = measure(
            snapshot.catalogue,
            limit_s=snapshots.LIMIT_S,
            known=known if at else None,
            known_at=at,
        )
        self._detours, self._detours_of = found, snapshot
        return found


def renewal() -> Renewal:
    """Give what renews the files of the running app."""
    found: Renewal = current_app.extensions["yizhan_renewal"]
    return found

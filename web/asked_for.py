"""Stations that somebody asks for by id or code: also those that moved, closed or were merged.

A station never vanishes silently: a poster may still hang, a link may still be in a phone.
"""

from __future__ import annotations

from geodata.codes import codes_in, parse_code
from geodata.errors import NotFoundError
from geodata.records import Station
from geodata.store import Store
from stations.catalogue import to_stations
from web.served import Snapshot

GONE = ("moved", "revoked")
"""Statuses of stations that are in no list any more but still answer when asked for."""


def station_of(snapshot: Snapshot, station_id: str) -> Station:
    """Give a station that is open, out of service, moved or revoked.

    Raises
    ------
    NotFoundError
        When there is none, or it is only planned or being built.
    """
    frame = snapshot.stations
    rows = frame[(frame["id"] == station_id) & frame["status"].isin(GONE)]
    return to_stations(rows)[0] if len(rows) else snapshot.catalogue.get(station_id)


def kept_for(store: Store, station_id: str) -> str | None:
    """Give the id of the station that stands for a merged one; None when it was not merged."""
    into = {merge.absorb_id: merge.keep_id for merge in store.merges()}
    found = into.get(station_id)
    while found in into:
        found = into[found]
    return found


def id_of_code(snapshot: Snapshot, store: Store, text: str) -> str:
    """Give the id of the station whose code is on a poster, also of a poster of a merged one.

    Raises
    ------
    InvalidInputError
        When the text is no code.
    NotFoundError
        When no station has the code.
    """
    code = str(parse_code(text))
    frame = snapshot.stations
    if code in frame["code"].array:
        return str(frame.loc[frame["code"] == code, "id"].iloc[0])
    for merge in store.merges():
        if any(f.field == "code" and f.value == code for f in store.facts(merge.absorb_id)):
            return kept_for(store, merge.absorb_id) or merge.keep_id
    raise NotFoundError(
        "no station has the code {code}; look at the poster again, or look for the station by name",
        code=code,
    )


def moved_to(snapshot: Snapshot, station: Station) -> Station | None:
    """Give the station that a moved one says it is now; None when it names none."""
    if station.status != "moved":
        return None
    by_code = dict(zip(snapshot.stations["code"], snapshot.stations["id"], strict=True))
    ids = [by_code[code] for code in codes_in(station.status_reason) if code in by_code]
    return station_of(snapshot, ids[0]) if ids and ids[0] != station.id else None

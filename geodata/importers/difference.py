"""What a file would change in the register of stations, before anything is changed.

A file never erases: a station that it leaves out stays, and so does a fact whose cell it leaves
empty or writes unreadably, because silence is not a fact. Stations that may be one are reported,
not merged; a person decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from itertools import islice
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.checks import Finding
from geodata.duplicates import Suspect, suspects
from geodata.importers.merging import Merged, merge
from geodata.importers.report import ImportReport
from geodata.importers.stations import StationImport
from geodata.likeness import name_weight
from geodata.wording import wording_of

SAME_PLACE_M = 0.5
"""A station that moves less than this has not moved; formats round coordinates."""

CLASH_M = 300.0
"""Farther than this, an id shared by two sources with unlike names is a clash."""

LISTED = 10_000
"""Of duplicates and of vanished stations no more findings than this; all are counted."""

_COMPARED = ["id", "name", "address", "host", "phone", "geometry"]
_GONE = (
    "station {id} {name} is in the register but not in the file; it stays until somebody "
    "changes its status"
)
_GONE_ID = (
    "station {id} is in the register but not in the file; it stays until somebody changes its "
    "status"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One station that would change: for each field, the value before and after.

    The field ``position`` holds ``(lon_deg, lat_deg)`` in WGS 84.
    """

    id: str
    fields: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What a file would change.

    Attributes
    ----------
    new, vanished
        Ids only in the file; ids of the same source only in the register. A station whose row was
        refused has not vanished.
    changed
        Stations in both, with a field that differs.
    duplicates
        Stations of the file, each once, with the likeliest other one that it may be.
    findings
        ``near_duplicate``, ``vanished`` and, refused, ``id_of_another_source`` and
        ``code_of_another``.
    n_refused
        Stations refused here, beyond those refused in reading.
    to_apply
        Stations frame of the new and changed stations, each as a whole, for
        `Store.apply_stations`.
    given
        For each station to apply, the columns that the file speaks about.
    """

    new: tuple[str, ...]
    changed: tuple[Change, ...]
    vanished: tuple[str, ...]
    duplicates: tuple[Suspect, ...]
    findings: tuple[Finding, ...]
    n_refused: int
    to_apply: gpd.GeoDataFrame
    given: tuple[frozenset[str], ...] = ()

    def as_dict(self, report: ImportReport) -> dict[str, Any]:
        """Give the answer of ``stations import --json``, with the findings of the reading."""
        findings = sorted((*report.findings, *self.findings), key=lambda f: f.row or 0)
        return {
            "frame": report.frame,
            "confidence": report.confidence,
            "rows": report.n_rows,
            "new": len(self.new),
            "changed": len(self.changed),
            "vanished": len(self.vanished),
            "duplicates": len(self.duplicates),
            "refused": report.n_refused + self.n_refused,
            "findings": [f.as_dict() for f in findings],
            "changes": [
                {"id": c.id, "fields": {k: [plain(v) for v in p] for k, p in c.fields.items()}}
                for c in self.changed
            ],
            "suspects": [asdict(s) for s in self.duplicates],
        }


def compare(
    register: gpd.GeoDataFrame,
    incoming: StationImport,
    *,
    source: str | None = None,
    distinct: Collection[frozenset[str]] = (),
) -> Difference:
    """Tell what applying a file would change.

    Parameters
    ----------
    register
        Stations frame of the register.
    incoming
        The file, as `importers.stations.read_stations` gives it.
    source
        Whose stations may have vanished; None means the sources that the file's rows name.
    distinct
        Pairs of ids that are known to be two stations, and no suspects.

    Returns
    -------
    Difference
    """
    place = {key: i for i, key in enumerate(register["id"].tolist())}
    ids = incoming.stations["id"].tolist()
    known = np.array([place.get(key, -1) for key in ids], np.int64)
    merged = merge(register, incoming, known, same_place_m=SAME_PLACE_M)
    rows = dict(zip(ids, incoming.rows, strict=True))
    clashes = _clashes(register, incoming, known, merged)
    clashes |= _code_clashes(register, incoming, clashes)
    is_good = np.array([i not in clashes for i in range(len(ids))], bool)
    is_new, is_changed = is_good & (known < 0), is_good & merged.is_changed
    to_apply = merged.frame(is_new | is_changed)
    fields = merged.fields()
    kept = _register_after(register[_COMPARED], to_apply[_COMPARED])
    asked = [key for key, good in zip(ids, is_good.tolist(), strict=True) if good]
    duplicates = _once(suspects(kept, of=asked, distinct=distinct))
    vanished = _vanished(register, incoming, rows, source)
    findings = [clashes[i] for i in sorted(clashes)]
    findings += _renumbered(register, incoming, known, merged)
    findings += [_near(named, rows) for named in _named(kept, duplicates)]
    findings += _gone(register, vanished)
    return Difference(
        tuple(ids[i] for i in np.flatnonzero(is_new).tolist()),
        tuple(Change(ids[i], fields[i]) for i in np.flatnonzero(is_changed).tolist()),
        tuple(vanished),
        tuple(duplicates),
        tuple(findings),
        len(clashes),
        to_apply,
        tuple(_stated(incoming, np.flatnonzero(is_new | is_changed))),
    )


def are_alike(name: str, other: str) -> bool:
    """Tell whether two names may mean one station."""
    return name_weight(wording_of(name), wording_of(other))[0] > 0


def _clashes(
    register: gpd.GeoDataFrame,
    incoming: StationImport,
    known: NDArray[np.int64],
    merged: Merged,
) -> dict[int, Finding]:
    """Refuse rows by which two sources would use one id for two stations."""
    old, new = register["source"].to_numpy(dtype=object), incoming.stations["source"]
    suspicious = np.flatnonzero((known >= 0) & (merged.distance_m > CLASH_M))
    found = {}
    for i in suspicious.tolist():
        before, name = register.iloc[known[i]], incoming.stations["name"].iloc[i]
        if old[known[i]] == new.iloc[i] or are_alike(before["name"], name):
            continue
        details = {
            "row": incoming.rows[i],
            "id": before["id"],
            "other": before["name"],
            "source": before["source"],
            "km": f"{merged.distance_m[i] / 1000:.1f}",
        }
        template = (
            "row {row}: id {id} belongs to {other} from {source}, {km} km away; give it another id"
        )
        row = incoming.rows[i]
        found[i] = Finding("id_of_another_source", template, details, "file", row, "id", "error")
    return found


def _renumbered(
    register: gpd.GeoDataFrame,
    incoming: StationImport,
    known: NDArray[np.int64],
    merged: Merged,
) -> Iterator[Finding]:
    """Warn where a sender's id was another station's so far, as when rows are numbered anew."""
    old, new = register["source"].to_numpy(dtype=object), incoming.stations["source"]
    template = (
        "row {row}: id {id} was {other} until now, {km} km away; if the rows were numbered anew, "
        "put the old ids back, for what workers told of it would go to another station"
    )
    for i in np.flatnonzero((known >= 0) & (merged.distance_m > CLASH_M)).tolist():
        before, name = register.iloc[known[i]], incoming.stations["name"].iloc[i]
        if old[known[i]] == new.iloc[i] and not are_alike(before["name"], name):
            row = incoming.rows[i]
            km = f"{merged.distance_m[i] / 1000:.1f}"
            details = {"row": row, "id": before["id"], "other": before["name"], "km": km}
            yield Finding("id_of_another_station", template, details, "file", row, "id")


def _code_clashes(
    register: gpd.GeoDataFrame, incoming: StationImport, refused: Mapping[int, Finding]
) -> dict[int, Finding]:
    """Refuse rows with the code of another station: a code is never given twice."""
    owners = {code: key for code, key in zip(register["code"], register["id"], strict=True) if code}
    found = {}
    pairs = zip(incoming.stations["code"].tolist(), incoming.stations["id"].tolist(), strict=True)
    for i, (code, key) in enumerate(pairs):
        if not code or i in refused:
            continue
        if owners.setdefault(code, key) != key:
            row = incoming.rows[i]
            details = {"row": row, "code": code, "id": owners[code]}
            template = "row {row}: code {code} belongs to station {id}; leave the cell empty"
            found[i] = Finding("code_of_another", template, details, "file", row, "code", "error")
    return found


def _stated(incoming: StationImport, at: NDArray[np.intp]) -> list[frozenset[str]]:
    """Give for some rows the columns that they fill; every row says where its station is."""
    with_place = {given: given | {"position"} for given in set(incoming.given)}
    return [with_place[incoming.given[i]] for i in at.tolist()]


def _register_after(register: gpd.GeoDataFrame, applied: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    stays = register[~register["id"].isin(applied["id"])]
    if applied.empty or stays.empty:
        return stays if applied.empty else applied
    both = pd.concat([stays, applied], ignore_index=True)
    return gpd.GeoDataFrame(both, geometry="geometry", crs=register.crs)


def _once(found: Sequence[Suspect]) -> list[Suspect]:
    """Keep the likeliest pair of each station."""
    first: dict[str, Suspect] = {}
    for suspect in found:
        first.setdefault(suspect.id, suspect)
    return list(first.values())


def _vanished(
    register: gpd.GeoDataFrame,
    incoming: StationImport,
    rows: Mapping[str, int],
    source: str | None,
) -> list[str]:
    sources = {source} if source is not None else set(incoming.stations["source"])
    known = zip(register["id"].tolist(), register["name"].tolist(), register["source"], strict=True)
    return [
        key
        for key, name, of in known
        if of in sources
        and key not in rows
        and key not in incoming.refused_ids
        and name not in incoming.refused_names
    ]


def _named(kept: gpd.GeoDataFrame, duplicates: Sequence[Suspect]) -> list[tuple[Suspect, str, str]]:
    """Give the pairs to report, with their names."""
    shown = duplicates[:LISTED]
    wanted = {key for d in shown for key in (d.id, d.other_id)}
    some = kept[kept["id"].isin(wanted)]
    names = dict(zip(some["id"].tolist(), some["name"].tolist(), strict=True))
    return [(d, names[d.id], names[d.other_id]) for d in shown]


def _near(named: tuple[Suspect, str, str], rows: Mapping[str, int]) -> Finding:
    pair, name, other = named
    return Finding(
        "near_duplicate",
        "row {row}: {name} may be the same station as {other} (id {other_id}), {metres} m away "
        "({score}); keep one if it is",
        {
            "row": rows[pair.id],
            "name": name,
            "metres": f"{pair.distance_m:.0f}",
            "other": other,
            "other_id": pair.other_id,
            "score": f"{pair.score:.0%}",
        },
        "file",
        rows[pair.id],
    )


def _gone(register: gpd.GeoDataFrame, vanished: Sequence[str]) -> list[Finding]:
    wanted = set(islice(vanished, LISTED))
    some = register[register["id"].isin(wanted)]
    return [
        Finding(
            "vanished", _GONE_ID if name == key else _GONE, {"id": key, "name": name}, "stations"
        )
        for key, name in zip(some["id"].tolist(), some["name"].tolist(), strict=True)
    ]


def plain(value: Any) -> Any:
    """Give a value as JSON knows it."""
    if isinstance(value, float) and value != value:  # NaN
        return None
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value

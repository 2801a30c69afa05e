"""What a file would change in the register of stations, before anything is changed.

A file never erases: a station that it leaves out stays, and so does a fact whose cell it leaves
empty, because silence is not a fact. Names that are nearly the same at nearly the same place are
reported, not merged; a person decides.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from scipy.spatial import cKDTree

from geodata.checks import Finding
from geodata.frames import LocalMetres
from geodata.importers import words
from geodata.importers.report import ImportReport
from geodata.importers.stations import StationImport, to_frame
from geodata.records import STATION_COLUMNS

NEAR_M = 30.0
"""Stations nearer than this with similar names may be the same one."""

SAME_PLACE_M = 0.5
"""A station that moves less than this has not moved; formats round coordinates."""

CLASH_M = 300.0
"""Farther than this, an id shared by two sources with unlike names is a clash."""

_SIMILAR = 0.75
_MOST_NEIGHBOURS = 20
"""A name is compared with no more others nearby; some files put a whole city at one point."""

_COMMON = re.compile(
    r"[()\[\]·,.、]|户外劳动者|服务站点|服务站|工会|驿站|爱心|站点|郑州市?|河南省?|union|station"
)
_PLACE_COLUMNS = ("lon_deg", "lat_deg", "source_frame", "source_x", "source_y")
_COMPARED = tuple(c for c in STATION_COLUMNS if c not in ("id", "source", *_PLACE_COLUMNS))
_GEOD = Geod(ellps="WGS84")
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


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A station of the file, and another one that it may be the same as."""

    id: str
    other_id: str
    distance_m: float


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
        Stations of the file, each once, with the nearest one of a similar name.
    findings
        ``near_duplicate``, ``vanished`` and, refused, ``id_of_another_source``.
    n_refused
        Stations refused here, beyond those refused in reading.
    to_apply
        Stations frame of the new and changed stations, each as a whole, for
        `Store.apply_stations`.
    """

    new: tuple[str, ...]
    changed: tuple[Change, ...]
    vanished: tuple[str, ...]
    duplicates: tuple[Duplicate, ...]
    findings: tuple[Finding, ...]
    n_refused: int
    to_apply: gpd.GeoDataFrame

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
                {"id": c.id, "fields": {k: [_plain(v) for v in p] for k, p in c.fields.items()}}
                for c in self.changed
            ],
        }


def compare(
    register: gpd.GeoDataFrame, incoming: StationImport, *, source: str | None = None
) -> Difference:
    """Compare a file with the register.

    Parameters
    ----------
    register
        Stations frame as it is now (WGS 84).
    incoming
        The file, as `importers.stations.read_stations` gives it.
    source
        Stations of this source that the file leaves out count as vanished; None takes the sources
        that the file's stations name.
    """
    known = {row["id"]: row for row in _records(register)}
    rows = dict(zip(incoming.stations["id"], incoming.rows, strict=True))
    new, changed, applied, findings = [], [], [], []
    for record, given in zip(_records(incoming.stations), incoming.given, strict=True):
        before = known.get(record["id"])
        if before is None:
            new.append(record["id"])
            applied.append(record)
        elif _clashes(before, record):
            findings.append(_clash(before, record, rows[record["id"]]))
        else:
            change, after = _merged(before, record, given)
            if change.fields:
                changed.append(change)
                applied.append(after)
    sources = {source} if source is not None else set(incoming.stations["source"])
    vanished = [
        i
        for i, r in known.items()
        if r["source"] in sources and i not in rows and not _is_refused(r, incoming)
    ]
    refused = {f.details["id"] for f in findings}
    kept = known | {r["id"]: r for r in applied}
    duplicates = list(_duplicates(kept, [i for i in rows if i not in refused]))
    n_refused = len(findings)
    findings += [_near(d, kept, rows) for d in duplicates]
    findings += _gone(vanished, known)
    return Difference(
        tuple(new),
        tuple(changed),
        tuple(vanished),
        tuple(duplicates),
        tuple(findings),
        n_refused,
        to_frame(applied),
    )


def _records(stations: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    columns = {c: stations[c].tolist() for c in STATION_COLUMNS}
    columns["lon_deg"] = stations.geometry.x.tolist()
    columns["lat_deg"] = stations.geometry.y.tolist()
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _is_refused(record: Mapping[str, Any], incoming: StationImport) -> bool:
    """Tell whether the file names the station in a row that was refused."""
    return record["id"] in incoming.refused_ids or record["name"] in incoming.refused_names


def _merged(
    before: Mapping[str, Any], record: Mapping[str, Any], given: frozenset[str]
) -> tuple[Change, dict[str, Any]]:
    """Lay what the row says over what is known."""
    after = dict(before)
    fields: dict[str, tuple[Any, Any]] = {}
    if _distance_m(before, record) > SAME_PLACE_M:
        fields["position"] = (_position(before), _position(record))
    for column in _COMPARED:
        says = column in given or column == "is_synthetic"
        if says and not _is_same(before[column], record[column]):
            fields[column] = (before[column], record[column])
    after |= {column: pair[1] for column, pair in fields.items() if column != "position"}
    if fields:
        after["source"] = record["source"]
    if "position" in fields:
        after |= {column: record[column] for column in _PLACE_COLUMNS}
    return Change(record["id"], fields), after


def _is_same(a: Any, b: Any) -> bool:
    return bool(a == b or (a != a and b != b))  # unknown is equal to unknown


def _clashes(before: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Tell whether two sources use one id for two stations."""
    return (
        before["source"] != record["source"]
        and _distance_m(before, record) > CLASH_M
        and not are_similar(before["name"], record["name"])
    )


def _clash(before: Mapping[str, Any], record: Mapping[str, Any], row: int) -> Finding:
    return Finding(
        "id_of_another_source",
        "row {row}: id {id} belongs to {other} from {source}, {km} km away; give it another id",
        {
            "row": row,
            "id": record["id"],
            "other": before["name"],
            "source": before["source"],
            "km": f"{_distance_m(before, record) / 1000:.1f}",
        },
        "file",
        row,
        "id",
        "error",
    )


def are_similar(name: str, other: str) -> bool:
    """Tell whether two names may mean one station, apart from the words that all stations share."""
    a, b = _own_part(name), _own_part(other)
    if min(len(a), len(b)) >= 2 and (a in b or b in a):
        return True
    match = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return match.quick_ratio() >= _SIMILAR and match.ratio() >= _SIMILAR  # quick is never less


def _own_part(name: str) -> str:
    return _COMMON.sub("", words.plain(name)) or words.plain(name)


def _duplicates(
    stations: Mapping[str, Mapping[str, Any]], of_file: list[str]
) -> Iterator[Duplicate]:
    ids = list(stations)
    if len(ids) < 2:
        return
    fresh = set(of_file)
    twins = list(_twins(stations, fresh))
    yield from twins
    told = {twin.id for twin in twins}
    ids = [i for i in ids if i not in told]
    lon, lat = np.array([_position(stations[i]) for i in ids], dtype=np.float64).T
    plane = LocalMetres(lon_deg=float(np.median(lon)), lat_deg=float(np.median(lat)))
    for i, j in _near_pairs(plane.to_xy_m(lon_deg=lon, lat_deg=lat)):
        a, b = (ids[j], ids[i]) if ids[j] in fresh else (ids[i], ids[j])
        if a not in fresh or a in told:
            continue
        if not are_similar(stations[a]["name"], stations[b]["name"]):
            continue
        distance_m = _distance_m(stations[a], stations[b])
        if distance_m < NEAR_M:
            told.add(a)
            yield Duplicate(a, b, distance_m)


def _twins(stations: Mapping[str, Mapping[str, Any]], fresh: set[str]) -> Iterator[Duplicate]:
    """Pair stations of the file with the first one of the same name and position."""
    groups: dict[tuple[str, float, float], list[str]] = {}
    for station_id, record in stations.items():
        groups.setdefault((_own_part(record["name"]), *_position(record)), []).append(station_id)
    for group in groups.values():
        # One of the register stays to be compared with the others nearby, if there is any.
        first = next((i for i in group if i not in fresh), group[0])
        yield from (Duplicate(i, first, 0.0) for i in group if i in fresh and i != first)


def _near_pairs(xy_m: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Give pairs within a little more than `NEAR_M` in the plane, the nearest first."""
    is_place = np.flatnonzero(np.isfinite(xy_m).all(axis=1))
    near_m, near = cKDTree(xy_m[is_place]).query(
        xy_m[is_place], k=_MOST_NEIGHBOURS + 1, distance_upper_bound=NEAR_M * 1.1
    )
    at, which = np.nonzero(np.isfinite(near_m))
    one, other = is_place[at], is_place[near[at, which]]
    low, high = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((high, low, near_m[at, which]))
    pairs = zip(low[order].tolist(), high[order].tolist(), strict=True)
    return list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def _near(
    pair: Duplicate, stations: Mapping[str, Mapping[str, Any]], rows: Mapping[str, int]
) -> Finding:
    return Finding(
        "near_duplicate",
        "row {row}: {name} is {metres} m from {other} (id {other_id}), and the names are similar; "
        "keep one if they are the same station",
        {
            "row": rows[pair.id],
            "name": stations[pair.id]["name"],
            "metres": f"{pair.distance_m:.0f}",
            "other": stations[pair.other_id]["name"],
            "other_id": pair.other_id,
        },
        "file",
        rows[pair.id],
    )


def _gone(vanished: list[str], known: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    return [
        Finding(
            "vanished",
            _GONE_ID if known[i]["name"] == i else _GONE,
            {"id": i, "name": known[i]["name"]},
            "stations",
        )
        for i in vanished
    ]


def _position(record: Mapping[str, Any]) -> tuple[float, float]:
    return record["lon_deg"], record["lat_deg"]


def _distance_m(a: Mapping[str, Any], b: Mapping[str, Any]) -> float:
    return float(_GEOD.inv(*_position(a), *_position(b))[2])


def _plain(value: Any) -> Any:
    """Give a value as JSON knows it."""
    if isinstance(value, float) and value != value:  # NaN
        return None
    return list(value) if isinstance(value, tuple) else value

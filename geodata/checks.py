"""Findings about a data set: what looks wrong in a table that could be read.

Nothing here changes or refuses anything. A finding says what, where and what to do, as a template
and its values, so that it can be shown in another language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod

from geodata.errors import InvalidInputError, YizhanError
from geodata.hours import check_hours
from geodata.records import HOURS_PER_WEEK

Severity: TypeAlias = Literal["error", "warning", "note"]
Box: TypeAlias = tuple[float, float, float, float]

FAR_M = 5000.0
"""A place farther than this outside the city's box is reported."""

_GEOD = Geod(ellps="WGS84")
_N_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at.

    Attributes
    ----------
    code
        Short name for programs.
    template, details
        The sentence with ``{name}`` placeholders, and their values.
    where
        The data set: ``stations``, ``demand`` or ``file``.
    row, column
        Row as a person counts it in the file, and the column's header; None and empty where the
        finding is about the whole.
    severity
        ``error``: the row was refused, or results would be wrong; ``warning``: used, but look at
        it; ``note``: good to know.
    """

    code: str
    template: str
    details: Mapping[str, object] = field(default_factory=dict)
    where: str = ""
    row: int | None = None
    column: str = ""
    severity: Severity = "warning"

    @property
    def message(self) -> str:
        """The sentence in English."""
        return str(YizhanError(self.template, **self.details))

    def as_dict(self) -> dict[str, object]:
        """Give row, column, code, severity and message, ready for JSON."""
        return {
            "row": self.row,
            "column": self.column,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
        }


def extent_deg(*frames: gpd.GeoDataFrame | None) -> Box | None:
    """Give the box around all frames (west, south, east, north), None when all are empty."""
    boxes = [f.total_bounds for f in frames if f is not None and not f.geometry.is_empty.all()]
    if not boxes:
        return None
    west, south, east, north = np.array(boxes).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())


def check_stations(
    stations: gpd.GeoDataFrame, *, extent: Box | None = None, far_m: float = FAR_M
) -> tuple[Finding, ...]:
    """Look over a stations frame.

    Parameters
    ----------
    stations
        Stations frame (WGS 84).
    extent
        Box of the city in degrees, as `extent_deg` gives it; without it positions are not judged.
    far_m
        How far outside the box a place may lie, inclusive.

    Returns
    -------
    tuple of Finding
        ``empty``, ``duplicate_id``, ``swapped_coordinates``, ``far_away``, ``hours_unreadable``,
        ``hours_unknown``, ``mixed_with_sample``; empty when nothing is wrong.
    """
    if stations.empty:
        return (
            Finding(
                "empty",
                "there are no stations; add some with `yizhan stations import FILE --apply`",
                where="stations",
            ),
        )
    ids = stations["id"].to_numpy()
    found = [
        *_repeated(ids, "stations"),
        *_misplaced(stations, extent, far_m, "stations"),
        *_hours(stations),
        *_mixed(stations, "stations"),
    ]
    return tuple(found)


def check_demand(
    demand: gpd.GeoDataFrame, *, extent: Box | None = None, far_m: float = FAR_M
) -> tuple[Finding, ...]:
    """Look over a demand frame.

    Parameters
    ----------
    demand
        Demand frame (WGS 84).
    extent, far_m
        As for `check_stations`.

    Returns
    -------
    tuple of Finding
        ``empty``, ``negative_people``, ``people_not_a_number``, ``nobody``, ``bad_presence``,
        ``duplicate_id``, ``swapped_coordinates``, ``far_away``, ``mixed_with_sample``.
    """
    if demand.empty:
        return (
            Finding(
                "empty",
                "there is no demand; give a table of people with `--demand FILE --people COLUMN`",
                where="demand",
                severity="error",
            ),
        )
    ids = demand["place_id"].to_numpy()
    keys = [f"{place} {group}" for place, group in zip(ids, demand["group"], strict=True)]
    found = [
        *_people(demand),
        *_presence(demand),
        *_repeated(np.array(keys, dtype=object), "demand"),
        *_misplaced(demand, extent, far_m, "demand"),
        *_mixed(demand, "demand"),
    ]
    return tuple(found)


def _repeated(ids: NDArray[Any], where: str) -> list[Finding]:
    values, counts = np.unique(ids.astype(str), return_counts=True)
    again = values[counts > 1]
    if not len(again):
        return []
    return [
        Finding(
            "duplicate_id",
            "{n} ids stand for more than one row: {examples}; give each its own",
            {"n": len(again), "examples": _examples(again)},
            where,
            severity="error",
        )
    ]


def _misplaced(
    frame: gpd.GeoDataFrame, extent: Box | None, far_m: float, where: str
) -> list[Finding]:
    if extent is None:
        return []
    points = np.array(frame.geometry.array, dtype=object)
    points[shapely.is_empty(points)] = None
    lon, lat = shapely.get_x(points), shapely.get_y(points)
    ids = frame["place_id" if where == "demand" else "id"].to_numpy()
    far = ~(_outside_m(lon, lat, extent) <= far_m)
    swapped = far & (_outside_m(lat, lon, extent) <= far_m)
    found = []
    if swapped.any():
        found.append(
            Finding(
                "swapped_coordinates",
                "{n} places would lie in the city if longitude and latitude were exchanged: "
                "{examples}; correct the source",
                {"n": int(swapped.sum()), "examples": _examples(ids[swapped])},
                where,
            )
        )
    far &= ~swapped
    if far.any():
        found.append(
            Finding(
                "far_away",
                "{n} places lie more than {km} km outside the city: {examples}; "
                "check their coordinates and the frame they are in",
                {"n": int(far.sum()), "km": f"{far_m / 1000:g}", "examples": _examples(ids[far])},
                where,
            )
        )
    return found


def _outside_m(
    lon: NDArray[np.float64], lat: NDArray[np.float64], extent: Box
) -> NDArray[np.float64]:
    """Give the metres from each place to the box, 0 inside, infinite where it is no place."""
    west, south, east, north = extent
    valid = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    x, y = np.where(valid, lon, west), np.where(valid, lat, south)
    _, _, metres = _GEOD.inv(x, y, np.clip(x, west, east), np.clip(y, south, north))
    return np.where(valid, metres, np.inf)


def _hours(stations: gpd.GeoDataFrame) -> list[Finding]:
    hours = stations["hours"].to_numpy()
    unreadable = np.array([not _is_readable(text) for text in hours])
    unknown = np.array([not text for text in hours])
    found = []
    if unreadable.any():
        found.append(
            Finding(
                "hours_unreadable",
                "{n} stations have hours that cannot be read: {examples}; "
                "write them like Mo-Fr 09:00-17:00",
                {
                    "n": int(unreadable.sum()),
                    "examples": _examples(stations["id"].to_numpy()[unreadable]),
                },
                "stations",
                severity="error",
            )
        )
    if unknown.any():
        found.append(
            Finding(
                "hours_unknown",
                "the hours of {n} of {total} stations ({share}) are not known; "
                "they count neither as open nor as closed",
                {
                    "n": int(unknown.sum()),
                    "total": len(stations),
                    "share": f"{unknown.mean():.0%}",
                },
                "stations",
                severity="note",
            )
        )
    return found


def _is_readable(text: str) -> bool:
    try:
        check_hours(text)
    except InvalidInputError:
        return False
    return True


def _people(demand: gpd.GeoDataFrame) -> list[Finding]:
    people = demand["people"].to_numpy(dtype=np.float64)
    ids = demand["place_id"].to_numpy()
    found = []
    for code, template, bad in (
        (
            "negative_people",
            "{n} places have fewer than 0 people: {examples}; it must be 0 or more",
            people < 0,
        ),
        (
            "people_not_a_number",
            "{n} places have no number of people: {examples}; write 0 where there is nobody",
            ~np.isfinite(people),
        ),
    ):
        if bad.any():
            details = {"n": int(bad.sum()), "examples": _examples(ids[bad])}
            found.append(Finding(code, template, details, "demand", severity="error"))
    if not found and people.sum() == 0:
        found.append(
            Finding(
                "nobody",
                "the demand counts nobody: all {n} places have 0 people; check the people column",
                {"n": len(people)},
                "demand",
                severity="error",
            )
        )
    return found


def _presence(demand: gpd.GeoDataFrame) -> list[Finding]:
    bad = np.array([not _is_week_of_shares(p) for p in demand["presence"]])
    if not bad.any():
        return []
    return [
        Finding(
            "bad_presence",
            "the presence of {n} places is not 168 shares from 0 to 1: {examples}",
            {"n": int(bad.sum()), "examples": _examples(demand["place_id"].to_numpy()[bad])},
            "demand",
            severity="error",
        )
    ]


def _is_week_of_shares(presence: Any) -> bool:
    values = np.asarray(presence, dtype=np.float64)
    return values.shape == (HOURS_PER_WEEK,) and bool(((values >= 0) & (values <= 1)).all())


def _mixed(frame: gpd.GeoDataFrame, where: str) -> list[Finding]:
    synthetic = frame["is_synthetic"].to_numpy(dtype=bool)
    if synthetic.all() or not synthetic.any():
        return []
    return [
        Finding(
            "mixed_with_sample",
            "{n} of {total} rows are sample data beside real ones; "
            "build a city of its own for the real data",
            {"n": int(synthetic.sum()), "total": len(frame)},
            where,
        )
    ]


def _examples(ids: Sequence[object] | NDArray[Any]) -> str:
    """Name the first few, and say when there are more."""
    shown = ", ".join(str(i) for i in ids[:_N_EXAMPLES])
    return f"{shown}, …" if len(ids) > _N_EXAMPLES else shown

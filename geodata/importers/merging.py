"""Lay what the rows of a file say over what is known of their stations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import Geod

from geodata.importers.stations import StationImport
from geodata.records import STATION_COLUMNS, Closure, Offer

_PLACE = ("source_frame", "source_x", "source_y")
_ALONE = tuple(
    c
    for c in STATION_COLUMNS
    if c not in ("id", "source", "offers", "closures", "status_reason", "status_since", *_PLACE)
)
_GEOD = Geod(ellps="WGS84")

Flags = NDArray[np.bool_]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Differing:
    """Rows in which a column of known stations would differ, and its values before and after."""

    at: Ints
    before: Sequence[Any]
    after: Sequence[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Merged:
    """What the rows of a file would make of the stations that are known.

    Attributes
    ----------
    register, incoming
        The stations known, and the file.
    known
        Shape (n,): where the station of each row is in the register, -1 where it is not.
    distance_m
        Shape (n,): how far it would move; NaN where it is not known.
    differing
        By column, and ``position``, the rows that would change.
    """

    register: gpd.GeoDataFrame
    incoming: StationImport
    known: NDArray[np.int64]
    distance_m: NDArray[np.float64]
    differing: dict[str, Differing]

    @property
    def is_changed(self) -> Flags:
        """Shape (n,): whether a field of a known station would differ."""
        changed = np.zeros(len(self.known), bool)
        for column in self.differing.values():
            changed[column.at] = True
        return changed

    def fields(self) -> dict[int, dict[str, tuple[Any, Any]]]:
        """Give for each row that would change its fields, before and after."""
        found: dict[int, dict[str, tuple[Any, Any]]] = {}
        for name in ("position", *STATION_COLUMNS):
            column = self.differing.get(name)
            if column is None:
                continue
            for at, old, new in zip(column.at.tolist(), column.before, column.after, strict=True):
                found.setdefault(at, {})[name] = (old, new)
        return found

    def frame(self, rows: Flags) -> gpd.GeoDataFrame:
        """Give the stations of some rows, new or changed, as they would be."""
        stations = self.incoming.stations
        if rows.all() and (self.known < 0).all():
            return stations
        fresh = stations[rows & (self.known < 0)]
        at = np.flatnonzero(rows & (self.known >= 0))
        if not len(at):
            return fresh.reset_index(drop=True)
        changed = self.register.iloc[self.known[at]].set_axis(at)
        for name, column in self.differing.items():
            self._lay(changed, name, column)
        changed["source"] = stations["source"].iloc[at]
        both = pd.concat([fresh, changed]) if len(fresh) else changed
        return gpd.GeoDataFrame(
            both.sort_index().reset_index(drop=True), geometry="geometry", crs=stations.crs
        )

    def _lay(self, changed: gpd.GeoDataFrame, name: str, column: Differing) -> None:
        """Put new values into the rows that differ."""
        here = np.isin(column.at, changed.index)
        at = column.at[here]
        if name == "position":
            places = self.incoming.stations.iloc[at]
            for own in (*_PLACE, "geometry"):
                changed.loc[at, own] = places[own]
        else:
            values = [v for v, is_here in zip(column.after, here.tolist(), strict=True) if is_here]
            changed[name] = _with(changed[name], at, values)


def merge(
    register: gpd.GeoDataFrame,
    incoming: StationImport,
    known: NDArray[np.int64],
    *,
    same_place_m: float,
) -> Merged:
    """Tell what each row would change of a station that is known.

    Parameters
    ----------
    register
        Stations frame of the register.
    incoming
        The file.
    known
        Shape (n,): where the station of each row is in the register, -1 where it is not.
    same_place_m
        A station that moves no farther has not moved.
    """
    distance_m = np.full(len(known), np.nan)
    differing: dict[str, Differing] = {}
    rows = np.flatnonzero(known >= 0)
    merged = Merged(register, incoming, known, distance_m, differing)
    if not len(rows):
        return merged
    old, new = register.iloc[known[rows]], incoming.stations.iloc[rows]
    distance_m[rows] = _distance_m(old, new)
    is_moved = distance_m[rows] > same_place_m
    if is_moved.any():
        differing["position"] = Differing(
            rows[is_moved], list(_places(old[is_moved])), list(_places(new[is_moved]))
        )
    given = [incoming.given[i] for i in rows.tolist()]
    for name in _ALONE:
        said = np.array([name in g for g in given], bool) | (name == "is_synthetic")
        _compare(differing, name, rows, said, old[name], new[name])
    changed = _flags(differing, "status", rows)
    for name in ("status_reason", "status_since"):
        said = np.array([name in g for g in given], bool) | changed
        _compare(differing, name, rows, said, old[name], new[name])
    _compare_offers(differing, rows, given, old, new)
    said = np.array(["closures" in g for g in given], bool)
    _compare_made(
        differing,
        "closures",
        rows,
        said,
        old["closures"],
        lambda i: closures_after(old["closures"].iloc[i], new["closures"].iloc[i]),
    )
    return merged


def _distance_m(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> NDArray[np.float64]:
    ends = (old.geometry.x, old.geometry.y, new.geometry.x, new.geometry.y)
    metres: NDArray[np.float64] = np.asarray(_GEOD.inv(*ends)[2], dtype=np.float64)
    return metres


def _places(stations: gpd.GeoDataFrame) -> Iterator[tuple[float, float]]:
    points = stations.geometry
    return zip(points.x.tolist(), points.y.tolist(), strict=True)


def _compare(
    differing: dict[str, Differing],
    name: str,
    rows: Ints,
    said: Flags,
    old: pd.Series[Any],
    new: pd.Series[Any],
) -> None:
    """Note the rows that say something else than is known; unknown is equal to unknown."""
    if not said.any():
        return
    before, after = old[said].tolist(), new[said].tolist()
    pairs = zip(before, after, strict=True)
    other = [i for i, (a, b) in enumerate(pairs) if a != b and not (a != a and b != b)]
    if other:
        at = rows[said][other]
        differing[name] = Differing(at, [before[i] for i in other], [after[i] for i in other])


def _compare_made(
    differing: dict[str, Differing],
    name: str,
    rows: Ints,
    said: Flags,
    old: pd.Series[Any],
    made: Callable[[int], object],
) -> None:
    """Note the rows whose value would be another one than is known."""
    at, before, after = [], [], []
    for i in np.flatnonzero(said).tolist():
        value = made(i)
        if value != old.iloc[i]:
            at.append(rows[i])
            before.append(old.iloc[i])
            after.append(value)
    if at:
        differing[name] = Differing(np.array(at, np.intp), before, after)


def _compare_offers(
    differing: dict[str, Differing],
    rows: Ints,
    given: Sequence[frozenset[str]],
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
) -> None:
    """Note where offers differ; what is not there any more has no state."""
    changed = _flags(differing, "facilities", rows)
    said = np.array(["offers" in g for g in given], bool) | changed
    before, told = old["offers"], new["offers"]
    speaks = [bool("facilities" in g) for g in given]

    def made(i: int) -> tuple[Offer, ...]:
        keys = new["facilities"].iloc[i] if speaks[i] else old["facilities"].iloc[i]
        return offers_after(before.iloc[i], told.iloc[i], keys)

    _compare_made(differing, "offers", rows, said, before, made)


def _flags(differing: dict[str, Differing], name: str, rows: Ints) -> Flags:
    column = differing.get(name)
    return np.zeros(len(rows), bool) if column is None else np.isin(rows, column.at)


def _with(column: pd.Series[Any], at: Ints, values: Sequence[Any]) -> pd.Series[Any]:
    """Give a column with other values in some rows; tuples stay whole."""
    place = dict(zip(at.tolist(), values, strict=True))
    mixed = [place.get(i, old) for i, old in zip(column.index.tolist(), column, strict=True)]
    return pd.Series(mixed, index=column.index, dtype=column.dtype)


def offers_after(
    old: Sequence[Offer], new: Sequence[Offer], facilities: Sequence[str]
) -> tuple[Offer, ...]:
    """Give the offers of a station after a file has spoken: what it does not say stays.

    Examples
    --------
    >>> breakfast = Offer(key="free_breakfast", hours="05:00-07:00", checked_on="2026-09-01")
    >>> told = Offer(key="free_breakfast", state="suspended")
    >>> offers_after([breakfast], [told], ["free_breakfast"])[0].hours
    '05:00-07:00'
    """
    by_key = {o.key: o for o in old if o.key in facilities}
    for offer in new:
        before = by_key.get(offer.key)
        if before is None:
            by_key[offer.key] = offer
            continue
        said = {
            name: getattr(offer, name)
            for name in ("hours", "checked_on", "expires_on", "note")
            if getattr(offer, name)
        }
        by_key[offer.key] = replace(before, state=offer.state, **said)
    return tuple(by_key[key] for key in sorted(by_key))


def closures_after(old: Sequence[Closure], new: Sequence[Closure]) -> tuple[Closure, ...]:
    """Give closed days after a file has spoken: those known stay, new ones are added.

    Closed days without a beginning are said to begin on the day of the import; said again later
    they are the same.

    Examples
    --------
    >>> known = Closure(first_day="2026-09-01", last_day="2026-10-31", reason="装修")
    >>> closures_after([known], [replace(known, first_day="2026-09-08")]) == (known,)
    True
    """
    added = [
        c
        for c in new
        if not any(
            o.last_day == c.last_day and o.reason == c.reason and o.first_day <= c.first_day
            for o in old
        )
    ]
    return tuple(sorted({*old, *added}, key=lambda c: (c.first_day, c.last_day, c.reason)))

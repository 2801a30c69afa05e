"""People to serve, by place, group and hour of the week.

`people` is a head count: the workers who belong to a place. `presence` says which share of them is
there in each hour of the week. People in an hour = people × presence.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import InvalidInputError
from geodata.records import HOURS_PER_WEEK


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Demand for one question.

    Attributes
    ----------
    places
        Shape (n_places,): points in WGS 84, index = place ids.
    place
        Shape (n_rows,): position of each row's place in `places`.
    group
        Shape (n_rows,): group names.
    people
        Shape (n_rows,): head counts.
    presence
        Shape (n_rows, 168): share of the people who are there, by hour of the week.
    is_synthetic
        True when any row is invented.
    source
        ``demand`` or ``hotspots``: which table it was read from.
    names
        Shape (n_places,): what people call the places; empty where nobody wrote it down.
    """

    places: gpd.GeoSeries
    place: NDArray[np.int64]
    group: NDArray[np.object_]
    people: NDArray[np.float64]
    presence: NDArray[np.float32]
    is_synthetic: bool
    source: str
    names: NDArray[np.object_]

    @property
    def total_people(self) -> float:
        """Sum of the head counts."""
        return float(self.people.sum())

    def people_by_place(self) -> NDArray[np.float64]:
        """Give the head count of each place, shape (n_places,)."""
        sums = np.bincount(self.place, weights=self.people, minlength=len(self.places))
        return sums.astype(np.float64)


def from_frame(frame: gpd.GeoDataFrame, *, source: str = "demand") -> Demand:
    """Read a demand frame.

    Parameters
    ----------
    frame
        Points in WGS 84 with ``place_id``, ``group``, ``people``, ``presence`` (168 shares) and
        ``is_synthetic``, and ``name`` where known; rows of one place share its point and name.
    source
        Name of the table, kept for the answer.

    Raises
    ------
    InvalidInputError
        When there are no people, or a row breaks the rules.
    """
    people = frame["people"].to_numpy(dtype=np.float64)
    if len(people) == 0 or not people.sum() > 0:
        raise InvalidInputError(
            "the city has no demand: nobody to serve; give people with "
            "`yizhan city build --demand F --people COLUMN`"
        )
    if not np.isfinite(people).all() or (people < 0).any():
        bad = int(np.flatnonzero(~np.isfinite(people) | (people < 0))[0])
        raise InvalidInputError(
            "demand row {row}: people is {people}; it must be 0 or more",
            row=bad,
            people=people[bad],
        )
    presence = np.stack([np.asarray(p, dtype=np.float32) for p in frame["presence"]])
    if presence.shape[1] != HOURS_PER_WEEK or not ((presence >= 0) & (presence <= 1)).all():
        raise InvalidInputError("demand: presence must be 168 shares from 0 to 1 in every row")
    place, ids = pd.factorize(frame["place_id"])
    _check_places(frame, place)
    first = np.unique(place, return_index=True)[1]
    places = gpd.GeoSeries(frame.geometry.to_numpy()[first], index=pd.Index(ids), crs=frame.crs)
    return Demand(
        places=places,
        place=place,
        group=frame["group"].to_numpy(dtype=object),
        people=people,
        presence=presence,
        is_synthetic=bool(frame["is_synthetic"].any()),
        source=source,
        names=_names(frame)[first],
    )


def _names(frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
    if "name" not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    return frame["name"].fillna("").astype(str).to_numpy(dtype=object)


def _check_places(frame: gpd.GeoDataFrame, place: NDArray[np.int64]) -> None:
    """Refuse a place that stands at two points: its people would be moved without a word."""
    first = np.unique(place, return_index=True)[1][place]
    x, y = frame.geometry.x.to_numpy(), frame.geometry.y.to_numpy()
    moved = np.flatnonzero((np.abs(x - x[first]) > 1e-6) | (np.abs(y - y[first]) > 1e-6))
    if len(moved):
        raise InvalidInputError(
            "demand: place {place!s} stands at two points; give each point an id of its own",
            place=frame["place_id"].iloc[moved[0]],
        )


def from_hotspots(frame: gpd.GeoDataFrame) -> Demand:
    """Read hotspots as demand: each hotspot is a place with its group, people and presence.

    Parameters
    ----------
    frame
        Hotspots frame in WGS 84.

    Raises
    ------
    InvalidInputError
        As `from_frame`.
    """
    return from_frame(frame.rename(columns={"id": "place_id"}), source="hotspots")

"""Streets as a table: what may be walked or ridden, in which direction, in how many seconds.

A streets frame is a GeoDataFrame of lines in WGS 84 (EPSG:4326) with `STREET_COLUMNS`. A street
runs from node `u` to node `v`; streets meet at shared nodes only. A barrier (river, railway,
water's edge) is a line that nobody crosses except on a street.

Speeds are planning defaults: walking 4.5 km/h, stairs 1.8 km/h, e-bike 16 km/h on streets and 12
km/h on shared paths, pushed at walking speed on footways.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from geodata.errors import InvalidInputError

MODES = ("walk", "ebike")
WALK_M_PER_S = 1.25
STEPS_M_PER_S = 0.5
EBIKE_M_PER_S = 16 / 3.6
EBIKE_SHARED_M_PER_S = 12 / 3.6
SPEED_M_PER_S = {"walk": WALK_M_PER_S, "ebike": EBIKE_M_PER_S}
"""On ordinary streets, by mode; nothing is faster."""

DETOUR_FACTOR = 1.3
"""Street distance over straight line in ordinary cities (Boscoe et al. 2012 found 1.3-1.4)."""

STREET_COLUMNS = (
    "role", "u", "v", "name", "highway", "is_bridge", "length_m",
    "walk_s", "walk_back_s", "ebike_s", "ebike_back_s",
)  # fmt: skip
TIME_COLUMNS = {"walk": ("walk_s", "walk_back_s"), "ebike": ("ebike_s", "ebike_back_s")}

_SHARED = ("living_street", "service", "track", "bridleway")
_PUSHED = ("footway", "pedestrian", "path", "platform", "corridor", "elevator")
_GEOD = Geod(ellps="WGS84")
_MAIN_SHARE = 0.5


def times(
    *, highway: Sequence[str] | NDArray[np.str_], length_m: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the seconds that a walker and an e-bike need on streets without access tags.

    Parameters
    ----------
    highway
        OpenStreetMap classes, shape (n,).
    length_m
        Lengths, shape (n,).

    Returns
    -------
    walk_s, ebike_s
        Shape (n,); NaN where the class does not permit the mode (e-bikes on steps, both on
        motorways).
    """
    kind = np.asarray(highway, dtype=str)
    metres = np.asarray(length_m, dtype=np.float64)
    walk = np.where(kind == "steps", STEPS_M_PER_S, WALK_M_PER_S)
    ebike = np.where(np.isin(kind, _SHARED), EBIKE_SHARED_M_PER_S, EBIKE_M_PER_S)
    ebike = np.where(np.isin(kind, _PUSHED), WALK_M_PER_S, ebike)
    motorway = np.isin(kind, ("motorway", "motorway_link"))
    walk_s = np.where(motorway, np.nan, metres / walk)
    ebike_s = np.where(motorway | (kind == "steps"), np.nan, metres / ebike)
    return walk_s, ebike_s


def lengths_m(lines: ArrayLike) -> NDArray[np.float64]:
    """Give the geodesic lengths (WGS 84 ellipsoid) of lines in degrees, shape (n,)."""
    coords, owner = shapely.get_coordinates(np.asarray(lines, dtype=object), return_index=True)
    if len(coords) < 2:
        return np.zeros(len(np.asarray(lines, dtype=object)))
    same = owner[1:] == owner[:-1]
    a, b = coords[:-1][same], coords[1:][same]
    _, _, metres = _GEOD.inv(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    n = len(np.asarray(lines, dtype=object))
    return np.bincount(owner[1:][same], weights=metres, minlength=n).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Connected:
    """Streets cut down to their main part, and what was left out.

    Attributes
    ----------
    streets
        Streets frame in which each mode's network is one strongly connected part.
    dropped_m
        Metres of street left out of the walking network.
    share
        Length of the main part over the length of all walkable streets.
    """

    streets: gpd.GeoDataFrame
    dropped_m: float
    share: float


def keep_connected(streets: gpd.GeoDataFrame) -> Connected:
    """Keep what can be reached from the main part of the network and can come back to it, by mode.

    Extracts are cut at their edge, so small loose pieces are normal and are dropped. When the main
    part holds less than half of the walkable length, something larger is missing.

    Raises
    ------
    InvalidInputError
        When there is no walkable street, or the streets fall apart.
    """
    is_street = (streets["role"] == "street").to_numpy()
    frame = streets.copy()
    length = frame["length_m"].to_numpy()
    walkable = is_street & _permitted(frame, "walk")
    if not walkable.any():
        raise InvalidInputError(
            "the streets file holds no street on which people may walk; "
            "give an OpenStreetMap extract of the city with its highway ways"
        )
    keep_any = ~is_street
    share = 1.0
    for mode in MODES:
        inside = _main_part(frame, mode, is_street)
        there, back = TIME_COLUMNS[mode]
        frame.loc[is_street & ~inside, [there, back]] = np.nan
        keep_any |= inside
        if mode == "walk":
            share = float(length[inside].sum() / max(length[walkable].sum(), 1e-9))
            dropped = float(length[walkable & ~inside].sum())
    if share < _MAIN_SHARE:
        raise InvalidInputError(
            "the streets fall apart: the largest connected part holds only {share} of their "
            "length; check that bridges and all street classes are in the file",
            share=f"{share:.0%}",
        )
    kept = frame.loc[keep_any].reset_index(drop=True)
    return Connected(kept, dropped, share)


def check_streets(streets: gpd.GeoDataFrame) -> None:
    """Refuse a table that is not a streets frame.

    Raises
    ------
    InvalidInputError
        When columns are missing or the frame is not in WGS 84.
    """
    missing = [c for c in STREET_COLUMNS if c not in streets.columns]
    if missing:
        raise InvalidInputError(
            "the streets table lacks the columns {missing}; build the city anew",
            missing=", ".join(missing),
        )
    if streets.crs is None or streets.crs.to_epsg() != 4326:
        raise InvalidInputError(
            "the streets table must be in WGS 84 (EPSG:4326), it is in {crs}", crs=streets.crs
        )


def _permitted(frame: pd.DataFrame, mode: str) -> NDArray[np.bool_]:
    there, back = TIME_COLUMNS[mode]
    return np.asarray(frame[there].notna() | frame[back].notna(), dtype=bool)


def _main_part(frame: pd.DataFrame, mode: str, is_street: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Tell which streets lie in the largest strongly connected part of one mode, by length."""
    there, back = (frame[c].notna().to_numpy() & is_street for c in TIME_COLUMNS[mode])
    u, v = frame["u"].to_numpy(), frame["v"].to_numpy()
    nodes, index = np.unique(np.concatenate([u[is_street], v[is_street]]), return_inverse=True)
    tail, head = np.full(len(frame), -1), np.full(len(frame), -1)
    tail[is_street], head[is_street] = np.split(index, 2)
    rows = np.concatenate([tail[there], head[back]])
    cols = np.concatenate([head[there], tail[back]])
    graph = coo_array((np.ones(len(rows), np.int8), (rows, cols)), shape=(len(nodes),) * 2).tocsr()
    _, part = connected_components(graph, directed=True, connection="strong")
    permitted = there | back
    within = permitted & (part[tail] == part[head])
    if not within.any():
        return np.asarray(within, dtype=bool)
    by_part = np.bincount(part[tail[within]], weights=frame["length_m"].to_numpy()[within])
    return np.asarray(within & (part[tail] == by_part.argmax()), dtype=bool)

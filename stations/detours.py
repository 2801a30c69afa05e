"""Journeys that a phone works out by itself: straight line × a detour factor measured beforehand.

Around each station and for each mode the factor is known in `SECTORS` directions and at the
distances of `BANDS_M`, and interpolated between: in the angle and in the distance linearly, nearer
than the first and farther than the last distance constant. It is the time along streets over the
time that the straight line would take at the mode's speed, so that slow streets and the walk to the
street are in it.

Factors are fitted to the true times from places all over the city, a low-discrepancy sequence
(Roberts 2018, "The unreasonable effectiveness of quasirandom sequences"), by least squares of the
relative error; where neighbouring directions and distances have few places they are held together.
A place that is near in the straight line and out of reach on streets (beyond a river) counts with
`_SEARCHED_S`, so that its side of the river gets a large factor and not that of its neighbours.

A factor is one letter: ``(1 + STEP) ** place of the letter in ALPHABET``. ``detours.js`` reads the
same letters on the phone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array
from scipy.spatial import cKDTree

from geodata.network import Network
from geodata.snap import Snapped, Snapper
from geodata.streets import MODES, SPEED_M_PER_S
from geodata.travel import along_streets
from stations.catalogue import Catalogue

SECTORS = 16
BANDS_M: Mapping[str, tuple[float, ...]] = {
    "walk": (150.0, 600.0, 1800.0),
    "ebike": (300.0, 1200.0, 3500.0),
}
STEP = 0.045
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_."
OUT_OF_REACH = "-"
"""Stands for all factors of a mode that cannot get to the station."""

_APART_M = {"walk": 110.0, "ebike": 280.0}
"""How far apart the places are from which times are measured."""

_SEARCHED_S = 2400.0
_NEAREST_M = 40.0
_HOLD, _HOLD_TO_ONE = 0.1, 1e-3
_AT_ONCE = 250
_R2 = np.array([0.7548776662466927, 0.5698402909980532])

_EQUATOR_M, _FLAT = 6_378_137.0, 0.00669437999014  # WGS 84: radius, squared eccentricity

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detours:
    """Detour factors of the stations of a city.

    Attributes
    ----------
    texts
        One for each station: the letters of all factors, mode by mode, distance by distance, east
        first and counter-clockwise; empty in a city without streets.
    factor
        The city's own factor, for stations without a text.
    metres_per_s
        By mode: metres along streets over the seconds they take, all journeys together.
    """

    texts: tuple[str, ...]
    factor: float
    metres_per_s: Mapping[str, float]

    def reading(self) -> dict[str, Any]:
        """Give what a reader of the texts must know; see `journey`."""
        return {
            "factor": self.factor,
            "sectors": SECTORS,
            "bands_m": {mode: list(BANDS_M[mode]) for mode in MODES},
            "step": STEP,
            "alphabet": ALPHABET,
            "metres_per_s": {mode: round(self.metres_per_s[mode], 4) for mode in MODES},
        }


def measure(
    catalogue: Catalogue,
    *,
    limit_s: float,
    known: Detours | None = None,
    known_at: Mapping[tuple[float, float], str] | None = None,
    progress: Callable[[int], object] | None = None,
) -> Detours:
    """Measure the detours of all stations of a city.

    Parameters
    ----------
    catalogue
        The stations on their streets.
    limit_s
        The longest journey that anybody can ask for.
    known, known_at
        What was measured on the same streets before, and its texts by longitude and latitude; only
        stations at other places are measured.
    progress
        Called with the number of stations done, those of each mode counted by itself.
    """
    n = len(catalogue.stations)
    network = catalogue.network
    if network is None or n == 0:
        return Detours(
            texts=("",) * n, factor=catalogue.detour_factor, metres_per_s=dict(SPEED_M_PER_S)
        )
    before = known_at or {}
    where = [(s.lon_deg, s.lat_deg) for s in catalogue.stations]
    new = np.array([k for k, at in enumerate(where) if at not in before], np.int64)
    texts = [before.get(at, "") for at in where]
    pace = dict(known.metres_per_s) if known is not None else {}
    at_m = network.plane.to_xy_m(
        lon_deg=catalogue.frame.geometry.x.to_numpy(), lat_deg=catalogue.frame.geometry.y.to_numpy()
    )
    for mode in MODES:
        around = _Around.of(network, mode, limit_s * SPEED_M_PER_S[mode], at_m[new])
        for done, (k, text) in enumerate(around.texts(catalogue.snapped[mode], at_m, new), start=1):
            texts[k] += text
            if progress is not None:
                progress(done)
        if mode not in pace:
            pace[mode] = around.pace(catalogue.snapped[mode])
    return Detours(texts=tuple(texts), factor=catalogue.detour_factor, metres_per_s=pace)


def journey(
    text: str,
    reading: Mapping[str, Any],
    *,
    station_deg: tuple[float, float],
    place_deg: tuple[float, float],
    mode: str,
) -> tuple[float, float] | None:
    """Give seconds and metres from a place to a station, as the phone does.

    Parameters
    ----------
    text
        Of the station; empty: the city's own factor.
    reading
        `Detours.reading`.
    station_deg, place_deg
        Longitude and latitude, WGS 84.
    mode
        ``walk`` or ``ebike``.

    Returns
    -------
    tuple or None
        None where the station cannot be reached by the mode.
    """
    east_m, north_m = _offset_m(station_deg, place_deg)
    straight_m = math.hypot(east_m, north_m)
    speed = SPEED_M_PER_S[mode]
    if not text:
        metres = straight_m * float(reading["factor"])
        return metres / speed, metres
    sectors = reading["sectors"]
    first = 0
    for other, bands_m in reading["bands_m"].items():
        if other == mode:
            break
        first += sectors * len(bands_m)
    if text[first] == OUT_OF_REACH:
        return None

    def factor(band: int, sector: int) -> float:
        letter = text[first + band * sectors + sector % sectors]
        return float((1 + reading["step"]) ** reading["alphabet"].index(letter))

    turn = (math.atan2(north_m, east_m) / (2 * math.pi) * sectors) % sectors
    sector = math.floor(turn)
    across = turn - sector
    bands_m = reading["bands_m"][mode]
    low = max(0, min(len(bands_m) - 2, sum(b <= straight_m for b in bands_m) - 1))
    on = (straight_m - bands_m[low]) / (bands_m[low + 1] - bands_m[low])
    on = min(1.0, max(0.0, on))
    near, far = (
        (1 - across) * factor(band, sector) + across * factor(band, sector + 1)
        for band in (low, low + 1)
    )
    seconds = straight_m * ((1 - on) * near + on * far) / speed
    return seconds, seconds * float(reading["metres_per_s"][mode])


def _offset_m(a_deg: tuple[float, float], b_deg: tuple[float, float]) -> tuple[float, float]:
    """Give metres east and north from a to b, on the ellipsoid at their mean latitude."""
    lat = math.radians((a_deg[1] + b_deg[1]) / 2)
    w = 1 - _FLAT * math.sin(lat) ** 2
    north = math.radians(b_deg[1] - a_deg[1]) * _EQUATOR_M * (1 - _FLAT) / w**1.5
    east = math.radians(b_deg[0] - a_deg[0]) * math.cos(lat) * _EQUATOR_M / math.sqrt(w)
    return east, north


@dataclass(frozen=True, slots=True, eq=False)
class _Around:
    """The places of a city from which the times of one mode are measured."""

    network: Network
    mode: str
    reach_m: float
    xy_m: Floats
    snapped: Snapped
    tree: cKDTree

    @classmethod
    def of(cls, network: Network, mode: str, reach_m: float, stations_m: Floats) -> _Around:
        """Spread places over the streets of a city, wherever a station may be near."""
        low, high = network.node_xy_m.min(axis=0), network.node_xy_m.max(axis=0)
        n = int(np.ceil(np.prod((high - low) / _APART_M[mode] + 1)))
        xy_m = low + (np.arange(1, n + 1)[:, None] * _R2) % 1.0 * (high - low)
        if len(stations_m):  # the sequence is the same whichever stations there are
            xy_m = xy_m[
                np.isfinite(cKDTree(stations_m).query(xy_m, distance_upper_bound=reach_m)[0])
            ]
        snapped = Snapper.of(network, mode).to_edges(xy_m)
        on = np.flatnonzero(snapped.is_on_network)
        return cls(network, mode, reach_m, xy_m[on], snapped[on], cKDTree(xy_m[on]))

    def texts(self, there: Snapped, at_m: Floats, which: Ints) -> Iterator[tuple[int, str]]:
        """Give the letters of some of the stations."""
        size = SECTORS * len(BANDS_M[self.mode])
        times_s = np.full(len(self.xy_m), _SEARCHED_S)
        for start in range(0, len(which), _AT_ONCE):
            part = which[start : start + _AT_ONCE]
            found = csc_array(self._travel(there[part], with_metres=False)[0])
            for column, k in enumerate(part.tolist()):
                if there.edge[k] < 0:
                    yield k, OUT_OF_REACH * size
                    continue
                rows = slice(found.indptr[column], found.indptr[column + 1])
                times_s[found.indices[rows]] = found.data[rows]
                near = np.array(self.tree.query_ball_point(at_m[k], self.reach_m), np.int64)
                yield k, _letters(self._fitted(self.xy_m[near] - at_m[k], times_s[near]))
                times_s[found.indices[rows]] = _SEARCHED_S

    def pace(self, there: Snapped) -> float:
        """Give metres over seconds of journeys to the first stations."""
        seconds, metres = self._travel(there[:_AT_ONCE], with_metres=True)
        total_s = float(seconds.data.sum())
        return float(metres.data.sum()) / total_s if total_s > 0 else SPEED_M_PER_S[self.mode]

    def _travel(self, there: Snapped, *, with_metres: bool) -> tuple[Any, Any]:
        found = along_streets(
            self.network,
            self.snapped,
            there,
            mode=self.mode,
            limit_s=_SEARCHED_S,
            with_metres=with_metres,
        )
        return found.seconds, found.metres

    def _fitted(self, from_m: Floats, times_s: Floats) -> Floats:
        """Fit the factors of a station to times from places around it, shape (bands × sectors,)."""
        away_m = np.hypot(*from_m.T)
        used = away_m > _NEAREST_M
        from_m, times_s, away_m = from_m[used], times_s[used], away_m[used]
        wanted = times_s * SPEED_M_PER_S[self.mode] / away_m
        bands_m = BANDS_M[self.mode]
        matrix = _weights(from_m, away_m, bands_m) / wanted[:, None]
        hold = _HOLD * _neighbours(len(bands_m)) + _HOLD_TO_ONE * np.eye(matrix.shape[1])
        usual = float(np.median(wanted)) if len(wanted) else 1.0
        found: Floats = np.linalg.solve(
            matrix.T @ matrix + hold, matrix.sum(axis=0) + _HOLD_TO_ONE * usual
        )
        return found


def _weights(from_m: Floats, away_m: Floats, bands_m: tuple[float, ...]) -> Floats:
    """Give how much each factor counts at each place, shape (n, bands × sectors)."""
    turn = np.arctan2(from_m[:, 1], from_m[:, 0]) / (2 * np.pi) * SECTORS % SECTORS
    sector = np.floor(turn).astype(np.int64)
    across = turn - sector
    bands = np.asarray(bands_m)
    low = np.clip(np.searchsorted(bands, away_m, side="right") - 1, 0, len(bands) - 2)
    on = np.clip((away_m - bands[low]) / (bands[low + 1] - bands[low]), 0.0, 1.0)
    found = np.zeros((len(from_m), len(bands) * SECTORS))
    rows = np.arange(len(from_m))
    for band, by_band in ((low, 1 - on), (low + 1, on)):
        for side, by_side in ((sector, 1 - across), (sector + 1, across)):
            found[rows, band * SECTORS + side % SECTORS] += by_band * by_side
    return found


@cache
def _neighbours(n_bands: int) -> Floats:
    """Give the Laplacian of directions and distances beside each other."""
    places = np.arange(n_bands * SECTORS).reshape(n_bands, SECTORS)
    pairs = [(places, np.roll(places, -1, axis=1)), (places[:-1], places[1:])]
    found = np.zeros((places.size, places.size))
    for one, other in pairs:
        a, b = one.ravel(), other.ravel()
        for x, y, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
            np.add.at(found, (x, y), sign)
    return found


def _letters(factors: Floats) -> str:
    steps = np.rint(np.log(np.maximum(factors, 1.0)) / math.log1p(STEP)).astype(int)
    return "".join(ALPHABET[k] for k in np.minimum(steps, len(ALPHABET) - 1).tolist())

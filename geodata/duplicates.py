"""Stations that may be one station recorded twice.

Two kinds of pairs are looked at: stations near each other, and stations as far apart as one place
in two coordinate frames (570 m and 1.3 km at Zhengzhou), which is what is left when a file in
GCJ-02 or BD-09 was once read as WGS 84. What speaks for and against one station is added up as log
odds (`geodata.likeness`); the score is the probability that they are one, as far as real pairs are
like the generated ones that the weights were checked on. A person decides; nothing is merged here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray
from pyproj import Geod
from rapidfuzz.fuzz import partial_ratio, ratio
from rapidfuzz.process import cpdist

from geodata.frames import LocalMetres
from geodata.likeness import address_weight, host_weights, name_weight
from geodata.nearby import neighbours, next_to_each_other, once, shifted
from geodata.wording import Wording, wording_of

WITHIN_M = 200.0
"""Farther apart, two stations are only compared where a mix-up of frames would explain it."""

SHIFT_M = 80.0
"""How far a station may be from where a mix-up of frames would put it."""

THRESHOLD = 0.5
"""Score from which a pair is worth a person's look."""

_PRIOR = -2.2
_PRIOR_SHIFTED = -4.0
_AT_HAND, _FAR_OFF = 1.6, -1.4
_HEAPED = -0.6  # many stations on one spot were put there for want of a position
_ROUGH_M = 10.0
_AT_ONCE = 10_000  # so that a whole province takes little memory
_MOST_AT_A_PHONE = 3  # the number of an office that answers for many stations says nothing
_LEAST_ALIKE = 62
_LEAST_ALIKE_SHIFTED = 85
_GEOD = Geod(ellps="WGS84")

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two stations that may be one.

    Attributes
    ----------
    id, other_id
        The one asked about, or the later of the frame, and the other.
    score
        Probability that they are one station, 0 to 1.
    distance_m
        Between them, on the ellipsoid.
    reasons
        What speaks for it, the heaviest first: ``same_name``, ``same_sound``, ``similar_name``,
        ``same_address``, ``same_host``, ``same_phone``, ``near``, ``frame_shift``.
    """

    id: str
    other_id: str
    score: float
    distance_m: float
    reasons: tuple[str, ...]


def suspects(
    stations: gpd.GeoDataFrame,
    *,
    of: Collection[str] | None = None,
    within_m: float = WITHIN_M,
    least_score: float = THRESHOLD,
    distinct: Collection[frozenset[str]] = (),
) -> tuple[Suspect, ...]:
    """Find stations that may be one station recorded twice.

    Parameters
    ----------
    stations
        Stations frame in WGS 84; a station without a position is never a suspect.
    of
        Ids; only pairs with one of these are looked for. None looks for all.
    within_m
        How far apart stations near each other may be.
    least_score
        Pairs below it are left out.
    distinct
        Pairs of ids that are known to be two stations; they are left out too.

    Returns
    -------
    tuple of Suspect
        The likeliest first, each pair once. Where very many stations crowd one place, only those
        are compared that are next to each other in the order of their names, addresses or
        telephones, so that the time stays in proportion to the stations.
    """
    lon: Floats = np.asarray(stations.geometry.x, np.float64)
    lat: Floats = np.asarray(stations.geometry.y, np.float64)
    asked = np.ones(len(lon), bool) if of is None else stations["id"].isin(list(of)).to_numpy()
    is_placed = np.isfinite(lon) & np.isfinite(lat)
    if is_placed.sum() < 2:
        return ()
    plane = LocalMetres(
        lon_deg=float(np.median(lon[is_placed])), lat_deg=float(np.median(lat[is_placed]))
    )
    xy_m = plane.to_xy_m(lon_deg=lon, lat_deg=lat)
    near, crowd, is_heaped = neighbours(xy_m, within_m=within_m)
    apart, off_m = shifted(plane, xy_m, lon_deg=lon, lat_deg=lat, within_m=SHIFT_M)
    near, is_asked = near[_any(asked, near)], _any(asked, apart)
    apart, off_m = apart[is_asked], off_m[is_asked]
    said = _said(stations, np.concatenate([near.ravel(), apart.ravel(), crowd]))
    in_order = next_to_each_other(crowd, said.orders(crowd))
    near = once(np.concatenate([near, in_order[_any(asked, in_order)]]))
    near = near[said.are_alike(near, _LEAST_ALIKE)]
    metres = _distances_m(lon, lat, near)
    near, metres = near[metres <= within_m], metres[metres <= within_m]
    is_alike = said.are_alike(apart, _LEAST_ALIKE_SHIFTED)
    apart, off_m = apart[is_alike], off_m[is_alike]
    by_place = np.where(is_heaped[near].any(axis=1), _HEAPED, _near_weight(metres, within_m))
    found: dict[tuple[int, int], tuple[float, tuple[str, ...]]] = {}
    for pairs, weights, why in (
        (apart, _shift_weight(off_m), "frame_shift"),
        (near, by_place, "near"),
    ):
        for (i, j), words, place in zip(
            pairs.tolist(), said.of(pairs), weights.tolist(), strict=True
        ):
            weight, reasons = _weighed(*words, place, why)
            if _score(weight) >= least_score:
                found[i, j] = (weight, reasons)
    in_turn = _in_order(stations["id"].tolist(), found, asked, lon, lat)
    return tuple(s for s in in_turn if frozenset((s.id, s.other_id)) not in distinct)


def _in_order(
    ids: list[str],
    found: Mapping[tuple[int, int], tuple[float, tuple[str, ...]]],
    asked: Flags,
    lon: Floats,
    lat: Floats,
) -> tuple[Suspect, ...]:
    """Give the pairs as suspects, the likeliest first; in each, the one asked about leads."""
    metres = _distances_m(lon, lat, np.array(list(found), np.int64).reshape(-1, 2)).tolist()
    suspected = []
    for ((i, j), (weight, reasons)), m in zip(found.items(), metres, strict=True):
        one, other = (i, j) if asked[i] and not asked[j] else (j, i)
        suspected.append(Suspect(ids[one], ids[other], _score(weight), m, reasons))
    return tuple(sorted(suspected, key=lambda s: (-s.score, s.id, s.other_id)))


def _any(asked: Flags, pairs: Ints) -> Flags:
    return asked[pairs[:, 0]] | asked[pairs[:, 1]]


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """What is said of some stations, taken apart, by their sorted row numbers."""

    rows: Ints
    words: list[Wording]
    columns: Mapping[str, NDArray[Any]]

    def of(self, pairs: Ints) -> Iterator[tuple[Wording, Wording]]:
        """Give what is said of the two stations of each pair."""
        for one, other in np.searchsorted(self.rows, pairs).tolist():
            yield self.words[one], self.words[other]

    def orders(self, rows: Ints) -> list[Ints]:
        """Give keys by which a crowd is put in order: name, sound, address, telephone."""
        words = [self.words[k] for k in np.searchsorted(self.rows, rows).tolist()]
        return [
            _keys([f"{w.core} {w.numbers}" for w in words]),
            _keys([f"{w.sound} {w.numbers}" for w in words]),
            _keys([f"{w.road} {w.house} {w.core}" for w in words]),
            _keys([f"{w.phone} {w.core}" for w in words]),
        ]

    def are_alike(self, pairs: Ints, least: float) -> Flags:
        """Tell which pairs have something in common that makes them worth weighing."""
        blocks = [pairs[k : k + _AT_ONCE] for k in range(0, len(pairs), _AT_ONCE)]
        found = [self._are_alike(block, least) for block in blocks]
        return np.concatenate([np.zeros(0, bool), *found])

    def _are_alike(self, pairs: Ints, least: float) -> Flags:
        i, j = np.searchsorted(self.rows, pairs.T)
        is_worth = np.zeros(len(pairs), bool)
        for name in ("phone", "house", "host"):
            key = self.columns[name]
            is_worth |= (key[i] == key[j]) & (key[i] >= 0)
        for name, scorer in (("core", ratio), ("sound", ratio), ("core", partial_ratio)):
            rest = np.flatnonzero(~is_worth)
            texts = self.columns[name]
            is_worth[rest] = cpdist(texts[i[rest]], texts[j[rest]], scorer=scorer) >= least
        number = self.columns["number"]
        found: Flags = is_worth & ~((number[i] != number[j]) & (number[i] >= 0) & (number[j] >= 0))
        return found


def _said(stations: gpd.GeoDataFrame, rows: Ints) -> _Said:
    """Take apart what is said of the stations in these rows."""
    wanted = np.unique(rows)
    often = stations["phone"].value_counts()
    switchboards = set(often.index[often > _MOST_AT_A_PHONE])
    words = []
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        texts = [stations[c].iloc[some].tolist() for c in ("name", "address", "host", "phone")]
        words += [
            wording_of(name, address=place, host=host, phone="" if tel in switchboards else tel)
            for name, place, host, tel in zip(*texts, strict=True)
        ]
    return _Said(
        wanted,
        words,
        {
            "core": np.array([w.core for w in words], object),
            "sound": np.array([w.sound for w in words], object),
            "phone": _keys([w.phone for w in words]),
            "house": _keys([w.house and f"{w.road} {w.house}" for w in words]),
            "host": _keys([w.host for w in words]),
            "number": _keys([" ".join(w.numbers) for w in words]),
        },
    )


def _keys(texts: list[str]) -> Ints:
    """Give texts as numbers in their order; an empty one is -1."""
    place = {text: k for k, text in enumerate(sorted(set(texts) - {""}))}
    return np.array([place.get(text, -1) for text in texts], np.int64)


def _weighed(a: Wording, b: Wording, place: float, why: str) -> tuple[float, tuple[str, ...]]:
    """Add up what speaks for one station; give the reasons that do, the heaviest first."""
    parts = [name_weight(a, b), address_weight(a, b), *host_weights(a, b), (place, why)]
    told = sorted((p for p in parts if p[1] and p[0] > 0), key=lambda p: -p[0])
    prior = _PRIOR_SHIFTED if why == "frame_shift" else _PRIOR
    return prior + sum(weight for weight, _ in parts), tuple(reason for _, reason in told)


def _near_weight(distance_m: Floats, within_m: float) -> Floats:
    far = np.clip((distance_m - _ROUGH_M) / max(within_m - _ROUGH_M, 1e-9), 0, 1)
    weight: Floats = _AT_HAND - (_AT_HAND - _FAR_OFF) * far
    return weight


def _shift_weight(off_m: Floats) -> Floats:
    weight: Floats = _AT_HAND * (1 - off_m / SHIFT_M) + 0.1
    return weight


def _score(weight: float) -> float:
    return 1 / (1 + math.exp(-weight))


def _distances_m(lon: Floats, lat: Floats, pairs: Ints) -> Floats:
    i, j = pairs.T
    metres: Floats = np.asarray(_GEOD.inv(lon[i], lat[i], lon[j], lat[j])[2], np.float64)
    return metres

"""Pairs of places that are near each other, or where a mix-up of coordinate frames puts them.

Pairs are arrays of shape (n, 2) of row numbers, the smaller first, each pair once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geodata.frames import LocalMetres, from_wgs84, to_wgs84

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_NEIGHBOURS = 24
_CROWD = 24
_STEPS = 3
_WORTH_TRYING = 8
_AT_ONCE = 20_000
_SAME_M = 0.5
_SLACK = 1.05  # a plane for a whole country stretches distances by less
_NO_PAIRS = np.zeros((0, 2), np.int64)


def neighbours(xy_m: Floats, *, within_m: float) -> tuple[Ints, Ints, Flags]:
    """Pair places that are near each other.

    Parameters
    ----------
    xy_m
        Shape (n, 2), metres in a plane; places that are not finite are in no pair.
    within_m
        How far apart they may be; up to 5 % more is let through.

    Returns
    -------
    pairs, crowd, is_heaped
        The pairs; the rows around which there are too many to pair all, as neighbours or in one
        spot: they are paired with their nearest only; and for each place, shape (n,), whether it
        is in a spot with more than 24.
    """
    rows, spots = _spots(xy_m)
    is_heaped = np.zeros(len(xy_m), bool)
    if len(rows) < 2:
        return _NO_PAIRS, np.zeros(0, np.int64), is_heaped
    is_heaped[rows] = (spots.count > _CROWD)[spots.of]
    at = xy_m[rows[spots.first]]
    is_full = spots.count > _CROWD
    keys = []
    for a, b, _ in _found(cKDTree(at), at, k=_NEIGHBOURS + 1, within_m=within_m * _SLACK):
        is_full |= np.bincount(a, minlength=len(at)) > _NEIGHBOURS
        keys.append(_keys(a, b))
    own = np.flatnonzero((spots.count > 1) & (spots.count <= _CROWD))
    both = np.concatenate([_unkeyed(np.unique(np.concatenate(keys))), np.column_stack([own, own])])
    return _pairs(*rows[spots.members(both)[0]].T), rows[is_full[spots.of]], is_heaped


def next_to_each_other(rows: Ints, orders: Sequence[Ints]) -> Ints:
    """Pair rows that follow each other in one of several orders, at most 3 steps apart.

    Rows with one and the same key in a long run are paired with the next only.

    Parameters
    ----------
    rows
        Shape (n,), row numbers.
    orders
        Keys of the rows, shape (n,) each; equal keys are equal numbers.
    """
    found = [_NO_PAIRS]
    for keys in orders:
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        _, run, size = np.unique(ordered, return_inverse=True, return_counts=True)
        is_long = size[run] > _CROWD
        for step in range(1, min(_STEPS, len(rows) - 1) + 1):
            is_kept = ~(is_long[:-step] & is_long[step:]) | (step == 1)
            found.append(_pairs(rows[order[:-step][is_kept]], rows[order[step:][is_kept]]))
    return once(np.concatenate(found))


def shifted(
    plane: LocalMetres, xy_m: Floats, *, lon_deg: Floats, lat_deg: Floats, within_m: float
) -> tuple[Ints, Floats]:
    """Pair places of which one lies where a mix-up of frames would put the other.

    Looked for are GCJ-02 and BD-09 taken for WGS 84, and BD-09 taken for GCJ-02, by the shift at
    that very place.

    Returns
    -------
    pairs, off_m
        The pairs, and how far the second is from where the mix-up would put it, shape (n,).
    """
    rows, spots = _spots(xy_m)
    if len(rows) < 2:
        return _NO_PAIRS, np.zeros(0)
    at = rows[spots.first]
    lon, lat = lon_deg[at], lat_deg[at]
    bd09 = from_wgs84(lon_deg=lon, lat_deg=lat, frame="bd09")
    wrong = (
        from_wgs84(lon_deg=lon, lat_deg=lat, frame="gcj02"),
        bd09,
        to_wgs84(lon_deg=bd09[0], lat_deg=bd09[1], frame="gcj02"),
    )
    tree = cKDTree(xy_m[at])
    pairs, off_m = [_NO_PAIRS], [np.zeros(0)]
    for x, y in wrong:
        there = plane.to_xy_m(lon_deg=x, lat_deg=y)
        is_shifted = np.hypot(*(there - xy_m[at]).T) > 2 * within_m
        for a, b, gap_m in _found(tree, there[is_shifted], k=_WORTH_TRYING, within_m=within_m):
            both = np.column_stack([np.flatnonzero(is_shifted)[a], b])
            members, of = spots.members(both)
            pairs.append(np.sort(rows[members], axis=1))
            off_m.append(gap_m[of])
    every, gaps = np.concatenate(pairs), np.concatenate(off_m)
    order = np.lexsort((gaps, every[:, 1], every[:, 0]))
    every, gaps = every[order], gaps[order]
    is_first = np.append(True, (np.diff(every, axis=0) != 0).any(axis=1))[: len(every)]
    return every[is_first], gaps[is_first]


def once(pairs: Ints) -> Ints:
    """Give each pair once, in order."""
    return _unkeyed(np.unique(pairs[:, 0] << 32 | pairs[:, 1]))


def _pairs(one: Ints, other: Ints) -> Ints:
    """Pair rows, the smaller first, each pair once and no row with itself."""
    return _unkeyed(_keys(one, other))


def _keys(one: Ints, other: Ints) -> Ints:
    key: Ints = np.unique(np.minimum(one, other) << 32 | np.maximum(one, other))
    is_pair: Flags = key >> 32 != key & 0xFFFFFFFF
    return key[is_pair]


def _unkeyed(key: Ints) -> Ints:
    return np.column_stack([key >> 32, key & 0xFFFFFFFF])


def _found(
    tree: cKDTree, xy_m: Floats, *, k: int, within_m: float
) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Give the k nearest of the tree to each place, in blocks: places, what is near, distances."""
    nearest = list(range(1, min(k, tree.n) + 1))
    for first in range(0, len(xy_m), _AT_ONCE):
        block = xy_m[first : first + _AT_ONCE]
        gap_m, near = tree.query(block, k=nearest, distance_upper_bound=within_m)
        a, b = np.nonzero(np.isfinite(gap_m))
        yield a + first, near[a, b], gap_m[a, b]


@dataclass(frozen=True, slots=True)
class _Spots:
    """Places half a metre wide: the spot of each place, its first place, and how many it has."""

    of: Ints
    first: Ints
    count: Ints

    def members(self, pairs: Ints) -> tuple[Ints, Ints]:
        """Give the pairs of places in paired spots, and which pair of spots each comes from.

        A crowded spot is stood for by its first place.
        """
        order = np.argsort(self.of, kind="stable")
        start = np.append(0, np.cumsum(self.count)[:-1])
        size = np.where(self.count > _CROWD, 1, self.count)
        a, b = pairs.T
        n = size[a] * size[b]
        of = np.repeat(np.arange(len(pairs)), n)
        if len(of) == len(pairs):  # one place in each spot
            return np.column_stack([order[start[a]], order[start[b]]]), of
        turn = np.arange(len(of)) - np.repeat(np.cumsum(n) - n, n)
        one = order[start[a[of]] + turn // size[b[of]]]
        other = order[start[b[of]] + turn % size[b[of]]]
        return np.column_stack([one, other]), of


def _spots(xy_m: Floats) -> tuple[Ints, _Spots]:
    """Give the rows whose place is finite, and their spots."""
    rows = np.flatnonzero(np.isfinite(xy_m).all(axis=1))
    cells = np.floor(xy_m[rows] / _SAME_M).astype(np.int64)
    key = (cells[:, 0] << 32) + cells[:, 1]
    _, first, of, count = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    return rows, _Spots(of, first, count)

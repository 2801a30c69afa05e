"""Blocks cut into smaller blocks by streets, until they have the size usual at that distance.

Every cut runs across the longer side of a block, near its middle. Most cuts keep to a wavy system
of lines that the whole city shares, finest lines last, so that streets of neighbouring blocks often
meet; the rest fall where they like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Objects = NDArray[np.object_]
Floats = NDArray[np.float64]

_LINE_M = 31.0
_SHARED = 0.78
_SMALLEST_M2 = 3_200.0
_NARROWEST_M = 52.0
_LEFT_WHOLE = 0.022
_SLIVER_M2 = 1.0
_ROUNDS = 24
_FAR_M = 9_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The streets that cut blocks, and the blocks that are left.

    Attributes
    ----------
    lines
        Lines in local metres; each ends on lines cut before it or on the edge of the first blocks.
    block_m2
        Size of the block that each line cut.
    blocks
        The blocks left over; slivers under 1 m² are dropped.
    """

    lines: Objects
    block_m2: Floats
    blocks: Objects


def cut_blocks(
    blocks: Objects, wanted_m2: Callable[[Floats], Floats], rng: np.random.Generator
) -> Cut:
    """Cut blocks until each is about as large as wanted there.

    Parameters
    ----------
    blocks
        Polygons in local metres.
    wanted_m2
        Gives the size of a finished block at points of shape (n, 2).
    rng
        Where chance comes from.

    Returns
    -------
    Cut
        Lines in the order of cutting.
    """
    lines, sizes, finished = [], [], []
    for _ in range(_ROUNDS):
        area = shapely.area(blocks)
        middle = shapely.get_coordinates(shapely.centroid(blocks))
        box = _boxes(blocks)
        done = area < wanted_m2(middle) * rng.lognormal(0.35, 0.35, len(blocks))
        done |= (area < _SMALLEST_M2) | (box.short_m < _NARROWEST_M)
        done |= (area < 240_000) & (area > 30_000) & (rng.random(len(blocks)) < _LEFT_WHOLE)
        finished.append(blocks[done])
        if done.all():
            break
        blocks, area = blocks[~done], area[~done]
        street, left, right = _cuts(_Boxes(*(a[~done] for a in box.arrays())), rng)
        pieces, owner = shapely.get_parts(shapely.intersection(street, blocks), return_index=True)
        real = (shapely.get_type_id(pieces) == 1) & (shapely.length(pieces) > 5)
        lines.append(pieces[real])
        sizes.append(area[owner[real]])
        halves = np.concatenate(
            [shapely.intersection(left, blocks), shapely.intersection(right, blocks)]
        )
        halves = shapely.get_parts(halves)
        blocks = halves[(shapely.get_type_id(halves) == 3) & (shapely.area(halves) > _SLIVER_M2)]
    return Cut(np.concatenate(lines), np.concatenate(sizes), np.concatenate(finished))


@dataclass(frozen=True, slots=True, eq=False)
class _Boxes:
    """Smallest turned boxes: middle, unit vector along the long side, lengths of the sides."""

    middle: Floats
    long: Floats
    long_m: Floats
    short_m: Floats

    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.middle, self.long, self.long_m, self.short_m


def _boxes(blocks: Objects) -> _Boxes:
    corners = shapely.get_coordinates(shapely.oriented_envelope(blocks)).reshape(-1, 5, 2)
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1]
    a_m, b_m = np.hypot(*a.T), np.hypot(*b.T)
    long = np.where((a_m >= b_m)[:, None], a, b)
    long_m, short_m = np.maximum(a_m, b_m), np.minimum(a_m, b_m)
    return _Boxes(corners[:, :4].mean(axis=1), long / long_m[:, None], long_m, short_m)


def _cuts(box: _Boxes, rng: np.random.Generator) -> tuple[Objects, Objects, Objects]:
    """Give the cutting line of each box and the half planes on its two sides."""
    n = len(box.long_m)
    squarish = box.short_m / box.long_m > 0.8
    turned = squarish & (rng.random(n) < 0.5)
    long = np.where(turned[:, None], np.column_stack([-box.long[:, 1], box.long[:, 0]]), box.long)
    long = np.where((long.sum(axis=1) < 0)[:, None], -long, long)
    extent = np.where(turned, box.short_m, box.long_m)
    middle = box.middle + long * _shift(box.middle, long, extent, rng)[:, None]
    tilt = rng.normal(0.0, 0.035, n)
    cos, sin = np.cos(tilt), np.sin(tilt)
    along = np.column_stack(
        [long[:, 0] * cos - long[:, 1] * sin, long[:, 0] * sin + long[:, 1] * cos]
    )
    across = np.column_stack([-along[:, 1], along[:, 0]])
    reach = np.where(turned, box.long_m, box.short_m)
    bend = np.where(rng.random(n) < 0.35, rng.normal(0.0, 0.05, n), 0.0) * reach
    knee = middle + along * bend[:, None] + across * (rng.uniform(-0.2, 0.2, n) * reach)[:, None]
    far = across * _FAR_M
    points = np.stack([middle - far, middle - across * reach[:, None] * 0.7, knee,
                       middle + across * reach[:, None] * 0.7, middle + far], axis=1)  # fmt: skip
    side = along * _FAR_M
    left = np.concatenate(
        [points, (points[:, 4] - side)[:, None], (points[:, 0] - side)[:, None]], 1
    )
    right = np.concatenate(
        [points, (points[:, 4] + side)[:, None], (points[:, 0] + side)[:, None]], 1
    )
    halves = np.array(shapely.polygons(np.concatenate([left, right])))
    return np.array(shapely.linestrings(points)), halves[:n], halves[n:]


def _shift(middle: Floats, long: Floats, extent: Floats, rng: np.random.Generator) -> Floats:
    """Say how far from the middle to cut: on the coarsest shared line near, or anywhere."""
    window = 0.13 * extent
    east = np.abs(long[:, 0]) > np.abs(long[:, 1])
    x, y = middle.T
    along = np.where(east, x, y)
    wave = np.where(east, _wave(y), _wave(x + 5_000))
    position = (along + wave) / _LINE_M + 4_096
    low = np.ceil(position - window / _LINE_M).astype(np.int64)
    high = np.floor(position + window / _LINE_M).astype(np.int64)
    some = high >= low
    power = np.floor(np.log2(np.maximum((low - 1) ^ high, 1))).astype(np.int64)
    line = (high >> power) << power
    shared = (line - position) * _LINE_M
    free = rng.uniform(-1, 1, len(extent)) * window
    chosen: Floats = np.where(some & (rng.random(len(extent)) < _SHARED), shared, free)
    return chosen


def _wave(across_m: Floats) -> Floats:
    wave: Floats = 85 * np.sin(across_m / 1_450) + 40 * np.sin(across_m / 530 + 1)
    return wave

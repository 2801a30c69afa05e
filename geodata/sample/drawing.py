"""The drawing board: every line of the street network with its class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.sample.blocks import cut_blocks
from geodata.sample.layout import Layout, pull_at, sum_of_pulls
from geodata.sample.skeleton import make_skeleton

Objects = NDArray[np.object_]
Strings = NDArray[np.str_]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_CORE_BLOCK_M2 = 9_700.0
_FIELD_BLOCK_M2 = 350_000.0
_PULL_SHAPE = 2.05
_ALLEYS = 0.34
_SMALL = (  # classes of the smallest streets and their shares
    ("residential", "living_street", "service", "footway", "path", "pedestrian"),
    (0.62, 0.13, 0.12, 0.10, 0.02, 0.01),
)
_FARM = (("residential", "unclassified", "track", "path"), (0.35, 0.45, 0.13, 0.07))
_ALLEY = (("service", "footway", "residential"), (0.50, 0.35, 0.15))
_RURAL = 0.22
_QUARTERS = (11, 8)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Everything on the drawing board, before lines are cut at their junctions.

    Attributes
    ----------
    lines
        In local metres, most important first; they end on one another and do not cross.
    highway, name
        OpenStreetMap class, empty where nobody can go; name, empty where there is none yet.
    may_cross
        Whether the line may cross rivers and railways.
    """

    lines: Objects
    highway: Strings
    name: Strings
    may_cross: Flags


def draw(layout: Layout, rng: np.random.Generator) -> Drawn:
    """Draw the skeleton, the streets that cut its blocks, and alleys into what is left."""
    skeleton = make_skeleton(layout, rng)
    quarters = _quarters(layout, rng)

    def wanted_m2(xy: Floats) -> Floats:
        share = np.exp(-_PULL_SHAPE * _built_up(layout, quarters, xy))
        size: Floats = _CORE_BLOCK_M2 ** (1 - share) * _FIELD_BLOCK_M2**share
        return size

    cut = cut_blocks(skeleton.blocks, wanted_m2, rng)
    alleys = _alleys(cut.blocks, rng)
    middle = shapely.get_coordinates(shapely.centroid(cut.lines))
    classes = _classes(cut.block_m2, _built_up(layout, quarters, middle), rng)
    alley_classes = rng.choice(_ALLEY[0], p=_ALLEY[1], size=len(alleys))
    n_new = len(cut.lines) + len(alleys)
    return Drawn(
        lines=np.concatenate([skeleton.lines, cut.lines, alleys]),
        highway=np.concatenate([skeleton.highway, classes, alley_classes]),
        name=np.concatenate([skeleton.name, np.full(n_new, "", dtype="<U24")]),
        may_cross=np.concatenate([skeleton.may_cross, np.zeros(n_new, dtype=bool)]),
    )


def _quarters(layout: Layout, rng: np.random.Generator) -> Floats:
    """Scatter local centres, so that the outskirts differ: x, y, pull, reach in metres."""
    west, south, east, north = layout.outline.bounds
    columns, rows = _QUARTERS
    n = columns * rows
    x = (np.arange(n) % columns + rng.uniform(0, 1, n)) / columns
    y = (np.arange(n) // columns + rng.uniform(0, 1, n)) / rows
    pull, reach = rng.uniform(0.1, 0.8, n), rng.uniform(450, 1_500, n)
    return np.column_stack([west + x * (east - west), south + y * (north - south), pull, reach])


def _built_up(layout: Layout, quarters: Floats, xy: Floats) -> Floats:
    """Say how densely built points of shape (n, 2) are: 0 for fields, 1 and more for the core."""
    return pull_at(layout, xy) + sum_of_pulls(quarters, xy)


def _classes(block_m2: Floats, built_up: Floats, rng: np.random.Generator) -> Strings:
    """Give the OpenStreetMap class of a street by the size of the block it cut and by its place."""
    small = rng.choice(_SMALL[0], p=_SMALL[1], size=len(block_m2))
    rural = built_up < _RURAL
    small = np.where(rural, rng.choice(_FARM[0], p=_FARM[1], size=len(block_m2)), small)
    size = block_m2 / np.where(rural, 2.6, 1.0)
    steps = [size > 900_000, size > 240_000, size > 60_000]
    return np.select(steps, ["secondary", "tertiary", "residential"], small)


def _alleys(blocks: Objects, rng: np.random.Generator) -> Objects:
    """Lead dead ends into some blocks, from the nearest side past the middle."""
    some = blocks[(rng.random(len(blocks)) < _ALLEYS) & (shapely.area(blocks) < 90_000)]
    middle = shapely.centroid(some)
    lines = shapely.get_coordinates(shapely.shortest_line(shapely.boundary(some), middle))
    lines = lines.reshape(-1, 2, 2)
    deep = rng.uniform(0.8, 1.45, len(some))
    lines[:, 1] = lines[:, 0] + (lines[:, 1] - lines[:, 0]) * deep[:, None]
    alleys = np.array(shapely.linestrings(lines))
    inside = shapely.contains(some, middle) & (shapely.length(alleys) > 25)
    return alleys[inside]

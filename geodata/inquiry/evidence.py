"""Evidence: how well the rows of a sheet fit what the city knows, if they are where a reading says.

Each kind of evidence answers, for any positions of the rows, with the logarithm of a likelihood
ratio by row: how much likelier it is to find the row there if it is truly there than if it were
anywhere within some kilometres. Rows about which a kind knows nothing get 0.

- `Points`: the row carries the name of a known station, or names a place. Its distance is a mixture
  of Gaussian errors (a survey, a geocoder, an entrance far from the pin), or the match is wrong.
- `Districts`: the row states a district. The probability of lying in it falls off across its border
  as the position is uncertain; or the statement is wrong.
- `Named`: the row names a street and should lie along it.
- `Beside`: stations stand beside streets. How often places nearby lie as near to a street is
  measured by moving all rows together to and fro; where every place does, it is no evidence.

Shapes: k sets of positions of n rows, in metres in a plane of the city, are (k, n, 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.special import ndtr

from geodata.inquiry.mentions import Matches

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]

BORDER_M = 45.0
"""Standard error of a border and of the place beside it."""

_DEEP_SCALES = 6.0
_REACH_M = 3000.0
_POINT_SCALES_M = ((15.0, 0.45), (45.0, 0.3), (140.0, 0.15), (450.0, 0.06))
_PLACE_SCALES_M = ((60.0, 0.3), (200.0, 0.45), (600.0, 0.2))
_STREET_SCALES_M = ((25.0, 0.55), (70.0, 0.3), (220.0, 0.1))
_WRONG_DISTRICT = (0.02, 0.07, 0.2)
_BESIDE_M = (18.0, 45.0)
_TRUSTS = (1.0, 0.5, 0.15)
_BESIDE_FLOOR = 0.1
_SAMPLE_STEP_M = 12.0
_APART = 1e7


class Kind(Protocol):
    """One kind of evidence about n rows."""

    def measured(self, xy_m: Floats) -> Floats:
        """Give the distances that speak, shape (k, m), of positions of shape (k, n, 2)."""

    def log_ratios(self, distance_m: Floats) -> Floats:
        """Give log likelihood ratios, shape (v, k, n): one layer for each of v assumptions."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Rows that name points: known stations, or places.

    Attributes
    ----------
    n
        How many rows the sheet has.
    matches
        Which rows name which points.
    labels
        Name of the point of each match.
    target_xy_m
        Shape (m, 2): where it is.
    step_m
        Rounding of the sheet's numbers.
    is_place
        Whether the points are places that a station may be some way from.
    """

    n: int
    matches: Matches
    labels: Sequence[str]
    target_xy_m: Floats
    step_m: float
    is_place: bool = False

    def thinned(self, most: int) -> Points:
        """Give it with at most so many matches, evenly drawn."""
        some = _evenly(len(self.labels), most)
        labels = [self.labels[i] for i in some.tolist()]
        return replace(
            self,
            matches=self.matches.at(some),
            labels=labels,
            target_xy_m=self.target_xy_m[some],
        )

    def measured(self, xy_m: Floats) -> Floats:
        """Give metres from each match's row to its point, shape (k, m)."""
        apart = xy_m[:, self.matches.row] - self.target_xy_m
        return np.asarray(np.hypot(apart[..., 0], apart[..., 1]))

    def log_ratios(self, distance_m: Floats) -> Floats:
        """Give log likelihood ratios, shape (3, k, n): most, half or few of the names are right."""
        scales = _PLACE_SCALES_M if self.is_place else _POINT_SCALES_M
        ratio = np.zeros_like(distance_m)
        for scale, share in scales:
            variance = scale**2 + self.step_m**2 / 12
            ratio += share * _REACH_M**2 / (2 * variance) * np.exp(-(distance_m**2) / 2 / variance)
        layers = []
        for share in _TRUSTS:
            total = np.ones((len(ratio), self.n))
            for k, values in enumerate(self.matches.trust * share * (ratio - 1.0)):
                np.add.at(total[k], self.matches.row, values)
            layers.append(np.log(total))
        return np.array(layers)


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Rows that name streets.

    Attributes
    ----------
    n, matches, labels, step_m
        As for `Points`; targets are numbers of streets.
    lines, street
        Lines in metres, and the number of the street that each is part of.
    """

    n: int
    matches: Matches
    labels: Sequence[str]
    lines: Objects
    street: NDArray[np.intp]
    step_m: float

    def thinned(self, most: int) -> Named:
        """Give it with at most so many matches, evenly drawn."""
        some = _evenly(len(self.labels), most)
        labels = [self.labels[i] for i in some.tolist()]
        matches = self.matches.at(some)
        used = np.isin(self.street, matches.target)
        return replace(
            self,
            matches=matches,
            labels=labels,
            lines=self.lines[used],
            street=self.street[used],
        )

    def measured(self, xy_m: Floats) -> Floats:
        """Give metres from each match's row to its street, shape (k, m)."""
        points, line = _along(self.lines)
        # Streets are layers so far apart that the nearest point is always one of the same street.
        tree = cKDTree(np.column_stack([points, self.street[line] * _APART]))
        at = xy_m[:, self.matches.row]
        layer = np.broadcast_to(self.matches.target * _APART, at.shape[:2])
        return np.asarray(tree.query(np.dstack([at, layer]))[0], dtype=np.float64)

    def log_ratios(self, distance_m: Floats) -> Floats:
        """Give log likelihood ratios, shape (3, k, n): most, half or few of the names are right."""
        ratio = np.zeros_like(distance_m)
        for scale, share in _STREET_SCALES_M:
            width = np.sqrt(scale**2 + self.step_m**2 / 12)
            ratio += share * _REACH_M / 2 / width * np.exp(-((distance_m / width) ** 2) / 2)
        layers = np.zeros((len(_TRUSTS), len(ratio), self.n))
        for layer, share in zip(layers, _TRUSTS, strict=True):
            trust = self.matches.trust * share
            for k, values in enumerate(np.log(1 - trust + trust * ratio)):
                np.add.at(layer[k], self.matches.row, values)
        return layers


@dataclass(frozen=True, slots=True, eq=False)
class Districts:
    """Rows that state a district.

    Attributes
    ----------
    n, matches, step_m
        As for `Points`; targets are numbers of polygons. A row may state one of several of a name.
    labels
        Name of each polygon.
    polygons
        In metres.
    """

    n: int
    matches: Matches
    labels: Sequence[str]
    polygons: Objects
    step_m: float

    def measured(self, xy_m: Floats) -> Floats:
        """Give metres that each match's row lies within its polygon, negative outside: (k, m).

        Deep inside it is a distance from the border that leaves no doubt, not the true one.
        """
        deep_m = _DEEP_SCALES * np.hypot(BORDER_M, self.step_m)
        core = shapely.buffer(self.polygons, -deep_m)
        shapely.prepare(core)
        shapely.prepare(self.polygons)
        at = np.asarray(shapely.points(xy_m[:, self.matches.row]), dtype=object)
        target = np.broadcast_to(self.matches.target, at.shape)
        result = np.full(at.shape, deep_m)
        doubt = ~shapely.intersects(core[target], at)
        point, one = at[doubt], target[doubt]
        away = shapely.distance(shapely.boundary(self.polygons)[one], point)
        result[doubt] = np.where(shapely.intersects(self.polygons[one], point), away, -away)
        return result

    def log_ratios(self, distance_m: Floats) -> Floats:
        """Give log likelihood ratios, shape (3, k, n): few, some or many wrong statements."""
        width = np.hypot(BORDER_M, self.step_m / np.sqrt(12))
        inside = ndtr(distance_m / width)
        n_districts = max(len(np.unique(self.matches.target)), 2)
        layers = []
        for wrong in _WRONG_DISTRICT:
            ratio = np.full((len(distance_m), self.n), -np.inf)
            for k, row in enumerate(inside):
                np.maximum.at(ratio[k], self.matches.row, row)
            ratio = np.where(np.isfinite(ratio), (1 - wrong) * n_districts * ratio + wrong, 1.0)
            layers.append(np.log(ratio))
        return np.array(layers)


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """All rows but those that name a street, beside any street.

    Attributes
    ----------
    rows
        Shape (m,): which rows count.
    n, step_m
        As for `Points`.
    lines
        Of all streets, in metres.
    shifts
        Shape (s,): which of the k sets of positions are shifts at random.
    """

    n: int
    rows: NDArray[np.intp]
    lines: Objects
    shifts: NDArray[np.intp]
    step_m: float

    def measured(self, xy_m: Floats) -> Floats:
        """Give metres from each row that counts to the nearest street, shape (k, m)."""
        points = np.asarray(shapely.points(xy_m[:, self.rows]), dtype=object).ravel()
        tree = shapely.STRtree(self.lines)
        found, distance = tree.query_nearest(points, return_distance=True, all_matches=False)
        result = np.full(len(points), np.inf)
        result[found[0]] = distance
        return result.reshape(xy_m.shape[0], -1)

    def log_ratios(self, distance_m: Floats) -> Floats:
        """Give log likelihood ratios, shape (3, k, n): at the kerb, farther off, or anywhere.

        Rows moved together come near to streets together, more than independent rows would: as much
        as that varies more, all ratios are held back.
        """
        layers = np.zeros((len(_BESIDE_M) + 1, len(distance_m), self.n))
        for layer, scale in zip(layers, _BESIDE_M, strict=False):
            width = np.hypot(scale, self.step_m / np.sqrt(12))
            near = np.exp(-((distance_m / width) ** 2) / 2)
            near = _BESIDE_FLOOR + (1 - _BESIDE_FLOOR) * near
            random = near[self.shifts]
            ratio = np.log(near / ((random.mean(axis=0) + random.mean()) / 2))
            together = ratio[self.shifts].sum(axis=1).var()
            apart = ratio[self.shifts].var(axis=0).sum()
            layer[:, self.rows] = ratio / max(1.0, together / max(apart, 1e-9))
        return layers


def _evenly(n: int, most: int) -> NDArray[np.intp]:
    return np.linspace(0, n - 1, min(n, most)).astype(np.intp)


def _along(lines: Objects) -> tuple[Floats, NDArray[np.intp]]:
    """Give points along lines, at most twelve metres apart, and the line of each."""
    dense = shapely.segmentize(lines, _SAMPLE_STEP_M)
    points, line = shapely.get_coordinates(dense, return_index=True)
    return points, line.astype(np.intp)


def combined(layers: Sequence[Floats]) -> Floats:
    """Add kinds up under every combination of their assumptions, shape (v, k, n)."""
    total = layers[0]
    for more in layers[1:]:
        total = (total[:, None] + more[None]).reshape(-1, *total.shape[1:])
    return total

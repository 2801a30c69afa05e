"""Hypotheses: how probable each reading of a sheet is, given all that the city knows.

Under each hypothesis a row is in the frame of most rows, or it strays and is in any other one; rows
at one spot share their errors and count less than rows apart. Beside the readings stand three
hypotheses of none of them: the rows are anywhere within some kilometres; all are moved by one of a
few random steps; or by that step which fits best of all, which is improbable beforehand by as much
as there are other steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.frames import Floats
from geodata.inquiry.clues import beside, gather
from geodata.inquiry.evidence import Kind, Named, Points, combined
from geodata.inquiry.readings import Readings
from geodata.inquiry.scene import Scene, Texts

_N_SHIFTS = 24
_SHIFT_M = (350.0, 1600.0)
_APART_M = 200.0
_GOLDEN_RAD = np.pi * (3.0 - 5.0**0.5)
_NOT_THERE, _CLOSE_M = -7.0, 3000.0
_STRAY = (0.03, 0.12, 0.3)
_MOST_FELLOWS = 6
_SPOT_M = 250.0
_SHARED_ERRORS = 0.3
_NONE = 0.03
_PLAIN, _PLAIN_SHARE = 4.0, 0.25
_FAR_M = 1e6
_SEARCH_M, _SEARCH_STEP_M, _SEARCH_APART_M = 2000.0, 125.0, 300.0
_SEARCH_MATCHES = 80


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Where each hypothesis puts the rows, and what each kind of evidence says of it.

    Attributes
    ----------
    readings
        The H hypotheses that have a name.
    xy_m
        Shape (k, n, 2): the first H sets of positions are the readings, the others are the first
        of them moved by random steps.
    kinds, distances, layers
        Kinds of evidence, what `Kind.measured` gives and what `Kind.log_ratios` makes of it.
    weight
        Shape (n,): how much a row counts.
    """

    readings: Readings
    xy_m: Floats
    kinds: dict[str, Kind]
    distances: dict[str, Floats]
    layers: dict[str, Floats]
    weight: Floats

    @property
    def there(self) -> Floats:
        """Shape (1, k, n): log ratios of being in the city at all.

        Its edge is no evidence: a row is in it under all readings that put it close together.
        """
        is_there = self.readings.is_there
        there = np.empty(is_there.shape)
        for k, xy in enumerate(self.xy_m[: len(there)]):
            apart = self.xy_m[: len(there)] - xy
            is_close = np.hypot(apart[..., 0], apart[..., 1]) < _CLOSE_M
            there[k] = np.where((is_close & is_there).any(axis=0), 0.0, _NOT_THERE)
        n_shifts = len(self.xy_m) - len(there)
        return np.concatenate([there, np.repeat(there[:1], n_shifts, axis=0)])[None]


def put(readings: Readings, rows: Texts, scene: Scene) -> Case:
    """Put the rows where each reading says, and ask the evidence."""
    xy = np.array(
        [
            scene.plane.to_xy_m(lon_deg=np.nan_to_num(lon), lat_deg=np.nan_to_num(lat))
            for lon, lat in zip(readings.lon_deg, readings.lat_deg, strict=True)
        ]
    )
    xy = np.clip(np.nan_to_num(xy, nan=_FAR_M, posinf=_FAR_M, neginf=-_FAR_M), -_FAR_M, _FAR_M)
    all_xy = np.concatenate([xy, xy[0] + _random_steps(xy)[:, None]])
    kinds = gather(rows, scene)
    moved = np.arange(len(xy), len(all_xy))
    near = beside(len(rows.names), kinds, scene, shifts=moved)
    if near is not None:
        kinds["beside"] = near
    distances = {name: kind.measured(all_xy) for name, kind in kinds.items()}
    layers = {name: kind.log_ratios(distances[name]) for name, kind in kinds.items()}
    return Case(readings, all_xy, kinds, distances, layers, _weights(xy[0]))


def probabilities(case: Case) -> Floats:
    """Give the probability of each reading, shape (H,); what is left is that of none of them."""
    n_readings = len(case.readings.names)
    total = _log_likelihoods(combined([case.there, *case.layers.values()]), case.weight, n_readings)
    none = [_anywhere(case), total[:n_readings].max() + _elsewhere(case, total[:n_readings])]
    if len(total) > n_readings:
        none.append(float(_log_mean(total[n_readings:], 0)))
    odds = np.concatenate([total[:n_readings], np.log(_NONE) + np.array(none)])
    odds = np.exp(odds - odds.max())
    return np.asarray((odds / odds.sum())[:n_readings])


def contradicted(case: Case, best: int) -> bool:
    """Tell whether one kind of evidence by itself speaks plainly for another reading.

    Plainly: in odds of more than e^4, and a quarter as strongly as all kinds together speak for the
    best, for a few rows that stray may lie where it matters.
    """
    n_readings = len(case.readings.names)
    if n_readings == 1:
        return False
    against = []
    together = 0.0
    for layer in case.layers.values():
        alone = _log_likelihoods(layer + case.there, case.weight, n_readings)[:n_readings]
        margin = float(alone[best] - np.delete(alone, best).max())
        together += margin
        against.append(-margin)
    return max(against, default=0.0) > max(_PLAIN, _PLAIN_SHARE * together)


def _random_steps(xy: Floats) -> Floats:
    """Give steps all around, but none that another reading would make, shape (s, 2)."""
    turn = np.arange(_N_SHIFTS) * _GOLDEN_RAD
    radius = np.sqrt(np.linspace(_SHIFT_M[0] ** 2, _SHIFT_M[1] ** 2, _N_SHIFTS))
    steps = np.column_stack([radius * np.cos(turn), radius * np.sin(turn)])
    return np.asarray(steps[_away_m(steps, np.median(xy - xy[0], axis=1)) >= _APART_M])


def _away_m(steps: Floats, made: Floats) -> Floats:
    """Give how far steps, shape (s, 2), are from the nearest of those that readings make."""
    apart = steps[:, None] - made
    return np.asarray(np.hypot(apart[..., 0], apart[..., 1]).min(axis=1))


def _weights(xy: Floats) -> Floats:
    """Count the same place once, and rows at one spot less than rows apart; shape (n,)."""
    weight = np.ones(len(xy))
    for cells, power in ((np.round(xy, 1), 1.0), (np.round(xy / _SPOT_M), _SHARED_ERRORS)):
        _, cell, count = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
        weight /= count[cell.ravel()] ** power
    return weight


def _log_likelihoods(ratios: Floats, weight: Floats, n_readings: int) -> Floats:
    """Give the log likelihood of each set of positions as that of most rows, shape (k,).

    `ratios` has shape (v, k, n); the mean is taken over the v assumptions and over how many rows
    stray.
    """
    fellows = ratios[:, : min(n_readings, _MOST_FELLOWS)]
    sums = np.empty((len(_STRAY), *ratios.shape[:2]))
    for k in range(ratios.shape[1]):
        others = [h for h in range(fellows.shape[1]) if h != k]
        stray = _log_mean(fellows[:, others], 1) if others else ratios[:, k]
        for s, share in enumerate(_STRAY):
            row = np.logaddexp(np.log(1 - share) + ratios[:, k], np.log(share) + stray)
            sums[s, :, k] = (row * weight).sum(axis=-1)
    return _log_mean(sums.reshape(-1, ratios.shape[1]), 0)


def _anywhere(case: Case) -> float:
    """Give the log likelihood of rows that lie anywhere within some kilometres.

    Ratios are against just that, so that it is 0, but for districts: they hold most rows wherever
    those are moved.
    """
    n_readings = len(case.readings.names)
    total = float((case.there[0, 0] * case.weight).sum())
    layer = case.layers.get("districts")
    if layer is not None and layer.shape[1] > n_readings:
        rows = _log_mean(layer[:, n_readings:], 1)
        total += float(_log_mean((rows * case.weight).sum(axis=-1), 0))
    return total


def _elsewhere(case: Case, total: Floats) -> float:
    """Give by how much the best step of all beats the best reading, as a log ratio.

    Steps on a grid are tried with some of the names that the city knows; their number is the price.
    """
    best = int(total.argmax())
    axis = np.arange(-_SEARCH_M, _SEARCH_M + 1, _SEARCH_STEP_M)
    steps = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    steps = steps[np.hypot(*steps.T) <= _SEARCH_M]
    price = float(np.log(len(steps)))
    readings = case.xy_m[: len(total)]
    made = np.median(readings - readings[best], axis=1)
    steps = steps[_away_m(steps, made) >= _SEARCH_APART_M]
    steps = np.concatenate([[[0.0, 0.0]], steps])
    gained = np.zeros(len(steps))
    for kind in case.kinds.values():
        if isinstance(kind, Points | Named):
            few = kind.thinned(_SEARCH_MATCHES)
            layers = few.log_ratios(few.measured(readings[best] + steps[:, None]))
            gained += _log_mean((layers * case.weight).sum(axis=-1), 0)
    return float((gained - gained[0]).max()) - price


def _log_mean(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """Give the logarithm of the mean of exponentials."""
    most = values.max(axis=axis, keepdims=True)
    mean = np.exp(values - most).mean(axis=axis, keepdims=True)
    return np.asarray((most + np.log(mean)).squeeze(axis))

"""Bring the assumed visits in line with visits that somebody counted.

A Poisson regression (log link) of the counts on what `planner.visits` expects:
``E[count] = expected · exp(b₀ + b · x)``, where x says the kind of station, the part of the day and
whether it is a weekend. With weights equal to what is expected, the regression of the ratio
count / expected has the same score equations as one of the counts with log(expected) as offset
(McCullagh and Nelder 1989, §6.2), which is how scikit-learn can fit it. A ridge penalty draws
factors that few counts speak about towards the common one.

How good it is, is measured on stations left out of the fit (grouped cross-validation), because a
count at one hour of a station says much about its next hour and nothing about another station.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import PoissonRegressor
from sklearn.metrics import mean_poisson_deviance
from sklearn.model_selection import GroupKFold

from geodata.errors import InvalidInputError, UnanswerableError
from geodata.records import HOURS_PER_WEEK, STATION_KINDS

Floats = NDArray[np.float64]

BLOCKS_H = (0, 5, 8, 11, 14, 17, 21, 24)
"""Parts of the day that get a factor of their own."""

FEWEST_STATIONS = 5
"""With fewer counted stations nothing can be said about those that were not counted."""

_RIDGE = 1e-3
_FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What counting changed.

    Attributes
    ----------
    common
        Counted over expected visits, all in all.
    by_kind, by_block, weekend
        Further factors: by kind of station, by part of the day (its first hour), at weekends.
    n_stations, n_hours, counted
        Stations counted, hours of the week with a count, and visits counted.
    deviance_before, deviance_after
        Mean Poisson deviance on stations left out of the fit: of the expectation as assumed, and
        calibrated; less is better.
    error_before, error_after
        Mean absolute error of the visits of a week of a station left out, as a share of the mean.
    """

    common: float
    by_kind: Mapping[str, float]
    by_block: Mapping[int, float]
    weekend: float
    n_stations: int
    n_hours: int
    counted: float
    deviance_before: float
    deviance_after: float
    error_before: float
    error_after: float

    def factors(self, kinds: NDArray[np.object_]) -> Floats:
        """Give what to multiply expected visits by, shape (n_stations, 168)."""
        hour = np.arange(HOURS_PER_WEEK)
        first = np.array(BLOCKS_H)[np.searchsorted(BLOCKS_H, hour % 24, side="right") - 1]
        by_hour = np.array([self.by_block[int(h)] for h in first])
        by_hour = by_hour * np.where(hour >= 5 * 24, self.weekend, 1.0)
        by_kind = np.array([self.by_kind.get(str(kind), 1.0) for kind in kinds])
        return np.asarray(self.common * by_kind[:, None] * by_hour[None, :])


def calibrate(
    expected_per_hour: Floats,
    kinds: NDArray[np.object_],
    station: NDArray[np.int64],
    hour: NDArray[np.int64],
    count: Floats,
    weeks: Floats,
) -> Calibration:
    """Fit the factors to counts.

    Parameters
    ----------
    expected_per_hour
        Shape (n_stations, 168), from `planner.visits.visits`.
    kinds
        Shape (n_stations,): kind of each station.
    station, hour
        Shape (n,): which station and hour of the week (0 is Monday 00:00) a count is about.
    count, weeks
        Shape (n,): visits counted, in how many weeks.

    Raises
    ------
    InvalidInputError
        When a count is negative or about no station, hour or time.
    UnanswerableError
        When fewer than `FEWEST_STATIONS` stations have counts in hours with expected visits.
    """
    _check(station, hour, count, weeks, len(kinds))
    expected = expected_per_hour[station, hour] * weeks
    is_used = expected > 0
    n_stations = len(np.unique(station[is_used]))
    if n_stations < FEWEST_STATIONS:
        raise UnanswerableError(
            "{n} stations have counts in hours in which visits are expected; counts of at least "
            "{least} are needed",
            n=n_stations,
            least=FEWEST_STATIONS,
        )
    station, hour = station[is_used], hour[is_used]
    count, expected = count[is_used].astype(np.float64), expected[is_used]
    features = _features(kinds[station], hour)
    fold = GroupKFold(n_splits=min(_FOLDS, n_stations))
    predicted = np.empty_like(expected)
    for train, left in fold.split(features, groups=station):
        fitted = _fit(features[train], count[train], expected[train])
        predicted[left] = expected[left] * fitted.predict(features[left])
    regression = _fit(features, count, expected)
    effects = np.exp(regression.coef_)
    n_kinds = len(STATION_KINDS)
    return Calibration(
        common=float(np.exp(regression.intercept_)),
        by_kind=dict(zip(STATION_KINDS, effects[:n_kinds].tolist(), strict=True)),
        by_block=dict(zip(BLOCKS_H[:-1], effects[n_kinds:-1].tolist(), strict=True)),
        weekend=float(effects[-1]),
        n_stations=n_stations,
        n_hours=len(count),
        counted=float(count.sum()),
        deviance_before=float(mean_poisson_deviance(count, expected)),
        deviance_after=float(mean_poisson_deviance(count, predicted)),
        error_before=_error(station, count, expected),
        error_after=_error(station, count, predicted),
    )


def _fit(features: Floats, count: Floats, expected: Floats) -> PoissonRegressor:
    return PoissonRegressor(alpha=_RIDGE, max_iter=1000, tol=1e-8).fit(
        features, count / expected, sample_weight=expected
    )


def _features(kinds: NDArray[np.object_], hour: NDArray[np.int64]) -> Floats:
    block = np.searchsorted(BLOCKS_H, hour % 24, side="right") - 1
    columns = [kinds == kind for kind in STATION_KINDS]
    columns += [block == k for k in range(len(BLOCKS_H) - 1)]
    columns.append(hour >= 5 * 24)
    return np.column_stack(columns).astype(np.float64)


def _error(station: NDArray[np.int64], count: Floats, predicted: Floats) -> float:
    sums = pd.DataFrame({"station": station, "count": count, "predicted": predicted})
    by_station = sums.groupby("station").sum()
    gap = (by_station["count"] - by_station["predicted"]).abs().mean()
    mean = by_station["count"].mean()
    return float(gap / mean) if mean > 0 else float("inf")


def _check(
    station: NDArray[np.int64],
    hour: NDArray[np.int64],
    count: Floats,
    weeks: Floats,
    n_stations: int,
) -> None:
    is_sound = (station >= 0) & (station < n_stations) & (hour >= 0) & (hour < HOURS_PER_WEEK)
    is_sound &= np.isfinite(count) & (count >= 0) & np.isfinite(weeks) & (weeks > 0)
    if not is_sound.all():
        raise InvalidInputError(
            "count {n}: it needs a station of the city, an hour of the week, a number of 0 or more "
            "and how many weeks were counted",
            n=int(np.flatnonzero(~is_sound)[0]) + 1,
        )

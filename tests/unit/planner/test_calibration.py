"""Calibration: known factors are found again, and the error is that of stations not seen."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from geodata.errors import InvalidInputError, UnanswerableError
from geodata.records import STATION_KINDS
from planner.calibration import BLOCKS_H, Calibration, calibrate

KINDS = np.array(STATION_KINDS, dtype=object)


def _counts(rng, n_stations: int, truth, weeks: float):
    """Draw counts of a week of stations, with expected visits times known factors."""
    kinds = rng.choice(KINDS[:3], n_stations)
    expected = rng.uniform(0.5, 8.0, (n_stations, 168))
    station, hour = (a.reshape(-1) for a in np.indices((n_stations, 168)))
    mean = expected * truth(kinds)
    count = rng.poisson(mean[station, hour] * weeks).astype(float)
    return expected, kinds, station, hour, count, np.full(len(count), weeks)


def _truth(kinds):
    hour = np.arange(168)
    by_kind = np.where(kinds == "smart_24h", 1.8, np.where(kinds == "co_built", 0.6, 1.0))
    return (
        0.7 * by_kind[:, None] * np.where(hour % 24 < 8, 0.5, 1.2) * np.where(hour >= 120, 0.8, 1.0)
    )


def test_known_factors_are_found_again():
    """Counts drawn with known factors give them back, in every kind and hour."""
    asked = _counts(np.random.default_rng(0), 60, _truth, weeks=4.0)
    found = calibrate(*asked)
    assert found.factors(KINDS[:3]) == pytest.approx(_truth(KINDS[:3]), rel=0.06)
    assert found.counted == asked[4].sum()
    assert found.deviance_after < 0.5 * found.deviance_before
    assert found.error_after < found.error_before


def test_the_fit_is_the_most_likely_one():
    """A general optimiser of the penalised Poisson likelihood with offset finds the same factors."""
    asked = _counts(np.random.default_rng(1), 12, _truth, weeks=1.0)
    expected, kinds, station, hour, count, _ = asked
    offset = expected[station, hour]
    block = np.searchsorted(BLOCKS_H, hour % 24, side="right") - 1
    x = np.column_stack(
        [
            np.ones(len(hour)),
            *[kinds[station] == k for k in KINDS],
            *[block == b for b in range(7)],
            hour >= 120,
        ]
    ).astype(float)

    def loss(b):
        mean = offset * np.exp(x @ b)
        value = (mean - count * np.log(mean)).sum() / offset.sum() + 0.5e-3 * (b[1:] ** 2).sum()
        slope = x.T @ (mean - count) / offset.sum() + 1e-3 * np.r_[0.0, b[1:]]
        return value, slope

    best = minimize(loss, np.zeros(x.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-9})
    found = calibrate(*asked)
    effects = [found.common, *found.by_kind.values(), *found.by_block.values(), found.weekend]
    assert np.log(effects) == pytest.approx(best.x, abs=1e-4)


def test_noise_does_not_look_like_knowledge():
    """Where the assumption was already right, calibrating hardly changes it."""
    found = calibrate(
        *_counts(np.random.default_rng(2), 40, lambda kinds: np.ones((len(kinds), 168)), weeks=2.0)
    )
    assert found.factors(KINDS[:3]) == pytest.approx(np.ones((3, 168)), rel=0.08)
    assert found.deviance_after == pytest.approx(found.deviance_before, rel=0.03)


def test_a_kind_without_counts_keeps_the_common_factor():
    """Nothing is learned about a kind that nobody counted."""
    found = calibrate(*_counts(np.random.default_rng(3), 30, _truth, weeks=1.0))
    assert found.by_kind["mobile"] == pytest.approx(1.0, abs=1e-6)
    assert isinstance(found, Calibration)


def test_too_few_stations_are_refused():
    """Four counted stations say nothing about others; five are the least."""
    rng = np.random.default_rng(4)
    with pytest.raises(UnanswerableError, match="at least 5"):
        calibrate(*_counts(rng, 4, _truth, weeks=1.0))
    assert calibrate(*_counts(rng, 5, _truth, weeks=1.0)).n_stations == 5


@pytest.mark.parametrize(
    ("field", "value"), [(2, -1), (2, 99), (3, 168), (4, -1.0), (4, np.nan), (5, 0.0)]
)
def test_an_impossible_count_is_named(field, value):
    """A count about no station, hour or time is an error that names it."""
    asked = list(_counts(np.random.default_rng(5), 6, _truth, weeks=1.0))
    asked[field] = asked[field].copy()
    asked[field][6] = value
    with pytest.raises(InvalidInputError, match="count 7"):
        calibrate(*asked)

"""Maximal covering by HiGHS, from a known plan, with the bound that it proves."""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.errors import UnavailableError

_REASONS = {
    highspy.HighsModelStatus.kOptimal: "proved",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
}


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What HiGHS found: chosen columns, proved upper bound, and why it stopped."""

    chosen: NDArray[np.int64]
    bound: float
    reason: str


def maximise(
    reach: csr_array,
    people: NDArray[np.float64],
    *,
    n_sites: int,
    cost_cny: NDArray[np.float64] | None,
    budget_cny: float | None,
    start: NDArray[np.int64],
    time_limit_s: float,
    random_state: int,
) -> Found:
    """Solve a reduced maximal covering problem (see `planner.models.mclp`).

    Parameters
    ----------
    reach
        CSR of ones, shape (n_demand, n_candidates).
    people
        Shape (n_demand,), above 0 and at most 1: HiGHS stops at a gap of 1e-7 of the largest.
    n_sites, cost_cny, budget_cny
        The limits.
    start
        A plan within the limits to start from.
    time_limit_s, random_state
        When to stop, and the solver's seed.

    Raises
    ------
    UnavailableError
        When HiGHS refuses the programme.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in {
        "output_flag": False,
        "time_limit": float(time_limit_s),
        "random_seed": int(random_state),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 1e-7,
        "threads": 1,
    }.items():
        highs.setOptionValue(option, value)
    if highs.passModel(_programme(reach, people, n_sites, cost_cny, budget_cny)) not in (
        highspy.HighsStatus.kOk,
        highspy.HighsStatus.kWarning,
    ):
        raise UnavailableError("the solver refused the siting programme; report this with the city")
    solution = highspy.HighsSolution()
    solution.col_value = _column_values(reach, start).tolist()
    highs.setSolution(solution)
    highs.run()
    status = highs.getModelStatus()
    reason = _REASONS.get(status, "solver_failed")
    bound = float(people.sum())
    if reason != "solver_failed":
        bound = min(bound, float(highs.getInfo().mip_dual_bound))
    values = np.array(highs.getSolution().col_value)
    chosen = start
    if len(values) == sum(reach.shape):
        chosen = np.flatnonzero(values[: reach.shape[1]] > 0.5)
    chosen = max((start, chosen), key=lambda plan: _served(reach, people, plan))
    return Found(chosen, bound, reason)


def _programme(
    reach: csr_array,
    people: NDArray[np.float64],
    n_sites: int,
    cost_cny: NDArray[np.float64] | None,
    budget_cny: float | None,
) -> highspy.HighsLp:
    """Write the programme row by row: one covering row for each demand, then the limits."""
    n, m = reach.shape
    inf = highspy.kHighsInf
    z = np.arange(n)
    # z_i - sum of y_j <= 0
    lengths = np.diff(reach.indptr) + 1
    ends = np.cumsum(lengths)
    index = np.empty(ends[-1], np.int64)
    value = np.full(ends[-1], -1.0)
    own = ends - lengths
    is_own = np.zeros(ends[-1], bool)
    is_own[own] = True
    index[is_own], value[is_own] = m + z, 1.0
    index[~is_own] = reach.indices
    indices, values, starts = [index, np.arange(m)], [value, np.ones(m)], [0, *ends, ends[-1] + m]
    upper = [np.zeros(n), np.array([float(n_sites)])]
    if cost_cny is not None and budget_cny is not None:
        indices.append(np.arange(m))
        values.append(cost_cny)
        starts.append(starts[-1] + m)
        upper.append(np.array([budget_cny]))
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = m + n, sum(map(len, upper))
    lp.col_cost_ = np.concatenate([np.zeros(m), people])
    lp.col_lower_ = np.zeros(m + n)
    lp.col_upper_ = np.ones(m + n)
    lp.row_lower_ = np.full(lp.num_row_, -inf)
    lp.row_upper_ = np.concatenate(upper)
    lp.integrality_ = [highspy.HighsVarType.kInteger] * m + [highspy.HighsVarType.kContinuous] * n
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array(starts)
    lp.a_matrix_.index_ = np.concatenate(indices)
    lp.a_matrix_.value_ = np.concatenate(values)
    return lp


def _column_values(reach: csr_array, chosen: NDArray[np.int64]) -> NDArray[np.float64]:
    y = np.zeros(reach.shape[1])
    y[chosen] = 1.0
    return np.concatenate([y, np.minimum(reach @ y, 1.0)])


def _served(reach: csr_array, people: NDArray[np.float64], chosen: NDArray[np.int64]) -> float:
    y = np.zeros(reach.shape[1])
    y[chosen] = 1.0
    return float(people[(reach @ y) > 0].sum())

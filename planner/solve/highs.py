"""HiGHS: linear and mixed-integer programmes as arrays in, honest answers out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import highspy
import numpy as np
from numpy.typing import NDArray

from geodata.errors import UnavailableError
from planner.models.programme import Programme
from planner.solve.watch import Watch

__all__ = ["Answer", "Programme", "Status", "optimise"]

Status = Literal["optimal", "infeasible", "stopped", "failed"]

_STATUS: dict[highspy.HighsModelStatus, Status] = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kTimeLimit: "stopped",
    highspy.HighsModelStatus.kIterationLimit: "stopped",
    highspy.HighsModelStatus.kSolutionLimit: "stopped",
    highspy.HighsModelStatus.kInterrupt: "stopped",
    highspy.HighsModelStatus.kObjectiveBound: "stopped",
    highspy.HighsModelStatus.kObjectiveTarget: "stopped",
}

_LEAN: dict[str, bool | int | float | str] = {
    "presolve": "off",
    "mip_detect_symmetry": False,
    "mip_allow_restart": False,
    "mip_heuristic_effort": 0.0,
    # The effort does not stop these three at the root, where they took half of the time.
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_root_reduced_cost": False,
}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What HiGHS answered.

    Attributes
    ----------
    status
        ``optimal`` within the gaps asked for, ``infeasible``, ``stopped`` by a limit, ``failed``.
    values
        Shape (n_columns,), or None without a solution.
    objective
        Of `values`; nan without.
    bound
        Proved bound; for a linear programme the objective when optimal; infinite when none.
    row_duals
        Shape (n_rows,), linear programmes only; empty else.
    """

    status: Status
    values: NDArray[np.float64] | None
    objective: float
    bound: float
    row_duals: NDArray[np.float64]


def optimise(
    programme: Programme,
    watch: Watch,
    *,
    start: NDArray[np.float64] | None = None,
    random_state: int = 0,
    max_nodes: int | None = None,
    max_seconds: float | None = None,
    abs_gap: float = 1e-7,
    cutoff: float | None = None,
    method: Literal["choose", "simplex", "ipm", "hipo", "pdlp"] = "choose",
    crossover: bool = False,
    is_lean: bool = False,
    is_enough: Callable[[float, float], bool] | None = None,
) -> Answer:
    """Solve a programme on one thread, from a known solution, until the watch is over.

    Parameters
    ----------
    programme
        The programme; scale its objective so that `abs_gap` is small against one unit of it.
    watch
        Ends the run with status ``stopped``.
    start
        A feasible solution.
    random_state
        Seed of the solver.
    max_nodes, max_seconds
        Further limits; only `max_nodes` keeps runs repeatable.
    abs_gap
        Gap at which a mixed-integer programme counts as optimal; the relative gap is 0.
    cutoff
        Solutions not better than this are of no interest.
    method, crossover
        How linear programmes are solved.
    is_lean
        Go without presolve, symmetries, restarts and the solver's own heuristics: for questions
        that are reduced already and start from a good plan; several times faster there.
    is_enough
        Asked with (objective, bound) during the run; true ends it.

    Raises
    ------
    UnavailableError
        When HiGHS refuses the programme.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has few types
    is_mip = bool(programme.is_integer.any())
    limit_s = watch.left_s if max_seconds is None else min(watch.left_s, max_seconds)
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "time_limit": max(0.01, limit_s),
        "random_seed": int(random_state),
        "mip_rel_gap": 0.0,
        "mip_abs_gap": abs_gap,
        "threads": 1,
    }
    if max_nodes is not None:
        options["mip_max_nodes"] = int(max_nodes)
    if cutoff is not None:
        options["objective_bound"] = cutoff
    if is_lean:
        options |= _LEAN
    if not is_mip:
        options |= {"solver": method, "run_crossover": "on" if crossover else "off"}
    for option, value in options.items():
        highs.setOptionValue(option, value)
    if highs.passModel(_lp(programme)) == highspy.HighsStatus.kError:
        raise UnavailableError("the solver refused the siting programme; report this with the city")
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = start.tolist()
        highs.setSolution(solution)
    _listen(highs, watch, is_enough)
    highs.run()
    return _answer(highs, programme, is_mip=is_mip)


def _listen(
    highs: highspy.Highs, watch: Watch, is_enough: Callable[[float, float], bool] | None
) -> None:
    """Let the watch and the caller end the run."""

    def interrupt(event: object) -> None:
        out = event.data_out  # type: ignore[attr-defined]  # highspy has few types
        enough = is_enough is not None and is_enough(out.mip_primal_bound, out.mip_dual_bound)
        if enough or watch.is_over:
            event.interrupt()  # type: ignore[attr-defined]  # highspy has few types

    highs.cbMipInterrupt += interrupt
    highs.cbSimplexInterrupt += interrupt
    highs.cbIpmInterrupt += interrupt


def _answer(highs: highspy.Highs, programme: Programme, *, is_mip: bool) -> Answer:
    info = highs.getInfo()
    status = _STATUS.get(highs.getModelStatus(), "failed")
    solution = highs.getSolution()
    has_values = info.primal_solution_status == 2  # feasible
    values = np.array(solution.col_value) if has_values else None
    worst = np.inf if programme.is_maximum else -np.inf
    if is_mip:
        bound = info.mip_dual_bound if status != "failed" else worst
        duals = np.zeros(0)
    else:
        bound = info.objective_function_value if status == "optimal" else worst
        duals = np.array(solution.row_dual)
    objective = info.objective_function_value if has_values else np.nan
    return Answer(status, values, objective, bound, duals)


def _lp(programme: Programme) -> highspy.HighsLp:
    lp = highspy.HighsLp()
    n_rows, n_columns = programme.matrix.shape
    lp.num_col_, lp.num_row_ = n_columns, n_rows
    lp.col_cost_ = programme.objective
    lp.col_lower_, lp.col_upper_ = programme.lower, programme.upper
    lp.row_lower_, lp.row_upper_ = programme.row_lower, programme.row_upper
    if programme.is_integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(k)] for k in programme.is_integer]
    sense = highspy.ObjSense.kMaximize if programme.is_maximum else highspy.ObjSense.kMinimize
    lp.sense_ = sense
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = programme.matrix.indptr
    lp.a_matrix_.index_ = programme.matrix.indices
    lp.a_matrix_.value_ = programme.matrix.data
    return lp

"""Who is served by whom when facilities have capacities: a greatest flow, and how it grows.

A flow can be built up in steps: nobody who is served loses that when a facility joins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from planner.models.capacitated import (
    Load,
    capacities,
    in_units,
    pairs_of,
    programme,
    unit_of,
)
from planner.models.pscp import SHARE_SLACK, area_totals, sums_by_area
from planner.problem import SitingProblem
from planner.solve.augmenting import send_more
from planner.solve.highs import optimise
from planner.solve.watch import Watch

DUST = 1e-12
"""People and places below this share of the largest demand point are rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """People sent from demand points to facilities; its arrays change while it grows.

    Attributes
    ----------
    pairs
        ``(by_facility, rows, by_row, columns, arcs)``: facility j has the arcs ``by_facility[j]:
        by_facility[j + 1]`` to demand points ``rows``; demand point i the facilities ``columns`` by
        arcs ``arcs`` in ``by_row[i]:by_row[i + 1]``.
    sent
        Shape (n_arcs,): people on each arc.
    left
        Shape (n_rows,): people not served.
    spare
        Shape (n_columns,): places not taken; 0 for facilities that are not in the plan.
    least
        Fewer people or places than this are rounding.
    """

    pairs: tuple[NDArray[np.int64], ...]
    sent: NDArray[np.float64]
    left: NDArray[np.float64]
    spare: NDArray[np.float64]
    least: float


@dataclass(frozen=True, slots=True, eq=False)
class Saved:
    """A flow as it was when only some facilities were in the plan."""

    arcs: NDArray[np.int64]
    sent: NDArray[np.float64]
    left: NDArray[np.float64]
    spare: NDArray[np.float64]


def save(flow: Flow, facilities: list[int]) -> Saved:
    """Note a flow to which only these facilities belong; costs what they reach, not the whole."""
    starts = flow.pairs[0]
    ranges = [np.arange(starts[j], starts[j + 1]) for j in facilities]
    arcs = np.concatenate([np.zeros(0, np.int64), *ranges])
    return Saved(arcs, flow.sent[arcs], flow.left.copy(), flow.spare.copy())


def restore(flow: Flow, saved: Saved, newcomer: int) -> None:
    """Make a flow what it was before one more facility joined."""
    starts = flow.pairs[0]
    flow.sent[starts[newcomer] : starts[newcomer + 1]] = 0.0
    flow.sent[saved.arcs] = saved.sent
    flow.left[:] = saved.left
    flow.spare[:] = saved.spare


def most_served(problem: SitingProblem, facilities: NDArray[np.int64]) -> csr_array:
    """Give the people of each demand point that each facility serves, most in all.

    When floors can be kept together with the greatest flow, they are; a greatest flow that keeps
    them exists whenever any flow does.

    Parameters
    ----------
    problem
        A capacitated question.
    facilities
        All facilities of a plan.

    Returns
    -------
    csr_array
        Shape (n_demand, n_candidates), people.
    """
    unit = unit_of(problem)
    if unit != 1.0:
        return csr_array(most_served(in_units(problem, unit), facilities) * unit)
    columns = np.sort(np.asarray(facilities, np.int64))
    reach = csr_array(problem.reach[:, columns])
    reach.sort_indices()
    capacity = capacities(problem)[columns]
    flow = no_flow(reach, problem.people)
    flow.spare[:] = capacity
    grow(flow, np.arange(len(columns)))
    floors = problem.floors
    if floors is not None:
        least = (floors.min_share - SHARE_SLACK) * area_totals(problem)
        whole = problem.people - flow.left
        if (sums_by_area(floors.area, whole, len(least)) < least).any():
            question = _all_kept(problem, reach, columns, capacity)
            better = with_floors(question, floors.min_share * area_totals(problem), Watch(np.inf))
            flow = flow if better is None else better
    sent = as_matrix(flow, reach.shape)
    return csr_array((sent.data, columns[sent.indices], sent.indptr), shape=problem.reach.shape)


def with_floors(question: Load, least_by_area: NDArray[np.float64], watch: Watch) -> Flow | None:
    """Give a greatest flow that serves enough people in each area, if there is one.

    Only kept facilities serve. A linear programme serves the areas; the rest is for `grow`.
    """
    only = programme(question, least_by_area, 0, np.inf).relaxed()
    answer = optimise(only, watch, method="simplex")
    if answer.status != "optimal" or answer.values is None:
        return None
    rows, columns = pairs_of(question.reach)
    n_rows, n_columns = question.reach.shape
    sent = np.clip(answer.values[n_columns:], 0.0, 1.0) * question.people[rows]
    used = np.bincount(rows, weights=sent, minlength=n_rows)
    sent *= np.minimum(1.0, question.people / np.maximum(used, DUST))[rows]
    used = np.bincount(columns, weights=sent, minlength=n_columns)
    sent *= np.minimum(1.0, question.capacity / np.maximum(used, DUST))[columns]
    flow = no_flow(question.reach, question.people)
    flow.sent[flow.pairs[4]] = sent
    flow.left[:] -= np.bincount(rows, weights=sent, minlength=n_rows)
    flow.spare[:] = question.capacity - np.bincount(columns, weights=sent, minlength=n_columns)
    flow.spare[~question.is_kept] = 0.0
    np.maximum(flow.left, 0.0, out=flow.left)
    np.maximum(flow.spare, 0.0, out=flow.spare)
    grow(flow, np.flatnonzero(question.is_kept))
    return flow


def _all_kept(
    problem: SitingProblem,
    reach: csr_array,
    columns: NDArray[np.int64],
    capacity: NDArray[np.float64],
) -> Load:
    """Give the question that is left when all is chosen."""
    area = np.full(reach.shape[0], -1, np.int64)
    return Load(
        reach=reach,
        people=problem.people,
        area=area if problem.floors is None else problem.floors.area,
        facilities=columns,
        capacity=capacity,
        cost=np.zeros(len(columns)),
        is_kept=np.ones(len(columns), bool),
        kept_people=0.0,
        kept_area_people=np.zeros(0),
    )


def no_flow(reach: csr_array, people: NDArray[np.float64]) -> Flow:
    """Give the flow in which nobody is served and no facility is in the plan.

    Parameters
    ----------
    reach
        CSR, shape (n_rows, n_columns).
    people
        Shape (n_rows,).
    """
    n_rows, n_columns = reach.shape
    rows = np.repeat(np.arange(n_rows), np.diff(reach.indptr))
    order = np.argsort(reach.indices, kind="stable")
    arcs = np.empty(len(order), np.int64)
    arcs[order] = np.arange(len(order))
    sizes = np.bincount(reach.indices, minlength=n_columns)
    pairs = (
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        rows[order].astype(np.int64),
        reach.indptr.astype(np.int64),
        reach.indices.astype(np.int64),
        arcs,
    )
    least = DUST * float(people.max(initial=0.0))
    return Flow(pairs, np.zeros(len(order)), people.astype(float), np.zeros(n_columns), least)


def emptied(flow: Flow, people: NDArray[np.float64]) -> Flow:
    """Give the flow over the same pairs in which nobody is served; it shares nothing that changes.

    Parameters
    ----------
    flow
        Any flow over these pairs.
    people
        Shape (n_rows,).
    """
    return Flow(
        flow.pairs,
        np.zeros_like(flow.sent),
        people.astype(np.float64),
        np.zeros_like(flow.spare),
        flow.least,
    )


def grow(flow: Flow, facilities: NDArray[np.int64]) -> float:
    """Send as many more people as can be to the spare places of some facilities.

    When the flow is greatest before these facilities join, it is greatest after.

    Returns
    -------
    float
        People more.
    """
    before = float(flow.left.sum())
    to_fill = np.asarray(facilities, np.int64)
    send_more(flow.pairs, flow.sent, flow.left, flow.spare, to_fill, flow.least)
    return before - float(flow.left.sum())


def close(flow: Flow, facility: int) -> None:
    """Take a facility out of the plan; whom it served are left, until others `grow`."""
    by_facility, rows = flow.pairs[:2]
    mine = slice(by_facility[facility], by_facility[facility + 1])
    flow.left[rows[mine]] += flow.sent[mine]
    flow.sent[mine] = 0.0
    flow.spare[facility] = 0.0


def as_matrix(flow: Flow, shape: tuple[int, int]) -> csr_array:
    """Give the people of each demand point that each facility serves."""
    _, _, by_row, columns, arcs = flow.pairs
    people = csr_array((flow.sent[arcs], columns.copy(), by_row.copy()), shape=shape)
    people.eliminate_zeros()
    return people

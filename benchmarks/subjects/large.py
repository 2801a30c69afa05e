"""Sizes that other tools cannot hold: 20 million customers, 100,000 places × 20,000 candidates."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from benchmarks.instances.grid import make_grid
from benchmarks.instances.instance import Instance
from benchmarks.instances.random_covering import RandomCovering
from benchmarks.row import Check, Size
from benchmarks.solving import answer_over_time, answer_to, proved
from benchmarks.subject import Answer, Measured, Subject, Trial
from benchmarks.subjects.reach import LIMIT_S, SIDE, large_town
from geodata.travel import between
from planner.models.choice import choice
from planner.models.covering import cover, merge_demand
from planner.problem import SitingProblem

_N_CUSTOMERS = {"tiny": 500, "full": 20_000_000}
_QUESTIONS = ((5.5, 10), (4.0, 15), (3.25, 20))
_TOWN_LIMIT_S = {"tiny": 5.0, "full": 120.0}
_PROOF_LIMIT_S = 60.0
_N_NEW = {"tiny": 5, "full": 200}


def _town(size: Size) -> Iterator[Trial]:
    town = large_town(size)
    network = make_grid(SIDE[size]).network()
    travel = between(network, town.places, town.candidates, mode="walk", limit_s=LIMIT_S)
    reach = travel.seconds
    del network, travel
    reach.data[:] = 1.0  # a stored zero is a journey of no time, not an absent pair
    limit_s = _TOWN_LIMIT_S[size]

    def work() -> Answer:
        start = perf_counter()
        problem = SitingProblem.mclp(reach, town.people, n_sites=_N_NEW[size])
        reduced = cover(problem, choice(problem))  # the solver does it again, on its own clock
        build_s = perf_counter() - start
        rows, columns = reduced.reach.shape
        del reduced
        answer = answer_over_time(problem, time_limit_s=limit_s, moments_s=(limit_s / 4,))
        return {
            **answer,
            "build_s": build_s,
            "pairs": reach.nnz,
            "reduced_rows": rows,
            "reduced_columns": columns,
        }

    def checks(measured: Measured) -> list[Check]:
        figures = measured.figures
        return [
            Check("question made and reduced", float(figures["build_s"] or 0), "<=", 5.0, "s"),
            Check("gap in 120 s", float(figures["gap"] or 0), "<=", 0.01, ""),
            Check("memory", measured.peak_mb, "<=", 4000.0, "MB"),
        ]

    yield Trial(town.instance, work, runs=0, checks=checks)


def _customers(size: Size) -> Iterator[Trial]:
    customers = RandomCovering(_N_CUSTOMERS[size], 1)
    known = customers.instance()
    for radius, n_sites in _QUESTIONS:

        def work(radius: float = radius, n_sites: int = n_sites) -> Answer:
            return _merged_and_solved(customers, radius, n_sites)

        name = f"{known.name}-r{radius:g}-p{n_sites}"
        yield Trial(Instance(name, known.seed, known.sha256), work, runs=0, checks=_customer_checks)


def _merged_and_solved(customers: RandomCovering, radius: float, n_sites: int) -> Answer:
    """Merge customers as they are drawn and solve what is left; the drawing does not count."""
    drawing_s = 0.0

    def drawn() -> Iterator[tuple[csr_array, NDArray[np.float64]]]:
        nonlocal drawing_s
        begin = perf_counter()
        for chunk in customers.chunks(radius):
            drawing_s += perf_counter() - begin
            yield chunk
            begin = perf_counter()

    start = perf_counter()
    reach, people = merge_demand(drawn())
    merging_s = perf_counter() - start - drawing_s
    problem = SitingProblem.mclp(reach, people, n_sites=n_sites)
    answer = answer_to(problem, time_limit_s=_PROOF_LIMIT_S)
    return {
        **answer,
        "seconds": perf_counter() - start - drawing_s,
        "merging_s": merging_s,
        "drawing_s": drawing_s,
        "distinct": len(people),
    }


def _customer_checks(measured: Measured) -> list[Check]:
    return [
        proved(measured.figures),
        Check("merging", float(measured.figures["merging_s"] or 0), "<=", 10.0, "s"),
        Check("merging and proof", measured.seconds, "<=", 20.0, "s"),
        Check("memory", measured.peak_mb, "<=", 2000.0, "MB"),
    ]


LARGE = (
    Subject(
        "covering_20M",
        "Most people covered: 20 million random customers, 100 sites; merging and proof together, "
        "the drawing of the customers not counted.",
        _customers,
        limit_s=180,
    ),
    Subject(
        "town_200_new",
        "200 new sites among 20,000 candidates for 100,000 places within 1.5 km, 120 s.",
        _town,
        limit_s=240,
    ),
)

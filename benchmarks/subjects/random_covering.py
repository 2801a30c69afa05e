"""Maximal and partial covering with the random customers of Cordeau, Furini and Ljubić (2019)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

from benchmarks.instances.instance import Instance, benchmark_data
from benchmarks.instances.random_covering import RandomCovering
from benchmarks.peer import Peer
from benchmarks.row import Check, Size
from benchmarks.solving import answer_to, off_by, proved
from benchmarks.subject import Answer, Measured, Subject, Trial
from planner.problem import SitingProblem


@dataclass(frozen=True, slots=True)
class Setting:
    """Radius, sites allowed, share of people asked for, and the time that a proof may take."""

    radius: float
    n_sites: int
    share: float
    target_s: float


_SETTINGS = (Setting(5.5, 10, 0.5, 10.0), Setting(4.0, 15, 0.6, 1.0), Setting(3.25, 20, 0.7, 1.0))
_N_CUSTOMERS = {"tiny": 200, "full": 10_000}
_SEEDS = {"tiny": (1,), "full": (1, 2, 3, 4, 5)}
_LIMIT_S = 30.0
_PEER_LIMIT_S = 60.0


def _maximal(size: Size) -> Iterator[Trial]:
    for seed in _SEEDS[size]:
        customers = RandomCovering(_N_CUSTOMERS[size], seed)
        for setting in _SETTINGS:
            reach, people = customers.whole(setting.radius)
            optimum = (
                _optima()
                .get((customers.n_customers, seed), {})
                .get(f"mclp_r{setting.radius:g}_p{setting.n_sites}")
            )

            def work(
                reach: csr_array = reach,
                people: NDArray[np.float64] = people,
                n_sites: int = setting.n_sites,
            ) -> Answer:
                problem = SitingProblem.mclp(reach, people, n_sites=n_sites)
                return answer_to(problem, time_limit_s=_LIMIT_S)

            yield Trial(
                _named(customers, f"r{setting.radius:g}-p{setting.n_sites}"),
                work,
                runs=0,
                checks=_checks(setting.target_s, optimum),
                peers=(_spopt(reach, people, setting.n_sites),) if seed == 1 else (),
            )


def _partial(size: Size) -> Iterator[Trial]:
    for seed in _SEEDS[size][:3]:
        customers = RandomCovering(_N_CUSTOMERS[size], seed)
        for setting in _SETTINGS:
            reach, people = customers.whole(setting.radius)
            share = setting.share
            optimum = (
                _optima()
                .get((customers.n_customers, seed), {})
                .get(f"psclp_r{setting.radius:g}_{share:.0%}".replace("%", "pct"))
            )

            def work(
                reach: csr_array = reach,
                people: NDArray[np.float64] = people,
                share: float = share,
            ) -> Answer:
                problem = SitingProblem.pscp(reach, people, share=share)
                return answer_to(problem, time_limit_s=_LIMIT_S)

            yield Trial(
                _named(customers, f"r{setting.radius:g}-{share:.0%}"),
                work,
                runs=0,
                checks=_checks(None, optimum),
            )


def _checks(target_s: float | None, optimum: float | None) -> Callable[[Measured], list[Check]]:
    def checks(measured: Measured) -> list[Check]:
        asked = [proved(measured.figures)]
        if target_s is not None:
            asked.append(Check("time", measured.seconds, "<=", target_s, "s"))
        if optimum is not None:
            asked.append(off_by(measured.figures, optimum))
        return asked

    return checks


def _named(customers: RandomCovering, question: str) -> Instance:
    made = customers.instance()
    return Instance(f"{made.name}-{question}", made.seed, made.sha256)


def _spopt(reach: csr_array, people: NDArray[np.float64], n_sites: int) -> Peer:
    def arrays() -> Mapping[str, ArrayLike]:
        return {**cover_arrays(reach, people, n_sites), "limit_s": _PEER_LIMIT_S}

    return Peer("spopt with HiGHS", "spopt_mclp.py", arrays, limit_s=_PEER_LIMIT_S + 60)


def cover_arrays(
    reach: csr_array, people: NDArray[np.float64], n_sites: int
) -> dict[str, ArrayLike]:
    """Give a covering question as the script for spopt reads it."""
    return {
        "indptr": reach.indptr,
        "indices": reach.indices,
        "people": people,
        "n_demand": reach.shape[0],
        "n_candidates": reach.shape[1],
        "n_sites": n_sites,
    }


@cache
def _optima() -> dict[tuple[int, int], dict[str, float]]:
    """Read the proved optima by customers and seed; none without the file."""
    try:
        path = benchmark_data() / "bds_optima.csv"
    except FileNotFoundError:
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (int(row["customers"]), int(row["seed"])): {
                k: float(v) for k, v in row.items() if k[:4] in ("mclp", "pscl")
            }
            for row in csv.DictReader(file)
        }


RANDOM_COVERING = (
    Subject(
        "covering_10k",
        "Most people covered: 10,000 random customers, 100 sites; question and proof together.",
        _maximal,
        limit_s=480,
    ),
    Subject(
        "partial_covering_10k",
        "Fewest sites for a share of the people: the same customers.",
        _partial,
        limit_s=150,
    ),
)

"""p-median and p-centre on the OR-Library graphs; all models on spopt's San Francisco."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import numpy as np
from scipy.sparse import csr_array

from benchmarks.instances.orlib import MedianGraph, read_graphs
from benchmarks.instances.stores import Stores, read_stores
from benchmarks.row import Check, Row, Size
from benchmarks.solving import answer_to, off_by, proved
from benchmarks.subject import Answer, Measured, Subject, Trial
from planner.problem import SitingProblem

_LIMIT_S = 30.0
_TINY = ["pmed1"]


def _medians(size: Size) -> Iterator[Trial]:
    for graph in read_graphs(_TINY if size == "tiny" else None):
        yield _trial(graph, _median, graph.median_optimum)


def _centres(size: Size) -> Iterator[Trial]:
    for graph in read_graphs(_TINY if size == "tiny" else None):
        yield _trial(graph, _centre, graph.centre_optimum)


def _median(graph: MedianGraph) -> SitingProblem:
    return SitingProblem.pmedian(graph.travel, np.ones(len(graph.travel)), n_sites=graph.n_sites)


def _centre(graph: MedianGraph) -> SitingProblem:
    return SitingProblem.pcenter(graph.travel, n_sites=graph.n_sites)


def _trial(graph: MedianGraph, ask: Callable[[MedianGraph], SitingProblem], best: float) -> Trial:
    def work() -> Answer:
        return answer_to(ask(graph), time_limit_s=_LIMIT_S)

    def checks(measured: Measured) -> list[Check]:
        return [proved(measured.figures), off_by(measured.figures, best)]

    return Trial(graph.instance, work, runs=0, checks=checks)


def _in_all(rows: list[Row]) -> list[Check]:
    seconds = sum(s for row in rows for s in row.seconds)
    return [Check("time of all twenty", seconds, "<=", 30.0, "s")]


def _stores(size: Size) -> Iterator[Trial]:
    """Ask all published questions at once; the value is the largest relative difference."""
    stores = read_stores()
    asked = list(stores.values)[: 2 if size == "tiny" else None]

    def work() -> Answer:
        away = [_difference(stores, question) for question in asked]
        return {"questions": len(asked), "largest_relative_difference": max(away)}

    def checks(measured: Measured) -> list[Check]:
        away = float(measured.figures["largest_relative_difference"] or 0)
        return [Check("relative difference to spopt's values", away, "<=", 1e-9, "")]

    yield Trial(stores.instance, work, runs=1, checks=checks)


def _difference(stores: Stores, question: str) -> float:
    """Give the relative difference to a published value at its digits; infinite without a proof."""
    answer = answer_to(_problem(stores, question), time_limit_s=_LIMIT_S)
    if answer["outcome"] != "optimal":
        return float("inf")
    printed = stores.values[question]
    ours = Decimal(float(answer["value"] or 0)).quantize(printed)
    return float(abs(ours - printed) / printed)


def _problem(stores: Stores, question: str) -> SitingProblem:
    """Read a question such as "MCLP S=5000 p=3"."""
    model, *words = question.split()
    given = {k: int(v) for k, v in (word.split("=") for word in words)}
    if model == "PMedian":
        return SitingProblem.pmedian(stores.distance_m, stores.people, n_sites=given["p"])
    if model == "PCenter":
        return SitingProblem.pcenter(stores.distance_m, n_sites=given["p"])
    reach = csr_array((stores.distance_m <= given["S"]).astype(np.int8))
    if model == "LSCP":
        return SitingProblem.lscp(reach)
    return SitingProblem.mclp(reach, stores.people, n_sites=given["p"])


DISTANCES = (
    Subject(
        "p_median",
        "p-median on the OR-Library graphs, question and proof together.",
        _medians,
        limit_s=120,
        checks=_in_all,
        needs_data=True,
    ),
    Subject(
        "p_centre",
        "p-centre on the OR-Library graphs, question and proof together.",
        _centres,
        limit_s=120,
        checks=_in_all,
        needs_data=True,
    ),
    Subject(
        "san_francisco_stores",
        "The published questions of spopt's San Francisco, each proved and held against its value.",
        _stores,
        limit_s=60,
        needs_data=True,
    ),
)

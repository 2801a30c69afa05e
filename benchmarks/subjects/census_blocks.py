"""Maximal covering on real census blocks: the model beside spopt's, and the twelve questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from numpy.typing import ArrayLike

from benchmarks.instances.blocks import Blocks, Published, published, read_blocks
from benchmarks.instances.instance import Instance
from benchmarks.peer import Peer
from benchmarks.row import Check, Row, Size
from benchmarks.solving import answer_over_time
from benchmarks.subject import Answer, Measured, Subject, Trial
from benchmarks.subjects.random_covering import cover_arrays
from planner.models.choice import choice
from planner.models.covering import cover
from planner.problem import SitingProblem

_LIMIT_S = {"tiny": 5.0, "full": 60.0}
_N_BUILD = {"tiny": 60, "full": 2000}
_N_SITES = 50


def _model(size: Size) -> Iterator[Trial]:
    blocks = read_blocks("NewYork", 400.0, n_first=_N_BUILD[size])

    def work() -> Answer:
        problem = SitingProblem.mclp(blocks.reach, blocks.people, n_sites=_N_SITES)
        reduced = cover(problem, choice(problem))
        rows, columns = reduced.reach.shape
        return {"pairs": problem.reach.nnz, "reduced_rows": rows, "reduced_columns": columns}

    def arrays() -> Mapping[str, ArrayLike]:
        return {**cover_arrays(blocks.reach, blocks.people, _N_SITES), "limit_s": 0.0}

    def checks(measured: Measured) -> list[Check]:
        spopt = measured.peer("spopt")
        if spopt is None or spopt.ratio is None:
            return []
        return [Check("times as fast as spopt's model", spopt.ratio, ">=", 300.0, "")]

    peer = Peer("spopt", "spopt_mclp.py", arrays)
    yield Trial(blocks.instance, work, checks=checks, peers=(peer,))


def _questions(size: Size) -> Iterator[Trial]:
    if size == "tiny":
        blocks = read_blocks("NewYork", 400.0, n_first=60)
        yield _question(blocks, Published("NewYork", 400.0, 5, 0, is_proved=False), size)
        return
    read: dict[str, Blocks] = {}
    for question in published():
        if question.city not in read:
            read = {question.city: read_blocks(question.city, question.radius_m)}
        yield _question(read[question.city], question, size)


def _question(blocks: Blocks, question: Published, size: Size) -> Trial:
    def work() -> Answer:
        problem = SitingProblem.mclp(blocks.reach, blocks.people, n_sites=question.n_sites)
        limit_s = _LIMIT_S[size]
        answer = answer_over_time(problem, time_limit_s=limit_s, moments_s=(limit_s / 2,))
        behind = question.best_known - float(answer["value"] or 0)
        return {
            **answer,
            "best_known": question.best_known,
            "behind_best_known_pct": behind / max(question.best_known, 1) * 100,
        }

    known = blocks.instance
    name = f"{known.name}-p{question.n_sites}"
    return Trial(Instance(name, known.seed, known.sha256), work, runs=0)


def _checks(rows: list[Row]) -> list[Check]:
    behind = [float(r.figures["behind_best_known_pct"] or 0) for r in rows]
    gaps = [float(r.figures["gap_at_30_s"] or 0) for r in rows if "gap_at_30_s" in r.figures]
    near, equal = sum(b <= 0.05 for b in behind), sum(b <= 0.0 for b in behind)
    return [
        Check("within 0.05 % of the best known in 60 s, of 12", near, ">=", 12.0, ""),
        Check("best known reached in 60 s, of 12", equal, ">=", 10.0, ""),
        Check("gap at most 1 % in 30 s, of 12", sum(g <= 0.01 for g in gaps), ">=", 11.0, ""),
        Check("better than the best known", sum(b < 0.0 for b in behind), ">=", 0.0, ""),
    ]


CENSUS_BLOCKS = (
    Subject(
        "siting_model",
        "The first 2,000 blocks of NewYork: our question made and reduced, spopt's model made.",
        _model,
        limit_s=90,
        needs_data=True,
    ),
    Subject(
        "census_blocks",
        "Most people covered on the census blocks of NewYork and SanFrancisco, 60 s each.",
        _questions,
        limit_s=840,
        checks=_checks,
        needs_data=True,
    ),
)

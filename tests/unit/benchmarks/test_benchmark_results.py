"""What was measured is told as it was: rows, targets, peers, page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import peer as peers
from benchmarks.instances.instance import Instance
from benchmarks.measure import rows
from benchmarks.page import claimed, number, page, told
from benchmarks.peer import Peer, run_peer
from benchmarks.results import Result, read_results, write_results
from benchmarks.row import Check, PeerFigures, Row, row_from_json
from benchmarks.started import run_subject
from benchmarks.subject import Answer, Subject, Trial
from benchmarks.subjects import SUBJECTS

ROW = Row(
    subject="made",
    instance="small",
    seed=7,
    sha256="ab" * 32,
    size="full",
    seconds=[0.5, 0.25, 1.0],
    figures={"value": 12.0, "gap": 0.0, "outcome": "optimal", "bound": None},
    peak_mb=123.4,
    peers=[PeerFigures("spopt", "spopt 0.7", 5.0, 10.0, {"outcome": "Optimal"})],
    checks=[Check("time", 0.5, "<=", 1.0, "s"), Check("speed", 10.0, ">=", 300.0, "")],
)
RESULT = Result("A made subject.", "2026-01-02", "one machine", "numpy 2", "whole", [ROW], [])


def trial(work: object, **rest: object) -> Trial:
    """Give a trial of a work, on an instance of no content."""
    return Trial(Instance("small", None, "0" * 64), work, **rest)  # type: ignore[arg-type]


def subject(made: Trial) -> Subject:
    """Give a subject with one trial."""
    return Subject("made", "A made subject.", lambda _: iter([made]), limit_s=1)


@pytest.mark.parametrize(
    ("measured", "relation", "is_met"),
    [(1.0, "<=", True), (1.1, "<=", False), (1.0, ">=", True), (0.9, ">=", False)],
)
def test_targets_are_inclusive(measured: float, relation: str, is_met: bool) -> None:
    """A target met exactly is met, beyond it is not."""
    assert Check("x", measured, relation, 1.0, "").is_met is is_met  # type: ignore[arg-type]


def test_rows_survive_json() -> None:
    """A row read back is the row that was written, peers and targets included."""
    assert row_from_json(json.loads(json.dumps(ROW.to_json()))) == ROW


def test_results_survive_the_file(tmp_path: Path) -> None:
    """Results read back are those written, in the registry's order and without strangers."""
    path = tmp_path / "results.json"
    write_results({"b": RESULT, "a": RESULT, "gone": RESULT}, ["a", "b"], path)
    assert list(read_results(path)) == ["a", "b"]
    assert read_results(path)["a"] == RESULT
    assert read_results(tmp_path / "none.json") == {}


def test_page_tells_what_was_missed_and_where() -> None:
    """A missed target stands in the page as missed; a met one as met; machine and hash are told."""
    text = page({"made": RESULT})
    assert "| `made` | small | time | 0.5 | ≤ 1 s | yes |" in text
    assert "| `made` | small | speed | 10 | ≥ 300 | **no** |" in text
    assert "2026-01-02, one machine; numpy 2" in text
    assert f"| small | 7 | `{'ab' * 32}` |" in text
    assert "0.5 (0.25–1)" in text
    assert "spopt (spopt 0.7): 5 s, ×10, outcome Optimal" in text


def test_page_names_the_subjects_of_each_machine() -> None:
    """Subjects measured elsewhere are not told as measured here; a broken run says so."""
    other = replace(RESULT, machine="another machine", ended="stopped after 9 s")
    text = page({"made": RESULT, "late": other})
    assert "one machine; numpy 2. Subjects: `made`" in text
    assert "another machine; numpy 2. Subjects: `late`" in text
    assert "This run was not whole: stopped after 9 s." in text


def test_line_tells_only_missed_targets() -> None:
    """The terminal's line shows what was missed."""
    line = told(ROW)
    assert "MISSED speed: 10 measured, at least 300" in line
    assert claimed(ROW.checks[0]) not in line


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        ("optimal", "optimal"),
        (0.0, "0"),
        (1_574_256.0, "1,574,256"),
        (0.000123456, "0.000123"),
        (4321.5678, "4,321.6"),
    ],
)
def test_figures_are_short_and_whole_numbers_whole(value: float | str | None, text: str) -> None:
    """A value of millions is told in full, a fraction in three digits."""
    assert number(value) == text


def test_warm_work_runs_once_more_than_it_is_counted() -> None:
    """The run to warm up does not count; cold work runs once."""
    calls: list[int] = []

    def work() -> Answer:
        calls.append(1)
        return {"value": float(len(calls)), "seconds": float(len(calls))}

    (row,) = rows(subject(trial(work, runs=3)), "tiny", with_peers=False)
    assert row.seconds == [2.0, 3.0, 4.0]
    assert row.figures == {"value": 3.0}
    calls.clear()
    (row,) = rows(subject(trial(work, runs=0)), "tiny", with_peers=False)
    assert (row.seconds, row.figures) == ([1.0], {"value": 1.0})


def test_no_number_is_none() -> None:
    """Figures without a number are written as none: JSON has no NaN and no infinity."""
    made = trial(lambda: {"value": float("nan"), "bound": float("inf")}, runs=0)
    (row,) = rows(subject(made), "tiny", with_peers=False)
    assert row.figures == {"value": None, "bound": None}
    assert row.peak_mb > 1


def test_peer_gets_the_arrays_and_its_time_is_compared() -> None:
    """SciPy, run as a peer in its own process, finds the pairs that a plain search finds."""
    # A path of 0 - 1 - 2 - 3 with ways of 5 each.
    given = {
        "indptr": np.array([0, 1, 3, 5, 6]),
        "indices": np.array([1, 0, 2, 1, 3, 2]),
        "weights": np.full(6, 5.0),
        "sources": np.array([0, 1]),
        "limit": 10.0,
    }
    peer = Peer("SciPy", "scipy_reach.py", lambda: given, scale=4.0, is_ours=True)
    figures = run_peer(peer, our_seconds=2.0)
    assert figures.figures == {"pairs": 3 + 4}
    assert figures.seconds is not None
    assert figures.ratio == pytest.approx(figures.seconds * 4.0 / 2.0)


def test_peer_that_fails_or_is_missing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer without its environment, and one that breaks, give a reason and no time."""
    monkeypatch.setattr(peers, "ENVIRONMENT", tmp_path)
    missing = run_peer(Peer("spopt", "spopt_mclp.py", dict), 1.0)
    assert (missing.seconds, missing.figures) == (
        None,
        {"failed": "not installed (make peers)"},
    )
    broken = run_peer(Peer("SciPy", "scipy_reach.py", dict, is_ours=True), 1.0)
    assert broken.ratio is None
    assert "KeyError" in str(broken.figures["failed"])


def test_subject_runs_in_a_process_of_its_own() -> None:
    """The rows of the process arrive one by one and are the whole."""
    seen: list[Row] = []
    found, ended = run_subject(
        SUBJECTS["reach_growth"], "tiny", with_peers=False, on_row=seen.append
    )
    assert ended == "whole"
    assert found == seen
    assert [row.figures["limit_s"] for row in found] == sorted(
        {400.0, 800.0, 1200.0, 1600.0, 2400.0}
    )


def test_subject_is_stopped_at_its_limit() -> None:
    """A subject that takes too long is ended and says so."""
    late = replace(SUBJECTS["reach_growth"], limit_s=0.0)
    found, ended = run_subject(late, "tiny", with_peers=False, on_row=lambda _: None)
    assert (found, ended) == ([], "stopped after 0 s")

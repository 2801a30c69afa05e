"""Every benchmark runs: once, tiny, untimed."""

from __future__ import annotations

import pytest

from benchmarks.subjects import SUBJECTS


@pytest.mark.parametrize("name", SUBJECTS)
def test_subject_runs(name: str) -> None:
    """The subject makes its work ready and the work gives a result."""
    assert SUBJECTS[name]("tiny")() is not None

"""Every benchmark runs: once, tiny, untimed; and the page shows what was measured."""

from __future__ import annotations

import pytest

from benchmarks.page import PAGE, page
from benchmarks.results import FILE, read_results, write_results
from benchmarks.subjects import SUBJECTS


@pytest.mark.parametrize("name", SUBJECTS)
def test_subject_runs(name: str, request: pytest.FixtureRequest) -> None:
    """The subject makes its instances ready and the work on each gives figures."""
    subject = SUBJECTS[name]
    if subject.needs_data:
        request.getfixturevalue("shared_data")
    trials = list(subject.trials("tiny"))
    assert trials
    for trial in trials:
        assert len(trial.instance.sha256) == 64
        assert trial.work()


def test_page_is_made_from_the_results() -> None:
    """The page of the docs is what the generator makes of the file of results, to the letter."""
    assert PAGE.read_text("utf-8") == page(read_results())


def test_results_name_only_known_subjects_and_keep_their_form(tmp_path: object) -> None:
    """The file of results holds subjects of the registry, and writing it again changes nothing."""
    from pathlib import Path

    results = read_results()
    assert set(results) <= set(SUBJECTS)
    again = Path(str(tmp_path)) / "results.json"
    write_results(results, list(SUBJECTS), again)
    assert again.read_text("utf-8") == FILE.read_text("utf-8")

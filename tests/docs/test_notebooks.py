"""The notebooks run and what they conclude holds; they are plain scripts and become notebooks."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import jupytext
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_runs_and_its_conclusions_hold(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each notebook asserts what it concludes; running it as a script proves it."""
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_converts_to_cells(path: Path) -> None:
    """Jupytext reads it as text and code cells, each text cell before its code."""
    cells = jupytext.read(path).cells
    assert [c.cell_type for c in cells][:2] == ["markdown", "code"]


def test_there_are_notebooks() -> None:
    """The two notebooks of the README are there."""
    assert [p.stem for p in NOTEBOOKS][:2] == ["01_coverage", "02_new_sites"]
    assert "jupytext" in sys.modules

"""What the guide shows is what happens: its commands run from top to bottom on the sample city."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from support.shell import yizhan

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide.md"


def commands() -> list[list[str]]:
    """Give the words of each command of the guide."""
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_commands_of_the_guide_run(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each command ends well, and what it is to write is there."""
    shutil.copy(shared_data / "stations/zhengzhou_stations_raw.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert yizhan("demo", "--no-serve").code == 0
    shown = commands()
    assert [words[0] for words in shown] == [".venv/bin/yizhan"] * len(shown)
    for words in shown:
        ran = yizhan(*words[1:])
        assert ran.code == 0, (words, ran.err)
        if "--out" in words:
            assert (tmp_path / words[words.index("--out") + 1]).exists(), words


def test_links_of_the_guide_exist() -> None:
    """Every relative link leads to a file."""
    targets = re.findall(r"\]\(([^)#]+)\)", GUIDE.read_text("utf-8"))
    assert targets
    assert [t for t in targets if not (GUIDE.parent / t).exists()] == []

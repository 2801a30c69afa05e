"""What the README shows is what happens: its commands run, its output is real, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from support.shell import yizhan

ROOT = Path(__file__).resolve().parents[2]
READMES = ("README.md", "README.zh-CN.md")
SECONDS = re.compile(r"[\d.]+ (s|秒)")


def blocks(name: str, language: str) -> list[str]:
    """Give the fenced blocks of one language."""
    text = (ROOT / name).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", READMES)
def test_readme_is_short_and_both_say_the_same_commands(name: str) -> None:
    """At most a hundred lines, and the same commands in both languages."""
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= 100
    assert blocks(name, "sh") == blocks("README.md", "sh")


@pytest.mark.parametrize("name", READMES)
def test_links_and_pictures_exist(name: str) -> None:
    """Every relative link leads to a file of the project."""
    targets = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text("utf-8"))
    assert targets
    assert [t for t in targets if not t.startswith("http") and not (ROOT / t).exists()] == []


def test_the_two_commands_are_targets_of_the_makefile() -> None:
    """The first blocks are make demo and make test, and the Makefile has both."""
    assert [b.strip() for b in blocks("README.md", "sh")[:2]] == ["make demo", "make test"]
    targets = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^demo:", targets, re.MULTILINE)
    assert re.search(r"^test:", targets, re.MULTILINE)


def test_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """Every line of the README's demo output is printed by the demo; only seconds may differ."""
    ran = yizhan("demo", "--city", tmp_path / "city", "--no-serve")
    assert ran.code == 0, ran.err
    printed = {SECONDS.sub("", line.rstrip()) for line in ran.out.splitlines()}
    for name in READMES:
        shown = [
            line for block in blocks(name, "text") for line in block.splitlines() if line.strip()
        ]
        kept = [
            SECONDS.sub("", line.rstrip()) for line in shown if not line.strip().startswith("…")
        ]
        assert len(kept) > 10
        assert [line for line in kept if line not in printed] == []


def test_commands_of_the_readme_run_on_real_data(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block about a real city runs from top to bottom on Porto Alegre and the Zhengzhou file."""
    for source in ("porto_alegre/streets.osm.pbf", "porto_alegre/population_h3.csv"):
        shutil.copy(shared_data / source, tmp_path)
    shutil.copy(shared_data / "porto_alegre/points_of_interest.csv", tmp_path)
    shutil.copy(shared_data / "stations/zhengzhou_stations_raw.csv", tmp_path)
    monkeypatch.chdir(tmp_path)
    commands = [shlex.split(line) for line in blocks("README.md", "sh")[2].splitlines()]
    assert [words[0] for words in commands] == [".venv/bin/yizhan"] * len(commands)
    for words in commands:
        if words[1] == "serve":  # the browser tests serve
            continue
        ran = yizhan(*words[1:])
        assert ran.code == 0, (words, ran.err)
    assert sorted(p.suffix for p in (tmp_path / "proposal").iterdir()) == [
        ".gpkg",
        ".html",
        ".xlsx",
    ]


def test_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """The Python block prints a proved plan."""
    (code,) = blocks("README.md", "python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  the README's own code
    assert capsys.readouterr().out.strip() == "[0] 7.0 7.0 0.0 optimal"

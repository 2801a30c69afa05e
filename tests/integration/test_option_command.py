"""``yizhan suggest --budget``: table, reasons, JSON and files of a plan of options."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
from support import small_city
from support.shell import yizhan

from planner.option_report import FILES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tiny city in a folder."""
    return small_city.write(tmp_path_factory.mktemp("options") / "city").folder


def test_a_budget_alone_plans_options(folder: Path) -> None:
    """The JSON has the promised keys; money, worth and bound agree with each other."""
    ran = yizhan("suggest", "--city", folder, "--budget", 60_000, "--minutes", 5, "--json")
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert (said["model"], said["unit"]) == ("options", "people_hours")
    assert said["outcome"] in ("optimal", "feasible")
    assert said["cost_cny"] <= 60_000
    assert said["gap"] <= 0.01
    assert said["objective"] <= said["bound"] * (1 + 1e-9)
    assert said["hours_after"] - said["hours_before"] == pytest.approx(said["objective"])
    for row in said["sites"]:
        assert {
            "id",
            "lon_deg",
            "lat_deg",
            "kind",
            "hours",
            "seats",
            "cost_cny",
            "action",
            "runner_up",
        } <= set(row)


def test_people_read_what_when_and_why(folder: Path) -> None:
    """The table names measures; each reason who gains; the end says the gap and what is assumed."""
    ran = yizhan("suggest", "--city", folder, "--budget", 60_000, "--minutes", 5)
    for words in ("示例数据", "做什么", "每周多", "差距", "再加 10,000 元", "假定"):
        assert words in ran.out


def test_files_agree_with_the_json(folder: Path, tmp_path: Path) -> None:
    """GeoPackage, workbook and map hold the same options; the map calls no other host."""
    ran = yizhan(
        "suggest", "--city", folder, "--budget", 60_000, "--minutes", 5, "--json", "--out", tmp_path
    )
    said = json.loads(ran.out)
    layer = gpd.read_file(tmp_path / FILES[0])
    assert layer["id"].tolist() == [row["id"] for row in said["sites"]]
    book = openpyxl.load_workbook(tmp_path / FILES[1])
    assert {"摘要", "做什么", "谁受益"} <= set(book.sheetnames)
    page = (tmp_path / FILES[2]).read_text("utf-8")
    assert "时间、座位与资金方案" in page
    assert 'src="http' not in page


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--model", "options"], 2),
        (["--model", "options", "--budget", 1000, "--new", 3], 2),
        (["--budget", 1000, "--weight", "pilot=2"], 2),
        (["--budget", 1000, "--weight", "rider=much"], 2),
        (["--budget", -5], 2),
        (["--new", 2, "--worst-hour", 0.5], 2),
        (["--new", 2, "--out", "x"], 2),
        (["--budget", 100, "--worst-hour", 1.0], 4),
    ],
)
def test_questions_that_make_no_sense_are_refused(
    folder: Path, words: list[object], code: int
) -> None:
    """Each contradiction is one sentence and its exit code, and nothing is written."""
    ran = yizhan("suggest", "--city", folder, *words)
    assert ran.code == code
    assert "错误" in ran.err


def test_weights_and_closing_are_taken(folder: Path) -> None:
    """A weight of a group and leave to close change the question, not the contract."""
    said = json.loads(
        yizhan(
            "suggest",
            "--city",
            folder,
            "--budget",
            30_000,
            "--weight",
            "rider=3",
            "--may-close",
            "--minutes",
            5,
            "--json",
        ).out
    )
    assert said["model"] == "options"
    assert isinstance(said["closed"], list)

"""``yizhan capacity``: its table, JSON and files, and visits that somebody counted."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
from support import small_city
from support.shell import yizhan

from geodata.errors import InvalidInputError
from geodata.importers.counts import read_counts
from planner.capacity import VERDICTS
from planner.capacity_report import FILES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tiny city in a folder."""
    return small_city.write(tmp_path_factory.mktemp("capacity") / "city").folder


def _counts(folder: Path, path: Path, factor: float) -> Path:
    """Write counts of four weeks: what is expected of each station and hour, times a factor."""
    said = json.loads(yizhan("capacity", "--city", folder, "--json").out)
    ids = [row["id"] for row in said["stations"]]
    rng = np.random.default_rng(0)
    lines = ["站点编号,星期,小时,人次,周数,统计方式"]
    for station in ids:
        lines += [
            f"{station},{d},{h},{rng.poisson(4 * factor)},4,门磁"
            for d in range(7)
            for h in range(24)
        ]
    path.write_text("\n".join(lines), "utf-8")
    return path


def test_json_is_whole_and_adds_up(folder: Path) -> None:
    """Every station in service has a verdict; visits made and lost are no more than wanted."""
    said = json.loads(yizhan("capacity", "--city", folder, "--json").out)
    assert sum(said["verdicts"].values()) == len(said["stations"])
    assert set(said["verdicts"]) <= set(VERDICTS)
    assert said["visits_per_week"] + said["unserved_visits_per_week"] <= said[
        "wanted_visits_per_week"
    ] * (1 + 1e-9)
    assert said["visits_per_week"] == pytest.approx(
        sum(r["visits_per_week"] for r in said["stations"])
    )
    assert said["is_synthetic"]
    assert {row["basis"] for row in said["grounds"]} >= {"assumed", "measured"}


def test_a_stricter_promise_needs_more_seats(folder: Path) -> None:
    """Fewer who may find no seat means at least as many seats at every station."""
    asked = [
        json.loads(yizhan("capacity", "--city", folder, "--share", s, "--json").out)
        for s in (0.2, 0.001)
    ]
    loose, strict = ([row["seats_needed"] for row in said["stations"]] for said in asked)
    assert all(a <= b for a, b in zip(loose, strict, strict=True))
    assert sum(loose) < sum(strict)


def test_the_table_marks_assumptions_and_invented_data(folder: Path) -> None:
    """People read which numbers are assumed, and that the sample is invented."""
    ran = yizhan("capacity", "--city", folder)
    assert ran.code == 0
    for words in ("示例数据", "假定", "测算", "至多 5% 的人没有座位"):
        assert words in ran.out


def test_files_say_the_same_and_hold_no_formula(folder: Path, tmp_path: Path) -> None:
    """Workbook, GeoPackage and map agree with the JSON; the map calls no other host."""
    ran = yizhan("capacity", "--city", folder, "--out", tmp_path / "out", "--json")
    said = json.loads(ran.out)
    paths = [tmp_path / "out" / name for name in FILES]
    assert all(path.is_file() for path in paths)
    layer = gpd.read_file(paths[0])
    assert layer["id"].tolist() == [row["id"] for row in said["stations"]]
    assert layer["seats_needed"].tolist() == [row["seats_needed"] for row in said["stations"]]
    book = openpyxl.load_workbook(paths[1])
    assert book.sheetnames[0] == "数字的依据"
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]
    page = paths[2].read_text("utf-8")
    assert "站点容量" in page
    assert 'src="http' not in page


def test_counts_change_the_visits_and_say_how_well(folder: Path, tmp_path: Path) -> None:
    """Counted visits replace the assumed level; the error on stations left out is reported."""
    counts = _counts(folder, tmp_path / "counts.csv", 3.0)
    before = json.loads(yizhan("capacity", "--city", folder, "--json").out)
    ran = yizhan("capacity", "--city", folder, "--counts", counts, "--json")
    assert ran.code == 0, ran.err
    after = json.loads(ran.out)
    assert before["calibration"] is None
    assert after["calibration"]["n_stations"] >= 5
    assert after["calibration"]["error_after"] < after["calibration"]["error_before"]
    assert after["visits_per_week"] > 2 * before["visits_per_week"]
    assert any(row["basis"] == "counted" for row in after["grounds"])


def test_counts_without_a_weekday_are_shared_out(tmp_path: Path) -> None:
    """An hour of every day is seven hours of the week that add up to it."""
    path = tmp_path / "daily.csv"
    path.write_text("id,hour,visits\ns1,8,70\n", "utf-8")
    read = read_counts(path)
    assert sorted(read.hour.tolist()) == [8 + 24 * d for d in range(7)]
    assert read.visits.sum() == pytest.approx(70)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("id,hour,visits,手机号\ns1,8,3,13800000000\n", "single people"),
        ("id,visits\ns1,3\n", "hour"),
        ("id,hour\ns1,3\n", "visits"),
        ("id,hour,visits\ns1,8,-3\n", "number of 0 or more"),
        ("id,hour,visits,weeks\ns1,8,3,0\n", "weeks above 0"),
        ("id,hour,visits,method\ns1,8,3,估算\n", "estimate"),
    ],
)
def test_bad_counts_are_refused(tmp_path: Path, text: str, word: str) -> None:
    """Rows about people, estimates and impossible numbers never become visits."""
    path = tmp_path / "counts.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InvalidInputError) as refused:
        read_counts(path)
    assert word in str(refused.value)


def test_too_few_counted_stations_are_said(folder: Path, tmp_path: Path) -> None:
    """Counts of one station are not enough to learn from: exit code 4 and a sentence."""
    station = json.loads(yizhan("capacity", "--city", folder, "--json").out)["stations"][0]["id"]
    path = tmp_path / "counts.csv"
    path.write_text(
        "id,hour,visits\n" + "".join(f"{station},{h},5\n" for h in range(8, 18)), "utf-8"
    )
    ran = yizhan("capacity", "--city", folder, "--counts", path)
    assert ran.code == 4
    assert "至少需要 5 个站点" in ran.err

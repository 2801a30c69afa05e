"""Every option of ``yizhan suggest``, its JSON, its words, and the same on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import jsonschema
import openpyxl
import pytest
from flask.testing import FlaskClient
from support import small_app, small_city
from support.shell import Ran, yizhan

from planner import suggestion
from planner.question import MODELS
from planner.siting import Progress, solve
from web.app import create_app
from web.commands import told
from web.settings import Settings

RULES = {
    "mclp": ["--new", 2],
    "lscp": [],
    "pscp": ["--share", 0.8],
    "pmedian": ["--new", 2],
    "pcenter": ["--new", 2],
    "capacitated": ["--new", 2, "--people-per-seat", 3],
}
UNITS = {
    "mclp": ("people_gained", "新增覆盖"),
    "lscp": ("new_stations", "需新建"),
    "pscp": ("new_stations", "需新建"),
    "pmedian": ("person_minutes", "全体路程合计"),
    "pcenter": ("minutes", "最远的人路程"),
    "capacitated": ("people_served", "服务"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tiny city in a folder."""
    return small_city.write(tmp_path_factory.mktemp("options") / "city").folder


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    """Give a client of the application on the same city."""
    settings = Settings(city=folder)
    app = create_app(settings, clock=small_app.standing(small_app.MONDAY_MORNING))
    return app.test_client()


@pytest.fixture(scope="module")
def schema(client: FlaskClient) -> dict[str, Any]:
    """Give the schema of a suggestion, as the interface describes itself."""
    described = client.get("/api/v1/openapi.json").get_json()
    return {"$ref": "#/components/schemas/Suggestion", "components": described["components"]}


def suggest(folder: Path, *words: object) -> Ran:
    """Run the command with a standard of five minutes."""
    return yizhan("suggest", "--city", folder, "--minutes", 5, *words)


def answer(folder: Path, *words: object) -> dict[str, Any]:
    """Give the JSON of the command."""
    ran = suggest(folder, *words, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


@pytest.mark.parametrize("model", MODELS)
def test_json_is_as_the_interface_describes_it(
    folder: Path, client: FlaskClient, schema: dict[str, Any], model: str
) -> None:
    """Command and interface give the same plan, in the described shape and with no other key."""
    found = answer(folder, "--model", model, *RULES[model])
    jsonschema.validate(found, schema)
    assert set(found) == set(schema["components"]["schemas"]["Suggestion"]["properties"])
    assert (found["model"], found["unit"]) == (model, UNITS[model][0])
    words = [str(w).removeprefix("--").replace("-", "_") for w in RULES[model]]
    query = dict(zip(words[::2], words[1::2], strict=True))
    there = client.get("/api/v1/suggestions", query_string={"minutes": 5, "model": model, **query})
    assert there.status_code == 200, there.text
    assert {**there.get_json(), "seconds": 0} == {**found, "seconds": 0}
    assert (found["assigned"] is not None) == (model in ("pmedian", "pcenter"))


@pytest.mark.parametrize("model", MODELS)
def test_tables_say_what_is_made_best_in_both_languages(folder: Path, model: str) -> None:
    """The line of the proof says in words what the objective is, with bound and gap."""
    ran = suggest(folder, "--model", model, *RULES[model])
    assert ran.code == 0, ran.err
    proof = next(line for line in ran.out.splitlines() if line.startswith("结果"))
    assert UNITS[model][1] in proof
    assert "最优（已证明）" in proof
    assert "差距 0.00%" in proof
    english = yizhan(
        "--lang", "en", "suggest", "--city", folder, "--minutes", 5, "--model", model, *RULES[model]
    )
    proof = next(line for line in english.out.splitlines() if line.startswith("Outcome"))
    assert re.search(r"best possible \(proved\): .+; no plan .+; gap 0\.00%", proof)


def test_stations_are_closed_only_where_that_is_asked_for(folder: Path) -> None:
    """`--may-close` and `--forbid STATION` close; `--require STATION` keeps one open."""
    assert answer(folder, "--new", 2)["closed"] == []
    assert answer(folder, "--new", 2, "--forbid", "s03")["closed"] == [
        {"id": "s03", "name": "智能驿站"}
    ]
    moved = answer(folder, "--model", "lscp", "--may-close")
    first = moved["closed"][0]["id"]
    kept = answer(folder, "--model", "lscp", "--may-close", "--require", first)
    assert first not in {row["id"] for row in kept["closed"]}
    assert "拟关闭站点" in suggest(folder, "--new", 2, "--forbid", "s03").out


def test_sites_are_required_and_forbidden_by_id(folder: Path) -> None:
    """The option may be given several times; ids are those of the JSON."""
    ids = [site["id"] for site in answer(folder, "--new", 3)["sites"]]
    without = answer(folder, "--new", 3, "--forbid", ids[0], "--forbid", ids[1])
    others = [site["id"] for site in without["sites"]]
    assert not {*ids[:2]} & {*others}
    with_them = answer(folder, "--new", 3, "--require", others[0], "--require", others[1])
    assert {*others[:2]} <= {site["id"] for site in with_them["sites"]}


def test_floors_are_kept(folder: Path, client: FlaskClient) -> None:
    """`--floor-share` holds in every area, `--floor` in its own."""
    found = answer(folder, "--new", 6, "--floor-share", 0.5, "--floor", "西区=0.6")
    assert found["outcome"] == "optimal"
    assert found["objective"] <= answer(folder, "--new", 6)["objective"]
    query = {"minutes": 5, "new": 6, "floor_share": 0.5, "floor": "西区=0.6"}
    there = client.get("/api/v1/suggestions", query_string=query).get_json()
    assert there["sites"] == found["sites"]


def test_seats_and_people_for_each_are_assumptions_that_are_said(folder: Path) -> None:
    """More seats serve more; the numbers assumed are printed."""
    few, many = (
        answer(folder, "--model", "capacitated", "--new", 2, "--people-per-seat", 2, "--seats", n)
        for n in (5, 50)
    )
    assert few["objective"] < many["objective"]
    assert {site["seats"] for site in many["sites"]} == {50}
    out = suggest(folder, "--model", "capacitated", "--new", 2, "--people-per-seat", 2).out
    assert "每个座位可供 2 人使用；8 个未登记座位数" in out


REFUSED: dict[str, tuple[list[object], int, str, str]] = {
    "who and which standard": (
        ["--minutes", 2, "--model", "lscp"], 4, "到不了任何候选点和站点", "would do",
    ),
    "share too high": (
        ["--minutes", 2, "--model", "pscp", "--share", 0.99], 4, "标准放宽到", "a standard of",
    ),
    "floor too high": (
        ["--minutes", 2, "--new", 50, "--floor-share", 0.95], 4, "东区在 2 分钟内", "area 东区",
    ),
    "too few": (["--model", "lscp", "--new", 1], 4, "16 个即可", "16 would do"),
    "too little": (["--model", "lscp", "--budget", 13_000], 4, "208000 元即可", "208000 CNY"),
    "no share": (["--model", "pscp"], 2, "--share", "--share"),
    "share elsewhere": (["--share", 0.5], 2, "pscp", "pscp"),
    "no such id": (["--require", "nope"], 3, "没有编号为 nope", "nope"),
    "both": (["--require", "s01", "--forbid", "s01"], 2, "既必选又禁选", "both required"),
    "floor of nothing": (["--floor", "西区"], 2, "看不懂下限", "not understood"),
    "floor elsewhere": (["--floor", "南区=0.5"], 3, "南区", "南区"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_said_in_both_languages(folder: Path, name: str) -> None:
    """Each has its exit code and two sentences, Chinese first; nothing is printed as a result."""
    words, code, chinese, english = REFUSED[name]
    ran = suggest(folder, *words)
    assert (ran.code, ran.out) == (code, "")
    lines = [line for line in ran.err.splitlines() if re.match("错误|Error", line)]
    assert [line[:2] for line in lines] == ["错误", "Er"]
    assert chinese in lines[0]
    assert english in lines[1]
    assert not re.search(r"\{\w+", ran.err)


def test_the_interface_refuses_with_the_same_words(client: FlaskClient) -> None:
    """422 with who, how many and the smallest standard in the details; 404 for an unknown id."""
    response = client.get("/api/v1/suggestions?minutes=2&model=lscp")
    error = response.get_json()["error"]
    assert (response.status_code, error["kind"]) == (422, "unanswerable")
    assert error["details"]["least"] == "3"
    assert error["details"]["places"].count(", ") == 4
    assert error["details"]["places"].split(", ")[0] in error["message"]
    assert client.get("/api/v1/suggestions?new=1&require=nope").status_code == 404
    assert client.get("/api/v1/suggestions?model=tsp").status_code == 400


def unfinished(reason: str, outcome: str = "feasible") -> Callable[..., object]:
    """Give a search that ends early for this reason, with a gap or without a plan."""

    def search(problem: Any, **rest: Any) -> object:
        if rest["on_progress"] is not None:
            rest["on_progress"](Progress(0.1, 100.0, 200.0))
        plan = solve(problem, **rest)
        if outcome == "feasible":
            bound = 1.25 * plan.objective
            return replace(plan, bound=bound, gap=0.2, outcome=outcome, reason=reason)
        return replace(
            plan, chosen=plan.chosen[:0], gains_people=plan.gains_people[:0], closed=plan.closed[:0],
            objective=float("nan"), gap=1.0, outcome=outcome, reason=reason, cost_cny=0.0,
        )  # fmt: skip

    return search


@pytest.mark.parametrize(
    ("reason", "said"),
    [("interrupted", "已中断"), ("time_limit", "时间用完"), ("solver_failed", "求解器出错")],
)
def test_an_unfinished_search_gives_its_plan_and_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reason: str, said: str
) -> None:
    """The best plan so far is printed with its gap and the reason; nothing calls it optimal."""
    monkeypatch.setattr(suggestion, "solve", unfinished(reason))
    ran = suggest(folder, "--new", 2)
    assert ran.code == 0, ran.err
    proof = next(line for line in ran.out.splitlines() if line.startswith("结果"))
    assert f"（{said}）" in proof
    assert "差距 20.00%" in proof
    assert "未证明最优" in proof
    assert "│ 2 │" in ran.out
    assert answer(folder, "--new", 2)["reason"] == reason


def test_no_plan_in_time_is_said(
    folder: Path, schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a plan there are no sites and no objective, in tables, JSON and proposals alike."""
    monkeypatch.setattr(suggestion, "solve", unfinished("interrupted", "no_solution"))
    assert "未找到方案（已中断）" in suggest(folder, "--new", 2).out
    found = answer(folder, "--new", 2)
    jsonschema.validate(found, schema)
    assert (found["objective"], found["sites"], found["gap"]) == (None, [], 1.0)
    ran = yizhan("propose", "--city", folder, "--new", 2, "--out", tmp_path)
    assert ran.code == 0, ran.err
    client = create_app(Settings(city=folder)).test_client()
    assert "搜索在找到方案之前被中断" in client.get("/planner?new=2").text
    assert client.get("/planner/map/after?new=2").status_code == 200


def test_the_bar_shows_how_far_the_search_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Value, bound and gap so far reach the progress bar on standard error."""
    shown: list[str] = []
    monkeypatch.setattr(told.Stages, "say", lambda self, text: shown.append(text))
    monkeypatch.setattr(suggestion, "solve", unfinished("interrupted"))
    ran = suggest(folder, "--new", 2)
    assert "正在选址：目前 100.0，界限 200.0，差距 50.00%" in shown
    assert "正在选址" not in ran.out


@pytest.mark.parametrize("model", MODELS)
def test_the_page_says_what_the_plan_does(client: FlaskClient, model: str) -> None:
    """Model, objective in words, proof and the ids of sites are on the page, without any script."""
    words = [str(w).removeprefix("--").replace("-", "_") for w in RULES[model]]
    query = {"minutes": "5", "model": model, **dict(zip(words[::2], words[1::2], strict=True))}
    page = unescape(client.get("/planner", query_string=query).text)
    found = client.get("/api/v1/suggestions", query_string=query).get_json()
    assert f'<option value="{model}" selected>' in page
    assert "已证明最优" in page
    assert "0.00%" in page
    assert all(f"<td>{site['id']}</td>" in page for site in found["sites"])
    for address in re.findall(r'(?:src|href)="(/planner/(?:map/after|proposal)[^"]+)"', page):
        assert f"model={model}" in address
        assert client.get(address).status_code == 200


def test_the_page_keeps_the_rules_and_names_closed_stations(client: FlaskClient) -> None:
    """Rules stay in the form, which is open then; stations to close are listed and on the map."""
    query = "minutes=5&model=mclp&new=2&forbid=s03&may_close=1&floor_share=0.3&seats=20"
    page = unescape(client.get(f"/planner?{query}").text)
    assert re.search(r'<details class="more wide" open>', page)
    for name, value in (("forbid", "s03"), ("floor_share", "0.3"), ("seats", "20")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', page)
    assert re.search(r'name="may_close" value="1" checked', page)
    assert "智能驿站 (s03)" in page
    assert "20 个座位" in page
    assert "按方案关闭" in client.get(f"/planner/map/after?{query}").text
    plain = unescape(client.get("/planner").text)
    assert '<details class="more wide">' in plain
    assert "拟关闭站点" not in plain


def test_a_proposal_says_what_is_closed_and_where_people_go(folder: Path, tmp_path: Path) -> None:
    """The workbook names model, objective and stations to close."""
    ran = yizhan(
        "propose", "--city", folder, "--minutes", 5, "--model", "pmedian", "--new", 2,
        "--forbid", "s03", "--out", tmp_path,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    book = openpyxl.load_workbook(tmp_path / "proposal.xlsx")
    summary = {row[0].value: row[1].value for row in book.worksheets[0].rows if len(row) > 1}
    assert summary["模型"] == "pmedian"
    assert summary["全体路程合计（人·分钟）"] > 0
    assert "智能驿站" in [cell.value for row in book["拟关闭站点"].rows for cell in row]

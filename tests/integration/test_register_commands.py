"""``yizhan stations status, history, offer, codes, poster, duplicates, merge, unmerge`` on a city."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from support import small_city
from support.shell import Ran, yizhan

from geodata.codes import NOWHERE, parse_code
from geodata.store import open_store


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the city once; a station of it stands there twice."""
    folder = tmp_path_factory.mktemp("prepared") / "city"
    stations = small_city.stations()
    double = replace(
        stations[0], id="s99", name="中原路户外劳动者爱心驿站", hours="24/7", verified_on="2026-09-05", seats=None
    )  # fmt: skip
    coded = [replace(s, district_code="410102") if s.id in ("s01", "s02") else s for s in stations]
    small_city.write(folder, [*coded, double])
    return folder


@pytest.fixture
def city(prepared: Path, tmp_path: Path) -> Path:
    """Give a copy of the city."""
    return Path(shutil.copytree(prepared, tmp_path / "city"))


def run(city: Path, *words: object) -> Ran:
    return yizhan("stations", *words, "--city", city)


def told(city: Path, *words: object) -> Any:
    ran = run(city, *words, "--json")
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def test_codes_are_given_once_and_for_ever(city: Path) -> None:
    """Each station gets its own code by its district; a second run and a merge change nothing."""
    assert {row["code"] for row in told(city, "codes")} == {""}
    given = {row["id"]: row["code"] for row in told(city, "codes", "--assign", "--who", "李")}
    assert len(set(given.values())) == len(given) == 13
    districts = {key: parse_code(code).district_code for key, code in given.items()}
    assert districts["s01"] == districts["s02"] == "410102"
    assert set(districts.values()) == {"410102", NOWHERE}
    assert told(city, "codes", "--assign") == []
    assert "每个站点" in run(city, "codes").out or "Every station" in run(city, "codes").out
    told(city, "merge", "s01", "s99")
    with open_store(f"sqlite:///{city / 'yizhan.sqlite'}") as store:
        assert store.taken_codes() == set(given.values())


def test_a_status_has_a_reason_and_a_history(city: Path) -> None:
    """Set, shown and remembered: status, reason, since, who."""
    set_ = told(
        city,
        "status",
        "s01",
        "--set",
        "suspended",
        "--reason",
        "空调维修",
        "--since",
        "2026-09-20",
        "--who",
        "李",
    )
    assert (set_["status"], set_["status_reason"], set_["status_since"]) == (
        "suspended",
        "空调维修",
        "2026-09-20",
    )
    assert told(city, "status", "s01") == set_
    told(city, "status", "s01", "--set", "open")
    found = told(city, "history", "s01")
    assert [(s["status"], s["reason"], s["who"]) for s in found["statuses"]][:2] == [
        ("open", "", ""), ("suspended", "空调维修", "李")
    ]  # fmt: skip
    assert found["statuses"][-1]["status"] == "open"
    assert [d["code"] for d in found["district_codes"]] == ["410102"]
    assert {("status", "手工登记"), ("name", "示例")} <= {
        (f["field"], f["source"]) for f in found["facts"]
    }
    assert [line["reason"] for line in found["changes"] if line["action"] == "change"] == [
        "空调维修",
        "",
    ]
    printed = run(city, "history", "s01")
    assert printed.code == 0
    assert "空调维修" in printed.out


@pytest.mark.parametrize("status", ["suspended", "moved", "revoked"])
def test_workers_are_owed_a_reason(city: Path, status: str) -> None:
    """A station is not taken out of service without a word."""
    ran = run(city, "status", "s01", "--set", status)
    assert ran.code == 2
    assert told(city, "status", "s01")["status"] == "open"


def test_a_moved_station_names_its_new_place(city: Path) -> None:
    """--to needs a station with a code, and writes its name and code into the reason."""
    assert run(city, "status", "s01", "--set", "moved", "--to", "s02").code == 2
    given = {row["id"]: row["code"] for row in told(city, "codes", "--assign")}
    moved = told(city, "status", "s01", "--set", "moved", "--to", given["s02"])
    assert moved["status_reason"].endswith(given["s02"])
    assert run(city, "status", "s01", "--set", "moved", "--to", "s01").code == 2
    assert run(city, "status", "s01", "--set", "revoked", "--reason", "x", "--to", "s02").code == 2
    assert run(city, "status", "s01", "--reason", "x").code == 2


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}x"])
def test_a_station_is_named_by_id_or_code(city: Path, typed: str) -> None:
    """The code on the door does as well as the id; a wrong one is not found."""
    given = {row["id"]: row["code"] for row in told(city, "codes", "--assign")}
    ran = run(city, "status", typed.format(given["s03"]), "--json")
    if typed.endswith("x"):
        assert ran.code == 3
    else:
        assert json.loads(ran.out)["id"] == "s03"


def test_an_offer_is_recorded_step_by_step(city: Path) -> None:
    """What is not said again stays; a new key becomes a facility; --remove takes it away."""
    told(city, "offer", "s01", "microwave", "--state", "broken", "--checked-on", "2026-09-01")
    found = told(city, "offer", "s01", "microwave", "--note", "加热慢")
    assert found["offers"] == [
        {"key": "microwave", "state": "broken", "hours": "", "checked_on": "2026-09-01", "expires_on": "", "note": "加热慢"}
    ]  # fmt: skip
    found = told(city, "offer", "s01", "free_breakfast", "--hours", "Mo-Fr 05:00-07:00")
    assert [o["key"] for o in found["offers"]] == ["free_breakfast", "microwave"]
    assert "free_breakfast" in found["facilities"]
    found = told(city, "offer", "s01", "microwave", "--remove")
    assert [o["key"] for o in found["offers"]] == ["free_breakfast"]
    assert "microwave" not in found["facilities"]
    for words in (
        ("spaceship",),
        ("toilet", "--hours", "quarter past"),
        ("toilet", "--state", "mended"),
    ):
        assert run(city, "offer", "s01", *words).code == 2
    assert run(city, "offer", "nobody", "toilet").code == 3


def test_a_double_is_found_merged_and_taken_apart(city: Path) -> None:
    """The pair is listed with reasons, one stands for both by the rules, and back again."""
    (pair,) = told(city, "duplicates")
    assert {pair["id"], pair["other_id"]} == {"s01", "s99"}
    assert {"same_name", "same_address", "same_phone", "near"} <= set(pair["reasons"])
    assert "s99" in run(city, "duplicates").out
    assert told(city, "duplicates", "--of", "s02") == []
    merged = told(
        city,
        "merge",
        "s01",
        "s99",
        "--choose",
        "name=other",
        "--reason",
        "same door",
        "--who",
        "李",
    )
    assert {(c["field"], c["kept"], c["why"]) for c in merged["conflicts"]} == {
        ("name", "中原路户外劳动者爱心驿站", "chosen"), ("hours", "24/7", "checked_later")
    }  # fmt: skip
    assert told(city, "duplicates") == []
    assert told(city, "status", "s01")["name"] == "中原路户外劳动者爱心驿站"
    assert run(city, "status", "s99").code == 3
    assert told(city, "history", "s99")["merged_into"] == "s01"
    back = told(city, "unmerge", "s99")
    assert back == {"keep_id": "s01", "absorb_id": "s99", "is_kept_restored": True}
    assert told(city, "status", "s01")["name"] == "中原路工会驿站"
    assert len(told(city, "duplicates")) == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("merge", "s01", "s01"), 2),
        (("merge", "s01", "nobody"), 3),
        (("merge", "s01", "s02", "--choose", "hours"), 2),
        (("merge", "s01", "s02", "--choose", "hours=mine"), 2),
        (("unmerge", "s02"), 3),
        (("duplicates", "--of", "nobody"), 3),
        (("poster", "nobody", "--out", "x.pdf", "--link", "https://a.example"), 3),
    ],
)
def test_what_cannot_be_done_is_said(city: Path, words: tuple[str, ...], code: int) -> None:
    """Each wrong question has its exit code and a sentence, and changes nothing."""
    ran = run(city, *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.strip()


def test_what_a_union_asks_is_held_against_the_stations(city: Path) -> None:
    """Stations that lack something of a package are listed with what it is; broken kit counts."""
    answer = told(city, "standard", "--package", "shandong")
    assert answer["stations"] == 11
    assert answer["met"] == 0
    lacks = {row["id"]: row for row in answer["short"]}
    assert ["first_aid_kit"] in lacks["s02"]["missing"]
    assert ["fan", "air_conditioning"] not in lacks["s01"]["missing"]
    told(city, "offer", "s02", "microwave", "--state", "broken")
    lacks = {row["id"]: row for row in told(city, "standard", "--package", "shandong")["short"]}
    assert lacks["s02"]["out_of_order"] == [["microwave"]]
    assert "s02" in run(city, "standard", "--package", "shandong").out


def test_posters_of_all_or_of_some(city: Path, tmp_path: Path) -> None:
    """Without ids all open stations get a page; with them those, in that order."""
    out = tmp_path / "a.pdf"
    ran = run(city, "poster", "--out", out, "--link", "https://a.example")
    assert ran.code == 0, ran.err
    assert len(PdfReader(out).pages) == 11
    assert run(city, "poster", "s06", "s01", "--out", out, "--link", "https://a.example").code == 0
    first, second = PdfReader(out).pages
    assert "暂停服务的驿站" in first.extract_text().replace(" ", "")
    assert "中原路工会驿站" in second.extract_text().replace(" ", "")
    assert run(city, "poster", "--out", out, "--link", "a.example").code == 2


def test_a_pair_that_is_two_stations_is_asked_about_no_more(city: Path) -> None:
    """Said once, neither the list nor an import asks again, until it is taken back."""
    assert len(told(city, "duplicates")) == 1
    assert run(city, "distinct", "s99", "s01", "--reason", "two floors").code == 0
    assert told(city, "duplicates") == []
    assert run(city, "distinct", "s01", "s99").code == 0
    assert run(city, "distinct", "s01", "s99", "--again").code == 0
    assert len(told(city, "duplicates")) == 1
    assert run(city, "distinct", "s01", "nobody").code == 3
    assert run(city, "distinct", "s01", "s01").code == 2

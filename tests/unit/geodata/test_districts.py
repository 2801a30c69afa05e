"""Districts by name and code, today and before the changes of 2021."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import date
from pathlib import Path

import pytest

from geodata.districts import code_of, current, history_of, look_up, name_of
from geodata.errors import NotFoundError

BEFORE, AFTER = date(2021, 2, 28), date(2021, 3, 1)


@pytest.mark.parametrize(
    ("text", "within", "code"),
    [
        ("金水区", None, "410105"),
        ("金水", None, "410105"),
        ("郑州市金水区", None, "410105"),
        ("河南省郑州市金水区", None, "410105"),
        (" 河南省 / 郑州市 / 金水区（城区） ", None, "410105"),
        ("郑州金水", None, "410105"),
        ("管城区", None, "410104"),
        ("瀍河回族区", None, "410304"),
        ("瀍河", "洛阳市", "410304"),
        ("鼓楼区", "开封市", "410204"),
        ("开封市鼓楼区", None, "410204"),
        ("新华区", "410400", "410402"),
        ("新华区", "4104", "410402"),
        ("朝阳区", "北京", "110105"),
        ("北京市朝阳区", None, "110105"),
        ("浦东", None, "310115"),
        ("内蒙古呼和浩特市新城区", None, "150102"),
        ("济源", None, "419001"),
        ("东莞市", None, "441900"),
        ("新乡县", None, "410721"),
        ("叶县", None, "410422"),
    ],
)
def test_names_as_offices_write_them(text: str, within: str | None, code: str) -> None:
    """Full names, short names and names with their city in front give the code."""
    assert code_of(text, within=within) == code


@pytest.mark.parametrize(
    "text", ["高新区", "郑州高新区", "经开区", "航空港区", "郑东新区", "伊滨区", "城乡一体化示范区"]
)
def test_functional_zones_are_no_districts(text: str) -> None:
    """A zone has no code by law; it is said to be one, instead of being taken for a district."""
    found = look_up(text, within="河南省")
    assert (found.code, found.zone) == (None, text)


@pytest.mark.parametrize("text", ["浦东新区", "滨海新区", "沈北新区"])
def test_a_district_may_be_called_a_new_area(text: str) -> None:
    """A county-level district whose name looks like a zone's is a district."""
    found = look_up(text)
    assert found.code is not None
    assert found.zone == ""


@pytest.mark.parametrize("text", ["", "县", "叶", "郑州市", "火星区", "文化路1号", "河南省"])
def test_what_names_no_district_gives_nothing(text: str) -> None:
    """Neither a city, nor one sign, nor an unknown name is a district."""
    assert look_up(text) == look_up("")


def test_an_ambiguous_name_is_not_guessed() -> None:
    """A name of several districts gives all of them and no code, until told where it is."""
    found = look_up("鼓楼区")
    assert found.code is None
    assert {"410204", "320106"} <= set(found.candidates)


@pytest.mark.parametrize(
    ("old_name", "old", "new"),
    [
        ("偃师市", "410381", "410307"),
        ("孟津县", "410322", "410308"),
        ("吉利区", "410306", "410308"),
    ],
)
def test_luoyang_before_and_after_2021(old_name: str, old: str, new: str) -> None:
    """Names and codes of before March 2021 lead to those of today, and back by the day asked."""
    assert current(old) == current(new) == new
    assert code_of(old_name) == code_of(old_name, on=AFTER) == new
    assert code_of(old_name, on=BEFORE) == old
    assert name_of(old) == old_name
    assert any(c.source and c.changed == "2021-03" for c in history_of(new))


def test_chains_and_divisions() -> None:
    """A code changed twice leads to the last; a divided district has no single heir."""
    assert code_of("郊区", within="开封市") == code_of("金明区") == current("410211") == "410202"
    assert current("330104") is None
    assert {c.new_code for c in history_of("330104")} == {"330102", "330114"}


def test_codes_that_are_none() -> None:
    """A zone and an unknown code have no current district; an unknown one has no name."""
    assert current("410172") is None
    assert current("999999") is None
    assert name_of("410172") == "郑州高新技术产业开发区"
    with pytest.raises(NotFoundError, match="999999"):
        name_of("999999")


def test_every_district_is_found_by_its_whole_name() -> None:
    """All 2,800 and more counties read back from 河南省郑州市金水区."""
    with (
        Path(__file__)
        .parents[3]
        .joinpath("geodata", "districts.csv")
        .open(encoding="utf-8") as file
    ):
        codes = [row["code"] for row in csv.DictReader(file) if row["level"] == "county"]
    assert len(codes) > 2800
    assert [code_of(name_of(code, is_whole=True)) for code in codes] == codes
    assert all(current(code) == code for code in codes)


def test_henan_agrees_with_a_boundary_file(shared_data: Path) -> None:
    """The counties of Henan in an independent boundary file have the same names and codes."""
    with gzip.open(
        shared_data / "boundaries" / "henan_admin_gcj02.geojson.gz", "rt", encoding="utf-8"
    ) as file:
        rows = [f["properties"] for f in json.load(file)["features"]]
    counties = {str(r["adcode"]): (r["district"], r["city"]) for r in rows if r["district"]}
    assert len(counties) == 157
    for code, (name, city) in counties.items():
        assert code_of(name, within=city or "河南省") == code
        assert name_of(code) == name


def test_the_districts_of_the_zhengzhou_file(shared_data: Path) -> None:
    """Each row of the real file names a district or a zone, and no third thing."""
    path = shared_data / "stations" / "zhengzhou_stations_raw.csv"
    with path.open(encoding="utf-8-sig") as file:
        names = [row["所属区"] for row in csv.DictReader(file)]
    found = [look_up(name, within="郑州市") for name in names]
    assert sum(f.zone != "" for f in found) == 12
    assert sum(f.code is not None for f in found) == len(names) - 12 == 70

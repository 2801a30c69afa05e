"""One station recorded twice is found, two stations in one house are not."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from support import doubles, records

from geodata.duplicates import THRESHOLD, WITHIN_M, Suspect, suspects
from geodata.frames import from_wgs84
from geodata.nearby import neighbours

GEOD = Geod(ellps="WGS84")


def pair(one: dict[str, Any], other: dict[str, Any], *, apart_m: float = 20.0) -> gpd.GeoDataFrame:
    """Two stations, apart by a distance."""
    return records.stations_frame(
        [{"id": "a", **one}, {"id": "b", **other}], [(0, 0), (apart_m, 0)]
    )


def score(one: str, other: str, **more: Any) -> float:
    """Give the score of two names; 0 when they are not even weighed."""
    found = suspects(pair({"name": one, **more}, {"name": other, **more}), least_score=0.0)
    return found[0].score if found else 0.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("西工区工会驿站（西工社区）", "希公社区爱心驿站"),
        ("工会驿站(郑州高新区枫杨办事处便民服务大厅)", "郑州高新区枫杨街道办暖新驿站"),
        ("中国工商银行黄河路支行工会驿站", "工行黄河路支行户外劳动者爱心驿站"),
        ("张仲景大药房互助路店工会驿站", "工会驿站(郑州市张仲景大药房互助路店)"),
        ("文化路社区一号站", "文化路社区1号户外劳动者服务站点"),
        ("郑州市金水区文雅党群服务中心爱心驿站", "文雅社区党群服务中心工会驿站"),
        ("中国建设银行花园路支行", "中国健设银行花园路支行工会驿站"),
        ("杜岭街道第二工会驿站", "杜岭街道第２工会驿站"),
        ("中原福塔工会驿站", "中原福嗒户外劳动者驿站"),
    ],
)
def test_one_station_in_other_words(one: str, other: str) -> None:
    """Programme, brand, spelling and typing differ; the place is one."""
    assert score(one, other) >= THRESHOLD


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("文化路社区一号站", "文化路社区二号站"),
        ("中国银行黄河路支行工会驿站", "中国农业银行黄河路支行工会驿站"),
        ("郑州银行黄河路支行工会驿站", "郑州银行花园路支行工会驿站"),
        ("中原东路社区工会驿站", "中原西路社区工会驿站"),
        ("郑州市工会爱心驿站(商城路220号)", "郑州市工会爱心驿站(商城路206号)"),
        ("A座大厅工会驿站", "B座大厅工会驿站"),
        ("文雅社区工会驿站", "张仲景大药房文雅店工会驿站"),
        ("工会驿站(河南工会·嵩山医院)", "中原银行郑州工人路支行工会驿站"),
        ("郑州移动中原路工会驿站", "郑州电信二七区中原路营业厅工会驿站"),
        ("大润发瑞凤北路店工会驿站", "丹尼斯瑞凤北路店工会驿站"),
    ],
)
def test_neighbours_in_one_house(one: str, other: str) -> None:
    """Another number, bank, branch, direction or host is another station, twenty metres on."""
    assert score(one, other, address="郑州市中原区工人路31号") < THRESHOLD


def test_a_score_falls_with_distance_and_rises_with_evidence() -> None:
    """Nearer, the same house number and the same telephone each raise the score."""
    one = {"name": "枫杨社区工会驿站", "phone": "0371-67891234", "address": "翠竹街1号"}
    other = {"name": "枫杨社区爱心驿站"}

    def of(more: dict[str, str], apart_m: float) -> Suspect:
        (found,) = suspects(pair(one, {**other, **more}, apart_m=apart_m), least_score=0)
        return found

    plain = of({}, 60)
    assert of({}, 20).score > plain.score > of({}, 150).score
    assert (
        of({"address": "翠竹街1号院"}, 60).score
        > plain.score
        > of({"address": "翠竹街3号"}, 60).score
    )
    assert (
        of({"phone": "67891234"}, 60).score > plain.score > of({"phone": "0371-55550000"}, 60).score
    )
    assert plain.reasons == ("same_name", "near")
    assert of({"phone": "67891234"}, 20).reasons[0] == "same_phone"
    assert plain.distance_m == pytest.approx(60, abs=0.1)


def test_the_number_of_an_office_says_nothing() -> None:
    """A telephone that many stations share is a switchboard, not a sign of one station."""
    rows = [
        {"id": f"s{k}", "name": f"{word}社区工会驿站", "phone": "0371-67891234"}
        for k, word in enumerate(["枫杨", "石佛"])
    ]
    far = [
        {"id": f"t{k}", "name": f"{word}公园驿站", "phone": "0371-67891234"}
        for k, word in enumerate(["甘泉", "碧沙", "雕塑"])
    ]
    assert len(suspects(records.stations_frame(rows, [(0, 0), (5, 0)]), least_score=0.1)) == 1
    xy = [(0, 0), (5, 0), (5000, 0), (9000, 0), (0, 7000)]
    assert suspects(records.stations_frame(rows + far, xy), least_score=0.1) == ()


def labelled(set_: doubles.Labelled, found: tuple[Suspect, ...]) -> list[tuple[Suspect, bool]]:
    """Tell for each suspect whether the two are one place."""
    row = {i: k for k, i in enumerate(set_.frame["id"])}
    return [(s, set_.place[row[s.id]] == set_.place[row[s.other_id]]) for s in found]


@pytest.fixture(scope="module")
def judged() -> tuple[doubles.Labelled, list[tuple[Suspect, bool]]]:
    """Give a generated register with its suspects, down to unlikely ones."""
    made = doubles.make(4000, seed=77)
    return made, labelled(made, suspects(made.frame, least_score=0.01))


def test_doubles_are_found_and_neighbours_left_alone(
    judged: tuple[doubles.Labelled, list[tuple[Suspect, bool]]],
) -> None:
    """Of 1,200 second writings more than 95 % are found, and 98 of 100 suspects are right."""
    made, found = judged
    kept = [(s, is_one) for s, is_one in found if s.score >= THRESHOLD]
    right = {s.id for s, is_one in kept if is_one} | {s.other_id for s, is_one in kept if is_one}
    # A host that was replaced leaves nothing to go by but the house and sometimes the telephone.
    doubled = made.frame["id"][(made.done != "") & (made.done != "renamed")]
    assert len(doubled) > 1000
    assert doubled.isin(right).mean() > 0.95
    assert np.mean([is_one for _, is_one in kept]) > 0.98
    for what in ("other_words", "abbreviated", "homophone", "shift_gcj02", "shift_bd09", "far"):
        assert made.frame["id"][made.done == what].isin(right).mean() > 0.95, what


def test_scores_are_not_bolder_than_the_truth(
    judged: tuple[doubles.Labelled, list[tuple[Suspect, bool]]],
) -> None:
    """Among suspects of 0.5 and more, at least the share that the score promises is right."""
    _, found = judged
    for low, high in ((0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        bin_ = [(s.score, is_one) for s, is_one in found if low <= s.score < high]
        assert len(bin_) > 30
        promised, right = np.mean(bin_, axis=0)
        assert right > promised - 0.05


def zhengzhou(shared_data: Path) -> gpd.GeoDataFrame:
    """Give the real file, in WGS 84 as expected."""
    folder = shared_data / "stations"
    with (folder / "zhengzhou_stations_raw.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with (folder / "zhengzhou_stations_expected.csv").open(encoding="utf-8-sig") as file:
        places = [(float(r["lon_wgs84"]), float(r["lat_wgs84"])) for r in csv.DictReader(file)]
    table = [{"id": r["编号"], "name": r["名称"], "address": r["地址"]} for r in rows]
    frame = records.stations_frame(table, np.zeros((len(rows), 2)))
    return frame.set_geometry(list(shapely.points(places)), crs="EPSG:4326")


def test_the_real_file_has_no_doubles(shared_data: Path) -> None:
    """The 82 stations of Zhengzhou, some a few doors apart, are 82 stations."""
    assert suspects(zhengzhou(shared_data)) == ()


@pytest.mark.parametrize(("frame", "metres"), [("gcj02", 580), ("bd09", 1290)])
def test_a_file_read_in_the_wrong_frame_is_seen(
    shared_data: Path, frame: str, metres: float
) -> None:
    """Each real station imported again with shifted coordinates is paired with itself only."""
    right = zhengzhou(shared_data)
    lon, lat = from_wgs84(lon_deg=right.geometry.x, lat_deg=right.geometry.y, frame=frame)
    wrong = right.assign(id="w" + right["id"]).set_geometry(
        list(shapely.points(lon, lat)), crs=4326
    )
    found = suspects(pd.concat([right, wrong], ignore_index=True), of=set(wrong["id"]))
    assert {(s.id, s.other_id) for s in found} == {(f"w{i}", i) for i in right["id"]}
    assert all("frame_shift" in s.reasons for s in found)
    assert [s.distance_m for s in found] == pytest.approx([metres] * len(found), abs=50)


def test_the_shift_is_the_one_of_that_place() -> None:
    """570 m in another direction than the shift of the frames is no sign of one station."""
    one = {"name": "枫杨社区党群服务中心工会驿站"}
    xy = [(0, 0), (0, -575), (-575, 0)]
    frame = records.stations_frame([{"id": k, **one} for k in "abc"], xy)
    found = suspects(frame, least_score=0)
    assert {(s.id, s.other_id) for s in found if "frame_shift" in s.reasons} <= {("c", "a")}
    assert all(s.id != "b" and s.other_id != "b" for s in found)


def test_only_pairs_with_the_stations_asked_about() -> None:
    """Asking about some stations gives exactly the pairs that have one of them, they first."""
    made = doubles.make(600, seed=5)
    every = suspects(made.frame)
    some = set(made.frame["id"][::7])
    asked = suspects(made.frame, of=some)
    expected = {frozenset((s.id, s.other_id)) for s in every if {s.id, s.other_id} & some}
    assert {frozenset((s.id, s.other_id)) for s in asked} == expected != set()
    assert all(s.id in some for s in asked)
    assert suspects(made.frame, of=set()) == ()


def test_the_order_of_the_rows_does_not_matter() -> None:
    """The same pairs with the same scores are found from the last row to the first."""
    made = doubles.make(600, seed=6)
    there, back = suspects(made.frame), suspects(made.frame[::-1])
    assert {(frozenset((s.id, s.other_id)), round(s.score, 12)) for s in there} == {
        (frozenset((s.id, s.other_id)), round(s.score, 12)) for s in back
    }


def test_a_whole_city_on_one_point() -> None:
    """Where a file has one position for all, doubles by name and address are still found."""
    made = doubles.make(3000, seed=9)
    heap = made.frame.set_geometry([shapely.Point(113.66, 34.75)] * len(made.frame), crs=4326)
    found = labelled(made, suspects(heap))
    row = {i: k for k, i in enumerate(heap["id"])}
    right = {max(row[s.id], row[s.other_id]) for s, is_one in found if is_one}
    plain = np.flatnonzero(made.done == "other_words")
    assert np.isin(plain, list(right)).mean() > 0.8


def test_many_copies_of_one_row_are_each_reported() -> None:
    """Of 500 equal stations each is in a pair, and the number of pairs stays near their number."""
    rows = [
        {"id": f"s{k}", "name": "枫杨社区党群服务中心工会驿站", "address": "翠竹街1号"}
        for k in range(500)
    ]
    found = suspects(records.stations_frame(rows, np.zeros((500, 2))))
    assert {i for s in found for i in (s.id, s.other_id)} == {row["id"] for row in rows}
    assert len(found) < 2500


def test_stations_without_a_position_are_no_suspects() -> None:
    """Empty points are passed over; one station alone has no double."""
    frame = pair({"name": "枫杨社区驿站"}, {"name": "枫杨社区驿站"})
    assert len(suspects(frame)) == 1
    assert suspects(frame.set_geometry([shapely.Point(), shapely.Point()], crs=4326)) == ()
    assert suspects(frame.iloc[:1]) == ()
    assert suspects(frame.iloc[:0]) == ()


def test_just_within_reach() -> None:
    """A pair at the distance asked for is weighed, one a metre farther is not."""
    name = {"name": "枫杨社区党群服务中心工会驿站"}
    assert len(suspects(pair(name, name, apart_m=WITHIN_M - 0.5), least_score=0)) == 1
    assert suspects(pair(name, name, apart_m=WITHIN_M + 1), least_score=0) == ()


@given(
    xy=st.lists(st.tuples(st.integers(-60, 60), st.integers(-60, 60)), min_size=2, max_size=30),
    within_m=st.integers(1, 60),
)
@settings(max_examples=60, deadline=None)
def test_near_pairs_are_those_of_the_definition(xy: list[tuple[int, int]], within_m: int) -> None:
    """Where there is no crowd, exactly the pairs within the distance (and 5 % more) are given."""
    points = np.array(xy, float)
    pairs, crowd, _ = neighbours(points, within_m=within_m)
    away = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    expected = {(i, j) for i, j in np.argwhere(away < within_m * 1.05) if i < j}
    if len(crowd) == 0:
        assert {tuple(p) for p in pairs} == expected
    assert {tuple(p) for p in pairs} <= expected

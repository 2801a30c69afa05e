"""What a file would change: nothing is erased, nothing is merged, nobody's id is taken."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import Geod

from geodata.importers.difference import CLASH_M, SAME_PLACE_M, are_alike, compare
from geodata.importers.raw import RawTable
from geodata.importers.stations import StationImport, interpret, to_frame

GEOD = Geod(ellps="WGS84")
HOME = (113.62, 34.75)


def incoming(*rows: dict[str, Any], source: str | None = "office") -> StationImport:
    """Read rows as if they stood in a file, the header in row 1."""
    columns = list(dict.fromkeys(k for row in rows for k in row))
    cells = [[row.get(c) for c in columns] for row in rows]
    table = pd.DataFrame(cells, columns=columns, index=range(2, len(rows) + 2), dtype=object)
    return interpret(RawTable(table), frame="wgs84", source=source, file_name="a.csv")


def row(
    key: str, name: str, lon: float = HOME[0], lat: float = HOME[1], **more: Any
) -> dict[str, Any]:
    return {"id": key, "name": name, "lon": lon, "lat": lat, **more}


def moved(metres: float, azimuth: float = 30.0) -> tuple[float, float]:
    lon, lat, _ = GEOD.fwd(*HOME, azimuth, metres)
    return lon, lat


def register(*rows: dict[str, Any], source: str = "office") -> gpd.GeoDataFrame:
    return incoming(*rows, source=source).stations


def test_new_changed_and_vanished_are_told_apart() -> None:
    """Ids only in the file are new, ids only in the register of that source have vanished."""
    before = register(row("1", "甲"), row("2", "乙", 113.7), row("3", "丙", 113.8))
    other = register(row("9", "壬", 113.9), source="other")
    both = pd.concat([before, other], ignore_index=True)
    file = incoming(row("2", "乙二", 113.7), row("3", "丙", 113.8), row("4", "丁", 113.5))
    found = compare(both, file)
    assert (found.new, found.vanished) == (("4",), ("1",))
    assert {c.id: dict(c.fields) for c in found.changed} == {"2": {"name": ("乙", "乙二")}}
    assert found.to_apply["id"].tolist() == ["2", "4"]
    assert compare(both, file, source="other").vanished == ("9",)


def test_a_refused_row_has_not_vanished() -> None:
    """A station whose row has a mistake is in the file, found by its id, or else by its name."""
    before = register(row("1", "甲"), row("2", "乙", 113.7), row("3", "丙", 113.8))
    file = incoming(row("1", "甲", "", HOME[1]), row("2", "乙", 113.7))
    assert file.report.n_refused == 1
    assert compare(before, file).vanished == ("3",)
    nameless = register(row("", "甲"), row("", "乙", 113.7), row("", "丙", 113.8))
    file = incoming(row("", "甲", "", HOME[1]), row("", "乙", 113.7))
    gone = nameless.set_index("name").loc["丙", "id"]
    assert compare(nameless, file).vanished == (gone,)


def test_a_vanished_station_is_named_once() -> None:
    """Where the id is the name, the message does not say it twice."""
    before = register(row("甲站", "甲站"), row("2", "乙", 113.7), row("3", "丙", 113.8))
    messages = [f.message for f in compare(before, incoming(row("3", "丙", 113.8))).findings]
    assert [m.split(" is in")[0] for m in messages] == ["station 甲站", "station 2 乙"]


def test_the_same_file_again_changes_nothing() -> None:
    """Importing a file twice is no change, whatever it leaves unknown."""
    file = incoming(row("1", "甲", hours="周三看情况", area_m2="abc"), row("2", "乙", 113.9))
    found = compare(file.stations, file)
    assert (found.new, found.changed, found.vanished) == ((), (), ())
    assert found.to_apply.empty


def test_silence_erases_nothing() -> None:
    """A missing column and an empty cell keep what is known, the state above all."""
    known = {"hours": "24小时", "status": "暂停", "设施": "饮水", "area_m2": "20", "kind": "自建"}
    before = register(row("1", "甲", **known))
    for file in (
        incoming(row("1", "甲二")),
        incoming(row("1", "甲二", **dict.fromkeys(known, ""))),
    ):
        found = compare(before, file)
        (change,) = found.changed
        assert dict(change.fields) == {"name": ("甲", "甲二")}
        after = found.to_apply.iloc[0]
        assert (after["hours"], after["status"], after["kind"]) == (
            "24/7",
            "suspended",
            "self_built",
        )
        assert (after["facilities"], after["area_m2"]) == (("drinking_water",), 20.0)


def test_hours_change_together_with_their_text() -> None:
    """New hours that are not understood do not leave the old ones standing beside them."""
    before = register(row("1", "甲", hours="24小时"))
    found = compare(before, incoming(row("1", "甲", hours="看情况")))
    after = found.to_apply.iloc[0]
    assert (after["hours"], after["hours_text"]) == ("", "看情况")


@pytest.mark.parametrize(("metres", "n"), [(SAME_PLACE_M - 0.01, 0), (SAME_PLACE_M + 0.01, 1)])
def test_a_station_has_moved_only_beyond_rounding(metres: float, n: int) -> None:
    """Formats round coordinates; less than half a metre is no move."""
    found = compare(register(row("1", "甲")), incoming(row("1", "甲", *moved(metres))))
    assert len(found.changed) == n
    if n:
        assert list(found.changed[0].fields) == ["position"]
        after = found.to_apply.iloc[0]
        assert (after.geometry.x, after["source_x"]) == (moved(metres)[0],) * 2


def test_a_station_that_may_be_known_is_reported() -> None:
    """A near place with a similar name is reported at its row, and still counted as new."""
    before = register(row("1", "工会驿站(建设路店)"), source="other")
    file = incoming(row("2", "建设路店 工会爱心驿站", *moved(12.0)))
    found = compare(before, file)
    assert [(d.id, d.other_id) for d in found.duplicates] == [("2", "1")]
    assert found.duplicates[0].distance_m == pytest.approx(12.0, abs=1e-6)
    assert found.new == ("2",)
    assert [(f.row, f.code) for f in found.findings] == [(2, "near_duplicate")]
    far = incoming(row("2", "建设路店 工会爱心驿站", *moved(5000.0)))
    assert compare(before, far).duplicates == ()


def test_near_places_with_unlike_names_are_not_reported() -> None:
    """Two stations in one building are two stations."""
    file = incoming(row("1", "郑州银行工会驿站"), row("2", "张仲景大药房工会驿站"))
    assert compare(to_frame([]), file).duplicates == ()


def test_duplicates_within_the_file_are_found_once() -> None:
    """Each pair is reported once, and pairs of the register alone are not this file's matter."""
    twins = (row("1", "建设路驿站"), row("2", "建设路驿站"))
    assert len(compare(to_frame([]), incoming(*twins)).duplicates) == 1
    far = incoming(row("3", "丙", 113.9))
    assert compare(register(*twins), far).duplicates == ()


def test_each_row_of_a_crowd_is_reported_once() -> None:
    """Of three at one place the first stays, and each other row is told which one it repeats."""
    crowd = [row(str(i), "建设路驿站") for i in range(3)]
    found = compare(to_frame([]), incoming(*crowd))
    assert [(d.id, d.other_id) for d in found.duplicates] == [("1", "0"), ("2", "0")]
    assert [f.row for f in found.findings] == [3, 4]
    beside = incoming(*crowd, row("3", "建设路 驿站二", *moved(5.0)))
    found = compare(register(row("9", "建设路站", *moved(2.0)), source="other"), beside)
    assert sorted(d.id for d in found.duplicates) == ["0", "1", "2", "3"]
    assert {d.id: d.other_id for d in found.duplicates}["0"] == "9"


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("工会驿站(郑州市职工之家)", "郑州市职工之家工会驿站", True),
        ("绿东村街道办事处工会驿站", "绿东村街道办事处户外劳动者爱心驿站", True),
        ("郑州银行驿站", "张仲景大药房驿站", False),
    ],
)
def test_names_are_compared_without_the_words_all_share(
    name: str, other: str, expected: bool
) -> None:
    """Every station is called 工会驿站; what counts is the rest, in either order."""
    assert are_alike(name, other) is expected
    assert are_alike(other, name) is expected


@pytest.mark.parametrize(("metres", "is_refused"), [(CLASH_M - 0.1, False), (CLASH_M + 0.1, True)])
def test_an_id_of_another_source_is_not_taken_over(metres: float, is_refused: bool) -> None:
    """Two offices both number from 1: a far place with another name must not replace a station."""
    before = register(row("1", "郑州银行"), source="bank")
    found = compare(before, incoming(row("1", "大药房", *moved(metres))))
    assert found.n_refused == int(is_refused)
    assert found.to_apply.empty is is_refused
    assert [f.code for f in found.findings if f.severity == "error"] == (
        ["id_of_another_source"] * is_refused
    )
    same_office = compare(before, incoming(row("1", "大药房", *moved(metres)), source="bank"))
    assert same_office.n_refused == 0


def test_rows_numbered_anew_are_told() -> None:
    """When an office inserts a row above, each id would become its neighbour's; a person must see."""
    places = [("郑州银行", 113.60), ("大药房", 113.64), ("图书馆", 113.68)]
    before = register(*(row(str(i + 1), n, lon) for i, (n, lon) in enumerate(places)))
    anew = [("加油站", 113.56), *places]
    found = compare(before, incoming(*(row(str(i + 1), n, lon) for i, (n, lon) in enumerate(anew))))
    told = [(f.row, f.severity) for f in found.findings if f.code == "id_of_another_station"]
    assert told == [(2, "warning"), (3, "warning"), (4, "warning")]
    same = incoming(row("1", "郑州银行营业部", *moved(900.0)))
    assert not compare(register(row("1", "郑州银行")), same).findings


def test_an_invented_station_becomes_real_when_a_file_names_it() -> None:
    """What an office reports is no sample any more."""
    sample = register(row("1", "甲", is_synthetic="是"))
    found = compare(sample, incoming(row("1", "甲")))
    assert dict(found.changed[0].fields) == {"is_synthetic": (True, False)}


def test_the_answer_for_programs_is_json() -> None:
    """Counts and findings are under the names of the command line, and NaN does not leak."""
    before = register(row("1", "甲", 113.7), row("5", "戊", 113.9))
    file = incoming(
        row("1", "甲", 113.75, area_m2="12"),
        row("2", "建设路驿站"),
        row("3", "建设路驿站"),
        row("", ""),
        row("4", "丁", 999.0),
        row("6", "己", 113.6, area_m2="?"),
    )
    found = compare(before, file)
    answer = json.loads(json.dumps(found.as_dict(file.report), allow_nan=False))
    counts = {"new": 3, "changed": 1, "vanished": 1, "duplicates": 1, "refused": 2, "rows": 6}
    assert {k: answer[k] for k in counts} == counts
    assert (answer["frame"], answer["confidence"]) == ("wgs84", 1.0)
    codes = [(f["row"], f["code"]) for f in answer["findings"]]
    assert codes == [
        (None, "vanished"),
        (4, "near_duplicate"),
        (5, "missing_name"),
        (6, "bad_coordinate"),
        (7, "bad_number"),
    ]
    assert all(set(f) >= {"row", "column", "code", "message"} for f in answer["findings"])
    assert answer["changes"][0]["fields"]["area_m2"] == [None, 12.0]

"""The frame detective: which frame a sheet is in, and which rows do not fit."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely

from benchmarks.instances.sheets import DEGREES, Sheet, make_sheet
from benchmarks.instances.worlds import World, make_world, moved
from geodata.detective import SURE, Verdict, detect, verdict_findings
from geodata.frames import LocalMetres, from_wgs84
from geodata.importers.areas import read_areas
from geodata.sample import make_city

PLAIN_ZONES = {f"epsg:{4502 + k}": f"epsg:{4534 + 2 * k}" for k in range(11)}
"""Zones of six degrees without a number have the numbers of those of three with the meridian."""


@pytest.fixture(scope="module")
def world() -> World:
    """Make a city that lies at Luoyang, turned, cut down to its middle."""
    city = make_city(seed=7)
    carry = {"lon_deg": 113.685, "lat_deg": 34.76, "to_lon_deg": 112.45, "to_lat_deg": 34.66}
    middle = shapely.box(113.63, 34.71, 113.74, 34.81)
    streets = city.streets[city.streets.intersects(middle)].reset_index(drop=True)
    areas = city.areas.set_geometry(city.areas.intersection(middle))
    areas = areas[~areas.is_empty].reset_index(drop=True)
    return make_world(
        "Luoyang", moved(streets, **carry, turn_deg=25), moved(areas, **carry, turn_deg=25), seed=7
    )


def judged(sheet: Sheet, **changed: Any) -> Verdict:
    """Ask about a sheet."""
    columns = {"names": sheet.names, "addresses": sheet.addresses, "districts": sheet.districts}
    return detect(sheet.x, sheet.y, **{**columns, **sheet.sources, **changed})


def truth(sheet: Sheet) -> tuple[str, bool]:
    return PLAIN_ZONES.get(sheet.frame, sheet.frame), sheet.is_swapped


def readable(sheet: Sheet) -> set[int]:
    return set(np.flatnonzero(np.isfinite(sheet.x) & np.isfinite(sheet.y)).tolist())


def known_stations(
    frame: str = "wgs84", *, n: int = 12
) -> tuple[gpd.GeoDataFrame, Any, Any, list[str]]:
    """Make a register, and the same stations as a sheet in a frame, each 20 m off."""
    rng = np.random.default_rng(4)
    plane = LocalMetres(lon_deg=113.66, lat_deg=34.75)
    xy = rng.uniform(-6000, 6000, (n, 2))
    names = [
        f"{a}{b}路支行"
        for a, b in zip(
            "安昌成达德丰福光桂和恒虹华辉惠"[:n], "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"[:n], strict=True
        )
    ]
    lon, lat = plane.to_lon_lat_deg(xy)
    known = gpd.GeoDataFrame({"name": names}, geometry=shapely.points(lon, lat), crs="EPSG:4326")
    turn = rng.uniform(0, 2 * np.pi, n)
    lon, lat = plane.to_lon_lat_deg(xy + 20 * np.column_stack([np.cos(turn), np.sin(turn)]))
    x, y = from_wgs84(lon_deg=lon, lat_deg=lat, frame=frame)
    return known, x, y, names


def test_labelled_sheets_are_told_right_or_not_at_all(world: World) -> None:
    """Of 24 spoiled sheets of 5 to 500 rows at most two are not told, and none is told wrongly."""
    sheets = [make_sheet(world, seed=2_000_000 + k) for k in range(24)]
    verdicts = [judged(sheet) for sheet in sheets]
    told = [(v, s) for v, s in zip(verdicts, sheets, strict=True) if v.frame is not None]
    assert [(v.frame, v.is_swapped) for v, _ in told] == [truth(s) for _, s in told]
    assert len(told) >= 22
    found, there = 0, 0
    for verdict, sheet in told:
        main = (sheet.frame, sheet.is_swapped)
        strays = {k for k in readable(sheet) if sheet.row_frames[k] != main}
        flagged = {m.row for m in verdict.rows if m.kind in ("other_frame", "swapped")}
        found, there = found + len(flagged & strays), there + len(strays)
        assert len(flagged - strays) <= 1
    assert found >= 0.5 * there > 0


def test_confidence_is_meant_as_it_is_said(world: World) -> None:
    """On sheets of 2 to 6 rows, where it is often low, the first candidate is as often right."""
    claimed, right = [], []
    for k in range(40):
        sheet = make_sheet(world, seed=3_000_000 + k, n=2 + k % 5, frame=DEGREES[k % 3])
        if len({sheet.row_frames[i] for i in readable(sheet)}) == 1:
            verdict = judged(sheet)
            claimed.append(verdict.candidates[0][2])
            right.append(verdict.candidates[0][:2] == truth(sheet))
    spread = np.sqrt(np.sum(np.array(claimed) * (1 - np.array(claimed))))
    assert np.ptp(claimed) > 0.4
    assert sum(right) >= sum(claimed) - 3 * spread


@pytest.mark.parametrize("frame", DEGREES)
def test_without_anything_of_the_city_degrees_cannot_be_told(frame: str) -> None:
    """The three frames of degrees are equally likely; nothing is guessed from what is usual."""
    _, x, y, names = known_stations(frame)
    verdict = detect(x, y, names=names)
    assert verdict.frame is None
    assert verdict.confidence < 0.5
    assert {c[0] for c in verdict.candidates} == set(DEGREES)
    assert np.ptp([c[2] for c in verdict.candidates]) == pytest.approx(0.0)
    assert verdict.evidence[0].kind == "nothing"
    assert not verdict.rows


def test_exchanged_axes_are_told_even_when_the_frame_is_not() -> None:
    """No longitude of China is a latitude of it."""
    _, x, y, _ = known_stations("gcj02")
    verdict = detect(y, x)
    assert (verdict.frame, verdict.is_swapped) == (None, True)


@pytest.mark.parametrize("is_swapped", [False, True])
def test_a_zone_with_its_number_needs_no_city(is_swapped: bool) -> None:
    """38,468,869 m east can be nothing but zone 38."""
    _, x, y, _ = known_stations("epsg:4526")
    verdict = detect(*((y, x) if is_swapped else (x, y)))
    assert (verdict.frame, verdict.is_swapped) == ("epsg:4526", is_swapped)


@pytest.mark.parametrize(
    "frame", [*DEGREES, "epsg:3857", "epsg:3857+gcj02", "epsg:4547", "epsg:4546", "epsg:32649"]
)
def test_stations_of_the_same_name_tell_the_frame(frame: str) -> None:
    """A dozen known names are enough for every frame; the sentences say what was seen."""
    known, x, y, names = known_stations(frame)
    verdict = detect(x, y, names=names, known=known)
    assert (verdict.frame, verdict.is_swapped) == (frame, False)
    assert verdict.confidence > 0.99
    assert verdict.evidence[0].kind == "known"
    assert verdict.evidence[0].details["n"] == 12
    assert verdict.evidence[0].details["m"] == "20 m"


def test_cgcs2000_is_told_as_wgs84() -> None:
    """They differ by less than a metre; no sheet can tell them apart."""
    known, x, y, names = known_stations("cgcs2000")
    assert detect(x, y, names=names, known=known).frame == "wgs84"


def test_one_row_never_convinces() -> None:
    """A single row may be in any frame, or be another station; five that agree may not."""
    known, x, y, names = known_stations("bd09")
    assert detect(x[:1], y[:1], names=names[:1], known=known).frame is None
    assert detect(x[:5], y[:5], names=names[:5], known=known).frame == "bd09"
    copies = np.zeros(50, dtype=int)
    assert detect(x[copies], y[copies], names=names[:1] * 50, known=known).frame is None


def test_a_frame_that_nobody_knows_is_not_taken_for_another(world: World) -> None:
    """Rows that are all moved by an unknown step, here 900 m to the south-west, are in no frame."""
    known, x, y, names = known_stations("wgs84")
    assert detect(x - 0.0070, y - 0.0057, names=names, known=known).frame is None
    sheet = make_sheet(world, seed=11, n=120, frame="wgs84", sources=["streets"])
    assert judged(sheet).frame == "wgs84"
    axis = -1.0 if sheet.is_swapped else 1.0
    off = replace(sheet, x=sheet.x - 0.0070 * axis, y=sheet.y - 0.0057 * axis)
    assert judged(off).frame is None


def test_evidence_that_contradicts_itself_is_not_decided(world: World) -> None:
    """A register that holds GCJ-02 for WGS 84 speaks against the streets; a person must look."""
    sheet = make_sheet(world, seed=21, n=60, frame="gcj02", sources=["streets", "known"])
    assert sheet.names is not None
    assert judged(sheet).frame == "gcj02"
    known = sheet.sources["known"]
    lon, lat = shapely.get_coordinates(known.geometry.to_numpy()).T
    wrong = known.set_geometry(
        gpd.GeoSeries(
            shapely.points(*from_wgs84(lon_deg=lon, lat_deg=lat, frame="gcj02")),
            index=known.index,
            crs="EPSG:4326",
        )
    )
    verdict = judged(sheet, known=wrong)
    assert verdict.frame is None
    assert verdict.evidence[0].kind == "conflict"


def test_rows_in_another_frame_are_named_with_it() -> None:
    """Three of twelve rows in BD-09 among GCJ-02, and one with its axes exchanged."""
    known, x, y, names = known_stations("gcj02")
    _, bx, by, _ = known_stations("bd09")
    x[2:5], y[2:5] = bx[2:5], by[2:5]
    x[8], y[8] = y[8], x[8]
    verdict = detect(x, y, names=names, known=known)
    assert verdict.frame == "gcj02"
    assert [(m.row, m.kind, m.frame) for m in verdict.rows] == [
        (2, "other_frame", "bd09"),
        (3, "other_frame", "bd09"),
        (4, "other_frame", "bd09"),
        (8, "swapped", "gcj02"),
    ]
    assert verdict.rows[0].distance_m == pytest.approx(900, abs=60)


def test_the_order_of_rows_does_not_matter(world: World) -> None:
    """Rows told in another order give the same probabilities and the same misfits."""
    sheet = make_sheet(world, seed=31, n=40)
    order = np.random.default_rng(0).permutation(len(sheet.x))
    columns = (sheet.names, sheet.addresses, sheet.districts)
    names, addresses, districts = (None if c is None else c[order] for c in columns)
    turned = replace(
        sheet,
        x=sheet.x[order],
        y=sheet.y[order],
        names=names,
        addresses=addresses,
        districts=districts,
    )
    one, other = judged(sheet), judged(turned)
    assert [c[:2] for c in one.candidates] == [c[:2] for c in other.candidates]
    assert one.confidence == pytest.approx(other.confidence, abs=1e-6)
    back = {int(order[m.row]): m.kind for m in other.rows}
    assert {m.row: m.kind for m in one.rows} == back


def test_all_rows_of_a_large_sheet_are_looked_at() -> None:
    """The frame is told by some of 6,000 rows; the last one is found in another frame all the same."""
    known, x, y, names = known_stations("gcj02")
    _, bx, by, _ = known_stations("wgs84")
    many = np.arange(6000) % 12
    jitter = np.random.default_rng(1).normal(0, 1e-5, 6000)
    x, y, name = x[many] + jitter, y[many], np.array(names, dtype=object)[many]
    x[-1], y[-1] = bx[many[-1]], by[many[-1]]
    verdict = detect(x, y, names=name, known=known)
    assert verdict.frame == "gcj02"
    assert [(m.row, m.kind, m.frame) for m in verdict.rows] == [(5999, "other_frame", "wgs84")]


@pytest.mark.parametrize("cells", [[], [np.nan, np.nan], [0.0, 0.0], [1e300, -5.0]])
def test_numbers_that_are_nowhere_are_no_frame(cells: list[float]) -> None:
    """Without any coordinate there is no candidate, and the finding says so."""
    verdict = detect(np.array(cells), np.array(cells))
    assert (verdict.frame, verdict.candidates) == (None, ())
    assert [f.code for f in verdict_findings(verdict)] == ["frame_unclear"]


def test_cells_may_be_empty_and_frames_may_hold_nothing() -> None:
    """None, NaN, numbers and empty geometry are passed over; the caller's frames stay as they are."""
    known, x, y, names = known_stations("gcj02")
    cells: list[Any] = [*names]
    cells[0], cells[1], cells[2] = None, np.nan, 7
    holed = known.copy()
    holed.loc[[3, 4], "geometry"] = [None, shapely.Point()]
    holed.index = holed.index + 100
    before = holed.copy(deep=True)
    x[5] = np.nan
    verdict = detect(
        x,
        y,
        names=cells,
        addresses=[""] * 12,
        districts=[None] * 12,
        known=holed,
        areas=known.iloc[:0].assign(id=""),
    )
    assert verdict.frame == "gcj02"
    assert verdict.evidence[0].details["n"] == 6
    assert holed.equals(before)


def test_a_sheet_of_another_city_cannot_be_told_by_this_one(world: World) -> None:
    """What a city knows says nothing of rows 100 km away."""
    _, x, y, names = known_stations("gcj02")
    known = gpd.GeoDataFrame(
        {"name": names},
        geometry=shapely.points(np.linspace(112.3, 112.5, 12), 34.6),
        crs="EPSG:4326",
    )
    verdict = detect(x, y, names=names, known=known, areas=world.areas, streets=world.streets)
    assert verdict.frame is None
    assert {c[0] for c in verdict.candidates} == set(DEGREES)


def test_findings_say_everything_in_whole_sentences(world: World) -> None:
    """No placeholder is left empty; rows have the numbers of the file."""
    told = undecided = 0
    for k in range(4):
        sheet = make_sheet(world, seed=50 + k, n=(2, 60)[k % 2], frame=DEGREES[k % 3])
        verdict = judged(sheet)
        findings = verdict_findings(
            verdict, rows=list(range(100, 100 + len(sheet.x))), column="经度"
        )
        assert all("{" not in f.message and f.message for f in findings)
        assert [f.row for f in findings if f.row is not None] == [100 + m.row for m in verdict.rows]
        assert findings[0].code == ("frame_unclear" if verdict.frame is None else "frame_told")
        assert (verdict.confidence >= SURE) == (verdict.frame is not None)
        told, undecided = told + (verdict.frame is not None), undecided + (verdict.frame is None)
    assert told
    assert undecided


def test_the_real_sheet_of_zhengzhou_is_in_gcj02(shared_data: Path) -> None:
    """By the borders of districts alone; the four rows in a wrong one and id 8 are found, no other."""
    areas = read_areas(
        shared_data / "boundaries" / "henan_admin_gcj02.geojson.gz",
        frame="gcj02",
        where=("level", "区县"),
    ).areas
    stations = shared_data / "stations"
    with (stations / "zhengzhou_stations_raw.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with (stations / "zhengzhou_stations_expected.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["id"]: row for row in csv.DictReader(file)}
    verdict = detect(
        [float(r["经度"]) for r in rows],
        [float(r["纬度"]) for r in rows],
        names=[r["名称"] for r in rows],
        addresses=[r["地址"] for r in rows],
        districts=[r["所属区"] for r in rows],
        areas=areas,
    )
    assert (verdict.frame, verdict.is_swapped) == ("gcj02", False)
    assert verdict.confidence > 0.95
    found = {rows[m.row]["编号"]: m for m in verdict.rows}
    different = {i for i, row in expected.items() if row["district_check"] == "DIFFERENT"}
    assert {i for i, m in found.items() if m.kind == "wrong_district"} == different
    assert {i for i, m in found.items() if m.kind == "misplaced"} == {"8"}
    assert len(found) == 5
    assert all(found[i].found == expected[i]["district_by_polygon"] for i in different)
    assert {i for i in different if found[i].distance_m > 10_000} == {"77", "79"}

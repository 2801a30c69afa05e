"""Columns are what a person says, else what earlier sheets said, else what their header says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import InvalidInputError
from geodata.importers import words
from geodata.importers.mapping import COORDINATES, IGNORED, column_for, map_columns


def meaning(header: str) -> tuple[str, str] | None:
    found = map_columns([header]).columns
    return (found[0].target, found[0].how) if found else None


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("开放时间（工作日）", ("hours:工作日", "known")),
        ("周末开放时间", ("hours:周末", "known")),
        ("开放时间 夏季5-9月", ("hours:夏季5-9月", "known")),
        ("服务设施 微波炉（台）", ("facilities:microwave", "known")),
        ("是否配备空调", ("facilities:air_conditioning", "known")),
        ("桌椅数量", ("facilities:seating+table", "known")),
        ("位置 经度(GCJ-02)", ("lon", "known")),
        ("纬度/经度", ("lat_lon", "known")),
        ("（三）具体位置", ("address", "known")),
        ("3.驿站的详细地址", ("address", "guessed")),
        ("营业时问", ("hours", "guessed")),
        ("我站经度值", None),
        ("经渡", None),
        ("联系人电话", None),
        ("负责人", None),
        ("建设时间", None),
        ("填报时间", None),
        ("主办单位 地址", None),
        ("是否示例", ("is_synthetic", "known")),
    ],
)  # fmt: skip
def test_headers(header: str, expected: tuple[str, str] | None) -> None:
    """Groups, days, facilities and wordy headers are understood; other people's facts are not."""
    assert meaning(header) == expected


@given(st.text())
def test_coordinates_are_never_guessed(text: str) -> None:
    """Whatever a header says, a guess is never about where a station is, or which one it is."""
    for column in map_columns([text]).columns:
        if column.how == "guessed":
            assert column.field not in (*COORDINATES, "id", "code", "district_code")


@given(
    st.sampled_from([w for f in words.field_names() for w in words.spellings(f)]),
    st.integers(0, 9),
    st.characters(categories=["Lo"]),
)
def test_one_wrong_sign_never_makes_another_field_certain(word: str, at: int, sign: str) -> None:
    """A header with a typing mistake is unknown, guessed, or another word of ours."""
    typed = word[: at % len(word)] + sign + word[at % len(word) + 1 :]
    found = map_columns([typed]).columns
    if found and found[0].how == "guessed":
        assert found[0].field == words.field_of(word)


def test_a_person_goes_before_everything() -> None:
    """What is said now beats what was remembered, which beats the header; guesses come last."""
    headers = ["名称", "地址", "A"]
    remembered = {"地址": "district", "A": "phone", "gone": "name"}
    mapped = map_columns(headers, told={"Ａ": "主办单位"}, remembered=remembered)
    assert [(c.header, c.field, c.how) for c in mapped.columns] == [
        ("名称", "name", "known"),
        ("地址", "district", "remembered"),
        ("A", "host", "person"),
    ]
    ignored = map_columns(headers, told={"地址": "ignore"})
    assert ignored.header("address") is None
    assert ignored.of(IGNORED)[0].header == "地址"


def test_coordinates_that_a_person_names_are_the_only_ones() -> None:
    """Other columns that look like coordinates are left aside then."""
    mapped = map_columns(["名称", "经度", "纬度", "a", "b"], told={"a": "lon", "b": "lat"})
    assert [c.header for c in mapped.columns if c.field in COORDINATES] == ["a", "b"]


def test_two_columns_of_one_field() -> None:
    """The first counts and the other is reported; facilities and remarks may be many."""
    mapped = map_columns(["地址", "详细地址", "设施", "服务内容", "备注", "说明"])
    assert [c.header for c in mapped.columns] == ["地址", "设施", "服务内容", "备注", "说明"]
    (note,) = mapped.findings
    assert (note.code, note.details["columns"]) == ("column_ignored", "详细地址")


@pytest.mark.parametrize("field", words.field_names())
def test_every_field_can_be_named_by_a_person(field: str) -> None:
    """By its English name and by each of its headers."""
    for name in (field, *words.spellings(field)):
        assert column_for("A", name, how="person").field == field


@pytest.mark.parametrize("target", ["住址簿", "microwave2", "name:x", "hours2"])
def test_what_is_no_field_is_refused(target: str) -> None:
    """The message names the fields there are."""
    with pytest.raises(InvalidInputError, match="hours"):
        column_for("A", target, how="person")

"""What the texts of a row name."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.inquiry import mentions
from geodata.inquiry.mentions import Matches, plain

AREAS = ["中原区", "管城回族区", "金水区", "巩义市", "孟津区"]
IDS = ["410102", "410104", "410105", "410181", "410308"]


def pairs(found: Matches) -> list[tuple[int, int]]:
    return list(zip(found.row.tolist(), found.target.tolist(), strict=True))


@pytest.mark.parametrize(
    ("cell", "area"),
    [
        ("金水区", 2),
        (" 金水 ", 2),
        ("郑州市金水区", 2),
        ("金水区（东区）", 2),
        ("410105", 2),
        ("４１０１０５", 2),
        ("管城区", 1),
        ("管城回族区", 1),
        ("巩义", 3),
        ("孟津县", 4),
        ("高新区", None),
        ("郑东新区", None),
        ("区", None),
        ("", None),
        ("05", None),
    ],
)
def test_a_district_is_known_by_name_by_stem_and_by_code(cell: str, area: int | None) -> None:
    """Level, prefix and brackets do not matter; a zone that nobody drew is no district."""
    found = mentions.districts([cell], AREAS, IDS)
    assert pairs(found) == ([] if area is None else [(0, area)])


def test_areas_of_one_name_are_all_meant() -> None:
    """Two cities may both have a 鼓楼区; the row may lie in either."""
    assert pairs(mentions.districts(["鼓楼区"], ["鼓楼区", "鼓楼区"], ["1", "2"])) == [
        (0, 0),
        (0, 1),
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("中原路103号", ["中原路"]),
        ("中原路南街7号", ["中原路南街"]),
        ("建设路与中原路交叉口", ["建设路", "中原路"]),
        ("人民路街道东里路35号", ["东里路"]),
        ("人民路社区", []),
        ("人民路35号", ["人民路"]),
        ("Rua Sete 12", ["Rua Sete"]),
        ("路", []),
        ("", []),
    ],
)
def test_streets_are_found_as_they_stand(text: str, names: list[str]) -> None:
    """The longest name counts; a name in front of 街道 or 社区 is a part of the city."""
    streets = ["中原路", "中原路南街", "建设路", "人民路", "东里路", "Rua Sete"]
    word = {plain(s): i for i, s in enumerate(streets)}
    found = mentions.words([plain(text)], word, is_street=True)
    assert [streets[i] for i in found.target] == names


@settings(deadline=None)
@given(st.lists(st.text(alphabet="甲乙丙路街", max_size=8), max_size=6), st.data())
def test_words_found_are_in_the_text_and_never_overlap(texts: list[str], data: object) -> None:
    """Every word found stands in its row's text; together they are no longer than it is."""
    words = data.draw(st.lists(st.text(alphabet="甲乙丙路街", min_size=2, max_size=4)))  # type: ignore[attr-defined]
    word = mentions.vocabulary(words)
    by_number = {number: w for w, number in word.items()}
    found = mentions.words(texts, word)
    taken = [""] * len(texts)
    for row, target in pairs(found):
        assert by_number[target] in texts[row]
        taken[row] += by_number[target]
    assert all(len(t) <= len(text) for t, text in zip(taken, texts, strict=True))
    missed = [t for i, t in enumerate(texts) if not taken[i]]
    assert not any(w in t for t in missed for w in word)


@settings(deadline=None)
@given(st.lists(st.text(max_size=12)))
def test_many_texts_are_plain_as_each_is(texts: list[str]) -> None:
    """Half width, neither space nor mark, whatever stands in the other texts."""
    together = mentions.plains(texts)
    assert together == [plain(text) for text in texts]
    assert not any(c.isspace() or c in "（）()-·、" for text in together for c in text)


def test_the_same_name_needs_no_common_words() -> None:
    """工会, 驿站, brackets and width do not tell stations apart."""
    names = ["工会驿站（郑州银行伊河路支行）", "郑州银行黄河路支行工会驿站", "工会驿站"]
    known = ["郑州银行伊河路支行户外劳动者爱心驿站", "郑州银行黄河路支行", "工会驿站"]
    found = mentions.same_names([plain(n) for n in names], [plain(k) for k in known])
    sure = [p for p, trust in zip(pairs(found), found.trust, strict=True) if trust > 0.9]
    assert sure == [(0, 0), (1, 1)]


def test_names_that_are_alike_are_trusted_less_than_equal_ones() -> None:
    """A typing error is forgiven; of several alike each gets a part of the trust."""
    known = [plain(k) for k in ("张仲景大药房人民路店", "张仲景大药房人民路东店", "京广烟酒商贸")]
    found = mentions.same_names([plain("张仲景大药房人民路某店")], known)
    assert set(found.target) == {0, 1}
    assert found.trust.sum() < 0.97
    assert (
        mentions.same_names([plain("张仲景大药房人民路某店")], known, with_alike=False).row.size
        == 0
    )


def test_a_name_that_many_stations_bear_matches_none() -> None:
    """Four stations of one name say nothing about a fifth."""
    assert mentions.same_names(["党群服务中心"], ["党群服务中心"] * 4).row.size == 0
    assert mentions.same_names(["党群服务中心"], ["党群服务中心"] * 3).row.size == 3

"""Station codes: unique for ever, and every slip of a reader is noticed."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.codes import (
    NOWHERE,
    StationCode,
    check_character,
    codes_in,
    next_code,
    next_codes,
    parse_code,
)
from geodata.errors import InvalidInputError, UnanswerableError

CODES = st.builds(
    StationCode,
    st.integers(0, 999_999).map("{:06d}".format),
    st.integers(1, 9999),
)


def fits(characters: str) -> bool:
    """ISO/IEC 7064 the other way round: the weighted sum of the whole code is 1 modulo 11."""
    values = ["0123456789X".index(c) for c in reversed(characters)]
    return sum(v * pow(2, i, 11) for i, v in enumerate(values)) % 11 == 1


def test_check_character_of_the_standard() -> None:
    """The examples of ISO/IEC 7064 and of the identity card standard come out."""
    assert check_character("0794") == "0"
    assert check_character("079") == "X"
    assert check_character("11010519491231002") == "X"


@given(code=CODES)
def test_a_code_fits_the_weighted_sum(code: StationCode) -> None:
    """The character made step by step is the one that the polynomial of the standard asks for."""
    assert fits(str(code).replace("-", ""))


@given(code=CODES)
def test_a_code_reads_back(code: StationCode) -> None:
    """What is printed is read back, also as people type it."""
    text = str(code)
    full_width = text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789X"})
    for typed in (
        text,
        text.replace("-", ""),
        text.lower(),
        f" {full_width} ",
        text.replace("-", "—"),
    ):
        assert parse_code(typed) == code


@pytest.mark.parametrize("base", ["4101050012", "9999999999", "0000000001", "1100110018"])
def test_every_single_wrong_character_is_found(base: str) -> None:
    """At each place of a code, each other character is refused."""
    right = base + check_character(base)
    n_tried = 0
    for at, character in enumerate(right):
        for other in "0123456789" + ("X" if at == 10 else ""):
            if other != character:
                n_tried += 1
                with pytest.raises(InvalidInputError):
                    parse_code(right[:at] + other + right[at + 1 :])
    assert n_tried == 100


@pytest.mark.parametrize("at", range(9))
def test_every_exchange_of_neighbours_is_found(at: int) -> None:
    """Two neighbouring digits that differ are never exchanged unnoticed, whatever they are."""
    for a, b in permutations("0123456789", 2):
        digits = "4101050812"
        right = digits[:at] + a + b + digits[at + 2 :]
        wrong = digits[:at] + b + a + digits[at + 2 :]
        with pytest.raises(InvalidInputError, match="exchanged"):
            parse_code(wrong + check_character(right))


def test_an_exchange_with_the_check_character_is_found() -> None:
    """The last digit and the check character cannot be exchanged unnoticed."""
    for serial in range(1, 10_000):
        digits = f"410105{serial:04d}"
        check = check_character(digits)
        if check not in ("X", digits[-1]):
            assert not fits(digits[:-1] + check + digits[-1])


@pytest.mark.parametrize(
    "text",
    ["", "410105", "410105-0012", "410105-12-3", "410105-0012-Y", "41O105-0012-3", "x" * 300],
)
def test_what_is_no_code_is_said_so(text: str) -> None:
    """A text of another form is refused with an example."""
    with pytest.raises(InvalidInputError, match="looks like 410105-0012-3"):
        parse_code(text)


def test_serial_nought_is_no_code() -> None:
    """Counting begins at 1."""
    with pytest.raises(InvalidInputError):
        parse_code("4101050000" + check_character("4101050000"))


def test_codes_are_found_in_a_sentence() -> None:
    """Valid codes in a text are found in order and once; other numbers are not codes."""
    a, b = str(StationCode("410105", 12)), str(StationCode("410105", 7))
    wrong = a[:-1] + ("4" if a[-1] != "4" else "5")
    text = f"迁至{b}（原{a}），见{b}，电话410105-0012，{wrong}，1{a}"
    assert codes_in(text) == (b, a)


def test_a_new_code_follows_the_highest_of_its_district() -> None:
    """Districts count by themselves, gaps stay, and unknown districts have a range of their own."""
    taken = [
        str(StationCode("410105", 2)),
        str(StationCode("410105", 9)),
        str(StationCode("410102", 40)),
    ]
    assert parse_code(next_code("410105", taken)) == StationCode("410105", 10)
    assert parse_code(next_code("410103", taken)) == StationCode("410103", 1)
    assert parse_code(next_code("", taken)) == StationCode(NOWHERE, 1)


@given(
    districts=st.lists(st.sampled_from(["410105", "410102", ""]), max_size=30),
    taken=st.lists(CODES.map(str), max_size=30),
)
def test_new_codes_are_new(districts: list[str], taken: list[str]) -> None:
    """However many are asked for, no code is given twice and none that was ever given."""
    if any(parse_code(c).serial > 9900 for c in taken):
        return
    given_codes = next_codes(districts, taken)
    assert len({*given_codes, *taken}) == len(given_codes) + len(set(taken))
    assert [parse_code(c).district_code for c in given_codes] == [d or NOWHERE for d in districts]


def test_a_full_district_says_so() -> None:
    """The last serial is given; after it there is an error, not a repeated code."""
    last = str(StationCode("410105", 9998))
    assert parse_code(next_code("410105", [last])).serial == 9999
    with pytest.raises(UnanswerableError, match="410105 has used all its 9999"):
        next_codes(["410105", "410105"], [last])


@pytest.mark.parametrize("district", ["4101", "41010５", "abcdef", "4101050"])
def test_a_district_code_has_six_digits(district: str) -> None:
    """A code is only made from six plain digits."""
    with pytest.raises(InvalidInputError, match="six digits"):
        next_code(district, [])

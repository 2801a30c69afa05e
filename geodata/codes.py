"""Station codes, as they stand on the door and in the QR: ``410105-0012-3``.

Six digits of the district (GB/T 2260) in which the station got its code, four digits that count the
stations of the district, and a check character by ISO/IEC 7064, MOD 11-2, the rule of Chinese
identity numbers: it is 0-9 or X and finds every single wrong digit and every exchange of two
neighbours. A station keeps its code for life, also when its district gets another code, and no code
is given twice, because it stays on posters and in phones. Stations without a known district count
in the district 000000.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from geodata.errors import InvalidInputError, UnanswerableError

NOWHERE = "000000"
"""Stands for the district in the codes of stations whose district is not known."""

_LAST = 9999
_FORM = re.compile(r"([0-9]{6})-?([0-9]{4})-?([0-9X])")
_IN_TEXT = re.compile(r"(?<![0-9A-Za-z-])[0-9]{6}-[0-9]{4}-[0-9Xx](?![0-9A-Za-z-])")
_DASHES = re.compile(r"[\s\u2010-\u2015\u2212_]+")


@dataclass(frozen=True, slots=True)
class StationCode:
    """A code in its parts; as text it is ``410105-0012-3``."""

    district_code: str
    serial: int

    def __str__(self) -> str:
        digits = f"{self.district_code}{self.serial:04d}"
        return f"{self.district_code}-{self.serial:04d}-{check_character(digits)}"


_EXAMPLE = StationCode("410105", 12)


def check_character(digits: str) -> str:
    """Give the check character of a text of digits, by ISO/IEC 7064, MOD 11-2.

    Examples
    --------
    >>> check_character("0794"), check_character("11010519491231002")
    ('0', 'X')
    """
    remainder = 0
    for digit in digits:
        remainder = (remainder + int(digit)) * 2 % 11
    return "0123456789X"[(12 - remainder) % 11]


def parse_code(text: str) -> StationCode:
    """Read a code as people type it: with or without hyphens, full-width digits, a small x.

    Raises
    ------
    InvalidInputError
        When it is no code, or its check character does not fit.

    Examples
    --------
    >>> parse_code("410105 0012 3").serial
    12
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text).strip()).upper()
    parts = _FORM.fullmatch(plain)
    if parts is None:
        raise InvalidInputError(
            "{text!s} is no station code; a code looks like {example}", text=text, example=_EXAMPLE
        )
    code = StationCode(parts[1], int(parts[2]))
    if not str(code).endswith(parts[3]) or code.serial == 0:
        raise InvalidInputError(
            "station code {text!s} does not check: a digit is wrong or two are exchanged; "
            "read it from the poster again",
            text=text,
        )
    return code


def codes_in(text: str) -> tuple[str, ...]:
    """Give the station codes that a text mentions, in the order in which it does."""
    found = []
    for match in _IN_TEXT.finditer(unicodedata.normalize("NFKC", text)):
        try:
            found.append(str(parse_code(match[0])))
        except InvalidInputError:  # another number of the same form
            continue
    return tuple(dict.fromkeys(found))


def next_code(district_code: str, taken: Iterable[str]) -> str:
    """Give the next free code of a district.

    Parameters
    ----------
    district_code
        Six digits; empty when the district is not known.
    taken
        Every code that was ever given, of this and other districts. Gaps stay empty: a code that
        was never given may have been printed.

    Raises
    ------
    InvalidInputError
        When the district code has not six digits, or a taken code is none.
    UnanswerableError
        When the district has used up its codes.

    Examples
    --------
    >>> next_code("410105", ["410105-0011-5", "410102-0400-9"])
    '410105-0012-3'
    """
    return next_codes([district_code], taken)[0]


def next_codes(district_codes: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Give new codes for many stations at once, in their order; see `next_code`."""
    last: dict[str, int] = {}
    for code in map(parse_code, taken):
        last[code.district_code] = max(last.get(code.district_code, 0), code.serial)
    given = []
    for wanted in district_codes:
        district = wanted or NOWHERE
        if re.fullmatch(r"\d{6}", district, re.ASCII) is None:
            raise InvalidInputError(
                "district code {code!s} has not six digits; give it as 410105", code=wanted
            )
        last[district] = last.get(district, 0) + 1
        if last[district] > _LAST:
            raise UnanswerableError(
                "district {code} has used all its {n} station codes; codes are never given twice, "
                "so its stations need another district code",
                code=district,
                n=_LAST,
            )
        given.append(str(StationCode(district, last[district])))
    return given

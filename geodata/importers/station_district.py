"""Find the code of the district that a row states, in today's division of China."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.districts import Found, current, history_of, look_up, name_of
from geodata.errors import NotFoundError
from geodata.importers.cells import folded, says_nothing
from geodata.importers.how import Doubt, Part, ReadColumn, Reading, Texts, combined
from geodata.importers.mapping import ColumnMap

_NUMBERING = re.compile(r"^[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）.、．]\s*")
_COUNT = re.compile(r"[(（]?共?\d+\s?[个家处座]?(?:站点?|驿站)?[)）]?$|[:：]$")
_ZONE = (
    "row {row}: {column} {value} is a functional zone without a code of its own; "
    "the station is counted in the district that it lies in"
)
_SEVERAL = (
    "row {row}: {column} {value} is the name of several districts; write the city before it, "
    "as in 郑州市金水区"
)
_UNKNOWN = "row {row}: {column} {value} is no district that is known; its code stays empty"
_CONTRARY = (
    "row {row}: {column} is the code of another district than {other} says; "
    "the code stays empty until one of them is put right"
)
_BAD_CODE = "row {row}: {column} {value} is no code of a district; codes have six digits"


def read_district(columns: ColumnMap, texts: Mapping[str, Texts], n: int) -> Part:
    """Read the district, by name or code; a name that several cities have goes by the others."""
    header, code_header = columns.header("district"), columns.header("district_code")
    if header is None and code_header is None:
        return Part({}, {})
    named = ReadColumn.absent(n, "")
    if header is not None:
        within = _city_of(texts[header], _cities(columns, texts))
        named = ReadColumn.of(header, texts[header], lambda text: _named(text, within))
    coded = ReadColumn.absent(n, "")
    if code_header is not None:
        coded = ReadColumn.of(code_header, texts[code_header], _coded)
    which, pairs = combined([named, coded])
    codes = ["" if name and code and name != code else code or name for name, code in pairs]
    contrary = np.array([bool(n and c and n != c) for n, c in pairs], bool)[which]
    told = _contrary(code_header or "", header or "", texts, contrary)
    values: dict[str, Sequence[Any]] = {"district_code": [codes[i] for i in which.tolist()]}
    has_code = np.array([bool(c) for c in codes], bool)[which]
    is_said = has_code if header is None else texts[header].is_filled()
    return Part(values, {"district_code": is_said | has_code}, (named, coded, *told))


def is_district(text: str) -> bool:
    """Tell whether a line above some rows, or the name of a sheet, is a district or a zone."""
    found = look_up(without_numbering(text))
    return bool(found.code or found.zone or found.candidates)


def without_numbering(text: str) -> str:
    """Give 金水区 for 一、金水区（12个）.

    Examples
    --------
    >>> without_numbering("（二）二七区(12家)")
    '二七区'
    """
    return _COUNT.sub("", _NUMBERING.sub("", text.strip())).strip()


def _cities(columns: ColumnMap, texts: Mapping[str, Texts]) -> Texts | None:
    header = columns.header("city")
    return None if header is None else texts[header]


def _city_of(texts: Texts, cities: Texts | None) -> str | None:
    """Give the city that most of the rows are in, by the districts whose names are unique."""
    if cities is not None and len([c for c in cities.distinct if c]) == 1:
        return next(c for c in cities.distinct if c)
    rows = np.bincount(texts.which, minlength=len(texts.distinct))
    votes: Counter[str] = Counter()
    for text, n in zip(texts.distinct, rows.tolist(), strict=True):
        code = look_up(text).code if text else None
        if code is not None:
            votes[code[:4]] += n
    return votes.most_common(1)[0][0] if votes else None


def _named(text: str, within: str | None) -> Reading:
    if says_nothing(text):
        return Reading("")
    if folded(text).isdigit():
        return _coded(text)
    found = look_up(text)
    if found.code is None and within is not None:
        inside = look_up(text, within=within)
        found = inside if inside.code or not found.candidates else found
    if found.code is None:
        return Reading("", doubts=(_doubt(text, found),))
    name = name_of(found.code)
    is_renamed = any(c.name in text and c.name != name for c in history_of(found.code))
    became = f"{name} {found.code}"
    return Reading(found.code, "district_renamed" if is_renamed else "district", became)


def _doubt(text: str, found: Found) -> Doubt:
    if found.zone:
        return Doubt("functional_zone", _ZONE, "note", {"value": text})
    if found.candidates:
        return Doubt("several_districts", _SEVERAL, details={"value": text})
    return Doubt("unknown_district", _UNKNOWN, details={"value": text})


def _contrary(
    code_header: str, header: str, texts: Mapping[str, Texts], where: NDArray[np.bool_]
) -> Iterator[ReadColumn]:
    """Warn of rows whose code is another district's than the name says."""
    if where.any():
        details = {"other": header}
        doubt = Doubt("district_contradicted", _CONTRARY, details=details)
        codes = texts[code_header]
        readings = (Reading(""), *(Reading("", doubts=(doubt,)) for _ in codes.distinct))
        shown = Texts(("", *codes.distinct), np.where(where, codes.which + 1, 0))
        yield ReadColumn(code_header, shown, readings)


def _coded(text: str) -> Reading:
    if says_nothing(text):
        return Reading("")
    digits = folded(text).removesuffix(".0")[:6]
    try:
        known = name_of(digits)
    except NotFoundError:
        return Reading("", doubts=(Doubt("bad_district_code", _BAD_CODE, details={"value": text}),))
    code = current(digits)
    if code is None:
        return Reading("", doubts=(Doubt("functional_zone", _ZONE, "note", {"value": known}),))
    is_same = code == text
    return Reading(code, "" if is_same else "district_renamed", f"{name_of(code)} {code}")

"""Read coordinates as people write them: degrees, minutes, seconds, letters, both in one cell."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from geodata.importers.cells import folded

_NUMBER = re.compile(r"[+-]?\d{1,12}(?:\.\d*)?(?:e[+-]?\d{1,2})?|[+-]?\.\d+")
_PARTS = re.compile(
    r"(?P<d>\d{1,3})\s?(?:°|度|。|:|(?<=\d)\s)\s?"
    r"(?P<m>\d{1,2}(?:\.\d+)?)\s?(?:'|′|’|‘|`|分|:|$|(?<=\d)\s)\s?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)\s?(?:\"|''|″|′′|’’|”|“|秒|$))?"
)
_LON_SIDE = r"东经|西经|经度|lon(?:gitude)?|lng|(?<![a-z])[ew](?![a-z])"
_LAT_SIDE = r"北纬|南纬|纬度|lat(?:itude)?|(?<![a-z])[ns](?![a-z])"
_SIDE = re.compile(rf"(?:{_LON_SIDE}|{_LAT_SIDE})")
_IS_LON, _IS_LAT = re.compile(_LON_SIDE), re.compile(_LAT_SIDE)
_NEGATIVE = re.compile(r"西经|南纬|(?<![a-z])[ws](?![a-z])")
_LETTERED = re.compile(r"(\d+)\s?d\s?([\d.]+)\s?m(?:\s?([\d.]+)\s?s)?")
_WKT = re.compile(r"point\s*(?:z\s*)?\(\s*(\S+)\s+(\S+)(?:\s+\S+)?\s*\)")
_WRAPPED = " ()[]{}<>"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two coordinates of one cell as x and y; `is_lat_first` when the cell has them the other way.

    NaN where they cannot be read.
    """

    x: float = math.nan
    y: float = math.nan
    is_lat_first: bool = False


def degrees_of(value: object) -> float:
    """Read a number, or degrees, minutes and seconds; NaN when it is neither.

    Examples
    --------
    >>> degrees_of("113°37′30″E"), degrees_of("东经113度37.5分"), degrees_of("W51.25°")
    (113.625, 113.625, -51.25)
    >>> degrees_of("113 37 30"), degrees_of("113:37:30"), degrees_of("113°61′")
    (113.625, 113.625, nan)
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = _plain(value)
    sign = -1.0 if _NEGATIVE.search(text) else 1.0
    bare = _bare(text)
    if _NUMBER.fullmatch(bare):
        return sign * float(bare)
    parts = _PARTS.fullmatch(bare)
    if parts is None or float(parts["m"]) >= 60 or float(parts["s"] or 0) >= 60:
        return math.nan
    if "." in parts["m"] and parts["s"]:
        return math.nan
    return sign * (int(parts["d"]) + float(parts["m"]) / 60 + float(parts["s"] or 0) / 3600)


def is_written_out(value: object) -> bool:
    """Tell whether a coordinate is more than a plain number."""
    return isinstance(value, str) and bool(value.strip()) and not _NUMBER.fullmatch(value.strip())


def pair_of(value: object, *, is_lat_first: bool = False) -> Pair:
    """Read both coordinates of one cell.

    Parameters
    ----------
    value
        Such as ``113.62,34.75``, ``N34°45′ E113°37′``, ``POINT(113.62 34.75)``, ``经度:113.62
        纬度:34.75``. Letters tell which is which; without them the order is that of the header,
        unless one number can only be a longitude because it is above 90.
    is_lat_first
        Whether the header says that latitude comes first.

    Examples
    --------
    >>> pair_of("34.75，113.62")
    Pair(x=113.62, y=34.75, is_lat_first=True)
    >>> pair_of("N34°45′ E113°37′30″").x
    113.625
    """
    text = _plain(value)
    wkt = _WKT.fullmatch(text)
    if wkt:
        return Pair(degrees_of(wkt[1]), degrees_of(wkt[2]))
    text = text.strip(_WRAPPED)
    halves = re.split(r"\s*[,，;；、/|]\s*", text)
    if len(halves) != 2:
        halves = text.split()
    found = _marked(halves)
    if found is None:
        found = _marked(_at_sides(text))
    if found is None:
        return Pair()
    first, second, named_lat_first = found
    if named_lat_first is None:
        named_lat_first = is_lat_first
        if abs(first) <= 90 < abs(second) <= 180:
            named_lat_first = True
        elif abs(second) <= 90 < abs(first) <= 180:
            named_lat_first = False
    return Pair(second, first, True) if named_lat_first else Pair(first, second)


def _plain(value: object) -> str:
    """Give folded text in which 113d37m12s has signs, for its s is not south."""
    return _LETTERED.sub(
        lambda m: f"{m[1]}°{m[2]}'" + (f'{m[3]}"' if m[3] else ""),
        folded(str(value if value is not None else "")),
    )


def _at_sides(text: str) -> list[str]:
    """Split E113.62N34.75 before its second letter, 113.62E34.75N behind its first."""
    sides = list(_SIDE.finditer(text))
    if len(sides) != 2:
        return []
    cut = sides[1].start() if sides[0].start() == 0 else sides[0].end()
    return [text[:cut], text[cut:]]


def _marked(halves: list[str]) -> tuple[float, float, bool | None] | None:
    """Give both numbers, and whether letters say that the first is the latitude."""
    if len(halves) != 2:
        return None
    first, second = (degrees_of(half) for half in halves)
    if math.isnan(first) or math.isnan(second):
        return None
    sides = [(bool(_IS_LON.search(h)), bool(_IS_LAT.search(h))) for h in halves]
    if sides[0] == (False, True) or sides[1] == (True, False):
        contradicts = sides[0] == (True, False) or sides[1] == (False, True)
        return None if contradicts else (first, second, True)
    is_named = sides[0] == (True, False) or sides[1] == (False, True)
    return first, second, False if is_named else None


def _bare(text: str) -> str:
    """Take away what says east or north around a number."""
    bare = re.sub(rf"^(?:{_LON_SIDE}|{_LAT_SIDE})\s*[:=]?\s*", "", text.strip(_WRAPPED))
    return re.sub(r"\s*(?<![a-z])[ewns]$", "", bare).removesuffix("°").removesuffix("度").strip()

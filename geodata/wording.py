"""What is said of a station, taken apart so that it can be compared.

Of a name the words that all stations share go (工会驿站, 爱心); the host's brand (中国银行), its
kinds (支行, 社区) and its numbers (一号, 3店) are set aside, and what is left, the core, is what
tells neighbours apart. The words are in ``wording.toml``.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from sys import intern

from pypinyin import lazy_pinyin

from geodata.districts import without_district


@dataclass(frozen=True, slots=True)
class Wording:
    """What is said of a station, taken apart.

    Attributes
    ----------
    core, sound
        What is left of the name, and its syllables without tones, one sign each.
    brands, kinds
        Hosts with many branches that it names, and kinds of places.
    numbers
        Numbers in the name, in their order.
    road, house
        Road and house number of the address; empty when it has none.
    address
        The address without province, city and district.
    host, phone
        The host as in a name, without what is shared; digits of the telephone.
    """

    core: str
    sound: str
    brands: frozenset[str]
    kinds: frozenset[str]
    numbers: tuple[str, ...]
    road: str
    house: str
    address: str
    host: str
    phone: str


_NOT_WORDS = re.compile(r"[^\w]|_")
_DIGITS = "〇一二三四五六七八九"
_COUNTED = re.compile(
    r"第([0-9]+|[一二三四五六七八九十]+)|"
    r"([0-9]+|[一二三四五六七八九十]+)(?=号|站|店|分店|部|期|楼|层|栋|座|单元|院|厂|小区|队)"
)
_NUMBER = re.compile(r"[0-9]+")
_PART_OF_HOUSE = re.compile(r"(?<=\d)[-－—–](?=\d)")
_ROAD = re.compile(
    r"([^\W\d]{1,7}?(?:大道|大街|路|街(?!道)|巷|胡同))(?:[东西南北中]段)?([0-9]+(?:之[0-9]+)?)?"
)
_PLACES = re.compile(r"^(?:[^\W\d]{1,6}?(?:街道|镇|乡|办事处))")
_HOTLINES = ("12351", "12345", "12329", "12333", "110", "120")
_LEAST_PHONE = 7
_LEAST_HEARD = 3


@lru_cache(maxsize=1024)
def wording_of(name: str, *, address: str = "", host: str = "", phone: str = "") -> Wording:
    """Take apart what is said of a station."""
    left, brands = _without_brands(_counted(_plain(name)))
    more, host_brands = _without_brands(_plain(host)) if host else ("", set())
    core, kinds = _taken(without_district(_own(left)), _kinds())
    numbers = tuple(n.lstrip("0") for n in _NUMBER.findall(core))
    core = _NUMBER.sub("", core).replace("号", "")
    place = without_district(_plain(_PART_OF_HOUSE.sub("之", address)))
    road = _ROAD.search(_PLACES.sub("", place))
    digits = re.sub(r"\D", "", phone)
    known = len(digits) >= _LEAST_PHONE and not digits.endswith(_HOTLINES)
    return Wording(
        core=core,
        sound=sound_of(core),
        brands=_set(tuple(sorted(brands | host_brands))),
        kinds=_set(tuple(sorted(kinds))),
        numbers=numbers,
        road=intern(road[1]) if road else "",
        house=(road[2] or "") if road else "",
        address=intern(place),
        host=intern(without_district(_own(more))) if more else "",
        phone=digits if known else "",
    )


def _plain(text: str) -> str:
    return _NOT_WORDS.sub("", unicodedata.normalize("NFKC", text).casefold())


def _own(plain: str) -> str:
    return _shared().sub("", plain)


def _without_brands(plain: str) -> tuple[str, set[str]]:
    """Take brands out of a name, also long ones that are only spelled by their sound."""
    left, brands = _taken(plain, _brands())
    pattern, meaning = _spoken_brands()
    heard = None if brands else pattern.search(sound_of(plain))
    if heard is None:
        return left, brands
    return plain[: heard.start()] + plain[heard.end() :], {meaning[heard[0]]}


def _taken(plain: str, table: tuple[re.Pattern[str], Mapping[str, str]]) -> tuple[str, set[str]]:
    """Take the words of a table out of a text, and give what they stand for."""
    pattern, meaning = table
    found = pattern.findall(plain)
    return (pattern.sub("", plain), {meaning[word] for word in found}) if found else (plain, set())


def _counted(text: str) -> str:
    """Write counting numbers in digits: 第一站, 一号站 and 1号站 have the same number."""
    return _COUNTED.sub(lambda match: _arabic(match[1] or match[2]), text)


def _arabic(text: str) -> str:
    """Give a Chinese number up to 99 in digits."""
    if text.isascii():
        return text
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return "".join(str(_DIGITS.index(c)) for c in ones)
    value = 10 * (_DIGITS.index(tens[-1]) if tens else 1)
    return str(value + (_DIGITS.index(ones[-1]) if ones else 0))


def sound_of(text: str) -> str:
    """Give one sign for each syllable, without tones, so that texts are compared by sound."""
    return "".join(map(_syllable, text))


@cache
def _set(words: tuple[str, ...]) -> frozenset[str]:
    """Give one set for all that have the same words: there are few, and stations are many."""
    return frozenset(words)


@cache
def _syllable(sign: str) -> str:
    spoken = lazy_pinyin(sign)[0]
    return _syllables().setdefault(spoken, chr(0xE000 + len(_syllables())))


@cache
def _syllables() -> dict[str, str]:
    return {}


@cache
def _words() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("geodata").joinpath("wording.toml").read_text("utf-8"))


@cache
def _shared() -> re.Pattern[str]:
    return _any_of(_words()["shared"])


@cache
def _brands() -> tuple[re.Pattern[str], Mapping[str, str]]:
    meaning = {word: key for key, words in _words()["brands"].items() for word in words}
    return _any_of(meaning), meaning


@cache
def _spoken_brands() -> tuple[re.Pattern[str], Mapping[str, str]]:
    meaning = {
        sound_of(word): key for word, key in _brands()[1].items() if len(word) >= _LEAST_HEARD
    }
    return _any_of(meaning), meaning


@cache
def _kinds() -> tuple[re.Pattern[str], Mapping[str, str]]:
    meaning = {word: key for key, words in _words()["kinds"].items() for word in words}
    return _any_of(meaning), meaning


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))

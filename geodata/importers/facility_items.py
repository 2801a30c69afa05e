"""One part of a list of facilities: known words, and what is said about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache

from geodata.importers import words
from geodata.importers.han import simplified
from geodata.importers.opening_text import to_opening_hours
from geodata.records import Offer
from geodata.services import services

_UNITS = "台|个|把|张|套|部|组|只|间|处|盒|箱|条|件|本|册|座|辆|份|根|平方米|平米"
_COUNT = (
    rf"[xX×*]\s?\d{{1,4}}(?:{_UNITS})?|(?:共|约)?(?:\d{{1,4}}|[一二两三四五六七八九十]{{1,3}}|若干)(?:余|多)?"
    rf"(?:{_UNITS})|(?<![\d:.])\d{{1,3}}(?=\s*$)"
)
_SIGNS = frozenset("×✗✘√✓✔☑")
_RISKY = re.compile(r"[无没不未坏停缺欠损修故仅除搬撤拆]")  # with one of these it may mean "no"
_WHEN = (
    r"(?:凌晨|早上|上午|中午|下午|晚上|早|晚)?\s?\d{1,2}\s?[:点时]|每[天日周月年晚早]|周[一二三四五六日末]"
    r"|星期|工作日|双休日|节假日|\d{1,2}月|全天"
)


@dataclass(frozen=True, slots=True)
class Offered:
    """What a text says that a station offers.

    Attributes
    ----------
    keys
        Keys of `geodata.services`, sorted.
    offers
        More about some of them, sorted by key: broken, hours of a programme, a remark.
    absent
        Keys that the text says are not there.
    unknown
        Parts that were not understood.
    """

    keys: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    absent: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def became(self) -> str:
        """What was found, as a person reads it."""
        known, by_key = services(), {o.key: o for o in self.offers}
        parts = [known[k].zh + _remark(by_key.get(k)) for k in self.keys]
        return "、".join(parts + [f"无{known[k].zh}" for k in self.absent])


@dataclass(frozen=True, slots=True)
class Item:
    """A word of a list, or several joined by 和, with what is said about it.

    Attributes
    ----------
    keys, absent
        What is there, and what is said not to be there.
    state, hours, notes
        As for `geodata.records.Offer`.
    n_words
        How many words there are; of a remark behind several nobody knows which it is about.
    is_affirmed, is_denied_in_front
        Whether it is said to be there (有, √, 2台), and whether 无 stands before it.
    """

    keys: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    state: str = "working"
    hours: str = ""
    notes: tuple[str, ...] = ()
    n_words: int = 1
    is_affirmed: bool = False
    is_denied_in_front: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing more is said about it."""
        return self.state == "working" and not self.hours and not self.notes

    def offered(self) -> Offered:
        """Give it as part of an answer."""
        note = "，".join(self.notes)
        offers = tuple(
            Offer(key=key, state=self.state, hours=self.hours, note=note)
            for key in sorted(set(self.keys))
            if not self.is_plain
        )
        return Offered(tuple(sorted(set(self.keys))), offers, self.absent)


def joined(parts: Iterable[Offered]) -> Offered:
    """Put several lists together; who says that it is broken or when it is wins over who does not.

    What one part has and another says is missing is not clear, and so not known.
    """
    keys: set[str] = set()
    absent: set[str] = set()
    offers: dict[str, Offer] = {}
    unknown: list[str] = []
    for part in parts:
        keys |= set(part.keys)
        absent |= set(part.absent)
        unknown += part.unknown
        for offer in part.offers:
            offers[offer.key] = _merged(offers.get(offer.key), offer)
    unknown += [services()[key].zh for key in sorted(keys & absent)]
    kept = tuple(offers[k] for k in sorted(offers) if k in keys - absent)
    return Offered(tuple(sorted(keys - absent)), kept, tuple(sorted(absent - keys)), tuple(unknown))


@lru_cache(maxsize=8192)
def items_in(text: str) -> tuple[Item, ...] | None:
    """Read one part from left to right; None when anything in it is not understood."""
    if re.match(_WHEN, text) and not _leads_to_word(text, 0):  # 5:00-7:00 爱心早餐
        return _with_hours_in_front(text)
    reader, at = _Reader(), 0
    while at < len(text):
        is_word = _leads_to_word(text, at)
        if reader.item is not None and not is_word and re.match(_WHEN, text[at:]):
            read = remarked(reader.item, text[at:])
            return None if read is None else (*reader.done, read)
        token = _tokens().match(text, at)
        if token is None:
            return None
        at = token.end()
        leads = _leads_to_word(text, at)
        if not reader.take(str(token.lastgroup), token.group(), leads_to_word=leads):
            return None
    return reader.end()


@dataclass(slots=True)
class _Reader:
    """Where the reading of a part is: items done, the one at hand, and what waits for its word."""

    done: list[Item] = field(default_factory=list)
    item: Item | None = None
    count: str = ""
    is_denied: bool = False
    is_affirmed: bool = False
    is_joint: bool = False
    has_gap: bool = False

    def take(self, kind: str, value: str, *, leads_to_word: bool) -> bool:
        """Take a token; False when it makes no sense here."""
        has_gap, self.has_gap = self.has_gap, kind == "gap"
        if kind == "word":
            return self._word(value, has_gap=has_gap)
        if kind == "and":
            self.is_joint = self.item is not None
        elif value in _SIGNS and self.item is not None and not has_gap and _is_bare(self.item):
            absent = self.item.keys if kind == "no" else ()  # 饮水机√微波炉×空调√
            keys = () if absent else self.item.keys
            self.item = replace(self.item, keys=keys, absent=absent, is_affirmed=not absent)
        elif kind == "no" and leads_to_word:
            self.is_denied = True
        elif kind == "yes" and leads_to_word:
            self.is_affirmed = True
        elif kind == "count" and leads_to_word and (self.item is None or has_gap):
            self.count = value  # 2台微波炉
        elif kind == "yes" and self.item is not None:
            self.item = replace(self.item, is_affirmed=True)
        elif kind not in ("filler", "gap", "yes"):
            self.item = _told(self.item, kind, value)
            return self.item is not None
        return True

    def end(self) -> tuple[Item, ...] | None:
        """Give the items; None when a word is still missing."""
        return None if self.item is None or self.count else (*self.done, self.item)

    def _word(self, value: str, *, has_gap: bool) -> bool:
        keys = words.facility_words()[words.plain(value)]
        item, was_denied = self.item, self.item is not None and self.item.is_denied_in_front
        if self.is_denied or (was_denied and self.is_joint):
            new = Item(absent=keys, is_denied_in_front=True)
        else:
            new = Item(keys, is_affirmed=self.is_affirmed)
        if self.count:
            new = _counted(new, self.count)
        if item is None:
            self.item = new
        elif self.is_joint:
            self.item = _both(item, new)
        elif was_denied and not has_gap and not self.is_affirmed and not self.is_denied:
            self.item = None  # 无卫生间淋浴: nobody knows how far the 无 reaches
        else:
            self.done.append(item)
            self.item = new
        self.count, self.is_denied, self.is_affirmed, self.is_joint = "", False, False, False
        return self.item is not None


def remarked(item: Item, text: str) -> Item | None:
    """Take a remark on an item; None when it might mean that the thing is not there."""
    text = text.strip(" :")
    bare = words.plain(text)
    for state in ("broken", "suspended"):
        if is_remark(bare, state):
            return replace(item, state=state)
    if is_remark(bare, "no"):
        return replace(item, keys=(), absent=item.absent + item.keys)
    if not bare or is_remark(bare, "yes"):
        return replace(item, is_affirmed=True)
    if re.fullmatch(_COUNT, text):
        return _counted(item, text)
    hours = to_opening_hours(text) if looks_like_time(text) else ""
    if hours:
        return replace(item, hours=hours)
    inner = [items_in(part) for part in re.split("[、,;]", text) if part.strip()]
    if inner and all(i and all(x.is_plain and not x.absent for x in i) for i in inner):
        more = tuple(key for i in inner if i for x in i for key in x.keys)
        return replace(item, keys=item.keys + more)
    return None if _RISKY.search(text) else replace(item, notes=(*item.notes, text))


def is_remark(text: str, mark: str) -> bool:
    """Tell whether a text is one of our words for yes, no, broken or suspended.

    For ``all``: whether such a word in it is said of several things at once.
    """
    if mark != "all":
        return words.plain(text) in _bare_marks(mark)
    return _of_several().search(text) is not None


@cache
def _of_several() -> re.Pattern[str]:
    said = "|".join(re.escape(w) for m in ("broken", "suspended", "no") for w in words.marks()[m])
    every = "|".join(map(re.escape, words.marks()["all"]))
    return re.compile(rf"(?:{every})已?(?:{said})")


def looks_like_time(text: str) -> bool:
    """Tell whether a text may say when, so that it is worth being read as hours."""
    return re.search(_WHEN + r"|24\s?小时", text) is not None


def folded(text: str) -> str:
    """Give half-width text without outer blanks."""
    return simplified(unicodedata.normalize("NFKC", text)).strip()


def _is_bare(item: Item) -> bool:
    """Tell whether an item is one word that no sign says anything about yet."""
    is_signed = item.is_affirmed or item.is_denied_in_front or bool(item.absent)
    return item.n_words == 1 and item.is_plain and not is_signed


def _both(item: Item, new: Item) -> Item | None:
    """Join 空调和风扇; None when only one of them carries a remark or is denied."""
    if not (item.is_plain and new.is_plain) or bool(item.absent) != bool(new.absent):
        return None
    return replace(
        item,
        keys=item.keys + new.keys,
        absent=item.absent + new.absent,
        n_words=item.n_words + new.n_words,
    )


def _told(item: Item | None, kind: str, value: str) -> Item | None:
    """Take a state, a number, 无 or brackets behind an item."""
    if item is None or item.n_words != 1 or item.absent:
        return None
    if kind == "bracket":
        return remarked(item, value[1:-1])
    if kind == "count":
        return _counted(item, value)
    if kind == "no":
        return replace(item, keys=(), absent=item.keys)
    return replace(item, state=kind)


def _counted(item: Item, value: str) -> Item:
    text = value.strip(" xX×*")
    there = replace(item, is_affirmed=True)
    if re.fullmatch(rf"(?:1|一)(?:{_UNITS})?", text):
        return there
    return replace(there, notes=(*item.notes, f"{text}个" if text.isdigit() else text))


def _with_hours_in_front(text: str) -> tuple[Item, ...] | None:
    word = re.search(_any_of(words.facility_spellings()), text, re.IGNORECASE)
    if word is None:
        return None
    hours, items = to_opening_hours(text[: word.start()]), items_in(text[word.start() :])
    if not hours or items is None or len(items) != 1 or not items[0].is_plain:
        return None
    return (replace(items[0], hours=hours),) if items[0].keys else None


def _leads_to_word(text: str, at: int) -> bool:
    """Tell whether a word follows at once, perhaps after 免费 or the like."""
    token = _tokens().match(text, at)
    while token is not None and token.lastgroup == "filler":
        token = _tokens().match(text, token.end())
    return token is not None and token.lastgroup == "word"


def _remark(offer: Offer | None) -> str:
    if offer is None:
        return ""
    states = {"broken": "坏", "suspended": "停用"}
    said = (states.get(offer.state, ""), offer.hours, offer.note)
    return "".join(f"（{part}）" for part in said if part)


def _merged(one: Offer | None, other: Offer) -> Offer:
    if one is None:
        return other
    state = one.state if one.state != "working" else other.state
    note = "，".join(dict.fromkeys(n for n in (one.note, other.note) if n))
    return replace(one, state=state, hours=one.hours or other.hours, note=note)


@cache
def _bare_marks(name: str) -> frozenset[str]:
    return frozenset(map(words.plain, words.marks()[name]))


@cache
def _tokens() -> re.Pattern[str]:
    """Give what an item is made of, the longest words first."""
    marks = words.marks()
    parts = {
        "word": _any_of(words.facility_spellings()),
        "bracket": r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|\{[^{}]*\}|<[^<>]*>",
        "count": _COUNT,
        "broken": _any_of(marks["broken"]),
        "suspended": _any_of(marks["suspended"]),
        "no": _any_of(marks["no"]),
        "yes": _any_of(marks["yes"]),
        "and": r"以及|和|与|及|[+&]",
        "filler": _any_of(marks["filler"]),
        "gap": r"[\s/:·.~-]+",
    }
    pattern = "|".join(f"(?P<{name}>{part})" for name, part in parts.items())
    return re.compile(pattern, re.IGNORECASE)


@cache
def _any_of(texts: tuple[str, ...]) -> str:
    """Give a pattern for any of the texts; one in Latin letters must stand alone."""
    return "|".join(_patterns(sorted({folded(t) for t in texts}, key=lambda t: (-len(t), t))))


def _patterns(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        pattern = r"[\s_\-]*".join(map(re.escape, re.split(r"[\s_\-]+", text)))
        if text.isascii():
            sign = r"\d" if text[-1].isdigit() else "[A-Za-z]"
            pattern = rf"(?<!{sign}){pattern}(?!{sign})"
        yield pattern

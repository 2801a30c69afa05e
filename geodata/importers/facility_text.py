"""Find what a station offers in the lists that offices write in free text.

``饮水机、微波炉2台，空调(坏)、无卫生间；爱心早餐 5:00-7:00`` names three facilities, one of them
broken, says that there is no toilet, and when breakfast is. A cell is read part by part. A part is
understood as a whole or not at all: what is left over besides known words might be the word that
matters (``饮水机已搬走``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from geodata.importers import words
from geodata.importers.facility_items import (
    Item,
    Offered,
    folded,
    is_remark,
    items_in,
    joined,
    looks_like_time,
    remarked,
)
from geodata.importers.opening_text import to_opening_hours
from geodata.services import services

_STRONG = "、,;|\n。"
_OPEN, _CLOSE = "([{【〔<", ")]}】〕>"
_DAY_LIST = re.compile(
    r"(?:周|星期|礼拜)[一二三四五六日天](?:[、,](?:周|星期|礼拜)?[一二三四五六日天](?![\u4e00-\u9fff]))+"
)
_NUMBERED = re.compile(r"[①-⑳●•◆■▪]|(?:^|(?<=[\s;；、,，。]))\d{1,2}(?:[、)）]|[.．](?!\d))")
_NO_SIGNS = ("/", "-", "--", "\\", "〇", "○", "n", "no", "false", "f", "0")


def offered(text: str) -> Offered:
    """Read the facilities and programmes that a cell lists.

    Parameters
    ----------
    text
        A list in Chinese or English, or keys of the taxonomy.

    Examples
    --------
    >>> offered("饮水机、微波炉2台，空调(坏)、无卫生间").keys
    ('air_conditioning', 'drinking_water', 'microwave')
    >>> [(o.key, o.state, o.note) for o in offered("微波炉2台，空调(坏)").offers]
    [('air_conditioning', 'broken', ''), ('microwave', 'working', '2台')]
    """
    plain = folded(_NUMBERED.sub("、", text))
    whole = words.facility_words().get(words.plain(plain))
    if whole is not None:
        return Offered(tuple(sorted(whole)))
    if is_remark(plain, "all"):  # 均已损坏: nobody knows how many of the items are meant
        return Offered(unknown=(text.strip(),))
    return joined(_of_parts(_parts(plain)))


def offered_in_column(key: str, text: str) -> Offered:
    """Read a cell below the name of one facility: 有, √, 2台, 坏, 5:00-7:00, or 无."""
    plain = folded(text)
    if not plain:
        return Offered()
    if plain.casefold() in _NO_SIGNS:
        return Offered(absent=(key,))
    read = Item((key,)) if words.is_yes(plain) else remarked(Item((key,)), plain)
    return Offered(unknown=(text.strip(),)) if read is None else read.offered()


def _parts(text: str) -> list[str]:
    """Split at stops and commas outside brackets; 周一、周三 stays together."""
    text = _DAY_LIST.sub(lambda m: re.sub("[、,]", "和", m[0]), text)
    parts, depth = [""], 0
    for sign in text:
        depth = max(depth + (sign in _OPEN) - (sign in _CLOSE), 0)
        if depth == 0 and sign in _STRONG:
            parts.append("")
        else:
            parts[-1] += sign
    return [p.strip() for p in parts if p.strip()]


def _of_parts(parts: list[str]) -> Iterator[Offered]:
    """Read part by part; times alone belong to the programme before them."""
    read: list[tuple[str, list[Item] | None]] = []
    for part in parts:
        found = items_in(part)
        items = None if found is None else list(found)
        before = read[-1][1] if read else None
        if items is None and before and looks_like_time(part):
            longer = _with_more_hours(before[-1], part)
            before[-1] = longer or replace(before[-1], hours="")  # half of the hours is none
            if longer is not None:
                continue
        read.append((part, items))
    if _is_open_negation(read):
        yield Offered(unknown=tuple(part for part, _ in read))
        return
    for part, items in read:
        if items is None:
            yield Offered(unknown=(part,))
        else:
            yield from (item.offered() for item in items)


def _with_more_hours(item: Item, text: str) -> Item | None:
    """Add times to a programme; None when they are not understood, or may be about more."""
    is_programme = len(item.keys) == 1 and services()[item.keys[0]].kind == "P"
    if ";" in item.hours or not (item.hours or (is_programme and item.is_plain)):
        return None
    hours = to_opening_hours(f"{item.hours},{text}" if item.hours else text)
    return replace(item, hours=hours) if hours else None


def _is_open_negation(read: list[tuple[str, list[Item] | None]]) -> bool:
    """Tell whether 无 at the head of a list may be meant for the whole list, or for one item."""
    if len(read) < 2 or not read[0][1]:
        return False
    first = read[0][1][0]
    rest = [items for _, items in read[1:]]
    return first.is_denied_in_front and all(
        items is not None and all(i.is_plain and i.keys and not i.is_affirmed for i in items)
        for items in rest
    )

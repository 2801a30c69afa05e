"""How much what is said of two stations speaks for one station, or for two.

Weights are natural log odds, to be added (Fellegi and Sunter 1969, A theory for record linkage,
JASA 64): positive speaks for one station. Names are compared by their signs and by their sound,
because people write 西工 as 希公; a number, a bank or a direction that differs weighs heavily,
because that is how neighbours are told apart.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein
from rapidfuzz.fuzz import partial_ratio, ratio

from geodata.wording import Wording, sound_of

_ROAD_NAME = re.compile(r"[^\W\d]{2,5}?(?:大道|大街|路|街)")
_TURNS = ("东西南北中", "上下", "前后", "甲乙丙丁", "abcdef", "一二三四五六七八九十", "左右")
_TURN = {sign: turns for turns in _TURNS for sign in turns}
_SHORT = 3


def name_weight(a: Wording, b: Wording) -> tuple[float, str]:
    """Weigh two names.

    Returns
    -------
    weight, reason
        Log odds, and ``same_name``, ``same_sound`` or ``similar_name`` when they speak for one
        station; else an empty reason.
    """
    weight, reason = _core_weight(a, b)
    if a.numbers != b.numbers:
        both = bool(a.numbers and b.numbers)
        weight, reason = weight - (8.0 if both else 5.0), ""
    if a.brands and b.brands:
        weight += 1.0 if a.brands & b.brands else -7.0
    elif a.brands or b.brands:
        weight -= 0.8
    if a.kinds and b.kinds and not a.kinds & b.kinds:
        weight -= 1.0 if a.brands == b.brands else 4.0
    return weight, reason if weight > 0 else ""


def address_weight(a: Wording, b: Wording) -> tuple[float, str]:
    """Weigh two addresses; the reason is ``same_address`` or empty."""
    if not a.address or not b.address:
        return 0.0, ""
    if a.road and b.road and a.house and b.house:
        if a.road == b.road:
            return (2.0, "same_address") if a.house == b.house else (-2.0, "")
        is_typo = a.house == b.house and sound_of(a.road) == sound_of(b.road)
        return (1.5, "same_address") if is_typo else (-0.6, "")
    if a.address == b.address and a.address != a.road:
        return 1.8, "same_address"
    alike = partial_ratio(a.address, b.address)
    return (
        (0.9, "same_address")
        if alike >= 90 and _turn_of(a.address, b.address) == ""
        else (-0.1, "")
    )


def host_weights(a: Wording, b: Wording) -> tuple[tuple[float, str], ...]:
    """Weigh hosts, and telephones; the reasons are ``same_host`` and ``same_phone`` or empty."""
    host, phone = (0.0, ""), (0.0, "")
    if a.host and b.host:
        is_same = ratio(a.host, b.host) >= 85 and not _turn_of(a.host, b.host)
        host = (1.0, "same_host") if is_same else (-0.5, "")
    if a.phone and b.phone:
        is_same = a.phone.endswith(b.phone) or b.phone.endswith(a.phone)
        phone = (4.5, "same_phone") if is_same else (-0.8, "")
    return host, phone


def _core_weight(a: Wording, b: Wording) -> tuple[float, str]:
    """Weigh what is left of two names; a core that only names the road says less."""
    if not a.core and not b.core:
        return (1.0, "same_name") if a.kinds == b.kinds and a.brands == b.brands else (0.0, "")
    if not a.core or not b.core:
        return -0.8, ""
    shorter, longer = sorted((a.core, b.core), key=len)
    road = _ROAD_NAME.search(shorter)
    if road is not None and road[0] in longer and a.core != b.core:
        one, other = (core.replace(road[0], "") for core in (a.core, b.core))
        if one and other:
            return _alike(one, other, 0.5)
        is_another = (a.brands and not one) or (b.brands and not other)
        return (-2.5, "") if is_another and a.brands != b.brands else (2.0, "similar_name")
    if a.core == b.core and road is not None and road[0] == a.core and not a.brands & b.brands:
        return 2.0, "same_name"
    return _alike(a.core, b.core, 0.0)


def _alike(one: str, other: str, more: float) -> tuple[float, str]:
    """Weigh two texts by their signs and their sound; short ones say less."""
    shorter = min(len(one), len(other))
    if one == other:
        return more + (4.0 if shorter >= _SHORT else 3.2), "same_name"
    turn = _turn_of(one, other)
    if turn == "replace":
        return -4.0, ""
    heard, again = sound_of(one), sound_of(other)
    if heard == again:
        return more + (3.4 if shorter >= _SHORT else 2.4), "same_sound"
    alike = max(ratio(one, other), ratio(heard, again)) / 100
    if shorter >= 2 and (one in other or other in one):
        alike = max(alike, 0.80 if shorter < _SHORT else 0.87)
    elif shorter > _SHORT:
        alike = max(alike, 0.95 * partial_ratio(one, other) / 100)
    weight = more + max(-5.0, 14.0 * (alike - 0.72)) - (2.5 if turn else 0.0)
    return weight, "similar_name" if weight > 0 else ""


def _turn_of(a: str, b: str) -> str:
    """Tell how one name turns into a neighbour's: 东 replaced by 西, or 北 inserted; else empty."""
    found = ""
    for edit in Levenshtein.editops(a, b):
        if edit.tag == "replace":
            turns = _TURN.get(a[edit.src_pos])
            if turns is not None and b[edit.dest_pos] in turns:
                return "replace"
        elif (a[edit.src_pos] if edit.tag == "delete" else b[edit.dest_pos]) in _TURNS[0]:
            found = "insert"
    return found

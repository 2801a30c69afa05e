"""Translate the hours that offices write in free Chinese into OpenStreetMap ``opening_hours``.

Small on purpose: a text is understood as a whole or not at all, because half-understood hours would
send somebody to a closed door. The rules are tokens, read from left to right; one unknown character
is enough to give up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from geodata.errors import InvalidInputError
from geodata.hours import check_hours
from geodata.importers.opening_rules import MONTHS, WEEK, WHOLE_DAY, Rule, joined, written

_DAYS = dict(zip("一二三四五六日天1234567", (*WEEK, "Su", *WEEK), strict=True))
_NUMERALS = {n: i for i, n in enumerate((*"零一二三四五六七八九十", "十一", "十二"))}
_LONGEST_NIGHT_MIN = 16 * 60  # 8:00-5:30 is more likely 17:30 than half past five in the morning

_TWELVE_MORE = {
    "中午": (1, 3), "下午": (1, 11), "傍晚": (1, 11),
    "晚上": (5, 12), "夜间": (5, 12), "夜里": (5, 12), "晚": (5, 12),
}  # fmt: skip
"""Part of the day, and from which to which hour of a 12-hour clock 12 must be added."""

_PART = "凌晨|清晨|早上|早晨|上午|早|中午|下午|傍晚|晚上|夜间|夜里|晚"
_CLOCK = r"(\d{1,2})(?::(\d{2})(?::00)?|[点时](?:(\d{1,2})分?|(半))?(?:整|钟)?)"
_OSM = re.compile(
    r"\b(Mo|Tu|We|Th|Fr|Sa|Su|PH|SH|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
    r"|24/7|sunrise|sunset|dawn|dusk)\b"
)
_TOKENS = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "whole_day": r"24\s?小时|二十四小时|24\s?[hH]\b|24/7|全天候|全天|昼夜",
            "ignored": (
                r"(?:中午|午间)不休息?|无午休|(?:全年|年中)无休|节假日(?:不休息?|照常|正常)"
                r"|(?:开放|营业|服务|工作|上班)?时间|(?:对外)?(?:开放|营业)|服务|上班|均|为"
            ),
            "off": r"不开放|不营业|不上班|休息|闭馆|关闭|关门|除外|公休|放假",
            "working_days": r"工作日",
            "weekend": r"周末|双休日|周六日|周六周日",
            "every_day": r"每天|每日|天天|全周|全年",
            "holidays": r"(?:法定|国家法定)?节假日|公众假期|法定假日",
            "days": (
                r"(?:周|星期|礼拜)[一二三四五六日天1-7]"
                r"(?:[-,]?(?:(?:周|星期|礼拜)[一二三四五六日天1-7]|[一二三四五六日天]))*"
            ),
            "season": r"(?:夏秋|冬春|春夏|秋冬|[春夏秋冬])季?(?:令时)?",
            "months": r"(\d{1,2})月份?(?:-(?:次年)?(\d{1,2})月份?)?",
            "times": rf"(?:{_PART})?\s?(?:{_CLOCK}|\d{{1,2}}(?=-))\s?-?\s?(?:次日|第二天|翌日)?"
            rf"(?:{_PART})?\s?{_CLOCK}",
            "gap": r"(?:[\s,;:()\[\]及和与.]|每(?![天日]))+",
        }.items()
    )
)
_TIMES = re.compile(
    rf"(?P<part>{_PART})?\s?(?P<start>{_CLOCK}|\d{{1,2}}(?=-))\s?(?P<dash>-?)\s?"
    rf"(?P<next_day>次日|第二天|翌日)?(?P<end_part>{_PART})?\s?(?P<end>{_CLOCK})$"
)


def to_opening_hours(text: str) -> str | None:
    """Give the ``opening_hours`` that a text means.

    Parameters
    ----------
    text
        Chinese such as ``周一至周五 08:30-12:00,13:00-17:30`` or ``24小时``, or OpenStreetMap text,
        which is given back as it is.

    Returns
    -------
    str or None
        Valid ``opening_hours``; empty for an empty text; None when the text is not understood.
        Days without times give ``unknown`` on those days.

    Examples
    --------
    >>> to_opening_hours("工作日 上午8:30-12:00，下午2:00-5:30，周末休息")
    'Mo-Fr 08:30-12:00,14:00-17:30; Sa-Su off; PH off'
    >>> to_opening_hours("工作日开放")
    'Mo-Fr unknown'
    >>> to_opening_hours("请提前联系") is None
    True
    """
    stripped = text.strip()
    if not stripped:
        return ""
    if stripped.isascii() and _OSM.search(stripped):
        return _valid(stripped)
    rules = _rules(_folded(stripped))
    return _valid(written(rules)) if rules else None


def _valid(hours: str | None) -> str | None:
    try:
        return check_hours(hours) if hours else None
    except InvalidInputError:
        return None


def _folded(text: str) -> str:
    """Give half-width text with one kind of dash, comma and stop, and digits for the hours."""
    folded = unicodedata.normalize("NFKC", text)
    folded = re.sub(r"\s*[—–―−~〜至到]+\s*|\s*-+\s*", "-", folded)
    folded = folded.replace("、", ",").replace("。", ";").replace("\n", ";")
    return re.sub(
        r"(十[一二]?|[零一二三四五六七八九])(?=[点时])", lambda m: str(_NUMERALS[m[1]]), folded
    )


def _rules(text: str) -> list[Rule] | None:
    """Collect rules; a day or month after complete times begins the next one."""
    rules: list[Rule] = []
    rule = Rule()
    for kind, value in _tokens(text):
        if kind is None:
            return None
        if rule.is_complete and kind not in ("times", "whole_day"):
            rules.append(rule)
            rule = Rule()
        extended = _extended(rule, kind, value)
        if extended is None:
            return None
        rule = extended
    if rule != Rule():
        rules.append(rule)
    together = joined(rules)
    if together is None or not all(_is_sound(r, alone=len(together) == 1) for r in together):
        return None
    return together


def _tokens(text: str) -> Iterator[tuple[str | None, str]]:
    at = 0
    while at < len(text):
        token = _TOKENS.match(text, at)
        if token is None:
            yield None, text[at:]
            return
        if token.lastgroup not in ("gap", "ignored"):
            yield token.lastgroup, token.group()
        at = token.end()


def _extended(rule: Rule, kind: str, value: str) -> Rule | None:
    fixed = {"weekend": ("Sa-Su",), "every_day": ("Mo-Su",), "holidays": ("PH",)}
    if kind in fixed:
        return replace(rule, days=rule.days + fixed[kind])
    if kind == "working_days":
        return replace(rule, days=(*rule.days, "Mo-Fr"), is_for_working_days=True)
    if kind == "days":
        return replace(rule, days=rule.days + _days(value))
    if kind == "off":
        return replace(rule, is_off=True)
    if kind == "season":
        return replace(rule, has_season=True)
    if kind == "months":
        months = _months(value)
        return replace(rule, months=months) if months and not rule.months else None
    times = WHOLE_DAY if kind == "whole_day" else _times(value)
    return replace(rule, times=(*rule.times, times)) if times else None


def _is_sound(rule: Rule, *, alone: bool) -> bool:
    if rule.has_season and not rule.months:
        return False  # nobody knows when summer begins
    if rule.is_off:
        return bool(rule.days) and not rule.times
    return bool(rule.times) or (alone and bool(rule.days))


def _days(value: str) -> tuple[str, ...]:
    """Read 周一至周五, 周六日, 周一、三、五."""
    days: list[str] = []
    is_range = False
    for sign in re.sub("周|星期|礼拜", "", value):
        if sign == "-":
            is_range = True
        elif sign != ",":
            day = _DAYS[sign]
            if is_range:
                days[-1] = f"{days[-1]}-{day}"
            else:
                days.append(day)
            is_range = False
    return tuple(days)


def _months(value: str) -> str | None:
    numbers = [int(n) for n in re.findall(r"\d+", value)]
    if not all(1 <= n <= 12 for n in numbers):
        return None
    return "-".join(MONTHS[n - 1] for n in numbers)


def _times(value: str) -> str | None:
    """Read one span such as 8:00-18:00, 下午2点-5点半, 22:00-次日6:00; None when in doubt."""
    found = _TIMES.match(value)
    if found is None or not (found["dash"] or found["end_part"]):
        return None
    start = _minutes(found["start"], found["part"])
    end = _minutes(found["end"], found["end_part"] or found["part"])
    if start is None or end is None or start >= 24 * 60:
        return None
    if end == 0:
        end = 24 * 60
    if found["next_day"]:
        return _span(start, end) if end < start or end == 24 * 60 else None
    if end == start or (end < start and end + 24 * 60 - start > _LONGEST_NIGHT_MIN):
        return None
    return _span(start, end)


def _span(start_min: int, end_min: int) -> str:
    return "-".join(f"{t // 60:02d}:{t % 60:02d}" for t in (start_min, end_min))


def _minutes(clock: str, part: str | None) -> int | None:
    """Give minutes after midnight; afternoon and evening hours may be written up to 12 or 24."""
    found = re.fullmatch(_CLOCK, clock)
    hour = int(found[1] if found else clock)
    minute = int((found[2] or found[3] or 0) if found else 0) + (30 if found and found[4] else 0)
    first, last = _TWELVE_MORE.get(part or "", (1, 0))
    if first <= hour <= last:
        hour += 12
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None

"""Translate the hours that offices write in free Chinese into OpenStreetMap ``opening_hours``.

Small on purpose: a text is understood as a whole or not at all, because half-understood hours would
send somebody to a closed door. The rules are tokens, read from left to right; one unknown character
is enough to give up.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import replace

from geodata.errors import InvalidInputError
from geodata.hours import check_hours
from geodata.importers.han import simplified
from geodata.importers.opening_rules import (
    MONTHS,
    WEEK,
    WHOLE_DAY,
    Rule,
    goes_on,
    joined,
    without_break,
    written,
)

_DAYS = dict(zip("一二三四五六日天1234567", (*WEEK, "Su", *WEEK), strict=True))
_NUMERALS = {n: i for i, n in enumerate((*"零一二三四五六七八九十", "十一", "十二"))}
_LONGEST_NIGHT_MIN = 16 * 60  # 8:00-5:30 is more likely 17:30 than half past five in the morning
_FIRST_NIGHT_MIN = 16 * 60  # and so it is in 13:30-5:30

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
_SPAN = (
    rf"(?:{_PART})?\s?(?:{_CLOCK}|\d{{1,2}}(?=-))\s?-?\s?(?:次日|第二天|翌日)?"
    rf"(?:{_PART})?\s?{_CLOCK}"
)
_NOON = r"(?:午休|午间休息|中午休息|午间闭馆)(?:时间)?"
_HOLIDAYS = r"(?:国家)?(?:法定)?(?:节假日|假日)"
_TOKENS = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "whole_day": (
                r"7\s?[xX×*]\s?24\s?(?:小时|[hH](?![a-zA-Z]))?|24\s?小时|二十四小时"
                r"|24\s?[hH](?![a-zA-Z])|24/7|全天候|全天|昼夜|全时段"
            ),
            "holidays_too": rf"{_HOLIDAYS}(?:均|都|也)?(?:不休息?|照常|正常)|包?含{_HOLIDAYS}",
            "ignored": (
                r"(?:中午|午间)不(?:休息?|打烊|闭馆)|无午休|(?:全年|年中|全年365天)?无休|不打烊|无人值守"
                r"|(?:开放|营业|服务|工作|上班)?时间|(?:对外)?(?:开放|营业)|服务|上班|均|为"
            ),
            "pause": rf"{_NOON}\s?[:为]?\s?{_SPAN}|{_SPAN}\s?为?(?:{_NOON}|休息(?!日))",
            "off": (
                r"不(?:对外)?(?:开放|营业)|不上班|休息|闭馆|闭站|关闭|关门|除外|公休|放假"
                r"|[休关](?=[\s,;)]|$)"
            ),
            "working_days": r"工作日",
            "weekend": r"周末|双休日|周六日|周六周日",
            "every_day": r"每天|每日|天天|全周|全年(?:365天)?|常年|365天",
            "holidays": rf"{_HOLIDAYS}|公众假期",
            "days": (
                r"(?:周|星期|礼拜)[一二三四五六日天1-7]"
                r"(?:[-,]?(?:(?:周|星期|礼拜)[一二三四五六日天1-7]|[一二三四五六日天]))*"
            ),
            "season": r"(?:夏秋|冬春|春夏|秋冬|[春夏秋冬])季?(?:令时)?",
            "dates": (
                r"(\d{1,2})月(\d{1,2})日?-(?:次年)?(?:(\d{1,2})月)?(\d{1,2})日|(\d{1,2})月(\d{1,2})日"
            ),
            "dotted": r"\d{1,2}\.\d{1,2}-(?:次年)?\d{1,2}\.\d{1,2}",
            "months": r"\d{1,2}(?:月份?)?-(?:次年)?\d{1,2}月份?|\d{1,2}月份?",
            "times": _SPAN,
            "gap": r"(?:[\s,;:()\[\]【】/|及和与.]|每(?![天日]))+",
        }.items()
    )
)
_EXCEPTION = re.compile(r"\(([^()]*(?:除外|休息|闭馆|闭站|关闭|关门|公休|放假|不开放|不营业))\)")
_STAFFED = (
    r"(?:有人|人员|专人|工作人员)(?:值守|值班|在岗|服务)|人工(?:服务|值守)|有工作人员|值守|值班"
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
    rules = _rules(_exception_last(_folded(stripped)))
    return _valid(written(rules)) if rules else None


def to_hours_and_staff(text: str) -> tuple[str, str] | None:
    """Give the hours of the door, and those with staff where the text tells them apart.

    Returns
    -------
    tuple of str or None
        Both as ``opening_hours``, empty where the text says nothing; None when it is not
        understood.

    Examples
    --------
    >>> to_hours_and_staff("24小时开放（8:00-18:00有人值守）")
    ('24/7', '08:00-18:00')
    """
    plain = _folded(text).replace("无人值守", "")
    clauses = [c for c in re.split(r"[;,()]", plain) if re.search(_STAFFED, c)]
    if len(clauses) != 1 or not re.search(r"\d", clauses[0]):
        hours = to_opening_hours(text)
        return None if hours is None else (hours, "")
    staff = to_opening_hours(re.sub(_STAFFED, "", clauses[0]))
    hours = to_opening_hours(plain.replace(clauses[0], ""))
    return (hours, staff) if hours and staff else None


def is_when(text: str) -> bool:
    """Tell whether a text names days, months or a part of the day and no times, as headers do."""
    folded = _folded(text).strip()
    if re.fullmatch(_PART, folded):
        return True
    kinds = {kind for kind, _ in _tokens(folded)}
    named = {
        "working_days",
        "weekend",
        "every_day",
        "holidays",
        "days",
        "months",
        "dates",
        "season",
    }
    return bool(kinds) and kinds <= named


def _valid(hours: str | None) -> str | None:
    try:
        return check_hours(hours) if hours else None
    except InvalidInputError:
        return None


def _folded(text: str) -> str:
    """Give half-width text with one kind of dash, comma and stop, and digits for the hours."""
    folded = simplified(unicodedata.normalize("NFKC", text))
    folded = re.sub(r"\s*[—–―−~〜至到]+\s*|\s*-+\s*", "-", folded)
    folded = folded.replace("、", ",").replace("。", ";").replace("\n", ";")
    return re.sub(
        r"(十[一二]?|[零一二三四五六七八九])(?=[点时])", lambda m: str(_NUMERALS[m[1]]), folded
    )


def _exception_last(text: str) -> str:
    """Write 周一至周五(节假日除外)8:00-18:00 with the exception behind the times."""
    found = _EXCEPTION.search(text)
    if found is None or re.search(r"\d", text[: found.start()]):
        return text
    return f"{text[: found.start()]} {text[found.end() :]};{found[1]}"


def _rules(text: str) -> list[Rule] | None:
    """Collect rules; a day or month after complete times begins the next one."""
    rules: list[Rule] = []
    rule, goes_through_holidays = Rule(), False
    for kind, value in _tokens(text):
        if kind is None:
            return None
        if kind == "holidays_too":
            goes_through_holidays = True
            continue
        if rule.is_complete and kind not in ("times", "whole_day", "pause"):
            rules.append(rule)
            rule = Rule()
        is_first_timed = not any(r.times for r in rules)
        extended = _extended(rule, kind, value) if kind != "pause" or is_first_timed else None
        if extended is None:
            return None
        rule = extended
    if rule != Rule():
        rules.append(rule)
    if goes_through_holidays and not _all_may_have_holidays(rules):
        return None
    together = joined(rules)
    if together is None or not all(_is_sound(r, alone=len(together) == 1) for r in together):
        return None
    return None if all(r.is_off for r in together) else together  # 周日休息 opens no other day


def _all_may_have_holidays(rules: list[Rule]) -> bool:
    """Tell whether 节假日照常 contradicts nothing, and says of no days which hours it means."""
    return len(rules) == 1 and not any(r.is_for_working_days or "PH" in r.days for r in rules)


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
    if kind in ("weekend", "every_day", "working_days", "holidays", "days"):
        return _with_days(rule, kind, value)
    if kind == "off":
        return replace(rule, is_off=True)
    if kind == "season":
        return replace(rule, has_season=True)
    if kind in ("months", "dates", "dotted"):
        months = _season(kind, value) if kind != "dotted" or rule.has_season else None
        return replace(rule, months=months) if months and not rule.months else None
    if kind == "pause":
        found = re.search(_SPAN, value)
        span = _times(found[0]) if found else None
        return without_break(rule, span) if span else None
    times = WHOLE_DAY if kind == "whole_day" else _times(value)
    return replace(rule, times=(*rule.times, times)) if times and goes_on(rule, times) else None


def _with_days(rule: Rule, kind: str, value: str) -> Rule:
    """Add days; 每天 beside other days says nothing new."""
    if kind == "every_day":
        return rule if rule.days else replace(rule, days=("Mo-Su",))
    before = () if rule.days == ("Mo-Su",) and kind != "holidays" else rule.days
    if kind == "working_days":
        return replace(rule, days=(*before, "Mo-Fr"), is_for_working_days=True)
    named = {"weekend": ("Sa-Su",), "holidays": ("PH",)}
    return replace(rule, days=before + (named.get(kind) or _days(value)))


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


def _season(kind: str, value: str) -> str | None:
    """Read 5月-9月, 5-9月, 1月15日, 6月1日-9月30日; after 夏季 also 5.1-9.30."""
    numbers = [int(n) for n in re.findall(r"\d+", value)]
    if kind == "months":
        is_real = all(1 <= n <= 12 for n in numbers)
        return "-".join(MONTHS[n - 1] for n in numbers) if is_real else None
    if len(numbers) == 3:  # 6月1日-15日
        numbers.insert(2, numbers[0])
    days = list(zip(numbers[::2], numbers[1::2], strict=True))
    if not all(1 <= m <= 12 and 1 <= d <= monthrange(2024, m)[1] for m, d in days):
        return None
    return "-".join(f"{MONTHS[m - 1]} {d:02d}" for m, d in days)


def _times(value: str) -> str | None:
    """Read one span such as 8:00-18:00, 下午2点-5点半, 22:00-次日6:00; None when in doubt."""
    found = _TIMES.match(value)
    if found is None or not (found["dash"] or found["end_part"]):
        return None
    start = _minutes(found["start"], found["part"])
    end = _minutes(found["end"], found["end_part"] or found["part"])
    if start is None or end is None or start >= 24 * 60:
        return None
    if start == end == 0:
        return None  # the whole day, or two cells that nobody filled
    if end == 0:
        end = 24 * 60
    if found["next_day"]:
        return _span(start, end) if end < start or end == 24 * 60 else None
    if end == start or (end < start and end + 24 * 60 - start > _LONGEST_NIGHT_MIN):
        return None
    if end < start < _FIRST_NIGHT_MIN and end + 12 * 60 > start and not found["end_part"]:
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

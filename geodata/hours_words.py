"""Opening hours in plain Chinese or English, for people who do not read ``opening_hours``.

Only what can be said exactly is said: rules of days, dates and times, which is what offices record.
For anything rarer there are no words, and the caller shows what the source wrote instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY, _MONTH = "|".join(_DAYS), "|".join(_MONTHS)
_CLOCK = r"(?:[01]\d|2\d|3\d|4[0-8]):[0-5]\d"
_TIMES = rf"{_CLOCK}-{_CLOCK}(?:,\s?{_CLOCK}-{_CLOCK})*"
_WEEKDAYS = rf"(?:{_DAY}|PH|SH)(?:-(?:{_DAY}))?(?:\[[1-5](?:,[1-5])*\])?"
_DATE = rf"(?:\d{{4}} )?(?:{_MONTH})(?: \d{{1,2}})?"
_DATES = rf"{_DATE}(?:-(?:{_DATE}|\d{{1,2}}))?"
_RULE = re.compile(
    rf"(?:(?P<always>24/7)|(?P<dates>{_DATES}(?:,\s?{_DATES})*)?(?::?\s?)"
    rf"(?P<days>{_WEEKDAYS}(?:,\s?{_WEEKDAYS})*)?)\s?(?P<times>{_TIMES})?\s?(?P<off>off|closed)?"
)
_WORDS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "always": "24小时开放", "whole": "全天", "every": "每天", "off": "不开放", "next": "次日",
        "PH": "法定节假日", "SH": "学校假期", "to": "至", "and": "、", "between": "；",
        "blank": " ", "ordinal": "每月第{n}个{day}", "year": "{year}年", "next_year": "次年",
    },
    "en": {
        "always": "Around the clock", "whole": "all day", "every": "Every day", "off": "closed",
        "PH": "public holidays", "SH": "school holidays", "next": "next day ", "to": "–",
        "and": ", ", "between": "; ", "blank": " ", "ordinal": "{day} no. {n} of the month",
        "year": "{year} ", "next_year": "next ",
    },
}  # fmt: skip
_NAMES = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@lru_cache(maxsize=1024)
def hours_in_words(text: str, language: str = "zh") -> str | None:
    """Say ``opening_hours`` in plain words.

    Parameters
    ----------
    text
        ``opening_hours`` text.
    language
        ``zh`` or ``en``; of another language, which has no words here, the English ones are given.

    Returns
    -------
    str or None
        None when the text is empty or says something that there are no words for here.

    Examples
    --------
    >>> hours_in_words("Mo-Fr 08:30-12:00,14:30-18:00; PH off")
    '周一至周五 08:30–12:00、14:30–18:00；法定节假日不开放'
    >>> hours_in_words("Jan 15 09:00-17:00"), hours_in_words("Mo-Su 18:00-02:00")
    ('1月15日 09:00–17:00', '每天 18:00–次日02:00')
    >>> hours_in_words("Mo-Fr sunrise-sunset") is None
    True
    """
    known = language if language in _WORDS else "en"
    told = []
    for rule in re.split(r";\s*", text.strip().rstrip(";")):
        match = _RULE.fullmatch(rule.strip())
        if match is None or not match[0]:
            return None
        told.append(_rule(match, known))
    return _WORDS[known]["between"].join(told)


def _rule(rule: re.Match[str], language: str) -> str:
    words = _WORDS[language]
    if rule["always"]:
        return words["always"]
    when = [_dates(rule["dates"], language)] if rule["dates"] else []
    if rule["days"] and not (when and _is_every_day(rule["days"])):
        when.append(_days(rule["days"], language))
    elif not when:
        when.append(words["every"])
    times = words["off"] if rule["off"] else _times(rule["times"], language)
    gap = "" if rule["off"] and language == "zh" else " "
    return f"{words['blank'].join(when)}{gap}{times}".strip()


def _is_every_day(days: str) -> bool:
    return days.replace(" ", "") in ("Mo-Su", "Mo-Su,PH", "PH,Mo-Su")


def _days(days: str, language: str) -> str:
    words, names = _WORDS[language], _NAMES[language]
    if _is_every_day(days):
        return words["every"]
    told = []
    for part in re.findall(_WEEKDAYS, days):
        base, _, ordinals = part.partition("[")
        first, _, last = base.partition("-")
        if first in ("PH", "SH"):
            name = words[first]
        elif last and _DAYS.index(last) == (_DAYS.index(first) + 1) % 7:
            name = f"{names[_DAYS.index(first)]}{words['and']}{names[_DAYS.index(last)]}"
        else:
            ends = [names[_DAYS.index(d)] for d in (first, last) if d]
            name = words["to"].join(ends)
        if ordinals:
            n = words["and"].join(ordinals.rstrip("]").split(","))
            name = words["ordinal"].format(n=n, day=name)
        told.append(name)
    return words["and"].join(told)


def _dates(dates: str, language: str) -> str:
    words = _WORDS[language]
    told = []
    for part in re.findall(_DATES, dates):
        first, _, last = part.partition("-")
        if last.isdigit():  # Jan 15-20
            last = f"{_MONTHS[_place(first)[0]]} {last}"
        ends = [_date(d, language) for d in (first, last) if d]
        is_later = last and not re.match(r"\d{4}", first) and _place(last) < _place(first)
        if is_later:
            ends[1] = words["next_year"] + ends[1]
        told.append(words["to"].join(ends))
    return words["and"].join(told)


def _place(date: str) -> tuple[int, int]:
    month, _, day = re.sub(r"^\d{4} ", "", date).partition(" ")
    return _MONTHS.index(month), int(day or 0)


def _date(date: str, language: str) -> str:
    year = date[:4] if date[:4].isdigit() else ""
    month, day = _place(date)
    words = _WORDS[language]["year"].format(year=year) if year else ""
    if language == "en":
        return f"{words}{_MONTHS[month]}{f' {day}' if day else ''}"
    return f"{words}{month + 1}月{f'{day}日' if day else ''}"


def _times(times: str | None, language: str) -> str:
    words = _WORDS[language]
    if not times or times == "00:00-24:00":
        return words["whole"]
    return words["and"].join(_span(span.strip(), language) for span in times.split(","))


def _span(span: str, language: str) -> str:
    start, _, end = span.partition("-")
    hour = int(end[:2])
    is_next = hour > 24 or (hour == 24 and end != "24:00") or end <= start
    clock = f"{hour % 24 if hour > 24 else hour:02d}{end[2:]}"
    return f"{start}–{_WORDS[language]['next'] if is_next else ''}{clock}"

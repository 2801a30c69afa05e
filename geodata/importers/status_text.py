"""Read what an office says of the state of a station: 暂停开放, 装修至2026年10月31日, 因拆迁撤销.

A text about days on which the door is closed becomes a closure; a word for a state with a reason
beside it becomes the state and the reason. "Open" is only taken from a text that says nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from geodata.importers import words
from geodata.importers.cells import folded
from geodata.records import Closure

_DAY = r"(?P<y{0}>20\d\d)[年./-](?P<m{0}>\d{{1,2}})[月./-](?P<d{0}>\d{{1,2}})日?"
_DAY_2 = r"(?:(?P<y2>20\d\d)[年./-])?(?:(?P<m2>\d{1,2})[月./-])?(?P<d2>\d{1,2})日?"
_TO = r"\s*(?:-|至|到|~|—|–)+\s*"
_FREE = r"[^\d]*?"
_BETWEEN = re.compile(rf"(?P<a>{_FREE}){_DAY.format(1)}起?{_TO}{_DAY_2}(?:止|期间)?(?P<b>\D*)")
_UNTIL = re.compile(rf"(?P<a>{_FREE})(?:至|到|截至|-){_DAY.format(1)}(?:为止|止|前)?(?P<b>\D*)")
_BACK_ON = re.compile(
    rf"(?P<a>{_FREE})(?:预计|计划|拟|将)?(?:于|在)?{_DAY.format(1)}"
    r"(?:后|起)?(?:恢复|重新)(?:对外)?(?:开放|营业|服务|正常开放)?"
)
_SINCE = re.compile(rf"(?P<a>{_FREE})(?:自|从|于)?{_DAY.format(1)}(?:起|开始|后|已)?(?P<b>\D+)")
_CLOSED = re.compile(
    r"暂停|停止|关闭|闭馆|闭站|停用|停业|装修|维修|改造|施工|检修|维护|放假|休息|不开放|停电|停水|封闭|歇业"
)
_CAUSE = re.compile(
    r"(?:升级)?改造|装修|维修|施工|检修|维护|放假|停电|停水|搬迁|拆迁|疫情|高温|春节|国庆|台风|合同到期|租期到期|到期"
)
_DATE_LIKE = re.compile(r"\d\s*[年月日]|\d[./-]\d|\d号[起前至]")
_RISKY = re.compile(r"[未不非拟将待否没无恢复重新]")
_CALM = re.compile(r"[\s,，。.、()（）:：]|目前|现|已|正在|对外|状态|本站|驿站|站点|该站")


@dataclass(frozen=True, slots=True)
class Standing:
    """What a text says: the state and why, since when, and closed days.

    `status` is empty where the text only speaks of closed days.
    """

    status: str = ""
    reason: str = ""
    since: str = ""
    closures: tuple[Closure, ...] = ()


def standing_of(text: str, *, today: date) -> Standing | None:
    """Read a cell about the state of a station; None when it is not clear.

    Parameters
    ----------
    text
        A word of `words.status_of`, or free Chinese.
    today
        Day of the import: a closure without a beginning begins then.

    Examples
    --------
    >>> standing_of("因拆迁撤销", today=date(2026, 9, 1))
    Standing(status='revoked', reason='因拆迁撤销', since='', closures=())
    >>> standing_of("装修至2026年10月31日", today=date(2026, 9, 1)).closures
    (Closure(first_day='2026-09-01', last_day='2026-10-31', reason='装修'),)
    """
    named = words.status_of(text)
    if named is not None:
        return Standing(named)
    plain = folded(text)
    closure = closure_in(plain, today=today)
    if closure is not None:
        return Standing(closures=(closure,))
    since = _SINCE.fullmatch(plain)
    if since is None:
        return None if _DATE_LIKE.search(plain) else _with_reason(plain, text.strip())
    day = _day(since, 1)
    rest = _with_reason(since["a"] + since["b"], text.strip())
    is_end = re.search("[至到]$", since["a"].strip()) is not None  # and that day is over
    if is_end or day is None or rest is None or rest.status in ("open", "planned"):
        return None
    if rest.status == "suspended" and day > today:
        return Standing(closures=(Closure(first_day=day.isoformat(), reason=_cause(plain)),))
    return Standing(rest.status, rest.reason, day.isoformat())


def closure_in(text: str, *, today: date) -> Closure | None:
    """Give the closed days that a whole text speaks about; None when it does not.

    Examples
    --------
    >>> closure_in("2026年10月1日至7日放假", today=date(2026, 9, 1))
    Closure(first_day='2026-10-01', last_day='2026-10-07', reason='放假')
    """
    plain = folded(text)
    between = _BETWEEN.fullmatch(plain)
    if between is not None:
        first = _day(between, 1)
        last = _second_day(between, first) if first is not None else None
        return _closure(first, last, between["a"] + between["b"])
    back_on = _BACK_ON.fullmatch(plain)
    if back_on is not None:
        day = _day(back_on, 1)
        return _closure(today, day - timedelta(days=1) if day else None, back_on["a"])
    until = _UNTIL.fullmatch(plain)
    if until is not None and not re.search("恢复|重新", plain):
        return _closure(today, _day(until, 1), until["a"] + until["b"])
    return None


def _closure(first: date | None, last: date | None, said: str) -> Closure | None:
    if first is None or last is None or last < first or not _CLOSED.search(said):
        return None
    return Closure(first_day=first.isoformat(), last_day=last.isoformat(), reason=_cause(said))


def _cause(text: str) -> str:
    found = _CAUSE.search(text)
    return found[0] if found else _CALM.sub("", text)


def _day(found: re.Match[str], n: int) -> date | None:
    try:
        return date(int(found[f"y{n}"]), int(found[f"m{n}"]), int(found[f"d{n}"]))
    except ValueError:
        return None


def _second_day(found: re.Match[str], first: date) -> date | None:
    """Give the last day, whose year and month may be those of the first."""
    month = int(found["m2"] or first.month)
    year = int(found["y2"] or first.year)
    try:
        day = date(year, month, int(found["d2"]))
        return day.replace(year=year + 1) if day < first and not found["y2"] else day
    except ValueError:
        return None


def _with_reason(text: str, whole: str) -> Standing | None:
    """Find the one state that a text names; what else it says is the reason."""
    named = words.statuses_in(text)
    if set(named) == {"suspended", "building"}:  # 因装修暂停开放
        return Standing("suspended", whole)
    if len(named) != 1:
        return None
    ((status, rest),) = named.items()
    rest = _CALM.sub("", rest)
    if not rest:
        return Standing(status)
    if status in ("open", "planned") or _RISKY.search(rest):
        return None
    return Standing(status, whole)

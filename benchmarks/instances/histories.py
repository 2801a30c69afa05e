"""Invented histories of stations to judge predictions by: what was posted, true, and said.

Shares no code with the model it judges: doors here open and close by habits drawn for each station
(late opening, a lunch break nobody posts, weekends, holidays, evenings, days shut for no announced
reason, the end), workers come, most say nothing, some say what they saw, some say something else,
and some lie. The calendar is that of `chinese_calendar`. All that is drawn comes from one seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import chinese_calendar
import numpy as np
from numpy.typing import ArrayLike

from geodata.records import Station
from geodata.reports import Report, coarse

Item = TypeVar("Item")

BEGIN = datetime(2026, 3, 2)  # noqa: DTZ001  naive local time
"""A Monday; histories run from here."""
N_DAYS = 150
JUDGED_FROM = 90
"""Visits are kept as outcomes from this day on; earlier ones only leave reports behind."""

_HOURS = [0.3] * 5 + [2.0] * 3 + [4.5] * 3 + [5.5] * 3 + [9.0] * 3 + [3.5] * 4 + [2.0] * 3
"""How likely a visit is in each hour of the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What stations, workers and liars are like; the first values are the usual world.

    Attributes
    ----------
    stop_per_year
        Share that stops for good.
    late, early, lunch, weekend, evening, longer, rests, moves
        Shares of stations with each habit: opens late, closes early, has an unposted lunch break,
        is shut on weekends, shuts at six, stays open an hour longer, is shut on public holidays,
        keeps the hours of a working day on a weekend that is worked for a holiday.
    kept
        Share of days on which a habit is kept.
    shut_per_day, shut_days
        Unannounced closures: chance to begin, mean length.
    wrong_way_in
        Share of stations whose door asks for more than is posted.
    visits
        Mean visits a day.
    says_yes, says_no
        Share of visitors who report that they were inside, that they were not.
    slips
        Share of reports that say something else than was seen.
    attacked
        Share of stations about which somebody lies.
    """

    stop_per_year: float = 0.09
    late: float = 0.22
    early: float = 0.15
    lunch: float = 0.20
    weekend: float = 0.12
    evening: float = 0.10
    longer: float = 0.12
    rests: float = 0.50
    moves: float = 0.60
    kept: float = 0.85
    shut_per_day: float = 0.012
    shut_days: float = 2.5
    wrong_way_in: float = 0.12
    visits: float = 4.0
    says_yes: float = 0.03
    says_no: float = 0.12
    slips: float = 0.05
    attacked: float = 0.06


USUAL = World()


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody came to the door."""

    moment: datetime
    got_in: bool


@dataclass(frozen=True, slots=True)
class History:
    """One station: the record, all reports in order of time, and the visits to judge by."""

    station: Station
    reports: tuple[Report, ...]
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Posted hours: as text, and as from-to hours on working days and on weekends."""

    text: str
    week: tuple[tuple[float, float], ...]
    weekend: tuple[tuple[float, float], ...]


_PATTERNS = (
    _Pattern("Mo-Fr 09:00-17:00", ((9, 17),), ()),
    _Pattern("Mo-Fr 08:30-12:00,14:30-18:00", ((8.5, 12), (14.5, 18)), ()),
    _Pattern("Mo-Su 08:00-18:00", ((8, 18),), ((8, 18),)),
    _Pattern("Mo-Su 08:00-22:00", ((8, 22),), ((8, 22),)),
    _Pattern("Mo-Su 06:00-20:00", ((6, 20),), ((6, 20),)),
    _Pattern("24/7", ((0, 24),), ((0, 24),)),
    _Pattern("", ((8, 18),), ((9, 17),)),
)
_PATTERN_SHARES = (0.22, 0.18, 0.22, 0.16, 0.07, 0.08, 0.07)
_WAYS = ("walk_in", "ask_staff", "qr", "id_card", "app", "phone", "unknown")
_WAY_SHARES = (0.47, 0.21, 0.11, 0.04, 0.05, 0.03, 0.09)
_GET_THROUGH = {
    "walk_in": 0.99, "ask_staff": 0.95, "qr": 0.90, "id_card": 0.86, "app": 0.50, "phone": 0.70,
    "unknown": 0.93,
}  # fmt: skip
_HELD_UP = {"app": "needs_app", "qr": "needs_app", "id_card": "needs_card", "phone": "needs_call"}
_KINDS = ("open", "locked", "wrong_hours", "moved", "needs_app")
_HABITS = ("late", "early", "lunch", "weekend", "evening", "longer", "rests", "moves")


def draw(seed: int, n: int, world: World = USUAL) -> list[History]:
    """Draw the histories of n stations."""
    return [_Life(np.random.default_rng([seed, k]), f"t{k:03d}", world).history() for k in range(n)]


class _Life:
    """The life of one station while it is drawn."""

    def __init__(self, rng: np.random.Generator, name: str, world: World) -> None:
        self.rng, self.name, self.world = rng, name, world
        self.uniforms: Iterator[float] = iter(())
        self.pattern = self._pick(_PATTERNS, _PATTERN_SHARES)
        self.way = self._pick(_WAYS, _WAY_SHARES)
        self.checked = -1 if rng.random() < 0.3 else int(rng.integers(1, 900))
        age = 900 if self.checked < 0 else self.checked
        yearly = -np.log1p(-world.stop_per_year) / 365.25
        self.ends = rng.exponential(1 / yearly) - age
        self.habits = {h for h in _HABITS if rng.random() < getattr(world, h)}
        self.late_h, self.early_h = rng.uniform(0.2, 1.0, 2)
        is_harder = rng.random() < world.wrong_way_in
        self.true_way = self._pick(("app", "qr", "phone")) if is_harder else self.way
        self.shut_on = self._closures()
        self.kept = {h: rng.random(N_DAYS) < world.kept for h in _HABITS}
        n_devices = max(6, int(world.visits * 5))
        self.devices = tuple(f"{name}-{d}" for d in range(n_devices))
        loyal = rng.pareto(1.5, n_devices) + 0.2
        self.loyal = tuple(loyal / loyal.sum())
        self.talkative = dict(zip(self.devices, rng.gamma(0.6, 1 / 0.6, n_devices), strict=True))

    def history(self) -> History:
        """Let the days pass."""
        reports: list[Report] = []
        visits: list[Visit] = []
        a_day = self.world.visits * self.rng.lognormal(-0.3, 0.8)
        for day, n in enumerate(self.rng.poisson(a_day, N_DAYS)):
            for moment in self._arrivals(day, n):
                got_in, kind = self._outcome(moment)
                if day >= JUDGED_FROM:
                    visits.append(Visit(moment, got_in))
                reports += self._said(moment, kind, got_in=got_in)
        if self._uniform() < self.world.attacked:
            reports += self._lies()
        reports.sort(key=lambda r: (r.moment, r.device))
        return History(self._record(), tuple(reports), tuple(visits))

    def _uniform(self) -> float:
        """Give the next number from 0 to 1; they are drawn many at a time."""
        for value in self.uniforms:
            return value
        self.uniforms = iter(self.rng.random(4096).tolist())
        return self._uniform()

    def _pick(self, items: Sequence[Item], shares: Sequence[float] = ()) -> Item:
        """Pick one of some things, all alike likely or by their shares."""
        left = self._uniform() * (sum(shares) if shares else 1.0)
        if not shares:
            return items[int(left * len(items))]
        for item, share in zip(items, shares, strict=True):
            left -= share
            if left < 0:
                return item
        return items[-1]

    def _record(self) -> Station:
        checked = BEGIN - timedelta(days=self.checked)
        return Station(
            id=self.name, name=self.name, lon_deg=113.6, lat_deg=34.7, hours=self.pattern.text,
            entry=self.way, verified_on="" if self.checked < 0 else checked.date().isoformat(),
            is_synthetic=True,
        )  # fmt: skip

    def _closures(self) -> set[int]:
        shut: set[int] = set()
        for day in np.flatnonzero(self.rng.random(N_DAYS) < self.world.shut_per_day).tolist():
            shut.update(range(day, day + int(self.rng.geometric(1 / self.world.shut_days))))
        return shut

    def _arrivals(self, day: int, n: int) -> Iterator[datetime]:
        """People come mostly when the door is posted open."""
        for hour in sorted(self._pick(range(24), _HOURS) for _ in range(n)):
            moment = BEGIN + timedelta(days=day, hours=hour, minutes=int(60 * self._uniform()))
            if self._is_posted_open(moment) or self._uniform() < 0.1:
                yield moment

    def _is_posted_open(self, moment: datetime) -> bool:
        spans = self.pattern.weekend if moment.weekday() >= 5 else self.pattern.week
        return any(a <= _hour(moment) < b for a, b in spans)

    def _is_open(self, moment: datetime) -> bool:
        day = (moment - BEGIN).days
        if day >= self.ends or day in self.shut_on:
            return False
        kept = {h for h in self.habits if self.kept[h][day]}
        spans = self._spans(moment.date(), kept)
        if spans == ((0, 24),):
            return True
        hour = _hour(moment)
        if "lunch" in kept and 12 <= hour < 13.5:
            return False
        if "evening" in kept and (hour >= 18 or hour < 6):
            return False
        a_more = self.late_h if "late" in kept else 0.0
        b_less = self.early_h if "early" in kept else -1.0 if "longer" in kept else 0.0
        return any(a + a_more <= hour < b - b_less for a, b in spans)

    def _spans(self, day: date, kept: set[str]) -> tuple[tuple[float, float], ...]:
        """Give the hours of a day as they are kept, before small habits."""
        is_weekend = day.weekday() >= 5
        is_off, holiday = chinese_calendar.get_holiday_detail(day)
        if is_off and holiday and "rests" in kept:
            return ()
        if is_weekend and not is_off:
            return self.pattern.week if "moves" in kept else self.pattern.weekend
        if is_weekend and "weekend" in kept:
            return ()
        return self.pattern.weekend if is_weekend or (is_off and holiday) else self.pattern.week

    def _outcome(self, moment: datetime) -> tuple[bool, str]:
        """Tell whether somebody gets in, and what there is to say about it."""
        if not self._is_open(moment):
            is_gone = (moment - BEGIN).days >= self.ends
            shares = (0.7, 0.1, 0.2) if is_gone else (0.8, 0.2, 0.0)
            return False, self._pick(("locked", "wrong_hours", "moved"), shares)
        if self._uniform() < _GET_THROUGH[self.true_way]:
            return True, "open"
        return False, _HELD_UP.get(self.true_way, "locked")

    def _said(self, moment: datetime, kind: str, *, got_in: bool) -> Iterator[Report]:
        device = self._pick(self.devices, self.loyal)
        expected = self._is_posted_open(moment)
        share = self.world.says_yes if got_in else self.world.says_no * (1.0 if expected else 0.2)
        if self._uniform() >= min(0.9, share * self.talkative[device]):
            return
        if self._uniform() < self.world.slips:
            kind = self._pick(_KINDS)
        is_later = self._uniform() < 0.1
        said = moment + timedelta(minutes=40 + int(110 * self._uniform()) if is_later else 2)
        near = "far" if is_later else self._pick(("near", "unknown"), (0.7, 0.3))
        yield self._report(said, kind, near, device)

    def _lies(self) -> Iterator[Report]:
        """Lie in one of four ways."""
        start = int(self.rng.integers(0, N_DAYS - 40))
        way = self._pick(range(4))
        if way == 0:  # a thousand words of ten devices in one day
            yield from self._told(start, 1, 10, 100, "locked")
        elif way == 1:  # the same in favour
            yield from self._told(start, 1, 10, 100, "open")
        elif way == 2:  # one rival, every day
            yield from self._told(start, 40, 1, 1, "locked")
        else:  # the host and two friends, every other day
            yield from self._told(start, 40, 3, 1, "open")

    def _told(self, start: int, days: int, devices: int, each: int, kind: str) -> Iterator[Report]:
        for day in range(start, start + days):
            for device in range(devices):
                for _ in range(each):
                    moment = BEGIN + timedelta(days=day, hours=9 + 8 * self._uniform())
                    yield self._report(moment, kind, "near", f"{self.name}-x{device}")

    def _report(self, moment: datetime, kind: str, near: str, device: str) -> Report:
        return Report(
            station_id=self.name, moment=coarse(moment), kind=kind, nearness=near, device=device
        )


@dataclass(frozen=True, slots=True)
class Case:
    """One visit, and what could be known before it."""

    station: Station
    told: tuple[Report, ...]
    visit: Visit
    is_posted_open: bool | None


def cases(seed: int, n: int, *, visits_each: int, world: World = USUAL) -> list[Case]:
    """Draw stations, and of each some visits to predict.

    Whether the door is posted open is worked out from the pattern and the weekday alone; None where
    nobody recorded the hours.
    """
    rng = np.random.default_rng([seed, n, 1])
    found: list[Case] = []
    for history in draw(seed, n, world):
        k = min(visits_each, len(history.visits))
        for i in sorted(rng.choice(len(history.visits), k, replace=False)) if k else []:
            visit = history.visits[i]
            told = tuple(r for r in history.reports if r.moment <= visit.moment)
            found.append(Case(history.station, told, visit, _posted(history.station, visit.moment)))
    return found


def as_posted(case: Case) -> float:
    """Predict what is posted; a half where nothing is."""
    return 0.5 if case.is_posted_open is None else float(case.is_posted_open)


def last_report_wins(case: Case) -> float:
    """Predict what the last report of thirty days says; what is posted where there is none."""
    start = case.visit.moment - timedelta(days=30)
    known = [r for r in case.told if r.moment > start]
    if not known or case.is_posted_open is False:
        return as_posted(case)
    return float(known[-1].kind in ("open", "broken"))


def brier(predicted: ArrayLike, happened: ArrayLike) -> float:
    """Give the mean squared distance between chances and what happened (Brier 1950)."""
    return float(np.mean((np.asarray(predicted, float) - np.asarray(happened, float)) ** 2))


def reliability(predicted: ArrayLike, happened: ArrayLike) -> list[tuple[int, float, float]]:
    """Give, for each tenth of the chances: how many, mean chance, share that happened."""
    chance, outcome = np.asarray(predicted, float), np.asarray(happened, float)
    tenth = np.minimum((chance * 10).astype(int), 9)
    parts = [tenth == k for k in range(10)]
    return [
        (int(part.sum()), float(chance[part].mean()), float(outcome[part].mean()))
        for part in parts
        if part.any()
    ]


def _posted(station: Station, moment: datetime) -> bool | None:
    if not station.hours:
        return None
    pattern = next(p for p in _PATTERNS if p.text == station.hours)
    spans = pattern.weekend if moment.weekday() >= 5 else pattern.week
    return any(a <= _hour(moment) < b for a, b in spans)


def _hour(moment: datetime) -> float:
    return moment.hour + moment.minute / 60

"""Coverage and plans of the city being served: worked out once, kept until the data change."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from flask import current_app, g, has_request_context

from geodata.city_settings import CitySettings
from geodata.errors import UnavailableError
from planner.coverage import Coverage
from planner.question import Question
from planner.setting import Setting
from planner.suggestion import Suggestion
from web import planning, questions
from web.rules import read_question, read_seats
from web.served import Snapshot

STANDARDS_MIN = (5, 10, 15)
"""Service standards that are always shown side by side."""
TIME_LIMIT_S = 20.0
"""How long the solver may search while somebody waits at the page."""
WAIT_S = 45.0
_KEPT = 24

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """What a planner asks: a standard, what a new station is, and the question itself."""

    minutes: float
    mode: str
    seats: int
    question: Question


def read_standard(values: questions.Values) -> tuple[float, str]:
    """Read the service standard in minutes and the way to travel."""
    return questions.minutes(values, default=10), questions.mode(values)


def read_plan(values: questions.Values, settings: CitySettings) -> PlanQuestion:
    """Read a planner's question to a city.

    Raises
    ------
    InvalidInputError
        When a value breaks the rules.
    """
    minutes, mode = read_standard(values)
    return PlanQuestion(
        minutes=minutes,
        mode=mode,
        seats=read_seats(values, settings),
        question=read_question(values, settings),
    )


class Plans:
    """Works out answers one at a time, so that a heavy question cannot take the whole machine."""

    def __init__(self) -> None:
        self._working = Lock()
        self._snapshot: Snapshot | None = None
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def coverages(self, snapshot: Snapshot, minutes: float, mode: str) -> dict[float, Coverage]:
        """Give coverage by standard in minutes: the usual ones and the one asked for."""
        standards = sorted({*map(float, STANDARDS_MIN), minutes})
        return self._answer(
            snapshot, ("coverage", minutes, mode), lambda: _coverages(snapshot, standards, mode)
        )

    def suggestion(self, snapshot: Snapshot, question: PlanQuestion) -> tuple[Setting, Suggestion]:
        """Give suggested sites and the city as the planner saw it.

        Raises
        ------
        InvalidInputError, NotFoundError, UnanswerableError
            As `planner.suggestion.suggest`.
        UnavailableError
            When another plan takes too long.
        """
        return self._answer(snapshot, question, lambda: _suggestion(snapshot, question))

    def _answer(self, snapshot: Snapshot, key: Hashable, work: Callable[[], Answer]) -> Answer:
        with self._turn():
            if self._snapshot is not snapshot:
                self._snapshot = snapshot
                self._kept.clear()
            if key not in self._kept:
                self._kept[key] = work()
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            found: Answer = self._kept[key]
            return found

    @contextmanager
    def _turn(self) -> Iterator[None]:
        asked_s = monotonic()
        has_turn = self._working.acquire(timeout=WAIT_S)
        if has_request_context():  # the time of waiting is not held against who waits
            g.waited_s = g.get("waited_s", 0.0) + monotonic() - asked_s
        if not has_turn:
            raise UnavailableError(
                "another plan is being worked out; try again in {seconds} seconds",
                seconds=int(TIME_LIMIT_S),
            )
        try:
            yield
        finally:
            self._working.release()


def plans() -> Plans:
    """Give the plans of the running app."""
    found: Plans = current_app.extensions["yizhan_plans"]
    return found


def _setting(snapshot: Snapshot, minutes: float, mode: str) -> Setting:
    return planning.setting(
        snapshot.city,
        snapshot.stations,
        snapshot.hotspots,
        version=snapshot.version,
        minutes=minutes,
        mode=mode,
    )


def _coverages(snapshot: Snapshot, standards: list[float], mode: str) -> dict[float, Coverage]:
    setting = _setting(snapshot, standards[-1], mode)
    measured = setting.coverages([60.0 * minutes for minutes in standards])
    return dict(zip(standards, measured, strict=True))


def _suggestion(snapshot: Snapshot, question: PlanQuestion) -> tuple[Setting, Suggestion]:
    setting = _setting(snapshot, question.minutes, question.mode)
    found = planning.suggestion(
        snapshot.city, setting, question.question, seats=question.seats, time_limit_s=TIME_LIMIT_S
    )
    return setting, found

"""When a search must stop: its deadline, and Ctrl-C."""

from __future__ import annotations

from _thread import start_new_thread
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Lock
from time import perf_counter
from typing import Literal, TypeVar

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is: seconds since its start, best objective and best bound so far."""

    seconds: float
    objective: float
    bound: float


class Watch:
    """One search's time and interruption; every loop that may run long asks `is_over`.

    Parameters
    ----------
    time_limit_s
        Seconds from now.
    on_progress
        Called from the searching thread with each improvement of plan or bound.
    """

    def __init__(
        self, time_limit_s: float, on_progress: Callable[[Progress], None] | None = None
    ) -> None:
        self._start = perf_counter()
        self._time_limit_s = time_limit_s
        self._interrupted = Event()
        self._on_progress = on_progress

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self._start

    @property
    def left_s(self) -> float:
        """Seconds left, 0 when over."""
        if self._interrupted.is_set():
            return 0.0
        return max(0.0, self._time_limit_s - self.seconds)

    @property
    def is_over(self) -> bool:
        """True when the search must return what it has."""
        return self.left_s <= 0.0

    @property
    def reason(self) -> Literal["time_limit", "interrupted"]:
        """Why it is over."""
        return "interrupted" if self._interrupted.is_set() else "time_limit"

    def interrupt(self) -> None:
        """End the search soon; it returns the best plan so far."""
        self._interrupted.set()

    def report(self, objective: float, bound: float) -> None:
        """Tell whoever watches how far the search is."""
        if self._on_progress is not None:
            self._on_progress(Progress(self.seconds, objective, bound))


def watched(search: Callable[[], _T], watch: Watch) -> _T:
    """Run a search beside the calling thread, so that Ctrl-C ends it and keeps its best plan.

    Compiled loops and solvers do not look at signals; the calling thread does.
    """
    results: list[_T] = []
    errors: list[BaseException] = []
    begun, done = Lock(), Event()

    def run() -> None:
        if not begun.acquire(blocking=False):
            return
        try:
            results.append(search())
        except BaseException as error:  # noqa: BLE001  raised again in the calling thread
            errors.append(error)
        finally:
            done.set()

    # Neither Thread.start nor Thread.join: an interrupt while they wait loses the thread.
    while not done.is_set():
        try:
            if not begun.locked():
                start_new_thread(run, ())
            done.wait(0.1)
        except KeyboardInterrupt:
            watch.interrupt()
    if errors:
        raise errors[0]
    return results[0]

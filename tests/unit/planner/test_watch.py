"""When a search must stop: its deadline, an interruption, and Ctrl-C during it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread, current_thread

import pytest

from planner.solve.watch import Progress, Watch, watched

ROOT = Path(__file__).resolve().parents[3]


def test_a_watch_with_time_left_goes_on() -> None:
    """Before the deadline it is not over, and time only falls."""
    watch = Watch(1000.0)
    first, second = watch.left_s, watch.left_s
    assert not watch.is_over
    assert 0 < second <= first <= 1000.0
    assert watch.seconds >= 0


def test_a_watch_without_time_is_over() -> None:
    """At the deadline it is over, for want of time."""
    watch = Watch(0.0)
    assert watch.is_over
    assert (watch.left_s, watch.reason) == (0.0, "time_limit")


def test_an_interruption_from_another_thread_ends_it() -> None:
    """However much time is left, it is over at once and says why."""
    watch = Watch(1000.0)
    thread = Thread(target=watch.interrupt)
    thread.start()
    thread.join()
    assert watch.is_over
    assert (watch.left_s, watch.reason) == (0.0, "interrupted")


def test_an_interruption_is_the_reason_even_after_the_deadline() -> None:
    """Whoever interrupts is told so."""
    watch = Watch(0.0)
    watch.interrupt()
    assert watch.reason == "interrupted"


def test_progress_is_told_to_whoever_asked() -> None:
    """Each report carries objective, bound and time; without a listener nothing happens."""
    told: list[Progress] = []
    Watch(9.0).report(1.0, 2.0)
    watch = Watch(9.0, told.append)
    watch.report(3.0, 5.0)
    watch.report(4.0, 5.0)
    assert [(p.objective, p.bound) for p in told] == [(3.0, 5.0), (4.0, 5.0)]
    assert 0 <= told[0].seconds <= told[1].seconds <= watch.seconds


def test_a_watched_search_runs_beside_and_gives_its_result() -> None:
    """The result comes from another thread than the caller's."""
    name, thread = watched(lambda: ("plan", current_thread()), Watch(9.0))
    assert name == "plan"
    assert thread is not current_thread()


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), SystemExit(3)])
def test_an_error_of_the_search_is_raised_where_it_was_called(error: BaseException) -> None:
    """No error is swallowed with the thread."""

    def search() -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        watched(search, Watch(9.0))
    assert caught.value is error


CHILD = """
import os, signal, sys
import numpy as np
from scipy.sparse import csr_array
from planner.siting import SitingProblem, solve
from planner.verify import verify

model = sys.argv[1]
rng = np.random.default_rng(0)
points, sites = rng.random((2000, 2)), rng.random((500, 2))
far = np.hypot(*(points[:, None] - sites[None]).transpose(2, 0, 1))
people = rng.integers(1, 100, 2000).astype(float)
if model == "mclp":
    problem = SitingProblem.mclp(csr_array(far <= 0.08), people, n_sites=45)
else:
    problem = SitingProblem.pmedian(np.where(far <= 0.5, far, np.inf), people, n_sites=45)
told = []
def press(progress):
    told.append(progress)
    if len(told) == 1:
        os.kill(os.getpid(), signal.SIGINT)
plan = solve(problem, time_limit_s=300, on_progress=press)
verify(problem, plan)
print(plan.outcome, plan.reason, len(plan.chosen) > 0, plan.gap > 0)
"""


@pytest.mark.parametrize("model", ["mclp", "pmedian"])
def test_sigint_gives_the_best_plan_so_far(model: str) -> None:
    """A process that is interrupted at the first progress prints a plan that verify accepts."""
    run = subprocess.run(
        [sys.executable, "-c", CHILD, model],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.split() == ["feasible", "interrupted", "True", "True"]

"""What if: a station added, moved or closed, a bridge closed or reopened, on the sample city."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np

from benchmarks.instances.instance import Instance
from benchmarks.instances.sample_city import Case, sample
from benchmarks.row import Check, Size
from benchmarks.subject import Answer, Measured, Subject, Trial
from planner.scenario import Scenario

_TARGET_S = 0.05
_LON_DEG, _LAT_DEG = 113.6597, 34.7536


def _edits(size: Size) -> Iterator[Trial]:
    case = sample(size)
    start = Scenario.of(case.setting())
    first = start.ids[0]
    bridge = [_longest_bridge(case)]
    without_bridge = start.with_closed_edges(bridge)
    edits = {
        "added": lambda: start.with_station(lon_deg=_LON_DEG, lat_deg=_LAT_DEG),
        "moved": lambda: start.moved(first, lon_deg=_LON_DEG, lat_deg=_LAT_DEG),
        "closed": lambda: start.without_station(first),
        "bridge-closed": lambda: start.with_closed_edges(bridge),
        "bridge-reopened": lambda: without_bridge.reopened(bridge),
    }
    for name, edit in edits.items():

        def work(edit: Callable[[], Scenario] = edit) -> Answer:
            begin = perf_counter()
            edited = edit()
            seconds = perf_counter() - begin
            covered = edited.coverage()
            with_coverage_s = perf_counter() - begin
            return {
                "seconds": seconds,
                "with_coverage_s": with_coverage_s,
                "share": covered.share,
            }

        known = case.instance
        instance = Instance(f"{known.name}-{name}", known.seed, known.sha256)
        yield Trial(instance, work, checks=_checks)


def _checks(measured: Measured) -> list[Check]:
    return [Check("time", measured.seconds, "<=", _TARGET_S, "s")]


def _longest_bridge(case: Case) -> int:
    """Give the number of the longest bridge, or of the longest street where there is none."""
    network = case.network
    length_m = np.where(network.is_bridge, network.length_m, 0.0)
    return int(np.argmax(length_m if length_m.any() else network.length_m))


WHAT_IF = (
    Subject(
        "what_if",
        "Reach after one edit, from the reach before it; coverage after it beside that.",
        _edits,
        limit_s=60,
    ),
)

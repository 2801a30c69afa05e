"""A subject: what is measured, on which instances, against which targets and peers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.instances.instance import Instance
from benchmarks.peer import Peer
from benchmarks.row import Check, Figure, PeerFigures, Row, Size

Answer = Mapping[str, Figure]


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One instance made ready, and the work on it that is timed.

    Attributes
    ----------
    work
        What is timed. It gives figures: value, bound, gap, outcome and the like. A figure named
        ``seconds`` stands for the time of the work where part of it (drawing the instance) does not
        count.
    runs
        How often it is timed, after one run to warm up; 0 means once and cold, for long work.
    checks
        The targets, given our median seconds, figures, peak megabytes and the peers' figures.
    peers
        What else gets the same arrays.
    """

    instance: Instance
    work: Callable[[], Answer]
    runs: int = 5
    checks: Callable[[Measured], list[Check]] = lambda _: []
    peers: tuple[Peer, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """What the checks of a trial look at."""

    seconds: float
    figures: Answer
    peak_mb: float
    peers: list[PeerFigures]

    def peer(self, name: str) -> PeerFigures | None:
        """Give the peer of that name if it gave a time."""
        return next((p for p in self.peers if p.name == name and p.ratio is not None), None)


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """What is measured, under one name.

    Attributes
    ----------
    title
        One line for the page.
    trials
        The instances of a size, made one at a time.
    limit_s
        The subject is stopped after this long, peers included.
    checks
        Targets on all rows together.
    needs_data
        Whether the published instances must be there.
    """

    name: str
    title: str
    trials: Callable[[Size], Iterator[Trial]]
    limit_s: float
    checks: Callable[[list[Row]], list[Check]] = field(default=lambda _: [])
    needs_data: bool = False

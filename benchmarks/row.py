"""What was measured: one row for each subject and instance, plain enough for JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Size = Literal["tiny", "full"]
Figure = float | int | str | None


@dataclass(frozen=True, slots=True)
class Check:
    """A target beside what was measured.

    Attributes
    ----------
    claim
        What is meant, for people.
    measured, relation, limit, unit
        The target is met when ``measured relation limit``.
    """

    claim: str
    measured: float
    relation: Literal["<=", ">="]
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the measured value is on the right side of the limit, inclusive."""
        return self.measured <= self.limit if self.relation == "<=" else self.measured >= self.limit


@dataclass(frozen=True, slots=True)
class PeerFigures:
    """What a peer did with the same arrays.

    Attributes
    ----------
    name
        The peer and what of it ran.
    version
        Of the peer; empty when it did not run.
    seconds
        For the work that `ratio` compares; None when it gave no time.
    ratio
        Seconds of the peer over ours, per unit of work; None without seconds.
    figures
        Its answer, or ``{"failed": why}``.
    """

    name: str
    version: str
    seconds: float | None
    ratio: float | None
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Row:
    """One subject on one instance.

    Attributes
    ----------
    seconds
        Of every run that counts, in order; one for long work.
    figures
        The answer: value, bound, gap, outcome and what else the subject tells.
    peak_mb
        Largest resident memory of the measuring process so far.
    """

    subject: str
    instance: str
    seed: int | None
    sha256: str
    size: Size
    seconds: list[float]
    figures: dict[str, Figure]
    peak_mb: float
    peers: list[PeerFigures] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Give the row as JSON holds it."""
        return asdict(self)


def row_from_json(values: dict[str, Any]) -> Row:
    """Give the row that `Row.to_json` wrote."""
    rest = {k: v for k, v in values.items() if k not in ("peers", "checks")}
    return Row(
        **rest,
        peers=[PeerFigures(**p) for p in values["peers"]],
        checks=[Check(**c) for c in values["checks"]],
    )

"""Cases: a station that has to be put right by a day, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.errors import InvalidInputError
from geodata.records import check_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case about a station.

    Attributes
    ----------
    number
        Given by the store; 0 until then.
    opened_on, due_on, closed_on
        ISO dates; `closed_on` is empty while the case is open, `due_on` when nothing is due.
    reason
        Why it was opened.
    step
        Where the case is: a word of who keeps the cases, such as ``rectify`` or ``revoke``.
    outcome
        What came of it; empty while it is open.
    who
        Who opened it.
    """

    station_id: str
    opened_on: str
    reason: str
    step: str
    due_on: str = ""
    closed_on: str = ""
    outcome: str = ""
    who: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if not self.station_id or not self.opened_on:
            raise InvalidInputError("a case needs a station and the day on which it was opened")
        for name in ("opened_on", "due_on", "closed_on"):
            check_day(getattr(self, name), what=f"{self.station_id}: {name}")

    @property
    def is_open(self) -> bool:
        """Whether it has not been closed."""
        return not self.closed_on

"""Inspections: what somebody of the office found at a station on a day."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.errors import InvalidInputError
from geodata.records import check_day

INSPECTION_RESULTS = ("in_order", "faulty", "shut", "gone", "refused")
"""All in order; something to put right; closed against its hours; no longer there; not let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """One visit to a station.

    Attributes
    ----------
    number
        Given by the store; 0 until then.
    inspected_on
        ISO date of the visit.
    who
        Who went there.
    result
        One of `INSPECTION_RESULTS`.
    note
        What was found, in the words of who went there.
    """

    station_id: str
    inspected_on: str
    who: str
    result: str
    note: str = ""
    number: int = 0

    def __post_init__(self) -> None:
        if not self.station_id or not self.inspected_on:
            raise InvalidInputError("an inspection needs a station and its day")
        check_day(self.inspected_on, what=f"{self.station_id}: inspected_on")
        if self.result not in INSPECTION_RESULTS:
            raise InvalidInputError(
                "station {id}: the result {value!s} of an inspection is not one of {allowed}",
                id=self.station_id,
                value=self.result,
                allowed=", ".join(INSPECTION_RESULTS),
            )

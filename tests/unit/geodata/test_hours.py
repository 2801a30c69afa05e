"""Opening hours as a value."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import InvalidInputError
from geodata.hours import CODES, TYPICAL_MONDAY, State, check_hours, intervals, week_states

DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
CLOCK = st.integers(0, 47).map(lambda k: f"{k // 2:02d}:{k % 2 * 30:02d}")


@st.composite
def weekly(draw) -> str:
    """Draw weekly hours with one to three spans, some over midnight, some unknown."""
    rules = []
    for _ in range(draw(st.integers(1, 3))):
        a, b = sorted(draw(st.sets(st.integers(0, 6), min_size=2, max_size=2)))
        start, end = draw(CLOCK), draw(CLOCK)
        unknown = " unknown" if draw(st.booleans()) and draw(st.booleans()) else ""
        if start != end:
            rules.append(f"{DAYS[a]}-{DAYS[b]} {start}-{end}{unknown}")
    return "; ".join(rules) or "24/7"


@given(weekly())
def test_week_states_agree_with_stepping_through_every_minute(text: str) -> None:
    """An hour is open when all its minutes are, closed when one is, else unknown."""
    start = datetime.combine(TYPICAL_MONDAY, datetime.min.time())
    parts = list(intervals(text, start, start + timedelta(days=7)))

    def state_at(moment: datetime) -> State:
        return next(part.state for part in parts if part.start <= moment < part.end)

    for k in range(0, 168, 7):
        seen = {state_at(start + timedelta(hours=k, minutes=m)) for m in range(60)}
        expected = (
            State.CLOSED
            if State.CLOSED in seen
            else State.UNKNOWN
            if State.UNKNOWN in seen
            else State.OPEN
        )
        assert week_states([text])[0, k] == CODES[expected]


def test_half_open_hour_counts_as_closed() -> None:
    """With 08:30-12:00 the hour from 8 is not open: who comes at 08:10 stands before a locked door."""
    row = week_states(["Mo 08:30-12:00"])[0]
    assert np.flatnonzero(row == CODES[State.OPEN]).tolist() == [9, 10, 11]


def test_unrecorded_hours_are_unknown_all_week() -> None:
    """Empty text is neither open nor closed."""
    assert (week_states([""]) == CODES[State.UNKNOWN]).all()


def test_no_stations_give_an_empty_array() -> None:
    """No texts give shape (0, 168)."""
    assert week_states([]).shape == (0, 168)


def test_unreadable_hours_are_refused_with_an_example() -> None:
    """The error shows how hours are written."""
    with pytest.raises(InvalidInputError, match="Mo-Fr 09:00-17:00"):
        check_hours("by appointment maybe")
